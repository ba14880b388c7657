/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blob_int: the blobs that were put and are not durable yet.
 */
#ifndef STORE_BLOB_INT_H
#define STORE_BLOB_INT_H

#include "base/flusher.h"
#include "store/store.h"

/* A transaction is to be committed when it has so many, or is so old. */
#define STORE_BATCH_PUTS 1024
#define STORE_BATCH_MS 1000

/*
 * In tmp/ a blob is called by a number, or BLOB_PUT and the run, the URL's id
 * and digest and its own name: then the next writer can take it in, should
 * this one be killed before it commits.
 */
#define BLOB_PUT "put-"
#define BLOB_TMP_NAME 160
#define BLOB_URL_HEX 33

struct blob_put_entry {
	unsigned char sha256[SHA256_SIZE];
	char tmp[BLOB_TMP_NAME];
};

struct blobs {
	struct blob_put_entry puts[STORE_BATCH_PUTS];
	size_t n_puts, n_settled;     /* of these: in their places */
	int64_t tmp_count;            /* numbers the names in tmp/ */
	int tmp_fd, folder_fd;        /* -1: not needed yet */
	unsigned char known[256][32]; /* bits: blobs/ab/cd is there */
	struct sha256 *hasher;
	struct flusher *flusher; /* NULL: there was no need yet */
	size_t unflushed;        /* bytes, since it was told last */
};

/*
 * Make what was put durable, of which rows can speak then; when those are
 * committed, blob_drop() it, as when they are rolled back.
 */
int blob_flush(struct store *, struct err *);
void blob_drop(struct store *);
void blob_close(struct store *);
/* blob_recover.c: what a writer that was killed has left in tmp/. */
int blob_recover(struct store *, struct err *);
void blob_url_digest(const char *url, char ret[BLOB_URL_HEX]);
char *blob_path(const struct store *, const unsigned char *sha256);

#endif
