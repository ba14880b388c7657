/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies: who is kept, what people say of it, and taking it back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "base/xxh3.h"
#include "dedup/compare.h"
#include "dedup/dedup.h"
#include "store/check.h"
#include "store/forget.h"
#include "store/pairs.h"
#include "tests/codes.h"
#include "tests/curate_place.h"

#define ROW_MAX (1 << 16)

struct fixture {
	struct place *p;
	struct dedup_opts *opts;
	uint32_t seed;
	struct dedup_stats stats;
};

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->p = place_new();
	f->opts = opt_new(&dedup_group);
	f->seed = 7;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	place_free(f->p);
	opt_free(&dedup_group, f->opts);
	free(f);
	return 0;
}

/* ---- pictures ----------------------------------------------------------- */

struct made {
	const char *name, *label; /* its bytes are its name */
	const uint8_t *bits;
	int side, quality;     /* 0: 100 */
	const char *pixels;    /* what they are made of; NULL: the name */
	const uint8_t *turned; /* the code of its first turn; NULL: none */
	bool seen;             /* it has a small picture, always the same, */
	bool mirrored;         /* or that mirrored */
};

static const unsigned char recipe[SHA256_SIZE];
static const struct sample_visit by = { .recipe = recipe };

static void
draw(struct look_view *view, bool mirrored)
{
	uint32_t seed = 5;
	int x, y;

	for (y = 0; y < LOOK_SIDE; y++)
		for (x = 0; x < LOOK_SIDE; x++)
			view->gray[y * LOOK_SIDE +
			    (mirrored ? LOOK_SIDE - 1 - x : x)] =
			    (uint8_t)(noise(&seed) >> 8);
}

static int64_t
add(struct fixture *f, const struct made *m)
{
	char *url CLEANUP(freep) = xasprintf("http://h/%s", m->name);
	int64_t id = place_hold(f->p, url, m->label, m->name);
	struct sample_facts facts = { .format = "png",
		.width = m->side ? m->side : 100,
		.height = m->side ? m->side : 100,
		.frames = 1,
		.pdq_quality = m->quality ? m->quality : 100,
		.compression = 90 };
	const char *pixels = m->pixels ? m->pixels : m->name;
	struct look look = { 0 };
	char hex[SHA256_HEX];
	unsigned char sha256[SHA256_SIZE];

	if (m->bits != NULL)
		memcpy(facts.pdq, m->bits, sizeof(facts.pdq));
	xxh3_of(NULL, 0, pixels, strlen(pixels), facts.pixel_digest);
	assert_int_equal(store_begin(f->p->s, &f->p->e), 0);
	assert_int_equal(
	    sample_prepared(f->p->s, id, &by, &facts, &f->p->e), 0);
	if (m->turned != NULL || m->seen) {
		if (m->turned != NULL)
			memcpy(look.whole.turned[0], m->turned, PDQ_SIZE);
		draw(&look.whole, m->mirrored);
		place_digits(m->name, hex);
		assert_true(text_from_hex(sha256, SHA256_SIZE, hex));
		assert_int_equal(look_put(f->p->s, sha256, &look, &f->p->e), 0);
	}
	assert_int_equal(store_commit(f->p->s, &f->p->e), 0);
	return id;
}

/* The bits `from`..`from + n` turned over. */
static struct near_code
away(const struct near_code *c, int from, int n)
{
	struct near_code to = *c;
	int i;

	for (i = from; i < from + n; i++)
		to.bits[i / 8] ^= (uint8_t)(1u << i % 8);
	return to;
}

static int64_t
add_code(
    struct fixture *f, const char *name, const struct near_code *c, int side)
{
	return add(
	    f, &(struct made){ .name = name, .bits = c->bits, .side = side });
}

/* ---- runs ----------------------------------------------------------------- */

static void
run(struct fixture *f, bool anew)
{
	const struct dedup_ask ask = { .anew = anew, .actor = "me" };

	if (dedup_run(f->p->s, f->opts, &ask, &f->stats, &f->p->e) < 0)
		fail_msg("%s", f->p->e.msg);
}

