/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of filters: what each means in SQL, and which index can lead to
 * the samples that pass.
 */
#include "store/filter_int.h"

#include <string.h>

/* An index of sample, and the comparison as it is in the WHERE clause. */
#define INDEXED(name, column) \
	.driver = { .from = "sample s INDEXED BY " name, \
		.open = column, \
		.close = "", \
		.id = "s.id", \
		.sample = true }

const struct filter_key filter_keys[] = {
	/* Not s.label_id: for that SQLite reads the row, index or not. */
	{ "label", VALUE_CLASS, "coalesce(s.decided_id, s.claimed_id)", "",
	    INDEXED("sample_label", "s.label_id") },
	{ "source", VALUE_SOURCE,
	    "EXISTS (SELECT 1 FROM sample_source o"
	    " WHERE o.sample_id = s.id AND o.source_id",
	    ")",
	    .driver = { "sample_source d", "d.source_id", "", "d.sample_id" } },
	{ "host", VALUE_TEXT,
	    "EXISTS (SELECT 1 FROM url u"
	    " WHERE u.sample_id = s.id AND u.host",
	    ")",
	    .driver = { "url d INDEXED BY url_host",
		"d.sample_id IS NOT NULL AND d.host", "", "d.sample_id",
		.many = true } },
	{ "licence", VALUE_TEXT,
	    "EXISTS (SELECT 1 FROM sample_licence o"
	    " WHERE o.sample_id = s.id AND o.licence",
	    ")",
	    .driver = { "sample_licence d", "d.licence", "", "d.sample_id" } },
	{ "stage", VALUE_TEXT, "s.stage", "",
	    INDEXED("sample_unprepared", "s.stage <> 'prepared' AND s.stage") },
	{ "reason", VALUE_TEXT, "s.reason", "",
	    INDEXED("sample_reason", "s.reason") },
	{ "format", VALUE_TEXT, "s.format", "",
	    INDEXED("sample_format", "s.format") },
	{ "tag", VALUE_TAG,
	    "EXISTS (SELECT 1 FROM sample_tag m"
	    " WHERE m.sample_id = s.id AND m.tag_id",
	    ")", .driver = { "sample_tag d", "d.tag_id", "", "d.sample_id" } },
	{ "width", VALUE_NUMBER, "s.width", "",
	    INDEXED("sample_width", "s.width") },
	{ "height", VALUE_NUMBER, "s.height", "",
	    INDEXED("sample_height", "s.height") },
	{ "bytes", VALUE_NUMBER, "b.bytes", "", .blob = true,
	    .driver = { "blob b INDEXED BY blob_bytes", "b.bytes", "",
		"s.id" } },
	{ "pdq_quality", VALUE_NUMBER, "s.pdq_quality", "",
	    INDEXED("sample_pdq_quality", "s.pdq_quality") },
	{ "added", VALUE_DATE, "b.added", "", .blob = true,
	    .driver = { "blob b INDEXED BY blob_added", "b.added", "",
		"s.id" } },
	{ "dup", VALUE_YES,
	    "(s.keeper_id IS NOT NULL"
	    " AND s.keeper_id <> s.id)",
	    "", INDEXED("sample_duplicate", "s.keeper_id <> s.id") },
	{ "conflict", VALUE_YES, "s.conflict", "",
	    INDEXED("sample_conflict", "s.conflict = 1") },
	{ "rejected", VALUE_YES, "s.rejected", "",
	    INDEXED("sample_rejected", "s.rejected = 1") },
	{ "decided", VALUE_YES, "(s.decided_id IS NOT NULL)", "",
	    INDEXED("sample_decided", "s.decided_id IS NOT NULL") },
	{ "group", VALUE_HEX,
	    "s.keeper_id IN (SELECT k.keeper_id FROM blob kb"
	    " JOIN sample k ON k.blob_id = kb.id WHERE kb.sha256",
	    ")",
	    .driver = { "sample s INDEXED BY sample_keeper",
		"s.keeper_id IS NOT NULL AND s.keeper_id IN"
		" (SELECT k.keeper_id FROM blob kb"
		" JOIN sample k ON k.blob_id = kb.id WHERE kb.sha256",
		")", "s.id", .sample = true } },
	{ "sha256", VALUE_HEX, "b.sha256", "", .blob = true,
	    .driver = { "blob b", "b.sha256", "", "s.id" } },
	{ "warned", VALUE_YES, "s.warned", "",
	    INDEXED("sample_warned", "s.warned = 1") },
	{ "issue", VALUE_ISSUE, .open = "", .close = "" },
#define SCORE(id, limit) \
	{ #id, VALUE_REAL, SCORE_SQL(id), "", \
		.driver = { "quality d INDEXED BY quality_" #id, \
		    "d." #id " < " #limit " AND d." #id, "", "d.sample_id", \
		    .most = limit } },
	SCORE_LIMITS(SCORE)
#undef SCORE
	    { "odd_size", VALUE_REAL, .open = SCORE_SQL_ODD_SIZE, .close = "" },
	{ .name = NULL },
};

const struct filter_key *
filter_key(const char *name)
{
	const struct filter_key *key = filter_keys;

	while (key->name != NULL && strcmp(key->name, name) != 0)
		key++;
	return key->name == NULL ? NULL : key;
}

/* A day, which is as good as its first second and the next day's. */
static int
compare_day(
    struct buf *b, const char *op, int i, const char *open, const char *close)
{
	if (strcmp(op, "=") == 0)
		return buf_addf(
		    b, "%s >= @v%d AND %s < @w%d%s", open, i, open, i, close);
	if (strcmp(op, ">") == 0)
		return buf_addf(b, "%s >= @w%d%s", open, i, close);
	if (strcmp(op, "<=") == 0)
		return buf_addf(b, "%s < @w%d%s", open, i, close);
	return buf_addf(b, "%s %s @v%d%s", open, op, i, close);
}

/* Its name is one of score_name()'s, or "any". */
static int
compare_issue(struct buf *b, const char *issue)
{
#define OR_SQL(id) "q." #id " < @" #id " OR "
	if (strcmp(issue, "any") == 0)
		return buf_addf(b,
		    "EXISTS (SELECT 1 FROM quality q WHERE q.sample_id = s.id"
		    " AND (" STORE_SCORES(OR_SQL) SCORE_SQL_ODD_SIZE
		    " < @odd_size))");
#undef OR_SQL
	return buf_addf(b, "%s < @%s", filter_key(issue)->open, issue);
}

int
filter_compare(struct buf *b, const struct filter_key *key, const char *op,
    const struct filter_value *v, int i, const char *open, const char *close)
{
	switch (key->type) {
	case VALUE_CLASS:
		return buf_addf(b, "%s IS @v%d%s", open, i, close);
	case VALUE_HEX:
		return buf_addf(
		    b, "%s BETWEEN @v%d AND @w%d%s", open, i, i, close);
	case VALUE_DATE:
		return compare_day(b, op, i, open, close);
	case VALUE_ISSUE:
		return compare_issue(b, v->text);
	default:
		return buf_addf(b, "%s %s @v%d%s", open, op, i, close);
	}
}
