/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folders of this machine: every image file below, by its first bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/stop.h"
#include "base/text.h"
#include "scraper/gather_int.h"
#include "scraper/magic.h"
#include "scraper/url.h"
#include "store/forget.h"

/* The name of the first folder below the root; NULL right inside of it. */
static char *
label_of(const struct origin *o, const char *path)
{
	size_t root = strlen(o->path);
	const char *rest = path + root, *slash;
	char *name CLEANUP(freep) = NULL;

	rest += *rest == '/';
	slash = strchr(rest, '/');
	if (o->opts->label != NULL || slash == NULL)
		return NULL;
	name = xstrndup(rest, (size_t)(slash - rest));
	return doc_text(name);
}

/* Open a plain file; *ret_image says if it starts like an image. */
static int
open_file(const char *path, bool *ret_image)
{
	unsigned char start[MAGIC_BYTES];
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, start, sizeof(start), 0);

	*ret_image = n > 0 && magic_image(start, (size_t)n) != NULL;
	if (fd >= 0 && n < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int
gather_hold(struct gather *g, const struct buf *b, int64_t url_id,
    const char *etag, struct err *e)
{
	unsigned char sha256[SHA256_SIZE];
	int64_t tombstone;
	bool is_new;
	int rc = blob_put(g->store, b->data, b->len, sha256, e);

	if (rc == 1) { /* forgotten for good */
		g->stats->failed++;
		g->stats->refused++;
		return forget_knows_image(g->store, sha256, &tombstone, e) < 0
		    ? -1
		    : forget_url_again(g->store, url_id, tombstone, e);
	}
	if (rc < 0 ||
	    frontier_image_held(g->store, url_id, sha256, (int64_t)b->len, 0,
		etag, NULL, &is_new, e) < 0)
		return -1;
	g->stats->fetched++;
	g->stats->new_images += is_new;
	g->stats->bytes += (int64_t)b->len;
	g->progress.done = g->stats->fetched;
	return 0;
}

static int
hold(struct gather *g, int fd, const char *url, int64_t url_id,
    const char *etag, struct err *e)
{
	struct buf b CLEANUP(buf_release) =
	    BUF_INIT((size_t)g->conf->scraper->max_bytes + 1);
	struct err why = { 0 };

	if (file_read_fd(fd, "file", &b, &why) == 0)
		return gather_hold(g, &b, url_id, etag, e);
	if (frontier_image_failed(
		g->store, url_id, "unreadable", 0, true, 0, e) < 0)
		return -1;
	return gather_failed(g, "unreadable", url, why.msg, false, e);
}

/* An image file: noted, and read unless it is held as it is. */
static int
take_image(struct gather *g, struct origin *o, int fd, const FTSENT *file,
    char *url, struct err *e)
{
	const struct stat *st = file->fts_statp;
	char *label CLEANUP(freep) = label_of(o, file->fts_path);
	char *etag CLEANUP(freep) =
	    xasprintf("%lld-%lld.%09ld", (long long)st->st_size,
		(long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	struct found f = { .url = url, .label = label };
	int64_t url_id;
	bool held;

	if (frontier_is_held(g->store, url, etag, &held, e) < 0 ||
	    sight_image(g, o, &f, &url_id, e) < 0)
		return -1;
	if (url_id == 0)
		return 0; /* not wanted */
	if (held) {
		g->stats->not_modified++;
		return 0;
	}
	g->asked++;
	if (!g->conf->dry_run)
		return hold(g, fd, url, url_id, etag, e);
	if (g->conf->would != NULL)
		g->conf->would(g->conf->would_ctx, url,
		    label == NULL ? o->opts->label : label);
	return 0;
}

static int
take_file(struct gather *g, struct origin *o, const FTSENT *file, struct err *e)
{
	char *url CLEANUP(freep) = url_of_file(file->fts_path);
	bool is_image;
	int fd CLEANUP(closep) = open_file(file->fts_accpath, &is_image);

	if (fd < 0)
		return gather_failed(
		    g, "unreadable", url, strerror(errno), false, e);
	if (is_image)
		return take_image(g, o, fd, file, url, e);
	/* Notes and the like lie in folders too; a broken image is told. */
	return url_looks_like_image(url)
	    ? gather_failed(g, "not_an_image", url, NULL, false, e)
	    : 0;
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int
visit(
    struct gather *g, struct origin *o, FTS *tree, FTSENT *entry, struct err *e)
{
	char *url CLEANUP(freep) = NULL;
	bool hidden = entry->fts_level > 0 && entry->fts_name[0] == '.';

	switch (entry->fts_info) {
	case FTS_D:
		if (hidden)
			fts_set(tree, entry, FTS_SKIP);
		return 0;
	case FTS_F:
		return hidden ? 0 : take_file(g, o, entry, e);
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		url = url_of_file(entry->fts_path);
		return gather_failed(
		    g, "unreadable", url, strerror(entry->fts_errno), false, e);
	default: /* a link, a device, a folder on the way back */
		return 0;
	}
}

static int
walk(struct gather *g, struct origin *o, FTS *tree, struct err *e)
{
	bool found = false;
	FTSENT *entry;

	while ((entry = fts_read(tree)) != NULL) {
		if (g->conf->limit > 0 && g->asked >= g->conf->limit)
			return 0;
		if (stop_check(e) < 0 || store_begin(g->store, e) < 0 ||
		    visit(g, o, tree, entry, e) < 0 ||
		    gather_commit_if_due(g, e) < 0)
			return -1;
		found |= entry->fts_info == FTS_D || entry->fts_info == FTS_F;
		progress_step(&g->progress);
	}
	/* A folder that is not there may be mounted by the next run. */
	if (store_begin(g->store, e) < 0)
		return -1;
	if (found)
		return frontier_finish(g->store, &o->frontier, e);
	g->stats->incomplete++;
	return 0;
}

int
folder_gather(struct gather *g, struct origin *o, struct err *e)
{
	char *roots[] = { o->path, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	int status;

	if (tree == NULL)
		return err_sys(e, ERR_FATAL, "cannot walk %s", o->path);
	status = walk(g, o, tree, e);
	fts_close(tree);
	return status;
}
