/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One child: its start, its end, and one job there and back.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/proc_int.h"

#define START_MS 30000 /* from the start until it can take work */
#define LATE_LOOK_MS 1000
#define READ_SIZE 65536u
#define GROW_BYTES (256 << 20)

/* Decoders' threads beyond these do not count in what a child may use. */
#define BUSY_THREADS_MAX 8

static int
spawn(const char *kind, int sock, pid_t *ret_pid)
{
	char *const argv[] = { (char *)"griddle", (char *)"worker",
		(char *)kind, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t held;
	int error;

	/*
	 * What the terminal sends to the whole group is not for children: the
	 * parent ends them, by closing the socket or by SIGKILL.  The mask
	 * outlives exec.
	 */
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &held);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, sock, STDIN_FILENO);
	posix_spawn_file_actions_addopen(
	    &files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (log_get_level() < LOG_LEVEL_DEBUG)
		posix_spawn_file_actions_addopen(
		    &files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	error = posix_spawn(
	    ret_pid, "/proc/self/exe", &files, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return error;
}

/*
 * What ends a child that spins, if its parent does not.  One job takes at
 * most its deadline twice (see is_late()) on every processor; a child that
 * has used half of its life is replaced after its job, so no honest job gets
 * near the end.
 */
static int64_t
life_in_cpu_seconds(const struct proc_conf *conf)
{
	const int processors = proc_processors();
	const int64_t seconds = (conf->deadline_ms + 999) / 1000;
	const int64_t job = 2 * seconds *
	    (processors < BUSY_THREADS_MAX ? processors : BUSY_THREADS_MAX);

	return conf->jobs_per_child == 1 ? job : 2 * job;
}

int
child_start(const struct proc_conf *conf, struct child *c, struct err *e)
{
	struct proc_hello hello = {
		.memory_bytes = conf->memory_bytes,
		.grow_bytes =
		    conf->grow_bytes != 0 ? conf->grow_bytes : GROW_BYTES,
		.cpu_seconds = life_in_cpu_seconds(conf),
		.unconfined = conf->unconfined,
	};
	int pair[2], error;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, ERR_FATAL, "worker %s", conf->kind);
	error = spawn(conf->kind, pair[1], &c->pid);
	close(pair[1]);
	if (error != 0) {
		errno = error;
		err_sys(e, ERR_FATAL, "cannot start worker %s", conf->kind);
		close(pair[0]);
		c->pid = 0;
		return -1;
	}
	c->sock = pair[0];
	c->jobs = 0;
	/* An empty socket has room for it; a death is seen when reading. */
	(void)send(c->sock, &hello, sizeof(hello), MSG_NOSIGNAL);
	return 0;
}

static void
explain_death(const struct proc_conf *conf, const struct child *c, int status)
{
	if (WIFSIGNALED(status))
		log_debug("worker %s %ld: ended by signal %d after %d jobs",
		    conf->kind, (long)c->pid, WTERMSIG(status), c->jobs);
	else if (WEXITSTATUS(status) != 0)
		log_debug("worker %s %ld: exit status %d after %d jobs",
		    conf->kind, (long)c->pid, WEXITSTATUS(status), c->jobs);
}

void
child_end(const struct proc_conf *conf, struct child *c, int grace_ms)
{
	struct pollfd gone = { .fd = -1, .events = POLLIN };
	int status = 0;

	closep(&c->sock);
	c->sock = -1;
	if (c->pid == 0)
		return;
	if (grace_ms > 0)
		gone.fd = pidfd_open(c->pid, 0);
	if (gone.fd >= 0)
		poll(&gone, 1, grace_ms);
	closep(&gone.fd);
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	explain_death(conf, c, status);
	c->pid = 0;
}

/* Between jobs a child is silent: anything else means that it is of no use. */
bool
child_is_waiting(const struct child *c)
{
	char byte;

	return c->pid != 0 &&
	    recv(c->sock, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
	    errno == EAGAIN;
}

static void
begin_frame(struct child *c, enum phase phase, size_t length)
{
	c->phase = phase;
	c->length = (uint32_t)length;
	c->moved = 0;
}

void
child_take(const struct proc_conf *conf, struct child *c, struct proc_job *job,
    bool fresh)
{
	c->job = *job;
	*job = PROC_JOB_INIT;
	buf_clear(&c->job.answer);
	c->excused = false;
	c->due_ms = clock_ms() + (fresh ? START_MS : conf->deadline_ms);
	begin_frame(c, fresh ? STARTING : SENDING, c->job.request.len);
}

enum news {
	NOTHING_YET,
	MOVED,
	GONE,
};

/* What a call on a socket that does not wait has come to. */
static enum news
news_of(ssize_t n)
{
	if (n > 0)
		return MOVED;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return NOTHING_YET;
	assert(n == 0 || errno != EBADF);
	return GONE;
}

/* The descriptor rides on the first byte, and is the child's from then on. */
static void
attach(struct msghdr *msg, void *space, size_t size, int fd)
{
	struct cmsghdr *header;

	msg->msg_control = space;
	msg->msg_controllen = size;
	header = CMSG_FIRSTHDR(msg);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
}

static enum news
send_some(struct child *c)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .space = { 0 } };
	size_t head =
	    c->moved < sizeof(c->length) ? sizeof(c->length) - c->moved : 0;
	size_t body = c->moved + head - sizeof(c->length);
	struct iovec iov[2] = {
		{ (char *)(&c->length + 1) - head, head },
		{ c->job.request.data == NULL ? NULL
					      : c->job.request.data + body,
		    c->length - body },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	enum news news;
	ssize_t put;

	if (c->job.fd >= 0)
		attach(&msg, &control, sizeof(control), c->job.fd);
	put = sendmsg(c->sock, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	news = news_of(put);
	if (news != MOVED)
		return news;
	closep(&c->job.fd);
	c->job.fd = -1;
	c->moved += (size_t)put;
	return MOVED;
}

/* All of a thing of this size, in as many pieces as it takes. */
static enum news
receive_thing(struct child *c, void *thing, size_t size)
{
	enum news news = MOVED;
	ssize_t got;

	while (news == MOVED && c->moved < size) {
		got = recv(c->sock, (char *)thing + c->moved, size - c->moved,
		    MSG_DONTWAIT);
		if (got > 0)
			c->moved += (size_t)got;
		news = news_of(got);
	}
	return news;
}

/* The announced length is within the cap by now, so there is room. */
static enum news
receive_body(struct child *c)
{
	struct buf *answer = &c->job.answer;
	size_t left = c->head.length - answer->len;
	unsigned char *room;
	ssize_t got;

	left = left < READ_SIZE ? left : READ_SIZE;
	room = buf_room(answer, left);
	got = recv(c->sock, room, left, MSG_DONTWAIT);
	if (got > 0) {
		answer->len += (size_t)got;
		room[got] = 0;
	}
	return news_of(got);
}

static enum news
send_request(struct child *c)
{
	enum news news = MOVED;

	while (news == MOVED && c->moved < sizeof(c->length) + c->length)
		news = send_some(c);
	if (news == MOVED)
		begin_frame(c, RECEIVING, 0);
	return news;
}

static enum news
receive_answer(struct child *c)
{
	enum news news = receive_thing(c, &c->head, sizeof(c->head));

	if (news == MOVED && c->head.length > c->job.answer.cap) {
		c->job.outcome = PROC_TOO_MUCH;
		return MOVED;
	}
	while (news == MOVED && c->job.answer.len < c->head.length)
		news = receive_body(c);
	if (news == MOVED)
		c->job.outcome = PROC_ANSWERED;
	return news;
}

static enum news
await_ready(const struct proc_conf *conf, struct child *c)
{
	enum news news = receive_thing(c, &c->sandbox, sizeof(c->sandbox));

	if (news != MOVED)
		return news;
	c->sandbox.in_force &= SANDBOX_ALL;
	c->sandbox.lacking &= SANDBOX_ALL & ~c->sandbox.in_force;
	c->sandbox.instrumented &= SANDBOX_ALL & ~c->sandbox.in_force;
	begin_frame(c, SENDING, c->length);
	c->due_ms = clock_ms() + conf->deadline_ms;
	return MOVED;
}

int
child_await(const struct proc_conf *conf, struct child *c)
{
	const int64_t due_ms = clock_ms() + START_MS;
	struct pollfd fds = { .fd = c->sock, .events = POLLIN };
	enum news news;

	begin_frame(c, STARTING, 0);
	while (
	    (news = await_ready(conf, c)) == NOTHING_YET && clock_ms() < due_ms)
		poll(&fds, 1, LATE_LOOK_MS);
	c->job.outcome = news == GONE ? PROC_CRASHED : PROC_TIMED_OUT;
	return news == MOVED ? 0 : -1;
}

/*
 * Past its deadline?  If nobody looked for long (the machine slept, the
 * caller was busy), the child may not have run either: once, it gets more.
 */
static bool
is_late(const struct proc_conf *conf, struct child *c)
{
	int64_t now = clock_ms();

	if (now < c->due_ms)
		return false;
	if (now - c->due_ms < LATE_LOOK_MS || c->excused)
		return true;
	c->excused = true;
	c->due_ms = now + conf->deadline_ms;
	return false;
}

bool
child_advance(const struct proc_conf *conf, struct child *c)
{
	enum news news = MOVED;

	if (c->phase == STARTING)
		news = await_ready(conf, c);
	if (news == MOVED && c->phase == SENDING)
		news = send_request(c);
	if (news == MOVED)
		news = receive_answer(c);
	if (news == GONE)
		c->job.outcome = PROC_CRASHED;
	if (news != NOTHING_YET)
		return true;
	c->job.outcome = PROC_TIMED_OUT;
	return is_late(conf, c);
}
