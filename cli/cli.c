/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What commands share.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "dedup/dedup.h"
#include "prep/prep.h"
#include "prep/quality.h"
#include "scraper/scraper.h"
#include "store/export.h"
#include "store/snapshot.h"
#include "trainer/trainer.h"

static const struct opt root_opts[] = {
	{ "classes", OPT_FIELD(struct root_opts, classes),
	    .text = "What the pictures may be of." },
	{ "target", OPT_FIELD(struct root_opts, target), .def = "1000",
	    .min = 1, .max = 1e9, .unit = "images",
	    .text = "Per class; gathering steers to the class that has "
		    "least." },
	{ "contact", OPT_FIELD(struct root_opts, contact),
	    .text = "Mail or web address for the User-Agent; the public web "
		    "requires it." },
	{ 0 }
};

const struct opt_group root_group = {
	.name = "",
	.text = "The question.",
	.opts = root_opts,
	.size = sizeof(struct root_opts),
};

const struct opt_group *const option_groups[] = { &root_group, &recipe_group,
	&augment_group, &source_group, &scraper_group, &prep_group,
	&quality_group, &dedup_group, &split_group, &train_group,
	&dataset_group, NULL };

const char *
cli_option(const struct cli *c, const char *name)
{
	size_t i;

	for (i = 0; c->cmd->options && c->cmd->options[i].name; i++)
		if (strcmp(c->cmd->options[i].name, name) == 0)
			return c->values[i];
	return NULL;
}

int
cli_number(const struct cli *c, const char *name, int64_t otherwise,
    int64_t *ret, struct err *e)
{
	const char *value = cli_option(c, name);

	*ret = otherwise;
	if (value != NULL && (!text_to_int(value, ret) || *ret < 0))
		return err_set(e, ERR_USAGE,
		    "--%s: \"%s\" is not a number "
		    "of 0 or more",
		    name, value);
	return 0;
}

int
cli_filter(const struct cli *c, int from, struct filter **ret, struct err *e)
{
	return filter_parse((const char *const *)c->argv + from,
	    (size_t)(c->argc - from), ret, e);
}

void
cli_put_json(json_t *value)
{
	char *text = json_dumps(value, JSON_REAL_PRECISION(9));

	puts(text);
	free(text);
	json_decref(value);
}

const char *
cli_actor(void)
{
	const char *user = getenv("USER");

	return user != NULL && user[0] != 0 ? user : "griddle";
}

char *
cli_find_workspace(void)
{
	const char *named = getenv("GRIDDLE_WORKSPACE");
	char *folder CLEANUP(freep) = NULL;
	char *slash;

	if (named != NULL && named[0] != 0)
		return xstrdup(named);
	folder = getcwd(NULL, 0);
	while (folder != NULL) {
		char *path CLEANUP(freep) = xasprintf("%s/catalog.db", folder);

		if (access(path, F_OK) == 0)
			return TAKE(folder);
		slash = strrchr(folder, '/');
		if (slash == NULL || folder[0] == 0)
			break;
		*slash = 0;
	}
	return NULL;
}
