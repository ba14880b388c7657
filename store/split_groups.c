/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stays together in a split: components of look-alikes, joined by the
 * pages that images were found on.
 *
 * A page that a source starts from is a listing, and so is one with more
 * than PAGE_IMAGES images; that two images are on it says nothing.  Other
 * pages (of an article, an album, a file) are taken to be about one thing.
 *
 * A group that would be too large a share of a class is cut back: first to
 * its components, and a component to its images.  Likeness by pages is weak
 * evidence, so it gives way as well where it would move an image from the
 * part that it had.
 */
#include <string.h>

#include "store/snapshot_int.h"

#define PAGE_IMAGES 24
#define SHARE_MAX 0.05 /* of a class, in one group */
/* Groups so small are never cut, however small the class. */
#define PAGE_GROUP_MIN 10
#define COMPONENT_MIN 30

struct grouping {
	struct candidates *all;   /* sorted by id */
	size_t *component;        /* of each candidate, by the first in it */
	size_t *parent;           /* components joined by pages */
	bool *cut;                /* by the first candidate of a component */
	bool *dissolved;          /* by the root of a group of components */
	bool (*seen)[PART_COUNT]; /* parts of a component, by its first */
	int64_t *class_size;
	int64_t pages_dissolved;
};

static void
grouping_release(struct grouping *g)
{
	free(g->component);
	free(g->parent);
	free(g->cut);
	free(g->dissolved);
	free(g->seen);
	free(g->class_size);
}

static int
by_id(const void *va, const void *vb)
{
	const struct candidate *a = va, *b = vb;

	return (a->id > b->id) - (a->id < b->id);
}

#define NOWHERE SIZE_MAX

static size_t
find_id(const struct candidates *all, int64_t id)
{
	const struct candidate key = { .id = id }, *found = NULL;

	if (all->n > 0)
		found = bsearch(&key, all->v, all->n, sizeof(key), by_id);
	return found == NULL ? NOWHERE : (size_t)(found - all->v);
}

/* ---- components -------------------------------------------------------- */

struct number {
	int64_t value;
	size_t place;
};

static int
by_value(const void *va, const void *vb)
{
	const struct number *a = va, *b = vb;

	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

/* Sorted by the component's id, for find_component(). */
static struct number *
find_components(struct grouping *g)
{
	struct number *v = xreallocarray(NULL, g->all->n + 1, sizeof(*v));
	size_t i;

	for (i = 0; i < g->all->n; i++)
		v[i] = (struct number){ g->all->v[i].component, i };
	if (g->all->n > 0)
		qsort(v, g->all->n, sizeof(*v), by_value);
	for (i = 0; i < g->all->n; i++)
		g->component[v[i].place] = i > 0 && v[i].value == v[i - 1].value
		    ? g->component[v[i - 1].place]
		    : v[i].place;
	return v;
}

/* The first candidate of a component. */
static size_t
find_component(const struct number *v, size_t n, int64_t id)
{
	size_t low = 0, high = n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (v[middle].value < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && v[low].value == id ? v[low].place : NOWHERE;
}

/* ---- earlier parts ----------------------------------------------------- */

/*
 * A sample that is no keeper any more stands for its component, and where
 * that is cut for its keeper.
 */
static void
note_known(struct grouping *g, const struct number *components, int64_t id,
    int64_t keeper, int64_t component, int part, int fold)
{
	size_t at = find_id(g->all, id);
	size_t first = find_component(components, g->all->n, component);

	if (first != NOWHERE)
		g->seen[first][part] = true;
	if (at == NOWHERE)
		at = find_id(g->all, keeper);
	else
		g->all->v[at].known = -1;
	if (at != NOWHERE && g->all->v[at].known < part) {
		g->all->v[at].known = part;
		g->all->v[at].known_fold = fold;
	}
}

static int
load_known(struct store *s, const struct split_opts *o, struct grouping *g,
    const struct number *components, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SPLIT_KNOWN, e);
	int rc, part;

	if (q == NULL ||
	    sql_bind(s, q, e, "iiii", o->seed, o->train, o->val, o->folds) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		part = part_named(sql_text(q, 3));
		if (part >= 0)
			note_known(g, components, sqlite3_column_int64(q, 0),
			    sqlite3_column_int64(q, 1),
			    sqlite3_column_int64(q, 2), part,
			    sqlite3_column_type(q, 4) == SQLITE_NULL
				? -1
				: sqlite3_column_int(q, 4));
	}
	return rc;
}

/* ---- pages ------------------------------------------------------------- */

static size_t
root_of(const struct grouping *g, size_t at)
{
	while (g->parent[at] != at) {
		g->parent[at] = g->parent[g->parent[at]];
		at = g->parent[at];
	}
	return at;
}

static void
join(struct grouping *g, size_t a, size_t b)
{
	a = root_of(g, g->component[a]);
	b = root_of(g, g->component[b]);
	if (a < b)
		g->parent[b] = a;
	else
		g->parent[a] = b;
}

/* The candidates of one page, as far as they are few. */
struct page {
	char *url;
	size_t v[PAGE_IMAGES + 1];
	size_t n;
};

static void
page_release(struct page *p)
{
	free(p->url);
}

static void
page_add(struct page *p, size_t at)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->v[i] == at)
			return;
	if (p->n <= PAGE_IMAGES)
		p->v[p->n++] = at;
}

