/* SPDX-License-Identifier: Apache-2.0 */
/*
 * balance: how many images each class has, and what is still undecided.
 */
#ifndef STORE_BALANCE_H
#define STORE_BALANCE_H

#include "store/store.h"

struct class_balance {    /* borrowed during the call */
	const char *name; /* NULL: without a label */
	bool retired;
	int64_t images;  /* whose label it is */
	int64_t claimed; /* of these: by sources only */
	int64_t decided; /* by a person or a rule */
	int64_t rejected;
	int64_t refused;    /* cannot be used */
	int64_t duplicates; /* have a keeper that is another image */
	int64_t waiting;    /* to be prepared or grouped */
	int64_t usable;     /* what a split takes */
	int64_t issues;     /* of the usable: have one or more */
};

/* Each class in the order of ids, then what has none.  One pass. */
int balance_each(struct store *, bool count_issues,
    int (*each)(void *ctx, const struct class_balance *, struct err *),
    void *ctx, struct err *);

/*
 * What is to be decided, as JSON objects; limit 0: all.  Images whose sources
 * claim different classes: sha256 and claims (label, source, url; at most
 * 100).  Groups that look alike whose members have different labels: keeper
 * and members (sha256, label, decided, distance).  What is decided or
 * rejected is left out of the first, what is rejected of the second.
 */
int conflict_claims(struct store *, int64_t limit,
    int (*each)(void *ctx, const char *json, struct err *), void *ctx,
    struct err *);
int conflict_groups(struct store *, int64_t limit,
    int (*each)(void *ctx, const char *json, struct err *), void *ctx,
    struct err *);

#endif
