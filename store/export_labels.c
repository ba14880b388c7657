/* SPDX-License-Identifier: Apache-2.0 */
/*
 * labels.json beside data/, in each part: COCO's, and that of a
 * FiftyOneImageClassificationDataset.
 */
#include <string.h>

#include "store/export_formats.h"

static int
add_text(struct export_file *f, const char *text, struct err *e)
{
	return export_file_add(f, text, strlen(text), e);
}

/* `,` before all but the first. */
static int
separate(struct lists *l, const struct export_picture *p, struct err *e)
{
	const bool first = !l->begun[p->row->part];

	l->begun[p->row->part] = true;
	return first ? 0 : add_text(&l->files[p->row->part], ",", e);
}

/* ---- COCO --------------------------------------------------------------- */

/* https://cocodataset.org/#format-data; a label of a whole image is a box
 * around all of it, for some readers skip what has no box. */
struct coco {
	struct lists *lists;
	struct export_tally licences;
	struct coco_box {
		int64_t image;
		size_t class;
		int width, height;
		enum part part;
	} * boxes;
	size_t n;
};

int
coco_begin(struct export_job *j, void **ret_state, struct err *e)
{
	struct coco *c = xcalloc(1, sizeof(*c));

	(void)e;
	c->lists = lists_new(j);
	*ret_state = c;
	return 0;
}

void
coco_end(void *state)
{
	struct coco *c = state;

	lists_end(c->lists);
	export_tally_release(&c->licences);
	free(c->boxes);
	free(c);
}

int
coco_add(void *state, const struct export_picture *p, struct err *e)
{
	struct coco *c = state;
	struct export_file *f;
	size_t licence = 1 +
	    export_tally_add(
		&c->licences, p->origin->licence, p->origin->licence_url);

	if (lists_part_file(c->lists, p, "labels.json", &f, e) < 0 ||
	    (!c->lists->begun[p->row->part] &&
		add_text(f, "{\"images\":[\n", e) < 0) ||
	    separate(c->lists, p, e) < 0)
		return -1;
	if ((c->n & (c->n + 1)) == 0)
		c->boxes =
		    xreallocarray(c->boxes, 2 * c->n + 1, sizeof(*c->boxes));
	c->boxes[c->n] = (struct coco_box){ .image = (int64_t)c->n + 1,
		.class = p->row->class,
		.width = p->width,
		.height = p->height,
		.part = p->row->part };
	c->n++;
	return export_file_json(f,
	    json_pack("{s:I, s:s+, s:i, s:i, s:I, s:s, s:s}", "id",
		(json_int_t)c->n, "file_name", p->id,
		p->path + strlen(p->path) - strlen(p->ext) - 1, "width",
		p->width, "height", p->height, "license", (json_int_t)licence,
		"coco_url", p->origin->url, "sha256", p->hex),
	    e);
}

static int
coco_boxes(struct coco *c, enum part part, struct err *e)
{
	struct export_file *f = &c->lists->files[part];
	const char *between = "";
	size_t i;

	for (i = 0; i < c->n; i++) {
		const struct coco_box *b = &c->boxes[i];

		if (b->part != part)
			continue;
		if (add_text(f, between, e) < 0 ||
		    export_file_json(f,
			json_pack(
			    "{s:I, s:I, s:I, s:[i,i,i,i], s:I, s:[], s:i}",
			    "id", (json_int_t)b->image, "image_id",
			    (json_int_t)b->image, "category_id",
			    (json_int_t)b->class + 1, "bbox", 0, 0, b->width,
			    b->height, "area", (json_int_t)b->width * b->height,
			    "segmentation", "iscrowd", 0),
			e) < 0)
			return -1;
		between = ",";
	}
	return 0;
}

static json_t *
coco_rest(const struct coco *c, const struct export_job *j)
{
	json_t *categories = json_array(), *licences = json_array();
	char *name CLEANUP(freep) = card_name(j);
	size_t i;

	for (i = 0; i < j->set.k; i++)
		json_array_append_new(categories,
		    json_pack("{s:I, s:s, s:s}", "id", (json_int_t)i + 1,
			"name", j->set.classes[i], "supercategory", "none"));
	for (i = 0; i < c->licences.n; i++)
		json_array_append_new(licences,
		    json_pack("{s:I, s:s, s:s}", "id", (json_int_t)i + 1,
			"name", c->licences.v[i].name, "url",
			c->licences.v[i].url));
	return json_pack("{s:o, s:o, s:{s:s, s:s}}", "categories", categories,
	    "licenses", licences, "info", "description", name, "version",
	    j->snapshot->hash);
}

int
coco_finish(void *state, struct err *e)
{
	struct coco *c = state;
	const struct export_job *j = c->lists->job;
	int part;

	for (part = 0; part < PART_COUNT; part++) {
		struct export_file *f = &c->lists->files[part];
		char *rest CLEANUP(freep) = NULL;
		json_t *value;

		if (f->name == NULL)
			continue;
		value = coco_rest(c, j);
		rest = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
		json_decref(value);
		/* Without its opening brace it goes on in the same object. */
		if (add_text(f, "],\"annotations\":[\n", e) < 0 ||
		    coco_boxes(c, (enum part)part, e) < 0 ||
		    add_text(f, "],", e) < 0 || add_text(f, rest + 1, e) < 0 ||
		    add_text(f, "\n", e) < 0)
			return -1;
	}
	return lists_finish(c->lists, e);
}

/* ---- FiftyOne ----------------------------------------------------------- */

int
fiftyone_begin(struct export_job *j, void **ret_state, struct err *e)
{
	(void)e;
	*ret_state = lists_new(j);
	return 0;
}

static int
fiftyone_head(struct lists *l, struct export_file *f, struct err *e)
{
	json_t *classes = json_array();
	size_t i;

	for (i = 0; i < l->job->set.k; i++)
		json_array_append_new(
		    classes, json_string(l->job->set.classes[i]));
	if (add_text(f, "{\"classes\":", e) < 0) {
		json_decref(classes);
		return -1;
	}
	return export_file_json(f, classes, e) < 0
	    ? -1
	    : add_text(f, ",\"labels\":{\n", e);
}

int
fiftyone_add(void *state, const struct export_picture *p, struct err *e)
{
	struct lists *l = state;
	struct export_file *f;
	char *item CLEANUP(freep) =
	    xasprintf("\"%s\":%zu\n", p->id, p->row->class);

	if (lists_part_file(l, p, "labels.json", &f, e) < 0 ||
	    (!l->begun[p->row->part] && fiftyone_head(l, f, e) < 0) ||
	    separate(l, p, e) < 0)
		return -1;
	return add_text(f, item, e);
}

int
fiftyone_finish(void *state, struct err *e)
{
	struct lists *l = state;
	size_t i;

	for (i = 0; i < PART_COUNT; i++)
		if (l->files[i].name != NULL &&
		    add_text(&l->files[i], "}}\n", e) < 0)
			return -1;
	return lists_finish(l, e);
}
