/* SPDX-License-Identifier: Apache-2.0 */
/*
 * robots_tag: opting out by HTTP headers and by <meta>: X-Robots-Tag and
 * <meta name="robots">, which share a language; Content-Usage
 * (draft-ietf-aipref-attach) and Cloudflare's Content-Signal, which share
 * another; and tdm-reservation (TDMRep).  Any "no" wins.
 */
#ifndef SCRAPER_ROBOTS_TAG_H
#define SCRAPER_ROBOTS_TAG_H

#include <stdbool.h>

struct robots_tag {
	bool no_images; /* noindex, noimageindex, noai, noimageai, none */
	bool no_links;  /* nofollow, none */
};

/*
 * Add what one value of X-Robots-Tag says, a list with commas; rules behind
 * the name of another bot ("otherbot: noindex") are not for us, rules behind
 * ours and behind no name are.
 */
void robots_tag_add(struct robots_tag *, const char *value, const char *token);

/*
 * Add what a header or a <meta> of this name says, if it is one of those
 * above ("robots" and our token are <meta>'s); false for any other.
 */
bool robots_tag_take(struct robots_tag *, const char *name, const char *value,
    const char *token);

/*
 * Does such a dictionary ("train-ai=n, search=y"; "ai-train=no") say that
 * the content may not be trained on?
 */
bool robots_usage_forbids(const char *expression);

#endif
