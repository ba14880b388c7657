/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frontier: what the gather stage knows of the world.
 *
 * A crawl starts from a source's seeds; documents lead to documents and
 * images; it is finished when none is left, and goes on when interrupted.
 * Changes stand in the store's open transaction (store_begin()).
 */
#ifndef STORE_FRONTIER_H
#define STORE_FRONTIER_H

#include "store/store.h"

struct frontier_source {
	int64_t id;
	int64_t crawl;    /* number of the crawl to work on */
	bool due;         /* there is something to do */
	bool resumed;     /* an interrupted crawl goes on: no new seeds */
	int64_t finished; /* when the last one was complete; 0: never */
	int64_t every;    /* s; no document is read more often */
	bool force;       /* all documents are due */
};

/*
 * Find the source by its name, or note it; and say whether it is due: never
 * finished, interrupted, its section in griddle.conf changed (fingerprint),
 * `every` seconds gone since its last crawl was begun (so that what changed
 * while that was interrupted is soon seen), or `force`.  When due and not
 * resumed, a new crawl is opened.  What is forgotten is never due.
 */
int frontier_begin(struct store *, const char *name, const char *type,
    const char *fingerprint, int64_t every, bool force,
    struct frontier_source *ret, struct err *);
int frontier_finish(
    struct store *, const struct frontier_source *, struct err *);

/* ---- documents ------------------------------------------------------ */

enum frontier_due {
	DOCUMENT_DUE,
	DOCUMENT_RESTS,   /* it was fine, and is not due yet */
	DOCUMENT_WAITS,   /* it failed, and may be tried again later */
	DOCUMENT_GIVEN_UP /* it failed often or for good, and is not due yet */
};

struct frontier_document {
	int64_t id;
	char *url, *etag, *last_modified; /* the latter may be NULL */
	int64_t depth;                    /* links away from a seed */
	int64_t tries;                    /* in a row that failed */
	enum frontier_due due;
};
void frontier_document_release(struct frontier_document *);

/* Want a document in this crawl; from_id 0 for a seed. */
int frontier_want(struct store *, const struct frontier_source *,
    const char *url, int64_t depth, int64_t from_id, struct err *);

/*
 * The next one that waits, after_id and later (0: the first); 1, or 0 when
 * there is none, or -1.
 */
int frontier_next_document(struct store *, const struct frontier_source *,
    int64_t after_id, struct frontier_document *ret, struct err *);

/* How many documents this crawl has come upon. */
int frontier_documents(struct store *, const struct frontier_source *,
    int64_t *ret_n, struct err *);

/* How many were wanted for the first time, by this process. */
int64_t frontier_new_documents(const struct store *);

/*
 * It was read; validators may be NULL.  changed: it led to something new.
 * One that changes is due again sooner than the last time, another later,
 * between source->every and 30 days.
 */
int frontier_document_done(struct store *, const struct frontier_source *,
    int64_t document_id, const char *etag, const char *last_modified,
    bool changed, struct err *);

/* It was read so far: what frontier_next_document() gives is this, then. */
int frontier_document_place(struct store *, int64_t document_id,
    const char *etag, const char *last_modified, struct err *);

/* It has not changed: want again what it led to. */
int frontier_document_same(struct store *, const struct frontier_source *,
    int64_t document_id, struct err *);

/* It need not be asked for in this crawl: as the above, but not seen. */
int frontier_document_rest(struct store *, const struct frontier_source *,
    int64_t document_id, struct err *);

#define FRONTIER_TRIES 3 /* in so many runs, until a crawl goes on without */
/*
 * It could not be had; again no sooner than in retry_s, which grows with the
 * tries.  permanent: as if it had been tried often enough.  Unless it is
 * kept, the crawl does without it after FRONTIER_TRIES, and then wants again
 * what it led to; *ret_left says that it does not yet.
 */
int frontier_document_failed(struct store *, const struct frontier_source *,
    int64_t document_id, const char *reason, bool permanent, int64_t retry_s,
    bool keep, bool *ret_left, struct err *);

#endif
