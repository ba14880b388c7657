/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_rate: what an answer's headers say about asking again, as pure
 * functions.
 *
 * Retry-After in both forms (RFC 9110, 10.2.3); RateLimit as a list with
 * parameters (draft-ietf-httpapi-ratelimit-headers-08 on: `"default";r=0;
 * t=30`) and as a dictionary (before: `limit=10, remaining=0, reset=30`);
 * RateLimit-Remaining and -Reset, and their common forms with X-, where the
 * reset may be seconds or a date in seconds since 1970.
 */
#ifndef SCRAPER_FETCH_RATE_H
#define SCRAPER_FETCH_RATE_H

#include <stdbool.h>
#include <stdint.h>

#define RATE_WAIT_MAX_S 86400

struct rate {
	int64_t retry_after_s; /* 0: not said */
	bool none_left;        /* of what may be asked */
	int64_t reset_s;       /* until there is; 0: not said */
	bool exhausted;        /* one header has said both */
	int64_t exhausted_s;
};

/* Take one header in, if it is about this. */
void rate_add(
    struct rate *, const char *name, const char *value, int64_t now_s);

/* Seconds until the host may be asked again, at most a day; 0: now. */
int64_t rate_wait_s(const struct rate *);

#endif
