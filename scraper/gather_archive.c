/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives: each image in one, by its first bytes.
 *
 * A child reads (unpack_job.h), part by part, and is asked for the next part
 * before the one that came is taken in.  The archive stands in the catalog as
 * a document whose validator is its size, its time and all that decides what
 * is taken of it: while that is the same it is not opened.  An image stands
 * there as ARCHIVE!/ENTRY, with its size and XXH3 as the validator, so one
 * that is held costs no more than being unpacked.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "base/stop.h"
#include "base/text.h"
#include "base/xxh3.h"
#include "scraper/gather_int.h"
#include "scraper/label_rule.h"
#include "scraper/unpack_job.h"
#include "scraper/url.h"

#define READER_DEADLINE_MS (300 * 1000) /* its life is a multiple of it */
#define READER_MEMORY ((int64_t)2 << 30)
#define READER_GROWS ((int64_t)2 << 30)
#define LOOK_MS 200
#define TOLD_MAX 1000 /* entries whose failure is noted by name */

static const struct unpack_limits limits = {
	.entries = 5000000, .total_bytes = (int64_t)1 << 40, .ratio = 200
};

struct reading {
	struct gather *g;
	struct origin *o;
	const char *url; /* of the archive */
	int fd;
	struct label_rule rule;
	struct label_table *labels; /* NULL: the rule names no file */
	struct proc_pool *pool;
	unpack_each_fn *each;
	int64_t told;
	bool fatal;   /* it was no fault of the archive */
	bool limited; /* there may be more that was not taken */
	char *broken; /* why it cannot be read on; or NULL */
};

static int
fatal(struct reading *r)
{
	r->fatal = true;
	return -1;
}

/* ---- entries ------------------------------------------------------------ */

static char *
url_of(const struct reading *r, const char *entry)
{
	char *path CLEANUP(freep) = xasprintf("/%s", entry);
	char *url CLEANUP(freep) = url_of_file(path);

	return xasprintf("%s!%s", r->url, url + strlen("file://"));
}

/* Its class, in the form that classes have; NULL: the source's own. */
static char *
label_of(const struct reading *r, const char *entry)
{
	const struct gather_conf *conf = r->g->conf;
	char *found CLEANUP(freep) = NULL;
	const char *told;

	if (r->labels != NULL) {
		told = label_table_find(r->labels, entry);
		return told == NULL ? NULL : doc_text(told);
	}
	if (r->rule.how == LABELS_NAME)
		found = label_of_name(entry, r->rule.pattern);
	else if (r->o->opts->label == NULL)
		found = label_of_folder(entry, conf->classes);
	return found == NULL ? NULL : doc_text(found);
}

/* A bad entry is told, but a million of them are one. */
static int
refuse(struct reading *r, const struct unpack_entry *entry, struct err *e)
{
	enum unpack_verdict v = entry->verdict;
	char *name CLEANUP(freep) = NULL;

	if (r->told++ >= TOLD_MAX) {
		r->g->stats->failed++;
		return 0;
	}
	name = xasprintf("%s!/%s", r->url, entry->name);
	return gather_failed(r->g, unpack_verdict_word(v), name,
	    unpack_verdict_text(v), v != ENTRY_DAMAGED && v != ENTRY_NO_IMAGE,
	    e);
}

static char *
validator_of(const struct buf *b)
{
	unsigned char sum[XXH3_SIZE];
	char hex[2 * XXH3_SIZE + 1];

	xxh3_of("", 0, b->data, b->len, sum);
	text_to_hex(hex, sum, sizeof(sum));
	return xasprintf("%zu-%s", b->len, hex);
}

static int
take_image(struct reading *r, const struct unpack_entry *entry, struct err *e)
{
	struct gather *g = r->g;
	char *url CLEANUP(freep) = url_of(r, entry->name);
	char *label CLEANUP(freep) = label_of(r, entry->name);
	char *etag CLEANUP(freep) = validator_of(entry->bytes);
	struct found f = { .url = url, .label = label };
	const struct source_opts *opts = r->o->opts;
	int64_t url_id;
	bool held;

	r->limited |= opts->limit > 0 && r->o->taken >= opts->limit;
	if (frontier_is_held(g->store, url, etag, &held, e) < 0 ||
	    sight_image(g, r->o, &f, &url_id, e) < 0)
		return -1;
	if (url_id == 0)
		return 0; /* not wanted */
	if (held) {
		g->stats->not_modified++;
		return 0;
	}
	g->asked++;
	if (!g->conf->dry_run)
		return gather_hold(g, entry->bytes, url_id, etag, e);
	if (g->conf->would != NULL)
		g->conf->would(g->conf->would_ctx, url,
		    label == NULL ? opts->label : label);
	return 0;
}

