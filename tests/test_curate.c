/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people decide: steps, the log, undo, revisions, classes, balance.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <time.h>
#include <unistd.h>

#include "base/lines.h"
#include "tests/curate_place.h"

/* Three cats and two dogs. */
static int
setup(void **state)
{
	struct place *p = place_new();

	place_hold(p, "http://h/1", "cat", "one");
	place_hold(p, "http://h/2", "cat", "two");
	place_hold(p, "http://h/3", "cat", "three");
	place_hold(p, "http://h/4", "dog", "four");
	place_hold(p, "http://h/5", "dog", "five");
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	place_free(*state);
	return 0;
}

/* ---- the verbs ---------------------------------------------------------- */

static void
a_label_is_decided_and_taken_back(void **state)
{
	struct place *p = *state;

	assert_true(place_decide(p, "label=cat", DECIDE_LABEL, "dog", &me) > 0);
	assert_int_equal(p->done.passed, 3);
	assert_int_equal(p->done.changed, 3);
	assert_int_equal(place_count(p, "label=dog"), 5);
	assert_int_equal(place_count(p, "decided=yes"), 3);
	assert_true(place_decide(p, NULL, DECIDE_UNLABEL, NULL, &me) > 0);
	assert_int_equal(p->done.passed, 5);
	assert_int_equal(p->done.changed, 3);
	assert_int_equal(place_count(p, "label=cat"), 3);
}

static void
what_is_rejected_comes_back(void **state)
{
	struct place *p = *state;

	assert_true(place_decide(p, "label=cat", DECIDE_REJECT, NULL, &me) > 0);
	assert_int_equal(place_count(p, "rejected=yes"), 3);
	assert_true(place_decide(p, NULL, DECIDE_RESTORE, NULL, &me) > 0);
	assert_int_equal(p->done.changed, 3);
	assert_int_equal(place_count(p, "rejected=yes"), 0);
}

static void
tags_are_put_on_and_taken_off(void **state)
{
	struct place *p = *state;

	assert_true(place_decide(p, "label=cat", DECIDE_TAG, "odd", &me) > 0);
	assert_true(place_decide(p, NULL, DECIDE_TAG, "seen", &me) > 0);
	assert_int_equal(place_count(p, "tag=odd"), 3);
	assert_int_equal(place_count(p, "tag=seen"), 5);
	assert_true(
	    place_decide(p, "label=dog", DECIDE_UNTAG, "seen", &me) > 0);
	assert_int_equal(p->done.changed, 2);
	assert_int_equal(place_count(p, "tag=seen"), 3);
	assert_int_equal(place_decide(p, NULL, DECIDE_TAG, "a,b", &me), -1);
	assert_int_equal(p->e.kind, ERR_USAGE);
}

static void
a_step_that_changes_nothing_is_not_noted(void **state)
{
	struct place *p = *state;

	assert_int_equal(
	    place_decide(p, "label=none", DECIDE_LABEL, "dog", &me), 0);
	assert_int_equal(p->done.passed, 0);
	place_decide(p, "label=dog", DECIDE_LABEL, "dog", &me);
	assert_int_equal(
	    place_decide(p, "label=dog", DECIDE_LABEL, "dog", &me), 0);
	assert_int_equal(p->done.passed, 2);
	assert_int_equal(p->done.changed, 0);
	assert_int_equal(place_number(p, "SELECT count(*) FROM op"), 1);
	assert_int_equal(place_number(p, "SELECT max(rev) FROM sample"), 2);
}

static void
a_dry_run_counts_and_leaves_nothing(void **state)
{
	const struct op_ask dry = {
		.actor = "me", .dry_run = true, .new_classes = true
	};
	struct place *p = *state;

	assert_int_equal(
	    place_decide(p, "label=cat", DECIDE_LABEL, "cow", &dry), 0);
	assert_int_equal(p->done.changed, 3);
	assert_int_equal(place_count(p, "decided=yes"), 0);
	assert_int_equal(place_number(p, "SELECT count(*) FROM op"), 0);
	assert_int_equal(place_number(p, "SELECT count(*) FROM class"), 2);
}

