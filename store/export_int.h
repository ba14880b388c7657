/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_int: between rows and copies (export.c, export_set.c), the folder
 * that is written and put in its place (export_folder.c), files in it
 * (export_file.c, export_place.c), and what the formats put into them (the
 * table in export_formats.c).
 */
#ifndef STORE_EXPORT_INT_H
#define STORE_EXPORT_INT_H

#include "store/export.h"
#include "store/export_file.h"

/* ---- what is exported ----------------------------------------------- */

struct export_row {
	int64_t sample_id;
	unsigned char sha256[SHA256_SIZE];
	size_t class;
	enum part part;
};

struct export_set {
	struct export_row *rows; /* sorted by SHA-256 */
	size_t n, k;
	/* k, sorted by the bytes of folders, as readers of folders number
	 * them; the same whatever part is asked for. */
	char **classes;
	char **folders; /* their names made fit for a file system */
};
int export_set_read(struct store *, int64_t snapshot_id, int part,
    struct export_set *ret, struct err *);
void export_set_release(struct export_set *);

/* Where an image comes from: by the earliest sighting that has a licence. */
struct export_origin {
	char *format; /* of the original: "jpeg"; NULL: not known */
	int width, height;
	/* UTF-8; "unknown" where it is not known. */
	char *source, *author, *licence, *url;
	/* UTF-8; "" where it is not known. */
	char *licence_url, *title, *page;
};
int export_origin_read(
    struct store *, int64_t sample_id, struct export_origin *ret, struct err *);
void export_origin_release(struct export_origin *);

/* One image or copy on its way out; all borrowed. */
struct export_picture {
	const struct export_row *row;
	int64_t copy;         /* 0: the image itself */
	char hex[SHA256_HEX]; /* of the original */
	char id[40];          /* unique in the export: no dot, no slash */
	const char *part;     /* as the format calls it */
	const char *class;
	const char *type; /* "jpeg" */
	const char *ext;  /* "jpg" */
	const char *path; /* in DIR; NULL where it is in a shard */
	const void *data;
	size_t len;
	int width, height, depth;
	const struct export_origin *origin;
};

/* ---- one export ----------------------------------------------------- */

struct export_job {
	struct store *store;
	const struct snapshot *snapshot;
	const struct export_request *request;
	const struct export_format *format;
	struct export_set set;
	struct export_folder folder;
	bool stream, gone;        /* to stdout; its reader went away */
	bool *made;               /* folders that are there */
	struct export_file whose; /* ATTRIBUTION.csv */
	unsigned char whose_sha256[SHA256_SIZE];
	int64_t whose_bytes;
	struct export_tally sources, licences, types;
	int64_t *counts; /* [PART_COUNT * k] images, without copies */
	struct export_stats stats;
};

/* A file in DIR; or standard output, whatever the name. */
int export_job_file(struct export_job *, const char *name,
    struct export_file *ret, struct err *);

enum export_layout {
	LAYOUT_SHARDS, /* images are no files of their own */
	LAYOUT_CLASS,  /* PART/CLASS/ID.jpg */
	LAYOUT_DATA,   /* PART/data/ID.jpg */
};

/*
 * Pictures come in the order of the set's rows, an image before its copies,
 * or shuffled by a hash.  check refuses what the format cannot hold, before
 * anything is written.  begin makes the state that the others work with;
 * finish is called after the last picture; end, called after begin whatever
 * happens, frees it.  Any of them may be NULL.
 */
struct export_format {
	const char *name;
	enum export_layout layout;
	bool shuffled, streams, binary;
	const char *parts[PART_COUNT]; /* what it calls them */
	const char *pattern; /* a part's files, behind its name, for HF */
	int (*check)(const struct export_job *, struct err *);
	int (*begin)(struct export_job *, void **ret_state, struct err *);
	int (*add)(void *state, const struct export_picture *, struct err *);
	int (*finish)(void *state, struct err *);
	void (*end)(void *state);
};

/* ERR_USAGE names those that there are. */
const struct export_format *export_format(const char *name, struct err *);

#endif
