/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_sql: scores and issues as expressions over sample s.
 */
#ifndef STORE_SCORE_SQL_H
#define STORE_SCORE_SQL_H

#include "store/scores.h"

/*
 * Below which score an index has its few images; literals, since SQLite
 * takes an index only for what it can prove.  As in schema.sql.
 */
#define SCORE_LIMITS(LIMIT) \
	LIMIT(dark, 0.5) \
	LIMIT(light, 0.5) \
	LIMIT(odd_aspect, 0.5) \
	LIMIT(low_information, 0.5) \
	LIMIT(blurry, 0.5) \
	LIMIT(grayscale, 0.6) \
	LIMIT(blocky, 0.6) \
	LIMIT(bordered, 0.95) \
	LIMIT(texty, 0.6) \
	LIMIT(uniform, 0.5) \
	LIMIT(placeholder, 0.6)

/* A score of sample s. */
#define SCORE_SQL(id) \
	"(SELECT q." #id " FROM quality q WHERE q.sample_id = s.id)"
/* 1 in the middle of what is usual, 0.5 at its ends. */
#define SCORE_SQL_ODD_SIZE \
	"(SELECT max(0.0, 1 - abs(sqrt(s.width * s.height)" \
	" - (n.low + n.high) / 2) / max(n.high - n.low, 1)) FROM size_fence n)"

#endif
