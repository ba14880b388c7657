/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_place: an image's bytes, and the file that it becomes where images
 * are files.  Private to this room's export.
 */
#ifndef STORE_EXPORT_PLACE_H
#define STORE_EXPORT_PLACE_H

#include "store/export_int.h"

/* The bytes of an original as they lie on the disk. */
struct export_original {
	char *path; /* NULL: none */
	void *data;
	size_t len;
};
void export_original_release(struct export_original *);
/* ERR_DAMAGED when its bytes are gone. */
int export_original_open(struct export_job *,
    const unsigned char sha256[SHA256_SIZE], struct export_original *ret,
    struct err *);

/* Where it goes by the format's layout; the caller frees.  NULL: nowhere. */
char *export_place_name(
    const struct export_job *, const struct export_picture *);

/*
 * Make the file p->path and the folders above it.  An original that lies on
 * the same file system is linked, or cloned where that cannot be; `from` is
 * NULL for what was made.
 */
int export_place(struct export_job *, const struct export_picture *p,
    const struct export_original *from, struct err *);

#endif
