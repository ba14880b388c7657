/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/list_text.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "base/csv.h"
#include "scraper/packed.h"

#define CHUNK ((size_t)64 << 10)
#define SKIP_BYTES ((int64_t)32 << 20)

struct list_text {
	struct packed *from;
	iconv_t utf16; /* (iconv_t)-1: it is not */
	unsigned char wide[CHUNK];
	size_t wide_len;
	struct buf text;     /* that is not taken yet, from `taken` on */
	size_t taken, found; /* found: no end of a record before it */
	int64_t at, line;
	bool begun, mac, end;
};

static struct list_text *
text_of(struct packed *from)
{
	struct list_text *t = xcalloc(1, sizeof(*t));

	t->from = from;
	t->utf16 = (iconv_t)-1;
	t->text = BUF_INIT(RECORD_MAX + 4 * CHUNK);
	t->line = 1;
	return t;
}

struct list_text *
list_text_of_fd(int fd)
{
	return text_of(packed_of_fd(fd));
}

struct list_text *
list_text_of_bytes(const char *bytes, size_t len)
{
	return text_of(packed_of_bytes(bytes, len));
}

void
list_text_free(struct list_text *t)
{
	if (t == NULL)
		return;
	packed_free(t->from);
	if (t->utf16 != (iconv_t)-1)
		iconv_close(t->utf16);
	buf_release(&t->text);
	free(t);
}

/* ---- text --------------------------------------------------------------- */

static int
read_wide(
    struct list_text *t, char *to, size_t room, size_t *ret, struct err *e)
{
	char *in, *out = to;
	size_t left, got, out_left = room;

	do {
		if (packed_read(t->from, t->wide + t->wide_len,
			CHUNK - t->wide_len, &got, e) < 0)
			return -1;
		in = (char *)t->wide;
		left = t->wide_len + got;
		while (left > 1 &&
		    iconv(t->utf16, &in, &left, &out, &out_left) ==
			(size_t)-1 &&
		    errno == EILSEQ) {
			*out++ = '?';
			out_left--;
			in += 2;
			left -= 2;
		}
		memmove(t->wide, in, left);
		t->wide_len = left;
	} while (out_left == room && got > 0);
	*ret = room - out_left;
	return 0;
}

/* For strings: a 0 would end them.  Lines end in \n. */
static void
tidy(struct list_text *t, char *text, size_t len)
{
	char *p = text, *end = text + len;

	while ((p = memchr(p, 0, (size_t)(end - p))) != NULL)
		*p++ = ' ';
	for (p = text; t->mac; *p++ = '\n')
		if ((p = memchr(p, '\r', (size_t)(end - p))) == NULL)
			break;
}

/* Drop what was taken, and read more behind the rest. */
static int
more(struct list_text *t, struct err *e)
{
	size_t room = 3 * CHUNK, got = 0, left = t->text.len - t->taken;
	char *to;

	if (t->taken > 0) {
		memmove(t->text.data, t->text.data + t->taken, left);
		t->text.len = left;
		t->taken = 0;
	}
	to = (char *)buf_room(&t->text, room);
	if (to == NULL)
		return err_set(e, ERR_FATAL, "no room for a record");
	if ((t->utf16 != (iconv_t)-1
		    ? read_wide(t, to, room - 1, &got, e)
		    : packed_read(t->from, to, room - 1, &got, e)) < 0)
		return -1;
	tidy(t, to, got);
	t->text.len += got;
	t->text.data[t->text.len] = 0;
	t->end = got == 0;
	return 0;
}

/* ---- what it is --------------------------------------------------------- */

static void
unread(struct list_text *t, size_t n)
{
	size_t len = t->text.len - n;

	memcpy(t->wide, t->text.data + n, len);
	t->wide_len = len;
	buf_clear(&t->text);
}

/* The first bytes, before anything is done to them. */
static int
first(struct list_text *t, struct err *e)
{
	unsigned char *to = buf_room(&t->text, CHUNK);
	size_t got = 1;

	while (got > 0 && t->text.len < CHUNK / 2) {
		if (packed_read(t->from, to + t->text.len,
			CHUNK / 2 - t->text.len, &got, e) < 0)
			return -1;
		t->text.len += got;
	}
	t->text.data[t->text.len] = 0;
	return 0;
}

static int
begin(struct list_text *t, struct err *e)
{
	const unsigned char *d;

	t->begun = true;
	if (first(t, e) < 0)
		return -1;
	d = t->text.data;
	if (t->text.len >= 2 &&
	    ((d[0] == 0xff && d[1] == 0xfe) ||
		(d[0] == 0xfe && d[1] == 0xff))) {
		t->utf16 =
		    iconv_open("UTF-8", d[0] == 0xff ? "UTF-16LE" : "UTF-16BE");
		unread(t, 2);
		return t->utf16 == (iconv_t)-1
		    ? err_set(e, ERR_INPUT, "UTF-16 cannot be read here")
		    : more(t, e);
	}
	if (t->text.len >= 3 && memcmp(d, "\xef\xbb\xbf", 3) == 0)
		t->taken = 3;
	t->at = (int64_t)t->taken;
	t->mac = memchr(d, '\n', t->text.len) == NULL &&
	    memchr(d, '\r', t->text.len) != NULL;
	tidy(t, (char *)t->text.data, t->text.len);
	return 0;
}

