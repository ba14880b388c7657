/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions out.
 */
#include "store/exchange.h"

#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "store/filter_int.h"

#define TASK_MAX ((size_t)1 << 20)

static const char *const format_names[] = {
	[EXCHANGE_CSV] = "csv",
	[EXCHANGE_JSONL] = "jsonl",
	[EXCHANGE_LABEL_STUDIO] = "label-studio",
	[EXCHANGE_FIFTYONE] = "fiftyone",
};

bool
exchange_format(const char *name, enum exchange_format *ret)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(format_names); i++) {
		if (strcmp(name, format_names[i]) == 0) {
			*ret = (enum exchange_format)i;
			return true;
		}
	}
	return false;
}

struct row {
	const char *sha256, *label, *claimed, *url;
	bool rejected;
	const char *tags;   /* a JSON array */
	int64_t rev, class; /* class: the place of the label's; -1: none */
};

struct out {
	struct store *s;
	const struct exchange_opts *opts;
	int (*put)(void *ctx, const char *text, struct err *);
	void *ctx;
	bool begun; /* a row is out */
};

static int
put_json(struct out *o, json_t *value, const char *end, struct err *e)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	int rc = o->put(o->ctx, text, e);

	free(text);
	json_decref(value);
	return rc < 0 ? -1 : o->put(o->ctx, end, e);
}

/* ---- csv --------------------------------------------------------------- */

/* A field, quoted where it must be, and what comes behind it. */
static int
put_field(struct out *o, const char *text, const char *end, struct err *e)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(TASK_MAX);
	const char *p = text == NULL ? "" : text;

	if (strpbrk(p, ",\"\r\n") == NULL)
		return o->put(o->ctx, p, e) < 0 ? -1 : o->put(o->ctx, end, e);
	buf_addf(&b, "\"");
	for (; *p != 0; p++)
		buf_addf(&b, *p == '"' ? "\"\"" : "%c", *p);
	if (buf_addf(&b, "\"%s", end) < 0)
		return err_set(e, ERR_FATAL, "a text is too long for CSV");
	return o->put(o->ctx, (const char *)b.data, e);
}

static int
csv_begin(struct out *o, struct err *e)
{
	return o->put(o->ctx,
	    o->opts->rev ? "sha256,label,claimed,rejected,tags,url,rev\r\n"
			 : "sha256,label,claimed,rejected,tags,url\r\n",
	    e);
}

/* Tags have no commas. */
static char *
join_tags(const char *tags)
{
	json_t *list = json_loads(tags, 0, NULL), *v;
	struct buf b CLEANUP(buf_release) = BUF_INIT(TASK_MAX);
	size_t i;

	json_array_foreach(list, i, v)
	    buf_addf(&b, "%s%s", i == 0 ? "" : ",", json_string_value(v));
	json_decref(list);
	return xstrdup(b.len == 0 ? "" : (const char *)b.data);
}

static int
csv_row(struct out *o, const struct row *r, struct err *e)
{
	char *tags CLEANUP(freep) = join_tags(r->tags);
	char *rev CLEANUP(freep) = xasprintf("%lld", (long long)r->rev);

	if (put_field(o, r->sha256, ",", e) < 0 ||
	    put_field(o, r->label, ",", e) < 0 ||
	    put_field(o, r->claimed, ",", e) < 0 ||
	    put_field(o, r->rejected ? "yes" : "no", ",", e) < 0 ||
	    put_field(o, tags, ",", e) < 0 ||
	    put_field(o, r->url, o->opts->rev ? "," : "\r\n", e) < 0)
		return -1;
	return o->opts->rev ? put_field(o, rev, "\r\n", e) : 0;
}

/* ---- jsonl ------------------------------------------------------------- */

static int
jsonl_row(struct out *o, const struct row *r, struct err *e)
{
	json_t *v = json_pack("{s:s, s:s?, s:s?, s:b, s:o, s:s?}", "sha256",
	    r->sha256, "label", r->label, "claimed", r->claimed, "rejected",
	    r->rejected, "tags", json_loads(r->tags, 0, NULL), "url", r->url);

	if (o->opts->rev)
		json_object_set_new(v, "rev", json_integer(r->rev));
	return put_json(o, v, "\n", e);
}

/* ---- Label Studio -------------------------------------------------------- */

/* [{ "result": [ the choice ] }], or []. */
static json_t *
choice(const char *label)
{
	if (label == NULL)
		return json_array();
	return json_pack("[{s:[{s:s, s:s, s:s, s:{s:[s]}}]}]", "result",
	    "from_name", "label", "to_name", "image", "type", "choices",
	    "value", "choices", label);
}

