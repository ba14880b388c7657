/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a split did, for people: beside the manifest, not part of its hash.
 */
#include "store/snapshot_int.h"

static void
set(json_t *object, const char *key, int64_t n)
{
	json_object_set_new(object, key, json_integer((json_int_t)n));
}

/* {class: {part: images}} */
static json_t *
count_by_class(const struct candidates *all)
{
	json_t *classes = json_object(), *parts;
	const struct candidate *c;
	size_t i;
	int part;

	for (i = 0; i < all->n; i++) {
		c = &all->v[i];
		parts = json_object_get(classes, all->names[c->class]);
		if (parts == NULL) {
			parts = json_object();
			for (part = 0; part < PART_COUNT; part++)
				set(parts, part_names[part], 0);
			json_object_set_new(
			    classes, all->names[c->class], parts);
		}
		set(parts, part_names[c->part],
		    json_integer_value(
			json_object_get(parts, part_names[c->part])) +
			1);
	}
	return classes;
}

/* Had members of it different parts before? */
static bool
disagreed(const struct group *g)
{
	int part, parts = 0;

	for (part = 0; part < PART_COUNT; part++)
		parts += g->seen[part];
	return g->n > 0 && parts > 1;
}

void
split_report(struct candidates *all)
{
	json_t *r = all->report;
	int64_t groups = 0, largest = 0, split_before = 0, moved = 0;
	const struct group *g;
	size_t i;

	for (i = 0; i < all->n_groups; i++) {
		g = &all->groups[i];
		groups += g->n > 0;
		split_before += disagreed(g);
		if ((int64_t)g->n > largest)
			largest = (int64_t)g->n;
	}
	for (i = 0; i < all->n; i++)
		moved +=
		    all->v[i].known >= 0 && all->v[i].known != all->v[i].part;
	set(r, "taken", (int64_t)all->n);
	set(r, "groups", groups);
	set(r, "largest_group", largest);
	set(r, "groups_disagreed", split_before);
	set(r, "moved", moved);
	json_object_set_new(r, "classes", count_by_class(all));
}
