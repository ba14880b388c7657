/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile: what an ICC profile (ICC.1:2022) is for, read from its own bytes.
 */
#ifndef PREP_PROFILE_INT_H
#define PREP_PROFILE_INT_H

#include <stdbool.h>
#include <stddef.h>

/* Is it for pixels of so many bands (1 grey, 3 RGB, 4 CMYK)? */
bool profile_fits(const void *, size_t len, int bands);

/*
 * Is it sRGB (IEC 61966-2-1) in all but name: its primaries, adapted to D50,
 * within 0.003, and its curves within 0.01?
 */
bool profile_is_srgb(const void *, size_t len);

#endif
