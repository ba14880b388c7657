/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer is records: a letter, two numbers (64 bits, the place behind it),
 * the line, and then for E the fields of an entry and for B why there is
 * none, each a text that ends in 0.  P is like E, with the length of the
 * picture (64 bits) and its bytes behind that.  The last record is + for
 * more, . for the end (their line is the count of bad ones), ! for an error,
 * ? for no list.
 */
#include "scraper/list_job.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "scraper/read.h"
#include "scraper/scraper.h"
#include "scraper/url.h"
#include "scraper/warc.h"

#define PART_BYTES ((int64_t)8 << 20)
#define PART_ENTRIES 2000
#define PART_BAD 5 /* that are named */

static const struct {
	size_t at;
	bool is_url;
} fields[LIST_FIELDS] = {
	{ offsetof(struct found, url), true },
	{ offsetof(struct found, label), false },
	{ offsetof(struct found, title), false },
	{ offsetof(struct found, caption), false },
	{ offsetof(struct found, author), false },
	{ offsetof(struct found, licence), false },
	{ offsetof(struct found, licence_url), true },
	{ offsetof(struct found, page), true },
};

#define LABEL 1

struct head {
	char kind;
	struct list_place next;
	int64_t line;
};
#define HEAD (1 + 3 * sizeof(int64_t))

static char **
member(struct found *f, size_t i)
{
	return (char **)(void *)((char *)f + fields[i].at);
}

/* ---- the parent --------------------------------------------------------- */

int
list_ask_open(struct proc_job *job, int fd, const struct list_ask *ask,
    const struct list_place *from, struct err *e)
{
	json_t *o = json_pack("{s:s*, s:s*, s:s*, s:s*, s:I, s:I}", "base",
	    ask->base, "name", ask->name, "format", ask->format, "columns",
	    ask->columns, "at", (json_int_t)from->at, "line",
	    (json_int_t)from->line);
	char *text CLEANUP(freep) =
	    o == NULL ? NULL : json_dumps(o, JSON_COMPACT);

	json_decref(o);
	buf_clear(&job->request);
	job->fd = fd;
	return text == NULL || buf_add(&job->request, text, strlen(text)) < 0
	    ? err_set(e, ERR_INPUT, "not a question for a reader")
	    : 0;
}

void
list_ask_more(struct proc_job *job)
{
	buf_clear(&job->request);
	job->fd = -1;
}

/* The next text of an answer; NULL when it has no end. */
static const char *
next_text(const struct buf *answer, size_t *at)
{
	const char *text = (const char *)answer->data + *at;
	size_t left = answer->len - *at;
	const char *end = left == 0 ? NULL : memchr(text, 0, left);

	if (end == NULL)
		return NULL;
	*at += (size_t)(end + 1 - text);
	return text;
}

static bool
next_head(const struct buf *answer, size_t *at, struct head *ret)
{
	const unsigned char *p = answer->data + *at;

	if (answer->len - *at < HEAD)
		return false;
	ret->kind = (char)*p;
	memcpy(&ret->next.at, p + 1, sizeof(int64_t));
	memcpy(&ret->next.line, p + 9, sizeof(int64_t));
	memcpy(&ret->line, p + 17, sizeof(int64_t));
	*at += HEAD;
	return ret->next.at >= 0 && ret->next.line >= 0 && ret->line >= 0;
}

static bool
next_texts(const struct buf *answer, size_t *at, struct list_given *ret)
{
	size_t i;

	for (i = 0; i < LIST_FIELDS; i++) {
		ret->texts[i] = next_text(answer, at);
		if (ret->texts[i] == NULL)
			return false;
	}
	return true;
}

static bool
next_bytes(const struct buf *answer, size_t *at, struct list_given *ret)
{
	uint64_t len;

	if (answer->len - *at < sizeof(len))
		return false;
	memcpy(&len, answer->data + *at, sizeof(len));
	*at += sizeof(len);
	if (len > answer->len - *at)
		return false;
	ret->bytes = answer->data + *at;
	ret->len = (size_t)len;
	*at += ret->len;
	return true;
}

