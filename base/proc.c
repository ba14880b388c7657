/* SPDX-License-Identifier: Apache-2.0 */
#include "base/proc.h"

#include <assert.h>
#include <sched.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/proc_int.h"
#include "base/stop.h"

#define CHILDREN_MAX 256
#define GOODBYE_MS 1000    /* to exit in, when it is not needed any more */
#define STOP_GRACE_MS 1500 /* leaves time to commit within 2 s */
#define STOP_LOOK_MS 100

struct proc_pool {
	struct proc_conf conf;
	struct child *children;
	int busy;
};

void
proc_job_release(struct proc_job *job)
{
	buf_release(&job->request);
	buf_release(&job->answer);
	closep(&job->fd);
	job->fd = -1;
}

int
proc_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) < 0 ? 1
							   : CPU_COUNT(&set);
}

struct proc_pool *
proc_pool_new(const struct proc_conf *conf)
{
	struct proc_pool *pool = xcalloc(1, sizeof(*pool));
	int i;

	assert(conf->deadline_ms > 0);
	pool->conf = *conf;
	if (pool->conf.children <= 0)
		pool->conf.children = proc_processors();
	if (pool->conf.children > CHILDREN_MAX)
		pool->conf.children = CHILDREN_MAX;
	pool->children =
	    xcalloc((size_t)pool->conf.children, sizeof(*pool->children));
	for (i = 0; i < pool->conf.children; i++)
		pool->children[i].sock = -1;
	return pool;
}

/* Let go of what is in hand. */
static void
drop_jobs(struct proc_pool *pool)
{
	struct child *c;

	for (c = pool->children; c < pool->children + pool->conf.children;
	     c++) {
		if (c->phase == IDLE)
			continue;
		child_end(&pool->conf, c, 0);
		proc_job_release(&c->job);
		c->phase = IDLE;
		pool->busy--;
	}
}

void
proc_pool_free(struct proc_pool *pool)
{
	int i;

	if (pool == NULL)
		return;
	drop_jobs(pool);
	/* All of them hear it before any is waited for. */
	for (i = 0; i < pool->conf.children; i++) {
		closep(&pool->children[i].sock);
		pool->children[i].sock = -1;
	}
	for (i = 0; i < pool->conf.children; i++)
		child_end(&pool->conf, &pool->children[i], GOODBYE_MS);
	free(pool->children);
	free(pool);
}

/* ---- handing over ---- */

int
proc_pool_busy(const struct proc_pool *pool)
{
	return pool->busy;
}

int
proc_pool_free_slots(const struct proc_pool *pool)
{
	return pool->conf.children - pool->busy;
}

/* A running one if there is one. */
static struct child *
free_child(const struct proc_pool *pool)
{
	struct child *found = NULL;
	int i;

	for (i = 0; i < pool->conf.children; i++) {
		if (pool->children[i].phase != IDLE)
			continue;
		if (pool->children[i].pid != 0)
			return &pool->children[i];
		if (found == NULL)
			found = &pool->children[i];
	}
	return found;
}

int
proc_pool_submit(struct proc_pool *pool, struct proc_job *job, struct err *e)
{
	struct child *c = free_child(pool);
	bool fresh;

	assert(c != NULL && job->request.len <= PROC_REQUEST_MAX);
	fresh = !child_is_waiting(c);
	if (fresh) {
		child_end(&pool->conf, c, 0);
		if (child_start(&pool->conf, c, e) < 0)
			return -1;
	}
	child_take(&pool->conf, c, job, fresh);
	pool->busy++;
	return 0;
}

int
proc_pool_pollfds(const struct proc_pool *pool, struct pollfd *fds, int max)
{
	const struct child *c = pool->children;
	int i, n = 0;

	for (i = 0; i < pool->conf.children && n < max; i++, c++)
		if (c->phase != IDLE)
			fds[n++] = (struct pollfd){ .fd = c->sock,
				.events =
				    c->phase == SENDING ? POLLOUT : POLLIN };
	return n;
}

