/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock of the one writer, and what it finds in tmp/.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/file.h"
#include "store/open_int.h"

/* linux/magic.h has some of them only. */
#define NFS_MAGIC 0x6969
#define SMB_MAGIC 0x517b
#define SMB2_MAGIC 0xfe534d42
#define CIFS_MAGIC 0xff534d42

#define HOLDER_MAX 64

/* WAL needs shared memory between processes of one machine. */
static int
refuse_network(const char *folder, struct err *e)
{
	struct statfs fs;
	unsigned long type;

	if (statfs(folder, &fs) != 0)
		return err_sys(e, ERR_FATAL, "%s", folder);
	type = (unsigned long)fs.f_type & 0xffffffff;
	if (type == NFS_MAGIC || type == SMB_MAGIC || type == SMB2_MAGIC ||
	    type == CIFS_MAGIC)
		return err_set(e, ERR_USAGE,
		    "%s is on a network file system, where SQLite cannot "
		    "keep a catalog safe: choose a local folder",
		    folder);
	return 0;
}

/*
 * The command among the arguments: what it is about is nobody's business,
 * and may be something that is to be forgotten.
 */
static const char *
command_of(const char *args, size_t len)
{
	const char *word = args, *end = args + len;
	bool skip = true; /* the program itself */

	for (; word < end; word += strlen(word) + 1) {
		if (!skip && word[0] != '-')
			return word;
		skip =
		    strcmp(word, "-C") == 0 || strcmp(word, "--workspace") == 0;
	}
	return "";
}

/* "1234 griddle gather\n": who we are, for people. */
static void
say_who(char *holder, size_t size)
{
	char args[4096] = "";
	int fd CLEANUP(closep) =
	    open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, args, sizeof(args) - 1);

	snprintf(holder, size, "%ld griddle %.32s\n", (long)getpid(),
	    command_of(args, got < 0 ? 0 : (size_t)got));
}

static int
take_lock(struct store *s, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/lock", s->folder);
	char holder[HOLDER_MAX] = "";
	ssize_t got;

	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (s->lock_fd < 0)
		return err_sys(e, ERR_FATAL, "%s", path);
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK)
			return err_sys(e, ERR_FATAL, "%s", path);
		got = read(s->lock_fd, holder, sizeof(holder) - 1);
		holder[got > 0 ? got : 0] = 0;
		return err_set(e, ERR_BUSY,
		    "%s: another run holds the workspace (process %.*s)",
		    s->folder, (int)strcspn(holder, "\n"), holder);
	}
	/*
	 * For people only, since the kernel knows who holds it: a disk too
	 * full to say it may have room made by what follows.
	 */
	say_who(holder, sizeof(holder));
	if (ftruncate(s->lock_fd, 0) == 0 &&
	    pwrite(s->lock_fd, holder, strlen(holder), 0) < 0)
		return errno == ENOSPC || errno == EDQUOT
		    ? 0
		    : err_sys(e, ERR_FATAL, "%s", path);
	return 0;
}

static int
empty_tmp(struct store *s, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/tmp", s->folder);
	struct dirent *entry;
	DIR *dir;

	if (file_make_dirs(path, e) < 0)
		return -1;
	dir = opendir(path);
	if (dir == NULL)
		return err_sys(e, ERR_FATAL, "%s", path);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' &&
		    strncmp(entry->d_name, BLOB_PUT, strlen(BLOB_PUT)) != 0)
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	return 0;
}

int
store_take_lock(struct store *s, struct err *e)
{
	return refuse_network(s->folder, e) < 0 || take_lock(s, e) < 0 ||
		empty_tmp(s, e) < 0
	    ? -1
	    : 0;
}
