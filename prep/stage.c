/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage: from the catalog through visits and back into the catalog, in
 * small transactions.
 */
#include "prep/prep.h"

#include <assert.h>
#include <string.h>

#include "base/log.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/text.h"
#include "prep/wire_int.h"
#include "store/samples.h"
#include "store/store.h"

#define BATCH_ROWS 256
#define IN_HAND 256 /* as many as a pool has children at most */

struct stage {
	struct store *store;
	const struct recipe *recipe;
	struct sample_visit by;
	int64_t after_id; /* the last that was taken */
	/* Whose visits are not over; id 0: a free place. */
	struct sample_ref in_hand[IN_HAND];
	int rows; /* since the last commit of ours */
	struct prep_stats stats;
	struct progress progress;
};

/*
 * A picture that could be decoded before, and now breaks its child, breaks
 * it by this recipe: that is no reason to refuse it to all others.
 */
static bool
is_recipes_fault(const struct sample_ref *sample, enum prep_reason reason)
{
	return !sample->facts &&
	    (reason == REASON_decoder_crashed ||
		reason == REASON_decoder_timed_out ||
		reason == REASON_decoder_too_much);
}

static int
refuse(struct stage *s, const struct sample_ref *sample,
    enum prep_reason reason, const char *detail, struct err *e)
{
	const char *word = prep_reason_name(reason);
	char hex[SHA256_HEX];

	text_to_hex(hex, sample->sha256, SHA256_SIZE);
	log_debug("refused %s: the image %s", hex, prep_reason_text(word));
	s->stats.refused++;
	s->progress.failed++;
	if (!is_recipes_fault(sample, reason) &&
	    sample_refused(s->store, sample->id, &s->by, word, e) < 0)
		return -1;
	if (run_failure(s->store, "prep", word, hex, detail, e) < 0)
		return -1;
	return run_count(s->store, "prep", "refused", 1, e);
}

/* The same words in the order of the catalog. */
static void
put_scores(const struct quality *quality, struct sample_facts *facts)
{
	int i;

	for (i = 0; i < SCORE_COLUMNS; i++)
		facts->scores[i] =
		    (double)quality->score[quality_by_name(score_name(i))];
}

static int
keep(struct stage *s, const struct sample_ref *sample, const struct visit *v,
    struct err *e)
{
	struct sample_facts facts = {
		.format = v->format,
		.width = v->width,
		.height = v->height,
		.frames = v->frames,
		.pdq_quality = v->pdq.quality,
		.trimmed = v->look.trimmed,
		.trim_quality = v->trim_pdq.quality,
		.compression = v->compression,
		.warned = v->warned,
	};

	memcpy(facts.pixel_digest, v->pixel_digest, XXH3_SIZE);
	memcpy(facts.pdq, v->pdq.bits, PDQ_SIZE);
	memcpy(facts.phash, v->phash, PHASH_SIZE);
	memcpy(facts.trim_pdq, v->trim_pdq.bits, PDQ_SIZE);
	put_scores(&v->quality, &facts);
	s->stats.prepared++;
	if (sample->facts &&
	    (sample_prepared(s->store, sample->id, &s->by, &facts, e) < 0 ||
		thumb_put(s->store, sample->sha256, v->thumb_w, v->thumb_h,
		    v->thumb.data, v->thumb.len, e) < 0 ||
		look_put(s->store, sample->sha256, &v->look, e) < 0))
		return -1;
	if (prepared_put(s->store, sample->sha256, s->recipe->hash, v->jpeg_w,
		v->jpeg_h, v->jpeg.data, v->jpeg.len, e) < 0)
		return -1;
	return run_count(s->store, "prep", "prepared", 1, e);
}

static int
commit_if_due(struct stage *s, struct err *e)
{
	s->progress.done++;
	progress_step(&s->progress);
	if (++s->rows < BATCH_ROWS)
		return store_commit_if_due(s->store, e);
	s->rows = 0;
	return store_commit(s->store, e);
}

