/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/log.h"
#include "scraper/gather_int.h"
#include "store/forget.h"

#define AHEAD_MAX 1024 /* images in the engine's queues */
#define RETRY_S (15 * 60)
#define ASK_RARELY_S (7 * 86400) /* what we were asked not to take */

/* Images of one class, from one source or from any. */
struct lane {
	int64_t class_id, source_id; /* 0: without one; any */
	size_t place;                /* of the class in gather.classes */
	char *label;
	int64_t cursor;
	bool empty;
};

/* What a class has; lanes share it. */
struct class_state {
	int64_t id;
	int64_t held, in_hand;
};

/* ---- classes and lanes -------------------------------------------------- */

static struct class_state *
class_of(struct gather *g, int64_t id)
{
	size_t i;

	for (i = 0; i < g->n_classes; i++)
		if (g->classes[i].id == id)
			return &g->classes[i];
	return NULL;
}

static int
add_class(struct gather *g, int64_t id, struct err *e)
{
	struct class_state c = { .id = id };
	int64_t waiting;

	if (class_of(g, id) != NULL)
		return 0;
	if (frontier_class_state(g->store, id, &c.held, &waiting, e) < 0)
		return -1;
	g->classes = xreallocarray(g->classes, g->n_classes + 1, sizeof(c));
	g->classes[g->n_classes++] = c;
	return 0;
}

static void
add_lane(struct gather *g, int64_t class, int64_t source, const char *label)
{
	struct lane lane = { .class_id = class, .source_id = source };
	size_t i;

	for (i = 0; i < g->n_lanes; i++)
		if (g->lanes[i].class_id == class &&
		    g->lanes[i].source_id == source) {
			g->lanes[i].empty = false;
			return;
		}
	g->lanes = xreallocarray(g->lanes, g->n_lanes + 1, sizeof(*g->lanes));
	lane.label = label == NULL ? NULL : xstrdup(label);
	lane.place = (size_t)(class_of(g, class) - g->classes);
	g->lanes[g->n_lanes++] = lane;
}

static int
add_class_lanes(
    struct gather *g, int64_t class, const char *label, struct err *e)
{
	size_t i;

	if (add_class(g, class, e) < 0)
		return -1;
	if (g->conf->all)
		add_lane(g, class, 0, label);
	for (i = 0; i < g->n_origins && !g->conf->all; i++)
		if (g->origins[i].frontier.id != 0)
			add_lane(g, class, g->origins[i].frontier.id, label);
	return 0;
}

int
lanes_refresh(struct gather *g, struct err *e)
{
	int status = add_class_lanes(g, 0, NULL, e);
	int64_t *ids = NULL;
	char **names = NULL;
	size_t n = 0, i;

	if (status < 0 || class_names(g->store, &names, &ids, &n, e) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		if (status == 0 && gather_takes_class(g, names[i]))
			status = add_class_lanes(g, ids[i], names[i], e);
		free(names[i]);
	}
	free(names);
	free(ids);
	return status;
}

void
lanes_free(struct gather *g)
{
	size_t i;

	for (i = 0; i < g->n_lanes; i++)
		free(g->lanes[i].label);
	free(g->lanes);
	free(g->classes);
}

/* Is more wanted of this class?  What has none is never enough. */
static bool
is_wanted(const struct gather *g, const struct class_state *c)
{
	return g->conf->target == 0 || c->id == 0 ||
	    c->held + c->in_hand < g->conf->target;
}

/* The lane whose class has least. */
static struct lane *
least(struct gather *g)
{
	struct lane *best = NULL, *l;
	struct class_state *c;
	int64_t has, best_has = 0;

	for (l = g->lanes; l < g->lanes + g->n_lanes; l++) {
		c = &g->classes[l->place];
		if (l->empty || !is_wanted(g, c))
			continue;
		has = c->held + c->in_hand;
		if (best == NULL || has < best_has) {
			best = l;
			best_has = has;
		}
	}
	return best;
}

/* ---- asking ------------------------------------------------------------- */

static void
ask(struct gather *g, const struct lane *l, const struct frontier_image *i)
{
	struct fetch_request r = { .id = i->url_id,
		.want = FETCH_IMAGE,
		.url = i->url,
		.data = NULL };

	g->classes[l->place].in_hand++;
	g->asked++;
	if (g->conf->dry_run) {
		if (g->conf->would != NULL)
			g->conf->would(g->conf->would_ctx, i->url, l->label);
		return;
	}
	/* Not the class itself: the array may move. */
	r.data = (void *)(uintptr_t)l->place;
	g->images++;
	fetch_add(g->fetch, &r);
}

