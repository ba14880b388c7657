/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child's side of proc: one request after the other, nothing else.
 */
#include "base/proc.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/proc_int.h"

#define MICROSECONDS 1000000

/* What this child is bound by, and where it began. */
struct bounds {
	struct proc_hello hello;
	long first_kib; /* its peak in memory before the first job */
};

/* All of len bytes: 1; 0 when the parent has closed first; -1 on errors. */
static int
receive_all(void *data, size_t len)
{
	unsigned char *p = data;
	ssize_t got;

	while (len > 0) {
		got = recv(STDIN_FILENO, p, len, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -1 : 0;
		p += got;
		len -= (size_t)got;
	}
	return 1;
}

static int
send_all(const void *data, size_t len)
{
	const unsigned char *p = data;
	ssize_t put;

	while (len > 0) {
		put = send(STDIN_FILENO, p, len, MSG_NOSIGNAL);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		p += put;
		len -= (size_t)put;
	}
	return 0;
}

/* The peak may be that of the program before exec(); this errs upward. */
static int
settle_in(struct bounds *ret)
{
	struct proc_hello *const hello = &ret->hello;
	struct sandbox_state state;
	struct rusage usage;
	struct err err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (receive_all(hello, sizeof(*hello)) != 1)
		return -1;
	if (sandbox_enter(
		&(struct sandbox_conf){
		    .memory_bytes = hello->memory_bytes,
		    .cpu_seconds = hello->cpu_seconds,
		    .unconfined = hello->unconfined != 0,
		},
		&state, &err) < 0) {
		log_error("%s", err.msg);
		return -1;
	}
	getrusage(RUSAGE_SELF, &usage);
	ret->first_kib = usage.ru_maxrss;
	return send_all(&state, sizeof(state));
}

/* Past half of its life, or grown: to be replaced before it hurts a job. */
static bool
is_spent(const struct bounds *b)
{
	struct rusage u;
	int64_t used;

	getrusage(RUSAGE_SELF, &u);
	used = (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * MICROSECONDS +
	    u.ru_utime.tv_usec + u.ru_stime.tv_usec;
	return used > b->hello.cpu_seconds * (MICROSECONDS / 2) ||
	    u.ru_maxrss - b->first_kib > b->hello.grow_bytes / 1024;
}

/* The first byte of a frame, and the descriptor that may ride on it. */
static int
receive_first(unsigned char *byte, int *ret_fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	ssize_t got;

	*ret_fd = -1;
	do
		got = recvmsg(STDIN_FILENO, &msg, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return got < 0 ? -1 : 0;
	c = CMSG_FIRSTHDR(&msg);
	if (c != NULL && c->cmsg_level == SOL_SOCKET &&
	    c->cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(c), sizeof(*ret_fd));
	/* A descriptor that did not fit must not look like none at all. */
	return (msg.msg_flags & MSG_CTRUNC) != 0 ? -1 : 1;
}

static int
receive_request(struct buf *request, int *ret_fd)
{
	unsigned char head[sizeof(uint32_t)], *room;
	uint32_t len;
	int got;

	got = receive_first(head, ret_fd);
	if (got == 1)
		got = receive_all(head + 1, sizeof(head) - 1);
	if (got != 1)
		return got;
	memcpy(&len, head, sizeof(len));
	room = buf_room(request, len);
	if (room == NULL)
		return -1;
	got = receive_all(room, len);
	request->len = len;
	room[len] = 0;
	return got;
}

static int
send_answer(const struct bounds *bounds, const struct buf *answer)
{
	const struct answer_head head = {
		.length = (uint32_t)answer->len,
		.spent = is_spent(bounds),
	};

	if (send_all(&head, sizeof(head)) < 0)
		return -1;
	return send_all(answer->data, answer->len);
}

int
proc_serve(proc_handle_fn *handle, void *ctx)
{
	struct buf request CLEANUP(buf_release) = BUF_INIT(PROC_REQUEST_MAX);
	struct buf answer CLEANUP(buf_release) = BUF_INIT(PROC_ANSWER_MAX);
	struct bounds bounds;
	int fd, got;

	if (settle_in(&bounds) < 0)
		return EXIT_FAILURE;
	while ((got = receive_request(&request, &fd)) == 1) {
		handle(ctx, &request, fd, &answer);
		closep(&fd);
		if (send_answer(&bounds, &answer) < 0)
			return EXIT_FAILURE;
		buf_clear(&request);
		buf_clear(&answer);
	}
	closep(&fd);
	return got == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
