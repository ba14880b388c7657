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
 * below its threshold; `issue=any` is one or more.  Values become bound
 * parameters.
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
 * Each sample that passes, as one JSON object (a line's worth of text, valid
 * during the call).  sort: "id", "added", "width", "height", "bytes",
 * "pdq_quality", "label" or a score, with `-` before it for descending;
 * NULL: by id.
 * limit 0: all.
 */
int sample_list(struct store *, const struct filter *, const char *sort,
    int64_t limit, int (*each)(void *ctx, const char *json, struct err *),
    void *ctx, struct err *);

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
 * Everything about the one sample that a SHA-256 prefix of 4 or more digits
 * names, as JSON that the caller frees; ERR_INPUT: none, or several.
 */
int sample_show(
    struct store *, const char *prefix, char **ret_json, struct err *);

#endif
