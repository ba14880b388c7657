/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Visits that end badly: each ends in a reason, and the parent goes on.
 */
#include "tests/pictures.h"

#include <fcntl.h>
#include <signal.h>

#include "base/proc_int.h"

/* ---- the file --------------------------------------------------------- */

static struct buf
bytes(const void *data, size_t len)
{
	struct buf b = BUF_INIT(64u << 20);

	assert_int_equal(buf_add(&b, data, len), 0);
	return b;
}

#define LITERAL(s) bytes(s, sizeof(s) - 1)

static void
what_is_no_image_is_told_by_its_bytes(void **state)
{
	struct fixture *f = *state;
	struct buf empty = BUF_INIT(1);

	expect_refusal(f, LITERAL("<html>not.jpg</html>"), REASON_not_an_image);
	expect_refusal(f, empty, REASON_not_an_image);
	expect_refusal(f, LITERAL("x"), REASON_not_an_image);
	expect_refusal(f, LITERAL("P6 40 40 255 ..."), REASON_not_an_image);
	expect_refusal(
	    f, LITERAL("BM bitmap, as it says"), REASON_unsupported_format);
	expect_refusal(f, LITERAL("<svg xmlns='http://www.w3.org/2000/svg'/>"),
	    REASON_unsupported_format);
}

static void
a_file_that_is_cut_off_is_refused_as_that(void **state)
{
	static const char *const suffixes[] = { ".jpg[Q=90]",
		".jpg[Q=90,interlace]", ".png", ".png[interlace]", ".gif",
		".webp", ".webp[lossless]", ".tif", ".tif[compression=deflate]",
		".tif[tile]", ".tif[compression=jpeg]" };
	static const int percents[] = { 1, 10, 30, 55, 90, 98 };
	struct fixture *f = *state;
	struct buf whole;
	size_t i, k, len;

	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		whole = saved(scene(300, 200), suffixes[i]);
		for (k = 0; k < ARRAY_SIZE(percents); k++) {
			len = whole.len * (size_t)percents[k] / 100;
			/* Less does not even say what it is. */
			if (len >= 12)
				expect_refusal(f, bytes(whole.data, len),
				    REASON_truncated);
		}
		buf_release(&whole);
	}
}

/* Shrinking while loading must not hide it. */
static void
a_large_jpeg_that_is_cut_off_is_refused_too(void **state)
{
	struct fixture *f = *state;
	struct buf whole = saved(scene(4200, 4200), ".jpg[Q=90]");

	expect_refusal(f, bytes(whole.data, whole.len / 2), REASON_truncated);
	expect_refusal(
	    f, bytes(whole.data, whole.len * 97 / 100), REASON_truncated);
	buf_release(&whole);
}

static void
a_file_that_is_damaged_within_is_refused(void **state)
{
	struct fixture *f = *state;
	struct buf png = saved(scene(300, 200), ".png");
	struct buf webp = saved(scene(300, 200), ".webp");

	memset(png.data + png.len / 2, 0x55, 40);
	memset(webp.data + 25, 0x55, 100);
	expect_refusal(f, png, REASON_undecodable);
	expect_refusal(f, webp, REASON_undecodable);
	expect_refusal(
	    f, LITERAL("\xff\xd8\xff nothing of the kind"), REASON_undecodable);
}

static void
samples_without_a_known_range_are_refused(void **state)
{
	struct fixture *f = *state;
	VipsImage *image = scene(100, 100);

	CHANGE(image, vips_cast_int);
	expect_refusal(f, saved(image, ".tif"), REASON_unsupported_pixels);
}

/* ---- the header ------------------------------------------------------- */

/* A header only: the size is judged before any pixel. */
static struct buf
png_header(uint32_t w, uint32_t h)
{
	VipsImage *image = NULL;
	struct buf b;
	uint8_t *p;
	uint32_t crc = 0xffffffff;
	int i, k;

	assert_int_equal(vips_black(&image, 8, 8, NULL), 0);
	b = saved(image, ".png[strip]");
	p = b.data + 12;
	for (i = 0; i < 4; i++) {
		p[4 + i] = (uint8_t)(w >> (24 - 8 * i));
		p[8 + i] = (uint8_t)(h >> (24 - 8 * i));
	}
	for (i = 0; i < 17; i++)
		for (crc ^= p[i], k = 0; k < 8; k++)
			crc = crc >> 1 ^ (0xedb88320 & -(crc & 1));
	for (i = 0; i < 4; i++)
		p[17 + i] = (uint8_t)(~crc >> (24 - 8 * i));
	return b;
}

static struct buf
gif_header(int w, int h)
{
	const uint8_t gif[] = { 'G', 'I', 'F', '8', '9', 'a', (uint8_t)w,
		(uint8_t)(w >> 8), (uint8_t)h, (uint8_t)(h >> 8), 0xf0, 0, 0, 0,
		0, 0, 255, 255, 255, ',', 0, 0, 0, 0, (uint8_t)w,
		(uint8_t)(w >> 8), (uint8_t)h, (uint8_t)(h >> 8), 0, 2, 2, 0x44,
		1, 0, ';' };

	return bytes(gif, sizeof(gif));
}

