/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	e->kind = kind;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int
err_sys(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	int cause = errno;
	size_t used;
	va_list ap;

	if (cause == ENOSPC || cause == EDQUOT || cause == EROFS ||
	    cause == EFBIG || cause == EIO)
		kind = ERR_DAMAGED;
	e->kind = kind;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	used = strlen(e->msg);
	snprintf(e->msg + used, sizeof(e->msg) - used, ": %s", strerror(cause));
	return -1;
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
	char cause[sizeof(e->msg)];
	size_t used;
	va_list ap;

	memcpy(cause, e->msg, sizeof(cause));
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	used = strlen(e->msg);
	snprintf(e->msg + used, sizeof(e->msg) - used, ": %s", cause);
	return -1;
}

int
err_exit_status(const struct err *e)
{
	switch (e->kind) {
	case ERR_NONE:
		return 0;
	case ERR_USAGE:
		return 2;
	case ERR_DAMAGED:
		return 5;
	case ERR_BUSY:
		return 75;
	case ERR_STOPPED:
		return 130;
	case ERR_RETRY:
	case ERR_INPUT:
	case ERR_FATAL:
		break;
	}
	return 1;
}
