/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of images beside them: manifest.csv (RFC 4180), manifest.jsonl, and
 * the metadata.jsonl that Hugging Face's ImageFolder reads in each part.
 */
#include <string.h>

#include "base/text.h"
#include "store/export_formats.h"

#define LINE_MAX_BYTES (16u << 20)

struct lists *
lists_new(struct export_job *j)
{
	struct lists *l = xcalloc(1, sizeof(*l));
	size_t i;

	l->job = j;
	l->line = BUF_INIT(LINE_MAX_BYTES);
	for (i = 0; i < PART_COUNT; i++)
		l->files[i] = EXPORT_FILE_INIT;
	return l;
}

void
lists_end(void *state)
{
	struct lists *l = state;
	size_t i;

	for (i = 0; i < PART_COUNT; i++)
		export_file_release(&l->files[i]);
	buf_release(&l->line);
	free(l);
}

int
lists_finish(void *state, struct err *e)
{
	struct lists *l = state;
	size_t i;

	for (i = 0; i < PART_COUNT; i++)
		if (l->files[i].name != NULL &&
		    export_file_end(&l->files[i], NULL, e) < 0)
			return -1;
	return 0;
}

int
lists_part_file(struct lists *l, const struct export_picture *p,
    const char *name, struct export_file **ret, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/%s", p->part, name);

	*ret = &l->files[p->row->part];
	if ((*ret)->name != NULL)
		return 0;
	return export_job_file(l->job, path, *ret, e);
}

json_t *
lists_facts(const struct export_job *j, const struct export_picture *p)
{
	const struct export_origin *o = p->origin;

	(void)j;
	return json_pack(
	    "{s:s, s:s, s:s, s:I, s:i, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
	    "sha256", p->hex, "label", p->class, "split", p->part, "copy",
	    (json_int_t)p->copy, "width", p->width, "height", p->height,
	    "source", o->source, "author", o->author, "licence", o->licence,
	    "licence_url", o->licence_url, "title", o->title, "url", o->url,
	    "page", o->page);
}

/* ---- metadata.jsonl ----------------------------------------------------- */

int
lists_hf_begin(struct export_job *j, void **ret_state, struct err *e)
{
	(void)e;
	*ret_state = lists_new(j);
	return 0;
}

/* Once there is metadata, folders are no labels any more: each line has its
 * own.  All lines have the same keys, with texts only. */
int
lists_hf_add(void *state, const struct export_picture *p, struct err *e)
{
	const struct export_origin *o = p->origin;
	struct export_file *f;

	if (lists_part_file(state, p, "metadata.jsonl", &f, e) < 0)
		return -1;
	return export_file_json(f,
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "file_name",
		p->path + strlen(p->part) + 1, "label", p->class, "sha256",
		p->hex, "source", o->source, "author", o->author, "licence",
		o->licence, "url", o->url),
	    e);
}

/* ---- manifest.csv ------------------------------------------------------- */

int
lists_csv_begin(struct export_job *j, void **ret_state, struct err *e)
{
	static const char *const head[] = { "path", "label", "split", "sha256",
		"source", "licence", "url" };
	struct lists *l = lists_new(j);

	*ret_state = l;
	if (export_job_file(j, "manifest.csv", &l->files[0], e) < 0)
		return -1;
	l->files[0].hash = sha256_new();
	export_csv_record(&l->line, head, ARRAY_SIZE(head));
	return export_file_add(&l->files[0], l->line.data, l->line.len, e);
}

int
lists_csv_add(void *state, const struct export_picture *p, struct err *e)
{
	struct lists *l = state;
	const char *fields[] = { p->path, p->class, p->part, p->hex,
		p->origin->source, p->origin->licence, p->origin->url };

	buf_clear(&l->line);
	export_csv_record(&l->line, fields, ARRAY_SIZE(fields));
	return export_file_add(&l->files[0], l->line.data, l->line.len, e);
}

/* ---- manifest.jsonl ----------------------------------------------------- */

int
lists_jsonl_begin(struct export_job *j, void **ret_state, struct err *e)
{
	struct lists *l = lists_new(j);

	*ret_state = l;
	return export_job_file(j, "manifest.jsonl", &l->files[0], e);
}

int
lists_jsonl_add(void *state, const struct export_picture *p, struct err *e)
{
	struct lists *l = state;
	json_t *line = lists_facts(l->job, p);
	unsigned char digest[SHA256_SIZE];
	char hex[SHA256_HEX];

	sha256_of(p->data, p->len, digest);
	text_to_hex(hex, digest, SHA256_SIZE);
	json_object_update_new(line,
	    json_pack("{s:s, s:s, s:I}", "path", p->path, "file_sha256", hex,
		"bytes", (json_int_t)p->len));
	return export_file_json(&l->files[0], line, e);
}
