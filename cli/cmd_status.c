/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status, runs: how things stand.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "store/check.h"
#include "store/snapshot.h"

/* ---- status ----------------------------------------------------------- */

static int
class_line(void *ctx, const struct status_class *class)
{
	json_t *array = ctx;

	json_array_append_new(array,
	    json_pack("{s:s, s:I, s:I, s:I, s:I}", "class", class->name,
		"images", (json_int_t) class->images, "refused",
		(json_int_t) class->refused, "duplicates",
		(json_int_t) class->duplicates, "usable",
		(json_int_t) class->usable));
	return 0;
}

static int
source_line(void *ctx, const struct status_source *s)
{
	json_t *array = ctx;

	json_array_append_new(array,
	    json_pack("{s:s, s:s, s:I, s:b, s:I,"
		      " s:I}",
		"source", s->name, "type", s->type, "finished",
		(json_int_t)s->finished, "interrupted", s->open, "urls",
		(json_int_t)s->urls, "images", (json_int_t)s->images));
	return 0;
}

static int
url_line(void *ctx, const char *state, int64_t n)
{
	json_object_set_new(ctx, state, json_integer(n));
	return 0;
}

static json_int_t
number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void
print_safe(const json_t *o, const char *key, int width)
{
	char *text CLEANUP(freep) =
	    text_safe(json_string_value(json_object_get(o, key)));

	printf("%-*s", width, text);
}

static void
print_status(const json_t *status)
{
	const json_t *v, *urls = json_object_get(status, "urls");
	char date[20];
	size_t i;

	puts("class            images  refused  duplicates   usable");
	json_array_foreach(json_object_get(status, "classes"), i, v)
	{
		print_safe(v, "class", 15);
		printf(" %7lld  %7lld  %10lld  %7lld\n",
		    (long long)number(v, "images"),
		    (long long)number(v, "refused"),
		    (long long)number(v, "duplicates"),
		    (long long)number(v, "usable"));
	}
	puts("\nsource               type      images     urls  last complete");
	json_array_foreach(json_object_get(status, "sources"), i, v)
	{
		print_safe(v, "source", 20);
		putchar(' ');
		print_safe(v, "type", 8);
		printf(" %7lld  %7lld  %s%s\n", (long long)number(v, "images"),
		    (long long)number(v, "urls"),
		    number(v, "finished") == 0
			? "never"
			: clock_date(date, sizeof(date), number(v, "finished")),
		    json_is_true(json_object_get(v, "interrupted"))
			? " (a crawl is open)"
			: "");
	}
	printf("\nurls: %lld held, %lld waiting, %lld failed, %lld refused\n",
	    (long long)number(urls, "held"), (long long)number(urls, "pending"),
	    (long long)number(urls, "failed"),
	    (long long)number(urls, "refused"));
}

/* The newest snapshot and model; what is not there yet is left out. */
static int
add_newest(struct cli *c, json_t *status, struct err *e)
{
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	struct model_row m CLEANUP(model_row_release) = { 0 };
	int has_snapshot = snapshot_get(c->store, NULL, &n, e);
	int has_model = model_get(c->store, NULL, &m, e);

	if (has_snapshot < 0 || has_model < 0)
		return -1;
	if (has_snapshot)
		json_object_set_new(status, "snapshot", json_string(n.name));
	if (has_model)
		json_object_set_new(status, "model", json_string(m.name));
	if (has_model && m.test != NULL)
		json_object_set_new(
		    status, "test", json_loads(m.test, 0, NULL));
	return 0;
}

static void
print_newest(const json_t *status)
{
	const char *snapshot =
	    json_string_value(json_object_get(status, "snapshot"));
	const char *model = json_string_value(json_object_get(status, "model"));
	const json_t *test = json_object_get(status, "test");

	printf("snapshot: %s\nmodel: %s", snapshot ? snapshot : "none yet",
	    model ? model : "none yet");
	if (test != NULL)
		printf(", accuracy %.3f on images never trained on",
		    json_number_value(json_object_get(test, "accuracy")));
	putchar('\n');
}

/* ---- status --sandbox -------------------------------------------------- */

/* A child of usual size; the stages' own limits are in griddle.conf. */
#define LOOK_DEADLINE_MS 20000
#define LOOK_MEMORY (1 << 30)

/* In force, or why not. */
static const char *
standing(const struct sandbox_state *s, int layer)
{
	if (s->in_force & SANDBOX_BIT(layer))
		return "in force";
	if (s->lacking & SANDBOX_BIT(layer))
		return "not in force: the kernel lacks it";
	if (s->instrumented & SANDBOX_BIT(layer))
		return "not in force: built with sanitizers";
	return "not in force";
}

static void
put_layer(
    struct cli *c, const char *kind, const struct sandbox_state *s, int layer)
{
	const char *name = sandbox_layer_name(layer);
	const char *means = sandbox_layer_means(layer);

	if (c->json)
		cli_put_json(json_pack("{s:s, s:s, s:s, s:b, s:s}", "worker",
		    kind, "layer", name, "means", means, "in_force",
		    (s->in_force & SANDBOX_BIT(layer)) != 0, "state",
		    standing(s, layer)));
	else
		printf("%-9s  %-10s  %-12s  %s\n", kind, name, means,
		    standing(s, layer));
}

