/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <ctype.h>
#include <idn2.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "scraper/url_int.h"

/* Forbidden domain code points, besides controls and DEL (section 3.2). */
#define FORBIDDEN " #/:<>?@[\\]^|%"

static void
idn2_freep(char **s)
{
	idn2_free(*s);
}

/* ---- IPv6 --------------------------------------------------------------- */

/* The first of the longest runs of zeros, if it has two pieces at least. */
static int
longest_zeros(const unsigned *piece, int *ret_len)
{
	int i, start = 0, best = -1;

	*ret_len = 1;
	for (i = 0; i <= 8; i++) {
		if (i < 8 && piece[i] == 0)
			continue;
		if (i - start > *ret_len) {
			*ret_len = i - start;
			best = start;
		}
		start = i + 1;
	}
	return best;
}

static char *
ipv6_text(const struct in6_addr *addr)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(64);
	unsigned piece[8];
	int i, zeros, len;

	for (i = 0; i < 8; i++)
		piece[i] = (unsigned)addr->s6_addr[2 * i] << 8 |
		    addr->s6_addr[2 * i + 1];
	zeros = longest_zeros(piece, &len);
	buf_addf(&b, "[");
	for (i = 0; i < 8; i++) {
		if (i == zeros) {
			buf_addf(&b, i == 0 ? "::" : ":");
			i += len - 1;
			continue;
		}
		buf_addf(&b, "%x%s", piece[i], i < 7 ? ":" : "");
	}
	buf_addf(&b, "]");
	return xstrdup((char *)b.data);
}

static char *
ipv6_parse(const char *host, size_t len)
{
	char *inner CLEANUP(freep) = NULL;
	struct in6_addr addr;

	if (len < 2 || host[len - 1] != ']')
		return NULL;
	inner = xstrndup(host + 1, len - 2);
	return inet_pton(AF_INET6, inner, &addr) == 1 ? ipv6_text(&addr) : NULL;
}

/* ---- IPv4 --------------------------------------------------------------- */

/* A number in decimal, octal or hexadecimal; numbers above 2^32 stay so. */
static bool
ipv4_number(const char *s, size_t len, uint64_t *ret)
{
	unsigned base = 10, digit;

	*ret = 0;
	if (len == 0)
		return false;
	if (len >= 2 && strncasecmp(s, "0x", 2) == 0) {
		base = 16;
		s += 2;
		len -= 2;
	} else if (len >= 2 && *s == '0') {
		base = 8;
		s++;
		len--;
	}
	for (; len > 0; s++, len--) {
		if (!isxdigit((unsigned char)*s))
			return false;
		digit = isdigit((unsigned char)*s)
		    ? (unsigned)(*s - '0')
		    : (unsigned)(tolower((unsigned char)*s) - 'a') + 10;
		if (digit >= base)
			return false;
		if (*ret <= UINT32_MAX)
			*ret = *ret * base + digit;
	}
	return true;
}

/* "Ends in a number" (section 3.5): then it is an address, or wrong. */
static bool
ends_in_number(const char *host)
{
	size_t len = strlen(host), start;
	uint64_t n;

	if (len > 0 && host[len - 1] == '.')
		len--;
	for (start = len; start > 0 && host[start - 1] != '.'; start--)
		;
	if (start < len && strspn(host + start, "0123456789") >= len - start)
		return true;
	return ipv4_number(host + start, len - start, &n);
}

static char *
ipv4_parse(const char *host)
{
	uint64_t part[4], address = 0;
	size_t len;
	int n = 0, i;

	do {
		len = strcspn(host, ".");
		if (n == 4 || !ipv4_number(host, len, &part[n++]))
			return NULL;
		host += len + (host[len] == '.');
	} while (*host != 0);
	for (i = 0; i < n - 1; i++) {
		if (part[i] > 255)
			return NULL;
		address |= part[i] << (24 - 8 * i);
	}
	if (part[n - 1] >= UINT64_C(1) << (8 * (5 - n)))
		return NULL;
	address |= part[n - 1];
	return xasprintf("%" PRIu64 ".%" PRIu64 ".%" PRIu64 ".%" PRIu64,
	    address >> 24, address >> 16 & 255, address >> 8 & 255,
	    address & 255);
}

/* ---- names -------------------------------------------------------------- */

static int
hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
					  : -1;
}

static char *
percent_decode(const char *s, size_t len)
{
	char *text = xmalloc(len + 1), *out = text;
	size_t i;

	for (i = 0; i < len; i++)
		if (s[i] == '%' && i + 2 < len && hex_digit(s[i + 1]) >= 0 &&
		    hex_digit(s[i + 2]) >= 0) {
			*out++ = (char)(hex_digit(s[i + 1]) << 4 |
			    hex_digit(s[i + 2]));
			i += 2;
		} else {
			*out++ = s[i];
		}
	*out = 0;
	if (strlen(text) == (size_t)(out - text))
		return text;
	free(text); /* it held a NUL */
	return NULL;
}

static bool
is_ascii(const char *s)
{
	while (*s != 0 && (unsigned char)*s < 0x80)
		s++;
	return *s == 0;
}

/*
 * UTS 46, nontransitional, as libidn2 does it.  What is ASCII is only put in
 * lower case, also where it says "xn--": that it is no Punycode is for DNS to
 * find out (section 3.3, "domain to ASCII", when not strict).
 */
static char *
to_ascii(const char *name)
{
	char *out CLEANUP(idn2_freep) = NULL;
	char *text, *p;

	if (is_ascii(name)) {
		text = xstrdup(name);
		for (p = text; *p != 0; p++)
			*p = (char)tolower((unsigned char)*p);
		return text;
	}
	if (!text_is_utf8(name, strlen(name)))
		return NULL;
	if (idn2_to_ascii_8z(
		name, &out, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK)
		return url_symbols_to_ascii(name);
	return xstrdup(out);
}

char *
url_host_parse(const char *host, size_t len)
{
	char *name CLEANUP(freep) = NULL;
	char *ascii CLEANUP(freep) = NULL;
	const char *p;

	if (len > 0 && *host == '[')
		return ipv6_parse(host, len);
	name = percent_decode(host, len);
	ascii = name == NULL ? NULL : to_ascii(name);
	if (ascii == NULL || *ascii == 0)
		return NULL;
	for (p = ascii; *p != 0; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f ||
		    strchr(FORBIDDEN, *p) != NULL)
			return NULL;
	return ends_in_number(ascii) ? ipv4_parse(ascii) : TAKE(ascii);
}
