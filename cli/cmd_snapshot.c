/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot: versions of the dataset, what is in one, and what changed.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/dataset.h"
#include "store/forget.h"
#include "store/diff.h"

static json_t *
loads(const char *json)
{
	json_t *value = json_loads(json, 0, NULL);

	return value != NULL ? value : json_null();
}

static json_int_t
number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* ---- list ---------------------------------------------------------------- */

static int
list_snapshot(void *ctx, const struct snapshot *n, struct err *e)
{
	const struct cli *c = ctx;
	int64_t parts[PART_COUNT] = { 0 };
	char date[20];

	if (dataset_parts(c, n, parts, e) < 0)
		return -1;
	if (c->json) {
		cli_put_json(json_pack(
		    "{s:s, s:s, s:I, s:{s:I, s:I, s:I}, s:o, s:o}", "name",
		    n->name, "hash", n->hash, "created", (json_int_t)n->created,
		    "parts", "train", (json_int_t)parts[PART_TRAIN], "val",
		    (json_int_t)parts[PART_VAL], "test",
		    (json_int_t)parts[PART_TEST], "options", loads(n->options),
		    "report", loads(n->report)));
		return 0;
	}
	printf("%.12s  %s  %7lld %6lld %6lld  ", n->hash,
	    clock_date(date, sizeof(date), n->created),
	    (long long)parts[PART_TRAIN], (long long)parts[PART_VAL],
	    (long long)parts[PART_TEST]);
	text_put_safe(stdout, n->name);
	putchar('\n');
	return 0;
}

/* ---- show ---------------------------------------------------------------- */

static int
show_row(void *ctx, const struct snapshot_row *row, struct err *e)
{
	const struct cli *c = ctx;
	char hex[SHA256_HEX];
	json_t *line;

	(void)e;
	text_to_hex(hex, row->sha256, SHA256_SIZE);
	if (c->json) {
		line = json_pack("{s:s, s:s, s:s}", "sha256", hex, "class",
		    row->class, "part", part_names[row->part]);
		if (row->fold >= 0)
			json_object_set_new(
			    line, "fold", json_integer(row->fold));
		if (row->weight < 1 || row->weight > 1)
			json_object_set_new(
			    line, "weight", json_real(row->weight));
		cli_put_json(line);
		return 0;
	}
	printf("%s  %-5s  ", hex, part_names[row->part]);
	text_put_safe(stdout, row->class);
	putchar('\n');
	return 0;
}

static void
put_options(const struct snapshot *n)
{
	json_t *options = loads(n->options), *value;
	const char *key;

	json_object_foreach(options, key, value)
	{
		char *text CLEANUP(freep) =
		    json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

		if (json_is_object(value) || json_array_size(value) > 0 ||
		    json_is_string(value) || json_integer_value(value) != 0) {
			printf("%-12s", key);
			text_put_safe(stdout, text);
			putchar('\n');
		}
	}
	json_decref(options);
}

static int
put_count(void *ctx, const char *class, enum part part, int64_t n)
{
	(void)ctx;
	printf("%7lld  %-5s  ", (long long)n, part_names[part]);
	text_put_safe(stdout, class);
	putchar('\n');
	return 0;
}

/* Pairs of a name and a number, one a line. */
static void
put_numbers(const char *head, const json_t *numbers)
{
	const char *key;
	json_t *value;

	if (json_object_size(numbers) == 0)
		return;
	printf("\n%s\n", head);
	json_object_foreach((json_t *)numbers, key, value)
	{
		if (json_is_integer(value) && json_integer_value(value) > 0)
			printf("%7lld  %s\n",
			    (long long)json_integer_value(value), key);
	}
}

static void
put_report(const json_t *report)
{
	const json_t *one;
	size_t i;

	if (json_object_get(report, "samples") == NULL)
		return; /* of an older griddle */
	printf("\n%lld images in the catalog, %lld in the snapshot, in %lld "
	       "groups; the largest has %lld\n",
	    (long long)number(report, "samples"),
	    (long long)number(report, "taken"),
	    (long long)number(report, "groups"),
	    (long long)number(report, "largest_group"));
	put_numbers("left out:", json_object_get(report, "left_out"));
	put_numbers("refused:", json_object_get(report, "refused"));
	if (number(report, "groups_disagreed") > 0)
		printf("\n%lld groups had images in different parts before; "
		       "%lld images went to another part\n",
		    (long long)number(report, "groups_disagreed"),
		    (long long)number(report, "moved"));
	if (number(report, "pages_dissolved") > 0)
		printf("\n%lld groups were not kept together by their pages: "
		       "too large, or in different parts before\n",
		    (long long)number(report, "pages_dissolved"));
	json_array_foreach(json_object_get(report, "cut"), i, one)
	    printf("\na component of %lld images was cut: too large for class "
		   "%s\n",
		(long long)number(one, "images"),
		json_string_value(json_object_get(one, "class")));
}

