/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Presets and the sections that use them: words, the first question, and
 * what the reader in a child is told.
 */
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "scraper/preset.h"
#include "scraper/url.h"

#define FILLED_MAX (64u << 10)

const char *
preset_name(const struct source_opts *o)
{
	const struct source_type *t;

	if (o->type == NULL)
		return NULL;
	if (strcmp(o->type, "api") == 0)
		return o->preset;
	for (t = source_types; t->name != NULL; t++)
		if (strcmp(t->name, o->type) == 0)
			return NULL;
	return o->type;
}

/* ---- words -------------------------------------------------------------- */

/* The value of `name` among name=value; borrowed. */
static const char *
pair_value(const struct strlist *pairs, const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < pairs->n; i++)
		if (strncmp(pairs->v[i], name, len) == 0 &&
		    pairs->v[i][len] == '=')
			return pairs->v[i] + len + 1;
	return NULL;
}

/* What the section itself says; NULL: nothing.  The caller frees. */
static char *
said(const struct source_opts *o, const char *name)
{
	const struct opt *opt = opt_find(&source_group, name);
	const char *at, *text = pair_value(&o->words, name);

	if (text != NULL)
		return xstrdup(text);
	if (opt == NULL)
		return NULL;
	at = (const char *)o + opt->offset;
	if (opt->type == OPT_STRING) {
		text = *(char *const *)(const void *)at;
		return text == NULL || *text == 0 ? NULL : xstrdup(text);
	}
	if (opt->type != OPT_INT || *(const int64_t *)(const void *)at == 0)
		return NULL;
	return xasprintf("%lld", (long long)*(const int64_t *)(const void *)at);
}

/* Is it a word of sections, and not a path in answers? */
static bool
is_declared(const struct preset *p, const char *name)
{
	return strlist_has(&p->needs, name) || strlist_has(&p->takes, name) ||
	    pair_value(&p->defaults, name) != NULL;
}

static char *
word(const struct preset *p, const struct source_opts *o, const char *name)
{
	char *text = said(o, name);
	const char *def = pair_value(&p->defaults, name);

	if (text == NULL && def != NULL && *def != 0)
		text = xstrdup(def);
	return text;
}

/* With the words in their places; NULL when one that is needed is not set. */
static char *
fill(const struct preset *p, const struct source_opts *o, const char *from)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(FILLED_MAX);
	const char *close;

	for (; *from != 0; from++) {
		char *name CLEANUP(freep) = NULL;
		char *value CLEANUP(freep) = NULL;

		close = *from == '{' ? strchr(from, '}') : NULL;
		if (close != NULL)
			name = xstrndup(from + 1, (size_t)(close - from - 1));
		if (name == NULL || !is_declared(p, name)) {
			if (buf_add(&b, from, 1) < 0)
				return NULL;
			continue;
		}
		value = word(p, o, name);
		if (value == NULL || buf_addf(&b, "%s", value) < 0)
			return NULL;
		from = close;
	}
	return xstrndup(b.data == NULL ? "" : (const char *)b.data, b.len);
}

/* "word?name=value" is "name=value" where the word is set, else NULL. */
static char *
fill_arg(const struct preset *p, const struct source_opts *o, const char *arg)
{
	size_t len = strcspn(arg, "?=");
	char *name CLEANUP(freep) = xstrndup(arg, len);
	char *value CLEANUP(freep) = NULL;

	if (arg[len] != '?')
		return fill(p, o, arg);
	value = word(p, o, name);
	return value == NULL ? NULL : fill(p, o, arg + len + 1);
}

