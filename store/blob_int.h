/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blob_int: the blobs that were put and are not durable yet.
 */
#ifndef STORE_BLOB_INT_H
#define STORE_BLOB_INT_H

#include "store/store.h"

/* A transaction is to be committed when it has so many, or is so old. */
#define STORE_BATCH_PUTS 1024
#define STORE_BATCH_MS 250

struct blob_put_entry {
	unsigned char sha256[SHA256_SIZE];
	int64_t tmp; /* its name in tmp/ */
};

struct blobs {
	struct blob_put_entry puts[STORE_BATCH_PUTS];
	size_t n_puts;
	int64_t tmp_count;              /* numbers the names in tmp/ */
	int tmp_fd, folder_fd;          /* -1: not needed yet */
	unsigned char known[256][32];   /* bits: blobs/ab/cd is there */
	struct sha256 *hasher;
};

/* Make what was put durable; forget it; let go of all. */
int blob_flush(struct store *, struct err *);
void blob_drop(struct store *);
void blob_close(struct store *);
char *blob_path(const struct store *, const unsigned char *sha256);

#endif
