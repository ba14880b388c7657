/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/robots.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"

struct rule {
	char *pattern; /* normalised */
	size_t len;
	bool allow, anchored; /* anchored: it ended in `$` */
};

struct rules {
	struct rule *v;
	size_t n, size;
	double delay; /* < 0: none */
	bool named;   /* there was such a group */
};

struct robots {
	struct rules rules;
	bool unreachable;
};

static void
rules_release(struct rules *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free(r->v[i].pattern);
	free(r->v);
	*r = (struct rules){ .delay = -1 };
}

void
robots_free(struct robots *r)
{
	if (r == NULL)
		return;
	rules_release(&r->rules);
	free(r);
}

static int
hex(char c)
{
	const char *digits = "0123456789abcdef";
	const char *p = strchr(digits, tolower((unsigned char)c));

	return c == 0 || p == NULL ? -1 : (int)(p - digits);
}

/*
 * One form for patterns and paths (2.2.2): what is not ASCII is encoded,
 * unreserved characters are not, digits of %XX are upper-case.  A `*` or
 * `$` that means itself comes out as %2A and %24, wherever it stood.
 */
static char *
normalise(const char *s, bool pattern, bool *ret_anchored)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(4 * ROBOTS_MAX);
	unsigned char c;
	bool encoded;

	*ret_anchored = false;
	buf_add(&b, "", 0);
	for (; *s != 0; s++) {
		c = (unsigned char)*s;
		encoded = c == '%' && hex(s[1]) >= 0 && hex(s[2]) >= 0;
		if (encoded) {
			c = (unsigned char)(hex(s[1]) << 4 | hex(s[2]));
			s += 2;
		}
		if (pattern && !encoded && c == '$' && s[1] == 0) {
			*ret_anchored = true;
			break;
		}
		if (isalnum(c) || (c != 0 && strchr("-._~", c) != NULL))
			buf_add(&b, &c, 1);
		else if (pattern && !encoded && c == '*')
			buf_add(&b, "*", 1);
		else if (encoded || c >= 0x7f || c <= ' ' || c == '*' ||
		    c == '$')
			buf_addf(&b, "%%%02X", c);
		else
			buf_add(&b, &c, 1);
	}
	return xstrdup((const char *)b.data);
}

static void
rules_add(struct rules *r, const char *value, bool allow)
{
	char *rooted CLEANUP(freep) = NULL;
	struct rule *rule;

	if (*value == 0)
		return; /* an empty pattern matches nothing */
	/* "private/" is not of the RFC, but what is meant is clear. */
	rooted = xasprintf("%s%s",
	    *value == '/' || *value == '*' || *value == '$' ? "" : "/", value);
	if (r->n == r->size) {
		r->size = r->size == 0 ? 16 : 2 * r->size;
		r->v = xreallocarray(r->v, r->size, sizeof(*r->v));
	}
	rule = &r->v[r->n++];
	rule->allow = allow;
	rule->pattern = normalise(rooted, true, &rule->anchored);
	rule->len = strlen(rule->pattern) + rule->anchored;
}

/* ---- reading ------------------------------------------------------------ */

struct reader {
	const char *token;
	struct rules ours, all;
	bool in_ours, in_all; /* the group is for us; for everybody */
	bool had_rule;        /* so that the next User-agent opens a group */
};

static void
take_agent(struct reader *rd, const char *value)
{
	size_t len = strlen(rd->token);

	if (rd->had_rule)
		rd->in_ours = rd->in_all = false;
	rd->had_rule = false;
	if (strncasecmp(value, rd->token, len) == 0 &&
	    !isalpha((unsigned char)value[len]) && value[len] != '-' &&
	    value[len] != '_')
		rd->in_ours = rd->ours.named = true;
	else if (*value == '*' && strchr(" \t", value[1]) != NULL)
		rd->in_all = rd->all.named = true;
}

static void
take_rule(struct reader *rd, const char *value, bool allow)
{
	rd->had_rule = true;
	if (rd->in_ours)
		rules_add(&rd->ours, value, allow);
	if (rd->in_all)
		rules_add(&rd->all, value, allow);
}

