/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Children that do what only an intruder would: each is stopped as the
 * sandbox says, and the pool does all other jobs.  The test is its own
 * worker.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/file.h"
#include "base/proc_int.h"
#include "tests/proc_plan.h"

#define MIB ((size_t)1 << 20)

/* ---- the worker ------------------------------------------------------- */

/* Each of these ends the process, or what it gives back is the answer. */
static const struct {
	const char *name;
	long number, args[4];
} deadly[] = {
	{ "execve", SYS_execve, { 0, 0, 0, 0 } },
	{ "execveat", SYS_execveat, { AT_FDCWD, 0, 0, 0 } },
	{ "fork", SYS_clone, { SIGCHLD, 0, 0, 0 } },
	{ "vfork", SYS_clone, { CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0 } },
	{ "socket", SYS_socket, { AF_INET, SOCK_STREAM, 0, 0 } },
	{ "unix socket", SYS_socket, { AF_UNIX, SOCK_STREAM, 0, 0 } },
	{ "connect", SYS_connect, { 0, 0, 0, 0 } },
	{ "bind", SYS_bind, { 0, 0, 0, 0 } },
	{ "be traced", SYS_ptrace, { PTRACE_TRACEME, 0, 0, 0 } },
	{ "kill all", SYS_kill, { -1, 0, 0, 0 } },
	{ "kill the group", SYS_kill, { 0, 0, 0, 0 } },
	{ "unshare", SYS_unshare, { CLONE_NEWUSER, 0, 0, 0 } },
	{ "mount", SYS_mount, { 0, 0, 0, 0 } },
	{ "bpf", SYS_bpf, { 0, 0, 0, 0 } },
	{ "keyctl", SYS_keyctl, { 0, 0, 0, 0 } },
	{ "io_uring", SYS_io_uring_setup, { 1, 0, 0, 0 } },
	{ "unlink", SYS_unlinkat, { AT_FDCWD, 0, 0, 0 } },
	{ "rename", SYS_renameat2, { AT_FDCWD, 0, AT_FDCWD, 0 } },
	{ "mkdir", SYS_mkdirat, { AT_FDCWD, 0, 0, 0 } },
	{ "chmod", SYS_fchmodat, { AT_FDCWD, 0, 0, 0 } },
	{ "personality", SYS_personality, { 0xffffffff, 0, 0, 0 } },
};

/* These are refused, and the process lives. */
static const struct {
	const char *name;
	long number, args[4];
	int error;
} refused[] = {
	{ "clone3", SYS_clone3, { 0, 0, 0, 0 }, ENOSYS },
	{ "unheard of", 5000, { 0, 0, 0, 0 }, ENOSYS },
	{ "namespace", SYS_clone, { CLONE_NEWUSER | CLONE_THREAD, 0, 0, 0 },
	    ENOSYS },
	{ "own signals", SYS_fcntl, { 0, F_SETOWN, 1, 0 }, ENOSYS },
	{ "limit", SYS_prlimit64, { 0, RLIMIT_CPU, 1, 0 }, ENOSYS },
	{ "survive", SYS_prctl, { 1 /* PR_SET_PDEATHSIG */, 0, 0, 0 }, ENOSYS },
	{ "terminal", SYS_ioctl, { 2, 0x5412 /* TIOCSTI */, 0, 0 }, ENOTTY },
	{ "memfd", SYS_memfd_create, { 0, 0, 0, 0 }, EPERM },
	{ "code", SYS_mmap, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE },
	    EACCES },
	{ "shared", SYS_mmap, { 0, 4096, PROT_READ, MAP_SHARED }, EACCES },
};

static bool
call_by_name(const char *name, struct buf *answer)
{
	long got;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(deadly); i++)
		if (strcmp(name, deadly[i].name) == 0) {
			got = syscall(deadly[i].number, deadly[i].args[0],
			    deadly[i].args[1], deadly[i].args[2],
			    deadly[i].args[3]);
			buf_addf(answer, "gave %ld", got);
			return true;
		}
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		if (strcmp(name, refused[i].name) == 0) {
			got = syscall(refused[i].number, refused[i].args[0],
			    refused[i].args[1], refused[i].args[2],
			    refused[i].args[3], -1L, 0L);
			buf_addf(answer, "%d", got < 0 ? errno : 0);
			return true;
		}
	return false;
}

