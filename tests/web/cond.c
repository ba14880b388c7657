/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/web/cond.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *
http_date(char *buf, time_t t)
{
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(buf, HTTP_DATE_SIZE, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return buf;
}

static const char *
header(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, name);
}

/* Is the tag among those of the list?  Compares weakly, as for a GET. */
static bool
tag_listed(const char *list, const char *etag)
{
	size_t len = strlen(etag);

	if (list[strspn(list, " \t")] == '*')
		return true;
	while (*list != 0) {
		list += strspn(list, " \t,");
		if (strncmp(list, "W/", 2) == 0)
			list += 2;
		if (strncmp(list, etag, len) == 0)
			return true;
		if (*list == '"')
			list += 1 + strcspn(list + 1, "\"");
		list += strcspn(list, ",");
	}
	return false;
}

static bool
date_parse(const char *text, time_t *ret)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);

	if (end == NULL || *end != 0)
		return false;
	*ret = timegm(&tm);
	return true;
}

static bool
unchanged(const struct request *r, const struct head *h)
{
	const char *tags = header(r, "If-None-Match");
	const char *since = header(r, "If-Modified-Since");
	time_t t;

	/* A tag that is given outweighs the date, also when it is refused. */
	if (tags != NULL)
		return h->etag != NULL && tag_listed(tags, h->etag);
	return since != NULL && h->modified != 0 && date_parse(since, &t) &&
	    h->modified <= t;
}

/* Is what the client has a part of the very same body? */
static bool
same_body(const struct request *r, const struct head *h)
{
	const char *want = header(r, "If-Range");
	time_t t;

	if (want == NULL)
		return true;
	if (*want == '"')
		return h->etag != NULL && strcmp(want, h->etag) == 0;
	return h->modified != 0 && date_parse(want, &t) && t == h->modified;
}

/* What is too large for a number becomes the largest one. */
static bool
digits(const char **p, uint64_t *ret)
{
	char *end;

	if (**p < '0' || **p > '9')
		return false;
	*ret = strtoull(*p, &end, 10);
	*p = end;
	return true;
}

static enum cond
range(const char *p, uint64_t size, uint64_t *ret_from, uint64_t *ret_len)
{
	uint64_t first = 0, last = 0;
	bool has_first, has_last;

	if (strncasecmp(p, "bytes=", 6) != 0)
		return COND_WHOLE;
	p += 6;
	has_first = digits(&p, &first);
	if (*p++ != '-')
		return COND_WHOLE;
	has_last = digits(&p, &last);
	if (*p != 0 || (!has_first && !has_last) ||
	    (has_first && has_last && last < first))
		return COND_WHOLE;
	if (!has_first) { /* the last so many bytes */
		if (last == 0 || size == 0)
			return COND_NOT_SATISFIED;
		first = last < size ? size - last : 0;
		has_last = false;
	}
	if (first >= size)
		return COND_NOT_SATISFIED;
	if (!has_last || last >= size)
		last = size - 1;
	*ret_from = first;
	*ret_len = last - first + 1;
	return COND_PART;
}

enum cond
cond_judge(const struct request *r, const struct head *h, uint64_t size,
    uint64_t *ret_from, uint64_t *ret_len)
{
	const char *want = header(r, "Range");

	if (h->status != MHD_HTTP_OK || (h->etag == NULL && h->modified == 0))
		return COND_WHOLE;
	if (unchanged(r, h))
		return COND_UNCHANGED;
	if (want == NULL || strcmp(r->method, "GET") != 0 || !same_body(r, h))
		return COND_WHOLE;
	return range(want, size, ret_from, ret_len);
}