static int
run_show(struct cli *c, struct err *e)
{
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	int64_t forgotten;
	json_t *report;

	if (dataset_find(c, c->argc > 1 ? c->argv[1] : NULL, &n, e) < 0 ||
	    snapshot_forgotten(c->store, n.id, &forgotten, e) < 0)
		return -1;
	if (forgotten > 0)
		log_warn("snapshot %s holds %lld forgotten images, which are "
			 "left out",
		    n.name, (long long)forgotten);
	if (c->json || cli_option(c, "images") != NULL)
		return snapshot_rows(c->store, n.id, show_row, c, e);
	printf("name        ");
	text_put_safe(stdout, n.name);
	printf("\nhash        %s\n", n.hash);
	put_options(&n);
	putchar('\n');
	if (snapshot_counts(c->store, n.id, put_count, NULL, e) < 0)
		return -1;
	report = loads(n.report);
	put_report(report);
	json_decref(report);
	return 0;
}

/* ---- diff ---------------------------------------------------------------- */

enum column {
	COLUMN_ADDED,
	COLUMN_REMOVED,
	COLUMN_MOVED_IN,
	COLUMN_MOVED_OUT,
	COLUMN_RELABELLED_IN,
	COLUMN_RELABELLED_OUT,
	COLUMN_COUNT,
};
static const char *const column_names[COLUMN_COUNT] = { "added", "removed",
	"moved_in", "moved_out", "relabelled_in", "relabelled_out" };

struct changes {
	json_t *classes; /* {class: {part: {column: images}}} */
	json_t *images;  /* with -v */
	int64_t total[DIFF_COUNT];
};

static void
tally(struct changes *d, const struct diff_side *side, enum column column)
{
	json_t *class = json_object_get(d->classes, side->class), *part;
	const char *name = column_names[column];

	if (class == NULL) {
		class = json_object();
		json_object_set_new(d->classes, side->class, class);
	}
	part = json_object_get(class, part_names[side->part]);
	if (part == NULL) {
		part = json_object();
		json_object_set_new(class, part_names[side->part], part);
	}
	json_object_set_new(part, name, json_integer(number(part, name) + 1));
}

static json_t *
side_json(const struct diff_side *side)
{
	return side->class == NULL
	    ? json_null()
	    : json_pack("{s:s, s:s}", "class", side->class, "part",
		  part_names[side->part]);
}

static int
add_change(void *ctx, const struct diff_entry *entry, struct err *e)
{
	static const enum column columns[DIFF_COUNT][2] = {
		[DIFF_ADDED] = { COLUMN_COUNT, COLUMN_ADDED },
		[DIFF_REMOVED] = { COLUMN_REMOVED, COLUMN_COUNT },
		[DIFF_MOVED] = { COLUMN_MOVED_OUT, COLUMN_MOVED_IN },
		[DIFF_RELABELLED] = { COLUMN_RELABELLED_OUT,
		    COLUMN_RELABELLED_IN },
	};
	struct changes *d = ctx;
	char hex[SHA256_HEX];

	(void)e;
	d->total[entry->kind]++;
	if (entry->kind == DIFF_SAME)
		return 0;
	if (entry->old.class != NULL)
		tally(d, &entry->old, columns[entry->kind][0]);
	if (entry->new.class != NULL)
		tally(d, &entry->new, columns[entry->kind][1]);
	text_to_hex(hex, entry->sha256, SHA256_SIZE);
	if (d->images != NULL)
		json_array_append_new(d->images,
		    json_pack("{s:s, s:s, s:o, s:o}", "sha256", hex, "change",
			diff_names[entry->kind], "old", side_json(&entry->old),
			"new", side_json(&entry->new)));
	return 0;
}

static void
put_side(const json_t *side)
{
	if (!json_is_object(side)) {
		putchar('-');
		return;
	}
	text_put_safe(
	    stdout, json_string_value(json_object_get(side, "class")));
	printf("/%s", json_string_value(json_object_get(side, "part")));
}

static void
put_changes(const struct changes *d)
{
	const char *class, *part;
	json_t *parts, *counts, *one;
	size_t i;
	int k;

	printf("%lld the same, %lld added, %lld removed, %lld moved, %lld "
	       "relabelled\n",
	    (long long)d->total[DIFF_SAME], (long long)d->total[DIFF_ADDED],
	    (long long)d->total[DIFF_REMOVED], (long long)d->total[DIFF_MOVED],
	    (long long)d->total[DIFF_RELABELLED]);
	json_object_foreach(d->classes, class, parts)
	    json_object_foreach(parts, part, counts)
	{
		text_put_safe(stdout, class);
		printf("/%s:", part);
		for (k = 0; k < COLUMN_COUNT; k++)
			if (number(counts, column_names[k]) > 0)
				printf(" %s %lld", column_names[k],
				    (long long)number(counts, column_names[k]));
		putchar('\n');
	}
	json_array_foreach(d->images, i, one)
	{
		printf("%s  %-10s  ",
		    json_string_value(json_object_get(one, "sha256")),
		    json_string_value(json_object_get(one, "change")));
		put_side(json_object_get(one, "old"));
		printf(" > ");
		put_side(json_object_get(one, "new"));
		putchar('\n');
	}
}

