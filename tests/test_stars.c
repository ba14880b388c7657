/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stars against the rule in stars.h, taken literally: anew and in portions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "dedup/stars.h"

#define MOST 1200

struct world {
	struct star_item items[MOST];
	struct star_codes codes[MOST];
	size_t n;
	int duplicate, turned, probable;
	struct star_same same[8];
	size_t n_same;
	bool strict; /* verify says no at times */
	size_t verified;
};

static void
turn_bits(uint8_t *bits, uint64_t n, struct rng *rng)
{
	uint64_t bit;

	for (; n > 0; n--) {
		bit = rng_below(rng, PDQ_BITS);
		bits[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void
make_code(uint8_t *bits, struct rng *rng)
{
	size_t i;

	for (i = 0; i < PDQ_SIZE; i++)
		bits[i] = (uint8_t)rng_next(rng);
}

/* Something near to one of the codes of an earlier item, or new. */
static void
make_item(struct world *w, size_t i, uint64_t families, uint64_t wide,
    struct rng *rng)
{
	struct star_codes *c = &w->codes[i];
	const struct star_codes *from;
	uint64_t kind = rng_below(rng, 10);
	int t;

	w->items[i] = (struct star_item){ .id = (int64_t)(3 * i + 1),
		.rank = (int64_t)rng_below(rng, 40),
		.keeper = STARS_NONE };
	memset(c, 0, sizeof(*c));
	c->plain = kind < 9;
	c->trimmed = kind % 3 == 0;
	c->n_turns = rng_below(rng, 20) == 0 ? 1 : STARS_TURNS;
	for (t = 0; t < STARS_TURNS; t++) {
		make_code(c->turn[t], rng);
		make_code(c->trim[t], rng);
	}
	if (i > 0 && i >= families) {
		from = &w->codes[rng_below(rng, i)];
		t = (int)rng_below(rng, STARS_TURNS);
		memcpy(c->turn[kind < 5 ? 0 : t],
		    kind == 8 ? from->trim[0] : from->turn[0], PDQ_SIZE);
		turn_bits(c->turn[kind < 5 ? 0 : t], rng_below(rng, wide), rng);
		if (kind % 2 == 0)
			memcpy(c->trim[kind == 6 ? t : 0],
			    kind == 2 ? from->trim[0] : from->turn[0],
			    PDQ_SIZE);
		turn_bits(
		    c->trim[kind == 6 ? t : 0], rng_below(rng, wide), rng);
	}
	if (kind == 9 || kind == 4)
		w->items[i].pixels = 1 + rng_below(rng, 1 + families / 2);
}

static void
make(struct world *w, size_t n, uint64_t families, uint64_t wide, uint64_t seed)
{
	struct rng rng;
	size_t i;

	rng_seed(&rng, seed);
	memset(w, 0, sizeof(*w));
	w->n = n;
	w->duplicate = 31;
	w->turned = 39;
	w->probable = 51;
	for (i = 0; i < n; i++)
		make_item(w, i, families, wide, &rng);
	w->n_same = n < 50 ? 0 : ARRAY_SIZE(w->same);
	for (i = 0; i < w->n_same; i++) {
		w->same[i].a = rng_below(&rng, n - 1);
		w->same[i].b =
		    w->same[i].a + 1 + rng_below(&rng, n - w->same[i].a - 1);
	}
}

/* By ids and what matched only, and the same for both orders. */
static int
accept(const struct world *w, int64_t a, int64_t b, int distance)
{
	uint64_t mixed = (uint64_t)(a < b ? a : b) * 1000003u +
	    (uint64_t)(a < b ? b : a) * 7919u;

	if (w->strict && mixed % 7 == 0)
		return 0;
	return distance <= w->duplicate || mixed % 3 == 0;
}

/* ---- the rule ----------------------------------------------------------- */

struct way {
	bool found;
	int distance;
	uint32_t better;
	int turn;
};

static void
consider(const struct world *w, uint32_t x, uint32_t k, int distance, int turn,
    int most, struct way *best)
{
	if (distance > most ||
	    !accept(w, w->items[x].id, w->items[k].id, distance))
		return;
	if (best->found &&
	    (best->distance < distance ||
		(best->distance == distance &&
		    (best->better < k ||
			(best->better == k && best->turn <= turn)))))
		return;
	*best = (struct way){ true, distance, k, turn };
}

static void
consider_all(const struct world *w, uint32_t x, uint32_t k, struct way *best)
{
	const struct star_codes *a = &w->codes[x], *b = &w->codes[k];
	const struct star_codes *late = x > k ? a : b, *other = x > k ? b : a;
	size_t i;
	int t;

	if (w->items[x].pixels != 0 && w->items[x].pixels == w->items[k].pixels)
		consider(w, x, k, 0, 0, 0, best);
	for (i = 0; i < 4; i++) {
		if (!(i & 1 ? late->trimmed : late->plain) ||
		    !(i & 2 ? other->trimmed : other->plain))
			continue;
		for (t = 0; t < late->n_turns; t++)
			consider(w, x, k,
			    pdq_distance(i & 1 ? late->trim[t] : late->turn[t],
				i & 2 ? other->trim[0] : other->turn[0]),
			    t, t == 0 ? w->probable : w->turned, best);
	}
	for (i = 0; i < w->n_same; i++)
		if ((w->same[i].a == x && w->same[i].b == k) ||
		    (w->same[i].a == k && w->same[i].b == x))
			consider(w, x, k,
			    a->plain && b->plain
				? pdq_distance(a->turn[0], b->turn[0])
				: PDQ_BITS,
			    0, PDQ_BITS, best);
}

static bool
is_better(const struct star_item *a, const struct star_item *b)
{
	return a->rank != b->rank ? a->rank > b->rank : a->id < b->id;
}

/* In the order of rank, each to the nearest keeper before it. */
static void
naive(const struct world *w, struct star_item *ret)
{
	static uint32_t order[MOST];
	uint32_t x;
	size_t i, k;
	struct way best;

	for (i = 0; i < w->n; i++) {
		for (k = i;
		     k > 0 && is_better(&w->items[i], &w->items[order[k - 1]]);
		     k--)
			order[k] = order[k - 1];
		order[k] = (uint32_t)i;
	}
	for (i = 0; i < w->n; i++) {
		x = order[i];
		best = (struct way){ .better = x };
		for (k = 0; k < i; k++)
			if (ret[order[k]].keeper == order[k])
				consider_all(w, x, order[k], &best);
		ret[x] = w->items[x];
		ret[x].keeper = best.better;
		ret[x].distance = (int16_t)best.distance;
		ret[x].turn = (uint8_t)best.turn;
	}
}

/* ---- by stars_find() ----------------------------------------------------- */

static int
give_codes(
    void *ctx, size_t place, bool turns, struct star_codes *ret, struct err *e)
{
	const struct world *w = ctx;
	int t;

	(void)e;
	*ret = w->codes[place];
	for (t = 1; t < STARS_TURNS && !turns; t++)
		memset(ret->turn[t], 0x5a, PDQ_SIZE);
	return 0;
}

static int
verify(void *ctx, const struct star_pair *p, struct err *e)
{
	struct world *w = ctx;

	(void)e;
	w->verified++;
	assert_true(is_better(&w->items[p->keeper], &w->items[p->item]));
	return accept(
	    w, w->items[p->item].id, w->items[p->keeper].id, p->distance);
}

static void
find_with(struct world *w, const struct hamming_file *index)
{
	struct stars stars = { .items = w->items,
		.n = w->n,
		.duplicate = w->duplicate,
		.turned = w->turned,
		.probable = w->probable,
		.codes = give_codes,
		.verify = verify,
		.ctx = w,
		.same = w->same,
		.n_same = w->n_same,
		.index = index };
	struct err e;

	assert_int_equal(stars_find(&stars, &e), 0);
}

static void
agree(const struct world *w, const struct star_item *want)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->items[i].keeper != want[i].keeper ||
		    w->items[i].distance != want[i].distance ||
		    w->items[i].turn != want[i].turn)
			fail_msg("%zu of %zu belongs to %u at %d by turn %d, "
				 "not to %u at %d by %d",
			    i, w->n, w->items[i].keeper, w->items[i].distance,
			    w->items[i].turn, want[i].keeper, want[i].distance,
			    want[i].turn);
}

static struct world *
new_world(size_t n, uint64_t families, uint64_t wide, uint64_t seed)
{
	struct world *w = xmalloc(sizeof(*w));

	make(w, n, families, wide, seed);
	w->strict = seed % 2 == 0;
	return w;
}

static void
anew_it_is_the_rule_taken_literally(void **state)
{
	static const struct {
		size_t n;
		uint64_t families, wide;
	} worlds[] = {
		{ 0, 1, 1 },
		{ 1, 1, 1 },
		{ 2, 1, 60 },
		{ 60, 6, 50 },
		{ 300, 100, 40 },
		{ 700, 30, 30 },
		{ MOST, 400, 60 },
		{ MOST, 2, 6 },
		{ MOST, 1, 90 },
	};
	static struct star_item want[MOST];
	struct world *w;
	uint64_t seed;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(worlds); i++)
		for (seed = 1; seed <= 4; seed++) {
			w = new_world(worlds[i].n, worlds[i].families,
			    worlds[i].wide, seed);
			naive(w, want);
			find_with(w, NULL);
			agree(w, want);
			free(w);
		}
}

