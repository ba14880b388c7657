/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "config/config_int.h"

/* ---- parts that all three steps use ---- */

int
config_fail(struct err *e, const char *path, int line, const char *fmt, ...)
{
	char text[sizeof(e->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, ERR_USAGE, "%s:%d: %s", path, line, text);
}

char *
config_hint(const char *meant)
{
	return meant == NULL ? xstrdup("")
			     : xasprintf("; did you mean \"%s\"?", meant);
}

char *
config_where(const struct group *group, const struct section *section)
{
	if (group == NULL || section == NULL || *group->opts->name == 0)
		return xstrdup("");
	if (section->title == NULL)
		return xasprintf("%s: ", group->opts->name);
	return xasprintf("%s \"%.80s\": ", group->opts->name, section->title);
}

struct group *
config_group(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (strcmp(c->groups[i].opts->name, name) == 0)
			return &c->groups[i];
	return NULL;
}

struct section *
config_add_section(struct group *group, char *title, int line)
{
	struct section *s;
	size_t n = 0;

	while (group->opts->opts[n].name != NULL)
		n++;
	group->sections = xreallocarray(
	    group->sections, group->n + 1, sizeof(*group->sections));
	s = &group->sections[group->n++];
	s->title = title;
	s->values = opt_new(group->opts);
	s->lines = xcalloc(n, sizeof(*s->lines));
	s->shown = (struct config_section){
		.title = s->title,
		.values = s->values,
		.line = line,
	};
	return s;
}

int *
config_line_of(const struct group *group, const struct section *section,
    const struct opt *opt)
{
	return &section->lines[opt - group->opts->opts];
}

/* ---- life ---- */

static struct config *
config_new(const char *path, const struct opt_group *const *groups)
{
	struct config *c = xcalloc(1, sizeof(*c));
	size_t i;

	c->path = xstrdup(path);
	while (groups[c->n] != NULL)
		c->n++;
	c->groups = xcalloc(c->n, sizeof(*c->groups));
	for (i = 0; i < c->n; i++) {
		c->groups[i].opts = groups[i];
		if (!groups[i]->titled)
			config_add_section(&c->groups[i], NULL, 0);
	}
	return c;
}

void
config_free(struct config *c)
{
	struct section *s;
	struct group *g;

	if (c == NULL)
		return;
	for (g = c->groups; g < c->groups + c->n; g++) {
		for (s = g->sections; s < g->sections + g->n; s++) {
			opt_free(g->opts, s->values);
			free(s->title);
			free(s->lines);
		}
		free(g->sections);
	}
	free(c->groups);
	free(c->path);
	free(c);
}

/* ---- reading ---- */

static int
check_utf8(const char *path, const char *text, struct err *e)
{
	size_t len;
	int line;

	for (line = 1; *text != 0; line++) {
		len = strcspn(text, "\n");
		if (!text_is_utf8(text, len))
			return config_fail(e, path, line, "not UTF-8 text");
		text += len + (text[len] != 0);
	}
	return 0;
}

static int
parse(struct config *c, const char *text, struct err *e)
{
	struct outline outline CLEANUP(outline_release) = { 0 };
	struct scan scan = {
		.path = c->path,
		.p = text,
		.line = 1,
		.clean = BUF_INIT(4 * strlen(text) + 1),
	};
	int status;

	/* The mark that editors of another system put in front. */
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		scan.p += 3;
	status = check_utf8(c->path, text, e);
	if (status == 0)
		status = outline_read(c, &scan, &outline, e);
	if (status == 0 && scan.clean.data != NULL)
		status = load_values(c, (char *)scan.clean.data, &outline, e);
	buf_release(&scan.clean);
	return status;
}

static int
read_file(const char *path, struct buf *b, struct err *e)
{
	if (file_read(path, b, e) < 0) {
		e->kind = ERR_USAGE;
		return -1;
	}
	if (b->data != NULL && memchr(b->data, 0, b->len) != NULL)
		return err_set(e, ERR_USAGE, "%s: not a text file", path);
	return 0;
}

int
config_load(const char *path, const char *text,
    const struct opt_group *const *groups, struct config **ret, struct err *e)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(CONFIG_SIZE_MAX);
	struct config *c CLEANUP(config_freep) = NULL;

	if (text == NULL && read_file(path, &b, e) < 0)
		return -1;
	if (text != NULL && strlen(text) > CONFIG_SIZE_MAX)
		return err_set(e, ERR_USAGE, "%s: larger than %u bytes", path,
		    CONFIG_SIZE_MAX);
	if (text == NULL)
		text = b.data == NULL ? "" : (char *)b.data;
	c = config_new(path, groups);
	if (parse(c, text, e) < 0)
		return -1;
	*ret = TAKE(c);
	return 0;
}

/* ---- looking ---- */

const char *
config_path(const struct config *c)
{
	return c->path;
}

static const struct group *
group_of(const struct config *c, const struct opt_group *opts)
{
	const struct group *group = config_group(c, opts->name);

	assert(group != NULL && group->opts == opts);
	return group;
}

const void *
config_get(const struct config *c, const struct opt_group *opts)
{
	assert(!opts->titled);
	return group_of(c, opts)->sections[0].values;
}

size_t
config_count(const struct config *c, const struct opt_group *opts)
{
	return group_of(c, opts)->n;
}

const struct config_section *
config_at(const struct config *c, const struct opt_group *opts, size_t i)
{
	const struct group *group = group_of(c, opts);

	assert(i < group->n);
	return &group->sections[i].shown;
}

int
config_line(const struct config *c, const struct opt_group *opts, int section,
    const struct opt *opt)
{
	const struct group *group = group_of(c, opts);
	size_t i = section < 0 ? 0 : (size_t)section;

	assert(i < group->n);
	return *config_line_of(group, &group->sections[i], opt);
}

static int
walk_section(const struct group *group, const struct section *s,
    config_each_fn *each, void *ctx)
{
	const struct opt *opt;
	int status = 0;

	for (opt = group->opts->opts; opt->name != NULL && status == 0; opt++) {
		char *shown CLEANUP(freep) = opt_show(opt, s->values);

		status = each(ctx, group->opts,
		    group->opts->titled ? &s->shown : NULL, opt, shown,
		    *config_line_of(group, s, opt));
	}
	return status;
}

int
config_walk(const struct config *c, config_each_fn *each, void *ctx)
{
	const struct group *g;
	int status = 0;
	size_t i;

	for (g = c->groups; g < c->groups + c->n; g++)
		for (i = 0; i < g->n && status == 0; i++)
			status = walk_section(g, &g->sections[i], each, ctx);
	return status;
}
