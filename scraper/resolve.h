/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve: names to addresses without waiting, through c-ares.
 *
 * What a name server says is kept as long as it says, but at least a minute
 * and at most an hour; that there is no such name, for a minute.  When the
 * servers fail, what they said within the last day is served again.  Those
 * who ask for the same name at once share one lookup.  /etc/hosts counts;
 * search domains do not.  "localhost" is this machine and "invalid" is
 * nowhere, whoever is asked (RFC 6761); nobody is asked about an address.
 */
#ifndef SCRAPER_RESOLVE_H
#define SCRAPER_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "scraper/address.h"

struct resolver;

struct resolver_conf {
	const char *servers; /* "127.0.0.1:5353"; NULL: the system's */
	int at_once;         /* lookups; 0: 64 */
	int patience_ms;     /* for a first answer, then doubled; 0: 2000 */
	int tries;           /* 0: 3 */
	int64_t keep_min_ms; /* 0: a minute; for tests */
};

int resolver_new(
    const struct resolver_conf *, struct resolver **ret, struct err *);
/* Those who wait are dropped without an answer. */
void resolver_free(struct resolver *);
DEFINE_CLEANUP(struct resolver, resolver_free)

#define RESOLVED_MAX 16 /* addresses of one name */

/* Valid during the call. */
struct resolved {
	const struct address *v; /* in the order to try them */
	size_t n;                /* 0: see failed */
	bool failed;             /* nobody could say; else there is none */
	bool stale;              /* is from before, as nobody can say now */
	int64_t until_ms;        /* clock_ms() when to ask again */
};
typedef void resolve_done_fn(void *data, const struct resolved *);

/* The answer comes at once, during the call, or in resolver_step(). */
void resolver_ask(
    struct resolver *, const char *name, resolve_done_fn *, void *data);

/* For another event loop: readable when resolver_step() has something to do;
 * and in how many ms it has in any case, -1: not by itself. */
int resolver_fd(const struct resolver *);
int resolver_timeout_ms(struct resolver *);
void resolver_step(struct resolver *);

struct resolver_stats {
	int64_t asked;  /* lookups that have ended */
	int64_t none;   /* of them: no such name, or no address of it */
	int64_t failed; /* of them: nobody could say */
};
struct resolver_stats resolver_stats(const struct resolver *);

#endif
