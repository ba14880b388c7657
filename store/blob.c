/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blobs in their durable order: bytes to tmp/, synced, renamed to their
 * name, folders synced, and only then the rows that speak of them.  The
 * first four steps are done for a whole batch at once.
 */
#include "store/store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "base/xxh3.h"
#include "store/forget.h"
#include "store/frontier_images.h"

/* From so many files on, one syncfs() is cheaper than an fsync() of each. */
#define SYNCFS_FROM 8

/*
 * After so many bytes the kernel is told to write them, so that the loop that
 * gathers waits little when they must be durable.  A file counts as more than
 * it holds: its inode and name are written, too.
 */
#define FLUSH_BYTES ((size_t)4 << 20)
#define FLUSH_FILE ((size_t)16 << 10)

char *
blob_path(const struct store *s, const unsigned char *sha256)
{
	char hex[SHA256_HEX];

	text_to_hex(hex, sha256, SHA256_SIZE);
	return xasprintf("%s/blobs/%.2s/%.2s/%s", s->folder, hex, hex + 2, hex);
}

void
blob_drop(struct store *s)
{
	size_t i;

	for (i = 0; i < s->blobs.n_puts; i++)
		unlinkat(s->blobs.tmp_fd, s->blobs.puts[i].tmp, 0);
	s->blobs.n_puts = 0;
	s->blobs.n_settled = 0;
}

void
blob_close(struct store *s)
{
	blob_drop(s);
	closep(&s->blobs.tmp_fd);
	closep(&s->blobs.folder_fd);
	s->blobs.tmp_fd = -1;
	s->blobs.folder_fd = -1;
	memset(s->blobs.known, 0, sizeof(s->blobs.known));
	sha256_free(s->blobs.hasher);
	s->blobs.hasher = NULL;
	flusher_free(s->blobs.flusher);
	s->blobs.flusher = NULL;
}

/* What is used for each blob is opened once. */
static int
open_folders(struct store *s, struct err *e)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	char *blobs CLEANUP(freep) = xasprintf("%s/blobs", s->folder);
	char *tmp CLEANUP(freep) = xasprintf("%s/tmp", s->folder);

	if (s->blobs.folder_fd < 0)
		s->blobs.folder_fd = open(blobs, flags);
	if (s->blobs.folder_fd < 0)
		return err_sys(e, ERR_FATAL, "%s", blobs);
	if (s->blobs.tmp_fd < 0)
		s->blobs.tmp_fd = open(tmp, flags);
	if (s->blobs.tmp_fd < 0)
		return err_sys(e, ERR_FATAL, "%s", tmp);
	if (s->blobs.hasher == NULL)
		s->blobs.hasher = sha256_new();
	return 0;
}

/* ---- putting ------------------------------------------------------------ */

/*
 * Held, or about to be: 1, 0 or -1.  A file that no row speaks of is of a run
 * that was killed before it was durable: it is written anew, as is one of
 * another size.
 */
static int
is_there(
    struct store *s, size_t len, const unsigned char *sha256, struct err *e)
{
	char *path CLEANUP(freep) = NULL;
	struct stat st;
	int64_t row;
	size_t i;
	int rc;

	for (i = 0; i < s->blobs.n_puts; i++)
		if (memcmp(s->blobs.puts[i].sha256, sha256, SHA256_SIZE) == 0)
			return 1;
	rc = sql_int(s, Q_BLOB_HELD, &row, e, "h", sha256);
	if (rc != 1)
		return rc;
	path = blob_path(s, sha256);
	return stat(path, &st) == 0 && (size_t)st.st_size == len;
}

void
blob_url_digest(const char *url, char ret[BLOB_URL_HEX])
{
	unsigned char digest[XXH3_SIZE];

	xxh3_of("", 0, url, strlen(url), digest);
	text_to_hex(ret, digest, sizeof(digest));
}

static void
name_it(struct store *s, struct blob_put_entry *put, int64_t url_id,
    const char *url)
{
	char hex[SHA256_HEX], digest[BLOB_URL_HEX];

	if (url == NULL) {
		snprintf(put->tmp, sizeof(put->tmp), "%" PRId64,
		    ++s->blobs.tmp_count);
		return;
	}
	text_to_hex(hex, put->sha256, SHA256_SIZE);
	blob_url_digest(url, digest);
	snprintf(put->tmp, sizeof(put->tmp),
	    BLOB_PUT "%" PRId64 "-%" PRId64 "-%s-%s", s->run_id, url_id, digest,
	    hex);
}

/* A new file in tmp/. */
static int
write_new(struct store *s, const struct blob_put_entry *put, const void *data,
    size_t len, struct err *e)
{
	int fd CLEANUP(closep) = openat(s->blobs.tmp_fd, put->tmp,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);

	if (fd < 0)
		return err_sys(e, ERR_FATAL, "%s/tmp/%s", s->folder, put->tmp);
	s->blobs.n_puts++;
	if (file_write_fd(fd, data, len, e) < 0)
		return err_wrap(e, "%s/tmp/%s", s->folder, put->tmp);
	return 0;
}

static void
flush_ahead(struct store *s, size_t len)
{
	struct blobs *b = &s->blobs;

	b->unflushed += len + FLUSH_FILE;
	if (b->unflushed < FLUSH_BYTES)
		return;
	b->unflushed = 0;
	if (b->flusher == NULL)
		b->flusher = flusher_new(s->folder);
	if (b->flusher != NULL)
		flusher_kick(b->flusher);
}