static void
a_class_that_is_not_there_is_not_given(void **state)
{
	const struct op_ask making = { .actor = "me", .new_classes = true };
	struct place *p = *state;
	struct op_undone u;

	assert_int_equal(
	    place_decide(p, "label=cat", DECIDE_LABEL, "dgo", &me), -1);
	assert_int_equal(p->e.kind, ERR_INPUT);
	assert_non_null(strstr(p->e.msg, "did you mean \"dog\""));
	assert_true(
	    place_decide(p, "label=cat", DECIDE_LABEL, "cow", &making) > 0);
	assert_int_equal(place_count(p, "label=cow"), 3);
	assert_true(place_undo(p, 0, &u) > 0);
	assert_int_equal(place_count(p, "label=cow"), 0);
	assert_int_equal(
	    place_decide(p, "label=cat", DECIDE_LABEL, "cow", &me), -1);
	assert_non_null(strstr(p->e.msg, "retired"));
}

/* ---- undo --------------------------------------------------------------- */

static void
undo_takes_back_only_what_is_still_so(void **state)
{
	struct place *p = *state;
	char hex[SHA256_HEX];
	struct op_undone u;
	int64_t step;

	step = place_decide(p, "label=cat", DECIDE_LABEL, "dog", &me);
	place_digits("two", hex);
	place_decide(p, hex, DECIDE_UNLABEL, NULL, &me);
	place_decide(p, NULL, DECIDE_REJECT, NULL, &me);
	assert_true(place_undo(p, step, &u) > 0);
	assert_int_equal(u.step, step);
	assert_int_equal(u.done.changed, 2);
	assert_int_equal(u.kept, 1);
	assert_string_equal(u.names[0], hex);
	assert_int_equal(place_count(p, "label=cat"), 3);
	assert_int_equal(place_count(p, "rejected=yes"), 5);
	assert_int_equal(place_undo(p, step, &u), -1);
	assert_non_null(strstr(p->e.msg, "taken back already"));
	assert_int_equal(place_undo(p, 99, &u), -1);
	assert_non_null(strstr(p->e.msg, "no step 99"));
}

static void
undo_of_what_was_all_changed_again_notes_nothing(void **state)
{
	struct place *p = *state;
	struct op_undone u;
	int64_t step = place_decide(p, "label=dog", DECIDE_LABEL, "cat", &me);

	place_decide(p, NULL, DECIDE_LABEL, "dog", &me);
	assert_int_equal(place_undo(p, step, &u), 0);
	assert_int_equal(u.kept, 2);
	assert_int_equal(place_number(p, "SELECT count(*) FROM op"), 2);
}

static void
undo_goes_backward_and_undo_of_an_undo_does_it_again(void **state)
{
	struct place *p = *state;
	struct op_undone u;
	int64_t undone;

	place_decide(p, "label=cat", DECIDE_LABEL, "dog", &me);
	place_decide(p, NULL, DECIDE_TAG, "seen", &me);
	assert_int_equal(place_undo(p, 0, &u), 3);
	assert_int_equal(u.step, 2);
	undone = place_undo(p, 0, &u);
	assert_int_equal(u.step, 1);
	assert_int_equal(place_count(p, "label=cat"), 3);
	assert_int_equal(place_undo(p, 0, &u), -1);
	assert_true(place_undo(p, undone, &u) > 0);
	assert_int_equal(place_count(p, "label=dog"), 5);
	/* What was done again stands, and is the newest that does. */
	assert_true(place_undo(p, 0, &u) > 0);
	assert_int_equal(u.step, undone + 1);
	assert_int_equal(place_count(p, "label=cat"), 3);
}

/* ---- revisions ---------------------------------------------------------- */

