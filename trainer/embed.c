/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer/embed.h"

#include <string.h>

#include "store/samples.h"
#include "store/snapshot.h"
#include "trainer/features.h"
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

static int
add_row(void *ctx, const struct snapshot_row *row, struct err *e)
{
	struct dataset *d = ctx;

	(void)e;
	if ((d->n & (d->n + 1)) == 0) {
		d->labels =
		    xreallocarray(d->labels, 2 * d->n + 1, sizeof(*d->labels));
		d->parts =
		    xreallocarray(d->parts, 2 * d->n + 1, sizeof(*d->parts));
		d->sha256 =
		    xreallocarray(d->sha256, 2 * d->n + 1, sizeof(*d->sha256));
	}
	d->labels[d->n] = label_of(d, row->class);
	d->parts[d->n] = (uint8_t)train_part_of(row->part);
	memcpy(d->sha256[d->n++], row->sha256, SHA256_SIZE);
	return 0;
}

/* Images whose vectors are to be made. */
struct missing {
	struct store *s;
	struct dataset *d;
	const unsigned char *recipe;
	unsigned char (*sha256)[SHA256_SIZE];
	size_t *rows;
	size_t n;
};

static void
missing_release(struct missing *m)
{
	free(m->sha256);
	free(m->rows);
}

static int
embed_one(void *ctx, size_t i, const uint8_t *rgb, int width, int height,
    struct err *e)
{
	struct missing *m = ctx;
	float *x = m->d->x + m->rows[i] * m->d->d;

	features_of(rgb, width, height, x);
	if (store_begin(m->s, e) < 0 ||
	    vector_put(m->s, m->sha256[i], m->recipe, FEATURES_NAME, x, m->d->d,
		e) < 0)
		return -1;
	return store_commit_if_due(m->s, e);
}

static int
load_vectors(struct missing *m, struct err *e)
{
	struct dataset *d = m->d;
	size_t i;
	int rc;

	d->d = features_count();
	d->x = xreallocarray(NULL, d->n * d->d, sizeof(*d->x));
	m->rows = xreallocarray(NULL, d->n, sizeof(*m->rows));
	m->sha256 = xreallocarray(NULL, d->n, sizeof(*m->sha256));
	for (i = 0; i < d->n; i++) {
		rc = vector_get(m->s, d->sha256[i], m->recipe, FEATURES_NAME,
		    d->x + i * d->d, d->d, e);
		if (rc < 0)
			return -1;
		if (rc == 0) {
			memcpy(m->sha256[m->n], d->sha256[i], SHA256_SIZE);
			m->rows[m->n++] = i;
		}
	}
	return 0;
}

int
dataset_load(struct store *s, int64_t snapshot_id,
    const unsigned char recipe[32], embed_pixels_fn *pixels, void *source,
    struct dataset *ret, struct err *e)
{
	struct dataset d CLEANUP(dataset_release) = { 0 };
	struct missing m CLEANUP(
	    missing_release) = { .s = s, .d = &d, .recipe = recipe };

	if (snapshot_rows(s, snapshot_id, note_class, &d, e) < 0 ||
	    snapshot_rows(s, snapshot_id, add_row, &d, e) < 0 ||
	    load_vectors(&m, e) < 0)
		return -1;
	if (m.n > 0 &&
	    pixels(source, (const unsigned char(*)[SHA256_SIZE])m.sha256, m.n,
		embed_one, &m, e) < 0)
		return -1;
	if (store_commit(s, e) < 0)
		return -1;
	*ret = d;
	d = (struct dataset){ 0 };
	return 0;
}
