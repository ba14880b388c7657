/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answers in a crawl's records: status, headers, and a body that may
 * still be in chunks or packed.  Some crawlers keep the headers that said so
 * though they have unpacked the body, so it is believed only if it is so.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/mem.h"
#include "scraper/robots.h"
#include "scraper/warc_int.h"

#define CHUNK ((size_t)64 << 10)

const char *
kept_header(const char *lines, const char *name, size_t *ret_len)
{
	size_t n = strlen(name), len;
	const char *line = lines;

	for (; *line != 0; line += len + (line[len] != 0)) {
		len = strcspn(line, "\n");
		if (len <= n || line[n] != ':' ||
		    strncasecmp(line, name, n) != 0)
			continue;
		line += n + 1;
		len -= n + 1;
		while (len > 0 && isspace((unsigned char)*line)) {
			line++;
			len--;
		}
		while (len > 0 && isspace((unsigned char)line[len - 1]))
			len--;
		*ret_len = len;
		return line;
	}
	return NULL;
}

static bool
header_has(const char *lines, const char *name, const char *word)
{
	size_t len, n = strlen(word);
	const char *value = kept_header(lines, name, &len);

	for (; value != NULL && len >= n; value++, len--)
		if (strncasecmp(value, word, n) == 0)
			return true;
	return false;
}

/* ---- the body ----------------------------------------------------------- */

/* The length in front of a chunk; -1 when there is none. */
static long
chunk_size(const unsigned char **p, const unsigned char *end)
{
	long size = 0;
	int digits = 0;

	for (; *p < end && isxdigit(**p) && digits < 8; ++*p, digits++)
		size = 16 * size +
		    (isdigit(**p) ? **p - '0' : (**p | 32) - 'a' + 10);
	if (digits == 0)
		return -1;
	while (*p < end && **p != '\n')
		++*p;
	if (*p == end)
		return -1;
	++*p;
	return size;
}

/* In place; false, and nothing is changed, when these are no chunks. */
static bool
join_chunks(struct kept *k, struct buf *plain)
{
	const unsigned char *p = k->body, *end = p + k->len;
	long size;

	buf_clear(plain);
	while ((size = chunk_size(&p, end)) > 0) {
		if (size > end - p)
			size = end - p; /* broken off */
		if (buf_add(plain, p, (size_t)size) < 0)
			return false;
		p += size;
		while (p < end && (*p == '\r' || *p == '\n'))
			p++;
	}
	if (size < 0 && p < end)
		return false;
	k->body = plain->data;
	k->len = plain->len;
	return k->body != NULL;
}

/* gzip or zlib; what there is of it. */
static bool
unpack(struct kept *k, struct buf *out)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)k->body,
		.avail_in = (uInt)k->len };
	unsigned char *to;
	int rc;

	if (inflateInit2(&z, 32 + MAX_WBITS) != Z_OK)
		return false;
	do {
		to = buf_room(out, CHUNK);
		if (to == NULL)
			break;
		z.next_out = to;
		z.avail_out = (uInt)CHUNK;
		rc = inflate(&z, Z_NO_FLUSH);
		out->len += CHUNK - z.avail_out;
	} while (rc == Z_OK);
	inflateEnd(&z);
	return to != NULL && out->len > 0;
}

static bool
read_body(const char *lines, struct kept *k, struct buf *plain)
{
	struct buf out = BUF_INIT(plain->cap);

	if (header_has(lines, "Transfer-Encoding", "chunked"))
		join_chunks(k, plain);
	if (k->len < 3 || k->body[0] != 0x1f || k->body[1] != 0x8b)
		return true;
	if (!unpack(k, &out)) {
		buf_release(&out);
		return false;
	}
	buf_release(plain);
	*plain = out;
	k->body = plain->data;
	k->len = plain->len;
	return true;
}

/* ---- the headers -------------------------------------------------------- */

static void
read_type(const char *lines, struct kept *k)
{
	size_t len = 0, n, i;
	const char *value = kept_header(lines, "Content-Type", &len);
	char text[128], *charset;

	snprintf(text, sizeof(text), "%.*s", (int)(len < 127 ? len : 127),
	    value == NULL ? "" : value);
	n = strcspn(text, "; \t");
	for (i = 0; i < n && i < sizeof(k->type) - 1; i++)
		k->type[i] = (char)tolower((unsigned char)text[i]);
	charset = strcasestr(text, "charset=");
	if (charset != NULL) {
		charset += 8 + strspn(charset + 8, "\"' ");
		charset[strcspn(charset, "\"'; ")] = 0;
		snprintf(k->charset, sizeof(k->charset), "%.63s", charset);
	}
}

static void
read_tags(const char *lines, struct kept *k)
{
	const char *value;
	char *text;
	size_t len;

	while ((value = kept_header(lines, "X-Robots-Tag", &len)) != NULL) {
		text = xstrndup(value, len);
		robots_tag_add(&k->tag, text, ROBOTS_TOKEN);
		free(text);
		lines = value + len;
		lines += strcspn(lines, "\n");
	}
}

/* The empty line behind the headers; NULL when there is none. */
static unsigned char *
end_of_headers(struct buf *block)
{
	unsigned char *p = block->data, *end = p + block->len;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		p++;
		if (p < end && *p == '\n')
			return p;
		if (p + 1 < end && *p == '\r' && p[1] == '\n')
			return p + 1;
	}
	return NULL;
}

bool
kept_read(struct buf *block, struct buf *plain, struct kept *ret)
{
	const char *lines = (const char *)block->data;
	unsigned char *end;

	*ret = (struct kept){ 0 };
	if (block->len < 12 || strncmp(lines, "HTTP/", 5) != 0)
		return false;
	end = end_of_headers(block);
	if (end == NULL || memchr(lines, ' ', 12) == NULL)
		return false;
	*end = 0;
	ret->body = end + 1;
	ret->len = block->len - (size_t)(end + 1 - block->data);
	if (sscanf(strchr(lines, ' '), "%3d", &ret->status) != 1)
		return false;
	read_type(lines, ret);
	read_tags(lines, ret);
	return read_body(lines, ret, plain);
}
