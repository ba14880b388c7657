/* SPDX-License-Identifier: Apache-2.0 */
/*
 * robots_read: from the bytes of a robots.txt to the rules that hold for us.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "scraper/robots_int.h"

/* ---- rules -------------------------------------------------------------- */

void
rules_release(struct rules *r)
{
	buf_release(&r->patterns);
	free(r->v);
	*r = (struct rules){ .delay = -1 };
}

static int
hex(char c)
{
	const char *digits = "0123456789abcdef";
	const char *p = strchr(digits, tolower((unsigned char)c));

	return c == 0 || p == NULL ? -1 : (int)(p - digits);
}

bool
robots_normalise(struct buf *b, const char *s, bool pattern)
{
	unsigned char c;
	bool encoded;

	for (; *s != 0; s++) {
		c = (unsigned char)*s;
		encoded = c == '%' && hex(s[1]) >= 0 && hex(s[2]) >= 0;
		if (encoded) {
			c = (unsigned char)(hex(s[1]) << 4 | hex(s[2]));
			s += 2;
		}
		if (pattern && !encoded && c == '$' && s[1] == 0)
			return true;
		if ((c < 0x80 && isalnum(c)) ||
		    (c != 0 && strchr("-._~", c) != NULL))
			buf_add(b, &c, 1);
		else if (pattern && !encoded && c == '*')
			buf_add(b, "*", 1);
		else if (encoded || c >= 0x7f || c <= ' ' || c == '*' ||
		    c == '$')
			buf_addf(b, "%%%02X", c);
		else
			buf_add(b, &c, 1);
	}
	return false;
}

static void
rules_add(struct rules *r, const char *value, enum rule_kind kind)
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
	/* Each byte becomes three at most, and a line has more of them. */
	r->patterns.cap = 3 * ROBOTS_MAX;
	buf_add(&r->patterns, "", 0);
	rule = &r->v[r->n++];
	*rule = (struct rule){ .kind = (uint8_t)kind };
	rule->at = (uint32_t)r->patterns.len;
	rule->anchored = robots_normalise(&r->patterns, rooted, true);
	rule->len = (uint32_t)r->patterns.len - rule->at;
}

/* The longest first, since it decides; that which allows wins a tie. */
static int
compare(const void *pa, const void *pb)
{
	const struct rule *a = pa, *b = pb;
	uint32_t len_a = a->len + a->anchored, len_b = b->len + b->anchored;

	if (len_a != len_b)
		return len_a > len_b ? -1 : 1;
	return a->kind - b->kind;
}

/* ---- reading ------------------------------------------------------------ */

struct reader {
	const char *token;
	struct rules ours, all;
	struct strlist *sitemaps;
	bool had_agent;       /* before the first, there is no group */
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
	rd->had_agent = true;
	if (strncasecmp(value, rd->token, len) == 0 &&
	    !isalpha((unsigned char)value[len]) && value[len] != '-' &&
	    value[len] != '_')
		rd->in_ours = rd->ours.named = true;
	else if (*value == '*' && strchr(" \t", value[1]) != NULL)
		rd->in_all = rd->all.named = true;
}

static void
add_rule(struct reader *rd, const char *value, enum rule_kind kind)
{
	if (rd->in_ours)
		rules_add(&rd->ours, value, kind);
	if (rd->in_all)
		rules_add(&rd->all, value, kind);
}

static void
take_rule(struct reader *rd, const char *value, enum rule_kind kind)
{
	rd->had_rule = true;
	add_rule(rd, value, kind);
}

static void
take_allow(struct reader *rd, char *value)
{
	take_rule(rd, value, RULE_ALLOW);
}

static void
take_disallow(struct reader *rd, char *value)
{
	take_rule(rd, value, RULE_DISALLOW);
}

static void
take_agent_line(struct reader *rd, char *value)
{
	take_agent(rd, value);
}

static void
take_delay(struct reader *rd, char *value)
{
	double delay;

	if (!text_to_real(value, &delay) || delay < 0)
		return;
	if (rd->in_ours && delay > rd->ours.delay)
		rd->ours.delay = delay;
	if (rd->in_all && delay > rd->all.delay)
		rd->all.delay = delay;
}

/* Training, and what includes it. */
static const char *const uses[] = { "train-ai", "ai-train", "train-genai",
	"tdm", "all", "bots" };

