/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "scraper/fetch_int.h"

#define EVENTS_MAX 256
#define OTHERS_MAX 1024

/* ---- libcurl's descriptors ---------------------------------------------- */

static struct watch *
watch_of(struct fetch *f, int fd)
{
	size_t size = f->n_watches;

	if ((size_t)fd >= size) {
		while ((size_t)fd >= size)
			size = size == 0 ? 256 : 2 * size;
		f->watches =
		    xreallocarray(f->watches, size, sizeof(*f->watches));
		memset(f->watches + f->n_watches, 0,
		    (size - f->n_watches) * sizeof(*f->watches));
		f->n_watches = size;
	}
	return &f->watches[fd];
}

/* A descriptor is new, or is no more: the kernel watches no closed ones. */
void
loop_forget(struct fetch *f, int fd)
{
	*watch_of(f, fd) = (struct watch){ 0 };
}

static int
tell_kernel(struct fetch *f, int fd, struct watch *w)
{
	struct epoll_event event = { .data.fd = fd };
	int op = w->known != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (w->wanted & CURL_POLL_IN)
		event.events |= EPOLLIN;
	if (w->wanted & CURL_POLL_OUT)
		event.events |= EPOLLOUT;
	w->known = w->wanted;
	if (epoll_ctl(f->epoll, op, fd, &event) == 0)
		return 0;
	op = errno == EEXIST ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	return epoll_ctl(f->epoll, op, fd, &event);
}

/*
 * A connection that is only resting stays with the kernel as it is: most
 * are used again at once, and that saves two calls for each request.  Should
 * something happen to it meanwhile, on_event() takes it out.
 */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *own)
{
	struct fetch *f = ctx;
	struct watch *w = watch_of(f, fd);

	(void)easy;
	(void)own;
	w->wanted = what == CURL_POLL_REMOVE ? 0 : (unsigned char)what;
	if (w->wanted != 0 && w->wanted != w->known)
		return tell_kernel(f, fd, w);
	return 0;
}

static int
on_timer(CURLM *multi, long ms, void *ctx)
{
	struct fetch *f = ctx;

	(void)multi;
	f->timer_ms = ms < 0 ? -1 : clock_ms() + ms;
	return 0;
}

/* ---- the turn ----------------------------------------------------------- */

static int
act(struct fetch *f, curl_socket_t fd, int mask, struct err *e)
{
	int running;

	if (curl_multi_socket_action(f->multi, fd, mask, &running) != CURLM_OK)
		return err_set(e, ERR_FATAL, "libcurl cannot go on");
	return 0;
}

int
loop_run_timer(struct fetch *f, struct err *e)
{
	f->now_ms = clock_ms();
	if (f->timer_ms < 0 || f->timer_ms > f->now_ms)
		return 0;
	f->timer_ms = -1;
	return act(f, CURL_SOCKET_TIMEOUT, 0, e);
}

static int
on_event(struct fetch *f, const struct epoll_event *event, struct err *e)
{
	int fd = event->data.fd, mask = 0;
	struct watch *w;

	if (fd == resolver_fd(f->resolver))
		return 0; /* is asked in any case */
	w = watch_of(f, fd);
	if (w->wanted == 0) {
		epoll_ctl(f->epoll, EPOLL_CTL_DEL, fd, NULL);
		w->known = 0;
		return 0;
	}
	if (event->events & EPOLLIN)
		mask |= CURL_CSELECT_IN;
	if (event->events & EPOLLOUT)
		mask |= CURL_CSELECT_OUT;
	if (event->events & (EPOLLERR | EPOLLHUP))
		mask |= CURL_CSELECT_ERR;
	return act(f, fd, mask, e);
}

/*
 * Wait for ours and the others'.  The others come and go behind our back,
 * and their numbers are used again, so they are not put into the epoll but
 * polled beside it.
 */
static int
wait_beside(
    struct fetch *f, struct pollfd *others, int n, int ms, struct err *e)
{
	struct pollfd fds[OTHERS_MAX + 1];
	int i;

	if (n > OTHERS_MAX)
		n = OTHERS_MAX;
	fds[0] = (struct pollfd){ .fd = f->epoll, .events = POLLIN };
	memcpy(fds + 1, others, (size_t)n * sizeof(*others));
	if (poll(fds, (nfds_t)n + 1, ms) < 0 && errno != EINTR)
		return err_sys(e, ERR_FATAL, "poll");
	for (i = 0; i < n; i++)
		others[i].revents = fds[i + 1].revents;
	return 0;
}

int
loop_wait(struct fetch *f, struct pollfd *others, int n, int ms, struct err *e)
{
	struct epoll_event events[EVENTS_MAX];
	int due_ms = resolver_timeout_ms(f->resolver), got, i;

	if (due_ms >= 0 && (ms < 0 || due_ms < ms))
		ms = due_ms;
	if (f->timer_ms >= 0 && (ms < 0 || f->timer_ms - f->now_ms < ms))
		ms = f->timer_ms > f->now_ms ? (int)(f->timer_ms - f->now_ms)
					     : 0;
	if (n > 0 && wait_beside(f, others, n, ms, e) < 0)
		return -1;
	got = epoll_wait(f->epoll, events, EVENTS_MAX, n > 0 ? 0 : ms);
	if (got < 0 && errno != EINTR)
		return err_sys(e, ERR_FATAL, "epoll_wait");
	f->now_ms = clock_ms();
	for (i = 0; i < got; i++)
		if (on_event(f, &events[i], e) < 0)
			return -1;
	resolver_step(f->resolver);
	return loop_run_timer(f, e);
}

int
loop_init(struct fetch *f, struct err *e)
{
	struct epoll_event event = { .events = EPOLLIN };

	f->timer_ms = -1;
	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (f->epoll < 0)
		return err_sys(e, ERR_FATAL, "epoll_create1");
	event.data.fd = resolver_fd(f->resolver);
	if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, event.data.fd, &event) < 0)
		return err_sys(e, ERR_FATAL, "epoll_ctl");
	curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
	curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
	return 0;
}

void
loop_release(struct fetch *f)
{
	if (f->epoll >= 0)
		close(f->epoll);
	free(f->watches);
}
