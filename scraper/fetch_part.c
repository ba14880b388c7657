/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "scraper/fetch_int.h"

#define PART_MIN ((size_t)1 << 20) /* bytes that are worth it */
#define PARTS_MAX (BODIES_MAX / 2) /* more is fetched anew */
#define DATE_AGE_S 60 /* a date younger than this tells no change */

void
part_free(struct part *p)
{
	if (p == NULL)
		return;
	p->fetch->held -= p->counted;
	buf_release(&p->body);
	free(p->validator);
	free(p);
}

/* What If-Range may be asked with (RFC 9110, 13.1.5), or NULL. */
static const char *
validator(const struct slot *s)
{
	time_t date;

	if (s->etag != NULL && s->etag[0] == '"')
		return s->etag;
	if (s->last_modified == NULL)
		return NULL;
	date = curl_getdate(s->last_modified, NULL);
	return date > 0 && date + DATE_AGE_S <= clock_now() ? s->last_modified
							    : NULL;
}

/* Keep the beginning of a body for the next try, where that will do. */
void
part_keep(struct slot *s, enum outcome outcome)
{
	struct task *t = s->task;
	struct part *p = t->part;

	if (outcome != FETCH_INCOMPLETE && outcome != FETCH_TIMED_OUT &&
	    outcome != FETCH_TOO_SLOW)
		return;
	if (t->want != FETCH_IMAGE || s->body.len < PART_MIN ||
	    s->fetch->held > PARTS_MAX)
		return;
	if (p == NULL) {
		if (s->status != 200 || validator(s) == NULL)
			return;
		p = t->part = xcalloc(1, sizeof(*p));
		p->fetch = s->fetch;
		p->validator = xstrdup(validator(s));
	} else if (!s->resumed) {
		return;
	}
	p->body = s->body;
	p->counted = s->counted;
	s->body = BUF_INIT(0);
	s->counted = 0;
}

static void
add_header(struct slot *s, char *line)
{
	s->headers = curl_slist_append(s->headers, line);
	free(line);
}

void
part_ask(struct slot *s)
{
	const struct part *p = s->task->part;

	if (p == NULL || p->body.len == 0)
		return;
	add_header(s, xasprintf("Range: bytes=%zu-", p->body.len));
	add_header(s, xasprintf("If-Range: %s", p->validator));
}

/* A number, and what must follow it; -1 if it is none. */
static int64_t
take_number(const char **at, char behind)
{
	char digits[20];
	size_t len = strspn(*at, "0123456789");
	int64_t n;

	if (len == 0 || len >= sizeof(digits) || (*at)[len] != behind)
		return -1;
	memcpy(digits, *at, len);
	digits[len] = 0;
	*at += len + (behind != 0);
	return text_to_int(digits, &n) ? n : -1;
}

/* Does "bytes 100-199/200" start where the part ends, and end at the end? */
static bool
fits(const char *range, size_t have)
{
	int64_t from, to, total;

	if (range == NULL || strncasecmp(range, "bytes ", 6) != 0)
		return false;
	range += 6;
	from = take_number(&range, '-');
	to = take_number(&range, '/');
	total = take_number(&range, 0);
	return from == (int64_t)have && to >= from && total == to + 1;
}

/* "bytes * / 200", without blanks: there is no more than what is held. */
static bool
is_all(const char *range, size_t have)
{
	if (range == NULL || strncasecmp(range, "bytes */", 8) != 0)
		return false;
	range += 8;
	return take_number(&range, 0) == (int64_t)have;
}

void
part_judge(struct slot *s)
{
	struct part *p = s->task->part;
	size_t have;

	if (p == NULL || (have = p->body.len) == 0)
		return;
	s->resumed = (s->status == 206 && fits(s->range, have)) ||
	    (s->status == 416 && is_all(s->range, have));
	if (s->resumed) {
		buf_release(&s->body);
		s->fetch->held -= s->counted;
		s->body = p->body;
		s->counted = p->counted;
		p->body = BUF_INIT(0);
		p->counted = 0;
	} else if (s->status == 200 || s->status == 206 || s->status == 416) {
		part_free(TAKE(s->task->part));
	}
}
