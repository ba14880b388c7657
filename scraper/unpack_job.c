/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer is records: a letter, the length of a text (32 bits), of bytes
 * (64 bits), both little-endian, the text and the bytes.  The letters are
 * E for an entry, R for one that is refused (its bytes are one: the verdict),
 * and in the last record + for more, . for the end, ! for an error.  What
 * files inside tell comes as E too: an id, and its label as the bytes.
 */
#include "scraper/unpack_job.h"

#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "scraper/label_rule.h"
#include "scraper/magic.h"
#include "scraper/read.h"
#include "scraper/url.h"

#define PART_BYTES ((size_t)8 << 20)
#define PART_ENTRIES 2000
#define HEAD (1 + 4 + 8)
#define ENTRY_MAX ((int64_t)(PROC_ANSWER_MAX - PART_BYTES) - (64 << 10))
#define TELLING_MAX ((int64_t)256 << 20) /* of a file that tells labels */
#define TOLD_MAX ((size_t)512 << 20)     /* of all that they tell */

/* ---- the parent --------------------------------------------------------- */

int
unpack_ask_open(struct proc_job *job, int fd, const struct unpack_limits *l,
    const char *labels, struct err *e)
{
	struct unpack_limits limits = *l;

	/* A picture has to fit into an answer. */
	if (labels != NULL)
		limits.entry_bytes = TELLING_MAX;
	else if (limits.entry_bytes > ENTRY_MAX)
		limits.entry_bytes = ENTRY_MAX;
	buf_clear(&job->request);
	job->fd = fd;
	if (buf_add(&job->request, &limits, sizeof(limits)) < 0 ||
	    (labels != NULL &&
		buf_add(&job->request, labels, strlen(labels)) < 0))
		return err_set(e, ERR_FATAL, "no room for a question");
	return 0;
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

bool
unpack_goes_on(const struct buf *answer)
{
	return answer->len >= HEAD && answer->data[answer->len - HEAD] == '+';
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

struct child {
	struct unpack *unpack;
	int fd; /* of the archive; -1: none */
	struct label_rule rule;
	bool tells;      /* it is about labels, not pictures */
	bool has_told;   /* the one file that tells was there */
	struct buf told; /* records that wait */
	size_t told_at;
};

/* Files that are hidden, and what macOS puts into each zip file. */
static bool
is_hidden(const char *name)
{
	for (; name != NULL; name = strchr(name, '/')) {
		name += *name == '/';
		if (*name == '.' || strncmp(name, "__MACOSX/", 9) == 0)
			return true;
	}
	return false;
}

static bool
is_named_image(const char *name)
{
	char *path CLEANUP(freep) = xasprintf("/%s", name);
	char *url CLEANUP(freep) = url_of_file(path);

	return url_looks_like_image(url);
}

static bool
is_wanted(void *ctx, const char *name, const void *start, size_t len)
{
	const struct child *c = ctx;

	if (is_hidden(name))
		return false;
	if (c->tells)
		return label_rule_reads(&c->rule, name);
	return magic_image(start, len) != NULL || is_named_image(name);
}

static int
put(struct buf *b, char kind, const char *text, const void *bytes, size_t len)
{
	uint32_t text_len = (uint32_t)strlen(text);
	uint64_t len64 = len;
	size_t before = b->len;

	if (buf_add(b, &kind, 1) == 0 &&
	    buf_add(b, &text_len, sizeof(text_len)) == 0 &&
	    buf_add(b, &len64, sizeof(len64)) == 0 &&
	    buf_add(b, text, text_len) == 0 && buf_add(b, bytes, len) == 0)
		return 0;
	b->len = before;
	return -1;
}

static int
tell(void *ctx, const char *id, const char *label, struct err *e)
{
	struct child *c = ctx;

	return put(&c->told, 'E', id, label, strlen(label)) < 0
	    ? err_set(e, ERR_INPUT, "it tells of too many pictures")
	    : 0;
}

static void
put_refused(struct buf *answer, const char *name, enum unpack_verdict v)
{
	unsigned char byte = (unsigned char)v;

	put(answer, 'R', name, &byte, 1);
}

/* A file that tells; where each picture has one, one of them may be broken. */
static int
read_telling(struct child *c, const struct unpack_entry *entry,
    struct buf *answer, struct err *e)
{
	char *text CLEANUP(freep) = xmalloc(entry->bytes->len + 1);
	size_t len = entry->bytes->len;

	if (len > 0)
		memcpy(text, entry->bytes->data, len);
	text[len] = 0;
	c->has_told = true;
	if (label_read(&c->rule, entry->name, text, len, tell, c, e) == 0)
		return 0;
	if (c->rule.how != LABELS_VOC)
		return -1;
	put_refused(answer, entry->name, ENTRY_DAMAGED);
	return 0;
}

static int
put_entry(struct child *c, const struct unpack_entry *entry, struct buf *answer,
    struct err *e)
{
	const struct buf *b = entry->bytes;

	if (c->tells) /* what is wrong with others is for the second pass */
		return entry->verdict == ENTRY_FINE
		    ? read_telling(c, entry, answer, e)
		    : 0;
	if (entry->verdict != ENTRY_FINE)
		put_refused(answer, entry->name, entry->verdict);
	else if (magic_image(b->data, b->len) == NULL)
		put_refused(answer, entry->name, ENTRY_NO_IMAGE);
	else
		put(answer, 'E', entry->name, b->data, b->len);
	return 0;
}

/* Move records that wait into an answer: false when all fit. */
static bool
put_told(struct child *c, struct buf *answer)
{
	size_t from = c->told_at;
	struct record r;

	while (c->told_at - from < PART_BYTES &&
	    next_record(&c->told, &c->told_at, &r))
		;
	if (c->told_at > from)
		buf_add(answer, c->told.data + from, c->told_at - from);
	if (c->told_at < c->told.len)
		return true;
	buf_clear(&c->told);
	c->told_at = 0;
	return false;
}

/* Is that all, though the archive may have more entries? */
static bool
has_all(const struct child *c)
{
	return c->tells && c->has_told && c->rule.how != LABELS_VOC;
}

static int
end(struct child *c, struct buf *answer, struct err *e)
{
	if (c->tells && !c->has_told)
		return err_set(e, ERR_INPUT, "there is no %s in it",
		    c->rule.file != NULL ? c->rule.file : "XML file");
	put(answer, '.', "", NULL, 0);
	return 0;
}

static int
put_part(struct child *c, struct buf *answer, struct err *e)
{
	struct unpack_entry entry;
	int n, rc;

	for (n = 0; n < PART_ENTRIES && answer->len < PART_BYTES; n++) {
		if (put_told(c, answer))
			break;
		rc = has_all(c) ? 0 : unpack_next(c->unpack, &entry, e);
		if (rc < 0)
			return -1;
		if (rc == 0)
			return end(c, answer, e);
		if (rc == 2)
			break;
		if (put_entry(c, &entry, answer, e) < 0)
			return -1;
	}
	put(answer, '+', "", NULL, 0);
	return 0;
}

static void
close_archive(struct child *c)
{
	unpack_close(TAKE(c->unpack));
	label_rule_release(&c->rule);
	buf_release(&c->told);
	if (c->fd >= 0)
		close(c->fd);
	*c = (struct child){ .fd = -1, .told = BUF_INIT(TOLD_MAX) };
}

static int
open_archive(struct child *c, const struct buf *request, int fd, struct err *e)
{
	struct unpack_limits limits;

	close_archive(c);
	c->fd = dup(fd); /* that of the job is closed behind it */
	if (request->len < sizeof(limits) || c->fd < 0)
		return err_set(e, ERR_FATAL, "not a question for a reader");
	memcpy(&limits, request->data, sizeof(limits));
	c->tells = request->len > sizeof(limits);
	if (c->tells &&
	    label_rule_parse(
		(const char *)request->data + sizeof(limits), &c->rule, e) < 0)
		return -1;
	return unpack_open(c->fd, &limits, is_wanted, c, &c->unpack, e);
}

static void
handle(void *ctx, const struct buf *request, int fd, struct buf *answer)
{
	struct child *c = ctx;
	struct err e = { 0 };

	if ((fd >= 0 && open_archive(c, request, fd, &e) < 0) ||
	    (c->unpack == NULL &&
		err_set(&e, ERR_FATAL, "its reader has worked too long") < 0) ||
	    put_part(c, answer, &e) < 0)
		put(answer, '!', e.msg, NULL, 0);
}

int
unpack_worker(void)
{
	struct child c = { .fd = -1 };
	struct read_warm *warm = read_warm_new();
	int status;

	/* Names in UTF-8 are told from others by the locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	status = proc_serve(handle, &c);
	close_archive(&c);
	read_warm_free(warm);
	return status;
}
