/* SPDX-License-Identifier: Apache-2.0 */
#include "base/opt.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#define NAMES_MAX 128
#define SHOW_MAX (16u << 20)

/* The field in the caller's struct. */
static void *
field(const struct opt *opt, void *values)
{
	return (char *)values + opt->offset;
}

static const void *
const_field(const struct opt *opt, const void *values)
{
	return (const char *)values + opt->offset;
}

static bool
has_unit(const struct opt *opt, const char *unit)
{
	return opt->unit != NULL && strcmp(opt->unit, unit) == 0;
}

/* ---- lists ---- */

void
strlist_add(struct strlist *list, const char *s)
{
	list->v = xreallocarray(list->v, list->n + 1, sizeof(*list->v));
	list->v[list->n++] = xstrdup(s);
}

void
strlist_release(struct strlist *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct strlist){ 0 };
}

bool
strlist_has(const struct strlist *list, const char *s)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->v[i], s) == 0)
			return true;
	return false;
}

/* ---- the tables ---- */

static bool
is_end(const struct opt *opt)
{
	return opt->name == NULL;
}

/* `{ a, b }`, as the default of a list is written in its table. */
static void
add_elements(const struct opt *opt, void *values, const char *def)
{
	char *copy CLEANUP(freep) = xstrdup(def);
	char *rest = copy, *element;
	struct err err;
	int status = 0;

	while ((element = strsep(&rest, "{,}")) != NULL && status == 0) {
		element = text_trim(element);
		if (*element != 0)
			status = opt_set(opt, values, element, &err);
	}
	assert(status == 0);
}

static void
set_default(const struct opt *opt, void *values)
{
	struct err err;
	int status = 0;

	if (opt->def == NULL)
		return;
	if (opt->type == OPT_LIST)
		add_elements(opt, values, opt->def);
	else
		status = opt_set(opt, values, opt->def, &err);
	assert(status == 0);
	(void)status;
}

void *
opt_new(const struct opt_group *group)
{
	void *values = xcalloc(1, group->size);
	const struct opt *opt;

	for (opt = group->opts; !is_end(opt); opt++)
		set_default(opt, values);
	return values;
}

void
opt_free(const struct opt_group *group, void *values)
{
	const struct opt *opt;

	if (values == NULL)
		return;
	for (opt = group->opts; !is_end(opt); opt++)
		opt_clear(opt, values);
	free(values);
}

const struct opt *
opt_find(const struct opt_group *group, const char *name)
{
	const struct opt *opt;

	for (opt = group->opts; !is_end(opt); opt++)
		if (strcmp(opt->name, name) == 0)
			return opt;
	return NULL;
}

const char *
opt_suggest(const struct opt_group *group, const char *name)
{
	const char *names[NAMES_MAX + 1];
	size_t n = 0;

	for (; !is_end(&group->opts[n]); n++) {
		assert(n < NAMES_MAX);
		names[n] = group->opts[n].name;
	}
	names[n] = NULL;
	return text_suggest(name, names);
}

/* ---- showing ---- */

/* n in the largest of the units that divides it. */
static void
add_in_units(
    struct buf *b, int64_t n, const char *letters, const int64_t *factors)
{
	size_t i;

	for (i = 0; letters[i] != 0; i++)
		if (n != 0 && n % factors[i] == 0) {
			buf_addf(b, "%lld%c", (long long)(n / factors[i]),
			    letters[i]);
			return;
		}
	buf_addf(b, "%lld", (long long)n);
}

static void
add_int(struct buf *b, const struct opt *opt, int64_t n)
{
	static const int64_t sizes[] = { 1 << 30, 1 << 20, 1 << 10 };
	static const int64_t times[] = { 86400, 3600, 60 };

	if (has_unit(opt, "bytes"))
		add_in_units(b, n, "GMk", sizes);
	else if (has_unit(opt, "s"))
		add_in_units(b, n, "dhm", times);
	else
		add_in_units(b, n, "", NULL);
}

