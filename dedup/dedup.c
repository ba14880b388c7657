/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/dedup.h"

#include <string.h>

#include "base/text.h"
#include "dedup/dedup_int.h"
#include "store/groups.h"
#include "store/pairs.h"

static const char *const keep_words[] = { "chosen", "labelled", "pixels",
	"compression", "bytes", "earlier", NULL };

static const struct opt dedup_opts[] = {
	{ "duplicate", OPT_FIELD(struct dedup_opts, duplicate), .def = "31",
	    .min = 0, .max = 128, .unit = "bits",
	    .text = "Images whose PDQ codes differ by no more look the "
		    "same." },
	{ "probable", OPT_FIELD(struct dedup_opts, probable), .def = "51",
	    .min = 0, .max = 64, .unit = "bits",
	    .text = "Images that differ by no more are looked at closely, and "
		    "never parted by a split." },
	{ "similar", OPT_FIELD(struct dedup_opts, similar), .def = "0.9",
	    .min = 0, .max = 1,
	    .text = "Laid over each other, those are the same from this "
		    "likeness on." },
	{ "quality", OPT_FIELD(struct dedup_opts, quality), .def = "50",
	    .min = 0, .max = 100,
	    .text = "Images with less PDQ quality match by equal pixels "
		    "only." },
	{ "keep", OPT_FIELD(struct dedup_opts, keep),
	    .def = "{ chosen, labelled, pixels, compression, bytes, earlier }",
	    .choices = keep_words,
	    .text = "Of copies the one to keep, by what differs first." },
	{ 0 }
};

const struct opt_group dedup_group = {
	.name = "dedup",
	.text = "Which images look the same.",
	.opts = dedup_opts,
	.size = sizeof(struct dedup_opts),
};

struct run {
	struct store *s;
	const struct dedup_ask *ask;
	struct dedup_stats *stats;
	struct grouping g;
};

void
grouping_release(struct grouping *g)
{
	free(g->v);
	free(g->said);
	components_free(g->alike);
}

static void
run_release(struct run *r)
{
	grouping_release(&r->g);
}

/* ---- what there is ------------------------------------------------------ */

static int
collect(void *ctx, const struct sample_code *code, struct err *e)
{
	struct grouping *g = ctx;

	(void)e;
	if ((g->n & (g->n + 1)) == 0)
		g->v = xreallocarray(g->v, 2 * g->n + 1, sizeof(*g->v));
	g->v[g->n++] = (struct member){ .code = *code };
	return 0;
}

static int
collect_said(void *ctx, int64_t low, int64_t high, bool same, struct err *e)
{
	struct grouping *g = ctx;

	(void)e;
	if ((g->n_said & (g->n_said + 1)) == 0)
		g->said =
		    xreallocarray(g->said, 2 * g->n_said + 1, sizeof(*g->said));
	g->said[g->n_said++] = (struct said){ low, high, same };
	return 0;
}

int
grouping_load(struct store *s, struct grouping *g, struct err *e)
{
	if (sample_codes(s, collect, g, e) < 0 ||
	    pair_each(s, collect_said, g, e) < 0)
		return -1;
	if (g->n >= COMPONENTS_MAX)
		return err_set(
		    e, ERR_FATAL, "dedup: more than 4294967294 images");
	g->alike = components_new(g->n);
	return 0;
}

static int
look(void *ctx, size_t place, struct look *ret, struct err *e)
{
	struct run *r = ctx;

	return look_get(r->s, r->g.v[place].code.id, ret, e);
}

/* ---- what becomes of it ------------------------------------------------- */

static char
letter(const struct member *m)
{
	return m->match == NULL ? 0 : m->match[0];
}

static bool
has_moved(const struct member *m)
{
	const struct sample_code *c = &m->code;

	return m->keeper != c->keeper_id || letter(m) != c->match ||
	    m->distance != c->distance || m->turn != c->turn;
}

static void
tell(const struct run *r, const struct member *m)
{
	struct dedup_change change = { .match = m->match,
		.distance = m->distance };
	size_t before, after;

	if (r->ask->change == NULL || m->keeper == m->code.keeper_id ||
	    (m->code.keeper_id == 0 && m->keeper == m->code.id))
		return;
	before = group_place(&r->g, m->code.keeper_id);
	after = group_place(&r->g, m->keeper);
	text_to_hex(change.image, m->code.sha256, SHA256_SIZE);
	if (before < r->g.n && m->code.keeper_id != m->code.id)
		text_to_hex(
		    change.before, r->g.v[before].code.sha256, SHA256_SIZE);
	if (m->keeper != m->code.id)
		text_to_hex(
		    change.after, r->g.v[after].code.sha256, SHA256_SIZE);
	r->ask->change(r->ask->ctx, &change);
}

/* What differs from the catalog, of one image. */
static int
write_member(struct run *r, const struct member *m, struct err *e)
{
	struct group_place place = { m->code.id, m->keeper, m->match, m->turn,
		m->distance };

	if (has_moved(m) &&
	    groups_put(r->s, &place, m->code.keeper_id != 0, e) < 0)
		return -1;
	if (m->weed && groups_reject(r->s, m->code.id, e) < 0)
		return -1;
	return m->component == m->code.component_id
	    ? 0
	    : sample_component(r->s, m->code.id, m->component, e);
}

static void
count(struct run *r, const struct member *m)
{
	struct dedup_stats *stats = r->stats;

	stats->keepers += m->keeper == m->code.id;
	stats->duplicates += m->keeper != m->code.id;
	stats->components += m->component == m->code.id;
	stats->weeds += m->weed;
	stats->moved += m->keeper != m->code.keeper_id &&
	    (m->code.keeper_id != 0 || m->keeper != m->code.id);
	stats->changed +=
	    has_moved(m) || m->weed || m->component != m->code.component_id;
}

static int
write_back(struct run *r, struct err *e)
{
	const struct op_ask step = { .actor = r->ask->actor,
		.note = r->ask->note };
	bool dry_run = r->ask->dry_run;
	struct op_done done;
	size_t i;

	if (!dry_run && groups_begin(r->s, e) < 0)
		return -1;
	for (i = 0; i < r->g.n; i++) {
		count(r, &r->g.v[i]);
		tell(r, &r->g.v[i]);
		if (!dry_run && write_member(r, &r->g.v[i], e) < 0)
			return -1;
	}
	if (dry_run)
		return 0;
	if (groups_end(r->s, &step, &done, e) < 0)
		return -1;
	r->stats->step = done.id;
	return store_commit(r->s, e);
}

int
dedup_run(struct store *s, const struct dedup_opts *opts,
    const struct dedup_ask *ask, struct dedup_stats *ret, struct err *e)
{
	struct run r CLEANUP(run_release) = { .s = s,
		.ask = ask,
		.stats = ret,
		.g = { .opts = opts, .anew = ask->anew, .look = look } };

	struct hamming_file *index CLEANUP(hamming_file_freep) = NULL;

	*ret = (struct dedup_stats){ 0 };
	r.g.ctx = &r;
	if (grouping_load(s, &r.g, e) < 0 ||
	    (!ask->anew && index_open(s, &r.g, !ask->dry_run, &index, e) < 0))
		return -1;
	r.g.index = index;
	if (group_find(&r.g, e) < 0 || weeds_find(&r.g, e) < 0 ||
	    alike_find(&r.g, e) < 0)
		return -1;
	ret->looked_at = r.g.looked_at;
	return write_back(&r, e);
}
