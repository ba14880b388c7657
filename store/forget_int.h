/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forget_int: what is to be forgotten (forget.c), how its rows go
 * (forget_rows.c), the tombstones (tombstone.c) and the files (unlink.c).
 */
#ifndef STORE_FORGET_INT_H
#define STORE_FORGET_INT_H

#include "store/forget.h"
#include "store/store_int.h"

struct ids { /* of rows, each once after ids_sort() */
	int64_t *v;
	size_t n;
};
void ids_add(struct ids *, int64_t);
void ids_sort(struct ids *);
bool ids_has(const struct ids *, int64_t); /* sorted */
void ids_release(struct ids *);
/* Add the first column of a statement that is bound to one id. */
int ids_of(struct store *, enum query, int64_t id, struct ids *, struct err *);

struct forget_plan {
	struct store *s;
	struct ids samples, urls, documents;
	int64_t source;       /* its row goes as well; 0: none */
	bool mark_urls;       /* these URLs may not come back either */
	struct strlist words; /* what the notes of runs must not tell */
	const char *actor, *why;
	struct forget_report *report;
};
void forget_plan_release(struct forget_plan *);

/* Fill the plan, and take its rows, in the open transaction. */
int forget_planned(
    struct forget_plan *, const struct forget_what *, struct err *);
/* Add the URLs that gave its samples, unless they gave others too. */
int forget_plan_urls(struct forget_plan *, struct err *);
/* Commit, remove the files, and cut the logs. */
int forget_finish(struct store *, struct forget_report *, struct err *);
/* What is deleted is overwritten; not in a transaction. */
#define FORGET_OVERWRITE \
	"PRAGMA main.secure_delete=ON; PRAGMA derived.secure_delete=ON"

/* Take the rows of all that is in the plan, in the open transaction. */
int forget_rows(struct forget_plan *, struct err *);
/* Blank what notes of runs and failures say of the plan's words. */
int forget_notes(struct forget_plan *, struct err *);

/* ---- tombstones ------------------------------------------------------ */

/* The first forgetting makes the salt. */
int tombstone_digest(struct store *, enum forget_kind, const void *name,
    size_t len, unsigned char ret[SHA256_SIZE], struct err *);
int tombstone_add(struct store *, enum forget_kind, const void *name,
    size_t len, const char *actor, const char *why, struct err *);
/* Is it there?  *ret_id: which; 0: none. */
int tombstone_find(struct store *, enum forget_kind, const void *name,
    size_t len, int64_t *ret_id, struct err *);
/* Note in the current run, once for each, which one kept something out. */
int tombstone_note(struct store *, const char *stage, int64_t id, struct err *);

/* The host of a URL, as frontier rows have it; the caller frees. */
char *host_of(const char *url);
/* Is it this host, on any port, or one below it? */
bool host_is_of(const char *host, const char *above);

/* ---- files ----------------------------------------------------------- */

/*
 * Remove the files and the derived rows of blobs in unlink_queue, durably;
 * what is held again is only taken off it.  Commits.
 */
int unlink_drain(struct store *, int64_t *ret_bytes, struct err *);

#endif
