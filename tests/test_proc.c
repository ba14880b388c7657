/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Children that do as they are told.  The test is its own worker: proc starts
 * it again as `griddle worker KIND`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "base/file.h"
#include "tests/proc_plan.h"

#if defined(__SANITIZE_ADDRESS__)
#	define ASAN 1
#else
#	define ASAN 0
#endif

#define BIG (8u << 20)

/* ---- the worker ------------------------------------------------------- */

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
	int fd, n = 0;

	for (fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	buf_addf(answer, "%d", n);
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
	else if (strcmp(what, "signals") == 0 && raise(SIGINT) == 0 &&
	    raise(SIGTERM) == 0)
		buf_addf(answer, "still here");
	else if (strcmp(what, "core") == 0 &&
	    getrlimit(RLIMIT_CORE, &limit) == 0)
		buf_addf(answer, "%d", limit.rlim_max == 0);
	else if (strcmp(what, "memory") == 0)
		buf_addf(answer, "%s", can_map(256u << 20) ? "mapped" : "no");
	else if (strcmp(what, "crash") == 0)
		abort();
}

static int
run_worker(const char *kind)
{
	return strcmp(kind, "test") == 0 ? proc_serve(handle, NULL)
					 : EXIT_FAILURE;
}

/* ---- the parent ------------------------------------------------------- */

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
	struct proc_pool *pool CLEANUP(proc_pool_freep) = proc_pool_new(&conf);
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
	struct proc_pool *pool CLEANUP(proc_pool_freep) = proc_pool_new(&conf);
	struct plan *plan CLEANUP(plan_freep) = plan_new();

	(void)state;
	plan_add(plan, "memory");
	run_plan(pool, plan);
	/* There the limit cannot be kept. */
	assert_string_equal(plan->answers[0], ASAN ? "mapped" : "no");
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
		cmocka_unit_test(many_jobs_over_few_children_come_back_once),
		cmocka_unit_test(children_work_at_the_same_time),
		cmocka_unit_test(a_child_is_kept_until_it_has_done_its_share),
		cmocka_unit_test(signals_of_the_terminal_do_not_reach_a_child),
		cmocka_unit_test(memory_is_limited),
	};

	if (argc == 3 && strcmp(argv[1], "worker") == 0)
		return run_worker(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
