/* SPDX-License-Identifier: Apache-2.0 */
#include "store/samples.h"

#include <string.h>

#include "store/store_int.h"

int
sample_claim(struct store *s, int64_t sample_id, struct err *e)
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
sample_next_to_prepare(struct store *s, const unsigned char recipe[32],
    int64_t after_id, struct sample_ref *ret, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_PREP_NEXT, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "hi", recipe, after_id) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc == 1) {
		ret->id = sqlite3_column_int64(q, 0);
		sql_bytes(q, 1, ret->sha256, SHA256_SIZE);
		ret->fetched = sqlite3_column_int(q, 2) != 0;
	}
	return rc;
}

int
sample_count_to_prepare(struct store *s, const unsigned char recipe[32],
    int64_t *ret_n, struct err *e)
{
	return sql_int(s, Q_PREP_COUNT, ret_n, e, "h", recipe) < 0 ? -1 : 0;
}

int
sample_prepared(
    struct store *s, int64_t id, const struct sample_facts *f, struct err *e)
{
	return sql_run(s, Q_SAMPLE_FACTS, e, "isiiihhi", id, f->format,
	    (int64_t)f->width, (int64_t)f->height, (int64_t)f->frames,
	    f->pixel_sha256, f->pdq, (int64_t)f->pdq_quality);
}

int
sample_refused(struct store *s, int64_t id, const char *reason, struct err *e)
{
	return sql_run(s, Q_SAMPLE_REFUSE, e, "is", id, reason);
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
	int rc;

	if (q == NULL || sql_bind(s, q, e, "hh", sha256, recipe) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc == 1 &&
	    buf_add(b, sqlite3_column_blob(q, 0),
		(size_t)sqlite3_column_bytes(q, 0)) < 0)
		return err_set(e, ERR_INPUT,
		    "a prepared image is larger than %zu bytes", b->cap);
	return rc;
}

int
sample_codes(struct store *s,
    int (*each)(void *ctx, const struct sample_code *, struct err *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SAMPLE_CODES, e);
	struct sample_code code;
	int rc = -1;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1) {
		code.id = sqlite3_column_int64(q, 0);
		sql_bytes(q, 1, code.pixel_sha256, SHA256_SIZE);
		sql_bytes(q, 2, code.pdq, sizeof(code.pdq));
		code.pdq_quality = sqlite3_column_int(q, 3);
		code.pixels = sqlite3_column_int64(q, 4);
		code.bytes = sqlite3_column_int64(q, 5);
		code.keeper_id = sqlite3_column_int64(q, 6);
		code.decided = sqlite3_column_int(q, 7) != 0;
		if (each(ctx, &code, e) < 0)
			return -1;
	}
	return rc;
}

int
sample_count_ungrouped(struct store *s, int64_t *ret_n, struct err *e)
{
	return sql_int(s, Q_UNGROUPED, ret_n, e, "") < 0 ? -1 : 0;
}

int
sample_group(
    struct store *s, int64_t id, int64_t keeper_id, int distance, struct err *e)
{
	return sql_run(
	    s, Q_SAMPLE_GROUP, e, "iii", id, keeper_id, (int64_t)distance);
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
