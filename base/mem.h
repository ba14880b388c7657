/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mem: allocation that does not fail, and ownership that is visible.
 *
 * Out of memory ends the process: every stage goes on from the catalog, so
 * a new run is the mend.  Nothing else in the house calls malloc().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"

void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
/* `n` times `size` bytes; an overflow of the product dies. */
void *xreallocarray(void *, size_t n, size_t size);
char *xstrdup(const char *);
char *xstrndup(const char *, size_t max);
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);

/*
 * `struct buf b CLEANUP(buf_release) = ...` calls buf_release(&b) when the
 * scope ends.  TAKE(p) hands a pointer on: its value, leaving NULL behind.
 */
#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define TAKE(p) \
	__extension__({ \
		__typeof__(p) taken = (p); \
		(p) = NULL; \
		taken; \
	})

/* Define fn##p(T **), for CLEANUP of a pointer that fn(T *) ends. */
#define DEFINE_CLEANUP(type, fn) \
	static inline void fn##p(type **p) \
	{ \
		if (*p != NULL) \
			fn(*p); \
	}

static inline void
freep(void *p)
{
	free(*(void **)p);
}

static inline void
closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