static int64_t
keeper_of(struct fixture *f, int64_t id)
{
	int64_t keeper = -1;
	char sql[100];

	snprintf(sql, sizeof(sql),
	    "SELECT coalesce(keeper_id, 0) FROM sample WHERE id = %lld",
	    (long long)id);
	assert_int_equal(sql_query_int(f->p->s, sql, &keeper, &f->p->e), 0);
	return keeper;
}

/* What a statement gives, a row a line; the caller frees. */
static char *
rows(struct fixture *f, const char *sql)
{
	char *text = xcalloc(1, ROW_MAX);
	sqlite3_stmt *q = NULL;
	size_t len = 0;

	assert_int_equal(
	    sqlite3_prepare_v2(f->p->s->db, sql, -1, &q, NULL), SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW && len < ROW_MAX - 200)
		len += (size_t)snprintf(text + len, ROW_MAX - len, "%s\n",
		    (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	return text;
}

/*
 * Who is kept, and how far the others are from whom they are copies of: of
 * two keepers at one distance it is the one that came first.
 */
static char *
groups(struct fixture *f)
{
	return rows(f,
	    "SELECT hex(b.sha256) || ' ' || coalesce(s.match, '-') ||"
	    " s.distance FROM sample s JOIN blob b ON b.id = s.blob_id"
	    " ORDER BY b.sha256");
}

/* All that dedup may write. */
static char *
state_of(struct fixture *f)
{
	return rows(f,
	    "SELECT json_array(id, keeper_id, match, turn, distance, rejected,"
	    " chosen, claimed_id, conflict) FROM sample ORDER BY id");
}

static void
same_state(char *a, char *b)
{
	assert_string_equal(a, b);
	free(a);
	free(b);
}

static int64_t
undo(struct fixture *f, int64_t step)
{
	struct op_undone u;
	int64_t id = place_undo(f->p, step, &u);

	if (id < 0)
		fail_msg("%s", f->p->e.msg);
	return id;
}

static void
keep(struct fixture *f, const char *name)
{
	char hex[SHA256_HEX];

	if (decide_keep(f->p->s, place_digits(name, hex), &me, &f->p->done,
		&f->p->e) < 0)
		fail_msg("%s", f->p->e.msg);
	assert_int_equal(store_commit(f->p->s, &f->p->e), 0);
}

static int64_t
say(struct fixture *f, const char *a, const char *b, bool same)
{
	char hex_a[SHA256_HEX], hex_b[SHA256_HEX];

	if (decide_pair(f->p->s, place_digits(a, hex_a), place_digits(b, hex_b),
		&same, &me, &f->p->done, &f->p->e) < 0)
		fail_msg("%s", f->p->e.msg);
	assert_int_equal(store_commit(f->p->s, &f->p->e), 0);
	return f->p->done.id;
}

static void
reject(struct fixture *f, const char *name)
{
	char hex[SHA256_HEX];

	assert_true(place_decide(f->p, place_digits(name, hex), DECIDE_REJECT,
			NULL, &me) > 0);
}

static bool
is_rejected(struct fixture *f, int64_t id)
{
	char sql[100];

	snprintf(sql, sizeof(sql),
	    "SELECT rejected FROM sample WHERE id = %lld", (long long)id);
	return place_number(f->p, sql) == 1;
}

/* ---- groups ----------------------------------------------------------------- */

static void
a_chain_is_no_group(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 20), c = away(&b, 20, 20);
	int64_t ia = add_code(f, "a", &a, 300);
	int64_t ib = add_code(f, "b", &b, 200);
	int64_t ic = add_code(f, "c", &c, 100);

	run(f, false);
	assert_int_equal(keeper_of(f, ia), ia);
	assert_int_equal(keeper_of(f, ib), ia);
	assert_int_equal(keeper_of(f, ic), ic);
	/* All the same, no split parts them. */
	assert_int_equal(place_number(f->p,
			     "SELECT count(DISTINCT "
			     "component_id) FROM sample"),
	    1);
}

static void
the_one_in_the_middle_keeps_both(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 20), c = away(&b, 20, 20);
	int64_t ia = add_code(f, "a", &a, 100);
	int64_t ic = add_code(f, "c", &c, 100), ib;

	run(f, false);
	assert_int_equal(keeper_of(f, ic), ic);
	ib = add_code(f, "b", &b, 200);
	run(f, false);
	assert_int_equal(keeper_of(f, ia), ib);
	assert_int_equal(keeper_of(f, ic), ib);
}

