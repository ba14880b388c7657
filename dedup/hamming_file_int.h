/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hamming_file_int: the file as it lies, read by hamming_file.c and written
 * by hamming_write.c.
 */
#ifndef DEDUP_HAMMING_FILE_INT_H
#define DEDUP_HAMMING_FILE_INT_H

#include "base/xxh3.h"
#include "dedup/hamming_file.h"

struct hamming_head {
	unsigned char magic[8];
	uint32_t version;
	uint32_t order; /* of bytes */
	uint64_t n, n_owners;
	int64_t mark;
	uint8_t stamp[HAMMING_STAMP_SIZE];
	unsigned char digest[XXH3_SIZE]; /* of all else */
	unsigned char unused[40];        /* 0 */
};

#define HAMMING_HEAD_INIT \
	{ \
		.magic = "GRDDMIH", .version = 1, .order = 0x01020304 \
	}

/* Where the sections begin, in bytes. */
struct hamming_layout {
	size_t codes, owner_start, owners;
	size_t start[HAMMING_PIECES], place[HAMMING_PIECES];
	size_t next[HAMMING_PIECES], after[HAMMING_PIECES];
	size_t size;
};
void hamming_file_lay_out(
    size_t n, size_t n_owners, struct hamming_layout *ret);
/* The digest of a head and the sections of a mapped file. */
void hamming_file_digest(const struct hamming_head *, const unsigned char *map,
    size_t size, unsigned char ret[XXH3_SIZE]);

struct hamming_file {
	void *map;
	size_t map_size;
	struct hamming_sorted sorted;
	size_t n_owners;
	const uint32_t *owner_start; /* [sorted.n + 1] */
	const uint64_t *map_owners;
	/* the delta */
	hamming_code *codes;
	uint64_t *owners;
	size_t n, size;
};
/* What `from` has in place of all that was there; `from` is empty then. */
void hamming_file_replace(struct hamming_file *, struct hamming_file *from);

#endif