/* The shortest decimal that reads back as x. */
static void
add_real(struct buf *b, double x)
{
	char text[32];
	double back = 0;
	int digits;

	for (digits = 6; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, x);
		if (text_to_real(text, &back) && back == x)
			break;
	}
	buf_addf(b, "%s", text);
}

static void
add_quoted(struct buf *b, const char *s)
{
	buf_addf(b, "\"");
	for (; *s != 0; s++)
		if (*s == '"' || *s == '\\')
			buf_addf(b, "\\%c", *s);
		else if (*s == '\n')
			buf_addf(b, "\\n");
		else if (*s == '\t')
			buf_addf(b, "\\t");
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			buf_addf(b, "\\x%02x", (unsigned)*s);
		else
			buf_add(b, s, 1);
	buf_addf(b, "\"");
}

/* Words stand as they are, everything else in quotes. */
static void
add_word(struct buf *b, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_.-";

	if (*s != 0 && s[strspn(s, plain)] == 0)
		buf_addf(b, "%s", s);
	else
		add_quoted(b, s);
}

static void
add_list(struct buf *b, const struct strlist *list)
{
	size_t i;

	buf_addf(b, "{");
	for (i = 0; i < list->n; i++) {
		buf_addf(b, i == 0 ? " " : ", ");
		add_word(b, list->v[i]);
	}
	buf_addf(b, list->n == 0 ? "}" : " }");
}

char *
opt_show(const struct opt *opt, const void *values)
{
	struct buf b = BUF_INIT(SHOW_MAX);
	const void *at = const_field(opt, values);
	const char *s;

	switch (opt->type) {
	case OPT_BOOL:
		buf_addf(&b, *(const bool *)at ? "true" : "false");
		break;
	case OPT_INT:
		add_int(&b, opt, *(const int64_t *)at);
		break;
	case OPT_REAL:
		add_real(&b, *(const double *)at);
		break;
	case OPT_STRING:
		s = *(char *const *)at;
		if (s != NULL && opt->choices != NULL)
			add_word(&b, s);
		else
			add_quoted(&b, s == NULL ? "" : s);
		break;
	case OPT_LIST:
		add_list(&b, at);
		break;
	}
	return (char *)b.data;
}

/* ---- setting ---- */

static bool
parse_bool(const char *text, bool *ret)
{
	static const char *const names[] = { "false", "true", "no", "yes",
		"off", "on" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(text, names[i]) == 0) {
			*ret = i % 2 != 0;
			return true;
		}
	return false;
}

static bool
parse_int(const struct opt *opt, const char *text, int64_t *ret)
{
	if (has_unit(opt, "bytes"))
		return text_to_size(text, ret);
	if (has_unit(opt, "s"))
		return text_to_duration(text, ret);
	return text_to_int(text, ret);
}

static bool
in_range(const struct opt *opt, double x)
{
	return (opt->min == 0 && opt->max == 0) ||
	    (x >= opt->min && x <= opt->max);
}

static void
add_limit(struct buf *b, const struct opt *opt, double limit)
{
	if (opt->type == OPT_INT)
		add_int(b, opt, (int64_t)limit);
	else
		add_real(b, limit);
}

/* " (0 to 3600)", " (at least 1)"; nothing without limits. */
static void
add_range(struct buf *b, const struct opt *opt)
{
	if (opt->min == 0 && opt->max == 0)
		return;
	buf_addf(b, " (");
	if (isinf(opt->max))
		buf_addf(b, "at least ");
	else if (isinf(opt->min))
		buf_addf(b, "at most ");
	if (!isinf(opt->min))
		add_limit(b, opt, opt->min);
	if (!isinf(opt->min) && !isinf(opt->max))
		buf_addf(b, " to ");
	if (!isinf(opt->max))
		add_limit(b, opt, opt->max);
	buf_addf(b, ")");
}

