/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Option tables: defaults, what is taken and refused, and how it is shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"

struct oven {
	bool on;
	int64_t racks, room, preheat, plain;
	double delay, heat;
	char *name, *mode;
	struct strlist fits, modes;
};

static const char *const modes[] = { "down", "up", "none", NULL };

static const struct opt oven_opts[] = { { "on", OPT_FIELD(struct oven, on),
					    .def = "yes" },
	{ "racks", OPT_FIELD(struct oven, racks), .def = "3", .min = 1,
	    .max = 10 },
	{ "room", OPT_FIELD(struct oven, room), .def = "20M", .min = 1,
	    .max = 1 << 30, .unit = "bytes" },
	{ "preheat", OPT_FIELD(struct oven, preheat), .def = "20h", .min = 60,
	    .max = INFINITY, .unit = "s" },
	{ "plain", OPT_FIELD(struct oven, plain) },
	{ "delay", OPT_FIELD(struct oven, delay), .def = "1.0", .min = 0,
	    .max = 3600, .unit = "s" },
	{ "heat", OPT_FIELD(struct oven, heat), .min = -INFINITY, .max = 300,
	    .unit = "degrees" },
	{ "name", OPT_FIELD(struct oven, name) },
	{ "mode", OPT_FIELD(struct oven, mode), .def = "down",
	    .choices = modes },
	{ "fits", OPT_FIELD(struct oven, fits), .def = "{ pie, flat cake }" },
	{ "modes", OPT_FIELD(struct oven, modes), .choices = modes }, { 0 } };

static const struct opt_group oven_group = {
	.name = "oven",
	.opts = oven_opts,
	.size = sizeof(struct oven),
};

static int
fresh(void **state)
{
	*state = opt_new(&oven_group);
	return 0;
}

static int
done(void **state)
{
	opt_free(&oven_group, *state);
	return 0;
}

static const struct opt *
find(const char *name)
{
	const struct opt *opt = opt_find(&oven_group, name);

	assert_non_null(opt);
	return opt;
}