const char *
list_text_peek(struct list_text *t, size_t *ret_len, struct err *e)
{
	if (!t->begun && begin(t, e) < 0)
		return NULL;
	while (t->text.len - t->taken < CHUNK / 4 && !t->end)
		if (more(t, e) < 0)
			return NULL;
	*ret_len = t->text.len - t->taken;
	return *ret_len == 0 ? "" : (char *)t->text.data + t->taken;
}

/* ---- records ------------------------------------------------------------ */

static int64_t
count_lines(const char *p, size_t len)
{
	const char *end = p + len;
	int64_t n = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		p++;
		n++;
	}
	return n;
}

/* Length of a record with its end; 0 when the end is not in sight. */
static size_t
span(struct list_text *t, const char *p, size_t len, char comma)
{
	const char *stop;

	if (comma != 0)
		return csv_span(p, len, comma);
	stop = memchr(p + t->found, '\n', len - t->found);
	t->found = stop == NULL ? len : 0;
	return stop == NULL ? 0 : (size_t)(stop + 1 - p);
}

static void
take(struct list_text *t, size_t n)
{
	t->line += count_lines((char *)t->text.data + t->taken, n);
	t->taken += n;
	t->at += (int64_t)n;
	t->found = 0;
}

/* Pass over the rest of a line of which the beginning is in sight. */
static int
pass_line(struct list_text *t, struct err *e)
{
	const char *p, *stop;
	size_t len;

	for (;;) {
		p = (char *)t->text.data + t->taken;
		len = t->text.len - t->taken;
		stop = memchr(p, '\n', len);
		take(t, stop == NULL ? len : (size_t)(stop + 1 - p));
		if (stop != NULL || t->end)
			return 1;
		if (more(t, e) < 0)
			return -1;
	}
}

static void
give(struct list_text *t, size_t n, struct list_record *ret)
{
	char *p = (char *)t->text.data + t->taken;

	ret->text = p;
	ret->line = t->line;
	take(t, n);
	if (n > 0 && p[n - 1] == '\n')
		n--;
	if (n > 0 && p[n - 1] == '\r')
		n--;
	p[n] = 0;
	ret->len = n;
}

/* Without an end in sight: too long, a quote that is open, or the last. */
static int
odd(struct list_text *t, char comma, struct list_record *ret, struct err *e)
{
	const char *p = (char *)t->text.data + t->taken;
	size_t len = t->text.len - t->taken;
	const char *stop = memchr(p, '\n', len);

	if (stop == NULL && len <= RECORD_MAX) {
		give(t, len, ret);
		return 1;
	}
	*ret = (struct list_record){ .line = t->line,
		.bad = "its line is longer than 256 KiB" };
	if (comma != 0 && stop != NULL)
		ret->bad = "a quote is not closed";
	return pass_line(t, e);
}

int
list_text_next(
    struct list_text *t, char comma, struct list_record *ret, struct err *e)
{
	size_t len, n;

	if (!t->begun && begin(t, e) < 0)
		return -1;
	*ret = (struct list_record){ 0 };
	for (;;) {
		len = t->text.len - t->taken;
		n = len == 0
		    ? 0
		    : span(t, (char *)t->text.data + t->taken, len, comma);
		if (n > 0 && n <= RECORD_MAX) {
			give(t, n, ret);
			return 1;
		}
		if (n > 0 || len > RECORD_MAX || (t->end && len > 0))
			return odd(t, comma, ret, e);
		if (t->end)
			return 0;
		if (more(t, e) < 0)
			return -1;
	}
}

int64_t
list_text_at(const struct list_text *t)
{
	return t->at;
}

int64_t
list_text_line(const struct list_text *t)
{
	return t->line;
}

int
list_text_skip(struct list_text *t, int64_t at, int64_t line, struct err *e)
{
	int64_t stop = t->at + SKIP_BYTES, n;

	if (!t->begun && begin(t, e) < 0)
		return -1;
	if (t->utf16 == (iconv_t)-1 &&
	    at > t->at + (int64_t)(t->text.len - t->taken) &&
	    packed_seek(t->from, at)) {
		buf_clear(&t->text);
		t->taken = 0;
		t->at = at;
	}
	while (t->at < at && t->at < stop) {
		n = (int64_t)(t->text.len - t->taken);
		n = n < at - t->at ? n : at - t->at;
		t->taken += (size_t)n;
		t->at += n;
		if (t->at == at)
			break;
		if (t->end)
			return err_set(e, ERR_INPUT, "it has become shorter");
		if (more(t, e) < 0)
			return -1;
	}
	t->found = 0;
	if (t->at < at)
		return 0;
	t->line = line;
	return 1;
}
