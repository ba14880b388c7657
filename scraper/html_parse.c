/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include "base/mem.h"
#include "base/text.h"
#include "scraper/html_int.h"
#include "scraper/read.h"

DEFINE_CLEANUP(htmlParserCtxt, htmlFreeParserCtxt)

struct parse {
	const struct html_handlers *handlers;
	void *ctx;
};

static void
on_start(void *ctx, const xmlChar *name, const xmlChar **atts)
{
	struct parse *p = ctx;

	if (p->handlers->start != NULL)
		p->handlers->start(p->ctx, (const char *)name,
		    (const char **)(const void *)atts);
}

static void
on_end(void *ctx, const xmlChar *name)
{
	struct parse *p = ctx;

	if (p->handlers->end != NULL)
		p->handlers->end(p->ctx, (const char *)name);
}

static void
on_text(void *ctx, const xmlChar *text, int len)
{
	struct parse *p = ctx;

	if (p->handlers->text != NULL)
		p->handlers->text(p->ctx, (const char *)text, len);
}

/* Without one, libxml2 complains on stderr. */
__attribute__((format(printf, 2, 3))) static void
on_error(void *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
}

static bool
is_ascii(const char *bytes, size_t len)
{
	while (len > 0 && (unsigned char)bytes[len - 1] < 0x80)
		len--;
	return len == 0;
}

/* Tell the parser the charset when it is known from without. */
static void
set_charset(htmlParserCtxtPtr parser, const char *bytes, size_t len,
    const char *charset)
{
	xmlCharEncodingHandlerPtr handler;

	if (!is_ascii(bytes, len) && text_is_utf8(bytes, len))
		charset = "UTF-8";
	handler = charset == NULL ? NULL : xmlFindCharEncodingHandler(charset);
	if (handler == NULL)
		return;
	xmlSwitchToEncoding(parser, handler);
	htmlCtxtUseOptions(parser, HTML_PARSE_IGNORE_ENC);
}

/* ---- UTF-16 ------------------------------------------------------------- */

static uint32_t
unit_at(const char *bytes, bool big)
{
	const unsigned char *p = (const unsigned char *)bytes;

	return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static char *
put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}

/* RFC 2781; half a pair becomes U+FFFD. */
static char *
from_utf16(const char *bytes, size_t *len, bool big)
{
	char *text = xmalloc(*len / 2 * 3 + 1), *out = text;
	uint32_t c, low;
	size_t i;

	for (i = 0; i + 1 < *len; i += 2) {
		c = unit_at(bytes + i, big);
		low = c >= 0xd800 && c < 0xdc00 && i + 3 < *len
		    ? unit_at(bytes + i + 2, big)
		    : 0;
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
			i += 2;
		} else if (c >= 0xd800 && c < 0xe000) {
			c = 0xfffd;
		}
		out = put_utf8(out, c);
	}
	*out = 0;
	*len = (size_t)(out - text);
	return text;
}

char *
html_utf8(const char *bytes, size_t *len, const char *charset)
{
	bool has_mark, big;

	if (*len < 2)
		return NULL;
	has_mark = memcmp(bytes, "\xfe\xff", 2) == 0 ||
	    memcmp(bytes, "\xff\xfe", 2) == 0;
	big = has_mark
	    ? bytes[0] == '\xfe'
	    : charset != NULL && strcasecmp(charset, "utf-16be") == 0;
	if (!has_mark &&
	    (charset == NULL || strncasecmp(charset, "utf-16", 6) != 0))
		return NULL;
	if (has_mark) {
		bytes += 2;
		*len -= 2;
	}
	return from_utf16(bytes, len, big);
}

/* ---- the parser --------------------------------------------------------- */

void
html_parse(const char *bytes, size_t len, const char *charset,
    const struct html_handlers *handlers, void *ctx)
{
	struct parse p = { handlers, ctx };
	htmlSAXHandler sax = {
		.startElement = on_start,
		.endElement = on_end,
		.characters = on_text,
		.cdataBlock = on_text,
		.warning = on_error,
		.error = on_error,
	};
	htmlParserCtxt *parser CLEANUP(htmlFreeParserCtxtp) = NULL;

	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		len -= 3;
	}
	if (len == 0 || len > INT_MAX)
		return;
	xmlSetGenericErrorFunc(NULL, on_error); /* of the converters */
	parser = htmlCreatePushParserCtxt(
	    &sax, &p, NULL, 0, NULL, XML_CHAR_ENCODING_NONE);
	if (parser == NULL)
		return;
	set_charset(parser, bytes, len, charset);
	htmlParseChunk(parser, bytes, (int)len, 0);
	htmlParseChunk(parser, NULL, 0, 1);
}

const char *
html_attribute(const char **atts, const char *name)
{
	for (; atts != NULL && *atts != NULL; atts += 2)
		if (strcasecmp(atts[0], name) == 0)
			return atts[1];
	return NULL;
}

/* ---- the text of a piece of HTML ---------------------------------------- */

static void
add_text(void *ctx, const char *text, int len)
{
	struct buf *b = ctx;

	buf_add(b, text, (size_t)len); /* what passes the cap is cut */
}

static void
add_gap(void *ctx, const char *name)
{
	static const char *const blocks[] = { "p", "div", "br", "li", "td",
		"tr" };
	struct buf *b = ctx;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		if (strcmp(name, blocks[i]) == 0)
			buf_add(b, " ", 1);
}

char *
html_text(const char *html)
{
	static const struct html_handlers handlers = { .end = add_gap,
		.text = add_text };
	struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)8 * DOC_TEXT_MAX);
	char *copy CLEANUP(freep) = NULL;
	size_t len;

	if (html == NULL || strpbrk(html, "<&") == NULL)
		return doc_text(html);
	copy = xstrdup(html);
	len = html_prescan(copy, strlen(copy), true);
	html_parse(copy, len, "UTF-8", &handlers, &b);
	return doc_text((const char *)b.data);
}
