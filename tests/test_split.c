/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Splits: what may look alike is never parted, and nothing moves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "dedup/dedup.h"
#include "store/classes.h"
#include "store/diff.h"
#include "store/filter.h"
#include "store/frontier_images.h"
#include "store/samples.h"
#include "store/store_int.h"
#include "tests/codes.h"

#define MANY 2000

struct image {
	int64_t id;
	unsigned char sha256[SHA256_SIZE];
	struct near_code code;
	const char *class;
	int part, fold;
	double weight;
};

struct fixture {
	char folder[64];
	struct store *s;
	struct err e;
	struct frontier_source source;
	uint32_t seed;
	struct image v[MANY]; /* all that was made */
	int n;
	struct split_opts opts;
	char balance[8];
};

static const struct dedup_opts dedup = {
	.duplicate = 31, .probable = 51, .quality = 50
};

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	strcpy(f->folder, "/tmp/griddle-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	assert_int_equal(store_create(f->folder, &f->e), 0);
	assert_int_equal(store_open(f->folder, STORE_WRITE, &f->s, &f->e), 0);
	assert_int_equal(run_begin(f->s, "test", "[]", &f->e), 0);
	assert_int_equal(frontier_begin(f->s, "web", "page", "f1", 3600, false,
			     &f->source, &f->e),
	    0);
	assert_int_equal(store_commit(f->s, &f->e), 0);
	f->seed = 5;
	strcpy(f->balance, "none");
	f->opts = (struct split_opts){ .train = 70,
		.val = 15,
		.test = 15,
		.balance = f->balance,
		.seed = 1,
		.minimum = 10 };
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	store_close(f->s);
	nftw(f->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

/* An image that a page offered, fetched but not looked at. */
static struct image *
hold(struct fixture *f, const char *class, const char *page)
{
	struct image *image = &f->v[f->n];
	char *url CLEANUP(freep) = xasprintf("http://h/%d", f->n);
	struct sighting sight = {
		.url = url, .host = "h", .label = class, .page = page
	};
	int64_t url_id, blob;
	bool is_new;

	assert_true(f->n < MANY);
	f->n++;
	image->class = class;
	image->part = -1;
	assert_int_equal(store_begin(f->s, &f->e), 0);
	assert_int_equal(
	    frontier_sight(f->s, &f->source, &sight, &url_id, &is_new, &f->e),
	    0);
	assert_int_equal(
	    blob_put(f->s, url, strlen(url), image->sha256, &f->e), 0);
	assert_int_equal(
	    frontier_image_held(f->s, url_id, image->sha256,
		(int64_t)strlen(url), 200, "e", NULL, &is_new, &f->e),
	    0);
	assert_int_equal(
	    sql_int(f->s, Q_BLOB_ID, &blob, &f->e, "h", image->sha256), 1);
	assert_int_equal(
	    sql_int(f->s, Q_SAMPLE_OF_BLOB, &image->id, &f->e, "i", blob), 1);
	return image;
}

static const unsigned char recipe[SHA256_SIZE];
static const struct sample_visit by = { .recipe = recipe };

/* The same, prepared, with a code. */
static struct image *
add(struct fixture *f, const char *class, const char *page,
    const struct near_code *code, int side)
{
	struct image *image = hold(f, class, page);
	struct sample_facts facts = { .format = "png",
		.width = side,
		.height = side,
		.frames = 1,
		.pdq_quality = 100 };

	image->code = *code;
	memcpy(facts.pdq, code->bits, sizeof(facts.pdq));
	xxh3_of(NULL, 0, image->sha256, SHA256_SIZE, facts.pixel_digest);
	assert_int_equal(
	    sample_prepared(f->s, image->id, &by, &facts, &f->e), 0);
	return image;
}

static struct image *
fresh(struct fixture *f, const char *class)
{
	struct near_code code = random_code(0, &f->seed);

	return add(f, class, NULL, &code, 100);
}

/* A code exactly so many bits away. */
static struct near_code
away(struct fixture *f, const struct near_code *from, int bits)
{
	struct near_code to = *from;
	uint32_t bit;

	while (pdq_distance(to.bits, from->bits) < bits) {
		bit = (noise(&f->seed) >> 8) % PDQ_BITS;
		to.bits[bit / 8] =
		    (uint8_t)((to.bits[bit / 8] & ~(1u << bit % 8)) |
			(~from->bits[bit / 8] & 1u << bit % 8));
	}
	return to;
}

static struct image *
like(struct fixture *f, const struct image *from, const char *class, int bits)
{
	struct near_code code = away(f, &from->code, bits);

	return add(f, class, NULL, &code, 100);
}

static void
group(struct fixture *f)
{
	const struct dedup_ask ask = { .actor = "me" };
	struct dedup_stats stats;

	assert_int_equal(store_commit(f->s, &f->e), 0);
	assert_int_equal(dedup_run(f->s, &dedup, &ask, &stats, &f->e), 0);
}

static int
take_row(void *ctx, const struct snapshot_row *row, struct err *e)
{
	struct fixture *f = ctx;
	int i;

	(void)e;
	for (i = 0; i < f->n; i++)
		if (f->v[i].id == row->sample_id) {
			f->v[i].part = (int)row->part;
			f->v[i].fold = row->fold;
			f->v[i].weight = row->weight;
		}
	return 0;
}

static struct snapshot
split_by(struct fixture *f, const struct split_request *more)
{
	struct split_request r = *more;
	char hash[SHA256_HEX];
	struct snapshot n;
	bool is_new;
	int i;

	r.opts = &f->opts;
	for (i = 0; i < f->n; i++)
		f->v[i].part = -1;
	if (snapshot_make(f->s, &r, &n, &is_new, &f->e) < 0)
		fail_msg("%s", f->e.msg);
	assert_int_equal(snapshot_rows(f->s, n.id, take_row, f, &f->e), 0);
	assert_int_equal(snapshot_rehash(f->s, &n, hash, &f->e), 0);
	assert_string_equal(hash, n.hash);
	return n;
}

static void
split(struct fixture *f)
{
	struct snapshot n = split_by(f, &(struct split_request){ 0 });

	snapshot_release(&n);
}

static int64_t
reported(const struct snapshot *n, const char *object, const char *key)
{
	json_t *report = json_loads(n->report, 0, NULL), *from = report;
	int64_t number;

	assert_non_null(report);
	if (object != NULL)
		from = json_object_get(report, object);
	number = json_integer_value(json_object_get(from, key));
	json_decref(report);
	return number;
}

static void
apart_or_together(const struct fixture *f)
{
	int i, k, d;

	for (i = 0; i < f->n; i++)
		for (k = 0; k < i; k++) {
			if (f->v[i].part < 0 || f->v[k].part < 0 ||
			    (f->v[i].part == f->v[k].part &&
				f->v[i].fold == f->v[k].fold))
				continue;
			d = pdq_distance(f->v[i].code.bits, f->v[k].code.bits);
			if (d <= 51)
				fail_msg(
				    "%d and %d are %d bits apart", i, k, d);
		}
}

static const char *const classes[] = { "a", "b", "c" };

/* 400 unlike images, then 500 near ones of them and of each other. */
static void
make(struct fixture *f)
{
	int i, from;

	for (i = 0; i < 400; i++)
		fresh(f, classes[i % 3]);
	for (i = 0; i < 500; i++) {
		from = (int)(noise(&f->seed) >> 8) % f->n;
		like(f, &f->v[from], classes[i % 7 == 0 ? 2 : from % 3],
		    2 + i % 50);
	}
	group(f);
}

/* ------------------------------------------------------------------------ */

static void
near_images_are_never_parted(void **state)
{
	struct fixture *f = *state;
	int i, in = 0, parts[PART_COUNT] = { 0 };

	make(f);
	split(f);
	for (i = 0; i < f->n; i++)
		if (f->v[i].part >= 0) {
			in++;
			parts[f->v[i].part]++;
		}
	assert_true(in > 550);
	assert_in_range(parts[PART_VAL], in * 13 / 100, in * 17 / 100);
	assert_in_range(parts[PART_TEST], in * 13 / 100, in * 17 / 100);
	apart_or_together(f);
}

static void
a_fifth_more_images_move_none(void **state)
{
	struct fixture *f = *state;
	static struct image before[MANY];
	int i, n, from, seen = 0, joined = 0;

	make(f);
	split(f);
	memcpy(before, f->v, sizeof(before));
	n = f->n;
	for (i = 0; i < n / 5; i++)
		if (i % 3 == 0) {
			from = (int)(noise(&f->seed) >> 8) % n;
			like(f, &f->v[from], f->v[from].class, 2 + i % 50);
			joined++;
		} else {
			fresh(f, classes[i % 3]);
		}
	group(f);
	split(f);
	for (i = 0; i < n; i++)
		if (before[i].part >= 0 && f->v[i].part >= 0) {
			assert_int_equal(before[i].part, f->v[i].part);
			seen++;
		}
	assert_true(joined > 50 && seen > 500);
	apart_or_together(f);
}

static void
folds_are_stratified_and_keep_groups_whole(void **state)
{
	struct fixture *f = *state;
	int count[3][5] = { 0 }, i, c, k, of_class, largest;
	struct snapshot n;

	f->opts.folds = 5;
	make(f);
	n = split_by(f, &(struct split_request){ 0 });
	largest = (int)reported(&n, NULL, "largest_group");
	for (i = 0; i < f->n; i++) {
		assert_int_not_equal(f->v[i].part, PART_VAL);
		if (f->v[i].part != PART_TRAIN) {
			assert_true(f->v[i].part < 0 || f->v[i].fold == -1);
			continue;
		}
		assert_in_range(f->v[i].fold, 0, 4);
		count[f->v[i].class[0] - 'a'][f->v[i].fold]++;
	}
	for (c = 0; c < 3; c++) {
		for (of_class = 0, k = 0; k < 5; k++)
			of_class += count[c][k];
		for (k = 0; k < 5; k++)
			assert_true(
			    abs(5 * count[c][k] - of_class) <= 5 * largest);
	}
	apart_or_together(f);
	snapshot_release(&n);
}

static void
equal_contents_give_equal_hashes_in_whatever_order_they_came(void **state)
{
	struct fixture *f = *state, *g;
	struct snapshot n, m;
	void *other;
	int i;

	setup(&other);
	g = other;
	for (i = 0; i < 40; i++) {
		fresh(f, classes[i % 2]);
		like(f, &f->v[2 * i], classes[i % 2], 40);
	}
	/* The other way round: names and codes are those of the first. */
	for (i = 0; i < f->n; i++)
		hold(g, f->v[i].class, NULL);
	for (i = f->n; i-- > 0;) {
		struct sample_facts facts = { .format = "png",
			.width = 100,
			.height = 100,
			.frames = 1,
			.pdq_quality = 100 };

		memcpy(facts.pdq, f->v[i].code.bits, sizeof(facts.pdq));
		xxh3_of(
		    NULL, 0, f->v[i].sha256, SHA256_SIZE, facts.pixel_digest);
		assert_int_equal(
		    sample_prepared(g->s, g->v[i].id, &by, &facts, &g->e), 0);
	}
	group(f);
	group(g);
	n = split_by(f, &(struct split_request){ 0 });
	m = split_by(g, &(struct split_request){ 0 });
	assert_string_equal(n.hash, m.hash);
	snapshot_release(&n);
	snapshot_release(&m);
	teardown(&other);
}

static void
a_class_that_is_renamed_leaves_snapshots_as_they_were(void **state)
{
	struct fixture *f = *state;
	const struct op_ask ask = { .actor = "me" };
	struct snapshot n;
	struct op_done done;
	char hash[SHA256_HEX];
	int i;

	for (i = 0; i < 40; i++)
		fresh(f, classes[i % 2]);
	group(f);
	n = split_by(f, &(struct split_request){ 0 });
	if (class_rename(f->s, classes[0], "another", &ask, &done, &f->e) < 0)
		fail_msg("%s", f->e.msg);
	assert_int_equal(snapshot_rehash(f->s, &n, hash, &f->e), 0);
	assert_string_equal(hash, n.hash);
	snapshot_release(&n);
}

static void
the_header_says_what_made_a_snapshot(void **state)
{
	struct fixture *f = *state;
	struct strlist terms = { .v = (char *[]){ (char[]){ "width>=50" } },
		.n = 1 };
	struct filter *filter CLEANUP(filter_freep) = NULL;
	struct snapshot n, m;
	json_t *options;
	int i;

	for (i = 0; i < 60; i++)
		fresh(f, classes[i % 2]);
	group(f);
	assert_int_equal(
	    filter_parse((const char *const *)terms.v, 1, &filter, &f->e), 0);
	n = split_by(f,
	    &(struct split_request){ .filter = filter,
		.terms = &terms,
		.recipe = "resize 224",
		.recipe_hash = recipe });
	options = json_loads(n.options, 0, NULL);
	assert_int_equal(
	    json_integer_value(json_object_get(options, "manifest")), 2);
	assert_string_equal(json_string_value(json_array_get(
				json_object_get(options, "filter"), 0)),
	    "width>=50");
	assert_string_equal(json_string_value(json_object_get(
				json_object_get(options, "recipe"), "steps")),
	    "resize 224");
	json_decref(options);
	m = split_by(f, &(struct split_request){ 0 });
	assert_string_not_equal(n.hash, m.hash);
	snapshot_release(&n);
	snapshot_release(&m);
}

static void
weights_make_classes_equal_in_each_part(void **state)
{
	struct fixture *f = *state;
	double sum[2][PART_COUNT] = { 0 };
	int i, part;

	strcpy(f->balance, "up");
	for (i = 0; i < 100; i++)
		fresh(f, classes[i % 5 == 0]);
	group(f);
	split(f);
	for (i = 0; i < f->n; i++)
		sum[f->v[i].class[0] - 'a'][f->v[i].part] += f->v[i].weight;
	for (part = 0; part < PART_COUNT; part++) {
		assert_true(sum[0][part] > 0);
		assert_true(sum[0][part] - sum[1][part] < 1e-9);
		assert_true(sum[1][part] - sum[0][part] < 1e-9);
	}
}

static void
sql(struct fixture *f, const char *text)
{
	assert_int_equal(store_begin(f->s, &f->e), 0);
	if (sql_script(f->s, text, &f->e) < 0)
		fail_msg("%s", f->e.msg);
	assert_int_equal(store_commit(f->s, &f->e), 0);
}

static void
the_report_adds_up_to_all_images(void **state)
{
	struct fixture *f = *state;
	struct strlist wanted = {
		.v = (char *[]){ (char[]){ "a" }, (char[]){ "b" } }, .n = 2
	};
	const char *term = "width>=60";
	struct filter *filter CLEANUP(filter_freep) = NULL;
	struct near_code code;
	struct snapshot n;
	json_t *report, *left, *value;
	const char *key;
	int64_t sum;
	int i;

	strcpy(f->balance, "down");
	for (i = 0; i < 70; i++)
		fresh(f, i < 40 ? "a" : "b");
	for (i = 0; i < 5; i++)
		like(f, &f->v[i], "a", 8);
	for (i = 0; i < 4; i++)
		hold(f, "a", NULL);
	for (i = 0; i < 3; i++)
		fresh(f, "stray");
	for (i = 0; i < 2; i++)
		fresh(f, "old");
	fresh(f, NULL);
	for (i = 0; i < 6; i++) {
		code = random_code(0, &f->seed);
		add(f, "b", NULL, &code, 50);
	}
	assert_int_equal(sample_refused(f->s, hold(f, "a", NULL)->id, &by,
			     "truncated", &f->e),
	    0);
	group(f);
	sql(f,
	    "UPDATE sample SET rejected = 1 WHERE id = 60;"
	    "UPDATE class SET retired = 1 WHERE name = 'old';");
	assert_int_equal(filter_parse(&term, 1, &filter, &f->e), 0);
	n = split_by(
	    f, &(struct split_request){ .filter = filter, .classes = &wanted });
	assert_int_equal(reported(&n, "left_out", "duplicate"), 5);
	assert_int_equal(reported(&n, "left_out", "not_prepared"), 4);
	assert_int_equal(reported(&n, "left_out", "class_not_in_conf"), 3);
	assert_int_equal(reported(&n, "left_out", "retired_class"), 2);
	assert_int_equal(reported(&n, "left_out", "no_label"), 1);
	assert_int_equal(reported(&n, "left_out", "filter"), 6);
	assert_int_equal(reported(&n, "left_out", "rejected"), 1);
	assert_int_equal(reported(&n, "left_out", "refused"), 1);
	assert_int_equal(reported(&n, "refused", "truncated"), 1);
	assert_int_equal(reported(&n, "left_out", "balance"), 40 - 29);
	report = json_loads(n.report, 0, NULL);
	left = json_object_get(report, "left_out");
	sum = json_integer_value(json_object_get(report, "taken"));
	json_object_foreach(left, key, value) sum += json_integer_value(value);
	assert_int_equal(sum, f->n);
	assert_int_equal(reported(&n, NULL, "samples"), f->n);
	json_decref(report);
	snapshot_release(&n);
}

static void
an_album_stays_together_and_a_listing_does_not(void **state)
{
	struct fixture *f = *state;
	struct near_code code;
	int i, album_parts[PART_COUNT] = { 0 }, list_parts[PART_COUNT] = { 0 };

	assert_int_equal(store_begin(f->s, &f->e), 0);
	assert_int_equal(
	    frontier_want(f->s, &f->source, "http://h/list", 0, 0, &f->e), 0);
	for (i = 0; i < 200; i++) {
		code = random_code(0, &f->seed);
		add(f, classes[i % 2],
		    i < 20       ? "http://h/list"
			: i < 29 ? "http://h/album"
				 : NULL,
		    &code, 100);
	}
	group(f);
	split(f);
	for (i = 0; i < 20; i++)
		list_parts[f->v[i].part]++;
	for (; i < 29; i++)
		album_parts[f->v[i].part]++;
	for (i = 0; i < PART_COUNT; i++) {
		assert_true(album_parts[i] == 0 || album_parts[i] == 9);
		assert_true(list_parts[i] < 20);
	}
}

static void
what_would_be_a_large_part_of_a_class_is_cut_and_told(void **state)
{
	struct fixture *f = *state;
	int i, parts[PART_COUNT] = { 0 };
	struct snapshot n;
	json_t *report;

	for (i = 0; i < 100; i++)
		fresh(f, classes[i % 2]);
	for (i = 0; i < 60; i++)
		like(f, &f->v[i == 0 ? 0 : f->n - 1], "a", 45);
	group(f);
	n = split_by(f, &(struct split_request){ 0 });
	report = json_loads(n.report, 0, NULL);
	assert_int_equal(json_array_size(json_object_get(report, "cut")), 1);
	json_decref(report);
	for (i = 100; i < f->n; i++)
		if (f->v[i].part >= 0)
			parts[f->v[i].part]++;
	assert_true(parts[PART_TRAIN] > 0 && parts[PART_TEST] > 0);
	snapshot_release(&n);
}

static void
a_bridge_between_parts_draws_all_to_the_test_part(void **state)
{
	struct fixture *f = *state;
	struct near_code middle;
	struct snapshot n;
	int i, train = -1, test = -1;

	for (i = 0; i < 100; i++)
		fresh(f, classes[i % 2]);
	/* 100 bits apart, and 50 to the one between them. */
	for (i = 0; i < 100; i++)
		like(f, &f->v[i], classes[i % 2], 100);
	group(f);
	split(f);
	for (i = 0; i < 100 && train < 0; i++)
		if (f->v[i].part == PART_TRAIN &&
		    f->v[i + 100].part == PART_TEST) {
			train = i;
			test = i + 100;
		}
	assert_true(train >= 0);
	middle = f->v[train].code;
	for (i = 0; pdq_distance(middle.bits, f->v[train].code.bits) < 50; i++)
		middle.bits[i] = f->v[test].code.bits[i];
	while (pdq_distance(middle.bits, f->v[train].code.bits) > 50)
		for (i = 0; i < PDQ_BITS; i++)
			if ((middle.bits[i / 8] ^
				f->v[train].code.bits[i / 8]) >>
				(i % 8) &
			    1) {
				middle.bits[i / 8] ^= (uint8_t)(1u << i % 8);
				break;
			}
	add(f, "a", NULL, &middle, 100);
	group(f);
	n = split_by(f, &(struct split_request){ 0 });
	assert_int_equal(f->v[train].part, PART_TEST);
	assert_int_equal(f->v[test].part, PART_TEST);
	assert_int_equal(f->v[f->n - 1].part, PART_TEST);
	assert_int_equal(reported(&n, NULL, "moved"), 1);
	assert_int_equal(reported(&n, NULL, "groups_disagreed"), 1);
	snapshot_release(&n);
}

static void
noise_is_joined_by_equal_pixels_only(void **state)
{
	struct fixture *f = *state;
	struct sample_facts facts = { .format = "png",
		.width = 100,
		.height = 100,
		.frames = 1,
		.pdq_quality = 49 };
	int64_t n;
	int i;

	/* All codes are equal; so are the pixels of the last two. */
	for (i = 0; i < 4; i++) {
		hold(f, "a", NULL);
		facts.pixel_digest[0] = (unsigned char)(i < 3 ? i : 2);
		assert_int_equal(
		    sample_prepared(f->s, f->v[i].id, &by, &facts, &f->e), 0);
	}
	group(f);
	assert_int_equal(
	    sql_query_int(f->s,
		"SELECT count(DISTINCT component_id) FROM sample", &n, &f->e),
	    0);
	assert_int_equal(n, 3);
	assert_int_equal(
	    sql_query_int(f->s, "SELECT component_id FROM sample WHERE id = 4",
		&n, &f->e),
	    0);
	assert_int_equal(n, 3);
}

static void
a_better_copy_takes_over_the_part_of_the_one_it_replaces(void **state)
{
	struct fixture *f = *state;
	struct near_code code;
	int i, part[60];

	for (i = 0; i < 60; i++)
		fresh(f, classes[i % 2]);
	group(f);
	split(f);
	for (i = 0; i < 60; i++) {
		part[i] = f->v[i].part;
		code = away(f, &f->v[i].code, 6);
		add(f, classes[i % 2], NULL, &code, 200);
	}
	group(f);
	split(f);
	for (i = 0; i < 60; i++) {
		assert_int_equal(f->v[i].part, -1);
		assert_int_equal(f->v[60 + i].part, part[i]);
	}
}

/* ---- diff --------------------------------------------------------------- */

static int
count_kind(void *ctx, const struct diff_entry *entry, struct err *e)
{
	int *count = ctx;

	(void)e;
	count[entry->kind]++;
	if (entry->kind == DIFF_ADDED)
		assert_null(entry->old.class);
	if (entry->kind == DIFF_RELABELLED) {
		assert_string_equal(entry->old.class, "a");
		assert_string_equal(entry->new.class, "b");
	}
	return 0;
}

static void
a_diff_knows_what_was_added_removed_moved_and_relabelled(void **state)
{
	struct fixture *f = *state;
	int count[DIFF_COUNT] = { 0 }, i;
	struct snapshot n, m;

	for (i = 0; i < 60; i++)
		fresh(f, classes[i % 2]);
	group(f);
	n = split_by(f, &(struct split_request){ 0 });
	assert_int_equal(
	    snapshot_diff(f->s, n.id, n.id, count_kind, count, &f->e), 0);
	assert_int_equal(count[DIFF_SAME], 60);
	for (i = 0; i < 7; i++)
		fresh(f, "a");
	group(f);
	sql(f,
	    "UPDATE sample SET rejected = 1 WHERE id IN (1, 2);"
	    "UPDATE sample SET decided_id ="
	    " (SELECT id FROM class WHERE name = 'b') WHERE id IN (5, 7, 9);");
	m = split_by(f, &(struct split_request){ 0 });
	memset(count, 0, sizeof(count));
	assert_int_equal(
	    snapshot_diff(f->s, n.id, m.id, count_kind, count, &f->e), 0);
	assert_int_equal(count[DIFF_ADDED], 7);
	assert_int_equal(count[DIFF_REMOVED], 2);
	assert_int_equal(count[DIFF_RELABELLED], 3);
	assert_int_equal(count[DIFF_MOVED], 0);
	assert_int_equal(count[DIFF_SAME], 55);
	snapshot_release(&m);
	f->opts.seed = 2;
	m = split_by(f, &(struct split_request){ 0 });
	memset(count, 0, sizeof(count));
	assert_int_equal(
	    snapshot_diff(f->s, n.id, m.id, count_kind, count, &f->e), 0);
	assert_true(count[DIFF_MOVED] > 0);
	snapshot_release(&n);
	snapshot_release(&m);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(near_images_are_never_parted),
		TEST(a_fifth_more_images_move_none),
		TEST(folds_are_stratified_and_keep_groups_whole),
		TEST(
		    equal_contents_give_equal_hashes_in_whatever_order_they_came),
		TEST(the_header_says_what_made_a_snapshot),
		TEST(a_class_that_is_renamed_leaves_snapshots_as_they_were),
		TEST(weights_make_classes_equal_in_each_part),
		TEST(the_report_adds_up_to_all_images),
		TEST(an_album_stays_together_and_a_listing_does_not),
		TEST(what_would_be_a_large_part_of_a_class_is_cut_and_told),
		TEST(a_bridge_between_parts_draws_all_to_the_test_part),
		TEST(noise_is_joined_by_equal_pixels_only),
		TEST(a_better_copy_takes_over_the_part_of_the_one_it_replaces),
		TEST(a_diff_knows_what_was_added_removed_moved_and_relabelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
