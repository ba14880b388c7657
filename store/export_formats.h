/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_formats: what the families of formats give to the table.  The
 * functions are as struct export_format has them.  Private to this room.
 */
#ifndef STORE_EXPORT_FORMATS_H
#define STORE_EXPORT_FORMATS_H

#include "store/export_int.h"

/* ---- lists of images (export_lists.c) ------------------------------- */

/* One file for all, or one for each part. */
struct lists {
	struct export_job *job;
	struct export_file files[PART_COUNT];
	struct buf line;
	bool begun[PART_COUNT]; /* for what stands between items */
};
/* A state without files. */
struct lists *lists_new(struct export_job *);
void lists_end(void *state);
int lists_finish(void *state, struct err *);
/* The file NAME in a part's folder, which is there once it has images. */
int lists_part_file(struct lists *, const struct export_picture *,
    const char *name, struct export_file **ret, struct err *);
/* What is known of an image, under stable keys; the caller owns it. */
json_t *lists_facts(const struct export_job *, const struct export_picture *);

/* metadata.jsonl in each part. */
int lists_hf_begin(struct export_job *, void **ret_state, struct err *);
int lists_hf_add(void *state, const struct export_picture *, struct err *);
/* manifest.csv. */
int lists_csv_begin(struct export_job *, void **ret_state, struct err *);
int lists_csv_add(void *state, const struct export_picture *, struct err *);
/* manifest.jsonl. */
int lists_jsonl_begin(struct export_job *, void **ret_state, struct err *);
int lists_jsonl_add(void *state, const struct export_picture *, struct err *);

/* ---- labels.json (export_labels.c) ---------------------------------- */

int coco_begin(struct export_job *, void **ret_state, struct err *);
int coco_add(void *state, const struct export_picture *, struct err *);
int coco_finish(void *state, struct err *);
void coco_end(void *state);
int fiftyone_begin(struct export_job *, void **ret_state, struct err *);
int fiftyone_add(void *state, const struct export_picture *, struct err *);
int fiftyone_finish(void *state, struct err *);

/* ---- croissant.json beside manifest.csv (export_croissant.c) -------- */

int croissant_begin(struct export_job *, void **ret_state, struct err *);
int croissant_finish(void *state, struct err *);

/* ---- shards --------------------------------------------------------- */

/* classes.json: the names in the order of their numbers. */
int shards_classes(struct export_job *, struct err *);

int tar_begin(struct export_job *, void **ret_state, struct err *);
int tar_add(void *state, const struct export_picture *, struct err *);
int tar_finish(void *state, struct err *);
void tar_end(void *state);

int tfrecord_begin(struct export_job *, void **ret_state, struct err *);
int tfrecord_add(void *state, const struct export_picture *, struct err *);
int tfrecord_finish(void *state, struct err *);
void tfrecord_end(void *state);

/* ---- for people (export_card.c) ------------------------------------- */

int card_whose_begin(struct export_job *, struct err *);
int card_whose_add(
    struct export_job *, const struct export_picture *, struct err *);
/* README.md. */
int card_write(struct export_job *, struct err *);
/* The dataset's name and description as griddle.conf or the snapshot has
 * them; the caller frees. */
char *card_name(const struct export_job *);
char *card_description(const struct export_job *);

#endif
