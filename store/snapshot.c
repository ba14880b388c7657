/* SPDX-License-Identifier: Apache-2.0 */
#include "store/snapshot.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/snapshot_int.h"

#define NAME_DIGITS 12
#define MANIFEST 2 /* version of its format */

const char *const part_names[PART_COUNT] = { "train", "val", "test" };

int
part_named(const char *name)
{
	int part;

	for (part = 0; name != NULL && part < PART_COUNT; part++)
		if (strcmp(part_names[part], name) == 0)
			return part;
	return -1;
}

void
snapshot_release(struct snapshot *n)
{
	free(n->name);
	free(n->options);
	free(n->report);
	*n = (struct snapshot){ 0 };
}

/* Sorted keys, no spaces, one line. */
#define CANONICAL (JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15))

static void
hash_line(struct sha256 *h, json_t *line)
{
	char *text = json_dumps(line, CANONICAL);

	sha256_add(h, text, strlen(text));
	sha256_add(h, "\n", 1);
	free(text);
	json_decref(line);
}

static void
hash_row(struct sha256 *h, const struct snapshot_row *row)
{
	char hex[SHA256_HEX];
	json_t *line;

	text_to_hex(hex, row->sha256, SHA256_SIZE);
	line = json_pack("{s:s, s:s, s:s}", "sha256", hex, "class", row->class,
	    "part", part_names[row->part]);
	if (row->fold >= 0)
		json_object_set_new(line, "fold", json_integer(row->fold));
	if (row->weight < 1 || row->weight > 1)
		json_object_set_new(line, "weight", json_real(row->weight));
	hash_line(h, line);
}

/* Of the classes that are there. */
static json_t *
class_list(const struct candidates *all)
{
	bool *there CLEANUP(freep) =
	    xcalloc(all->n_classes + 1, sizeof(*there));
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < all->n; i++)
		there[all->v[i].class] = true;
	for (i = 0; i < all->n_classes; i++)
		if (there[i])
			json_array_append_new(list, json_string(all->names[i]));
	return list;
}

static json_t *
header(const struct candidates *all, const struct split_request *r)
{
	const struct split_opts *o = r->opts;
	char hex[SHA256_HEX];
	json_t *terms = json_array(), *h;
	size_t i;

	for (i = 0; r->terms != NULL && i < r->terms->n; i++)
		json_array_append_new(terms, json_string(r->terms->v[i]));
	h = json_pack("{s:i, s:o, s:I, s:I, s:I, s:s, s:I, s:I, s:o}",
	    "manifest", MANIFEST, "classes", class_list(all), "train",
	    (json_int_t)o->train, "val", (json_int_t)o->val, "test",
	    (json_int_t)o->test, "balance", o->balance, "seed",
	    (json_int_t)o->seed, "folds", (json_int_t)o->folds, "filter",
	    terms);
	if (r->recipe != NULL) {
		text_to_hex(hex, r->recipe_hash, SHA256_SIZE);
		json_object_set_new(h, "recipe",
		    json_pack("{s:s, s:s}", "steps", r->recipe, "hash", hex));
	}
	return h;
}

static struct snapshot_row
row_of(const struct candidates *all, const struct candidate *c)
{
	struct snapshot_row row = { .sample_id = c->id,
		.class = all->names[c->class],
		.part = (enum part)c->part,
		.fold = c->fold,
		.weight = c->weight };

	memcpy(row.sha256, c->sha256, SHA256_SIZE);
	return row;
}

static void
manifest_hash(const struct candidates *all, const char *options,
    unsigned char digest[SHA256_SIZE])
{
	struct sha256 *h = sha256_new();
	struct snapshot_row row;
	size_t i;

	sha256_add(h, options, strlen(options));
	sha256_add(h, "\n", 1);
	for (i = 0; i < all->n; i++) {
		row = row_of(all, &all->v[i]);
		hash_row(h, &row);
	}
	sha256_end(h, digest);
}

static int
insert_row(struct store *s, int64_t snapshot_id, const struct candidates *all,
    const struct candidate *c, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) =
	    sql_get(s, Q_SNAPSHOT_SAMPLE_ADD, e);

	if (q == NULL ||
	    sql_bind(s, q, e, "iiis", snapshot_id, c->id, all->ids[c->class],
		part_names[c->part]) < 0)
		return -1;
	if ((c->fold >= 0 && sqlite3_bind_int(q, 5, c->fold) != SQLITE_OK) ||
	    sqlite3_bind_double(q, 6, c->weight) != SQLITE_OK)
		return sql_err(s, e, "bind");
	return sql_step(s, q, e);
}

static int
insert(struct store *s, const struct candidates *all, const char *name,
    const unsigned char *digest, const char *options, struct err *e)
{
	char *report CLEANUP(freep) = json_dumps(all->report, CANONICAL);
	int64_t id;
	size_t i;

	if (store_begin(s, e) < 0 ||
	    sql_int(s, Q_SNAPSHOT_ADD, &id, e, "shiss", name, digest,
		clock_now(), options, report) < 0)
		return -1;
	for (i = 0; i < all->n; i++)
		if (insert_row(s, id, all, &all->v[i], e) < 0)
			return -1;
	if (sql_run(s, Q_SNAPSHOT_CLASSES_ADD, e, "i", id) < 0)
		return -1;
	return store_commit(s, e);
}

/* No two snapshots have one name. */
static int
check_name(struct store *s, const char *name, struct err *e)
{
	struct snapshot n CLEANUP(snapshot_release) = { 0 };

	if (name == NULL)
		return 0;
	if (snapshot_get(s, name, &n, e) < 0)
		return -1;
	if (n.name != NULL && strcmp(n.name, name) == 0)
		return err_set(e, ERR_USAGE,
		    "split: there is a snapshot \"%.80s\" already", name);
	return 0;
}

