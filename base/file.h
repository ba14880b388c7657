/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file: whole files, read with a cap and replaced in one step.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>

#include "base/buf.h"

/* Append the whole of path to buf; ERR_INPUT when missing or over the cap. */
int file_read(const char *path, struct buf *, struct err *);

/* Append all that fd still has; `name` is for the error. */
int file_read_fd(int fd, const char *name, struct buf *, struct err *);

/*
 * Write bytes beside path, fsync, and rename over it: a reader sees the old
 * file or the new one, also after a crash.
 */
int file_replace(const char *path, const void *data, size_t len, struct err *);

/* Write everything to fd, going on after a short write or EINTR. */
int file_write_fd(int fd, const void *data, size_t len, struct err *);

/*
 * A file without a name that holds these bytes, to be read from its start;
 * `what` is what the kernel calls it.
 */
int file_in_memory(
    const char *what, const void *data, size_t len, int *ret_fd, struct err *);

/* fsync the folder itself, which makes names in it durable. */
int file_sync_dir(const char *path, struct err *);

/* Make the folder and its parents; fine if they are there. */
int file_make_dirs(const char *path, struct err *);

#endif
