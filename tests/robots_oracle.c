/* SPDX-License-Identifier: Apache-2.0 */
/*
 * robots_oracle: what our rules say, for a script that asks another parser
 * the same.  On standard input, again and again:
 *
 *	TOKEN LENGTH TARGETS\n
 *	LENGTH bytes of a robots.txt
 *	TARGETS lines, each a path with its query
 *
 * Each is answered by a line: for each target 1 (may be asked) or 0, a
 * space, and the Crawl-delay.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "scraper/robots.h"

#define FILE_MAX (64u << 20)

/* One question; false at the end of the input. */
static bool
answer(void)
{
	struct robots *r CLEANUP(robots_freep) = NULL;
	char *text CLEANUP(freep) = NULL, *line CLEANUP(freep) = NULL;
	size_t len, n, room = 0;
	char token[64];
	ssize_t got;

	if (scanf("%63s %zu %zu", token, &len, &n) != 3 || getchar() != '\n' ||
	    len > FILE_MAX)
		return false;
	text = xmalloc(len + 1);
	if (fread(text, 1, len, stdin) != len)
		return false;
	r = robots_parse(text, len, token);
	for (; n > 0; n--) {
		got = getline(&line, &room, stdin);
		if (got <= 0)
			return false;
		line[strcspn(line, "\n")] = 0;
		putchar(robots_allows(r, line) ? '1' : '0');
	}
	printf(" %g\n", robots_crawl_delay(r));
	fflush(stdout);
	return true;
}

int
main(void)
{
	while (answer())
		;
	return ferror(stdin) || !feof(stdin);
}
