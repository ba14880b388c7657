/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steps: doing what a recipe says.
 */
#ifndef PREP_STEPS_INT_H
#define PREP_STEPS_INT_H

#include <stdbool.h>

#include "prep/raster_int.h"
#include "prep/recipe.h"

/*
 * Make of a picture that is stored in an EXIF orientation (and not turned
 * yet) what the recipe asks for.
 */
void steps_apply(const struct recipe *, struct raster *, int orientation);

/*
 * May a w x h picture, made smaller while it was loaded, stand in for the
 * full one?  Not if a step would then enlarge it (what trimming leaves is
 * taken to be as small as can be), if it is sharpened before it is resized,
 * or if no step sets the size.
 */
bool steps_can_start_from(const struct recipe *, int w, int h, int orientation);

#endif
