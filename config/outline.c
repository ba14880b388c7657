/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which option stands where: the names, braces and equal signs.
 */
#include <string.h>

#include "base/text.h"
#include "config/config_int.h"

#define NAMES_MAX 128
#define ENTRIES_MAX 65536

/* A token in an error: not endless. */
#define SHOWN(t) (int)((t)->len < 80 ? (t)->len : 80), (t)->text

struct reader {
	struct config *config;
	struct scan *scan;
	struct outline *outline;
	struct group *group;     /* in which we are */
	struct section *section; /* of that group; NULL: at the top */
	int open_line;           /* of the last { */
};

void
outline_release(struct outline *outline)
{
	free(outline->v);
	*outline = (struct outline){ 0 };
}

static struct section *
top(const struct reader *r)
{
	struct group *group = config_group(r->config, "");

	return group == NULL ? NULL : &group->sections[0];
}

/* What could stand at the top: its options and the sections. */
static const char *
suggest_at_top(const struct reader *r, const char *name)
{
	const char *names[NAMES_MAX + 1];
	const struct opt *opt;
	size_t n = 0, i;

	for (i = 0; i < r->config->n; i++)
		if (*r->config->groups[i].opts->name != 0 && n < NAMES_MAX)
			names[n++] = r->config->groups[i].opts->name;
	if (top(r) != NULL)
		for (opt = config_group(r->config, "")->opts->opts;
		     opt->name != NULL && n < NAMES_MAX; opt++)
			names[n++] = opt->name;
	names[n] = NULL;
	return text_suggest(name, names);
}

static bool
is_known_at_top(const struct reader *r, const char *name)
{
	const struct group *group = config_group(r->config, "");

	return (*name != 0 && config_group(r->config, name) != NULL) ||
	    (group != NULL && opt_find(group->opts, name) != NULL);
}

/* ---- `name = value` ---- */

static int
unknown_option(const struct reader *r, const struct token *t, const char *name,
    struct err *e)
{
	char *where CLEANUP(freep) = config_where(r->group, r->section);
	char *hint CLEANUP(freep) = NULL;

	if (r->section == NULL) {
		hint = config_hint(suggest_at_top(r, name));
		return config_fail(e, r->scan->path, t->line,
		    "no option \"%.80s\"%s", name, hint);
	}
	if (is_known_at_top(r, name))
		return config_fail(e, r->scan->path, t->line,
		    "%sno option \"%.80s\"; is the \"{\" of line %d closed?",
		    where, name, r->open_line);
	hint = config_hint(opt_suggest(r->group->opts, name));
	return config_fail(e, r->scan->path, t->line, "%sno option \"%.80s\"%s",
	    where, name, hint);
}

/* Note that the option is set here, if it is for the first time. */
static int
note(struct reader *r, struct group *group, struct section *section,
    const struct opt *opt, int line, struct err *e)
{
	char *where CLEANUP(freep) = config_where(group, r->section);
	struct outline *o = r->outline;
	int *set = config_line_of(group, section, opt);

	if (*set != 0)
		return config_fail(e, r->scan->path, line,
		    "%s%s has two values (lines %d and %d)", where, opt->name,
		    *set, line);
	*set = line;
	if (o->n == ENTRIES_MAX)
		return config_fail(e, r->scan->path, line,
		    "more than %d options", ENTRIES_MAX);
	o->v = xreallocarray(o->v, o->n + 1, sizeof(*o->v));
	o->v[o->n++] = (struct entry){
		.group = group,
		.section = (size_t)(section - group->sections),
		.opt = opt,
	};
	return 0;
}

static int
read_list(struct reader *r, const struct token *open, struct err *e)
{
	bool want_comma = false;
	struct token t;

	for (;;) {
		if (scan_next(r->scan, &t, e) < 0)
			return -1;
		if (t.kind == TOKEN_END)
			return config_fail(e, r->scan->path, open->line,
			    "this \"{\" is not closed");
		if (token_is(&t, '}'))
			return 0;
		if (token_is(&t, '{') || token_is(&t, '=') ||
		    token_is(&t, ',') != want_comma)
			return config_fail(e, r->scan->path, t.line,
			    "\"%.*s\" is not expected in a list; is the "
			    "\"{\" of line %d closed?",
			    SHOWN(&t), open->line);
		want_comma = !want_comma;
	}
}

static int
read_value(struct reader *r, const struct opt *opt, struct err *e)
{
	char *where CLEANUP(freep) = config_where(r->group, r->section);
	struct token t;

	if (scan_next(r->scan, &t, e) < 0)
		return -1;
	if (t.kind == TOKEN_WORD || t.kind == TOKEN_STRING)
		return 0;
	if (!token_is(&t, '{'))
		return config_fail(e, r->scan->path, t.line,
		    "%s%s has no value", where, opt->name);
	if (opt->type != OPT_LIST)
		return config_fail(e, r->scan->path, t.line,
		    "%s%s takes one value, not a list", where, opt->name);
	return read_list(r, &t, e);
}

static int
read_option(
    struct reader *r, const struct token *t, const char *name, struct err *e)
{
	struct section *section = r->section;
	struct group *group = r->group;
	const struct opt *opt = NULL;

	if (section == NULL) {
		group = config_group(r->config, "");
		section = top(r);
	}
	if (group != NULL)
		opt = opt_find(group->opts, name);
	if (opt == NULL && r->section == NULL && is_known_at_top(r, name))
		return config_fail(e, r->scan->path, t->line,
		    "%s is a section: %s { ... }", name, name);
	if (opt == NULL)
		return unknown_option(r, t, name, e);
	if (note(r, group, section, opt, t->line, e) < 0)
		return -1;
	return read_value(r, opt, e);
}

