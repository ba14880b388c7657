/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer/embed.h"

#include <string.h>

#include "base/progress.h"
#include "base/stop.h"
#include "base/text.h"
#include "store/snapshot.h"
#include "trainer/trainer.h"

void
dataset_release(struct dataset *d)
{
	size_t i;

	for (i = 0; i < d->k; i++)
		free(d->classes[i]);
	free(d->classes);
	free(d->x);
	free(d->labels);
	free(d->parts);
	free(d->sha256);
	free(d->copies);
	free(d->class_weights);
	*d = (struct dataset){ 0 };
}

/* The place of a class among the names, which stay sorted; new or known. */
static void
add_class(struct dataset *d, const char *name)
{
	size_t i = 0;

	while (i < d->k && strcmp(d->classes[i], name) < 0)
		i++;
	if (i < d->k && strcmp(d->classes[i], name) == 0)
		return;
	d->classes = xreallocarray(d->classes, d->k + 1, sizeof(*d->classes));
	memmove(d->classes + i + 1, d->classes + i,
	    (d->k - i) * sizeof(*d->classes));
	d->classes[i] = xstrdup(name);
	d->k++;
}

static int32_t
label_of(const struct dataset *d, const char *name)
{
	int32_t i = 0;

	while (strcmp(d->classes[i], name) != 0)
		i++;
	return i;
}

static int
note_class(void *ctx, const struct snapshot_row *row, struct err *e)
{
	(void)e;
	add_class(ctx, row->class);
	return 0;
}

static enum train_part
train_part_of(enum part part)
{
	return part == PART_TRAIN ? TRAIN_PART_TRAIN
	    : part == PART_VAL    ? TRAIN_PART_VALIDATION
				  : TRAIN_PART_TEST;
}

struct loading {
	struct dataset *d;
	const struct embed_copies *copies; /* or NULL */
};

static void
add_picture(struct dataset *d, const struct snapshot_row *row, int32_t copy)
{
	const size_t room = 2 * d->n + 1;

	if ((d->n & (d->n + 1)) == 0) {
		d->labels = xreallocarray(d->labels, room, sizeof(*d->labels));
		d->parts = xreallocarray(d->parts, room, sizeof(*d->parts));
		d->copies = xreallocarray(d->copies, room, sizeof(*d->copies));
		d->sha256 = xreallocarray(d->sha256, room, sizeof(*d->sha256));
	}
	d->labels[d->n] = label_of(d, row->class);
	d->parts[d->n] = (uint8_t)train_part_of(row->part);
	d->copies[d->n] = copy;
	memcpy(d->sha256[d->n++], row->sha256, SHA256_SIZE);
}

static int
add_row(void *ctx, const struct snapshot_row *row, struct err *e)
{
	const struct loading *l = ctx;
	int32_t copy, copies = 0;

	(void)e;
	if (l->copies != NULL && row->part == PART_TRAIN)
		copies = (int32_t)l->copies->n;
	/* A snapshot weighs all images of a class and part alike. */
	if (row->part == PART_TRAIN)
		l->d->class_weights[label_of(l->d, row->class)] =
		    (float)row->weight;
	for (copy = 0; copy <= copies; copy++)
		add_picture(l->d, row, copy);
	return 0;
}

/* Pictures whose vectors are to be made. */
struct missing {
	struct store *s;
	struct dataset *d;
	struct vectors *v;
	const unsigned char *recipe;
	char **features; /* by the number of the copy: the vectors' kind */
	int64_t copies;
	struct picture_ref *pictures;
	size_t *rows;
	size_t n;
	struct progress progress;
};

static void
missing_release(struct missing *m)
{
	int64_t i;

	for (i = 0; i <= m->copies; i++)
		free(m->features[i]);
	free(m->features);
	free(m->pictures);
	free(m->rows);
}

