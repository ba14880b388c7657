/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain: the pixels of a file as other programs take them, for comparing
 * codes: no profile applied, nothing turned or blended.
 */
#ifndef TESTS_PLAIN_H
#define TESTS_PLAIN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>
#include <vips/vips.h>

#include "base/mem.h"
#include "tests/shared.h"

struct plain {
	uint8_t *rgb; /* the caller frees */
	int w, h;
};

/* What is wholly transparent is white; other alpha is dropped. */
static inline struct plain
plain_of(const char *path)
{
	VipsImage *image = vips_image_new_from_file(path, NULL);
	struct plain ret;
	uint8_t *px, *p;
	size_t i, n, size;
	int bands, band;

	if (image == NULL)
		fail_msg("%s: %s", path, vips_error_buffer());
	ret.w = vips_image_get_width(image);
	ret.h = vips_image_get_height(image);
	bands = vips_image_get_bands(image);
	px = vips_image_write_to_memory(image, &size);
	n = (size_t)ret.w * (size_t)ret.h;
	assert_int_equal(size, n * (size_t)bands);
	ret.rgb = xmalloc(n * 3);
	for (i = 0, p = px; i < n; i++, p += bands)
		for (band = 0; band < 3; band++)
			ret.rgb[3 * i + (size_t)band] = bands == 4 && p[3] == 0
			    ? 255
			    : bands < 3 ? p[0]
					: p[band];
	g_free(px);
	g_object_unref(image);
	return ret;
}

/* The path of a shared file; skips the test where it is not there. */
static inline char *
plain_path(const char *name)
{
	char *path = shared_path(name);

	if (access(path, R_OK) == 0)
		return path;
	print_message("skipped: there is no %s\n", path);
	free(path);
	skip();
	return NULL;
}

#endif
