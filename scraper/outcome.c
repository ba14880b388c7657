/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/outcome.h"

#define OUTCOME(id, word, kind, text) { word, text, OUTCOME_##kind },
static const struct {
	const char *word, *text;
	enum outcome_kind kind;
} table[] = {
#include "scraper/outcomes.def"
};
#undef OUTCOME

const char *
outcome_word(enum outcome o)
{
	return table[o].word;
}

const char *
outcome_text(enum outcome o)
{
	return table[o].text;
}

enum outcome_kind
outcome_kind(enum outcome o)
{
	return table[o].kind;
}

enum outcome
outcome_of_status(long status)
{
	switch (status) {
	case 200:
	case 203:
		return FETCH_OK;
	case 206: /* we asked for all of it */
		return FETCH_INCOMPLETE;
	case 404:
	case 410:
		return FETCH_GONE;
	case 401:
	case 403:
	case 451:
		return FETCH_FORBIDDEN;
	case 408:
	case 425:
		return FETCH_SERVER_ERROR;
	case 429:
		return FETCH_TOO_MANY_REQUESTS;
	default:
		break;
	}
	if (status >= 500)
		return FETCH_SERVER_ERROR;
	if (status >= 400)
		return FETCH_CLIENT_ERROR;
	return status >= 200 && status < 300 ? FETCH_EMPTY : FETCH_BAD_HEADERS;
}
