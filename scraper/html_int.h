/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html_int: libxml2's HTML parser, pushed, with handlers of our own.
 *
 * No tree is made: the tree's parser stops at 255 nested elements and is
 * several times slower.
 */
#ifndef SCRAPER_HTML_INT_H
#define SCRAPER_HTML_INT_H

#include <stddef.h>

struct html_handlers {
	/* name is lower-case; atts: name, value or NULL, ..., NULL; or NULL */
	void (*start)(void *ctx, const char *name, const char **atts);
	void (*end)(void *ctx, const char *name);
	void (*text)(void *ctx, const char *text, int len);
};

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
