/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recipe language: what is understood, what it is called in full, and
 * what is said about what is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "prep/recipe.h"

static struct recipe
parsed(const char *steps)
{
	struct recipe r;
	struct err err = { ERR_NONE, "" };

	if (recipe_parse(steps, &r, &err) < 0)
		fail_msg("\"%s\": %s", steps, err.msg);
	return r;
}

static void
refused(const char *steps, const char *said)
{
	struct recipe r = { .n = 99 };
	struct err err = { ERR_NONE, "" };

	assert_int_equal(recipe_parse(steps, &r, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	if (strstr(err.msg, said) == NULL)
		fail_msg("\"%s\": \"%s\" lacks \"%s\"", steps, err.msg, said);
	assert_int_equal(r.n, 99);
}

static void
the_default_is_a_square_of_224(void **state)
{
	struct recipe_opts *o = opt_new(&recipe_group);
	struct recipe r = parsed(o->steps);

	(void)state;
	assert_string_equal(
	    r.text, "autorotate, crop smart 1:1, resize 224x224 fit");
	assert_int_equal(r.n, 3);
	assert_int_equal(r.steps[1].kind, STEP_CROP);
	assert_int_equal(r.steps[1].how, HOW_SMART);
	opt_free(&recipe_group, o);
}

static void
every_way_to_write_a_step_has_one_full_form(void **state)
{
	static const struct {
		const char *written, *full;
	} cases[] = {
		{ "resize 10", "resize 10x10 fit" },
		{ "resize 10x20", "resize 10x20 fit" },
		{ "resize 10x20 fill", "resize 10x20 fill" },
		{ "resize 4096 stretch", "resize 4096x4096 stretch" },
		{ "crop centre 32:18", "crop centre 16:9" },
		{ "crop smart 100:10", "crop smart 10:1" },
		{ "pad white 1:10", "pad white 1:10" },
		{ "pad black 4:2", "pad black 2:1" },
		{ "rotate 90", "rotate 90.00" },
		{ "rotate -90", "rotate 270.00" },
		{ "rotate 360", "rotate 0.00" },
		{ "rotate 7.054", "rotate 7.05" },
		{ "rotate -0.001", "rotate 0.00" },
		{ "flip h,flip v", "flip h, flip v" },
		{ "  grayscale\t,\n autorotate ", "grayscale, autorotate" },
	};
	struct recipe r, again;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		r = parsed(cases[i].written);
		assert_string_equal(r.text, cases[i].full);
		again = parsed(r.text);
		assert_memory_equal(&r, &again, sizeof(r));
	}
}

static void
the_hash_is_of_the_full_form_and_its_version(void **state)
{
	static const char form[] = "griddle recipe 1\nflip h";
	struct recipe r = parsed("flip  h"), other = parsed("flip v");
	unsigned char expected[SHA256_SIZE];

	(void)state;
	sha256_of(form, sizeof(form) - 1, expected);
	assert_memory_equal(r.hash, expected, SHA256_SIZE);
	assert_memory_not_equal(other.hash, expected, SHA256_SIZE);
}

static void
what_is_wrong_is_named_with_the_mend(void **state)
{
	(void)state;
	refused("autorotate, corp smart 1:1", "did you mean \"crop\"?");
	refused("autorotate, corp smart 1:1", "step \"corp smart 1:1\"");
	refused("Resize 224", "did you mean \"resize\"?");
	refused("sharpen",
	    "there are autorotate, crop, rotate, flip, pad,"
	    " grayscale, resize");
	refused("crop 1:1", "crop centre|smart W:H");
	refused("crop smart", "crop centre|smart W:H");
	refused("crop smart 1:1 1:1", "crop centre|smart W:H");
	refused("crop smart 1x1", "crop centre|smart W:H");
	refused("crop smart 0:1", "crop centre|smart W:H");
	refused("crop smart 11:1", "up to 10:1");
	refused("crop smart 1:101", "up to 10:1");
	refused("pad grey 1:1", "pad white|black W:H");
	refused("resize", "resize W[xH]");
	refused("resize 0", "resize W[xH]");
	refused("resize 4097", "up to 4096");
	refused("resize 224 cover", "[fit|fill|stretch]");
	refused("resize 224 fit fill", "[fit|fill|stretch]");
	refused("resize 224 fill fill", "[fit|fill|stretch]");
	refused("flip x", "flip h|v");
	refused("rotate", "rotate DEGREES");
	refused("rotate 361", "from -360 to 360");
	refused("rotate nan", "rotate DEGREES");
	refused("autorotate yes", "write it as autorotate");
	refused("", "empty step");
	refused("autorotate,,resize 224", "empty step");
	refused("autorotate,", "empty step");
	refused(NULL, "empty step");
}

static void
sixteen_steps_are_enough(void **state)
{
	struct buf steps CLEANUP(buf_release) = BUF_INIT(4096);
	struct recipe r;
	int i;

	(void)state;
	for (i = 0; i < RECIPE_STEPS_MAX; i++)
		buf_addf(
		    &steps, "%sresize 4096x4096 stretch", i == 0 ? "" : ", ");
	r = parsed((const char *)steps.data);
	assert_int_equal(r.n, RECIPE_STEPS_MAX);
	assert_string_equal(r.text, (const char *)steps.data);
	buf_addf(&steps, ", flip h");
	refused((const char *)steps.data, "more than 16 steps");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_is_a_square_of_224),
		cmocka_unit_test(every_way_to_write_a_step_has_one_full_form),
		cmocka_unit_test(the_hash_is_of_the_full_form_and_its_version),
		cmocka_unit_test(what_is_wrong_is_named_with_the_mend),
		cmocka_unit_test(sixteen_steps_are_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
