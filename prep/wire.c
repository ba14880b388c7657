/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/wire_int.h"

#include <string.h>

/* What dedup wants; all zeros where there is none. */
struct told_look {
	uint8_t pdq[PDQ_SIZE];
	uint8_t trim_pdq[PDQ_SIZE];
	uint8_t phash[PHASH_SIZE];
	int32_t pdq_quality, trim_quality;
	int32_t compression;
	uint32_t trimmed;
	struct look_view whole, trim;
	struct visit_codes codes;
};

struct told_visit {
	uint32_t reason, format;
	int32_t stored_w, stored_h;
	int32_t orientation, frames, bands;
	uint32_t has_alpha, has_profile, warned;
	uint8_t pixel_digest[XXH3_SIZE];
	struct told_look look;
	float scores[QUALITY_COUNT];
	int32_t jpeg_w, jpeg_h, thumb_w, thumb_h;
	uint32_t jpeg_len, thumb_len; /* of what follows */
};

struct told_pixels {
	int32_t w, h; /* then the pixels */
};

/* ---- the parent asks ---- */

struct limits
limits_of(const struct prep_opts *o)
{
	return (struct limits){
		.max_pixels = o->max_pixels,
		.max_side = o->max_side,
		.min_side = o->min_side,
		.max_frames = o->max_frames,
		.max_aspect = o->max_aspect,
		.formats = formats_of(&o->formats),
	};
}

int
wire_ask_visit(struct buf *request, const struct prep_opts *o,
    const struct recipe *recipe, enum ask_facts facts)
{
	const struct ask ask = {
		.kind = ASK_VISIT,
		.facts = facts,
		.limits = limits_of(o),
		.text_len = (uint32_t)strlen(recipe->text) + 1,
	};

	return buf_add(request, &ask, sizeof(ask)) < 0
	    ? -1
	    : buf_add(request, recipe->text, ask.text_len);
}

bool
wire_is_inline(const struct prep_picture *p)
{
	return p->jpeg.len > 0 && p->jpeg.len <= WIRE_INLINE_MAX;
}

int
wire_ask_picture(
    struct buf *request, enum ask_kind kind, const struct prep_picture *p)
{
	struct ask ask = {
		.kind = kind,
		.jpeg_len = wire_is_inline(p) ? (uint32_t)p->jpeg.len : 0,
	};

	if (p->augment != NULL) {
		ask.text_len = (uint32_t)strlen(p->augment->text) + 1;
		memcpy(ask.key, p->key, sizeof(ask.key));
	}
	if (buf_add(request, &ask, sizeof(ask)) < 0 ||
	    (p->augment != NULL &&
		buf_add(request, p->augment->text, ask.text_len) < 0))
		return -1;
	return buf_add(request, p->jpeg.data, ask.jpeg_len);
}

/* ---- the child reads and answers ---- */

int
wire_read_ask(const struct buf *request, struct ask *ret, const char **ret_text,
    const uint8_t **ret_jpeg)
{
	const unsigned char *rest;

	if (request->len < sizeof(*ret))
		return -1;
	memcpy(ret, request->data, sizeof(*ret));
	if (ret->text_len > WIRE_TEXT_MAX ||
	    (uint64_t)ret->text_len + ret->jpeg_len !=
		request->len - sizeof(*ret))
		return -1;
	rest = request->data + sizeof(*ret);
	if (ret->text_len > 0 && rest[ret->text_len - 1] != 0)
		return -1;
	*ret_text = (const char *)rest;
	*ret_jpeg = rest + ret->text_len;
	return 0;
}

static void
tell_look(const struct visit *v, struct told_look *ret)
{
	memcpy(ret->pdq, v->pdq.bits, sizeof(ret->pdq));
	memcpy(ret->trim_pdq, v->trim_pdq.bits, sizeof(ret->trim_pdq));
	memcpy(ret->phash, v->phash, sizeof(ret->phash));
	ret->pdq_quality = v->pdq.quality;
	ret->trim_quality = v->trim_pdq.quality;
	ret->compression = v->compression;
	ret->trimmed = v->look.trimmed;
	ret->whole = v->look.whole;
	ret->trim = v->look.trim;
	ret->codes = v->codes;
}