static void
two_people_at_once_get_a_conflict(void **state)
{
	const struct op_ask seen = { .actor = "bob", .if_rev = 1 };
	const struct op_ask ann = { .actor = "ann" };
	struct place *p = *state;
	char hex[SHA256_HEX];

	place_digits("one", hex);
	assert_true(place_decide(p, hex, DECIDE_LABEL, "dog", &ann) > 0);
	assert_int_equal(place_number(p, "SELECT max(rev) FROM sample"), 2);
	assert_int_equal(place_decide(p, hex, DECIDE_REJECT, NULL, &seen), -1);
	assert_int_equal(p->e.kind, ERR_INPUT);
	assert_non_null(strstr(p->e.msg, "at revision 2, not 1: ann changed"));
	assert_non_null(strstr(p->e.msg, "label to dog, label, step 1"));
	assert_int_equal(place_count(p, "rejected=yes"), 0);
	assert_int_equal(place_decide(p, NULL, DECIDE_REJECT, NULL, &seen), -1);
	assert_int_equal(p->e.kind, ERR_USAGE);
	place_digits("two", hex);
	assert_true(place_decide(p, hex, DECIDE_REJECT, NULL, &seen) > 0);
}

/* ---- image by image ------------------------------------------------------ */

static int
one(struct place *p, const char *image, const char *label, int64_t rev)
{
	const struct image_decision d = { .image = image,
		.has_label = true,
		.label = label,
		.rejected = -1,
		.rev = rev };

	return decide_image(p->s, &d, &me, &p->e);
}

static void
images_are_decided_one_by_one_in_one_step(void **state)
{
	static const char *const tags[] = { "fine", "a,b" };
	struct image_decision bad = { .has_label = true,
		.label = "dog",
		.rejected = 1,
		.tags = tags,
		.n_tags = 2 };
	struct place *p = *state;
	char hex[SHA256_HEX];

	assert_int_equal(decide_begin(p->s, &p->e), 0);
	place_digits("one", hex);
	hex[8] = 0;
	assert_int_equal(one(p, hex, "dog", 1), 0);
	assert_int_equal(one(p, hex, "dog", 0), 0);
	assert_int_equal(one(p, hex, "cat", 0), -1);
	assert_non_null(strstr(p->e.msg, "said otherwise"));
	place_digits("two", hex);
	hex[7] = 0;
	assert_int_equal(one(p, hex, "", 0), 0);
	assert_int_equal(one(p, hex, "", 7), -1);
	assert_non_null(strstr(p->e.msg, "revision 1, not 7"));
	assert_int_equal(one(p, "12", "dog", 0), -1);
	assert_int_equal(one(p, "xyzxyz", "dog", 0), -1);
	assert_int_equal(p->e.kind, ERR_INPUT);
	assert_int_equal(one(p, "00000000", "dog", 0), -1);
	assert_non_null(strstr(p->e.msg, "no image 00000000"));
	assert_int_equal(one(p, place_digits("three", hex), "cow", 0), -1);
	/* Half of a decision is none. */
	bad.image = hex;
	assert_int_equal(decide_image(p->s, &bad, &me, &p->e), -1);
	assert_int_equal(p->e.kind, ERR_USAGE);
	assert_int_equal(decide_end(p->s, "label", &me, &p->done, &p->e), 0);
	assert_int_equal(p->done.changed, 1);
	assert_int_equal(p->done.passed, 2);
	assert_int_equal(place_number(p, "SELECT count(*) FROM op"), 1);
	assert_int_equal(place_count(p, "label=dog"), 3);
}

static void
a_prefix_of_several_images_names_none(void **state)
{
	struct place *p = *state;

	place_script(p,
	    "INSERT INTO blob (id, sha256, bytes, added) VALUES"
	    " (6, CAST(x'abcd' || zeroblob(30) AS BLOB), 1, 1),"
	    " (7, CAST(x'abce' || zeroblob(30) AS BLOB), 1, 1),"
	    " (8, CAST(x'abcd' || zeroblob(29) || x'01' AS BLOB), 1, 1);"
	    "INSERT INTO sample (blob_id) VALUES (6), (7), (8)");
	assert_int_equal(decide_begin(p->s, &p->e), 0);
	assert_int_equal(one(p, "abcd", "dog", 0), -1);
	assert_non_null(strstr(p->e.msg, "several images"));
	assert_int_equal(one(p, "ABCE", "dog", 0), 0);
	assert_int_equal(one(p, "abce0", "dog", 0), 0);
	assert_int_equal(one(p, "abce1", "dog", 0), -1);
}

/* ---- the log ------------------------------------------------------------- */

