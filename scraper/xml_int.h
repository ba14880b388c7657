/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_int: sitemaps and feeds, by libxml2's SAX parser.
 *
 * Nothing outside of the bytes is looked at: no DTD, no entity but XML's own
 * and HTML's names, which people use without declaring them.  A document that
 * declares entities is refused, which ends "billion laughs" and XXE.
 */
#ifndef SCRAPER_XML_INT_H
#define SCRAPER_XML_INT_H

#include <stddef.h>

#include "scraper/read.h"

/*
 * Names are local ones; elements of some namespaces have a prefix, whatever
 * the document calls it: "image:loc" (sitemaps), "media:content" (MRSS),
 * "content:encoded", "dc:creator", "itunes:image", "xhtml:img", "cc:license".
 */
struct xml_handlers {
	/* atts: name, value, ..., NULL; values are there until it returns */
	void (*start)(void *ctx, const char *name, const char **atts);
	void (*end)(void *ctx, const char *name);
	void (*text)(void *ctx, const char *text, size_t len);
};

/* Parse as much as can be; doc_fail() when nothing may be taken. */
void xml_parse(const char *bytes, size_t len, const char *charset,
    const struct xml_handlers *, void *ctx, struct doc *);

/*
 * What libxml2 would end at, mended in a copy that the caller frees: white
 * space in front, control characters, an ampersand that begins no reference,
 * references to HTML's names.
 */
char *xml_mend(const char *bytes, size_t *len);

/* Value of an attribute, or NULL. */
const char *xml_attribute(const char **atts, const char *name);

/* ---- what is told apart by its bytes ------------------------------------ */

enum read_kind { READ_HTML, READ_SITEMAP, READ_FEED, READ_LINES };

enum read_kind read_kind_of(const char *bytes, size_t len);

#define UNPACKED_MAX ((size_t)50 << 20) /* as sitemaps.org limits them */
#define UNPACKED_RATIO 300              /* of what is larger than 1 MiB */

/*
 * The bytes of a gzip file (RFC 1952; several members are one), with a 0
 * behind them; false with doc_fail() when it is broken at its start, or a
 * bomb.  What comes before a break is kept.
 */
bool read_gunzip(
    const char *bytes, size_t len, struct buf *out, struct doc *doc);

void read_sitemap(
    const struct read_ask *, char *bytes, size_t len, struct doc *);
void read_feed(const struct read_ask *, char *bytes, size_t len, struct doc *);
/* A sitemap that is a plain list of addresses. */
void read_lines(const struct read_ask *, char *bytes, size_t len, struct doc *);

#endif
