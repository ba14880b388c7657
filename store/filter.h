/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter: which samples a command is about.
 *
 * Terms are ANDed, `!` before one negates it, `a,b` as a value is either:
 *
 *   label=pancake   source=commons   host=example.org   licence=cc0,cc-by
 *   stage=prepared  reason=truncated format=png         tag=blurry
 *   width>=300      height<2000      bytes>100000       pdq_quality>50
 *   added>2026-11-01                 dup=no (keepers), dup=yes
 *   group=PREFIX    conflict=yes     rejected=no        decided=yes
 *   issue=dark,blurry                blurry<0.2         warned=yes
 *   3fa9c1          (4 or more digits of the SHA-256)
 *
 * `label=none` is without a label.  An issue is a score (store/scores.h)
 * below its threshold; `issue=any` is one or more.  A date is a whole day,
 * local time: `added>2026-11-01` is from the day after it on.
 *
 * What is not known compares with nothing: an image without a width is
 * neither in `width>300` nor in `width<=300`.  Negation is what is left:
 * `!width>300` has it.  Values become bound parameters.
 */
#ifndef STORE_FILTER_H
#define STORE_FILTER_H

#include "store/scores.h"
#include "store/store.h"

struct filter;

/*
 * A picture has an issue when its score is below these; without them none
 * has one.  Copied.
 */
void store_set_thresholds(struct store *, const double[SCORE_COUNT]);

/* ERR_USAGE names the term and what would have been right. */
int filter_parse(
    const char *const *terms, size_t n, struct filter **ret, struct err *);
void filter_free(struct filter *);
DEFINE_CLEANUP(struct filter, filter_free)

/*
 * In which order, how many at most, and behind which.
 *
 * sort: "id", "added", "width", "height", "bytes", "pdq_quality", "label"
 * (classes as they were made) or a score, with `-` before it for the
 * opposite; NULL: by id.  Equals come by id, in the same direction; those
 * without a width, a score or such a thing come last in both.
 * limit 0: all.  after: NULL, or where the page before it ended.
 */
struct list_order {
	const char *sort;
	int64_t limit;
	const char *after;
};

typedef int sample_id_fn(void *ctx, int64_t id, struct err *);

/*
 * The id of each sample that passes.  *ret_next, unless ret_next is NULL:
 * what `after` is to be for the next page, which the caller frees; NULL when
 * there is none.  Pages fit together though rows are added between them.
 * ERR_USAGE: no such sort, or `after` is of another one.
 */
int sample_ids(struct store *, const struct filter *, const struct list_order *,
    sample_id_fn *, void *ctx, char **ret_next, struct err *);

/* The same as one JSON object (a line's worth) each, valid in the call. */
int sample_list(struct store *, const struct filter *,
    const struct list_order *,
    int (*each)(void *ctx, const char *json, struct err *), void *ctx,
    char **ret_next, struct err *);

/* How many pass. */
int sample_count(
    struct store *, const struct filter *, int64_t *ret_n, struct err *);

/*
 * How many pass by key: "label", "source", "stage", "format", "licence",
 * "reason", "host", "issue" (an image counts for each that it has).
 */
int sample_count_by(struct store *, const struct filter *, const char *key,
    int (*each)(void *ctx, const char *key, int64_t n), void *ctx,
    struct err *);

/*
 * How sample_ids() would find its page, or sample_count() its number when
 * order is NULL: the SQL and SQLite's plan, for people; the caller frees it.
 */
int filter_explain(struct store *, const struct filter *,
    const struct list_order *, char **ret, struct err *);

/*
 * Everything about the one sample that a SHA-256 prefix of 4 or more digits
 * names, as JSON that the caller frees; ERR_INPUT: none, or several.
 */
int sample_show(
    struct store *, const char *prefix, char **ret_json, struct err *);

#endif
