/* SPDX-License-Identifier: Apache-2.0 */
/*
 * robots_tag: opting out by the HTTP header X-Robots-Tag and by
 * <meta name="robots">, which share a language.
 */
#ifndef SCRAPER_ROBOTS_TAG_H
#define SCRAPER_ROBOTS_TAG_H

#include <stdbool.h>

struct robots_tag {
	bool no_images; /* noindex, noimageindex, noai, noimageai, none */
	bool no_links;  /* nofollow, none */
};

/*
 * Add what one value says, a list with commas; rules behind the name of
 * another bot ("otherbot: noindex") are not for us, rules behind ours and
 * behind no name are.
 */
void robots_tag_add(struct robots_tag *, const char *value, const char *token);

#endif
