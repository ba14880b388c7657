/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listing, counting and showing samples.
 */
#include "store/filter_int.h"

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

#define ISSUES \
	"(SELECT json_group_array(i.value) FROM " SCORE_ISSUES \
	" i WHERE i.value IS NOT NULL)"
#define SCORE_PAIR(id) "'" #id "', round(q." #id ", 4), "
#define SCORES \
	"(SELECT json_object(" STORE_SCORES( \
	    SCORE_PAIR) "'odd_size', round(" SCORE_SQL_ODD_SIZE \
			", 4)) FROM quality q WHERE q.sample_id = s.id)"

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
    "  ON u.id = f.url_id WHERE f.sample_id = s.id))" FROM_SAMPLES " WHERE 1";

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
    "   'field', c.field, 'old', " OLD_VALUE ", 'new', " NEW_VALUE
    ", 'note', o.note))"
    "  FROM change c JOIN op o ON o.id = c.op_id"
    "  WHERE c.sample_id = s.id),"
    " 'snapshots', (SELECT json_group_array(json_object("
    "   'name', n.name, 'part', ns.part,"
    "   'label', (SELECT name FROM class WHERE id = ns.class_id)))"
    "  FROM snapshot_sample ns JOIN snapshot n ON n.id = ns.snapshot_id"
    "  WHERE ns.sample_id = s.id))" FROM_SAMPLES " WHERE 1";

static const struct {
	const char *name, *sql;
} sorts[] = {
	{ "id", "s.id" },
	{ "added", "b.added" },
	{ "width", "s.width" },
	{ "height", "s.height" },
	{ "bytes", "b.bytes" },
	{ "pdq_quality", "s.pdq_quality" },
	{ "label", LABEL },
#define SORT(id) { #id, SCORE_SQL(id) },
	STORE_SCORES(SORT)
#undef SORT
	    { "odd_size", SCORE_SQL_ODD_SIZE },
};

static const struct {
	const char *name, *sql;
} groupings[] = {
	{ "label",
	    "SELECT coalesce(" LABEL ", 'none'), count(*)" FROM_SAMPLES
	    " WHERE 1" },
	{ "stage", "SELECT s.stage, count(*)" FROM_SAMPLES " WHERE 1" },
	{ "reason",
	    "SELECT s.reason, count(*)" FROM_SAMPLES
	    " WHERE s.reason IS NOT NULL" },
	{ "format",
	    "SELECT coalesce(s.format, 'unknown'), count(*)" FROM_SAMPLES
	    " WHERE 1" },
	{ "source",
	    "SELECT src.name, count(DISTINCT s.id)" FROM_SAMPLES
	    " JOIN fetch f ON f.sample_id = s.id JOIN sighting g"
	    " ON g.url_id = f.url_id JOIN source src ON src.id = g.source_id"
	    " WHERE 1" },
	{ "licence",
	    "SELECT coalesce(g.licence, 'unknown'),"
	    " count(DISTINCT s.id)" FROM_SAMPLES
	    " JOIN fetch f ON f.sample_id = s.id JOIN sighting g"
	    " ON g.url_id = f.url_id WHERE 1" },
	{ "host",
	    "SELECT u.host, count(DISTINCT s.id)" FROM_SAMPLES
	    " JOIN fetch f ON f.sample_id = s.id JOIN url u"
	    " ON u.id = f.url_id WHERE 1" },
	{ "issue",
	    "SELECT i.value, count(*)" FROM_SAMPLES " JOIN " SCORE_ISSUES
	    " i WHERE i.value IS NOT NULL" },
};

/* Prepare `head`, the filter's terms and `tail`, and bind the filter. */
static sqlite3_stmt *
prepare(struct store *s, const char *head, const struct filter *f,
    const char *tail, struct err *e)
{
	char *sql CLEANUP(freep) =
	    xasprintf("%s%s%s", head, filter_sql(f), tail);
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) != SQLITE_OK) {
		sql_err(s, e, "filter");
		return NULL;
	}
	if (filter_bind(s, q, f, e) < 0) {
		sqlite3_finalize(q);
		return NULL;
	}
	return q;
}

static void
finalizep(sqlite3_stmt **q)
{
	sqlite3_finalize(*q);
}

static int
order_by(const char *sort, int64_t limit, char **ret, struct err *e)
{
	bool down = sort != NULL && sort[0] == '-';
	const char *name = sort == NULL ? "id" : sort + down;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sorts); i++)
		if (strcmp(sorts[i].name, name) == 0)
			break;
	if (i == ARRAY_SIZE(sorts))
		return err_set(e, ERR_USAGE,
		    "cannot sort by \"%s\": id, added, width, height, "
		    "bytes, pdq_quality, label, or a score as of griddle "
		    "config quality",
		    name);
	*ret = xasprintf(" ORDER BY %s %s, s.id LIMIT %lld", sorts[i].sql,
	    down ? "DESC" : "ASC", limit == 0 ? -1LL : (long long)limit);
	return 0;
}

int
sample_list(struct store *s, const struct filter *f, const char *sort,
    int64_t limit, int (*each)(void *ctx, const char *json, struct err *),
    void *ctx, struct err *e)
{
	char *tail CLEANUP(freep) = NULL;
	sqlite3_stmt *q CLEANUP(finalizep) = NULL;
	int rc;

	if (order_by(sort, limit, &tail, e) < 0 ||
	    (q = prepare(s, select_list, f, tail, e)) == NULL)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1)
		if (each(ctx, sql_text(q, 0), e) < 0)
			return -1;
	return rc;
}

int
sample_count(
    struct store *s, const struct filter *f, int64_t *ret_n, struct err *e)
{
	sqlite3_stmt *q CLEANUP(finalizep) =
	    prepare(s, "SELECT count(*)" FROM_SAMPLES " WHERE 1", f, "", e);

	if (q == NULL || sql_step(s, q, e) < 0)
		return -1;
	*ret_n = sqlite3_column_int64(q, 0);
	return 0;
}

int
sample_count_by(struct store *s, const struct filter *f, const char *key,
    int (*each)(void *ctx, const char *key, int64_t n), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(finalizep) = NULL;
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_SIZE(groupings); i++)
		if (strcmp(groupings[i].name, key) == 0)
			break;
	if (i == ARRAY_SIZE(groupings))
		return err_set(e, ERR_USAGE,
		    "cannot count by \"%s\": label, "
		    "stage, reason, format, source, licence, host or issue",
		    key);
	q = prepare(
	    s, groupings[i].sql, f, " GROUP BY 1 ORDER BY 2 DESC, 1", e);
	if (q == NULL)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1)
		if (each(ctx, sql_text(q, 0), sqlite3_column_int64(q, 1)) < 0)
			return -1;
	return rc;
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
