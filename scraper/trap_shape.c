/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "scraper/trap.h"
#include "scraper/url.h"

#define YEAR_S 31556952 /* of the Gregorian calendar, in the mean */

const char *
trap_text(enum trap_rule rule)
{
	static const char *const texts[TRAP_RULES] = {
		[TRAP_NONE] = "",
		[TRAP_DEEP] = "paths of more than 20 segments",
		[TRAP_REPEATS] = "segments that come again and again",
		[TRAP_ARGUMENTS] = "queries of more than 8 arguments",
		[TRAP_CALENDAR] = "dates more than a year ahead",
		[TRAP_QUERIES] = "too many queries of one path",
		[TRAP_STALE] = "pages in a row without a new image",
		[TRAP_HOST] = "more pages than the share of a host",
		[TRAP_SITEMAPS] = "sitemaps that lead to sitemaps, too deep",
	};

	return texts[rule];
}

/* ---- session ids -------------------------------------------------------- */

/* Arguments that tell visits apart, and never documents. */
static const char *const visits[] = { "_ga", "fbclid", "gclid", "igshid",
	"jsessionid", "mc_cid", "mc_eid", "msclkid", "phpsessid", "sessionid",
	"session_id", "yclid" };

static bool
is_word(const char *s, size_t len, const char *word)
{
	return strncasecmp(s, word, len) == 0 && word[len] == 0;
}

/* "sid" may be of anything, unless its value looks drawn by lot. */
static bool
is_session(const char *value, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)value[i]))
			return false;
	return len >= 16;
}

static bool
is_visit(const char *argument, size_t len)
{
	const char *eq = memchr(argument, '=', len);
	size_t name = eq == NULL ? len : (size_t)(eq - argument), i;

	if (name > 4 && strncasecmp(argument, "utm_", 4) == 0)
		return true;
	if (name > 12 && strncasecmp(argument, "aspsessionid", 12) == 0)
		return true;
	if (is_word(argument, name, "sid"))
		return eq != NULL && is_session(eq + 1, len - name - 1);
	for (i = 0; i < sizeof(visits) / sizeof(visits[0]); i++)
		if (is_word(argument, name, visits[i]))
			return true;
	return false;
}

/* The path without ";jsessionid=..." behind its segments. */
static void
add_path(struct buf *b, const char *url, size_t len)
{
	static const char mark[] = ";jsessionid=";
	size_t i = 0;

	while (i < len) {
		if (len - i >= sizeof(mark) - 1 &&
		    strncasecmp(url + i, mark, sizeof(mark) - 1) == 0) {
			while (i < len && url[i] != '/')
				i++;
			continue;
		}
		buf_add(b, url + i++, 1);
	}
}

char *
trap_clean(const char *url)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)2 * URL_MAX);
	size_t len = strcspn(url, "?");
	const char *p = url + len;
	char mark = '?';

	add_path(&b, url, len);
	if (*p == '?' && p[1] == 0)
		buf_add(&b, p, 1);
	for (p += *p == '?'; *p != 0; p += len + (p[len] == '&')) {
		len = strcspn(p, "&");
		if (is_visit(p, len))
			continue;
		buf_add(&b, &mark, 1);
		buf_add(&b, p, len);
		mark = '&';
	}
	return xstrdup((char *)b.data);
}

/* ---- the path ----------------------------------------------------------- */

static bool
is_number(const char *s, size_t len)
{
	while (len > 0 && isdigit((unsigned char)s[len - 1]))
		len--;
	return len == 0;
}

static const char *
slash_behind(const char *p, const char *end)
{
	const char *slash = memchr(p, '/', (size_t)(end - p));

	return slash == NULL ? end : slash;
}

/* How often the segment at s comes again behind it; numbers may. */
static int
repeats(const char *s, size_t len, const char *end)
{
	const char *p = s + len;
	int n = 0;

	if (len == 0 || is_number(s, len))
		return 0;
	while (p < end) {
		const char *stop = slash_behind(++p, end);
		size_t other = (size_t)(stop - p);

		n += other == len && memcmp(p, s, len) == 0;
		p += other;
	}
	return n;
}

static enum trap_rule
path_rule(const char *path, size_t len)
{
	const char *p = path, *end = path + len;
	int n = 0;

	while (p < end) {
		const char *stop = slash_behind(++p, end);
		size_t segment = (size_t)(stop - p);

		if (++n > TRAP_SEGMENTS_MAX)
			return TRAP_DEEP;
		if (repeats(p, segment, end) >= TRAP_REPEATS_MAX)
			return TRAP_REPEATS;
		p += segment;
	}
	return TRAP_NONE;
}

/* ---- calendars ---------------------------------------------------------- */

static int64_t
digits(const char *s, size_t *ret_len)
{
	int64_t n = 0;
	size_t len = 0;

	for (; isdigit((unsigned char)s[len]); len++)
		n = len < 9 ? n * 10 + (s[len] - '0') : n;
	*ret_len = len;
	return n;
}

/* "2031-05", "2031/5/": a year and a month, beyond this year? */
static bool
is_ahead(const char *s, int64_t year)
{
	size_t len, month_len;
	int64_t n = digits(s, &len), month;

	if (len != 4 || n <= year || (s[4] != '-' && s[4] != '/'))
		return false;
	month = digits(s + 5, &month_len);
	return month_len >= 1 && month_len <= 2 && month >= 1 && month <= 12;
}

/* "year=2031" */
static bool
is_year_argument(const char *s, int64_t year)
{
	static const char *const names[] = {
		"year=", "yr=", "jahr=", "annee=", "anno=", "y="
	};
	size_t i, len;
	int64_t n;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncasecmp(s, names[i], strlen(names[i])) != 0)
			continue;
		n = digits(s + strlen(names[i]), &len);
		return len == 4 && n > year;
	}
	return false;
}

static bool
is_calendar(const char *target, int64_t now)
{
	int64_t year = 1970 + now / YEAR_S + 1;
	const char *p;

	for (p = target; *p != 0; p++) {
		if (isdigit((unsigned char)*p) &&
		    (p == target || !isdigit((unsigned char)p[-1])) &&
		    is_ahead(p, year))
			return true;
		if ((*p == '?' || *p == '&') && is_year_argument(p + 1, year))
			return true;
	}
	return false;
}

enum trap_rule
trap_shape(const char *url, int64_t now)
{
	const char *target = url_target(url), *p;
	size_t len = strcspn(target, "?");
	enum trap_rule rule = path_rule(target, len);
	int n = 0;

	if (rule != TRAP_NONE)
		return rule;
	for (p = target + len; *p != 0; p++)
		n += *p == '?' || *p == '&';
	if (n > TRAP_ARGUMENTS_MAX)
		return TRAP_ARGUMENTS;
	return is_calendar(target, now) ? TRAP_CALENDAR : TRAP_NONE;
}
