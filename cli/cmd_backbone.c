/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backbone: networks from outside, whose answers are features.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/learn.h"
#include "trainer/backbone.h"

/* ---- showing ------------------------------------------------------------ */

static void
print_outputs(const json_t *meta)
{
	const json_t *list = json_object_get(meta, "outputs"), *o, *shape;
	size_t i, d;

	json_array_foreach(list, i, o)
	{
		char *safe CLEANUP(freep) =
		    text_safe(json_string_value(json_object_get(o, "name")));

		printf("  output %s [", safe);
		shape = json_object_get(o, "shape");
		for (d = 0; d < json_array_size(shape); d++) {
			const json_int_t n =
			    json_integer_value(json_array_get(shape, d));

			if (n < 0)
				printf("%sN", d ? " x " : "");
			else
				printf("%s%lld", d ? " x " : "", (long long)n);
		}
		puts("]");
	}
}

static void
print_use(const char *name, const json_t *meta)
{
	const json_t *use = json_object_get(meta, "use");

	printf("%s: %lld numbers of output %s, from pictures of %lld x %lld, "
	       "%lld parameters\n",
	    name, (long long)json_integer_value(json_object_get(use, "count")),
	    json_string_value(json_object_get(use, "output")),
	    (long long)json_integer_value(json_object_get(use, "side")),
	    (long long)json_integer_value(json_object_get(use, "side")),
	    (long long)json_integer_value(json_object_get(meta, "parameters")));
}

static int
show_row(void *ctx, const struct backbone_row *r, struct err *e)
{
	const struct cli *c = ctx;
	char hex[SHA256_HEX];
	json_t *meta = json_loads(r->meta, 0, NULL);

	(void)e;
	text_to_hex(hex, r->sha256, SHA256_SIZE);
	if (c->json)
		cli_put_json(json_pack("{s:s, s:s, s:I, s:I, s:O?}", "name",
		    r->name, "sha256", hex, "bytes", (json_int_t)r->bytes,
		    "added", (json_int_t)r->added, "meta", meta));
	else
		print_use(r->name, meta);
	json_decref(meta);
	return 0;
}

/* ---- import ------------------------------------------------------------- */

/* The file's own name, without what is behind its last dot. */
static char *
name_of(const struct cli *c, const char *path)
{
	const char *given = cli_option(c, "name");
	const char *slash = strrchr(path, '/');
	const char *file = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(file, '.');

	if (given != NULL)
		return xstrdup(given);
	return dot != NULL && dot > file ? xstrndup(file, (size_t)(dot - file))
					 : xstrdup(file);
}

static int
check_name(const char *name, struct err *e)
{
	if (strcmp(name, "auto") == 0 || strcmp(name, "plain") == 0)
		return err_set(
		    e, ERR_USAGE, "\"%s\" means something else", name);
	if (backbone_name_is_good(name))
		return 0;
	return err_set(e, ERR_USAGE,
	    "a backbone's name is 1 to %d letters, digits, '.', '_' or '-': "
	    "give --name",
	    BACKBONE_NAME_MAX);
}

static int
import(struct cli *c, const char *path, struct err *e)
{
	struct buf bytes CLEANUP(buf_release) = BUF_INIT(BACKBONE_FILE_MAX);
	char *name CLEANUP(freep) = name_of(c, path);
	struct backbone_wish wish = {
		.mean = cli_option(c, "mean"),
		.std = cli_option(c, "std"),
		.output = cli_option(c, "output"),
	};
	json_t *meta;

	if (check_name(name, e) < 0 ||
	    cli_number(c, "size", 0, &wish.side, e) < 0 ||
	    file_read(path, &bytes, e) < 0)
		return -1;
	if (backbone_import(
		c->store, name, bytes.data, bytes.len, &wish, &meta, e) < 0)
		return e->kind == ERR_INPUT ? err_wrap(e, "%s", path) : -1;
	if (c->json) {
		cli_put_json(meta);
		return 0;
	}
	print_use(name, meta);
	print_outputs(meta);
	json_decref(meta);
	return 0;
}

static int
remove_one(struct cli *c, const char *name, struct err *e)
{
	const int rc = backbone_remove(c->store, name, e);

	if (rc == 0)
		return err_set(e, ERR_INPUT,
		    "no backbone \"%s\": see griddle backbone list", name);
	if (rc > 0)
		log_info("backbone: %s is gone; models that were trained on "
			 "it need it",
		    name);
	return rc < 0 ? -1 : 0;
}

static int
run_backbone(struct cli *c, struct err *e)
{
	const char *verb = c->argc > 0 ? c->argv[0] : "list";

	if (strcmp(verb, "list") == 0 && c->argc <= 1)
		return backbone_list(c->store, show_row, c, e);
	if (strcmp(verb, "import") == 0 && c->argc == 2)
		return import(c, c->argv[1], e);
	if (strcmp(verb, "remove") == 0 && c->argc == 2)
		return remove_one(c, c->argv[1], e);
	return err_set(
	    e, ERR_USAGE, "usage: griddle backbone %s", cmd_backbone.usage);
}

static const struct cmd_option backbone_options[] = {
	{ "name", "NAME", "what to call it; otherwise as its file" },
	{ "size", "PIXELS", "side of the pictures it takes" },
	{ "mean", "R,G,B", "what is taken from bytes 0..255 ..." },
	{ "std", "R,G,B", "... and what they are then divided by" },
	{ "output", "NAME",
	    "which answer is taken; otherwise embedding_taps "
	    "or embedding" },
	{ 0 }
};

const struct cmd cmd_backbone = {
	.name = "backbone",
	.usage = "[list | import FILE [OPTIONS] | remove NAME] [--json]",
	.help = "networks (ONNX files) that make features for train",
	.needs = NEEDS_WRITE,
	.max_args = 2,
	.options = backbone_options,
	.run = run_backbone,
	.examples = "  griddle backbone import mobilenet.onnx --size 224 "
		    "--mean 127.5 --std 127.5\n",
	.reads = "list",
};
