/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shim_io: for LD_PRELOAD.  Of all calls that change files below $SHIM_DIR,
 * counted together, the $SHIM_AT-th fails with errno $SHIM_ERRNO, and with
 * $SHIM_STICKY all further ones that take room as well, as on a full disk.
 * How many calls there were is written to $SHIM_COUNT in the end.  Processes
 * that were started as `griddle worker` are left alone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
	const char *folder, *count;
	long at, n;
	int cause;
	int sticky, on;
} shim;

__attribute__((constructor)) static void
begin(void)
{
	char line[4096] = "";
	int fd = open("/proc/self/cmdline", O_RDONLY);
	ssize_t got = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
	const char *at = getenv("SHIM_AT"), *cause = getenv("SHIM_ERRNO");

	if (fd >= 0)
		close(fd);
	shim.folder = getenv("SHIM_DIR");
	shim.count = getenv("SHIM_COUNT");
	shim.at = at == NULL ? 0 : atol(at);
	shim.cause = cause == NULL ? EIO : atoi(cause);
	shim.sticky = getenv("SHIM_STICKY") != NULL;
	shim.on = shim.folder != NULL && got > 0 &&
	    strcmp(line + strlen(line) + 1, "worker") != 0;
}

__attribute__((destructor)) static void
end(void)
{
	char text[32];
	int fd, len;

	if (!shim.on || shim.count == NULL)
		return;
	shim.on = 0;
	len = snprintf(text, sizeof(text), "%ld\n", shim.n);
	fd = (int)syscall(SYS_openat, AT_FDCWD, shim.count,
	    O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd >= 0) {
		syscall(SYS_write, fd, text, len);
		syscall(SYS_close, fd);
	}
}

static int
is_below(const char *path)
{
	size_t len = strlen(shim.folder);

	return strncmp(path, shim.folder, len) == 0 &&
	    (path[len] == '/' || path[len] == 0);
}

static int
is_ours(int fd)
{
	char link[64], path[4096];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len <= 0)
		return 0;
	path[len] = 0;
	return is_below(path);
}

/* Does this call fail?  `room`: it is one that a full disk refuses. */
static int
fails(int counts, int room)
{
	if (!counts)
		return 0;
	shim.n++;
	if (shim.n != shim.at &&
	    !(shim.sticky && room && shim.at > 0 && shim.n > shim.at))
		return 0;
	errno = shim.cause;
	return 1;
}
#define FD_FAILS(fd, room) fails(shim.on &&is_ours(fd), room)
#define PATH_FAILS(path, room) fails(shim.on &&is_below(path), room)

#define NEXT(type, name, ...) \
	static type (*next)(__VA_ARGS__); \
	if (next == NULL) \
	*(void **)&next = dlsym(RTLD_NEXT, name)

ssize_t
write(int fd, const void *data, size_t len)
{
	NEXT(ssize_t, "write", int, const void *, size_t);
	return FD_FAILS(fd, 1) ? -1 : next(fd, data, len);
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t at)
{
	NEXT(ssize_t, "pwrite", int, const void *, size_t, off_t);
	return FD_FAILS(fd, 1) ? -1 : next(fd, data, len, at);
}

ssize_t
pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	NEXT(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
	return FD_FAILS(fd, 1) ? -1 : next(fd, data, len, at);
}

int
fsync(int fd)
{
	NEXT(int, "fsync", int);
	return FD_FAILS(fd, 0) ? -1 : next(fd);
}

int
fdatasync(int fd)
{
	NEXT(int, "fdatasync", int);
	return FD_FAILS(fd, 0) ? -1 : next(fd);
}

int
syncfs(int fd)
{
	NEXT(int, "syncfs", int);
	return FD_FAILS(fd, 0) ? -1 : next(fd);
}

int
ftruncate(int fd, off_t len)
{
	NEXT(int, "ftruncate", int, off_t);
	return FD_FAILS(fd, 1) ? -1 : next(fd, len);
}

int
ftruncate64(int fd, off64_t len)
{
	NEXT(int, "ftruncate64", int, off64_t);
	return FD_FAILS(fd, 1) ? -1 : next(fd, len);
}

int
rename(const char *from, const char *to)
{
	NEXT(int, "rename", const char *, const char *);
	return PATH_FAILS(to, 1) ? -1 : next(from, to);
}

int
mkdir(const char *path, mode_t mode)
{
	NEXT(int, "mkdir", const char *, mode_t);
	return PATH_FAILS(path, 1) ? -1 : next(path, mode);
}

int
link(const char *from, const char *to)
{
	NEXT(int, "link", const char *, const char *);
	return PATH_FAILS(to, 1) ? -1 : next(from, to);
}

int
renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	NEXT(int, "renameat", int, const char *, int, const char *);
	return FD_FAILS(to_fd, 1) ? -1 : next(from_fd, from, to_fd, to);
}

int
linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	NEXT(int, "linkat", int, const char *, int, const char *, int);
	return FD_FAILS(to_fd, 1) ? -1 : next(from_fd, from, to_fd, to, flags);
}

int
mkdirat(int fd, const char *path, mode_t mode)
{
	NEXT(int, "mkdirat", int, const char *, mode_t);
	return FD_FAILS(fd, 1) ? -1 : next(fd, path, mode);
}
