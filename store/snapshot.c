/* SPDX-License-Identifier: Apache-2.0 */
#include "store/snapshot.h"

#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/snapshot_int.h"

#define NAME_DIGITS 12

const char *const part_names[PART_COUNT] = { "train", "val", "test" };

static int
part_of(const char *name)
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
	*n = (struct snapshot){ 0 };
}

static void
candidates_release(struct candidates *all)
{
	size_t i;

	for (i = 0; i < all->n_classes; i++)
		free(all->names[i]);
	free(all->names);
	free(all->ids);
	free(all->v);
}

const char *
candidates_class(const struct candidates *all, int64_t class)
{
	size_t i;

	for (i = 0; i < all->n_classes; i++)
		if (all->ids[i] == class)
			return all->names[i];
	return "?";
}

static int
load_candidates(struct store *s, int64_t known_snapshot,
    const struct strlist *classes, struct candidates *all, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SPLIT_CANDIDATES, e);
	struct candidate c = { 0 };
	int rc;

	if (class_names(s, &all->names, &all->ids, &all->n_classes, e) < 0 ||
	    q == NULL || sql_bind(s, q, e, "i", known_snapshot) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		c.id = sqlite3_column_int64(q, 0);
		sql_bytes(q, 1, c.sha256, SHA256_SIZE);
		c.class = sqlite3_column_int64(q, 2);
		c.part = part_of(sql_text(q, 3));
		if (classes->n > 0 &&
		    !strlist_has(classes, candidates_class(all, c.class)))
			continue;
		if ((all->n & (all->n + 1)) == 0)
			all->v = xreallocarray(
			    all->v, 2 * all->n + 1, sizeof(*all->v));
		all->v[all->n++] = c;
	}
	return rc;
}

/* Canonical: sorted keys, no spaces, one line. */
static void
hash_line(struct sha256 *h, json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT | JSON_SORT_KEYS);

	sha256_add(h, text, strlen(text));
	sha256_add(h, "\n", 1);
	free(text);
	json_decref(line);
}

static void
hash_row(struct sha256 *h, const unsigned char *sha256, const char *class,
    const char *part)
{
	char hex[SHA256_HEX];

	text_to_hex(hex, sha256, SHA256_SIZE);
	hash_line(h,
	    json_pack("{s:s, s:s, s:s}", "sha256", hex, "class", class, "part",
		part));
}

static json_t *
options_json(const struct candidates *all, const struct split_opts *o)
{
	json_t *classes = json_array();
	size_t i, k;

	for (i = 0; i < all->n_classes; i++)
		for (k = 0; k < all->n; k++)
			if (all->v[k].class == all->ids[i]) {
				json_array_append_new(
				    classes, json_string(all->names[i]));
				break;
			}
	return json_pack("{s:o, s:I, s:I, s:I, s:s, s:I}", "classes", classes,
	    "train", (json_int_t)o->train, "val", (json_int_t)o->val, "test",
	    (json_int_t)o->test, "balance", o->balance, "seed",
	    (json_int_t)o->seed);
}

static void
manifest_hash(const struct candidates *all, json_t *options,
    unsigned char digest[SHA256_SIZE])
{
	struct sha256 *h = sha256_new();
	size_t i;

	hash_line(h, json_incref(options));
	for (i = 0; i < all->n; i++)
		hash_row(h, all->v[i].sha256,
		    candidates_class(all, all->v[i].class),
		    part_names[all->v[i].part]);
	sha256_end(h, digest);
}

static int
insert(struct store *s, const struct candidates *all, const char *name,
    const unsigned char *digest, const char *options, struct err *e)
{
	int64_t id;
	size_t i;

	if (store_begin(s, e) < 0 ||
	    sql_int(s, Q_SNAPSHOT_ADD, &id, e, "shis", name, digest,
		clock_now(), options) < 0)
		return -1;
	for (i = 0; i < all->n; i++)
		if (sql_run(s, Q_SNAPSHOT_SAMPLE_ADD, e, "iiis", id,
			all->v[i].id, all->v[i].class,
			part_names[all->v[i].part]) < 0)
			return -1;
	return store_commit(s, e);
}

/* Note the snapshot unless an equal one is there; gives its row. */
static int
freeze(struct store *s, const struct candidates *all,
    const struct split_opts *o, const char *name, struct snapshot *ret,
    bool *ret_new, struct err *e)
{
	json_t *options = options_json(all, o);
	char *text CLEANUP(freep) =
	    json_dumps(options, JSON_COMPACT | JSON_SORT_KEYS);
	unsigned char digest[SHA256_SIZE];
	char hex[SHA256_HEX], first[NAME_DIGITS + 1];
	int64_t id;
	int rc;

	manifest_hash(all, options, digest);
	json_decref(options);
	text_to_hex(hex, digest, SHA256_SIZE);
	memcpy(first, hex, NAME_DIGITS);
	first[NAME_DIGITS] = 0;
	rc = sql_int(s, Q_SNAPSHOT_OF_HASH, &id, e, "h", digest);
	*ret_new = rc == 0;
	if (rc < 0 ||
	    (rc == 0 &&
		insert(s, all, name ? name : first, digest, text, e) < 0))
		return -1;
	return snapshot_get(s, hex, ret, e) < 0 ? -1 : 0;
}

int
snapshot_make(struct store *s, const struct split_opts *o,
    const struct strlist *classes, const char *name, struct snapshot *ret,
    bool *ret_new, struct err *e)
{
	struct candidates all CLEANUP(candidates_release) = { 0 };
	int64_t known = 0;

	if (sql_int(s, Q_SNAPSHOT_LIKE, &known, e, "iii", o->seed, o->train,
		o->val) < 0 ||
	    load_candidates(s, known, classes, &all, e) < 0 ||
	    split_candidates(&all, o, e) < 0)
		return -1;
	return freeze(s, &all, o, name, ret, ret_new, e);
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
		row.part = (enum part)part_of(sql_text(q, 3));
		if (each(ctx, &row, e) < 0)
			return -1;
	}
	return rc;
}

static int
rehash_row(void *ctx, const struct snapshot_row *row, struct err *e)
{
	(void)e;
	hash_row(ctx, row->sha256, row->class, part_names[row->part]);
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
