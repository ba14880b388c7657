/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files against rows: blobs one by one, files that no row names, and what is
 * derived.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/text.h"
#include "store/check_int.h"

/* ---- blobs -------------------------------------------------------- */

int
blob_page(struct store *s, int64_t after_id, struct blob_row *rows, size_t max,
    size_t *ret_n, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_BLOB_LIST, e);
	int rc;

	*ret_n = 0;
	if (q == NULL || sql_bind(s, q, e, "ii", after_id, (int64_t)max) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		struct blob_row *row = &rows[(*ret_n)++];

		row->id = sqlite3_column_int64(q, 0);
		sql_bytes(q, 1, row->sha256, SHA256_SIZE);
		row->bytes = sqlite3_column_int64(q, 2);
	}
	return rc;
}

int
file_has_digest(int fd, const unsigned char *sha256)
{
	struct sha256 *h CLEANUP(sha256_freep) = sha256_new();
	unsigned char piece[65536], digest[SHA256_SIZE];
	ssize_t got;

	while ((got = read(fd, piece, sizeof(piece))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		sha256_add(h, piece, (size_t)got);
	}
	sha256_end(TAKE(h), digest);
	return memcmp(digest, sha256, SHA256_SIZE) == 0;
}

enum blob_state
blob_look(const char *path, const struct blob_row *row, bool read_it)
{
	int fd CLEANUP(closep) = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	int same = 1;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? BLOB_MISSING
							   : BLOB_UNREADABLE;
	if (fstat(fd, &st) != 0)
		return BLOB_UNREADABLE;
	if (st.st_size != row->bytes)
		return BLOB_OTHER_SIZE;
	if (read_it)
		same = file_has_digest(fd, row->sha256);
	if (same != 1)
		return same < 0 ? BLOB_UNREADABLE : BLOB_OTHER_BYTES;
	return (st.st_mode & 0222) != 0 ? BLOB_WRITABLE : BLOB_FINE;
}

const char *
blob_state_text(enum blob_state state)
{
	static const char *const texts[] = {
		[BLOB_FINE] = "is fine",
		[BLOB_MISSING] = "is missing",
		[BLOB_OTHER_SIZE] = "is not of the size that it had",
		[BLOB_UNREADABLE] = "cannot be read",
		[BLOB_OTHER_BYTES] = "its bytes are not those of its name",
		[BLOB_WRITABLE] = "can be written to",
	};

	return texts[state];
}

/* ---- files that no row names -------------------------------------- */

struct walk {
	struct store *s;
	int (*each)(void *ctx, const struct stray *, struct err *);
	void *ctx;
	int64_t now;
};

/* "ab/cd/abcd...": the place of a name of 64 digits. */
static bool
is_blob_name(const char *folder, const char *name, unsigned char *sha256)
{
	size_t len = strlen(folder);

	return text_from_hex(sha256, SHA256_SIZE, name) && len >= 5 &&
	    strncmp(folder + len - 5, name, 2) == 0 &&
	    strncmp(folder + len - 2, name + 2, 2) == 0;
}

static int
look_at_file(
    struct walk *w, const char *folder, const char *name, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/%s", folder, name);
	struct stray stray = { .path = path };
	struct stat st;
	int64_t id;
	int rc = 0;

	stray.named = is_blob_name(folder, name, stray.sha256);
	if (stray.named)
		rc = sql_int(w->s, Q_BLOB_ID, &id, e, "h", stray.sha256);
	if (rc != 0 || lstat(path, &st) != 0)
		return rc < 0 ? -1 : 0;
	stray.age_s = w->now - st.st_mtime;
	stray.bytes = st.st_size;
	return w->each(w->ctx, &stray, e);
}

/* blobs/, blobs/ab/ and blobs/ab/cd/: `deep` is how far to the files. */
static int
walk_folder(struct walk *w, const char *folder, int deep, struct err *e)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int rc = 0;

	if (dir == NULL)
		return errno == ENOENT
		    ? 0
		    : err_sys(e, ERR_FATAL, "cannot read %s", folder);
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		char *path CLEANUP(freep) = NULL;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		path = xasprintf("%s/%s", folder, entry->d_name);
		if (deep > 0 && strlen(entry->d_name) == 2 &&
		    entry->d_type != DT_REG)
			rc = walk_folder(w, path, deep - 1, e);
		else
			rc = look_at_file(w, folder, entry->d_name, e);
		if (rc == 0)
			rc = stop_check(e);
	}
	closedir(dir);
	return rc;
}

