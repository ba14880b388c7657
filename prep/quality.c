/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/quality.h"

#include <math.h>
#include <string.h>

#include "base/md5.h"
#include "base/sha256.h"
#include "base/text.h"
#include "prep/quality_int.h"

static const struct {
	const char *name, *text;
} kinds[QUALITY_COUNT] = {
#define QUALITY(id, threshold, text) [QUALITY_##id] = { #id, text },
#include "prep/quality.def"
#undef QUALITY
};

static const struct opt quality_options[] = {
#define QUALITY(id, def_, text_) \
	{ #id, OPT_FIELD(struct quality_opts, threshold[QUALITY_##id]), \
		.def = #def_, .min = 0, .max = 1, \
		.text = "a lower score: the image " text_ },
#include "prep/quality.def"
#undef QUALITY
	{ 0 }
};

const struct opt_group quality_group = {
	.name = "quality",
	.text = "below which scores a picture has an issue",
	.opts = quality_options,
	.size = sizeof(struct quality_opts),
};

const char *
quality_name(enum quality_kind kind)
{
	return kinds[kind].name;
}

enum quality_kind
quality_by_name(const char *name)
{
	int kind = 0;

	while (kind < QUALITY_COUNT && strcmp(kinds[kind].name, name) != 0)
		kind++;
	return (enum quality_kind)kind;
}

const char *
quality_text(enum quality_kind kind)
{
	return kinds[kind].text;
}

/* ---- one picture ---- */

static double
aspect(const struct quality_facts *facts)
{
	const double w = facts->width, h = facts->height;

	return w < h ? w / h : h / w;
}

static bool
has_jpeg_blocks(const struct quality_facts *facts)
{
	return facts->format != NULL && strcmp(facts->format, "jpeg") == 0 &&
	    facts->shrink == 1;
}

void
quality_of(const struct raster *r, const struct quality_facts *facts,
    struct quality *ret)
{
	const bool one_band = facts->bands == 1 || facts->bands == 2;
	struct raster small CLEANUP(raster_release) = quality_small(r);
	float *score = ret->score;

	quality_colours(r, one_band, ret);
	score[QUALITY_odd_aspect] = (float)aspect(facts);
	score[QUALITY_blurry] = (float)quality_blurry(&small, r->w, r->h);
	score[QUALITY_grayscale] =
	    one_band ? 0 : (float)quality_grayscale(&small);
	score[QUALITY_odd_size] = 1;
	score[QUALITY_blocky] = has_jpeg_blocks(facts)
	    ? (float)quality_blocky(r, facts->orientation)
	    : 1;
	score[QUALITY_bordered] = (float)quality_bordered(&small);
	score[QUALITY_texty] = (float)quality_texty(r);
	score[QUALITY_placeholder] = facts->placeholder ? 0 : 1;
}

/* ---- placeholders ---- */

static const struct {
	size_t len;
	const char *digest;
} placeholders[] = {
#define PLACEHOLDER(len, digest, text) { len, digest },
#include "prep/placeholders.def"
#undef PLACEHOLDER
};

static bool
has_digest(const void *file, size_t len, const char *hex)
{
	unsigned char wanted[SHA256_SIZE], found[SHA256_SIZE];

	if (text_from_hex(wanted, MD5_SIZE, hex)) {
		md5_of(file, len, found);
		return memcmp(found, wanted, MD5_SIZE) == 0;
	}
	if (!text_from_hex(wanted, SHA256_SIZE, hex))
		return false;
	sha256_of(file, len, found);
	return memcmp(found, wanted, SHA256_SIZE) == 0;
}

bool
quality_is_placeholder(const void *file, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(placeholders); i++)
		if (placeholders[i].len == len &&
		    has_digest(file, len, placeholders[i].digest))
			return true;
	return false;
}
