/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real image worker, as if a decoder had been taken over by the picture
 * it read: the run goes on, and each such picture has its reason.
 */
#include "tests/prep_place.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "prep/wire_int.h"
#include "prep/worker_int.h"

#define MARK "griddle-test: "
#define TAIL 64

/* ---- the worker ------------------------------------------------------- */

/* An escape that worked leaves no answer, which the tests would see. */
static bool
escape(const char *how)
{
	if (strcmp(how, "open") == 0)
		return syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY) >=
		    0 ||
		    errno != EACCES;
	if (strcmp(how, "write") == 0)
		return syscall(SYS_openat, AT_FDCWD, "/tmp/griddle-test-escape",
			   O_CREAT | O_WRONLY, 0600) >= 0;
	if (strcmp(how, "remove") == 0)
		unlink("/tmp/griddle-test-escape");
	else if (strcmp(how, "socket") == 0)
		syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	else if (strcmp(how, "fork") == 0)
		syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	else if (strcmp(how, "exec") == 0)
		syscall(SYS_execve, NULL, NULL, NULL);
	else if (strcmp(how, "trace") == 0)
		ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
	else if (strcmp(how, "kill") == 0)
		kill(getppid(), SIGKILL);
	return false;
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

static void
misbehave(const char *how)
{
	if (strcmp(how, "crash") == 0)
		raise(SIGSEGV);
	else if (strcmp(how, "hang") == 0)
		for (;;)
			pause();
	else if (strcmp(how, "spin") == 0)
		for (;;)
			__asm__ volatile("");
	else if (strcmp(how, "eat") == 0)
		for (;;)
			eat(1 << 20);
	else if (strcmp(how, "grow") == 0)
		eat(280u << 20);
	else if (escape(how))
		_exit(0);
}

/* Does the request want a picture of a recipe, and no facts? */
static bool
is_for_picture(const struct buf *request)
{
	const uint8_t *jpeg;
	const char *text;
	struct ask ask;

	return wire_read_ask(request, &ask, &text, &jpeg) == 0 &&
	    ask.kind == ASK_VISIT && ask.facts == 0;
}

/* A file that ends in a mark is a decoder that does as the mark says. */
static void
wrap(void *state, const struct buf *request, int fd, struct buf *answer)
{
	char tail[TAIL + 1] = "";
	off_t size = lseek(fd, 0, SEEK_END);

	if (size > TAIL && pread(fd, tail, TAIL, size - TAIL) == TAIL &&
	    strncmp(tail, MARK, strlen(MARK)) == 0)
		misbehave(strcmp(tail, MARK "crash for a picture") != 0
			? tail + strlen(MARK)
			: is_for_picture(request) ? "crash"
						  : "nothing");
	worker_handle(state, request, fd, answer);
}

static int
work(void)
{
	struct worker_state state = WORKER_STATE_INIT;
	int status;

	if (worker_start(&state, false) < 0)
		return EXIT_FAILURE;
	status = proc_serve(wrap, &state);
	buf_release(&state.input);
	return status;
}

/* ---- the parent ------------------------------------------------------- */

static void
need_sandbox(void)
{
	struct proc_conf conf = {
		.kind = "image",
		.deadline_ms = 20000,
		.memory_bytes = 1 << 30,
	};
	const uint32_t needed =
	    SANDBOX_BIT(SANDBOX_CALLS) | SANDBOX_BIT(SANDBOX_MEMORY);
	struct sandbox_state state;
	struct err err;

	if (proc_probe(&conf, &state, &err) < 0)
		fail_msg("%s", err.msg);
	if ((state.in_force & needed) == needed)
		return;
	print_message("# no sandbox: %s\n",
	    state.instrumented ? "built with sanitizers"
			       : "the kernel lacks some of it");
	skip();
}

/* Of another size than all others, and with a mark behind its end. */
static struct buf
marked(const char *how, int i)
{
	struct buf file = saved(scene(200 + i, 150), ".png");
	char tail[TAIL + 1] = "";

	snprintf(tail, sizeof(tail), "%s%s", MARK, how);
	assert_int_equal(buf_add(&file, tail, TAIL), 0);
	return file;
}

struct refusals {
	int n;
	struct {
		char subject[SHA256_HEX], reason[40];
	} list[32];
};

