/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status: how things stand.
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