int
blob_put_of(struct store *s, int64_t url_id, const char *url, const void *data,
    size_t len, unsigned char ret_sha256[SHA256_SIZE], struct err *e)
{
	struct blob_put_entry *put;
	int64_t tombstone;
	int there;

	if (open_folders(s, e) < 0)
		return -1;
	sha256_with(s->blobs.hasher, data, len, ret_sha256);
	if (forget_knows_image(s, ret_sha256, &tombstone, e) < 0)
		return -1;
	if (tombstone != 0)
		return 1;
	there = is_there(s, len, ret_sha256, e);
	if (there != 0)
		return there < 0 ? -1 : 0;
	if (s->blobs.n_puts == STORE_BATCH_PUTS) {
		if (blob_flush(s, e) < 0)
			return -1;
		blob_drop(s);
	}
	put = &s->blobs.puts[s->blobs.n_puts];
	memcpy(put->sha256, ret_sha256, SHA256_SIZE);
	name_it(s, put, url_id, url);
	if (write_new(s, put, data, len, e) < 0)
		return -1;
	flush_ahead(s, len);
	return 0;
}

int
blob_put(struct store *s, const void *data, size_t len,
    unsigned char ret_sha256[SHA256_SIZE], struct err *e)
{
	return blob_put_of(s, 0, NULL, data, len, ret_sha256, e);
}

/* ---- making it durable -------------------------------------------------- */

static int
sync_at(int folder_fd, const char *name, int flags, struct err *e)
{
	int fd CLEANUP(closep) =
	    openat(folder_fd, name, flags | O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		return err_sys(e, ERR_FATAL, "cannot sync %s", name);
	return 0;
}

static int
sync_all(struct store *s, struct err *e)
{
	if (syncfs(s->blobs.folder_fd) != 0)
		return err_sys(e, ERR_FATAL, "cannot sync %s", s->folder);
	return 0;
}

static int
make_folder(struct store *s, const char *name, struct err *e)
{
	if (mkdirat(s->blobs.folder_fd, name, 0777) != 0 && errno != EEXIST)
		return err_sys(e, ERR_FATAL, "cannot make folder %s/blobs/%s",
		    s->folder, name);
	return 0;
}

/* "ab" and "ab/cd", if this process has not seen to them before. */
static int
make_folders(struct store *s, const unsigned char *sha256, char *above,
    const char *folder, struct err *e)
{
	unsigned char *known = &s->blobs.known[sha256[0]][sha256[1] / 8];
	unsigned char bit = (unsigned char)(1u << (sha256[1] % 8));

	if (*known & bit)
		return 0;
	if (mkdirat(s->blobs.folder_fd, folder, 0777) != 0 && errno != EEXIST &&
	    (errno != ENOENT || make_folder(s, above, e) < 0 ||
		make_folder(s, folder, e) < 0))
		return err_sys(e, ERR_FATAL, "cannot make folder %s/blobs/%s",
		    s->folder, folder);
	*known |= bit;
	return 0;
}

/* A new folder's own name must be durable as well. */
static int
sync_folders(
    struct store *s, const char *above, const char *folder, struct err *e)
{
	if (sync_at(s->blobs.folder_fd, folder, O_DIRECTORY, e) < 0 ||
	    sync_at(s->blobs.folder_fd, above, O_DIRECTORY, e) < 0)
		return -1;
	return sync_at(s->blobs.folder_fd, ".", O_DIRECTORY, e);
}

/*
 * From tmp/ to its place.  The name in tmp/ stays until the rows are there;
 * where files have but one name, it goes.
 */
static int
give_place(struct store *s, const char *tmp, const char *path, struct err *e)
{
	int tmp_fd = s->blobs.tmp_fd, fd = s->blobs.folder_fd;

	if (linkat(tmp_fd, tmp, fd, path, 0) == 0 ||
	    renameat(tmp_fd, tmp, fd, path) == 0)
		return 0;
	return err_sys(
	    e, ERR_FATAL, "cannot rename to %s/blobs/%s", s->folder, path);
}

/* alone means that it is synced by itself. */
static int
settle(struct store *s, const struct blob_put_entry *put, bool alone,
    struct err *e)
{
	/* Without printf(), which is slow when a library has extended it. */
	char above[] = "ab", folder[] = "ab/cd",
	     path[6 + SHA256_HEX] = "ab/cd/";
	char *hex = path + 6;

	text_to_hex(hex, put->sha256, SHA256_SIZE);
	memcpy(above, hex, 2);
	memcpy(folder, hex, 2);
	memcpy(folder + 3, hex + 2, 2);
	memcpy(path, folder, 5);
	if ((alone && sync_at(s->blobs.tmp_fd, put->tmp, 0, e) < 0) ||
	    make_folders(s, put->sha256, above, folder, e) < 0 ||
	    give_place(s, put->tmp, path, e) < 0)
		return -1;
	return alone ? sync_folders(s, above, folder, e) : 0;
}

int
blob_flush(struct store *s, struct err *e)
{
	struct blobs *b = &s->blobs;
	bool grouped = b->n_puts - b->n_settled >= SYNCFS_FROM;

	if (b->n_puts == b->n_settled)
		return 0;
	if (grouped && sync_all(s, e) < 0)
		return -1;
	for (; b->n_settled < b->n_puts; b->n_settled++)
		if (settle(s, &b->puts[b->n_settled], !grouped, e) < 0)
			return -1;
	return grouped ? sync_all(s, e) : 0;
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
