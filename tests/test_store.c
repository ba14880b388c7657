/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: what it promises the stages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store/check.h"
#include "store/curate.h"
#include "store/filter.h"
#include "base/clock.h"
#include "store/frontier_images.h"
#include "store/samples.h"
#include "store/snapshot.h"
#include "store/store_int.h"

struct fixture {
	char folder[64];
	struct store *s;
	struct err e;
	struct frontier_source source;
};

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

/* A fresh workspace with a run and a source in it. */
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
	assert_true(f->source.due);
	assert_int_equal(store_commit(f->s, &f->e), 0);
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

/* An image of these bytes, offered and fetched; its sample's id. */
static int64_t
hold(struct fixture *f, const char *url, const char *label, const char *bytes)
{
	struct sighting sight = { .url = url, .host = "h", .label = label };
	unsigned char sha256[SHA256_SIZE];
	int64_t url_id, sample;
	bool is_new;

	assert_int_equal(store_begin(f->s, &f->e), 0);
	assert_int_equal(
	    frontier_sight(f->s, &f->source, &sight, &url_id, &is_new, &f->e),
	    0);
	assert_int_equal(
	    blob_put(f->s, bytes, strlen(bytes), sha256, &f->e), 0);
	assert_int_equal(
	    frontier_image_held(f->s, url_id, sha256, (int64_t)strlen(bytes),
		200, "e", NULL, &is_new, &f->e),
	    0);
	assert_int_equal(store_commit(f->s, &f->e), 0);
	assert_int_equal(
	    sql_int(f->s, Q_BLOB_ID, &sample, &f->e, "h", sha256), 1);
	assert_int_equal(
	    sql_int(f->s, Q_SAMPLE_OF_BLOB, &sample, &f->e, "i", sample), 1);
	return sample;
}

static void
group(struct fixture *f, int64_t id, int64_t keeper, int distance)
{
	char *sql CLEANUP(freep) =
	    xasprintf("UPDATE sample SET keeper_id = %lld, distance = %d"
		      " WHERE id = %lld",
		(long long)keeper, distance, (long long)id);

	assert_int_equal(sql_script(f->s, sql, &f->e), 0);
}

/* The same, visited and grouped by itself. */
static int64_t
usable(struct fixture *f, const char *name, const char *label)
{
	struct sample_facts facts = { .format = "png",
		.width = 10,
		.height = 10,
		.frames = 1,
		.pdq_quality = 100 };
	const unsigned char recipe[SHA256_SIZE] = { 0 };
	const struct sample_visit by = { .recipe = recipe };
	int64_t id = hold(f, name, label, name);

	xxh3_of(NULL, 0, name, strlen(name), facts.pixel_digest);
	assert_int_equal(sample_prepared(f->s, id, &by, &facts, &f->e), 0);
	group(f, id, id, 0);
	return id;
}

static int64_t
count(struct fixture *f, const char *term)
{
	struct filter *filter CLEANUP(filter_freep) = NULL;
	int64_t n = -1;

	assert_int_equal(filter_parse(&term, term ? 1 : 0, &filter, &f->e), 0);
	assert_int_equal(sample_count(f->s, filter, &n, &f->e), 0);
	return n;
}

static void
every_named_statement_prepares(void **state)
{
	struct fixture *f = *state;
	int q;

	for (q = 0; q < Q_COUNT; q++)
		if (sql_get(f->s, (enum query)q, &f->e) == NULL)
			fail_msg("%s", f->e.msg);
}

