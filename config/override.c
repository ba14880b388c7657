/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --set group.key=value: over what the file says.
 */
#include <string.h>

#include "base/text.h"
#include "config/config_int.h"

#define NAMES_MAX 128

static int
no_section(const struct config *c, const char *name, struct err *e)
{
	const char *names[NAMES_MAX + 1];
	char *hint CLEANUP(freep) = NULL;
	size_t n = 0, i;

	for (i = 0; i < c->n && n < NAMES_MAX; i++)
		if (*c->groups[i].opts->name != 0)
			names[n++] = c->groups[i].opts->name;
	names[n] = NULL;
	hint = config_hint(text_suggest(name, names));
	return err_set(e, ERR_USAGE, "no section \"%.80s\"%s", name, hint);
}

/* Elements stand between commas; an empty text is an empty list. */
static int
set_list(const struct opt *opt, void *values, const char *text, struct err *e)
{
	char *copy CLEANUP(freep) = xstrdup(text);
	char *rest = copy, *element;

	opt_clear(opt, values);
	while ((element = strsep(&rest, ",")) != NULL) {
		element = text_trim(element);
		if (*element != 0 && opt_set(opt, values, element, e) < 0)
			return -1;
	}
	return 0;
}

int
config_override(struct config *c, const char *name, const char *key,
    const char *value, struct err *e)
{
	struct group *group = config_group(c, name);
	char *hint CLEANUP(freep) = NULL;
	char *where CLEANUP(freep) = NULL;
	const struct opt *opt;
	struct section *s;
	struct err cause;

	if (group == NULL)
		return no_section(c, name, e);
	if (group->opts->titled)
		return err_set(e, ERR_USAGE,
		    "%s has titles; it can only be set in %s", name, c->path);
	s = &group->sections[0];
	where = config_where(group, s);
	opt = opt_find(group->opts, key);
	if (opt == NULL) {
		hint = config_hint(opt_suggest(group->opts, key));
		return err_set(
		    e, ERR_USAGE, "%sno option \"%.80s\"%s", where, key, hint);
	}
	if (!text_is_utf8(value, strlen(value)))
		return err_set(
		    e, ERR_USAGE, "%s%s: not UTF-8 text", where, key);
	if ((opt->type == OPT_LIST
		    ? set_list(opt, s->values, value, &cause)
		    : opt_set(opt, s->values, value, &cause)) < 0)
		return err_set(e, ERR_USAGE, "%s%s", where, cause.msg);
	*config_line_of(group, s, opt) = CONFIG_SET;
	return 0;
}
