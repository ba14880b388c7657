/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libvips sniffs with loaders that are blocked, and its options for broken
 * files are ignored by its thumbnailer; so the loader is called by its name,
 * and told what a truncated file is.  Pictures are computed strip by strip
 * in this thread, without libvips' pool.
 */
#include "prep/load_int.h"

#include <gmodule.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>
/* After the above, which it needs. */
#include <vips/vector.h>

#include "base/mem.h"
#include "prep/jpeg_int.h"
#include "prep/profile_int.h"

#define STRIP 16 /* rows at a time */
#define SHORT_MAX 65535.0
#define BYTE_MAX 255.0

static void
unref_image(VipsImage **image)
{
	g_clear_object(image);
}

/* ---- start ---- */

static void
note(const gchar *domain, GLogLevelFlags level, const gchar *text,
    gpointer doubts)
{
	(void)domain;
	(void)text;
	if ((level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL)) != 0)
		atomic_store((atomic_bool *)doubts, true);
}

/* A plug-in that is not there leaves its formats undecodable. */
static void
load_plugins(void)
{
	static const char *const names[] = { "vips-heif", "vips-jxl" };
	char path[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s.%s", VIPS_MODULES, names[i],
		    G_MODULE_SUFFIX);
		g_module_open(path, G_MODULE_BIND_LAZY);
	}
}

/*
 * Without its plug-ins, which it looks for under VIPSHOME, libvips starts
 * ten times faster and ImageMagick, poppler and others stay out of the
 * process.
 */
int
load_start(atomic_bool *doubts, bool plugins)
{
	static const char *const allowed[] = { "VipsForeignLoadJpeg",
		"VipsForeignLoadPng", "VipsForeignLoadNsgif",
		"VipsForeignLoadWebp", "VipsForeignLoadTiff",
		"VipsForeignLoadHeif", "VipsForeignLoadJxl" };
	size_t i;

	g_log_set_default_handler(note, doubts);
	if (setenv("VIPSHOME", "/nonexistent", 1) != 0 ||
	    vips_init("griddle") != 0)
		return -1;
	if (plugins)
		load_plugins();
	vips_vector_set_enabled(FALSE);
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	vips_block_untrusted_set(TRUE);
	vips_operation_block_set("VipsForeignLoad", TRUE);
	for (i = 0; i < ARRAY_SIZE(allowed); i++)
		vips_operation_block_set(allowed[i], FALSE);
	return 0;
}

/* ---- header ---- */

static VipsImage *
open_image(const struct source *s, int shrink)
{
	void *const data = (void *)(uintptr_t)s->data;
	VipsImage *image = NULL;
	int rc = -1;

#define SAFELY \
	"access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED
	switch (s->format) {
	case FORMAT_JPEG:
		rc = vips_jpegload_buffer(
		    data, s->len, &image, SAFELY, "shrink", shrink, NULL);
		break;
	case FORMAT_PNG:
		rc = vips_pngload_buffer(data, s->len, &image, SAFELY, NULL);
		break;
	case FORMAT_GIF:
		rc = vips_gifload_buffer(data, s->len, &image, SAFELY, NULL);
		break;
	case FORMAT_WEBP:
		rc = vips_webpload_buffer(data, s->len, &image, SAFELY, NULL);
		break;
	case FORMAT_TIFF:
		rc = vips_tiffload_buffer(data, s->len, &image, SAFELY, NULL);
		break;
	case FORMAT_HEIF:
	case FORMAT_AVIF:
		rc = vips_heifload_buffer(data, s->len, &image, SAFELY, NULL);
		break;
	case FORMAT_JXL:
		rc = vips_jxlload_buffer(data, s->len, &image, SAFELY, NULL);
		break;
	default:
		break;
	}
#undef SAFELY
	vips_error_clear();
	if (rc != 0)
		unref_image(&image);
	return image;
}

void
load_close(struct source *s)
{
	unref_image(&s->opened);
	jpeg_close(s->jpeg);
	s->jpeg = NULL;
}

/*
 * True when the file is a JPEG that needs no libvips: *ret_read says whether
 * its header can be read.
 */
static bool
jpeg_header(struct source *s, struct header *ret, bool *ret_read)
{
	struct jpeg_header h;
	enum jpeg_kind kind;

	if (s->format != FORMAT_JPEG)
		return false;
	kind = jpeg_open(s->data, s->len, &s->jpeg, &h);
	*ret_read = kind == JPEG_PLAIN;
	if (kind != JPEG_PLAIN)
		return kind == JPEG_BROKEN;
	if (h.bands == 1 && h.icc != NULL &&
	    profile_fits(h.icc, h.icc_len, 1)) {
		load_close(s);
		return false;
	}
	s->bands = h.bands;
	s->icc = h.icc;
	s->icc_len = h.icc_len;
	*ret = (struct header){
		.w = h.w,
		.h = h.h,
		.orientation = h.orientation,
		.frames = 1,
		.bands = h.bands,
		.has_profile = h.icc != NULL,
	};
	return true;
}

