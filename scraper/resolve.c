/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/resolve.h"

#include <ares.h>
#include <errno.h>
#include <netdb.h>
#include <search.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/time.h>

#include "base/clock.h"

#define NAMES_MAX 65536 /* that are remembered */
#define AT_ONCE 64
#define PATIENCE_MS 2000
#define TRIES 3
#define KEEP_MIN_MS (60 * 1000)
#define KEEP_MAX_MS (3600 * 1000)
#define FAILED_MS (5 * 1000) /* until servers that failed are asked */
#define STALE_MS ((int64_t)86400 * 1000) /* that old an answer may get */
#define EVENTS_MAX 16

struct waiter {
	struct waiter *next;
	resolve_done_fn *done;
	void *data;
};

struct name {
	struct name *next; /* in a list: to be asked, or to be told */
	struct name *newer, *older;
	struct resolver *resolver;
	char *name;
	struct address *v;
	size_t n;
	bool known;  /* it has been answered */
	bool failed; /* lately */
	bool asking, finished;
	int64_t until_ms;
	int64_t best_before_ms; /* of v, when it is served stale */
	struct waiter *first, **last;
};

struct names {
	struct name *first, **last;
};

struct resolver {
	ares_channel channel;
	bool works, ending;
	int epoll;
	int at_once, in_flight;
	int64_t keep_min_ms;
	void *tree;
	size_t n_names;
	struct name *oldest, *newest;
	struct names queue, told;
	struct resolver_stats stats;
};

/* ---- names ---------------------------------------------------------- */

static void
names_add(struct names *l, struct name *n)
{
	n->next = NULL;
	*l->last = n;
	l->last = &n->next;
}

static struct name *
names_take(struct names *l)
{
	struct name *n = l->first;

	if (n == NULL)
		return NULL;
	l->first = n->next;
	if (l->first == NULL)
		l->last = &l->first;
	return n;
}

/* Upper and lower case are one (RFC 4343). */
static int
compare(const void *a, const void *b)
{
	return strcasecmp(
	    ((const struct name *)a)->name, ((const struct name *)b)->name);
}

static void
name_free(void *p)
{
	struct name *n = p;
	struct waiter *w;

	while ((w = n->first) != NULL) {
		n->first = w->next;
		free(w);
	}
	free(n->v);
	free(n->name);
	free(n);
}

/* Forget the name that has been known longest, unless somebody waits. */
static void
forget_oldest(struct resolver *r)
{
	struct name *n = r->oldest;

	while (n != NULL && (n->asking || n->finished))
		n = n->newer;
	if (n == NULL)
		return;
	*(n->newer == NULL ? &r->newest : &n->newer->older) = n->older;
	*(n->older == NULL ? &r->oldest : &n->older->newer) = n->newer;
	tdelete(n, &r->tree, compare);
	r->n_names--;
	name_free(n);
}

static struct name *
name_of(struct resolver *r, const char *text)
{
	struct name key = { .name = xstrdup(text) }, *n;
	struct name **node = tfind(&key, &r->tree, compare);

	if (node != NULL) {
		free(key.name);
		return *node;
	}
	if (r->n_names >= NAMES_MAX)
		forget_oldest(r);
	n = xcalloc(1, sizeof(*n));
	n->resolver = r;
	n->name = key.name;
	n->last = &n->first;
	n->older = r->newest;
	*(r->newest == NULL ? &r->oldest : &r->newest->newer) = n;
	r->newest = n;
	tsearch(n, &r->tree, compare);
	r->n_names++;
	return n;
}

/* ---- answers -------------------------------------------------------- */

static void
tell(struct name *n)
{
	int64_t now_ms = clock_ms();
	struct resolved answer = {
		.v = n->v, .n = n->n, .until_ms = n->until_ms
	};
	struct waiter *w;

	answer.stale = n->failed && n->n > 0;
	if (n->failed && n->best_before_ms <= now_ms)
		answer.n = 0;
	answer.failed = n->failed && answer.n == 0;
	n->finished = true; /* who asks meanwhile is told here too */
	while ((w = n->first) != NULL) {
		n->first = w->next;
		if (n->first == NULL)
			n->last = &n->first;
		w->done(w->data, &answer);
		free(w);
	}
	n->finished = false;
}

