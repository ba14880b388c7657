/* SPDX-License-Identifier: Apache-2.0 */
/*
 * look_int: what a visit leaves for dedup.
 */
#ifndef PREP_LOOK_INT_H
#define PREP_LOOK_INT_H

#include "prep/format_int.h"
#include "prep/raster_int.h"
#include "prep/visit.h"

/*
 * The codes of canonical pixels, and of those without their border where they
 * have one; of the same picture made small, which the thumbnail is of, its
 * pHash-256 and the small grey pictures.
 */
void look_of(
    const struct raster *canonical, const struct raster *small, struct visit *);

/* Of canonical pixels. */
void look_put_codes(const struct raster *, struct visit_codes *ret);

/*
 * How little a file's compression has lost, 0..100: 100 where it loses
 * nothing, below that libjpeg's quality or what is like it.
 */
int compression_of(enum format, const uint8_t *file, size_t len);

#endif
