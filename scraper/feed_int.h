/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed_int: the parts of the reader of feeds: read_feed.c takes elements as
 * they come, feed_entry.c makes pictures of what an entry held.
 */
#ifndef SCRAPER_FEED_INT_H
#define SCRAPER_FEED_INT_H

#include "base/buf.h"
#include "scraper/read.h"

#define BASES_MAX 16
#define MEDIA_MAX 200       /* of an entry */
#define HTML_MAX (1u << 20) /* bytes of an entry's texts */

struct medium {
	char *url;
	double width;  /* 0: not said */
	bool is_thumb; /* counts only where there is no other picture */
};

struct feed {
	const struct read_ask *ask;
	struct doc *doc;
	int depth;
	struct {
		char *url;
		int depth;
	} bases[BASES_MAX]; /* xml:base, the innermost last */
	size_t n_bases;
	struct buf text; /* of the element */
	int markup;      /* depth of an element that holds XHTML; or 0 */
	bool in_entry, in_group;
	size_t group; /* first medium of the group */
	/* The entry. */
	char *link, *title, *author, *licence_url, *media_title, *media_text;
	struct medium media[MEDIA_MAX];
	size_t n_media;
	struct buf html; /* its texts, one behind the other */
};

void feed_entry_release(struct feed *);
/* The entry is complete: its link and its pictures go into the document. */
void feed_entry_end(struct feed *);

#endif
