/* SPDX-License-Identifier: Apache-2.0 */
#include "store/samples.h"

#include <math.h>
#include <string.h>

#include "store/store_int.h"

#define FENCE_REACH 3 /* times the distance of the quartiles */

const char *
score_name(enum score score)
{
#define SCORE_NAME(id) [SCORE_##id] = #id,
	static const char *const names[SCORE_COUNT] = {
		STORE_SCORES(SCORE_NAME)[SCORE_odd_size] = "odd_size",
	};
#undef SCORE_NAME

	return names[score];
}

static int
claim(struct store *s, int64_t sample_id, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SAMPLE_CLAIMS, e);
	int64_t claims, class;

	if (q == NULL || sql_bind(s, q, e, "i", sample_id) < 0 ||
	    sql_step(s, q, e) < 0)
		return -1;
	claims = sqlite3_column_int64(q, 0);
	class = sqlite3_column_int64(q, 1);
	return sql_run(s, Q_SAMPLE_CLAIM, e, "izi", sample_id,
	    claims == 1 ? class : (int64_t)0, (int64_t)(claims > 1));
}

int
sample_claim(struct store *s, int64_t sample_id, struct err *e)
{
	int64_t keeper;
	int rc;

	if (claim(s, sample_id, e) < 0)
		return -1;
	rc = sql_int(s, Q_SAMPLE_KEEPER, &keeper, e, "i", sample_id);
	return rc == 1 ? claim(s, keeper, e) : rc;
}

/* Up to which sample nothing is missing, but for what waits; 0: none. */
static int
complete_up_to(
    struct store *s, const struct sample_visit *v, int64_t *ret, struct err *e)
{
	*ret = 0;
	return sql_int(s, Q_PREP_COMPLETE, ret, e, "hii", v->recipe, v->rule,
		   v->limits) < 0
	    ? -1
	    : 0;
}

static int
take_ref(
    struct store *s, sqlite3_stmt *q, struct sample_ref *ret, struct err *e)
{
	int rc = sql_step(s, q, e);

	if (rc == 1) {
		ret->id = sqlite3_column_int64(q, 0);
		sql_bytes(q, 1, ret->sha256, SHA256_SIZE);
		ret->facts = sqlite3_column_int(q, 2) != 0;
	}
	return rc;
}

int
sample_next_to_prepare(struct store *s, const struct sample_visit *v,
    int64_t after_id, struct sample_ref *ret, struct err *e)
{
	sqlite3_stmt *waiting CLEANUP(sql_resetp) =
	    sql_get(s, Q_PREP_NEXT_WAITING, e);
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_PREP_NEXT, e);
	int64_t up_to;
	int rc;

	if (q == NULL || waiting == NULL || complete_up_to(s, v, &up_to, e) < 0)
		return -1;
	if (after_id < up_to) {
		if (sql_bind(s, waiting, e, "ii", after_id, up_to) < 0)
			return -1;
		rc = take_ref(s, waiting, ret, e);
		if (rc != 0)
			return rc;
		after_id = up_to;
	}
	if (sql_bind(s, q, e, "hiii", v->recipe, v->rule, v->limits, after_id) <
	    0)
		return -1;
	return take_ref(s, q, ret, e);
}

int
sample_count_to_prepare(struct store *s, const struct sample_visit *v,
    int64_t *ret_n, struct err *e)
{
	int64_t up_to, waiting = 0;

	if (complete_up_to(s, v, &up_to, e) < 0 ||
	    sql_int(s, Q_PREP_COUNT_WAITING, &waiting, e, "i", up_to) < 0 ||
	    sql_int(s, Q_PREP_COUNT, ret_n, e, "hiii", v->recipe, v->rule,
		v->limits, up_to) < 0)
		return -1;
	*ret_n += waiting;
	if (*ret_n > 0 || s->lock_fd < 0)
		return 0;
	return sql_run(
	    s, Q_PREP_COMPLETE_PUT, e, "hii", v->recipe, v->rule, v->limits);
}

