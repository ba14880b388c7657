/* SPDX-License-Identifier: Apache-2.0 */
#include "store/export.h"

#include <string.h>

#include "base/progress.h"
#include "base/stop.h"
#include "store/export_int.h"
#include "store/store_int.h"

#define PICTURE_MAX (64u << 20)
#define BATCH 64 /* copies that are in memory at a time */

/* ---- what is exported --------------------------------------------------- */

static void
set_release(struct export_set *set)
{
	size_t i;

	for (i = 0; i < set->k; i++) {
		free(set->classes[i]);
		free(set->folders[i]);
	}
	free(set->classes);
	free(set->folders);
	free(set->rows);
}

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
	memcpy(r->sha256, row->sha256, SHA256_SIZE);
	r->class = class;
	r->part = row->part;
	return 0;
}

static int
read_set(struct store *s, const struct snapshot *n,
    const unsigned char recipe[SHA256_SIZE], struct export_set *ret,
    struct err *e)
{
	int64_t lacking = 0;

	if (snapshot_rows(s, n->id, add_row, ret, e) < 0 ||
	    sql_int(
		s, Q_SNAPSHOT_UNPREPARED, &lacking, e, "ih", n->id, recipe) < 0)
		return -1;
	if (lacking > 0)
		return err_set(e, ERR_INPUT,
		    "%lld of %zu images are not prepared by this recipe: run "
		    "griddle prep",
		    (long long)lacking, ret->n);
	return 0;
}

/* ---- pictures in their order -------------------------------------------- */

struct writer {
	struct store *s;
	const struct export_request *request;
	const struct export_set *set;
	const struct export_format *format;
	void *state;
	/* The copies of the rows in hand. */
	struct picture_ref *refs;
	struct buf *jpegs;
	size_t n;
	struct export_stats stats;
	struct progress progress;
};

static void
clear_copies(struct writer *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		buf_release(&w->jpegs[i]);
	w->n = 0;
}

static void
writer_release(struct writer *w)
{
	clear_copies(w);
	free(w->refs);
	free(w->jpegs);
	if (w->state != NULL && w->format->end != NULL)
		w->format->end(w->state);
}

static int
put(struct writer *w, const struct export_row *row, int64_t copy,
    const void *jpeg, size_t len, struct err *e)
{
	if (stop_check(e) < 0 ||
	    w->format->add(w->state, row, copy, jpeg, len, e) < 0)
		return -1;
	w->stats.files++;
	w->stats.copies += copy > 0;
	w->progress.done++;
	progress_step(&w->progress);
	return 0;
}

static int
keep_copy(void *ctx, size_t i, const void *jpeg, size_t len, struct err *e)
{
	struct writer *w = ctx;

	if (buf_add(&w->jpegs[i], jpeg, len) < 0)
		return err_set(e, ERR_INPUT, "a copy is larger than %u bytes",
		    PICTURE_MAX);
	return 0;
}

/* The copies of rows first..end-1. */
static int
make_copies(struct writer *w, size_t first, size_t end, struct err *e)
{
	size_t i;
	int64_t copy;

	clear_copies(w);
	for (i = first; i < end; i++)
		for (copy = 1; w->set->rows[i].part == PART_TRAIN &&
		     copy <= w->request->copies;
		     copy++) {
			memcpy(w->refs[w->n].sha256, w->set->rows[i].sha256,
			    SHA256_SIZE);
			w->refs[w->n].copy = copy;
			w->jpegs[w->n++] = BUF_INIT(PICTURE_MAX);
		}
	if (w->n > 0 &&
	    w->request->make_copies(
		w->request->source, w->refs, w->n, keep_copy, w, e) < 0)
		return -1;
	/* After a signal some may lack. */
	return stop_check(e);
}

static int
put_row(struct writer *w, const struct export_row *row, size_t *copies,
    struct err *e)
{
	struct buf jpeg CLEANUP(buf_release) = BUF_INIT(PICTURE_MAX);
	size_t i;
	int rc;

	rc = prepared_get(w->s, row->sha256, w->request->recipe, &jpeg, e);
	if (rc == 0)
		return err_set(e, ERR_INPUT, "a prepared image is gone");
	if (rc < 0 || put(w, row, 0, jpeg.data, jpeg.len, e) < 0)
		return -1;
	for (; *copies < w->n; ++*copies) {
		i = *copies;
		if (memcmp(w->refs[i].sha256, row->sha256, SHA256_SIZE) != 0)
			break;
		if (put(w, row, w->refs[i].copy, w->jpegs[i].data,
			w->jpegs[i].len, e) < 0)
			return -1;
	}
	return 0;
}

static int
put_all(struct writer *w, struct err *e)
{
	const int64_t copies = w->request->copies;
	const size_t batch = copies >= BATCH ? 1 : BATCH / (size_t)(copies + 1);
	size_t i, end, next;

	w->refs = xcalloc(batch * (size_t)(copies + 1), sizeof(*w->refs));
	w->jpegs = xcalloc(batch * (size_t)(copies + 1), sizeof(*w->jpegs));
	for (i = 0; i < w->set->n;) {
		end = w->set->n - i < batch ? w->set->n : i + batch;
		if (make_copies(w, i, end, e) < 0)
			return -1;
		for (next = 0; i < end; i++)
			if (put_row(w, &w->set->rows[i], &next, e) < 0)
				return -1;
	}
	return 0;
}

static int64_t
count_pictures(const struct export_set *set, int64_t copies)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < set->n; i++)
		n += set->rows[i].part == PART_TRAIN ? 1 + copies : 1;
	return n;
}

static int
write_set(struct writer *w, const struct export_folder *folder, struct err *e)
{
	int rc;

	if (w->format->begin != NULL &&
	    w->format->begin(folder, w->set, &w->state, e) < 0)
		return -1;
	progress_start(
	    &w->progress, "export", count_pictures(w->set, w->request->copies));
	rc = put_all(w, e);
	progress_end(&w->progress);
	return rc;
}

int
export_snapshot(struct store *s, const struct snapshot *n,
    const struct export_request *request, struct export_stats *ret,
    struct err *e)
{
	struct export_folder folder CLEANUP(export_folder_release) =
	    EXPORT_FOLDER_INIT;
	struct export_set set CLEANUP(set_release) = { 0 };
	struct writer w CLEANUP(writer_release) = { .s = s,
		.request = request,
		.set = &set,
		.format = export_format(request->format, e) };

	if (w.format == NULL || read_set(s, n, request->recipe, &set, e) < 0 ||
	    export_folder_begin(
		&folder, request->dir, request->about, request->force, e) < 0 ||
	    write_set(&w, &folder, e) < 0 ||
	    export_folder_end(&folder, request->force, e) < 0)
		return -1;
	*ret = w.stats;
	ret->classes = (int64_t)set.k;
	return 0;
}
