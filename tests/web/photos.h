/* SPDX-License-Identifier: Apache-2.0 */
/*
 * photos: what the galleries, lists and the API are about.
 *
 * Either the image files of a tree DIR/CLASS/.../name, or, without one, made
 * pictures of the classes rings and stripes.  Sorted by class, then path, so
 * that every answer is the same each time.
 */
#ifndef TESTS_WEB_PHOTOS_H
#define TESTS_WEB_PHOTOS_H

#include "base/buf.h"
#include "base/mem.h"
#include "tests/web/web.h"

struct photo {
	char *class;
	char *path;    /* below the root: CLASS/.../name */
	char *url;     /* on this server, percent-encoded: /img/... */
	char *title;   /* for people: the name without extension */
	uint32_t made; /* number of a made picture */
};

struct photos {
	struct photo *v;
	size_t n;
	bool made;
};

/* What can only be told from the bytes. */
struct photo_facts {
	unsigned width, height; /* 0 when the header was not understood */
	size_t bytes;
	char sha1[41];
};

/*
 * All photographs, found anew with each call, so that a test may change the
 * tree.  At most 100,000 files and 16 folders deep; names that are not UTF-8
 * or start with a dot are passed over.
 */
int photos_load(const struct web *, struct photos *, struct err *);
void photos_release(struct photos *);

/* The first photograph of the class and how many there are. */
const struct photo *photos_of(
    const struct photos *, const char *class, size_t *ret_n);

int photo_facts(const struct web *, const struct photo *, struct photo_facts *,
    struct err *);

/* The media type by the name's ending; NULL when it is no image. */
const char *image_type(const char *name);

/* The licence of photograph i: its short name, and its URL or NULL. */
const char *photo_licence(const struct web *, size_t i, const char **ret_url);

/* Begin an HTML page, up to where other things of its head may come. */
void add_head(struct buf *, const char *title);
/* Append text for HTML; and a path, percent-encoded (RFC 3986). */
void add_html(struct buf *, const char *text);
void add_url(struct buf *, const char *path);

#endif
