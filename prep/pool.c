/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent's side: items become jobs of a pool of children, and what came
 * of a job becomes a verdict.
 */
#include "prep/prep.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/stop.h"
#include "prep/wire_int.h"

#define JOBS_PER_CHILD 2000 /* what a decoder may have spoilt, goes then */
#define TICKETS 256         /* as many as a pool has children at most */

struct proc_pool *
prep_pool_new(const struct prep_opts *o)
{
	return proc_pool_new(&(struct proc_conf){
	    .kind = formats_need_plugins(formats_of(&o->formats))
		? "image-plugins"
		: "image",
	    .children = (int)o->children,
	    .deadline_ms = o->deadline * 1000,
	    .memory_bytes = o->memory,
	    .jobs_per_child = JOBS_PER_CHILD,
	});
}

/* ---- visits ---- */

enum ticket_state {
	FREE,
	OUT,
	AGAIN, /* crashed once: perhaps not by its own fault */
};

/* An item on its way; its file is kept open in case the child crashes. */
struct ticket {
	enum ticket_state state;
	struct prep_item item;
	bool was_again;
};

struct visits {
	const struct prep_opts *opts;
	const struct recipe *recipe;
	prep_next_fn *next;
	prep_visit_fn *each;
	void *ctx;
	struct ticket tickets[TICKETS];
};

static struct ticket *
ticket_in(struct visits *v, enum ticket_state state)
{
	size_t i;

	for (i = 0; i < TICKETS; i++)
		if (v->tickets[i].state == state)
			return &v->tickets[i];
	return NULL;
}

static void
ticket_end(struct ticket *t)
{
	if (t->state != FREE)
		closep(&t->item.fd);
	t->state = FREE;
}

static int
take_visit(void *ctx, struct proc_job *job, struct err *e)
{
	struct visits *v = ctx;
	struct ticket *t = ticket_in(v, AGAIN);
	int got;

	if (t == NULL) {
		t = ticket_in(v, FREE);
		*t = (struct ticket){ .item.fd = -1 };
		got = v->next(v->ctx, &t->item, e);
		if (got <= 0)
			return got;
	}
	t->state = OUT;
	job->fd = fcntl(t->item.fd, F_DUPFD_CLOEXEC, 0);
	if (job->fd < 0)
		return err_sys(e, ERR_FATAL, "cannot hand over an image");
	job->data = t;
	wire_ask_visit(&job->request, v->opts, v->recipe,
	    !t->item.facts      ? NO_FACTS
		: t->item.codes ? FACTS_AND_CODES
				: FACTS);
	return 1;
}

static enum prep_reason
reason_of(enum proc_outcome outcome)
{
	switch (outcome) {
	case PROC_TIMED_OUT:
		return REASON_decoder_timed_out;
	case PROC_TOO_MUCH:
		return REASON_decoder_too_much;
	default:
		return REASON_decoder_crashed;
	}
}

static int
done_visit(void *ctx, struct proc_job *job, struct err *e)
{
	struct visits *v = ctx;
	struct ticket *t = job->data;
	struct visit visit CLEANUP(visit_release) = { 0 };

	if (job->outcome != PROC_ANSWERED ||
	    !wire_read_visit(&job->answer, v->opts, t->item.facts, &visit))
		visit.reason = reason_of(job->outcome);
	if (visit.reason == REASON_decoder_crashed && !t->was_again) {
		t->was_again = true;
		t->state = AGAIN;
		return 0;
	}
	ticket_end(t);
	return v->each(v->ctx, t->item.id, &visit, e);
}

int
prep_visits(struct proc_pool *pool, const struct prep_opts *opts,
    const struct recipe *recipe, prep_next_fn *next, prep_visit_fn *each,
    void *ctx, struct err *e)
{
	struct visits v = {
		.opts = opts,
		.recipe = recipe,
		.next = next,
		.each = each,
		.ctx = ctx,
	};
	size_t i;
	int rc;

	do
		rc = proc_pool_run(pool, take_visit, done_visit, &v, e);
	while (rc == 0 && ticket_in(&v, AGAIN) != NULL && !stop_asked());
	for (i = 0; i < TICKETS; i++)
		ticket_end(&v.tickets[i]);
	return rc;
}

