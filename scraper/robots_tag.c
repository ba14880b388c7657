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

/* ---- Content-Usage, tdm-reservation ------------------------------------- */

/* Training, and what includes it. */
static const char *const uses[] = { "train-ai", "ai-train", "train-genai",
	"tdm", "all", "bots" };

static bool
is_training(const char *use)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(uses); i++)
		if (strcasecmp(use, uses[i]) == 0)
			return true;
	return false;
}

bool
robots_usage_forbids(const char *expression)
{
	char *text CLEANUP(freep) = xstrdup(expression);
	char *rest = text, *part, *equals, *value;

	while ((part = strsep(&rest, ",")) != NULL) {
		part[strcspn(part, ";")] = 0; /* parameters mean nothing yet */
		equals = strchr(part, '=');
		if (equals == NULL)
			continue;
		*equals = 0;
		value = text_trim(equals + 1);
		if (is_training(text_trim(part)) &&
		    (strcasecmp(value, "n") == 0 ||
			strcasecmp(value, "no") == 0 ||
			strcmp(value, "?0") == 0))
			return true;
	}
	return false;
}

static bool
is_reserved(const char *value)
{
	return strcmp(value + strspn(value, " \t"), "1") == 0;
}

bool
robots_tag_take(struct robots_tag *tag, const char *name, const char *value,
    const char *token)
{
	if (strcasecmp(name, "X-Robots-Tag") == 0 ||
	    strcasecmp(name, "robots") == 0 || strcasecmp(name, token) == 0)
		robots_tag_add(tag, value, token);
	else if (strcasecmp(name, "Content-Usage") == 0 ||
	    strcasecmp(name, "Content-Signal") == 0)
		tag->no_images |= robots_usage_forbids(value);
	else if (strcasecmp(name, "tdm-reservation") == 0)
		tag->no_images |= is_reserved(value);
	else
		return false;
	return true;
}