static int
put_scores(struct store *s, int64_t id, const double scores[], struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_QUALITY_PUT, e);
	int i;

	if (q == NULL || sql_bind(s, q, e, "i", id) < 0)
		return -1;
	for (i = 0; i < SCORE_COLUMNS; i++)
		if (sqlite3_bind_double(q, 2 + i, scores[i]) != SQLITE_OK)
			return sql_err(s, e, "bind");
	return sql_step(s, q, e);
}

static int
put_facts(struct store *s, int64_t id, const struct sample_visit *v,
    const struct sample_facts *f, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SAMPLE_FACTS, e);

	if (q == NULL ||
	    sql_bind(s, q, e, "isiiibhiiiih", id, f->format, (int64_t)f->width,
		(int64_t)f->height, (int64_t)f->frames,
		(const void *)f->pixel_digest, sizeof(f->pixel_digest), f->pdq,
		(int64_t)f->pdq_quality, (int64_t)f->warned, v->rule, v->limits,
		f->phash) < 0)
		return -1;
	if ((f->trimmed &&
		(sqlite3_bind_blob(q, 13, f->trim_pdq, sizeof(f->trim_pdq),
		     SQLITE_STATIC) != SQLITE_OK ||
		    sqlite3_bind_int(q, 14, f->trim_quality) != SQLITE_OK)) ||
	    sqlite3_bind_int(q, 15, f->compression) != SQLITE_OK)
		return sql_err(s, e, "bind");
	return sql_step(s, q, e);
}

int
sample_prepared(struct store *s, int64_t id, const struct sample_visit *v,
    const struct sample_facts *f, struct err *e)
{
	if (put_facts(s, id, v, f, e) < 0 ||
	    sql_run(s, Q_PREP_COMPLETE_RESET, e, "ii", v->rule, v->limits) < 0)
		return -1;
	return put_scores(s, id, f->scores, e);
}

int
sample_refused(struct store *s, int64_t id, const struct sample_visit *v,
    const char *reason, struct err *e)
{
	if (sql_run(s, Q_GROUP_FORGET, e, "i", id) < 0 ||
	    sql_run(s, Q_PREP_COMPLETE_RESET, e, "ii", v->rule, v->limits) < 0)
		return -1;
	return sql_run(
	    s, Q_SAMPLE_REFUSE, e, "isii", id, reason, v->rule, v->limits);
}

/* The size below which a share of `quarters` / 4 of all n images lies. */
static int
size_at(struct store *s, int64_t n, int quarters, double *ret, struct err *e)
{
	int64_t area = 0;

	if (sql_int(s, Q_SIZE_AT, &area, e, "i", (n - 1) * quarters / 4) < 0)
		return -1;
	*ret = sqrt((double)area);
	return 0;
}

int
sample_fence_sizes(struct store *s, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SIZE_FENCE_PUT, e);
	double low, high, reach;
	int64_t n = 0;

	if (q == NULL || store_begin(s, e) < 0 ||
	    sql_int(s, Q_SIZE_COUNT, &n, e, "") < 0)
		return -1;
	if (n == 0)
		return 0;
	if (size_at(s, n, 1, &low, e) < 0 || size_at(s, n, 3, &high, e) < 0)
		return -1;
	reach = FENCE_REACH * (high - low);
	if (sqlite3_bind_double(q, 1, low - reach) != SQLITE_OK ||
	    sqlite3_bind_double(q, 2, high + reach) != SQLITE_OK)
		return sql_err(s, e, "bind");
	return sql_step(s, q, e);
}

int
thumb_put(struct store *s, const unsigned char sha256[SHA256_SIZE], int width,
    int height, const void *jpeg, size_t len, struct err *e)
{
	return sql_run(s, Q_THUMB_PUT, e, "hiib", sha256, (int64_t)width,
	    (int64_t)height, jpeg, len);
}

/* The JPEG of the statement's row, if there is one. */
static int
take_jpeg(struct store *s, sqlite3_stmt *q, struct buf *b, struct err *e)
{
	int rc = sql_step(s, q, e);

	if (rc == 1 &&
	    buf_add(b, sqlite3_column_blob(q, 0),
		(size_t)sqlite3_column_bytes(q, 0)) < 0)
		return err_set(e, ERR_INPUT,
		    "a prepared image is larger than %zu bytes", b->cap);
	return rc;
}

