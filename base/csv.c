/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

#include <string.h>

struct reader {
	char *p, *end;
	int64_t line; /* that p is on */
	char comma;
};

/* Is p at the end of a field? */
static bool
at_stop(const struct reader *r)
{
	return r->p == r->end || *r->p == r->comma || *r->p == '\n' ||
	    *r->p == '\r';
}

/* One field, unquoted in place; r stops at what ended it. */
static char *
field(struct reader *r, char **ret_end)
{
	char *start = r->p, *out = r->p;

	if (r->p < r->end && *r->p == '"') {
		for (r->p++; r->p < r->end; r->p++) {
			if (*r->p == '"' &&
			    (r->p + 1 == r->end || r->p[1] != '"'))
				break;
			if (*r->p == '"')
				r->p++;
			r->line += *r->p == '\n';
			*out++ = *r->p;
		}
		if (r->p < r->end)
			r->p++;
	}
	while (!at_stop(r))
		*out++ = *r->p++;
	*ret_end = out;
	return start;
}

/*
 * A record; its fields end in 0 only when all of it was read, since the byte
 * that ends a field may be the one that ends the record.
 */
static size_t
record(struct reader *r, char **fields)
{
	char *ends[CSV_FIELDS_MAX], *start, *end;
	size_t n = 0, i;

	for (;;) {
		start = field(r, &end);
		if (n < CSV_FIELDS_MAX) {
			fields[n] = start;
			ends[n++] = end;
		}
		if (r->p == r->end || *r->p != r->comma)
			break;
		r->p++;
	}
	if (r->p < r->end)
		r->p += *r->p == '\r' && r->p + 1 < r->end && r->p[1] == '\n'
		    ? 2
		    : 1;
	r->line++;
	for (i = 0; i < n; i++)
		*ends[i] = 0;
	return n;
}

void
csv_each(char *text, size_t len, csv_fn *each, void *ctx)
{
	struct reader r = { text, text + len, 1, ',' };
	char *fields[CSV_FIELDS_MAX];
	int64_t line;
	size_t n;

	while (r.p < r.end) {
		line = r.line;
		n = record(&r, fields);
		if (n == 1 && fields[0][0] == 0)
			continue; /* an empty line */
		if (!each(ctx, fields, n, line))
			return;
	}
}

size_t
csv_split(char *text, size_t len, char comma, char **fields)
{
	struct reader r = { text, text + len, 1, comma };

	return len == 0 ? 0 : record(&r, fields);
}

/* Behind the quoted part that starts at p; NULL when its end is not there. */
static const char *
behind_quotes(const char *p, const char *end)
{
	for (p++; (p = memchr(p, '"', (size_t)(end - p))) != NULL; p += 2)
		if (p + 1 == end || p[1] != '"')
			return p + 1;
	return NULL;
}

size_t
csv_span(const char *text, size_t len, char comma)
{
	const char *p = text, *end = text + len, *stop, *quote;

	for (;;) {
		stop = memchr(p, '\n', (size_t)(end - p));
		quote =
		    memchr(p, '"', (size_t)((stop == NULL ? end : stop) - p));
		/* Quotes count only at the start of a field. */
		while (quote != NULL && quote > text && quote[-1] != comma)
			quote = memchr(quote + 1, '"',
			    (size_t)((stop == NULL ? end : stop) - quote - 1));
		if (quote == NULL)
			return stop == NULL ? 0 : (size_t)(stop + 1 - text);
		p = behind_quotes(quote, end);
		if (p == NULL || p == end)
			return 0;
	}
}