char *
list_label(const struct list_given *given)
{
	return doc_text(given->texts[LABEL]);
}

/* Nothing of it is trusted: as doc_read() does. */
bool
list_found(const struct list_given *given, struct found *ret)
{
	size_t i;

	*ret = (struct found){ 0 };
	for (i = 0; i < LIST_FIELDS; i++)
		if (*given->texts[i] != 0)
			*member(ret, i) = fields[i].is_url
			    ? url_resolve(NULL, given->texts[i])
			    : doc_text(given->texts[i]);
	if (ret->url != NULL)
		return true;
	found_release(ret);
	return false;
}

/* 0: not understood; 1; 2: stop; -1. */
static int
give(const struct buf *answer, size_t *at, const struct head *h,
    list_each_fn *each, void *ctx, struct err *e)
{
	struct list_given given = { .line = h->line };
	char *why CLEANUP(freep) = NULL;
	int rc;

	if ((h->kind == 'E' || h->kind == 'P') &&
	    !next_texts(answer, at, &given))
		return 0;
	if (h->kind == 'P' && !next_bytes(answer, at, &given))
		return 0;
	if (h->kind == 'B') {
		why = doc_text(next_text(answer, at));
		given.bad = why == NULL ? "it cannot be read" : why;
	}
	rc = each(ctx, &given, e);
	return rc < 0 ? -1 : 1 + (rc == 1);
}

static int
end_of(const struct buf *answer, size_t at, const struct head *h,
    struct list_part *ret, struct err *e)
{
	char *why CLEANUP(freep) = NULL;

	*ret = (struct list_part){ h->next, h->line, h->kind == '.' };
	if (h->kind == '+' || h->kind == '.')
		return 0;
	if (h->kind == '?')
		return err_set(e, ERR_BUSY, "its reader was replaced");
	why = doc_text(next_text(answer, &at));
	return err_set(e, ERR_INPUT, "%s", why == NULL ? "unreadable" : why);
}

int
list_take(const struct buf *answer, list_each_fn *each, void *ctx,
    struct list_part *ret, struct err *e)
{
	struct head h;
	size_t at = 0;
	int rc = 1;

	while (rc == 1 && answer->data != NULL && next_head(answer, &at, &h)) {
		if (strchr("EPB", h.kind) == NULL)
			return end_of(answer, at, &h, ret, e);
		rc = give(answer, &at, &h, each, ctx, e);
		if (rc < 0 || rc == 2)
			return rc < 0 ? -1 : 0;
		ret->next = h.next;
	}
	return err_set(e, ERR_INPUT, "its reader gave no sense");
}

/* ---- the child ---------------------------------------------------------- */

struct child {
	struct list *list; /* this or that is open, or neither */
	struct warc *warc;
	struct list_place from; /* still to go to */
	char *base;
};

static struct list_place
place_of(const struct child *c)
{
	if (c->warc != NULL)
		return (struct list_place){ warc_at(c->warc),
			warc_record(c->warc) };
	if (c->list != NULL)
		return (struct list_place){ list_text_at(list_text(c->list)),
			list_text_line(list_text(c->list)) };
	return (struct list_place){ 0, 1 };
}

static void
put_head(const struct child *c, struct buf *b, char kind, int64_t line)
{
	struct list_place at = place_of(c);

	buf_add(b, &kind, 1);
	buf_add(b, &at.at, sizeof(at.at));
	buf_add(b, &at.line, sizeof(at.line));
	buf_add(b, &line, sizeof(line));
}

static void
put_text(struct buf *b, const char *text)
{
	buf_add(
	    b, text == NULL ? "" : text, text == NULL ? 1 : strlen(text) + 1);
}

