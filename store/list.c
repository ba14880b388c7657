/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listing and showing samples.
 */
#include "store/change_sql.h"
#include "store/plan_int.h"

#include <string.h>

#include "base/text.h"

#define FROM_SAMPLES \
	" FROM sample s JOIN blob b ON b.id = s.blob_id" \
	" AND s.stage <> 'forgotten'"
#define LABEL "(SELECT name FROM class WHERE id = s.label_id)"
#define SIGHTINGS \
	" FROM fetch f JOIN sighting g ON g.url_id = f.url_id" \
	" WHERE f.sample_id = s.id"
#define KEEPER \
	"(SELECT lower(hex(kb.sha256)) FROM sample k JOIN blob kb" \
	" ON kb.id = k.blob_id WHERE k.id = s.keeper_id)"

/*
 * A table whose column `value` is the name of each issue of sample s, or
 * NULL where it has not that one; the thresholds are the parameters of those
 * names.
 */
#define ISSUE_SQL(id) "iif(q." #id " < @" #id ", '" #id "', NULL), "
#define SCORE_ISSUES \
	"json_each((SELECT json_array(" STORE_SCORES( \
	    ISSUE_SQL) "iif(" SCORE_SQL_ODD_SIZE \
		       " < @odd_size, 'odd_size', NULL))" \
		       " FROM quality q WHERE q.sample_id = s.id))"

#define ISSUES \
	"(SELECT json_group_array(i.value) FROM " SCORE_ISSUES \
	" i WHERE i.value IS NOT NULL)"
#define SCORE_PAIR(id) "'" #id "', round(q." #id ", 4), "
#define SCORES \
	"(SELECT json_object(" STORE_SCORES( \
	    SCORE_PAIR) "'odd_size', round(" SCORE_SQL_ODD_SIZE \
			", 4)) FROM quality q WHERE q.sample_id = s.id)"

#define FIELD CHANGE_FIELD("c.field")
#define OLD_VALUE CHANGE_VALUE("c.field", "c.old")
#define NEW_VALUE CHANGE_VALUE("c.field", "c.new")

static const char select_list[] =
    "SELECT json_object('sha256', lower(hex(b.sha256)), 'label', " LABEL
    ", 'stage', s.stage, 'reason', s.reason, 'format', s.format,"
    " 'width', s.width, 'height', s.height, 'bytes', b.bytes,"
    " 'pdq_quality', s.pdq_quality, 'issues', " ISSUES ", 'keeper', " KEEPER
    ", 'distance', s.distance, 'added', b.added,"
    " 'source', (SELECT min(src.name) FROM fetch f JOIN sighting g"
    "  ON g.url_id = f.url_id JOIN source src ON src.id = g.source_id"
    "  WHERE f.sample_id = s.id),"
    " 'licence', (SELECT min(g.licence)" SIGHTINGS "),"
    " 'url', (SELECT min(u.url) FROM fetch f JOIN url u"
    "  ON u.id = f.url_id WHERE f.sample_id = s.id))" FROM_SAMPLES
    " WHERE s.id = @id";

static const char select_show[] =
    "SELECT json_object('sha256', lower(hex(b.sha256)), 'label', " LABEL
    ", 'claimed', (SELECT name FROM class WHERE id = s.claimed_id),"
    " 'decided', (SELECT name FROM class WHERE id = s.decided_id),"
    " 'conflict', json(iif(s.conflict, 'true', 'false')),"
    " 'rejected', json(iif(s.rejected, 'true', 'false')),"
    " 'rev', s.rev, 'stage', s.stage, 'reason', s.reason,"
    " 'format', s.format, 'width', s.width, 'height', s.height,"
    " 'frames', s.frames, 'bytes', b.bytes, 'added', b.added,"
    " 'pdq', lower(hex(s.pdq)), 'pdq_quality', s.pdq_quality,"
    " 'warned', json(iif(s.warned, 'true', 'false')),"
    " 'quality', " SCORES ", 'issues', " ISSUES ","
    " 'keeper', " KEEPER ", 'distance', s.distance,"
    " 'group', (SELECT json_group_array(json_object("
    "   'sha256', lower(hex(mb.sha256)), 'distance', m.distance))"
    "  FROM sample m JOIN blob mb ON mb.id = m.blob_id"
    "  WHERE m.keeper_id = s.keeper_id AND m.id <> s.id),"
    " 'sightings', (SELECT json_group_array(json_object("
    "   'source', src.name, 'url', u.url, 'page', g.page,"
    "   'label', (SELECT name FROM class WHERE id = g.class_id),"
    "   'title', g.title, 'author', g.author, 'licence', g.licence,"
    "   'licence_url', g.licence_url, 'seen', g.seen, 'run', g.run_id))"
    "  FROM fetch f JOIN sighting g ON g.url_id = f.url_id"
    "  JOIN url u ON u.id = g.url_id JOIN source src ON src.id = g.source_id"
    "  WHERE f.sample_id = s.id),"
    " 'history', (SELECT json_group_array(json_object("
    "   'step', o.id, 'at', o.at, 'actor', o.actor, 'verb', o.verb,"
    "   'field', " FIELD ", 'old', " OLD_VALUE ", 'new', " NEW_VALUE
    ", 'note', o.note))"
    "  FROM change c JOIN op o ON o.id = c.op_id"
    "  WHERE c.sample_id = s.id),"
    " 'snapshots', (SELECT json_group_array(json_object("
    "   'name', n.name, 'part', ns.part,"
    "   'label', (SELECT c.name FROM snapshot_class c"
    "    WHERE c.snapshot_id = n.id AND c.class_id = ns.class_id)))"
    "  FROM snapshot_sample ns JOIN snapshot n ON n.id = ns.snapshot_id"
    "  WHERE ns.sample_id = s.id))" FROM_SAMPLES " WHERE 1";