static bool
vips_header(struct source *s, struct header *ret)
{
	VipsImage *const image = open_image(s, 1);
	int frames = 1;

	s->opened = image;
	if (image == NULL)
		return false;
	if (vips_image_get_typeof(image, VIPS_META_N_PAGES) != 0 &&
	    vips_image_get_int(image, VIPS_META_N_PAGES, &frames) != 0)
		vips_error_clear();
	*ret = (struct header){
		.w = vips_image_get_width(image),
		.h = vips_image_get_height(image),
		.orientation = vips_image_get_orientation(image),
		.frames = frames,
		.bands = vips_image_get_bands(image),
		.has_alpha = vips_image_hasalpha(image) != 0,
		.has_profile =
		    vips_image_get_typeof(image, VIPS_META_ICC_NAME) != 0,
	};
	return true;
}

bool
load_header(struct source *s, struct header *ret)
{
	bool read;

	load_close(s);
	return jpeg_header(s, ret, &read) ? read : vips_header(s, ret);
}

/* ---- to sRGB; each of these takes over the image and gives the next ---- */

static VipsImage *
next_or_null(int rc, VipsImage *before, VipsImage *after)
{
	g_object_unref(before);
	if (rc != 0)
		vips_error_clear();
	return rc == 0 ? after : NULL;
}

static bool
is_short(const VipsImage *image)
{
	return image->BandFmt == VIPS_FORMAT_USHORT;
}

/* Inks are the other way round: none of them is white. */
static VipsImage *
on_paper(VipsImage *in, enum paper paper)
{
	const double max = is_short(in) ? SHORT_MAX : BYTE_MAX;
	const bool inks =
	    vips_image_guess_interpretation(in) == VIPS_INTERPRETATION_CMYK;
	VipsArrayDouble *ground =
	    vips_array_double_newv(1, inks == (paper == PAPER_WHITE) ? 0 : max);
	VipsImage *out = NULL;
	int rc;

	rc = vips_flatten(
	    in, &out, "background", ground, "max_alpha", max, NULL);
	vips_area_unref(VIPS_AREA(ground));
	return next_or_null(rc, in, out);
}

/*
 * By its own profile, if that is for such pixels; sRGB's own needs nothing.
 * A profile that does not work is no reason to refuse the picture.
 */
static VipsImage *
by_profile(VipsImage *in, atomic_bool *doubts)
{
	const void *profile;
	size_t len;
	VipsImage *out = NULL;

	if (vips_image_get_blob(in, VIPS_META_ICC_NAME, &profile, &len) != 0) {
		vips_error_clear();
		return in;
	}
	if (!profile_fits(profile, len, vips_image_get_bands(in))) {
		atomic_store(doubts, true);
		return in;
	}
	if (profile_is_srgb(profile, len))
		return in;
	if (vips_icc_transform(in, &out, "srgb", "embedded", TRUE, "depth", 8,
		"intent", VIPS_INTENT_PERCEPTUAL, NULL) == 0) {
		g_object_unref(in);
		return out;
	}
	vips_error_clear();
	atomic_store(doubts, true);
	return in;
}

static VipsImage *
to_bytes(VipsImage *in)
{
	const VipsInterpretation now = vips_image_guess_interpretation(in);
	VipsImage *out = NULL;
	int rc;

	if (in->BandFmt == VIPS_FORMAT_UCHAR &&
	    (now == VIPS_INTERPRETATION_sRGB || now == VIPS_INTERPRETATION_B_W))
		return in;
	rc = vips_colourspace(in, &out, VIPS_INTERPRETATION_sRGB, NULL);
	return next_or_null(rc, in, out);
}

/* Samples of other kinds have no agreed white and black. */
static bool
has_known_range(const VipsImage *image)
{
	switch (vips_image_guess_interpretation(image)) {
	case VIPS_INTERPRETATION_scRGB:
	case VIPS_INTERPRETATION_LAB:
	case VIPS_INTERPRETATION_LABS:
		return true;
	default:
		return image->BandFmt == VIPS_FORMAT_UCHAR || is_short(image);
	}
}

