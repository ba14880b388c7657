/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What nobody would call a picture of something.  Only what is sure: a wrong
 * guess here loses an image, and prep refuses the small and the empty.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "scraper/html_int.h"
#include "scraper/page_int.h"
#include "scraper/url.h"

#define LEAST_PX 32

/* Names of files, without their ending. */
static const char *const names[] = { "1x1", "blank", "clear", "dot", "favicon",
	"pixel", "spacer", "space", "transparent", "trans", "px" };

/* Hosts of counters, and of nothing else. */
static const char *const beacons[] = { "b.scorecardresearch.com",
	"bat.bing.com", "ad.doubleclick.net", "googleads.g.doubleclick.net",
	"pixel.quantserve.com", "pixel.wp.com", "sb.scorecardresearch.com",
	"stats.wp.com", "www.google-analytics.com",
	"ssl.google-analytics.com" };

static bool
ends_with(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && strncasecmp(s + len - n, end, n) == 0;
}

static bool
is_beacon(const char *url)
{
	char *host CLEANUP(freep) = url_host(url);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(beacons); i++)
		if (strcmp(host, beacons[i]) == 0)
			return true;
	return strcmp(host, "www.facebook.com") == 0 &&
	    strncmp(url_target(url), "/tr?", 4) == 0;
}

bool
furniture_url(const char *url)
{
	const char *path = url_target(url), *name, *dot;
	size_t len = strcspn(path, "?"), i;

	if (ends_with(path, len, ".svg") || ends_with(path, len, ".svgz") ||
	    ends_with(path, len, ".ico") || ends_with(path, len, ".cur"))
		return true;
	for (name = path + len; name > path && name[-1] != '/'; name--)
		;
	len = (size_t)(path + len - name);
	dot = memrchr(name, '.', len);
	if (dot != NULL)
		len = (size_t)(dot - name);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == len &&
		    strncasecmp(name, names[i], len) == 0)
			return true;
	if (len >= 6 &&
	    (strncasecmp(name, "sprite", 6) == 0 ||
		ends_with(name, len, "sprite") ||
		ends_with(name, len, "sprites")))
		return true;
	return is_beacon(url);
}

/* "31", "31px"; not "100%", "2em" or "auto". */
bool
furniture_number(const char *text)
{
	char *end;
	double n;

	if (text == NULL || !isdigit((unsigned char)*text))
		return false;
	n = strtod(text, &end);
	while (isspace((unsigned char)*end))
		end++;
	return (*end == 0 || strcasecmp(end, "px") == 0) && n < LEAST_PX;
}

bool
furniture_size(const char **atts)
{
	return furniture_number(html_attribute(atts, "width")) ||
	    furniture_number(html_attribute(atts, "height"));
}
