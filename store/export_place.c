/* SPDX-License-Identifier: Apache-2.0 */
#include "store/export_place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/file.h"
#include "store/store_int.h"

/* ---- originals ---------------------------------------------------------- */

void
export_original_release(struct export_original *o)
{
	if (o->data != NULL)
		munmap(o->data, o->len);
	free(o->path);
	*o = (struct export_original){ 0 };
}

int
export_original_open(struct export_job *j,
    const unsigned char sha256[SHA256_SIZE], struct export_original *ret,
    struct err *e)
{
	int fd CLEANUP(closep) = -1;
	struct stat st;
	void *data;

	if (blob_open(j->store, sha256, &fd, e) < 0)
		return -1;
	ret->path = blob_path(j->store, sha256);
	if (fstat(fd, &st) != 0)
		return err_sys(e, ERR_FATAL, "%s", ret->path);
	if (st.st_size <= 0)
		return err_set(e, ERR_DAMAGED, "%s is empty: run griddle check",
		    ret->path);
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return err_sys(e, ERR_FATAL, "cannot map %s", ret->path);
	ret->data = data;
	ret->len = (size_t)st.st_size;
	return 0;
}

/* ---- folders ------------------------------------------------------------ */

#define FOLDERS_OF_PART 2 /* the part's own and data/, then the classes' */

/* It must be new: a file system may take two names for one. */
static int
make_folder(
    struct export_job *j, size_t number, const char *name, struct err *e)
{
	if (j->made[number])
		return 0;
	if (mkdirat(j->folder.fd, name, 0777) != 0)
		return err_sys(e, errno == EEXIST ? ERR_USAGE : ERR_FATAL,
		    "cannot make folder %s/%s", j->folder.partial, name);
	j->made[number] = true;
	return 0;
}

/* A class has a folder only where it has images: torchvision's ImageFolder
 * takes an empty one for an error. */
static int
make_folders(
    struct export_job *j, const struct export_picture *p, struct err *e)
{
	const size_t first =
	    (size_t)p->row->part * (FOLDERS_OF_PART + j->set.k);
	const bool data = j->format->layout == LAYOUT_DATA;
	char *below CLEANUP(freep) = xasprintf(
	    "%s/%s", p->part, data ? "data" : j->set.folders[p->row->class]);

	if (j->made == NULL)
		j->made = xcalloc(PART_COUNT * (FOLDERS_OF_PART + j->set.k),
		    sizeof(*j->made));
	if (make_folder(j, first, p->part, e) < 0)
		return -1;
	return make_folder(j,
	    data ? first + 1 : first + FOLDERS_OF_PART + p->row->class, below,
	    e);
}

/* ---- files -------------------------------------------------------------- */

char *
export_place_name(const struct export_job *j, const struct export_picture *p)
{
	switch (j->format->layout) {
	case LAYOUT_CLASS:
		return xasprintf("%s/%s/%s.%s", p->part,
		    j->set.folders[p->row->class], p->id, p->ext);
	case LAYOUT_DATA:
		return xasprintf("%s/data/%s.%s", p->part, p->id, p->ext);
	case LAYOUT_SHARDS:
		break;
	}
	return NULL;
}

/* 1 when it is linked, 0 when that cannot be, or -1. */
static int
try_link(struct export_job *j, const char *from, const char *to, struct err *e)
{
	if (linkat(AT_FDCWD, from, j->folder.fd, to, 0) == 0)
		return 1;
	if (errno == EEXIST || errno == ENOENT)
		return err_sys(e, ERR_FATAL, "cannot link %s to %s/%s", from,
		    j->folder.partial, to);
	return 0;
}

int
export_place(struct export_job *j, const struct export_picture *p,
    const struct export_original *from, struct err *e)
{
	int fd CLEANUP(closep) = -1, old CLEANUP(closep) = -1, linked = 0;

	if (make_folders(j, p, e) < 0)
		return -1;
	if (from != NULL)
		linked = try_link(j, from->path, p->path, e);
	j->stats.linked += linked > 0;
	if (linked != 0)
		return linked < 0 ? -1 : 0;
	fd = export_folder_open(&j->folder, p->path, e);
	if (fd < 0)
		return -1;
	if (from != NULL)
		old = open(from->path, O_RDONLY | O_CLOEXEC);
	if (old >= 0 && ioctl(fd, FICLONE, old) == 0) {
		j->stats.cloned++;
		return 0;
	}
	return file_write_fd(fd, p->data, p->len, e) < 0
	    ? err_wrap(e, "%s/%s", j->folder.partial, p->path)
	    : 0;
}