/* Not of the RFC; as an other record it does not end a group (2.2.4). */
static void
take_delay(struct reader *rd, const char *value)
{
	double delay;

	if (!text_to_real(value, &delay) || delay < 0)
		return;
	if (rd->in_ours && delay > rd->ours.delay)
		rd->ours.delay = delay;
	if (rd->in_all && delay > rd->all.delay)
		rd->all.delay = delay;
}

static void
take_line(struct reader *rd, char *line)
{
	char *colon, *key, *value;

	line[strcspn(line, "#")] = 0;
	colon = strchr(line, ':');
	if (colon == NULL)
		return;
	*colon = 0;
	key = text_trim(line);
	value = text_trim(colon + 1);
	if (strcasecmp(key, "user-agent") == 0 ||
	    strcasecmp(key, "user agent") == 0 ||
	    strcasecmp(key, "useragent") == 0)
		take_agent(rd, value);
	else if (strcasecmp(key, "allow") == 0)
		take_rule(rd, value, true);
	else if (strcasecmp(key, "disallow") == 0)
		take_rule(rd, value, false);
	else if (strcasecmp(key, "crawl-delay") == 0)
		take_delay(rd, value);
}

/* Lines end in CR, LF or both; a NUL byte is like any other odd byte. */
static void
take_lines(struct reader *rd, const char *p, const char *end)
{
	char *line, *c;
	size_t len;

	while (p < end) {
		for (len = 0; p + len < end && p[len] != '\n' && p[len] != '\r';
		     len++)
			;
		line = xmalloc(len + 1);
		memcpy(line, p, len);
		line[len] = 0;
		for (c = line; c < line + len; c++)
			if (*c == 0)
				*c = ' ';
		take_line(rd, line);
		free(line);
		p += len + 1;
	}
}

struct robots *
robots_parse(const void *text, size_t len, const char *token)
{
	struct reader rd = { .token = token };
	struct robots *r = xcalloc(1, sizeof(*r));
	const char *p = text;

	rd.ours.delay = rd.all.delay = -1;
	if (len > ROBOTS_MAX)
		len = ROBOTS_MAX;
	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		len -= 3;
	}
	if (len > 0)
		take_lines(&rd, p, p + len);
	r->rules = rd.ours.named ? rd.ours : rd.all;
	rules_release(rd.ours.named ? &rd.all : &rd.ours);
	return r;
}

struct robots *
robots_of_answer(long status, const void *text, size_t len, const char *token)
{
	struct robots *r;

	if (status >= 200 && status < 300)
		return robots_parse(text, len, token);
	r = robots_parse("", 0, token);
	r->unreachable = status == 429 || status < 400 || status >= 500;
	return r;
}

/* ---- asking ------------------------------------------------------------- */

bool
robots_unreachable(const struct robots *r)
{
	return r->unreachable;
}

/* Does the pattern, `*` standing for any bytes, match a start of the path? */
static bool
matches(const struct rule *rule, const char *path)
{
	const char *p = rule->pattern, *star = NULL, *retry = NULL;

	for (;;) {
		if (*p == 0 && (!rule->anchored || *path == 0))
			return true;
		if (*p == '*') {
			star = ++p;
			retry = path;
		} else if (*path != 0 && *p == *path) {
			p++;
			path++;
		} else if (star != NULL && *retry != 0) {
			p = star;
			path = ++retry;
		} else {
			return false;
		}
	}
}

/* Would it decide in place of `best`, if it matches? */
static bool
outranks(const struct rule *rule, const struct rule *best)
{
	return rule->len > best->len || (rule->len == best->len && rule->allow);
}

bool
robots_allows(const struct robots *r, const char *target)
{
	const struct rule *best = NULL, *rule;
	char *path CLEANUP(freep) = NULL;
	bool anchored;

	if (r->unreachable)
		return false;
	if (strcmp(target, "/robots.txt") == 0)
		return true;
	path = normalise(target, false, &anchored);
	for (rule = r->rules.v; rule < r->rules.v + r->rules.n; rule++) {
		if (best != NULL && !outranks(rule, best))
			continue;
		if (matches(rule, path))
			best = rule;
	}
	return best == NULL || best->allow;
}

double
robots_crawl_delay(const struct robots *r)
{
	return r->rules.delay > 0 ? r->rules.delay : 0;
}
