/* SPDX-License-Identifier: Apache-2.0 */
/*
 * balance: do the classes have enough, and alike?
 */
#include "cli/curate.h"

#include <stdio.h>

#include "base/log.h"
#include "base/text.h"
#include "store/balance.h"
#include "store/snapshot.h"

#define IMBALANCE 2 /* times the least: more is worth a warning */

struct balance {
	json_t *classes;
	int64_t most, least, target, minimum;
	char *most_name, *least_name;
};

static void
note_extremes(struct balance *all, const struct class_balance *b)
{
	if (all->most_name == NULL || b->usable > all->most) {
		free(all->most_name);
		all->most_name = xstrdup(b->name);
		all->most = b->usable;
	}
	if (all->least_name == NULL || b->usable < all->least) {
		free(all->least_name);
		all->least_name = xstrdup(b->name);
		all->least = b->usable;
	}
}

static int
one_class(void *ctx, const struct class_balance *b, struct err *e)
{
	struct balance *all = ctx;

	(void)e;
	if ((b->retired || b->name == NULL) && b->images == 0)
		return 0;
	if (b->name != NULL && !b->retired)
		note_extremes(all, b);
	json_array_append_new(all->classes,
	    json_pack("{s:s?, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
		      "s:I}",
		"class", b->name, "retired", b->retired, "images",
		(json_int_t)b->images, "claimed", (json_int_t)b->claimed,
		"decided", (json_int_t)b->decided, "rejected",
		(json_int_t)b->rejected, "refused", (json_int_t)b->refused,
		"duplicates", (json_int_t)b->duplicates, "waiting",
		(json_int_t)b->waiting, "usable", (json_int_t)b->usable,
		"issues", (json_int_t)b->issues));
	return 0;
}

static bool
counts(const json_t *class)
{
	return json_is_string(json_object_get(class, "class")) &&
	    json_is_false(json_object_get(class, "retired"));
}

static json_int_t
number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* How many each class lacks: of the target, and of the class with most. */
static void
add_needs(struct balance *all)
{
	json_int_t usable;
	json_t *v;
	size_t i;

	json_array_foreach(all->classes, i, v)
	{
		if (!counts(v))
			continue;
		usable = number(v, "usable");
		json_object_set_new(v, "to_target",
		    json_integer(
			usable < all->target ? all->target - usable : 0));
		json_object_set_new(
		    v, "to_equal", json_integer(all->most - usable));
	}
}

static json_t *
warnings(const struct balance *all)
{
	json_t *list = json_array(), *v;
	size_t i;

	json_array_foreach(all->classes, i, v)
	{
		char *text CLEANUP(freep) = NULL;

		if (!counts(v) || number(v, "usable") >= all->minimum)
			continue;
		text =
		    xasprintf("class \"%s\" has %lld usable image%s; a split "
			      "wants %lld (split.minimum)",
			json_string_value(json_object_get(v, "class")),
			IMAGES(number(v, "usable")), (long long)all->minimum);
		json_array_append_new(list, json_string(text));
	}
	if (all->most > IMBALANCE * all->least) {
		char *text CLEANUP(freep) =
		    xasprintf("imbalance: \"%s\" has %lld usable images, "
			      "\"%s\" %lld",
			all->most_name, (long long)all->most, all->least_name,
			(long long)all->least);

		json_array_append_new(list, json_string(text));
	}
	return list;
}

static void
print_class(const json_t *v)
{
	const char *name = json_string_value(json_object_get(v, "class"));
	char *safe CLEANUP(freep) = text_safe(name ? name : "(no label)");

	printf("%-15s %8lld %8lld %8lld %8lld %8lld %8lld %8lld", safe,
	    (long long)number(v, "claimed"), (long long)number(v, "decided"),
	    (long long)number(v, "rejected"), (long long)number(v, "refused"),
	    (long long)number(v, "duplicates"), (long long)number(v, "issues"),
	    (long long)number(v, "usable"));
	if (counts(v))
		printf(" %9lld %8lld\n", (long long)number(v, "to_target"),
		    (long long)number(v, "to_equal"));
	else
		puts(name == NULL ? "" : "  (retired)");
}

static void
print_all(const struct balance *all, const json_t *warned)
{
	const json_t *v;
	size_t i;

	puts("class            claimed  decided rejected  refused     dups"
	     "   issues   usable to target to equal");
	json_array_foreach(all->classes, i, v) print_class(v);
	json_array_foreach(warned, i, v) log_warn("%s", json_string_value(v));
}

static int
run_balance(struct cli *c, struct err *e)
{
	const struct root_opts *root = cli_opts(c, root_group);
	const struct split_opts *split = cli_opts(c, split_group);
	struct balance all = { .classes = json_array(),
		.target = root->target,
		.minimum = split->minimum };
	json_t *warned;
	int rc = balance_each(c->store, true, one_class, &all, e);

	if (rc == 0) {
		add_needs(&all);
		warned = warnings(&all);
		if (c->json)
			cli_put_json(json_pack("{s:O, s:I, s:I, s:O}",
			    "classes", all.classes, "target",
			    (json_int_t)all.target, "minimum",
			    (json_int_t)all.minimum, "warnings", warned));
		else
			print_all(&all, warned);
		json_decref(warned);
	}
	json_decref(all.classes);
	free(all.most_name);
	free(all.least_name);
	return rc;
}

const struct cmd cmd_balance = {
	.name = "balance",
	.usage = "[--json]",
	.help = "do the classes have enough images, and alike?",
	.needs = NEEDS_CONFIG | NEEDS_READ,
	.run = run_balance,
	.examples = "usable is what a split takes; to target and to equal are "
		    "how many more a class\nneeds for griddle.conf's target, "
		    "and to have as many as the class with most.\n",
};
