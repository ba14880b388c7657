/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions: which images, and what they are to be.
 */
#include "store/curate_int.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define NAME_MAX_BYTES 200
#define TAG_FIELD "tag:"

int
check_name(const char *name, const char *what, struct err *e)
{
	size_t len = strlen(name), i;

	if (len == 0 || len > NAME_MAX_BYTES || !text_is_utf8(name, len))
		return err_set(e, ERR_USAGE,
		    "%s: a name has 1 to %d bytes of UTF-8", what,
		    NAME_MAX_BYTES);
	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
			return err_set(e, ERR_USAGE,
			    "%s: a name has no control characters", what);
	if (name[0] == ' ' || name[len - 1] == ' ')
		return err_set(e, ERR_USAGE,
		    "%s \"%s\": a name has no blank at its ends", what, name);
	if (strcmp(name, "none") == 0)
		return err_set(
		    e, ERR_USAGE, "%s: \"none\" stands for none at all", what);
	if (strcmp(what, "tag") == 0 && strchr(name, ',') != NULL)
		return err_set(
		    e, ERR_USAGE, "tag \"%s\": a tag has no comma", name);
	return 0;
}

/* ---- steps ------------------------------------------------------------- */

int
op_begin(struct store *s, struct err *e)
{
	if (store_begin(s, e) < 0 || sql_run(s, Q_PICKED_CLEAR, e, "") < 0)
		return -1;
	return sql_run(s, Q_PICKED_CLASS_CLEAR, e, "");
}

/* Write what is picked into the log, and make it so. */
static int
apply(struct store *s, int64_t op, int64_t *ret_released, struct err *e)
{
	static const enum query in_order[] = {
		Q_CHANGE_PICKED,
		Q_CHANGE_PICKED_CLASS,
		Q_APPLY_LABEL,
		Q_APPLY_REJECTED,
		Q_APPLY_CHOSEN,
		Q_APPLY_PAIR,
		Q_APPLY_UNPAIR,
		Q_APPLY_KEEPER,
		Q_APPLY_TAG,
		Q_APPLY_UNTAG,
		Q_APPLY_NAME,
		Q_APPLY_RETIRED,
		Q_APPLY_MERGED,
		Q_APPLY_WAITING,
		Q_CHANGE_CLAIMED,
		Q_APPLY_CLAIMED,
		Q_APPLY_GROUP_CLAIMS,
		Q_APPLY_REV,
		Q_APPLY_RELEASE,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(in_order); i++)
		if (sql_run(s, in_order[i], e, "i", op) < 0)
			return -1;
	*ret_released = sqlite3_changes64(s->db);
	return 0;
}

static int
check_step(const struct op_ask *step, struct err *e)
{
	const char *note = step->note ? step->note : "";

	if (!text_is_utf8(step->actor, strlen(step->actor)) ||
	    !text_is_utf8(note, strlen(note)))
		return err_set(
		    e, ERR_USAGE, "who and why are to be UTF-8 text");
	return 0;
}

int
op_end(struct store *s, const char *verb, int64_t undoes,
    const struct op_ask *step, struct op_done *ret, struct err *e)
{
	int64_t images;

	*ret = (struct op_done){ 0 };
	if (check_step(step, e) < 0 ||
	    sql_int(s, Q_PICKED_IMAGES, &ret->passed, e, "") < 0 ||
	    (undoes == 0 && sql_run(s, Q_PICK_COPIES, e, "") < 0) ||
	    sql_int(s, Q_PICKED_IMAGES, &images, e, "") < 0)
		return -1;
	ret->copies = images - ret->passed;
	if (sql_run(s, Q_PICKED_PRUNE, e, "") < 0 ||
	    sql_run(s, Q_PICKED_CLASS_PRUNE, e, "") < 0 ||
	    sql_int(s, Q_PICKED_IMAGES, &images, e, "") < 0 ||
	    sql_int(s, Q_PICKED_CLASSES, &ret->classes, e, "") < 0)
		return -1;
	if (images + ret->classes == 0)
		return 0;
	if (sql_int(s, Q_OP_ADD, &ret->id, e, "isssz", clock_now(), step->actor,
		verb, step->note, undoes) < 0 ||
	    apply(s, ret->id, &ret->released, e) < 0 ||
	    sql_int(s, Q_CHANGED_IMAGES, &ret->changed, e, "i", ret->id) < 0)
		return -1;
	if (step->dry_run) {
		store_rollback(s);
		ret->id = 0;
	}
	return 0;
}

/* ---- revisions --------------------------------------------------------- */

