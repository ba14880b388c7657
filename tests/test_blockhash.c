/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blockhash against its published values, and in pictures whose blocks are
 * known.
 */
#include "tests/plain.h"

#include <dirent.h>
#include <stdio.h>

#include "base/text.h"
#include "dedup/blockhash.h"

#define OFF_MAX 2 /* bits, by another decoder */

static int
bits_off(const uint8_t *a, const uint8_t *b)
{
	int i, n = 0;

	for (i = 0; i < BLOCKHASH_SIZE; i++)
		n += __builtin_popcount(a[i] ^ b[i]);
	return n;
}

/* How many bits the code of a picture is off the one that is published. */
static int
off_by(const char *folder, const char *name)
{
	char *picture CLEANUP(freep) = xasprintf("%s/%s", folder, name);
	char *text CLEANUP(freep) = xasprintf(
	    "%s/%.*s_16_2.txt", folder, (int)strcspn(name, "."), name);
	uint8_t expected[BLOCKHASH_SIZE], code[BLOCKHASH_SIZE];
	char hex[2 * BLOCKHASH_SIZE + 1] = "";
	FILE *f = fopen(text, "re");
	struct plain p;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%64s", hex), 1);
	fclose(f);
	assert_true(text_from_hex(expected, BLOCKHASH_SIZE, hex));
	p = plain_of(picture);
	blockhash_of_rgb(p.rgb, p.w, p.h, code);
	free(p.rgb);
	return bits_off(code, expected);
}

/* The reference's own; other programs take ties and medians otherwise. */
static void
codes_are_the_published_ones(void **state)
{
	char *folder CLEANUP(freep) = plain_path("hashes/blockhash");
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int n = 0, off;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (strstr(entry->d_name, ".jpg") == NULL &&
		    strstr(entry->d_name, ".png") == NULL)
			continue;
		off = off_by(folder, entry->d_name);
		print_message("%s: %d bits off\n", entry->d_name, off);
		assert_true(off <= OFF_MAX);
		n++;
	}
	closedir(dir);
	assert_int_equal(n, 17);
}

/* Left half light: in each row of 16 blocks, the first eight are set. */
static void
light_blocks_are_set(void **state)
{
	static const int sides[] = { 16, 17, 31, 160, 333 };
	uint8_t code[BLOCKHASH_SIZE];
	size_t k;
	int i, n;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(sides); k++) {
		uint8_t *px CLEANUP(freep) = NULL;

		n = sides[k];
		px = xcalloc((size_t)n * (size_t)n, 3);
		for (i = 0; i < n * n; i++)
			memset(px + 3 * i, i % n < n / 2 ? 200 : 20, 3);
		blockhash_of_rgb(px, n, n, code);
		for (i = 0; i < BLOCKHASH_SIZE; i++)
			assert_int_equal(code[i], i % 2 == 0 ? 0xff : 0);
	}
}

static void
ties_are_set_in_light_pictures_only(void **state)
{
	uint8_t px[3 * 64 * 64], code[BLOCKHASH_SIZE];
	int i;

	(void)state;
	memset(px, 250, sizeof(px));
	blockhash_of_rgb(px, 64, 64, code);
	for (i = 0; i < BLOCKHASH_SIZE; i++)
		assert_int_equal(code[i], 0xff);
	memset(px, 5, sizeof(px));
	blockhash_of_rgb(px, 64, 64, code);
	for (i = 0; i < BLOCKHASH_SIZE; i++)
		assert_int_equal(code[i], 0);
}

static void
tiny_pictures_have_codes(void **state)
{
	const uint8_t px[] = { 9, 9, 9, 200, 200, 200, 30, 30, 30 };
	uint8_t code[BLOCKHASH_SIZE];

	(void)state;
	blockhash_of_rgb(px, 1, 1, code);
	blockhash_of_rgb(px, 3, 1, code);
	blockhash_of_rgb(px, 1, 3, code);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_the_published_ones),
		cmocka_unit_test(light_blocks_are_set),
		cmocka_unit_test(ties_are_set_in_light_pictures_only),
		cmocka_unit_test(tiny_pictures_have_codes),
	};

	(void)argc;
	if (vips_init(argv[0]) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