static bool
is_training(const char *use)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(uses); i++)
		if (strcasecmp(use, uses[i]) == 0)
			return true;
	return false;
}

/* Does one of "search=y, train-ai=n" forbid training?  Cuts it to pieces. */
static bool
forbids_training(char *expression)
{
	char *part, *equals, *value;

	while ((part = strsep(&expression, ",")) != NULL) {
		part[strcspn(part, ";")] = 0; /* parameters mean nothing yet */
		equals = strchr(part, '=');
		if (equals == NULL)
			continue;
		*equals = 0;
		value = text_trim(equals + 1);
		if (is_training(text_trim(part)) &&
		    (strcasecmp(value, "n") == 0 ||
			strcasecmp(value, "no") == 0 ||
			strcmp(value, "?0") == 0))
			return true;
	}
	return false;
}

/*
 * "[PATH] train-ai=n, ...".  Before any group it is nobody's by the RFC;
 * yet who has written it does not want to be trained on, by anybody.
 */
static void
take_usage(struct reader *rd, char *value)
{
	const char *path = "/";
	char *rest = value;

	if (*value == '/' || *value == '*') {
		rest = value + strcspn(value, " \t");
		path = value;
		if (*rest != 0)
			*rest++ = 0;
	}
	if (!forbids_training(rest))
		return;
	if (rd->had_agent) {
		add_rule(rd, path, RULE_OPT_OUT);
		return;
	}
	rules_add(&rd->ours, path, RULE_OPT_OUT);
	rules_add(&rd->all, path, RULE_OPT_OUT);
}

static void
take_sitemap(struct reader *rd, char *value)
{
	if (*value != 0 && rd->sitemaps->n < ROBOTS_SITEMAPS_MAX)
		strlist_add(rd->sitemaps, value);
}

static const struct {
	const char *key;
	void (*take)(struct reader *, char *value);
} records[] = {
	{ "user-agent", take_agent_line },
	{ "user agent", take_agent_line }, /* these two are often meant so */
	{ "useragent", take_agent_line },
	{ "allow", take_allow },
	{ "disallow", take_disallow },
	{ "crawl-delay", take_delay },
	{ "sitemap", take_sitemap },
	{ "content-usage", take_usage },
	{ "content-signal", take_usage },
};

static void
take_line(struct reader *rd, char *line)
{
	char *colon, *key;
	size_t i;

	line[strcspn(line, "#")] = 0;
	colon = strchr(line, ':');
	if (colon == NULL)
		return;
	*colon = 0;
	key = text_trim(line);
	for (i = 0; i < ARRAY_SIZE(records); i++)
		if (strcasecmp(key, records[i].key) == 0)
			records[i].take(rd, text_trim(colon + 1));
}

static const char *
line_end(const char *p, const char *end)
{
	while (p < end && *p != '\n' && *p != '\r')
		p++;
	return p;
}

/* Lines end in CR, LF or both; a NUL byte is like any other odd byte. */
static void
take_lines(struct reader *rd, const char *p, const char *end, bool is_cut)
{
	const char *stop;
	char *line, *c;
	size_t len;

	for (; p < end; p = stop + 1) {
		stop = line_end(p, end);
		if (stop == end && is_cut)
			return; /* half a pattern would mean something else */
		len = (size_t)(stop - p);
		line = xmalloc(len + 1);
		memcpy(line, p, len);
		line[len] = 0;
		for (c = line; c < line + len; c++)
			if (*c == 0)
				*c = ' ';
		take_line(rd, line);
		free(line);
	}
}

void
robots_read(struct robots *r, const char *text, size_t len, const char *token)
{
	struct reader rd = { .token = token, .sitemaps = &r->sitemaps };
	bool is_cut = len >= ROBOTS_MAX;

	rd.ours.delay = rd.all.delay = -1;
	if (is_cut)
		len = ROBOTS_MAX;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (len > 0)
		take_lines(&rd, text, text + len, is_cut);
	r->rules = rd.ours.named ? rd.ours : rd.all;
	rules_release(rd.ours.named ? &rd.all : &rd.ours);
	if (r->rules.n > 0)
		qsort(r->rules.v, r->rules.n, sizeof(*r->rules.v), compare);
}
