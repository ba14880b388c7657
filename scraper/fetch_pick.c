/* SPDX-License-Identifier: Apache-2.0 */
#include <search.h>
#include <string.h>

#include "scraper/fetch_int.h"
#include "scraper/url.h"

#define ADDRESS_AT_ONCE 8 /* transfers to one address, by whatever names */

/* ---- places ------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	return memcmp(&((const struct place *)a)->address,
	    &((const struct place *)b)->address, sizeof(struct address));
}

static struct place *
place_of(struct fetch *f, const struct address *address)
{
	struct place key = { .address = *address }, *p;
	struct place **node = tfind(&key, &f->places, compare);

	if (node != NULL)
		return *node;
	p = xcalloc(1, sizeof(*p));
	p->address = *address;
	tsearch(p, &f->places, compare);
	return p;
}

static bool
is_full(const struct fetch *f, const struct place *p)
{
	int64_t most = f->opts->per_host;

	return p->in_flight >=
	    (most > ADDRESS_AT_ONCE ? most : ADDRESS_AT_ONCE);
}

static void
park(struct place *p, struct host *h)
{
	h->parked = true;
	h->next = NULL;
	*(p->first == NULL ? &p->first : &p->last->next) = h;
	p->last = h;
}

void
place_wake(struct fetch *f, struct place *p)
{
	struct host *h;

	while (!is_full(f, p) && (h = p->first) != NULL) {
		p->first = h->next;
		h->parked = false;
		host_update(h);
		/* It starts something, or wakes the next. */
		if (h->due.place != 0 && h->due.due_ms <= f->now_ms)
			return;
	}
	if (p->first == NULL && p->in_flight == 0) {
		tdelete(p, &f->places, compare);
		free(p);
	}
}

void
host_leave(struct host *h, struct place *p)
{
	h->in_flight--;
	p->in_flight--;
	host_update(h);
	place_wake(h->fetch, p);
}

/* ---- names -------------------------------------------------------------- */

enum outcome
fetch_judge(const struct fetch *f, const struct address *a)
{
	size_t i;

	for (i = 0; i < f->n_allow; i++)
		if (cidr_has_address(&f->allow[i], a))
			return FETCH_OK;
	if (!address_is_global(a))
		return FETCH_PRIVATE_ADDRESS;
	return f->has_contact ? FETCH_OK : FETCH_NO_CONTACT;
}

/* The name in the origin, without brackets; *ret_port starts with ':'. */
static char *
name_of(const struct host *h, const char **ret_port)
{
	const char *name = strstr(h->origin, "://") + 3;
	const char *end = name + strcspn(name, ":");

	if (*name == '[') {
		end = name + strcspn(name, "]");
		*ret_port = *end == 0 ? end : end + 1;
		name++;
	} else {
		*ret_port = end;
	}
	if (**ret_port == 0)
		*ret_port =
		    strncmp(h->origin, "https:", 6) == 0 ? ":443" : ":80";
	return xstrndup(name, (size_t)(end - name));
}

/* "example.org:443:192.0.2.1,[2001:db8::1]", and "-example.org:443". */
static void
keep_addresses(struct host *h, const struct address *v, size_t n)
{
	struct buf line = BUF_INIT(4096);
	char text[ADDRESS_TEXT];
	struct address self;
	const char *port;
	char *name CLEANUP(freep) = name_of(h, &port);
	size_t i;

	free(TAKE(h->resolve));
	free(h->unresolve);
	h->unresolve = xasprintf("-%s%s", name, port);
	h->address = v[0];
	for (i = 1; i < n; i++)
		if (memcmp(&v[i], &h->address, sizeof(*v)) < 0)
			h->address = v[i];
	if (address_parse(name, &self))
		return;
	for (i = 0; i < n; i++) {
		if (i == 0)
			buf_addf(&line, "%s%s:", name, port);
		buf_addf(
		    &line, "%s%s", i > 0 ? "," : "", address_show(&v[i], text));
	}
	h->resolve = (char *)line.data;
}

/* Nobody could say: wait, as often as anything is tried again. */
static void
on_unresolved(struct host *h, const struct resolved *answer)
{
	struct fetch *f = h->fetch;
	uint32_t most_ms = 1000u << (h->lookups < 6 ? h->lookups : 6);

	if (answer->failed && h->lookups < f->opts->retries) {
		h->lookups++;
		h->pause_ms = answer->until_ms + arc4random_uniform(most_ms);
		return;
	}
	h->lookups = 0;
	host_flush(h, FETCH_DNS_FAILED, 0);
}

