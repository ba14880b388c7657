/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list_int: names of columns, between the parts of the reader of lists.
 */
#ifndef SCRAPER_LIST_INT_H
#define SCRAPER_LIST_INT_H

#include <stdio.h>

#include "scraper/list.h"

#define NO_COLUMN SIZE_MAX

/* How good a column's name is, 0 the best; NO_COLUMN: it is none of ours. */
size_t list_rank(const char *column);
/* Where a column of this rank goes in struct found; or NO_COLUMN. */
size_t list_field(size_t rank);

#endif
