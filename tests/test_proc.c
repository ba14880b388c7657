/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Children that do as they are told, and children that do not.  The test is
 * its own worker: proc starts it again as `griddle worker KIND`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/stop.h"

#if defined(__SANITIZE_ADDRESS__)
#	define ASAN 1
#else
#	define ASAN 0
#endif

#define BIG (8u << 20)

/* ---- the worker ---- */

static void
add_filled(struct buf *answer, size_t len)
{
	unsigned char *room = buf_room(answer, len);

	memset(room, 'x', len);
	answer->len += len;
}

static void
count_fds(struct buf *answer)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int n = 0;

	while ((entry = readdir(dir)) != NULL)
		n += entry->d_name[0] != '.' &&
		    strtol(entry->d_name, NULL, 10) != dirfd(dir);
	closedir(dir);
	buf_addf(answer, "%d", n);
}

static void
crash(void)
{
	/* Not abort(): a sanitizer would print, and take its time. */
	signal(SIGKILL, SIG_DFL);
	raise(SIGKILL);
}

static void
answer_half(void)
{
	uint32_t len = 1000;

	if (write(STDIN_FILENO, &len, sizeof(len)) > 0 &&
	    write(STDIN_FILENO, "half", 4) > 0)
		crash();
}

static bool
can_map(size_t size)
{
	return mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		   0) != MAP_FAILED;
}

static void
handle(void *ctx, const struct buf *request, int fd, struct buf *answer)
{
	const char *what = request->data == NULL ? "" : (char *)request->data;
	struct rlimit limit;
	struct err err;

	(void)ctx;
	if (strncmp(what, "echo ", 5) == 0)
		buf_add(answer, what + 5, request->len - 5);
	else if (strcmp(what, "big") == 0)
		add_filled(answer, BIG);
	else if (strcmp(what, "read") == 0)
		file_read_fd(fd, "fd", answer, &err);
	else if (strcmp(what, "wake") == 0)
		file_write_fd(fd, "woken", 5, &err);
	else if (strcmp(what, "fd") == 0)
		buf_addf(answer, "%s", fd >= 0 ? "some" : "none");
	else if (strcmp(what, "fds") == 0)
		count_fds(answer);
	else if (strcmp(what, "pid") == 0)
		buf_addf(answer, "%ld", (long)getpid());
	else if (strcmp(what, "crash") == 0)
		crash();
	else if (strcmp(what, "half") == 0)
		answer_half();
	else if (strcmp(what, "hang") == 0)
		for (;;)
			pause();
	else if (strcmp(what, "nap") == 0)
		usleep(50000);
	else if (strcmp(what, "signals") == 0 && raise(SIGINT) == 0 &&
	    raise(SIGTERM) == 0)
		buf_addf(answer, "still here");
	else if (strcmp(what, "core") == 0 &&
	    getrlimit(RLIMIT_CORE, &limit) == 0)
		buf_addf(answer, "%d", limit.rlim_max == 0);
	else if (strcmp(what, "memory") == 0)
		buf_addf(answer, "%s", can_map(256u << 20) ? "mapped" : "no");
}

/* ---- the parent ---- */

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

static struct proc_pool *
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

static void
answers_come_back(void **state)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(1);
	struct plan *plan CLEANUP(plan_freep) = plan_new();

	(void)state;
	plan_add(plan, "echo pancake");
	plan_add(plan, "echo ");
	plan_add(plan, "");
	plan_add(plan, "big");
	run_plan(pool, plan);
	assert_int_equal(plan->done, 4);
	assert_string_equal(plan->answers[0], "pancake");
	assert_int_equal(plan->lengths[1], 0);
	assert_int_equal(plan->lengths[2], 0);
	assert_int_equal(plan->outcomes[2], PROC_ANSWERED);
	assert_int_equal(plan->lengths[3], BIG);
	assert_int_equal(strspn(plan->answers[3], "x"), BIG);
}

static void
a_request_larger_than_the_socket_arrives_whole(void **state)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(1);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	char *request CLEANUP(freep) = xmalloc(PROC_REQUEST_MAX);

	(void)state;
	memset(request, 'y', PROC_REQUEST_MAX - 1);
	memcpy(request, "echo ", 5);
	request[PROC_REQUEST_MAX - 1] = 0;
	plan_add(plan, request);
	run_plan(pool, plan);
	assert_int_equal(plan->lengths[0], PROC_REQUEST_MAX - 6);
	assert_int_equal(strspn(plan->answers[0], "y"), PROC_REQUEST_MAX - 6);
}

static void
a_descriptor_reaches_the_child_and_is_closed_here(void **state)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(1);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		plan_add(plan, "read");
		plan->fds[2 * i] = memfd_create("test", MFD_CLOEXEC);
		assert_int_equal(write(plan->fds[2 * i], "syrup", 5), 5);
		lseek(plan->fds[2 * i], 0, SEEK_SET);
		plan_add(plan, "fd");
	}
	run_plan(pool, plan);
	assert_string_equal(plan->answers[0], "syrup");
	assert_string_equal(plan->answers[1], "none");
	assert_string_equal(plan->answers[2], "syrup");
	assert_int_equal(fcntl(plan->fds[0], F_GETFD), -1);
	assert_int_equal(fcntl(plan->fds[2], F_GETFD), -1);
}

