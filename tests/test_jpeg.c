/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JPEG reader and writer by themselves: hostile files end in a refusal
 * without a leak, and pixels are those of libvips.
 */
#include "tests/pictures.h"

#include <dirent.h>
#include <stdio.h>

#include "base/file.h"
#include "prep/jpeg_int.h"
#include "tests/shared.h"

#define PHOTOS_MAX 100

static enum jpeg_kind
kind_of(const struct buf *file)
{
	struct jpeg_header header;
	struct jpeg *j = NULL;
	const enum jpeg_kind kind =
	    jpeg_open(file->data, file->len, &j, &header);

	jpeg_close(j);
	return kind;
}

/* Is the file decoded to the end?  *ret_doubtful only if it is. */
static bool
decodes(const void *data, size_t len, bool *ret_doubtful)
{
	struct raster r CLEANUP(raster_release) = { 0 };
	struct jpeg_header header;
	struct jpeg *j = NULL;
	bool good;

	if (jpeg_open(data, len, &j, &header) != JPEG_PLAIN)
		return false;
	good = jpeg_decode(j, 1, &r) == 0;
	assert_int_equal(r.px != NULL, good);
	*ret_doubtful = jpeg_is_doubtful(j);
	jpeg_close(j);
	return good;
}

static bool
is_sound(const struct buf *file)
{
	bool doubtful;

	return decodes(file->data, file->len, &doubtful) && !doubtful;
}

/* ---- pixels ---- */

/* What libvips makes of it, three bands; g_free() it.  NULL: nothing. */
static uint8_t *
by_vips(const struct buf *file, int shrink, size_t *ret_len)
{
	VipsImage *image = NULL;
	uint8_t *px;

	if (vips_jpegload_buffer(file->data, file->len, &image, "access",
		VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED,
		"shrink", shrink, NULL) != 0)
		return NULL;
	CHANGE(image, vips_colourspace, VIPS_INTERPRETATION_sRGB);
	px = vips_image_write_to_memory(image, ret_len);
	g_object_unref(image);
	return px;
}

static void
expect_pixels_of_vips(const struct buf *file, const char *name)
{
	struct jpeg_header header;
	struct jpeg *j = NULL;
	struct raster r;
	uint8_t *px;
	size_t len = 0;
	int shrink;

	assert_int_equal(
	    jpeg_open(file->data, file->len, &j, &header), JPEG_PLAIN);
	/* Twice the same, and the smallest first: it is opened again. */
	for (shrink = 8; shrink >= 1; shrink /= 2) {
		px = by_vips(file, shrink, &len);
		assert_non_null(px);
		assert_int_equal(jpeg_decode(j, shrink, &r), 0);
		if (raster_bytes(&r) != len || memcmp(r.px, px, len) != 0)
			fail_msg(
			    "%s is another when shrunk by %d", name, shrink);
		g_free(px);
		raster_release(&r);
	}
	assert_false(jpeg_is_doubtful(j));
	jpeg_close(j);
}

static const char *const kinds[] = { ".jpg[Q=90]", ".jpg[Q=90,interlace]",
	".jpg[Q=95,subsample-mode=off]", ".jpg[Q=40]",
	".jpg[Q=90,restart-interval=4]", ".jpg[Q=75,optimize-coding]" };

static void
pixels_are_those_of_libvips(void **state)
{
	struct buf file;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		file = saved(scene(333, 217), kinds[i]);
		expect_pixels_of_vips(&file, kinds[i]);
		buf_release(&file);
		file = saved(
		    scene_in(333, 217, VIPS_INTERPRETATION_B_W), kinds[i]);
		expect_pixels_of_vips(&file, kinds[i]);
		buf_release(&file);
		file = saved(grains(65, 33), kinds[i]);
		expect_pixels_of_vips(&file, kinds[i]);
		buf_release(&file);
	}
}

