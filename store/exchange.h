/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange: decisions out to other tools and back in.
 *
 *   csv           a header and a line an image (RFC 4180): sha256, label,
 *                 claimed, rejected, tags (with commas between), url
 *   jsonl         the same as one object a line; tags is an array
 *   label-studio  Label Studio's JSON: a task an image, a decision as an
 *                 annotation, a claim as a prediction; a file of the blobs
 *                 by its local-files storage, the workspace as its root
 *   fiftyone      labels.json of a FiftyOneImageClassificationDataset, the
 *                 SHA-256 as key
 *
 * label is what was decided, and empty (null) when nothing was; claimed and
 * url are for people and are not read.
 */
#ifndef STORE_EXCHANGE_H
#define STORE_EXCHANGE_H

#include "store/curate.h"

enum exchange_format {
	EXCHANGE_CSV,
	EXCHANGE_JSONL,
	EXCHANGE_LABEL_STUDIO,
	EXCHANGE_FIFTYONE,
};
#define EXCHANGE_FORMATS "csv, jsonl, label-studio or fiftyone"

/* By its name: "label-studio"; false when there is none such. */
bool exchange_format(const char *name, enum exchange_format *ret);

struct exchange_opts {
	bool rev;     /* csv, jsonl: and the revision, which import checks */
	bool claimed; /* a claim stands for a decision that was not made */
};
/* The text of what passes, by SHA-256, in pieces. */
int labels_export(struct store *, const struct filter *, enum exchange_format,
    const struct exchange_opts *,
    int (*put)(void *ctx, const char *text, struct err *), void *ctx,
    struct err *);

struct import_done {
	struct op_done done;
	int64_t bad; /* that were not taken */
};
/*
 * One step, "import", of a file's bytes, which are scribbled on and end in a
 * 0.  A column or key that is not there leaves its field alone; an empty
 * label takes the decision back in csv and jsonl, and says nothing in the
 * other two.  An image that is not there or a line that is wrong is told to
 * `bad`, and the rest goes on.  ERR_INPUT: not such a file at all.
 */
typedef void import_bad_fn(void *ctx, const char *where, const char *why);
int labels_import(struct store *, enum exchange_format, char *bytes, size_t len,
    const struct op_ask *, import_bad_fn *bad, void *ctx, struct import_done *,
    struct err *);

#endif