int
wire_tell_visit(struct buf *answer, const struct visit *v, enum format format)
{
	struct told_visit t = {
		.reason = v->reason,
		.format = format,
		.stored_w = v->stored_w,
		.stored_h = v->stored_h,
		.orientation = v->orientation,
		.frames = v->frames,
		.bands = v->bands,
		.has_alpha = v->has_alpha,
		.has_profile = v->has_profile,
		.warned = v->warned,
		.jpeg_w = v->jpeg_w,
		.jpeg_h = v->jpeg_h,
		.jpeg_len = (uint32_t)v->jpeg.len,
		.thumb_w = v->thumb_w,
		.thumb_h = v->thumb_h,
		.thumb_len = (uint32_t)v->thumb.len,
	};

	memcpy(t.pixel_digest, v->pixel_digest, sizeof(t.pixel_digest));
	tell_look(v, &t.look);
	memcpy(t.scores, v->quality.score, sizeof(t.scores));
	if (buf_add(answer, &t, sizeof(t)) < 0 ||
	    buf_add(answer, v->jpeg.data, v->jpeg.len) < 0)
		return -1;
	return buf_add(answer, v->thumb.data, v->thumb.len);
}

int
wire_tell_pixels(struct buf *answer, int w, int h)
{
	const struct told_pixels t = { .w = w, .h = h };

	return buf_add(answer, &t, sizeof(t));
}

/* ---- the parent checks ---- */

static bool
within(int64_t n, int64_t min, int64_t max)
{
	return n >= min && n <= max;
}

/* A header that was not read is all zeros. */
static bool
no_header(const struct told_visit *t)
{
	return t->stored_w == 0 && t->stored_h == 0 && t->orientation == 0 &&
	    t->frames == 0 && t->bands == 0 && t->has_alpha == 0 &&
	    t->has_profile == 0;
}

static bool
header_is_sane(const struct told_visit *t)
{
	if (t->warned > 1 || t->format >= FORMAT_COUNT)
		return false;
	if (no_header(t))
		return t->reason != REASON_none;
	return t->format != FORMAT_NONE && within(t->stored_w, 1, INT32_MAX) &&
	    within(t->stored_h, 1, INT32_MAX) && within(t->orientation, 1, 8) &&
	    within(t->frames, 1, INT32_MAX) && within(t->bands, 1, INT32_MAX) &&
	    t->has_alpha <= 1 && t->has_profile <= 1;
}

static bool
is_zero(const uint8_t *p, size_t n)
{
	while (n > 0 && p[n - 1] == 0)
		n--;
	return n == 0;
}

/* Is this one whole JPEG of the size that it is said to have? */
static bool
jpeg_is_sane(const uint8_t *jpeg, size_t len, int w, int h, int side_max)
{
	int is_w, is_h;

	return format_jpeg_size(jpeg, len, &is_w, &is_h) && w == is_w &&
	    h == is_h && within(w, 1, side_max) && within(h, 1, side_max);
}

static bool
scores_are_sane(const float scores[QUALITY_COUNT])
{
	int i = 0;

	while (i < QUALITY_COUNT && scores[i] >= 0 && scores[i] <= 1)
		i++;
	return i == QUALITY_COUNT;
}

static bool
look_is_sane(const struct told_look *l)
{
	if (l->trimmed == 0 &&
	    (l->trim_quality != 0 ||
		!is_zero(l->trim_pdq, sizeof(l->trim_pdq)) ||
		!is_zero((const uint8_t *)&l->trim, sizeof(l->trim))))
		return false;
	return l->trimmed <= 1 && within(l->pdq_quality, 0, 100) &&
	    within(l->trim_quality, 0, 100) && within(l->compression, 0, 100);
}

/* Facts are there when they were asked for and only then. */
static bool
facts_are_sane(const struct told_visit *t, bool wanted, const uint8_t *thumb)
{
	if (t->reason != REASON_none || !wanted)
		return is_zero(t->pixel_digest, sizeof(t->pixel_digest)) &&
		    is_zero((const uint8_t *)&t->look, sizeof(t->look)) &&
		    is_zero((const uint8_t *)t->scores, sizeof(t->scores)) &&
		    t->thumb_len == 0 && t->thumb_w == 0 && t->thumb_h == 0;
	return look_is_sane(&t->look) && scores_are_sane(t->scores) &&
	    jpeg_is_sane(
		thumb, t->thumb_len, t->thumb_w, t->thumb_h, PREP_THUMB_SIDE);
}

/* What the limits forbid, an honest child has refused. */
static bool
is_within_limits(const struct told_visit *t, const struct prep_opts *o)
{
	return (formats_of(&o->formats) & 1u << t->format) != 0 &&
	    within(t->stored_w, o->min_side, o->max_side) &&
	    within(t->stored_h, o->min_side, o->max_side) &&
	    (int64_t)t->stored_w * t->stored_h <= o->max_pixels &&
	    t->frames <= o->max_frames;
}

