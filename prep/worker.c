/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child: visits and pixels, one request at a time.  Nothing here trusts
 * the file; what it can do to this process ends with this process.
 */
#include "prep/prep.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "prep/augment_int.h"
#include "prep/jpeg_int.h"
#include "prep/load_int.h"
#include "prep/look_int.h"
#include "prep/steps_int.h"
#include "prep/wire_int.h"
#include "prep/worker_int.h"

#define INPUT_KEPT (64u << 20) /* a larger buffer is not kept for the next */
#define PICTURE_MAX (PROC_ANSWER_MAX - 4096)
#define FULL_SIDE 512 /* a JPEG is not shrunk below it on loading */
#define SHRINK_MAX 8
#define THUMB_QUALITY 80
#define QUALITY 95 /* of a prepared picture, with full chroma */

/* Above so many pixels, a file needs a byte for at least each 100th. */
#define BOMB_FROM 16000000
#define BOMB_PIXELS_PER_BYTE 100

/* ---- the file ---- */

/* All of a regular file, wherever its offset stands. */
static int
read_file(int fd, struct buf *b)
{
	struct stat st;
	unsigned char *room;
	ssize_t got = 1;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > (off_t)INPUT_MAX)
		return -1;
	room = buf_room(b, (size_t)st.st_size);
	while (got != 0 && b->len < (size_t)st.st_size) {
		got = pread(fd, room + b->len, (size_t)st.st_size - b->len,
		    (off_t)b->len);
		if (got < 0 && errno != EINTR)
			return -1;
		b->len += got < 0 ? 0 : (size_t)got;
	}
	return 0;
}

/* ---- a visit ---- */

static bool
is_bomb(int64_t pixels, size_t bytes)
{
	return pixels > BOMB_FROM &&
	    pixels / BOMB_PIXELS_PER_BYTE > (int64_t)bytes;
}

static enum prep_reason
judge(const struct header *h, size_t bytes, const struct limits *limits)
{
	const int64_t longer = h->w > h->h ? h->w : h->h;
	const int64_t shorter = h->w > h->h ? h->h : h->w;

	if (longer > limits->max_side)
		return REASON_too_long_side;
	if (longer * shorter > limits->max_pixels)
		return REASON_too_large;
	if (shorter < limits->min_side)
		return REASON_too_small;
	if ((double)longer > limits->max_aspect * (double)shorter)
		return REASON_odd_aspect;
	if (h->frames > limits->max_frames)
		return REASON_too_many_frames;
	if (is_bomb(longer * shorter, bytes))
		return REASON_bytes_per_pixel;
	return REASON_none;
}

static void
put_header(const struct header *h, struct visit *v)
{
	v->stored_w = h->w;
	v->stored_h = h->h;
	v->orientation = h->orientation;
	v->frames = h->frames;
	v->bands = h->bands;
	v->has_alpha = h->has_alpha;
	v->has_profile = h->has_profile;
}

/* By how much PREP_PIXELS_RULE shrinks a picture while it is decoded. */
static int
rule_shrink(const struct source *s, const struct header *h)
{
	int shrink = SHRINK_MAX;

	if (s->format != FORMAT_JPEG)
		return 1;
	while (shrink > 1 &&
	    (h->w / shrink < FULL_SIDE || h->h / shrink < FULL_SIDE))
		shrink /= 2;
	return shrink;
}

/* The same or less, if the recipe needs more than that leaves. */
static int
recipe_shrink(const struct recipe *recipe, const struct header *h, int shrink)
{
	while (shrink > 1 &&
	    !steps_can_start_from(
		recipe, h->w / shrink, h->h / shrink, h->orientation))
		shrink /= 2;
	return shrink;
}

static void
put_little(uint8_t *p, int n)
{
	int i;

	for (i = 0; i < 4; i++)
		p[i] = (uint8_t)((uint32_t)n >> (8 * i));
}

