/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather_api: sources that are APIs, at work.
 *
 * Secrets are read from the environment when they are needed.  They go to
 * the origin of the source's first address (a client's secret: of its
 * token_url) and nowhere else, and stand in no address that is kept.
 */
#ifndef SCRAPER_GATHER_API_H
#define SCRAPER_GATHER_API_H

#include "scraper/fetch.h"
#include "scraper/gather_source.h"

struct api;

/* folder: the workspace.  *ret is NULL for a source of another type. */
int api_new(const char *folder, const struct source_opts *, struct api **ret,
    struct err *);
void api_free(struct api *);
/* The first address; NULL when it is none; the caller frees. */
char *api_seed(const struct api *);
/* For read_ask.api; borrowed. */
char *api_question(const struct api *);

/* Is a token to be had first? */
bool api_wants_token(const struct api *, int64_t now_s);
/* Its answer; ERR_INPUT says what is wrong with it. */
int api_take_token(
    struct api *, const struct buf *body, int64_t now_s, struct err *);
/* The token was refused: another may do.  False: that was tried. */
bool api_drop_token(struct api *);

/* What a request borrows until it is added. */
struct api_secrets {
	char *url, *authorization;
};
void api_secrets_release(struct api_secrets *);
/* Make a request one for a token, or complete one for a document. */
void api_ask(const struct api *, bool for_token, struct fetch_request *,
    struct api_secrets *);
int64_t api_delay_ms(const struct api *); /* before a further page */
/* Take what api_ask() added out of the address of an answer. */
char *api_plain_url(const struct api *, const char *url);
/* What to do about 401, 403 or 429; NULL: nothing special.  To be freed. */
char *api_advice(const struct api *, long status);

#endif
