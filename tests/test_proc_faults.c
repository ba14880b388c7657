/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Children that crash, hang, say too much or do not start, and parents that
 * die or are told to stop.  The test is its own worker.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/proc_int.h"
#include "base/stop.h"
#include "tests/proc_plan.h"

/* ---- the worker ------------------------------------------------------- */

static void
answer_half(void)
{
	struct answer_head head = { .length = 1000 };

	if (write(STDIN_FILENO, &head, sizeof(head)) > 0 &&
	    write(STDIN_FILENO, "half", 4) > 0)
		abort();
}

static void
handle(void *ctx, const struct buf *request, int fd, struct buf *answer)
{
	const char *what = (char *)request->data;

	(void)ctx;
	(void)fd;
	if (strncmp(what, "echo ", 5) == 0)
		buf_add(answer, what + 5, request->len - 5);
	else if (strcmp(what, "pid") == 0)
		buf_addf(answer, "%ld", (long)getpid());
	else if (strcmp(what, "crash") == 0)
		abort();
	else if (strcmp(what, "half") == 0)
		answer_half();
	else if (strcmp(what, "hang") == 0)
		for (;;)
			pause();
	else if (strcmp(what, "nap") == 0)
		usleep(50000);
}

static int
run_worker(const char *kind)
{
	return strcmp(kind, "test") == 0 ? proc_serve(handle, NULL)
					 : EXIT_FAILURE;
}

/* ---- the parent ------------------------------------------------------- */

static void
a_crash_is_an_outcome_and_the_next_job_works(void **state)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(1);
	struct plan *plan CLEANUP(plan_freep) = plan_new();

	(void)state;
	plan_add(plan, "crash");
	plan_add(plan, "echo on");
	plan_add(plan, "half");
	plan_add(plan, "echo and on");
	run_plan(pool, plan);
	assert_int_equal(plan->outcomes[0], PROC_CRASHED);
	assert_string_equal(plan->answers[1], "on");
	assert_int_equal(plan->outcomes[2], PROC_CRASHED);
	assert_int_equal(plan->lengths[2], 0);
	assert_string_equal(plan->answers[3], "and on");
}

static void
a_hang_is_ended_at_the_deadline(void **state)
{
	struct proc_conf conf = {
		.kind = "test",
		.children = 1,
		.deadline_ms = 200,
	};
	struct proc_pool *pool CLEANUP(proc_pool_freep) = proc_pool_new(&conf);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	int64_t start = clock_ms();

	(void)state;
	plan_add(plan, "hang");
	plan_add(plan, "echo on");
	run_plan(pool, plan);
	assert_int_equal(plan->outcomes[0], PROC_TIMED_OUT);
	assert_string_equal(plan->answers[1], "on");
	assert_true(clock_ms() - start >= 200);
	assert_true(clock_ms() - start < 15000);
}

static void
a_late_look_is_not_held_against_the_child(void **state)
{
	struct proc_conf conf = {
		.kind = "test",
		.children = 1,
		.deadline_ms = 300,
	};
	struct proc_pool *pool CLEANUP(proc_pool_freep) = proc_pool_new(&conf);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	struct proc_job job = PROC_JOB_INIT;
	struct err err;

	(void)state;
	plan_add(plan, "echo warm");
	run_plan(pool, plan);
	buf_addf(&job.request, "hang");
	job.id = 1;
	assert_int_equal(proc_pool_submit(pool, &job, &err), 0);
	usleep(1500000);
	assert_int_equal(proc_pool_step(pool, done, plan, &err), 0);
	assert_int_equal(plan->done, 1);
	assert_in_range(proc_pool_timeout_ms(pool), 1, 300);
	usleep(1500000);
	assert_int_equal(proc_pool_step(pool, done, plan, &err), 0);
	assert_int_equal(plan->done, 2);
	assert_int_equal(plan->outcomes[1], PROC_TIMED_OUT);
}

static void
an_answer_over_its_cap_is_too_much(void **state)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(1);
	struct plan *plan CLEANUP(plan_freep) = plan_new();

	(void)state;
	plan->cap = 10;
	plan_add(plan, "echo 1234567890");
	plan_add(plan, "echo 12345678901");
	plan_add(plan, "echo 123456789012");
	plan_add(plan, "echo on");
	run_plan(pool, plan);
	assert_string_equal(plan->answers[0], "1234567890");
	assert_int_equal(plan->outcomes[1], PROC_TOO_MUCH);
	assert_int_equal(plan->lengths[1], 0);
	assert_int_equal(plan->outcomes[2], PROC_TOO_MUCH);
	assert_string_equal(plan->answers[3], "on");
}

static void
a_child_that_dies_while_idle_is_replaced_unseen(void **state)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(1);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	siginfo_t info;
	pid_t pid;

	(void)state;
	plan_add(plan, "pid");
	run_plan(pool, plan);
	pid = (pid_t)strtol(plan->answers[0], NULL, 10);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	plan_add(plan, "echo on");
	run_plan(pool, plan);
	assert_string_equal(plan->answers[1], "on");
}

static void
a_worker_that_cannot_start_is_an_error(void **state)
{
	struct proc_conf conf = {
		.kind = "broken",
		.children = 2,
		.deadline_ms = 20000,
	};
	struct proc_pool *pool CLEANUP(proc_pool_freep) = proc_pool_new(&conf);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	struct err err;

	(void)state;
	plan_add(plan, "echo never");
	assert_int_equal(proc_pool_run(pool, take, done, plan, &err), -1);
	assert_int_equal(err.kind, ERR_FATAL);
	assert_string_equal(err.msg,
	    "worker broken ended before it could "
	    "take work (-v shows what it says)");
	assert_int_equal(plan->done, 0);
	assert_int_equal(proc_pool_busy(pool), 0);
}

