/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which models were made, of what, and how good they are.
 */
#include "base/clock.h"
#include "store/snapshot.h"
#include "store/store_int.h"

void
model_row_release(struct model_row *m)
{
	free(m->name);
	free(m->path);
	free(m->snapshot);
	free(m->options);
	free(m->validation);
	free(m->test);
	*m = (struct model_row){ 0 };
}

int
model_add(struct store *s, const struct model_row *m, int64_t snapshot_id,
    struct err *e)
{
	if (store_begin(s, e) < 0 ||
	    sql_run(s, Q_MODEL_ADD, e, "siisssi", m->name, snapshot_id,
		s->run_id, m->path, m->options, m->validation, clock_now()) < 0)
		return -1;
	return store_commit(s, e);
}

int
model_tested(
    struct store *s, const char *name, const char *test_json, struct err *e)
{
	if (store_begin(s, e) < 0 ||
	    sql_run(s, Q_MODEL_TEST, e, "ss", name, test_json) < 0)
		return -1;
	return store_commit(s, e);
}

static void
read_model(sqlite3_stmt *q, struct model_row *ret)
{
	*ret = (struct model_row){
		.name = sql_strdup(q, 0),
		.path = sql_strdup(q, 1),
		.snapshot = sql_strdup(q, 2),
		.options = sql_strdup(q, 3),
		.validation = sql_strdup(q, 4),
		.test = sql_strdup(q, 5),
		.created = sqlite3_column_int64(q, 6),
	};
}

int
model_get(
    struct store *s, const char *name, struct model_row *ret, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_MODEL_GET, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "s", name) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc == 1)
		read_model(q, ret);
	return rc;
}

int
model_list(struct store *s,
    int (*each)(void *ctx, const struct model_row *, struct err *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_MODEL_LIST, e);
	int rc = -1;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1) {
		struct model_row m CLEANUP(model_row_release) = { 0 };

		read_model(q, &m);
		if (each(ctx, &m, e) < 0)
			return -1;
	}
	return rc;
}

int
model_exists(struct store *s, int64_t snapshot_id, const char *options,
    bool *ret, struct err *e)
{
	int64_t one;
	int rc = sql_int(s, Q_MODEL_OF, &one, e, "is", snapshot_id, options);

	*ret = rc == 1;
	return rc < 0 ? -1 : 0;
}