static int
add_refusal(void *ctx, const char *stage, const char *reason,
    const char *subject, const char *detail)
{
	struct refusals *r = ctx;

	(void)stage;
	(void)detail;
	assert_true(r->n < 32);
	snprintf(
	    r->list[r->n].subject, sizeof(r->list[0].subject), "%s", subject);
	snprintf(
	    r->list[r->n++].reason, sizeof(r->list[0].reason), "%s", reason);
	return 0;
}

/* "prepared", or why not. */
static const char *
verdict(struct place *p, const struct refusals *r, const unsigned char *sha256)
{
	struct buf jpeg CLEANUP(buf_release) = BUF_INIT(1u << 20);
	char hex[SHA256_HEX];
	int i;

	text_to_hex(hex, sha256, SHA256_SIZE);
	for (i = 0; i < r->n; i++)
		if (strcmp(r->list[i].subject, hex) == 0)
			return r->list[i].reason;
	return prepared_get(p->s, sha256, p->recipe.hash, &jpeg, &p->e) == 1
	    ? "prepared"
	    : "nothing";
}

static void
a_run_goes_on_whatever_a_decoder_does(void **state)
{
	static const struct {
		const char *how, *verdict;
	} files[] = {
		{ "nothing", "prepared" },
		{ "crash", "decoder_crashed" },
		{ "hang", "decoder_timed_out" },
		{ "nothing", "prepared" },
		{ "spin", "decoder_timed_out" },
		{ "eat", "decoder_crashed" },
		{ "grow", "prepared" },
		{ "nothing", "prepared" },
		{ "open", "prepared" },
		{ "write", "prepared" },
		{ "remove", "decoder_crashed" },
		{ "socket", "decoder_crashed" },
		{ "nothing", "prepared" },
		{ "fork", "decoder_crashed" },
		{ "exec", "decoder_crashed" },
		{ "trace", "decoder_crashed" },
		{ "kill", "decoder_crashed" },
		{ "nothing", "prepared" },
	};
	struct place *p = *state;
	unsigned char names[ARRAY_SIZE(files)][SHA256_SIZE];
	struct refusals refusals = { 0 };
	struct prep_stats stats;
	int i, good = 0;

	need_sandbox();
	p->opts->deadline = 5; /* of which eating takes a part */
	p->opts->memory = 600 << 20;
	for (i = 0; i < (int)ARRAY_SIZE(files); i++) {
		hold(p, marked(files[i].how, i), names[i]);
		good += strcmp(files[i].verdict, "prepared") == 0;
	}
	stats = run(p);
	assert_int_equal(
	    run_failures(p->s, 1, add_refusal, &refusals, &p->e), 0);
	for (i = 0; i < (int)ARRAY_SIZE(files); i++)
		if (strcmp(verdict(p, &refusals, names[i]), files[i].verdict) !=
		    0)
			fail_msg("%s: %s, not %s", files[i].how,
			    verdict(p, &refusals, names[i]), files[i].verdict);
	assert_int_equal(stats.prepared, good);
	assert_int_equal(stats.refused, (int)ARRAY_SIZE(files) - good);
	assert_int_equal(access("/tmp/griddle-test-escape", F_OK), -1);
}

static void
a_recipe_that_breaks_its_child_costs_only_its_picture(void **state)
{
	struct place *p = *state;
	unsigned char name[SHA256_SIZE];
	struct buf jpeg CLEANUP(buf_release) = BUF_INIT(1u << 20);
	struct prep_stats stats;
	unsigned char first[SHA256_SIZE];

	hold(p, marked("crash for a picture", 0), name);
	assert_int_equal(run(p).prepared, 1);
	memcpy(first, p->recipe.hash, SHA256_SIZE);
	assert_int_equal(recipe_parse("resize 20", &p->recipe, &p->e), 0);
	stats = run(p);
	assert_int_equal(stats.refused, 1);
	assert_int_equal(stats.prepared, 0);
	assert_int_equal(
	    prepared_get(p->s, name, p->recipe.hash, &jpeg, &p->e), 0);
	assert_int_equal(prepared_get(p->s, name, first, &jpeg, &p->e), 1);
	memcpy(p->recipe.hash, first, SHA256_SIZE);
	assert_int_equal(run(p).refused, 0); /* it is not among the refused */
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_run_goes_on_whatever_a_decoder_does, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_recipe_that_breaks_its_child_costs_only_its_picture,
		    setup, teardown),
	};

	if (is_worker(argc, argv))
		return work();
	start_vips(argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