/* Of an upright picture. */
static void
put_facts(const struct raster *r, struct visit *v)
{
	static const char title[] = "griddle pixels 1\n";
	uint8_t head[sizeof(title) - 1 + 12], *shape = head + sizeof(title) - 1;

	memcpy(head, title, sizeof(title) - 1);
	put_little(shape, r->w);
	put_little(shape + 4, r->h);
	put_little(shape + 8, RASTER_BANDS);
	xxh3_of(head, sizeof(head), r->px, raster_bytes(r), v->pixel_digest);
}

/* Of canonical pixels, which were shrunk so much when they were loaded. */
static void
put_quality(const struct raster *r, int shrink, const char *format,
    bool placeholder, struct visit *v)
{
	const bool turned = v->orientation >= 5;

	quality_of(r,
	    &(struct quality_facts){
		.width = turned ? v->stored_h : v->stored_w,
		.height = turned ? v->stored_w : v->stored_h,
		.orientation = v->orientation,
		.shrink = shrink,
		.bands = v->bands,
		.format = format,
		.placeholder = placeholder,
	    },
	    &v->quality);
}

/* The whole picture, no larger than PREP_THUMB_SIDE, and its look. */
static enum prep_reason
put_thumb(const struct raster *r, struct visit *v)
{
	const int longer = r->w > r->h ? r->w : r->h;
	const int to = longer < PREP_THUMB_SIDE ? longer : PREP_THUMB_SIDE;
	const int w = (int)((int64_t)r->w * to / longer);
	const int h = (int)((int64_t)r->h * to / longer);
	struct raster small CLEANUP(raster_release) =
	    raster_reduced(r, w < 1 ? 1 : w, h < 1 ? 1 : h);

	look_of(r, &small, v);
	v->thumb_w = small.w;
	v->thumb_h = small.h;
	return jpeg_encode(&small, THUMB_QUALITY, false, &v->thumb) < 0
	    ? REASON_decoder_too_much
	    : REASON_none;
}

static enum prep_reason
load_upright(struct source *s, int shrink, enum paper paper, int orientation,
    struct raster *ret)
{
	const enum prep_reason reason = load_pixels(s, shrink, paper, ret);

	if (reason == REASON_none)
		raster_orient(ret, orientation);
	return reason;
}

/*
 * Put an upright picture, which lies on white, on the recipe's background.
 * What it is on black as well tells all there is to know of its transparency,
 * whatever its colours were; the rest is arithmetic.
 */
static enum prep_reason
put_on_background(struct source *s, const struct header *h,
    const struct recipe *recipe, struct raster *r)
{
	struct raster black CLEANUP(raster_release) = { 0 };
	const struct step *first = &recipe->steps[0];
	enum prep_reason reason;

	if (!h->has_alpha || first->kind != STEP_BACKGROUND)
		return REASON_none;
	reason = load_upright(s, 1, PAPER_BLACK, h->orientation, &black);
	if (reason == REASON_none)
		raster_put_on(r, &black, (uint32_t)first->value);
	return reason;
}

/* From an upright picture; few recipes want it as it was stored. */
static enum prep_reason
make_picture(const struct recipe *recipe, struct raster *r, int orientation,
    struct visit *v)
{
	const bool has_ground = recipe->steps[0].kind == STEP_BACKGROUND;

	if (recipe->steps[has_ground].kind == STEP_AUTOROTATE)
		orientation = 1;
	raster_orient(r, orientation_inverse(orientation));
	steps_apply(recipe, r, orientation);
	v->jpeg_w = r->w;
	v->jpeg_h = r->h;
	if (jpeg_encode(r, QUALITY, true, &v->jpeg) < 0)
		return REASON_decoder_too_much;
	return REASON_none;
}

/*
 * One decoding, except where the recipe wants a JPEG larger than the rule
 * leaves it: digest and code must not depend on the recipe.
 */