static void
a_flood_of_plain_colours_is_no_group(void **state)
{
	struct fixture *f = *state;
	static const uint8_t zeros[PDQ_SIZE];
	char name[16];
	int i;

	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "red%d", i);
		add(f,
		    &(struct made){
			.name = name, .bits = zeros, .quality = 1 });
	}
	add(f,
	    &(struct made){ .name = "again",
		.bits = zeros,
		.quality = 1,
		.pixels = "red7" });
	run(f, false);
	assert_int_equal(f->stats.keepers, 300);
	assert_int_equal(f->stats.duplicates, 1);
	assert_int_equal(
	    place_number(
		f->p, "SELECT count(*) FROM sample WHERE match = 'pixels'"),
	    1);
}

static void
a_turned_copy_is_found_and_its_turn_noted(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = random_code(0, &f->seed);
	struct near_code t = away(&a, 0, 10);
	int64_t ia = add_code(f, "a", &a, 200);
	int64_t ib = add(
	    f, &(struct made){ .name = "b", .bits = b.bits, .turned = t.bits });

	run(f, false);
	assert_int_equal(keeper_of(f, ib), ia);
	assert_int_equal(
	    place_number(f->p, "SELECT turn FROM sample WHERE id = 2"), 1);
	assert_int_equal(
	    place_number(f->p, "SELECT distance FROM sample WHERE id = 2"), 10);
	/* One component, though their codes are far apart. */
	assert_int_equal(place_number(f->p,
			     "SELECT count(DISTINCT "
			     "component_id) FROM sample"),
	    1);
}

/* How far the turned code of b is from a, and what becomes of b. */
static void
turned_by(struct fixture *f, int bits, bool mirrored, int64_t keeper)
{
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = random_code(0, &f->seed);
	struct near_code t = away(&a, 0, bits);
	struct picture pa, pb;
	struct comparison r;

	add(f,
	    &(struct made){
		.name = "a", .bits = a.bits, .side = 200, .seen = true });
	add(f,
	    &(struct made){ .name = "b",
		.bits = b.bits,
		.turned = t.bits,
		.mirrored = mirrored });
	run(f, false);
	assert_int_equal(keeper_of(f, 2), keeper);
	assert_int_equal(picture_get(f->p->s, 1, &pa, &f->p->e), 0);
	assert_int_equal(picture_get(f->p->s, 2, &pb, &f->p->e), 0);
	pictures_compare(f->opts, &pb, &pa, &r);
	assert_int_equal(
	    r.verdict, keeper == 1 ? VERDICT_VERIFIED : VERDICT_DIFFERENT);
	if (keeper == 1)
		assert_int_equal(r.distance, bits);
}

static void
a_turned_copy_that_is_farther_is_looked_at(void **state)
{
	turned_by(*state, 38, true, 1);
}

static void
what_is_turned_and_far_and_not_alike_stands_by_itself(void **state)
{
	turned_by(*state, 38, false, 2);
}

static void
the_config_says_who_is_kept(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 4);
	int64_t ia = add_code(f, "a-long-one", &a, 100);
	int64_t ib = add_code(f, "b", &b, 200);

	run(f, false);
	assert_int_equal(keeper_of(f, ia), ib);
	opt_clear(opt_find(&dedup_group, "keep"), f->opts);
	assert_int_equal(
	    opt_set(opt_find(&dedup_group, "keep"), f->opts, "bytes", &f->p->e),
	    0);
	run(f, true);
	assert_int_equal(keeper_of(f, ib), ia);
	/* A person's choice counts, though it is not named. */
	keep(f, "b");
	run(f, true);
	assert_int_equal(keeper_of(f, ia), ib);
}

