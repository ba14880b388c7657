/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures made for tests, visits to them, and the child that pays them:
 * the test program itself, which main() below makes a worker when asked.
 */
#ifndef TESTS_PICTURES_H
#define TESTS_PICTURES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

#include "base/file.h"
#include "prep/prep.h"

#define DEFAULT_STEPS "autorotate, crop centre 1:1, resize 224"

struct fixture {
	struct prep_opts *held; /* owns what opts points to */
	struct prep_opts opts;
	struct proc_pool *pool;
};

static inline int
open_pool(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->held = opt_new(&prep_group);
	f->opts = *f->held;
	f->opts.children = 2;
	f->pool = prep_pool_new(&f->opts);
	*state = f;
	return 0;
}

/* One that goes by the options as they are now. */
static inline struct proc_pool *
replace_pool(struct fixture *f)
{
	proc_pool_free(f->pool);
	return prep_pool_new(&f->opts);
}

static inline int
close_pool(void **state)
{
	struct fixture *f = *state;

	proc_pool_free(f->pool);
	opt_free(&prep_group, f->held);
	free(f);
	return 0;
}

/* ---- pictures ---- */

/* Colours, edges and no symmetry. */
static inline VipsImage *
scene(int w, int h)
{
	uint8_t *px = xmalloc((size_t)w * (size_t)h * 3), *p = px;
	VipsImage *raw, *image;
	int x, y;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++, p += 3) {
			p[0] = (uint8_t)(x * 255 / w);
			p[1] = (uint8_t)(y * 255 / h);
			p[2] = (uint8_t)(x * 5 / w % 2 == y * 3 / h % 2 ? 200
									: 40);
			if (x * 3 < w && y * 4 < h)
				p[0] = p[1] = 250;
		}
	raw = vips_image_new_from_memory_copy(
	    px, (size_t)w * (size_t)h * 3, w, h, 3, VIPS_FORMAT_UCHAR);
	free(px);
	assert_int_equal(vips_copy(raw, &image, "interpretation",
			     VIPS_INTERPRETATION_sRGB, NULL),
	    0);
	g_object_unref(raw);
	return image;
}