/* Ask a child of each kind. */
static int
look_at_sandbox(struct cli *c, struct err *e)
{
	struct proc_conf conf = {
		.deadline_ms = LOOK_DEADLINE_MS,
		.memory_bytes = LOOK_MEMORY,
	};
	struct sandbox_state state;
	size_t i;
	int layer;

	for (i = 0; workers[i].kind != NULL; i++) {
		conf.kind = workers[i].kind;
		if (proc_probe(&conf, &state, e) < 0)
			return -1;
		for (layer = 0; layer < SANDBOX_LAYERS; layer++)
			put_layer(c, conf.kind, &state, layer);
	}
	return 0;
}

static int
run_status(struct cli *c, struct err *e)
{
	json_t *status;
	int rc = -1;

	if (cli_option(c, "sandbox") != NULL)
		return look_at_sandbox(c, e);
	status = json_pack("{s:[], s:[], s:{}}", "classes", "sources", "urls");
	if (status_classes(c->store, class_line,
		json_object_get(status, "classes"), e) == 0 &&
	    status_sources(c->store, source_line,
		json_object_get(status, "sources"), e) == 0 &&
	    status_urls(
		c->store, url_line, json_object_get(status, "urls"), e) == 0 &&
	    add_newest(c, status, e) == 0)
		rc = 0;
	if (rc == 0 && c->json) {
		cli_put_json(status);
		return 0;
	}
	if (rc == 0) {
		print_status(status);
		print_newest(status);
	}
	json_decref(status);
	return rc;
}

static const struct cmd_option status_options[] = {
	{ "sandbox", NULL, "what confines the children, layer by layer" }, { 0 }
};

const struct cmd cmd_status = {
	.name = "status",
	.usage = "[--sandbox] [--json]",
	.help = "the dataset at a glance",
	.needs = NEEDS_READ,
	.alone = "sandbox",
	.options = status_options,
	.run = run_status,
};

/* ---- runs ------------------------------------------------------------- */

struct runs {
	struct cli *c;
	bool details;
	int64_t only; /* 0: all */
	json_t *run;  /* the one being put together */
	bool found;
};

static int
add_count(void *ctx, const char *stage, const char *what, int64_t n)
{
	struct runs *r = ctx;
	char *key CLEANUP(freep) = xasprintf("%s %s", stage, what);

	json_object_set_new(
	    json_object_get(r->run, "counts"), key, json_integer(n));
	return 0;
}

static int
add_failure(void *ctx, const char *stage, const char *reason,
    const char *subject, const char *detail)
{
	struct runs *r = ctx;

	json_array_append_new(json_object_get(r->run, "failures"),
	    json_pack("{s:s, s:s, s:s, s:s?}", "stage", stage, "reason", reason,
		"subject", subject, "detail", detail));
	return 0;
}

static void
print_failures(const json_t *run)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(run, "failures"), i, v)
	{
		const char *detail =
		    json_string_value(json_object_get(v, "detail"));

		printf("      ");
		print_safe(v, "stage", 7);
		print_safe(v, "reason", 18);
		print_safe(v, "subject", 0);
		if (detail != NULL) {
			printf(": ");
			text_put_safe(stdout, detail);
		}
		putchar('\n');
	}
}

static void
print_run(const struct runs *r, const struct run_row *row)
{
	json_t *v;
	const char *key;
	char date[20];

	printf("%4lld  %s  %-9s ", (long long)row->id,
	    clock_date(date, sizeof(date), row->started), row->command);
	if (row->ended == 0)
		printf("not ended (running, or killed)");
	else
		printf("%llds, status %d",
		    (long long)(row->ended - row->started), row->status);
	json_object_foreach(json_object_get(r->run, "counts"), key, v)
	    printf("; %lld %s", (long long)json_integer_value(v), key);
	putchar('\n');
	if (r->details)
		print_failures(r->run);
}

static int
one_run(void *ctx, const struct run_row *row, struct err *e)
{
	struct runs *r = ctx;
	int rc = 0;

	if (r->only != 0 && row->id != r->only)
		return 0;
	r->found = true;
	r->run = json_pack("{s:I, s:s, s:I, s:I, s:i, s:{}, s:[]}", "run",
	    (json_int_t)row->id, "command", row->command, "started",
	    (json_int_t)row->started, "ended", (json_int_t)row->ended, "status",
	    row->status, "counts", "failures");
	if (run_counts(r->c->store, row->id, add_count, r, e) < 0 ||
	    run_failures(r->c->store, row->id, add_failure, r, e) < 0)
		rc = -1;
	else if (r->c->json)
		cli_put_json(json_incref(r->run));
	else
		print_run(r, row);
	json_decref(r->run);
	return rc;
}

static int
run_runs(struct cli *c, struct err *e)
{
	struct runs r = { .c = c,
		.details = log_get_level() == LOG_LEVEL_DEBUG };
	int64_t limit;

	if (cli_number(c, "limit", 10, &limit, e) < 0)
		return -1;
	if (c->argc == 1) {
		if (!text_to_int(c->argv[0], &r.only) || r.only <= 0)
			return err_set(e, ERR_USAGE,
			    "\"%s\" is not the number of a run", c->argv[0]);
		limit = 0;
		r.details = true;
	}
	if (run_list(c->store, limit, one_run, &r, e) < 0)
		return -1;
	if (r.only != 0 && !r.found)
		return err_set(e, ERR_INPUT, "no run %s", c->argv[0]);
	return 0;
}

static const struct cmd_option runs_options[] = {
	{ "limit", "N", "the N newest (10); 0: all" }, { 0 }
};

const struct cmd cmd_runs = {
	.name = "runs",
	.usage = "[RUN] [-v] [--limit N] [--json]",
	.help = "what each run did; -v: and what it could not take, and why",
	.needs = NEEDS_READ,
	.max_args = 1,
	.options = runs_options,
	.run = run_runs,
};
