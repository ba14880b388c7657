/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All formats.  What a format needs beyond the place of its images stands in
 * the file of its family.
 */
#include "store/export_formats.h"

#include <string.h>

#include "base/text.h"

/* Ultralytics' classify mode learns from train and stops by val or test. */
static int
yolo_check(const struct export_job *j, struct err *e)
{
	size_t n[PART_COUNT] = { 0 }, i;

	for (i = 0; i < j->set.n; i++)
		n[j->set.rows[i].part]++;
	if (n[PART_TRAIN] > 0 && n[PART_VAL] + n[PART_TEST] > 0)
		return 0;
	return err_set(
	    e, ERR_USAGE, "yolo needs images in train, and in val or test");
}

#define PARTS \
	{ \
		"train", "val", "test" \
	}

static const struct export_format formats[] = {
	{ .name = "imagefolder",
	    .layout = LAYOUT_CLASS,
	    .parts = PARTS,
	    .pattern = "/**" },
	{ .name = "hf",
	    .layout = LAYOUT_CLASS,
	    .parts = { "train", "validation", "test" },
	    .pattern = "/**",
	    .begin = lists_hf_begin,
	    .add = lists_hf_add,
	    .finish = lists_finish,
	    .end = lists_end },
	{ .name = "yolo",
	    .layout = LAYOUT_CLASS,
	    .parts = PARTS,
	    .check = yolo_check },
	{ .name = "csv",
	    .layout = LAYOUT_CLASS,
	    .parts = PARTS,
	    .streams = true,
	    .begin = lists_csv_begin,
	    .add = lists_csv_add,
	    .finish = lists_finish,
	    .end = lists_end },
	{ .name = "jsonl",
	    .layout = LAYOUT_CLASS,
	    .parts = PARTS,
	    .streams = true,
	    .begin = lists_jsonl_begin,
	    .add = lists_jsonl_add,
	    .finish = lists_finish,
	    .end = lists_end },
	{ .name = "coco",
	    .layout = LAYOUT_DATA,
	    .parts = PARTS,
	    .begin = coco_begin,
	    .add = coco_add,
	    .finish = coco_finish,
	    .end = coco_end },
	{ .name = "fiftyone",
	    .layout = LAYOUT_DATA,
	    .parts = PARTS,
	    .begin = fiftyone_begin,
	    .add = fiftyone_add,
	    .finish = fiftyone_finish,
	    .end = lists_end },
	{ .name = "croissant",
	    .layout = LAYOUT_CLASS,
	    .parts = PARTS,
	    .pattern = "/**",
	    .begin = croissant_begin,
	    .add = lists_csv_add,
	    .finish = croissant_finish,
	    .end = lists_end },
	{ .name = "webdataset",
	    .layout = LAYOUT_SHARDS,
	    .parts = { "train", "validation", "test" },
	    .pattern = "-*.tar",
	    .shuffled = true,
	    .streams = true,
	    .binary = true,
	    .begin = tar_begin,
	    .add = tar_add,
	    .finish = tar_finish,
	    .end = tar_end },
	{ .name = "tfrecord",
	    .layout = LAYOUT_SHARDS,
	    .parts = PARTS,
	    .shuffled = true,
	    .streams = true,
	    .binary = true,
	    .begin = tfrecord_begin,
	    .add = tfrecord_add,
	    .finish = tfrecord_finish,
	    .end = tfrecord_end },
};

const struct export_format *
export_format(const char *name, struct err *e)
{
	const char *names[ARRAY_SIZE(formats) + 1] = { NULL };
	struct buf list CLEANUP(buf_release) = BUF_INIT(256);
	const char *meant;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		if (strcmp(name, formats[i].name) == 0)
			return &formats[i];
		names[i] = formats[i].name;
		buf_addf(&list, "%s%s", i == 0 ? "" : ", ", names[i]);
	}
	meant = text_suggest(name, names);
	err_set(e, ERR_USAGE, "no format \"%.40s\"%s%s%s; there is %s", name,
	    meant == NULL ? "" : ": did you mean \"",
	    meant == NULL ? "" : meant, meant == NULL ? "" : "\"?",
	    (const char *)list.data);
	return NULL;
}

bool
export_is_binary(const char *format)
{
	struct err e = { 0 };
	const struct export_format *f = export_format(format, &e);

	return f != NULL && f->binary;
}
