/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list, count, show: look at the catalog.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "prep/prep.h"
#include "prep/quality.h"

/* A text of the object made safe to print; "-" for none.  Caller frees. */
static char *
field(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_string(value))
		return text_safe(json_string_value(value));
	if (json_is_integer(value))
		return xasprintf("%lld", (long long)json_integer_value(value));
	return xstrdup("-");
}

static json_t *
parse(const char *text, struct err *e)
{
	json_t *value = json_loads(text, 0, NULL);

	if (value == NULL)
		err_set(e, ERR_FATAL, "the catalog gave broken JSON");
	return value;
}

static int
list_json(void *ctx, const char *json, struct err *e)
{
	(void)ctx;
	(void)e;
	puts(json);
	return 0;
}

static int
list_line(void *ctx, const char *json, struct err *e)
{
	json_t *o = parse(json, e);
	char *sha CLEANUP(freep) = NULL, *label CLEANUP(freep) = NULL;
	char *stage CLEANUP(freep) = NULL, *width CLEANUP(freep) = NULL;
	char *height CLEANUP(freep) = NULL, *url CLEANUP(freep) = NULL;
	const char *keeper;

	(void)ctx;
	if (o == NULL)
		return -1;
	sha = field(o, "sha256");
	label = field(o, "label");
	stage = field(o,
	    json_is_string(json_object_get(o, "reason")) ? "reason" : "stage");
	width = field(o, "width");
	height = field(o, "height");
	url = field(o, "url");
	keeper = json_string_value(json_object_get(o, "keeper"));
	printf("%.12s  %-12s %-10s %5sx%-5s %s\n", sha, label,
	    keeper != NULL && strcmp(keeper, sha) != 0 ? "duplicate" : stage,
	    width, height, url);
	json_decref(o);
	return 0;
}

static int
explain(struct cli *c, const struct filter *f, const struct list_order *order,
    struct err *e)
{
	char *text CLEANUP(freep) = NULL;

	if (filter_explain(c->store, f, order, &text, e) < 0)
		return -1;
	fputs(text, stdout);
	return 0;
}

/* The last line: where the next page begins; null when there is none. */
static void
print_next(const struct cli *c, const char *next)
{
	if (c->json)
		cli_put_json(json_pack("{s:s?}", "next", next));
	else if (next != NULL)
		printf("next: --after %s\n", next);
}

static int
run_list_command(struct cli *c, struct err *e)
{
	struct filter *f CLEANUP(filter_freep) = NULL;
	char *next CLEANUP(freep) = NULL;
	struct list_order order = { .sort = cli_option(c, "sort"),
		.after = cli_option(c, "after") };
	int64_t limit;

	if (cli_number(c, "limit", 0, &limit, e) < 0 ||
	    cli_filter(c, 0, &f, e) < 0)
		return -1;
	order.limit = limit;
	if (cli_option(c, "explain") != NULL)
		return explain(c, f, &order, e);
	if (sample_list(c->store, f, &order, c->json ? list_json : list_line,
		NULL, &next, e) < 0)
		return -1;
	if (cli_option(c, "page") != NULL)
		print_next(c, next);
	return 0;
}

static const struct cmd_option list_options[] = {
	{ "sort", "KEY",
	    "id, added, width, height, bytes, pdq_quality, label or a score; "
	    "-KEY: descending" },
	{ "limit", "N", "no more than N" },
	{ "page", NULL,
	    "a last line says where the next page begins: {\"next\": CURSOR}" },
	{ "after", "CURSOR", "begin where a page ended" },
	{ "explain", NULL, "print how the catalog would be read instead" },
	{ 0 }
};

#define FILTER_HELP \
	"A filter is any number of terms; all must hold, ! negates, a,b is" \
	" either:\n" \
	"  label=pancake source=blog host=example.org licence=cc0\n" \
	"  stage=prepared reason=truncated format=png tag=blurry\n" \
	"  width>=300 height<2000 bytes>100000 pdq_quality>50\n" \
	"  added>2026-11-01 dup=no conflict=yes rejected=no decided=yes\n" \
	"  issue=dark,blurry blurry<0.2 warned=yes\n" \
	"  group=3fa9c1 3fa9c1 (the first digits of a SHA-256)\n"

const struct cmd cmd_list = {
	.name = "list",
	.usage = "[FILTER...] [--sort KEY] [--limit N] [--page] "
		 "[--after CURSOR] [--json]",
	.help = "list images",
	.needs = NEEDS_CONFIG | NEEDS_READ,
	.max_args = -1,
	.options = list_options,
	.run = run_list_command,
	.examples = FILTER_HELP,
};

static int
count_line(void *ctx, const char *key, int64_t n)
{
	const struct cli *c = ctx;

	if (c->json) {
		cli_put_json(json_pack(
		    "{s:s, s:I}", "key", key, "count", (json_int_t)n));
		return 0;
	}
	printf("%8lld  ", (long long)n);
	text_put_safe(stdout, key);
	putchar('\n');
	return 0;
}

static int
run_count_command(struct cli *c, struct err *e)
{
	struct filter *f CLEANUP(filter_freep) = NULL;
	const char *by = cli_option(c, "by");
	int64_t n;

	if (cli_filter(c, 0, &f, e) < 0)
		return -1;
	if (by != NULL)
		return sample_count_by(c->store, f, by, count_line, c, e);
	if (sample_count(c->store, f, &n, e) < 0)
		return -1;
	if (c->json)
		cli_put_json(json_pack("{s:I}", "count", (json_int_t)n));
	else
		printf("%lld\n", (long long)n);
	return 0;
}

static const struct cmd_option count_options[] = {
	{ "by", "KEY",
	    "label, stage, reason, format, source, licence, host or issue" },
	{ 0 }
};

