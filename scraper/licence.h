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
 * The identifier of the SPDX list (spdx.org/licenses, 3.25) for such a word:
 * "CC0-1.0" for cc0, "CC-BY-SA-4.0" for cc-by-sa-4.0.  NULL where none is
 * meant: there is none of the public domain, nor without a version.  The
 * caller frees.
 */
char *licence_spdx(const char *word);

/*
 * Is it among the wanted?  Without a version in the list every version is:
 * "cc-by" takes cc-by-2.0 but not cc-by-sa-2.0.  An empty list takes all, and
 * a licence that is not known (NULL) is only in an empty list.  The wanted
 * may be written in any case, without "cc-" ("by-sa"), and as SPDX does.
 */
bool licence_wanted(const struct strlist *wanted, const char *licence);

#endif
