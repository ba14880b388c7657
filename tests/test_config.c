/* SPDX-License-Identifier: Apache-2.0 */
/*
 * griddle.conf: what is taken from it, set over it and shown of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "tests/config_tables.h"

static struct config *
load(const char *text)
{
	struct config *c = NULL;
	struct err err = { 0 };

	if (config_load("griddle.conf", text, groups, &c, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(err.kind, ERR_NONE);
	return c;
}

static const struct source *
source_at(const struct config *c, size_t i)
{
	return config_at(c, &source_group, i)->values;
}

/* ---- what is taken ---------------------------------------------------- */

static const char sample[] =
    "classes = { pancake, crepe }\n"
    "target  = 1000                        # per class; to the least\n"
    "contact = \"me@example.org\"  # into the User-Agent\n"
    "\n"
    "recipe \"default\" { steps = \"autorotate, crop smart 1:1\" }\n"
    "\n"
    "scraper { delay = 1.0  max_bytes = 20M  allow_private = {} }\n"
    "dedup   { duplicate = 31  probable = 51 }\n"
    "split   { train = 70  val = 15  test = 15  balance = down  seed = 1 }\n"
    "train   { model = auto }\n"
    "\n"
    "source \"commons-pancakes\" {\n"
    "    type = commons   category = \"Pancakes\"   label = pancake\n"
    "    schedule = \"17 3 * * *\"   licence = { cc0, cc-by, cc-by-sa, pd }\n"
    "}\n"
    "source \"blog\" { type = page  url = \"https://example.org/crepes/\"  "
    "label = crepe  depth = 2 }\n"
    "source \"mine\" { type = folder  path = \"photos/\" }   # label\n";

static void
the_documented_example_is_taken(void **state)
{
	struct config *c CLEANUP(config_freep) = load(sample);
	const struct top *top = config_get(c, &top_group);
	const struct scraper *scraper = config_get(c, &scraper_group);
	const struct numbers *split = config_get(c, &split_group);
	const struct source *s;

	(void)state;
	assert_int_equal(top->classes.n, 2);
	assert_string_equal(top->classes.v[1], "crepe");
	assert_int_equal(top->target, 1000);
	assert_string_equal(top->contact, "me@example.org");
	assert_true(scraper->delay == 1.0);
	assert_int_equal(scraper->max_bytes, 20 << 20);
	assert_int_equal(scraper->allow_private.n, 0);
	assert_int_equal(split->a + split->b + split->c, 100);
	assert_string_equal(split->word, "down");
	assert_int_equal(config_count(c, &recipe_group), 1);
	assert_string_equal(config_at(c, &recipe_group, 0)->title, "default");
	assert_int_equal(config_count(c, &source_group), 3);
	s = source_at(c, 0);
	assert_string_equal(s->schedule, "17 3 * * *");
	assert_int_equal(s->licence.n, 4);
	assert_string_equal(s->licence.v[2], "cc-by-sa");
	assert_int_equal(s->depth, 1);
	s = source_at(c, 1);
	assert_string_equal(s->url, "https://example.org/crepes/");
	assert_int_equal(s->depth, 2);
	assert_string_equal(config_at(c, &source_group, 2)->title, "mine");
}

static void
lines_are_those_of_the_file(void **state)
{
	struct config *c CLEANUP(config_freep) = load(sample);

	(void)state;
	assert_string_equal(config_path(c), "griddle.conf");
	assert_int_equal(config_line(c, &top_group, -1, &top_opts[1]), 2);
	assert_int_equal(
	    config_line(c, &scraper_group, -1, &scraper_opts[3]), 7);
	assert_int_equal(
	    config_line(c, &scraper_group, -1, &scraper_opts[4]), 0);
	assert_int_equal(config_at(c, &source_group, 0)->line, 12);
	assert_int_equal(config_line(c, &source_group, 0, &source_opts[6]), 14);
	assert_int_equal(config_line(c, &source_group, 1, &source_opts[7]), 16);
}

static void
an_empty_file_gives_the_defaults(void **state)
{
	static const char *const empty[] = { "", "\n\n", "# nothing",
		"/* nothing */", "\xef\xbb\xbf" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(empty); i++) {
		struct config *c CLEANUP(config_freep) = load(empty[i]);
		const struct top *top = config_get(c, &top_group);
		const struct scraper *scraper = config_get(c, &scraper_group);

		assert_int_equal(top->target, 500);
		assert_null(top->contact);
		assert_int_equal(scraper->every, 604800);
		assert_string_equal(scraper->allow_private.v[0], "localhost");
		assert_true(scraper->robots);
		assert_int_equal(config_count(c, &source_group), 0);
	}
}

