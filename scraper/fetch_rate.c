/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/fetch_rate.h"

#include <curl/curl.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* A number this large is a date. */
#define DATE_MIN 1000000000

/* Digits at the beginning; -1 when there are none. */
static int64_t
number(const char *p)
{
	int64_t n = 0;

	if (!isdigit((unsigned char)*p))
		return -1;
	for (; isdigit((unsigned char)*p) && n < (int64_t)1 << 40; p++)
		n = 10 * n + (*p - '0');
	return n;
}

static int64_t
clamp(int64_t s)
{
	if (s < 0)
		return 0;
	return s > RATE_WAIT_MAX_S ? RATE_WAIT_MAX_S : s;
}

static int64_t
seconds_or_date(const char *value, int64_t now_s)
{
	int64_t n = number(value);

	return clamp(n >= DATE_MIN ? n - now_s : n);
}

static void
add_retry_after(struct rate *r, const char *value, int64_t now_s)
{
	int64_t n = number(value);

	if (n < 0) {
		n = curl_getdate(value, NULL);
		n = n < 0 ? 0 : n - now_s;
	}
	r->retry_after_s = clamp(n);
}

/* The number behind `name=`, as a key or parameter; -1 without one. */
static int64_t
parameter(const char *value, const char *name)
{
	size_t len = strlen(name);
	const char *p = value;

	for (;;) {
		p += strspn(p, " \t;,");
		if (*p == 0)
			return -1;
		if (strncasecmp(p, name, len) == 0 && p[len] == '=')
			return number(p + len + 1);
		if (*p == '"')
			p += 1 + strcspn(p + 1, "\"");
		p += strcspn(p, ";,");
	}
}

static void
add_rate_limit(struct rate *r, const char *value)
{
	int64_t left = parameter(value, "r"), wait = parameter(value, "t");

	if (left < 0)
		left = parameter(value, "remaining");
	if (wait < 0)
		wait = parameter(value, "reset");
	if (left != 0 || wait < 0)
		return;
	r->exhausted = true;
	if (clamp(wait) > r->exhausted_s)
		r->exhausted_s = clamp(wait);
}

void
rate_add(struct rate *r, const char *name, const char *value, int64_t now_s)
{
	if (strcasecmp(name, "retry-after") == 0) {
		add_retry_after(r, value, now_s);
		return;
	}
	if (strncasecmp(name, "x-", 2) == 0)
		name += 2;
	if (strcasecmp(name, "ratelimit") == 0)
		add_rate_limit(r, value);
	else if (strcasecmp(name, "ratelimit-remaining") == 0 ||
	    strcasecmp(name, "rate-limit-remaining") == 0)
		r->none_left = number(value) == 0;
	else if (strcasecmp(name, "ratelimit-reset") == 0 ||
	    strcasecmp(name, "rate-limit-reset") == 0)
		r->reset_s = seconds_or_date(value, now_s);
}

int64_t
rate_wait_s(const struct rate *r)
{
	int64_t wait = r->retry_after_s;

	if (r->none_left && r->reset_s > wait)
		wait = r->reset_s;
	if (r->exhausted && r->exhausted_s > wait)
		wait = r->exhausted_s;
	return wait;
}
