/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/changes.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include <vips/vips.h>

#define QUALITY 90
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* How it is saved. */
enum to { JPEG, PNG, WEBP, GIF };

/* Makes *out of `in`, by a number; not 0: it failed. */
typedef int change_fn(VipsImage *in, VipsImage **out, double by);

struct change {
	const char *name;
	change_fn *make;
	double by;
	enum to to;
	int quality;     /* of the JPEG; 0: QUALITY */
	change_fn *then; /* made of the first */
	double then_by;
};

static int
as_it_is(VipsImage *in, VipsImage **out, double by)
{
	(void)by;
	return vips_copy(in, out, NULL);
}

static int
resize(VipsImage *in, VipsImage **out, double by)
{
	return vips_resize(in, out, by, NULL);
}

static int
square(VipsImage *in, VipsImage **out, double side)
{
	return vips_resize(in, out, side / vips_image_get_width(in), "vscale",
	    side / vips_image_get_height(in), NULL);
}

static int
gray(VipsImage *in, VipsImage **out, double by)
{
	(void)by;
	return vips_colourspace(in, out, VIPS_INTERPRETATION_B_W, NULL);
}

static int
blur(VipsImage *in, VipsImage **out, double sigma)
{
	return vips_gaussblur(in, out, sigma, NULL);
}

/* The second takes over the first. */
static int
to_bytes(VipsImage *in, int rc, VipsImage **out)
{
	if (rc != 0)
		return rc;
	rc = vips_cast_uchar(in, out, NULL);
	g_object_unref(in);
	return rc;
}

static int
line(VipsImage *in, VipsImage **out, double a, double b)
{
	VipsImage *t = NULL;
	const int rc = vips_linear1(in, &t, a, b, NULL);

	return to_bytes(t, rc, out);
}

static int
contrast(VipsImage *in, VipsImage **out, double by)
{
	return line(in, out, by, 128 * (1 - by));
}

static int
brightness(VipsImage *in, VipsImage **out, double by)
{
	return line(in, out, 1, by);
}

static int
gamma_by(VipsImage *in, VipsImage **out, double by)
{
	VipsImage *t = NULL;
	const int rc = vips_gamma(in, &t, "exponent", by, NULL);

	return to_bytes(t, rc, out);
}

static int
noise(VipsImage *in, VipsImage **out, double sigma)
{
	VipsImage *grain = NULL, *sum = NULL;
	int rc;

	if (vips_gaussnoise(&grain, vips_image_get_width(in),
		vips_image_get_height(in), "sigma", sigma, "mean", 0.0, "seed",
		1, NULL) != 0)
		return -1;
	rc = vips_add(in, grain, &sum, NULL);
	g_object_unref(grain);
	return to_bytes(sum, rc, out);
}

/* The middle, without so much of the area. */
static int
crop(VipsImage *in, VipsImage **out, double percent)
{
	const double keep = sqrt(1 - percent / 100);
	const int w = (int)lround(vips_image_get_width(in) * keep);
	const int h = (int)lround(vips_image_get_height(in) * keep);

	return vips_extract_area(in, out, (vips_image_get_width(in) - w) / 2,
	    (vips_image_get_height(in) - h) / 2, w, h, NULL);
}

static int
embed(VipsImage *in, VipsImage **out, int left, int top, const double rgb[3])
{
	VipsArrayDouble *ground = vips_array_double_new(rgb, 3);
	const int rc =
	    vips_embed(in, out, left, top, vips_image_get_width(in) + 2 * left,
		vips_image_get_height(in) + 2 * top, "extend",
		VIPS_EXTEND_BACKGROUND, "background", ground, NULL);

	vips_area_unref(VIPS_AREA(ground));
	return rc;
}

/* All around, as wide as so much of the shorter side. */
static int
border(VipsImage *in, VipsImage **out, double percent, const double rgb[3])
{
	const int w = vips_image_get_width(in), h = vips_image_get_height(in);
	const int wide = (int)lround((w < h ? w : h) * percent / 100);

	return embed(in, out, wide, wide, rgb);
}

