/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suspects: labels that are probably wrong, for a person to look at.
 */
#include <stdio.h>
#include <string.h>

#include "base/progress.h"
#include "base/stop.h"
#include "base/text.h"
#include "cli/dataset.h"
#include "cli/learn.h"
#include "store/groups.h"
#include "trainer/blas.h"
#include "trainer/confident.h"
#include "trainer/cross.h"

#define LIMIT 50
#define FOLDS 5
#define FOLDS_MAX 100
#define L2 0.1
#define SHOWN 12 /* digits of a SHA-256 that are enough to name an image */

struct search {
	struct dataset d;
	int64_t *groups;
	int *fold;
	float *p;
	bool *suspect;
};

static void
search_release(struct search *s)
{
	dataset_release(&s->d);
	free(s->groups);
	free(s->fold);
	free(s->p);
	free(s->suspect);
}

/* ---- from a snapshot to answers ------------------------------------------ */

static int
by_sha256(const void *a, const void *b)
{
	return memcmp(a, b, SHA256_SIZE);
}

static int
note_group(void *ctx, const struct group_code *code, struct err *e)
{
	struct search *s = ctx;
	unsigned char(*at)[SHA256_SIZE] = bsearch(
	    code->sha256, s->d.sha256, s->d.n, sizeof(*s->d.sha256), by_sha256);

	(void)e;
	if (at != NULL)
		s->groups[at - s->d.sha256] = code->component_id;
	return 0;
}

static int
show_fold(void *ctx, int fold, struct err *e)
{
	struct progress *p = ctx;

	p->done = fold;
	progress_step(p);
	return stop_check(e);
}

static int
answer(struct cli *c, struct search *s, int folds, struct err *e)
{
	const struct train_opts *t = cli_opts(c, train_group);
	struct softmax_opts opts = { .epochs = t->epochs,
		.batch = t->batch,
		.rate = t->rate,
		.l2 = t->l2 < 0 ? L2 : t->l2,
		.patience = t->epochs,
		.seed = (uint64_t)t->seed };
	struct cross_rows rows = { s->d.x, s->d.labels, s->groups, s->d.n,
		s->d.d, s->d.k };
	struct answers a = { s->d.labels, s->p, s->d.n, s->d.k };
	struct progress p;
	int rc;

	cross_folds(&rows, folds, opts.seed, s->fold);
	progress_start(&p, "suspects", folds);
	rc =
	    cross_predict(&rows, s->fold, folds, &opts, show_fold, &p, s->p, e);
	progress_end(&p);
	if (rc == 0)
		confident_suspects(&a, s->suspect);
	return rc;
}

static int
search(struct cli *c, struct search *s, int folds, struct err *e)
{
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	const struct train_opts *opts = cli_opts(c, train_group);
	struct vectors *v CLEANUP(vectors_freep) = NULL;
	struct recipe recipe;
	const char *name;

	if (dataset_find(c, c->argc > 0 ? c->argv[0] : NULL, &n, e) < 0 ||
	    stage_recipe(c, NULL, &name, &recipe, e) < 0 || blas_start(e) < 0 ||
	    vectors_choose(c->store, opts->features, &v, e) < 0 ||
	    learn_dataset(c, &n, &recipe, v, &s->d, e) < 0)
		return -1;
	s->groups = xcalloc(s->d.n, sizeof(*s->groups));
	s->fold = xcalloc(s->d.n, sizeof(*s->fold));
	s->p = xcalloc(s->d.n, s->d.k * sizeof(*s->p));
	s->suspect = xcalloc(s->d.n, sizeof(*s->suspect));
	return group_codes(c->store, n.id, note_group, s, e) < 0 ||
		answer(c, s, folds, e) < 0
	    ? -1
	    : 0;
}

/* ---- for people -------------------------------------------------------- */

struct ranked {
	float given; /* probability of the label */
	size_t row;
};

static int
least_given_first(const void *va, const void *vb)
{
	const struct ranked *a = va, *b = vb;

	if (a->given != b->given)
		return a->given < b->given ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

static void
put(const struct cli *c, const struct search *s, size_t row)
{
	const float *p = s->p + row * s->d.k;
	size_t best = likeliest_class(p, s->d.k);
	const char *label = s->d.classes[s->d.labels[row]];
	char hex[SHA256_HEX];

	text_to_hex(hex, s->d.sha256[row], SHA256_SIZE);
	if (c->json) {
		cli_put_json(json_pack("{s:s, s:s, s:f, s:s, s:f}", "sha256",
		    hex, "label", label, "p_label", (double)p[s->d.labels[row]],
		    "looks_like", s->d.classes[best], "p", (double)p[best]));
		return;
	}
	printf("%.*s  ", SHOWN, hex);
	text_put_safe(stdout, label);
	printf(" %.2f  looks like ", (double)p[s->d.labels[row]]);
	text_put_safe(stdout, s->d.classes[best]);
	printf(" %.2f\n", (double)p[best]);
}

static void
put_ranked(const struct cli *c, const struct search *s, int64_t limit)
{
	struct ranked *v CLEANUP(freep) = xcalloc(s->d.n, sizeof(*v));
	size_t n = 0, i;

	for (i = 0; i < s->d.n; i++)
		if (s->suspect[i])
			v[n++] = (struct ranked){
				s->p[i * s->d.k + (size_t)s->d.labels[i]], i
			};
	qsort(v, n, sizeof(*v), least_given_first);
	for (i = 0; i < n && (limit == 0 || (int64_t)i < limit); i++)
		put(c, s, v[i].row);
	if (!c->json && !c->quiet)
		printf("%zu of %zu labels are suspects%s\n", n, s->d.n,
		    i < n ? "; --limit 0 lists all" : "");
}

static int
run_suspects(struct cli *c, struct err *e)
{
	struct search s CLEANUP(search_release) = { 0 };
	int64_t limit, folds;

	if (cli_number(c, "limit", LIMIT, &limit, e) < 0 ||
	    cli_number(c, "folds", FOLDS, &folds, e) < 0)
		return -1;
	if (folds < 2 || folds > FOLDS_MAX)
		return err_set(
		    e, ERR_USAGE, "--folds: 2 to %d, please", FOLDS_MAX);
	if (search(c, &s, (int)folds, e) < 0)
		return -1;
	put_ranked(c, &s, limit);
	return 0;
}

static const struct cmd_option suspects_options[] = {
	{ "limit", "N", "list so many (50); 0: all" },
	{ "folds", "K", "models, each asked about a K-th of the images (5)" },
	{ 0 }
};

const struct cmd cmd_suspects = {
	.name = "suspects",
	.usage = "[SNAPSHOT] [--limit N] [--folds K] [--json]",
	.help = "labels that are probably wrong, the surest first",
	.needs = NEEDS_CONFIG | NEEDS_WRITE,
	.max_args = 1,
	.options = suspects_options,
	.run = run_suspects,
	.examples = "  griddle suspects --limit 20\n"
		    "  griddle suspects --json --limit 0 | jq -r .sha256",
};
