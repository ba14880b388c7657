/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forgetting what comes again: from the web, by another name, or with an
 * older catalog.
 */
#include <string.h>

#include "store/forget_int.h"
#include "store/hosts.h"

int
forget_url_again(
    struct store *s, int64_t url_id, int64_t tombstone_id, struct err *e)
{
	struct forget_report report CLEANUP(forget_report_release) = { 0 };
	struct forget_plan p CLEANUP(forget_plan_release) = { .s = s,
		.mark_urls = true,
		.actor = "griddle",
		.why = "gave what is forgotten",
		.report = &report };
	struct ids gave CLEANUP(ids_release) = { 0 };

	if (tombstone_note(s, "gather", tombstone_id, e) < 0 ||
	    ids_of(s, Q_FORGET_SAMPLES_OF, url_id, &gave, e) < 0)
		return -1;
	/* What it gave before stays, and where that came from. */
	if (gave.n > 0)
		return sql_run(s, Q_URL_FAILED, e, "isszii", url_id, "refused",
		    "forgotten", (int64_t)0, (int64_t)0, (int64_t)0);
	ids_add(&p.urls, url_id);
	return forget_rows(&p, e);
}

/* ---- again, after a restore --------------------------------------- */

static int
find_images(struct forget_plan *p, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) =
	    sql_get(p->s, Q_FORGET_ALL_IMAGES, e);
	unsigned char sha256[SHA256_SIZE];
	int64_t tombstone;
	int rc = -1;

	while (q != NULL && (rc = sql_step(p->s, q, e)) == 1) {
		sql_bytes(q, 1, sha256, SHA256_SIZE);
		if (forget_knows_image(p->s, sha256, &tombstone, e) < 0)
			return -1;
		if (tombstone != 0)
			ids_add(&p->samples, sqlite3_column_int64(q, 0));
	}
	return rc;
}

static int
find_urls(struct forget_plan *p, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) =
	    sql_get(p->s, Q_FORGET_ALL_URLS, e);
	int64_t tombstone;
	int rc = -1;

	while (q != NULL && (rc = sql_step(p->s, q, e)) == 1) {
		if (forget_knows_url(p->s, sql_text(q, 1), &tombstone, e) < 0)
			return -1;
		if (tombstone != 0)
			ids_add(&p->urls, sqlite3_column_int64(q, 0));
	}
	return rc;
}

/* Sources that are forgotten, one by one. */
static int
again_sources(struct store *s, struct forget_report *ret, struct err *e)
{
	struct strlist names CLEANUP(strlist_release) = { 0 };
	sqlite3_stmt *q CLEANUP(sql_resetp) =
	    sql_get(s, Q_FORGET_ALL_SOURCES, e);
	int64_t tombstone;
	int rc = -1;
	size_t i;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1) {
		if (tombstone_find(s, FORGET_SOURCE, sql_text(q, 1),
			strlen(sql_text(q, 1)), &tombstone, e) < 0)
			return -1;
		if (tombstone != 0)
			strlist_add(&names, sql_text(q, 1));
	}
	for (i = 0; rc == 0 && i < names.n; i++) {
		struct forget_plan p CLEANUP(forget_plan_release) = {
			.s = s, .actor = "", .report = ret
		};

		rc = forget_planned(&p,
		    &(struct forget_what){
			.kind = FORGET_SOURCE, .name = names.v[i] },
		    e);
	}
	return rc;
}

int
forget_again(struct store *s, struct forget_report *ret, struct err *e)
{
	struct forget_plan p CLEANUP(forget_plan_release) = {
		.s = s, .actor = "griddle", .report = ret
	};

	*ret = (struct forget_report){ 0 };
	if (sql_script(s, FORGET_OVERWRITE, e) < 0 || store_begin(s, e) < 0 ||
	    again_sources(s, ret, e) < 0 || find_images(&p, e) < 0 ||
	    find_urls(&p, e) < 0 || forget_plan_urls(&p, e) < 0 ||
	    forget_rows(&p, e) < 0 || forget_notes(&p, e) < 0 ||
	    hosts_forget(s, e) < 0)
		return -1;
	return forget_finish(s, ret, e);
}