int
proc_pool_timeout_ms(const struct proc_pool *pool)
{
	int64_t first = INT64_MAX, now = clock_ms();
	int i;

	for (i = 0; i < pool->conf.children; i++)
		if (pool->children[i].phase != IDLE &&
		    pool->children[i].due_ms < first)
			first = pool->children[i].due_ms;
	if (pool->busy == 0)
		return -1;
	if (first <= now)
		return 0;
	return first - now > INT32_MAX ? INT32_MAX : (int)(first - now);
}

static int
finish(struct proc_pool *pool, struct child *c, proc_done_fn *done, void *ctx,
    struct err *e)
{
	struct proc_job job CLEANUP(proc_job_release) = c->job;

	c->job = PROC_JOB_INIT;
	c->phase = IDLE;
	pool->busy--;
	c->jobs++;
	if (job.outcome != PROC_ANSWERED) {
		buf_clear(&job.answer);
		child_end(&pool->conf, c, 0);
	} else if (c->jobs == pool->conf.jobs_per_child || c->head.spent != 0) {
		child_end(&pool->conf, c, GOODBYE_MS);
	}
	return done(ctx, &job, e);
}

static int
start_failed(const struct proc_conf *conf, const struct child *c, struct err *e)
{
	return err_set(e, ERR_FATAL,
	    "worker %s %s before it could take work (-v shows what it says)",
	    conf->kind, c->job.outcome == PROC_CRASHED ? "ended" : "hung");
}

int
proc_pool_step(
    struct proc_pool *pool, proc_done_fn *done, void *ctx, struct err *e)
{
	struct child *c;
	bool over, starts;
	int i;

	for (i = 0; i < pool->conf.children; i++) {
		c = &pool->children[i];
		if (c->phase == IDLE)
			continue;
		starts = c->phase == STARTING;
		over = child_advance(&pool->conf, c);
		if (starts && c->phase != STARTING)
			sandbox_warn(&c->sandbox);
		if (!over)
			continue;
		if (c->phase == STARTING)
			return start_failed(&pool->conf, c, e);
		if (finish(pool, c, done, ctx, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- the plain loop ---- */

static int
fill(struct proc_pool *pool, proc_take_fn *take, void *ctx, struct err *e)
{
	struct proc_job job CLEANUP(proc_job_release) = PROC_JOB_INIT;
	int got = 1;

	while (proc_pool_free_slots(pool) > 0 && !stop_asked()) {
		got = take(ctx, &job, e);
		if (got <= 0)
			break;
		if (proc_pool_submit(pool, &job, e) < 0)
			return -1;
	}
	return got;
}

static int
run(struct proc_pool *pool, proc_take_fn *take, proc_done_fn *done, void *ctx,
    struct err *e)
{
	struct pollfd fds[CHILDREN_MAX];
	int64_t stop_ms = 0;
	int more = 1, wait_ms, n;

	for (;;) {
		if (more == 1 && !stop_asked())
			more = fill(pool, take, ctx, e);
		if (more < 0)
			return -1;
		if (stop_asked() && stop_ms == 0)
			stop_ms = clock_ms();
		if (pool->busy == 0 ||
		    (stop_ms != 0 && clock_ms() - stop_ms > STOP_GRACE_MS))
			return 0;
		/* A signal just before poll() does not end it. */
		wait_ms = proc_pool_timeout_ms(pool);
		n = proc_pool_pollfds(pool, fds, CHILDREN_MAX);
		poll(fds, (nfds_t)n,
		    wait_ms < STOP_LOOK_MS ? wait_ms : STOP_LOOK_MS);
		if (proc_pool_step(pool, done, ctx, e) < 0)
			return -1;
	}
}

int
proc_pool_run(struct proc_pool *pool, proc_take_fn *take, proc_done_fn *done,
    void *ctx, struct err *e)
{
	int status = run(pool, take, done, ctx, e);

	drop_jobs(pool);
	return status;
}

/* ---- a look ---- */

int
proc_probe(
    const struct proc_conf *conf, struct sandbox_state *ret, struct err *e)
{
	struct child c = { .sock = -1 };
	int rc = 0;

	if (child_start(conf, &c, e) < 0)
		return -1;
	if (child_await(conf, &c) < 0)
		rc = start_failed(conf, &c, e);
	else
		*ret = c.sandbox;
	child_end(conf, &c, rc == 0 ? GOODBYE_MS : 0);
	return rc;
}
