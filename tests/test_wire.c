/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a child that was taken over could say: every answer that an honest
 * one cannot give is recognised.  And what the first bytes of files say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "prep/wire_int.h"

static char *formats[] = { (char *)"png", (char *)"webp", (char *)"gif" };
static const struct prep_opts opts = {
	.formats = { formats, ARRAY_SIZE(formats) },
	.max_pixels = 1000000,
	.max_side = 5000,
	.min_side = 32,
	.max_frames = 10,
	.max_aspect = 10,
};

/* The least that looks like a JPEG of this size from outside. */
static void
add_jpeg(struct buf *b, int w, int h)
{
	const uint8_t jpeg[] = { 0xff, 0xd8, 0xff, 0xe0, 0, 4, 'J', 'F', 0xff,
		0xc0, 0, 8, 8, (uint8_t)(h >> 8), (uint8_t)h, (uint8_t)(w >> 8),
		(uint8_t)w, 3, 0xff, 0xd9 };

	assert_int_equal(buf_add(b, jpeg, sizeof(jpeg)), 0);
}

static struct visit
honest(void)
{
	struct visit v = {
		.stored_w = 400,
		.stored_h = 300,
		.orientation = 6,
		.frames = 1,
		.bands = 3,
		.pdq.quality = 100,
		.jpeg = BUF_INIT(1000),
		.jpeg_w = 224,
		.jpeg_h = 200,
		.thumb = BUF_INIT(1000),
		.thumb_w = 192,
		.thumb_h = 256,
	};

	memset(v.pixel_digest, 1, sizeof(v.pixel_digest));
	memset(v.pdq.bits, 2, sizeof(v.pdq.bits));
	memset(v.phash, 3, sizeof(v.phash));
	memset(&v.look, 4, sizeof(v.look));
	v.look.trimmed = true;
	v.trim_pdq = v.pdq;
	v.compression = 85;
	v.quality.score[QUALITY_light] = 0.25f;
	add_jpeg(&v.jpeg, 224, 200);
	add_jpeg(&v.thumb, 192, 256);
	return v;
}

static struct visit
refusal(void)
{
	struct visit v = honest();

	buf_release(&v.jpeg);
	buf_release(&v.thumb);
	memset(v.pixel_digest, 0, sizeof(v.pixel_digest));
	v.pdq = v.trim_pdq = (struct pdq){ .quality = 0 };
	memset(v.phash, 0, sizeof(v.phash));
	memset(&v.look, 0, sizeof(v.look));
	v.compression = 0;
	v.quality = (struct quality){ .score = { 0 } };
	v.jpeg_w = v.jpeg_h = v.thumb_w = v.thumb_h = 0;
	v.reason = REASON_truncated;
	return v;
}

/* Is it believed?  Takes over v. */
static bool
believed_of(struct visit v, enum format format, bool facts)
{
	struct buf answer CLEANUP(buf_release) = BUF_INIT(100000);
	struct visit got = { .reason = REASON_none };
	bool is;

	assert_int_equal(wire_tell_visit(&answer, &v, format), 0);
	is = wire_read_visit(&answer, &opts, facts, &got);
	visit_release(&got);
	visit_release(&v);
	return is;
}

static bool
believed(struct visit v)
{
	return believed_of(v, FORMAT_PNG, true);
}

static void
an_honest_answer_arrives_whole(void **state)
{
	struct buf answer CLEANUP(buf_release) = BUF_INIT(100000);
	struct visit v CLEANUP(visit_release) = honest();
	struct visit got CLEANUP(visit_release) = { .reason = REASON_none };

	(void)state;
	v.has_alpha = v.warned = true;
	assert_int_equal(wire_tell_visit(&answer, &v, FORMAT_WEBP), 0);
	assert_true(wire_read_visit(&answer, &opts, true, &got));
	assert_string_equal(got.format, "webp");
	assert_int_equal(got.stored_w, 400);
	assert_int_equal(got.width, 300); /* turned */
	assert_int_equal(got.height, 400);
	assert_int_equal(got.orientation, 6);
	assert_int_equal(got.bands, 3);
	assert_true(got.has_alpha && got.warned && !got.has_profile);
	assert_memory_equal(got.pixel_digest, v.pixel_digest, XXH3_SIZE);
	assert_memory_equal(&got.pdq, &v.pdq, sizeof(v.pdq));
	assert_memory_equal(got.phash, v.phash, sizeof(v.phash));
	assert_memory_equal(&got.look, &v.look, sizeof(v.look));
	assert_int_equal(got.compression, 85);
	assert_int_equal(got.jpeg.len, v.jpeg.len);
	assert_memory_equal(got.jpeg.data, v.jpeg.data, v.jpeg.len);
	assert_memory_equal(&got.quality, &v.quality, sizeof(v.quality));
	assert_int_equal(got.thumb.len, v.thumb.len);
	assert_memory_equal(got.thumb.data, v.thumb.data, v.thumb.len);
	assert_true(believed(refusal()));
}