static void
the_log_is_append_only(void **state)
{
	static const char *const attempts[] = {
		"UPDATE op SET actor = 'x'",
		"DELETE FROM op",
		"UPDATE change SET new = 1",
		"DELETE FROM change",
		"UPDATE class_change SET new = 1",
		"DELETE FROM class_change",
	};
	struct place *p = *state;
	size_t i;

	place_decide(p, NULL, DECIDE_LABEL, "dog", &me);
	class_rename(p->s, "dog", "hound", &me, &p->done, &p->e);
	assert_int_equal(store_commit(p->s, &p->e), 0);
	for (i = 0; i < ARRAY_SIZE(attempts); i++)
		if (sqlite3_exec(p->s->db, attempts[i], NULL, NULL, NULL) ==
		    SQLITE_OK)
			fail_msg("%s", attempts[i]);
}

struct rows {
	char verbs[256];
	int64_t undone_by, images;
	char given[64], why[64];
};

static int
note_row(void *ctx, const struct op_row *row, struct err *e)
{
	struct rows *all = ctx;
	size_t len = strlen(all->verbs);

	(void)e;
	snprintf(all->verbs + len, sizeof(all->verbs) - len, "%s/", row->verb);
	if (row->id == 1) {
		all->undone_by = row->undone_by;
		all->images = row->images;
		snprintf(all->given, sizeof(all->given), "%s", row->given);
		snprintf(all->why, sizeof(all->why), "%s", row->note);
	}
	return 0;
}

static void
the_log_tells_who_what_and_why_newest_first(void **state)
{
	const struct op_ask why = { .actor = "ann", .note = "they bark" };
	struct place *p = *state;
	struct rows all = { 0 };
	struct op_undone u;

	place_decide(p, "label=cat", DECIDE_LABEL, "dog", &why);
	place_decide(p, NULL, DECIDE_REJECT, NULL, &me);
	place_undo(p, 1, &u);
	assert_int_equal(op_list(p->s, 0, note_row, &all, &p->e), 0);
	assert_string_equal(all.verbs, "undo/reject/label/");
	assert_int_equal(all.undone_by, 3);
	assert_int_equal(all.images, 3);
	assert_string_equal(all.given, "[\"dog\"]");
	assert_string_equal(all.why, "they bark");
	all = (struct rows){ 0 };
	assert_int_equal(op_list(p->s, 1, note_row, &all, &p->e), 0);
	assert_string_equal(all.verbs, "undo/");
}

/* ---- classes ------------------------------------------------------------- */

static int
rename_class(struct place *p, const char *name, const char *to)
{
	if (class_rename(p->s, name, to, &me, &p->done, &p->e) < 0) {
		store_rollback(p->s);
		return -1;
	}
	return store_commit(p->s, &p->e);
}

static int
merge_class(struct place *p, const char *name, const char *into)
{
	if (class_merge(p->s, name, into, &me, &p->done, &p->e) < 0) {
		store_rollback(p->s);
		return -1;
	}
	return store_commit(p->s, &p->e);
}

static void
an_old_label_is_taken_back_after_a_rename(void **state)
{
	struct place *p = *state;
	char *json CLEANUP(freep) = NULL, hex[SHA256_HEX];
	struct op_undone u;

	place_digits("one", hex);
	place_decide(p, "label=cat", DECIDE_LABEL, "dog", &me);
	place_decide(p, "label=dog", DECIDE_LABEL, "cat", &me);
	assert_int_equal(rename_class(p, "dog", "hound"), 0);
	assert_int_equal(p->done.changed, 0);
	assert_int_equal(place_count(p, "label=dog"), 0);
	assert_true(place_undo(p, 2, &u) > 0);
	assert_int_equal(u.kept, 0);
	assert_int_equal(place_count(p, "label=hound"), 5);
	assert_int_equal(sample_show(p->s, hex, &json, &p->e), 0);
	assert_non_null(strstr(json, "\"new\":\"hound\""));
	assert_true(place_undo(p, 3, &u) > 0);
	assert_int_equal(place_count(p, "label=dog"), 5);
}

