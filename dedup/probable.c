/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairs of keepers that may be copies of each other, for people to look at.
 */
#include <string.h>

#include "base/text.h"
#include "dedup/compare.h"
#include "dedup/dedup_int.h"
#include "dedup/hamming.h"

#define PAIRS_MAX 1000000

struct pair {
	size_t a, b; /* places, a < b */
	int distance;
};

struct review {
	struct grouping g;
	hamming_code *codes;
	size_t *places; /* whose codes */
	size_t n_codes;
	struct pair *pairs;
	size_t n;
};

static void
review_release(struct review *r)
{
	grouping_release(&r->g);
	free(r->codes);
	free(r->places);
	free(r->pairs);
}

static int
note(void *ctx, size_t x, size_t y, int distance)
{
	struct review *r = ctx;
	size_t a = r->places[x], b = r->places[y];

	if (a == b ||
	    group_said(&r->g, r->g.v[a].code.id, r->g.v[b].code.id) != NULL)
		return 0;
	if ((r->n & (r->n + 1)) == 0)
		r->pairs =
		    xreallocarray(r->pairs, 2 * r->n + 1, sizeof(*r->pairs));
	r->pairs[r->n++] =
	    (struct pair){ a < b ? a : b, a < b ? b : a, distance };
	return r->n == PAIRS_MAX;
}

static void
collect(struct review *r, const struct dedup_opts *opts)
{
	const struct sample_code *c;
	size_t i;

	r->codes = xreallocarray(NULL, 2 * r->g.n + 1, sizeof(*r->codes));
	r->places = xreallocarray(NULL, 2 * r->g.n + 1, sizeof(*r->places));
	for (i = 0; i < r->g.n; i++) {
		c = &r->g.v[i].code;
		if (c->keeper_id != c->id || c->rejected)
			continue;
		if (has_plain(opts, c)) {
			memcpy(r->codes[r->n_codes], c->pdq, PDQ_SIZE);
			r->places[r->n_codes++] = i;
		}
		if (has_trim(opts, c)) {
			memcpy(r->codes[r->n_codes], c->trim_pdq, PDQ_SIZE);
			r->places[r->n_codes++] = i;
		}
	}
}

static int
by_places(const void *va, const void *vb)
{
	const struct pair *a = va, *b = vb;

	if (a->a != b->a)
		return a->a > b->a ? 1 : -1;
	if (a->b != b->b)
		return a->b > b->b ? 1 : -1;
	return a->distance - b->distance;
}

static int
by_distance(const void *va, const void *vb)
{
	const struct pair *a = va, *b = vb;

	return a->distance != b->distance ? a->distance - b->distance
					  : by_places(va, vb);
}

/* Of the ways in which two are near, the nearest; then all by distance. */
static void
sort(struct review *r)
{
	size_t i, kept = 0;

	if (r->n > 1)
		qsort(r->pairs, r->n, sizeof(*r->pairs), by_places);
	for (i = 0; i < r->n; i++)
		if (kept == 0 || r->pairs[kept - 1].a != r->pairs[i].a ||
		    r->pairs[kept - 1].b != r->pairs[i].b)
			r->pairs[kept++] = r->pairs[i];
	r->n = kept;
	if (r->n > 1)
		qsort(r->pairs, r->n, sizeof(*r->pairs), by_distance);
}

static int
tell(struct store *s, const struct review *r, const struct pair *p,
    void (*each)(void *ctx, const struct probable *), void *ctx, struct err *e)
{
	const struct sample_code *ca = &r->g.v[p->a].code;
	const struct sample_code *cb = &r->g.v[p->b].code;
	struct probable probable = { .distance = p->distance };
	struct comparison c;
	struct picture a, b;

	if (picture_get(s, ca->id, &a, e) < 0 ||
	    picture_get(s, cb->id, &b, e) < 0)
		return -1;
	pictures_compare(r->g.opts, &a, &b, &c);
	probable.similar = c.similar;
	text_to_hex(probable.a, ca->sha256, SHA256_SIZE);
	text_to_hex(probable.b, cb->sha256, SHA256_SIZE);
	each(ctx, &probable);
	return 0;
}

int
dedup_probable(struct store *s, const struct dedup_opts *opts, int64_t limit,
    void (*each)(void *ctx, const struct probable *), void *ctx, struct err *e)
{
	struct review r CLEANUP(review_release) = { .g = { .opts = opts } };
	size_t i;

	if (grouping_load(s, &r.g, e) < 0)
		return -1;
	collect(&r, opts);
	if (hamming_self_join(
		r.codes, r.n_codes, (int)opts->probable, note, &r, e) < 0)
		return -1;
	sort(&r);
	for (i = 0; i < r.n && (limit == 0 || (int64_t)i < limit); i++)
		if (tell(s, &r, &r.pairs[i], each, ctx, e) < 0)
			return -1;
	return 0;
}
