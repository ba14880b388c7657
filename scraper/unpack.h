/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack: what lies in a zip, tar or 7z file, entry by entry.
 *
 * The file may be a stranger's: it is read in a child (`griddle worker
 * archive`), as a stream and never onto a disk.  Names are those of plain
 * files below the archive's root; what leads elsewhere is refused, by name.
 * An archive inside of an archive is opened too, but none inside of that.
 */
#ifndef SCRAPER_UNPACK_H
#define SCRAPER_UNPACK_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/mem.h"

struct unpack_limits {
	int64_t entries;     /* of all kinds */
	int64_t entry_bytes; /* unpacked, of one */
	int64_t total_bytes; /* unpacked, of all */
	int64_t ratio;       /* unpacked to packed bytes, of all */
};

enum unpack_verdict {
	ENTRY_FINE,
	ENTRY_OUTSIDE, /* "..", an absolute path, a drive */
	ENTRY_LINK,    /* symbolic or hard */
	ENTRY_SPECIAL, /* a device, a pipe, a socket */
	ENTRY_TOO_LARGE,
	ENTRY_ENCRYPTED,
	ENTRY_NESTED, /* an archive in an archive in an archive */
	ENTRY_DAMAGED,
	ENTRY_NO_IMAGE, /* though its name says so; of unpack_job.h */
	ENTRY_VERDICTS
};

/* "outside"; and "its name leads out of the archive". */
const char *unpack_verdict_word(enum unpack_verdict);
const char *unpack_verdict_text(enum unpack_verdict);

struct unpack_entry {     /* valid until the next one */
	const char *name; /* UTF-8: "train/cat/1.jpg", "inner.zip!/2.jpg" */
	enum unpack_verdict verdict;
	const struct buf *bytes; /* when it is fine */
};

/* Is this entry worth unpacking, by its name and first bytes? */
typedef bool unpack_want_fn(
    void *ctx, const char *name, const void *start, size_t len);

struct unpack;

/*
 * Read from a descriptor, which stays the caller's, from its beginning.
 * ERR_INPUT: it is not an archive that is read here.
 */
int unpack_open(int fd, const struct unpack_limits *, unpack_want_fn *,
    void *ctx, struct unpack **ret, struct err *);
void unpack_close(struct unpack *);
DEFINE_CLEANUP(struct unpack, unpack_close)

/*
 * The next entry that is wanted or refused: 1, or 0 at the end; 2 when it has
 * only passed over many, so that the caller can show that it lives.  ERR_INPUT:
 * the rest cannot be read: it is broken off, or passes a limit of the whole.
 */
int unpack_next(struct unpack *, struct unpack_entry *ret, struct err *);

#endif