static int
take_entry(void *ctx, const struct unpack_entry *entry, struct err *e)
{
	struct reading *r = ctx;
	struct gather *g = r->g;

	if (g->conf->limit > 0 && g->asked >= g->conf->limit) {
		r->limited = true;
		return 0;
	}
	if (stop_check(e) < 0 || store_begin(g->store, e) < 0 ||
	    (entry->verdict == ENTRY_FINE ? take_image(r, entry, e)
					  : refuse(r, entry, e)) < 0 ||
	    gather_commit_if_due(g, e) < 0)
		return fatal(r);
	progress_step(&g->progress);
	return 0;
}

/* In the first pass: what a file inside tells of an image. */
static int
take_label(void *ctx, const struct unpack_entry *entry, struct err *e)
{
	struct reading *r = ctx;
	char *label CLEANUP(freep) = NULL;

	if (entry->verdict != ENTRY_FINE)
		return store_begin(r->g->store, e) < 0 ||
			refuse(r, entry, e) < 0
		    ? fatal(r)
		    : 0;
	label = xstrndup((const char *)entry->bytes->data, entry->bytes->len);
	return label_table_add(r->labels, entry->name, label, e);
}

/* ---- parts -------------------------------------------------------------- */

static bool
is_over(const struct reading *r)
{
	return r->g->conf->limit > 0 && r->g->asked >= r->g->conf->limit;
}

static int
ask_more(struct reading *r, struct err *e)
{
	struct proc_job job CLEANUP(proc_job_release) = PROC_JOB_INIT;

	unpack_ask_more(&job);
	return proc_pool_submit(r->pool, &job, e);
}

static int
on_part(void *ctx, struct proc_job *job, struct err *e)
{
	static const char *const words[] = {
		[PROC_CRASHED] = "its reader crashed",
		[PROC_TIMED_OUT] = "its reader took too long",
		[PROC_TOO_MUCH] = "its reader said too much",
	};
	struct reading *r = ctx;
	struct err why = { 0 };
	enum unpack_end end;

	if (job->outcome != PROC_ANSWERED) {
		r->broken = xstrdup(words[job->outcome]);
		return 0;
	}
	if (unpack_goes_on(&job->answer) && !is_over(r) && ask_more(r, e) < 0)
		return fatal(r);
	if (unpack_take(&job->answer, r->each, r, &end, &why) == 0)
		return 0;
	if (r->fatal) {
		*e = why;
		return -1;
	}
	r->broken = xstrdup(why.msg);
	return 0;
}

static int
wait_for_parts(struct reading *r, struct err *e)
{
	struct pollfd fd;
	int n;

	while (proc_pool_busy(r->pool) > 0 && r->broken == NULL) {
		if (stop_check(e) < 0)
			return -1;
		n = proc_pool_pollfds(r->pool, &fd, 1);
		poll(&fd, (nfds_t)n, LOOK_MS);
		if (proc_pool_step(r->pool, on_part, r, e) < 0)
			return -1;
		progress_step(&r->g->progress);
	}
	return 0;
}

/* Read all of the archive once: for labels, or for images (NULL). */
static int
pass(struct reading *r, const char *labels, unpack_each_fn *each, struct err *e)
{
	struct proc_job job CLEANUP(proc_job_release) = PROC_JOB_INIT;
	struct unpack_limits most = limits;
	int fd = fcntl(r->fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0) {
		closep(&fd);
		return err_sys(e, ERR_FATAL, "%s", r->url);
	}
	most.entry_bytes = r->g->conf->scraper->max_bytes;
	r->each = each;
	if (unpack_ask_open(&job, fd, &most, labels, e) < 0 ||
	    proc_pool_submit(r->pool, &job, e) < 0)
		return -1;
	return wait_for_parts(r, e);
}

