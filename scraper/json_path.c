/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/json_path.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#define TEXT_MAX (64u << 10) /* bytes of a text that is made of others */

struct walk {
	json_path_fn *each;
	void *ctx;
	size_t n;
};

char *
json_scalar_text(const json_t *v)
{
	if (json_is_string(v))
		return xstrdup(json_string_value(v));
	if (json_is_integer(v))
		return xasprintf("%lld", (long long)json_integer_value(v));
	if (json_is_real(v))
		return xasprintf("%.15g", json_real_value(v));
	if (json_is_boolean(v))
		return xstrdup(json_is_true(v) ? "true" : "false");
	return NULL;
}

/* ---- one path ----------------------------------------------------------- */

/* The member that a run of plain names leads to. */
static const json_t *
member(const json_t *v, const char *path, size_t len)
{
	size_t n;

	while (len > 0 && v != NULL) {
		n = strcspn(path, ".");
		n = n > len ? len : n;
		v = json_object_getn(v, path, n);
		path += n;
		len -= n;
		if (len > 0) {
			path++;
			len--;
		}
	}
	return v;
}

/* Is it the word, in which one star may stand for anything? */
static bool
is_word(const json_t *v, const char *word, size_t len)
{
	char *text CLEANUP(freep) = json_scalar_text(v);
	const char *star = memchr(word, '*', len);
	size_t n = text == NULL ? 0 : strlen(text), before, behind;

	if (text == NULL)
		return false;
	if (star == NULL)
		return n == len && memcmp(text, word, len) == 0;
	before = (size_t)(star - word);
	behind = len - before - 1;
	return n >= before + behind && memcmp(text, word, before) == 0 &&
	    memcmp(text + n - behind, star + 1, behind) == 0;
}

/* name=word, or name!=word. */
static bool
passes(const json_t *v, const char *test, size_t len)
{
	const char *eq = memchr(test, '=', len);
	size_t name = eq == NULL ? 0 : (size_t)(eq - test);
	bool not = name > 0 && eq[-1] == '!';

	if (eq == NULL)
		return false;
	return is_word(member(v, test, name - not ), eq + 1, len - name - 1) !=
	    not ;
}

static bool step(
    struct walk *, const char *path, const char *end, const json_t *);

static bool
step_all(struct walk *w, const char *path, const char *end, const json_t *v)
{
	const char *key;
	json_t *child;
	size_t i;

	json_array_foreach(
	    v, i, child) if (!step(w, path, end, child)) return false;
	json_object_foreach((json_t *)(uintptr_t)v, key,
	    child) if (!step(w, path, end, child)) return false;
	return true;
}

static const json_t *
element(const json_t *v, const char *digits, size_t len)
{
	char *text CLEANUP(freep) = xstrndup(digits, len);
	int64_t i;

	if (!text_to_int(text, &i))
		return NULL;
	if (i < 0)
		i += (int64_t)json_array_size(v);
	return i < 0 ? NULL : json_array_get(v, (size_t)i);
}

/* [*], [3] or [name=word] in front of the rest. */
static bool
step_in_brackets(
    struct walk *w, const char *path, const char *end, const json_t *v)
{
	const char *inside = path + 1;
	const char *close = memchr(path, ']', (size_t)(end - path));
	size_t len;

	if (close == NULL)
		return true;
	len = (size_t)(close - inside);
	if (len == 1 && *inside == '*')
		return step_all(w, close + 1, end, v);
	if (memchr(inside, '=', len) == NULL)
		return step(w, close + 1, end, element(v, inside, len));
	return !passes(v, inside, len) || step(w, close + 1, end, v);
}

/* Goes no deeper than the path is long.  False: it is enough. */
static bool
step(struct walk *w, const char *path, const char *end, const json_t *v)
{
	size_t len;

	if (v == NULL || json_is_null(v))
		return true;
	if (path < end && *path == '.')
		path++;
	if (path >= end) {
		w->n++;
		return w->each(w->ctx, v);
	}
	if (*path == '[')
		return step_in_brackets(w, path, end, v);
	for (len = 0; path + len < end && path[len] != '.' && path[len] != '[';)
		len++;
	return step(w, path + len, end, json_object_getn(v, path, len));
}