static void
page_end(struct grouping *g, const struct page *p)
{
	size_t i;

	for (i = 1; p->n <= PAGE_IMAGES && i < p->n; i++)
		join(g, p->v[0], p->v[i]);
}

static int
join_pages(struct store *s, struct grouping *g, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SPLIT_PAGES, e);
	struct page page CLEANUP(page_release) = { 0 };
	const char *url;
	size_t at;
	int rc = -1;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1) {
		url = sql_text(q, 0);
		at = find_id(g->all, sqlite3_column_int64(q, 1));
		if (page.url == NULL || strcmp(page.url, url) != 0) {
			page_end(g, &page);
			free(page.url);
			page.url = xstrdup(url);
			page.n = 0;
		}
		if (at != NOWHERE)
			page_add(&page, at);
	}
	page_end(g, &page);
	return rc;
}

/* ---- what is too large ------------------------------------------------- */

/* Sorted by a key of their own, candidates as places. */
static int
too_many(const struct grouping *g, const struct number *v, size_t n,
    int64_t least, size_t *ret_class)
{
	int64_t *count CLEANUP(freep) =
	    xcalloc(g->all->n_classes + 1, sizeof(*count));
	double most;
	size_t i, class;

	for (i = 0; i < n; i++) {
		class = g->all->v[v[i].place].class;
		most = SHARE_MAX * (double)g->class_size[class];
		count[class]++;
		if (count[class] > least && (double)count[class] > most) {
			*ret_class = class;
			return 1;
		}
	}
	return 0;
}

static size_t
run_of(const struct number *v, size_t n, size_t from)
{
	size_t i = from;

	while (i < n && v[i].value == v[from].value)
		i++;
	return i - from;
}

static void
cut_components(struct grouping *g, const struct number *v)
{
	json_t *cut = json_array();
	size_t i, n, class = 0;

	json_object_set_new(g->all->report, "cut", cut);
	for (i = 0; i < g->all->n; i += n) {
		n = run_of(v, g->all->n, i);
		if (!too_many(g, v + i, n, COMPONENT_MIN, &class))
			continue;
		g->cut[g->component[v[i].place]] = true;
		json_array_append_new(cut,
		    json_pack("{s:I, s:s, s:I}", "component",
			(json_int_t)v[i].value, "class", g->all->names[class],
			"images", (json_int_t)n));
	}
}

/* Had two of its components different parts? */
static bool
disagrees(const struct grouping *g, const struct number *v, size_t n)
{
	size_t i;
	int part, other = -1;

	for (i = 0; i < n; i++)
		for (part = 0; part < PART_COUNT; part++) {
			if (!g->seen[g->component[v[i].place]][part])
				continue;
			if (other >= 0 && other != part)
				return true;
			other = part;
		}
	return false;
}

