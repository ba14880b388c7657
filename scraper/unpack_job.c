/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer is records: a letter, the length of a text (32 bits), of bytes
 * (64 bits), both little-endian, the text and the bytes.  The letters are
 * E for an entry, R for one that is refused (its bytes are one: the verdict),
 * and in the last record + for more, . for the end, ! for an error.
 */
#include "scraper/unpack_job.h"

#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "scraper/magic.h"

#define PART_BYTES ((size_t)8 << 20)
#define PART_ENTRIES 2000
#define HEAD (1 + 4 + 8)
#define ENTRY_MAX ((int64_t)(PROC_ANSWER_MAX - PART_BYTES) - (64 << 10))

/* ---- the parent --------------------------------------------------------- */

int
unpack_ask_open(
    struct proc_job *job, int fd, const struct unpack_limits *l, struct err *e)
{
	struct unpack_limits limits = *l;

	/* An entry has to fit into an answer. */
	if (limits.entry_bytes > ENTRY_MAX)
		limits.entry_bytes = ENTRY_MAX;
	buf_clear(&job->request);
	job->fd = fd;
	return buf_add(&job->request, &limits, sizeof(limits)) < 0
	    ? err_set(e, ERR_FATAL, "no room for a question")
	    : 0;
}

void
unpack_ask_more(struct proc_job *job)
{
	buf_clear(&job->request);
	job->fd = -1;
}

struct record {
	char kind;
	const char *text; /* not ended by 0 */
	size_t text_len;
	const unsigned char *bytes;
	size_t len;
};

/* The next record of an answer, which may be anything: false at its end. */
static bool
next_record(const struct buf *answer, size_t *at, struct record *ret)
{
	const unsigned char *p = answer->data + *at;
	size_t left = answer->len - *at;
	uint32_t text_len;
	uint64_t len;

	if (left < HEAD)
		return false;
	memcpy(&text_len, p + 1, sizeof(text_len));
	memcpy(&len, p + 5, sizeof(len));
	left -= HEAD;
	if (text_len > left || len > left - text_len)
		return false;
	*ret = (struct record){ (char)*p, (const char *)p + HEAD, text_len,
		p + HEAD + text_len, (size_t)len };
	*at += HEAD + text_len + (size_t)len;
	return true;
}

static int
give(const struct record *r, unpack_each_fn *each, void *ctx, struct err *e)
{
	char *name CLEANUP(freep) = xstrndup(r->text, r->text_len);
	struct buf bytes = { .data = (unsigned char *)(uintptr_t)r->bytes,
		.len = r->len,
		.cap = r->len };
	struct unpack_entry entry = { .name = name };

	if (r->kind == 'E')
		entry.bytes = &bytes;
	else if (r->len == 1 && *r->bytes < ENTRY_VERDICTS)
		entry.verdict = (enum unpack_verdict) * r->bytes;
	return each(ctx, &entry, e);
}

int
unpack_take(const struct buf *answer, unpack_each_fn *each, void *ctx,
    enum unpack_end *ret, struct err *e)
{
	struct record r;
	size_t at = 0;

	while (next_record(answer, &at, &r)) {
		if (r.kind == '!')
			return err_set(
			    e, ERR_INPUT, "%.*s", (int)r.text_len, r.text);
		if (r.kind == '+' || r.kind == '.') {
			*ret = r.kind == '+' ? UNPACK_MORE : UNPACK_END;
			return 0;
		}
		if (give(&r, each, ctx, e) < 0)
			return -1;
	}
	return err_set(e, ERR_INPUT, "its reader gave no sense");
}

/* ---- the child ---------------------------------------------------------- */

/* Pictures, and what may tell of them. */
static bool
is_wanted(void *ctx, const char *name, const void *start, size_t len)
{
	static const char *const ends[] = { ".csv", ".tsv", ".json", ".jsonl",
		".ndjson", ".xml", ".txt" };
	size_t n = strlen(name), i;

	(void)ctx;
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		if (n > strlen(ends[i]) &&
		    strcasecmp(name + n - strlen(ends[i]), ends[i]) == 0)
			return true;
	return len >= MAGIC_BYTES && magic_image(start, len) != NULL;
}

static void
put(struct buf *b, char kind, const char *text, const void *bytes, size_t len)
{
	uint32_t text_len = (uint32_t)strlen(text);
	uint64_t len64 = len;

	buf_add(b, &kind, 1);
	buf_add(b, &text_len, sizeof(text_len));
	buf_add(b, &len64, sizeof(len64));
	buf_add(b, text, text_len);
	buf_add(b, bytes, len);
}

struct child {
	struct unpack *unpack;
	int fd; /* of the archive; -1: none */
};

static int
open_archive(struct child *c, const struct buf *request, int fd, struct err *e)
{
	struct unpack_limits limits;

	unpack_close(TAKE(c->unpack));
	if (c->fd >= 0)
		close(c->fd);
	c->fd = dup(fd); /* that of the job is closed behind it */
	if (request->len != sizeof(limits) || c->fd < 0)
		return err_set(e, ERR_FATAL, "not a question for a reader");
	memcpy(&limits, request->data, sizeof(limits));
	return unpack_open(c->fd, &limits, is_wanted, NULL, &c->unpack, e);
}

static int
put_part(struct child *c, struct buf *answer, struct err *e)
{
	struct unpack_entry entry;
	unsigned char verdict;
	int n, rc;

	for (n = 0; n < PART_ENTRIES && answer->len < PART_BYTES; n++) {
		rc = unpack_next(c->unpack, &entry, e);
		if (rc < 0)
			return -1;
		if (rc == 0) {
			put(answer, '.', "", NULL, 0);
			return 0;
		}
		if (rc == 2)
			break;
		verdict = (unsigned char)entry.verdict;
		if (entry.verdict == ENTRY_FINE)
			put(answer, 'E', entry.name, entry.bytes->data,
			    entry.bytes->len);
		else
			put(answer, 'R', entry.name, &verdict, 1);
	}
	put(answer, '+', "", NULL, 0);
	return 0;
}

static void
handle(void *ctx, const struct buf *request, int fd, struct buf *answer)
{
	struct child *c = ctx;
	struct err e = { 0 };

	if ((fd >= 0 && open_archive(c, request, fd, &e) < 0) ||
	    (c->unpack == NULL &&
		err_set(&e, ERR_FATAL, "there is no archive open") < 0) ||
	    put_part(c, answer, &e) < 0)
		put(answer, '!', e.msg, NULL, 0);
}

int
unpack_worker(void)
{
	struct child c = { .fd = -1 };
	int status;

	/* Names in UTF-8 are told from others by the locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	status = proc_serve(handle, &c);
	unpack_close(c.unpack);
	return status;
}
