/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PDQ and its eight turns against what the reference published, for the
 * pixels that it had.
 */
#include "tests/plain.h"

#include <stdio.h>

#include "dedup/pdq.h"
#include "prep/raster_int.h"
#include "tests/codes.h"

/* The reference's names of our turns, and its dihedral codes of bridge-1. */
static const struct {
	const char *name, *code;
} turns[PDQ_TURNS] = {
	{ "1-original",
	    "d8f8f0cee0f4a84f0637022a078f67f0b36e2ed596621e1d33e6339c4e9c9b22" },
	{ "6-flipy",
	    "8dada49991a1bd1a5362577742da32a5e63b7b80c2364b4866b346c91bc9ce77" },
	{ "3-rotate-180",
	    "adad5a64b5a102e55b62a88052dacd5ae63b847fc337b4b766b399361bc93188" },
	{ "5-flipx",
	    "d8f80f31e0f457b00637f5d5038f980fb36ed12a9662c1e233e64c634e9c64dd" },
	{ "7-flip-plus-1",
	    "f0a1e10271ccc0bd90530b720fff038de34ef1e8ada9a956d6967ade5ea91a50" },
	{ "4-rotate-270",
	    "a5f0b457248995e8c1065c275aaa56d8b61ba4bdf8fcfc0383c32f8b0bfc4f05" },
	{ "8-flip-minus-1",
	    "a5f44ba8a4996a17cd06a1d85aaaa927b61b5b42f8fc03fc83c3d0740bfcb0fa" },
	{ "2-rotate-90",
	    "f0a10efd51c83d429053d48d0fffbc52e34e0e17ada956a9d29685211ea9e58f" },
};

static int
off_by(const uint8_t *bits, const char *hex)
{
	uint8_t expected[PDQ_SIZE];

	assert_true(pdq_from_hex(expected, hex));
	return pdq_distance(bits, expected);
}

/*
 * All that is there of the list, 0 bits off; but for one that differs in as
 * many bits from what the reference gives now.
 */
static void
codes_are_those_of_the_published_list(void **state)
{
	char *list CLEANUP(freep) = plain_path("hashes/pdq/PDQMD5TestData.csv");
	FILE *f = fopen(list, "re");
	char line[256], name[100], hex[PDQ_HEX];
	struct plain p;
	struct pdq code;
	int n = 0, most;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		char *path CLEANUP(freep) = NULL;

		if (sscanf(line, "../../../../data/%90[^,],%64s", name, hex) !=
		    2)
			continue;
		path = xasprintf("%.*shashes/pdq/%s",
		    (int)(strlen(list) -
			strlen("hashes/pdq/PDQMD5TestData.csv")),
		    list, name);
		if (access(path, R_OK) != 0)
			continue;
		p = plain_of(path);
		pdq_of_rgb(p.rgb, p.w, p.h, 3, &code);
		free(p.rgb);
		most = strstr(name, "sharpen-a-lot") != NULL ? 4 : 0;
		print_message(
		    "%s: %d bits off\n", name, off_by(code.bits, hex));
		if (off_by(code.bits, hex) > most)
			fail_msg(
			    "%s: %d bits off", name, off_by(code.bits, hex));
		n++;
	}
	fclose(f);
	assert_true(n >= 15);
}

static struct plain
bridge(const char *name)
{
	char *file CLEANUP(freep) =
	    xasprintf("hashes/pdq/dih/bridge-%s.jpg", name);
	char *path CLEANUP(freep) = plain_path(file);

	return plain_of(path);
}

static void
turns_are_the_dihedral_codes_of_the_reference(void **state)
{
	uint8_t turned[PDQ_TURNS][PDQ_SIZE];
	struct plain p = bridge("1-original");
	struct pdq code;
	int turn;

	(void)state;
	pdq_turns_of_rgb(p.rgb, p.w, p.h, 3, &code, turned);
	free(p.rgb);
	assert_int_equal(code.quality, 100);
	assert_memory_equal(turned[0], code.bits, PDQ_SIZE);
	for (turn = 0; turn < PDQ_TURNS; turn++)
		assert_int_equal(off_by(turned[turn], turns[turn].code), 0);
}