static struct sample_ref *
free_place(struct stage *s)
{
	size_t i = 0;

	while (i < IN_HAND && s->in_hand[i].id != 0)
		i++;
	assert(i < IN_HAND);
	return &s->in_hand[i];
}

/* A blob that is gone or cannot be read is this image's misfortune only. */
static int
refuse_unreadable(struct stage *s, const struct sample_ref *sample,
    const struct err *why, struct err *e)
{
	if (why->kind != ERR_DAMAGED) {
		*e = *why;
		return -1;
	}
	log_warn("%s", why->msg);
	if (store_begin(s->store, e) < 0 ||
	    refuse(s, sample, REASON_unreadable, why->msg, e) < 0)
		return -1;
	return commit_if_due(s, e);
}

static int
next(void *ctx, struct prep_item *ret, struct err *e)
{
	struct stage *s = ctx;
	struct sample_ref *sample = free_place(s);
	struct err why;
	int got;

	for (;;) {
		got = sample_next_to_prepare(
		    s->store, &s->by, s->after_id, sample, e);
		if (got <= 0)
			break;
		s->after_id = sample->id;
		if (blob_open(s->store, sample->sha256, &ret->fd, &why) == 0)
			break;
		got = refuse_unreadable(s, sample, &why, e);
		if (got < 0)
			break;
	}
	if (got <= 0) {
		sample->id = 0;
		return got;
	}
	ret->id = sample - s->in_hand;
	ret->facts = sample->facts;
	return 1;
}

static int
visited(void *ctx, int64_t place, struct visit *v, struct err *e)
{
	struct stage *s = ctx;
	const struct sample_ref sample = s->in_hand[place];
	int rc;

	s->in_hand[place].id = 0;
	if (store_begin(s->store, e) < 0)
		return -1;
	if (v->reason == REASON_none)
		rc = keep(s, &sample, v, e);
	else
		rc = refuse(s, &sample, v->reason, NULL, e);
	return rc < 0 ? -1 : commit_if_due(s, e);
}

/* The first bytes of a digest stand for all limits. */
static struct sample_visit
visit_by(const struct prep_opts *opts, const struct recipe *recipe)
{
	const struct limits limits = limits_of(opts);
	char *text CLEANUP(freep) = xasprintf("%lld %lld %lld %lld %g %u",
	    (long long)limits.max_pixels, (long long)limits.max_side,
	    (long long)limits.min_side, (long long)limits.max_frames,
	    limits.max_aspect, limits.formats);
	struct sample_visit by = { .recipe = recipe->hash,
		.rule = PREP_VISIT_RULE };
	unsigned char digest[SHA256_SIZE];

	sha256_of(text, strlen(text), digest);
	memcpy(&by.limits, digest, sizeof(by.limits));
	return by;
}

int
prep_count_waiting(struct store *store, const struct prep_opts *opts,
    const struct recipe *recipe, int64_t *ret_n, struct err *e)
{
	const struct sample_visit by = visit_by(opts, recipe);

	return sample_count_to_prepare(store, &by, ret_n, e);
}

int
prep_run(struct store *store, const struct prep_opts *opts,
    const struct recipe *recipe, struct prep_stats *ret, struct err *e)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = NULL;
	struct stage s = {
		.store = store, .recipe = recipe, .by = visit_by(opts, recipe)
	};
	int64_t total;
	int rc;

	if (sample_count_to_prepare(store, &s.by, &total, e) < 0)
		return -1;
	pool = prep_pool_new(opts);
	progress_start(&s.progress, "prepare", total);
	rc = prep_visits(pool, opts, recipe, next, visited, &s, e);
	progress_end(&s.progress);
	*ret = s.stats;
	if (rc < 0 || sample_fence_sizes(store, e) < 0 ||
	    store_commit(store, e) < 0)
		return -1;
	return stop_check(e);
}
