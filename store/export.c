/* SPDX-License-Identifier: Apache-2.0 */
#include "store/export.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/progress.h"
#include "base/stop.h"
#include "base/text.h"
#include "store/export_formats.h"
#include "store/export_place.h"
#include "store/snapshot_int.h"
#include "store/store_int.h"

#define PICTURE_MAX (64u << 20)
#define BATCH 64  /* pictures between two calls for copies */
#define DIGITS 16 /* of a SHA-256: 64 bits tell images apart */

static const struct opt dataset_opts[] = {
	{ "name", OPT_FIELD(struct dataset_opts, name),
	    .text =
		"What exports call the dataset; otherwise griddle-SNAPSHOT." },
	{ "description", OPT_FIELD(struct dataset_opts, description),
	    .text =
		"What it shows, and for what; otherwise counts and classes." },
	{ "licence", OPT_FIELD(struct dataset_opts, licence),
	    .text =
		"Of the dataset as a whole; otherwise those of its images." },
	{ "creator", OPT_FIELD(struct dataset_opts, creator),
	    .text = "Who made it; otherwise \"unknown\"." },
	{ "url", OPT_FIELD(struct dataset_opts, url),
	    .text = "Its page; otherwise the name of the snapshot's hash." },
	{ 0 }
};

const struct opt_group dataset_group = {
	.name = "dataset",
	.text = "What exports say of the dataset.",
	.opts = dataset_opts,
	.size = sizeof(struct dataset_opts),
};

/* ---- pictures in their order -------------------------------------------- */

struct item {
	uint64_t key; /* of the order; 0 for all where rows have theirs */
	size_t row;
	int64_t copy;
};

struct writer {
	struct export_job *job;
	void *state;
	struct item *items;
	size_t n;
	/* The copies among the items in hand. */
	struct picture_ref refs[BATCH];
	struct buf jpegs[BATCH];
	size_t n_copies;
	struct progress progress;
};

static void
clear_copies(struct writer *w)
{
	size_t i;

	for (i = 0; i < w->n_copies; i++)
		buf_release(&w->jpegs[i]);
	w->n_copies = 0;
}

static void
writer_release(struct writer *w)
{
	clear_copies(w);
	free(w->items);
	if (w->state != NULL && w->job->format->end != NULL)
		w->job->format->end(w->state);
}

static int
by_key(const void *va, const void *vb)
{
	const struct item *a = va, *b = vb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->row != b->row)
		return a->row < b->row ? -1 : 1;
	return (a->copy > b->copy) - (a->copy < b->copy);
}

