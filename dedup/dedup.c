/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/dedup.h"

#include <string.h>

#include "base/stop.h"
#include "dedup/dedup_int.h"
#include "dedup/near.h"
#include "store/groups.h"

static const struct opt dedup_opts[] = {
	{ "duplicate", OPT_FIELD(struct dedup_opts, duplicate), .def = "31",
	    .min = 0, .max = 128, .unit = "bits",
	    .text = "Images whose PDQ codes differ by no more look the "
		    "same." },
	{ "probable", OPT_FIELD(struct dedup_opts, probable), .def = "51",
	    .min = 0, .max = 64, .unit = "bits",
	    .text = "Images that differ by no more are never parted by a "
		    "split." },
	{ "quality", OPT_FIELD(struct dedup_opts, quality), .def = "50",
	    .min = 0, .max = 100,
	    .text = "Images with less PDQ quality match by equal pixels "
		    "only." },
	{ 0 }
};

const struct opt_group dedup_group = {
	.name = "dedup",
	.text = "Which images look the same.",
	.opts = dedup_opts,
	.size = sizeof(struct dedup_opts),
};

struct grouping {
	const struct dedup_opts *opts;
	bool anew;
	struct member *v; /* by id */
	size_t n;
	size_t *todo; /* places in v, the next one last */
	size_t n_todo, todo_size;
	struct near_index *index; /* of the keepers */
};

static void
grouping_release(struct grouping *g)
{
	free(g->v);
	free(g->todo);
	near_free(g->index);
}

static int
collect(void *ctx, const struct sample_code *code, struct err *e)
{
	struct grouping *g = ctx;

	(void)e;
	if ((g->n & (g->n + 1)) == 0)
		g->v = xreallocarray(g->v, 2 * g->n + 1, sizeof(*g->v));
	g->v[g->n++] = (struct member){ .code = *code,
		.keeper = g->anew ? 0 : code->keeper_id };
	return 0;
}

/* A person's choice, then more pixels, then the larger file. */
static int64_t
rank(const struct sample_code *c)
{
	const int64_t most_pixels = ((int64_t)1 << 36) - 1;
	const int64_t most_bytes = (1 << 25) - 1;

	return (int64_t)c->decided << 61 |
	    (c->pixels < most_pixels ? c->pixels : most_pixels) << 25 |
	    (c->bytes < most_bytes ? c->bytes : most_bytes);
}

static struct near_code
near_of(const struct sample_code *c)
{
	struct near_code code = {
		.id = c->id, .quality = c->pdq_quality, .rank = rank(c)
	};

	memcpy(code.bits, c->pdq, sizeof(code.bits));
	return code;
}

static void
push(struct grouping *g, size_t place)
{
	if (g->n_todo == g->todo_size) {
		g->todo_size = 2 * g->todo_size + 64;
		g->todo =
		    xreallocarray(g->todo, g->todo_size, sizeof(*g->todo));
	}
	g->todo[g->n_todo++] = place;
}

/*
 * Flat pictures: their codes are noise, so the best of those with the very
 * same pixels keeps the others.
 */
static void
join_by_pixels(struct grouping *g, const struct member *m)
{
	struct member *best = NULL, *o;
	size_t i;

	for (i = 0; i < g->n; i++) {
		o = &g->v[i];
		if (memcmp(o->code.pixel_digest, m->code.pixel_digest,
			XXH3_SIZE) == 0 &&
		    (best == NULL || rank(&o->code) > rank(&best->code)))
			best = o;
	}
	for (i = 0; i < g->n; i++) {
		o = &g->v[i];
		if (memcmp(o->code.pixel_digest, m->code.pixel_digest,
			XXH3_SIZE) == 0)
			o->keeper = best->code.id;
	}
}

/* A keeper that lost its place: it and its members look for a new one. */
static void
release_members(struct grouping *g, int64_t keeper)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		if (g->v[i].keeper != keeper)
			continue;
		g->v[i].keeper = 0;
		push(g, i);
	}
}

static int
join(struct grouping *g, struct member *m, struct err *e)
{
	struct near_star star CLEANUP(near_star_release) = { 0 };
	struct near_code code = near_of(&m->code);
	size_t i;

	if (m->keeper != 0)
		return 0;
	if (m->code.pdq_quality < g->opts->quality) {
		join_by_pixels(g, m);
		return 0;
	}
	if (near_join(g->index, &code, (int)g->opts->duplicate, &star, e) < 0)
		return -1;
	for (i = 0; i < star.n_loose; i++)
		release_members(g, star.loose[i]);
	m->keeper = star.keeper;
	return 0;
}

/* Keepers go into the index; what has no keeper waits, lowest id first. */
static int
start(struct grouping *g, struct err *e)
{
	struct near_code code;
	size_t i;

	g->index = near_new((int)g->opts->quality, g->n);
	for (i = g->n; i-- > 0;)
		if (g->v[i].keeper == 0)
			push(g, i);
	for (i = 0; i < g->n; i++) {
		code = near_of(&g->v[i].code);
		if (g->v[i].keeper == g->v[i].code.id &&
		    near_add(g->index, &code, e) < 0)
			return -1;
	}
	return 0;
}

static int
distance_of(const struct grouping *g, const struct member *m)
{
	size_t low = 0, high = g->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (g->v[middle].code.id < m->keeper)
			low = middle + 1;
		else
			high = middle;
	}
	return pdq_distance(m->code.pdq, g->v[low].code.pdq);
}

/* What differs from the catalog, of one image. */
static int
write_member(struct store *s, const struct grouping *g, const struct member *m,
    struct err *e)
{
	if (m->keeper != m->code.keeper_id &&
	    sample_group(s, m->code.id, m->keeper, distance_of(g, m), e) < 0)
		return -1;
	return m->component == m->code.component_id
	    ? 0
	    : sample_component(s, m->code.id, m->component, e);
}

static int
write_back(struct store *s, const struct grouping *g, bool dry_run,
    struct dedup_stats *stats, struct err *e)
{
	const struct member *m;
	size_t i;

	if (!dry_run && store_begin(s, e) < 0)
		return -1;
	for (i = 0; i < g->n; i++) {
		m = &g->v[i];
		stats->keepers += m->keeper == m->code.id;
		stats->duplicates += m->keeper != m->code.id;
		stats->components += m->component == m->code.id;
		if (m->keeper == m->code.keeper_id &&
		    m->component == m->code.component_id)
			continue;
		stats->changed++;
		if (!dry_run && write_member(s, g, m, e) < 0)
			return -1;
	}
	return dry_run ? 0 : store_commit(s, e);
}

int
dedup_run(struct store *s, const struct dedup_opts *opts, bool anew,
    bool dry_run, struct dedup_stats *ret, struct err *e)
{
	struct grouping g CLEANUP(
	    grouping_release) = { .opts = opts, .anew = anew };

	*ret = (struct dedup_stats){ 0 };
	if (sample_codes(s, collect, &g, e) < 0 || start(&g, e) < 0)
		return -1;
	ret->looked_at = (int64_t)g.n_todo;
	while (g.n_todo > 0) {
		if (join(&g, &g.v[g.todo[--g.n_todo]], e) < 0 ||
		    stop_check(e) < 0)
			return -1;
	}
	if (alike_find(g.v, g.n, opts, anew, e) < 0)
		return -1;
	return write_back(s, &g, dry_run, ret, e);
}
