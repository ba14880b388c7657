/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that go after their rows have: the queue survives a crash, so what
 * it names is removed by this writer or by the next one.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store/forget_int.h"

#define BATCH 64 /* as in Q_UNLINK_NEXT */

static int
remove_file(const char *path, int64_t *bytes, struct err *e)
{
	char *folder CLEANUP(freep) = xstrdup(path);
	struct stat st;

	if (stat(path, &st) == 0)
		*bytes += st.st_size;
	if (unlink(path) != 0)
		return errno == ENOENT
		    ? 0
		    : err_sys(e, ERR_FATAL, "cannot remove %s", path);
	*strrchr(folder, '/') = 0;
	return file_sync_dir(folder, e);
}

/* The file, the one in quarantine, and what was derived of it. */
static int
remove_blob(
    struct store *s, const unsigned char *sha256, int64_t *bytes, struct err *e)
{
	char *path CLEANUP(freep) = blob_path(s, sha256);
	char *aside CLEANUP(freep) = NULL;
	/* Its codes are there, too; dedup makes it anew without them. */
	char *index CLEANUP(freep) = xasprintf("%s/derived.mih", s->folder);
	char hex[SHA256_HEX];
	int64_t id, codes = 0;
	int rc = sql_int(s, Q_BLOB_ID, &id, e, "h", sha256);

	if (rc < 0)
		return -1;
	if (rc == 1)
		return 0; /* held again */
	text_to_hex(hex, sha256, SHA256_SIZE);
	aside = xasprintf("%s/quarantine/%s", s->folder, hex);
	if (remove_file(path, bytes, e) < 0 ||
	    remove_file(aside, bytes, e) < 0 ||
	    remove_file(index, &codes, e) < 0)
		return -1;
	return sql_run(s, Q_DERIVED_PREPARED_DROP, e, "h", sha256) < 0 ||
		sql_run(s, Q_DERIVED_VECTOR_DROP, e, "h", sha256) < 0 ||
		sql_run(s, Q_DERIVED_THUMB_DROP, e, "h", sha256) < 0 ||
		sql_run(s, Q_DERIVED_LOOK_DROP, e, "h", sha256) < 0
	    ? -1
	    : 0;
}

static int
next_batch(struct store *s, unsigned char batch[BATCH][SHA256_SIZE],
    size_t *ret_n, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_UNLINK_NEXT, e);
	int rc = -1;

	*ret_n = 0;
	while (q != NULL && *ret_n < BATCH && (rc = sql_step(s, q, e)) == 1)
		sql_bytes(q, 0, batch[(*ret_n)++], SHA256_SIZE);
	return rc < 0 ? -1 : 0;
}

/*
 * The rows of derived.db are committed before those of the queue: the two
 * files of a transaction are not made durable in one step.
 */
static int
drain_batch(struct store *s, unsigned char batch[BATCH][SHA256_SIZE], size_t n,
    int64_t *bytes, struct err *e)
{
	size_t i;

	if (store_begin(s, e) < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (remove_blob(s, batch[i], bytes, e) < 0)
			return -1;
	if (store_commit(s, e) < 0 || store_begin(s, e) < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (sql_run(s, Q_UNLINK_DONE, e, "h", batch[i]) < 0)
			return -1;
	return store_commit(s, e);
}

int
unlink_drain(struct store *s, int64_t *ret_bytes, struct err *e)
{
	unsigned char batch[BATCH][SHA256_SIZE];
	size_t n;

	*ret_bytes = 0;
	do {
		if (next_batch(s, batch, &n, e) < 0 ||
		    (n > 0 && drain_batch(s, batch, n, ret_bytes, e) < 0))
			return -1;
	} while (n == BATCH);
	return 0;
}