#define SETS 8
#define OF_SET 7

/* Images around a few pictures, some in reach of two. */
static void
add_one(struct fixture *f, int i)
{
	uint32_t seed = 77 + (uint32_t)(i % SETS);
	struct near_code c = random_code(0, &seed);
	char name[16];

	seed = 1000 + (uint32_t)i;
	c = neighbour(&c, 0, 4 + (uint32_t)(i % 3) * 12, &seed);
	snprintf(name, sizeof(name), "image %d", i);
	add(f,
	    &(struct made){
		.name = name, .bits = c.bits, .side = 100 + i * 37 % 97 });
}

static void
groups_do_not_depend_on_the_order_of_arrival(void **state)
{
	struct fixture *f = *state;
	char *first = NULL, *now;
	uint32_t seed = 3;
	int order[SETS * OF_SET], round, i, k, swap;
	void *fresh;

	for (i = 0; i < SETS * OF_SET; i++)
		order[i] = i;
	for (round = 0; round < 6; round++) {
		setup(&fresh);
		for (i = 0; i < SETS * OF_SET; i++) {
			add_one(fresh, order[i]);
			if (noise(&seed) % 8 < (uint32_t)round)
				run(fresh, false);
		}
		run(fresh, false);
		now = groups(fresh);
		if (first == NULL)
			first = xstrdup(now);
		assert_string_equal(now, first);
		free(now);
		run(fresh, true);
		assert_int_equal(((struct fixture *)fresh)->stats.changed, 0);
		teardown(&fresh);
		for (i = SETS * OF_SET - 1; i > 0; i--) {
			k = (int)(noise(&seed) % (uint32_t)(i + 1));
			swap = order[i];
			order[i] = order[k];
			order[k] = swap;
		}
	}
	assert_true(strlen(first) > 0);
	free(first);
	(void)f;
}

static void
count_change(void *ctx, const struct dedup_change *change)
{
	int *n = ctx;

	assert_int_equal(strlen(change->image), 64);
	++*n;
}

static void
a_dry_run_tells_and_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 28), c = away(&a, 40, 8);
	int n = 0;
	struct dedup_ask ask = { .anew = true,
		.dry_run = true,
		.actor = "me",
		.change = count_change,
		.ctx = &n };
	char *before;

	add_code(f, "a", &a, 200);
	add_code(f, "b", &b, 100);
	add_code(f, "c", &c, 100);
	run(f, false);
	before = state_of(f);
	f->opts->duplicate = 20;
	f->opts->probable = 20;
	assert_int_equal(
	    dedup_run(f->p->s, f->opts, &ask, &f->stats, &f->p->e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(f->stats.moved, 1);
	assert_int_equal(f->stats.step, 0);
	same_state(before, state_of(f));
}

/* ---- the log ------------------------------------------------------------------ */

static void
a_whole_run_is_taken_back_and_stays_so(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 6), c = away(&a, 6, 6);
	struct near_code d = random_code(0, &f->seed);
	char *before, *after;
	int64_t step, back, ib;

	add_code(f, "a", &a, 100);
	ib = add_code(f, "b", &b, 200);
	run(f, false);
	before = state_of(f);
	add_code(f, "c", &c, 300);
	run(f, false);
	step = f->stats.step;
	assert_true(step > 0);
	after = state_of(f);
	/* All three have moved: the new one has taken the place of b. */
	assert_int_equal(f->stats.moved, 2);
	back = undo(f, step);
	assert_int_equal(keeper_of(f, 1), ib);
	assert_int_equal(keeper_of(f, ib), ib);
	assert_int_equal(keeper_of(f, 3), 3);
	run(f, false);
	assert_int_equal(f->stats.moved, 0);
	/* Nor does an image that is like none of them bring it about. */
	add_code(f, "d", &d, 100);
	run(f, false);
	assert_int_equal(keeper_of(f, ib), ib);
	undo(f, back);
	assert_int_equal(keeper_of(f, 1), 3);
	assert_int_equal(keeper_of(f, ib), 3);
	free(before);
	free(after);
}