static void
a_name_that_is_taken_is_not_given_again(void **state)
{
	static const char *const dog[] = { "dog" };
	struct place *p = *state;
	struct op_undone u;

	assert_int_equal(rename_class(p, "cat", "dog"), -1);
	assert_non_null(strstr(p->e.msg, "already"));
	assert_int_equal(rename_class(p, "cow", "ox"), -1);
	assert_int_equal(rename_class(p, "dog", "a\nb"), -1);
	assert_int_equal(p->e.kind, ERR_USAGE);
	assert_int_equal(rename_class(p, "dog", "hound"), 0);
	place_classes(p, dog, 1);
	assert_int_equal(place_undo(p, 1, &u), 0);
	assert_int_equal(u.kept_classes, 1);
}

static void
a_merge_moves_decisions_and_claims_and_comes_apart_again(void **state)
{
	struct place *p = *state;
	char hex[SHA256_HEX];
	struct op_undone u;

	place_hold(p, "http://h/6", "dog", "one"); /* a conflict now */
	place_digits("four", hex);
	place_decide(p, hex, DECIDE_LABEL, "cat", &me);
	assert_int_equal(place_count(p, "conflict=yes"), 1);
	assert_int_equal(merge_class(p, "cat", "dog"), 0);
	assert_int_equal(place_count(p, "label=dog"), 5);
	assert_int_equal(place_count(p, "conflict=yes"), 0);
	assert_int_equal(
	    place_number(p, "SELECT retired FROM class WHERE name = 'cat'"), 1);
	assert_int_equal(place_decide(p, hex, DECIDE_LABEL, "cat", &me), -1);
	assert_non_null(strstr(p->e.msg, "merged into \"dog\""));
	assert_true(place_undo(p, 0, &u) > 0);
	assert_int_equal(u.kept + u.kept_classes, 0);
	assert_int_equal(place_count(p, "label=cat"), 3);
	assert_int_equal(place_count(p, "label=dog"), 1);
	assert_int_equal(place_count(p, "conflict=yes"), 1);
	assert_true(place_undo(p, u.done.id, &u) > 0);
	assert_int_equal(place_count(p, "label=dog"), 5);
}

static void
what_is_gathered_after_a_merge_counts_for_the_other(void **state)
{
	struct place *p = *state;
	struct op_undone u;

	assert_int_equal(merge_class(p, "cat", "dog"), 0);
	place_hold(p, "http://h/7", "cat", "seven");
	assert_int_equal(place_count(p, "label=dog"), 6);
	assert_true(place_undo(p, 0, &u) > 0);
	assert_int_equal(place_count(p, "label=cat"), 4);
}

static void
merges_go_on_and_end_at_the_last(void **state)
{
	static const char *const names[] = { "pet", "beast" };
	struct place *p = *state;
	struct op_undone u;

	place_classes(p, names, 2);
	assert_int_equal(merge_class(p, "cat", "pet"), 0);
	assert_int_equal(merge_class(p, "pet", "beast"), 0);
	assert_int_equal(place_count(p, "label=beast"), 3);
	place_hold(p, "http://h/7", "cat", "seven");
	assert_int_equal(place_count(p, "label=beast"), 4);
	assert_int_equal(merge_class(p, "dog", "dog"), -1);
	assert_int_equal(merge_class(p, "dog", "pet"), -1);
	assert_true(place_undo(p, 0, &u) > 0);
	assert_int_equal(place_count(p, "label=pet"), 4);
}

static void
a_retired_class_comes_back(void **state)
{
	static const char *const dog[] = { "dog" }, *const cow[] = { "cow" };
	struct place *p = *state;
	char *now CLEANUP(freep) = NULL;

	assert_int_equal(
	    classes_retire(p->s, dog, 1, true, &me, &p->done, &p->e), 0);
	assert_int_equal(store_commit(p->s, &p->e), 0);
	assert_int_equal(
	    place_decide(p, "label=cat", DECIDE_LABEL, "dog", &me), -1);
	assert_int_equal(class_became(p->s, "dog", &now, &p->e), 0);
	assert_null(now);
	assert_int_equal(
	    classes_retire(p->s, dog, 1, false, &me, &p->done, &p->e), 0);
	assert_int_equal(class_became(p->s, "dog", &now, &p->e), 1);
	assert_int_equal(
	    classes_retire(p->s, cow, 1, false, &me, &p->done, &p->e), -1);
	assert_int_equal(p->e.kind, ERR_INPUT);
}