struct rows {
	struct store *s;
	sqlite3_stmt *q; /* the JSON of one sample */
	int (*each)(void *ctx, const char *json, struct err *);
	void *ctx;
};

static int
list_row(void *ctx, int64_t id, struct err *e)
{
	struct rows *r = ctx;
	int at = sqlite3_bind_parameter_index(r->q, "@id");
	int rc;

	if (sqlite3_bind_int64(r->q, at, id) != SQLITE_OK)
		return sql_err(r->s, e, "list");
	rc = sql_step(r->s, r->q, e);
	if (rc == 1)
		rc = r->each(r->ctx, sql_text(r->q, 0), e);
	sqlite3_reset(r->q);
	return rc;
}

int
sample_list(struct store *s, const struct filter *f,
    const struct list_order *order,
    int (*each)(void *ctx, const char *json, struct err *), void *ctx,
    char **ret_next, struct err *e)
{
	struct filter *all CLEANUP(filter_freep) = NULL;
	sqlite3_stmt *q CLEANUP(sql_finalizep) = NULL;
	struct rows rows = { s, NULL, each, ctx };

	/* Thresholds are bound as a filter's are. */
	if (filter_parse(NULL, 0, &all, e) < 0 ||
	    (q = filter_prepare(s, select_list, all, e)) == NULL)
		return -1;
	rows.q = q;
	return sample_ids(s, f, order, list_row, &rows, ret_next, e);
}

/* Prepare `head`, the filter's terms and `tail`, and bind the filter. */
static sqlite3_stmt *
prepare(struct store *s, const char *head, const struct filter *f,
    const char *tail, struct err *e)
{
	char *sql CLEANUP(freep) =
	    xasprintf("%s%s%s", head, filter_sql(f), tail);

	return filter_prepare(s, sql, f, e);
}

static void
finalizep(sqlite3_stmt **q)
{
	sqlite3_finalize(*q);
}

int
sample_show(struct store *s, const char *prefix, char **ret_json, struct err *e)
{
	struct filter *f CLEANUP(filter_freep) = NULL;
	sqlite3_stmt *q CLEANUP(finalizep) = NULL;
	char *json CLEANUP(freep) = NULL;
	size_t len = strlen(prefix);
	int rc;

	if (len < 4 || len > 64 || strspn(prefix, "0123456789abcdef") != len)
		return err_set(e, ERR_USAGE,
		    "\"%s\" does not name an image: "
		    "give 4 or more digits of its SHA-256",
		    prefix);
	if (filter_parse(&prefix, 1, &f, e) < 0 ||
	    (q = prepare(s, select_show, f, " LIMIT 2", e)) == NULL)
		return -1;
	rc = sql_step(s, q, e);
	if (rc == 0)
		return err_set(e, ERR_INPUT, "no image %s", prefix);
	if (rc < 0)
		return -1;
	json = sql_strdup(q, 0);
	rc = sql_step(s, q, e);
	if (rc == 1)
		return err_set(e, ERR_INPUT,
		    "several images begin with %s: give more digits", prefix);
	*ret_json = TAKE(json);
	return rc;
}
