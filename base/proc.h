/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc: the only place that starts processes.
 *
 * Whatever touches bytes from outside (decoding, HTML, JSON of strangers)
 * runs in a child of the same program, `griddle worker KIND`.  A request is
 * a framed message and, where there are many bytes, a file descriptor with
 * them; the answer is one too.  A child that crashes, hangs or says too much
 * is killed and replaced; its one job gets an outcome, and the stage goes on.
 * One that ends before it could take work (a library is at fault, not a job)
 * is an error.  What else stops a child: base/sandbox.h.
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/sandbox.h"

enum proc_outcome {
	PROC_ANSWERED,
	PROC_CRASHED, /* the child died */
	PROC_TIMED_OUT,
	PROC_TOO_MUCH, /* the answer passed its cap */
};

struct proc_job {
	int64_t id;         /* the caller's, untouched */
	void *data;         /* the caller's, untouched */
	struct buf request; /* the caller fills it */
	int fd;             /* handed to the child and closed here; or -1 */
	struct buf answer;
	enum proc_outcome outcome;
};

#define PROC_JOB_INIT \
	((struct proc_job){ .fd = -1, \
	    .request = BUF_INIT(PROC_REQUEST_MAX), \
	    .answer = BUF_INIT(PROC_ANSWER_MAX) })
#define PROC_REQUEST_MAX (1u << 20)
#define PROC_ANSWER_MAX (64u << 20)

void proc_job_release(struct proc_job *);

struct proc_conf {
	const char *kind;     /* `griddle worker KIND`; outlives the pool */
	int children;         /* at most; 0: one per processor */
	int64_t deadline_ms;  /* for one job, from when the child is ready */
	int64_t memory_bytes; /* RLIMIT_AS of a child; 0 or ASan: none */
	int jobs_per_child;   /* replaced after so many; 0: never */
	int64_t grow_bytes;   /* or after growing so much; 0: 256 MiB */
	bool unconfined;      /* without a sandbox: for tests and benchmarks */
};

/* A pool of such children, started when first needed. */
struct proc_pool;
struct proc_pool *proc_pool_new(const struct proc_conf *);
/* Kill what still runs; jobs in hand are dropped without being done. */
void proc_pool_free(struct proc_pool *);
DEFINE_CLEANUP(struct proc_pool, proc_pool_free)

/*
 * For another event loop: submit while there is a free child, poll, step when
 * a descriptor is ready or the time is up.  After `done` the pool releases the
 * job's buffers (a caller may TAKE them).
 */
typedef int proc_done_fn(void *ctx, struct proc_job *, struct err *);

/* Children that could take a job now; jobs in hand. */
int proc_pool_free_slots(const struct proc_pool *);
int proc_pool_busy(const struct proc_pool *);
/* Hand a job to a free child (there must be one); its content moves into the
 * pool.  -1 when no child can be started (ERR_FATAL): the job is untouched. */
int proc_pool_submit(struct proc_pool *, struct proc_job *, struct err *);
/* Fill at most max entries with what to poll; returns how many. */
int proc_pool_pollfds(const struct proc_pool *, struct pollfd *, int max);
/* Milliseconds until the first deadline; -1 when nothing is in hand. */
int proc_pool_timeout_ms(const struct proc_pool *);
/*
 * Take in what has arrived, end what is late; `done` gets each job that is
 * over, may fail the step, and may submit.
 */
int proc_pool_step(
    struct proc_pool *, proc_done_fn *done, void *ctx, struct err *);

/*
 * The loop for stages that need nothing else: `take` fills a job and returns
 * 1, or 0: no more.  When stop_asked() it takes no more, gives what is in hand
 * 1.5 s and returns 0; then, or on an error, what is in hand is dropped.
 */
typedef int proc_take_fn(void *ctx, struct proc_job *, struct err *);
int proc_pool_run(struct proc_pool *, proc_take_fn *take, proc_done_fn *done,
    void *ctx, struct err *);

/* Start one child, hear which layers hold it, and let it go. */
int proc_probe(
    const struct proc_conf *, struct sandbox_state *ret, struct err *);

/*
 * The child's side: enter the sandbox, then answer requests from standard
 * input's socket until the parent closes it; returns the exit status.
 * `handle` appends to answer; fd is -1 when the request came without one, and
 * is closed here.  The child dies with its parent, and SIGINT or SIGTERM do
 * not reach it.  What `handle` needs of files must be warm by now.
 */
typedef void proc_handle_fn(
    void *ctx, const struct buf *request, int fd, struct buf *answer);
int proc_serve(proc_handle_fn *handle, void *ctx);

struct worker { /* an entry of the table that main() dispatches on */
	const char *kind;
	int (*run)(void); /* returns the exit status */
};

#endif