static void
what_became_of_a_name_is_known(void **state)
{
	struct place *p = *state;
	char *now CLEANUP(freep) = NULL, *then CLEANUP(freep) = NULL;

	assert_int_equal(rename_class(p, "dog", "hound"), 0);
	assert_int_equal(merge_class(p, "cat", "hound"), 0);
	assert_int_equal(class_became(p->s, "dog", &now, &p->e), 0);
	assert_string_equal(now, "hound");
	assert_int_equal(class_became(p->s, "cat", &then, &p->e), 0);
	assert_string_equal(then, "hound");
}

/* ---- balance and conflicts ----------------------------------------------- */

static int
note_balance(void *ctx, const struct class_balance *b, struct err *e)
{
	struct class_balance *out = ctx;

	(void)e;
	if (b->name != NULL && strcmp(b->name, "dog") == 0)
		*out = *b;
	return 0;
}

static void
balance_counts_each_kind(void **state)
{
	struct place *p = *state;
	struct class_balance b = { 0 };
	char hex[SHA256_HEX];

	place_script(p,
	    "UPDATE sample SET stage = 'prepared', format = 'png', width = 9,"
	    " height = 9, pixel_digest = zeroblob(16), pdq = zeroblob(32),"
	    " pdq_quality = 50, keeper_id = id;"
	    "UPDATE sample SET keeper_id = 4 WHERE id = 5;"
	    "UPDATE sample SET stage = 'refused', reason = 'x',"
	    " keeper_id = NULL WHERE id = 3;"
	    "UPDATE sample SET stage = 'fetched', keeper_id = NULL"
	    " WHERE id = 2");
	place_decide(p, "label=cat", DECIDE_LABEL, "dog", &me);
	place_digits("one", hex);
	place_decide(p, hex, DECIDE_REJECT, NULL, &me);
	assert_int_equal(balance_each(p->s, true, note_balance, &b, &p->e), 0);
	assert_int_equal(b.images, 5);
	assert_int_equal(b.claimed, 2);
	assert_int_equal(b.decided, 3);
	assert_int_equal(b.rejected, 1);
	assert_int_equal(b.refused, 1);
	assert_int_equal(b.duplicates, 1);
	assert_int_equal(b.waiting, 1);
	assert_int_equal(b.usable, 1);
	assert_int_equal(b.issues, 0);
}

static int
keep_json(void *ctx, const char *json, struct err *e)
{
	char *out = ctx;

	(void)e;
	snprintf(out + strlen(out), 2048 - strlen(out), "%s\n", json);
	return 0;
}

static void
conflicts_name_each_claim_and_its_source(void **state)
{
	struct place *p = *state;
	char json[2048] = "", hex[SHA256_HEX];

	assert_int_equal(conflict_claims(p->s, 0, keep_json, json, &p->e), 0);
	assert_string_equal(json, "");
	place_hold(p, "http://h/6", "dog", "one");
	assert_int_equal(conflict_claims(p->s, 0, keep_json, json, &p->e), 0);
	assert_non_null(strstr(json, place_digits("one", hex)));
	assert_non_null(strstr(json,
	    "{\"label\":\"dog\",\"source\":\"web\",\"url\":\"http://h/6\","
	    "\"sha256\":\""));
	place_decide(p, hex, DECIDE_LABEL, "cat", &me);
	json[0] = 0;
	assert_int_equal(conflict_claims(p->s, 0, keep_json, json, &p->e), 0);
	assert_string_equal(json, "");
	place_script(p,
	    "UPDATE sample SET stage = 'prepared', format = 'png', width = 9,"
	    " height = 9, pixel_digest = zeroblob(16), pdq = zeroblob(32),"
	    " pdq_quality = 50, keeper_id = id;"
	    "UPDATE sample SET keeper_id = 3, distance = 2 WHERE id = 4");
	assert_int_equal(conflict_groups(p->s, 0, keep_json, json, &p->e), 0);
	assert_non_null(strstr(json, place_digits("four", hex)));
	assert_non_null(strstr(json, "\"label\":\"dog\""));
}

