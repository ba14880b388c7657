/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prep: the prepare stage.  An image is decoded one time, in a child of its
 * own; that visit leaves its facts, the digest of its pixels, its perceptual
 * code, and the picture that the recipe makes of it.
 *
 * What is wrong with an image is a verdict, not an error.
 */
#ifndef PREP_PREP_H
#define PREP_PREP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/opt.h"
#include "base/proc.h"
#include "prep/augment.h"
#include "prep/recipe.h"
#include "prep/visit.h"

struct prep_opts {
	struct strlist formats;
	int64_t max_pixels;
	int64_t max_side;
	int64_t min_side;
	double max_aspect;
	int64_t max_frames;
	int64_t deadline; /* seconds, for one image */
	int64_t memory;   /* bytes of address space of a child */
	int64_t children; /* 0: one per processor */
};

extern const struct opt_group prep_group;

/*
 * The children: `griddle worker image`, and `image-plugins`, which can read
 * HEIF, AVIF and JPEG XL too.  They give the exit status.
 */
int prep_worker(void);
int prep_worker_plugins(void);

/* Children with the options' limits, for all of the below. */
struct proc_pool *prep_pool_new(const struct prep_opts *);

/* ---- the stage ------------------------------------------------------ */

struct store;

struct prep_stats {
	int64_t prepared, refused;
};

/*
 * How many images wait for a visit: those that were not visited yet or by an
 * older rule, were refused under other limits than these, or lack a
 * thumbnail or the picture of this recipe.
 */
int prep_count_waiting(struct store *, const struct prep_opts *,
    const struct recipe *, int64_t *ret_n, struct err *);

/*
 * Visit them all; the catalog gets their facts, or why they are refused.
 * Goes on where it was stopped; ERR_STOPPED after a signal, with what is
 * done committed.
 */
int prep_run(struct store *, const struct prep_opts *, const struct recipe *,
    struct prep_stats *ret, struct err *);

/* ---- images outside the catalog ------------------------------------- */

struct prep_item {
	int64_t id; /* the caller's, untouched */
	int fd;     /* a file open for reading; closed by the visit */
	bool facts; /* is all but the picture wanted too? */
	bool codes; /* with the facts, those for interchange? */
};

/* Fill the next item and return 1; 0: no more. */
typedef int prep_next_fn(void *ctx, struct prep_item *ret, struct err *);
/* One visit is over; it may be taken apart. */
typedef int prep_visit_fn(void *ctx, int64_t id, struct visit *, struct err *);

/* Visits side by side, done in any order; stops early if stop_asked(). */
int prep_visits(struct proc_pool *, const struct prep_opts *,
    const struct recipe *, prep_next_fn *, prep_visit_fn *, void *ctx,
    struct err *);
/* One visit, without facts; closes fd.  ERR_STOPPED after a signal. */
int prep_image(struct proc_pool *, const struct prep_opts *,
    const struct recipe *, int fd, struct visit *ret, struct err *);

/* ---- prepared pictures --------------------------------------------- */

struct prep_picture {
	int64_t id;                     /* the caller's, untouched */
	struct buf jpeg;                /* empty; the caller appends */
	const struct augment *augment;  /* NULL: as it is; outlives the call */
	unsigned char key[SHA256_SIZE]; /* augment_key() */
};

/* Fill the next picture, which is all zeros, and return 1; 0: no more. */
typedef int prep_next_jpeg_fn(
    void *ctx, struct prep_picture *ret, struct err *);
/* 8-bit R, G, B, row by row without gaps; NULL: cannot be decoded. */
typedef int prep_pixels_fn(void *ctx, int64_t id, const uint8_t *rgb, int width,
    int height, struct err *);
/* A JPEG of what became of it; NULL: cannot be decoded. */
typedef int prep_copy_fn(
    void *ctx, int64_t id, const void *jpeg, size_t len, struct err *);

/* Side by side, done in any order; they stop early if stop_asked(). */
int prep_pixels(struct proc_pool *, prep_next_jpeg_fn *, prep_pixels_fn *,
    void *ctx, struct err *);
int prep_copies(struct proc_pool *, prep_next_jpeg_fn *, prep_copy_fn *,
    void *ctx, struct err *);

#endif
