/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was rejected and comes back in other bytes.
 *
 * A new image is a weed when all that was known before of its group is
 * rejected; or when nothing was known of its group, and it is a duplicate of
 * a rejected image that is not in it.
 */
#include <string.h>

#include "dedup/dedup_int.h"
#include "dedup/hamming.h"

enum { KNOWN_REJECTED = 1, KNOWN_GOOD = 2 };

struct weeds {
	struct grouping *g;
	uint8_t *known;      /* by the keeper's place */
	hamming_code *codes; /* of rejected images */
	size_t *rejected;    /* whose they are */
	size_t n_codes;
	hamming_code *asked; /* of new images */
	size_t *asks;
	size_t n_asked;
};

static void
weeds_release(struct weeds *w)
{
	free(w->known);
	free(w->codes);
	free(w->rejected);
	free(w->asked);
	free(w->asks);
}

static bool
is_new(const struct member *m)
{
	return m->code.keeper_id == 0;
}

/* What a person has decided about is left alone. */
static bool
may_be_weed(const struct member *m)
{
	return is_new(m) && !m->code.rejected && !m->code.decided &&
	    !m->code.chosen;
}

static void
note_known(struct weeds *w)
{
	const struct member *m;
	size_t i;

	for (i = 0; i < w->g->n; i++) {
		m = &w->g->v[i];
		if (!is_new(m))
			w->known[group_place_near(w->g, m->keeper, i)] |=
			    m->code.rejected ? KNOWN_REJECTED : KNOWN_GOOD;
	}
}

static void
add_code(hamming_code **codes, size_t **places, size_t *n, size_t place,
    const unsigned char *bits)
{
	if ((*n & (*n + 1)) == 0) {
		*codes = xreallocarray(*codes, 2 * *n + 1, sizeof(**codes));
		*places = xreallocarray(*places, 2 * *n + 1, sizeof(**places));
	}
	memcpy((*codes)[*n], bits, sizeof(**codes));
	(*places)[(*n)++] = place;
}

static void
add_codes(const struct grouping *g, hamming_code **codes, size_t **places,
    size_t *n, size_t i)
{
	const struct sample_code *c = &g->v[i].code;

	if (has_plain(g->opts, c))
		add_code(codes, places, n, i, c->pdq);
	if (has_trim(g->opts, c))
		add_code(codes, places, n, i, c->trim_pdq);
}

static int
add_turned(struct weeds *w, size_t i, struct err *e)
{
	const struct sample_code *c = &w->g->v[i].code;
	struct look look;
	int rc, t;

	if (!has_plain(w->g->opts, c) && !has_trim(w->g->opts, c))
		return 0;
	rc = w->g->look(w->g->ctx, i, &look, e);
	for (t = 0; rc == 1 && t < LOOK_TURNS; t++) {
		if (has_plain(w->g->opts, c))
			add_code(&w->asked, &w->asks, &w->n_asked, i,
			    look.whole.turned[t]);
		if (has_trim(w->g->opts, c) && look.trimmed)
			add_code(&w->asked, &w->asks, &w->n_asked, i,
			    look.trim.turned[t]);
	}
	return rc < 0 ? -1 : 0;
}

static int
pull(void *ctx, size_t a, size_t b, int distance)
{
	struct weeds *w = ctx;
	struct member *m = &w->g->v[w->asks[a]];
	const struct member *r = &w->g->v[w->rejected[b]];
	const struct said *said = group_said(w->g, m->code.id, r->code.id);

	(void)distance;
	m->weed = m->weed || said == NULL || said->same;
	return 0;
}

/* New images of groups of which nothing was known. */
static int
ask(struct weeds *w, struct err *e)
{
	struct grouping *g = w->g;
	const struct member *m;
	size_t i;

	for (i = 0; i < g->n; i++)
		if (!is_new(&g->v[i]) && g->v[i].code.rejected)
			add_codes(g, &w->codes, &w->rejected, &w->n_codes, i);
	if (w->n_codes == 0)
		return 0;
	for (i = 0; i < g->n; i++) {
		m = &g->v[i];
		if (!may_be_weed(m) || m->weed ||
		    w->known[group_place_near(g, m->keeper, i)] != 0)
			continue;
		add_codes(g, &w->asked, &w->asks, &w->n_asked, i);
		if (add_turned(w, i, e) < 0)
			return -1;
	}
	return w->n_asked == 0
	    ? 0
	    : hamming_join(w->asked, w->n_asked, w->codes, w->n_codes,
		  (int)g->opts->duplicate, pull, w, e);
}

int
weeds_find(struct grouping *g, struct err *e)
{
	struct weeds w CLEANUP(
	    weeds_release) = { .g = g, .known = xcalloc(g->n + 1, 1) };
	struct member *m;
	size_t i;

	note_known(&w);
	for (i = 0; i < g->n; i++) {
		m = &g->v[i];
		m->weed = may_be_weed(m) &&
		    w.known[group_place_near(g, m->keeper, i)] ==
			KNOWN_REJECTED;
	}
	if (ask(&w, e) < 0)
		return -1;
	/* The copies that a weed brought along are weeds as well. */
	for (i = 0; i < g->n; i++) {
		m = &g->v[i];
		if (may_be_weed(m) &&
		    g->v[group_place_near(g, m->keeper, i)].weed)
			m->weed = true;
	}
	return 0;
}