/* Note the snapshot unless an equal one is there; gives its row. */
static int
freeze(struct store *s, const struct candidates *all,
    const struct split_request *r, struct snapshot *ret, bool *ret_new,
    struct err *e)
{
	json_t *options = header(all, r);
	char *text CLEANUP(freep) = json_dumps(options, CANONICAL);
	unsigned char digest[SHA256_SIZE];
	char hex[SHA256_HEX], first[NAME_DIGITS + 1];
	int64_t id;
	int rc;

	json_decref(options);
	manifest_hash(all, text, digest);
	text_to_hex(hex, digest, SHA256_SIZE);
	memcpy(first, hex, NAME_DIGITS);
	first[NAME_DIGITS] = 0;
	rc = sql_int(s, Q_SNAPSHOT_OF_HASH, &id, e, "h", digest);
	*ret_new = rc == 0;
	if (rc < 0 || (rc == 0 && check_name(s, r->name, e) < 0) ||
	    (rc == 0 &&
		insert(s, all, r->name != NULL ? r->name : first, digest, text,
		    e) < 0))
		return -1;
	return snapshot_get(s, hex, ret, e) < 0 ? -1 : 0;
}

static int
check_opts(const struct split_opts *o, struct err *e)
{
	if (o->train + o->val + o->test != 100)
		return err_set(e, ERR_USAGE,
		    "split: train, val and test are "
		    "%lld in all, not 100",
		    (long long)(o->train + o->val + o->test));
	if (o->folds == 1)
		return err_set(
		    e, ERR_USAGE, "split: two folds are the least; 0 is none");
	return 0;
}

int
snapshot_make(struct store *s, const struct split_request *r,
    struct snapshot *ret, bool *ret_new, struct err *e)
{
	struct candidates all CLEANUP(candidates_release) = { 0 };
	size_t i;

	if (check_opts(r->opts, e) < 0 || candidates_load(s, r, &all, e) < 0)
		return -1;
	for (i = 0; i < all.n; i++)
		all.v[i].hash =
		    order_hash("split", r->opts->seed, all.v[i].sha256);
	if (candidates_group(s, r->opts, &all, e) < 0 ||
	    split_balance(&all, r->opts, e) < 0)
		return -1;
	split_assign(&all, r->opts);
	split_report(&all);
	return freeze(s, &all, r, ret, ret_new, e);
}

static void
read_snapshot(sqlite3_stmt *q, struct snapshot *ret)
{
	unsigned char digest[SHA256_SIZE];

	*ret = (struct snapshot){
		.id = sqlite3_column_int64(q, 0),
		.name = sql_strdup(q, 1),
		.created = sqlite3_column_int64(q, 3),
		.options = sql_strdup(q, 4),
		.report = sql_strdup(q, 5),
	};
	sql_bytes(q, 2, digest, SHA256_SIZE);
	text_to_hex(ret->hash, digest, SHA256_SIZE);
}

int
snapshot_get(
    struct store *s, const char *name, struct snapshot *ret, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SNAPSHOT_GET, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "s", name) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc == 1)
		read_snapshot(q, ret);
	return rc;
}

int
snapshot_list(struct store *s,
    int (*each)(void *ctx, const struct snapshot *, struct err *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SNAPSHOT_LIST, e);
	int rc = -1;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1) {
		struct snapshot n CLEANUP(snapshot_release) = { 0 };

		read_snapshot(q, &n);
		if (each(ctx, &n, e) < 0)
			return -1;
	}
	return rc;
}

int
snapshot_rows(struct store *s, int64_t snapshot_id,
    int (*each)(void *ctx, const struct snapshot_row *, struct err *),
    void *ctx, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SNAPSHOT_ROWS, e);
	struct snapshot_row row;
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", snapshot_id) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		row.sample_id = sqlite3_column_int64(q, 0);
		sql_bytes(q, 1, row.sha256, SHA256_SIZE);
		row.class = sql_text(q, 2);
		row.part = (enum part)part_named(sql_text(q, 3));
		row.fold = sqlite3_column_type(q, 4) == SQLITE_NULL
		    ? -1
		    : sqlite3_column_int(q, 4);
		row.weight = sqlite3_column_double(q, 5);
		if (each(ctx, &row, e) < 0)
			return -1;
	}
	return rc;
}

int
snapshot_counts(struct store *s, int64_t snapshot_id,
    int (*each)(void *ctx, const char *class, enum part, int64_t n), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SNAPSHOT_COUNTS, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", snapshot_id) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1)
		if (each(ctx, sql_text(q, 0),
			(enum part)part_named(sql_text(q, 1)),
			sqlite3_column_int64(q, 2)) < 0)
			return -1;
	return rc;
}

static int
rehash_row(void *ctx, const struct snapshot_row *row, struct err *e)
{
	(void)e;
	hash_row(ctx, row);
	return 0;
}

int
snapshot_rehash(struct store *s, const struct snapshot *n,
    char ret_hash[SHA256_HEX], struct err *e)
{
	struct sha256 *h CLEANUP(sha256_freep) = sha256_new();
	unsigned char digest[SHA256_SIZE];

	sha256_add(h, n->options, strlen(n->options));
	sha256_add(h, "\n", 1);
	if (snapshot_rows(s, n->id, rehash_row, h, e) < 0)
		return -1;
	sha256_end(TAKE(h), digest);
	text_to_hex(ret_hash, digest, SHA256_SIZE);
	return 0;
}
