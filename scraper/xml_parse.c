/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "base/mem.h"
#include "base/text.h"
#include "scraper/html_int.h"
#include "scraper/xml_int.h"

#define ATTRIBUTES_MAX 32
#define NAME_MAX_BYTES 64
#define REFERENCE_MAX 12 /* bytes of a name such as "thetasym" */

struct xml {
	const struct xml_handlers *handlers;
	void *ctx;
	xmlParserCtxtPtr parser;
	struct doc *doc;
};

/* ---- names -------------------------------------------------------------- */

static const struct {
	const char *prefix, *uri; /* a part of the URI is enough */
} spaces[] = {
	{ "image", "sitemap-image" },
	{ "media", "mrss" },
	{ "content", "rss/1.0/modules/content" },
	{ "dc", "purl.org/dc/elements" },
	{ "itunes", "itunes.com/dtds" },
	{ "xhtml", "1999/xhtml" },
	{ "cc", "creativeCommonsRssModule" },
	{ "cc", "creativecommons.org/ns" },
};

/* By the namespace, or by the prefix where people forgot to declare it. */
static void
name_of(
    char *out, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	const char *found = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(spaces) && found == NULL; i++)
		if (uri != NULL
			? strstr((const char *)uri, spaces[i].uri) != NULL
			: prefix != NULL &&
			    strcmp((const char *)prefix, spaces[i].prefix) == 0)
			found = spaces[i].prefix;
	snprintf(out, NAME_MAX_BYTES, "%s%s%s", found == NULL ? "" : found,
	    found == NULL ? "" : ":", (const char *)local);
}

/* ---- libxml2's events --------------------------------------------------- */

/*
 * Since no entity is put in place, libxml2 hands on an ampersand in an
 * attribute as "&#38;", and as nothing else.
 */
static char *
value_of(const xmlChar *from, const xmlChar *to)
{
	char *value = xstrndup((const char *)from, (size_t)(to - from));
	char *p = value, *out = value;

	while (*p != 0) {
		size_t step = strncmp(p, "&#38;", 5) == 0 ? 5 : 1;

		*out++ = *p;
		p += step;
	}
	*out = 0;
	return value;
}

static void
on_start(void *ctx, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri, int n_spaces, const xmlChar **declared, int n,
    int n_defaulted, const xmlChar **given)
{
	const char *atts[2 * ATTRIBUTES_MAX + 1];
	char *values[ATTRIBUTES_MAX], name[NAME_MAX_BYTES];
	struct xml *x = ctx;
	size_t used = 0, i;

	(void)n_spaces;
	(void)declared;
	(void)n_defaulted;
	/* Five to an attribute: name, prefix, URI, value, its end. */
	for (; n > 0 && used < ATTRIBUTES_MAX; n--, given += 5, used++) {
		bool is_base = given[1] != NULL &&
		    strcmp((const char *)given[1], "xml") == 0 &&
		    strcmp((const char *)given[0], "base") == 0;

		values[used] = value_of(given[3], given[4]);
		atts[2 * used] = is_base ? "xml:base" : (const char *)given[0];
		atts[2 * used + 1] = values[used];
	}
	atts[2 * used] = NULL;
	name_of(name, local, prefix, uri);
	x->handlers->start(x->ctx, name, atts);
	for (i = 0; i < used; i++)
		free(values[i]);
}

static void
on_end(
    void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	char name[NAME_MAX_BYTES];
	struct xml *x = ctx;

	name_of(name, local, prefix, uri);
	x->handlers->end(x->ctx, name);
}

static void
on_text(void *ctx, const xmlChar *text, int len)
{
	struct xml *x = ctx;

	x->handlers->text(x->ctx, (const char *)text, (size_t)len);
}

static void
on_entity(void *ctx, const xmlChar *name, int type, const xmlChar *public_id,
    const xmlChar *system_id, xmlChar *content)
{
	struct xml *x = ctx;

	(void)name;
	(void)type;
	(void)public_id;
	(void)system_id;
	(void)content;
	doc_fail(x->doc, "it declares entities");
	xmlStopParser(x->parser);
}

/* Without one, libxml2 complains on stderr. */
__attribute__((format(printf, 2, 3))) static void
on_error(void *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
}

/* ---- mending ------------------------------------------------------------ */

/* Behind the reference at p, "&...;", that is fine as it is; or NULL. */
static const char *
plain_reference(const char *p, const char *end)
{
	static const char *const known[] = { "amp;", "lt;", "gt;", "quot;",
		"apos;" };
	const char *digits = "0123456789";
	size_t i, len;

	p++;
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		len = strlen(known[i]);
		if ((size_t)(end - p) >= len && memcmp(p, known[i], len) == 0)
			return p + len;
	}
	if (p == end || *p++ != '#')
		return NULL;
	if (p < end && *p == 'x') {
		digits = "0123456789abcdefABCDEF";
		p++;
	}
	for (i = 0; p < end && *p != 0 && strchr(digits, *p) != NULL; i++)
		p++;
	return i > 0 && i < 8 && p < end && *p == ';' ? p + 1 : NULL;
}

