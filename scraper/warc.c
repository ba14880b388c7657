/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/warc.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "scraper/magic.h"
#include "scraper/packed.h"
#include "scraper/read.h"
#include "scraper/url.h"
#include "scraper/warc_int.h"

#define CHUNK ((size_t)64 << 10)
#define HEADERS_MAX ((size_t)64 << 10)
#define BLOCK_MAX ((size_t)32 << 20) /* bytes of an answer that is kept */
#define SKIP_BYTES ((int64_t)32 << 20)

struct warc {
	struct packed *from;
	unsigned char ahead[CHUNK];
	size_t taken, end;
	int64_t at;      /* of what comes next */
	int64_t records; /* that were begun */
	int64_t start;   /* of the record that is being given */
	struct buf header, block, plain;
	struct doc doc; /* of a page; images from `given` on are to come */
	size_t given;
	char *url; /* of the record */
};

struct warc *
warc_of_fd(int fd)
{
	struct warc *w = xcalloc(1, sizeof(*w));

	w->from = packed_of_fd(fd);
	w->header = BUF_INIT(HEADERS_MAX);
	w->block = BUF_INIT(BLOCK_MAX);
	w->plain = BUF_INIT(BLOCK_MAX);
	return w;
}

void
warc_close(struct warc *w)
{
	if (w == NULL)
		return;
	packed_free(w->from);
	buf_release(&w->header);
	buf_release(&w->block);
	buf_release(&w->plain);
	doc_release(&w->doc);
	free(w->url);
	free(w);
}

/* ---- bytes -------------------------------------------------------------- */

/* 1 while there are any, 0 at the end. */
static int
fill(struct warc *w, struct err *e)
{
	if (w->taken < w->end)
		return 1;
	w->taken = w->end = 0;
	if (packed_read(w->from, w->ahead, CHUNK, &w->end, e) < 0)
		return -1;
	return w->end > 0;
}

static void
take(struct warc *w, size_t n)
{
	w->taken += n;
	w->at += (int64_t)n;
}

/* A line, with its end, behind what is in the header: 1, 0 or -1. */
static int
add_line(struct warc *w, struct err *e)
{
	const unsigned char *stop = NULL, *p;
	size_t n;
	int rc;

	while (stop == NULL) {
		rc = fill(w, e);
		if (rc <= 0)
			return rc;
		p = w->ahead + w->taken;
		n = w->end - w->taken;
		stop = memchr(p, '\n', n);
		if (stop != NULL)
			n = (size_t)(stop + 1 - p);
		if (buf_add(&w->header, p, n) < 0)
			return err_set(e, ERR_INPUT,
			    "behind record %lld a header is too long",
			    (long long)w->records);
		take(w, n);
	}
	return 1;
}

/* Take n bytes, and keep them if a buffer is given and they fit. */
static int
take_block(struct warc *w, int64_t n, struct buf *keep, struct err *e)
{
	size_t len;
	int rc;

	while (n > 0) {
		rc = fill(w, e);
		if (rc < 0)
			return -1;
		if (rc == 0)
			return err_set(e, ERR_INPUT,
			    "it is broken off in record %lld",
			    (long long)w->records);
		len = w->end - w->taken;
		if ((int64_t)len > n)
			len = (size_t)n;
		if (keep != NULL && buf_add(keep, w->ahead + w->taken, len) < 0)
			return err_set(e, ERR_FATAL, "no room for a record");
		take(w, len);
		n -= (int64_t)len;
	}
	return 0;
}

/* ---- records ------------------------------------------------------------ */

struct record {
	int64_t len;
	bool wanted, truncated;
};

static bool
is_value(const char *lines, const char *name, const char *want)
{
	size_t len;
	const char *value = kept_header(lines, name, &len);

	return value != NULL && len == strlen(want) &&
	    strncasecmp(value, want, len) == 0;
}

/* The address as it is asked for; some writers put it in <>. */
static char *
address(const char *text, size_t len)
{
	char *copy CLEANUP(freep) = NULL;

	if (len > 2 && *text == '<') {
		text++;
		len -= 2;
	}
	copy = xstrndup(text, len);
	return url_resolve(NULL, copy);
}

static int
read_warc(struct warc *w, struct record *ret, struct err *e)
{
	const char *lines, *value;
	char number[24];
	size_t line, len;
	int rc;

	do {
		line = w->header.len;
		rc = add_line(w, e);
		if (rc < 0)
			return -1;
	} while (rc == 1 && w->header.len - line > 2);
	lines = (const char *)w->header.data;
	value = kept_header(lines, "Content-Length", &len);
	snprintf(number, sizeof(number), "%.*s", value == NULL ? 0 : (int)len,
	    value == NULL ? "" : value);
	if (!text_to_int(number, &ret->len) || ret->len < 0)
		return err_set(e, ERR_INPUT,
		    "record %lld does not say how long it is",
		    (long long)w->records);
	ret->wanted = is_value(lines, "WARC-Type", "response");
	ret->truncated = kept_header(lines, "WARC-Truncated", &len) != NULL;
	value = kept_header(lines, "WARC-Target-URI", &len);
	if (ret->wanted && value != NULL)
		w->url = address(value, len);
	return 1;
}

