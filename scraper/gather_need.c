/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many images classes lack, and how many wait: of a long list no more is
 * noted than may be asked for before long.
 */
#include <search.h>
#include <string.h>

#include "scraper/gather_list.h"

#define WAITING_MIN 1000 /* of a class: small lists are noted whole */
#define WAITING_MAX 1000000
#define TIMES 10 /* many URLs give no picture that is kept */

struct needs {
	void *tree;
	struct need **v;
	size_t n;
};

static int
compare(const void *a, const void *b)
{
	return strcmp(
	    ((const struct need *)a)->label, ((const struct need *)b)->label);
}

static void
keep(void *p)
{
	(void)p;
}

void
needs_forget(struct needs **needs)
{
	struct needs *all = *needs;

	*needs = NULL;
	if (all == NULL)
		return;
	tdestroy(all->tree, keep);
	while (all->n > 0) {
		free(all->v[--all->n]->label);
		free(all->v[all->n]);
	}
	free(all->v);
	free(all);
}

static int
count(struct gather *g, struct need *n, struct err *e)
{
	int64_t class = 0, held = 0, target = g->conf->target;

	if (*n->label != 0 && class_id(g->store, n->label, &class, e) < 0)
		return -1;
	if (frontier_count_held(g->store, class, &held, e) < 0 ||
	    frontier_count_waiting(
		g->store, class, g->started, &n->waiting, e) < 0)
		return -1;
	n->lack = target == 0 || class == 0 ? WAITING_MAX : target - held;
	if (g->conf->limit > 0 && n->lack > g->conf->limit - g->asked)
		n->lack = g->conf->limit - g->asked;
	if (n->lack < 0)
		n->lack = 0;
	n->most = n->lack < WAITING_MAX / TIMES ? TIMES * n->lack : WAITING_MAX;
	if (n->most < WAITING_MIN)
		n->most = WAITING_MIN;
	return 0;
}

int
need_of(struct gather *g, struct needs **needs, const char *label,
    struct need **ret, struct err *e)
{
	struct need key = { .label = xstrdup(label == NULL ? "" : label) };
	struct need **node;
	struct needs *all;

	if (*needs == NULL)
		*needs = xcalloc(1, sizeof(**needs));
	all = *needs;
	node = tfind(&key, &all->tree, compare);
	if (node != NULL) {
		free(key.label);
		*ret = *node;
		return 0;
	}
	if (count(g, &key, e) < 0) {
		free(key.label);
		return -1;
	}
	all->v = xreallocarray(all->v, all->n + 1, sizeof(struct need *));
	*ret = all->v[all->n++] = xmalloc(sizeof(key));
	**ret = key;
	tsearch(*ret, &all->tree, compare);
	return 0;
}

bool
need_is_full(const struct need *n)
{
	return n->waiting >= n->most;
}

static int
check(struct gather *g, struct needs **needs, const char *label, bool *ret,
    struct err *e)
{
	struct need *n;

	if (*ret || (label != NULL && !gather_takes_class(g, label)))
		return 0;
	if (need_of(g, needs, label, &n, e) < 0)
		return -1;
	*ret = n->lack > 0 && !need_is_full(n);
	return 0;
}

int
needs_any(struct gather *g, struct needs **needs, const char *label,
    bool unlabelled, bool *ret, struct err *e)
{
	const struct strlist *classes = g->conf->classes;
	size_t i;

	*ret = false;
	if (unlabelled && check(g, needs, NULL, ret, e) < 0)
		return -1;
	if (label != NULL)
		return check(g, needs, label, ret, e);
	for (i = 0; i < classes->n; i++)
		if (check(g, needs, classes->v[i], ret, e) < 0)
			return -1;
	for (i = 0; *needs != NULL && classes->n == 0 && i < (*needs)->n; i++)
		if (check(g, needs, (*needs)->v[i]->label, ret, e) < 0)
			return -1;
	return 0;
}