static void
set(struct oven *oven, const char *name, const char *text)
{
	struct err err = { 0 };

	if (opt_set(find(name), oven, text, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(err.kind, ERR_NONE);
}

static void
check_refused(
    struct oven *oven, const char *name, const char *text, const char *message)
{
	char *before CLEANUP(freep) = opt_show(find(name), oven);
	char *after CLEANUP(freep) = NULL;
	struct err err = { 0 };

	assert_int_equal(opt_set(find(name), oven, text, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.msg, message);
	after = opt_show(find(name), oven);
	assert_string_equal(after, before);
}

static void
check_shown(const struct oven *oven, const char *name, const char *expected)
{
	char *shown CLEANUP(freep) = opt_show(find(name), oven);

	assert_string_equal(shown, expected);
}

static void
a_new_struct_has_every_default(void **state)
{
	const struct oven *oven = *state;

	assert_true(oven->on);
	assert_int_equal(oven->racks, 3);
	assert_int_equal(oven->room, 20 << 20);
	assert_int_equal(oven->preheat, 72000);
	assert_int_equal(oven->plain, 0);
	assert_true(oven->delay == 1.0);
	assert_null(oven->name);
	assert_string_equal(oven->mode, "down");
	assert_int_equal(oven->fits.n, 2);
	assert_string_equal(oven->fits.v[1], "flat cake");
	assert_int_equal(oven->modes.n, 0);
	opt_free(&oven_group, NULL);
}

static void
values_are_set_from_their_text(void **state)
{
	struct oven *oven = *state;

	set(oven, "on", "off");
	assert_false(oven->on);
	set(oven, "on", "true");
	assert_true(oven->on);
	set(oven, "plain", "-9000000000");
	assert_true(oven->plain == -9000000000);
	set(oven, "room", "300k");
	assert_int_equal(oven->room, 300 << 10);
	set(oven, "heat", "-273.15");
	assert_true(oven->heat == -273.15);
	set(oven, "name", "Big \"Bertha\"");
	assert_string_equal(oven->name, "Big \"Bertha\"");
	set(oven, "name", "");
	assert_null(oven->name);
	set(oven, "modes", "up");
	set(oven, "modes", "none");
	assert_int_equal(oven->modes.n, 2);
	assert_true(strlist_has(&oven->modes, "none"));
	assert_false(strlist_has(&oven->modes, "down"));
	opt_clear(find("modes"), oven);
	assert_int_equal(oven->modes.n, 0);
	opt_clear(find("mode"), oven);
	assert_null(oven->mode);
}

static void
a_wrong_value_is_told_what_would_be_right(void **state)
{
	struct oven *oven = *state;

	check_refused(oven, "delay", "abc",
	    "delay: \"abc\" is not a number of seconds (0 to 3600)");
	check_refused(oven, "delay", "3600.5",
	    "delay: \"3600.5\" is not a number of seconds (0 to 3600)");
	check_refused(oven, "heat", "hot",
	    "heat: \"hot\" is not a number of degrees (at most 300)");
	check_refused(
	    oven, "on", "maybe", "on: \"maybe\" is not true or false");
	check_refused(
	    oven, "racks", "0", "racks: \"0\" is not a whole number (1 to 10)");
	check_refused(oven, "racks", "2.5",
	    "racks: \"2.5\" is not a whole number (1 to 10)");
	check_refused(oven, "plain", "", "plain: \"\" is not a whole number");
	check_refused(oven, "room", "2G",
	    "room: \"2G\" is not a size such as 300k or 20M (1 to 1G)");
	check_refused(oven, "preheat", "59",
	    "preheat: \"59\" is not a duration such as 90, 15m, 20h or 7d "
	    "(at least 1m)");
}

static void
a_wrong_choice_is_told_the_right_ones(void **state)
{
	struct oven *oven = *state;

	check_refused(oven, "mode", "donw",
	    "mode: \"donw\" is not one of down, up, none; did you mean "
	    "\"down\"?");
	check_refused(oven, "mode", "sideways",
	    "mode: \"sideways\" is not one of down, up, none");
	check_refused(oven, "modes", "non",
	    "modes: \"non\" is not one of down, up, none; did you mean "
	    "\"none\"?");
}

static void
a_long_wrong_value_is_cut_in_the_error(void **state)
{
	char text[901];
	struct err err;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	assert_int_equal(opt_set(find("delay"), *state, text, &err), -1);
	assert_non_null(
	    strstr(err.msg, "x...\" is not a number of seconds (0 to 3600)"));
}

static void
values_are_shown_as_one_would_write_them(void **state)
{
	struct oven *oven = *state;

	check_shown(oven, "on", "true");
	check_shown(oven, "room", "20M");
	check_shown(oven, "preheat", "20h");
	check_shown(oven, "plain", "0");
	check_shown(oven, "delay", "1");
	check_shown(oven, "mode", "down");
	check_shown(oven, "name", "\"\"");
	check_shown(oven, "fits", "{ pie, \"flat cake\" }");
	check_shown(oven, "modes", "{}");
	set(oven, "delay", "0.1");
	check_shown(oven, "delay", "0.1");
	set(oven, "delay", "0.30000000000000004");
	check_shown(oven, "delay", "0.30000000000000004");
	set(oven, "room", "1025");
	check_shown(oven, "room", "1025");
	set(oven, "preheat", "7d");
	check_shown(oven, "preheat", "7d");
	set(oven, "name", "a\"b\\c\nd\te\033f ${HOME} é");
	check_shown(oven, "name", "\"a\\\"b\\\\c\\nd\\te\\x1bf ${HOME} é\"");
	set(oven, "fits", "");
	check_shown(oven, "fits", "{ pie, \"flat cake\", \"\" }");
}

static void
names_are_found_or_suggested(void **state)
{
	(void)state;
	assert_ptr_equal(opt_find(&oven_group, "delay"), &oven_opts[5]);
	assert_null(opt_find(&oven_group, "dely"));
	assert_string_equal(opt_suggest(&oven_group, "dely"), "delay");
	assert_string_equal(opt_suggest(&oven_group, "rack"), "racks");
	assert_null(opt_suggest(&oven_group, "temperature"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_struct_has_every_default),
		cmocka_unit_test(values_are_set_from_their_text),
		cmocka_unit_test(a_wrong_value_is_told_what_would_be_right),
		cmocka_unit_test(a_wrong_choice_is_told_the_right_ones),
		cmocka_unit_test(a_long_wrong_value_is_cut_in_the_error),
		cmocka_unit_test(values_are_shown_as_one_would_write_them),
		cmocka_unit_test(names_are_found_or_suggested),
	};
	struct CMUnitTest each[ARRAY_SIZE(tests)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		each[i] = tests[i];
		each[i].setup_func = fresh;
		each[i].teardown_func = done;
	}
	return cmocka_run_group_tests(each, NULL, NULL);
}
