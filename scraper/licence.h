/* SPDX-License-Identifier: Apache-2.0 */
/*
 * licence: one short word for each licence that is sure to be that one.
 */
#ifndef SCRAPER_LICENCE_H
#define SCRAPER_LICENCE_H

#include <stdbool.h>

#include "base/opt.h"

/*
 * The word for what a source wrote ("CC BY-SA 4.0") or linked to (a
 * creativecommons.org URL): "cc0", "pd", "cc-by-sa-4.0", "gfdl"; either may
 * be NULL.  NULL when neither is sure.  The caller frees.
 */
char *licence_word(const char *text, const char *url);

/*
 * Is it among the wanted?  Without a version in the list every version is:
 * "cc-by" takes cc-by-2.0 but not cc-by-sa-2.0.  An empty list takes all, and
 * a licence that is not known (NULL) is only in an empty list.
 */
bool licence_wanted(const struct strlist *wanted, const char *licence);

#endif
