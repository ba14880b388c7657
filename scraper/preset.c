/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/preset.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "scraper/json_path.h"

#include "scraper/presets.inc"

#define NAME_LEN 64

void
preset_free(struct preset *p)
{
	opt_free(&preset_group, p);
}

/* ---- where they are ----------------------------------------------------- */

const char *
preset_shipped(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(presets); i++)
		if (strcmp(presets[i].name, name) == 0)
			return presets[i].text;
	return NULL;
}

static bool
is_name(const char *s)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return len > 0 && len <= NAME_LEN && s[len] == 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
preset_names(const char *folder, struct strlist *to)
{
	char *path CLEANUP(freep) = xasprintf("%s/sources", folder);
	DIR *dir = folder == NULL ? NULL : opendir(path);
	struct dirent *entry;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(presets); i++)
		strlist_add(to, presets[i].name);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char *name CLEANUP(freep) = xstrdup(entry->d_name);

		len = strlen(name);
		if (len <= 5 || strcmp(name + len - 5, ".conf") != 0)
			continue;
		name[len - 5] = 0;
		if (is_name(name) && !strlist_has(to, name))
			strlist_add(to, name);
	}
	if (dir != NULL)
		closedir(dir);
	if (to->n > 0)
		qsort(to->v, to->n, sizeof(*to->v), by_name);
}

/* ---- reading one -------------------------------------------------------- */

static int
check_paths(const struct preset *p, const char *name, struct err *e)
{
	const struct {
		const char *name, *expr;
	} paths[] = {
		{ "items", p->items },
		{ "parts", p->parts },
		{ "adult", p->adult },
		{ "image", p->image },
		{ "page", p->page },
		{ "title", p->title },
		{ "caption", p->caption },
		{ "tags", p->tags },
		{ "author", p->author },
		{ "label", p->label },
		{ "label_names", p->label_names },
		{ "licence", p->licence },
		{ "licence_url", p->licence_url },
		{ "more", p->more },
		{ "error", p->error },
		{ "error_text", p->error_text },
	};
	const char *fault;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		fault = paths[i].expr == NULL ? NULL
					      : json_path_fault(paths[i].expr);
		if (fault != NULL)
			return err_set(e, ERR_USAGE, "preset %s: %s: %s", name,
			    paths[i].name, fault);
	}
	return 0;
}

static int
check(const struct preset *p, const char *name, struct err *e)
{
	bool has_arg = strcmp(p->next, "page") == 0 ||
	    strcmp(p->next, "offset") == 0 || strcmp(p->next, "cursor") == 0;
	bool has_more = strcmp(p->next, "none") != 0 &&
	    strcmp(p->next, "page") != 0 && strcmp(p->next, "offset") != 0;
	bool has_name =
	    strcmp(p->auth, "key") == 0 || strcmp(p->auth, "header") == 0;
	const char *missing = NULL;

	if (p->url == NULL)
		missing = "url";
	else if (p->items == NULL)
		missing = "items";
	else if (p->image == NULL)
		missing = "image";
	else if (has_arg && p->next_arg == NULL)
		missing = "next_arg";
	else if (has_more && p->more == NULL)
		missing = "more";
	else if (has_name && p->auth_name == NULL)
		missing = "auth_name";
	else if (strcmp(p->auth, "oauth") == 0 && p->token_url == NULL)
		missing = "token_url";
	if (missing != NULL)
		return err_set(
		    e, ERR_USAGE, "preset %s: needs %s", name, missing);
	return check_paths(p, name, e);
}

/* A struct of its own, without the config that it came in. */
static struct preset *
copy_of(const struct preset *from)
{
	struct preset *p = opt_new(&preset_group);
	const struct opt *o;
	struct err e;
	size_t i;

	for (o = preset_group.opts; o->name != NULL; o++) {
		const char *at = (const char *)from + o->offset;
		char *shown CLEANUP(freep) = NULL;
		const struct strlist *list;

		if (o->type == OPT_LIST) {
			list = (const void *)at;
			for (i = 0; i < list->n; i++)
				opt_set(o, p, list->v[i], &e);
		} else if (o->type == OPT_STRING) {
			if (*(char *const *)(const void *)at != NULL)
				opt_set(
				    o, p, *(char *const *)(const void *)at, &e);
		} else {
			shown = opt_show(o, from);
			opt_set(o, p, shown, &e);
		}
	}
	return p;
}

int
preset_load(
    const char *folder, const char *name, struct preset **ret, struct err *e)
{
	static const struct opt_group *const groups[] = { &preset_group, NULL };
	struct preset *p CLEANUP(preset_freep) = NULL;
	struct config *c CLEANUP(config_freep) = NULL;
	char *path CLEANUP(freep) = NULL;
	const char *text = preset_shipped(name);

	if (!is_name(name))
		return err_set(e, ERR_USAGE, "no preset \"%s\"", name);
	path = xasprintf(
	    "%s/sources/%s.conf", folder == NULL ? "." : folder, name);
	if (folder != NULL && access(path, F_OK) == 0)
		text = NULL;
	else if (text == NULL)
		return err_set(e, ERR_USAGE,
		    "no preset \"%s\": griddle source types lists them", name);
	if (config_load(path, text, groups, &c, e) < 0)
		return -1;
	p = copy_of(config_get(c, &preset_group));
	if (check(p, name, e) < 0)
		return -1;
	*ret = TAKE(p);
	return 0;
}