/* What came of opening files, and how many descriptors there are now. */
static void
open_files(struct buf *answer)
{
	static const char *const names[] = { "/etc/passwd", "/proc/self/maps",
		"/dev/null", "." };
	int fd, n = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (syscall(SYS_openat, AT_FDCWD, names[i], O_RDONLY) >= 0 ||
		    errno != EACCES)
			buf_addf(answer, "%s was open: ", names[i]);
	if (syscall(SYS_openat, AT_FDCWD, "/tmp/griddle-test-file",
		O_CREAT | O_RDWR, 0600) >= 0 ||
	    errno != EACCES)
		buf_addf(answer, "a file was made: ");
	for (fd = 0; fd < 64; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	buf_addf(answer, "%d", n);
}

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

static void *
add_one(void *n)
{
	++*(int *)n;
	return NULL;
}

static void
start_thread(struct buf *answer)
{
	pthread_t thread;
	int n = 1;

	if (pthread_create(&thread, NULL, add_one, &n) == 0)
		pthread_join(thread, NULL);
	buf_addf(answer, "%d", n);
}

static void
handle(void *ctx, const struct buf *request, int fd, struct buf *answer)
{
	const char *what = request->data == NULL ? "" : (char *)request->data;
	struct err err;

	(void)ctx;
	if (call_by_name(what, answer))
		return;
	if (strncmp(what, "echo ", 5) == 0)
		buf_add(answer, what + 5, request->len - 5);
	else if (strcmp(what, "pid") == 0)
		buf_addf(answer, "%ld", (long)getpid());
	else if (strcmp(what, "open") == 0)
		open_files(answer);
	else if (strcmp(what, "write") == 0)
		buf_addf(answer, "%s",
		    file_write_fd(fd, "x", 1, &err) < 0 ? "no" : "written");
	else if (strcmp(what, "thread") == 0)
		start_thread(answer);
	else if (strcmp(what, "crash") == 0)
		abort();
	else if (strcmp(what, "hang") == 0)
		for (;;)
			pause();
	else if (strcmp(what, "spin") == 0)
		for (;;)
			__asm__ volatile("");
	else if (strcmp(what, "eat") == 0)
		for (;;)
			eat(MIB);
	else if (strcmp(what, "kill the parent") == 0)
		kill(getppid(), SIGKILL);
	else if (strcmp(what, "trace the parent") == 0)
		ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

/* Says that layers are in force that nobody has heard of. */
static int
boast(void)
{
	const struct sandbox_state state = { ~0u, ~0u, ~0u };

	return write(STDIN_FILENO, &state, sizeof(state)) > 0 ? 0 : 1;
}

/* Says that it has no kernel to speak of, and answers nothing to all. */
static int
be_poor(void)
{
	const struct sandbox_state state = { .lacking =
						 SANDBOX_BIT(SANDBOX_CALLS) |
		    SANDBOX_BIT(SANDBOX_FILES) };
	const struct answer_head head = { 0 };
	struct proc_hello hello;
	char request[64];

	if (read(STDIN_FILENO, &hello, sizeof(hello)) <= 0 ||
	    write(STDIN_FILENO, &state, sizeof(state)) <= 0)
		return 1;
	while (read(STDIN_FILENO, request, sizeof(request)) > 0)
		if (write(STDIN_FILENO, &head, sizeof(head)) <= 0)
			return 1;
	return 0;
}

static void *
wait_for_ever(void *nothing)
{
	for (;;)
		pause();
	return nothing;
}

/* As a library might have that was loaded before the sandbox. */
static int
serve_with_a_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
		return 0;
	return proc_serve(handle, NULL);
}

static int
run_worker(const char *kind)
{
	if (strcmp(kind, "threaded") == 0)
		return serve_with_a_thread();
	if (strcmp(kind, "boast") == 0)
		return boast();
	if (strcmp(kind, "poor") == 0)
		return be_poor();
	return proc_serve(handle, NULL);
}

/* ---- the parent ------------------------------------------------------- */

static struct sandbox_state
look(const char *kind, bool unconfined)
{
	struct proc_conf conf = {
		.kind = kind,
		.deadline_ms = 20000,
		.memory_bytes = 1 << 30,
		.unconfined = unconfined,
	};
	struct sandbox_state state;
	struct err err;

	if (proc_probe(&conf, &state, &err) < 0)
		fail_msg("%s", err.msg);
	return state;
}

/* A test of what is not there is skipped, and says why. */
static void
need(uint32_t layers)
{
	struct sandbox_state state = look("test", false);
	int i;

	for (i = 0; i < SANDBOX_LAYERS; i++)
		if (layers & SANDBOX_BIT(i) & ~state.in_force) {
			print_message("# %s is not in force: %s\n",
			    sandbox_layer_name(i),
			    state.instrumented ? "built with sanitizers"
					       : "the kernel lacks it");
			skip();
		}
}

static void
layers_are_told_and_none_is_lost_on_the_way(void **state)
{
	struct sandbox_state s = look("test", false);

	(void)state;
	assert_int_equal(s.in_force & s.lacking, 0);
	assert_int_equal(s.in_force | s.lacking | s.instrumented, SANDBOX_ALL);
	assert_true(s.in_force & SANDBOX_BIT(SANDBOX_CPU));
}

static void
layers_that_nobody_knows_are_not_believed(void **state)
{
	struct sandbox_state s = look("boast", false);

	(void)state;
	assert_int_equal(s.in_force, SANDBOX_ALL);
	assert_int_equal(s.lacking | s.instrumented, 0);
}

static void
a_thread_from_before_would_be_free_so_there_must_be_none(void **state)
{
	need(SANDBOX_BIT(SANDBOX_CALLS));
	struct proc_conf conf = { .kind = "threaded", .deadline_ms = 20000 };
	struct sandbox_state s;
	struct err err;

	(void)state;
	assert_int_equal(proc_probe(&conf, &s, &err), -1);
	assert_int_equal(err.kind, ERR_FATAL);
	assert_non_null(strstr(err.msg, "ended before it could take work"));
}

/* What is said on stderr while two pools of such children work. */
static void
what_the_kernel_lacks_is_said_once(void **state)
{
	struct proc_conf conf = {
		.kind = "poor",
		.children = 2,
		.deadline_ms = 20000,
	};
	struct buf said CLEANUP(buf_release) = BUF_INIT(4096);
	int screen = dup(STDERR_FILENO), i;
	int fd = memfd_create("stderr", MFD_CLOEXEC);
	struct err err;
	char *first;

	(void)state;
	dup2(fd, STDERR_FILENO);
	for (i = 0; i < 2; i++) {
		struct proc_pool *pool CLEANUP(proc_pool_freep) =
		    proc_pool_new(&conf);
		struct plan *plan CLEANUP(plan_freep) = plan_new();

		plan_add(plan, "a");
		plan_add(plan, "b");
		plan_add(plan, "c");
		run_plan(pool, plan);
		assert_int_equal(plan->outcomes[2], PROC_ANSWERED);
	}
	dup2(screen, STDERR_FILENO);
	close(screen);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(file_read_fd(fd, "stderr", &said, &err), 0);
	close(fd);
	first = strstr((char *)said.data, "lacks seccomp and Landlock:");
	assert_non_null(first);
	assert_null(strstr(first + 1, "lacks"));
}

static void
an_unconfined_child_has_limits_only(void **state)
{
	need(SANDBOX_BIT(SANDBOX_CALLS));

	struct sandbox_state s = look("test", true);

	(void)state;
	assert_int_equal(
	    s.in_force, SANDBOX_BIT(SANDBOX_MEMORY) | SANDBOX_BIT(SANDBOX_CPU));
}

static void
each_hostile_call_ends_the_child_and_only_its_job(void **state)
{
	need(SANDBOX_BIT(SANDBOX_CALLS));

	static const char *const more[] = { "kill the parent",
		"trace the parent" };
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(2);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(deadly) + ARRAY_SIZE(more); i++) {
		plan_add(plan,
		    i < ARRAY_SIZE(deadly) ? deadly[i].name
					   : more[i - ARRAY_SIZE(deadly)]);
		plan_add(plan, "echo on");
	}
	run_plan(pool, plan);
	assert_int_equal(plan->done, plan->n);
	for (i = 0; i < (size_t)plan->n; i += 2) {
		if (plan->outcomes[i] != PROC_CRASHED)
			fail_msg("%s: %s", plan->requests[i],
			    plan->lengths[i] > 0 ? plan->answers[i] : "lives");
		assert_string_equal(plan->answers[i + 1], "on");
	}
}