static enum prep_reason
visit_pixels(struct source *s, const struct header *h,
    const struct recipe *recipe, uint32_t facts, struct visit *v)
{
	const int by_rule = rule_shrink(s, h);
	const int shrink = recipe_shrink(recipe, h, by_rule);
	struct raster r CLEANUP(raster_release) = { 0 };
	enum prep_reason reason;

	reason = load_upright(s, facts != NO_FACTS ? by_rule : shrink,
	    PAPER_WHITE, h->orientation, &r);
	if (reason != REASON_none)
		return reason;
	if (facts != NO_FACTS) {
		put_facts(&r, v);
		if (facts == FACTS_AND_CODES)
			look_put_codes(&r, &v->codes);
		v->compression = compression_of(s->format, s->data, s->len);
		put_quality(
		    &r, by_rule, format_name(s->format), s->is_placeholder, v);
		reason = put_thumb(&r, v);
	}
	if (reason == REASON_none && facts != NO_FACTS && shrink != by_rule) {
		raster_release(&r);
		reason =
		    load_upright(s, shrink, PAPER_WHITE, h->orientation, &r);
	}
	if (reason == REASON_none)
		reason = put_on_background(s, h, recipe, &r);
	if (reason != REASON_none)
		return reason;
	return make_picture(recipe, &r, h->orientation, v);
}

/* That of the visit before, as a rule.  NULL: there is no such recipe. */
static const struct recipe *
recipe_of(struct worker_state *state, const char *steps)
{
	struct recipe *const r = &state->recipe;
	struct err err;

	if (r->n > 0 && strcmp(r->text, steps) == 0)
		return r;
	return recipe_parse(steps, r, &err) < 0 ? NULL : r;
}

static enum prep_reason
visit_bytes(struct worker_state *state, struct source *s, const struct ask *ask,
    const char *steps, struct visit *v)
{
	const struct recipe *const recipe = recipe_of(state, steps);
	struct buf *const file = &state->input;
	const size_t len = file->len;
	enum prep_reason reason;
	struct header header;

	if (recipe == NULL)
		return REASON_decoder_crashed;
	s->format = format_of(file->data, file->len, &reason);
	if (s->format == FORMAT_NONE)
		return reason;
	if ((ask->limits.formats & 1u << s->format) == 0)
		return REASON_unsupported_format;
	s->is_placeholder = ask->facts != NO_FACTS &&
	    quality_is_placeholder(file->data, file->len);
	if (s->format == FORMAT_PNG)
		file->len = format_drop_png_text(file->data, file->len);
	s->data = file->data;
	s->len = file->len;
	if (!load_header(s, &header))
		return load_damage(s);
	put_header(&header, v);
	reason = judge(&header, len, &ask->limits);
	if (reason != REASON_none)
		return reason;
	return visit_pixels(s, &header, recipe, ask->facts, v);
}

/* What was found before a refusal is no fact. */
static void
forget(struct visit *v)
{
	memset(v->pixel_digest, 0, sizeof(v->pixel_digest));
	v->pdq = v->trim_pdq = (struct pdq){ .quality = 0 };
	memset(v->phash, 0, sizeof(v->phash));
	memset(&v->look, 0, sizeof(v->look));
	memset(&v->codes, 0, sizeof(v->codes));
	v->compression = 0;
	v->quality = (struct quality){ .score = { 0 } };
	v->jpeg_w = v->jpeg_h = v->thumb_w = v->thumb_h = 0;
	buf_clear(&v->jpeg);
	buf_clear(&v->thumb);
}

static void
visit(struct worker_state *state, const struct ask *ask, const char *steps,
    int fd, struct buf *answer)
{
	struct visit v CLEANUP(visit_release) = { .jpeg = BUF_INIT(PICTURE_MAX),
		.thumb = BUF_INIT(PICTURE_MAX) };
	struct source s = { .doubts = &state->doubts };

	v.reason = REASON_unreadable;
	if (read_file(fd, &state->input) == 0)
		v.reason = visit_bytes(state, &s, ask, steps, &v);
	load_close(&s);
	v.warned = atomic_load(&state->doubts);
	if (v.reason != REASON_none)
		forget(&v);
	wire_tell_visit(answer, &v, s.format);
}

