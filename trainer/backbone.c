/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent's side: pictures become requests, and answers numbers.
 */
#include "trainer/backbone.h"

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/stop.h"
#include "base/text.h"
#include "trainer/backbone_int.h"

#define DEADLINE_MS 60000
#define CHILDREN_MAX 256
#define WAIT_MS 100

struct backbone {
	struct backbone_use use;
	unsigned char sha256[SHA256_SIZE];
	int fd;
	struct proc_pool *pool;
	uint8_t *square;
};

struct proc_pool *
backbone_pool(int children)
{
	return proc_pool_new(&(struct proc_conf){
	    .kind = "model",
	    .children = children,
	    .deadline_ms = DEADLINE_MS,
	    .memory_bytes = (int64_t)3 << 30,
	    .grow_bytes = (int64_t)3 << 30,
	});
}

/* ---- what vectors are called -------------------------------------------- */

char *
backbone_features(const struct backbone_row *r, const struct backbone_use *use)
{
	char *all CLEANUP(freep) = xasprintf(
	    "stretch-1 %lld %.17g %.17g %.17g %.17g %.17g %.17g %d %s",
	    (long long)use->side, use->mean[0], use->mean[1], use->mean[2],
	    use->std[0], use->std[1], use->std[2], (int)use->channels_last,
	    use->output);
	unsigned char digest[SHA256_SIZE];
	char network[SHA256_HEX], how[SHA256_HEX];

	sha256_of(all, strlen(all), digest);
	text_to_hex(network, r->sha256, SHA256_SIZE);
	text_to_hex(how, digest, SHA256_SIZE);
	return xasprintf("onnx-1 %.16s %.20s %.12s", network, use->output, how);
}

/* ---- one at a time ------------------------------------------------------ */

struct question {
	const struct model_ask *ask;
	const uint8_t *rgb;
	int fd;
	bool asked, answered;
	struct buf *answer;
	enum proc_outcome outcome;
};

static int
fill_job(struct proc_job *job, const struct model_ask *ask, const uint8_t *rgb,
    int fd, struct err *e)
{
	const size_t pixels = (size_t)ask->use.side * (size_t)ask->use.side;

	buf_clear(&job->request);
	if (buf_add(&job->request, ask, sizeof(*ask)) < 0 ||
	    (rgb != NULL && buf_add(&job->request, rgb, 3 * pixels) < 0))
		return err_set(e, ERR_FATAL, "a picture is too large");
	job->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return job->fd < 0 ? err_sys(e, ERR_FATAL, "cannot hand over a model")
			   : 0;
}

static int
take_question(void *ctx, struct proc_job *job, struct err *e)
{
	struct question *q = ctx;

	if (q->asked)
		return 0;
	q->asked = true;
	return fill_job(job, q->ask, q->rgb, q->fd, e) < 0 ? -1 : 1;
}

static int
done_question(void *ctx, struct proc_job *job, struct err *e)
{
	struct question *q = ctx;

	(void)e;
	q->answered = true;
	q->outcome = job->outcome;
	*q->answer = job->answer;
	job->answer = BUF_INIT(PROC_ANSWER_MAX);
	return 0;
}

static int
no_answer(enum proc_outcome outcome, struct err *e)
{
	return err_set(e, ERR_INPUT,
	    outcome == PROC_TIMED_OUT
		? "its child was stopped after %d s"
		: "its child ended, or gave no answer (limit %d s)",
	    DEADLINE_MS / 1000);
}

int
backbone_ask(const struct model_ask *ask, const uint8_t *rgb, int fd,
    struct buf *ret, struct err *e)
{
	struct proc_pool *pool CLEANUP(proc_pool_freep) = backbone_pool(1);
	struct question q = { ask, rgb, fd, .answer = ret };

	if (proc_pool_run(pool, take_question, done_question, &q, e) < 0)
		return -1;
	if (!q.answered)
		return err_set(e, ERR_STOPPED, "stopped by a signal");
	return q.outcome == PROC_ANSWERED ? 0 : no_answer(q.outcome, e);
}