static void
photographs_too(void **state)
{
	char *folder = shared_path("photos/clothing/test/dress");
	struct dirent *entry;
	struct buf file;
	struct err err;
	DIR *dir = opendir(folder);
	char *path;
	int n = 0;

	(void)state;
	if (dir == NULL)
		print_message("skipped: there is no %s\n", folder);
	while (
	    dir != NULL && n < PHOTOS_MAX && (entry = readdir(dir)) != NULL) {
		if (strstr(entry->d_name, ".jpg") == NULL)
			continue;
		file = BUF_INIT(16u << 20);
		path = xasprintf("%s/%s", folder, entry->d_name);
		assert_int_equal(file_read(path, &file, &err), 0);
		expect_pixels_of_vips(&file, path);
		buf_release(&file);
		free(path);
		n++;
	}
	free(folder);
	if (dir == NULL)
		skip();
	closedir(dir);
	assert_true(n > 0);
}

/* ---- the header ---- */

/* The file with a segment put in front; `file` is released. */
static struct buf
with_segment(struct buf file, int marker, const void *body, size_t len)
{
	const uint8_t head[] = { 0xff, (uint8_t)marker,
		(uint8_t)((len + 2) >> 8), (uint8_t)(len + 2) };
	struct buf out = BUF_INIT(64u << 20);

	buf_add(&out, file.data, 2);
	buf_add(&out, head, sizeof(head));
	buf_add(&out, body, len);
	buf_add(&out, file.data + 2, file.len - 2);
	buf_release(&file);
	return out;
}

static int
orientation_of(struct buf file)
{
	struct jpeg_header header;
	struct jpeg *j = NULL;

	assert_int_equal(
	    jpeg_open(file.data, file.len, &j, &header), JPEG_PLAIN);
	jpeg_close(j);
	buf_release(&file);
	return header.orientation;
}

#define EXIF_LEN 32

/* One entry, in either byte order; of type 3 (SHORT). */
static void
exif_of(uint8_t exif[EXIF_LEN], int orientation, bool big)
{
	static const uint8_t motorola[] = "Exif\0\0MM\0*\0\0\0\x8\0\1"
					  "\1\x12\0\3\0\0\0\1\0\0\0\0\0\0\0";
	static const uint8_t intel[] = "Exif\0\0II*\0\x8\0\0\0\1\0"
				       "\x12\1\3\0\1\0\0\0\0\0\0\0\0\0\0";

	memcpy(exif, big ? motorola : intel, EXIF_LEN - 1);
	exif[EXIF_LEN - 1] = 0;
	exif[big ? 25 : 24] = (uint8_t)orientation;
}

static void
the_orientation_is_read_in_both_byte_orders(void **state)
{
	uint8_t exif[EXIF_LEN];
	struct buf file;
	int o, big;

	(void)state;
	for (o = 0; o <= 9; o++)
		for (big = 0; big <= 1; big++) {
			exif_of(exif, o, big);
			file = with_segment(saved(scene(40, 40), ".jpg[strip]"),
			    0xe1, exif, EXIF_LEN);
			assert_int_equal(
			    orientation_of(file), o >= 1 && o <= 8 ? o : 1);
		}
}

static void
exif_that_ends_anywhere_or_points_anywhere_does_no_harm(void **state)
{
	uint8_t exif[EXIF_LEN], damaged[EXIF_LEN];
	struct buf file;
	size_t i;
	int o;

	(void)state;
	exif_of(exif, 6, true);
	for (i = 0; i < EXIF_LEN; i++) {
		file = with_segment(
		    saved(scene(40, 40), ".jpg[strip]"), 0xe1, exif, i);
		o = orientation_of(file);
		assert_true(o == 1 || o == 6);
		memcpy(damaged, exif, EXIF_LEN);
		damaged[i] = 0xff;
		file = with_segment(saved(scene(40, 40), ".jpg[strip]"), 0xe1,
		    damaged, EXIF_LEN);
		o = orientation_of(file);
		assert_true(o == 1 || o == 6);
	}
}

