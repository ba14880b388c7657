/* SPDX-License-Identifier: Apache-2.0 */
/*
 * samples: what the stages after gathering read and leave.
 *
 * The stages meet here only: prep takes what is fetched, dedup what is
 * prepared and not grouped, the embed stage what a snapshot holds.  Changes
 * stand in the store's open transaction.
 */
#ifndef STORE_SAMPLES_H
#define STORE_SAMPLES_H

#include "base/buf.h"
#include "base/xxh3.h"
#include "store/scores.h"
#include "store/store.h"
#include "store/vectors.h"

/* ---- for prep ------------------------------------------------------- */

struct sample_ref {
	int64_t id;
	unsigned char sha256[SHA256_SIZE];
	bool facts; /* not just the picture of a recipe is missing */
};

/* What a visit would go by. */
struct sample_visit {
	const unsigned char *recipe; /* its hash, 32 bytes */
	int64_t rule;                /* how facts are found */
	int64_t limits;              /* what is refused, as a number */
};

/*
 * The next image after after_id that was not visited by this rule, was
 * refused under other limits, or lacks a thumbnail or the prepared image of
 * this recipe; 1, 0 or -1.
 */
int sample_next_to_prepare(struct store *, const struct sample_visit *,
    int64_t after_id, struct sample_ref *ret, struct err *);
/* How many there are. */
int sample_count_to_prepare(
    struct store *, const struct sample_visit *, int64_t *ret_n, struct err *);

struct sample_facts {
	const char *format; /* "jpeg" */
	int width, height;  /* after orientation */
	int frames;
	unsigned char pixel_digest[XXH3_SIZE];
	unsigned char pdq[32];
	int pdq_quality;
	unsigned char phash[32];
	bool trimmed; /* it has a border; without it: */
	unsigned char trim_pdq[32];
	int trim_quality;
	int compression; /* 0..100: how little was lost to it; 100: nothing */
	bool warned;     /* the decoder had doubts */
	double scores[SCORE_COLUMNS];
};
/* Other pixels than before take it out of its group. */
int sample_prepared(struct store *, int64_t id, const struct sample_visit *,
    const struct sample_facts *, struct err *);
/* It cannot be used; the reason's word.  Its group is dissolved. */
int sample_refused(struct store *, int64_t id, const struct sample_visit *,
    const char *reason, struct err *);
/*
 * Note between which sizes an image is not odd, from the quartiles of all
 * that are prepared: 3 times their distance beyond them (Tukey, 1977).
 */
int sample_fence_sizes(struct store *, struct err *);

/* Keep the small picture of an image for people; replaces an old one. */
int thumb_put(struct store *, const unsigned char sha256[SHA256_SIZE],
    int width, int height, const void *jpeg, size_t len, struct err *);
/* Append its bytes to buf; 1, 0 when there is none, or -1. */
int thumb_get(struct store *, const unsigned char sha256[SHA256_SIZE],
    struct buf *, struct err *);

/* Keep the prepared JPEG of an image under a recipe; replaces an old one. */
int prepared_put(struct store *, const unsigned char sha256[SHA256_SIZE],
    const unsigned char recipe[32], int width, int height, const void *jpeg,
    size_t len, struct err *);
/* Append its bytes to buf; 1, 0 when there is none, or -1. */
int prepared_get(struct store *, const unsigned char sha256[SHA256_SIZE],
    const unsigned char recipe[32], struct buf *, struct err *);

/* ---- for dedup ------------------------------------------------------ */

struct sample_code {
	int64_t id;
	unsigned char pixel_digest[XXH3_SIZE];
	unsigned char pdq[32];
	int pdq_quality;
	unsigned char phash[32]; /* zeros: not known */
	bool trimmed;            /* as in sample_facts */
	unsigned char trim_pdq[32];
	int trim_quality;
	int compression;      /* 0: not known, or all was lost */
	int64_t pixels;       /* width * height of the original */
	int64_t bytes;        /* of its file */
	int64_t keeper_id;    /* 0: not grouped yet */
	int64_t component_id; /* 0: not known yet; see store/groups.h */
	bool decided;         /* a person has labelled it */
	bool rejected, chosen;
	char match; /* of sample.match the first letter; 0: its own keeper */
	int turn, distance; /* how it looks like its keeper */
	unsigned char sha256[SHA256_SIZE];
};
/* Every prepared image, by id. */
int sample_codes(struct store *,
    int (*each)(void *ctx, const struct sample_code *, struct err *), void *ctx,
    struct err *);
/* One of them; 1, 0 when it is not prepared, or -1. */
int sample_code(
    struct store *, int64_t id, struct sample_code *ret, struct err *);
int sample_count_ungrouped(struct store *, int64_t *ret_n, struct err *);
#endif
