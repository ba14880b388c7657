/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that grow, in the folder or on standard output.
 */
#include "store/export_file.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"

#define PENDING_MAX (256u << 10)

void
export_file_release(struct export_file *f)
{
	if (f->own)
		closep(&f->fd);
	free(f->name);
	buf_release(&f->pending);
	sha256_freep(&f->hash);
	*f = EXPORT_FILE_INIT;
}

static int
put(struct export_file *f, const void *data, size_t len, struct err *e)
{
	errno = 0;
	if (file_write_fd(f->fd, data, len, e) == 0)
		return 0;
	if (errno == EPIPE && f->gone != NULL)
		*f->gone = true;
	return err_wrap(e, "%s", f->name);
}

static int
flush(struct export_file *f, struct err *e)
{
	const size_t len = f->pending.len;

	if (len > 0 && put(f, f->pending.data, len, e) < 0)
		return -1;
	buf_clear(&f->pending);
	return 0;
}

int
export_file_add(
    struct export_file *f, const void *data, size_t len, struct err *e)
{
	if (f->hash != NULL)
		sha256_add(f->hash, data, len);
	f->bytes += (int64_t)len;
	f->pending.cap = PENDING_MAX;
	if (buf_add(&f->pending, data, len) == 0)
		return 0;
	if (flush(f, e) < 0)
		return -1;
	return buf_add(&f->pending, data, len) == 0 ? 0 : put(f, data, len, e);
}

int
export_file_json(struct export_file *f, json_t *value, struct err *e)
{
	char *text CLEANUP(freep) =
	    json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);

	json_decref(value);
	if (text == NULL)
		return err_set(e, ERR_FATAL, "%s: no JSON", f->name);
	return export_file_add(f, text, strlen(text), e) < 0
	    ? -1
	    : export_file_add(f, "\n", 1, e);
}

int
export_file_end(struct export_file *f, unsigned char *ret_sha256, struct err *e)
{
	if (flush(f, e) < 0)
		return -1;
	if (ret_sha256 != NULL)
		sha256_end(TAKE(f->hash), ret_sha256);
	export_file_release(f);
	return 0;
}
