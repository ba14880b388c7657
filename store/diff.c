/* SPDX-License-Identifier: Apache-2.0 */
#include "store/diff.h"

#include <string.h>

#include "store/store_int.h"

const char *const diff_names[DIFF_COUNT] = { "same", "added", "removed",
	"moved", "relabelled" };

/* The rows of one snapshot; classes are texts of the list's own. */
struct rows {
	struct row {
		unsigned char sha256[SHA256_SIZE];
		struct diff_side side;
	} * v;
	size_t n;
	struct strlist classes; /* it moves while it grows */
	size_t *class;          /* [n] */
};

static void
rows_release(struct rows *r)
{
	free(r->v);
	free(r->class);
	strlist_release(&r->classes);
}

static size_t
class_place(struct rows *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->classes.n; i++)
		if (strcmp(r->classes.v[i], name) == 0)
			return i;
	strlist_add(&r->classes, name);
	return i;
}

static int
take(void *ctx, const struct snapshot_row *row, struct err *e)
{
	struct rows *r = ctx;

	(void)e;
	if ((r->n & (r->n + 1)) == 0) {
		r->v = xreallocarray(r->v, 2 * r->n + 1, sizeof(*r->v));
		r->class =
		    xreallocarray(r->class, 2 * r->n + 1, sizeof(*r->class));
	}
	memcpy(r->v[r->n].sha256, row->sha256, SHA256_SIZE);
	r->v[r->n].side.part = row->part;
	r->class[r->n++] = class_place(r, row->class);
	return 0;
}

static int
load(struct store *s, int64_t id, struct rows *r, struct err *e)
{
	size_t i;

	if (snapshot_rows(s, id, take, r, e) < 0)
		return -1;
	for (i = 0; i < r->n; i++)
		r->v[i].side.class = r->classes.v[r->class[i]];
	return 0;
}

static enum diff_kind
kind_of(const struct diff_side *old, const struct diff_side *new)
{
	if (old->class == NULL)
		return DIFF_ADDED;
	if (new->class == NULL)
		return DIFF_REMOVED;
	if (strcmp(old->class, new->class) != 0)
		return DIFF_RELABELLED;
	return old->part == new->part ? DIFF_SAME : DIFF_MOVED;
}

/* Where the next one stands: < 0 in a only, > 0 in b only, 0 in both. */
static int
compare(const struct rows *a, size_t i, const struct rows *b, size_t k)
{
	if (i == a->n || k == b->n)
		return k == b->n ? -1 : 1;
	return memcmp(a->v[i].sha256, b->v[k].sha256, SHA256_SIZE);
}

int
snapshot_diff(struct store *s, int64_t old_id, int64_t new_id,
    int (*each)(void *ctx, const struct diff_entry *, struct err *), void *ctx,
    struct err *e)
{
	struct rows a CLEANUP(rows_release) = { 0 };
	struct rows b CLEANUP(rows_release) = { 0 };
	struct diff_entry entry;
	size_t i = 0, k = 0;
	int order;

	if (load(s, old_id, &a, e) < 0 || load(s, new_id, &b, e) < 0)
		return -1;
	while (i < a.n || k < b.n) {
		order = compare(&a, i, &b, k);
		entry = (struct diff_entry){ 0 };
		memcpy(entry.sha256, order <= 0 ? a.v[i].sha256 : b.v[k].sha256,
		    SHA256_SIZE);
		if (order <= 0)
			entry.old = a.v[i++].side;
		if (order >= 0)
			entry.new = b.v[k++].side;
		entry.kind = kind_of(&entry.old, &entry.new);
		if (each(ctx, &entry, e) < 0)
			return -1;
	}
	return 0;
}
