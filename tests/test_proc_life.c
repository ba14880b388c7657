/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a child lives: one that spins ends by itself, one that has used
 * or grown too much is replaced, and no job is lost by it.  The test is its
 * own worker.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/file.h"
#include "tests/proc_plan.h"

#define MIB ((size_t)1 << 20)

/* ---- the worker ------------------------------------------------------- */

/* Memory that is never given back, but not lost. */
static void
eat(size_t size)
{
	static void *eaten;
	void **more = xmalloc(size);

	memset(more, 'x', size);
	*more = eaten;
	eaten = more;
}

static void
burn(double seconds)
{
	struct rusage u;
	double first = -1, now;

	do {
		getrusage(RUSAGE_SELF, &u);
		now = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
		    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
		first = first < 0 ? now : first;
	} while (now - first < seconds);
}

static void
handle(void *ctx, const struct buf *request, int fd, struct buf *answer)
{
	const char *what = (char *)request->data;

	(void)ctx;
	(void)fd;
	if (strcmp(what, "pid") == 0)
		buf_addf(answer, "%ld", (long)getpid());
	else if (strcmp(what, "echo on") == 0)
		buf_addf(answer, "on");
	else if (strcmp(what, "spin") == 0)
		burn(1e9);
	else if (strcmp(what, "burn") == 0)
		burn(0.1);
	else if (strcmp(what, "grow") == 0)
		eat(MIB);
}

/* ---- the parent ------------------------------------------------------- */