static void
a_child_has_no_descriptors_but_its_three(void **state)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(2);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	int leaky = open("/dev/null", O_RDONLY);

	(void)state;
	plan_add(plan, "fds");
	plan_add(plan, "fds");
	plan_add(plan, "fds");
	run_plan(pool, plan);
	close(leaky);
	assert_string_equal(plan->answers[0], "3");
	assert_string_equal(plan->answers[1], "3");
	assert_string_equal(plan->answers[2], "3");
}

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
	struct proc_pool *pool CLEANUP(proc_pool_freep) =
	    proc_pool_new(&conf);
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
	struct proc_pool *pool CLEANUP(proc_pool_freep) =
	    proc_pool_new(&conf);
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
	usleep(350000);
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
	plan_add(plan, "big");
	plan_add(plan, "echo on");
	run_plan(pool, plan);
	assert_string_equal(plan->answers[0], "1234567890");
	assert_int_equal(plan->outcomes[1], PROC_TOO_MUCH);
	assert_int_equal(plan->lengths[1], 0);
	assert_int_equal(plan->outcomes[2], PROC_TOO_MUCH);
	assert_string_equal(plan->answers[3], "on");
}

static void
many_jobs_over_few_children_come_back_once(void **state)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(3);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	char requests[200][24];
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		snprintf(requests[i], sizeof(requests[i]), "echo %d", i);
		plan_add(plan, i % 50 == 7 ? "crash" : requests[i]);
	}
	run_plan(pool, plan);
	assert_int_equal(plan->done, 200);
	for (i = 0; i < 200; i++) {
		assert_int_equal(plan->times[i], 1);
		if (i % 50 == 7)
			assert_int_equal(plan->outcomes[i], PROC_CRASHED);
		else
			assert_string_equal(plan->answers[i], requests[i] + 5);
	}
}

/* The first waits for what only the second says. */
static void
children_work_at_the_same_time(void **state)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(2);
	struct plan *plan CLEANUP(plan_freep) = plan_new();

	(void)state;
	assert_int_equal(pipe2(plan->fds, O_CLOEXEC), 0);
	plan_add(plan, "read");
	plan_add(plan, "wake");
	run_plan(pool, plan);
	assert_string_equal(plan->answers[0], "woken");
}

static void
a_child_is_kept_until_it_has_done_its_share(void **state)
{
	struct proc_conf conf = {
		.kind = "test",
		.children = 1,
		.deadline_ms = 20000,
		.jobs_per_child = 2,
	};
	struct proc_pool *pool CLEANUP(proc_pool_freep) =
	    proc_pool_new(&conf);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		plan_add(plan, "pid");
	run_plan(pool, plan);
	assert_string_equal(plan->answers[0], plan->answers[1]);
	assert_string_not_equal(plan->answers[1], plan->answers[2]);
	assert_string_equal(plan->answers[2], plan->answers[3]);
	assert_string_not_equal(plan->answers[3], plan->answers[4]);
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
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT),
	    0);
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
	struct proc_pool *pool CLEANUP(proc_pool_freep) =
	    proc_pool_new(&conf);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	struct err err;

	(void)state;
	plan_add(plan, "echo never");
	assert_int_equal(proc_pool_run(pool, take, done, plan, &err), -1);
	assert_int_equal(err.kind, ERR_FATAL);
	assert_string_equal(err.msg, "worker broken ended before it could "
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
signals_of_the_terminal_do_not_reach_a_child(void **state)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(1);
	struct plan *plan CLEANUP(plan_freep) = plan_new();

	(void)state;
	plan_add(plan, "signals");
	plan_add(plan, "core");
	run_plan(pool, plan);
	assert_string_equal(plan->answers[0], "still here");
	assert_string_equal(plan->answers[1], "1");
}

static void
memory_is_limited(void **state)
{
	struct proc_conf conf = {
		.kind = "test",
		.children = 1,
		.deadline_ms = 20000,
		.memory_bytes = 200 << 20,
	};
	struct proc_pool *pool CLEANUP(proc_pool_freep) =
	    proc_pool_new(&conf);
	struct plan *plan CLEANUP(plan_freep) = plan_new();

	(void)state;
	plan_add(plan, "memory");
	run_plan(pool, plan);
	/* There the limit cannot be kept. */
	assert_string_equal(plan->answers[0], ASAN ? "mapped" : "no");
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
	assert_int_equal(proc_pool_run(pool, take_then_stop, done, plan,
			     &err),
	    0);
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
		cmocka_unit_test(answers_come_back),
		cmocka_unit_test(
		    a_request_larger_than_the_socket_arrives_whole),
		cmocka_unit_test(
		    a_descriptor_reaches_the_child_and_is_closed_here),
		cmocka_unit_test(a_child_has_no_descriptors_but_its_three),
		cmocka_unit_test(a_crash_is_an_outcome_and_the_next_job_works),
		cmocka_unit_test(a_hang_is_ended_at_the_deadline),
		cmocka_unit_test(a_late_look_is_not_held_against_the_child),
		cmocka_unit_test(an_answer_over_its_cap_is_too_much),
		cmocka_unit_test(many_jobs_over_few_children_come_back_once),
		cmocka_unit_test(children_work_at_the_same_time),
		cmocka_unit_test(a_child_is_kept_until_it_has_done_its_share),
		cmocka_unit_test(
		    a_child_that_dies_while_idle_is_replaced_unseen),
		cmocka_unit_test(a_worker_that_cannot_start_is_an_error),
		cmocka_unit_test(an_error_of_the_caller_ends_the_run),
		cmocka_unit_test(signals_of_the_terminal_do_not_reach_a_child),
		cmocka_unit_test(memory_is_limited),
		cmocka_unit_test(jobs_in_hand_are_dropped_with_the_pool),
		cmocka_unit_test(a_child_dies_with_its_parent),
		cmocka_unit_test(
		    a_stop_finishes_what_is_in_hand_and_drops_what_hangs),
	};

	if (argc == 3 && strcmp(argv[1], "worker") == 0)
		return strcmp(argv[2], "broken") == 0 ? EXIT_FAILURE
						      : proc_serve(handle,
							    NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