static void
a_first_run_is_taken_back_too(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 6);

	add_code(f, "a", &a, 200);
	add_code(f, "b", &b, 100);
	run(f, false);
	/* Only what is a copy is in the log. */
	assert_int_equal(place_number(f->p, "SELECT count(*) FROM change"), 1);
	undo(f, f->stats.step);
	assert_int_equal(keeper_of(f, 2), 2);
	run(f, false);
	assert_int_equal(keeper_of(f, 2), 2);
	run(f, true);
	assert_int_equal(keeper_of(f, 2), 1);
}

static void
undo_never_leaves_a_copy_of_what_is_not_kept(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 6), c = away(&a, 6, 6);
	struct op_undone u;
	int64_t first, second;

	add_code(f, "a", &a, 100);
	add_code(f, "b", &b, 200);
	run(f, false);
	first = f->stats.step;
	add_code(f, "c", &c, 300);
	run(f, false);
	second = f->stats.step;
	/* b keeps nobody now, so a cannot go back to standing by itself. */
	assert_int_equal(place_undo(f->p, first, &u), 0);
	assert_int_equal(u.kept, 1);
	undo(f, second);
	undo(f, first);
	assert_int_equal(
	    place_number(f->p,
		"SELECT count(*) FROM sample s JOIN sample k"
		" ON k.id = s.keeper_id WHERE k.keeper_id <> k.id"),
	    0);
	assert_int_equal(keeper_of(f, 1), 1);
}

static void
a_run_is_not_what_a_bare_undo_takes_back(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 6);
	struct op_undone u;

	add(f, &(struct made){ .name = "a", .bits = a.bits, .label = "cat" });
	reject(f, "a");
	add_code(f, "b", &b, 50);
	run(f, false);
	assert_true(place_undo(f->p, 0, &u) > 0);
	assert_false(is_rejected(f, 1));
}

/* ---- what people say --------------------------------------------------------- */

static void
told_apart_stays_apart(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 6);
	int64_t step;

	add_code(f, "a", &a, 200);
	add_code(f, "b", &b, 100);
	run(f, false);
	assert_int_equal(keeper_of(f, 2), 1);
	step = say(f, "b", "a", false);
	assert_int_equal(f->p->done.released, 2);
	run(f, false);
	assert_int_equal(keeper_of(f, 2), 2);
	run(f, true);
	assert_int_equal(keeper_of(f, 2), 2);
	assert_int_equal(f->stats.changed, 0);
	undo(f, step);
	run(f, false);
	assert_int_equal(keeper_of(f, 2), 1);
}

static void
copies_of_a_third_are_told_apart(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 6), c = away(&a, 6, 16);

	add_code(f, "a", &a, 200);
	add_code(f, "b", &b, 100);
	add_code(f, "c", &c, 100);
	run(f, false);
	say(f, "b", "c", false);
	run(f, false);
	assert_int_equal(keeper_of(f, 2), 1);
	assert_int_equal(keeper_of(f, 3), 3);
}

static void
a_person_says_that_two_are_the_same(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = random_code(0, &f->seed), c = away(&b, 0, 6);
	int64_t step;

	add_code(f, "a", &a, 300);
	add_code(f, "b", &b, 200);
	add_code(f, "c", &c, 100);
	run(f, false);
	assert_int_equal(keeper_of(f, 3), 2);
	step = say(f, "a", "b", true);
	run(f, false);
	assert_int_equal(keeper_of(f, 2), 1);
	/* The copy of the one is a copy of the other. */
	assert_int_equal(keeper_of(f, 3), 1);
	assert_int_equal(
	    place_number(
		f->p, "SELECT count(*) FROM sample WHERE match = 'person'"),
	    2);
	run(f, true);
	assert_int_equal(f->stats.changed, 0);
	undo(f, step);
	run(f, false);
	assert_int_equal(keeper_of(f, 2), 2);
	assert_int_equal(keeper_of(f, 3), 2);
}

