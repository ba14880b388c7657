/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text: strings from outside, read and shown.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Write s so that a terminal cannot be steered by it: control characters
 * (C0, DEL, C1), bidirectional overrides and bytes that are not UTF-8 come
 * out as \xNN; everything else as it is.
 */
void text_put_safe(FILE *, const char *s);

/* The same as a new string, which the caller frees. */
char *text_safe(const char *s);

/* Is it valid UTF-8 (RFC 3629) without NUL? */
bool text_is_utf8(const char *s, size_t len);

/*
 * The candidate that a person who typed `word` may have meant: the nearest
 * by edit distance (Damerau-Levenshtein, optimal string alignment) if it is
 * near enough, else NULL.  Candidates end with NULL.
 */
const char *text_suggest(const char *word, const char *const *candidates);

/* Whole-string conversions; false when s is not all of such a number. */
bool text_to_int(const char *s, int64_t *ret_n);
bool text_to_real(const char *s, double *ret_x);
/* "300", "20k", "20M", "2G": bytes, powers of 1024. */
bool text_to_size(const char *s, int64_t *ret_bytes);
/* "90", "90s", "15m", "20h", "7d", "2w": seconds. */
bool text_to_duration(const char *s, int64_t *ret_seconds);

/* "1.2 MB", for people; buf of 16 bytes is enough. */
const char *text_size(char *buf, size_t size, int64_t bytes);

/* Lower-case hexadecimal; out has room for 2 * len + 1 characters. */
void text_to_hex(char *out, const unsigned char *bytes, size_t len);
/* Decode exactly 2 * len digits; false for anything else. */
bool text_from_hex(unsigned char *out, size_t len, const char *hex);

/* Cut white space (ASCII) from both ends, in place; returns the start. */
char *text_trim(char *s);

#endif