int
thumb_get(struct store *s, const unsigned char sha256[SHA256_SIZE],
    struct buf *b, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_THUMB_GET, e);

	if (q == NULL || sql_bind(s, q, e, "h", sha256) < 0)
		return -1;
	return take_jpeg(s, q, b, e);
}

int
prepared_put(struct store *s, const unsigned char sha256[SHA256_SIZE],
    const unsigned char recipe[32], int width, int height, const void *jpeg,
    size_t len, struct err *e)
{
	return sql_run(s, Q_PREPARED_PUT, e, "hhiib", sha256, recipe,
	    (int64_t)width, (int64_t)height, jpeg, len);
}

int
prepared_get(struct store *s, const unsigned char sha256[SHA256_SIZE],
    const unsigned char recipe[32], struct buf *b, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_PREPARED_GET, e);

	if (q == NULL || sql_bind(s, q, e, "hh", sha256, recipe) < 0)
		return -1;
	return take_jpeg(s, q, b, e);
}

static void
take_code(sqlite3_stmt *q, struct sample_code *ret)
{
	ret->id = sqlite3_column_int64(q, 0);
	sql_bytes(q, 1, ret->pixel_digest, XXH3_SIZE);
	sql_bytes(q, 2, ret->pdq, sizeof(ret->pdq));
	ret->pdq_quality = sqlite3_column_int(q, 3);
	ret->pixels = sqlite3_column_int64(q, 4);
	ret->bytes = sqlite3_column_int64(q, 5);
	ret->keeper_id = sqlite3_column_int64(q, 6);
	ret->decided = sqlite3_column_int(q, 7) != 0;
	ret->component_id = sqlite3_column_int64(q, 8);
	sql_bytes(q, 9, ret->phash, sizeof(ret->phash));
	ret->trimmed = sqlite3_column_type(q, 10) != SQLITE_NULL;
	sql_bytes(q, 10, ret->trim_pdq, sizeof(ret->trim_pdq));
	ret->trim_quality = sqlite3_column_int(q, 11);
	ret->compression = sqlite3_column_int(q, 12);
	ret->rejected = sqlite3_column_int(q, 13) != 0;
	ret->chosen = sqlite3_column_int(q, 14) != 0;
	ret->match = sql_text(q, 15) == NULL ? 0 : sql_text(q, 15)[0];
	ret->turn = sqlite3_column_int(q, 16);
	ret->distance = sqlite3_column_int(q, 17);
	sql_bytes(q, 18, ret->sha256, SHA256_SIZE);
}

int
sample_codes(struct store *s,
    int (*each)(void *ctx, const struct sample_code *, struct err *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SAMPLE_CODES, e);
	struct sample_code code;
	int rc = -1;

	/* Whatever is between its fields, equal codes are equal bytes. */
	memset(&code, 0, sizeof(code));
	while (q != NULL && (rc = sql_step(s, q, e)) == 1) {
		take_code(q, &code);
		if (each(ctx, &code, e) < 0)
			return -1;
	}
	return rc;
}

int
sample_code(struct store *s, int64_t id, struct sample_code *ret, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SAMPLE_CODE, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", id) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc == 1)
		take_code(q, ret);
	return rc;
}

int
sample_count_ungrouped(struct store *s, int64_t *ret_n, struct err *e)
{
	return sql_int(s, Q_UNGROUPED, ret_n, e, "") < 0 ? -1 : 0;
}

int
vector_put(struct store *s, const unsigned char sha256[SHA256_SIZE],
    const unsigned char recipe[32], const char *features, const float *x,
    size_t n, struct err *e)
{
	return sql_run(s, Q_VECTOR_PUT, e, "hhsb", sha256, recipe, features,
	    (const void *)x, n * sizeof(*x));
}

int
vector_get(struct store *s, const unsigned char sha256[SHA256_SIZE],
    const unsigned char recipe[32], const char *features, float *ret, size_t n,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_VECTOR_GET, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "hhs", sha256, recipe, features) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc == 1 && (size_t)sqlite3_column_bytes(q, 0) != n * sizeof(*ret))
		return 0; /* of another length: to be made again */
	if (rc == 1)
		memcpy(ret, sqlite3_column_blob(q, 0), n * sizeof(*ret));
	return rc;
}
