/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runs: what each run did, what it could not, and how it got on with hosts.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "store/hosts.h"

#define HOSTS_SHOWN 20
#define HOSTS_JSON 1000
#define FAILURES_SHOWN 50

struct runs {
	struct cli *c;
	bool verbose; /* each failure, however many */
	int64_t only; /* 0: all */
	json_t *run;  /* the one being put together */
	bool found;
};

static json_int_t
number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void
put_padded(const json_t *o, const char *key, int width)
{
	char *text CLEANUP(freep) =
	    text_safe(json_string_value(json_object_get(o, key)));

	printf("%-*s", width, text);
}

/* ---- collecting --------------------------------------------------------- */

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
add_reason(void *ctx, const char *stage, const char *reason, int64_t n)
{
	struct runs *r = ctx;

	json_array_append_new(json_object_get(r->run, "reasons"),
	    json_pack("{s:s, s:s, s:I}", "stage", stage, "reason", reason,
		"count", (json_int_t)n));
	return 0;
}

static json_t *
ms_or_null(int64_t ms)
{
	return ms < 0 ? json_null() : json_integer(ms);
}

static int
add_host(void *ctx, const struct run_host *h)
{
	struct runs *r = ctx;

	json_array_append_new(json_object_get(r->run, "hosts"),
	    json_pack("{s:s, s:I, s:I, s:I, s:I, s:o, s:o}", "host", h->host,
		"requests", (json_int_t)h->requests, "fetched",
		(json_int_t)h->fetched, "failed", (json_int_t)h->failed,
		"bytes", (json_int_t)h->bytes, "p50_ms", ms_or_null(h->p50_ms),
		"p95_ms", ms_or_null(h->p95_ms)));
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

/* ---- printing ----------------------------------------------------------- */

static void
print_reasons(const json_t *run)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(run, "reasons"), i, v)
	{
		printf("      %7lld  ", (long long)number(v, "count"));
		put_padded(v, "stage", 7);
		putchar(' ');
		put_padded(v, "reason", 0);
		putchar('\n');
	}
}

static void
print_ms(const json_t *host, const char *key)
{
	const json_t *ms = json_object_get(host, key);

	if (json_is_null(ms))
		printf("  %7s", "-");
	else
		printf("  %7lld", (long long)json_integer_value(ms));
}

static void
print_hosts(const json_t *run)
{
	const json_t *hosts = json_object_get(run, "hosts"), *v;
	char size[16];
	size_t i;

	if (json_array_size(hosts) == 0)
		return;
	puts("      requests  fetched   failed     bytes   p50 ms   p95 ms  "
	     "host");
	json_array_foreach(hosts, i, v)
	{
		if (i == HOSTS_SHOWN)
			break;
		printf("      %8lld  %7lld  %7lld  %8s",
		    (long long)number(v, "requests"),
		    (long long)number(v, "fetched"),
		    (long long)number(v, "failed"),
		    text_size(size, sizeof(size), number(v, "bytes")));
		print_ms(v, "p50_ms");
		print_ms(v, "p95_ms");
		printf("  ");
		put_padded(v, "host", 0);
		putchar('\n');
	}
	if (json_array_size(hosts) > HOSTS_SHOWN)
		puts("      and others: --json lists them");
}

static void
print_failures(const struct runs *r)
{
	const json_t *failures = json_object_get(r->run, "failures"), *v;
	size_t i;

	json_array_foreach(failures, i, v)
	{
		const char *detail =
		    json_string_value(json_object_get(v, "detail"));

		if (i == FAILURES_SHOWN && !r->verbose) {
			printf("      and %zu others: -v lists them\n",
			    json_array_size(failures) - i);
			break;
		}
		printf("      ");
		put_padded(v, "stage", 7);
		put_padded(v, "reason", 18);
		put_padded(v, "subject", 0);
		if (detail != NULL) {
			printf(": ");
			text_put_safe(stdout, detail);
		}
		putchar('\n');
	}
}

