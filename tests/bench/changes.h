/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changes: what happens to pictures on the web, made with libvips.
 */
#ifndef TESTS_BENCH_CHANGES_H
#define TESTS_BENCH_CHANGES_H

#include <stddef.h>

extern const size_t changes_n;

const char *changes_name(size_t i);

/* A JPEG file changed and saved again; g_free() it.  NULL: it failed. */
void *changes_apply(size_t i, const void *jpeg, size_t len, size_t *ret_len);

#endif
