/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blobs in their durable order: bytes to tmp/, synced, renamed to their
 * name, folders synced, and only then the rows that speak of them.  The
 * first four steps are done for a whole batch at once.
 */
#include "store/store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store/check_int.h"
#include "store/forget.h"

/* From so many files on, one syncfs() is cheaper than an fsync() of each. */
#define SYNCFS_FROM 8

char *
blob_path(const struct store *s, const unsigned char *sha256)
{
	char hex[SHA256_HEX];

	text_to_hex(hex, sha256, SHA256_SIZE);
	return xasprintf("%s/blobs/%.2s/%.2s/%s", s->folder, hex, hex + 2, hex);
}

static void
entry_release(struct blob_put_entry *entry)
{
	free(entry->tmp);
	free(entry->path);
	free(entry->folder);
}

void
blob_drop(struct store *s)
{
	size_t i;

	for (i = 0; i < s->n_puts; i++) {
		unlink(s->puts[i].tmp);
		entry_release(&s->puts[i]);
	}
	s->n_puts = 0;
}

static int
sync_one(const char *path, int flags, struct err *e)
{
	int fd CLEANUP(closep) = open(path, flags | O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		return err_sys(e, ERR_FATAL, "cannot sync %s", path);
	return 0;
}

/* A new folder's own name must be durable as well. */
static int
sync_folders(const struct store *s, const char *folder, struct err *e)
{
	char *above CLEANUP(freep) = xstrdup(folder);
	char *top CLEANUP(freep) = xasprintf("%s/blobs", s->folder);

	*strrchr(above, '/') = 0;
	if (sync_one(folder, O_DIRECTORY, e) < 0 ||
	    sync_one(above, O_DIRECTORY, e) < 0)
		return -1;
	return sync_one(top, O_DIRECTORY, e);
}

/*
 * A file that no row speaks of, of a run that was killed before it could
 * make it durable: 1 once it is, 0 when it has other bytes, -1.
 */
static int
adopt(const struct store *s, const char *path, const unsigned char *sha256,
    struct err *e)
{
	char *folder CLEANUP(freep) = xstrndup(path, strlen(path) - SHA256_HEX);
	int fd CLEANUP(closep) = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || file_has_digest(fd, sha256) != 1)
		return 0;
	return sync_one(path, 0, e) < 0 || sync_folders(s, folder, e) < 0 ? -1
									  : 1;
}

/*
 * Held, or about to be: 1, 0 or -1.  A file of another size is a leftover to
 * replace.
 */
static int
is_there(struct store *s, const char *path, size_t len,
    const unsigned char *sha256, struct err *e)
{
	int64_t row;
	struct stat st;
	size_t i;
	int rc;

	for (i = 0; i < s->n_puts; i++)
		if (strcmp(s->puts[i].path, path) == 0)
			return 1;
	if (stat(path, &st) != 0 || (size_t)st.st_size != len)
		return 0;
	rc = sql_int(s, Q_BLOB_HELD, &row, e, "h", sha256);
	return rc != 0 ? rc : adopt(s, path, sha256, e);
}

int
blob_put(struct store *s, const void *data, size_t len,
    unsigned char ret_sha256[SHA256_SIZE], struct err *e)
{
	char *path CLEANUP(freep) = NULL;
	char *tmp CLEANUP(freep) = NULL;
	int fd CLEANUP(closep) = -1;
	int64_t tombstone;
	int there;

	sha256_of(data, len, ret_sha256);
	if (forget_knows_image(s, ret_sha256, &tombstone, e) < 0)
		return -1;
	if (tombstone != 0)
		return 1;
	path = blob_path(s, ret_sha256);
	there = is_there(s, path, len, ret_sha256, e);
	if (there != 0)
		return there < 0 ? -1 : 0;
	if (s->n_puts == STORE_BATCH_PUTS && blob_flush(s, e) < 0)
		return -1;
	tmp = xasprintf("%s/tmp/%lld", s->folder, (long long)++s->tmp_count);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0)
		return err_sys(e, ERR_FATAL, "%s", tmp);
	s->puts[s->n_puts++] = (struct blob_put_entry){
		.tmp = xstrdup(tmp),
		.path = xstrdup(path),
		.folder = xstrndup(path, strlen(path) - SHA256_HEX),
	};
	if (file_write_fd(fd, data, len, e) < 0)
		return err_wrap(e, "%s", tmp);
	return 0;
}

static int
sync_all(struct store *s, struct err *e)
{
	int fd CLEANUP(closep) =
	    open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) != 0)
		return err_sys(e, ERR_FATAL, "cannot sync %s", s->folder);
	return 0;
}

int
blob_flush(struct store *s, struct err *e)
{
	bool grouped = s->n_puts >= SYNCFS_FROM;
	size_t i;

	if (s->n_puts == 0)
		return 0;
	if (grouped && sync_all(s, e) < 0)
		return -1;
	for (i = 0; i < s->n_puts; i++) {
		if (!grouped && sync_one(s->puts[i].tmp, 0, e) < 0)
			return -1;
		if (file_make_dirs(s->puts[i].folder, e) < 0)
			return -1;
		if (rename(s->puts[i].tmp, s->puts[i].path) != 0)
			return err_sys(e, ERR_FATAL, "cannot rename to %s",
			    s->puts[i].path);
		if (!grouped && sync_folders(s, s->puts[i].folder, e) < 0)
			return -1;
	}
	if (grouped && sync_all(s, e) < 0)
		return -1;
	for (i = 0; i < s->n_puts; i++)
		entry_release(&s->puts[i]);
	s->n_puts = 0;
	return 0;
}

int
blob_open(struct store *s, const unsigned char sha256[SHA256_SIZE], int *ret_fd,
    struct err *e)
{
	char *path CLEANUP(freep) = blob_path(s, sha256);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(
		    e, errno == ENOENT ? ERR_DAMAGED : ERR_FATAL, "%s", path);
	*ret_fd = fd;
	return 0;
}
