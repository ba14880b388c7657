/* SPDX-License-Identifier: Apache-2.0 */
/*
 * griddle.conf: what is refused, and the exact line that says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config/config.h"
#include "tests/config_tables.h"

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

/* ---- what is refused -------------------------------------------------- */

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
	    "(1 to 1000000)");
	check_error("split { balance = donw }",
	    "griddle.conf:1: split: balance: \"donw\" is not one of down, up, "
	    "none; did you mean \"down\"?");
	check_error("source a {}\nsource b { depth = 10 }",
	    "griddle.conf:2: source \"b\": depth: \"10\" is not a whole "
	    "number (0 to 9)");
	check_error(
	    "contact = \"\\xe9\"", "griddle.conf:1: contact: not UTF-8 text");
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
	check_error(
	    "target = 1\n}", "griddle.conf:2: this \"}\" closes nothing");
	check_error("\ncontact = \"me\ntarget = 1",
	    "griddle.conf:2: a string is not closed by \"");
	check_error("\ncontact = 'me",
	    "griddle.conf:2: a string is not "
	    "closed by '");
	check_error("\ncontact = 'me\\\n you\n",
	    "griddle.conf:3: a string is not closed by '");
	check_error("\n/* a\n\n",
	    "griddle.conf:2: this comment is not "
	    "closed by \"*/\"");
	check_error("/*/",
	    "griddle.conf:1: this comment is not closed by "
	    "\"*/\"");
}

static void
grammar_is_told_in_words(void **state)
{
	(void)state;
	check_error("target",
	    "griddle.conf:1: after \"target\" neither \"=\" "
	    "nor \"{\" follows");
	check_error(
	    "target 5\n", "griddle.conf:1: \"=\" is missing after target");
	check_error("\n\"target\" = 5",
	    "griddle.conf:2: \"target\" is not expected here");
	check_error("target { }",
	    "griddle.conf:1: \"=\" is missing after "
	    "target");
	check_error("scraper = 1",
	    "griddle.conf:1: scraper is a section: "
	    "scraper { ... }");
	check_error("source { }",
	    "griddle.conf:1: source needs a title: "
	    "source \"name\" { ... }");
	check_error(
	    "scraper \"x\" { }", "griddle.conf:1: scraper takes no title");
	check_error("source \"\" { }",
	    "griddle.conf:1: source: a title is "
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
	check_error(
	    "target = 1, 2", "griddle.conf:1: \",\" is not expected here");
	check_error("contact = 17 x",
	    "griddle.conf:1: after \"x\" neither \"=\" nor \"{\" follows");
}

static void
characters_with_a_meaning_must_stand_in_quotes(void **state)
{
	(void)state;
	check_error("contact = a*b",
	    "griddle.conf:1: \"*\" must stand in "
	    "quotes");
	check_error(
	    "contact = ${HOME}", "griddle.conf:1: \"$\" must stand in quotes");
	check_error(
	    "classes += { a }", "griddle.conf:1: \"+\" must stand in quotes");
	check_error("contact = \"C:\\photos\"",
	    "griddle.conf:1: \"\\p\" means nothing in a string; for a "
	    "backslash write \"\\\\\"");
	check_error("contact = \"a\\x00b\"",
	    "griddle.conf:1: \"\\x\" means nothing in a string; for a "
	    "backslash write \"\\\\\"");
	check_error("contact = \"a\\",
	    "griddle.conf:1: \"\\\" means nothing in a string; for a "
	    "backslash write \"\\\\\"");
	check_error("\ntarget = 1 # \xff", "griddle.conf:2: not UTF-8 text");
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
	assert_int_equal(
	    config_load("/none/griddle.conf", NULL, groups, &c, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(
	    err.msg, "/none/griddle.conf: No such file or directory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_names_are_told_with_a_suggestion),
		cmocka_unit_test(wrong_values_are_told_with_their_line),
		cmocka_unit_test(what_stands_twice_is_told_with_both_lines),
		cmocka_unit_test(what_is_not_closed_is_told_where_it_begins),
		cmocka_unit_test(grammar_is_told_in_words),
		cmocka_unit_test(
		    characters_with_a_meaning_must_stand_in_quotes),
		cmocka_unit_test(a_file_is_read_up_to_its_cap),
		cmocka_unit_test(a_missing_file_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