static bool
walk_path(struct walk *w, const char *path, const char *end,
    const struct json_scope *scope)
{
	const json_t *from = scope->item;

	if (path < end && *path == '$')
		from = scope->root;
	else if (path < end && *path == '@' && scope->part != NULL)
		from = scope->part;
	if (path < end && (*path == '$' || *path == '@'))
		path++;
	return step(w, path, end, from);
}

/* ---- alternatives ------------------------------------------------------- */

/* The end of the alternative at s: a bar outside of all brackets. */
static const char *
alternative_end(const char *s)
{
	char close = 0;

	for (; *s != 0; s++)
		if (close != 0)
			close = *s == close ? 0 : close;
		else if (*s == '|')
			break;
		else if (*s == '[' || *s == '{')
			close = *s == '[' ? ']' : '}';
		else if (*s == '\'')
			close = '\'';
	return s;
}

/* The next one, trimmed; false: there is none. */
static bool
next_alternative(const char **s, const char **start, const char **end)
{
	const char *p = *s;

	if (p == NULL)
		return false;
	*start = p + strspn(p, " \t");
	*end = alternative_end(p);
	*s = **end == 0 ? NULL : *end + 1;
	while (*end > *start && ((*end)[-1] == ' ' || (*end)[-1] == '\t'))
		(*end)--;
	return true;
}

size_t
json_path_each(const char *expr, const struct json_scope *scope,
    json_path_fn *each, void *ctx)
{
	struct walk w = { .each = each, .ctx = ctx };
	const char *start, *end;

	while (w.n == 0 && next_alternative(&expr, &start, &end))
		walk_path(&w, start, end, scope);
	return w.n;
}

/* ---- texts -------------------------------------------------------------- */

static bool
take_text(void *ctx, const json_t *v)
{
	char **text = ctx;

	free(*text);
	*text = json_scalar_text(v);
	if (*text != NULL && **text == 0) {
		free(*text);
		*text = NULL;
	}
	return *text == NULL;
}

static char *
text_at(const char *path, const char *end, const struct json_scope *scope)
{
	char *text = NULL;
	struct walk w = { .each = take_text, .ctx = &text };

	walk_path(&w, path, end, scope);
	return text;
}

/* A text with others in braces. */
static char *
made_text(const char *p, const char *end, const struct json_scope *scope)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
	const char *close;
	char *text;

	while (p < end) {
		close = *p == '{' ? memchr(p, '}', (size_t)(end - p)) : NULL;
		if (close == NULL) {
			if (buf_add(&b, p++, 1) < 0)
				return NULL;
			continue;
		}
		text = text_at(p + 1, close, scope);
		p = close + 1;
		if (text == NULL || buf_addf(&b, "%s", text) < 0) {
			free(text);
			return NULL;
		}
		free(text);
	}
	return b.len == 0 ? NULL : xstrndup((const char *)b.data, b.len);
}

char *
json_path_text(const char *expr, const struct json_scope *scope)
{
	const char *start, *end;
	char *text = NULL;

	while (text == NULL && next_alternative(&expr, &start, &end)) {
		size_t len = (size_t)(end - start);

		if (len >= 2 && *start == '\'' && end[-1] == '\'')
			text = xstrndup(start + 1, len - 2);
		else if (memchr(start, '{', len) != NULL ||
		    memmem(start, len, "://", 3) != NULL)
			text = made_text(start, end, scope);
		else
			text = text_at(start, end, scope);
	}
	return text;
}

/* ---- faults ------------------------------------------------------------- */

static const char *
fault_in(const char *s, const char *end)
{
	char close = 0;

	if (s == end)
		return "an alternative is empty";
	for (; s < end; s++) {
		if (close == 0 && (*s == ']' || *s == '}'))
			return "a bracket closes that was not opened";
		if (close != 0 && *s == close)
			close = 0;
		else if (close == ']' && *s == '[')
			return "brackets stand in brackets";
		else if (close == 0 && (*s == '[' || *s == '{'))
			close = *s == '[' ? ']' : '}';
		else if (close == 0 && *s == '\'')
			close = '\'';
	}
	return close == 0 ? NULL : "a bracket or quote is not closed";
}

const char *
json_path_fault(const char *expr)
{
	const char *start, *end, *fault = NULL;

	while (fault == NULL && next_alternative(&expr, &start, &end))
		fault = fault_in(start, end);
	return fault;
}
