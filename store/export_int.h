/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_int: between rows and copies (export.c), the folder that is written
 * and put in its place (export_folder.c), and what the formats put into it
 * (export_formats.c).
 */
#ifndef STORE_EXPORT_INT_H
#define STORE_EXPORT_INT_H

#include "store/export.h"

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
/* A new file below it. */
int export_folder_file(const struct export_folder *, const char *name,
    const void *data, size_t len, struct err *);

/* ---- the formats ---------------------------------------------------- */

struct export_row {
	unsigned char sha256[SHA256_SIZE];
	size_t class;
	enum part part;
};

struct export_set {
	struct export_row *rows; /* sorted by SHA-256 */
	size_t n, k;
	char **classes; /* k, in the order of their first rows */
	char **folders; /* their names made fit for a file system */
};

/*
 * Pictures come in the order of the set's rows, an image before its copies.
 * begin makes the state that add and end work with; end, called after begin
 * whatever happens, frees it.  Any of them but add may be NULL.
 */
struct export_format {
	const char *name;
	int (*begin)(const struct export_folder *, const struct export_set *,
	    void **ret_state, struct err *);
	int (*add)(void *state, const struct export_row *, int64_t copy,
	    const void *jpeg, size_t len, struct err *);
	void (*end)(void *state);
};

/* ERR_USAGE names those that there are. */
const struct export_format *export_format(const char *name, struct err *);

/*
 * A class's name as one of a folder: `/`, `\`, control characters and a dot
 * at the start become `_`.  The caller frees.
 */
char *export_safe_name(const char *class);

#endif