/* Say who has changed the image since it was seen. */
int
rev_conflict(
    struct store *s, int64_t id, int64_t rev, int64_t seen, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_LAST_CHANGE, e);
	char date[20];

	if (q == NULL || sql_bind(s, q, e, "i", id) < 0 ||
	    sql_step(s, q, e) < 0)
		return -1;
	if (sqlite3_column_int64(q, 1) == 0)
		return err_set(e, ERR_INPUT,
		    "image %s is at revision %lld, not %lld", sql_text(q, 0),
		    (long long)rev, (long long)seen);
	return err_set(e, ERR_INPUT,
	    "image %s is at revision %lld, not %lld: %s changed it on %s "
	    "(%s to %s, %s, step %lld)",
	    sql_text(q, 0), (long long)rev, (long long)seen, sql_text(q, 3),
	    clock_date(date, sizeof(date), sqlite3_column_int64(q, 2)),
	    sql_text(q, 5), sql_text(q, 6), sql_text(q, 4),
	    (long long)sqlite3_column_int64(q, 1));
}

/* Is what is picked one image of that revision, or none? */
static int
check_rev(struct store *s, int64_t seen, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_PICKED_REV, e);
	int64_t n = 0;
	int rc;

	if (q == NULL || sql_int(s, Q_PICKED_IMAGES, &n, e, "") < 0)
		return -1;
	if (n > 1)
		return err_set(e, ERR_USAGE,
		    "a revision is that of one image, but %lld pass",
		    (long long)n);
	rc = sql_step(s, q, e);
	if (rc <= 0 || sqlite3_column_int64(q, 0) == seen)
		return rc < 0 ? -1 : 0;
	return rev_conflict(
	    s, sqlite3_column_int64(q, 1), sqlite3_column_int64(q, 0), seen, e);
}

/* ---- by filter --------------------------------------------------------- */

static const struct {
	const char *verb;
	int64_t value; /* of rejected, or of the tag */
	bool label, tag;
} verbs[] = {
	[DECIDE_LABEL] = { "label", 0, .label = true },
	[DECIDE_UNLABEL] = { "unlabel", 0, .label = true },
	[DECIDE_REJECT] = { "reject", 1 },
	[DECIDE_RESTORE] = { "restore", 0 },
	[DECIDE_TAG] = { "tag", 1, .tag = true },
	[DECIDE_UNTAG] = { "untag", 0, .tag = true },
};

static int
pick_all(struct store *s, const struct filter *f, const char *field,
    int64_t value, struct err *e)
{
	char *sql CLEANUP(freep) =
	    xasprintf("INSERT INTO temp.picked (sample_id, field, value)"
		      " SELECT s.id, @field, @value FROM sample s"
		      " JOIN blob b ON b.id = s.blob_id WHERE 1%s",
		filter_sql(f));
	sqlite3_stmt *q = NULL;
	int rc = -1, at;

	if (sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) != SQLITE_OK)
		return sql_err(s, e, "filter");
	at = sqlite3_bind_parameter_index(q, "@value");
	sqlite3_bind_text(q, sqlite3_bind_parameter_index(q, "@field"), field,
	    -1, SQLITE_STATIC);
	if (value != 0 || strcmp(field, "label") != 0)
		sqlite3_bind_int64(q, at, value);
	if (filter_bind(s, q, f, e) == 0)
		rc = sql_step(s, q, e);
	sqlite3_finalize(q);
	return rc;
}

int
decide(struct store *s, const struct filter *f, enum decision d,
    const char *value, const struct op_ask *step, struct op_done *ret,
    struct err *e)
{
	char *field CLEANUP(freep) = verbs[d].tag
	    ? xasprintf(TAG_FIELD "%s", value)
	    : xstrdup(verbs[d].label ? "label" : "rejected");
	int64_t n = 1, to = verbs[d].value;

	*ret = (struct op_done){ 0 };
	if (op_begin(s, e) < 0 ||
	    (verbs[d].tag && check_name(value, "tag", e) < 0) ||
	    /* No class is made for no image. */
	    (d == DECIDE_LABEL && step->new_classes &&
		sample_count(s, f, &n, e) < 0))
		return -1;
	if (n == 0)
		return 0;
	if ((d == DECIDE_LABEL && class_to_give(s, value, step, &to, e) < 0) ||
	    pick_all(s, f, field, to, e) < 0 ||
	    (step->if_rev != 0 && check_rev(s, step->if_rev, e) < 0) ||
	    sql_int(s, Q_PICKED_IMAGES, &n, e, "") < 0 ||
	    (d == DECIDE_TAG && n > 0 &&
		sql_run(s, Q_TAG_ADD, e, "s", value) < 0))
		return -1;
	return op_end(s, verbs[d].verb, 0, step, ret, e);
}

