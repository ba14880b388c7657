/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flusher: a thread that has the kernel write a file system's dirty pages
 * out while the program goes on, so that a later sync has little left to do.
 *
 * It promises nothing: what must be durable is synced by who needs it, and
 * told there if it failed.  The thread has a descriptor of its own, since
 * each tells of a failed write once (syncfs(2)).
 */
#ifndef BASE_FLUSHER_H
#define BASE_FLUSHER_H

#include "base/mem.h"

struct flusher;

/* For the file system of this folder; NULL when there is no thread for it. */
struct flusher *flusher_new(const char *folder);
/* Begin to write what is dirty, unless it is at that already. */
void flusher_kick(struct flusher *);
/* Waits until it is done; NULL is fine. */
void flusher_free(struct flusher *);
DEFINE_CLEANUP(struct flusher, flusher_free)

#endif
