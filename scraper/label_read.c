/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that tell of an archive's pictures.  They are read in the child.
 */
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "base/csv.h"
#include "base/mem.h"
#include "base/text.h"
#include "scraper/label_rule.h"
#include "scraper/xml_int.h"

struct reading {
	const struct label_rule *rule;
	label_each_fn *each;
	void *ctx;
	struct err *e;
	int status;
};

static void
give(struct reading *r, const char *id, const char *label)
{
	if (r->status == 0 && id != NULL && label != NULL && *id != 0 &&
	    *label != 0)
		r->status = r->each(r->ctx, id, label, r->e);
}

/* ---- CSV ---------------------------------------------------------------- */

struct csv {
	struct reading *r;
	size_t id, label; /* columns */
	bool has_header;
};

static bool
find_column(
    struct csv *c, const char *name, char *const *fields, size_t n, size_t *ret)
{
	for (*ret = 0; *ret < n; ++*ret)
		if (strcasecmp(text_trim(fields[*ret]), name) == 0)
			return true;
	c->r->status = err_set(c->r->e, ERR_INPUT, "%s has no column \"%s\"",
	    c->r->rule->file, name);
	return false;
}

static bool
take_record(void *ctx, char *const *fields, size_t n, int64_t line)
{
	struct csv *c = ctx;
	const struct label_rule *rule = c->r->rule;

	(void)line;
	if (!c->has_header) {
		c->has_header = true;
		return find_column(c, rule->id, fields, n, &c->id) &&
		    find_column(c, rule->label, fields, n, &c->label);
	}
	if (c->id < n && c->label < n)
		give(c->r, text_trim(fields[c->id]),
		    text_trim(fields[c->label]));
	return c->r->status == 0;
}

static void
read_csv(struct reading *r, char *bytes, size_t len)
{
	struct csv c = { .r = r };

	csv_each(bytes, len, take_record, &c);
}

/* ---- JSON --------------------------------------------------------------- */

/* A string or whole number, as text; the caller frees. */
static char *
text_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_integer(v))
		return xasprintf("%lld", (long long)json_integer_value(v));
	return json_is_string(v) ? xstrdup(json_string_value(v)) : NULL;
}

static void
read_jsonl(struct reading *r, char *text)
{
	char *line;

	while (r->status == 0 && (line = strsep(&text, "\r\n")) != NULL) {
		json_t *o = json_loads(line, 0, NULL);
		char *id CLEANUP(freep) = text_of(o, r->rule->id);
		char *label CLEANUP(freep) = text_of(o, r->rule->label);

		json_decref(o);
		give(r, id, label);
	}
}

/* "id" to a name, of each in a list. */
static struct label_table *
names_of(struct reading *r, const json_t *list, const char *key)
{
	struct label_table *t = label_table_new();
	const json_t *o;
	size_t i;

	for (i = 0; i < json_array_size(list) && r->status == 0; i++) {
		o = json_array_get(list, i);
		char *id CLEANUP(freep) = text_of(o, "id");
		char *name CLEANUP(freep) = text_of(o, key);

		if (id != NULL && name != NULL)
			r->status = label_table_add(t, id, name, r->e);
	}
	return t;
}

static void
join(struct reading *r, const struct label_table *images,
    const struct label_table *classes, const json_t *annotations)
{
	const json_t *o;
	size_t i;

	for (i = 0; i < json_array_size(annotations); i++) {
		o = json_array_get(annotations, i);
		char *image CLEANUP(freep) = text_of(o, "image_id");
		char *class CLEANUP(freep) = text_of(o, "category_id");

		if (image != NULL && class != NULL)
			give(r, label_table_get(images, image),
			    label_table_get(classes, class));
	}
}

/* cocodataset.org, "object detection": images, categories, annotations. */
static void
read_coco(struct reading *r, const char *bytes, size_t len)
{
	json_t *all = json_loadb(bytes, len, 0, NULL);
	const json_t *annotations = json_object_get(all, "annotations");
	struct label_table *images, *classes;

	if (!json_is_array(annotations)) {
		r->status = err_set(r->e, ERR_INPUT,
		    "%s has no COCO annotations", r->rule->file);
		json_decref(all);
		return;
	}
	images = names_of(r, json_object_get(all, "images"), "file_name");
	classes = names_of(r, json_object_get(all, "categories"), "name");
	if (r->status == 0)
		join(r, images, classes, annotations);
	label_table_free(images);
	label_table_free(classes);
	json_decref(all);
}

/* ---- Pascal VOC --------------------------------------------------------- */

/* <annotation><object><name>; parts of objects have names, too. */
struct voc {
	struct reading *r;
	char *id;
	int depth;
	bool in_object, in_name;
	struct buf name;
};

static void
voc_start(void *ctx, const char *name, const char **atts)
{
	struct voc *v = ctx;

	(void)atts;
	v->depth++;
	if (v->depth == 2)
		v->in_object = strcmp(name, "object") == 0;
	v->in_name = v->depth == 3 && v->in_object && strcmp(name, "name") == 0;
	if (v->in_name)
		buf_clear(&v->name);
}

static void
voc_text(void *ctx, const char *text, size_t len)
{
	struct voc *v = ctx;

	if (v->in_name)
		buf_add(&v->name, text, len);
}

static void
voc_end(void *ctx, const char *name)
{
	struct voc *v = ctx;

	(void)name;
	if (v->in_name && v->name.len > 0)
		give(v->r, v->id, text_trim((char *)v->name.data));
	v->in_name = false;
	v->depth--;
}

static void
read_voc(struct reading *r, const char *entry, const char *bytes, size_t len)
{
	static const struct xml_handlers handlers = { voc_start, voc_end,
		voc_text };
	struct doc doc CLEANUP(doc_release) = { 0 };
	const char *base = strrchr(entry, '/');
	struct voc v = { .r = r, .name = BUF_INIT(1024) };

	base = base == NULL ? entry : base + 1;
	v.id = xstrndup(base, strlen(base) - strlen(".xml"));
	xml_parse(bytes, len, NULL, &handlers, &v, &doc);
	if (doc.error != NULL && r->status == 0)
		r->status =
		    err_set(r->e, ERR_INPUT, "%s: %s", entry, doc.error);
	buf_release(&v.name);
	free(v.id);
}

/* ---- each --------------------------------------------------------------- */

int
label_read(const struct label_rule *rule, const char *entry, char *bytes,
    size_t len, label_each_fn *each, void *ctx, struct err *e)
{
	struct reading r = { .rule = rule, .each = each, .ctx = ctx, .e = e };

	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		len -= 3;
	}
	switch (rule->how) {
	case LABELS_CSV:
		read_csv(&r, bytes, len);
		break;
	case LABELS_JSONL:
		read_jsonl(&r, bytes);
		break;
	case LABELS_COCO:
		read_coco(&r, bytes, len);
		break;
	case LABELS_VOC:
		read_voc(&r, entry, bytes, len);
		break;
	case LABELS_FOLDER:
	case LABELS_NAME:
		break;
	}
	return r.status;
}
