/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/compare.h"

#include <string.h>

#include "dedup/dedup_int.h"
#include "dedup/verify.h"

static const char *const names[] = { [VERDICT_BYTES] = "bytes",
	[VERDICT_PIXELS] = "pixels",
	[VERDICT_NEAR] = "near",
	[VERDICT_VERIFIED] = "verified",
	[VERDICT_PROBABLE] = "probable",
	[VERDICT_DIFFERENT] = "different" };

const char *
verdict_name(enum verdict v)
{
	return names[v];
}

/* One way to lay the first over the second. */
struct way {
	int distance, turn;
	bool trimmed[2];
};

static void
try_way(struct way *best, const unsigned char *a, const unsigned char *b,
    struct way way)
{
	way.distance = pdq_distance(a, b);
	if (best->distance < 0 || way.distance < best->distance)
		*best = way;
}

/* By the codes as they are and those without a border. */
static struct way
upright(const struct dedup_opts *opts, const struct sample_code *a,
    const struct sample_code *b)
{
	const unsigned char *of_a[2] = { has_plain(opts, a) ? a->pdq : NULL,
		has_trim(opts, a) ? a->trim_pdq : NULL };
	const unsigned char *of_b[2] = { has_plain(opts, b) ? b->pdq : NULL,
		has_trim(opts, b) ? b->trim_pdq : NULL };
	struct way best = { .distance = -1 };
	int i, k;

	for (i = 0; i < 2; i++)
		for (k = 0; k < 2; k++)
			if (of_a[i] != NULL && of_b[k] != NULL)
				try_way(&best, of_a[i], of_b[k],
				    (struct way){ .trimmed = { i, k } });
	return best;
}

/* The later one is turned; the turn is given for the first. */
static struct way
turned(const struct dedup_opts *opts, const struct picture *a,
    const struct picture *b)
{
	bool first = a->code.id > b->code.id;
	const struct picture *later = first ? a : b, *other = first ? b : a;
	struct way best = { .distance = -1 };
	int t;

	if (!later->has_look || !has_plain(opts, &later->code) ||
	    !has_plain(opts, &other->code))
		return best;
	for (t = 1; t <= LOOK_TURNS; t++)
		try_way(&best, later->look.whole.turned[t - 1], other->code.pdq,
		    (struct way){ .turn = first ? t : pdq_turn_back(t) });
	return best;
}

static double
similar(const struct picture *a, const struct picture *b, const struct way *w)
{
	if (!a->has_look || !b->has_look || w->distance < 0)
		return -1;
	return verify_likeness(
	    w->trimmed[0] ? a->look.trim.gray : a->look.whole.gray,
	    w->trimmed[1] ? b->look.trim.gray : b->look.whole.gray, w->turn);
}

static bool
is_known(const unsigned char *phash)
{
	static const unsigned char zeros[32];

	return memcmp(phash, zeros, sizeof(zeros)) != 0;
}

static enum verdict
judge(const struct dedup_opts *opts, const struct sample_code *a,
    const struct sample_code *b, const struct comparison *c)
{
	if (memcmp(a->sha256, b->sha256, SHA256_SIZE) == 0)
		return VERDICT_BYTES;
	if (memcmp(a->pixel_digest, b->pixel_digest, XXH3_SIZE) == 0)
		return VERDICT_PIXELS;
	if (c->distance >= 0 && c->distance <= opts->duplicate)
		return VERDICT_NEAR;
	if (c->distance < 0 || c->distance > opts->probable || c->turn != 0)
		return VERDICT_DIFFERENT;
	return c->similar >= opts->similar ? VERDICT_VERIFIED
					   : VERDICT_PROBABLE;
}

void
pictures_compare(const struct dedup_opts *opts, const struct picture *a,
    const struct picture *b, struct comparison *ret)
{
	struct way way = upright(opts, &a->code, &b->code);
	struct way other = turned(opts, a, b);

	/* Turned ones are looked for up to `duplicate` only. */
	if (other.distance >= 0 &&
	    (way.distance < 0 ||
		(other.distance < way.distance &&
		    (other.distance <= opts->duplicate ||
			way.distance > opts->probable))))
		way = other;
	*ret = (struct comparison){
		.flat = way.distance < 0,
		.plain = pdq_distance(a->code.pdq, b->code.pdq),
		.distance = way.distance,
		.turn = way.turn,
		.trimmed = { way.trimmed[0], way.trimmed[1] },
		.phash = is_known(a->code.phash) && is_known(b->code.phash)
		    ? pdq_distance(a->code.phash, b->code.phash)
		    : -1,
		.similar = similar(a, b, &way),
	};
	ret->verdict = judge(opts, &a->code, &b->code, ret);
}

int
picture_get(struct store *s, int64_t id, struct picture *ret, struct err *e)
{
	int rc;

	*ret = (struct picture){ 0 };
	if (sample_code(s, id, &ret->code, e) < 0)
		return -1;
	rc = look_get(s, id, &ret->look, e);
	ret->has_look = rc == 1;
	return rc < 0 ? -1 : 0;
}

/* ---- without a catalog -------------------------------------------------- */

static int
give_look(void *ctx, size_t place, struct look *ret, struct err *e)
{
	const struct picture *v = ctx;

	(void)e;
	if (v[place].has_look)
		*ret = v[place].look;
	return v[place].has_look;
}

int
pictures_group(
    const struct dedup_opts *opts, struct picture *v, size_t n, struct err *e)
{
	struct member *m CLEANUP(freep) = xcalloc(n + 1, sizeof(*m));
	struct grouping g = { .opts = opts,
		.anew = true,
		.v = m,
		.n = n,
		.look = give_look,
		.ctx = v };
	size_t i;

	for (i = 0; i < n; i++)
		m[i].code = v[i].code;
	if (group_find(&g, e) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		v[i].keeper = group_place(&g, m[i].keeper);
		v[i].match = m[i].match;
		v[i].turn = m[i].turn;
		v[i].distance = m[i].distance;
	}
	return 0;
}