/* Which of the turns a code is nearest to; it must be a match. */
static int
nearest(uint8_t turned[PDQ_TURNS][PDQ_SIZE], const uint8_t *bits)
{
	int turn, d, best = PDQ_BITS, ret = -1;

	for (turn = 0; turn < PDQ_TURNS; turn++) {
		d = pdq_distance(turned[turn], bits);
		if (d < best) {
			best = d;
			ret = turn;
		}
	}
	assert_true(best <= 31);
	return ret;
}

static void
a_picture_that_was_turned_has_the_code_of_that_turn(void **state)
{
	uint8_t turned[PDQ_TURNS][PDQ_SIZE], back[PDQ_TURNS][PDQ_SIZE];
	struct plain original = bridge("1-original"), p;
	struct raster r;
	struct pdq code;
	int turn;

	(void)state;
	pdq_turns_of_rgb(
	    original.rgb, original.w, original.h, 3, &code, turned);
	for (turn = 0; turn < PDQ_TURNS; turn++) {
		p = bridge(turns[turn].name);
		pdq_turns_of_rgb(p.rgb, p.w, p.h, 3, &code, back);
		free(p.rgb);
		assert_int_equal(nearest(turned, code.bits), turn);
		assert_int_equal(nearest(back, turned[0]), pdq_turn_back(turn));

		r = raster_new(original.w, original.h);
		memcpy(r.px, original.rgb, raster_bytes(&r));
		raster_orient(&r, turn + 1);
		pdq_of_rgb(r.px, r.w, r.h, 3, &code);
		raster_release(&r);
		assert_int_equal(nearest(turned, code.bits), turn);
		assert_int_equal(
		    orientation_inverse(turn + 1), pdq_turn_back(turn) + 1);
	}
	free(original.rgb);
}

/* The definition: a term changes its sign, or its place, by its frequency. */
static void
a_picture_that_is_its_own_mirror_has_one_code_for_both(void **state)
{
	uint8_t px[128 * 128], turned[PDQ_TURNS][PDQ_SIZE];
	uint32_t seed = 5;
	struct pdq code;
	int x, y;

	(void)state;
	for (y = 0; y < 128; y++)
		for (x = 0; x <= y; x++)
			px[y * 128 + x] = px[x * 128 + y] =
			    (uint8_t)noise(&seed);
	pdq_turns_of_rgb(px, 128, 128, 1, &code, turned);
	assert_true(pdq_distance(turned[0], turned[4]) <= 2);
	assert_true(pdq_distance(turned[0], turned[1]) > 80);
}

static void
a_side_that_is_too_short_has_no_turns(void **state)
{
	const uint8_t px[4 * 100] = { 200, 10 };
	const uint8_t none[PDQ_TURNS][PDQ_SIZE] = { { 0 } };
	uint8_t turned[PDQ_TURNS][PDQ_SIZE];
	struct pdq code;

	(void)state;
	memset(turned, 1, sizeof(turned));
	pdq_turns_of_rgb(px, 4, 100, 1, &code, turned);
	assert_int_equal(code.quality, 0);
	assert_memory_equal(turned, none, sizeof(none));
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_the_published_list),
		cmocka_unit_test(turns_are_the_dihedral_codes_of_the_reference),
		cmocka_unit_test(
		    a_picture_that_was_turned_has_the_code_of_that_turn),
		cmocka_unit_test(
		    a_picture_that_is_its_own_mirror_has_one_code_for_both),
		cmocka_unit_test(a_side_that_is_too_short_has_no_turns),
	};

	(void)argc;
	if (vips_init(argv[0]) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
