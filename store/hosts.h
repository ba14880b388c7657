/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hosts: what runs know of scheme://host:port, and how each run got on.
 */
#ifndef STORE_HOSTS_H
#define STORE_HOSTS_H

#include "base/buf.h"
#include "store/store.h"

/* Times in s since 1970; 0: none. */
struct host_known {
	struct buf robots; /* the last good answer */
	int64_t robots_status, robots_at;
	int64_t paused_until;
	int64_t failures; /* in a row */
};

/* 1, and the caller releases robots; 0 for one that is not known; or -1. */
int hosts_load(
    struct store *, const char *origin, struct host_known *ret, struct err *);
/* Without robots_at, what is known of robots stays; in a transaction. */
int hosts_save(struct store *, const char *origin, const struct host_known *,
    struct err *);

/* Remove what is known of hosts that are forgotten (store/forget.h). */
int hosts_forget(struct store *, struct err *);

struct run_host { /* percentiles: -1 for none */
	const char *host;
	int64_t requests, fetched, failed, bytes, p50_ms, p95_ms;
};
/* Of the current run. */
int run_host_add(struct store *, const struct run_host *, struct err *);
/* The hosts of a run, the most requests first; limit 0: all. */
int run_hosts(struct store *, int64_t run_id, int64_t limit,
    int (*each)(void *ctx, const struct run_host *), void *ctx, struct err *);
/* How many failures a run has, by stage and reason, the most first. */
int run_reasons(struct store *, int64_t run_id,
    int (*each)(void *ctx, const char *stage, const char *reason, int64_t n),
    void *ctx, struct err *);

#endif