/* A copy's vectors are of a kind that says all that made the copy. */
static void
name_features(struct missing *m, const struct embed_copies *copies)
{
	char hash[SHA256_HEX];
	int64_t i;

	m->copies = copies == NULL ? 0 : copies->n;
	m->features = xcalloc((size_t)m->copies + 1, sizeof(*m->features));
	m->features[0] = xstrdup(vectors_name(m->v));
	if (copies == NULL)
		return;
	text_to_hex(hash, copies->augment, SHA256_SIZE);
	for (i = 1; i <= m->copies; i++)
		m->features[i] = xasprintf("%s augment %.16s seed %lld copy "
					   "%lld",
		    vectors_name(m->v), hash, (long long)copies->seed,
		    (long long)i);
}

static int
keep_one(void *ctx, size_t i, const float *made, struct err *e)
{
	struct missing *m = ctx;
	const struct picture_ref *p = &m->pictures[i];

	memcpy(m->d->x + m->rows[i] * m->d->d, made, m->d->d * sizeof(*made));
	m->progress.done++;
	progress_step(&m->progress);
	if (store_begin(m->s, e) < 0 ||
	    vector_put(m->s, p->sha256, m->recipe, m->features[p->copy], made,
		m->d->d, e) < 0)
		return -1;
	return store_commit_if_due(m->s, e);
}

static int
embed_one(void *ctx, size_t i, const uint8_t *rgb, int width, int height,
    struct err *e)
{
	struct missing *m = ctx;

	return vectors_push(m->v, i, rgb, width, height, keep_one, m, e);
}

/* What was made before a stop or an error is kept. */
static int
make_missing(
    struct missing *m, embed_pixels_fn *pixels, void *source, struct err *e)
{
	struct err late;
	int rc = 0;

	progress_start(&m->progress, "embed", (int64_t)m->n);
	if (m->n > 0)
		rc = pixels(source, m->pictures, m->n, embed_one, m, e);
	if (rc == 0)
		rc = vectors_flush(m->v, keep_one, m, e);
	progress_end(&m->progress);
	if (rc == 0)
		rc = stop_check(e);
	if (rc < 0)
		store_commit(m->s, &late);
	return rc;
}

static int
load_vectors(struct missing *m, struct err *e)
{
	struct dataset *d = m->d;
	struct picture_ref *p;
	size_t i;
	int rc;

	d->d = vectors_count(m->v);
	d->x = xreallocarray(NULL, d->n * d->d, sizeof(*d->x));
	m->rows = xreallocarray(NULL, d->n, sizeof(*m->rows));
	m->pictures = xreallocarray(NULL, d->n, sizeof(*m->pictures));
	for (i = 0; i < d->n; i++) {
		rc = vector_get(m->s, d->sha256[i], m->recipe,
		    m->features[d->copies[i]], d->x + i * d->d, d->d, e);
		if (rc < 0)
			return -1;
		if (rc == 0) {
			p = &m->pictures[m->n];
			memcpy(p->sha256, d->sha256[i], SHA256_SIZE);
			p->copy = d->copies[i];
			m->rows[m->n++] = i;
		}
	}
	return 0;
}

int
dataset_load(struct store *s, int64_t snapshot_id,
    const unsigned char recipe[32], struct vectors *vectors,
    const struct embed_copies *copies, embed_pixels_fn *pixels, void *source,
    struct dataset *ret, struct err *e)
{
	struct dataset d CLEANUP(dataset_release) = { 0 };
	struct loading loading = { &d, copies };
	struct missing m CLEANUP(missing_release) = {
		.s = s, .d = &d, .v = vectors, .recipe = recipe
	};

	name_features(&m, copies);
	if (snapshot_rows(s, snapshot_id, note_class, &d, e) < 0)
		return -1;
	d.class_weights = xcalloc(d.k + 1, sizeof(*d.class_weights));
	if (snapshot_rows(s, snapshot_id, add_row, &loading, e) < 0 ||
	    load_vectors(&m, e) < 0)
		return -1;
	if (make_missing(&m, pixels, source, e) < 0 || store_commit(s, e) < 0)
		return -1;
	*ret = d;
	d = (struct dataset){ 0 };
	return 0;
}