/* What a list of runs can do without. */
static bool
is_detail(const char *what)
{
	static const char *const words[] = { "bytes", "documents", "offered",
		"p50_ms", "p95_ms", "requests", "sources" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i], what) == 0)
			return true;
	return false;
}

static void
print_count(const char *what, int64_t n)
{
	char size[16];

	if (strcmp(what, "bytes") == 0)
		printf("%s", text_size(size, sizeof(size), n));
	else if (strcmp(what, "p50_ms") == 0 || strcmp(what, "p95_ms") == 0)
		printf("%.3s %lld ms", what, (long long)n);
	else
		printf("%lld %s", (long long)n, what);
}

/* "; gather: 58 fetched, 52 new; prep: 52 prepared" */
static void
print_counts(const struct runs *r)
{
	const char *key, *what, *stage = "";
	size_t len = 0;
	json_t *v;

	json_object_foreach(json_object_get(r->run, "counts"), key, v)
	{
		what = strchr(key, ' ') + 1;
		if (json_integer_value(v) == 0 ||
		    (r->only == 0 && is_detail(what)))
			continue;
		if (len == (size_t)(what - key) &&
		    strncmp(stage, key, len) == 0)
			printf(", ");
		else
			printf("; %.*s: ", (int)(what - key - 1), key);
		stage = key;
		len = (size_t)(what - key);
		print_count(what, json_integer_value(v));
	}
}

static void
print_run(const struct runs *r, const struct run_row *row)
{
	char date[20];

	printf("%4lld  %s  %-9s ", (long long)row->id,
	    clock_date(date, sizeof(date), row->started), row->command);
	if (row->ended == 0)
		printf("not ended (running, or killed)");
	else
		printf("%llds, status %d",
		    (long long)(row->ended - row->started), row->status);
	print_counts(r);
	putchar('\n');
	if (r->only != 0) {
		print_reasons(r->run);
		print_hosts(r->run);
	}
	if (r->only != 0 || r->verbose)
		print_failures(r);
}

/* ---- the command -------------------------------------------------------- */

static int
collect(struct runs *r, const struct run_row *row, struct err *e)
{
	struct store *s = r->c->store;

	if (run_counts(s, row->id, add_count, r, e) < 0 ||
	    run_reasons(s, row->id, add_reason, r, e) < 0 ||
	    (r->only != 0 &&
		run_hosts(s, row->id, HOSTS_JSON, add_host, r, e) < 0))
		return -1;
	return run_failures(s, row->id, add_failure, r, e);
}

static int
one_run(void *ctx, const struct run_row *row, struct err *e)
{
	struct runs *r = ctx;
	int rc;

	if (r->only != 0 && row->id != r->only)
		return 0;
	r->found = true;
	r->run = json_pack("{s:I, s:s, s:I, s:I, s:i, s:{}, s:[], s:[], s:[]}",
	    "run", (json_int_t)row->id, "command", row->command, "started",
	    (json_int_t)row->started, "ended", (json_int_t)row->ended, "status",
	    row->status, "counts", "reasons", "hosts", "failures");
	rc = collect(r, row, e);
	if (rc == 0 && r->c->json)
		cli_put_json(json_incref(r->run));
	else if (rc == 0)
		print_run(r, row);
	json_decref(r->run);
	return rc;
}

static int
run_runs(struct cli *c, struct err *e)
{
	struct runs r = { .c = c,
		.verbose = log_get_level() == LOG_LEVEL_DEBUG };
	int64_t limit;

	if (cli_number(c, "limit", 10, &limit, e) < 0)
		return -1;
	if (c->argc == 1) {
		if (!text_to_int(c->argv[0], &r.only) || r.only <= 0)
			return err_set(e, ERR_USAGE,
			    "\"%s\" is not the number of a run", c->argv[0]);
		limit = 0;
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
	.help = "what each run did; of one: why things failed, and host by "
		"host",
	.needs = NEEDS_READ,
	.max_args = 1,
	.options = runs_options,
	.run = run_runs,
};