/* What a value of this option looks like: "a number of seconds". */
static void
add_kind(struct buf *b, const struct opt *opt)
{
	const char *unit = has_unit(opt, "s") ? "seconds" : opt->unit;

	if (opt->type == OPT_BOOL)
		buf_addf(b, "true or false");
	else if (opt->type == OPT_INT && has_unit(opt, "bytes"))
		buf_addf(b, "a size such as 300k or 20M");
	else if (opt->type == OPT_INT && has_unit(opt, "s"))
		buf_addf(b, "a duration such as 90, 15m, 20h or 7d");
	else
		buf_addf(b, "a %snumber%s%s",
		    opt->type == OPT_INT ? "whole " : "",
		    unit == NULL ? "" : " of ", unit == NULL ? "" : unit);
}

/* As much of a value as an error has room for. */
#define SHOWN "\"%.80s%s\""
#define SHOWN_ARGS(s) (s), strlen(s) > 80 ? "..." : ""

static int
refuse(const struct opt *opt, const char *text, struct err *e)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(1024);

	add_kind(&b, opt);
	if (opt->type == OPT_INT || opt->type == OPT_REAL)
		add_range(&b, opt);
	return err_set(e, ERR_USAGE, "%s: " SHOWN " is not %s", opt->name,
	    SHOWN_ARGS(text), (char *)b.data);
}

static int
check_choice(const struct opt *opt, const char *text, struct err *e)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(1024);
	const char *const *choice;
	const char *meant;

	if (opt->choices == NULL)
		return 0;
	for (choice = opt->choices; *choice != NULL; choice++) {
		if (strcmp(*choice, text) == 0)
			return 0;
		buf_addf(&b, "%s%s", b.len == 0 ? "" : ", ", *choice);
	}
	meant = text_suggest(text, opt->choices);
	if (meant != NULL)
		return err_set(e, ERR_USAGE,
		    "%s: " SHOWN " is not one of %s; did you mean \"%s\"?",
		    opt->name, SHOWN_ARGS(text), (char *)b.data, meant);
	return err_set(e, ERR_USAGE, "%s: " SHOWN " is not one of %s",
	    opt->name, SHOWN_ARGS(text), (char *)b.data);
}

static int
set_bool(const struct opt *opt, bool *at, const char *text, struct err *e)
{
	return parse_bool(text, at) ? 0 : refuse(opt, text, e);
}

static int
set_int(const struct opt *opt, int64_t *at, const char *text, struct err *e)
{
	int64_t n;

	if (!parse_int(opt, text, &n) || !in_range(opt, (double)n))
		return refuse(opt, text, e);
	*at = n;
	return 0;
}

static int
set_real(const struct opt *opt, double *at, const char *text, struct err *e)
{
	double x;

	if (!text_to_real(text, &x) || !in_range(opt, x))
		return refuse(opt, text, e);
	*at = x;
	return 0;
}

static int
set_string(const struct opt *opt, char **at, const char *text, struct err *e)
{
	if (*text != 0 && check_choice(opt, text, e) < 0)
		return -1;
	free(*at);
	*at = *text == 0 ? NULL : xstrdup(text);
	return 0;
}

static int
add_to_list(
    const struct opt *opt, struct strlist *at, const char *text, struct err *e)
{
	if (check_choice(opt, text, e) < 0)
		return -1;
	strlist_add(at, text);
	return 0;
}

int
opt_set(const struct opt *opt, void *values, const char *text, struct err *e)
{
	void *at = field(opt, values);

	switch (opt->type) {
	case OPT_BOOL:
		return set_bool(opt, at, text, e);
	case OPT_INT:
		return set_int(opt, at, text, e);
	case OPT_REAL:
		return set_real(opt, at, text, e);
	case OPT_STRING:
		return set_string(opt, at, text, e);
	case OPT_LIST:
		break;
	}
	return add_to_list(opt, at, text, e);
}

void
opt_clear(const struct opt *opt, void *values)
{
	char **s;

	switch (opt->type) {
	case OPT_STRING:
		s = field(opt, values);
		free(*s);
		*s = NULL;
		break;
	case OPT_LIST:
		strlist_release(field(opt, values));
		break;
	case OPT_BOOL:
		*(bool *)field(opt, values) = false;
		break;
	case OPT_INT:
		*(int64_t *)field(opt, values) = 0;
		break;
	case OPT_REAL:
		*(double *)field(opt, values) = 0;
		break;
	}
}
