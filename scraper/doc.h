/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doc: what a document was found to hold.
 *
 * A reader fills one in a child; it travels as JSON and is judged again by
 * the parent, which trusts nothing of it: addresses go through url_resolve(),
 * texts are cut and cleaned, numbers are capped.
 */
#ifndef SCRAPER_DOC_H
#define SCRAPER_DOC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define DOC_IMAGES_MAX 10000
#define DOC_LINKS_MAX 50000       /* as a sitemap may hold */
#define DOC_BYTES_MAX (16u << 20) /* of all addresses and texts together */
#define DOC_TEXT_MAX 1000         /* bytes of a title, a name, a label */

/* A picture that a document offers; all but url may be NULL. */
struct found {
	char *url;
	char *title;   /* a short name of it */
	char *caption; /* what stands beside it: a caption, a heading */
	char *author, *licence, *licence_url, *page, *label;
};

struct doc {
	struct found *images;
	size_t n_images, images_size;
	char **links; /* to further documents */
	size_t n_links;
	char **next; /* those that carry this one on: the next page of it */
	size_t n_next;
	size_t bytes;     /* of all that */
	int64_t bad_urls; /* entries of a list without an address to open */
	bool is_index;    /* its links lead to sitemaps, not to pages */
	bool truncated;   /* there was more than is kept */
	bool transient;   /* the error only means "not now" */
	char *error;      /* why it could not be read; or NULL */
	void *seen;       /* inside: addresses that need not come again */
};

void doc_release(struct doc *);

/*
 * Add a picture unless its address is known; the fields move in, and those
 * that are not used are freed.  The address is one of url_resolve().
 */
void doc_add_image(struct doc *, struct found *);
void found_release(struct found *);

/* Remember an address as a lesser form of a picture: it is not added later. */
void doc_cover(struct doc *, const char *url);

/* Add a link unless it is known; url as above, and copied. */
void doc_add_link(struct doc *, const char *url, bool is_next);

/* Drop what HTTP's X-Robots-Tag or a page's <meta> asks us not to take. */
struct robots_tag;
void doc_obey(struct doc *, const struct robots_tag *);

/* The first error stays. */
void doc_fail(struct doc *, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * Text from outside as it is kept: valid UTF-8 without control characters,
 * one space for all white space, at most DOC_TEXT_MAX bytes.  NULL when
 * nothing is left (or s is NULL).  The caller frees.
 */
char *doc_text(const char *s);

/* Append as JSON. */
void doc_write(const struct doc *, struct buf *);

/* Read what doc_write() wrote, or a child that has gone bad. */
int doc_read(struct doc *, const struct buf *, struct err *);

#endif