/* A small JPEG that claims to be 64250 x 64250. */
static struct buf
jpeg_flood(void)
{
	struct buf b = saved(scene(100, 100), ".jpg");
	uint8_t *sof = memmem(b.data, b.len, "\xff\xc0\0\x11\x08", 5);

	assert_non_null(sof);
	sof[5] = sof[7] = 0xfa;
	sof[6] = sof[8] = 0xfa;
	return b;
}

static void
a_bomb_is_refused_by_its_header(void **state)
{
	struct fixture *f = *state;

	expect_refusal(f, gif_header(65535, 65535), REASON_too_long_side);
	expect_refusal(f, jpeg_flood(), REASON_too_long_side);
	expect_refusal(f, png_header(30000, 30000), REASON_too_long_side);
	expect_refusal(f, png_header(10000000, 100), REASON_too_long_side);
	expect_refusal(f, png_header(16000, 16000), REASON_too_large);
	expect_refusal(f, png_header(9000, 9000), REASON_bytes_per_pixel);
	expect_refusal(f, gif_header(9000, 9000), REASON_bytes_per_pixel);
}

static void
each_limit_has_its_reason(void **state)
{
	struct fixture *f = *state;
	VipsImage *pages[3] = { scene(50, 50), scene(50, 50), scene(50, 50) };
	VipsImage *tall;
	struct visit v;
	struct buf file;
	int i;

	expect_refusal(f, saved(scene(31, 100), ".png"), REASON_too_small);
	expect_refusal(f, saved(scene(100, 31), ".png"), REASON_too_small);
	expect_refusal(f, saved(scene(401, 40), ".png"), REASON_odd_aspect);
	expect_refusal(f, saved(scene(40, 401), ".png"), REASON_odd_aspect);
	file = saved(scene(320, 32), ".png"); /* at two of them */
	v = visited(f, &file, DEFAULT_STEPS, true);
	assert_int_equal(v.reason, REASON_none);
	visit_release(&v);
	buf_release(&file);

	assert_int_equal(vips_arrayjoin(pages, &tall, 3, "across", 1, NULL), 0);
	for (i = 0; i < 3; i++)
		g_object_unref(pages[i]);
	vips_image_set_int(tall, VIPS_META_PAGE_HEIGHT, 50);
	file = saved(tall, ".gif");
	v = visited(f, &file, DEFAULT_STEPS, true);
	assert_int_equal(v.reason, REASON_none);
	assert_int_equal(v.frames, 3);
	assert_int_equal(v.height, 50);
	visit_release(&v);
	f->opts.max_frames = 2;
	expect_refusal(f, file, REASON_too_many_frames);
}

/* Its check sum is wrong: a decoder that reads it has doubts. */
static void
packed_text_in_a_png_is_not_even_read(void **state)
{
	static const char chunk[] = "\0\0\0\x04zTXta\0\0b....";
	struct fixture *f = *state;
	struct buf plain = saved(scene(64, 64), ".png");
	struct buf file = bytes(plain.data, 33); /* up to behind IHDR */
	struct visit v;

	assert_int_equal(buf_add(&file, chunk, sizeof(chunk) - 1), 0);
	assert_int_equal(buf_add(&file, plain.data + 33, plain.len - 33), 0);
	v = visited(f, &file, DEFAULT_STEPS, true);
	assert_int_equal(v.reason, REASON_none);
	assert_false(v.warned);
	visit_release(&v);
	/* What else is there to doubt is heard of. */
	memcpy(file.data + 37, "gAMA", 4);
	v = visited(f, &file, DEFAULT_STEPS, true);
	assert_int_equal(v.reason, REASON_none);
	assert_true(v.warned);
	visit_release(&v);
	v = visited(f, &plain, DEFAULT_STEPS, true);
	assert_false(v.warned);
	visit_release(&v);
	buf_release(&plain);
	buf_release(&file);
}

static void
what_is_no_regular_file_is_unreadable(void **state)
{
	struct fixture *f = *state;
	struct visit v;
	struct recipe recipe;
	struct err err;
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(recipe_parse(DEFAULT_STEPS, &recipe, &err), 0);
	assert_int_equal(
	    prep_image(f->pool, &f->opts, &recipe, fd, &v, &err), 0);
	assert_int_equal(v.reason, REASON_unreadable);
	assert_int_equal(fcntl(fd, F_GETFD), -1); /* closed */
	visit_release(&v);
}

/* ---- the child -------------------------------------------------------- */

#define BEHAVIOUR "GRIDDLE_TEST_CHILD"