/* ---- portions ------------------------------------------------------------ */

/* The items of `all` that have come, as a world of their own. */
struct part {
	struct world w;
	size_t of[MOST]; /* place in the whole */
};

static void
take_part(const struct world *all, const bool *come,
    const struct star_item *known, const size_t *old_place, struct part *ret)
{
	static size_t where[MOST];
	size_t i, k;

	ret->w = *all;
	ret->w.n = ret->w.n_same = 0;
	for (i = 0; i < all->n; i++) {
		if (!come[i])
			continue;
		where[i] = ret->w.n;
		ret->of[ret->w.n] = i;
		ret->w.items[ret->w.n] = all->items[i];
		ret->w.codes[ret->w.n++] = all->codes[i];
	}
	for (i = 0; i < all->n_same; i++)
		if (come[all->same[i].a] && come[all->same[i].b])
			ret->w.same[ret->w.n_same++] =
			    (struct star_same){ where[all->same[i].a],
				    where[all->same[i].b] };
	/* What is known of earlier portions, in the places of this one. */
	for (k = 0; k < ret->w.n; k++) {
		i = ret->of[k];
		if (known[i].keeper == STARS_NONE)
			continue;
		ret->w.items[k] = known[i];
		ret->w.items[k].keeper =
		    (uint32_t)where[old_place[known[i].keeper]];
	}
}

