/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is exported: rows, classes and their numbers, and where each image
 * comes from.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/export_int.h"
#include "store/store_int.h"

#define TALLY_MAX 1000 /* names; what comes then is counted as others */

void
export_set_release(struct export_set *set)
{
	size_t i;

	for (i = 0; i < set->k; i++) {
		free(set->classes[i]);
		free(set->folders[i]);
	}
	free(set->classes);
	free(set->folders);
	free(set->rows);
	*set = (struct export_set){ 0 };
}

/* ---- rows and classes --------------------------------------------------- */

static size_t
find_name(char *const *names, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(names[i], name) != 0)
		i++;
	return i;
}

static int
add_class(struct export_set *set, const char *class, struct err *e)
{
	char *folder CLEANUP(freep) = export_safe_name(class);
	const size_t same = find_name(set->folders, set->k, folder);

	if (!text_is_utf8(class, strlen(class)))
		return err_set(e, ERR_USAGE,
		    "the name of class \"%s\" is no UTF-8: rename it", class);
	if (same < set->k)
		return err_set(e, ERR_USAGE,
		    "classes \"%s\" and \"%s\" would both be the folder "
		    "\"%s\": rename one of them",
		    set->classes[same], class, folder);
	set->classes =
	    xreallocarray(set->classes, set->k + 1, sizeof(*set->classes));
	set->folders =
	    xreallocarray(set->folders, set->k + 1, sizeof(*set->folders));
	set->classes[set->k] = xstrdup(class);
	set->folders[set->k++] = TAKE(folder);
	return 0;
}

static int
add_row(void *ctx, const struct snapshot_row *row, struct err *e)
{
	struct export_set *set = ctx;
	const size_t class = find_name(set->classes, set->k, row->class);
	struct export_row *r;

	if (class == set->k && add_class(set, row->class, e) < 0)
		return -1;
	if ((set->n & (set->n + 1)) == 0)
		set->rows = xreallocarray(
		    set->rows, 2 * set->n + 1, sizeof(*set->rows));
	r = &set->rows[set->n++];
	r->sample_id = row->sample_id;
	memcpy(r->sha256, row->sha256, SHA256_SIZE);
	r->class = class;
	r->part = row->part;
	return 0;
}

static int
by_folder(const void *a, const void *b, void *ctx)
{
	char *const *folders = ctx;

	return strcmp(folders[*(const size_t *)a], folders[*(const size_t *)b]);
}

static void
sort_classes(struct export_set *set)
{
	size_t *order CLEANUP(freep) = xcalloc(set->k + 1, sizeof(*order));
	size_t *number CLEANUP(freep) = xcalloc(set->k + 1, sizeof(*number));
	char **classes = xcalloc(set->k + 1, sizeof(*classes));
	char **folders = xcalloc(set->k + 1, sizeof(*folders));
	size_t i;

	for (i = 0; i < set->k; i++)
		order[i] = i;
	qsort_r(order, set->k, sizeof(*order), by_folder, set->folders);
	for (i = 0; i < set->k; i++) {
		number[order[i]] = i;
		classes[i] = set->classes[order[i]];
		folders[i] = set->folders[order[i]];
	}
	for (i = 0; i < set->n; i++)
		set->rows[i].class = number[set->rows[i].class];
	free(set->classes);
	free(set->folders);
	set->classes = classes;
	set->folders = folders;
}

static void
keep_part(struct export_set *set, enum part part)
{
	size_t i, n = 0;

	for (i = 0; i < set->n; i++)
		if (set->rows[i].part == part)
			set->rows[n++] = set->rows[i];
	set->n = n;
}

int
export_set_read(struct store *s, int64_t snapshot_id, int part,
    struct export_set *ret, struct err *e)
{
	if (snapshot_rows(s, snapshot_id, add_row, ret, e) < 0)
		return -1;
	sort_classes(ret);
	if (part >= 0)
		keep_part(ret, (enum part)part);
	if (ret->n == 0)
		return err_set(e, ERR_INPUT, "there are no images in %s",
		    part < 0 ? "the snapshot" : part_names[part]);
	return 0;
}

/* ---- where from --------------------------------------------------------- */

void
export_origin_release(struct export_origin *o)
{
	free(o->format);
	free(o->source);
	free(o->author);
	free(o->licence);
	free(o->url);
	free(o->licence_url);
	free(o->title);
	free(o->page);
	*o = (struct export_origin){ 0 };
}

static char *
take_text(sqlite3_stmt *q, int column, const char *otherwise)
{
	const char *text = sql_text(q, column);

	if (text == NULL || text[0] == 0)
		return xstrdup(otherwise);
	return text_is_utf8(text, strlen(text)) ? xstrdup(text)
						: text_safe(text);
}

/*
 * Folders of this machine are nobody's business: of a path behind `scheme`
 * only the last name is told.
 */
static char *
take_name(sqlite3_stmt *q, int column, const char *scheme)
{
	char *text CLEANUP(freep) = take_text(q, column, "unknown");
	const char *slash = strrchr(text, '/');

	if (strncmp(text, scheme, strlen(scheme)) != 0 || slash == NULL)
		return TAKE(text);
	return xasprintf("%s%s", scheme, slash + 1);
}

int
export_origin_read(struct store *s, int64_t sample_id,
    struct export_origin *ret, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_EXPORT_ORIGIN, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", sample_id) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(e, ERR_INPUT, "an image is gone");
	*ret = (struct export_origin){
		.format = sql_strdup(q, 0),
		.width = sqlite3_column_int(q, 1),
		.height = sqlite3_column_int(q, 2),
		.source = take_name(q, 3, "add:"),
		.title = take_text(q, 4, ""),
		.author = take_text(q, 5, "unknown"),
		.licence = take_text(q, 6, "unknown"),
		.licence_url = take_text(q, 7, ""),
		.url = take_name(q, 8, "file:"),
		.page = take_text(q, 9, ""),
	};
	return 0;
}

/* ---- counting names ----------------------------------------------------- */

void
export_tally_release(struct export_tally *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		free(t->v[i].name);
		free(t->v[i].url);
	}
	free(t->v);
	*t = (struct export_tally){ 0 };
}

size_t
export_tally_add(struct export_tally *t, const char *name, const char *url)
{
	size_t i = 0;

	while (i < t->n && strcmp(t->v[i].name, name) != 0)
		i++;
	if (i == t->n && t->n == TALLY_MAX)
		i--;
	if (i == t->n) {
		t->v = xreallocarray(t->v, t->n + 1, sizeof(*t->v));
		t->v[t->n++] = (struct export_count){
			.name = xstrdup(i + 1 == TALLY_MAX ? "(others)" : name),
			.url = xstrdup(url),
		};
	}
	t->v[i].n++;
	return i;
}

static int
by_count(const void *va, const void *vb)
{
	const struct export_count *a = va, *b = vb;

	if (a->n != b->n)
		return a->n < b->n ? 1 : -1;
	return strcmp(a->name, b->name);
}

void
export_tally_sort(struct export_tally *t)
{
	if (t->n > 0)
		qsort(t->v, t->n, sizeof(*t->v), by_count);
}
