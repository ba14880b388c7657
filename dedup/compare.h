/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compare: why two pictures are taken for one, or are not; and pictures that
 * are grouped without a catalog.
 */
#ifndef DEDUP_COMPARE_H
#define DEDUP_COMPARE_H

#include "dedup/dedup.h"
#include "store/looks.h"
#include "store/samples.h"

/* code.id is a place in an order; the later of two is the one turned. */
struct picture {
	struct sample_code code;
	struct look look;
	bool has_look;
	/* How it was grouped: pictures_group(). */
	size_t keeper;     /* its own place for a keeper */
	const char *match; /* as in the catalog; NULL: a keeper */
	int turn, distance;
};

enum verdict {
	VERDICT_BYTES,    /* one and the same file */
	VERDICT_PIXELS,   /* equal pixels */
	VERDICT_NEAR,     /* codes at most `duplicate` bits apart */
	VERDICT_VERIFIED, /* at most `probable`, and like enough */
	VERDICT_PROBABLE, /* at most `probable`: for people to say */
	VERDICT_DIFFERENT,
};
/* "near", as in the catalog. */
const char *verdict_name(enum verdict);

struct comparison {
	enum verdict verdict;
	bool flat;       /* a code means nothing: only pixels can be equal */
	int plain;       /* bits between the codes as they are */
	int distance;    /* the least, by any turn or border; -1: flat */
	int turn;        /* which turn of the first gives it; 0: as it is */
	bool trimmed[2]; /* without the border of the first, the second */
	int phash;       /* bits; -1: not known */
	double similar;  /* laid over each other, 0..1; -1: not known */
};

void pictures_compare(const struct dedup_opts *, const struct picture *,
    const struct picture *, struct comparison *ret);

/* Group n pictures, whose code.id is to be their place and 1. */
int pictures_group(
    const struct dedup_opts *, struct picture *, size_t n, struct err *);

/* The codes and the look of a prepared image of the catalog. */
int picture_get(struct store *, int64_t id, struct picture *ret, struct err *);

/* Two keepers that may be copies, of which nobody said anything. */
struct probable {
	char a[SHA256_HEX], b[SHA256_HEX];
	int distance;
	double similar; /* -1: not known */
};
/* The nearest first; limit 0: all. */
int dedup_probable(struct store *, const struct dedup_opts *, int64_t limit,
    void (*each)(void *ctx, const struct probable *), void *ctx, struct err *);

#endif