static void
put_entry(const struct child *c, struct buf *b, struct list_entry *entry,
    const struct buf *bytes)
{
	uint64_t len = bytes == NULL ? 0 : bytes->len;
	size_t i;

	put_head(c, b, bytes == NULL ? 'E' : 'P', entry->line);
	for (i = 0; i < LIST_FIELDS; i++)
		put_text(b, *member(&entry->found, i));
	found_release(&entry->found);
	if (bytes == NULL)
		return;
	buf_add(b, &len, sizeof(len));
	buf_add(b, bytes->data, bytes->len);
}

static char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text == NULL ? NULL : xstrdup(text);
}

static void
child_release(struct child *c)
{
	list_close(TAKE(c->list));
	warc_close(TAKE(c->warc));
	free(TAKE(c->base));
}

static int
open_list(struct child *c, const struct buf *request, int fd, struct err *e)
{
	json_t *o =
	    json_loadb((const char *)request->data, request->len, 0, NULL);
	char *name CLEANUP(freep) = text_of(o, "name");
	char *format CLEANUP(freep) = text_of(o, "format");
	char *columns CLEANUP(freep) = text_of(o, "columns");
	struct list_ask ask = { NULL, name, format, columns };

	child_release(c);
	ask.base = c->base = text_of(o, "base");
	c->from.at = json_integer_value(json_object_get(o, "at"));
	c->from.line = json_integer_value(json_object_get(o, "line"));
	json_decref(o);
	/* That of the job is closed behind it. */
	fd = dup(fd);
	if (format != NULL && strcmp(format, LIST_WARC) == 0) {
		c->warc = warc_of_fd(fd);
		return 0;
	}
	return list_open(&ask, list_text_of_fd(fd), &c->list, e);
}

static int
next_entry(struct child *c, struct list_entry *ret, const struct buf **bytes,
    struct err *e)
{
	*bytes = NULL;
	return c->warc != NULL ? warc_next(c->warc, ret, bytes, e)
			       : list_next(c->list, ret, e);
}

/* Entries until the part is full: 0 at the end, 1 or -1. */
static int
put_entries(struct child *c, struct buf *b, int64_t *bad, struct err *e)
{
	int64_t stop = place_of(c).at + PART_BYTES;
	const struct buf *bytes;
	struct list_entry entry;
	int n = 0, rc = 1;

	while (n < PART_ENTRIES && place_of(c).at < stop &&
	    (int64_t)b->len < 2 * PART_BYTES &&
	    (rc = next_entry(c, &entry, &bytes, e)) > 0) {
		if (rc == 1) {
			put_entry(c, b, &entry, bytes);
			n++;
		} else if (entry.bad != NULL && ++*bad <= PART_BAD) {
			put_head(c, b, 'B', entry.line);
			put_text(b, entry.bad);
		}
	}
	return rc < 0 ? -1 : rc > 0;
}

static int
put_part(struct child *c, struct buf *b, int64_t *bad, struct err *e)
{
	int rc = 1;

	if (c->from.at == 0)
		return put_entries(c, b, bad, e);
	rc = c->warc != NULL
	    ? warc_skip(c->warc, c->from.at, c->from.line, e)
	    : list_text_skip(list_text(c->list), c->from.at, c->from.line, e);
	if (rc == 1)
		c->from.at = 0;
	return rc < 0 ? -1 : 1;
}

static void
handle(void *ctx, const struct buf *request, int fd, struct buf *answer)
{
	struct child *c = ctx;
	struct err e = { 0 };
	int64_t bad = 0;
	int rc = 1;

	if (fd >= 0)
		rc = open_list(c, request, fd, &e) < 0 ? -1 : 1;
	if (rc > 0 && c->list == NULL && c->warc == NULL) {
		put_head(c, answer, '?', 0);
		return;
	}
	if (rc > 0)
		rc = put_part(c, answer, &bad, &e);
	put_head(c, answer, rc < 0 ? '!' : rc > 0 ? '+' : '.', bad);
	if (rc < 0)
		put_text(answer, e.msg);
}

int
list_worker(void)
{
	struct read_warm *warm = read_warm_new();
	struct child c = { 0 };
	int status = proc_serve(handle, &c);

	child_release(&c);
	read_warm_free(warm);
	return status;
}