static int
task_row(struct out *o, const struct row *r, struct err *e)
{
	char *image CLEANUP(freep) =
	    xasprintf("/data/local-files/?d=blobs/%.2s/%.2s/%s", r->sha256,
		r->sha256 + 2, r->sha256);
	json_t *predictions = choice(
	    r->claimed != NULL && r->claimed != r->label ? r->claimed : NULL);
	json_t *v;

	if (json_array_size(predictions) > 0)
		json_object_set_new(json_array_get(predictions, 0),
		    "model_version", json_string("claimed"));
	v = json_pack("{s:{s:s, s:s, s:s?, s:b, s:o}, s:o, s:o}", "data",
	    "image", image, "sha256", r->sha256, "url", r->url, "rejected",
	    r->rejected, "tags", json_loads(r->tags, 0, NULL), "annotations",
	    choice(r->label), "predictions", predictions);
	if (o->begun && o->put(o->ctx, ",\n", e) < 0) {
		json_decref(v);
		return -1;
	}
	return put_json(o, v, "", e);
}

/* ---- FiftyOne ------------------------------------------------------------ */

static int
fiftyone_begin(struct out *o, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(o->s, Q_CLASS_SEE, e);
	json_t *names;
	int rc = -1;

	if (q == NULL)
		return -1;
	names = json_array();
	while ((rc = sql_step(o->s, q, e)) == 1)
		json_array_append_new(names, json_string(sql_text(q, 0)));
	if (rc < 0 || o->put(o->ctx, "{\"classes\":", e) < 0) {
		json_decref(names);
		return -1;
	}
	return put_json(o, names, ",\n\"labels\":{\n", e);
}

static int
fiftyone_row(struct out *o, const struct row *r, struct err *e)
{
	char *line CLEANUP(freep) = r->class < 0
	    ? xasprintf("%s\"%s\":null", o->begun ? ",\n" : "", r->sha256)
	    : xasprintf("%s\"%s\":%lld", o->begun ? ",\n" : "", r->sha256,
		  (long long)r->class);

	return o->put(o->ctx, line, e);
}

/* ---- all ----------------------------------------------------------------- */

static int
begin_array(struct out *o, struct err *e)
{
	return o->put(o->ctx, "[\n", e);
}

static const struct {
	int (*begin)(struct out *, struct err *);
	int (*row)(struct out *, const struct row *, struct err *);
	const char *end;
} formats[] = {
	[EXCHANGE_CSV] = { csv_begin, csv_row, "" },
	[EXCHANGE_JSONL] = { NULL, jsonl_row, "" },
	[EXCHANGE_LABEL_STUDIO] = { begin_array, task_row, "\n]\n" },
	[EXCHANGE_FIFTYONE] = { fiftyone_begin, fiftyone_row, "\n}}\n" },
};

static sqlite3_stmt *
prepare(struct store *s, const struct filter *f,
    const struct exchange_opts *opts, struct err *e)
{
	char *sql CLEANUP(freep) = xasprintf(
	    "SELECT lower(hex(b.sha256)), c.name, (SELECT name FROM class"
	    " WHERE id = s.claimed_id), s.rejected,"
	    " (SELECT json_group_array(name) FROM (SELECT t.name"
	    "  FROM sample_tag m JOIN tag t ON t.id = m.tag_id"
	    "  WHERE m.sample_id = s.id ORDER BY t.name)),"
	    " (SELECT min(u.url) FROM fetch f JOIN url u ON u.id = f.url_id"
	    "  WHERE f.sample_id = s.id), s.rev,"
	    " coalesce((SELECT count(*) FROM class p WHERE p.id < c.id), 0)"
	    " FROM blob b JOIN sample s ON s.blob_id = b.id"
	    " LEFT JOIN class c ON c.id = s.%s"
	    " WHERE s.stage <> 'forgotten'%s ORDER BY b.sha256",
	    opts->claimed ? "label_id" : "decided_id", filter_sql(f));
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) != SQLITE_OK) {
		sql_err(s, e, "export");
		return NULL;
	}
	if (filter_bind(s, q, f, e) < 0) {
		sqlite3_finalize(q);
		return NULL;
	}
	return q;
}

static int
put_rows(
    struct out *o, enum exchange_format format, sqlite3_stmt *q, struct err *e)
{
	int rc;

	while ((rc = sql_step(o->s, q, e)) == 1) {
		struct row r = {
			.sha256 = sql_text(q, 0),
			.label = sql_text(q, 1),
			.claimed = sql_text(q, 2),
			.rejected = sqlite3_column_int(q, 3) != 0,
			.tags = sql_text(q, 4),
			.url = sql_text(q, 5),
			.rev = sqlite3_column_int64(q, 6),
		};

		r.class = r.label == NULL ? -1 : sqlite3_column_int64(q, 7);
		if (formats[format].row(o, &r, e) < 0)
			return -1;
		o->begun = true;
	}
	return rc;
}

int
labels_export(struct store *s, const struct filter *f,
    enum exchange_format format, const struct exchange_opts *opts,
    int (*put)(void *ctx, const char *text, struct err *), void *ctx,
    struct err *e)
{
	struct out o = { s, opts, put, ctx, false };
	sqlite3_stmt *q = prepare(s, f, opts, e);
	int rc = -1;

	if (q == NULL)
		return -1;
	if (formats[format].begin == NULL || formats[format].begin(&o, e) == 0)
		rc = put_rows(&o, format, q, e);
	sqlite3_finalize(q);
	return rc < 0 ? -1 : put(ctx, formats[format].end, e);
}
