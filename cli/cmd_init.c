/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init, config: a workspace, and what it is set to.
 */
#include "cli/cli.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define CONF_MAX 65536

static const char conf_head[] =
    "# griddle.conf: what to gather and how to learn from it.\n"
    "# `griddle config` prints every option with its value and meaning;\n"
    "# `griddle source types` prints what a source can be.\n"
    "\n";

static const char conf_middle[] =
    "target  = 1000           # images per class\n"
    "# contact = \"you@example.org\"   # goes into the User-Agent; the public"
    " web requires it\n"
    "\n"
    "recipe \"default\" { steps = \"autorotate, crop smart 1:1, resize 224\""
    " }\n"
    "\n"
    "# augment \"default\" { steps = \"flip h 50%, rotate -10..10\" }"
    "   # for train { augment = 2 }\n"
    "# scraper { delay = 1.0  max_bytes = 20M }\n"
    "# split   { train = 70  val = 15  test = 15  balance = down  seed = 1"
    " }\n"
    "\n";

static const char conf_words[] =
    "# Of each class the same number is gathered. Edit the words: names in"
    " other\n# languages and of kinds of it find more, each in a source of"
    " its own.\n";

static const char conf_tail[] =
    "# source \"blog\" { type = page  url = \"https://example.org/crepes/\""
    "  label = crepe  depth = 1 }\n"
    "# source \"urls\" { type = list  path = \"urls.csv\" }"
    "             # columns url,label; .gz too\n"
    "# source \"mine\" { type = folder  path = \"photos\" }"
    "            # label: the folder's name\n";

static bool
ends_in_any(const char *word, const char *const *endings)
{
	size_t len = strlen(word), n;

	for (; *endings != NULL; endings++) {
		n = strlen(*endings);
		if (len > n && strcmp(word + len - n, *endings) == 0)
			return true;
	}
	return false;
}

/* "berry" -> "berries"; what seems to be a plural stays. */
static char *
plural_of(const char *word)
{
	static const char *const vowel_y[] = { "ay", "ey", "oy", "uy", NULL };
	static const char *const es[] = { "ss", "x", "z", "ch", "sh", NULL };
	static const char *const y[] = { "y", NULL },
				 *const s[] = { "s", NULL };

	if (ends_in_any(word, es))
		return xasprintf("%ses", word);
	if (ends_in_any(word, s))
		return xstrdup(word);
	if (ends_in_any(word, y) && !ends_in_any(word, vowel_y))
		return xasprintf("%.*sies", (int)strlen(word) - 1, word);
	return xasprintf("%ss", word);
}

/* "pancake" -> "Pancakes", as Commons names its categories. */
static char *
category_of(const char *class)
{
	char *name = plural_of(class);

	name[0] = (char)toupper((unsigned char)name[0]);
	return name;
}

/* Where the pictures of a class may be: words to begin with. */
static void
write_sources(struct buf *conf, const char *class)
{
	char *category CLEANUP(freep) = category_of(class);
	char *plural CLEANUP(freep) = plural_of(class);

	buf_addf(conf,
	    "source \"commons-%s\" {\n"
	    "\ttype = commons\n\tcategory = \"%s\"\n"
	    "\tlabel = \"%s\"\n}\n",
	    class, category, class);
	buf_addf(conf,
	    "source \"openverse-%s\" { type = openverse"
	    "  query = \"%s\"  label = \"%s\" }\n",
	    class, class, class);
	if (strcmp(plural, class) != 0)
		buf_addf(conf,
		    "source \"openverse-%s\" { type = openverse"
		    "  query = \"%s\"  label = \"%s\" }\n",
		    plural, plural, class);
}

/* Letters, digits, spaces, - and _ need no thought in any file we write. */
static int
check_class(const char *name, struct err *e)
{
	size_t i, len = strlen(name);

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) &&
		    strchr(" -_", name[i]) == NULL &&
		    (unsigned char)name[i] < 0x80)
			break;
	if (len == 0 || len > 64 || i < len || !text_is_utf8(name, len))
		return err_set(e, ERR_USAGE,
		    "\"%s\" is not a good name for "
		    "a class: 1 to 64 letters, digits, spaces, - or _",
		    name);
	return 0;
}

static int
split_classes(const char *text, struct strlist *ret, struct err *e)
{
	char *copy CLEANUP(freep) = xstrdup(text);
	char *rest = copy, *word;

	while ((word = strsep(&rest, ",")) != NULL) {
		word = text_trim(word);
		if (check_class(word, e) < 0)
			return -1;
		if (strlist_has(ret, word))
			return err_set(
			    e, ERR_USAGE, "class \"%s\" stands twice", word);
		strlist_add(ret, word);
	}
	return 0;
}

