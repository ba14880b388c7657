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
#include "base/text.h"
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
		{ "greyscale", "grayscale" },
		{ "normalize", "normalise" },
		{ "crop center 1:1", "crop centre 1:1" },
		{ "crop attention 3:6", "crop attention 1:2" },
		{ "crop box 0:0:100:90", "crop box 0:0:100:90" },
		{ "crop box 0.04:12.5:33.33:87.50",
		    "crop box 0:12.5:33.3:87.5" },
		{ "pad mean 2:2", "pad mean 1:1" },
		{ "pad edge 4:3, pad mirror 3:4",
		    "pad edge 4:3, pad mirror 3:4" },
		{ "trim", "trim 10" },
		{ "trim 0", "trim 0" },
		{ "sharpen", "sharpen 50" },
		{ "sharpen 300", "sharpen 300" },
		{ "only-shrink, resize 9", "only-shrink, resize 9x9 fit" },
		{ "background white", "background #ffffff" },
		{ "background black", "background #000000" },
		{ "background #12Ab9F, flip h", "background #12ab9f, flip h" },
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

/* Pictures that were prepared once are found again by these. */
static void
hashes_stay_what_they_were(void **state)
{
	static const struct {
		const char *steps, *hash;
	} cases[] = {
		{ "autorotate, crop smart 1:1, resize 224",
		    "61021ae24fdd830730e91b5dfad84ba8"
		    "263befd044daa96444431ff31ec4ac36" },
		{ "autorotate, crop centre 4:3, rotate 7.5, flip h, flip v,"
		  " pad white 1:1, pad black 2:1, grayscale, resize 99 fill,"
		  " resize 100x50 stretch",
		    "609d82546d218e0fdfc8d12ebe7dd8ad"
		    "9d942244358e1ed8274f15aa87c66b9a" },
	};
	unsigned char expected[SHA256_SIZE];
	struct recipe r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		r = parsed(cases[i].steps);
		assert_true(
		    text_from_hex(expected, SHA256_SIZE, cases[i].hash));
		assert_memory_equal(r.hash, expected, SHA256_SIZE);
	}
}

static void
what_is_wrong_is_named_with_the_mend(void **state)
{
	(void)state;
	refused("autorotate, corp smart 1:1", "did you mean \"crop\"?");
	refused("autorotate, corp smart 1:1", "step \"corp smart 1:1\"");
	refused("Resize 224", "did you mean \"resize\"?");
	refused("blur",
	    "there are background, autorotate, trim, crop, rotate, flip, pad,"
	    " grayscale, normalise, sharpen, only-shrink, resize");
	refused("onlyshrink", "did you mean \"only-shrink\"?");
	refused("crop", "step \"crop\": it lacks a word that says how");
	refused("crop 1:1", "\"1:1\" is not a way to do it");
	refused("crop smrt 1:1", "did you mean \"smart\"?");
	refused("crop atention 1:1", "did you mean \"attention\"?");
	refused("crop smart", "it lacks the shape");
	refused("crop smart 1:1 2:1", "\"2:1\" is too much");
	refused("crop smart 1x1", "\"1x1\" is not two whole numbers");
	refused("crop smart 0:1", "crop centre|smart|attention W:H");
	refused("crop smart 11:1", "\"11:1\" is not between 1:10 and 10:1");
	refused("crop smart 1:101", "up to 10:1");
	refused("crop box", "it lacks the box");
	refused("crop box 0:0:100", "four numbers from 0 to 100, X:Y:W:H");
	refused("crop box 0:0:1:1:1", "four numbers from 0 to 100");
	refused("crop box 0:-1:10:10", "four numbers from 0 to 100");
	refused("crop box 0:0:101:10", "four numbers from 0 to 100");
	refused("crop box 0:0:nan:10", "four numbers from 0 to 100");
	refused("crop box ::1:1", "four numbers from 0 to 100");
	refused("crop box 0:0:0:10", "a box with anything in it");
	refused("crop box 50:0:50.1:10", "inside the picture");
	refused("crop box 0:20:50:90", "like crop box 0:0:100:90");
	refused("pad grey 1:1", "pad white|black|mean|edge|mirror W:H");
	refused("pad miror 1:1", "did you mean \"mirror\"?");
	refused("pad mean", "it lacks the shape");
	refused("trim -1", "not a whole number from 0 to 80");
	refused("trim 81", "write it as trim [LEVELS], like trim 10");
	refused("trim ten", "\"ten\" is not a whole number");
	refused("trim 1 2", "\"2\" is too much");
	refused("sharpen 0", "not a whole number from 1 to 300");
	refused("sharpen 50%", "sharpen [PERCENT], like sharpen 50");
	refused("normalise 1", "\"1\" is too much");
	refused("only-shrink yes", "write it as only-shrink");
	refused("background", "it lacks the colour");
	refused("background grey", "\"grey\" is not a colour");
	refused("background #12345", "white|black|#rrggbb");
	refused("background #12345g", "white|black|#rrggbb");
	refused("background white black", "\"black\" is too much");
	refused("autorotate, background black", "write it as the first step");
	refused(
	    "background black, background black", "write it as the first step");
	refused("resize", "it lacks the size");
	refused("resize 0", "resize W[xH]");
	refused("resize 4097", "up to 4096");
	refused("resize 224 cover", "[fit|fill|stretch]");
	refused("resize 224 fit fill", "[fit|fill|stretch]");
	refused("resize 224 fill fill", "[fit|fill|stretch]");
	refused("flip x", "flip h|v");
	refused("rotate", "it lacks the angle");
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
	buf_clear(&steps);
	/* The longest that a step can be. */
	for (i = 0; i < RECIPE_STEPS_MAX; i++)
		buf_addf(&steps, "%scrop box 10.1:10.1:10.1:10.1",
		    i == 0 ? "" : ", ");
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
		cmocka_unit_test(hashes_stay_what_they_were),
		cmocka_unit_test(what_is_wrong_is_named_with_the_mend),
		cmocka_unit_test(sixteen_steps_are_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