/* ---- many ----------------------------------------------------------------- */

static void
ten_thousand_labels_are_one_quick_step(void **state)
{
	struct place *p = *state;
	struct op_undone u;
	clock_t begun;

	place_script(p,
	    "BEGIN;"
	    "WITH RECURSIVE n (i) AS (SELECT 6 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 20005) INSERT INTO blob (id, sha256, bytes, added)"
	    " SELECT i, randomblob(32), 1, 1 FROM n;"
	    "INSERT INTO sample (blob_id, claimed_id)"
	    " SELECT id, 1 + id % 2 FROM blob WHERE id > 5; COMMIT");
	begun = clock();
	assert_true(place_decide(p, "label=cat", DECIDE_LABEL, "dog", &me) > 0);
	assert_int_equal(p->done.changed, 10003);
	assert_int_equal(place_count(p, "label=dog"), 20005);
	assert_true(place_undo(p, 0, &u) > 0);
	assert_int_equal(u.done.changed, 10003);
	/* It is a tenth of this; a step a row at a time is not. */
	assert_true(clock() - begun < 5 * CLOCKS_PER_SEC);
	assert_int_equal(place_count(p, "label=cat"), 10003);
}

/* ---- lines ---------------------------------------------------------------- */

static void
lines_of_any_length_are_read_and_counted(void **state)
{
	struct lines *l CLEANUP(freep) = xmalloc(sizeof(*l));
	char *x CLEANUP(freep) = xmalloc(40000);
	struct err e;
	int ends[2];

	(void)state;
	memset(x, 'x', 40000);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "a\r\n\nb\0c\n", 8), 8);
	assert_int_equal(write(ends[1], x, 40000), 40000);
	assert_int_equal(write(ends[1], "\nlast", 5), 5);
	close(ends[1]);
	*l = LINES_INIT(ends[0], "pipe");
	assert_int_equal(lines_next(l, &e), 1);
	assert_string_equal(l->text, "a");
	assert_int_equal(lines_next(l, &e), 1);
	assert_int_equal(l->len, 0);
	assert_int_equal(lines_next(l, &e), 1);
	assert_int_equal(l->len, 3);
	assert_int_equal(lines_next(l, &e), 1);
	assert_true(l->too_long);
	assert_int_equal(l->len, LINE_MAX_BYTES);
	assert_int_equal(lines_next(l, &e), 1);
	assert_string_equal(l->text, "last");
	assert_int_equal(l->number, 5);
	assert_false(l->too_long);
	assert_int_equal(lines_next(l, &e), 0);
	close(ends[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_label_is_decided_and_taken_back),
		TEST(what_is_rejected_comes_back),
		TEST(tags_are_put_on_and_taken_off),
		TEST(a_step_that_changes_nothing_is_not_noted),
		TEST(a_dry_run_counts_and_leaves_nothing),
		TEST(a_class_that_is_not_there_is_not_given),
		TEST(undo_takes_back_only_what_is_still_so),
		TEST(undo_of_what_was_all_changed_again_notes_nothing),
		TEST(undo_goes_backward_and_undo_of_an_undo_does_it_again),
		TEST(two_people_at_once_get_a_conflict),
		TEST(images_are_decided_one_by_one_in_one_step),
		TEST(a_prefix_of_several_images_names_none),
		TEST(the_log_is_append_only),
		TEST(the_log_tells_who_what_and_why_newest_first),
		TEST(an_old_label_is_taken_back_after_a_rename),
		TEST(a_name_that_is_taken_is_not_given_again),
		TEST(a_merge_moves_decisions_and_claims_and_comes_apart_again),
		TEST(what_is_gathered_after_a_merge_counts_for_the_other),
		TEST(merges_go_on_and_end_at_the_last),
		TEST(a_retired_class_comes_back),
		TEST(what_became_of_a_name_is_known),
		TEST(balance_counts_each_kind),
		TEST(conflicts_name_each_claim_and_its_source),
		TEST(ten_thousand_labels_are_one_quick_step),
		TEST(lines_of_any_length_are_read_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
