/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/progress.h"
#include "base/text.h"

static enum log_level current_level = LOG_LEVEL_INFO;

void
log_set_level(enum log_level level)
{
	current_level = level;
}

enum log_level
log_get_level(void)
{
	return current_level;
}

static void
put(const char *prefix, const char *fmt, va_list ap)
{
	char *line CLEANUP(freep) = NULL;

	if (vasprintf(&line, fmt, ap) < 0)
		return;
	progress_clear();
	fputs(prefix, stderr);
	text_put_safe(stderr, line);
	fputc('\n', stderr);
}

#define LOG_FUNCTION(name, level, prefix) \
	void name(const char *fmt, ...) \
	{ \
		va_list ap; \
\
		if (current_level < (level)) \
			return; \
		va_start(ap, fmt); \
		put(prefix, fmt, ap); \
		va_end(ap); \
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR, "griddle: ")
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN, "griddle: warning: ")
LOG_FUNCTION(log_info, LOG_LEVEL_INFO, "")
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG, "")
