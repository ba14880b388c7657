/* SPDX-License-Identifier: Apache-2.0 */
/*
 * magic: image formats by their first bytes, whatever a server calls them.
 */
#ifndef SCRAPER_MAGIC_H
#define SCRAPER_MAGIC_H

#include <stdbool.h>
#include <stddef.h>

#define MAGIC_BYTES 16 /* enough to tell */

/* "jpeg", "png", "gif", "webp", "tiff", "heif", "avif"; or NULL. */
const char *magic_image(const void *bytes, size_t len);

#define MAGIC_ARCHIVE_BYTES 262
/* Of a kind that unpack.h reads?  What is packed may yet be no tar file. */
bool magic_archive(const void *bytes, size_t len);

#endif
