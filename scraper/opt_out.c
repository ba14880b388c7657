/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/opt_out.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

/*
 * The end of a dictionary's member: the next comma outside of strings and
 * inner lists (RFC 9651, 3.1 and 3.2).
 */
static const char *
member_end(const char *p)
{
	bool quoted = false;
	int depth = 0;

	for (; *p != 0 && (quoted || depth > 0 || *p != ','); p++) {
		if (quoted && *p == '\\' && p[1] != 0)
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (!quoted && *p == '(')
			depth++;
		else if (!quoted && *p == ')' && depth > 0)
			depth--;
	}
	return p;
}

static bool
says_no(const char *member, size_t len)
{
	static const char key[] = "train-ai=n";

	return len >= sizeof(key) - 1 &&
	    strncmp(member, key, sizeof(key) - 1) == 0 &&
	    (len == sizeof(key) - 1 ||
		strchr("; \t", member[sizeof(key) - 1]) != NULL);
}

static bool
usage_forbids(const char *value)
{
	const char *end;

	for (;; value = end + 1) {
		value += strspn(value, " \t");
		end = member_end(value);
		if (says_no(value, (size_t)(end - value)))
			return true;
		if (*end == 0)
			return false;
	}
}

static void
keep(struct opt_out *o, const char *name, const char *value)
{
	size_t len = strlen(o->text), full = strlen(value);
	char *cut CLEANUP(freep) = NULL;

	if (!text_is_utf8(value, full))
		return;
	cut = xasprintf("%s%s: %s", len > 0 ? "; " : "", name, value);
	full = strlen(cut);
	if (full > OPT_OUT_TEXT - len)
		full = OPT_OUT_TEXT - len;
	while (full > 0 && !text_is_utf8(cut, full))
		full--;
	memcpy(o->text + len, cut, full);
	o->text[len + full] = 0;
}

void
opt_out_add(
    struct opt_out *o, const char *name, const char *value, const char *token)
{
	if (strcasecmp(name, "x-robots-tag") == 0) {
		robots_tag_add(&o->tag, value, token);
		keep(o, "x-robots-tag", value);
	} else if (strcasecmp(name, "content-usage") == 0) {
		o->tag.no_images |= usage_forbids(value);
		keep(o, "content-usage", value);
	} else if (strcasecmp(name, "tdm-reservation") == 0) {
		o->tag.no_images |= strcmp(value, "1") == 0;
		keep(o, "tdm-reservation", value);
	}
}