int
backbone_numbers(const struct buf *answer, const struct backbone_use *use,
    const float **ret, size_t *ret_n, struct err *e)
{
	struct model_answer head;
	char *safe CLEANUP(freep) = NULL;
	const float *x;
	size_t i;

	if (answer->len < sizeof(head))
		return no_answer(PROC_CRASHED, e);
	memcpy(&head, answer->data, sizeof(head));
	if (head.failed != 0) {
		safe = text_safe((const char *)answer->data + sizeof(head));
		return err_set(e, ERR_INPUT, "%.400s", safe);
	}
	x = (const float *)(const void *)(answer->data + sizeof(head));
	if (head.count < 1 || head.count > BACKBONE_COUNT_MAX ||
	    answer->len != sizeof(head) + head.count * sizeof(float) ||
	    (use->count > 0 && head.count != (uint64_t)use->count))
		return err_set(e, ERR_INPUT,
		    "it gives another number of "
		    "numbers than it should");
	for (i = 0; i < head.count; i++)
		if (!isfinite(x[i]))
			return err_set(e, ERR_INPUT,
			    "it gives something that is not a number");
	*ret = x;
	*ret_n = head.count;
	return 0;
}

/* ---- many --------------------------------------------------------------- */

struct backbone *
backbone_new(const struct backbone_use *use,
    const unsigned char sha256[SHA256_SIZE], int fd)
{
	struct backbone *b = xcalloc(1, sizeof(*b));

	b->use = *use;
	memcpy(b->sha256, sha256, SHA256_SIZE);
	b->fd = fd;
	b->pool = backbone_pool(0);
	b->square = xmalloc((size_t)(use->side * use->side * 3));
	return b;
}

void
backbone_free(struct backbone *b)
{
	if (b == NULL)
		return;
	proc_pool_free(b->pool);
	closep(&b->fd);
	free(b->square);
	free(b);
}

int
backbone_open(struct store *s, const struct backbone_row *r,
    struct backbone **ret, struct err *e)
{
	struct buf bytes CLEANUP(buf_release) = BUF_INIT(BACKBONE_FILE_MAX);
	char *path CLEANUP(freep) = backbone_path(s, r->name);
	unsigned char digest[SHA256_SIZE];
	struct backbone_use use;
	int fd;

	if (backbone_use_of(r, &use, e) < 0 || file_read(path, &bytes, e) < 0)
		return -1;
	sha256_of(bytes.data, bytes.len, digest);
	if (memcmp(digest, r->sha256, SHA256_SIZE) != 0)
		return err_set(e, ERR_DAMAGED,
		    "%s is not what was imported: remove the backbone and "
		    "import it again",
		    path);
	if (file_in_memory("model", bytes.data, bytes.len, &fd, e) < 0)
		return -1;
	*ret = backbone_new(&use, digest, fd);
	return 0;
}

/* What pool_step() hands on. */
struct stepping {
	struct backbone *b;
	backbone_done_fn *done;
	void *ctx;
};

static int
done_picture(void *ctx, struct proc_job *job, struct err *e)
{
	const struct stepping *s = ctx;
	const float *x;
	size_t n;

	if (job->outcome != PROC_ANSWERED) {
		no_answer(job->outcome, e);
		return err_wrap(e, "the backbone");
	}
	if (backbone_numbers(&job->answer, &s->b->use, &x, &n, e) < 0)
		return err_wrap(e, "the backbone");
	return s->done(s->ctx, (size_t)job->id, x, e);
}

static int
wait_a_little(struct stepping *s, struct err *e)
{
	struct pollfd fds[CHILDREN_MAX];
	const int n = proc_pool_pollfds(s->b->pool, fds, CHILDREN_MAX);
	const int ms = proc_pool_timeout_ms(s->b->pool);

	if (stop_check(e) < 0)
		return -1;
	poll(fds, (nfds_t)n, ms < 0 || ms > WAIT_MS ? WAIT_MS : ms);
	return proc_pool_step(s->b->pool, done_picture, s, e);
}

int
backbone_push(struct backbone *b, size_t id, const uint8_t *rgb, int width,
    int height, backbone_done_fn *done, void *ctx, struct err *e)
{
	struct proc_job job CLEANUP(proc_job_release) = PROC_JOB_INIT;
	struct model_ask ask = { .kind = ASK_RUN, .use = b->use };
	struct stepping s = { b, done, ctx };

	while (proc_pool_free_slots(b->pool) == 0)
		if (wait_a_little(&s, e) < 0)
			return -1;
	memcpy(ask.sha256, b->sha256, SHA256_SIZE);
	stretch_to(rgb, width, height, (int)b->use.side, b->square);
	job.id = (int64_t)id;
	if (fill_job(&job, &ask, b->square, b->fd, e) < 0)
		return -1;
	return proc_pool_submit(b->pool, &job, e);
}

int
backbone_flush(
    struct backbone *b, backbone_done_fn *done, void *ctx, struct err *e)
{
	struct stepping s = { b, done, ctx };

	while (proc_pool_busy(b->pool) > 0)
		if (wait_a_little(&s, e) < 0)
			return -1;
	return 0;
}
