/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forget: take-downs.  What is forgotten is gone at once (its bytes, all
 * that was derived of them, and where it came from) and never comes back: a
 * tombstone, a salted digest of its name, is asked before a URL is noted or
 * a document wanted, and before bytes are admitted.
 *
 * A sample that is forgotten leaves a stub, so that snapshots and the log
 * stay what they are; in place of its SHA-256 the stub has the tombstone's
 * digest.  There is no way back.
 */
#ifndef STORE_FORGET_H
#define STORE_FORGET_H

#include "base/opt.h"
#include "store/store.h"

enum forget_kind {
	FORGET_IMAGE, /* and the URLs that gave it */
	FORGET_URL,   /* and the images that it gave, from wherever */
	FORGET_HOST,  /* any port, and hosts below it; images only from there */
	FORGET_SOURCE, /* images that only this source offered */
	FORGET_KINDS
};
/* "image" */
extern const char *const forget_kinds[FORGET_KINDS];

struct forget_what {
	enum forget_kind kind;
	const char *name; /* a normalised URL, a host, a source */
	unsigned char sha256[SHA256_SIZE]; /* of an image */
};

/*
 * The SHA-256 that starts with these digits (4 or more), of an image that is
 * held or, with all 64 of them, of any; ERR_INPUT: none, or several.
 */
int forget_image(struct store *, const char *digits,
    unsigned char ret_sha256[SHA256_SIZE], struct err *);
/* Is there a source of this name? */
int forget_has_source(
    struct store *, const char *name, bool *ret, struct err *);

struct forget_report {
	int64_t images, bytes, urls, documents, sightings;
	struct strlist snapshots; /* that held one of the images */
	struct strlist models;    /* that learned from one */
	struct strlist copies; /* of the catalog beside it: they still tell */
	bool lingers; /* a reader kept the log of the catalog from being cut */
};
void forget_report_release(struct forget_report *);

/* What forget_now() would take; nothing is changed. */
int forget_look(struct store *, const struct forget_what *,
    struct forget_report *ret, struct err *);
/* The files are gone when it returns 0; `why` may be NULL. */
int forget_now(struct store *, const struct forget_what *, const char *actor,
    const char *why, struct forget_report *ret, struct err *);

/*
 * Forget again what an older catalog still knows of: for one that was
 * restored.  Commits.
 */
int forget_again(struct store *, struct forget_report *ret, struct err *);

/* Tombstones, by what, when, who and why; why may be NULL. */
int forget_list(struct store *,
    int (*each)(void *ctx, const char *kind, int64_t at, const char *actor,
	const char *why, int64_t n),
    void *ctx, struct err *);

/* How many images of a snapshot are forgotten. */
int snapshot_forgotten(
    struct store *, int64_t snapshot_id, int64_t *ret_n, struct err *);

/*
 * A URL gave bytes that are forgotten, or led to such a URL: it is forgotten
 * as well, and the current run notes the tombstone that stood in the way.
 */
int forget_url_again(
    struct store *, int64_t url_id, int64_t tombstone_id, struct err *);

/*
 * Is this URL forgotten, or its host?  *ret_id: the tombstone; 0: no.  For
 * where a redirection led.
 */
int forget_knows_url(
    struct store *, const char *url, int64_t *ret_id, struct err *);
int forget_knows_image(struct store *, const unsigned char sha256[SHA256_SIZE],
    int64_t *ret_id, struct err *);

#endif
