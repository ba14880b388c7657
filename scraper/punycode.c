/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels of symbols and emoji, which UTS 46 takes and libidn2, which keeps to
 * IDNA 2008, does not.  In the ranges below nothing is mapped, so such a label
 * only needs Punycode (RFC 3492).
 */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "scraper/url_int.h"

#define LABEL_MAX 63 /* RFC 1035 */

/* The code point at *s, which is valid UTF-8. */
static uint32_t
next_of(const char **s)
{
	const unsigned char *p = (const unsigned char *)*s;
	int n = *p < 0x80 ? 0 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
	uint32_t c = n == 0 ? *p : *p & (0x3fu >> n);

	*s += n + 1;
	while (n-- > 0)
		c = c << 6 | (*++p & 0x3f);
	return c;
}

static bool
is_symbol(uint32_t c)
{
	return (c >= 0x2600 && c <= 0x27bf) || (c >= 0x1f300 && c <= 0x1faff);
}

/* Variation selectors are mapped to nothing. */
static bool
read_label(const char *s, const char *end, uint32_t *points, size_t *ret_n)
{
	uint32_t c;
	size_t n = 0;

	while (s < end) {
		c = next_of(&s);
		if (c == 0xfe0f)
			continue;
		if ((c >= 0x80 && !is_symbol(c)) || n == LABEL_MAX)
			return false;
		points[n++] = c < 0x80 ? (uint32_t)tolower((int)c) : c;
	}
	*ret_n = n;
	return true;
}

static uint32_t
adapt(uint32_t delta, uint32_t n, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / 700 : delta / 2;
	delta += delta / n;
	for (; delta > 455; k += 36)
		delta /= 35;
	return k + 36 * delta / (delta + 38);
}

/* A delta as an integer of variable length. */
static void
add_delta(struct buf *b, uint32_t delta, uint32_t bias)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	uint32_t k, t;

	for (k = 36;; k += 36) {
		t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
		if (delta < t)
			break;
		buf_add(b, &digits[t + (delta - t) % (36 - t)], 1);
		delta = (delta - t) / (36 - t);
	}
	buf_add(b, &digits[delta], 1);
}

static uint32_t
least_from(const uint32_t *points, size_t n, uint32_t from)
{
	uint32_t least = UINT32_MAX;
	size_t i;

	for (i = 0; i < n; i++)
		if (points[i] >= from && points[i] < least)
			least = points[i];
	return least;
}

static void
add_label(struct buf *b, const uint32_t *points, size_t n)
{
	uint32_t delta = 0, bias = 72, at = 0x80, m, basic = 0, done;
	size_t i;
	char c;

	for (i = 0; i < n; i++)
		basic += points[i] < 0x80;
	buf_addf(b, basic < n ? "xn--" : "");
	for (i = 0; i < n; i++)
		if (points[i] < 0x80) {
			c = (char)points[i];
			buf_add(b, &c, 1);
		}
	if (basic > 0 && basic < n)
		buf_add(b, "-", 1);
	for (done = basic; done < n; delta++, at++) {
		m = least_from(points, n, at);
		delta += (m - at) * (done + 1);
		at = m;
		for (i = 0; i < n; i++) {
			delta += points[i] < at;
			if (points[i] != at)
				continue;
			add_delta(b, delta, bias);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
	}
}

char *
url_symbols_to_ascii(const char *name)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(HREF_MAX);
	uint32_t points[LABEL_MAX];
	size_t n;

	for (;; name++) {
		const char *end = name + strcspn(name, ".");

		if (!read_label(name, end, points, &n))
			return NULL;
		add_label(&b, points, n);
		name = end;
		if (*name == 0)
			break;
		buf_add(&b, ".", 1);
	}
	return b.len == 0 ? NULL : xstrdup((char *)b.data);
}
