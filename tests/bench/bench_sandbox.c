/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sandbox costs: processor time of a visit and of a child's start,
 * with it and without, in turns; the median of each.
 *
 *	bench_sandbox PICTURE...
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "prep/prep.h"

#define RUNS 9
#define STARTS 20

struct pictures {
	char **paths;
	int n, taken, decoded;
};

/* Of the children that are gone. */
static double
children_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static int
next(void *ctx, struct prep_item *ret, struct err *e)
{
	struct pictures *p = ctx;

	if (p->taken == p->n)
		return 0;
	ret->facts = true;
	ret->fd = open(p->paths[p->taken++], O_RDONLY | O_CLOEXEC);
	return ret->fd < 0 ? err_sys(e, ERR_FATAL, "%s", p->paths[p->taken - 1])
			   : 1;
}

static int
each(void *ctx, int64_t id, struct visit *v, struct err *e)
{
	struct pictures *p = ctx;

	(void)id;
	(void)e;
	p->decoded += v->reason == REASON_none;
	return 0;
}

static struct proc_conf
conf_of(bool unconfined)
{
	return (struct proc_conf){
		.kind = "image",
		.children = 1,
		.deadline_ms = 60000,
		.memory_bytes = 2ll << 30,
		.unconfined = unconfined,
	};
}

static double
visit_seconds(struct pictures *p, const struct prep_opts *opts, bool unconfined)
{
	const struct proc_conf conf = conf_of(unconfined);
	struct proc_pool *pool = proc_pool_new(&conf);
	double start = children_seconds();
	struct recipe recipe;
	struct err e = { 0 };

	p->taken = p->decoded = 0;
	if (recipe_parse(
		"autorotate, crop centre 1:1, resize 224", &recipe, &e) < 0 ||
	    prep_visits(pool, opts, &recipe, next, each, p, &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		exit(1);
	}
	proc_pool_free(pool);
	return (children_seconds() - start) / p->n;
}

static double
start_seconds(bool unconfined)
{
	const struct proc_conf conf = conf_of(unconfined);
	struct sandbox_state state;
	double start = children_seconds();
	struct err e;
	int i;

	for (i = 0; i < STARTS; i++)
		if (proc_probe(&conf, &state, &e) < 0)
			exit(1);
	return (children_seconds() - start) / STARTS;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
report(const char *what, double confined[RUNS], double unconfined[RUNS])
{
	double a, b;

	qsort(confined, RUNS, sizeof(*confined), by_value);
	qsort(unconfined, RUNS, sizeof(*unconfined), by_value);
	a = 1e3 * confined[RUNS / 2];
	b = 1e3 * unconfined[RUNS / 2];
	printf("%s: %.3f ms in the sandbox, %.3f ms without: %+.1f %%\n", what,
	    a, b, 100 * (a / b - 1));
}

int
main(int argc, char **argv)
{
	struct pictures p = { .paths = argv + 1, .n = argc - 1 };
	double in[RUNS], out[RUNS];
	struct prep_opts *opts;
	int i;

	if (argc == 3 && strcmp(argv[1], "worker") == 0)
		return prep_worker();
	opts = opt_new(&prep_group);
	for (i = 0; i < RUNS; i++) {
		in[i] = start_seconds(false);
		out[i] = start_seconds(true);
	}
	report("start of a child", in, out);
	for (i = 0; i < RUNS && p.n > 0; i++) {
		in[i] = visit_seconds(&p, opts, false);
		out[i] = visit_seconds(&p, opts, true);
	}
	if (p.n > 0)
		report("visit", in, out);
	opt_free(&prep_group, opts);
	return p.decoded == p.n ? 0 : 1;
}
