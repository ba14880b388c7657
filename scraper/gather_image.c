/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "scraper/gather_int.h"
#include "scraper/gather_queue.h"
#include "store/forget.h"

#define AHEAD_MAX 3072 /* images in the engine's queues */
#define BINS_ALL 4096  /* hosts of all lanes that are open at a time */
#define BINS_MIN 8     /* of one lane */
#define RETRY_S (15 * 60)
#define ASK_RARELY_S (7 * 86400) /* what we were asked not to take */

/* Images of one class, from one source or from any. */
struct lane {
	struct queue queue;
	size_t place; /* of the class in gather.classes */
	char *label;
	bool empty; /* nothing of it can be asked for just now */
};

/* An image in the engine. */
struct image_job {
	struct image_job *next; /* that is free */
	struct queue_host *host;
	size_t place; /* not the class itself: the array may move */
};

/* All that there can be: what the engine drops at the end needs no care. */
struct image_jobs {
	struct image_job all[AHEAD_MAX];
	struct image_job *free;
};

static struct image_jobs *
jobs_new(void)
{
	struct image_jobs *jobs = xcalloc(1, sizeof(*jobs));
	size_t i;

	for (i = 0; i < AHEAD_MAX; i++) {
		jobs->all[i].next = jobs->free;
		jobs->free = &jobs->all[i];
	}
	return jobs;
}

/* What a class has; lanes share it. */
struct class_state {
	int64_t id;
	int64_t held, in_hand;
	int64_t held_first; /* when the run began */
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

	if (class_of(g, id) != NULL)
		return 0;
	if (frontier_count_held(g->store, id, &c.held, e) < 0)
		return -1;
	c.held_first = c.held;
	g->classes = xreallocarray(g->classes, g->n_classes + 1, sizeof(c));
	g->classes[g->n_classes++] = c;
	return 0;
}