static void
use_one_processor(cpu_set_t *ret_before)
{
	cpu_set_t one;
	size_t i = 0;

	sched_getaffinity(0, sizeof(*ret_before), ret_before);
	while (!CPU_ISSET(i, ret_before))
		i++;
	CPU_ZERO(&one);
	CPU_SET(i, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/* Start a child, tell its process id, let it spin, and stop. */
static void
stop_as_a_parent(int out)
{
	struct proc_conf conf = {
		.kind = "test",
		.children = 1,
		.deadline_ms = 500,
		.jobs_per_child = 1,
	};
	struct proc_pool *pool;
	struct proc_job job = PROC_JOB_INIT;
	struct plan *plan = plan_new();
	cpu_set_t before;
	struct pollfd fds;
	struct err err;
	int i;

	use_one_processor(&before);
	pool = proc_pool_new(&conf);
	buf_addf(&job.request, "spin");
	if (proc_pool_submit(pool, &job, &err) < 0)
		_exit(1);
	for (i = 0; i < 2; i++) {
		proc_pool_pollfds(pool, &fds, 1);
		poll(&fds, 1, 20000);
		proc_pool_step(pool, done, plan, &err);
		if (fds.events == POLLIN && proc_pool_busy(pool) == 1)
			break;
	}
	if (write(out, "!", 1) == 1)
		raise(SIGSTOP);
	_exit(0);
}

/* The only child of a process, by /proc; 0: none that runs. */
static long
child_of(pid_t parent)
{
	char *path CLEANUP(freep) = xasprintf(
	    "/proc/%ld/task/%ld/children", (long)parent, (long)parent);
	struct buf text CLEANUP(buf_release) = BUF_INIT(4096);
	struct err err;

	if (file_read(path, &text, &err) < 0 || text.data == NULL)
		return 0;
	return strtol((char *)text.data, NULL, 10);
}

static bool
is_zombie(long pid)
{
	char *path CLEANUP(freep) = xasprintf("/proc/%ld/stat", pid);
	struct buf text CLEANUP(buf_release) = BUF_INIT(4096);
	struct err err;

	if (file_read(path, &text, &err) < 0 || text.data == NULL)
		return true;
	return strstr((char *)text.data, ") Z ") != NULL;
}

static void
a_child_that_spins_ends_though_its_parent_is_stopped(void **state)
{
	char byte;
	int pair[2], status, i;
	pid_t parent;
	long pid;

	(void)state;
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	parent = fork();
	if (parent == 0)
		stop_as_a_parent(pair[1]);
	close(pair[1]);
	assert_int_equal(read(pair[0], &byte, 1), 1);
	close(pair[0]);
	assert_int_equal(waitpid(parent, &status, WUNTRACED), parent);
	assert_true(WIFSTOPPED(status));
	pid = child_of(parent);
	assert_true(pid > 0 && !is_zombie(pid));
	for (i = 0; i < 600 && !is_zombie(pid); i++)
		usleep(50000);
	assert_true(is_zombie(pid));
	kill(parent, SIGKILL);
	waitpid(parent, &status, 0);
}

/* Children that did one job, and the next, and so on, each counted once. */
static int
children_of(const struct plan *plan)
{
	int i, n = 1;

	for (i = 1; i < plan->n; i++)
		n += strcmp(plan->answers[i], plan->answers[i - 1]) != 0;
	return n;
}

static void
a_child_that_has_used_half_of_its_life_is_replaced(void **state)
{
	struct proc_conf conf = {
		.kind = "test",
		.children = 1,
		.deadline_ms = 1000,
	};
	struct proc_pool *pool CLEANUP(proc_pool_freep) = NULL;
	struct plan *burns CLEANUP(plan_freep) = plan_new();
	struct plan *pids CLEANUP(plan_freep) = plan_new();
	cpu_set_t before;
	int i;

	(void)state;
	use_one_processor(&before);
	pool = proc_pool_new(&conf);
	/* Four seconds of life: spent after two. */
	for (i = 0; i < 10; i++)
		plan_add(burns, "burn");
	plan_add(pids, "pid");
	run_plan(pool, pids);
	run_plan(pool, burns);
	plan_add(pids, "pid");
	run_plan(pool, pids);
	assert_string_equal(pids->answers[0], pids->answers[1]);
	for (i = 0; i < 12; i++)
		plan_add(burns, "burn");
	run_plan(pool, burns);
	plan_add(pids, "pid");
	run_plan(pool, pids);
	sched_setaffinity(0, sizeof(before), &before);
	for (i = 0; i < burns->n; i++)
		assert_int_equal(burns->outcomes[i], PROC_ANSWERED);
	assert_string_not_equal(pids->answers[1], pids->answers[2]);
}

static void
a_child_that_has_grown_is_replaced(void **state)
{
	struct proc_conf conf = {
		.kind = "test",
		.children = 1,
		.deadline_ms = 20000,
		.grow_bytes = 64 << 20,
	};
	struct proc_pool *pool CLEANUP(proc_pool_freep) = proc_pool_new(&conf);
	struct plan *grows CLEANUP(plan_freep) = plan_new();
	struct plan *pids CLEANUP(plan_freep) = plan_new();
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		plan_add(pids, "pid");
	run_plan(pool, pids);
	assert_int_equal(children_of(pids), 1);
	for (i = 0; i < 100; i++)
		plan_add(grows, "grow");
	run_plan(pool, grows);
	plan_add(pids, "pid");
	run_plan(pool, pids);
	assert_int_equal(children_of(pids), 2);
}

struct thousand {
	int taken, done, answered;
	unsigned char times[1000];
};

static int
take_one(void *ctx, struct proc_job *job, struct err *e)
{
	struct thousand *t = ctx;

	(void)e;
	if (t->taken == 1000)
		return 0;
	job->id = t->taken++;
	return buf_addf(&job->request, "%s",
		   job->id % 2 == 0 ? "grow" : "echo on") < 0
	    ? -1
	    : 1;
}

static int
done_one(void *ctx, struct proc_job *job, struct err *e)
{
	struct thousand *t = ctx;

	(void)e;
	t->times[job->id]++;
	t->done++;
	t->answered += job->outcome == PROC_ANSWERED &&
	    job->answer.len == (job->id % 2 == 0 ? 0 : 2);
	return 0;
}

static void
spent_children_lose_no_job_of_a_thousand(void **state)
{
	struct proc_conf conf = {
		.kind = "test",
		.children = 3,
		.deadline_ms = 20000,
		.grow_bytes = 4 << 20,
	};
	struct proc_pool *pool CLEANUP(proc_pool_freep) = proc_pool_new(&conf);
	struct thousand t = { 0 };
	struct err err;
	int i;

	(void)state;
	assert_int_equal(proc_pool_run(pool, take_one, done_one, &t, &err), 0);
	assert_int_equal(t.done, 1000);
	assert_int_equal(t.answered, 1000);
	for (i = 0; i < 1000; i++)
		assert_int_equal(t.times[i], 1);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_child_that_spins_ends_though_its_parent_is_stopped),
		cmocka_unit_test(
		    a_child_that_has_used_half_of_its_life_is_replaced),
		cmocka_unit_test(a_child_that_has_grown_is_replaced),
		cmocka_unit_test(spent_children_lose_no_job_of_a_thousand),
	};

	if (argc == 3 && strcmp(argv[1], "worker") == 0)
		return proc_serve(handle, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
