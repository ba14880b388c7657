/* SPDX-License-Identifier: Apache-2.0 */
/*
 * griddle.conf: what is taken, and the line that tells what is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config/config.h"

/* ---- tables that fit the example ---- */

struct top {
	struct strlist classes;
	int64_t target;
	char *contact;
};

static const struct opt top_opts[] = {
	{ "classes", OPT_FIELD(struct top, classes) },
	{ "target", OPT_FIELD(struct top, target), .def = "500", .min = 1,
	    .max = 1000000, .unit = "images" },
	{ "contact", OPT_FIELD(struct top, contact) },
	{ 0 }
};

static const struct opt_group top_group = {
	.name = "",
	.opts = top_opts,
	.size = sizeof(struct top),
};

struct scraper {
	double delay;
	int64_t max_bytes, every;
	struct strlist allow_private;
	bool robots;
};

static const struct opt scraper_opts[] = {
	{ "delay", OPT_FIELD(struct scraper, delay), .def = "2", .max = 3600,
	    .unit = "s" },
	{ "max_bytes", OPT_FIELD(struct scraper, max_bytes), .def = "10M",
	    .min = 1, .max = 1 << 30, .unit = "bytes" },
	{ "every", OPT_FIELD(struct scraper, every), .def = "7d",
	    .unit = "s" },
	{ "allow_private", OPT_FIELD(struct scraper, allow_private),
	    .def = "{ localhost }" },
	{ "robots", OPT_FIELD(struct scraper, robots), .def = "true" },
	{ 0 }
};

static const struct opt_group scraper_group = {
	.name = "scraper",
	.opts = scraper_opts,
	.size = sizeof(struct scraper),
};

struct numbers {
	int64_t a, b, c, seed;
	char *word;
};

static const char *const balances[] = { "down", "up", "none", NULL };

static const struct opt dedup_opts[] = {
	{ "duplicate", OPT_FIELD(struct numbers, a) },
	{ "probable", OPT_FIELD(struct numbers, b) },
	{ 0 }
};

static const struct opt split_opts[] = {
	{ "train", OPT_FIELD(struct numbers, a) },
	{ "val", OPT_FIELD(struct numbers, b) },
	{ "test", OPT_FIELD(struct numbers, c) },
	{ "seed", OPT_FIELD(struct numbers, seed) },
	{ "balance", OPT_FIELD(struct numbers, word), .def = "none",
	    .choices = balances },
	{ 0 }
};

static const struct opt train_opts[] = {
	{ "model", OPT_FIELD(struct numbers, word), .def = "auto" },
	{ 0 }
};

#define NUMBERS_GROUP(name_, opts_) \
	{ \
		.name = name_, .opts = opts_, .size = sizeof(struct numbers) \
	}

static const struct opt_group dedup_group = NUMBERS_GROUP("dedup", dedup_opts);
static const struct opt_group split_group = NUMBERS_GROUP("split", split_opts);
static const struct opt_group train_group = NUMBERS_GROUP("train", train_opts);

struct recipe {
	char *steps;
};

static const struct opt recipe_opts[] = {
	{ "steps", OPT_FIELD(struct recipe, steps), .def = "resize 224" },
	{ 0 }
};

static const struct opt_group recipe_group = {
	.name = "recipe",
	.opts = recipe_opts,
	.size = sizeof(struct recipe),
	.titled = true,
};

struct source {
	char *type, *category, *label, *schedule, *url, *path;
	struct strlist licence;
	int64_t depth;
};

static const struct opt source_opts[] = {
	{ "type", OPT_FIELD(struct source, type) },
	{ "category", OPT_FIELD(struct source, category) },
	{ "label", OPT_FIELD(struct source, label) },
	{ "schedule", OPT_FIELD(struct source, schedule) },
	{ "url", OPT_FIELD(struct source, url) },
	{ "path", OPT_FIELD(struct source, path) },
	{ "licence", OPT_FIELD(struct source, licence) },
	{ "depth", OPT_FIELD(struct source, depth), .def = "1", .min = 0,
	    .max = 9 },
	{ 0 }
};