static void
words_need_no_quotes(void **state)
{
	struct config *c CLEANUP(config_freep) = load(
	    "classes = pancake\n"
	    "scraper { every = 20h robots = off }\n"
	    "source 'a b' { url = https://example.org//a?b;c@d~e:[f]\\g!é }\n"
	    "source empty {}");
	const struct scraper *scraper = config_get(c, &scraper_group);
	const struct top *top = config_get(c, &top_group);

	(void)state;
	assert_int_equal(top->classes.n, 1);
	assert_int_equal(scraper->every, 72000);
	assert_false(scraper->robots);
	assert_string_equal(
	    source_at(c, 0)->url, "https://example.org//a?b;c@d~e:[f]\\g!é");
	assert_string_equal(config_at(c, &source_group, 0)->title, "a b");
	assert_string_equal(config_at(c, &source_group, 1)->title, "empty");
}

static void
strings_have_escapes_and_nothing_is_expanded(void **state)
{
	struct config *c CLEANUP(config_freep) = NULL;

	(void)state;
	setenv("GRIDDLE_TEST", "surprise", 1);
	c = load("source a { url = \"a\\\"b\\\\c\\n\\t\\x41\\'\\$ é\"\n"
		 "path = 'a\"b\\'c\\\\d\\n$x'\n"
		 "label = \"${GRIDDLE_TEST} $x # // /* {\"\n"
		 "category = '${GRIDDLE_TEST}'\n"
		 "type = \"one \\\n  line\"\n"
		 "schedule = \"one \\\r\nline\"\r\n}");
	assert_string_equal(source_at(c, 0)->url, "a\"b\\c\n\tA'$ é");
	assert_string_equal(source_at(c, 0)->path, "a\"b'c\\d\\n$x");
	assert_string_equal(
	    source_at(c, 0)->label, "${GRIDDLE_TEST} $x # // /* {");
	assert_string_equal(source_at(c, 0)->category, "${GRIDDLE_TEST}");
	assert_string_equal(source_at(c, 0)->type, "one   line");
	assert_string_equal(source_at(c, 0)->schedule, "one line");
	unsetenv("GRIDDLE_TEST");
}

static void
comments_are_left_out_and_lines_still_right(void **state)
{
	struct config *c CLEANUP(config_freep) =
	    load("# } \" ' {\n"
		 "// } \" ' {\n"
		 "/* } \" ' {\n"
		 " ** / */ target /* a */ = /* b\n"
		 "*/ 7# seven\n"
		 "scraper {// open\n"
		 "delay = 3 }#");
	const struct top *top = config_get(c, &top_group);

	(void)state;
	assert_int_equal(top->target, 7);
	assert_int_equal(config_line(c, &top_group, -1, &top_opts[1]), 4);
	assert_int_equal(
	    config_line(c, &scraper_group, -1, &scraper_opts[0]), 7);
}

static void
long_values_survive(void **state)
{
	char url[901] = "https://example.org/?q=", *text CLEANUP(freep) = NULL;
	struct config *c CLEANUP(config_freep) = NULL;
	size_t i;

	(void)state;
	for (i = strlen(url); i < sizeof(url) - 1; i++)
		url[i] = (char)('a' + i % 26);
	text = xasprintf("source a { url = \"%s\" label = b path = %s }\n"
			 "source b { url = '%s' }",
	    url, url + 23, url);
	c = load(text);
	assert_string_equal(source_at(c, 0)->url, url);
	assert_string_equal(source_at(c, 0)->path, url + 23);
	assert_string_equal(source_at(c, 1)->url, url);
}

static void
many_sections_keep_their_values(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(CONFIG_SIZE_MAX);
	struct config *c CLEANUP(config_freep) = NULL;
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		buf_addf(&b, "source s%d { depth = %d label = l%d }\n", i,
		    i % 10, i);
	c = load((char *)b.data);
	assert_int_equal(config_count(c, &source_group), 1000);
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		assert_int_equal(source_at(c, (size_t)i)->depth, i % 10);
		assert_string_equal(source_at(c, (size_t)i)->label, name);
	}
}