static void
a_profile_comes_whole_from_its_parts_or_not_at_all(void **state)
{
	static const char first[] = "ICC_PROFILE\0\1\2abc";
	static const char second[] = "ICC_PROFILE\0\2\2defg";
	struct jpeg_header header;
	struct jpeg *j = NULL;
	struct buf file = saved(scene(40, 40), ".jpg[strip]");

	(void)state;
	file = with_segment(file, 0xe2, first, sizeof(first) - 1);
	assert_int_equal(kind_of(&file), JPEG_OTHER);
	file = with_segment(file, 0xe2, second, sizeof(second) - 1);
	assert_int_equal(
	    jpeg_open(file.data, file.len, &j, &header), JPEG_PLAIN);
	assert_int_equal(header.icc_len, 7);
	assert_memory_equal(header.icc, "abcdefg", 7);
	jpeg_close(j);
	buf_release(&file);
}

static void
inks_are_left_to_libvips(void **state)
{
	struct buf inks =
	    saved(scene_in(64, 64, VIPS_INTERPRETATION_CMYK), ".jpg");
	struct buf grey =
	    saved(scene_in(64, 64, VIPS_INTERPRETATION_B_W), ".jpg");

	(void)state;
	assert_int_equal(kind_of(&inks), JPEG_OTHER);
	assert_int_equal(kind_of(&grey), JPEG_PLAIN);
	buf_release(&inks);
	buf_release(&grey);
}

/* ---- hostile files ---- */

static void
a_file_cut_off_anywhere_is_not_decoded(void **state)
{
	struct buf file;
	bool doubtful;
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		file = saved(scene(200, 150), kinds[i]);
		assert_true(is_sound(&file));
		for (k = 0; k < 16; k++)
			assert_false(
			    decodes(file.data, file.len * k / 16, &doubtful));
		assert_false(decodes(file.data, file.len - 20, &doubtful));
		buf_release(&file);
	}
}

/* Whatever is changed: an end without a leak, and pixels or none. */
static void
garbage_ends_in_pixels_or_a_refusal(void **state)
{
	struct buf file;
	uint32_t seed = 7;
	size_t i, at;
	int n, doubts = 0, refused = 0;
	bool doubtful = false;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		for (n = 0; n < 60; n++) {
			file = saved(scene(120, 90), kinds[i]);
			seed = seed * 1664525 + 1013904223;
			at = 2 + (seed >> 8) % (file.len - 2);
			file.data[at] = (uint8_t)(seed >> 3);
			if (!decodes(file.data, file.len, &doubtful))
				refused++;
			else if (doubtful)
				doubts++;
			buf_release(&file);
		}
	assert_true(doubts > 0 && refused > 0);
}

/* Bytes between two segments are passed over, but not in silence. */
static void
a_warning_is_a_doubt(void **state)
{
	struct buf file = saved(scene(64, 64), ".jpg");
	struct buf odd = BUF_INIT(1u << 20);
	bool doubtful = false;

	(void)state;
	buf_add(&odd, file.data, 2);
	buf_add(&odd, "\1\2\3", 3);
	buf_add(&odd, file.data + 2, file.len - 2);
	assert_true(decodes(odd.data, odd.len, &doubtful));
	assert_true(doubtful);
	buf_release(&file);
	buf_release(&odd);
}

/* The last scan over and over: each costs a pass over the whole picture. */
static struct buf
many_scans(int n)
{
	struct buf file = saved(scene(64, 64), ".jpg[interlace]");
	struct buf out = BUF_INIT(16u << 20);
	uint8_t *scan = memmem(file.data, file.len, "\xff\xda", 2), *next;
	size_t len;

	assert_non_null(scan);
	next = memmem(
	    scan + 2, file.len - (size_t)(scan + 2 - file.data), "\xff\xc4", 2);
	assert_non_null(next);
	len = (size_t)(next - scan);
	buf_add(&out, file.data, (size_t)(scan - file.data));
	while (n-- > 0)
		buf_add(&out, scan, len);
	buf_add(&out, next, file.len - (size_t)(next - file.data));
	buf_release(&file);
	return out;
}

static void
a_file_of_very_many_scans_is_refused(void **state)
{
	struct buf few = many_scans(1), bomb = many_scans(5000);
	bool doubtful;

	(void)state;
	assert_true(is_sound(&few));
	assert_false(decodes(bomb.data, bomb.len, &doubtful));
	buf_release(&few);
	buf_release(&bomb);
}