static void
the_chosen_one_is_kept(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 6), c = away(&a, 6, 6);

	add_code(f, "a", &a, 300);
	add_code(f, "b", &b, 200);
	add_code(f, "c", &c, 100);
	run(f, false);
	keep(f, "c");
	run(f, false);
	assert_int_equal(keeper_of(f, 1), 3);
	assert_int_equal(keeper_of(f, 2), 3);
	run(f, true);
	assert_int_equal(keeper_of(f, 1), 3);
	keep(f, "b");
	run(f, false);
	assert_int_equal(keeper_of(f, 3), 2);
	assert_int_equal(
	    place_number(f->p, "SELECT sum(chosen) FROM sample"), 1);
	undo(f, 0);
	run(f, false);
	assert_int_equal(keeper_of(f, 2), 3);
}

static void
who_is_rejected_cannot_be_chosen(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	char hex[SHA256_HEX];

	add_code(f, "a", &a, 100);
	run(f, false);
	reject(f, "a");
	assert_int_equal(decide_keep(f->p->s, place_digits("a", hex), &me,
			     &f->p->done, &f->p->e),
	    -1);
	assert_non_null(strstr(f->p->e.msg, "rejected"));
	store_rollback(f->p->s);
}

static void
a_stale_revision_decides_nothing(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	const struct op_ask stale = { .actor = "me", .if_rev = 9 };
	char hex[SHA256_HEX];

	add_code(f, "a", &a, 100);
	run(f, false);
	assert_int_equal(decide_keep(f->p->s, place_digits("a", hex), &stale,
			     &f->p->done, &f->p->e),
	    -1);
	assert_non_null(strstr(f->p->e.msg, "revision"));
	store_rollback(f->p->s);
}

/* ---- what is rejected --------------------------------------------------------- */

static void
a_picture_is_rejected_with_its_copies(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 6);

	add_code(f, "a", &a, 200);
	add_code(f, "b", &b, 100);
	run(f, false);
	reject(f, "a");
	assert_int_equal(f->p->done.copies, 1);
	assert_true(is_rejected(f, 2));
	undo(f, 0);
	assert_false(is_rejected(f, 2));
	/* A copy alone says nothing of the picture. */
	reject(f, "b");
	assert_false(is_rejected(f, 1));
}

static void
who_is_restored_takes_the_place_of_a_rejected_keeper(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 6);
	char hex[SHA256_HEX];

	add_code(f, "a", &a, 200);
	add_code(f, "b", &b, 100);
	run(f, false);
	reject(f, "a");
	place_decide(f->p, place_digits("b", hex), DECIDE_RESTORE, NULL, &me);
	assert_true(f->p->done.released > 0);
	run(f, false);
	assert_int_equal(keeper_of(f, 1), 2);
	assert_int_equal(keeper_of(f, 2), 2);
	assert_true(is_rejected(f, 1));
	assert_false(is_rejected(f, 2));
}

static void
what_was_rejected_does_not_come_back_in_other_bytes(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 6), other = random_code(0, &f->seed);
	int64_t ib, io;

	add_code(f, "a", &a, 100);
	run(f, false);
	reject(f, "a");
	ib = add_code(f, "b", &b, 200);
	io = add_code(f, "other", &other, 200);
	run(f, false);
	assert_int_equal(f->stats.weeds, 1);
	assert_true(is_rejected(f, ib));
	assert_false(is_rejected(f, io));
	undo(f, f->stats.step);
	assert_false(is_rejected(f, ib));
}

