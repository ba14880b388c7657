/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scraper/label_rule: of which class an archive's pictures are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "scraper/label_rule.h"

static void
is_parsed(const char *text, enum label_how how)
{
	struct label_rule r CLEANUP(label_rule_release) = { 0 };
	struct err e = { 0 };

	assert_int_equal(label_rule_parse(text, &r, &e), 0);
	assert_int_equal(r.how, how);
}

static void
rules_are_told_apart_by_how_they_are_written(void **state)
{
	struct label_rule r CLEANUP(label_rule_release) = { 0 };
	struct err e = { 0 };

	(void)state;
	is_parsed(NULL, LABELS_FOLDER);
	is_parsed("folder", LABELS_FOLDER);
	is_parsed("voc", LABELS_VOC);
	is_parsed("{label}.*", LABELS_NAME);
	is_parsed("a/instances.json", LABELS_COCO);
	is_parsed("a.jsonl:id:label", LABELS_JSONL);
	assert_int_equal(
	    label_rule_parse("c:d/x.csv:image id:class", &r, &e), 0);
	assert_int_equal(r.how, LABELS_CSV);
	assert_string_equal(r.file, "c:d/x.csv");
	assert_string_equal(r.id, "image id");
	assert_string_equal(r.label, "class");
}

static void
what_is_no_rule_is_an_error_that_shows_some(void **state)
{
	static const char *const bad[] = { "x", "x.csv", "x.csv:id",
		"x.csv::label", "x.txt:id:label", "{label}{label}", ".json" };
	struct label_rule r;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		e = (struct err){ 0 };
		assert_int_equal(label_rule_parse(bad[i], &r, &e), -1);
		assert_int_equal(e.kind, ERR_USAGE);
		assert_non_null(strstr(e.msg, "FILE.csv:ID:LABEL"));
		label_rule_release(&r);
	}
}

static void
is_text(char *got, const char *wanted)
{
	if (wanted == NULL)
		assert_null(got);
	else
		assert_string_equal(got == NULL ? "(none)" : got, wanted);
	free(got);
}

static void
the_innermost_folder_is_the_class_but_for_parts_of_a_set(void **state)
{
	const struct strlist none = { 0 };

	(void)state;
	is_text(label_of_folder("train/cat/1.jpg", &none), "cat");
	is_text(label_of_folder("cat/train/1.jpg", &none), "cat");
	is_text(label_of_folder("cat/Images/1.jpg", &none), "cat");
	is_text(label_of_folder("animals/cat/1.jpg", &none), "cat");
	is_text(label_of_folder("inner.zip!/dog/1.jpg", &none), "dog");
	is_text(label_of_folder("inner.zip!/1.jpg", &none), NULL);
	is_text(label_of_folder("train/1.jpg", &none), NULL);
	is_text(label_of_folder("1.jpg", &none), NULL);
}

static void
a_folder_that_is_a_class_is_believed_before_those_inside(void **state)
{
	char *names[] = { (char *)"cat", (char *)"train" };
	const struct strlist classes = { names, 2 };

	(void)state;
	is_text(label_of_folder("cat/shelter/1.jpg", &classes), "cat");
	is_text(label_of_folder("test/train/1.jpg", &classes), "train");
	is_text(label_of_folder("train/cat/1.jpg", &classes), "cat");
	is_text(label_of_folder("train/dog/1.jpg", &classes), "dog");
}

static void
patterns_take_the_class_from_names(void **state)
{
	(void)state;
	is_text(label_of_name("cat.123.jpg", "{label}.*"), "cat");
	is_text(label_of_name("x/y/cat.123.jpg", "{label}.#.jpg"), "cat");
	is_text(label_of_name("great_pyrenees_12.jpg", "{label}_#.jpg"),
	    "great_pyrenees");
	is_text(label_of_name("a_1_b_2.jpg", "{label}_#.jpg"), "a_1_b");
	is_text(label_of_name("2021_cat_7.png", "#_{label}_*"), "cat");
	is_text(label_of_name("img-77-dog", "*-#-{label}"), "dog");
	is_text(label_of_name("s1/dog/a/1.jpg", "{label}/*/*"), "dog");
	is_text(label_of_name("cat.jpg", "{label}.#.jpg"), NULL);
	is_text(label_of_name("_1.jpg", "{label}_#.jpg"), NULL);
	is_text(label_of_name("", "{label}"), NULL);
	is_text(label_of_name("catx.1.jpg", "{label}.#.jpgx"), NULL);
}

/* No pattern and name take long: it would be this one. */
static void
patterns_do_not_blow_up(void **state)
{
	char name[1024];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	is_text(label_of_name(name, "*a*a*a*a*a*a*{label}a*a*a*a*b"), NULL);
}

