/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url_int: the parts of the URL parser (WHATWG URL, url.spec.whatwg.org).
 */
#ifndef SCRAPER_URL_INT_H
#define SCRAPER_URL_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define HREF_MAX 8192 /* before cleaning: white space may be cut */

/* An http or https URL, serialised in its parts (section 4.5). */
struct url_parts {
	bool secure;   /* https */
	bool has_user; /* there was an '@', whatever stood before it */
	char *user;    /* "name:password", encoded, or NULL */
	char *host;    /* as it is serialised */
	long port;     /* -1: none, or the scheme's own */
	char *path;    /* starts with a slash */
	char *query;   /* with its '?', or NULL */
};

void url_parts_release(struct url_parts *);

/*
 * Parse href against base, which is such a URL or NULL (section 4.4); false
 * on failure, and for schemes other than http and https.
 */
bool url_parts_parse(
    struct url_parts *, const char *base, const char *href, size_t len);

/* Serialise without a fragment; the caller frees. */
char *url_parts_text(const struct url_parts *);

/*
 * The host parser (section 3.5): a name in ASCII, an IPv4 address as four
 * decimal numbers, an IPv6 address in brackets; NULL on failure.  It does not
 * depend on the locale.
 */
char *url_host_parse(const char *host, size_t len);

/* Labels of ASCII, symbols and emoji in Punycode; NULL for all others. */
char *url_symbols_to_ascii(const char *name);

/* Append, percent-encoded: controls, space, what is not ASCII, and the set. */
void url_encode(struct buf *, const char *s, size_t len, const char *set);

#define URL_IN_PATH "\"#<>?^`{}"
#define URL_IN_QUERY "\"#<>'"

#endif
