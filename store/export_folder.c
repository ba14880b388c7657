/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder that is there whole or not at all.  What is removed on the way is
 * known by its griddle-export.json as griddle's own.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/export_int.h"

#define DEPTH_MAX 16 /* of what is removed; an export has 2 */

void
export_folder_release(struct export_folder *f)
{
	closep(&f->fd);
	closep(&f->lock);
	free(f->dir);
	free(f->partial);
	*f = EXPORT_FOLDER_INIT;
}

/* ---- removing ----------------------------------------------------------- */

static int remove_below(int fd, const char *path, int depth, struct err *);

/* Takes fd over. */
static int
remove_entries(int fd, const char *path, int depth, struct err *e)
{
	const struct dirent *entry;
	DIR *d = fdopendir(fd);
	int rc = 0;

	if (d == NULL) {
		close(fd);
		return err_sys(e, ERR_FATAL, "cannot read folder %s", path);
	}
	while (rc == 0 && (entry = readdir(d)) != NULL) {
		char *below CLEANUP(freep) =
		    xasprintf("%s/%s", path, entry->d_name);
		int sub;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		/* A link to a folder is no folder here. */
		sub = openat(fd, entry->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0)
			rc = remove_below(sub, below, depth + 1, e);
		if (rc == 0 &&
		    unlinkat(fd, entry->d_name, sub >= 0 ? AT_REMOVEDIR : 0) !=
			0)
			rc = err_sys(e, ERR_FATAL, "cannot remove %s", below);
	}
	closedir(d);
	return rc;
}

/* Takes fd over. */
static int
remove_below(int fd, const char *path, int depth, struct err *e)
{
	if (depth <= DEPTH_MAX)
		return remove_entries(fd, path, depth, e);
	close(fd);
	return err_set(e, ERR_FATAL, "%s: too deep to be removed", path);
}

static int
remove_folder(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, ERR_FATAL, "cannot remove %s", path);
	if (remove_below(fd, path, 0, e) < 0)
		return -1;
	if (rmdir(path) != 0)
		return err_sys(e, ERR_FATAL, "cannot remove %s", path);
	return 0;
}

/* ---- whose a folder is -------------------------------------------------- */

static bool
is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static bool
is_empty(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *entry;
	bool empty = d != NULL;

	while (empty && (entry = readdir(d)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0;
	if (d != NULL)
		closedir(d);
	return empty;
}

static int
check_own(const char *path, struct err *e)
{
	char *about CLEANUP(freep) = xasprintf("%s/" EXPORT_ABOUT, path);
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	    (is_there(about) || is_empty(path)))
		return 0;
	return err_set(e, ERR_USAGE,
	    "%s is there and is no export of griddle: move it away, or name "
	    "another folder",
	    path);
}

static int
check_dir(const char *dir, bool force, struct err *e)
{
	if (!is_there(dir))
		return 0;
	if (!force)
		return err_set(e, ERR_USAGE,
		    "%s is there already: name another folder, or replace it "
		    "with --force",
		    dir);
	return check_own(dir, e);
}

/* Hold the file that tells what is written, as long as it is written. */
static int
hold(struct export_folder *f, int flags, struct err *e)
{
	char *about CLEANUP(freep) = xasprintf("%s/" EXPORT_ABOUT, f->partial);

	f->lock = open(about, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0666);
	if (f->lock < 0)
		return err_sys(e, ERR_FATAL, "cannot open %s", about);
	if (flock(f->lock, LOCK_EX | LOCK_NB) != 0)
		return err_set(
		    e, ERR_BUSY, "another export writes %s", f->partial);
	return 0;
}

/* What an interrupted export left. */
static int
remove_left(struct export_folder *f, struct err *e)
{
	if (!is_there(f->partial))
		return 0;
	if (check_own(f->partial, e) < 0 || hold(f, O_CREAT, e) < 0 ||
	    remove_folder(f->partial, e) < 0)
		return -1;
	closep(&f->lock);
	f->lock = -1;
	return 0;
}

/* ---- from beginning to end ---------------------------------------------- */

int
export_folder_begin(struct export_folder *f, const char *dir, const char *about,
    bool force, struct err *e)
{
	size_t len = strlen(dir);
	const char *last;

	while (len > 1 && dir[len - 1] == '/')
		len--;
	f->dir = xstrndup(dir, len);
	f->partial = xasprintf("%s.partial", f->dir);
	last = strrchr(f->dir, '/');
	last = last == NULL ? f->dir : last + 1;
	if (*last == 0 || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
		return err_set(
		    e, ERR_USAGE, "\"%s\" is no name for a new folder", dir);
	if (check_dir(f->dir, force, e) < 0 || remove_left(f, e) < 0)
		return -1;
	if (mkdir(f->partial, 0777) != 0)
		return err_sys(
		    e, ERR_FATAL, "cannot make folder %s", f->partial);
	f->fd =
	    open(f->partial, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (f->fd < 0)
		return err_sys(e, ERR_FATAL, "cannot open %s", f->partial);
	if (hold(f, O_CREAT | O_EXCL, e) < 0)
		return -1;
	return file_write_fd(f->lock, about, strlen(about), e) < 0
	    ? err_wrap(e, "%s", f->partial)
	    : 0;
}

int
export_folder_open(
    const struct export_folder *f, const char *name, struct err *e)
{
	int fd = openat(f->fd, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);

	return fd >= 0
	    ? fd
	    : err_sys(e, ERR_FATAL, "cannot create %s/%s", f->partial, name);
}

static int
sync_parent(const char *dir, struct err *e)
{
	const char *slash = strrchr(dir, '/');
	char *parent CLEANUP(freep) = slash == NULL ? xstrdup(".")
	    : slash == dir                          ? xstrdup("/")
			   : xstrndup(dir, (size_t)(slash - dir));

	return file_sync_dir(parent, e);
}

/* Old and new change places where the file system can, in one step. */
static int
replace_dir(const struct export_folder *f, struct err *e)
{
	if (renameat2(
		AT_FDCWD, f->partial, AT_FDCWD, f->dir, RENAME_EXCHANGE) == 0)
		return remove_folder(f->partial, e);
	if (errno != EINVAL && errno != ENOSYS)
		return err_sys(e, ERR_FATAL, "cannot rename to %s", f->dir);
	if (remove_folder(f->dir, e) < 0)
		return -1;
	if (rename(f->partial, f->dir) != 0)
		return err_sys(e, ERR_FATAL, "cannot rename to %s", f->dir);
	return 0;
}

int
export_folder_end(struct export_folder *f, bool force, struct err *e)
{
	/* One for all files is much faster than one for each. */
	if (syncfs(f->fd) != 0)
		return err_sys(e, ERR_FATAL, "cannot sync %s", f->partial);
	/* Somebody may have made it in the meantime. */
	if (check_dir(f->dir, force, e) < 0)
		return -1;
	if (is_there(f->dir)) {
		if (replace_dir(f, e) < 0)
			return -1;
	} else if (rename(f->partial, f->dir) != 0) {
		return err_sys(e, ERR_FATAL, "cannot rename to %s", f->dir);
	}
	return sync_parent(f->dir, e);
}
