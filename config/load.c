/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values, read by libconfuse: every option is a string or a list of them
 * to it, and opt_set() makes numbers of them.
 */
#include <assert.h>
#include <confuse.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "config/config_int.h"

static void
free_cfgp(cfg_t **cfg)
{
	if (*cfg != NULL)
		cfg_free(*cfg);
}

/* By now outline has told, in our words, all that libconfuse would. */
static void
keep_quiet(cfg_t *cfg, const char *fmt, va_list ap)
{
	(void)cfg;
	(void)fmt;
	(void)ap;
}

static size_t
count_opts(const struct opt_group *group)
{
	size_t n = 0;

	while (group->opts[n].name != NULL)
		n++;
	return n;
}

/* The group's options at `to`, which has room; returns the end. */
static cfg_opt_t *
declare_opts(const struct opt_group *group, cfg_opt_t *to)
{
	const struct opt *opt;

	for (opt = group->opts; opt->name != NULL; opt++) {
		cfg_opt_t one = CFG_STR(opt->name, NULL, CFGF_NODEFAULT);
		cfg_opt_t list = CFG_STR_LIST(opt->name, NULL, CFGF_NODEFAULT);

		*to++ = opt->type == OPT_LIST ? list : one;
	}
	return to;
}

static void
declare_section(const struct opt_group *group, cfg_opt_t *to)
{
	cfg_opt_t end = CFG_END();
	cfg_opt_t *opts = xcalloc(count_opts(group) + 1, sizeof(*opts));
	cfg_opt_t section = CFG_SEC(group->name, opts,
	    group->titled ? CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES
			  : CFGF_NONE);

	*declare_opts(group, opts) = end;
	*to = section;
}

/* libconfuse keeps its own copy of all that is declared. */
static cfg_t *
declare(const struct config *c)
{
	cfg_opt_t end = CFG_END(), *opts, *to;
	const struct group *top = config_group(c, "");
	cfg_t *cfg;
	size_t i;

	opts = xcalloc(c->n + 1 + (top == NULL ? 0 : count_opts(top->opts)),
	    sizeof(*opts));
	to = top == NULL ? opts : declare_opts(top->opts, opts);
	for (i = 0; i < c->n; i++)
		if (&c->groups[i] != top)
			declare_section(c->groups[i].opts, to++);
	*to = end;
	cfg = cfg_init(opts, CFGF_NONE);
	for (to = opts; to->name != NULL; to++)
		free(to->subopts);
	free(opts);
	return cfg;
}

/* ---- into the structs ---- */

static int
set_value(const struct opt *opt, void *values, const char *text, struct err *e)
{
	if (!text_is_utf8(text, strlen(text)))
		return err_set(e, ERR_USAGE, "%s: not UTF-8 text", opt->name);
	return opt_set(opt, values, text, e);
}

static int
take_values(const struct entry *entry, cfg_opt_t *from, struct err *e)
{
	void *values = entry->group->sections[entry->section].values;
	unsigned int i;

	opt_clear(entry->opt, values);
	for (i = 0; i < cfg_opt_size(from); i++)
		if (set_value(entry->opt, values, cfg_opt_getnstr(from, i), e) <
		    0)
			return -1;
	return 0;
}

static cfg_t *
find_section(cfg_t *cfg, const struct entry *entry)
{
	const struct opt_group *opts = entry->group->opts;

	if (*opts->name == 0)
		return cfg;
	if (!opts->titled)
		return cfg_getsec(cfg, opts->name);
	return cfg_gettsec(
	    cfg, opts->name, entry->group->sections[entry->section].title);
}

static int
take_entry(const struct config *c, cfg_t *cfg, const struct entry *entry,
    struct err *e)
{
	const struct section *s = &entry->group->sections[entry->section];
	char *where CLEANUP(freep) = config_where(entry->group, s);
	cfg_t *section = find_section(cfg, entry);
	int line = *config_line_of(entry->group, s, entry->opt);
	cfg_opt_t *from =
	    section == NULL ? NULL : cfg_getopt(section, entry->opt->name);
	struct err cause;

	assert(from != NULL);
	if (take_values(entry, from, &cause) < 0)
		return config_fail(e, c->path, line, "%s%s", where, cause.msg);
	return 0;
}

int
load_values(
    struct config *c, const char *clean, const struct outline *o, struct err *e)
{
	cfg_t *cfg CLEANUP(free_cfgp) = declare(c);
	size_t i;

	if (cfg == NULL)
		return err_sys(e, ERR_FATAL, "libconfuse");
	cfg_set_error_function(cfg, keep_quiet);
	if (cfg_parse_buf(cfg, clean) != CFG_SUCCESS)
		return err_set(e, ERR_FATAL,
		    "%s: libconfuse refuses what griddle takes", c->path);
	for (i = 0; i < o->n; i++)
		if (take_entry(c, cfg, &o->v[i], e) < 0)
			return -1;
	return 0;
}