static const struct opt_group source_group = {
	.name = "source",
	.opts = source_opts,
	.size = sizeof(struct source),
	.titled = true,
};

static const struct opt_group *const groups[] = { &top_group,
	&recipe_group, &scraper_group, &dedup_group, &split_group,
	&train_group, &source_group, NULL };

/* ---- helpers ---- */

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

static void
check_error(const char *text, const char *message)
{
	struct config *c = NULL;
	struct err err = { 0 };

	if (config_load("griddle.conf", text, groups, &c, &err) == 0)
		fail_msg("taken: %s", text);
	assert_null(c);
	assert_string_equal(err.msg, message);
	assert_int_equal(err.kind, ERR_USAGE);
}

static const struct source *
source_at(const struct config *c, size_t i)
{
	return config_at(c, &source_group, i)->values;
}

/* ---- what is taken ---- */

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
	assert_int_equal(config_line(c, &scraper_group, -1, &scraper_opts[3]),
	    7);
	assert_int_equal(config_line(c, &scraper_group, -1, &scraper_opts[4]),
	    0);
	assert_int_equal(config_at(c, &source_group, 0)->line, 12);
	assert_int_equal(config_line(c, &source_group, 0, &source_opts[6]),
	    14);
	assert_int_equal(config_line(c, &source_group, 1, &source_opts[7]),
	    16);
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
		const struct scraper *scraper =
		    config_get(c, &scraper_group);

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
	assert_string_equal(source_at(c, 0)->url,
	    "https://example.org//a?b;c@d~e:[f]\\g!é");
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
	assert_string_equal(source_at(c, 0)->label,
	    "${GRIDDLE_TEST} $x # // /* {");
	assert_string_equal(source_at(c, 0)->category, "${GRIDDLE_TEST}");
	assert_string_equal(source_at(c, 0)->type, "one   line");
	assert_string_equal(source_at(c, 0)->schedule, "one line");
	unsetenv("GRIDDLE_TEST");
}

