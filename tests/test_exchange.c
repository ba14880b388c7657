/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions out and in again: what goes round stays the same, and files that
 * others wrote are read for what they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "store/exchange.h"
#include "tests/curate_place.h"

#define TEXT_MAX ((size_t)1 << 20)

static void
fill(struct place *p)
{
	place_hold(p, "http://h/1,\"x\"", "cat", "one");
	place_hold(p, "http://h/2", "cat", "two");
	place_hold(p, "http://h/3", "dog", "three");
	place_hold(p, "http://h/4", NULL, "four");
}

static int
setup(void **state)
{
	static const char *const names[] = { "a \"b\", c", "caf\303\251" };
	struct place *p = place_new();

	fill(p);
	place_classes(p, names, 2);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	place_free(*state);
	return 0;
}

static int
put(void *ctx, const char *text, struct err *e)
{
	(void)e;
	return buf_add(ctx, text, strlen(text));
}

static void
export_to(struct place *p, enum exchange_format format,
    const struct exchange_opts *opts, struct buf *b)
{
	struct filter *f CLEANUP(filter_freep) = NULL;

	buf_clear(b);
	assert_int_equal(filter_parse(NULL, 0, &f, &p->e), 0);
	if (labels_export(p->s, f, format, opts, put, b, &p->e) < 0)
		fail_msg("%s", p->e.msg);
}

static void
note_bad(void *ctx, const char *where, const char *why)
{
	struct buf *b = ctx;

	buf_addf(b, "%s: %s\n", where, why);
}

/* Import a text; what was said of bad lines is in *said. */
static int
import(struct place *p, enum exchange_format format, const char *text,
    struct buf *said)
{
	const struct op_ask ask = { .actor = "me", .new_classes = true };
	char *bytes CLEANUP(freep) = xstrdup(text);
	struct import_done done;

	buf_clear(said);
	buf_addf(said, "%s", "");
	if (labels_import(p->s, format, bytes, strlen(text), &ask, note_bad,
		said, &done, &p->e) < 0) {
		store_rollback(p->s);
		return -1;
	}
	p->done = done.done;
	return store_commit(p->s, &p->e);
}

static void
decide_some(struct place *p)
{
	char hex[SHA256_HEX];

	place_decide(
	    p, place_digits("one", hex), DECIDE_LABEL, "a \"b\", c", &me);
	place_decide(p, hex, DECIDE_TAG, "x", &me);
	place_decide(p, hex, DECIDE_TAG, "\303\251t\303\251 =1", &me);
	place_decide(
	    p, place_digits("two", hex), DECIDE_LABEL, "caf\303\251", &me);
	place_decide(p, place_digits("three", hex), DECIDE_REJECT, NULL, &me);
}

static void
each_format_goes_round(void **state)
{
	static const struct exchange_opts plain = { 0 };
	static const char *const names[] = { "a \"b\", c", "caf\303\251" };
	struct place *p = *state;
	int format;

	decide_some(p);
	for (format = EXCHANGE_CSV; format <= EXCHANGE_FIFTYONE; format++) {
		struct buf out CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
		struct buf back CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
		struct buf said CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
		struct place *other = place_new();

		fill(other);
		place_classes(other, names, 2);
		export_to(p, (enum exchange_format)format, &plain, &out);
		if (import(other, (enum exchange_format)format,
			(const char *)out.data, &said) < 0)
			fail_msg("%s", other->e.msg);
		assert_int_equal(said.len, 0);
		assert_int_equal(
		    other->done.changed, format == EXCHANGE_FIFTYONE ? 2 : 3);
		export_to(other, (enum exchange_format)format, &plain, &back);
		if (format != EXCHANGE_LABEL_STUDIO)
			assert_string_equal(
			    (const char *)back.data, (const char *)out.data);
		assert_int_equal(place_count(other, "label=caf\303\251"), 1);
		/* Once more, at home: nothing is to be changed. */
		assert_int_equal(import(p, (enum exchange_format)format,
				     (const char *)back.data, &said),
		    0);
		assert_int_equal(p->done.id, 0);
		place_free(other);
	}
}

static void
a_revision_keeps_what_was_changed_between(void **state)
{
	static const struct exchange_opts with_rev = { .rev = true };
	struct buf out CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
	struct buf said CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
	struct place *p = *state;
	char hex[SHA256_HEX];
	int format;

	for (format = EXCHANGE_CSV; format <= EXCHANGE_JSONL; format++) {
		export_to(p, (enum exchange_format)format, &with_rev, &out);
		place_decide(
		    p, place_digits("one", hex), DECIDE_LABEL, "dog", &me);
		assert_int_equal(import(p, (enum exchange_format)format,
				     (const char *)out.data, &said),
		    0);
		assert_non_null(
		    strstr((const char *)said.data, "me changed it on"));
		assert_int_equal(p->done.id, 0);
		place_decide(p, hex, DECIDE_UNLABEL, NULL, &me);
	}
}

static void
claims_can_stand_in_for_decisions(void **state)
{
	static const struct exchange_opts claimed = { .claimed = true };
	struct buf out CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
	struct buf said CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
	struct place *p = *state;

	export_to(p, EXCHANGE_FIFTYONE, &claimed, &out);
	assert_int_equal(
	    import(p, EXCHANGE_FIFTYONE, (const char *)out.data, &said), 0);
	assert_int_equal(p->done.changed, 3);
	assert_int_equal(place_count(p, "decided=yes"), 3);
}

