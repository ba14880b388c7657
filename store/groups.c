/* SPDX-License-Identifier: Apache-2.0 */
#include "store/groups.h"

#include "store/snapshot_int.h"

int
sample_component(
    struct store *s, int64_t id, int64_t component_id, struct err *e)
{
	return sql_run(s, Q_SAMPLE_COMPONENT, e, "ii", id, component_id);
}

int
group_codes(struct store *s, int64_t snapshot_id,
    int (*each)(void *ctx, const struct group_code *, struct err *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_GROUP_CODES, e);
	struct group_code code;
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", snapshot_id) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		code.id = sqlite3_column_int64(q, 0);
		sql_bytes(q, 1, code.sha256, SHA256_SIZE);
		sql_bytes(q, 2, code.pdq, sizeof(code.pdq));
		code.pdq_quality = sqlite3_column_int(q, 3);
		code.component_id = sqlite3_column_int64(q, 4);
		code.class = sql_text(q, 5);
		code.part = part_named(sql_text(q, 6));
		code.fold = sqlite3_column_type(q, 7) == SQLITE_NULL
		    ? -1
		    : sqlite3_column_int(q, 7);
		if (each(ctx, &code, e) < 0)
			return -1;
	}
	return rc;
}
