/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One linear pass over HTML before libxml2 sees it.
 *
 * libxml2 2.9's parser is of HTML 4: it finds tags where HTML 5 has none (in
 * <title>, in a bogus comment), loses some that are there (<img/src=x>), and
 * takes quadratic time over attributes and over end tags without a start.
 * So it is given only what a reader asks about: other tags are left out, no
 * more than so many elements are open, and an end tag stays only where its
 * element is open.  The child's deadline is for what this does not foresee.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "scraper/html_int.h"

#define ATTRIBUTES_MAX 512
#define OPEN_MAX 1000 /* elements that are open at a time */

/* Elements whose content is text, whatever it looks like (HTML, 13.2.5). */
static const char *const text_only[] = { "script", "style", "title", "textarea",
	"xmp", "iframe", "noembed", "noframes" };

/* Tags that do not part words. */
static const char *const inline_tags[] = { "abbr", "b", "bdi", "bdo", "cite",
	"code", "em", "font", "i", "mark", "q", "s", "small", "span", "strong",
	"sub", "sup", "tt", "u", "wbr" };

/* What readers ask about: elements with an end to wait for, and without. */
static const char *const content_tags[] = { "a", "figcaption", "h1", "h2", "h3",
	"h4", "h5", "h6", "figure", "picture" };
#define TEXT_TAGS 8u /* the first so many are asked for their text */
static const char *const void_tags[] = { "amp-img", "base", "embed", "image",
	"img", "input", "link", "meta", "object", "source", "video" };

/* On any other element, what makes it a <p>, which closes the one before. */
static const char *const attributes[] = { "background", "data-background",
	"data-background-image", "data-bg" };

struct scan {
	char *p, *end;
	char *out; /* at most p: what is left out moves the rest */
	bool all;  /* tags stay */
	unsigned open[ARRAY_SIZE(content_tags)], n_open, n_text;
};

/* A tag, or an attribute, as it was scanned. */
struct tag {
	char *start, *name;
	size_t len, n; /* of its name; attributes */
	bool has_picture, is_json;
};

static bool
is_word(const char *text, size_t len, const char *word)
{
	return len > 0 && (*text | 0x20) == *word &&
	    strncasecmp(text, word, len) == 0 && word[len] == 0;
}

/* Index in the table, or its size. */
static size_t
index_of(const char *const *v, size_t n, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < n && !is_word(text, len, v[i]); i++)
		;
	return i;
}

#define IS_AMONG(table, text, len) \
	(index_of(table, ARRAY_SIZE(table), text, len) < ARRAY_SIZE(table))

static void
put(struct scan *s, const char *from, size_t len)
{
	memmove(s->out, from, len);
	s->out += len;
}

/* memmem() under the sanitizers looks at all of the bytes each time. */
const char *
html_behind(const char *from, const char *end, const char *text)
{
	size_t len = strlen(text);
	const char *p = from + len - 1;

	while (p < end &&
	    (p = memchr(p, text[len - 1], (size_t)(end - p))) != NULL) {
		p++;
		if (memcmp(p - len, text, len) == 0)
			return p;
	}
	return NULL;
}

/* The same, or the end. */
static char *
behind(const struct scan *s, char *from, const char *text)
{
	const char *found = html_behind(from, s->end, text);

	return found == NULL ? s->end : from + (found - from);
}

static bool
starts(const struct scan *s, const char *p, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(s->end - p) >= len && strncasecmp(p, text, len) == 0;
}

static bool
ends_name(char c)
{
	return isspace((unsigned char)c) || c == '/' || c == '>';
}

/* "<!...": a comment, a doctype, or what counts as a comment. */
static void
scan_markup(struct scan *s)
{
	char *start = s->p;

	if (starts(s, start, "<!-->") || starts(s, start, "<!--->"))
		s->p = behind(s, start + 4, ">");
	else if (starts(s, start, "<!--"))
		s->p = behind(s, start + 4, "-->");
	else
		s->p = behind(s, start + 2, ">");
}

/* ---- attributes --------------------------------------------------------- */

/* Over white space and stray slashes, to an attribute or the tag's end. */
static void
scan_gap(struct scan *s)
{
	for (; s->p < s->end; s->p++) {
		if (*s->p == '/' && s->p + 1 < s->end && s->p[1] != '>')
			*s->p = ' ';
		else if (!isspace((unsigned char)*s->p) && *s->p != '/')
			break;
	}
}

static void
scan_value(struct scan *s)
{
	char *close;

	while (s->p < s->end && isspace((unsigned char)*s->p))
		s->p++;
	if (s->p == s->end)
		return;
	if (*s->p == '"' || *s->p == '\'') {
		close = memchr(s->p + 1, *s->p, (size_t)(s->end - s->p) - 1);
		s->p = close == NULL ? s->end : close + 1;
		return;
	}
	while (s->p < s->end && !isspace((unsigned char)*s->p) && *s->p != '>')
		s->p++;
}

static bool
holds(const char *from, const char *to, const char *text)
{
	size_t len = strlen(text);

	for (; (size_t)(to - from) >= len; from++)
		if (strncasecmp(from, text, len) == 0)
			return true;
	return false;
}