int
strays_walk(struct store *s,
    int (*each)(void *ctx, const struct stray *, struct err *), void *ctx,
    struct err *e)
{
	struct walk w = { s, each, ctx, clock_now() };
	char *blobs CLEANUP(freep) = xasprintf("%s/blobs", s->folder);

	return walk_folder(&w, blobs, 2, e);
}

static int
note_stray(void *ctx, const struct stray *stray, struct err *e)
{
	struct check *c = ctx;

	(void)e;
	if (!stray->named)
		check_fault(
		    c, "%s: not a blob: griddle check --repair", stray->path);
	else if (stray->age_s > STRAY_AGE_S) {
		c->counts->orphans++;
		check_note(c, "%s: no image is of these bytes: griddle gc",
		    stray->path);
	}
	return 0;
}

/* What a run that was killed left, unless it is a day young. */
static void
check_tmp(struct check *c)
{
	char *folder CLEANUP(freep) = xasprintf("%s/tmp", c->s->folder);
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	struct stat st;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' &&
		    fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
		    clock_now() - st.st_mtime > STRAY_AGE_S)
			check_note(c,
			    "%s/%s: left by a run that was killed: the next "
			    "run that writes removes it",
			    folder, entry->d_name);
	if (dir != NULL)
		closedir(dir);
}

int
check_files(struct check *c, struct err *e)
{
	check_tmp(c);
	return strays_walk(c->s, note_stray, c, e);
}

/* ---- derived ------------------------------------------------------ */

static int
is_attached(struct store *s, bool *ret, struct err *e)
{
	int64_t n = 0;

	if (sql_query_int(s,
		"SELECT count(*) FROM pragma_database_list"
		" WHERE name = 'derived'",
		&n, e) < 0)
		return -1;
	*ret = n > 0;
	return 0;
}

int
check_derived(struct check *c, struct err *e)
{
	static const struct {
		enum query count;
		bool slow;
		const char *what;
	} tables[] = {
		{ Q_STRAY_PREPARED, false, "prepared images of no image" },
		{ Q_STRAY_VECTOR, false, "vectors of no image" },
		{ Q_STRAY_THUMB, false, "thumbnails of no image" },
		{ Q_STRAY_LOOK, false, "looks of no image" },
		{ Q_BROKEN_PREPARED, true, "prepared images are no JPEGs" },
		{ Q_BROKEN_THUMB, true, "thumbnails are no JPEGs" },
	};
	int64_t n = 0, queue = 0;
	bool there;
	size_t i;

	if (is_attached(c->s, &there, e) < 0 ||
	    sql_int(c->s, Q_CHECK_QUEUE, &queue, e, "") < 0)
		return -1;
	/* What a forgetting has left to do is told by its queue. */
	for (i = 0; there && queue == 0 && i < ARRAY_SIZE(tables); i++) {
		if (stop_check(e) < 0)
			return -1;
		if (tables[i].slow && c->conf->quick)
			continue;
		if (sql_int(c->s, tables[i].count, &n, e, "") < 0)
			return -1;
		if (n > 0)
			check_fault(c,
			    "derived.db: %lld %s: griddle check --repair, then "
			    "griddle prep",
			    (long long)n, tables[i].what);
	}
	return 0;
}
