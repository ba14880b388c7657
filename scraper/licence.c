/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/licence.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

/* Lower case, with one hyphen for whatever stands between words. */
static char *
slug(const char *text)
{
	size_t len = strnlen(text, 200);
	char *s = xmalloc(len + 1), *out = s;
	size_t i;

	for (i = 0; i < len; i++) {
		if (isalnum((unsigned char)text[i]) || text[i] == '.')
			*out++ = (char)tolower((unsigned char)text[i]);
		else if (out > s && out[-1] != '-')
			*out++ = '-';
	}
	while (out > s && out[-1] == '-')
		out--;
	*out = 0;
	return s;
}

static bool
starts_with(const char *s, const char *start)
{
	return strncmp(s, start, strlen(start)) == 0;
}

/* Nothing, or "-de"? */
static bool
is_country(const char *s)
{
	if (*s == 0)
		return true;
	return *s == '-' && isalpha((unsigned char)s[1]) && strlen(s) <= 5;
}

/* Length of "4.0" at s, when at most a country's code follows. */
static size_t
version_len(const char *s)
{
	size_t len = strspn(s, "0123456789.");

	return len == 3 && s[1] == '.' && is_country(s + len) ? len : 0;
}

static const char *const cc_kinds[] = { "by-nc-nd", "by-nc-sa", "by-nc",
	"by-nd", "by-sa", "by" };

/* "by-sa-4.0" and "by-sa-3.0-de", behind "cc-" or from a URL. */
static char *
cc_word(const char *s)
{
	size_t i, len, version;

	for (i = 0; i < ARRAY_SIZE(cc_kinds); i++) {
		len = strlen(cc_kinds[i]);
		if (strncmp(s, cc_kinds[i], len) != 0)
			continue;
		if (s[len] == 0)
			return xasprintf("cc-%s", cc_kinds[i]);
		version = s[len] == '-' ? version_len(s + len + 1) : 0;
		if (version > 0)
			return xasprintf("cc-%s-%.*s", cc_kinds[i],
			    (int)version, s + len + 1);
	}
	return NULL;
}

static char *
word_of_text(const char *text)
{
	static const char *const domain[] = { "pd", "public-domain",
		"public-domain-mark", "public-domain-mark-1.0", "cc-pd", "pdm",
		"pdm-1.0" };
	char *s CLEANUP(freep) = slug(text);
	size_t i;

	if (strcmp(s, "cc0") == 0 || strcmp(s, "cc-0") == 0 ||
	    strcmp(s, "cc0-1.0") == 0 || strcmp(s, "cc-zero") == 0)
		return xstrdup("cc0");
	for (i = 0; i < ARRAY_SIZE(domain); i++)
		if (strcmp(s, domain[i]) == 0)
			return xstrdup("pd");
	if (strcmp(s, "gfdl") == 0 || starts_with(s, "gfdl-1."))
		return xstrdup("gfdl");
	return starts_with(s, "cc-") ? cc_word(s + 3) : NULL;
}

static char *
word_of_url(const char *url)
{
	const char *path = strcasestr(url, "creativecommons.org/");
	char *s CLEANUP(freep) = NULL;
	char *deed;

	if (path == NULL)
		return NULL;
	s = slug(path + strlen("creativecommons.org/"));
	if (starts_with(s, "publicdomain-zero"))
		return xstrdup("cc0");
	if (starts_with(s, "publicdomain-mark") ||
	    starts_with(s, "licenses-publicdomain"))
		return xstrdup("pd");
	deed = strstr(s, "-deed");
	if (deed == NULL)
		deed = strstr(s, "-legalcode");
	if (deed != NULL)
		*deed = 0;
	return starts_with(s, "licenses-") ? cc_word(s + 9) : NULL;
}

char *
licence_word(const char *text, const char *url)
{
	char *word = text == NULL ? NULL : word_of_text(text);

	if (word == NULL && url != NULL)
		word = word_of_url(url);
	return word;
}

char *
licence_spdx(const char *word)
{
	static const char *const versions[] = { "1.0", "2.0", "2.5", "3.0",
		"4.0" };
	size_t i, k;

	if (strcmp(word, "cc0") == 0)
		return xstrdup("CC0-1.0");
	for (i = 0; i < ARRAY_SIZE(cc_kinds); i++)
		for (k = 0; k < ARRAY_SIZE(versions); k++) {
			char *id =
			    xasprintf("CC-%s-%s", cc_kinds[i], versions[k]);
			char *c;

			for (c = id; *c != 0; c++)
				*c = (char)toupper((unsigned char)*c);
			if (strcasecmp(id, word) == 0)
				return id;
			free(id);
		}
	return NULL;
}

/* What the user wrote, as we write it; the caller frees. */
static char *
wanted_word(const char *text)
{
	char *word = word_of_text(text), *s;

	if (word == NULL) {
		s = slug(text);
		word = cc_word(s);
		free(s);
	}
	return word == NULL ? xstrdup(text) : word;
}

bool
licence_wanted(const struct strlist *wanted, const char *licence)
{
	size_t i, len;

	if (wanted->n == 0)
		return true;
	for (i = 0; i < wanted->n && licence != NULL; i++) {
		char *word CLEANUP(freep) = wanted_word(wanted->v[i]);

		len = strlen(word);
		if (strncasecmp(licence, word, len) == 0 &&
		    (licence[len] == 0 ||
			(licence[len] == '-' &&
			    isdigit((unsigned char)licence[len + 1]))))
			return true;
	}
	return false;
}