static void
add_lane(struct gather *g, int64_t class, int64_t source, const char *label)
{
	const struct frontier_queue what = { class, source, g->started };
	struct lane lane = { .queue = { .what = what, .all = g->hosts } };
	size_t i;

	for (i = 0; i < g->n_lanes; i++)
		if (g->lanes[i].queue.what.class_id == class &&
		    g->lanes[i].queue.what.source_id == source) {
			queue_refresh(&g->lanes[i].queue);
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

/* The hosts that may be open are shared by all lanes. */
static void
share_bins(struct gather *g)
{
	size_t most = BINS_ALL / g->n_lanes, i;

	for (i = 0; i < g->n_lanes; i++)
		g->lanes[i].queue.bins_max = most < BINS_MIN ? BINS_MIN : most;
}

int
lanes_refresh(struct gather *g, struct err *e)
{
	int status;
	int64_t *ids = NULL;
	char **names = NULL;
	size_t n = 0, i;

	if (g->hosts == NULL) {
		g->hosts = xcalloc(1, sizeof(*g->hosts));
		g->hosts->room = AHEAD_MAX;
		g->image_jobs = jobs_new();
	}
	status = add_class_lanes(g, 0, NULL, e);
	if (status < 0 || class_names(g->store, &names, &ids, &n, e) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		if (status == 0 && gather_takes_class(g, names[i]))
			status = add_class_lanes(g, ids[i], names[i], e);
		free(names[i]);
	}
	free(names);
	free(ids);
	if (g->n_lanes > 0)
		share_bins(g);
	return status;
}

void
lanes_free(struct gather *g)
{
	size_t i;

	for (i = 0; i < g->n_lanes; i++) {
		queue_release(&g->lanes[i].queue);
		free(g->lanes[i].label);
	}
	free(g->lanes);
	if (g->hosts != NULL)
		queue_hosts_release(g->hosts);
	free(g->hosts);
	free(g->image_jobs);
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

/* In a dry run: say that it would be asked for, or why not. */
static int
would_ask(struct gather *g, const struct lane *l, const struct queue_item *item,
    struct err *e)
{
	int rc = why_robots_allow(g, item->url, e);

	queue_done(g->hosts, item->host);
	if (rc < 0)
		return -1;
	if (rc == 0)
		why_not(g, "robots_denied", item->url);
	else if (g->conf->would != NULL)
		g->conf->would(g->conf->would_ctx, item->url, l->label);
	return 0;
}

static int
ask(struct gather *g, const struct lane *l, const struct queue_item *item,
    struct err *e)
{
	struct image_job *job;
	struct fetch_request r = {
		.id = item->id, .want = FETCH_IMAGE, .url = item->url
	};

	g->classes[l->place].in_hand++;
	g->asked++;
	if (g->conf->dry_run)
		return would_ask(g, l, item, e);
	job = g->image_jobs->free;
	g->image_jobs->free = job->next;
	*job = (struct image_job){ NULL, item->host, l->place };
	r.data = job;
	g->images++;
	fetch_add(g->fetch, &r);
	return 0;
}

int
images_feed(struct gather *g, struct err *e)
{
	bool idle = g->images == 0 && g->documents == 0;
	struct queue_item item;
	struct lane *l;
	size_t i;
	int rc;

	for (i = 0; i < g->n_lanes; i++)
		g->lanes[i].empty = false;
	while (g->images < AHEAD_MAX && fetch_room(g->fetch) > 0 &&
	    (g->conf->limit == 0 || g->asked < g->conf->limit) &&
	    (l = least(g)) != NULL) {
		rc = queue_next(&l->queue, g->store, idle, &item, e);
		if (rc < 0)
			return -1;
		l->empty = rc == 0;
		if (rc == 0)
			continue;
		rc = ask(g, l, &item, e);
		free(item.url);
		if (rc < 0)
			return -1;
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
		rc = blob_put_of(g->store, r->id, r->url, r->body->data,
		    r->body->len, sha256, e);
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
	struct image_job *job = r->data;
	struct class_state *c = &g->classes[job->place];
	bool permanent;
	int64_t wait_s;

	g->images--;
	c->in_hand--;
	queue_done(g->hosts, job->host);
	if (r->opt_out != NULL &&
	    frontier_image_opt_out(g->store, r->id, r->opt_out, e) < 0)
		return -1;
	job->next = g->image_jobs->free;
	g->image_jobs->free = job;
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
	int64_t waiting;
	size_t i;

	for (i = 0; i < g->n_classes; i++) {
		if (frontier_count_waiting(g->store, g->classes[i].id,
			clock_now(), &waiting, e) < 0)
			return -1;
		g->stats->waiting += waiting;
	}
	return 0;
}

int
images_why_full(struct gather *g, struct err *e)
{
	const struct lane *l;
	int64_t waiting;

	for (l = g->lanes; l < g->lanes + g->n_lanes; l++) {
		const struct class_state *c = &g->classes[l->place];

		if (is_wanted(g, c))
			continue;
		if (frontier_count_waiting(
			g->store, c->id, g->started, &waiting, e) < 0)
			return -1;
		waiting -= c->in_hand; /* what would be asked for */
		if (waiting > 0)
			whys_add(&g->whys, "class_full", waiting, 0, l->label);
	}
	return 0;
}

int
images_slowest(const struct gather *g, struct class_pace *ret)
{
	double gone_s = (double)(clock_ms() - g->progress.started_ms) / 1000;
	const struct lane *l;

	*ret = (struct class_pace){ .target = g->conf->target };
	if (g->conf->target == 0 || gone_s < 1)
		return 0;
	for (l = g->lanes; l < g->lanes + g->n_lanes; l++) {
		const struct class_state *c = &g->classes[l->place];
		double came = (double)(c->held - c->held_first), left_s;

		if (c->id == 0 || came <= 0 || c->held >= g->conf->target)
			continue;
		left_s = (double)(g->conf->target - c->held) * gone_s / came;
		if (left_s <= ret->left_s)
			continue;
		ret->label = l->label;
		ret->held = c->held;
		ret->left_s = left_s;
	}
	return ret->label != NULL;
}
