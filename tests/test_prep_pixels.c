/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pixels of prepared pictures, many of them or large ones.
 */
#include "tests/pictures.h"

#define MANY 60

struct many {
	struct buf jpeg;
	int next, seen;
	bool done[MANY];
};

static int
next_of_many(void *ctx, int64_t *ret_id, struct buf *jpeg, struct err *e)
{
	struct many *m = ctx;

	(void)e;
	if (m->next == MANY)
		return 0;
	/* Every tenth is broken. */
	assert_int_equal(
	    buf_add(jpeg, m->jpeg.data, m->next % 10 == 3 ? 50 : m->jpeg.len),
	    0);
	*ret_id = m->next++;
	return 1;
}

static int
each_of_many(
    void *ctx, int64_t id, const uint8_t *rgb, int w, int h, struct err *e)
{
	struct many *m = ctx;

	(void)e;
	assert_in_range(id, 0, MANY - 1);
	assert_false(m->done[id]);
	m->done[id] = true;
	m->seen++;
	assert_int_equal(rgb == NULL, id % 10 == 3);
	assert_int_equal(w, id % 10 == 3 ? 0 : 224);
	assert_int_equal(h, w);
	return 0;
}

static void
pixels_of_many_pictures_come_each_with_its_id(void **state)
{
	struct fixture *f = *state;
	struct buf file = saved(scene(400, 300), ".png");
	struct visit v = visited(f, &file, DEFAULT_STEPS, false);
	struct many m = { .jpeg = v.jpeg };
	struct err err;

	assert_int_equal(
	    prep_pixels(f->pool, next_of_many, each_of_many, &m, &err), 0);
	assert_int_equal(m.seen, MANY);
	visit_release(&v);
	buf_release(&file);
}

static void
a_large_picture_comes_back_as_well(void **state)
{
	struct fixture *f = *state;
	struct buf file = saved(grains(2000, 1500), ".png");
	struct visit v;
	struct pixels p;

	v = visited(f, &file, "autorotate", false);
	assert_int_equal(v.reason, REASON_none);
	assert_true(v.jpeg.len > PROC_REQUEST_MAX);
	p = pixels_of(f, &v.jpeg);
	assert_non_null(p.rgb);
	assert_int_equal(p.w, 2000);
	free(p.rgb);
	visit_release(&v);
	buf_release(&file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_pool)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(pixels_of_many_pictures_come_each_with_its_id),
		TEST(a_large_picture_comes_back_as_well),
	};

	if (is_worker(argc, argv))
		return prep_worker();
	start_vips(argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
