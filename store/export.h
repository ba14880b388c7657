/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export: a snapshot's images as files for other programs (doc/export.md).
 *
 * The folder is written as DIR.partial and renamed in the end, so DIR is
 * there whole or not at all; a DIR.partial that was left behind is replaced
 * by the next export.  griddle-export.json in it tells what it was made of,
 * and that it is griddle's own: nothing else is ever removed.  README.md is
 * the dataset's card, ATTRIBUTION.csv says whose each image is.
 *
 * The same snapshot and request give the same tree, byte for byte.
 */
#ifndef STORE_EXPORT_H
#define STORE_EXPORT_H

#include "base/opt.h"
#include "store/samples.h"
#include "store/snapshot.h"

#define EXPORT_ABOUT "griddle-export.json"

/* What griddle.conf says of the dataset as a whole; each may be NULL. */
struct dataset_opts {
	char *name, *description, *licence, *creator, *url;
};
extern const struct opt_group dataset_group;

/* Gets picture i as a JPEG, borrowed. */
typedef int export_each_fn(
    void *ctx, size_t i, const void *jpeg, size_t len, struct err *);
/* Gives each of the n copies to `each`, in any order. */
typedef int export_copies_fn(void *source, const struct picture_ref *, size_t n,
    export_each_fn *each, void *ctx, struct err *);

struct export_request {
	const char *dir;     /* "-": one file to standard output instead */
	const char *format;  /* "imagefolder" */
	bool force;          /* replace DIR if it is an earlier export */
	bool originals;      /* the bytes that were gathered; no copies then */
	int part;            /* enum part; -1: all */
	int64_t shard_bytes; /* of a shard at most, unless one image is more */
	unsigned char recipe[SHA256_SIZE];
	const char *about; /* text of griddle-export.json, a JSON object */
	const struct dataset_opts *dataset;
	int64_t copies; /* of each training image; from: */
	export_copies_fn *make_copies;
	void *source;
};

struct export_stats {
	int64_t files, copies, classes; /* files: copies as well */
	int64_t shards;
	/* Originals by how they got there; the others share no disk. */
	int64_t linked, cloned;
	/* Classes without an image in a part that others are in. */
	int64_t uneven;
};

/*
 * 0; or 1 when the reader of standard output went away.  ERR_USAGE: no such
 * format, one that cannot be asked for like this, DIR is there, names of
 * classes that cannot be kept apart; ERR_INPUT: images are not prepared by
 * the recipe, there are none in the part; ERR_BUSY: another export writes
 * there; ERR_STOPPED after a signal.
 */
int export_snapshot(struct store *, const struct snapshot *,
    const struct export_request *, struct export_stats *ret, struct err *);

/* Does the format put bytes out that no terminal should get? */
bool export_is_binary(const char *format);

#endif
