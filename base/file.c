/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define READ_SIZE 65536u

/* Read once; with the buffer full, only find out whether there is more. */
static ssize_t
read_some(int fd, struct buf *b)
{
	size_t left = b->cap - b->len;
	size_t want = left < READ_SIZE ? left : READ_SIZE;
	char more;

	return left == 0 ? read(fd, &more, 1)
			 : read(fd, buf_room(b, want), want);
}

int
file_read_fd(int fd, const char *name, struct buf *b, struct err *e)
{
	ssize_t got;

	while ((got = read_some(fd, b)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(e, ERR_INPUT, "%s", name);
		if (b->len == b->cap)
			return err_set(e, ERR_INPUT,
			    "%s: larger than %zu bytes", name, b->cap);
		b->len += (size_t)got;
		b->data[b->len] = 0;
	}
	return 0;
}

int
file_read(const char *path, struct buf *b, struct err *e)
{
	int fd CLEANUP(closep) = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, ERR_INPUT, "%s", path);
	return file_read_fd(fd, path, b, e);
}

int
file_write_fd(int fd, const void *data, size_t len, struct err *e)
{
	const char *p = data;
	ssize_t put;

	while (len > 0) {
		put = write(fd, p, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_sys(e, ERR_FATAL, "cannot write");
		p += put;
		len -= (size_t)put;
	}
	return 0;
}

int
file_in_memory(
    const char *what, const void *data, size_t len, int *ret_fd, struct err *e)
{
	int fd CLEANUP(closep) = memfd_create(what, MFD_CLOEXEC);

	if (fd < 0)
		return err_sys(e, ERR_FATAL, "cannot make a file in memory");
	if (file_write_fd(fd, data, len, e) < 0)
		return -1;
	lseek(fd, 0, SEEK_SET);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int
file_sync_dir(const char *path, struct err *e)
{
	int fd CLEANUP(closep) = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		return err_sys(e, ERR_FATAL, "cannot sync folder %s", path);
	return 0;
}

static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(".");
	return slash == path ? xstrdup("/")
			     : xstrndup(path, (size_t)(slash - path));
}

static int
write_beside(const char *tmp, const void *data, size_t len, struct err *e)
{
	int fd CLEANUP(closep) =
	    open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		return err_sys(e, ERR_FATAL, "cannot create");
	if (file_write_fd(fd, data, len, e) < 0)
		return -1;
	if (fsync(fd) != 0)
		return err_sys(e, ERR_FATAL, "cannot sync");
	return 0;
}

int
file_replace(const char *path, const void *data, size_t len, struct err *e)
{
	char *tmp CLEANUP(freep) =
	    xasprintf("%s.%ld.tmp", path, (long)getpid());
	char *folder CLEANUP(freep) = folder_of(path);

	if (write_beside(tmp, data, len, e) < 0) {
		unlink(tmp);
		return err_wrap(e, "%s", path);
	}
	if (rename(tmp, path) != 0) {
		err_sys(e, ERR_FATAL, "cannot rename to %s", path);
		unlink(tmp);
		return -1;
	}
	return file_sync_dir(folder, e);
}

/* Fine if it is there, and a folder. */
static int
make_dir(const char *path, struct err *e)
{
	struct stat st;

	if (mkdir(path, 0777) == 0)
		return 0;
	if (errno == EEXIST) {
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			return 0;
		errno = EEXIST;
	}
	return err_sys(e, ERR_FATAL, "cannot make folder %s", path);
}

int
file_make_dirs(const char *path, struct err *e)
{
	char *partial CLEANUP(freep) = xstrdup(path);
	char *p = partial;

	while (*p != 0 && (p = strchr(p + 1, '/')) != NULL) {
		*p = 0;
		if (make_dir(partial, e) < 0)
			return -1;
		*p = '/';
	}
	return make_dir(path, e);
}