static int
white_border(VipsImage *in, VipsImage **out, double percent)
{
	return border(in, out, percent, (const double[]){ 255, 255, 255 });
}

static int
black_border(VipsImage *in, VipsImage **out, double percent)
{
	return border(in, out, percent, (const double[]){ 0, 0, 0 });
}

static int
red_border(VipsImage *in, VipsImage **out, double percent)
{
	return border(in, out, percent, (const double[]){ 180, 30, 60 });
}

static int
letterbox(VipsImage *in, VipsImage **out, double percent)
{
	return embed(in, out, 0,
	    (int)lround(vips_image_get_height(in) * percent / 100),
	    (const double[]){ 0, 0, 0 });
}

static int
pillarbox(VipsImage *in, VipsImage **out, double percent)
{
	return embed(in, out,
	    (int)lround(vips_image_get_width(in) * percent / 100), 0,
	    (const double[]){ 255, 255, 255 });
}

/* By an angle: what comes free is black. */
static int
rotate(VipsImage *in, VipsImage **out, double angle)
{
	return vips_rotate(in, out, angle, NULL);
}

/* As a viewer turns it that finds this orientation. */
static int
turn(VipsImage *in, VipsImage **out, double orientation)
{
	static const struct {
		VipsAngle angle;
		int flip; /* then, left and right */
	} of[] = { { VIPS_ANGLE_D0, 0 }, { VIPS_ANGLE_D0, 1 },
		{ VIPS_ANGLE_D180, 0 }, { VIPS_ANGLE_D180, 1 },
		{ VIPS_ANGLE_D90, 1 }, { VIPS_ANGLE_D90, 0 },
		{ VIPS_ANGLE_D270, 1 }, { VIPS_ANGLE_D270, 0 } };
	const int i = (int)orientation - 1;
	VipsImage *t = NULL;
	int rc;

	if (vips_rot(in, &t, of[i].angle, NULL) != 0)
		return -1;
	rc = of[i].flip ? vips_flip(t, out, VIPS_DIRECTION_HORIZONTAL, NULL)
			: vips_copy(t, out, NULL);
	g_object_unref(t);
	return rc;
}

/* Stored the other way round, with a tag that says so. */
static int
tagged(VipsImage *in, VipsImage **out, double orientation)
{
	static const int back[] = { 1, 2, 3, 4, 5, 8, 7, 6 };
	const int rc = turn(in, out, back[(int)orientation - 1]);

	if (rc == 0)
		vips_image_set_int(
		    *out, VIPS_META_ORIENTATION, (int)orientation);
	return rc;
}

/*
 * A line of letters, five by seven dots each, across the middle, half
 * transparent.  Drawn by hand: vips_text() has been seen to crash.
 */
static int
watermark(VipsImage *in, VipsImage **out, double percent)
{
	static const unsigned char letters[][7] = {
		{ 14, 17, 16, 23, 17, 17, 14 }, { 30, 17, 17, 30, 20, 18, 17 },
		{ 14, 4, 4, 4, 4, 4, 14 }, { 30, 17, 17, 17, 17, 17, 30 },
		{ 30, 17, 17, 17, 17, 17, 30 }, { 16, 16, 16, 16, 16, 16, 31 },
		{ 31, 16, 16, 30, 16, 16, 31 }
	};
	VipsImage *copy = vips_image_copy_memory(in);
	const int w = vips_image_get_width(in), h = vips_image_get_height(in);
	const int dot = (int)(w * percent / 100 / (6 * 7));
	const int left = (w - dot * 6 * 7) / 2, top = (h - dot * 7) / 2;
	VipsPel *p, *all;
	int x, y, band, column, bands;

	if (copy == NULL)
		return -1;
	bands = vips_image_get_bands(copy);
	all = (VipsPel *)(uintptr_t)vips_image_get_data(copy);
	for (y = 0; y < dot * 7; y++)
		for (x = 0; x < dot * 6 * 7; x++) {
			column = x / dot % 6;
			if (column == 5 ||
			    (letters[x / dot / 6][y / dot] >> (4 - column) &
				1) == 0)
				continue;
			p = all + ((top + y) * w + left + x) * bands;
			for (band = 0; band < bands; band++)
				p[band] = (VipsPel)((p[band] + 255) / 2);
		}
	*out = copy;
	return 0;
}