const struct cmd cmd_count = {
	.name = "count",
	.usage = "[FILTER...] [--by KEY] [--json]",
	.help = "count images",
	.needs = NEEDS_CONFIG | NEEDS_READ,
	.max_args = -1,
	.options = count_options,
	.run = run_count_command,
	.examples = FILTER_HELP,
};

/* ---- show ------------------------------------------------------------- */

static void
show_field(const char *name, const json_t *object, const char *key)
{
	char *text CLEANUP(freep) = field(object, key);

	if (strcmp(text, "-") != 0 && text[0] != 0)
		printf("%-10s %s\n", name, text);
}

static void
show_time(const char *name, const json_t *object, const char *key)
{
	char date[20];

	printf("%-10s %s\n", name,
	    clock_date(date, sizeof(date),
		json_integer_value(json_object_get(object, key))));
}

static void
show_sighting(const json_t *g)
{
	puts("");
	show_field("source", g, "source");
	show_field("url", g, "url");
	show_field("page", g, "page");
	show_field("claimed", g, "label");
	show_field("title", g, "title");
	show_field("author", g, "author");
	show_field("licence", g, "licence");
	show_field("terms", g, "licence_url");
	show_time("seen", g, "seen");
}

static void
show_step(const json_t *step)
{
	char *actor CLEANUP(freep) = field(step, "actor");
	char *verb CLEANUP(freep) = field(step, "verb");
	char *old CLEANUP(freep) = field(step, "old");
	char *new CLEANUP(freep) = field(step, "new");
	char *what CLEANUP(freep) = field(step, "field");
	char date[20];

	clock_date(date, sizeof(date),
	    json_integer_value(json_object_get(step, "at")));
	printf("%-10s %s %s %s: %s %s -> %s\n", "history", date, actor, verb,
	    what, old, new);
}

#define SCORES_A_LINE 4

static void
show_scores(const json_t *scores)
{
	const char *name;
	const json_t *v;
	int n = 0;

	json_object_foreach((json_t *)(uintptr_t)scores, name, v)
	{
		if (n % SCORES_A_LINE == 0)
			printf("%s%-10s", n == 0 ? "" : "\n",
			    n == 0 ? "scores" : "");
		printf(" %s %.2f", name, json_number_value(v));
		n++;
	}
	if (n > 0)
		putchar('\n');
}

/* Why it was refused, and what is not fine about it. */
static void
show_faults(const json_t *o)
{
	const char *reason = json_string_value(json_object_get(o, "reason"));
	const char *why = reason ? prep_reason_text(reason) : NULL;
	const json_t *v;
	size_t i;

	if (reason != NULL)
		printf("%-10s %s: the image %s\n", "reason", reason,
		    why ? why : "is refused");
	if (json_is_true(json_object_get(o, "warned")))
		printf(
		    "%-10s the decoder had doubts about the file\n", "warned");
	json_array_foreach(json_object_get(o, "issues"), i, v)
	    printf("%-10s %s: the image %s\n", "issue", json_string_value(v),
		quality_text(quality_by_name(json_string_value(v))));
}

static void
show_facts(const json_t *o)
{
	char *format CLEANUP(freep) = field(o, "format");
	const char *sha = json_string_value(json_object_get(o, "sha256"));
	const char *keeper = json_string_value(json_object_get(o, "keeper"));

	show_field("image", o, "sha256");
	show_field("label", o, "label");
	show_field("decided", o, "decided");
	show_field("revision", o, "rev");
	show_field("stage", o, "stage");
	show_faults(o);
	if (strcmp(format, "-") != 0)
		printf("%-10s %s, %lld x %lld, %lld bytes\n", "file", format,
		    (long long)json_integer_value(json_object_get(o, "width")),
		    (long long)json_integer_value(json_object_get(o, "height")),
		    (long long)json_integer_value(json_object_get(o, "bytes")));
	show_field("pdq", o, "pdq");
	show_field("pdq quality", o, "pdq_quality");
	show_scores(json_object_get(o, "quality"));
	if (keeper != NULL && strcmp(keeper, sha) != 0) {
		show_field("keeper", o, "keeper");
		show_field("distance", o, "distance");
	}
	show_time("added", o, "added");
	if (json_is_true(json_object_get(o, "rejected")))
		puts("rejected   a person keeps it out of splits");
	if (json_is_true(json_object_get(o, "conflict")))
		puts("conflict   its sources claim different classes");
}

static void
show_text(const json_t *o)
{
	const json_t *v;
	size_t i;

	show_facts(o);
	json_array_foreach(json_object_get(o, "group"), i, v)
	    show_field("alike", v, "sha256");
	json_array_foreach(json_object_get(o, "snapshots"), i, v)
	{
		char *name CLEANUP(freep) = field(v, "name");
		char *part CLEANUP(freep) = field(v, "part");

		printf("%-10s %s (%s)\n", "snapshot", name, part);
	}
	json_array_foreach(json_object_get(o, "history"), i, v) show_step(v);
	json_array_foreach(json_object_get(o, "sightings"), i, v)
	    show_sighting(v);
}

static int
run_show(struct cli *c, struct err *e)
{
	char *json CLEANUP(freep) = NULL;
	json_t *o;

	if (sample_show(c->store, c->argv[0], &json, e) < 0)
		return -1;
	if (c->json) {
		puts(json);
		return 0;
	}
	o = parse(json, e);
	if (o == NULL)
		return -1;
	show_text(o);
	json_decref(o);
	return 0;
}

const struct cmd cmd_show = {
	.name = "show",
	.usage = "IMAGE [--json]",
	.help = "everything about one image: where from, licence, labels",
	.needs = NEEDS_CONFIG | NEEDS_READ,
	.min_args = 1,
	.max_args = 1,
	.run = run_show,
};
