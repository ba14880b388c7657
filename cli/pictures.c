/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pictures.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/text.h"
#include "prep/prep.h"

static const char *const turns[] = { "", "mirrored", "turned by 180 degrees",
	"mirrored upside down", "transposed", "turned by 90 degrees",
	"transposed the other way", "turned by 270 degrees" };

const char *
turn_text(int turn)
{
	return turns[turn & 7];
}

struct reader {
	struct pictures *to;
	size_t size; /* of its arrays */
	bool *taken; /* by file */
	bool *named; /* by a person, not found in a folder */
	size_t next;
	struct progress progress;
};

static void
file_release(struct picture_file *f)
{
	free(f->path);
	free(f->format);
}

void
pictures_release(struct pictures *p)
{
	while (p->n > 0)
		file_release(&p->files[--p->n]);
	free(p->files);
	free(p->v);
}

bool
pictures_are_there(char *const *paths, int n)
{
	struct stat st;
	int i;

	for (i = 0; i < n; i++)
		if (stat(paths[i], &st) != 0)
			return false;
	return n > 0;
}

/* ---- names -------------------------------------------------------------- */

static void
add_file(struct reader *r, const FTSENT *entry)
{
	struct pictures *p = r->to;

	if (p->n == r->size) {
		r->size = 2 * r->size + 64;
		p->files = xreallocarray(p->files, r->size, sizeof(*p->files));
		r->named = xreallocarray(r->named, r->size, sizeof(*r->named));
	}
	r->named[p->n] = entry->fts_level == 0;
	p->files[p->n++] = (struct picture_file){
		.path = xstrdup(entry->fts_path),
		.bytes = entry->fts_statp->st_size,
	};
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void
fail(struct pictures *p, const char *path, const char *why)
{
	char *safe CLEANUP(freep) = text_safe(path);

	log_warn("%s: %s", safe, why);
	p->failed++;
}

static int
walk(struct reader *r, char *const *paths, size_t n, struct err *e)
{
	char **v CLEANUP(freep) = xcalloc(n + 1, sizeof(*v));
	FTSENT *entry;
	FTS *tree;

	memcpy(v, paths, n * sizeof(*v));
	tree = fts_open(v, FTS_COMFOLLOW | FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	if (tree == NULL)
		return err_sys(e, ERR_INPUT, "%s", v[0]);
	while ((entry = fts_read(tree)) != NULL) {
		if (entry->fts_info == FTS_F)
			add_file(r, entry);
		else if (entry->fts_info == FTS_DNR ||
		    entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS)
			fail(
			    r->to, entry->fts_path, strerror(entry->fts_errno));
	}
	fts_close(tree);
	return stop_check(e);
}

/* ---- visits ------------------------------------------------------------- */

static int
next_file(void *ctx, struct prep_item *ret, struct err *e)
{
	struct reader *r = ctx;
	size_t i;

	(void)e;
	while (r->next < r->to->n) {
		i = r->next++;
		ret->fd = open(r->to->files[i].path, O_RDONLY | O_CLOEXEC);
		if (ret->fd >= 0) {
			ret->id = (int64_t)i;
			ret->facts = true;
			return 1;
		}
		fail(r->to, r->to->files[i].path, strerror(errno));
	}
	return 0;
}

static void
take_codes(const struct visit *v, int64_t bytes, struct picture *ret)
{
	struct sample_code *c = &ret->code;

	memcpy(c->pixel_digest, v->pixel_digest, sizeof(c->pixel_digest));
	memcpy(c->pdq, v->pdq.bits, sizeof(c->pdq));
	c->pdq_quality = v->pdq.quality;
	memcpy(c->phash, v->phash, sizeof(c->phash));
	c->trimmed = v->look.trimmed;
	memcpy(c->trim_pdq, v->trim_pdq.bits, sizeof(c->trim_pdq));
	c->trim_quality = v->trim_pdq.quality;
	c->compression = v->compression;
	c->pixels = (int64_t)v->width * v->height;
	c->bytes = bytes;
	ret->look = v->look;
	ret->has_look = true;
}

static int
take_visit(void *ctx, int64_t id, struct visit *v, struct err *e)
{
	struct reader *r = ctx;
	struct picture_file *f = &r->to->files[id];

	(void)e;
	r->progress.done++;
	progress_step(&r->progress);
	if (v->reason == REASON_none) {
		take_codes(v, f->bytes, &r->to->v[id]);
		f->format = xstrdup(v->format);
		f->width = v->width;
		f->height = v->height;
		r->taken[id] = true;
	} else if (v->reason != REASON_not_an_image || r->named[id]) {
		char *why CLEANUP(freep) = xasprintf(
		    "it %s", prep_reason_text(prep_reason_name(v->reason)));

		fail(r->to, f->path, why);
	}
	return 0;
}

static int
visit(struct reader *r, struct err *e)
{
	struct prep_opts *opts = opt_new(&prep_group);
	struct proc_pool *pool = prep_pool_new(opts);
	struct recipe recipe;
	int rc = recipe_parse("resize 32", &recipe, e);

	r->to->v = xcalloc(r->to->n + 1, sizeof(*r->to->v));
	r->taken = xcalloc(r->to->n + 1, sizeof(*r->taken));
	progress_start(&r->progress, "dups", (int64_t)r->to->n);
	if (rc == 0)
		rc = prep_visits(
		    pool, opts, &recipe, next_file, take_visit, r, e);
	progress_end(&r->progress);
	proc_pool_free(pool);
	opt_free(&prep_group, opts);
	return rc < 0 ? -1 : stop_check(e);
}

/* Those that were read close ranks. */
static void
leave_out(struct reader *r)
{
	struct pictures *p = r->to;
	size_t i, kept = 0;

	for (i = 0; i < p->n; i++) {
		if (!r->taken[i]) {
			file_release(&p->files[i]);
			continue;
		}
		p->files[kept] = p->files[i];
		p->v[kept] = p->v[i];
		p->v[kept].code.id = (int64_t)kept + 1;
		kept++;
	}
	p->n = kept;
}

int
pictures_read(char *const *paths, size_t n, struct pictures *ret, struct err *e)
{
	struct reader r = { .to = ret };
	int rc;

	*ret = (struct pictures){ 0 };
	rc = walk(&r, paths, n, e);
	if (rc == 0)
		rc = visit(&r, e);
	if (rc == 0)
		leave_out(&r);
	free(r.taken);
	free(r.named);
	return rc;
}

int
dedup_defaults(struct cli *c, struct dedup_opts **ret, struct err *e)
{
	struct dedup_opts *opts = opt_new(&dedup_group);
	const char *threshold = cli_option(c, "threshold");

	if (threshold != NULL &&
	    opt_set(opt_find(&dedup_group, "duplicate"), opts, threshold, e) <
		0) {
		opt_free(&dedup_group, opts);
		return -1;
	}
	*ret = opts;
	return 0;
}

/* ---- groups of them ----------------------------------------------------- */

static void
put_name(json_t *list, const char *path)
{
	char *safe CLEANUP(freep) = text_safe(path);

	json_array_append_new(list, json_string(safe));
}

static void
put_group_json(const struct pictures *p, const size_t *v, size_t n)
{
	char *keeper CLEANUP(freep) = text_safe(p->files[v[0]].path);
	json_t *members = json_array(), *distance = json_array();
	json_t *match = json_array(), *turn = json_array();
	size_t i;

	for (i = 1; i < n; i++) {
		put_name(members, p->files[v[i]].path);
		json_array_append_new(
		    distance, json_integer(p->v[v[i]].distance));
		json_array_append_new(match, json_string(p->v[v[i]].match));
		json_array_append_new(turn, json_integer(p->v[v[i]].turn));
	}
	cli_put_json(
	    json_pack("{s:s, s:o, s:o, s:o, s:o}", "keeper", keeper, "members",
		members, "distance", distance, "match", match, "turn", turn));
}

static void
put_group(const struct pictures *p, const size_t *v, size_t n)
{
	const struct picture_file *f;
	const struct picture *one;
	char size[16];
	size_t i;

	for (i = 0; i < n; i++) {
		f = &p->files[v[i]];
		one = &p->v[v[i]];
		if (i == 0)
			printf("keep           ");
		else
			printf("%4d %-8s  ", one->distance, one->match);
		text_put_safe(stdout, f->path);
		printf("  %dx%d %s %s%s%s\n", f->width, f->height, f->format,
		    text_size(size, sizeof(size), f->bytes),
		    one->turn != 0 ? ", " : "", turn_text(one->turn));
	}
	putchar('\n');
}

struct place {
	size_t keeper, place;
	int distance;
};

/* By keeper, which comes first, then by distance. */
static int
by_keeper(const void *va, const void *vb)
{
	const struct place *a = va, *b = vb;
	int first_a = a->place == a->keeper, first_b = b->place == b->keeper;

	if (a->keeper != b->keeper)
		return a->keeper > b->keeper ? 1 : -1;
	if (first_a != first_b)
		return first_b - first_a;
	if (a->distance != b->distance)
		return a->distance - b->distance;
	return (a->place > b->place) - (a->place < b->place);
}

/* Each group of two or more; how many there are of groups and of copies. */
static void
put_groups(const struct cli *c, const struct pictures *p, size_t *groups,
    size_t *copies)
{
	struct place *v CLEANUP(freep) = xcalloc(p->n + 1, sizeof(*v));
	size_t *places CLEANUP(freep) = xcalloc(p->n + 1, sizeof(*places));
	size_t i, k;

	for (i = 0; i < p->n; i++)
		v[i] = (struct place){ p->v[i].keeper, i, p->v[i].distance };
	if (p->n > 1)
		qsort(v, p->n, sizeof(*v), by_keeper);
	for (i = 0; i < p->n; i = k) {
		for (k = i; k < p->n && v[k].keeper == v[i].keeper; k++)
			places[k - i] = v[k].place;
		if (k - i < 2)
			continue;
		++*groups;
		*copies += k - i - 1;
		if (c->json)
			put_group_json(p, places, k - i);
		else
			put_group(p, places, k - i);
	}
}

int
dups_folders(struct cli *c, struct err *e)
{
	struct pictures p CLEANUP(pictures_release) = { 0 };
	struct dedup_opts *opts;
	size_t groups = 0, copies = 0;
	int rc = -1;

	if (dedup_defaults(c, &opts, e) < 0)
		return -1;
	if (pictures_read(c->argv, (size_t)c->argc, &p, e) == 0 &&
	    pictures_group(opts, p.v, p.n, e) == 0)
		rc = 0;
	opt_free(&dedup_group, opts);
	if (rc < 0)
		return -1;
	put_groups(c, &p, &groups, &copies);
	c->partial = p.failed > 0;
	if (!c->json)
		log_info("dups: %zu images; %zu groups with %zu copies; %zu "
			 "could not be read",
		    p.n, groups, copies, p.failed);
	return 0;
}
