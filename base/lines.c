/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* 1, 0 at the end of the file, or -1. */
static int
fill(struct lines *l, struct err *e)
{
	ssize_t got;

	do
		got = read(l->fd, l->ahead, sizeof(l->ahead));
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_sys(e, ERR_INPUT, "%s", l->name);
	l->at = 0;
	l->end = (size_t)got;
	return got > 0;
}

/* Keep what there is room for. */
static void
keep(struct lines *l, const char *piece, size_t len)
{
	size_t room = LINE_MAX_BYTES - l->len;

	if (len > room) {
		l->too_long = true;
		len = room;
	}
	memcpy(l->text + l->len, piece, len);
	l->len += len;
}

int
lines_next(struct lines *l, struct err *e)
{
	const char *stop = NULL;
	bool any = false;

	l->len = 0;
	l->too_long = false;
	while (stop == NULL) {
		const char *piece;
		size_t len;
		int rc = l->at < l->end ? 1 : fill(l, e);

		if (rc < 0)
			return -1;
		if (rc == 0)
			break;
		any = true;
		piece = l->ahead + l->at;
		len = l->end - l->at;
		stop = memchr(piece, '\n', len);
		if (stop != NULL)
			len = (size_t)(stop - piece);
		keep(l, piece, len);
		l->at += len + (stop != NULL);
	}
	if (!any)
		return 0;
	if (l->len > 0 && l->text[l->len - 1] == '\r' && !l->too_long)
		l->len--;
	l->text[l->len] = 0;
	l->number++;
	return 1;
}