static const struct change changes[] = {
	{ .name = "jpeg 75", .make = as_it_is, .by = 0, .quality = 75 },
	{ .name = "jpeg 50", .make = as_it_is, .by = 0, .quality = 50 },
	{ .name = "jpeg 30", .make = as_it_is, .by = 0, .quality = 30 },
	{ .name = "jpeg 20", .make = as_it_is, .by = 0, .quality = 20 },
	{ .name = "jpeg 15", .make = as_it_is, .by = 0, .quality = 15 },
	{ .name = "jpeg 10", .make = as_it_is, .by = 0, .quality = 10 },
	{ .name = "jpeg 8", .make = as_it_is, .by = 0, .quality = 8 },
	{ .name = "jpeg 5", .make = as_it_is, .by = 0, .quality = 5 },
	{ .name = "jpeg 3", .make = as_it_is, .by = 0, .quality = 3 },
	{ .name = "png", .make = as_it_is, .by = 0, .to = PNG },
	{ .name = "webp", .make = as_it_is, .by = 0, .to = WEBP },
	{ .name = "gif", .make = as_it_is, .by = 0, .to = GIF },
	{ .name = "scale 2", .make = resize, .by = 2 },
	{ .name = "scale 0.75", .make = resize, .by = 0.75 },
	{ .name = "scale 0.5", .make = resize, .by = 0.5 },
	{ .name = "scale 0.25", .make = resize, .by = 0.25 },
	{ .name = "scale 0.125", .make = resize, .by = 0.125 },
	{ .name = "aspect 1:1", .make = square, .by = 400 },
	{ .name = "gray", .make = gray, .by = 0 },
	{ .name = "blur 1", .make = blur, .by = 1 },
	{ .name = "blur 2", .make = blur, .by = 2 },
	{ .name = "blur 4", .make = blur, .by = 4 },
	{ .name = "noise 10", .make = noise, .by = 10 },
	{ .name = "noise 25", .make = noise, .by = 25 },
	{ .name = "gamma 0.5", .make = gamma_by, .by = 0.5 },
	{ .name = "gamma 2", .make = gamma_by, .by = 2 },
	{ .name = "contrast 0.7", .make = contrast, .by = 0.7 },
	{ .name = "contrast 1.3", .make = contrast, .by = 1.3 },
	{ .name = "brightness -40", .make = brightness, .by = -40 },
	{ .name = "brightness +40", .make = brightness, .by = 40 },
	{ .name = "watermark", .make = watermark, .by = 60 },
	{ .name = "crop 2 %", .make = crop, .by = 2 },
	{ .name = "crop 5 %", .make = crop, .by = 5 },
	{ .name = "crop 10 %", .make = crop, .by = 10 },
	{ .name = "crop 15 %", .make = crop, .by = 15 },
	{ .name = "crop 20 %", .make = crop, .by = 20 },
	{ .name = "crop 30 %", .make = crop, .by = 30 },
	{ .name = "crop 50 %", .make = crop, .by = 50 },
	{ .name = "crop 80 %", .make = crop, .by = 80 },
	{ .name = "white border 2 %", .make = white_border, .by = 2 },
	{ .name = "white border 5 %", .make = white_border, .by = 5 },
	{ .name = "white border 10 %", .make = white_border, .by = 10 },
	{ .name = "black border 5 %", .make = black_border, .by = 5 },
	{ .name = "red border 5 %", .make = red_border, .by = 5 },
	{ .name = "red border 5 %, jpeg 30",
	    .make = red_border,
	    .by = 5,
	    .quality = 30 },
	{ .name = "letterbox 12 %", .make = letterbox, .by = 12 },
	{ .name = "pillarbox 20 %", .make = pillarbox, .by = 20 },
	{ .name = "rotate 1", .make = rotate, .by = 1 },
	{ .name = "rotate 2", .make = rotate, .by = 2 },
	{ .name = "rotate 4", .make = rotate, .by = 4 },
	{ .name = "rotate 25", .make = rotate, .by = 25 },
	{ .name = "mirror left, right", .make = turn, .by = 2 },
	{ .name = "mirror top, bottom", .make = turn, .by = 4 },
	{ .name = "rotate 90", .make = turn, .by = 6 },
	{ .name = "rotate 180", .make = turn, .by = 3 },
	{ .name = "rotate 270", .make = turn, .by = 8 },
	{ .name = "transpose", .make = turn, .by = 5 },
	{ .name = "transverse", .make = turn, .by = 7 },
	{ .name = "EXIF orientation 2", .make = tagged, .by = 2 },
	{ .name = "EXIF orientation 3", .make = tagged, .by = 3 },
	{ .name = "EXIF orientation 4", .make = tagged, .by = 4 },
	{ .name = "EXIF orientation 5", .make = tagged, .by = 5 },
	{ .name = "EXIF orientation 6", .make = tagged, .by = 6 },
	{ .name = "EXIF orientation 7", .make = tagged, .by = 7 },
	{ .name = "EXIF orientation 8", .make = tagged, .by = 8 },
	{ .name = "mirror, jpeg 20", .make = turn, .by = 2, .quality = 20 },
	{ .name = "rotate 90, white 5 %",
	    .make = turn,
	    .by = 6,
	    .then = white_border,
	    .then_by = 5 },
	{ .name = "mirror, scale 0.5",
	    .make = turn,
	    .by = 2,
	    .then = resize,
	    .then_by = 0.5 },
	{ .name = "letterbox, scale 0.5",
	    .make = letterbox,
	    .by = 12,
	    .then = resize,
	    .then_by = 0.5 },
};