int
images_feed(struct gather *g, struct err *e)
{
	struct frontier_image i;
	struct lane *l;
	int rc;

	while (g->images < AHEAD_MAX && fetch_room(g->fetch) > 0 &&
	    (g->conf->limit == 0 || g->asked < g->conf->limit) &&
	    (l = least(g)) != NULL) {
		rc = frontier_next_image(
		    g->store, l->class_id, l->source_id, l->cursor, &i, e);
		if (rc < 0)
			return -1;
		l->empty = rc == 0;
		if (rc == 0)
			continue;
		l->cursor = i.url_id;
		/* Files of this machine are their folder's business. */
		if (strncmp(i.url, "file:", 5) != 0)
			ask(g, l, &i);
		frontier_image_release(&i);
	}
	return 0;
}

/* ---- taking in ---------------------------------------------------------- */

/* What is forgotten for good, by another name or bytes, is not taken in. */
static int
put(struct gather *g, const struct fetch_result *r,
    unsigned char sha256[SHA256_SIZE], bool *ret_forgotten, struct err *e)
{
	int64_t tombstone;
	int rc;

	if (forget_knows_url(g->store, r->final_url, &tombstone, e) < 0)
		return -1;
	if (tombstone == 0) {
		rc = blob_put(g->store, r->body->data, r->body->len, sha256, e);
		*ret_forgotten = rc == 1;
		if (rc <= 0)
			return rc;
		if (forget_knows_image(g->store, sha256, &tombstone, e) < 0)
			return -1;
	}
	*ret_forgotten = true;
	g->stats->failed++;
	g->stats->refused++;
	return forget_url_again(g->store, r->id, tombstone, e);
}

static int
hold(struct gather *g, const struct fetch_result *r, struct class_state *c,
    struct err *e)
{
	unsigned char sha256[SHA256_SIZE];
	bool is_new, forgotten = false;

	if (put(g, r, sha256, &forgotten, e) < 0)
		return -1;
	if (forgotten)
		return 0;
	if (frontier_image_held(g->store, r->id, sha256, (int64_t)r->body->len,
		(int)r->status, r->etag, r->last_modified, &is_new, e) < 0)
		return -1;
	c->held += is_new;
	g->stats->fetched++;
	g->stats->new_images += is_new;
	g->stats->bytes += (int64_t)r->body->len;
	g->progress.done = g->stats->fetched;
	g->progress.bytes = g->stats->bytes;
	return 0;
}

/* How long to leave it, and whether for good. */
static int64_t
retry_s(const struct fetch_result *r, bool *ret_permanent)
{
	*ret_permanent = false;
	if (r->outcome == FETCH_ROBOTS_DENIED || r->outcome == FETCH_OPTED_OUT)
		return ASK_RARELY_S;
	switch (outcome_kind(r->outcome)) {
	case OUTCOME_TRANSIENT:
	case OUTCOME_LATER:
		return r->retry_after_s > RETRY_S ? r->retry_after_s : RETRY_S;
	case OUTCOME_REFUSED: /* the section "scraper" may change */
		return 1;
	case OUTCOME_FINE:
	case OUTCOME_PERMANENT:
		break;
	}
	*ret_permanent = true;
	return 0;
}

int
images_fetched(struct gather *g, struct fetch_result *r, struct err *e)
{
	struct class_state *c = &g->classes[(uintptr_t)r->data];
	bool permanent;
	int64_t wait_s;

	g->images--;
	c->in_hand--;
	if (r->outcome == FETCH_OK) {
		if (hold(g, r, c, e) < 0)
			return -1;
		return gather_commit_if_due(g, e);
	}
	wait_s = retry_s(r, &permanent);
	log_debug("%s: %s", r->url, outcome_text(r->outcome));
	if (frontier_image_failed(g->store, r->id, outcome_word(r->outcome),
		(int)r->status, permanent, wait_s, e) < 0)
		return -1;
	return gather_failed(g, outcome_word(r->outcome), r->url,
	    outcome_text(r->outcome),
	    outcome_kind(r->outcome) == OUTCOME_REFUSED, e);
}

int
images_count_waiting(struct gather *g, struct err *e)
{
	int64_t held, waiting;
	size_t i;

	for (i = 0; i < g->n_classes; i++) {
		if (frontier_class_state(
			g->store, g->classes[i].id, &held, &waiting, e) < 0)
			return -1;
		g->stats->waiting += waiting;
	}
	return 0;
}