/* A child that does what the environment says. */
static void
misbehave(void *how, const struct buf *request, int fd, struct buf *answer)
{
	(void)request;
	(void)fd;
	if (strcmp(how, "crash") == 0)
		raise(SIGKILL);
	else if (strcmp(how, "garbage") == 0)
		buf_addf(answer, "%1000d", 7);
	else if (strcmp(how, "hang") == 0)
		for (;;)
			sleep(1);
}

/* Says that its answer is longer than it may be. */
static int
talk_too_much(void)
{
	const struct answer_head head = { .length = PROC_ANSWER_MAX + 1 };
	const struct sandbox_state state = { 0 };
	struct proc_hello hello;
	char byte;

	if (read(STDIN_FILENO, &hello, sizeof(hello)) <= 0 ||
	    write(STDIN_FILENO, &state, sizeof(state)) <= 0 ||
	    read(STDIN_FILENO, &byte, 1) != 1 ||
	    write(STDIN_FILENO, &head, sizeof(head)) <= 0)
		return EXIT_FAILURE;
	sleep(10);
	return EXIT_SUCCESS;
}

static int
work(void)
{
	char *how = getenv(BEHAVIOUR);

	if (how == NULL)
		return prep_worker();
	if (strcmp(how, "too much") == 0)
		return talk_too_much();
	/* The file is there until the first child has gone. */
	if (how[0] == '/') {
		if (unlink(how) == 0)
			return proc_serve(misbehave, (char[]){ "crash" });
		return prep_worker();
	}
	return proc_serve(misbehave, how);
}

static void
expect_with(struct fixture *f, const char *how, enum prep_reason reason)
{
	setenv(BEHAVIOUR, how, 1);
	expect_refusal(f, saved(scene(100, 100), ".png"), reason);
	unsetenv(BEHAVIOUR);
}

static void
a_child_that_dies_twice_costs_its_image_only(void **state)
{
	struct fixture *f = *state;
	struct buf file = saved(scene(100, 100), ".png");
	struct visit v;

	expect_with(f, "crash", REASON_decoder_crashed);
	v = visited(f, &file, DEFAULT_STEPS, true);
	assert_int_equal(v.reason, REASON_none);
	visit_release(&v);
	buf_release(&file);
}

static void
an_image_gets_a_second_child_when_the_first_dies(void **state)
{
	struct fixture *f = *state;
	struct buf file = saved(scene(100, 100), ".png");
	char marker[] = "/tmp/griddle-test-XXXXXX";
	struct visit v;
	int fd = mkstemp(marker);

	assert_true(fd >= 0);
	close(fd);
	setenv(BEHAVIOUR, marker, 1);
	v = visited(f, &file, DEFAULT_STEPS, true);
	unsetenv(BEHAVIOUR);
	assert_int_equal(v.reason, REASON_none);
	assert_int_equal(access(marker, F_OK), -1);
	visit_release(&v);
	buf_release(&file);
}

static void
nonsense_from_a_child_is_taken_as_a_crash(void **state)
{
	expect_with(*state, "garbage", REASON_decoder_crashed);
}

static void
a_child_that_talks_without_end_is_stopped(void **state)
{
	expect_with(*state, "too much", REASON_decoder_too_much);
}

static void
a_child_that_hangs_is_stopped_at_the_deadline(void **state)
{
	struct fixture *f = *state;

	proc_pool_free(f->pool);
	f->opts.deadline = 1;
	f->pool = prep_pool_new(&f->opts);
	expect_with(f, "hang", REASON_decoder_timed_out);
}

static void
every_reason_has_its_word_and_text(void **state)
{
	int i;

	(void)state;
	for (i = REASON_none + 1; i < REASON_COUNT; i++) {
		const char *name = prep_reason_name((enum prep_reason)i);

		assert_non_null(name);
		assert_non_null(prep_reason_text(name));
	}
	assert_null(prep_reason_text("none"));
	assert_null(prep_reason_text("no such word"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_pool)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_no_image_is_told_by_its_bytes),
		TEST(a_file_that_is_cut_off_is_refused_as_that),
		TEST(a_large_jpeg_that_is_cut_off_is_refused_too),
		TEST(a_file_that_is_damaged_within_is_refused),
		TEST(samples_without_a_known_range_are_refused),
		TEST(a_bomb_is_refused_by_its_header),
		TEST(each_limit_has_its_reason),
		TEST(packed_text_in_a_png_is_not_even_read),
		TEST(what_is_no_regular_file_is_unreadable),
		TEST(a_child_that_dies_twice_costs_its_image_only),
		TEST(an_image_gets_a_second_child_when_the_first_dies),
		TEST(nonsense_from_a_child_is_taken_as_a_crash),
		TEST(a_child_that_talks_without_end_is_stopped),
		TEST(a_child_that_hangs_is_stopped_at_the_deadline),
		TEST(every_reason_has_its_word_and_text),
	};

	if (is_worker(argc, argv))
		return work();
	start_vips(argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