#define LIE(statement) \
	do { \
		struct visit v = honest(); \
		statement; \
		if (believed(v)) \
			fail_msg("believed: %s", #statement); \
	} while (0)

static void
a_header_that_cannot_be_is_not_believed(void **state)
{
	(void)state;
	LIE(v.reason = REASON_COUNT);
	LIE(v.reason = (enum prep_reason) - 1);
	LIE(v.stored_w = 0);
	LIE(v.stored_w = -400);
	LIE(v.stored_h = INT32_MIN);
	LIE(v.orientation = 0);
	LIE(v.orientation = 9);
	LIE(v.frames = 0);
	LIE(v.bands = 0);
	LIE(v.quality.score[QUALITY_dark] = 1.5f);
	LIE(v.quality.score[QUALITY_placeholder] = -0.1f);
	LIE(v.quality.score[0] = NAN);
	LIE(v.pdq.quality = 101);
	LIE(v.pdq.quality = -1);
	LIE(v.trim_pdq.quality = 101);
	LIE(v.look.trimmed = false); /* but there is what is within */
	LIE(v.compression = 101);
	assert_false(believed_of(honest(), FORMAT_NONE, true));
	assert_false(believed_of(honest(), FORMAT_COUNT, true));
	assert_false(believed_of(honest(), FORMAT_TIFF, true));
	assert_false(believed_of(honest(), (enum format) - 1, true));
}

static void
what_the_limits_forbid_is_not_believed(void **state)
{
	(void)state;
	LIE(v.stored_w = 31);
	LIE(v.stored_h = 5001);
	LIE(v.stored_w = v.stored_h = 1001);
	LIE(v.frames = 11);
}

static void
a_picture_that_is_not_what_is_said_is_not_believed(void **state)
{
	(void)state;
	LIE(v.jpeg_w = 225);
	LIE(v.jpeg_h = 0);
	LIE(v.jpeg.len--);
	LIE(v.jpeg.data[0] = 'x');
	LIE(v.jpeg.data[9] = 0xc2); /* progressive */
	LIE(v.jpeg.data[12] = 12);  /* bits */
	LIE(v.jpeg.data[3] = 0xda); /* no frame before the scan */
	LIE(v.jpeg.data[5] = 200);  /* a segment beyond the end */
	LIE(buf_clear(&v.jpeg));
	LIE(v.thumb_w = 191);
	LIE(v.thumb.data[0] = 'x');
	LIE(buf_clear(&v.thumb));
	LIE((buf_clear(&v.thumb), add_jpeg(&v.thumb, 257, 256),
	    v.thumb_w = 257));
	LIE((
	    buf_clear(&v.jpeg), add_jpeg(&v.jpeg, 4097, 200), v.jpeg_w = 4097));
}

static void
facts_come_when_asked_for_and_only_then(void **state)
{
	struct visit v = honest();

	(void)state;
	assert_false(believed_of(v, FORMAT_PNG, false));
	v = refusal();
	v.pdq.quality = 3;
	assert_false(believed(v));
	v = refusal();
	v.quality.score[3] = 0.5f;
	assert_false(believed(v));
	v = refusal();
	v.pixel_digest[XXH3_SIZE - 1] = 1;
	assert_false(believed(v));
	v = refusal();
	v.jpeg_w = 1;
	assert_false(believed(v));
	v = refusal();
	v.jpeg = BUF_INIT(100);
	add_jpeg(&v.jpeg, 10, 10);
	assert_false(believed(v));
}

static void
an_answer_of_another_length_is_not_believed(void **state)
{
	struct buf answer CLEANUP(buf_release) = BUF_INIT(100000);
	struct buf less = { 0 };
	struct visit v CLEANUP(visit_release) = honest();
	struct visit got;

	(void)state;
	assert_int_equal(wire_tell_visit(&answer, &v, FORMAT_GIF), 0);
	less.data = answer.data;
	for (less.len = 0; less.len < answer.len; less.len++)
		assert_false(wire_read_visit(&less, &opts, true, &got));
	assert_int_equal(buf_add(&answer, "x", 1), 0);
	assert_false(wire_read_visit(&answer, &opts, true, &got));
}

static bool
pixels_believed(int w, int h, size_t bytes, const uint8_t **ret)
{
	struct buf answer CLEANUP(buf_release) = BUF_INIT(100000);
	int got_w, got_h;

	assert_int_equal(wire_tell_pixels(&answer, w, h), 0);
	memset(buf_room(&answer, bytes), 7, bytes);
	answer.len += bytes;
	return wire_read_pixels(&answer, ret, &got_w, &got_h);
}

static void
pixels_are_as_many_as_their_size_says(void **state)
{
	const uint8_t *rgb;

	(void)state;
	assert_true(pixels_believed(10, 20, 600, &rgb));
	assert_non_null(rgb);
	assert_true(pixels_believed(0, 0, 0, &rgb));
	assert_null(rgb);
	assert_false(pixels_believed(10, 20, 599, &rgb));
	assert_false(pixels_believed(10, 20, 601, &rgb));
	assert_false(pixels_believed(0, 0, 3, &rgb));
	assert_false(pixels_believed(-10, -20, 600, &rgb));
	assert_false(pixels_believed(4097, 1, 4097 * 3, &rgb));
	assert_false(pixels_believed(0, 20, 0, &rgb));
}

static void
a_request_is_read_as_it_was_written(void **state)
{
	struct buf request CLEANUP(buf_release) = BUF_INIT(100000);
	struct recipe recipe;
	const uint8_t *jpeg;
	const char *steps;
	struct ask ask;
	struct err err;

	(void)state;
	assert_int_equal(recipe_parse("resize 50", &recipe, &err), 0);
	assert_int_equal(wire_ask_visit(&request, &opts, &recipe, true), 0);
	assert_int_equal(wire_read_ask(&request, &ask, &steps, &jpeg), 0);
	assert_int_equal(ask.kind, ASK_VISIT);
	assert_int_equal(ask.facts, 1);
	assert_int_equal(ask.limits.max_side, 5000);
	assert_string_equal(steps, "resize 50x50 fit");
	while (request.len-- > 0)
		assert_int_equal(
		    wire_read_ask(&request, &ask, &steps, &jpeg), -1);
}

static void
a_picture_is_asked_for_with_or_without_an_augmentation(void **state)
{
	struct buf request CLEANUP(buf_release) = BUF_INIT(2 << 20);
	struct prep_picture p = { .jpeg = BUF_INIT(1 << 20) };
	struct augment augment;
	const uint8_t *jpeg;
	const char *text;
	struct ask ask;
	struct err err;

	(void)state;
	assert_int_equal(augment_parse("flip h 50%", &augment, &err), 0);
	add_jpeg(&p.jpeg, 10, 20);
	assert_int_equal(wire_ask_picture(&request, ASK_PIXELS, &p), 0);
	assert_int_equal(wire_read_ask(&request, &ask, &text, &jpeg), 0);
	assert_int_equal(ask.text_len, 0);
	assert_int_equal(ask.jpeg_len, p.jpeg.len);
	assert_memory_equal(jpeg, p.jpeg.data, p.jpeg.len);
	buf_clear(&request);
	p.augment = &augment;
	memset(p.key, 0x5a, sizeof(p.key));
	assert_int_equal(wire_ask_picture(&request, ASK_COPY, &p), 0);
	assert_int_equal(wire_read_ask(&request, &ask, &text, &jpeg), 0);
	assert_int_equal(ask.kind, ASK_COPY);
	assert_string_equal(text, "flip h 50%");
	assert_memory_equal(ask.key, p.key, sizeof(ask.key));
	assert_memory_equal(jpeg, p.jpeg.data, p.jpeg.len);
	while (request.len-- > 0)
		assert_int_equal(
		    wire_read_ask(&request, &ask, &text, &jpeg), -1);
	/* One that does not fit goes by descriptor; its text still fits. */
	buf_clear(&request);
	buf_room(&p.jpeg, WIRE_INLINE_MAX);
	memset(p.jpeg.data, 0, WIRE_INLINE_MAX + 1);
	p.jpeg.len = WIRE_INLINE_MAX + 1;
	assert_false(wire_is_inline(&p));
	assert_int_equal(wire_ask_picture(&request, ASK_COPY, &p), 0);
	assert_int_equal(wire_read_ask(&request, &ask, &text, &jpeg), 0);
	assert_int_equal(ask.jpeg_len, 0);
	assert_string_equal(text, "flip h 50%");
	buf_release(&p.jpeg);
}

static void
a_request_that_is_not_one_is_not_read(void **state)
{
	struct buf request CLEANUP(buf_release) = BUF_INIT(100000);
	const struct ask honest = { .kind = ASK_PIXELS, .text_len = 4 };
	struct ask ask = honest;
	const uint8_t *jpeg;
	const char *text;

	(void)state;
	buf_add(&request, &ask, sizeof(ask));
	buf_add(&request, "flip", 4); /* its end is lacking */
	assert_int_equal(wire_read_ask(&request, &ask, &text, &jpeg), -1);
	buf_clear(&request);
	ask = honest;
	ask.text_len = WIRE_TEXT_MAX + 1;
	buf_add(&request, &ask, sizeof(ask));
	memset(buf_room(&request, WIRE_TEXT_MAX + 1), 0, WIRE_TEXT_MAX + 1);
	request.len += WIRE_TEXT_MAX + 1;
	assert_int_equal(wire_read_ask(&request, &ask, &text, &jpeg), -1);
	ask.text_len = UINT32_MAX;
	ask.jpeg_len = (uint32_t)WIRE_TEXT_MAX + 2;
	memcpy(request.data, &ask, sizeof(ask));
	assert_int_equal(wire_read_ask(&request, &ask, &text, &jpeg), -1);
}

static bool
copy_believed(int said_w, int said_h, size_t cut, const uint8_t **ret)
{
	struct buf answer CLEANUP(buf_release) = BUF_INIT(100000);
	size_t len;

	assert_int_equal(wire_tell_pixels(&answer, said_w, said_h), 0);
	add_jpeg(&answer, 224, 200);
	answer.len -= cut;
	return wire_read_copy(&answer, ret, &len);
}

static void
a_copy_is_a_jpeg_of_the_size_that_is_said(void **state)
{
	struct buf answer CLEANUP(buf_release) = BUF_INIT(100000);
	const uint8_t *jpeg;
	size_t len;

	(void)state;
	assert_true(copy_believed(224, 200, 0, &jpeg));
	assert_non_null(jpeg);
	assert_false(copy_believed(200, 224, 0, &jpeg));
	assert_false(copy_believed(0, 0, 0, &jpeg));
	assert_false(copy_believed(224, 200, 20, &jpeg));
	assert_false(copy_believed(224, 200, 12, &jpeg));
	assert_false(copy_believed(-224, -200, 0, &jpeg));
	assert_int_equal(wire_tell_pixels(&answer, 0, 0), 0);
	assert_true(wire_read_copy(&answer, &jpeg, &len));
	assert_null(jpeg);
	answer.len--;
	assert_false(wire_read_copy(&answer, &jpeg, &len));
}

/* ---- first bytes ------------------------------------------------------ */

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

static void
a_format_is_told_by_its_first_bytes(void **state)
{
	enum prep_reason why;

	(void)state;
	assert_int_equal(
	    format_of(BYTES("\xff\xd8\xff\xe0"), &why), FORMAT_JPEG);
	assert_int_equal(
	    format_of(BYTES("\x89PNG\r\n\x1a\n"), &why), FORMAT_PNG);
	assert_int_equal(format_of(BYTES("GIF89a"), &why), FORMAT_GIF);
	assert_int_equal(format_of(BYTES("GIF87a"), &why), FORMAT_GIF);
	assert_int_equal(
	    format_of(BYTES("RIFF\1\2\3\4WEBPVP8 "), &why), FORMAT_WEBP);
	assert_int_equal(format_of(BYTES("II*\0"), &why), FORMAT_TIFF);
	assert_int_equal(format_of(BYTES("MM\0*"), &why), FORMAT_TIFF);
	assert_int_equal(format_of(BYTES("BM......"), &why), FORMAT_NONE);
	assert_int_equal(why, REASON_unsupported_format);
	assert_int_equal(format_of(BYTES("....ftypheic"), &why), FORMAT_HEIF);
	assert_int_equal(format_of(BYTES("....ftypavif"), &why), FORMAT_AVIF);
	assert_int_equal(format_of(BYTES("\xff\x0a"), &why), FORMAT_JXL);
	assert_int_equal(format_of(BYTES("\0\0\0\x0cJXL "), &why), FORMAT_JXL);
	assert_int_equal(
	    format_of(BYTES("<?xml ?>\n<!-- --><svg>"), &why), FORMAT_NONE);
	assert_int_equal(why, REASON_unsupported_format);
	assert_int_equal(format_of(BYTES("<html><svg>"), &why), FORMAT_NONE);
	assert_int_equal(why, REASON_not_an_image);
	assert_int_equal(format_of(BYTES(" GIF89a"), &why), FORMAT_NONE);
	assert_int_equal(why, REASON_not_an_image);
	assert_int_equal(format_of(BYTES("GIF8"), &why), FORMAT_NONE);
	assert_int_equal(format_of(NULL, 0, &why), FORMAT_NONE);
	assert_int_equal(why, REASON_not_an_image);
}

#define PNG "\x89PNG\r\n\x1a\n"
#define CHUNK(length, type, data) "\0\0\0" length type data "cccc"

static void
text_is_taken_out_of_a_png_and_nothing_else(void **state)
{
	static const char with[] =
	    PNG CHUNK("\1", "IHDR", "h") CHUNK("\3", "zTXt", "abc")
		CHUNK("\2", "IDAT", "de") CHUNK("\0", "tEXt", "")
		    CHUNK("\1", "iTXt", "f") CHUNK("\0", "IEND", "") "after";
	static const char without[] = PNG CHUNK("\1", "IHDR", "h")
	    CHUNK("\2", "IDAT", "de") CHUNK("\0", "IEND", "") "after";
	uint8_t copy[sizeof(with)];
	size_t len;

	(void)state;
	memcpy(copy, with, sizeof(with));
	len = format_drop_png_text(copy, sizeof(with) - 1);
	assert_int_equal(len, sizeof(without) - 1);
	assert_memory_equal(copy, without, len);
	/* One that is cut off stays so. */
	for (len = 8; len < sizeof(with) - 1; len++) {
		uint8_t *part = xmalloc(len);
		size_t left;

		memcpy(part, with, len);
		left = format_drop_png_text(part, len);
		assert_true(left <= len);
		assert_int_equal(format_is_cut_off(FORMAT_PNG, part, left),
		    len < sizeof(with) - 6);
		free(part);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_honest_answer_arrives_whole),
		cmocka_unit_test(a_header_that_cannot_be_is_not_believed),
		cmocka_unit_test(what_the_limits_forbid_is_not_believed),
		cmocka_unit_test(
		    a_picture_that_is_not_what_is_said_is_not_believed),
		cmocka_unit_test(facts_come_when_asked_for_and_only_then),
		cmocka_unit_test(an_answer_of_another_length_is_not_believed),
		cmocka_unit_test(pixels_are_as_many_as_their_size_says),
		cmocka_unit_test(a_request_is_read_as_it_was_written),
		cmocka_unit_test(a_format_is_told_by_its_first_bytes),
		cmocka_unit_test(
		    a_picture_is_asked_for_with_or_without_an_augmentation),
		cmocka_unit_test(a_request_that_is_not_one_is_not_read),
		cmocka_unit_test(a_copy_is_a_jpeg_of_the_size_that_is_said),
		cmocka_unit_test(text_is_taken_out_of_a_png_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