static void
dissolve_pages(struct grouping *g)
{
	struct number *v CLEANUP(freep) =
	    xreallocarray(NULL, g->all->n + 1, sizeof(*v));
	size_t i, n, class = 0, first;

	for (i = 0; i < g->all->n; i++) {
		first = g->component[i];
		v[i] = (struct number){ (int64_t)root_of(g, first), i };
	}
	if (g->all->n > 0)
		qsort(v, g->all->n, sizeof(*v), by_value);
	for (i = 0; i < g->all->n; i += n) {
		n = run_of(v, g->all->n, i);
		for (first = 1; first < n; first++)
			if (g->component[v[i + first].place] !=
			    g->component[v[i].place])
				break;
		if (first == n || /* one component: no page did that */
		    (!disagrees(g, v + i, n) &&
			!too_many(g, v + i, n, PAGE_GROUP_MIN, &class)))
			continue;
		g->dissolved[v[i].value] = true;
		g->pages_dissolved++;
	}
}

/* ---- all together ------------------------------------------------------ */

static int
by_group(const void *va, const void *vb)
{
	const struct candidate *a = va, *b = vb;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	return memcmp(a->sha256, b->sha256, SHA256_SIZE);
}

static size_t
group_of(const struct grouping *g, size_t at)
{
	size_t first = g->component[at], root;

	if (g->cut[first])
		return at;
	root = root_of(g, first);
	return g->dissolved[root] ? first : root;
}

/* What the group's members had, be they candidates or not. */
static void
take_over(struct candidates *all, const struct grouping *g, size_t at)
{
	struct candidate *c = &all->v[at];
	struct group *group = &all->groups[c->group];
	size_t first = g->component[at];
	int part;

	group->n++;
	if (group->n == 1 || c->hash < group->hash)
		group->hash = c->hash;
	if (c->known_fold >= 0 &&
	    (group->known_fold < 0 || c->known_fold < group->known_fold))
		group->known_fold = c->known_fold;
	if (c->known >= 0)
		group->seen[c->known] = true;
	for (part = 0; part < PART_COUNT && !g->cut[first]; part++)
		group->seen[part] |= g->seen[first][part];
}

static void
number_groups(struct grouping *g)
{
	struct candidates *all = g->all;
	size_t *number CLEANUP(freep) = xcalloc(all->n + 1, sizeof(*number));
	size_t i, root, from = 0;

	all->groups = xcalloc(all->n + 1, sizeof(*all->groups));
	for (i = 0; i < all->n; i++) {
		root = group_of(g, i);
		if (number[root] == 0) {
			number[root] = ++all->n_groups;
			all->groups[all->n_groups - 1].known_fold = -1;
		}
		all->v[i].group = number[root] - 1;
		take_over(all, g, i);
	}
	for (i = 0; i < all->n_groups; i++) {
		all->groups[i].from = from;
		from += all->groups[i].n;
	}
	if (all->n > 0)
		qsort(all->v, all->n, sizeof(*all->v), by_group);
}

int
candidates_group(struct store *s, const struct split_opts *o,
    struct candidates *all, struct err *e)
{
	struct grouping g CLEANUP(grouping_release) = { .all = all };
	struct number *components CLEANUP(freep) = NULL;
	size_t i;

	g.component = xcalloc(all->n + 1, sizeof(*g.component));
	g.parent = xcalloc(all->n + 1, sizeof(*g.parent));
	g.cut = xcalloc(all->n + 1, sizeof(*g.cut));
	g.dissolved = xcalloc(all->n + 1, sizeof(*g.dissolved));
	g.seen = xcalloc(all->n + 1, sizeof(*g.seen));
	g.class_size = xcalloc(all->n_classes + 1, sizeof(*g.class_size));
	if (all->n > 0)
		qsort(all->v, all->n, sizeof(*all->v), by_id);
	for (i = 0; i < all->n; i++) {
		g.parent[i] = i;
		g.class_size[all->v[i].class]++;
	}
	components = find_components(&g);
	if (load_known(s, o, &g, components, e) < 0)
		return -1;
	cut_components(&g, components);
	if (join_pages(s, &g, e) < 0)
		return -1;
	dissolve_pages(&g);
	json_object_set_new(all->report, "pages_dissolved",
	    json_integer((json_int_t)g.pages_dissolved));
	number_groups(&g);
	return 0;
}