const size_t changes_n = ARRAY_SIZE(changes);

const char *
changes_name(size_t i)
{
	return changes[i].name;
}

static void *
save(VipsImage *image, const struct change *c, size_t *ret_len)
{
	void *data = NULL;
	int rc = -1;

	if (c->to == JPEG)
		rc = vips_jpegsave_buffer(image, &data, ret_len, "Q",
		    c->quality > 0 ? c->quality : QUALITY, NULL);
	else if (c->to == PNG)
		rc = vips_pngsave_buffer(
		    image, &data, ret_len, "compression", 1, NULL);
	else if (c->to == WEBP)
		rc = vips_webpsave_buffer(
		    image, &data, ret_len, "effort", 1, NULL);
	else
		rc = vips_gifsave_buffer(
		    image, &data, ret_len, "effort", 1, NULL);
	return rc == 0 ? data : NULL;
}

void *
changes_apply(size_t i, const void *jpeg, size_t len, size_t *ret_len)
{
	const struct change *const c = &changes[i];
	VipsImage *in = NULL, *first = NULL, *out = NULL;
	void *data = NULL;

	if (vips_jpegload_buffer((void *)(uintptr_t)jpeg, len, &in, NULL) ==
		0 &&
	    c->make(in, &first, c->by) == 0 &&
	    (c->then != NULL ? c->then(first, &out, c->then_by)
			     : vips_copy(first, &out, NULL)) == 0)
		data = save(out, c, ret_len);
	g_clear_object(&in);
	g_clear_object(&first);
	g_clear_object(&out);
	if (data == NULL)
		fprintf(stderr, "%s: %s", c->name, vips_error_buffer());
	vips_error_clear();
	return data;
}
