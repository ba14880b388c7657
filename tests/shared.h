/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shared: where the real files for tests are, beside the source tree.
 */
#ifndef TESTS_SHARED_H
#define TESTS_SHARED_H

#include <stdlib.h>

#include "base/mem.h"

/* The path of a file or folder there; the caller frees. */
static inline char *
shared_path(const char *name)
{
	const char *src = getenv("srcdir");

	return xasprintf("%s/../shared/data/%s", src ? src : ".", name);
}

#endif
