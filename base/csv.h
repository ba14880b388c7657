/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv: RFC 4180, and what people make of it: any line end, quotes that start
 * in the middle of a field taken as they are.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Each record in turn, its fields ending in 0; false stops.  At most 64
 * fields; empty lines are passed over; `line` is where the record begins,
 * from 1.  The text is scribbled on, and the byte after it.
 */
#define CSV_FIELDS_MAX 64
typedef bool csv_fn(void *ctx, char *const *fields, size_t n, int64_t line);
void csv_each(char *text, size_t len, csv_fn *each, void *ctx);

/*
 * The same for text that comes in pieces, with any byte between fields.
 * csv_span: length of the record that text begins with, with its line end;
 * 0 when the end is not among the len bytes.  csv_split: the fields of one
 * record; the byte after it is scribbled on too.
 */
size_t csv_span(const char *text, size_t len, char comma);
size_t csv_split(char *record, size_t len, char comma, char **fields);

#endif