void
preset_fill(struct preset *p, const struct source_opts *o)
{
	struct strlist args = { 0 };
	const struct opt *opt;
	char **at, *text;
	size_t i;

	for (i = 0; i < p->args.n; i++) {
		text = fill_arg(p, o, p->args.v[i]);
		if (text != NULL)
			strlist_add(&args, text);
		free(text);
	}
	strlist_release(&p->args);
	p->args = args;
	for (opt = preset_group.opts; opt->name != NULL; opt++) {
		if (opt->type != OPT_STRING)
			continue;
		at = (char **)(void *)((char *)p + opt->offset);
		text = *at == NULL ? NULL : fill(p, o, *at);
		free(*at);
		*at = text;
	}
	if (o->adult) {
		free(p->adult);
		p->adult = NULL;
	}
}

char *
preset_seed(const struct preset *p)
{
	char *url = p->url == NULL ? NULL : url_resolve(NULL, p->url);
	char *before;
	size_t i, len;

	for (i = 0; i < p->args.n && url != NULL; i++) {
		char *name CLEANUP(freep) = NULL;

		len = strcspn(p->args.v[i], "=");
		name = xstrndup(p->args.v[i], len);
		before = url;
		url = url_with_argument(before, name,
		    p->args.v[i] + len + (p->args.v[i][len] == '='));
		free(before);
	}
	return url;
}

/* ---- a section ---------------------------------------------------------- */

static int
check_needs(const struct preset *p, const char *title,
    const struct source_opts *o, struct err *e)
{
	size_t i, n = 0;
	const char *missing = NULL;
	struct buf all CLEANUP(buf_release) = BUF_INIT(FILLED_MAX);

	for (i = 0; i < p->needs.n; i++) {
		char *text CLEANUP(freep) = said(o, p->needs.v[i]);

		n += text != NULL;
		if (text == NULL)
			missing = p->needs.v[i];
		buf_addf(&all, "%s%s", i == 0 ? "" : ", ", p->needs.v[i]);
	}
	if (p->needs_one && n != 1)
		return err_set(e, ERR_USAGE,
		    "source \"%s\": %s needs one of %s", title, preset_name(o),
		    all.data == NULL ? "" : (char *)all.data);
	if (!p->needs_one && missing != NULL)
		return err_set(e, ERR_USAGE, "source \"%s\": %s needs %s",
		    title, preset_name(o), missing);
	return 0;
}