static void
bad_lines_of_csv_are_told_by_their_number(void **state)
{
	struct buf said CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
	struct place *p = *state;
	char hex[SHA256_HEX], *text CLEANUP(freep) = NULL;

	text = xasprintf("\xef\xbb\xbf"
			 "note,Image,label,rejected\r\n"
			 "\"two\nlines\",%s,dog,\r\n"
			 "x,00000000,dog,no\r\n"
			 "x,%.8s,cat,perhaps\n",
	    place_digits("one", hex), hex);
	assert_int_equal(import(p, EXCHANGE_CSV, text, &said), 0);
	assert_non_null(
	    strstr((const char *)said.data, "line 4: no image 00000000"));
	assert_non_null(strstr((const char *)said.data, "line 5: rejected"));
	assert_int_equal(p->done.changed, 1);
	assert_int_equal(import(p, EXCHANGE_CSV, "a,b\n1,2\n", &said), -1);
	assert_int_equal(p->e.kind, ERR_INPUT);
	assert_int_equal(import(p, EXCHANGE_CSV, "\n\n", &said), -1);
}

static void
bytes_that_are_no_text_are_refused(void **state)
{
	struct place *p = *state;
	struct import_done done;
	char nul[] = "sha256,label\nab\0cd,dog\n";
	struct buf said CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);

	assert_int_equal(labels_import(p->s, EXCHANGE_CSV, nul, sizeof(nul) - 1,
			     &me, note_bad, &said, &done, &p->e),
	    -1);
	assert_int_equal(import(p, EXCHANGE_LABEL_STUDIO, "[{", &said), -1);
	assert_int_equal(import(p, EXCHANGE_LABEL_STUDIO, "{}", &said), -1);
	assert_int_equal(import(p, EXCHANGE_FIFTYONE, "[]", &said), -1);
	assert_int_equal(import(p, EXCHANGE_JSONL, "[]\n{\n7\n", &said), 0);
	assert_non_null(strstr((const char *)said.data, "line 3: "));
	assert_int_equal(
	    import(p, EXCHANGE_LABEL_STUDIO, "[1, null, {}]", &said), 0);
	assert_non_null(strstr((const char *)said.data, "task 3: "));
	assert_int_equal(
	    import(p, EXCHANGE_FIFTYONE,
		"{\"labels\": {\"1\": [], \"2\": 5, \"3\": \"\"}}", &said),
	    0);
	assert_int_equal(p->done.id, 0);
}

#define CHOICE(name) \
	"{\"result\": [{\"from_name\": \"q\", \"to_name\": \"i\"," \
	" \"type\": \"choices\", \"value\": {\"choices\": [\"" name "\"]}}]}"

static void
annotations_are_believed_when_they_agree(void **state)
{
	struct buf said CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
	struct place *p = *state;
	char a[SHA256_HEX], b[SHA256_HEX], c[SHA256_HEX], d[SHA256_HEX];
	char *text CLEANUP(freep) = NULL;

	text = xasprintf(
	    "[{\"data\": {\"image\": \"/data/x/%s.jpg\"},"
	    " \"annotations\": [" CHOICE("dog") ", " CHOICE(
		"dog") "]},"
		       " {\"data\": {\"sha256\": \"%s\"},"
		       " \"annotations\": [" CHOICE("dog") ", " CHOICE(
			   "cat") "]},"
				  " {\"data\": {\"sha256\": \"%s\"}, \"annotations\":"
				  " [{\"was_cancelled\": true, \"result\": []}]},"
				  " {\"id\": 7, \"sha256\": \"%s\", \"label\": \"cow\"}]",
	    place_digits("one", a), place_digits("two", b),
	    place_digits("three", c), place_digits("four", d));
	assert_int_equal(import(p, EXCHANGE_LABEL_STUDIO, text, &said), 0);
	assert_string_equal(
	    (const char *)said.data, "task 2: its annotations disagree\n");
	assert_int_equal(p->done.changed, 2);
	assert_int_equal(place_count(p, "label=cow"), 1);
	assert_int_equal(place_count(p, "decided=yes"), 2);
}

static void
the_other_forms_of_fiftyone_are_read(void **state)
{
	struct buf said CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
	struct place *p = *state;
	char a[SHA256_HEX], b[SHA256_HEX];
	char *text CLEANUP(freep) = NULL;

	text = xasprintf("{\"labels\": {\"%s\": \"dog\", \"data/%s.jpg\":"
			 " {\"label\": \"dog\", \"confidence\": 0.5}}}",
	    place_digits("one", a), place_digits("two", b));
	assert_int_equal(import(p, EXCHANGE_FIFTYONE, text, &said), 0);
	assert_int_equal(said.len, 0);
	assert_int_equal(place_count(p, "label=dog"), 3);
}

static void
tags_of_a_file_are_all_that_there_are(void **state)
{
	struct buf said CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
	struct place *p = *state;
	char hex[SHA256_HEX], *text CLEANUP(freep) = NULL;

	place_decide(p, place_digits("one", hex), DECIDE_TAG, "old", &me);
	text = xasprintf("sha256,tags\n%s,\"new, newer\"\n", hex);
	assert_int_equal(import(p, EXCHANGE_CSV, text, &said), 0);
	assert_int_equal(place_count(p, "tag=old"), 0);
	assert_int_equal(place_count(p, "tag=newer"), 1);
	assert_int_equal(place_count(p, "decided=yes"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_format_goes_round),
		TEST(a_revision_keeps_what_was_changed_between),
		TEST(claims_can_stand_in_for_decisions),
		TEST(bad_lines_of_csv_are_told_by_their_number),
		TEST(bytes_that_are_no_text_are_refused),
		TEST(annotations_are_believed_when_they_agree),
		TEST(the_other_forms_of_fiftyone_are_read),
		TEST(tags_of_a_file_are_all_that_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
