/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/robots.h"

#include <string.h>

#include "scraper/robots_int.h"

void
robots_free(struct robots *r)
{
	if (r == NULL)
		return;
	rules_release(&r->rules);
	strlist_release(&r->sitemaps);
	free(r);
}

struct robots *
robots_parse(const void *text, size_t len, const char *token)
{
	struct robots *r = xcalloc(1, sizeof(*r));

	robots_read(r, text, len, token);
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

bool
robots_unreachable(const struct robots *r)
{
	return r->unreachable;
}

/* The end of the first place in [p, end) where the bytes stand; or NULL. */
static const char *
find(const char *p, const char *end, const char *bytes, size_t len)
{
	if (len == 0)
		return p;
	p = memmem(p, (size_t)(end - p), bytes, len);
	return p == NULL ? NULL : p + len;
}

/*
 * Does the pattern match a start of the path, or all of it?  Each piece
 * between stars is taken where it stands first; nothing is tried twice, so
 * no pattern can make this slow.
 */
static bool
matches(const struct rules *rules, const struct rule *rule, const char *path,
    const char *path_end)
{
	const char *p = (const char *)rules->patterns.data + rule->at;
	const char *end = p + rule->len, *star;
	size_t len;

	star = memchr(p, '*', rule->len);
	len = (size_t)((star == NULL ? end : star) - p);
	if (len > (size_t)(path_end - path) || memcmp(p, path, len) != 0)
		return false;
	path += len;
	if (star == NULL)
		return !rule->anchored || path == path_end;
	for (;;) {
		p = star + 1;
		star = memchr(p, '*', (size_t)(end - p));
		if (star == NULL)
			break;
		path = find(path, path_end, p, (size_t)(star - p));
		if (path == NULL)
			return false;
	}
	len = (size_t)(end - p);
	if (!rule->anchored)
		return find(path, path_end, p, len) != NULL;
	return len <= (size_t)(path_end - path) &&
	    memcmp(path_end - len, p, len) == 0;
}

/* The rule that decides on a target: the first one, by their order. */
static const struct rule *
find_rule(const struct rules *rules, const char *target, bool opt_out)
{
	struct buf path CLEANUP(buf_release) = BUF_INIT(3 * strlen(target) + 1);
	const char *start, *end;
	size_t i;

	if (rules->n == 0)
		return NULL;
	buf_add(&path, "", 0);
	robots_normalise(&path, target, false);
	start = (const char *)path.data;
	end = start + path.len;
	for (i = 0; i < rules->n; i++)
		if ((rules->v[i].kind == RULE_OPT_OUT) == opt_out &&
		    matches(rules, &rules->v[i], start, end))
			return &rules->v[i];
	return NULL;
}

bool
robots_allows(const struct robots *r, const char *target)
{
	const struct rule *rule;

	if (r->unreachable)
		return false;
	if (strcmp(target, "/robots.txt") == 0)
		return true;
	rule = find_rule(&r->rules, target, false);
	return rule == NULL || rule->kind == RULE_ALLOW;
}

bool
robots_opts_out(const struct robots *r, const char *target)
{
	return find_rule(&r->rules, target, true) != NULL;
}

double
robots_crawl_delay(const struct robots *r)
{
	return r->rules.delay > 0 ? r->rules.delay : 0;
}

const char *
robots_sitemap(const struct robots *r, size_t i)
{
	return i < r->sitemaps.n ? r->sitemaps.v[i] : NULL;
}
