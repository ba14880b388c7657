/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock: durations by a clock that nobody sets, dates by the one people use.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds that only go forward (CLOCK_BOOTTIME): deadlines, delays. */
int64_t clock_ms(void);

/* Seconds since 1970 (UTC): what the catalog records. */
int64_t clock_now(void);

/* "2026-11-23 04:05:06" in local time; buf of 20 bytes. */
const char *clock_date(char *buf, size_t size, int64_t seconds);

#endif
