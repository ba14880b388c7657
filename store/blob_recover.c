/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a writer had put and was killed before it could commit: complete
 * files, since their names say what they hold, of URLs that still wait.
 * Anything else in tmp/ goes.
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "store/frontier_images.h"
#include "store/store_int.h"

#define LARGEST ((size_t)1 << 30)

struct left {
	int64_t run_id, url_id;
	char url_digest[BLOB_URL_HEX], sha256[SHA256_HEX];
};

static bool
parse(const char *name, struct left *ret)
{
	int end = 0;

	return sscanf(name,
		   BLOB_PUT "%" SCNd64 "-%" SCNd64 "-%32[0-9a-f]-%64[0-9a-f]%n",
		   &ret->run_id, &ret->url_id, ret->url_digest, ret->sha256,
		   &end) == 4 &&
	    name[end] == 0;
}

/* Does its URL still wait, and is it the one that it was?  1, 0 or -1. */
static int
is_wanted(struct store *s, const struct left *l, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_RECOVER_URL, e);
	char digest[BLOB_URL_HEX];
	int rc;

	if (q == NULL || sql_bind(s, q, e, "ii", l->url_id, l->run_id) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc != 1)
		return rc;
	blob_url_digest(sql_text(q, 0), digest);
	return strcmp(digest, l->url_digest) == 0;
}

/* Take in one that is whole; 1, or 0 when it is not to be had. */
static int
take_in(struct store *s, int tmp_fd, const char *name, const struct left *l,
    struct err *e)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(LARGEST);
	int fd CLEANUP(closep) =
	    openat(tmp_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	unsigned char sha256[SHA256_SIZE];
	char hex[SHA256_HEX];
	struct err why;
	bool is_new;
	int rc;

	if (fd < 0 || file_read_fd(fd, name, &b, &why) < 0 || b.len == 0)
		return 0;
	sha256_of(b.data, b.len, sha256);
	text_to_hex(hex, sha256, SHA256_SIZE);
	if (strcmp(hex, l->sha256) != 0)
		return 0;
	s->run_id = l->run_id;
	if (store_begin(s, e) < 0)
		return -1;
	rc = blob_put(s, b.data, b.len, sha256, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (frontier_image_held(s, l->url_id, sha256, (int64_t)b.len, 200, NULL,
		NULL, &is_new, e) < 0 ||
	    run_count(s, "gather", "recovered", 1, e) < 0)
		return -1;
	return 1;
}

static int
recover_one(
    struct store *s, int tmp_fd, const char *name, int64_t *n, struct err *e)
{
	struct left l;
	int rc = 0;

	if (parse(name, &l)) {
		rc = is_wanted(s, &l, e);
		if (rc == 1)
			rc = take_in(s, tmp_fd, name, &l, e);
	}
	*n += rc == 1;
	return rc < 0 ? -1 : store_commit_if_due(s, e);
}

/* Each file, once for taking in and once for removing. */
static int
each_left(struct store *s, DIR *dir, bool drop, int64_t *n, struct err *e)
{
	struct dirent *entry;

	rewinddir(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (strncmp(entry->d_name, BLOB_PUT, strlen(BLOB_PUT)) != 0)
			continue;
		if (drop)
			unlinkat(dirfd(dir), entry->d_name, 0);
		else if (recover_one(s, dirfd(dir), entry->d_name, n, e) < 0)
			return -1;
	}
	return 0;
}

int
blob_recover(struct store *s, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/tmp", s->folder);
	DIR *dir = opendir(path);
	int64_t n = 0;
	int rc;

	if (dir == NULL)
		return err_sys(e, ERR_FATAL, "%s", path);
	rc = each_left(s, dir, false, &n, e);
	if (rc == 0)
		rc = store_commit(s, e);
	if (rc == 0)
		rc = each_left(s, dir, true, &n, e);
	closedir(dir);
	s->run_id = 0;
	if (rc == 0 && n > 0)
		log_info("took in what a run had fetched before it was killed: "
			 "%lld images",
		    (long long)n);
	return rc;
}
