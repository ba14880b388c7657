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

#include "base/proc_int.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#	define SHADOW_MEMORY 1
#elif defined(__has_feature)
#	if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#		define SHADOW_MEMORY 1
#	endif
#endif
#ifndef SHADOW_MEMORY
#	define SHADOW_MEMORY 0
#endif

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

/*
 * A sanitizer's shadow takes terabytes of address space, so the limit cannot
 * be kept there.
 */
static int
limit_memory(int64_t bytes)
{
	struct rlimit limit = { .rlim_cur = (rlim_t)bytes,
		.rlim_max = (rlim_t)bytes };

	if (bytes == 0 || SHADOW_MEMORY)
		return 0;
	return setrlimit(RLIMIT_AS, &limit);
}

static int
settle_in(void)
{
	struct rlimit no_core = { 0 };
	struct proc_hello hello;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &no_core);
	if (receive_all(&hello, sizeof(hello)) != 1 ||
	    limit_memory(hello.memory_bytes) < 0)
		return -1;
	return send_all("", 1);
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
send_answer(const struct buf *answer)
{
	uint32_t len = (uint32_t)answer->len;

	if (send_all(&len, sizeof(len)) < 0)
		return -1;
	return send_all(answer->data, answer->len);
}

int
proc_serve(proc_handle_fn *handle, void *ctx)
{
	struct buf request CLEANUP(buf_release) = BUF_INIT(PROC_REQUEST_MAX);
	struct buf answer CLEANUP(buf_release) = BUF_INIT(PROC_ANSWER_MAX);
	int fd, got;

	if (settle_in() < 0)
		return EXIT_FAILURE;
	while ((got = receive_request(&request, &fd)) == 1) {
		handle(ctx, &request, fd, &answer);
		closep(&fd);
		if (send_answer(&answer) < 0)
			return EXIT_FAILURE;
		buf_clear(&request);
		buf_clear(&answer);
	}
	closep(&fd);
	return got == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