/* ---- image by image ---------------------------------------------------- */

/* The SHA-256 that begins with the digits and goes on with `rest`. */
static bool
bound(const char *digits, char rest, unsigned char ret[SHA256_SIZE])
{
	char hex[SHA256_HEX];
	size_t len = strlen(digits), i;

	if (len < 4 || len > 2 * SHA256_SIZE)
		return false;
	memset(hex, rest, sizeof(hex) - 1);
	for (i = 0; i < len; i++)
		hex[i] = (char)(digits[i] >= 'A' && digits[i] <= 'F'
			? digits[i] + ('a' - 'A')
			: digits[i]);
	hex[sizeof(hex) - 1] = 0;
	return text_from_hex(ret, SHA256_SIZE, hex);
}

int
image_named(struct store *s, const char *digits, int64_t *ret_id,
    int64_t *ret_rev, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_IMAGE_NAMED, e);
	unsigned char low[SHA256_SIZE], high[SHA256_SIZE];
	int rc;

	if (!bound(digits, '0', low) || !bound(digits, 'f', high))
		return err_set(e, ERR_INPUT,
		    "\"%.80s\" does not name an image: give 4 or more digits "
		    "of its SHA-256",
		    digits);
	if (q == NULL || sql_bind(s, q, e, "hh", low, high) < 0 ||
	    (rc = sql_step(s, q, e)) < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_INPUT, "no image %s", digits);
	*ret_id = sqlite3_column_int64(q, 0);
	*ret_rev = sqlite3_column_int64(q, 1);
	rc = sql_step(s, q, e);
	if (rc == 1)
		return err_set(e, ERR_INPUT,
		    "several images begin with %s: give more digits", digits);
	return rc;
}

static int
pick(struct store *s, const char *image, int64_t id, const char *field,
    int64_t value, struct err *e)
{
	int64_t one;
	int rc = sql_int(s, Q_PICK, &one, e,
	    strcmp(field, "label") == 0 ? "isz" : "isi", id, field, value);

	if (rc == 0)
		return err_set(
		    e, ERR_INPUT, "image %.12s: said otherwise before", image);
	return rc < 0 ? -1 : 0;
}

static int
pick_tags(
    struct store *s, const struct image_decision *d, int64_t id, struct err *e)
{
	size_t i;

	for (i = 0; i < d->n_tags; i++)
		if (check_name(d->tags[i], "tag", e) < 0)
			return -1;
	for (i = 0; i < d->n_tags; i++) {
		char *field CLEANUP(freep) =
		    xasprintf(TAG_FIELD "%s", d->tags[i]);

		if (sql_run(s, Q_TAG_ADD, e, "s", d->tags[i]) < 0 ||
		    pick(s, d->image, id, field, 1, e) < 0)
			return -1;
	}
	return sql_run(s, Q_PICK_UNTAG_OTHERS, e, "i", id);
}

int
decide_begin(struct store *s, struct err *e)
{
	return op_begin(s, e);
}

static int
pick_image(struct store *s, const struct image_decision *d,
    const struct op_ask *step, struct err *e)
{
	bool labelled = d->label != NULL && d->label[0] != 0;
	int64_t id, rev, class = 0;

	if (image_named(s, d->image, &id, &rev, e) < 0)
		return -1;
	if (d->rev != 0 && d->rev != rev)
		return rev_conflict(s, id, rev, d->rev, e);
	if ((d->has_label && labelled &&
		class_to_give(s, d->label, step, &class, e) < 0) ||
	    (d->has_label && pick(s, d->image, id, "label", class, e) < 0) ||
	    (d->rejected >= 0 &&
		pick(s, d->image, id, "rejected", d->rejected, e) < 0))
		return -1;
	return d->tags == NULL ? 0 : pick_tags(s, d, id, e);
}

int
decide_image(struct store *s, const struct image_decision *d,
    const struct op_ask *step, struct err *e)
{
	struct err why = { 0 };
	int rc;

	if (sql_run(s, Q_PICK_BEGIN, e, "") < 0)
		return -1;
	rc = pick_image(s, d, step, &why);
	if ((rc < 0 && sql_run(s, Q_PICK_DROP, e, "") < 0) ||
	    sql_run(s, Q_PICK_KEEP, e, "") < 0)
		return -1;
	if (rc < 0)
		*e = why;
	return rc;
}

int
decide_end(struct store *s, const char *verb, const struct op_ask *step,
    struct op_done *ret, struct err *e)
{
	return op_end(s, verb, 0, step, ret, e);
}