static void
add_owners(struct hamming_file *f, const struct world *w, size_t i)
{
	struct err e;

	if (w->codes[i].plain)
		assert_int_equal(hamming_file_add(f, w->codes[i].turn[0],
				     STARS_OWNER(w->items[i].id, 0), &e),
		    0);
	if (w->codes[i].trimmed)
		assert_int_equal(hamming_file_add(f, w->codes[i].trim[0],
				     STARS_OWNER(w->items[i].id, 1), &e),
		    0);
}

/* Let items come in portions, in any order of ids; each time as anew. */
static void
come_in_portions(const struct world *all, size_t portions, bool in_order,
    bool indexed, struct rng *rng)
{
	static struct star_item known[MOST], want[MOST];
	static size_t old_place[MOST];
	static bool come[MOST];
	struct hamming_file *f CLEANUP(hamming_file_freep) = hamming_file_new();
	struct part *part = xmalloc(sizeof(*part));
	size_t i, p;

	for (i = 0; i < all->n; i++) {
		come[i] = false;
		known[i].keeper = STARS_NONE;
		old_place[i] = i;
	}
	for (p = 1; p <= portions; p++) {
		for (i = 0; i < all->n; i++) {
			if (come[i] ||
			    (in_order ? i * portions >= p * all->n
				      : p < portions &&
					rng_below(rng, portions) != 0))
				continue;
			come[i] = true;
		}
		take_part(all, come, known, old_place, part);
		naive(&part->w, want);
		find_with(&part->w, indexed ? f : NULL);
		agree(&part->w, want);
		for (i = 0; i < part->w.n; i++) {
			if (indexed && known[part->of[i]].keeper == STARS_NONE)
				add_owners(f, &part->w, i);
			known[part->of[i]] = part->w.items[i];
		}
		for (i = 0; i < part->w.n; i++)
			old_place[i] = part->of[i];
	}
	free(part);
}

static void
portions_come_to_the_same_as_all_at_once(void **state)
{
	struct world *w;
	struct rng rng;
	uint64_t seed;

	(void)state;
	rng_seed(&rng, 99);
	for (seed = 1; seed <= 6; seed++) {
		w = new_world(400, seed * 12, 20 + seed * 8, seed);
		come_in_portions(w, 2, true, false, &rng);
		come_in_portions(w, 6, true, true, &rng);
		come_in_portions(w, 4, false, false, &rng);
		come_in_portions(w, 9, false, true, &rng);
		free(w);
	}
}

static void
what_has_changed_or_gone_is_found_again(void **state)
{
	static struct star_item want[MOST];
	struct world *w = new_world(500, 60, 45, 3);
	struct rng rng;
	size_t i, round;

	(void)state;
	rng_seed(&rng, 5);
	find_with(w, NULL);
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 5; i++) {
			size_t at = rng_below(&rng, w->n);

			w->items[at].rank = (int64_t)rng_below(&rng, 45);
			w->items[at].keeper = STARS_NONE;
		}
		naive(w, want);
		find_with(w, NULL);
		agree(w, want);
	}
	free(w);
}

/* ---- single cases -------------------------------------------------------- */

static struct world *
plain_world(size_t n)
{
	struct world *w = new_world(n, n, 1, 1);
	size_t i;

	w->n_same = 0;
	w->turned = w->probable = w->duplicate;
	for (i = 0; i < n; i++) {
		memset(&w->codes[i], 0, sizeof(w->codes[i]));
		w->codes[i].plain = true;
		w->codes[i].n_turns = 1;
		w->items[i].pixels = 0;
		w->items[i].rank = 0;
	}
	return w;
}

