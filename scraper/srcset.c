/* SPDX-License-Identifier: Apache-2.0 */
/*
 * srcset: candidates divided by commas, where addresses may hold commas and
 * parentheses may hide them (HTML, 4.8.4.2.2).
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "scraper/read.h"

#define WHITE " \t\n\f\r"
#define CANDIDATES_MAX 100
#define WIDTH_AT_1X 640 /* what "1x" is taken for beside widths */

/* The score that a list of descriptors, "640w" or "2x", stands for. */
static double
score_of(char *descriptors)
{
	double score = WIDTH_AT_1X, n;
	char *rest = descriptors, *word, *unit;

	while ((word = strsep(&rest, WHITE)) != NULL) {
		if (*word == 0)
			continue;
		unit = word + strlen(word) - 1;
		if (strchr("wx", *unit) == NULL)
			continue;
		score = *unit == 'x' ? WIDTH_AT_1X : 1;
		*unit = 0;
		if (!text_to_real(word, &n) || n <= 0 || n > 100000)
			return 0;
		score *= n;
	}
	return score;
}

/* The end of a candidate's descriptors: a comma outside of parentheses. */
static size_t
descriptors_len(const char *s)
{
	size_t len;
	bool inside = false;

	for (len = 0; s[len] != 0; len++) {
		if (s[len] == '(')
			inside = true;
		else if (s[len] == ')')
			inside = false;
		else if (s[len] == ',' && !inside)
			break;
	}
	return len;
}

void
srcset_each(const char *s, srcset_fn *each, void *ctx)
{
	char *url, *descriptors;
	size_t len;
	int n;

	for (n = 0; n < CANDIDATES_MAX; n++) {
		s += strspn(s, WHITE ",");
		if (*s == 0)
			return;
		len = strcspn(s, WHITE);
		url = xstrndup(s, len);
		s += len;
		if (url[len - 1] == ',') {
			while (len > 0 && url[len - 1] == ',')
				url[--len] = 0;
			each(ctx, url, WIDTH_AT_1X);
			free(url);
			continue;
		}
		len = descriptors_len(s);
		descriptors = xstrndup(s, len);
		s += len;
		each(ctx, url, score_of(descriptors));
		free(descriptors);
		free(url);
	}
}