static void
on_resolved(void *data, const struct resolved *answer)
{
	struct host *h = data;
	enum outcome verdict = FETCH_OK, one;
	struct address v[RESOLVED_MAX];
	size_t n = 0, i;

	h->resolving = false;
	for (i = 0; i < answer->n; i++) {
		one = fetch_judge(h->fetch, &answer->v[i]);
		if (one == FETCH_OK)
			v[n++] = answer->v[i];
		else if (verdict != FETCH_NO_CONTACT)
			verdict = one;
	}
	if (n > 0) {
		h->lookups = 0;
		h->resolved_until_ms = answer->until_ms;
		keep_addresses(h, v, n);
	} else if (answer->n > 0) {
		host_flush(h, verdict, 0);
	} else {
		on_unresolved(h, answer);
	}
	host_update(h);
}

static void
resolve(struct host *h)
{
	const char *port;
	char *name CLEANUP(freep) = name_of(h, &port);

	h->resolving = true;
	resolver_ask(h->fetch->resolver, name, on_resolved, h);
}

/* ---- what starts -------------------------------------------------------- */

static enum outcome
verdict_of_robots(const struct host *h, const struct task *t)
{
	const char *target = url_target(t->url);

	if (t->robots_for != NULL || t->is_api || h->robots == NULL)
		return FETCH_OK;
	if (robots_allows(h->robots, target))
		return t->want == FETCH_IMAGE &&
			robots_opts_out(h->robots, target)
		    ? FETCH_OPTED_OUT
		    : FETCH_OK;
	return robots_unreachable(h->robots) ? FETCH_ROBOTS_UNREACHABLE
					     : FETCH_ROBOTS_DENIED;
}

/* Of images and documents the one that came first. */
static struct queue *
next_line(struct host *h)
{
	struct queue *images = &h->lines[LINE_IMAGES];
	struct queue *documents = &h->lines[LINE_DOCUMENTS];

	if (h->lines[LINE_ROBOTS].first != NULL)
		return &h->lines[LINE_ROBOTS];
	if (h->asking)
		return NULL;
	if (documents->first == NULL || h->fetch->hold)
		return images;
	return images->first == NULL ||
		documents->first->turn < images->first->turn
	    ? documents
	    : images;
}

static struct task *
take_allowed(struct host *h)
{
	struct queue *line;
	struct task *t;

	while (
	    (line = next_line(h)) != NULL && (t = queue_take(line)) != NULL) {
		t->outcome = verdict_of_robots(h, t);
		if (t->outcome == FETCH_OK)
			return t;
		queue_push(&h->fetch->finished, t);
	}
	return NULL;
}

/*
 * What a host starts now: 1; or 0, when it has to wait for something else
 * first, or all that it had was forbidden.
 */
static int
advance(
    struct host *h, struct task **ret, struct place **ret_place, struct err *e)
{
	struct fetch *f = h->fetch;
	struct place *p;

	if (!h->recalled && host_recall(h, e) < 0)
		return -1;
	if (h->down || h->pause_ms > f->now_ms)
		return 0;
	if (h->resolved_until_ms <= f->now_ms) {
		resolve(h);
		if (h->resolved_until_ms <= f->now_ms)
			return 0;
	}
	if (host_needs_robots(h))
		host_ask_robots(h);
	p = place_of(f, &h->address);
	if (is_full(f, p)) {
		park(p, h);
		return 0;
	}
	*ret = take_allowed(h);
	if (*ret == NULL) {
		place_wake(f, p);
		return 0;
	}
	h->started_ms = f->now_ms;
	h->in_flight++;
	p->in_flight++;
	*ret_place = p;
	return 1;
}

int
host_pick(struct fetch *f, struct task **ret, struct host **ret_host,
    struct place **ret_place, struct err *e)
{
	struct heap_item *first;
	struct host *h;
	int rc;

	while ((first = heap_first(&f->ready)) != NULL &&
	    first->due_ms <= f->now_ms) {
		h = (struct host *)first;
		rc = advance(h, ret, ret_place, e);
		*ret_host = h;
		host_update(h);
		if (rc != 0)
			return rc;
	}
	return 0;
}