static void
write_conf(struct buf *conf, const struct strlist *classes)
{
	size_t i;

	buf_addf(conf, "%sclasses = {", conf_head);
	for (i = 0; i < classes->n; i++)
		buf_addf(conf, "%s \"%s\"", i == 0 ? "" : ",", classes->v[i]);
	buf_addf(conf, " }\n%s", conf_middle);
	if (classes->n > 0)
		buf_addf(conf, "%s", conf_words);
	for (i = 0; i < classes->n; i++)
		write_sources(conf, classes->v[i]);
	buf_addf(conf, "%s", conf_tail);
}

static int
run_init(struct cli *c, struct err *e)
{
	struct strlist classes CLEANUP(strlist_release) = { 0 };
	struct buf conf CLEANUP(buf_release) = BUF_INIT(CONF_MAX);
	const char *folder = c->argc > 0 ? c->argv[0] : ".";
	const char *names = cli_option(c, "classes");
	char *path CLEANUP(freep) = xasprintf("%s/griddle.conf", folder);
	char *catalog CLEANUP(freep) = xasprintf("%s/catalog.db", folder);

	if (names != NULL && split_classes(names, &classes, e) < 0)
		return -1;
	write_conf(&conf, &classes);
	/* The catalog comes last: where it is, there is a workspace. */
	if (file_make_dirs(folder, e) < 0 ||
	    (access(path, F_OK) != 0 && access(catalog, F_OK) != 0 &&
		file_replace(path, conf.data, conf.len, e) < 0) ||
	    store_create_with(folder, &classes, e) < 0)
		return -1;
	log_info("made %s; next: edit griddle.conf there (set contact), then "
		 "griddle run",
	    folder);
	return 0;
}

static const struct cmd_option init_options[] = {
	{ "classes", "A,B,...", "what the pictures may be of" }, { 0 }
};

const struct cmd cmd_init = {
	.name = "init",
	.usage = "[DIR] [--classes A,B,...]",
	.help = "make a workspace: griddle.conf, catalog, blobs",
	.max_args = 1,
	.options = init_options,
	.run = run_init,
};

/* ---- config ----------------------------------------------------------- */

static void
put_option(const struct cli *c, const char *name, const char *shown,
    const char *from, const char *help)
{
	if (c->json) {
		cli_put_json(json_pack("{s:s, s:s, s:s, s:s}", "option", name,
		    "value", shown, "from", from, "help", help));
		return;
	}
	text_put_safe(stdout, name);
	printf(" = ");
	text_put_safe(stdout, shown);
	printf("    # %s; %s\n", from, help);
}

static int
print_option(void *ctx, const struct opt_group *group,
    const struct config_section *section, const struct opt *opt,
    const char *shown, int line)
{
	const struct cli *c = ctx;
	char *name CLEANUP(freep) = section != NULL
	    ? xasprintf("%s.%s.%s", group->name, section->title, opt->name)
	    : xasprintf(
		  "%s%s%s", group->name, group->name[0] ? "." : "", opt->name);
	char *from CLEANUP(freep) =
	    line == 0 ? xstrdup("default") : xasprintf("griddle.conf:%d", line);

	if (c->argc == 0 || strcmp(c->argv[0], group->name) == 0)
		put_option(c, name, shown, from, opt->text);
	return 0;
}

static int
check_section(const char *name, struct err *e)
{
	struct buf list CLEANUP(buf_release) = BUF_INIT(1024);
	const struct opt_group *const *group;

	for (group = option_groups; *group != NULL; group++) {
		if (strcmp((*group)->name, name) == 0)
			return 0;
		if ((*group)->name[0] != 0)
			buf_addf(&list, "%s%s", list.len == 0 ? "" : ", ",
			    (*group)->name);
	}
	return err_set(e, ERR_USAGE, "no section \"%s\" in griddle.conf: %s",
	    name, (const char *)list.data);
}

static int
run_config(struct cli *c, struct err *e)
{
	if (c->argc > 0 && check_section(c->argv[0], e) < 0)
		return -1;
	return config_walk(c->config, print_option, c);
}

const struct cmd cmd_config = {
	.name = "config",
	.usage = "[SECTION] [--json]",
	.help = "every option: its value, where it came from, what it means",
	.needs = NEEDS_CONFIG,
	.max_args = 1,
	.run = run_config,
};