static void
put_changes_json(
    const struct snapshot *a, const struct snapshot *b, const struct changes *d)
{
	json_t *all = json_pack("{s:s, s:s, s:O}", "old", a->name, "new",
	    b->name, "classes", d->classes);
	int kind;

	for (kind = 0; kind < DIFF_COUNT; kind++)
		json_object_set_new(all, diff_names[kind],
		    json_integer((json_int_t)d->total[kind]));
	if (d->images != NULL)
		json_object_set(all, "images", d->images);
	cli_put_json(all);
}

static int
run_diff(struct cli *c, struct err *e)
{
	struct snapshot a CLEANUP(snapshot_release) = { 0 };
	struct snapshot b CLEANUP(snapshot_release) = { 0 };
	struct changes d = { .classes = json_object() };
	int rc;

	if (log_get_level() == LOG_LEVEL_DEBUG)
		d.images = json_array();
	rc = dataset_find(c, c->argv[1], &a, e);
	if (rc == 0)
		rc = dataset_find(c, c->argv[2], &b, e);
	if (rc == 0)
		rc = snapshot_diff(c->store, a.id, b.id, add_change, &d, e);
	if (rc == 0 && c->json)
		put_changes_json(&a, &b, &d);
	else if (rc == 0)
		put_changes(&d);
	json_decref(d.classes);
	json_decref(d.images);
	return rc;
}

/* ---- audit --------------------------------------------------------------- */

static json_t *
image_json(const struct dataset_image *i)
{
	json_t *image = json_pack("{s:s, s:s, s:s}", "sha256", i->sha256,
	    "class", i->class, "part", part_names[i->part]);

	if (i->fold >= 0)
		json_object_set_new(image, "fold", json_integer(i->fold));
	return image;
}

static void
put_image(const struct dataset_image *i)
{
	printf("%s  %-5s  ", i->sha256, part_names[i->part]);
	text_put_safe(stdout, i->class);
	putchar('\n');
}

static int
run_audit(struct cli *c, struct err *e)
{
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	struct dataset_pair pair CLEANUP(
	    dataset_pair_release) = { .distance = -1 };
	int rc;

	if (dataset_find(c, c->argc > 1 ? c->argv[1] : NULL, &n, e) < 0)
		return -1;
	rc = dataset_audit(c, &n, &pair, e);
	if (pair.distance < 0)
		return rc;
	if (c->json) {
		cli_put_json(json_pack("{s:s, s:i, s:[o, o]}", "snapshot",
		    n.name, "distance", pair.distance, "images",
		    image_json(&pair.a), image_json(&pair.b)));
		return rc;
	}
	printf("the closest two images of different parts are %d bits apart\n",
	    pair.distance);
	put_image(&pair.a);
	put_image(&pair.b);
	return rc;
}

/* -------------------------------------------------------------------------- */

static int
list_all(struct cli *c, struct err *e)
{
	return snapshot_list(c->store, list_snapshot, c, e);
}

static const struct {
	const char *name;
	int min_args, max_args; /* with the name */
	int (*run)(struct cli *, struct err *);
} verbs[] = {
	{ "list", 0, 1, list_all },
	{ "show", 1, 2, run_show },
	{ "diff", 3, 3, run_diff },
	{ "audit", 1, 2, run_audit },
};

static int
run_snapshot(struct cli *c, struct err *e)
{
	const char *verb = c->argc > 0 ? c->argv[0] : "list";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i].name, verb) == 0 &&
		    c->argc >= verbs[i].min_args &&
		    c->argc <= verbs[i].max_args)
			return verbs[i].run(c, e);
	return err_set(
	    e, ERR_USAGE, "usage: griddle snapshot %s", c->cmd->usage);
}

static const struct cmd_option snapshot_options[] = {
	{ "images", NULL, "show: each image, with its part and class" }, { 0 }
};

const struct cmd cmd_snapshot = {
	.name = "snapshot",
	.usage = "[list | show [NAME] [--images] | diff A B | audit [NAME]] "
		 "[--json]",
	.help = "versions of the dataset: what is in one, what changed, how "
		"near its parts are",
	.needs = NEEDS_CONFIG | NEEDS_READ,
	.max_args = 3,
	.options = snapshot_options,
	.run = run_snapshot,
	.examples =
	    "  griddle snapshot show v3        its options, counts and what "
	    "was left out\n"
	    "  griddle snapshot diff v2 v3 -v  each image that changed\n",
};
