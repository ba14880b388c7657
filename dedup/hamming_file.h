/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hamming_file: codes and whose they are, sorted for joins, in a file.
 *
 * The file (WORKSPACE/derived.mih, beside derived.db) can be remade from the
 * catalog at any time.  It is mapped for reading and never changed: new codes
 * are kept in memory beside it (the delta), and both together are written as
 * a new file that takes the old one's place by rename(2); whoever has the old
 * one mapped goes on with that.
 *
 * A file is trusted when its magic, version, byte order, size and XXH3-128
 * digest are right and its stamp is the caller's; else it is as if there were
 * none.  Equal codes stand once and lead to all their owners.  164 bytes a
 * distinct code, 8 an owner and 4 MiB for all: 10 million in 1.73 GB.
 */
#ifndef DEDUP_HAMMING_FILE_H
#define DEDUP_HAMMING_FILE_H

#include <stdbool.h>

#include "dedup/hamming.h"

#define HAMMING_STAMP_SIZE 32

/*
 * What of the catalog a file was made of.  `stamp` is the caller's: a digest
 * of the catalog's identity and of all that makes codes invalid (the rule of
 * the visit, the quality floor).  `mark` says how far it goes (say the
 * highest run, or a count of changes): the caller adds what came since.
 */
struct hamming_origin {
	uint8_t stamp[HAMMING_STAMP_SIZE];
	int64_t mark;
};

struct hamming_file;

/* An index with nothing in it and no file behind it. */
struct hamming_file *hamming_file_new(void);
void hamming_file_free(struct hamming_file *);
DEFINE_CLEANUP(struct hamming_file, hamming_file_free)

/*
 * Map a file.  When it is missing, damaged, of another version or stamp, the
 * index is empty, and *ret_why says in words why ("is damaged"; static) or is
 * NULL when the file is good and *ret_mark its mark.  ERR_* when the file
 * cannot be read at all.
 */
int hamming_file_open(struct hamming_file *, const char *path,
    const uint8_t stamp[HAMMING_STAMP_SIZE], int64_t *ret_mark,
    const char **ret_why, struct err *);

/* How many codes with owners it holds, the delta included. */
size_t hamming_file_count(const struct hamming_file *);
/* How many of them are in the delta: merge when there are many (65,536). */
size_t hamming_file_delta(const struct hamming_file *);

/*
 * One more owner of a code, any number but UINT64_MAX: stars.h uses
 * STARS_OWNER(id, trimmed).  ERR_FATAL when there are 2^32 - 1.
 */
int hamming_file_add(struct hamming_file *, const hamming_code code,
    uint64_t owner, struct err *);

/*
 * All owners of codes at most `radius` bits from a query.  The function is
 * called by code: with one owner after the other, at the same distance.
 * Returns as hamming_join().
 */
typedef int hamming_owner_fn(
    void *ctx, size_t query, uint64_t owner, int distance);
int hamming_file_join(const struct hamming_file *, const hamming_code *queries,
    size_t n_queries, int radius, hamming_owner_fn *, void *ctx, struct err *);

/*
 * Write what is mapped and the delta as a new file in place of `path`, fsync
 * included, and map that.  Owners for which `keep` (may be NULL) is false are
 * left out.  On errors the old file stands, and the index is as it was.
 * Needs 20 bytes of memory a code besides.
 */
int hamming_file_write(struct hamming_file *, const char *path,
    const struct hamming_origin *, bool (*keep)(void *ctx, uint64_t owner),
    void *ctx, struct err *);

#endif
