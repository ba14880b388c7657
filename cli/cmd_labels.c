/* SPDX-License-Identifier: Apache-2.0 */
/*
 * labels: decisions out to other tools, and back in.
 */
#include "cli/curate.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "store/exchange.h"

#define IMPORT_MAX ((size_t)512 << 20) /* bytes of a file */

static int
put_text(void *ctx, const char *text, struct err *e)
{
	(void)ctx;
	if (fputs(text, stdout) == EOF)
		return err_sys(e, ERR_FATAL, "cannot write to stdout");
	return 0;
}

/* --as, or what the file's name ends in. */
static int
find_format(const struct cli *c, const char *file, enum exchange_format *ret,
    struct err *e)
{
	const char *as = cli_option(c, "as");
	const char *dot = file == NULL ? NULL : strrchr(file, '.');

	if (as == NULL && file == NULL)
		as = "csv";
	if (as == NULL && dot != NULL)
		as = dot + 1;
	if (as != NULL && exchange_format(as, ret))
		return 0;
	return err_set(
	    e, ERR_USAGE, "labels: --as is to be %s", EXCHANGE_FORMATS);
}

static int
export_labels(struct cli *c, struct err *e)
{
	const struct exchange_opts opts = {
		.rev = cli_option(c, "rev") != NULL,
		.claimed = cli_option(c, "claimed") != NULL,
	};
	struct filter *f CLEANUP(filter_freep) = NULL;
	enum exchange_format format;

	if (find_format(c, NULL, &format, e) < 0 || cli_filter(c, 1, &f, e) < 0)
		return -1;
	return labels_export(c->store, f, format, &opts, put_text, NULL, e);
}

static void
say_bad(void *ctx, const char *where, const char *why)
{
	struct cli *c = ctx;

	c->partial = true;
	log_error("%s: %s", where, why);
}

static int
import_labels(struct cli *c, struct err *e)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(IMPORT_MAX);
	const char *file = c->argv[1];
	enum exchange_format format;
	struct import_done done;
	struct op_ask step;

	if (c->argc != 2)
		return err_set(
		    e, ERR_USAGE, "usage: griddle labels %s", c->cmd->usage);
	if (find_format(c, file, &format, e) < 0 || cli_op(c, &step, e) < 0)
		return -1;
	if ((strcmp(file, "-") == 0
		    ? file_read_fd(STDIN_FILENO, "standard input", &b, e)
		    : file_read(file, &b, e)) < 0)
		return -1;
	if (b.data == NULL)
		return err_set(e, ERR_INPUT, "%s: it is empty", file);
	if (cli_make_class_names(c, e) < 0 ||
	    labels_import(c->store, format, (char *)b.data, b.len, &step,
		say_bad, c, &done, e) < 0)
		return err_wrap(e, "%s", file);
	if (cli_op_done(c, "changed", &step, &done.done, e) < 0)
		return -1;
	if (done.bad > 0)
		log_error("%lld were not taken", (long long)done.bad);
	return 0;
}

static int
run_labels(struct cli *c, struct err *e)
{
	if (strcmp(c->argv[0], "export") == 0)
		return export_labels(c, e);
	if (strcmp(c->argv[0], "import") == 0 && c->argc >= 2)
		return import_labels(c, e);
	return err_set(e, ERR_USAGE, "usage: griddle labels %s", c->cmd->usage);
}

static const struct cmd_option labels_options[] = { { "as", "FORMAT",
							EXCHANGE_FORMATS },
	{ "rev", NULL,
	    "export: with revisions, so that import finds what was changed "
	    "between" },
	{ "claimed", NULL,
	    "export: what sources claim where nothing is decided" },
	OP_OPTIONS, NEW_CLASS_OPTION, { 0 } };

const struct cmd cmd_labels = {
	.name = "labels",
	.usage = "export [FILTER...] | import FILE [--as FORMAT] [--rev] "
		 "[--claimed] [--new-class] " OP_USAGE,
	.help = "decisions out to other tools, and back in",
	.needs = NEEDS_CONFIG | NEEDS_WRITE,
	.min_args = 1,
	.max_args = -1,
	.reads = "export",
	.options = labels_options,
	.run = run_labels,
	.examples =
	    "  griddle labels export --as csv --rev label=crepe > crepes.csv\n"
	    "  griddle labels import crepes.csv\n"
	    "  griddle labels export --as label-studio > tasks.json\n"
	    "  griddle labels import project-1.json --as label-studio\n"
	    "Label Studio shows the images when it serves the workspace as "
	    "local files\n(LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT) and its "
	    "labelling is\n"
	    "  <View><Image name=\"image\" value=\"$image\"/>\n"
	    "  <Choices name=\"label\" toName=\"image\">...</Choices></View>\n",
};