/* ---- `name "title" {` ---- */

static int
unknown_section(const struct reader *r, const struct token *t, const char *name,
    struct err *e)
{
	char *hint CLEANUP(freep) = NULL;

	if (is_known_at_top(r, name))
		return config_fail(e, r->scan->path, t->line,
		    "\"=\" is missing after %s", name);
	hint = config_hint(suggest_at_top(r, name));
	return config_fail(
	    e, r->scan->path, t->line, "no section \"%.80s\"%s", name, hint);
}

static int
check_title(const struct reader *r, const struct group *group,
    const struct token *t, struct err *e)
{
	const char *name = group->opts->name;

	if (group->opts->titled && t == NULL)
		return config_fail(e, r->scan->path, r->scan->line,
		    "%s needs a title: %s \"name\" { ... }", name, name);
	if (!group->opts->titled && t != NULL)
		return config_fail(
		    e, r->scan->path, t->line, "%s takes no title", name);
	if (t != NULL && (t->len == 0 || memchr(t->text, '\\', t->len)))
		return config_fail(e, r->scan->path, t->line,
		    "%s: a title is not empty and has no \"\\\"", name);
	return 0;
}

/* The section that stands already where a new one would. */
static const struct section *
twin(const struct group *group, const char *title)
{
	size_t i;

	for (i = 0; i < group->n; i++)
		if (title == NULL
			? group->sections[i].shown.line != 0
			: strcmp(group->sections[i].title, title) == 0)
			return &group->sections[i];
	return NULL;
}

static int
open_section(struct reader *r, struct group *group, const struct token *title,
    int line, struct err *e)
{
	char *text CLEANUP(freep) =
	    title == NULL ? NULL : xstrndup(title->text, title->len);
	const struct section *first = twin(group, text);

	if (first != NULL && text != NULL)
		return config_fail(e, r->scan->path, line,
		    "%s \"%.80s\" stands twice (lines %d and %d)",
		    group->opts->name, text, first->shown.line, line);
	if (first != NULL)
		return config_fail(e, r->scan->path, line,
		    "%s stands twice (lines %d and %d)", group->opts->name,
		    first->shown.line, line);
	if (group->n == CONFIG_SECTIONS_MAX)
		return config_fail(e, r->scan->path, line,
		    "more than %d sections", CONFIG_SECTIONS_MAX);
	r->group = group;
	if (text != NULL) {
		r->section = config_add_section(group, TAKE(text), line);
		return 0;
	}
	r->section = &group->sections[0];
	r->section->shown.line = line;
	return 0;
}

/* `t` is what follows the name: a title, or the brace. */
static int
read_section(struct reader *r, const struct token *name_token, const char *name,
    struct token *t, struct err *e)
{
	struct group *group = *name == 0 ? NULL : config_group(r->config, name);
	struct token title = *t;
	bool has_title = !token_is(t, '{');

	if (r->section != NULL && is_known_at_top(r, name))
		return config_fail(e, r->scan->path, name_token->line,
		    "%s cannot stand in a section; is the \"{\" of line %d "
		    "closed?",
		    name, r->open_line);
	if (r->section != NULL)
		return config_fail(e, r->scan->path, name_token->line,
		    "\"=\" is missing after \"%.80s\"", name);
	if (group == NULL)
		return unknown_section(r, name_token, name, e);
	if (has_title && scan_next(r->scan, t, e) < 0)
		return -1;
	if (!token_is(t, '{'))
		return config_fail(e, r->scan->path, title.line,
		    "\"{\" is missing after %s \"%.*s\"", name, SHOWN(&title));
	if (check_title(r, group, has_title ? &title : NULL, e) < 0)
		return -1;
	r->open_line = t->line;
	return open_section(
	    r, group, has_title ? &title : NULL, name_token->line, e);
}

/* ---- the file ---- */

static int
read_named(struct reader *r, const struct token *name_token, struct err *e)
{
	char *name CLEANUP(freep) = xstrndup(name_token->text, name_token->len);
	struct token t;

	if (scan_next(r->scan, &t, e) < 0)
		return -1;
	if (token_is(&t, '='))
		return read_option(r, name_token, name, e);
	if (token_is(&t, '{') || t.kind == TOKEN_WORD || t.kind == TOKEN_STRING)
		return read_section(r, name_token, name, &t, e);
	return config_fail(e, r->scan->path, name_token->line,
	    "after \"%.80s\" neither \"=\" nor \"{\" follows", name);
}

static int
close_section(struct reader *r, const struct token *t, struct err *e)
{
	if (r->section == NULL)
		return config_fail(
		    e, r->scan->path, t->line, "this \"}\" closes nothing");
	r->section = NULL;
	r->group = NULL;
	return 0;
}

int
outline_read(struct config *config, struct scan *scan, struct outline *outline,
    struct err *e)
{
	struct reader r = {
		.config = config,
		.scan = scan,
		.outline = outline,
	};
	struct token t;
	int status = 0;

	while (status == 0) {
		if (scan_next(scan, &t, e) < 0)
			return -1;
		if (t.kind == TOKEN_END)
			break;
		if (t.kind == TOKEN_WORD)
			status = read_named(&r, &t, e);
		else if (token_is(&t, '}'))
			status = close_section(&r, &t, e);
		else
			status = config_fail(e, scan->path, t.line,
			    "\"%.*s\" is not expected here", SHOWN(&t));
	}
	if (status == 0 && r.section != NULL)
		return config_fail(
		    e, scan->path, r.open_line, "this \"{\" is not closed");
	return status;
}