static bool
picture_is_sane(const struct told_visit *t, const uint8_t *jpeg)
{
	if (t->reason != REASON_none)
		return t->jpeg_len == 0 && t->jpeg_w == 0 && t->jpeg_h == 0;
	return jpeg_is_sane(
	    jpeg, t->jpeg_len, t->jpeg_w, t->jpeg_h, RECIPE_SIDE_MAX);
}

static void
take_look(const struct told_look *l, struct visit *ret)
{
	memcpy(ret->pdq.bits, l->pdq, sizeof(l->pdq));
	memcpy(ret->trim_pdq.bits, l->trim_pdq, sizeof(l->trim_pdq));
	memcpy(ret->phash, l->phash, sizeof(l->phash));
	ret->pdq.quality = l->pdq_quality;
	ret->trim_pdq.quality = l->trim_quality;
	ret->compression = l->compression;
	ret->look.trimmed = l->trimmed == 1;
	ret->look.whole = l->whole;
	ret->look.trim = l->trim;
	ret->codes = l->codes;
}

bool
wire_read_visit(const struct buf *answer, const struct prep_opts *o, bool facts,
    struct visit *ret)
{
	struct told_visit t;
	const uint8_t *jpeg, *thumb;

	if (answer->len < sizeof(t))
		return false;
	memcpy(&t, answer->data, sizeof(t));
	if ((uint64_t)t.jpeg_len + t.thumb_len != answer->len - sizeof(t))
		return false;
	jpeg = answer->data + sizeof(t);
	thumb = jpeg + t.jpeg_len;
	if (t.reason >= REASON_COUNT || !header_is_sane(&t) ||
	    !facts_are_sane(&t, facts, thumb) ||
	    (t.reason == REASON_none && !is_within_limits(&t, o)) ||
	    !picture_is_sane(&t, jpeg))
		return false;
	*ret = (struct visit){
		.reason = (enum prep_reason)t.reason,
		.format = format_name((enum format)t.format),
		.stored_w = t.stored_w,
		.stored_h = t.stored_h,
		.width = t.orientation >= 5 ? t.stored_h : t.stored_w,
		.height = t.orientation >= 5 ? t.stored_w : t.stored_h,
		.orientation = t.orientation,
		.frames = t.frames,
		.bands = t.bands,
		.has_alpha = t.has_alpha == 1,
		.has_profile = t.has_profile == 1,
		.warned = t.warned == 1,
		.jpeg = BUF_INIT(PROC_ANSWER_MAX),
		.jpeg_w = t.jpeg_w,
		.jpeg_h = t.jpeg_h,
		.thumb = BUF_INIT(PROC_ANSWER_MAX),
		.thumb_w = t.thumb_w,
		.thumb_h = t.thumb_h,
	};
	memcpy(ret->pixel_digest, t.pixel_digest, sizeof(t.pixel_digest));
	take_look(&t.look, ret);
	memcpy(ret->quality.score, t.scores, sizeof(t.scores));
	return buf_add(&ret->jpeg, jpeg, t.jpeg_len) == 0 &&
	    buf_add(&ret->thumb, thumb, t.thumb_len) == 0;
}

/* What follows the size; a size of 0 x 0 comes with nothing. */
static bool
read_size(const struct buf *answer, struct told_pixels *ret,
    const uint8_t **ret_rest, size_t *ret_len)
{
	if (answer->len < sizeof(*ret))
		return false;
	memcpy(ret, answer->data, sizeof(*ret));
	*ret_rest = answer->data + sizeof(*ret);
	*ret_len = answer->len - sizeof(*ret);
	if (ret->w == 0 && ret->h == 0)
		return *ret_len == 0;
	return within(ret->w, 1, RECIPE_SIDE_MAX) &&
	    within(ret->h, 1, RECIPE_SIDE_MAX);
}

bool
wire_read_pixels(
    const struct buf *answer, const uint8_t **ret_rgb, int *ret_w, int *ret_h)
{
	struct told_pixels t;
	const uint8_t *rest;
	size_t len;

	if (!read_size(answer, &t, &rest, &len) ||
	    len != (size_t)t.w * (size_t)t.h * 3)
		return false;
	*ret_rgb = t.w == 0 ? NULL : rest;
	*ret_w = t.w;
	*ret_h = t.h;
	return true;
}

bool
wire_read_copy(
    const struct buf *answer, const uint8_t **ret_jpeg, size_t *ret_len)
{
	struct told_pixels t;
	const uint8_t *rest;
	size_t len;
	int w, h;

	if (!read_size(answer, &t, &rest, &len) ||
	    (t.w != 0 &&
		(!format_jpeg_size(rest, len, &w, &h) || w != t.w || h != t.h)))
		return false;
	*ret_jpeg = t.w == 0 ? NULL : rest;
	*ret_len = len;
	return true;
}