static void
other_calls_fail_and_the_child_lives(void **state)
{
	need(SANDBOX_BIT(SANDBOX_CALLS));

	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(1);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	size_t i;

	(void)state;
	plan_add(plan, "pid");
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		plan_add(plan, refused[i].name);
	plan_add(plan, "pid");
	run_plan(pool, plan);
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		if (atoi(plan->answers[i + 1]) != refused[i].error)
			fail_msg("%s: %s, not %d", refused[i].name,
			    plan->answers[i + 1], refused[i].error);
	assert_string_equal(plan->answers[0], plan->answers[plan->n - 1]);
}

static void
no_file_can_be_opened_and_none_stays_open(void **state)
{
	need(SANDBOX_BIT(SANDBOX_CALLS));

	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(1);
	struct plan *plan CLEANUP(plan_freep) = plan_new();

	(void)state;
	plan_add(plan, "open");
	run_plan(pool, plan);
	assert_string_equal(plan->answers[0], "3");
	assert_int_equal(access("/tmp/griddle-test-file", F_OK), -1);
}

static void
a_file_that_is_handed_over_cannot_be_written(void **state)
{
	need(SANDBOX_BIT(SANDBOX_LIMITS));

	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(1);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	int fd = memfd_create("test", MFD_CLOEXEC);

	(void)state;
	plan->fds[0] = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	plan_add(plan, "write");
	plan_add(plan, "echo on");
	run_plan(pool, plan);
	assert_string_equal(plan->answers[0], "no");
	assert_string_equal(plan->answers[1], "on");
	assert_int_equal(lseek(fd, 0, SEEK_END), 0);
	close(fd);
}

