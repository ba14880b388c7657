/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash: what pictures are called by dedup and by other programs.  It needs
 * no workspace; files are decoded in the same sandbox as gathered ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "cli/cli.h"
#include "prep/prep.h"

#define STEPS "autorotate, resize 64"
#define HEX_MAX 65 /* of the longest code, with the final 0 */

struct hashing {
	struct cli *c;
	int next;
	int shown;    /* files up to here are told of */
	char **lines; /* [argc]: of those after; NULL: not there yet */
	int failed;
};

static json_t *
hex_json(const unsigned char *code, size_t size)
{
	char hex[HEX_MAX];

	text_to_hex(hex, code, size);
	return json_string(hex);
}

static json_t *
view_json(const struct pdq *pdq, const struct look_view *view)
{
	json_t *turned = json_array();
	int i;

	for (i = 0; i < LOOK_TURNS; i++)
		json_array_append_new(
		    turned, hex_json(view->turned[i], PDQ_SIZE));
	return json_pack("{s:o, s:i, s:o}", "pdq",
	    hex_json(pdq->bits, PDQ_SIZE), "quality", pdq->quality, "turned",
	    turned);
}

static char *
as_json(const char *path, const struct visit *v)
{
	json_t *j = json_pack("{s:s, s:s, s:i, s:i, s:i}", "file", path,
	    "format", v->format, "width", v->width, "height", v->height,
	    "compression", v->compression);
	char *ret;

	json_object_update_new(j, view_json(&v->pdq, &v->look.whole));
	json_object_set_new(j, "trimmed",
	    v->look.trimmed ? view_json(&v->trim_pdq, &v->look.trim)
			    : json_null());
	json_object_set_new(j, "phash256", hex_json(v->phash, PHASH_SIZE));
	json_object_set_new(
	    j, "ahash", hex_json(v->codes.ahash, IMAGEHASH_SIZE));
	json_object_set_new(
	    j, "dhash", hex_json(v->codes.dhash, IMAGEHASH_SIZE));
	json_object_set_new(
	    j, "phash", hex_json(v->codes.phash, IMAGEHASH_SIZE));
	json_object_set_new(
	    j, "blockhash", hex_json(v->codes.blockhash, BLOCKHASH_SIZE));
	ret = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	return ret;
}

/* `code  name  file` on a line each. */
static char *
as_text(const char *path, const struct visit *v)
{
	const struct {
		const char *name;
		const unsigned char *code;
		size_t size;
	} codes[] = { { "pdq", v->pdq.bits, PDQ_SIZE },
		{ "pdq-trimmed", v->trim_pdq.bits,
		    v->look.trimmed ? PDQ_SIZE : 0 },
		{ "phash256", v->phash, PHASH_SIZE },
		{ "blockhash", v->codes.blockhash, BLOCKHASH_SIZE },
		{ "ahash", v->codes.ahash, IMAGEHASH_SIZE },
		{ "dhash", v->codes.dhash, IMAGEHASH_SIZE },
		{ "phash", v->codes.phash, IMAGEHASH_SIZE } };
	struct buf b CLEANUP(buf_release) = BUF_INIT(1 << 20);
	char hex[HEX_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		if (codes[i].size == 0)
			continue;
		text_to_hex(hex, codes[i].code, codes[i].size);
		buf_addf(&b, "%s%-64s  %-11s  %s", b.len > 0 ? "\n" : "", hex,
		    codes[i].name, path);
	}
	return xasprintf("%.*s", (int)b.len, (const char *)b.data);
}

static char *
reason_json(const char *path, enum prep_reason reason)
{
	json_t *j = json_pack(
	    "{s:s, s:s}", "file", path, "reason", prep_reason_name(reason));
	char *ret = json_dumps(j, JSON_COMPACT);

	json_decref(j);
	return ret;
}

/* In the order of the arguments, as far as they are there. */
static void
show(struct hashing *h)
{
	char **line;

	for (; h->shown < h->c->argc && h->lines[h->shown] != NULL;
	     h->shown++) {
		line = &h->lines[h->shown];
		if (**line != 0)
			puts(*line);
		free(*line);
		*line = NULL;
	}
}

static void
cannot(struct hashing *h, int i, enum prep_reason reason, const char *why)
{
	log_error(
	    "%s: %s%s", h->c->argv[i], reason == REASON_none ? "" : "it ", why);
	h->lines[i] = h->c->json && reason != REASON_none
	    ? reason_json(h->c->argv[i], reason)
	    : xstrdup("");
	h->failed++;
}

static int
next_file(void *ctx, struct prep_item *ret, struct err *e)
{
	struct hashing *h = ctx;
	int i;

	(void)e;
	while (h->next < h->c->argc) {
		i = h->next++;
		ret->fd = open(h->c->argv[i], O_RDONLY | O_CLOEXEC);
		ret->id = i;
		ret->facts = ret->codes = true;
		if (ret->fd >= 0)
			return 1;
		cannot(h, i, REASON_none, strerror(errno));
	}
	return 0;
}

static int
take_visit(void *ctx, int64_t id, struct visit *v, struct err *e)
{
	struct hashing *h = ctx;
	const char *path = h->c->argv[id];

	(void)e;
	if (v->reason != REASON_none)
		cannot(h, (int)id, v->reason,
		    prep_reason_text(prep_reason_name(v->reason)));
	else
		h->lines[id] = h->c->json ? as_json(path, v) : as_text(path, v);
	show(h);
	return 0;
}

static int
run_hash(struct cli *c, struct err *e)
{
	struct prep_opts *opts = opt_new(&prep_group);
	struct proc_pool *pool = NULL;
	struct hashing h = { .c = c };
	struct recipe recipe;
	int rc, i;

	opts->min_side = 1;
	h.lines = xcalloc((size_t)c->argc, sizeof(*h.lines));
	pool = prep_pool_new(opts);
	rc = recipe_parse(STEPS, &recipe, e);
	if (rc == 0)
		rc = prep_visits(
		    pool, opts, &recipe, next_file, take_visit, &h, e);
	if (rc == 0)
		show(&h);
	for (i = 0; i < c->argc; i++)
		free(h.lines[i]);
	free(h.lines);
	proc_pool_free(pool);
	opt_free(&prep_group, opts);
	c->partial = h.failed > 0;
	return rc < 0 || stop_check(e) < 0 ? -1 : h.failed == c->argc;
}

const struct cmd cmd_hash = {
	.name = "hash",
	.usage = "FILE... [--json]",
	.help = "what pictures are called by their looks",
	.needs = NEEDS_NOTHING,
	.min_args = 1,
	.max_args = -1,
	.run = run_hash,
	.examples = "  griddle hash a.jpg b.png\n"
		    "  griddle hash --json *.jpg | jq .pdq\n",
};
