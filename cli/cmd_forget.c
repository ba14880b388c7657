/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forget: take-downs.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "scraper/url.h"
#include "store/forget.h"

#define NOT_DONE 2 /* the exit status without --yes */

/* ---- what is meant ------------------------------------------------ */

/* "image:3fa9c1" says which kind it is. */
static const char *
after_prefix(const char *word, int *ret_kind)
{
	size_t len;
	int kind;

	*ret_kind = -1;
	for (kind = 0; kind < FORGET_KINDS; kind++) {
		len = strlen(forget_kinds[kind]);
		if (strncmp(word, forget_kinds[kind], len) == 0 &&
		    word[len] == ':' && word[len + 1] != 0 &&
		    strncmp(word + len, "://", 3) != 0) {
			*ret_kind = kind;
			return word + len + 1;
		}
	}
	return word;
}

static bool
is_digits(const char *word)
{
	size_t len = strlen(word);

	return len >= 4 && len < SHA256_HEX &&
	    strspn(word, "0123456789abcdef") == len;
}

/* "example.org", "example.org:8080": as URLs have it, or NULL. */
static char *
host_named(const char *word)
{
	char *url CLEANUP(freep) = NULL;
	char *full CLEANUP(freep) = xasprintf("http://%s/", word);

	if (strchr(word, '.') == NULL || strpbrk(word, "/?# ") != NULL)
		return NULL;
	url = url_resolve(NULL, full);
	return url == NULL ? NULL : url_host(url);
}

static char *
url_named(const char *word)
{
	if (strncmp(word, "file:///", 8) == 0)
		return xstrdup(word);
	return strstr(word, "://") == NULL ? NULL : url_resolve(NULL, word);
}

/* The kinds that the word could be; as bits. */
static int
kinds_of(struct cli *c, const char *word, unsigned *ret, struct err *e)
{
	char *url CLEANUP(freep) = url_named(word);
	char *host CLEANUP(freep) = url == NULL ? host_named(word) : NULL;
	bool source;

	if (forget_has_source(c->store, word, &source, e) < 0)
		return -1;
	*ret = (is_digits(word) ? 1u << FORGET_IMAGE : 0) |
	    (url != NULL ? 1u << FORGET_URL : 0) |
	    (host != NULL ? 1u << FORGET_HOST : 0) |
	    (source ? 1u << FORGET_SOURCE : 0);
	return 0;
}

static int
kind_of(struct cli *c, const char *word, int *ret, struct err *e)
{
	unsigned kinds;
	int kind;

	if (kinds_of(c, word, &kinds, e) < 0)
		return -1;
	for (kind = 0; kind < FORGET_KINDS; kind++)
		if (kinds == 1u << kind) {
			*ret = kind;
			return 0;
		}
	if (kinds == 0)
		return err_set(e, ERR_USAGE,
		    "\"%s\" is no image (4 or more digits of its SHA-256), URL "
		    "(with its scheme), host (with a dot) or source",
		    word);
	return err_set(e, ERR_USAGE,
	    "\"%s\" could be several things: write image:%s, host:%s or "
	    "source:%s",
	    word, word, word, word);
}

/* *ret_name is the caller's to free. */
static int
understand(struct cli *c, const char *word, struct forget_what *ret,
    char **ret_name, struct err *e)
{
	int kind;

	word = after_prefix(word, &kind);
	if (kind < 0 && kind_of(c, word, &kind, e) < 0)
		return -1;
	ret->kind = (enum forget_kind)kind;
	switch (ret->kind) {
	case FORGET_IMAGE:
		if (!is_digits(word))
			return err_set(e, ERR_USAGE,
			    "\"%s\" is not 4 to 64 digits of a SHA-256", word);
		return forget_image(c->store, word, ret->sha256, e);
	case FORGET_URL:
		*ret_name = url_named(word);
		break;
	case FORGET_HOST:
		*ret_name = host_named(word);
		break;
	case FORGET_SOURCE:
	case FORGET_KINDS:
		*ret_name = xstrdup(word);
		break;
	}
	ret->name = *ret_name;
	return *ret_name != NULL ? 0
				 : err_set(e, ERR_USAGE, "\"%s\" is no %s",
				       word, forget_kinds[kind]);
}

/* ---- what goes ---------------------------------------------------- */

static json_t *
names_json(const struct strlist *names)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < names->n; i++)
		json_array_append_new(array, json_string(names->v[i]));
	return array;
}

static void
put_names(const char *what, const struct strlist *names)
{
	size_t i;

	for (i = 0; i < names->n; i++) {
		printf("%s ", what);
		text_put_safe(stdout, names->v[i]);
		putchar('\n');
	}
}

