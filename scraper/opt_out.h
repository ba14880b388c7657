/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opt_out: what the headers of an answer say about machines that learn.
 *
 * X-Robots-Tag (robots_tag.h); Content-Usage, a dictionary of RFC 9651 with
 * the words of the AI Preferences drafts, where `train-ai=n` is a no; and
 * tdm-reservation of the TDM Reservation Protocol, where 1 is.  Any no wins;
 * what they said is kept word for word, also where it is no no.
 */
#ifndef SCRAPER_OPT_OUT_H
#define SCRAPER_OPT_OUT_H

#include "scraper/robots_tag.h"

#define OPT_OUT_TEXT 200 /* bytes that are kept */

struct opt_out {
	struct robots_tag tag;       /* no_images: by any of them */
	char text[OPT_OUT_TEXT + 1]; /* "x-robots-tag: noai; ...", or empty */
};

/* Take one header in, if it is about this. */
void opt_out_add(
    struct opt_out *, const char *name, const char *value, const char *token);

#endif