/* Put in the place of an image what a vips operation makes of it. */
#define CHANGE(image, operation, ...) \
	do { \
		VipsImage *changed = NULL; \
		if (operation(image, &changed, ##__VA_ARGS__, NULL) != 0) \
			fail_msg("%s: %s", #operation, vips_error_buffer()); \
		g_object_unref(image); \
		(image) = changed; \
	} while (0)

/* The scene in another colour space or depth. */
static inline VipsImage *
scene_in(int w, int h, VipsInterpretation space)
{
	VipsImage *image = scene(w, h);

	CHANGE(image, vips_colourspace, space);
	return image;
}

/* Nothing but fine detail, in grey. */
static inline VipsImage *
grains(int w, int h)
{
	VipsImage *image;

	assert_int_equal(vips_gaussnoise(&image, w, h, "mean", 128.0, "sigma",
			     60.0, "seed", 2, NULL),
	    0);
	CHANGE(image, vips_cast_uchar);
	return image;
}

/* Takes over the image; the suffix tells the file's format and options. */
static inline struct buf
saved(VipsImage *image, const char *suffix)
{
	struct buf b = BUF_INIT(64u << 20);
	void *data;
	size_t len;

	if (vips_image_write_to_buffer(image, suffix, &data, &len, NULL) != 0)
		fail_msg("%s: %s", suffix, vips_error_buffer());
	assert_int_equal(buf_add(&b, data, len), 0);
	g_free(data);
	g_object_unref(image);
	return b;
}

/* ---- visits ---- */

struct trip {
	const struct buf *file;
	bool facts, taken;
	struct visit visit;
};

static inline int
trip_next(void *ctx, struct prep_item *ret, struct err *e)
{
	struct trip *t = ctx;

	if (t->taken)
		return 0;
	t->taken = true;
	ret->id = 7;
	ret->facts = t->facts;
	return file_in_memory(
		   "image", t->file->data, t->file->len, &ret->fd, e) < 0
	    ? -1
	    : 1;
}

static inline int
trip_each(void *ctx, int64_t id, struct visit *v, struct err *e)
{
	struct trip *t = ctx;

	(void)e;
	assert_int_equal(id, 7);
	t->visit = *v;
	*v = (struct visit){ 0 };
	return 0;
}

/* visit_release() it. */
static inline struct visit
visited(
    struct fixture *f, const struct buf *file, const char *steps, bool facts)
{
	struct trip t = { .file = file, .facts = facts };
	struct err err = { ERR_NONE, "" };
	struct recipe recipe;

	t.visit.reason = REASON_COUNT;
	if (recipe_parse(steps, &recipe, &err) < 0 ||
	    prep_visits(
		f->pool, &f->opts, &recipe, trip_next, trip_each, &t, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_not_equal(t.visit.reason, REASON_COUNT);
	return t.visit;
}

/* Visit a file, expect that it is refused, and release it. */
static inline void
expect_refusal(struct fixture *f, struct buf file, enum prep_reason reason)
{
	struct visit v = visited(f, &file, DEFAULT_STEPS, true);

	if (v.reason != reason)
		fail_msg("%s, not %s", prep_reason_name(v.reason),
		    prep_reason_name(reason));
	assert_int_equal(v.jpeg.len, 0);
	visit_release(&v);
	buf_release(&file);
}

/* ---- pixels ---- */

struct pixels {
	const struct buf *jpeg;
	const struct augment *augment; /* or NULL */
	const unsigned char *key;
	bool taken;
	uint8_t *rgb; /* free() it */
	int w, h;
};

static inline int
pixels_next(void *ctx, struct prep_picture *ret, struct err *e)
{
	struct pixels *p = ctx;

	(void)e;
	if (p->taken)
		return 0;
	p->taken = true;
	ret->id = 8;
	ret->augment = p->augment;
	if (p->augment != NULL)
		memcpy(ret->key, p->key, sizeof(ret->key));
	assert_int_equal(buf_add(&ret->jpeg, p->jpeg->data, p->jpeg->len), 0);
	return 1;
}

static inline int
pixels_each(
    void *ctx, int64_t id, const uint8_t *rgb, int w, int h, struct err *e)
{
	struct pixels *p = ctx;
	const size_t size = (size_t)w * (size_t)h * 3;

	(void)e;
	assert_int_equal(id, 8);
	p->w = w;
	p->h = h;
	if (rgb != NULL)
		p->rgb = memcpy(xmalloc(size), rgb, size);
	return 0;
}

static inline struct pixels
pixels_of(struct fixture *f, const struct buf *jpeg)
{
	struct pixels p = { .jpeg = jpeg };
	struct err err = { ERR_NONE, "" };

	if (prep_pixels(f->pool, pixels_next, pixels_each, &p, &err) < 0)
		fail_msg("%s", err.msg);
	return p;
}

/* Mean distance of the samples of two pictures of one size. */
static inline double
difference(struct fixture *f, const struct buf *a, const struct buf *b)
{
	struct pixels pa = pixels_of(f, a), pb = pixels_of(f, b);
	const size_t n = (size_t)pa.w * (size_t)pa.h * 3;
	double sum = 0;
	size_t i;

	assert_non_null(pa.rgb);
	assert_non_null(pb.rgb);
	assert_int_equal(pa.w, pb.w);
	assert_int_equal(pa.h, pb.h);
	for (i = 0; i < n; i++)
		sum += abs(pa.rgb[i] - pb.rgb[i]);
	free(pa.rgb);
	free(pb.rgb);
	return sum / (double)n;
}

/* ---- main ---- */

static inline bool
is_worker(int argc, char *const argv[])
{
	return argc == 3 && strcmp(argv[1], "worker") == 0;
}

static inline int
image_worker(char *const argv[])
{
	return strcmp(argv[2], "image-plugins") == 0 ? prep_worker_plugins()
						     : prep_worker();
}

static inline void
silence(
    const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer data)
{
	(void)domain;
	(void)level;
	(void)text;
	(void)data;
}

static inline void
start_vips(const char *name)
{
	g_log_set_default_handler(silence, NULL);
	assert_int_equal(vips_init(name), 0);
	vips_concurrency_set(1);
}

#endif