static void
put_report(const struct cli *c, const struct forget_report *r, bool done)
{
	char size[16];

	if (c->json) {
		cli_put_json(json_pack(
		    "{s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "done",
		    done, "images", (json_int_t)r->images, "bytes",
		    (json_int_t)r->bytes, "urls", (json_int_t)r->urls,
		    "documents", (json_int_t)r->documents, "sightings",
		    (json_int_t)r->sightings, "snapshots",
		    names_json(&r->snapshots), "models", names_json(&r->models),
		    "copies", names_json(&r->copies)));
		return;
	}
	if (c->quiet)
		return;
	printf("%s: %lld images (%s), %lld URLs, %lld sightings, %lld "
	       "documents\n",
	    done ? "forgotten" : "would be forgotten for good",
	    (long long)r->images, text_size(size, sizeof(size), r->bytes),
	    (long long)r->urls, (long long)r->sightings,
	    (long long)r->documents);
	put_names("held a place in snapshot", &r->snapshots);
	put_names("was learned from by model", &r->models);
	put_names("a copy that still has it:", &r->copies);
}

static int
act(struct cli *c, const struct forget_what *what, struct err *e)
{
	struct forget_report r CLEANUP(forget_report_release) = { 0 };

	if (cli_option(c, "yes") == NULL) {
		if (forget_look(c->store, what, &r, e) < 0)
			return -1;
		put_report(c, &r, false);
		log_info("this cannot be undone; --yes does it");
		return NOT_DONE;
	}
	/* A run whose arguments tell nothing. */
	if (run_begin(c->store, "forget", "[]", e) < 0)
		return -1;
	if (forget_now(
		c->store, what, cli_actor(), cli_option(c, "why"), &r, e) < 0) {
		struct err late = { 0 };

		store_rollback(c->store);
		run_end(c->store, err_exit_status(e), &late);
		return -1;
	}
	put_report(c, &r, true);
	if (r.lingers)
		log_warn("another program reads the catalog, whose log may "
			 "still tell: griddle gc when it has ended");
	if (r.models.n > 0 || r.copies.n > 0)
		log_warn("models, exports, backups and copies keep what they "
			 "have: train anew, remove them");
	return run_end(c->store, 0, e);
}

/* ---- --list ------------------------------------------------------- */

static int
list_line(void *ctx, const char *kind, int64_t at, const char *actor,
    const char *why, int64_t n)
{
	const struct cli *c = ctx;
	char date[20];

	if (c->json) {
		cli_put_json(json_pack("{s:s, s:I, s:s, s:s?, s:I}", "kind",
		    kind, "at", (json_int_t)at, "actor", actor, "why", why,
		    "count", (json_int_t)n));
		return 0;
	}
	printf("%s  %6lld %-6s  ", clock_date(date, sizeof(date), at),
	    (long long)n, kind);
	text_put_safe(stdout, actor);
	if (why != NULL) {
		printf(": ");
		text_put_safe(stdout, why);
	}
	putchar('\n');
	return 0;
}

static int
run_forget(struct cli *c, struct err *e)
{
	struct forget_what what = { 0 };
	char *name CLEANUP(freep) = NULL;

	bool list = cli_option(c, "list") != NULL;

	if (c->argc != (list ? 0 : 1))
		return err_set(
		    e, ERR_USAGE, "usage: griddle forget %s", c->cmd->usage);
	if (store_open(
		c->folder, list ? STORE_READ : STORE_WRITE, &c->store, e) < 0)
		return -1;
	if (list)
		return forget_list(c->store, list_line, c, e);
	if (understand(c, c->argv[0], &what, &name, e) < 0)
		return -1;
	return act(c, &what, e);
}

static const struct cmd_option forget_options[] = {
	{ "why", "TEXT", "a note for the list, which tells nothing else" },
	{ "yes", NULL, "really: there is no way back" },
	{ "list", NULL, "how much was forgotten, when, by whom and why" }, { 0 }
};

const struct cmd cmd_forget = {
	.name = "forget",
	.usage = "IMAGE | URL | HOST | SOURCE [--why TEXT] [--yes] | --list",
	.help = "take down for good: bytes, traces, and any way back in",
	.needs = NEEDS_FOLDER,
	.max_args = 1,
	.options = forget_options,
	.run = run_forget,
	.examples = "  griddle forget 3fa9c1\n"
		    "  griddle forget https://example.org/me.jpg --yes\n"
		    "  griddle forget example.org --why \"their wish\" --yes\n",
};