static void
a_copy_of_a_rejected_copy_is_recognised(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 28), c = away(&b, 28, 10);
	int64_t ic;

	add_code(f, "a", &a, 300);
	add_code(f, "b", &b, 100);
	run(f, false);
	reject(f, "b");
	/* Too far from the keeper, but what was removed all the same. */
	ic = add_code(f, "c", &c, 50);
	run(f, false);
	assert_int_equal(keeper_of(f, ic), ic);
	assert_true(is_rejected(f, ic));
}

/* ---- labels ------------------------------------------------------------------- */

static int
keep_json(void *ctx, const char *json, struct err *e)
{
	char *out = ctx;

	(void)e;
	snprintf(out + strlen(out), 4096 - strlen(out), "%s\n", json);
	return 0;
}

static void
equal_images_with_different_labels_are_a_conflict(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	char json[4096] = "", hex[SHA256_HEX];

	add(f,
	    &(struct made){
		.name = "a", .label = "cat", .bits = a.bits, .side = 200 });
	add(f,
	    &(struct made){
		.name = "b", .label = "dog", .bits = a.bits, .pixels = "a" });
	run(f, false);
	assert_int_equal(place_count(f->p, "conflict=yes"), 1);
	assert_int_equal(
	    conflict_claims(f->p->s, 0, keep_json, json, &f->p->e), 0);
	assert_non_null(strstr(json, place_digits("a", hex)));
	assert_non_null(strstr(json, place_digits("b", hex)));
	assert_non_null(strstr(json, "\"cat\""));
	assert_non_null(strstr(json, "\"dog\""));
	/* A decision resolves it. */
	place_decide(f->p, place_digits("a", hex), DECIDE_LABEL, "cat", &me);
	json[0] = 0;
	assert_int_equal(
	    conflict_claims(f->p->s, 0, keep_json, json, &f->p->e), 0);
	assert_int_equal(
	    conflict_groups(f->p->s, 0, keep_json, json, &f->p->e), 0);
	assert_string_equal(json, "");
}

static void
what_is_claimed_of_a_copy_is_claimed_of_the_picture(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 6);

	add_code(f, "a", &a, 200);
	add(f, &(struct made){ .name = "b", .label = "dog", .bits = b.bits });
	run(f, false);
	assert_int_equal(place_count(f->p, "label=dog"), 2);
	/* What is seen later of the copy counts as well. */
	place_hold(f->p, "http://h/again", "cat", "b");
	assert_int_equal(
	    place_number(f->p, "SELECT conflict FROM sample WHERE id = 1"), 1);
	undo(f, f->stats.step);
	assert_int_equal(
	    place_number(f->p, "SELECT conflict FROM sample WHERE id = 1"), 0);
	assert_int_equal(place_number(f->p,
			     "SELECT claimed_id IS NULL FROM sample"
			     " WHERE id = 1"),
	    1);
}

static void
a_labelled_copy_takes_the_keepers_place(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 6);
	char hex[SHA256_HEX];

	add(f,
	    &(struct made){
		.name = "a", .label = "cat", .bits = a.bits, .side = 200 });
	add_code(f, "b", &b, 100);
	run(f, false);
	place_decide(f->p, place_digits("b", hex), DECIDE_LABEL, "cat", &me);
	assert_true(f->p->done.released > 0);
	run(f, false);
	assert_int_equal(keeper_of(f, 1), 2);
}

/* ---- elsewhere ----------------------------------------------------------------- */