static void
entries_are_found_by_path_name_or_stem(void **state)
{
	struct label_table *t = label_table_new();
	struct err e = { 0 };
	char id[32];
	int i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		snprintf(id, sizeof(id), "n%d", i);
		assert_int_equal(label_table_add(t, id, id, &e), 0);
	}
	label_table_add(t, "a/1.jpg", "path", &e);
	label_table_add(t, "2.jpg", "name", &e);
	label_table_add(t, "b/3", "stem", &e);
	label_table_add(t, "4", "one", &e);
	label_table_add(t, "4", "one", &e);
	label_table_add(t, "5", "one", &e);
	label_table_add(t, "5", "two", &e);
	label_table_add(t, "5", "one", &e);
	assert_string_equal(label_table_find(t, "a/1.jpg"), "path");
	assert_string_equal(label_table_find(t, "root/a/1.jpg"), "path");
	assert_string_equal(label_table_find(t, "x/2.jpg"), "name");
	assert_string_equal(label_table_find(t, "a/b/3.png"), "stem");
	assert_string_equal(label_table_find(t, "4.jpg"), "one");
	assert_string_equal(label_table_find(t, "n4999.x"), "n4999");
	assert_null(label_table_find(t, "5.jpg"));
	assert_null(label_table_find(t, "b/1.jpg"));
	assert_null(label_table_find(t, ""));
	label_table_free(t);
}

/* ---- files -------------------------------------------------------------- */

static int
note(void *ctx, const char *id, const char *label, struct err *e)
{
	(void)e;
	return buf_addf(ctx, "%s=%s ", id, label);
}

/* What a file tells, or why it does not. */
static void
tells(const char *rule, const char *entry, const char *text, const char *wanted)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(4096);
	struct label_rule r CLEANUP(label_rule_release) = { 0 };
	char *copy CLEANUP(freep) = xstrdup(text);
	struct err e = { 0 };

	assert_int_equal(label_rule_parse(rule, &r, &e), 0);
	assert_true(label_rule_reads(&r, entry));
	buf_add(&b, "", 0);
	if (label_read(&r, entry, copy, strlen(copy), note, &b, &e) < 0)
		buf_addf(&b, "!%s", e.msg);
	assert_string_equal(b.data, wanted);
}

static void
tables_tell_by_their_columns(void **state)
{
	(void)state;
	tells("t.csv:id:Label", "data/t.csv",
	    "\xef\xbb\xbfx,ID , label\r\n1,a.jpg,cat\r\n2,\"b,c\",dog\n3,,x\n",
	    "a.jpg=cat b,c=dog ");
	tells("t.csv:id:label", "t.csv", "id,class\n1,cat\n",
	    "!t.csv has no column \"label\"");
	tells("t.jsonl:n:y", "t.jsonl",
	    "{\"n\":1,\"y\":\"cat\"}\nbroken\n{\"n\":\"b\",\"y\":7}\n{}\n",
	    "1=cat b=7 ");
}

static void
coco_tells_a_class_for_each_annotation(void **state)
{
	(void)state;
	tells("i.json", "a/i.json",
	    "{\"images\":[{\"id\":5,\"file_name\":\"a.jpg\"}],"
	    "\"categories\":[{\"id\":1,\"name\":\"cat\"}],\"annotations\":["
	    "{\"image_id\":5,\"category_id\":1},"
	    "{\"image_id\":6,\"category_id\":1},"
	    "{\"image_id\":5,\"category_id\":9}]}",
	    "a.jpg=cat ");
	tells("i.json", "i.json", "[1]", "!i.json has no COCO annotations");
	tells("i.json", "i.json", "{", "!i.json has no COCO annotations");
}

static void
voc_tells_the_classes_of_objects_not_of_parts(void **state)
{
	(void)state;
	tells("voc", "Annotations/007.xml",
	    "<annotation><filename>x.jpg</filename><object><name>dog</name>"
	    "<part><name>head</name></part></object>"
	    "<object><name> cat </name></object></annotation>",
	    "007=dog 007=cat ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_told_apart_by_how_they_are_written),
		cmocka_unit_test(what_is_no_rule_is_an_error_that_shows_some),
		cmocka_unit_test(
		    the_innermost_folder_is_the_class_but_for_parts_of_a_set),
		cmocka_unit_test(
		    a_folder_that_is_a_class_is_believed_before_those_inside),
		cmocka_unit_test(patterns_take_the_class_from_names),
		cmocka_unit_test(patterns_do_not_blow_up),
		cmocka_unit_test(entries_are_found_by_path_name_or_stem),
		cmocka_unit_test(tables_tell_by_their_columns),
		cmocka_unit_test(coco_tells_a_class_for_each_annotation),
		cmocka_unit_test(voc_tells_the_classes_of_objects_not_of_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