/* ---- pixels ---- */

/* Cap what a picture can ask for before it is decoded. */
static bool
load_prepared(struct source *s, struct raster *ret)
{
	struct header header;
	int w, h;

	s->format = FORMAT_JPEG;
	return format_jpeg_size(s->data, s->len, &w, &h) &&
	    w <= RECIPE_SIDE_MAX && h <= RECIPE_SIDE_MAX &&
	    load_header(s, &header) &&
	    load_pixels(s, 1, PAPER_WHITE, ret) == REASON_none;
}

/* The prepared picture that is asked for, as it is or a copy of it. */
static bool
load_asked(struct worker_state *state, const struct ask *ask, const char *text,
    const uint8_t *jpeg, int fd, struct raster *ret)
{
	struct source s = {
		.data = jpeg,
		.len = ask->jpeg_len,
		.doubts = &state->doubts,
	};
	struct augment augment;
	struct err err;
	bool loaded;

	if (ask->jpeg_len == 0) {
		if (read_file(fd, &state->input) < 0)
			buf_clear(&state->input);
		s.data = state->input.data;
		s.len = state->input.len;
	}
	loaded = load_prepared(&s, ret);
	load_close(&s);
	if (!loaded)
		return false;
	if (ask->text_len == 0)
		return true;
	if (augment_parse(text, &augment, &err) < 0)
		return false;
	augment_apply(&augment, ask->key, ret);
	return true;
}

static void
pixels(struct worker_state *state, const struct ask *ask, const char *text,
    const uint8_t *jpeg, int fd, struct buf *answer)
{
	struct raster r CLEANUP(raster_release) = { 0 };
	int rc;

	if (!load_asked(state, ask, text, jpeg, fd, &r)) {
		wire_tell_pixels(answer, 0, 0);
		return;
	}
	wire_tell_pixels(answer, r.w, r.h);
	rc = ask->kind == ASK_COPY ? jpeg_encode(&r, QUALITY, true, answer)
				   : buf_add(answer, r.px, raster_bytes(&r));
	if (rc < 0) {
		buf_clear(answer);
		wire_tell_pixels(answer, 0, 0);
	}
}

/* ---- the loop ---- */

void
worker_handle(void *ctx, const struct buf *request, int fd, struct buf *answer)
{
	struct worker_state *state = ctx;
	const uint8_t *jpeg;
	const char *text;
	struct ask ask;

	atomic_store(&state->doubts, false);
	/* An empty answer is none, and the parent takes it so. */
	if (wire_read_ask(request, &ask, &text, &jpeg) < 0)
		return;
	if (ask.kind == ASK_VISIT && ask.text_len > 0)
		visit(state, &ask, text, fd, answer);
	else if (ask.kind == ASK_PIXELS || ask.kind == ASK_COPY)
		pixels(state, &ask, text, jpeg, fd, answer);
	if (state->input.size > INPUT_KEPT)
		buf_release(&state->input);
	buf_clear(&state->input);
}

int
worker_start(struct worker_state *state, bool plugins)
{
	unsigned char digest[SHA256_SIZE];

	/* Memory goes from one picture to the next, not to the system. */
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	/* libcrypto reads its configuration when first used: not later. */
	sha256_of("", 0, digest);
	return load_start(&state->doubts, plugins);
}

static int
serve(bool plugins)
{
	struct worker_state state = WORKER_STATE_INIT;
	int status;

	if (worker_start(&state, plugins) < 0)
		return EXIT_FAILURE;
	status = proc_serve(worker_handle, &state);
	buf_release(&state.input);
	return status;
}

int
prep_worker(void)
{
	return serve(false);
}

int
prep_worker_plugins(void)
{
	return serve(true);
}