static void
the_comparison_tells_the_same_as_the_run(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 12), c = away(&a, 0, 40);
	struct picture pa, pb, pc;
	struct comparison r;

	add_code(f, "a", &a, 100);
	add_code(f, "b", &b, 100);
	add_code(f, "c", &c, 100);
	run(f, false);
	assert_int_equal(picture_get(f->p->s, 1, &pa, &f->p->e), 0);
	assert_int_equal(picture_get(f->p->s, 2, &pb, &f->p->e), 0);
	assert_int_equal(picture_get(f->p->s, 3, &pc, &f->p->e), 0);
	pictures_compare(f->opts, &pa, &pb, &r);
	assert_int_equal(r.verdict, VERDICT_NEAR);
	assert_int_equal(r.distance, 12);
	assert_int_equal(r.plain, 12);
	pictures_compare(f->opts, &pa, &pc, &r);
	assert_int_equal(r.verdict, VERDICT_PROBABLE);
	assert_int_equal(r.distance, 40);
	assert_true(r.similar < 0);
	pictures_compare(f->opts, &pa, &pa, &r);
	assert_int_equal(r.verdict, VERDICT_BYTES);
	pa.code.pdq_quality = 49;
	pictures_compare(f->opts, &pa, &pb, &r);
	assert_true(r.flat);
	assert_int_equal(r.verdict, VERDICT_DIFFERENT);
}

static void
count_pair(void *ctx, const struct probable *p)
{
	int *n = ctx;

	assert_int_equal(p->distance, 40);
	++*n;
}

static void
probable_pairs_are_listed_until_somebody_says(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 40);
	int n = 0;

	add_code(f, "a", &a, 100);
	add_code(f, "b", &b, 100);
	run(f, false);
	assert_int_equal(
	    dedup_probable(f->p->s, f->opts, 0, count_pair, &n, &f->p->e), 0);
	assert_int_equal(n, 1);
	say(f, "a", "b", false);
	assert_int_equal(
	    dedup_probable(f->p->s, f->opts, 0, count_pair, &n, &f->p->e), 0);
	assert_int_equal(n, 1);
}

static void
what_was_said_goes_with_what_is_forgotten(void **state)
{
	struct fixture *f = *state;
	struct near_code a = random_code(0, &f->seed);
	struct near_code b = away(&a, 0, 6);

	add_code(f, "a", &a, 100);
	add_code(f, "b", &b, 100);
	run(f, false);
	say(f, "a", "b", false);
	assert_int_equal(
	    place_number(f->p, "SELECT count(*) FROM pair_verdict"), 1);
	assert_int_equal(
	    sql_run(f->p->s, Q_FORGET_PAIRS, &f->p->e, "i", (int64_t)2), 0);
	assert_int_equal(
	    place_number(f->p, "SELECT count(*) FROM pair_verdict"), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_chain_is_no_group),
		TEST(the_one_in_the_middle_keeps_both),
		TEST(a_flood_of_plain_colours_is_no_group),
		TEST(a_turned_copy_is_found_and_its_turn_noted),
		TEST(a_turned_copy_that_is_farther_is_looked_at),
		TEST(what_is_turned_and_far_and_not_alike_stands_by_itself),
		TEST(the_config_says_who_is_kept),
		TEST(groups_do_not_depend_on_the_order_of_arrival),
		TEST(a_dry_run_tells_and_changes_nothing),
		TEST(a_whole_run_is_taken_back_and_stays_so),
		TEST(a_first_run_is_taken_back_too),
		TEST(undo_never_leaves_a_copy_of_what_is_not_kept),
		TEST(a_run_is_not_what_a_bare_undo_takes_back),
		TEST(told_apart_stays_apart),
		TEST(copies_of_a_third_are_told_apart),
		TEST(a_person_says_that_two_are_the_same),
		TEST(the_chosen_one_is_kept),
		TEST(who_is_rejected_cannot_be_chosen),
		TEST(a_stale_revision_decides_nothing),
		TEST(a_picture_is_rejected_with_its_copies),
		TEST(who_is_restored_takes_the_place_of_a_rejected_keeper),
		TEST(what_was_rejected_does_not_come_back_in_other_bytes),
		TEST(a_copy_of_a_rejected_copy_is_recognised),
		TEST(equal_images_with_different_labels_are_a_conflict),
		TEST(what_is_claimed_of_a_copy_is_claimed_of_the_picture),
		TEST(a_labelled_copy_takes_the_keepers_place),
		TEST(the_comparison_tells_the_same_as_the_run),
		TEST(probable_pairs_are_listed_until_somebody_says),
		TEST(what_was_said_goes_with_what_is_forgotten),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