static void
comments_are_left_out_and_lines_still_right(void **state)
{
	struct config *c CLEANUP(config_freep) = load(
	    "# } \" ' {\n"
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
	assert_int_equal(config_line(c, &scraper_group, -1, &scraper_opts[0]),
	    7);
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

/* ---- what is refused ---- */

static void
unknown_names_are_told_with_a_suggestion(void **state)
{
	(void)state;
	check_error("\nscraper {\n  dely = 1\n}",
	    "griddle.conf:3: scraper: no option \"dely\"; did you mean "
	    "\"delay\"?");
	check_error("source \"x\" { typ = page }",
	    "griddle.conf:1: source \"x\": no option \"typ\"; did you mean "
	    "\"type\"?");
	check_error("dedup { quality = 1 }",
	    "griddle.conf:1: dedup: no option \"quality\"");
	check_error("clases = { a }",
	    "griddle.conf:1: no option \"clases\"; did you mean "
	    "\"classes\"?");
	check_error("sorce \"x\" { }",
	    "griddle.conf:1: no section \"sorce\"; did you mean "
	    "\"source\"?");
	check_error("kitchen { }", "griddle.conf:1: no section \"kitchen\"");
	check_error("\ninclude(\"/etc/passwd\")",
	    "griddle.conf:2: \"(\" must stand in quotes");
	check_error("include = 1", "griddle.conf:1: no option \"include\"");
}

static void
wrong_values_are_told_with_their_line(void **state)
{
	(void)state;
	check_error("scraper {\n\n delay = fast }",
	    "griddle.conf:3: scraper: delay: \"fast\" is not a number of "
	    "seconds (0 to 3600)");
	check_error("target = 0",
	    "griddle.conf:1: target: \"0\" is not a whole number of images "
	    "(1 to 1M)");
	check_error("split { balance = donw }",
	    "griddle.conf:1: split: balance: \"donw\" is not one of down, up, "
	    "none; did you mean \"down\"?");
	check_error("source a {}\nsource b { depth = 10 }",
	    "griddle.conf:2: source \"b\": depth: \"10\" is not a whole "
	    "number (0 to 9)");
	check_error("contact = \"\\xe9\"",
	    "griddle.conf:1: contact: not UTF-8 text");
	check_error("target = {}",
	    "griddle.conf:1: target takes one value, not a list");
	check_error("target = = 1", "griddle.conf:1: target has no value");
	check_error("target =", "griddle.conf:1: target has no value");
}

static void
what_stands_twice_is_told_with_both_lines(void **state)
{
	(void)state;
	check_error("\n\nsource \"x\" { }\n\n\n\n\n\nsource 'x' { }",
	    "griddle.conf:9: source \"x\" stands twice (lines 3 and 9)");
	check_error("scraper { }\nscraper { }",
	    "griddle.conf:2: scraper stands twice (lines 1 and 2)");
	check_error("scraper { delay = 1\n delay = 1 }",
	    "griddle.conf:2: scraper: delay has two values (lines 1 and 2)");
	check_error("classes = {}\n\nclasses = { a }",
	    "griddle.conf:3: classes has two values (lines 1 and 3)");
}

static void
what_is_not_closed_is_told_where_it_begins(void **state)
{
	(void)state;
	check_error("target = 1\nscraper {\n delay = 1\n",
	    "griddle.conf:2: this \"{\" is not closed");
	check_error("\nclasses = { a, b\n\n",
	    "griddle.conf:2: this \"{\" is not closed");
	check_error("\nclasses = { a, b\ntarget = 1\n",
	    "griddle.conf:3: \"target\" is not expected in a list; is the "
	    "\"{\" of line 2 closed?");
	check_error("classes = { a,\ntarget = 1\n",
	    "griddle.conf:2: \"=\" is not expected in a list; is the \"{\" "
	    "of line 1 closed?");
	check_error("scraper {\n delay = 1\nsource \"x\" { }",
	    "griddle.conf:3: source cannot stand in a section; is the \"{\" "
	    "of line 1 closed?");
	check_error("scraper {\n delay = 1\ntarget = 5",
	    "griddle.conf:3: scraper: no option \"target\"; is the \"{\" of "
	    "line 1 closed?");
	check_error("target = 1\n}",
	    "griddle.conf:2: this \"}\" closes nothing");
	check_error("\ncontact = \"me\ntarget = 1",
	    "griddle.conf:2: a string is not closed by \"");
	check_error("\ncontact = 'me", "griddle.conf:2: a string is not "
				       "closed by '");
	check_error("\ncontact = 'me\\\n you\n",
	    "griddle.conf:3: a string is not closed by '");
	check_error("\n/* a\n\n", "griddle.conf:2: this comment is not "
				  "closed by \"*/\"");
	check_error("/*/", "griddle.conf:1: this comment is not closed by "
			   "\"*/\"");
}

static void
grammar_is_told_in_words(void **state)
{
	(void)state;
	check_error("target", "griddle.conf:1: after \"target\" neither \"=\" "
			      "nor \"{\" follows");
	check_error("target 5\n", "griddle.conf:1: \"{\" is missing after "
				  "target \"5\"");
	check_error("\n\"target\" = 5",
	    "griddle.conf:2: \"target\" is not expected here");
	check_error("target { }", "griddle.conf:1: \"=\" is missing after "
				  "target");
	check_error("scraper = 1", "griddle.conf:1: scraper is a section: "
				   "scraper { ... }");
	check_error("source { }", "griddle.conf:1: source needs a title: "
				  "source \"name\" { ... }");
	check_error("scraper \"x\" { }",
	    "griddle.conf:1: scraper takes no title");
	check_error("source \"\" { }", "griddle.conf:1: source: a title is "
				       "not empty and has no \"\\\"");
	check_error("source \"x\"\n target = 1",
	    "griddle.conf:1: \"{\" is missing after source \"x\"");
	check_error("scraper { delay 5 }",
	    "griddle.conf:1: \"=\" is missing after \"delay\"");
	check_error("classes = { a b }",
	    "griddle.conf:1: \"b\" is not expected in a list; is the \"{\" "
	    "of line 1 closed?");
	check_error("classes = { , a }",
	    "griddle.conf:1: \",\" is not expected in a list; is the \"{\" "
	    "of line 1 closed?");
	check_error("target = 1, 2",
	    "griddle.conf:1: \",\" is not expected here");
	check_error("contact = 17 *",
	    "griddle.conf:1: after \"17\" neither \"=\" nor \"{\" follows");
}

static void
characters_with_a_meaning_must_stand_in_quotes(void **state)
{
	(void)state;
	check_error("contact = a*b", "griddle.conf:1: \"*\" must stand in "
				     "quotes");
	check_error("contact = ${HOME}",
	    "griddle.conf:1: \"$\" must stand in quotes");
	check_error("classes += { a }",
	    "griddle.conf:1: \"+\" must stand in quotes");
	check_error("contact = \"C:\\photos\"",
	    "griddle.conf:1: \"\\p\" means nothing in a string; for a "
	    "backslash write \"\\\\\"");
	check_error("contact = \"a\\x00b\"",
	    "griddle.conf:1: \"\\x\" means nothing in a string; for a "
	    "backslash write \"\\\\\"");
	check_error("contact = \"a\\",
	    "griddle.conf:1: \"\\\" means nothing in a string; for a "
	    "backslash write \"\\\\\"");
	check_error("\ntarget = 1 # \xff",
	    "griddle.conf:2: not UTF-8 text");
}

static void
a_file_is_read_up_to_its_cap(void **state)
{
	struct config *c CLEANUP(config_freep) = NULL;
	char *text CLEANUP(freep) = xcalloc(CONFIG_SIZE_MAX + 2, 1);
	char path[] = "/tmp/test_config.XXXXXX";
	int fd CLEANUP(closep) = mkstemp(path);
	struct err err;

	(void)state;
	memset(text, '#', CONFIG_SIZE_MAX + 1);
	assert_int_equal(file_write_fd(fd, text, CONFIG_SIZE_MAX, &err), 0);
	assert_int_equal(config_load(path, NULL, groups, &c, &err), 0);
	check_error(text, "griddle.conf: larger than 1048576 bytes");
	assert_int_equal(file_write_fd(fd, "#", 1, &err), 0);
	assert_int_equal(config_load(path, NULL, groups, &c, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(ftruncate(fd, 3), 0);
	assert_int_equal(pwrite(fd, "\0", 1, 1), 1);
	assert_int_equal(config_load(path, NULL, groups, &c, &err), -1);
	assert_non_null(strstr(err.msg, ": not a text file"));
	unlink(path);
}

static void
a_missing_file_is_an_error(void **state)
{
	struct config *c = NULL;
	struct err err;

	(void)state;
	assert_int_equal(config_load("/none/griddle.conf", NULL, groups, &c,
			     &err),
	    -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.msg,
	    "/none/griddle.conf: No such file or directory");
}

/* ---- --set and griddle config ---- */

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
	assert_int_equal(config_line(c, &scraper_group, -1, &scraper_opts[0]),
	    CONFIG_SET);
	assert_int_equal(config_override(c, "", "classes", "a, b c,d", &err),
	    0);
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
	check_override_error(c, "", "contact", "\xff",
	    "contact: not UTF-8 text");
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
	struct config *c CLEANUP(config_freep) = load(
	    "classes = { a, \"b c\" }\n"
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
		cmocka_unit_test(unknown_names_are_told_with_a_suggestion),
		cmocka_unit_test(wrong_values_are_told_with_their_line),
		cmocka_unit_test(what_stands_twice_is_told_with_both_lines),
		cmocka_unit_test(what_is_not_closed_is_told_where_it_begins),
		cmocka_unit_test(grammar_is_told_in_words),
		cmocka_unit_test(
		    characters_with_a_meaning_must_stand_in_quotes),
		cmocka_unit_test(a_file_is_read_up_to_its_cap),
		cmocka_unit_test(a_missing_file_is_an_error),
		cmocka_unit_test(an_override_goes_over_the_file),
		cmocka_unit_test(a_wrong_override_is_told),
		cmocka_unit_test(
		    a_walk_shows_every_option_and_where_it_was_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
