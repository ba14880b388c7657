/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recipes of griddle.conf, by name.
 */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/learn.h"

#define NAMES_MAX 1024 /* bytes of names that an error tells */

static const char standard[] = "default";

static const struct config_section *
recipe_named(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config_count(config, &recipe_group); i++) {
		const struct config_section *section =
		    config_at(config, &recipe_group, i);

		if (strcmp(section->title, name) == 0)
			return section;
	}
	return NULL;
}

static int
parse(const struct config_section *section, struct recipe *ret, struct err *e)
{
	const struct recipe_opts *opts = section->values;

	if (recipe_parse(opts->steps, ret, e) < 0)
		return err_wrap(e, "griddle.conf:%d: recipe \"%s\"",
		    section->line, section->title);
	return 0;
}

int
recipes_check(const struct config *config, struct err *e)
{
	struct recipe recipe;
	size_t i;

	for (i = 0; i < config_count(config, &recipe_group); i++)
		if (parse(config_at(config, &recipe_group, i), &recipe, e) < 0)
			return -1;
	return 0;
}

static int
unknown_recipe(const struct config *config, const char *name, struct err *e)
{
	const size_t n = config_count(config, &recipe_group);
	struct buf list CLEANUP(buf_release) = BUF_INIT(NAMES_MAX);
	const char **names = xcalloc(n + 1, sizeof(*names));
	const char *meant;
	size_t i;

	for (i = 0; i < n; i++) {
		names[i] = config_at(config, &recipe_group, i)->title;
		buf_addf(&list, "%s%s", i == 0 ? "" : ", ", names[i]);
	}
	meant = text_suggest(name, names);
	free(names);
	return err_set(e, ERR_USAGE,
	    "no recipe \"%.40s\" in griddle.conf%s%s%s (there %s %.200s)", name,
	    meant == NULL ? "" : "; did you mean \"",
	    meant == NULL ? "" : meant, meant == NULL ? "" : "\"?",
	    n == 1 ? "is" : "are", n == 0 ? "none" : (const char *)list.data);
}

/* "default", or the only one; several others leave open which. */
static int
usual_recipe(const struct config *config, const char **ret_name, struct err *e)
{
	*ret_name = standard;
	if (recipe_named(config, standard) != NULL)
		return 0;
	switch (config_count(config, &recipe_group)) {
	case 0:
		return 0;
	case 1:
		*ret_name = config_at(config, &recipe_group, 0)->title;
		return 0;
	default:
		return err_set(e, ERR_USAGE,
		    "griddle.conf has several recipes: call the one to learn"
		    " by \"%s\"",
		    standard);
	}
}

int
stage_recipe(struct cli *c, const char *name, const char **ret_name,
    struct recipe *ret, struct err *e)
{
	const struct config_section *section;
	struct recipe_opts *plain;
	int rc;

	if (name == NULL && usual_recipe(c->config, &name, e) < 0)
		return -1;
	*ret_name = name;
	section = recipe_named(c->config, name);
	if (section != NULL)
		return parse(section, ret, e);
	if (strcmp(name, standard) != 0)
		return unknown_recipe(c->config, name, e);
	/* griddle.conf says nothing of it: as the table has it. */
	plain = opt_new(&recipe_group);
	rc = recipe_parse(plain->steps, ret, e);
	opt_free(&recipe_group, plain);
	return rc;
}
