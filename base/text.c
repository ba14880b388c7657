/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/*
 * Length of the UTF-8 character at s and its code point; 0 when the bytes
 * are not one (RFC 3629: no overlong forms, no surrogates, <= U+10FFFF).
 */
static size_t
utf8_char(const unsigned char *s, size_t len, uint32_t *ret_code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t code;
	size_t n, i;

	if (s[0] < 0x80) {
		*ret_code = s[0];
		return 1;
	}
	n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || n > len)
		return 0;
	code = s[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return n;
}

bool
text_is_utf8(const char *s, size_t len)
{
	uint32_t code;
	size_t n;

	while (len > 0) {
		n = utf8_char((const unsigned char *)s, len, &code);
		if (n == 0 || code == 0)
			return false;
		s += n;
		len -= n;
	}
	return true;
}

static bool
steers_terminal(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) ||
	    (code >= 0x202a && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069) || code == 0x200e ||
	    code == 0x200f || code == 0x061c;
}

void
text_put_safe(FILE *out, const char *s)
{
	char *safe CLEANUP(freep) = text_safe(s);

	fputs(safe, out);
}

char *
text_safe(const char *s)
{
	size_t len = strlen(s), n, i;
	char *out = xmalloc(4 * len + 1), *p = out;
	uint32_t code = 0;

	while (len > 0) {
		n = utf8_char((const unsigned char *)s, len, &code);
		if (n != 0 && !steers_terminal(code)) {
			memcpy(p, s, n);
			p += n;
		} else {
			n = n == 0 ? 1 : n;
			for (i = 0; i < n; i++)
				p += snprintf(
				    p, 5, "\\x%02x", (unsigned char)s[i]);
		}
		s += n;
		len -= n;
	}
	*p = 0;
	return out;
}

#define SUGGEST_MAX 64

static int
min3(int a, int b, int c)
{
	int least = a < b ? a : b;

	return least < c ? least : c;
}

static int
edit_distance(const char *a, const char *b)
{
	int d[3][SUGGEST_MAX + 1];
	int la = (int)strlen(a), lb = (int)strlen(b), i, j, cost;
	int *now = d[0], *before = d[1], *older = d[2], *spare;

	if (la > SUGGEST_MAX || lb > SUGGEST_MAX)
		return INT_MAX;
	for (j = 0; j <= lb; j++)
		before[j] = j;
	for (i = 1; i <= la; i++) {
		now[0] = i;
		for (j = 1; j <= lb; j++) {
			cost = a[i - 1] != b[j - 1];
			now[j] = min3(before[j] + 1, now[j - 1] + 1,
			    before[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && older[j - 2] + 1 < now[j])
				now[j] = older[j - 2] + 1;
		}
		spare = older;
		older = before;
		before = now;
		now = spare;
	}
	return before[lb];
}

const char *
text_suggest(const char *word, const char *const *candidates)
{
	int distance, best = (int)strlen(word) / 3 + 1;
	const char *found = NULL;

	for (; *candidates != NULL; candidates++) {
		distance = edit_distance(word, *candidates);
		if (distance < best || (distance == best && found == NULL)) {
			best = distance;
			found = *candidates;
		}
	}
	return found;
}

/* strtoll() and strtod() take more than people write: white space, inf. */
static bool
is_made_of(const char *s, const char *characters)
{
	return s[strspn(s, characters)] == 0;
}

bool
text_to_int(const char *s, int64_t *ret_n)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(s, &end, 10);
	if (!is_made_of(s, "0123456789+-") || errno != 0 || end == s ||
	    *end != 0)
		return false;
	*ret_n = n;
	return true;
}

bool
text_to_real(const char *s, double *ret_x)
{
	char *end;
	double x;

	errno = 0;
	x = strtod(s, &end);
	if (!is_made_of(s, "0123456789+-.eE") || errno != 0 || end == s ||
	    *end != 0 || !isfinite(x))
		return false;
	*ret_x = x;
	return true;
}

/* A number with an optional one-letter unit out of `letters`. */
static bool
with_unit(
    const char *s, const char *letters, const int64_t *factors, int64_t *ret_n)
{
	size_t len = strlen(s);
	const char *unit = len > 1 ? strchr(letters, s[len - 1]) : NULL;
	char *number CLEANUP(freep) = xstrndup(s, unit ? len - 1 : len);
	int64_t n;

	if (!text_to_int(number, &n) || n < 0)
		return false;
	return !__builtin_mul_overflow(
	    n, unit ? factors[unit - letters] : 1, ret_n);
}

bool
text_to_size(const char *s, int64_t *ret_bytes)
{
	static const int64_t factors[] = { 1 << 10, 1 << 10, 1 << 20, 1 << 20,
		1 << 30, 1 << 30 };

	return with_unit(s, "kKmMgG", factors, ret_bytes);
}

bool
text_to_duration(const char *s, int64_t *ret_seconds)
{
	static const int64_t factors[] = { 1, 60, 3600, 86400, 7 * 86400 };

	return with_unit(s, "smhdw", factors, ret_seconds);
}

const char *
text_size(char *buf, size_t size, int64_t bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	double x = (double)bytes / 1000;
	size_t i = 0;

	if (bytes < 1000) {
		snprintf(buf, size, "%lld B", (long long)bytes);
		return buf;
	}
	/* 999.95 is where "%.1f" begins to say 1000.0. */
	while (x >= 999.95 && i + 1 < ARRAY_SIZE(units)) {
		x /= 1000;
		i++;
	}
	snprintf(buf, size, "%.1f %s", x, units[i]);
	return buf;
}

void
text_to_hex(char *out, const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
text_from_hex(unsigned char *out, size_t len, const char *hex)
{
	size_t i;
	int hi, lo;

	if (strlen(hex) != 2 * len)
		return false;
	for (i = 0; i < len; i++) {
		hi = hex_digit(hex[2 * i]);
		lo = hex_digit(hex[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		out[i] = (unsigned char)(hi << 4 | lo);
	}
	return true;
}

char *
text_trim(char *s)
{
	static const char white[] = " \t\r\n\v\f";
	size_t len;

	s += strspn(s, white);
	len = strlen(s);
	while (len > 0 && strchr(white, s[len - 1]) != NULL)
		len--;
	s[len] = 0;
	return s;
}