static int64_t
kept_ms(const struct resolver *r, int ttl)
{
	int64_t ms = (int64_t)ttl * 1000;

	if (ms < r->keep_min_ms)
		return r->keep_min_ms;
	return ms > KEEP_MAX_MS ? KEEP_MAX_MS : ms;
}

static void
take_addresses(struct name *n, const struct ares_addrinfo *found)
{
	const struct ares_addrinfo_node *node;
	int ttl = INT32_MAX;

	free(n->v);
	n->v = xreallocarray(NULL, RESOLVED_MAX, sizeof(*n->v));
	n->n = 0;
	for (node = found->nodes; node != NULL; node = node->ai_next) {
		if (n->n == RESOLVED_MAX)
			break;
		if (!address_of(node->ai_addr, &n->v[n->n]))
			continue;
		n->n++;
		if (node->ai_ttl < ttl)
			ttl = node->ai_ttl;
	}
	n->v = xreallocarray(n->v, n->n + 1, sizeof(*n->v));
	n->until_ms = clock_ms() + kept_ms(n->resolver, ttl);
	n->best_before_ms = n->until_ms + STALE_MS;
}

static void
note_none(struct name *n)
{
	n->n = 0;
	n->until_ms = clock_ms() + n->resolver->keep_min_ms;
}

static void
note_failed(struct name *n)
{
	n->failed = true;
	n->until_ms = clock_ms() + FAILED_MS;
}

static bool
means_none(int status)
{
	return status == ARES_ENOTFOUND || status == ARES_ENODATA ||
	    status == ARES_EBADNAME || status == ARES_SUCCESS;
}

static void
on_answer(void *ctx, int status, int timeouts, struct ares_addrinfo *found)
{
	struct name *n = ctx;
	struct resolver *r = n->resolver;

	(void)timeouts;
	if (r->ending) {
		ares_freeaddrinfo(found);
		return;
	}
	r->in_flight--;
	r->stats.asked++;
	n->asking = false;
	n->failed = false;
	n->known = n->finished = true;
	if (status == ARES_SUCCESS && found != NULL && found->nodes != NULL) {
		take_addresses(n, found);
	} else if (means_none(status)) {
		r->stats.none++;
		note_none(n);
	} else {
		r->stats.failed++;
		note_failed(n);
	}
	ares_freeaddrinfo(found);
	names_add(&r->told, n);
}

/* ---- asking --------------------------------------------------------- */

static bool
ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	len -= len > 0 && name[len - 1] == '.';
	return len >= end_len &&
	    strncasecmp(name + len - end_len, end, end_len) == 0 &&
	    (len == end_len || name[len - end_len - 1] == '.');
}

/* What needs no server: addresses, and names with a meaning of their own. */
static bool
is_special(struct name *n)
{
	struct address found[2];
	bool is_local = ends_with(n->name, "localhost");
	size_t count = 0;

	if (is_local) {
		address_parse("127.0.0.1", &found[count++]);
		address_parse("::1", &found[count++]);
	} else if (address_parse(n->name, &found[0])) {
		count = 1;
	} else if (!ends_with(n->name, "invalid")) {
		return false;
	}
	free(n->v);
	n->v = xreallocarray(NULL, 2, sizeof(*n->v));
	memcpy(n->v, found, count * sizeof(*found));
	n->n = count;
	n->known = true;
	n->until_ms = clock_ms() + KEEP_MAX_MS;
	return true;
}

/* As many lookups as may run at once. */
static void
start(struct resolver *r)
{
	static const struct ares_addrinfo_hints hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM
	};
	struct name *n;

	while (
	    r->in_flight < r->at_once && (n = names_take(&r->queue)) != NULL) {
		r->in_flight++;
		if (r->works)
			ares_getaddrinfo(
			    r->channel, n->name, NULL, &hints, on_answer, n);
		else
			on_answer(n, ARES_ENOTINITIALIZED, 0, NULL);
	}
}

