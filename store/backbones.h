/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backbones: networks that were brought in, for their answers as features.
 * A row speaks of the file backbones/NAME.onnx in the workspace.
 */
#ifndef STORE_BACKBONES_H
#define STORE_BACKBONES_H

#include "base/sha256.h"
#include "store/store.h"

enum { BACKBONE_NAME_MAX = 64 };

struct backbone_row {
	char *name;
	unsigned char sha256[SHA256_SIZE];
	int64_t bytes, added;
	char *meta; /* JSON; trainer/backbone.h says what is in it */
};
void backbone_row_release(struct backbone_row *);

/* Letters, digits, '.', '_' and '-', and no '.' first. */
bool backbone_name_is_good(const char *name);
/* The path of its file; the caller frees. */
char *backbone_path(const struct store *, const char *name);

/*
 * Keep the file, then the row that speaks of it.  ERR_INPUT: there is one of
 * that name.  row->added is set.
 */
int backbone_add(
    struct store *, struct backbone_row *, const void *onnx, struct err *);
/* Forget the row, then the file: 1; 0: there is none. */
int backbone_remove(struct store *, const char *name, struct err *);
/* The newest first. */
int backbone_list(struct store *,
    int (*each)(void *ctx, const struct backbone_row *, struct err *),
    void *ctx, struct err *);

#endif