/* "URL IP date type length", the last two also further on. */
static int
read_arc(struct warc *w, struct record *ret, struct err *e)
{
	const char *line = (const char *)w->header.data;
	size_t len = strcspn(line, "\r\n"), i = len;

	while (i > 0 && line[i - 1] != ' ')
		i--;
	if (i > 0 && i < len) {
		char *number CLEANUP(freep) = xstrndup(line + i, len - i);

		if (text_to_int(number, &ret->len) && ret->len >= 0) {
			ret->wanted = strncasecmp(line, "http", 4) == 0;
			if (ret->wanted)
				w->url = address(line, strcspn(line, " "));
			return 1;
		}
	}
	return err_set(e, ERR_INPUT, "record %lld is neither WARC nor ARC",
	    (long long)w->records);
}

/* The header of the next record: 1, 0 or -1. */
static int
next_record(struct warc *w, struct record *ret, struct err *e)
{
	const char *line;
	int rc;

	*ret = (struct record){ 0 };
	free(TAKE(w->url));
	do {
		w->start = w->at;
		buf_clear(&w->header);
		rc = add_line(w, e);
		if (rc <= 0)
			return rc;
		line = (const char *)w->header.data;
	} while (line[strspn(line, "\r\n")] == 0);
	w->records++;
	return strncmp(line, "WARC/", 5) == 0 ? read_warc(w, ret, e)
					      : read_arc(w, ret, e);
}

/* ---- entries ------------------------------------------------------------ */

/* An answer that is a page: its pictures are given from now on. */
static void
read_kept_page(struct warc *w, const struct kept *k)
{
	char reader[] = "page";
	struct read_ask ask = { .reader = reader,
		.base = w->url,
		.charset = k->charset[0] == 0 ? NULL : (char *)k->charset,
		.tag = k->tag };
	size_t len = k->len < DOCUMENT_MAX ? k->len : DOCUMENT_MAX;
	char *copy CLEANUP(freep) = xmalloc(len + 1);

	memcpy(copy, k->body, len);
	copy[len] = 0;
	read_document(&ask, copy, len, &w->doc);
}

/* 1 or 2. */
static int
read_answer(struct warc *w, const struct record *r, struct list_entry *ret,
    const struct buf **ret_bytes)
{
	struct kept k;

	if (!kept_read(&w->block, &w->plain, &k) || k.status != 200)
		return 2;
	if (strcmp(k.type, "text/html") == 0 ||
	    strcmp(k.type, "application/xhtml+xml") == 0) {
		read_kept_page(w, &k);
		return 2;
	}
	if (k.tag.no_images || k.len < MAGIC_BYTES ||
	    magic_image(k.body, k.len) == NULL)
		return 2;
	ret->found.url = xstrdup(w->url);
	if (r->truncated)
		return 1; /* its address is good, its bytes are not */
	buf_clear(&w->header);
	if (k.body != w->plain.data) {
		buf_clear(&w->plain);
		buf_add(&w->plain, k.body, k.len);
	}
	*ret_bytes = &w->plain;
	return 1;
}

/* The next picture of the page that is being given. */
static void
give_of_page(struct warc *w, struct list_entry *ret)
{
	struct found *f = &w->doc.images[w->given++];

	ret->found = *f;
	*f = (struct found){ 0 };
	if (ret->found.page == NULL)
		ret->found.page = xstrdup(w->url);
}

int
warc_next(struct warc *w, struct list_entry *ret, const struct buf **ret_bytes,
    struct err *e)
{
	struct record r;
	int rc;

	*ret_bytes = NULL;
	*ret = (struct list_entry){ .line = w->records };
	if (w->given < w->doc.n_images) {
		give_of_page(w, ret);
		return 1;
	}
	doc_release(&w->doc);
	w->given = 0;
	buf_clear(&w->block);
	buf_clear(&w->plain);
	rc = next_record(w, &r, e);
	if (rc <= 0)
		return rc;
	ret->line = w->records;
	r.wanted &= w->url != NULL && r.len <= (int64_t)BLOCK_MAX;
	if (take_block(w, r.len, r.wanted ? &w->block : NULL, e) < 0)
		return -1;
	return r.wanted ? read_answer(w, &r, ret, ret_bytes) : 2;
}

/* ---- where it is -------------------------------------------------------- */

int64_t
warc_at(const struct warc *w)
{
	return w->given < w->doc.n_images ? w->start : w->at;
}

int64_t
warc_record(const struct warc *w)
{
	return w->given < w->doc.n_images ? w->records : w->records + 1;
}

int
warc_skip(struct warc *w, int64_t at, int64_t record, struct err *e)
{
	int64_t n = at - w->at;

	if (n > (int64_t)CHUNK && fill(w, e) == 1 && packed_seek(w->from, at)) {
		w->taken = w->end = 0;
		w->at = at;
		n = 0;
	}
	if (n > SKIP_BYTES)
		n = SKIP_BYTES;
	if (n > 0 && take_block(w, n, NULL, e) < 0)
		return -1;
	if (w->at < at)
		return 0;
	w->records = record - 1;
	return 1;
}
