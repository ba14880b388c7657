/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses in a style sheet (CSS Syntax 3, 4.3.6).  Sheets that are
 * linked are not asked for: what they hold is mostly furniture.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "scraper/page_int.h"
#include "scraper/url.h"

#define CSS_URLS_MAX 1000

/* An escape behind its backslash: hexadecimal digits, or the character. */
static const char *
add_escape(struct buf *b, const char *p)
{
	unsigned long c = 0;
	char byte;
	int n;

	if (!isxdigit((unsigned char)*p)) {
		buf_add(b, p, 1);
		return p + 1;
	}
	for (n = 0; n < 6 && isxdigit((unsigned char)*p); n++, p++)
		c = c * 16 +
		    (unsigned long)(isdigit((unsigned char)*p)
			    ? *p - '0'
			    : tolower((unsigned char)*p) - 'a' + 10);
	byte = (char)c;
	if (c > 0 && c < 0x80)
		buf_add(b, &byte, 1);
	return p + (isspace((unsigned char)*p) != 0);
}

/* The address at p; returns where it ends. */
static const char *
take_url(const char *p, struct buf *b)
{
	char quote = 0;

	while (isspace((unsigned char)*p))
		p++;
	if (*p == '"' || *p == '\'')
		quote = *p++;
	while (*p != 0 && *p != '\n' &&
	    (quote != 0 ? *p != quote
			: *p != ')' && !isspace((unsigned char)*p))) {
		if (*p == '\\' && p[1] != 0) {
			p = add_escape(b, p + 1);
			continue;
		}
		/* What is too long is cut, and fails to be an address. */
		buf_add(b, p++, 1);
	}
	return p;
}

void
css_each(const char *css, css_fn *each, void *ctx)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)4 * URL_MAX);
	int n = 0;

	while ((css = strpbrk(css, "/uU")) != NULL && n < CSS_URLS_MAX) {
		if (css[0] == '/' && css[1] == '*') {
			css = strstr(css + 2, "*/");
			if (css == NULL)
				return;
			css += 2;
		} else if (strncasecmp(css, "url(", 4) == 0) {
			buf_clear(&b);
			css = take_url(css + 4, &b);
			if (b.len > 0)
				each(ctx, (char *)b.data);
			n++;
		} else {
			css++;
		}
	}
}
