/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One linear pass over HTML before libxml2 sees it.
 *
 * libxml2 2.9's parser is of HTML 4: it finds tags where HTML 5 has none (in
 * <title>, in a bogus comment), loses some that are there (<img/src=x>), and
 * takes quadratic time over attributes.  What it would get wrong is turned
 * into spaces here.  This does not bound all that can go wrong in it; the
 * child's deadline does.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "scraper/read.h"

#define ATTRIBUTES_MAX 512

/* Elements whose content is text, whatever it looks like (HTML, 13.2.5). */
static const char *const text_only[] = { "script", "style", "title", "textarea",
	"xmp", "iframe", "noembed", "noframes" };

struct scan {
	char *p, *end;
};

static void
blank(char *from, char *to)
{
	memset(from, ' ', (size_t)(to - from));
}

/* Behind the next such text, or the end. */
static char *
behind(const struct scan *s, char *from, const char *text)
{
	char *found = memmem(from, (size_t)(s->end - from), text, strlen(text));

	return found == NULL ? s->end : found + strlen(text);
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
	if (!starts(s, start, "<!doctype"))
		blank(start, s->p);
}

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

static void
scan_attribute(struct scan *s)
{
	char *p;

	s->p++; /* whatever the first one is, it is of the name */
	while (s->p < s->end && !ends_name(*s->p) && *s->p != '=')
		s->p++;
	for (p = s->p; p < s->end && isspace((unsigned char)*p); p++)
		;
	if (p < s->end && *p == '=') {
		s->p = p + 1;
		scan_value(s);
	}
}

/* Blank the text of an element that holds only text. */
static void
scan_text_only(struct scan *s, const char *name, size_t len)
{
	char *start = s->p, *p = s->p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(text_only); i++)
		if (strlen(text_only[i]) == len &&
		    strncasecmp(name, text_only[i], len) == 0)
			break;
	if (i == ARRAY_SIZE(text_only))
		return;
	for (;; p++) {
		p = memchr(p, '<', (size_t)(s->end - p));
		if (p == NULL) {
			p = s->end;
			break;
		}
		if ((size_t)(s->end - p) > len + 2 && p[1] == '/' &&
		    strncasecmp(p + 2, text_only[i], len) == 0 &&
		    ends_name(p[2 + len]))
			break;
	}
	blank(start, p);
	s->p = p;
}

static void
scan_tag(struct scan *s)
{
	char *start = s->p, *name = s->p + 1;
	size_t n = 0, len;

	while (s->p < s->end && !ends_name(*s->p))
		s->p++;
	len = (size_t)(s->p - name);
	for (scan_gap(s); s->p < s->end && *s->p != '>'; scan_gap(s)) {
		scan_attribute(s);
		n++;
	}
	if (s->p == s->end || n > ATTRIBUTES_MAX) {
		s->p += s->p < s->end;
		blank(start, s->p);
		return;
	}
	s->p++;
	scan_text_only(s, name, len);
}

void
html_prescan(char *bytes, size_t len)
{
	struct scan s = { bytes, bytes + len };
	char *nul = bytes;

	while ((nul = memchr(nul, 0, (size_t)(s.end - nul))) != NULL)
		*nul = ' ';
	while ((s.p = memchr(s.p, '<', (size_t)(s.end - s.p))) != NULL) {
		if (s.p + 1 == s.end)
			break;
		if (s.p[1] == '!' || s.p[1] == '?')
			scan_markup(&s);
		else if (isalpha((unsigned char)s.p[1]))
			scan_tag(&s);
		else if (s.p[1] == '/')
			s.p = behind(&s, s.p, ">");
		else
			s.p++;
	}
}