/* One of HTML's names as a number; returns behind it, or NULL. */
static const char *
put_named(struct buf *b, const char *p, const char *end)
{
	const htmlEntityDesc *entity;
	char name[REFERENCE_MAX];
	size_t len = 0;

	for (p++; p < end && isalnum((unsigned char)*p); p++)
		if (len + 1 < sizeof(name))
			name[len++] = *p;
	name[len] = 0;
	if (p == end || *p != ';')
		return NULL;
	entity = htmlEntityLookup((const xmlChar *)name);
	if (entity == NULL)
		return NULL;
	buf_addf(b, "&#%u;", entity->value);
	return p + 1;
}

static const char *
put_reference(struct buf *b, const char *p, const char *end)
{
	const char *behind = plain_reference(p, end);

	if (behind != NULL) {
		buf_add(b, p, (size_t)(behind - p));
		return behind;
	}
	behind = put_named(b, p, end);
	if (behind != NULL)
		return behind;
	buf_addf(b, "&amp;");
	return p + 1;
}

/* CDATA sections, comments and the like are copied whole; or NULL. */
static const char *
put_section(struct buf *b, const char *p, const char *end)
{
	static const struct {
		const char *begin, *end;
	} sections[] = { { "<![CDATA[", "]]>" }, { "<!--", "-->" },
		{ "<?", "?>" } };
	const char *stop;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(sections); i++) {
		len = strlen(sections[i].begin);
		if ((size_t)(end - p) < len ||
		    memcmp(p, sections[i].begin, len) != 0)
			continue;
		stop = html_behind(p, end, sections[i].end);
		stop = stop == NULL ? end : stop;
		buf_add(b, p, (size_t)(stop - p));
		return stop;
	}
	return NULL;
}

char *
xml_mend(const char *bytes, size_t *len)
{
	struct buf b = BUF_INIT(2 * UNPACKED_MAX);
	const char *p = bytes, *end = bytes + *len, *stop, *next;
	size_t i;

	if (*len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	while (p < end && isspace((unsigned char)*p))
		p++;
	while (p < end) {
		for (stop = p; stop < end && *stop != '<' && *stop != '&';)
			stop++;
		buf_add(&b, p, (size_t)(stop - p));
		if (stop == end)
			break;
		next = *stop == '&' ? put_reference(&b, stop, end)
				    : put_section(&b, stop, end);
		if (next == NULL) {
			buf_add(&b, stop, 1);
			next = stop + 1;
		}
		p = next;
	}
	for (i = 0; i < b.len; i++)
		if (b.data[i] < ' ' && !isspace(b.data[i]))
			b.data[i] = ' ';
	*len = b.len;
	return (char *)b.data;
}

/* ---- the parser --------------------------------------------------------- */

/* HTTP's charset counts when the bytes name none and are no UTF-8. */
static void
set_charset(
    xmlParserCtxtPtr parser, const char *bytes, size_t len, const char *charset)
{
	size_t head = strcspn(bytes, ">");
	xmlCharEncodingHandlerPtr handler;

	if (charset == NULL || text_is_utf8(bytes, len) ||
	    memmem(bytes, head, "encoding", 8) != NULL)
		return;
	handler = xmlFindCharEncodingHandler(charset);
	if (handler != NULL)
		xmlSwitchToEncoding(parser, handler);
}

static void
run(struct xml *x, const char *bytes, size_t len, const char *charset)
{
	xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
		.entityDecl = on_entity,
		.warning = on_error,
		.error = on_error,
		.fatalError = on_error,
	};

	xmlSetGenericErrorFunc(NULL, on_error); /* of the converters */
	x->parser = xmlCreateMemoryParserCtxt(bytes, (int)len);
	if (x->parser == NULL)
		return;
	*x->parser->sax = sax;
	x->parser->userData = x;
	xmlCtxtUseOptions(x->parser,
	    XML_PARSE_NONET | XML_PARSE_RECOVER | XML_PARSE_NOERROR |
		XML_PARSE_NOWARNING);
	set_charset(x->parser, bytes, len, charset);
	xmlParseDocument(x->parser);
	if (x->parser->myDoc != NULL) /* for a declaration of an entity */
		xmlFreeDoc(x->parser->myDoc);
	xmlFreeParserCtxt(x->parser);
}

void
xml_parse(const char *bytes, size_t len, const char *charset,
    const struct xml_handlers *handlers, void *ctx, struct doc *doc)
{
	struct xml x = { .handlers = handlers, .ctx = ctx, .doc = doc };
	char *utf8 CLEANUP(freep) = html_utf8(bytes, &len, charset);
	char *mended CLEANUP(freep) = NULL;

	mended = xml_mend(utf8 == NULL ? bytes : utf8, &len);
	if (mended != NULL && len < INT_MAX)
		run(&x, mended, len, utf8 == NULL ? charset : NULL);
}

const char *
xml_attribute(const char **atts, const char *name)
{
	for (; *atts != NULL; atts += 2)
		if (strcmp(atts[0], name) == 0)
			return atts[1];
	return NULL;
}