static void
list_items(struct writer *w)
{
	const struct export_set *set = &w->job->set;
	const int64_t copies = w->job->request->copies;
	size_t i;
	int64_t copy;

	w->items = xcalloc(set->n, (size_t)(1 + copies) * sizeof(*w->items));
	for (i = 0; i < set->n; i++)
		for (copy = 0;
		     copy <= (set->rows[i].part == PART_TRAIN ? copies : 0);
		     copy++)
			w->items[w->n++] = (struct item){
				.key = w->job->format->shuffled
				    ? order_hash(
					  "shuffle", copy, set->rows[i].sha256)
				    : 0,
				.row = i,
				.copy = copy,
			};
	if (w->job->format->shuffled)
		qsort(w->items, w->n, sizeof(*w->items), by_key);
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

/* The copies among items first..end-1. */
static int
make_copies(struct writer *w, size_t first, size_t end, struct err *e)
{
	const struct export_request *r = w->job->request;
	size_t i;

	clear_copies(w);
	for (i = first; i < end; i++) {
		if (w->items[i].copy == 0)
			continue;
		memcpy(w->refs[w->n_copies].sha256,
		    w->job->set.rows[w->items[i].row].sha256, SHA256_SIZE);
		w->refs[w->n_copies].copy = w->items[i].copy;
		w->jpegs[w->n_copies++] = BUF_INIT(PICTURE_MAX);
	}
	if (w->n_copies > 0 &&
	    r->make_copies(r->source, w->refs, w->n_copies, keep_copy, w, e) <
		0)
		return -1;
	/* After a signal some may lack. */
	return stop_check(e);
}

/* ---- one picture -------------------------------------------------------- */

struct bytes {
	struct buf jpeg;
	struct export_original original;
	struct export_origin origin;
	char *path;
};

static void
bytes_release(struct bytes *b)
{
	buf_release(&b->jpeg);
	export_original_release(&b->original);
	export_origin_release(&b->origin);
	free(b->path);
}

/* The ends of names that readers know a format by. */
static const char *
extension(const char *format)
{
	static const struct {
		const char *format, *ext;
	} known[] = { { "jpeg", "jpg" }, { "tiff", "tif" },
		{ "heif", "heic" } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(format, known[i].format) == 0)
			return known[i].ext;
	return format;
}

static void
describe(const struct export_job *j, const struct export_row *row, int64_t copy,
    const struct export_origin *origin, struct export_picture *p)
{
	*p = (struct export_picture){ .row = row,
		.copy = copy,
		.part = j->format->parts[row->part],
		.class = j->set.classes[row->class],
		.type = "jpeg",
		.origin = origin };
	if (j->request->originals)
		p->type = origin->format == NULL ? "bin" : origin->format;
	p->ext = extension(p->type);
	text_to_hex(p->hex, row->sha256, SHA256_SIZE);
	if (copy == 0)
		snprintf(p->id, sizeof(p->id), "%.*s", DIGITS, p->hex);
	else
		snprintf(p->id, sizeof(p->id), "%.*s-%lld", DIGITS, p->hex,
		    (long long)copy);
}

static int
load(struct writer *w, struct export_picture *p, size_t *copies,
    struct bytes *b, struct err *e)
{
	struct export_job *j = w->job;
	int rc;

	if (p->copy > 0) {
		p->data = w->jpegs[*copies].data;
		p->len = w->jpegs[(*copies)++].len;
	} else if (j->request->originals) {
		if (export_original_open(j, p->row->sha256, &b->original, e) <
		    0)
			return -1;
		p->data = b->original.data;
		p->len = b->original.len;
	} else {
		rc = prepared_get(
		    j->store, p->row->sha256, j->request->recipe, &b->jpeg, e);
		if (rc <= 0)
			return rc < 0
			    ? -1
			    : err_set(e, ERR_INPUT, "a prepared image is gone");
		p->data = b->jpeg.data;
		p->len = b->jpeg.len;
	}
	if (!export_jpeg_size(
		p->data, p->len, &p->width, &p->height, &p->depth)) {
		p->width = b->origin.width;
		p->height = b->origin.height;
		p->depth = 3;
	}
	return 0;
}

static int
note(struct export_job *j, const struct export_picture *p, struct err *e)
{
	j->stats.files++;
	j->stats.copies += p->copy > 0;
	if (p->copy > 0)
		return 0;
	j->counts[(size_t)p->row->part * j->set.k + p->row->class]++;
	export_tally_add(&j->sources, p->origin->source, "");
	export_tally_add(
	    &j->licences, p->origin->licence, p->origin->licence_url);
	export_tally_add(&j->types, p->type, "");
	return j->stream ? 0 : card_whose_add(j, p, e);
}

static int
put(struct writer *w, const struct item *item, size_t *copies, struct err *e)
{
	struct export_job *j = w->job;
	struct bytes b CLEANUP(
	    bytes_release) = { .jpeg = BUF_INIT(PICTURE_MAX) };
	const struct export_row *row = &j->set.rows[item->row];
	struct export_picture p;

	if (stop_check(e) < 0 ||
	    export_origin_read(j->store, row->sample_id, &b.origin, e) < 0)
		return -1;
	describe(j, row, item->copy, &b.origin, &p);
	if (load(w, &p, copies, &b, e) < 0)
		return -1;
	p.path = b.path = export_place_name(j, &p);
	if ((p.path != NULL && !j->stream &&
		export_place(j, &p, b.original.path ? &b.original : NULL, e) <
		    0) ||
	    (j->format->add != NULL && j->format->add(w->state, &p, e) < 0) ||
	    note(j, &p, e) < 0)
		return -1;
	w->progress.done++;
	progress_step(&w->progress);
	return 0;
}

static int
put_all(struct writer *w, struct err *e)
{
	size_t i, end, next;

	for (i = 0; i < w->n;) {
		end = w->n - i < BATCH ? w->n : i + BATCH;
		if (make_copies(w, i, end, e) < 0)
			return -1;
		for (next = 0; i < end; i++)
			if (put(w, &w->items[i], &next, e) < 0)
				return -1;
	}
	return 0;
}

/* ---- all of it ---------------------------------------------------------- */

static void
job_release(struct export_job *j)
{
	export_set_release(&j->set);
	export_folder_release(&j->folder);
	export_file_release(&j->whose);
	export_tally_release(&j->sources);
	export_tally_release(&j->licences);
	export_tally_release(&j->types);
	free(j->made);
	free(j->counts);
}

int
export_job_file(struct export_job *j, const char *name, struct export_file *ret,
    struct err *e)
{
	const int fd =
	    j->stream ? STDOUT_FILENO : export_folder_open(&j->folder, name, e);

	if (fd < 0)
		return -1;
	*ret = (struct export_file){ .fd = fd,
		.own = !j->stream,
		.gone = &j->gone,
		.name = j->stream
		    ? xstrdup("standard output")
		    : xasprintf("%s/%s", j->folder.partial, name) };
	return 0;
}

static int
check_request(const struct export_job *j, struct err *e)
{
	const struct export_request *r = j->request;

	if (j->stream && !j->format->streams)
		return err_set(e, ERR_USAGE,
		    "%s is many files: name a folder for it", j->format->name);
	if (r->originals && r->copies > 0)
		return err_set(e, ERR_USAGE,
		    "copies are made of prepared images: choose originals or "
		    "copies");
	return 0;
}

static int
check_prepared(const struct export_job *j, struct err *e)
{
	int64_t lacking = 0;

	if (j->request->originals)
		return 0;
	if (sql_int(j->store, Q_SNAPSHOT_UNPREPARED, &lacking, e, "ih",
		j->snapshot->id, j->request->recipe) < 0)
		return -1;
	if (lacking > 0)
		return err_set(e, ERR_INPUT,
		    "%lld of %zu images are not prepared by this recipe: run "
		    "griddle prep",
		    (long long)lacking, j->set.n);
	return 0;
}

/* Readers that number classes by the folders that they see go wrong then. */
static int64_t
count_uneven(const struct export_job *j)
{
	const size_t k = j->set.k;
	int64_t lacking, n = 0;
	size_t part, i;

	for (part = 0; part < PART_COUNT; part++) {
		lacking = 0;
		for (i = 0; i < k; i++)
			lacking += j->counts[part * k + i] == 0;
		n += lacking < (int64_t)k ? lacking : 0;
	}
	return n;
}

static int
write_all(struct writer *w, struct err *e)
{
	const struct export_format *f = w->job->format;
	int rc;

	if (f->begin != NULL && f->begin(w->job, &w->state, e) < 0)
		return -1;
	list_items(w);
	progress_start(&w->progress, "export", (int64_t)w->n);
	rc = put_all(w, e);
	progress_end(&w->progress);
	return rc;
}

/* Lists of names and what people read come last: they tell what is there. */
static int
write_rest(struct writer *w, struct err *e)
{
	struct export_job *j = w->job;

	export_tally_sort(&j->sources);
	export_tally_sort(&j->licences);
	export_tally_sort(&j->types);
	j->stats.uneven = count_uneven(j);
	j->whose_bytes = j->whose.bytes;
	if (!j->stream && export_file_end(&j->whose, j->whose_sha256, e) < 0)
		return -1;
	if (j->format->finish != NULL && j->format->finish(w->state, e) < 0)
		return -1;
	if (j->stream)
		return 0;
	return card_write(j, e) < 0
	    ? -1
	    : export_folder_end(&j->folder, j->request->force, e);
}

static int
begin_folder(struct export_job *j, struct err *e)
{
	const struct export_request *r = j->request;

	if (j->stream)
		return 0;
	return export_folder_begin(&j->folder, r->dir, r->about, r->force, e) <
		0
	    ? -1
	    : card_whose_begin(j, e);
}

int
export_snapshot(struct store *s, const struct snapshot *n,
    const struct export_request *request, struct export_stats *ret,
    struct err *e)
{
	struct export_job j CLEANUP(job_release) = { .store = s,
		.snapshot = n,
		.request = request,
		.format = export_format(request->format, e),
		.folder = EXPORT_FOLDER_INIT,
		.stream = strcmp(request->dir, "-") == 0,
		.whose = EXPORT_FILE_INIT };
	struct writer w CLEANUP(writer_release) = { .job = &j };
	int rc;

	if (j.format == NULL || check_request(&j, e) < 0 ||
	    export_set_read(s, n->id, request->part, &j.set, e) < 0 ||
	    (j.format->check != NULL && j.format->check(&j, e) < 0) ||
	    check_prepared(&j, e) < 0)
		return -1;
	j.counts = xcalloc(PART_COUNT * j.set.k, sizeof(*j.counts));
	rc = begin_folder(&j, e) < 0 || write_all(&w, e) < 0 ||
		write_rest(&w, e) < 0
	    ? -1
	    : 0;
	if (rc < 0 && j.gone)
		return 1;
	j.stats.classes = (int64_t)j.set.k;
	*ret = j.stats;
	return rc;
}