static int
read_archive(struct reading *r, struct err *e)
{
	const struct proc_conf conf = { .kind = "archive",
		.children = 1,
		.deadline_ms = READER_DEADLINE_MS,
		.memory_bytes = READER_MEMORY,
		.grow_bytes = READER_GROWS };
	const char *rule = r->o->opts->labels;
	int status;

	if (label_rule_parse(rule, &r->rule, e) < 0)
		return -1;
	r->pool = proc_pool_new(&conf);
	if (r->rule.file != NULL || r->rule.how == LABELS_VOC) {
		r->labels = label_table_new();
		status = pass(r, rule, take_label, e);
	} else {
		status = 0;
	}
	if (status == 0 && r->broken == NULL)
		status = pass(r, NULL, take_entry, e);
	proc_pool_free(r->pool);
	label_table_free(r->labels);
	label_rule_release(&r->rule);
	return status;
}

/* ---- the whole ---------------------------------------------------------- */

/* What all of this depends on: another one, and it is read anew. */
static char *
validator(const struct reading *r, const struct stat *st)
{
	const struct gather_conf *conf = r->g->conf;
	struct buf b CLEANUP(buf_release) = BUF_INIT(1 << 20);
	unsigned char sum[XXH3_SIZE];
	char hex[2 * XXH3_SIZE + 1];
	const char *const texts[] = { r->o->opts->label, r->o->opts->labels };
	size_t i;

	buf_addf(&b, "%lld", (long long)conf->scraper->max_bytes);
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		buf_addf(&b, "\n%s", texts[i] == NULL ? "" : texts[i]);
	for (i = 0; i < conf->classes->n; i++)
		buf_addf(&b, "\n%s", conf->classes->v[i]);
	xxh3_of("", 0, b.data, b.len, sum);
	text_to_hex(hex, sum, sizeof(sum));
	return xasprintf("%lld-%lld.%09ld-%.16s", (long long)st->st_size,
	    (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec, hex);
}

/* It cannot be read, or not to its end; what came before is kept. */
static int
failed(struct reading *r, const char *reason, const char *why, struct err *e)
{
	if (store_begin(r->g->store, e) < 0)
		return -1;
	r->g->stats->incomplete++;
	return gather_failed(r->g, reason, r->url, why, false, e);
}

static int
take(struct reading *r, const struct frontier_document *d,
    const struct stat *st, struct err *e)
{
	char *etag CLEANUP(freep) = validator(r, st);
	const struct frontier_source *source = &r->o->frontier;
	struct gather *g = r->g;
	int64_t before = g->stats->offered;

	if (d->etag != NULL && strcmp(d->etag, etag) == 0) {
		g->stats->not_modified++;
		return frontier_document_same(g->store, source, d->id, e) < 0
		    ? -1
		    : frontier_finish(g->store, source, e);
	}
	g->stats->documents++;
	if (read_archive(r, e) < 0)
		return -1;
	if (r->broken != NULL)
		return failed(r, "broken_archive", r->broken, e);
	if (store_begin(g->store, e) < 0)
		return -1;
	if (is_over(r)) /* the next run goes on */
		return 0;
	if (frontier_document_done(g->store, source, d->id,
		r->limited ? NULL : etag, NULL, g->stats->offered > before,
		e) < 0)
		return -1;
	return frontier_finish(g->store, source, e);
}

/* Note the archive as the source's one document, and take it. */
static int
begin(struct reading *r, struct err *e)
{
	const struct frontier_source *source = &r->o->frontier;
	struct frontier_document d = { 0 };
	struct stat st;
	int rc;

	if (r->fd < 0 || fstat(r->fd, &st) < 0)
		return failed(r, "unreadable", strerror(errno), e);
	if (!S_ISREG(st.st_mode))
		return failed(r, "unreadable", "it is no plain file", e);
	if (frontier_want(r->g->store, source, r->url, 0, 0, e) < 0)
		return -1;
	rc = frontier_next_document(r->g->store, source, 0, &d, e);
	if (rc < 0)
		return -1;
	rc = rc == 0 ? frontier_finish(r->g->store, source, e)
		     : take(r, &d, &st, e);
	frontier_document_release(&d);
	return rc;
}

int
archive_gather(struct gather *g, struct origin *o, struct err *e)
{
	char *url CLEANUP(freep) = url_of_file(o->path);
	int fd CLEANUP(closep) =
	    open(o->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct reading r = { .g = g, .o = o, .url = url, .fd = fd };
	int status = begin(&r, e);

	free(r.broken);
	return status;
}
