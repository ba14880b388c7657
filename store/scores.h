/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scores: the columns of the table `quality`, from 0 (bad) to 1 (fine), as
 * prep/quality.def defines them and in that order; a test compares the two.
 */
#ifndef STORE_SCORES_H
#define STORE_SCORES_H

#define STORE_SCORES(SCORE) \
	SCORE(dark) \
	SCORE(light) \
	SCORE(odd_aspect) \
	SCORE(low_information) \
	SCORE(blurry) \
	SCORE(grayscale) \
	SCORE(blocky) \
	SCORE(bordered) \
	SCORE(texty) \
	SCORE(uniform) \
	SCORE(placeholder)

#define SCORE_ENUM(id) SCORE_##id,
enum score {
	STORE_SCORES(SCORE_ENUM)
	/* Of its size among all others; not a column but worked out. */
	SCORE_odd_size,
	SCORE_COUNT
};
#undef SCORE_ENUM

#define SCORE_COLUMNS SCORE_odd_size /* how many are columns */

/* "dark" */
const char *score_name(enum score);

#endif
