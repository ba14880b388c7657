/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dedup_int: images as they are grouped, from the catalog or a folder.
 */
#ifndef DEDUP_DEDUP_INT_H
#define DEDUP_DEDUP_INT_H

#include "dedup/components.h"
#include "dedup/dedup.h"
#include "dedup/hamming_file.h"
#include "dedup/pdq.h"
#include "dedup/reach_int.h"
#include "store/looks.h"
#include "store/samples.h"

struct member {
	struct sample_code code;
	int64_t keeper;    /* as it will be; 0: to be found */
	int64_t component; /* the same */
	uint64_t pixels;   /* equal ones have one number; set by group_find() */
	const char *match; /* how it is like its keeper; NULL: it is its own */
	int turn, distance;
	bool weed; /* a copy of what was rejected: to be rejected too */
};

/* What a person said of two images, by ids: low < high. */
struct said {
	int64_t low, high;
	bool same;
};

struct grouping {
	const struct dedup_opts *opts;
	bool anew;
	struct member *v; /* by id */
	size_t n;
	struct said *said; /* in order */
	size_t n_said;
	const struct hamming_file *index; /* of their codes; or NULL */
	/* 1, 0 when there is none, or -1. */
	int (*look)(void *ctx, size_t place, struct look *ret, struct err *);
	void *ctx;
	int64_t looked_at; /* out: members that were to be found */
	/* Look-alikes by place, noted as they are met; or NULL. */
	struct components *alike;
	bool alike_met; /* out: all of them were met, of new members */
};

/*
 * All prepared images of the catalog, and what was said of them; `alike` with
 * each by itself.
 */
int grouping_load(struct store *, struct grouping *, struct err *);
void grouping_release(struct grouping *);

/*
 * Find the keeper of each member; what the catalog has is taken to be right
 * unless it is to be found anew.
 */
int group_find(struct grouping *, struct err *);

/* The place of an id, or g->n. */
size_t group_place(const struct grouping *, int64_t id);
/* The same, where it is most likely that of the member at `own`. */
size_t group_place_near(const struct grouping *, int64_t id, size_t own);
/* What was said of two ids; NULL: nothing. */
const struct said *group_said(const struct grouping *, int64_t a, int64_t b);

/* Do the bits mean something? */
static inline bool
has_plain(const struct dedup_opts *opts, const struct sample_code *c)
{
	return c->pdq_quality >= opts->quality;
}

static inline bool
has_trim(const struct dedup_opts *opts, const struct sample_code *c)
{
	return c->trimmed && c->trim_quality >= opts->quality;
}

/*
 * The index of all members' codes, kept in derived.mih of the workspace; NULL
 * when there are too few for one.  It is made anew if it is not right, or is
 * NULL too when nothing is to be written.
 */
int index_open(struct store *, const struct grouping *, bool writes,
    struct hamming_file **ret, struct err *);

/*
 * Of each of n members, who would make a better keeper: ranks from n down to
 * 1, by dedup.keep; no two are equal.
 */
void rank_members(
    const struct dedup_opts *, const struct member *, size_t n, int64_t *ret);

/*
 * Set `weed` of new members that are copies of rejected ones only; after
 * group_find().
 */
int weeds_find(struct grouping *, struct err *);

/*
 * Set the component of each member; after group_find().  What the catalog has
 * is taken to be right, unless all is done anew.
 */
int alike_find(struct grouping *, struct err *);

#endif
