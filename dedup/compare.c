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
	int distance, turn; /* -1: there is none */
	bool trimmed[2];
	double similar; /* -1: not known */
	bool same;      /* does it make them one? */
};

#define NO_WAY ((struct way){ .distance = -1, .similar = -1 })

static const unsigned char *
code_of(const struct dedup_opts *opts, const struct picture *p, bool trimmed,
    int turn)
{
	const struct look_view *view = trimmed ? &p->look.trim : &p->look.whole;

	if (!(trimmed ? has_trim : has_plain)(opts, &p->code))
		return NULL;
	if (turn == 0)
		return trimmed ? p->code.trim_pdq : p->code.pdq;
	return p->has_look && (!trimmed || p->look.trimmed)
	    ? view->turned[turn - 1]
	    : NULL;
}

static double
similar(const struct picture *a, const struct picture *b, const struct way *w)
{
	if (!a->has_look || !b->has_look)
		return -1;
	return verify_likeness(
	    w->trimmed[0] ? a->look.trim.gray : a->look.whole.gray,
	    w->trimmed[1] ? b->look.trim.gray : b->look.whole.gray, w->turn);
}

/* The later one is turned; the turn is given for the first. */
static struct way
way_of(const struct dedup_opts *opts, const struct picture *a,
    const struct picture *b, int turn, const bool trimmed[2])
{
	bool first = a->code.id > b->code.id;
	const unsigned char *of_a =
	    code_of(opts, a, trimmed[0], first ? turn : 0);
	const unsigned char *of_b =
	    code_of(opts, b, trimmed[1], first ? 0 : turn);
	int most = turn == 0 ? probable_most(opts) : turned_most(opts);
	struct way w = NO_WAY;

	if (of_a == NULL || of_b == NULL)
		return w;
	w.distance = pdq_distance(of_a, of_b);
	w.turn = first ? turn : pdq_turn_back(turn);
	w.trimmed[0] = trimmed[0];
	w.trimmed[1] = trimmed[1];
	if (w.distance <= most)
		w.similar = similar(a, b, &w);
	w.same = w.distance <= opts->duplicate ||
	    (w.distance <= most && w.similar >= opts->similar);
	return w;
}

/*
 * What says that they are one goes before what does not, then the nearest;
 * but what would be probable as it is, before what is nothing turned.
 */
static bool
is_nearer(
    const struct dedup_opts *opts, const struct way *w, const struct way *best)
{
	if (w->distance < 0 || best->distance < 0)
		return w->distance >= 0;
	if (w->same != best->same)
		return w->same;
	if (!w->same && best->turn == 0 && w->turn != 0 &&
	    best->distance <= opts->probable)
		return false;
	return w->distance < best->distance;
}

static struct way
nearest_way(const struct dedup_opts *opts, const struct picture *a,
    const struct picture *b)
{
	struct way best = NO_WAY, w;
	int turn, i;

	for (turn = 0; turn <= LOOK_TURNS; turn++)
		for (i = 0; i < 4; i++) {
			w = way_of(
			    opts, a, b, turn, (const bool[2]){ i & 1, i >> 1 });
			if (is_nearer(opts, &w, &best))
				best = w;
		}
	if (best.distance >= 0 && best.similar < 0)
		best.similar = similar(a, b, &best);
	return best;
}

static bool
is_known(const unsigned char *phash)
{
	static const unsigned char zeros[32];

	return memcmp(phash, zeros, sizeof(zeros)) != 0;
}

static enum verdict
judge(const struct dedup_opts *opts, const struct sample_code *a,
    const struct sample_code *b, const struct way *way)
{
	if (memcmp(a->sha256, b->sha256, SHA256_SIZE) == 0)
		return VERDICT_BYTES;
	if (memcmp(a->pixel_digest, b->pixel_digest, XXH3_SIZE) == 0)
		return VERDICT_PIXELS;
	if (way->same)
		return way->distance <= opts->duplicate ? VERDICT_NEAR
							: VERDICT_VERIFIED;
	return way->distance < 0 || way->distance > opts->probable ||
		way->turn != 0
	    ? VERDICT_DIFFERENT
	    : VERDICT_PROBABLE;
}

void
pictures_compare(const struct dedup_opts *opts, const struct picture *a,
    const struct picture *b, struct comparison *ret)
{
	struct way way = nearest_way(opts, a, b);

	*ret = (struct comparison){
		.verdict = judge(opts, &a->code, &b->code, &way),
		.flat = way.distance < 0,
		.plain = pdq_distance(a->code.pdq, b->code.pdq),
		.distance = way.distance,
		.turn = way.turn,
		.trimmed = { way.trimmed[0], way.trimmed[1] },
		.phash = is_known(a->code.phash) && is_known(b->code.phash)
		    ? pdq_distance(a->code.phash, b->code.phash)
		    : -1,
		.similar = way.similar,
	};
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