static void
scan_attribute(struct scan *s, struct tag *t)
{
	char *name = s->p, *value, *p;
	size_t len;

	s->p++; /* whatever the first one is, it is of the name */
	while (s->p < s->end && !ends_name(*s->p) && *s->p != '=')
		s->p++;
	len = (size_t)(s->p - name);
	for (p = s->p; p < s->end && isspace((unsigned char)*p); p++)
		;
	if (p == s->end || *p != '=')
		return;
	value = s->p = p + 1;
	scan_value(s);
	if (is_word(name, len, "style"))
		t->has_picture |= holds(value, s->p, "url(");
	else if (is_word(name, len, "type"))
		t->is_json |= holds(value, s->p, "ld+json");
	else
		t->has_picture |= IS_AMONG(attributes, name, len);
}

/* ---- tags --------------------------------------------------------------- */

/* The text of an element that holds only text: kept, without tags, if asked. */
static void
scan_text_only(struct scan *s, const struct tag *t, bool keep)
{
	char *start = s->p, *p = s->p, *c;

	for (;; p++) {
		p = memchr(p, '<', (size_t)(s->end - p));
		if (p == NULL) {
			p = s->end;
			break;
		}
		if ((size_t)(s->end - p) > t->len + 2 && p[1] == '/' &&
		    strncasecmp(p + 2, t->name, t->len) == 0 &&
		    ends_name(p[2 + t->len]))
			break;
	}
	for (c = start; keep && c < p; c++)
		if (*c == '<')
			*c = ' ';
	s->p = p;
}

static void
gap(struct scan *s, const char *name, size_t len)
{
	if (s->n_text > 0 && !IS_AMONG(inline_tags, name, len))
		put(s, " ", 1);
}

/* A start tag that is not asked for by its name. */
static void
put_other(struct scan *s, const struct tag *t)
{
	if (s->all) {
		put(s, t->start, (size_t)(s->p - t->start));
	} else if (t->has_picture) {
		memset(t->name, ' ', t->len);
		*t->name = 'p';
		put(s, t->start, (size_t)(s->p - t->start));
	} else {
		gap(s, t->name, t->len);
	}
}

static void
put_start(struct scan *s, const struct tag *t)
{
	size_t i =
	    index_of(content_tags, ARRAY_SIZE(content_tags), t->name, t->len);

	if (t->n > ATTRIBUTES_MAX)
		return;
	if (i < ARRAY_SIZE(content_tags) && !s->all) {
		if (s->n_open == OPEN_MAX)
			return;
		/* A link ends where the next begins. */
		if (i != 0 || s->open[i] == 0) {
			s->open[i]++;
			s->n_open++;
			s->n_text += i < TEXT_TAGS;
		}
	} else if (!IS_AMONG(void_tags, t->name, t->len)) {
		put_other(s, t);
		return;
	}
	put(s, t->start, (size_t)(s->p - t->start));
}

/* <script> and <style>, up to their end tag, and the like. */
static void
put_text_only(struct scan *s, const struct tag *t)
{
	bool keep = !s->all && t->n <= ATTRIBUTES_MAX &&
	    (is_word(t->name, t->len, "style") ||
		(t->is_json && is_word(t->name, t->len, "script")));

	if (t->has_picture && !keep)
		put_other(s, t);
	scan_text_only(s, t, keep);
	if (keep)
		put(s, t->start, (size_t)(s->p - t->start));
	if (keep && s->p < s->end) {
		put(s, s->p, t->len + 2); /* "</style" */
		s->p += t->len + 2;
		s->p = behind(s, s->p, ">");
		put(s, ">", 1);
	}
}

static void
scan_start(struct scan *s)
{
	struct tag t = { .start = s->p, .name = s->p + 1 };

	while (s->p < s->end && !ends_name(*s->p))
		s->p++;
	t.len = (size_t)(s->p - t.name);
	for (scan_gap(s); s->p < s->end && *s->p != '>'; scan_gap(s)) {
		scan_attribute(s, &t);
		t.n++;
	}
	if (s->p == s->end)
		return;
	s->p++;
	if (IS_AMONG(text_only, t.name, t.len))
		put_text_only(s, &t);
	else
		put_start(s, &t);
}

static void
scan_end(struct scan *s)
{
	char *start = s->p, *name = s->p + 2;
	size_t len = 0, i;

	s->p = behind(s, s->p, ">");
	while (name + len < s->p && !ends_name(name[len]))
		len++;
	i = index_of(content_tags, ARRAY_SIZE(content_tags), name, len);
	if (!s->all && (i == ARRAY_SIZE(content_tags) || s->open[i] == 0)) {
		gap(s, name, len);
		return;
	}
	if (!s->all) {
		s->open[i]--;
		s->n_open--;
		s->n_text -= i < TEXT_TAGS;
	}
	put(s, start, (size_t)(s->p - start));
}

size_t
html_prescan(char *bytes, size_t len, bool all)
{
	struct scan s = {
		.p = bytes, .end = bytes + len, .out = bytes, .all = all
	};
	char *p;

	for (p = bytes; (p = memchr(p, 0, (size_t)(s.end - p))) != NULL;)
		*p = ' ';
	while (s.p < s.end) {
		p = memchr(s.p, '<', (size_t)(s.end - s.p));
		p = p == NULL || p + 1 == s.end ? s.end : p;
		if (s.all || s.n_text > 0)
			put(&s, s.p, (size_t)(p - s.p));
		s.p = p;
		if (p == s.end)
			break;
		if (p[1] == '!' || p[1] == '?')
			scan_markup(&s);
		else if (isalpha((unsigned char)p[1]))
			scan_start(&s);
		else if (p[1] == '/')
			scan_end(&s);
		else if (s.all || s.n_text > 0)
			put(&s, s.p++, 1);
		else
			s.p++;
	}
	*s.out = 0;
	return (size_t)(s.out - bytes);
}