static void
threads_can_be_started(void **state)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = pool_of(1);
	struct plan *plan CLEANUP(plan_freep) = plan_new();

	(void)state;
	plan_add(plan, "thread");
	run_plan(pool, plan);
	assert_string_equal(plan->answers[0], "2");
}

static void
crashes_hangs_and_hunger_cost_one_job_each(void **state)
{
	need(SANDBOX_BIT(SANDBOX_MEMORY));

	struct proc_conf conf = {
		.kind = "test",
		.children = 2,
		.deadline_ms = 4000,
		.memory_bytes = 256 << 20,
	};
	static const char *const bad[] = { "crash", "eat", "hang", "spin" };
	struct proc_pool *pool CLEANUP(proc_pool_freep) = proc_pool_new(&conf);
	struct plan *plan CLEANUP(plan_freep) = plan_new();
	int i;

	(void)state;
	for (i = 0; i < 40; i++)
		plan_add(plan, i % 10 == 3 ? bad[i / 10] : "echo on");
	run_plan(pool, plan);
	for (i = 0; i < 40; i++) {
		assert_int_equal(plan->times[i], 1);
		if (i % 10 == 3)
			assert_int_equal(plan->outcomes[i],
			    i < 20 ? PROC_CRASHED : PROC_TIMED_OUT);
		else
			assert_string_equal(plan->answers[i], "on");
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_are_told_and_none_is_lost_on_the_way),
		cmocka_unit_test(layers_that_nobody_knows_are_not_believed),
		cmocka_unit_test(
		    a_thread_from_before_would_be_free_so_there_must_be_none),
		cmocka_unit_test(what_the_kernel_lacks_is_said_once),
		cmocka_unit_test(an_unconfined_child_has_limits_only),
		cmocka_unit_test(
		    each_hostile_call_ends_the_child_and_only_its_job),
		cmocka_unit_test(other_calls_fail_and_the_child_lives),
		cmocka_unit_test(no_file_can_be_opened_and_none_stays_open),
		cmocka_unit_test(a_file_that_is_handed_over_cannot_be_written),
		cmocka_unit_test(threads_can_be_started),
		cmocka_unit_test(crashes_hangs_and_hunger_cost_one_job_each),
	};

	if (argc == 3 && strcmp(argv[1], "worker") == 0)
		return run_worker(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
