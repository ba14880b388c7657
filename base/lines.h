/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines: a stranger's text, a line at a time, of whatever length.
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define LINE_MAX_BYTES 4096

struct lines {
	int fd;
	const char *name; /* for errors */
	int64_t number;   /* of the line that was read last, from 1 */
	/* The line that was read last, ending in 0 in place of its \n or
	 * \r\n. */
	char text[LINE_MAX_BYTES + 1];
	size_t len;
	bool too_long; /* only its beginning was kept */
	char ahead[16384];
	size_t at, end; /* what of ahead is not taken yet */
};

#define LINES_INIT(descriptor, what) \
	((struct lines){ .fd = (descriptor), .name = (what) })

/* The next line: 1, 0 at the end, or -1 (ERR_INPUT). */
int lines_next(struct lines *, struct err *);

#endif
