/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/robots_tag.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

static const struct {
	const char *word;
	bool images, links;
} rules[] = {
	{ "noindex", true, false },
	{ "noimageindex", true, false },
	{ "noai", true, false },
	{ "noimageai", true, false },
	{ "none", true, true },
	{ "nofollow", false, true },
};

/* Rules that are followed by a colon; any other word there is a bot. */
static bool
takes_value(const char *word)
{
	return strncasecmp(word, "max-", 4) == 0 ||
	    strcasecmp(word, "unavailable_after") == 0;
}

static void
add_word(struct robots_tag *tag, const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (strcasecmp(word, rules[i].word) == 0) {
			tag->no_images |= rules[i].images;
			tag->no_links |= rules[i].links;
		}
}

void
robots_tag_add(struct robots_tag *tag, const char *value, const char *token)
{
	char *text CLEANUP(freep) = xstrdup(value);
	char *rest = text, *part, *colon, *word;
	bool for_us = true;

	while ((part = strsep(&rest, ",")) != NULL) {
		colon = strchr(part, ':');
		if (colon != NULL)
			*colon = 0;
		word = text_trim(part);
		/* The value of a rule may hold commas and colons (a date). */
		if (colon != NULL && takes_value(word))
			continue;
		if (colon != NULL && strpbrk(word, " \t") == NULL) {
			for_us = strcasecmp(word, token) == 0;
			word = text_trim(colon + 1);
		}
		if (for_us)
			add_word(tag, word);
	}
}
