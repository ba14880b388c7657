/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log: what a person should see on stderr, one line each.
 *
 * Text from outside is made safe for a terminal on its way out.  A progress
 * line that is on the screen is cleared first and drawn again later.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,  /* the default: what was done, in few lines */
	LOG_LEVEL_DEBUG, /* -v: each decision */
};

void log_set_level(enum log_level);
enum log_level log_get_level(void);

void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_warn(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