/* Takes over `image`; gives one or three bands of 8 bits, or NULL. */
static VipsImage *
to_srgb(VipsImage *image, enum paper paper, atomic_bool *doubts)
{
	if (vips_image_hasalpha(image) &&
	    (image->BandFmt == VIPS_FORMAT_UCHAR || is_short(image)))
		image = on_paper(image, paper);
	if (image != NULL)
		image = by_profile(image, doubts);
	if (image != NULL)
		image = to_bytes(image);
	if (image != NULL && image->BandFmt == VIPS_FORMAT_UCHAR)
		return image;
	g_clear_object(&image);
	return NULL;
}

/* ---- pixels ---- */

/* One row of `bands` to one of three: the first three, or the first. */
static void
take_row(const uint8_t *from, int bands, int w, uint8_t *to)
{
	const int green = bands < RASTER_BANDS ? 0 : 1;
	const int blue = bands < RASTER_BANDS ? 0 : 2;
	int x;

	if (bands == RASTER_BANDS) {
		memcpy(to, from, (size_t)w * RASTER_BANDS);
		return;
	}
	for (x = 0; x < w; x++, from += bands, to += RASTER_BANDS) {
		to[0] = from[0];
		to[1] = from[green];
		to[2] = from[blue];
	}
}

static int
take_strips(VipsImage *image, struct raster *r)
{
	VipsRegion *region = vips_region_new(image);
	const int bands = vips_image_get_bands(image);
	VipsRect strip = { .width = r->w };
	const uint8_t *row;
	int y = 0, rc = 0;

	while (rc == 0 && y < r->h) {
		strip.top = y;
		strip.height = r->h - y < STRIP ? r->h - y : STRIP;
		rc = vips_region_prepare(region, &strip);
		for (; rc == 0 && y < strip.top + strip.height; y++) {
			row = region->data +
			    (ptrdiff_t)(y - region->valid.top) * region->bpl;
			take_row(row, bands, r->w,
			    r->px + (size_t)y * (size_t)r->w * RASTER_BANDS);
		}
	}
	g_object_unref(region);
	vips_error_clear();
	return rc;
}

enum prep_reason
load_damage(const struct source *s)
{
	return format_is_cut_off(s->format, s->data, s->len)
	    ? REASON_truncated
	    : REASON_undecodable;
}

/* What is in libvips' hands becomes a raster; takes over the image. */
static enum prep_reason
take_srgb(
    struct source *s, VipsImage *image, enum paper paper, struct raster *ret)
{
	int rc;

	image = to_srgb(image, paper, s->doubts);
	if (image == NULL)
		return REASON_unsupported_pixels;
	*ret = raster_new(
	    vips_image_get_width(image), vips_image_get_height(image));
	rc = take_strips(image, ret);
	g_object_unref(image);
	if (rc == 0)
		return REASON_none;
	raster_release(ret);
	return load_damage(s);
}

static enum prep_reason
vips_pixels(struct source *s, int shrink, enum paper paper, struct raster *ret)
{
	VipsImage *image = shrink == 1 ? TAKE(s->opened) : NULL;

	if (image == NULL)
		image = open_image(s, shrink);
	if (image == NULL)
		return load_damage(s);
	if (has_known_range(image))
		return take_srgb(s, image, paper, ret);
	g_object_unref(image);
	return REASON_unsupported_pixels;
}

/* Through the profile, which is for such pixels and not sRGB's own. */
static enum prep_reason
transform(struct source *s, struct raster *r)
{
	struct raster from CLEANUP(raster_release) = *r;
	VipsImage *image;

	r->px = NULL;
	image = vips_image_new_from_memory(from.px, raster_bytes(&from), from.w,
	    from.h, RASTER_BANDS, VIPS_FORMAT_UCHAR);
	if (image == NULL)
		return REASON_unsupported_pixels;
	image->Type = VIPS_INTERPRETATION_sRGB;
	vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, s->icc, s->icc_len);
	return take_srgb(s, image, PAPER_WHITE, r);
}

static enum prep_reason
jpeg_pixels(struct source *s, int shrink, struct raster *ret)
{
	const int rc = jpeg_decode(s->jpeg, shrink, ret);

	if (jpeg_is_doubtful(s->jpeg))
		atomic_store(s->doubts, true);
	if (rc < 0)
		return load_damage(s);
	if (s->icc == NULL)
		return REASON_none;
	if (!profile_fits(s->icc, s->icc_len, s->bands))
		atomic_store(s->doubts, true);
	else if (!profile_is_srgb(s->icc, s->icc_len))
		return transform(s, ret);
	return REASON_none;
}

enum prep_reason
load_pixels(struct source *s, int shrink, enum paper paper, struct raster *ret)
{
	return s->jpeg != NULL ? jpeg_pixels(s, shrink, ret)
			       : vips_pixels(s, shrink, paper, ret);
}
