/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url: one form for each address, and one parser for all of them.
 *
 * Pages write addresses carelessly, so references are cleaned and resolved
 * as browsers do it (WHATWG URL, url.spec.whatwg.org), by a parser of our
 * own that does not depend on the locale.  Only what url_resolve() returned
 * is ever requested: plain ASCII, on which all parsers agree.
 */
#ifndef SCRAPER_URL_H
#define SCRAPER_URL_H

#include <stdbool.h>
#include <stddef.h>

#define URL_MAX 2048 /* bytes of a normalised URL */

/*
 * The absolute http or https URL that href means in a document at base,
 * normalised, without a fragment: lower-case ASCII scheme and host (IDNA for
 * the rest), no default port, no dot segments, odd bytes percent-encoded.
 * An empty href is the document.  base is such a URL itself, or NULL when
 * href must be absolute.  NULL for what is refused: other schemes, user
 * information, IPv6 zones, hosts that are not quite an address, port 0, more
 * than URL_MAX bytes.  The caller frees.
 */
char *url_resolve(const char *base, const char *href);

/*
 * The same without our policy, exactly as the standard has it, for http and
 * https: with user information and odd hosts, of whatever length.  href is of
 * len bytes.  The caller frees.
 */
char *url_parse(const char *base, const char *href, size_t len);

/* These take a URL that url_resolve() returned. */

/* "example.org", or "example.org:8080" where the port is not the default. */
char *url_host(const char *url);
/* The bytes of "https://example.org", before the path. */
size_t url_origin_len(const char *url);
/* What is asked of the host: "/path?query", inside url. */
const char *url_target(const char *url);

/* Does the path end like an image file's, and is it not a page about one? */
bool url_looks_like_image(const char *url);

/* Percent-decoded; NULL when that holds a NUL.  The caller frees. */
char *url_decode(const char *text);

/* Value of an argument of the query, percent-decoded; NULL when missing. */
char *url_argument(const char *url, const char *name);

/*
 * The same URL with an argument of its query set, in place of every one of
 * this name; NULL when it would be too long.  The caller frees.
 */
char *url_with_argument(const char *url, const char *name, const char *value);

/* "file:///..." of an absolute path, percent-encoded; for local folders. */
char *url_of_file(const char *path);

#endif
