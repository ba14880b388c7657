/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backbones.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "store/store_int.h"

void
backbone_row_release(struct backbone_row *r)
{
	free(r->name);
	free(r->meta);
	*r = (struct backbone_row){ 0 };
}

bool
backbone_name_is_good(const char *name)
{
	const size_t len = strlen(name);

	return len >= 1 && len <= BACKBONE_NAME_MAX && name[0] != '.' &&
	    name[0] != '-' &&
	    strspn(name,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789._-") == len;
}

char *
backbone_path(const struct store *s, const char *name)
{
	return xasprintf("%s/backbones/%s.onnx", store_folder(s), name);
}

static int
find(void *ctx, const struct backbone_row *r, struct err *e)
{
	const char *const *name = ctx;

	return strcmp(r->name, *name) == 0
	    ? err_set(e, ERR_INPUT, "there is a backbone \"%s\" already", *name)
	    : 0;
}

int
backbone_add(
    struct store *s, struct backbone_row *r, const void *onnx, struct err *e)
{
	char *folder CLEANUP(freep) =
	    xasprintf("%s/backbones", store_folder(s));
	char *path CLEANUP(freep) = backbone_path(s, r->name);

	r->added = clock_now();
	if (backbone_list(s, find, &r->name, e) < 0 ||
	    file_make_dirs(folder, e) < 0 ||
	    file_replace(path, onnx, (size_t)r->bytes, e) < 0 ||
	    store_begin(s, e) < 0 ||
	    sql_run(s, Q_BACKBONE_ADD, e, "shiis", r->name, r->sha256, r->bytes,
		r->added, r->meta) < 0)
		return -1;
	return store_commit(s, e);
}

int
backbone_remove(struct store *s, const char *name, struct err *e)
{
	char *path CLEANUP(freep) = NULL;
	int changed;

	if (!backbone_name_is_good(name))
		return 0;
	if (store_begin(s, e) < 0 ||
	    sql_run(s, Q_BACKBONE_REMOVE, e, "s", name) < 0)
		return -1;
	changed = sqlite3_changes(s->db);
	if (store_commit(s, e) < 0 || changed == 0)
		return changed == 0 ? 0 : -1;
	path = backbone_path(s, name);
	if (unlink(path) < 0 && errno != ENOENT)
		return err_sys(e, ERR_FATAL, "%s", path);
	return 1;
}

int
backbone_list(struct store *s,
    int (*each)(void *ctx, const struct backbone_row *, struct err *),
    void *ctx, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_BACKBONE_LIST, e);
	int rc = -1;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1) {
		struct backbone_row r CLEANUP(backbone_row_release) = {
			.name = sql_strdup(q, 0),
			.bytes = sqlite3_column_int64(q, 2),
			.added = sqlite3_column_int64(q, 3),
			.meta = sql_strdup(q, 4),
		};

		sql_bytes(q, 1, r.sha256, SHA256_SIZE);
		if (each(ctx, &r, e) < 0)
			return -1;
	}
	return rc;
}