static void
a_second_writer_is_told_who_holds_the_workspace(void **state)
{
	struct fixture *f = *state;
	struct store *other;
	char pid[32];

	snprintf(pid, sizeof(pid), "process %ld ", (long)getpid());
	assert_int_equal(store_open(f->folder, STORE_WRITE, &other, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_BUSY);
	assert_non_null(strstr(f->e.msg, pid));
}

static void
a_reader_never_waits_and_never_writes(void **state)
{
	struct fixture *f = *state;
	struct store *reader CLEANUP(store_closep) = NULL;

	assert_int_equal(store_begin(f->s, &f->e), 0);
	assert_int_equal(store_open(f->folder, STORE_READ, &reader, &f->e), 0);
	assert_int_equal(run_begin(reader, "test", "[]", &f->e), -1);
}

static void
a_foreign_file_and_a_newer_catalog_are_refused(void **state)
{
	struct fixture *f = *state;
	struct store *s;

	assert_int_equal(
	    sql_script(f->s, "PRAGMA user_version = 99", &f->e), 0);
	store_close(TAKE(f->s));
	assert_int_equal(store_open(f->folder, STORE_READ, &s, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_USAGE);
	assert_non_null(strstr(f->e.msg, "newer griddle"));
}

static void
a_blob_is_on_disk_after_the_commit_and_not_before(void **state)
{
	struct fixture *f = *state;
	unsigned char sha256[SHA256_SIZE];
	char *path CLEANUP(freep) = NULL;
	struct stat st;

	assert_int_equal(store_begin(f->s, &f->e), 0);
	assert_int_equal(blob_put(f->s, "abc", 3, sha256, &f->e), 0);
	path = blob_path(f->s, sha256);
	assert_int_not_equal(stat(path, &st), 0);
	assert_int_equal(store_commit(f->s, &f->e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 3);
	assert_int_equal(st.st_mode & 0777, 0444);
}

static void
what_is_rolled_back_leaves_no_file(void **state)
{
	struct fixture *f = *state;
	char *tmp CLEANUP(freep) = xasprintf("%s/tmp", f->folder);
	unsigned char sha256[SHA256_SIZE];

	assert_int_equal(store_begin(f->s, &f->e), 0);
	assert_int_equal(blob_put(f->s, "abc", 3, sha256, &f->e), 0);
	store_rollback(f->s);
	assert_int_equal(rmdir(tmp), 0);
}

static void
equal_bytes_from_two_urls_are_one_sample(void **state)
{
	struct fixture *f = *state;
	int64_t a = hold(f, "http://h/1", "cat", "same"),
		b = hold(f, "http://h/2", "cat", "same");

	assert_int_equal(a, b);
	assert_int_equal(count(f, NULL), 1);
	assert_int_equal(count(f, "label=cat"), 1);
}

static void
sources_that_disagree_leave_a_conflict_and_no_label(void **state)
{
	struct fixture *f = *state;

	hold(f, "http://h/1", "cat", "same");
	hold(f, "http://h/2", "dog", "same");
	assert_int_equal(count(f, "conflict=yes"), 1);
	assert_int_equal(count(f, "label=none"), 1);
}

static void
a_decision_outweighs_claims_and_is_logged(void **state)
{
	const struct op_ask step = { .actor = "me", .new_classes = true };
	struct fixture *f = *state;
	struct filter *all CLEANUP(filter_freep) = NULL;
	struct op_done done;

	hold(f, "http://h/1", "cat", "one");
	hold(f, "http://h/2", "cat", "two");
	assert_int_equal(filter_parse(NULL, 0, &all, &f->e), 0);
	assert_int_equal(
	    decide(f->s, all, DECIDE_LABEL, "dog", &step, &done, &f->e), 0);
	assert_int_equal(done.changed, 2);
	assert_int_equal(count(f, "label=dog"), 2);
	assert_int_equal(
	    decide(f->s, all, DECIDE_LABEL, "dog", &step, &done, &f->e), 0);
	assert_int_equal(done.changed, 0);
	assert_int_equal(
	    decide(f->s, all, DECIDE_UNLABEL, NULL, &step, &done, &f->e), 0);
	assert_int_equal(count(f, "label=cat"), 2);
}

static void
filters_name_what_is_wrong_with_them(void **state)
{
	static const struct {
		const char *term, *says;
	} cases[] = {
		{ "labl=x", "did you mean \"label\"" },
		{ "width=wide", "not a number" },
		{ "label<3", "takes =" },
		{ "xyz", "neither KEY=VALUE nor" },
		{ "added>yesterday", "date" },
		{ "dup=maybe", "\"yes\" or \"no\"" },
	};
	struct fixture *f = *state;
	struct filter *filter;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(
		    filter_parse(&cases[i].term, 1, &filter, &f->e), -1);
		assert_int_equal(f->e.kind, ERR_USAGE);
		if (strstr(f->e.msg, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].term, f->e.msg);
	}
}

static void
a_filter_value_is_never_sql(void **state)
{
	struct fixture *f = *state;

	hold(f, "http://h/1", "x'); DROP TABLE sample; --", "one");
	assert_int_equal(count(f, "label=x'); DROP TABLE sample; --"), 1);
	assert_int_equal(count(f, "!label=x'); DROP TABLE sample; --"), 0);
	assert_int_equal(count(f, "label=cat,x'); DROP TABLE sample; --"), 1);
}

static int
count_image(void *ctx, const struct frontier_image *image)
{
	int *n = ctx;

	(void)image;
	++*n;
	return 0;
}

/* How many of host h are due now, by this source or any (0). */
static int
waiting(struct fixture *f, int64_t source)
{
	struct frontier_queue q = { 0, source, clock_now() };
	struct frontier_place place = FRONTIER_PLACE;
	bool end;
	int n = 0;

	assert_int_equal(frontier_waiting(f->s, &q, "h", 100, &place,
			     count_image, &n, &end, &f->e),
	    0);
	assert_true(end);
	return n;
}

static void
a_failed_url_waits_longer_each_time(void **state)
{
	struct fixture *f = *state;
	struct sighting sight = { .url = "http://h/1", .host = "h" };
	int64_t id, due[2];
	bool is_new;
	int i;

	assert_int_equal(store_begin(f->s, &f->e), 0);
	assert_int_equal(
	    frontier_sight(f->s, &f->source, &sight, &id, &is_new, &f->e), 0);
	assert_true(is_new);
	assert_int_equal(waiting(f, f->source.id), 1);
	for (i = 0; i < 2; i++) {
		sqlite3_stmt *q;

		assert_int_equal(frontier_image_failed(f->s, id, "timed_out", 0,
				     false, 1000, &f->e),
		    0);
		sqlite3_prepare_v2(
		    f->s->db, "SELECT due - checked FROM url", -1, &q, NULL);
		sqlite3_step(q);
		due[i] = sqlite3_column_int64(q, 0);
		sqlite3_finalize(q);
	}
	assert_int_equal(due[0], 1000);
	assert_int_equal(due[1], 2000);
	assert_int_equal(waiting(f, 0), 0);
}

static void
an_interrupted_crawl_goes_on_and_a_finished_one_rests(void **state)
{
	struct fixture *f = *state;
	struct frontier_source again;
	struct frontier_document d = { 0 };

	assert_int_equal(
	    frontier_want(f->s, &f->source, "http://h/", 0, 0, &f->e), 0);
	assert_int_equal(frontier_begin(f->s, "web", "page", "f1", 3600, false,
			     &again, &f->e),
	    0);
	assert_true(again.due && again.resumed);
	assert_int_equal(again.crawl, f->source.crawl);
	assert_int_equal(frontier_next_document(f->s, &again, 0, &d, &f->e), 1);
	assert_int_equal(
	    frontier_document_done(f->s, &again, d.id, NULL, NULL, true, &f->e),
	    0);
	frontier_document_release(&d);
	assert_int_equal(frontier_next_document(f->s, &again, 0, &d, &f->e), 0);
	assert_int_equal(frontier_finish(f->s, &again, &f->e), 0);
	assert_int_equal(frontier_begin(f->s, "web", "page", "f1", 3600, false,
			     &again, &f->e),
	    0);
	assert_false(again.due);
	assert_int_equal(frontier_begin(f->s, "web", "page", "f2", 3600, false,
			     &again, &f->e),
	    0);
	assert_true(again.due && !again.resumed);
	assert_int_equal(again.crawl, f->source.crawl + 1);
}

static void
a_document_that_has_not_changed_wants_its_links_again(void **state)
{
	struct fixture *f = *state;
	struct frontier_document d = { 0 };
	struct frontier_source next;
	int64_t top, n;

	assert_int_equal(
	    frontier_want(f->s, &f->source, "http://h/", 0, 0, &f->e), 0);
	assert_int_equal(
	    frontier_next_document(f->s, &f->source, 0, &d, &f->e), 1);
	top = d.id;
	frontier_document_release(&d);
	assert_int_equal(
	    frontier_want(f->s, &f->source, "http://h/2", 1, top, &f->e), 0);
	assert_int_equal(
	    frontier_begin(f->s, "web", "page", "f2", 0, true, &next, &f->e),
	    0);
	assert_int_equal(
	    frontier_want(f->s, &next, "http://h/", 0, 0, &f->e), 0);
	assert_int_equal(frontier_document_same(f->s, &next, top, &f->e), 0);
	assert_int_equal(frontier_documents(f->s, &next, &n, &f->e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(frontier_next_document(f->s, &next, 0, &d, &f->e), 1);
	assert_string_equal(d.url, "http://h/2");
	assert_int_equal(d.depth, 1);
	frontier_document_release(&d);
}

static void
a_changed_section_makes_its_documents_be_read_again(void **state)
{
	struct fixture *f = *state;
	struct frontier_source next;
	struct frontier_document d = { 0 };

	assert_int_equal(
	    frontier_want(f->s, &f->source, "http://h/", 0, 0, &f->e), 0);
	assert_int_equal(
	    frontier_next_document(f->s, &f->source, 0, &d, &f->e), 1);
	assert_int_equal(frontier_document_done(
			     f->s, &f->source, d.id, "e", "then", true, &f->e),
	    0);
	frontier_document_release(&d);
	assert_int_equal(frontier_finish(f->s, &f->source, &f->e), 0);
	assert_int_equal(frontier_begin(f->s, "web", "page", "f2", 3600, false,
			     &next, &f->e),
	    0);
	assert_int_equal(
	    frontier_want(f->s, &next, "http://h/", 0, 0, &f->e), 0);
	assert_int_equal(frontier_next_document(f->s, &next, 0, &d, &f->e), 1);
	assert_null(d.etag);
	assert_null(d.last_modified);
	frontier_document_release(&d);
}

static void
a_page_that_claims_another_class_is_believed(void **state)
{
	struct fixture *f = *state;

	hold(f, "http://h/1", "cat", "one");
	hold(f, "http://h/1", "dog", "one");
	assert_int_equal(count(f, "label=dog"), 1);
	assert_int_equal(count(f, "conflict=yes"), 0);
}

/* ---- snapshots -------------------------------------------------------- */

static const struct split_opts split = { .train = 70,
	.val = 15,
	.test = 15,
	.balance = (char[]){ "down" },
	.seed = 1,
	.minimum = 10 };

static void
fill(struct fixture *f, const char *label, int from, int to)
{
	char name[64];
	int i;

	for (i = from; i < to; i++) {
		snprintf(name, sizeof(name), "http://h/%s/%d", label, i);
		usable(f, name, label);
	}
	assert_int_equal(store_commit(f->s, &f->e), 0);
}

struct tally {
	int parts[2][PART_COUNT]; /* class (a: 0), part */
	struct {
		unsigned char sha256[SHA256_SIZE];
		enum part part;
	} v[500];
	int n;
};

static int
tally_row(void *ctx, const struct snapshot_row *row, struct err *e)
{
	struct tally *t = ctx;

	(void)e;
	t->parts[strcmp(row->class, "a") == 0 ? 0 : 1][row->part]++;
	memcpy(t->v[t->n].sha256, row->sha256, SHA256_SIZE);
	t->v[t->n++].part = row->part;
	return 0;
}

static void
take_snapshot(struct fixture *f, const struct split_opts *o, struct snapshot *n,
    bool *is_new, struct tally *t)
{
	memset(t, 0, sizeof(*t));
	if (snapshot_make(f->s, &(struct split_request){ .opts = o }, n, is_new,
		&f->e) < 0)
		fail_msg("%s", f->e.msg);
	assert_int_equal(snapshot_rows(f->s, n->id, tally_row, t, &f->e), 0);
}

static void
a_split_is_balanced_stratified_and_named_by_its_content(void **state)
{
	struct fixture *f = *state;
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	struct snapshot again CLEANUP(snapshot_release) = { 0 };
	struct tally t;
	char hash[SHA256_HEX];
	bool is_new;
	int class;

	fill(f, "a", 0, 100);
	fill(f, "b", 0, 160);
	take_snapshot(f, &split, &n, &is_new, &t);
	assert_true(is_new);
	for (class = 0; class < 2; class ++) {
		assert_int_equal(t.parts[class][PART_TRAIN], 70);
		assert_int_equal(t.parts[class][PART_VAL], 15);
		assert_int_equal(t.parts[class][PART_TEST], 15);
	}
	take_snapshot(f, &split, &again, &is_new, &t);
	assert_false(is_new);
	assert_string_equal(n.hash, again.hash);
	assert_int_equal(snapshot_rehash(f->s, &n, hash, &f->e), 0);
	assert_string_equal(hash, n.hash);
	assert_int_not_equal(
	    sqlite3_exec(f->s->db, "UPDATE snapshot_sample SET part = 'test'",
		NULL, NULL, NULL),
	    SQLITE_OK);
}

static void
growth_moves_no_image_to_another_part(void **state)
{
	struct fixture *f = *state;
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	struct snapshot m CLEANUP(snapshot_release) = { 0 };
	static struct tally before, after;
	int i, k, seen = 0;
	bool is_new;

	fill(f, "a", 0, 50);
	fill(f, "b", 0, 50);
	take_snapshot(f, &split, &n, &is_new, &before);
	fill(f, "a", 50, 70);
	fill(f, "b", 50, 70);
	take_snapshot(f, &split, &m, &is_new, &after);
	assert_true(is_new);
	assert_int_equal(after.n, 140);
	for (i = 0; i < before.n; i++)
		for (k = 0; k < after.n; k++)
			if (memcmp(before.v[i].sha256, after.v[k].sha256,
				SHA256_SIZE) == 0) {
				assert_int_equal(
				    before.v[i].part, after.v[k].part);
				seen++;
			}
	assert_int_equal(seen, before.n);
}

static void
another_seed_gives_another_split(void **state)
{
	struct fixture *f = *state;
	struct split_opts other = split;
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	struct snapshot m CLEANUP(snapshot_release) = { 0 };
	struct tally t;
	bool is_new;

	fill(f, "a", 0, 30);
	fill(f, "b", 0, 30);
	take_snapshot(f, &split, &n, &is_new, &t);
	other.seed = 2;
	take_snapshot(f, &other, &m, &is_new, &t);
	assert_string_not_equal(n.hash, m.hash);
}

static void
duplicates_and_small_classes_stay_out_of_a_split(void **state)
{
	struct fixture *f = *state;
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	struct tally t;
	int64_t keeper, copy;
	bool is_new;

	fill(f, "a", 0, 20);
	fill(f, "b", 0, 9);
	assert_int_equal(
	    snapshot_make(f->s, &(struct split_request){ .opts = &split }, &n,
		&is_new, &f->e),
	    -1);
	assert_int_equal(f->e.kind, ERR_INPUT);
	assert_non_null(strstr(f->e.msg, "class b has 9 usable"));
	fill(f, "b", 9, 20);
	keeper = usable(f, "http://h/keeper", "a");
	copy = usable(f, "http://h/copy", "a");
	group(f, copy, keeper, 4);
	take_snapshot(f, &split, &n, &is_new, &t);
	assert_int_equal(t.n, 40);
	assert_int_equal(count(f, "dup=yes"), 1);
}

static void
a_split_keeps_to_the_classes_it_is_given(void **state)
{
	struct fixture *f = *state;
	struct strlist classes = {
		.v = (char *[]){ (char[]){ "a" }, (char[]){ "b" } }, .n = 2
	};
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	bool is_new;

	fill(f, "a", 0, 20);
	fill(f, "b", 0, 20);
	fill(f, "stray", 0, 3);
	assert_int_equal(
	    snapshot_make(f->s,
		&(struct split_request){ .opts = &split, .classes = &classes },
		&n, &is_new, &f->e),
	    0);
	assert_null(strstr(n.options, "stray"));
}

/* ---- check ------------------------------------------------------------ */

static void
note_fault(void *ctx, const char *fault)
{
	snprintf(ctx, 512, "%s", fault);
}

/* The faults that check finds; the last one is in `fault`. */
static int64_t
faults(struct fixture *f, bool quick, char *fault)
{
	struct check_conf conf = { .quick = quick,
		.percent = 100,
		.fault = note_fault,
		.ctx = fault };
	struct check_counts counts;

	assert_int_equal(store_check(f->s, &conf, &counts, &f->e), 0);
	assert_int_equal(counts.blobs, 1);
	return counts.faults;
}

static void
check_finds_a_missing_a_short_and_a_changed_blob(void **state)
{
	struct fixture *f = *state;
	unsigned char sha256[SHA256_SIZE];
	char *path CLEANUP(freep) = NULL;
	char fault[512] = "";

	hold(f, "http://h/1", "cat", "bytes");
	assert_int_equal(faults(f, false, fault), 0);
	sha256_of("bytes", 5, sha256);
	path = blob_path(f->s, sha256);
	assert_int_equal(file_replace(path, "bytEs", 5, &f->e), 0);
	assert_int_equal(faults(f, true, fault), 1);
	assert_non_null(strstr(fault, "can be written to"));
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(faults(f, true, fault), 0);
	assert_int_equal(faults(f, false, fault), 1);
	assert_non_null(strstr(fault, "not those of its name"));
	assert_int_equal(file_replace(path, "byt", 3, &f->e), 0);
	assert_int_equal(faults(f, true, fault), 1);
	assert_non_null(strstr(fault, "not of the size"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(faults(f, true, fault), 1);
	assert_non_null(strstr(fault, "is missing"));
}

static void
the_sqlites_that_can_damage_a_catalog_are_known(void **state)
{
	(void)state;
	assert_false(check_sqlite_is_faulty(3006999));
	assert_true(check_sqlite_is_faulty(3007000));
	assert_true(check_sqlite_is_faulty(3040001));
	assert_true(check_sqlite_is_faulty(3044005));
	assert_false(check_sqlite_is_faulty(3044006));
	assert_true(check_sqlite_is_faulty(3045000));
	assert_true(check_sqlite_is_faulty(3050006));
	assert_false(check_sqlite_is_faulty(3050007));
	assert_true(check_sqlite_is_faulty(3051002));
	assert_false(check_sqlite_is_faulty(3051003));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_named_statement_prepares),
		TEST(a_second_writer_is_told_who_holds_the_workspace),
		TEST(a_reader_never_waits_and_never_writes),
		TEST(a_foreign_file_and_a_newer_catalog_are_refused),
		TEST(a_blob_is_on_disk_after_the_commit_and_not_before),
		TEST(what_is_rolled_back_leaves_no_file),
		TEST(equal_bytes_from_two_urls_are_one_sample),
		TEST(sources_that_disagree_leave_a_conflict_and_no_label),
		TEST(a_decision_outweighs_claims_and_is_logged),
		TEST(filters_name_what_is_wrong_with_them),
		TEST(a_filter_value_is_never_sql),
		TEST(a_failed_url_waits_longer_each_time),
		TEST(an_interrupted_crawl_goes_on_and_a_finished_one_rests),
		TEST(a_document_that_has_not_changed_wants_its_links_again),
		TEST(a_changed_section_makes_its_documents_be_read_again),
		TEST(a_page_that_claims_another_class_is_believed),
		TEST(a_split_is_balanced_stratified_and_named_by_its_content),
		TEST(growth_moves_no_image_to_another_part),
		TEST(another_seed_gives_another_split),
		TEST(duplicates_and_small_classes_stay_out_of_a_split),
		TEST(a_split_keeps_to_the_classes_it_is_given),
		cmocka_unit_test(
		    the_sqlites_that_can_damage_a_catalog_are_known),
		TEST(check_finds_a_missing_a_short_and_a_changed_blob),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