/* ---- --set and griddle config ----------------------------------------- */

static void
an_override_goes_over_the_file(void **state)
{
	struct config *c CLEANUP(config_freep) = load(sample);
	const struct top *top = config_get(c, &top_group);
	const struct scraper *scraper = config_get(c, &scraper_group);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(config_override(c, "scraper", "delay", "5", &err), 0);
	assert_true(scraper->delay == 5);
	assert_int_equal(
	    config_line(c, &scraper_group, -1, &scraper_opts[0]), CONFIG_SET);
	assert_int_equal(
	    config_override(c, "", "classes", "a, b c,d", &err), 0);
	assert_int_equal(top->classes.n, 3);
	assert_string_equal(top->classes.v[1], "b c");
	assert_int_equal(config_override(c, "", "classes", "", &err), 0);
	assert_int_equal(top->classes.n, 0);
	assert_int_equal(err.kind, ERR_NONE);
}

static void
check_override_error(struct config *c, const char *group, const char *key,
    const char *value, const char *message)
{
	struct err err = { 0 };

	assert_int_equal(config_override(c, group, key, value, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.msg, message);
}

static void
a_wrong_override_is_told(void **state)
{
	struct config *c CLEANUP(config_freep) = load(sample);

	(void)state;
	check_override_error(c, "scraper", "dely", "5",
	    "scraper: no option \"dely\"; did you mean \"delay\"?");
	check_override_error(c, "", "clases", "5",
	    "no option \"clases\"; did you mean \"classes\"?");
	check_override_error(c, "scrapr", "delay", "5",
	    "no section \"scrapr\"; did you mean \"scraper\"?");
	check_override_error(c, "x", "delay", "5", "no section \"x\"");
	check_override_error(c, "scraper", "delay", "abc",
	    "scraper: delay: \"abc\" is not a number of seconds (0 to 3600)");
	check_override_error(c, "source", "url", "x",
	    "source has titles; it can only be set in griddle.conf");
	check_override_error(
	    c, "", "contact", "\xff", "contact: not UTF-8 text");
}

static int
write_down(void *ctx, const struct opt_group *group,
    const struct config_section *section, const struct opt *opt,
    const char *shown, int line)
{
	struct buf *b = ctx;

	buf_addf(b, "%s.%s%s%s=%s@%d\n", group->name,
	    section == NULL ? "" : section->title, section == NULL ? "" : ".",
	    opt->name, shown, line);
	return strcmp(opt->name, "robots") == 0 ? 7 : 0;
}

static void
a_walk_shows_every_option_and_where_it_was_set(void **state)
{
	struct config *c CLEANUP(config_freep) =
	    load("classes = { a, \"b c\" }\n"
		 "recipe one { steps = \"x\" }\n"
		 "recipe two { }\n");
	struct buf b CLEANUP(buf_release) = BUF_INIT(10000);
	struct err err;

	(void)state;
	config_override(c, "scraper", "max_bytes", "1G", &err);
	assert_int_equal(config_walk(c, write_down, &b), 7);
	assert_string_equal(b.data,
	    ".classes={ a, \"b c\" }@1\n"
	    ".target=500@0\n"
	    ".contact=\"\"@0\n"
	    "recipe.one.steps=\"x\"@2\n"
	    "recipe.two.steps=\"resize 224\"@0\n"
	    "scraper.delay=2@0\n"
	    "scraper.max_bytes=1G@-1\n"
	    "scraper.every=7d@0\n"
	    "scraper.allow_private={ localhost }@0\n"
	    "scraper.robots=true@0\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_documented_example_is_taken),
		cmocka_unit_test(lines_are_those_of_the_file),
		cmocka_unit_test(an_empty_file_gives_the_defaults),
		cmocka_unit_test(words_need_no_quotes),
		cmocka_unit_test(strings_have_escapes_and_nothing_is_expanded),
		cmocka_unit_test(comments_are_left_out_and_lines_still_right),
		cmocka_unit_test(long_values_survive),
		cmocka_unit_test(many_sections_keep_their_values),
		cmocka_unit_test(an_override_goes_over_the_file),
		cmocka_unit_test(a_wrong_override_is_told),
		cmocka_unit_test(
		    a_walk_shows_every_option_and_where_it_was_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