static void
tell_all(struct resolver *r)
{
	struct name *n;

	while ((n = names_take(&r->told)) != NULL)
		tell(n);
}

void
resolver_ask(
    struct resolver *r, const char *text, resolve_done_fn *done, void *data)
{
	struct name *n = name_of(r, text);
	struct waiter *w = xcalloc(1, sizeof(*w));

	w->done = done;
	w->data = data;
	*n->last = w;
	n->last = &w->next;
	if (n->asking || n->finished)
		return;
	if ((n->known && n->until_ms > clock_ms()) || is_special(n)) {
		tell(n);
		return;
	}
	n->asking = true;
	names_add(&r->queue, n);
	start(r);
	tell_all(r);
}

/* ---- the loop ------------------------------------------------------- */

static void
on_socket(void *ctx, ares_socket_t fd, int readable, int writable)
{
	struct resolver *r = ctx;
	struct epoll_event event = { .data.fd = fd };

	if (readable)
		event.events |= EPOLLIN;
	if (writable)
		event.events |= EPOLLOUT;
	if (event.events == 0)
		epoll_ctl(r->epoll, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(r->epoll, EPOLL_CTL_MOD, fd, &event) < 0 &&
	    errno == ENOENT)
		epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &event);
}

int
resolver_fd(const struct resolver *r)
{
	return r->epoll;
}

int
resolver_timeout_ms(struct resolver *r)
{
	struct timeval tv;

	if (r->told.first != NULL)
		return 0;
	if (!r->works || ares_timeout(r->channel, NULL, &tv) == NULL)
		return -1;
	return (int)(tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1);
}

void
resolver_step(struct resolver *r)
{
	struct epoll_event events[EVENTS_MAX];
	int n = 0, i;

	if (r->works)
		n = epoll_wait(r->epoll, events, EVENTS_MAX, 0);
	for (i = 0; i < n; i++)
		ares_process_fd(r->channel,
		    events[i].events & ~(unsigned)EPOLLOUT ? events[i].data.fd
							   : ARES_SOCKET_BAD,
		    events[i].events & EPOLLOUT ? events[i].data.fd
						: ARES_SOCKET_BAD);
	if (r->works)
		ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	start(r);
	tell_all(r);
}

struct resolver_stats
resolver_stats(const struct resolver *r)
{
	return r->stats;
}

/* ---- making --------------------------------------------------------- */

/* Without a channel every lookup fails, and says so. */
static bool
open_channel(struct resolver *r, const struct resolver_conf *conf)
{
	char lookups[] = "fb"; /* /etc/hosts first */
	struct ares_options o = { .lookups = lookups,
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
		.timeout =
		    conf->patience_ms > 0 ? conf->patience_ms : PATIENCE_MS,
		.tries = conf->tries > 0 ? conf->tries : TRIES,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = r };

	if (ares_init_options(&r->channel, &o,
		ARES_OPT_LOOKUPS | ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS |
		    ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS)
		return false;
	if (conf->servers == NULL ||
	    ares_set_servers_ports_csv(r->channel, conf->servers) ==
		ARES_SUCCESS)
		return true;
	ares_destroy(r->channel);
	return false;
}

int
resolver_new(
    const struct resolver_conf *conf, struct resolver **ret, struct err *e)
{
	struct resolver *r;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0)
		return err_sys(e, ERR_FATAL, "epoll_create1");
	r = xcalloc(1, sizeof(*r));
	r->epoll = epoll;
	r->queue.last = &r->queue.first;
	r->told.last = &r->told.first;
	r->at_once = conf->at_once > 0 ? conf->at_once : AT_ONCE;
	r->keep_min_ms =
	    conf->keep_min_ms > 0 ? conf->keep_min_ms : KEEP_MIN_MS;
	ares_library_init(ARES_LIB_INIT_ALL);
	r->works = open_channel(r, conf);
	*ret = r;
	return 0;
}

void
resolver_free(struct resolver *r)
{
	if (r == NULL)
		return;
	r->ending = true;
	if (r->works)
		ares_destroy(r->channel);
	ares_library_cleanup();
	tdestroy(r->tree, name_free);
	close(r->epoll);
	free(r);
}
