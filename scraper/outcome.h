/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome: what can come of a request, from the one table of it.
 */
#ifndef SCRAPER_OUTCOME_H
#define SCRAPER_OUTCOME_H

enum outcome_kind {
	OUTCOME_FINE,
	OUTCOME_PERMANENT, /* not asked for again */
	OUTCOME_TRANSIENT, /* may pass: again in this run and the next */
	OUTCOME_LATER,     /* not before the next run */
	OUTCOME_REFUSED,   /* by our own rules */
};

#define OUTCOME(id, word, kind, text) FETCH_##id,
enum outcome {
#include "scraper/outcomes.def"
	FETCH_OUTCOMES
};
#undef OUTCOME

/* "too_large": what the catalog keeps; and for people. */
const char *outcome_word(enum outcome);
const char *outcome_text(enum outcome);
enum outcome_kind outcome_kind(enum outcome);

/* What an HTTP status means, where it is not 200, 3xx with a Location. */
enum outcome outcome_of_status(long status);

#endif