/* ---- and back ---- */

static struct raster
raster_of_scene(int w, int h)
{
	struct raster r = raster_new(w, h);
	VipsImage *image = scene(w, h);
	size_t len;
	uint8_t *px = vips_image_write_to_memory(image, &len);

	assert_int_equal(len, raster_bytes(&r));
	memcpy(r.px, px, len);
	g_free(px);
	g_object_unref(image);
	return r;
}

static double
distance(const struct raster *a, const struct buf *jpeg)
{
	struct jpeg_header header;
	struct jpeg *j = NULL;
	struct raster b;
	double sum = 0;
	size_t i;

	assert_int_equal(
	    jpeg_open(jpeg->data, jpeg->len, &j, &header), JPEG_PLAIN);
	assert_int_equal(jpeg_decode(j, 1, &b), 0);
	jpeg_close(j);
	assert_int_equal(raster_bytes(&b), raster_bytes(a));
	for (i = 0; i < raster_bytes(a); i++)
		sum += abs(a->px[i] - b.px[i]);
	raster_release(&b);
	return sum / (double)raster_bytes(a);
}

static void
what_is_written_is_read_again(void **state)
{
	struct raster r = raster_of_scene(301, 203);
	struct buf fine = BUF_INIT(1u << 20), same = BUF_INIT(1u << 20);
	struct buf small = BUF_INIT(1u << 20);

	(void)state;
	assert_int_equal(buf_add(&fine, "head", 4), 0);
	assert_int_equal(jpeg_encode(&r, 95, true, &fine), 0);
	assert_memory_equal(fine.data, "head\xff\xd8\xff", 7);
	assert_int_equal(fine.data[fine.len], 0);
	memmove(fine.data, fine.data + 4, fine.len -= 4);
	assert_int_equal(jpeg_encode(&r, 95, true, &same), 0);
	assert_int_equal(jpeg_encode(&r, 80, false, &small), 0);
	assert_int_equal(fine.len, same.len);
	assert_memory_equal(fine.data, same.data, same.len);
	assert_true(small.len < fine.len);
	assert_true(distance(&r, &fine) < 1);
	assert_true(distance(&r, &small) < 6);
	/* Baseline, and no segments of any program. */
	assert_null(memmem(fine.data, fine.len, "\xff\xc2", 2));
	assert_null(memmem(fine.data, fine.len, "\xff\xe1", 2));
	buf_release(&fine);
	buf_release(&same);
	buf_release(&small);
	raster_release(&r);
}

static void
what_reaches_the_cap_is_not_written(void **state)
{
	struct raster r = raster_of_scene(301, 203);
	struct buf whole = BUF_INIT(1u << 20), tight, less;

	(void)state;
	assert_int_equal(jpeg_encode(&r, 95, true, &whole), 0);
	tight = BUF_INIT(whole.len + 1);
	less = BUF_INIT(whole.len);
	assert_int_equal(jpeg_encode(&r, 95, true, &tight), 0);
	assert_int_equal(tight.len, whole.len);
	assert_int_equal(jpeg_encode(&r, 95, true, &less), -1);
	assert_int_equal(less.len, 0);
	buf_release(&whole);
	buf_release(&tight);
	buf_release(&less);
	raster_release(&r);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pixels_are_those_of_libvips),
		cmocka_unit_test(photographs_too),
		cmocka_unit_test(the_orientation_is_read_in_both_byte_orders),
		cmocka_unit_test(
		    exif_that_ends_anywhere_or_points_anywhere_does_no_harm),
		cmocka_unit_test(
		    a_profile_comes_whole_from_its_parts_or_not_at_all),
		cmocka_unit_test(inks_are_left_to_libvips),
		cmocka_unit_test(a_file_cut_off_anywhere_is_not_decoded),
		cmocka_unit_test(garbage_ends_in_pixels_or_a_refusal),
		cmocka_unit_test(a_warning_is_a_doubt),
		cmocka_unit_test(a_file_of_very_many_scans_is_refused),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(what_reaches_the_cap_is_not_written),
	};

	(void)argc;
	start_vips(argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
