/* SPDX-License-Identifier: Apache-2.0 */
/*
 * imagehash_values: made by imagehash_values.py.
 */
#ifndef TESTS_IMAGEHASH_VALUES_H
#define TESTS_IMAGEHASH_VALUES_H

static const struct imagehash_value {
	int w, h;
	const char *ahash, *dhash, *phash, *phash256;
} imagehash_values[] = {
	{ 640, 480, "070f1f0f071f1f07", "ffffffffffffffff", "a83206543beed17d",
	    "a8aa33112e4d241d3fd2eed4fb124d89"
	    "738b3f38a9f983aea5e8c70209675e38" },
	{ 400, 533, "070f1f0f071f1f07", "ffffffffffffffff", "aa0d3c592e89b53d",
	    "aa220f042c5555bd26a681e8b4027d55"
	    "4ffd71e98ccfa3d6ddb5c9445ee522c6" },
	{ 97, 211, "070f1f0f071f1f07", "ffffffffffffffff", "8a1b72370efe8f10",
	    "8a0a1b7072c8368f0e32de64c9c35096"
	    "74897e51fa22b76af6c1983b73ed7716" },
	{ 64, 64, "070f1f0f071f1f07", "ffffffffffffffff", "886a427e5d9bef04",
	    "88026a8142c77e205f469bbfefce4d61"
	    "104b250bc3fcf346fc146ecf679630b5" },
	{ 33, 20, "070f1f0f070f3f07", "ffffffffffffffff", "8a5f61447ba74dc1",
	    "8a265fc6612444277bb5a70d4cacc1af"
	    "5afde4b9e05326acfddc1a8eec16260c" },
	{ 5, 7, "070f1f07071f1f03", "ff7fffffffffffff", "adac181307e3cd6d",
	    "adaaa9e81800125007dfe29bc8006df8"
	    "bfff0801fcab97f07fcd80157f87a7f0" },
	{ 1000, 51, "070f1f0f071f1f07", "ffffffffffffffff", "88093d0f7f9e8696",
	    "88aa089a2d770ffd6f0c8a8086ee8629"
	    "5fa93fe5da31bef1b6b3191458710753" },
	{ 8, 8, "07031f1f070f1f07", "7fffff7fdeffb7ff", "a3363e337fba1220",
	    "a3d136073e4f33b17f0fba5e125620e0"
	    "e1edcf01edaf45a83e19ba8416c6b846" },
	{ 9, 8, "07030f1f070f3f0f", "f75fdbbedffdff7b", "ab2d4e065cb51b63",
	    "abd22d8f4ed606dc5c7c94390ad66362"
	    "b7009c9ff76d6b804c10f6ff5cd29030" },
	{ 256, 192, "070f1f0f071f1f07", "ffffffffffffffff", "8a6f4e2f3887c781",
	    "8a206db65ec72b353897879dc7c081cf"
	    "29ed6f048ee6ddeb85b0de40c67e4822" },
	{ 31, 300, "070f1f0f071f1f07", "ffffffffffffffff", "8a731b0b35e2c5e9",
	    "828971851bce01173583e270c5fde1fb"
	    "349e7916dcb28d90d9bf5baf8813b390" },
};

#endif