static void
a_chain_is_not_followed(void **state)
{
	struct world *w = plain_world(3);

	(void)state;
	memset(w->codes[1].turn[0], 0xff, 3);
	memset(w->codes[2].turn[0], 0xff, 6);
	w->items[1].rank = 1;
	w->items[0].rank = 2;
	find_with(w, NULL);
	assert_int_equal(w->items[0].keeper, 0);
	assert_int_equal(w->items[1].keeper, 0);
	assert_int_equal(w->items[1].distance, 24);
	assert_int_equal(w->items[2].keeper, 2);
	w->items[1].rank = 3;
	w->items[0].keeper = w->items[1].keeper = STARS_NONE;
	find_with(w, NULL);
	assert_int_equal(w->items[0].keeper, 1);
	assert_int_equal(w->items[2].keeper, 1);
	assert_true(w->items[2].changed);
	free(w);
}

static void
a_better_one_takes_the_place_and_what_it_does_not_reach_is_free(void **state)
{
	struct world *w = plain_world(3);

	(void)state;
	memset(w->codes[1].turn[0], 0xff, 3);
	memset(w->codes[2].turn[0], 0xff, 6);
	w->items[1].rank = 2;
	w->n = 2;
	find_with(w, NULL);
	assert_int_equal(w->items[0].keeper, 1);
	w->n = 3;
	w->items[2].rank = 3;
	find_with(w, NULL);
	assert_int_equal(w->items[0].keeper, 0);
	assert_int_equal(w->items[1].keeper, 2);
	assert_int_equal(w->items[2].keeper, 2);
	free(w);
}

static void
one_that_is_below_the_floor_matches_by_pixels_only(void **state)
{
	struct world *w = plain_world(4);
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		w->codes[i].plain = false;
	w->items[1].pixels = w->items[3].pixels = 77;
	find_with(w, NULL);
	assert_int_equal(w->items[0].keeper, 0);
	assert_int_equal(w->items[1].keeper, 1);
	assert_int_equal(w->items[2].keeper, 2);
	assert_int_equal(w->items[3].keeper, 1);
	free(w);
}

/* ---- crowds -------------------------------------------------------------- */

struct crowd {
	struct star_item *items;
	hamming_code *codes;
	size_t n;
	size_t asked;
};

static int
crowd_codes(
    void *ctx, size_t place, bool turns, struct star_codes *ret, struct err *e)
{
	struct crowd *c = ctx;

	(void)e;
	(void)turns;
	memset(ret, 0, sizeof(*ret));
	ret->plain = true;
	ret->n_turns = 1;
	memcpy(ret->turn[0], c->codes[place], PDQ_SIZE);
	c->asked++;
	return 0;
}

/* n copies of a code with at most `wide` bits turned; links stay bounded. */
static void
crowd_of(size_t n, uint64_t wide, bool flat)
{
	struct crowd c = { .n = n };
	struct stars stars = { .n = n,
		.duplicate = 31,
		.turned = 31,
		.probable = 51,
		.codes = crowd_codes,
		.ctx = &c };
	struct rng rng;
	struct err e;
	size_t i;

	rng_seed(&rng, wide);
	c.items = xcalloc(n, sizeof(*c.items));
	c.codes = xcalloc(n, sizeof(*c.codes));
	for (i = 0; i < n; i++) {
		c.items[i] = (struct star_item){ .id = (int64_t)i + 1,
			.rank = (int64_t)rng_below(&rng, 3),
			.pixels = flat ? 9 : 0,
			.keeper = STARS_NONE };
		turn_bits(c.codes[i], wide, &rng);
	}
	stars.items = c.items;
	assert_int_equal(stars_find(&stars, &e), 0);
	for (i = 0; i < n; i++) {
		assert_int_equal(c.items[i].keeper, c.items[0].keeper);
		assert_in_range(c.items[i].distance, 0, 2 * wide);
	}
	free(c.items);
	free(c.codes);
}

static void
a_crowd_has_one_keeper_and_is_found_in_no_time(void **state)
{
	(void)state;
	crowd_of(20000, 0, false);
	crowd_of(20000, 0, true);
	crowd_of(10000, 5, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anew_it_is_the_rule_taken_literally),
		cmocka_unit_test(portions_come_to_the_same_as_all_at_once),
		cmocka_unit_test(what_has_changed_or_gone_is_found_again),
		cmocka_unit_test(a_chain_is_not_followed),
		cmocka_unit_test(
		    a_better_one_takes_the_place_and_what_it_does_not_reach_is_free),
		cmocka_unit_test(
		    one_that_is_below_the_floor_matches_by_pixels_only),
		cmocka_unit_test(
		    a_crowd_has_one_keeper_and_is_found_in_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