/* What every preset takes, and what its kind of authentication does. */
static bool
is_taken(const struct preset *p, const char *name)
{
	static const char *const all[] = { "type", "preset", "label", "limit",
		"every", "licence", "max_pages", "words" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (strcmp(all[i], name) == 0)
			return true;
	if (strcmp(name, "terms") == 0)
		return p->terms != NULL;
	if (strcmp(name, "adult") == 0)
		return p->adult != NULL;
	if (strcmp(name, "key") == 0)
		return strcmp(p->auth, "key") == 0 ||
		    strcmp(p->auth, "header") == 0 ||
		    strcmp(p->auth, "bearer") == 0;
	if (strcmp(name, "client") == 0 || strcmp(name, "secret") == 0)
		return strcmp(p->auth, "basic") == 0 ||
		    strcmp(p->auth, "oauth") == 0;
	return is_declared(p, name);
}

static int
check_takes(const struct preset *p, const char *title,
    const struct source_opts *o, struct err *e)
{
	void *plain = opt_new(&source_group);
	const struct opt *opt;
	int status = 0;

	for (opt = source_group.opts; opt->name != NULL && status == 0; opt++) {
		char *is CLEANUP(freep) = opt_show(opt, o);
		char *was CLEANUP(freep) = opt_show(opt, plain);

		if (strcmp(is, was) != 0 && !is_taken(p, opt->name))
			status = err_set(e, ERR_USAGE,
			    "source \"%s\": %s does not take %s", title,
			    preset_name(o), opt->name);
	}
	opt_free(&source_group, plain);
	return status;
}

/* A secret is named, never written: the file is shown, copied, kept. */
static int
check_secret(const char *title, const char *option, const char *value,
    bool needed, struct err *e)
{
	const char *name;

	if (value == NULL)
		return !needed
		    ? 0
		    : err_set(e, ERR_USAGE,
			  "source \"%s\": needs %s = env:NAME", title, option);
	if (strncmp(value, "env:", 4) != 0 || value[4] == 0)
		return err_set(e, ERR_USAGE,
		    "source \"%s\": %s: write env:NAME, and put the secret "
		    "into the environment's NAME",
		    title, option);
	name = getenv(value + 4);
	if (name == NULL || *name == 0)
		return err_set(e, ERR_USAGE,
		    "source \"%s\": %s: nothing is in the environment's %s",
		    title, option, value + 4);
	return 0;
}

static int
check_secrets(const struct preset *p, const char *title,
    const struct source_opts *o, struct err *e)
{
	bool pair = is_taken(p, "client");
	bool needed =
	    !p->auth_optional || o->client != NULL || o->secret != NULL;

	if (pair)
		return check_secret(title, "client", o->client, needed, e) < 0
		    ? -1
		    : check_secret(title, "secret", o->secret, needed, e);
	if (is_taken(p, "key"))
		return check_secret(title, "key", o->key, !p->auth_optional, e);
	return 0;
}

/* An image of another width would be refused, or be another. */
static int
check_width(
    const struct preset *p, const char *title, int64_t width, struct err *e)
{
	char *text CLEANUP(freep) = xasprintf("%lld", (long long)width);
	struct buf all CLEANUP(buf_release) = BUF_INIT(FILLED_MAX);
	size_t i;

	if (p->widths.n == 0 || width == 0 || strlist_has(&p->widths, text))
		return 0;
	for (i = 0; i < p->widths.n; i++)
		buf_addf(&all, "%s, ", p->widths.v[i]);
	return err_set(e, ERR_USAGE,
	    "source \"%s\": no width %s: use %sor 0 for the original", title,
	    text, (char *)all.data);
}

int
preset_check(const struct preset *p, const char *title,
    const struct source_opts *o, struct err *e)
{
	if (check_needs(p, title, o, e) < 0 || check_takes(p, title, o, e) < 0)
		return -1;
	if (p->terms != NULL &&
	    (o->terms == NULL || strcmp(o->terms, "accepted") != 0))
		return err_set(e, ERR_USAGE,
		    "source \"%s\": read %s and, if you may, say terms = "
		    "accepted",
		    title, p->terms);
	if (check_width(p, title, o->width, e) < 0)
		return -1;
	return check_secrets(p, title, o, e);
}

/* ---- for the child ------------------------------------------------------ */

static json_t *
value_json(const struct opt *o, const struct preset *p)
{
	const void *at = (const char *)p + o->offset;
	const struct strlist *list = at;
	json_t *array;
	size_t i;

	if (o->type == OPT_STRING)
		return *(char *const *)at == NULL
		    ? NULL
		    : json_string(*(char *const *)at);
	if (o->type == OPT_LIST) {
		array = json_array();
		for (i = 0; i < list->n; i++)
			json_array_append_new(array, json_string(list->v[i]));
		return array;
	} else {
		char *text CLEANUP(freep) = opt_show(o, p);

		return json_string(text);
	}
}

char *
preset_question(const struct preset *p)
{
	json_t *all = json_object(), *value;
	const struct opt *o;
	char *text;

	for (o = preset_group.opts; o->name != NULL; o++) {
		value = value_json(o, p);
		if (value != NULL)
			json_object_set_new(all, o->name, value);
	}
	text = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	return text;
}

struct preset *
preset_of_question(const char *json)
{
	json_t *all = json == NULL ? NULL : json_loads(json, 0, NULL);
	json_t *value, *element;
	struct preset *p = opt_new(&preset_group);
	const struct opt *o;
	struct err e;
	size_t i;

	for (o = preset_group.opts; o->name != NULL; o++) {
		value = json_object_get(all, o->name);
		if (json_is_string(value))
			opt_set(o, p, json_string_value(value), &e);
		json_array_foreach(value, i, element)
		    opt_set(o, p, json_string_value(element), &e);
	}
	json_decref(all);
	return p;
}
