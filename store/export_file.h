/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_file: the folder that an export makes, what is put into it, and how
 * texts are quoted there.  Private to this room's export.
 */
#ifndef STORE_EXPORT_FILE_H
#define STORE_EXPORT_FILE_H

#include <jansson.h>

#include "base/buf.h"
#include "store/store.h"

/* ---- the folder ----------------------------------------------------- */

struct export_folder {
	char *dir, *partial;
	int fd;   /* of DIR.partial */
	int lock; /* held while it is written */
};
#define EXPORT_FOLDER_INIT ((struct export_folder){ .fd = -1, .lock = -1 })
void export_folder_release(struct export_folder *);

/* Make DIR.partial with griddle-export.json in it. */
int export_folder_begin(struct export_folder *, const char *dir,
    const char *about, bool force, struct err *);
/* Make it durable and DIR; an old DIR is removed then. */
int export_folder_end(struct export_folder *, bool force, struct err *);
/* A new file below it, open for writing: a descriptor, or -1. */
int export_folder_open(
    const struct export_folder *, const char *name, struct err *);

/* ---- files that grow ------------------------------------------------ */

struct export_file {
	int fd;
	bool own;   /* the descriptor is closed in the end */
	bool *gone; /* set when nobody reads the pipe any more */
	char *name;
	struct buf pending;
	struct sha256 *hash; /* of all that was added, if not NULL */
	int64_t bytes;
};
#define EXPORT_FILE_INIT ((struct export_file){ .fd = -1 })
void export_file_release(struct export_file *);

int export_file_add(
    struct export_file *, const void *data, size_t len, struct err *);
/* A JSON value on a line of its own, compact and with sorted keys; drops it. */
int export_file_json(struct export_file *, json_t *, struct err *);
/* Write out what is pending and close; ret_sha256 needs the hash. */
int export_file_end(
    struct export_file *, unsigned char *ret_sha256, struct err *);

/* ---- counting names ------------------------------------------------- */

/* How often each of some names came, most first in the end. */
struct export_tally {
	struct export_count {
		char *name, *url;
		int64_t n;
	} * v;
	size_t n;
};
/* Its place among them until they are sorted. */
size_t export_tally_add(
    struct export_tally *, const char *name, const char *url);
void export_tally_sort(struct export_tally *);
void export_tally_release(struct export_tally *);

/* ---- quoting -------------------------------------------------------- */

/*
 * A class's name as one of a folder: `/`, `\`, control characters and a dot
 * at the start become `_`; a name that then begins with `__`, which readers
 * of Hugging Face pass over, begins with `_-`.  The caller frees.
 */
char *export_safe_name(const char *class);

/* A record of n fields by RFC 4180, with its CRLF. */
void export_csv_record(struct buf *, const char *const *fields, size_t n);
/* As text in Markdown (CommonMark, a table's cell too): nothing in it acts. */
void export_markdown(struct buf *, const char *text);
/* As a double-quoted scalar of YAML 1.1 and 1.2. */
void export_yaml(struct buf *, const char *text);

/* Size and number of components by a JPEG's frame header (ITU-T T.81). */
bool export_jpeg_size(const void *data, size_t len, int *ret_width,
    int *ret_height, int *ret_depth);

/* Where a known licence can be read, or NULL; its name on Hugging Face. */
const char *export_licence_link(const char *licence, char *buf, size_t size);
const char *export_licence_hf(const char *licence);

#endif