struct one {
	int fd; /* -1 once it is handed over */
	struct visit *ret;
	bool done;
};

static int
next_one(void *ctx, struct prep_item *ret, struct err *e)
{
	struct one *one = ctx;

	(void)e;
	if (one->fd < 0)
		return 0;
	*ret = (struct prep_item){ .fd = one->fd };
	one->fd = -1;
	return 1;
}

static int
take_one(void *ctx, int64_t id, struct visit *visit, struct err *e)
{
	struct one *one = ctx;

	(void)id;
	(void)e;
	*one->ret = *visit;
	*visit = (struct visit){ .reason = REASON_none };
	one->done = true;
	return 0;
}

int
prep_image(struct proc_pool *pool, const struct prep_opts *opts,
    const struct recipe *recipe, int fd, struct visit *ret, struct err *e)
{
	struct one one = { .fd = fd, .ret = ret };
	int rc;

	rc = prep_visits(pool, opts, recipe, next_one, take_one, &one, e);
	closep(&one.fd);
	if (rc == 0 && !one.done)
		return err_set(e, ERR_STOPPED, "stopped by a signal");
	return rc;
}

/* ---- prepared pictures ---- */

struct decoding {
	enum ask_kind kind;
	prep_next_jpeg_fn *next;
	prep_pixels_fn *pixels;
	prep_copy_fn *copy;
	void *ctx;
	struct prep_picture picture;
};

static int
take_picture(void *ctx, struct proc_job *job, struct err *e)
{
	struct decoding *d = ctx;
	struct prep_picture *p = &d->picture;
	int got;

	buf_clear(&p->jpeg);
	*p = (struct prep_picture){ .jpeg = p->jpeg };
	got = d->next(d->ctx, p, e);
	if (got <= 0)
		return got;
	job->id = p->id;
	wire_ask_picture(&job->request, d->kind, p);
	if (!wire_is_inline(p) &&
	    file_in_memory("image", p->jpeg.data, p->jpeg.len, &job->fd, e) < 0)
		return -1;
	return 1;
}

static int
done_pixels(void *ctx, struct proc_job *job, struct err *e)
{
	struct decoding *d = ctx;
	const uint8_t *rgb = NULL;
	int w = 0, h = 0;

	if (job->outcome != PROC_ANSWERED ||
	    !wire_read_pixels(&job->answer, &rgb, &w, &h))
		rgb = NULL;
	return d->pixels(d->ctx, job->id, rgb, w, h, e);
}

static int
done_copy(void *ctx, struct proc_job *job, struct err *e)
{
	struct decoding *d = ctx;
	const uint8_t *jpeg = NULL;
	size_t len = 0;

	if (job->outcome != PROC_ANSWERED ||
	    !wire_read_copy(&job->answer, &jpeg, &len))
		jpeg = NULL;
	return d->copy(d->ctx, job->id, jpeg, len, e);
}

static int
decode(struct proc_pool *pool, struct decoding d, struct err *e)
{
	int rc;

	d.picture.jpeg = BUF_INIT(PROC_ANSWER_MAX);
	rc = proc_pool_run(pool, take_picture,
	    d.kind == ASK_COPY ? done_copy : done_pixels, &d, e);
	buf_release(&d.picture.jpeg);
	return rc;
}

int
prep_pixels(struct proc_pool *pool, prep_next_jpeg_fn *next,
    prep_pixels_fn *each, void *ctx, struct err *e)
{
	return decode(pool,
	    (struct decoding){
		.kind = ASK_PIXELS, .next = next, .pixels = each, .ctx = ctx },
	    e);
}

int
prep_copies(struct proc_pool *pool, prep_next_jpeg_fn *next, prep_copy_fn *each,
    void *ctx, struct err *e)
{
	return decode(pool,
	    (struct decoding){
		.kind = ASK_COPY, .next = next, .copy = each, .ctx = ctx },
	    e);
}
