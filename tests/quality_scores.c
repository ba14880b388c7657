/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quality_scores: for each file named on standard input, visited as prep
 * does it, a line with its name, its size and all scores.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prep/prep.h"

#define PATHS_MAX 5000

struct files {
	char *paths[PATHS_MAX];
	int n;
};

/* What cannot be opened is left out, and so are its scores. */
static int
next_file(void *ctx, struct prep_item *ret, struct err *e)
{
	struct files *f = ctx;
	char path[4096];

	(void)e;
	while (f->n < PATHS_MAX && fgets(path, sizeof(path), stdin) != NULL) {
		path[strcspn(path, "\n")] = 0;
		ret->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (ret->fd < 0)
			continue;
		ret->facts = true;
		ret->id = f->n;
		f->paths[f->n++] = xstrdup(path);
		return 1;
	}
	return 0;
}

static int
print_scores(void *ctx, int64_t id, struct visit *v, struct err *e)
{
	struct files *f = ctx;
	int kind;

	(void)e;
	if (v->reason != REASON_none)
		return 0;
	printf("%s\t%d\t%d", f->paths[id], v->width, v->height);
	for (kind = 0; kind < QUALITY_COUNT; kind++)
		printf("\t%.6f", (double)v->quality.score[kind]);
	putchar('\n');
	return 0;
}

int
main(int argc, char **argv)
{
	struct files files = { .n = 0 };
	struct prep_opts *opts;
	struct proc_pool *pool;
	struct recipe recipe;
	struct err err;
	int rc;

	if (argc == 3 && strcmp(argv[1], "worker") == 0)
		return prep_worker();
	opts = opt_new(&prep_group);
	pool = prep_pool_new(opts);
	rc = recipe_parse("resize 32", &recipe, &err);
	if (rc == 0)
		rc = prep_visits(
		    pool, opts, &recipe, next_file, print_scores, &files, &err);
	if (rc < 0)
		fprintf(stderr, "%s\n", err.msg);
	proc_pool_free(pool);
	opt_free(&prep_group, opts);
	while (files.n > 0)
		free(files.paths[--files.n]);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
