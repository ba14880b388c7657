/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs for a pool, and what came of each.
 */
#ifndef TESTS_PROC_PLAN_H
#define TESTS_PROC_PLAN_H

#include <stdbool.h>
#include <string.h>

#include "base/proc.h"

#define JOBS_MAX 256

/* Jobs to do, and what came of each. */
struct plan {
	const char *requests[JOBS_MAX];
	int fds[JOBS_MAX];
	size_t cap;
	int n, taken, done;
	int times[JOBS_MAX];
	enum proc_outcome outcomes[JOBS_MAX];
	char *answers[JOBS_MAX];
	size_t lengths[JOBS_MAX];
	bool fail_take, fail_done;
};

static struct plan *
plan_new(void)
{
	struct plan *plan = xcalloc(1, sizeof(*plan));
	int i;

	for (i = 0; i < JOBS_MAX; i++)
		plan->fds[i] = -1;
	return plan;
}

static void
plan_free(struct plan *plan)
{
	int i;

	for (i = 0; i < JOBS_MAX; i++)
		free(plan->answers[i]);
	free(plan);
}
DEFINE_CLEANUP(struct plan, plan_free)

static void
plan_add(struct plan *plan, const char *request)
{
	plan->requests[plan->n++] = request;
}

static int
take(void *ctx, struct proc_job *job, struct err *e)
{
	struct plan *plan = ctx;
	int i = plan->taken;

	if (plan->fail_take)
		return err_set(e, ERR_FATAL, "no more cake");
	if (i == plan->n)
		return 0;
	plan->taken++;
	job->id = i;
	job->fd = plan->fds[i];
	if (plan->cap != 0)
		job->answer.cap = plan->cap;
	return buf_add(&job->request, plan->requests[i],
		   strlen(plan->requests[i])) < 0
	    ? -1
	    : 1;
}

static int
done(void *ctx, struct proc_job *job, struct err *e)
{
	struct plan *plan = ctx;
	int64_t i = job->id;

	if (plan->fail_done)
		return err_set(e, ERR_FATAL, "catalog is full");
	plan->done++;
	plan->times[i]++;
	plan->outcomes[i] = job->outcome;
	plan->lengths[i] = job->answer.len;
	plan->answers[i] = (char *)job->answer.data;
	job->answer = BUF_INIT(PROC_ANSWER_MAX);
	return 0;
}

static inline struct proc_pool *
pool_of(int children)
{
	struct proc_conf conf = {
		.kind = "test",
		.children = children,
		.deadline_ms = 20000,
	};

	return proc_pool_new(&conf);
}

static void
run_plan(struct proc_pool *pool, struct plan *plan)
{
	struct err err = { 0 };

	if (proc_pool_run(pool, take, done, plan, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(proc_pool_busy(pool), 0);
}

#endif