static void
an_error_of_the_caller_ends_the_run(void **state)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(2);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	struct err err;

	(void)state;
	plan->fail_take = true;
	assert_int_equal(proc_pool_run(pool, take, done, plan, &err), -1);
	assert_string_equal(err.msg, "no more cake");
	plan->fail_take = false;
	plan->fail_done = true;
	plan_add(plan, "echo a");
	plan_add(plan, "hang");
	assert_int_equal(proc_pool_run(pool, take, done, plan, &err), -1);
	assert_string_equal(err.msg, "catalog is full");
	assert_int_equal(proc_pool_busy(pool), 0);
	assert_int_equal(proc_pool_timeout_ms(pool), -1);
}

static void
jobs_in_hand_are_dropped_with_the_pool(void **state)
{
	struct proc_pool *pool = pool_of(2);
	struct proc_job job = PROC_JOB_INIT;
	struct pollfd fds[2];
	struct err err;

	(void)state;
	buf_addf(&job.request, "hang");
	job.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(proc_pool_free_slots(pool), 2);
	assert_int_equal(proc_pool_pollfds(pool, fds, 2), 0);
	assert_int_equal(proc_pool_submit(pool, &job, &err), 0);
	assert_int_equal(job.fd, -1);
	assert_null(job.request.data);
	assert_int_equal(proc_pool_free_slots(pool), 1);
	assert_int_equal(proc_pool_pollfds(pool, fds, 2), 1);
	proc_pool_free(pool);
}

/* Gone, or dead and waiting for whoever inherited it. */
static bool
is_dead(long pid)
{
	char *path CLEANUP(freep) = xasprintf("/proc/%ld/stat", pid);
	struct buf text CLEANUP(buf_release) = BUF_INIT(4096);
	struct err err;
	char *paren;

	if (file_read(path, &text, &err) < 0 || text.data == NULL)
		return true;
	paren = strrchr((char *)text.data, ')');
	return paren == NULL || paren[2] == 'Z' || paren[2] == 'X';
}

/* Start a child, tell its process id, give it work without end, and die. */
static void
die_as_a_parent(int out)
{
	struct proc_pool *pool = pool_of(1);
	struct plan *plan = plan_new();
	struct proc_job job = PROC_JOB_INIT;
	struct err err;

	plan_add(plan, "pid");
	if (proc_pool_run(pool, take, done, plan, &err) < 0)
		_exit(1);
	buf_addf(&job.request, "hang");
	if (proc_pool_submit(pool, &job, &err) < 0 ||
	    proc_pool_step(pool, done, plan, &err) < 0)
		_exit(1);
	usleep(100000);
	if (write(out, plan->answers[0], plan->lengths[0]) > 0)
		raise(SIGKILL);
	_exit(1);
}

static void
a_child_dies_with_its_parent(void **state)
{
	char text[32] = "";
	int pair[2], status, i;
	pid_t parent;
	long pid;

	(void)state;
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	parent = fork();
	if (parent == 0)
		die_as_a_parent(pair[1]);
	close(pair[1]);
	assert_true(read(pair[0], text, sizeof(text) - 1) > 0);
	close(pair[0]);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_true(WIFSIGNALED(status));
	pid = strtol(text, NULL, 10);
	assert_true(pid > 0);
	for (i = 0; i < 100 && !is_dead(pid); i++)
		usleep(50000);
	assert_true(is_dead(pid));
}

static int
take_then_stop(void *ctx, struct proc_job *job, struct err *e)
{
	struct plan *plan = ctx;
	int got = take(ctx, job, e);

	if (plan->taken == 2)
		raise(SIGINT);
	return got;
}

/* The last test: a stop that was asked for stays. */
static void
a_stop_finishes_what_is_in_hand_and_drops_what_hangs(void **state)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(3);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	int64_t start = clock_ms();
	struct err err;

	(void)state;
	stop_install();
	plan_add(plan, "nap");
	plan_add(plan, "hang");
	plan_add(plan, "echo never");
	assert_int_equal(
	    proc_pool_run(pool, take_then_stop, done, plan, &err), 0);
	assert_in_range(clock_ms() - start, 1000, 2000);
	assert_int_equal(plan->taken, 2);
	assert_int_equal(plan->done, 1);
	assert_int_equal(plan->times[0], 1);
	assert_int_equal(proc_pool_busy(pool), 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crash_is_an_outcome_and_the_next_job_works),
		cmocka_unit_test(a_hang_is_ended_at_the_deadline),
		cmocka_unit_test(a_late_look_is_not_held_against_the_child),
		cmocka_unit_test(an_answer_over_its_cap_is_too_much),
		cmocka_unit_test(
		    a_child_that_dies_while_idle_is_replaced_unseen),
		cmocka_unit_test(a_worker_that_cannot_start_is_an_error),
		cmocka_unit_test(an_error_of_the_caller_ends_the_run),
		cmocka_unit_test(jobs_in_hand_are_dropped_with_the_pool),
		cmocka_unit_test(a_child_dies_with_its_parent),
		cmocka_unit_test(
		    a_stop_finishes_what_is_in_hand_and_drops_what_hangs),
	};

	if (argc == 3 && strcmp(argv[1], "worker") == 0)
		return run_worker(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
