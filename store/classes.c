/* SPDX-License-Identifier: Apache-2.0 */
#include "store/classes.h"

#include <string.h>

#include "base/text.h"
#include "store/curate_int.h"

struct class
{
	int64_t id;
	bool retired;
	char *merged; /* into this one; or NULL */
};

static void
class_release(struct class *c)
{
	free(c->merged);
}

/* 1, 0 when there is none, or -1. */
static int
class_get(struct store *s, const char *name, struct class *ret, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_CLASS_GET, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "s", name) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc == 1)
		*ret = (struct class){
			.id = sqlite3_column_int64(q, 0),
			.retired = sqlite3_column_int(q, 1) != 0,
			.merged = sql_strdup(q, 2),
		};
	return rc;
}

static int
no_class(struct store *s, const char *name, const char *hint, struct err *e)
{
	char **names = NULL;
	int64_t *ids CLEANUP(freep) = NULL;
	const char *meant;
	size_t n = 0, i;
	int rc = class_names(s, &names, &ids, &n, e);

	if (rc == 0) {
		names = xreallocarray(names, n + 1, sizeof(*names));
		names[n] = NULL;
		meant = text_suggest(name, (const char *const *)names);
		rc = err_set(e, ERR_INPUT, "no class \"%s\"%s%s%s%s", name,
		    meant ? "; did you mean \"" : hint, meant ? meant : "",
		    meant ? "\"?" : "", "");
	}
	for (i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return rc;
}

/* A class that is there; retired or not. */
static int
class_find(struct store *s, const char *name, struct class *ret, struct err *e)
{
	int rc = class_get(s, name, ret, e);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return no_class(s, name, "", e);
}

int
class_make(struct store *s, const char *name, int64_t *ret_id, struct err *e)
{
	if (check_name(name, "class", e) < 0 ||
	    sql_int(s, Q_CLASS_ADD_RETIRED, ret_id, e, "s", name) < 0)
		return -1;
	return sql_run(
	    s, Q_PICK_CLASS, e, "isi", *ret_id, "retired", (int64_t)0);
}

/* Is it made in this very step? */
static int
is_picked(struct store *s, int64_t id, struct err *e)
{
	int64_t one;

	return sql_int(s, Q_CLASS_IS_PICKED, &one, e, "i", id);
}

int
class_to_give(struct store *s, const char *name, const struct op_ask *step,
    int64_t *ret_id, struct err *e)
{
	struct class c CLEANUP(class_release) = { 0 };
	int rc = class_get(s, name, &c, e);

	if (rc < 0)
		return -1;
	if (rc == 0 && step->new_classes)
		return class_make(s, name, ret_id, e);
	if (rc == 0)
		return no_class(s, name, " (griddle class add makes one)", e);
	*ret_id = c.id;
	if (!c.retired)
		return 0;
	rc = is_picked(s, c.id, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (c.merged != NULL)
		return err_set(e, ERR_INPUT,
		    "class \"%s\" is merged into \"%s\"", name, c.merged);
	return err_set(e, ERR_INPUT,
	    "class \"%s\" is retired (griddle class restore puts it back)",
	    name);
}

int
classes_add(struct store *s, const char *const *names, size_t n,
    const struct op_ask *step, struct op_done *ret, struct err *e)
{
	size_t i;

	if (op_begin(s, e) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		struct class c CLEANUP(class_release) = { 0 };
		int rc = class_get(s, names[i], &c, e);

		if (rc < 0 ||
		    (rc == 0 && class_make(s, names[i], &c.id, e) < 0))
			return -1;
		if (rc == 1 && c.retired && is_picked(s, c.id, e) == 0)
			return err_set(e, ERR_INPUT,
			    "class \"%s\" is there, but retired: see griddle "
			    "class restore",
			    names[i]);
	}
	return op_end(s, "class add", 0, step, ret, e);
}

int
class_rename(struct store *s, const char *name, const char *to,
    const struct op_ask *step, struct op_done *ret, struct err *e)
{
	struct class c CLEANUP(class_release) = { 0 };
	struct class other CLEANUP(class_release) = { 0 };
	int rc;

	if (op_begin(s, e) < 0 || class_find(s, name, &c, e) < 0 ||
	    check_name(to, "class", e) < 0 ||
	    (rc = class_get(s, to, &other, e)) < 0)
		return -1;
	if (rc == 1 && other.id != c.id)
		return err_set(e, ERR_INPUT,
		    "there is a class \"%s\" already: griddle class merge "
		    "makes one of two",
		    to);
	if (sql_run(s, Q_PICK_CLASS, e, "iss", c.id, "name", to) < 0)
		return -1;
	return op_end(s, "class rename", 0, step, ret, e);
}

int
class_merge(struct store *s, const char *name, const char *into,
    const struct op_ask *step, struct op_done *ret, struct err *e)
{
	struct class c CLEANUP(class_release) = { 0 };
	struct class to CLEANUP(class_release) = { 0 };

	if (op_begin(s, e) < 0 || class_find(s, name, &c, e) < 0 ||
	    class_find(s, into, &to, e) < 0)
		return -1;
	if (c.id == to.id)
		return err_set(e, ERR_USAGE,
		    "class \"%s\" cannot be merged into itself", name);
	if (to.retired)
		return err_set(e, ERR_INPUT,
		    "class \"%s\" is retired: nothing can be merged into it",
		    into);
	if (sql_run(s, Q_CLASS_MERGE_PICK, e, "ii", c.id, to.id) < 0 ||
	    sql_run(s, Q_CLASS_MERGE_PICK_CLASS, e, "ii", c.id, to.id) < 0 ||
	    sql_run(s, Q_PICK_CLASS, e, "isi", c.id, "retired", (int64_t)1) < 0)
		return -1;
	return op_end(s, "class merge", 0, step, ret, e);
}

int
classes_retire(struct store *s, const char *const *names, size_t n, bool retire,
    const struct op_ask *step, struct op_done *ret, struct err *e)
{
	size_t i;

	if (op_begin(s, e) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		struct class c CLEANUP(class_release) = { 0 };

		if (class_find(s, names[i], &c, e) < 0)
			return -1;
		if (!retire && c.merged != NULL)
			return err_set(e, ERR_INPUT,
			    "class \"%s\" is merged into \"%s\": griddle log "
			    "shows the step to undo",
			    names[i], c.merged);
		if (sql_run(s, Q_PICK_CLASS, e, "isi", c.id, "retired",
			(int64_t)retire) < 0)
			return -1;
	}
	return op_end(
	    s, retire ? "class retire" : "class restore", 0, step, ret, e);
}

int
classes_each(struct store *s,
    int (*each)(void *ctx, const struct class_row *, struct err *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_CLASS_SEE, e);
	int rc = -1;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1) {
		struct class_row row = {
			.name = sql_text(q, 0),
			.retired = sqlite3_column_int(q, 1) != 0,
			.merged = sql_text(q, 2),
			.images = sqlite3_column_int64(q, 3),
		};

		if (each(ctx, &row, e) < 0)
			return -1;
	}
	return rc;
}

int
class_became(struct store *s, const char *name, char **ret_now, struct err *e)
{
	struct class c CLEANUP(class_release) = { 0 };
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_CLASS_RENAMED, e);
	int rc = class_get(s, name, &c, e);

	*ret_now = NULL;
	if (q == NULL || rc < 0)
		return -1;
	if (rc == 1) {
		*ret_now = TAKE(c.merged);
		return !c.retired;
	}
	if (sql_bind(s, q, e, "s", name) < 0 || (rc = sql_step(s, q, e)) < 0)
		return -1;
	if (rc == 1)
		*ret_now = sql_strdup(q, 0);
	return rc == 0;
}
