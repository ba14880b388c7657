/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html_int: libxml2's HTML parser, pushed, with handlers of our own.
 *
 * No tree is made: the tree's parser stops at 255 nested elements and is
 * several times slower.
 */
#ifndef SCRAPER_HTML_INT_H
#define SCRAPER_HTML_INT_H

#include <stdbool.h>
#include <stddef.h>

struct html_handlers {
	/* name is lower-case; atts: name, value or NULL, ..., NULL; or NULL */
	void (*start)(void *ctx, const char *name, const char **atts);
	void (*end)(void *ctx, const char *name);
	void (*text)(void *ctx, const char *text, int len);
};

/* Behind the next such text, or NULL, in one pass up to there. */
const char *html_behind(const char *from, const char *end, const char *text);

/*
 * Bytes in UTF-16 (by their mark, or by what HTTP claims) as UTF-8: the caller
 * frees, and *len becomes theirs.  NULL when they are in another charset.
 */
char *html_utf8(const char *bytes, size_t *len, const char *charset);

/*
 * Make HTML plain for libxml2, in place; returns the new length, and a 0
 * follows (there must be room for it).  Comments go, the content of scripts
 * and of other elements that hold text only, tags with more than 512
 * attributes (which cost it quadratic time), and, unless `all`, every tag
 * that readers of pages do not ask about, and all text outside of links,
 * captions and headings.  Of <style> and of JSON-LD the
 * content stays, with spaces for "<".
 */
size_t html_prescan(char *bytes, size_t len, bool all);

/*
 * Parse bytes, which html_prescan() has seen; all texts are UTF-8.  charset
 * is what HTTP claims, or NULL: then UTF-8 if the bytes are that, else what
 * <meta> says.
 */
void html_parse(const char *bytes, size_t len, const char *charset,
    const struct html_handlers *, void *ctx);

/* Value of an attribute, or NULL. */
const char *html_attribute(const char **atts, const char *name);

#endif
