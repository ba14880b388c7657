/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit of a snapshot, and what its report says in words.
 */
#include "cli/dataset.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "dedup/audit.h"
#include "dedup/dedup.h"
#include "store/groups.h"

int
dataset_find(
    struct cli *c, const char *name, struct snapshot *ret, struct err *e)
{
	int rc = snapshot_get(c->store, name, ret, e);

	if (rc == 0)
		return err_set(e, ERR_INPUT, "no snapshot %s",
		    name != NULL ? name : "yet: run griddle split");
	return rc < 0 ? -1 : 0;
}

/* ---- the audit --------------------------------------------------------- */

struct audit {
	const struct dedup_opts *opts;
	const json_t *cut; /* of the report */
	struct audit_code *codes;
	struct dataset_image *images;
	size_t n;
};

static void
audit_release(struct audit *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		free(a->images[i].class);
	free(a->images);
	free(a->codes);
}

void
dataset_pair_release(struct dataset_pair *p)
{
	free(p->a.class);
	free(p->b.class);
	*p = (struct dataset_pair){ .distance = -1 };
}

static int64_t
excuse(const struct audit *a, int64_t component)
{
	const json_t *one;
	size_t i;

	json_array_foreach(a->cut, i,
	    one) if (json_integer_value(json_object_get(one, "component")) ==
	    component) return component;
	return 0;
}

static int
add_code(void *ctx, const struct group_code *code, struct err *e)
{
	struct audit *a = ctx;
	struct audit_code *c;

	(void)e;
	if (code->pdq_quality < a->opts->quality)
		return 0;
	if ((a->n & (a->n + 1)) == 0) {
		a->codes =
		    xreallocarray(a->codes, 2 * a->n + 1, sizeof(*a->codes));
		a->images =
		    xreallocarray(a->images, 2 * a->n + 1, sizeof(*a->images));
	}
	c = &a->codes[a->n];
	memcpy(c->bits, code->pdq, PDQ_SIZE);
	c->part = code->fold < 0 ? code->part : PART_COUNT + code->fold;
	c->excused = excuse(a, code->component_id);
	a->images[a->n] = (struct dataset_image){
		.class = xstrdup(code->class),
		.part = code->part,
		.fold = code->fold,
	};
	text_to_hex(a->images[a->n++].sha256, code->sha256, SHA256_SIZE);
	return 0;
}

static void
take_image(struct dataset_image *ret, struct dataset_image *from)
{
	*ret = *from;
	from->class = NULL;
}

int
dataset_closest(struct cli *c, const struct snapshot *n,
    struct dataset_pair *ret, struct err *e)
{
	struct audit a CLEANUP(
	    audit_release) = { .opts = cli_opts(c, dedup_group) };
	json_t *report = json_loads(n->report, 0, NULL);
	struct audit_pair pair;
	int rc;

	a.cut = json_object_get(report, "cut");
	*ret = (struct dataset_pair){ .distance = -1 };
	rc = group_codes(c->store, n->id, add_code, &a, e);
	if (rc == 0)
		rc = audit_closest(a.codes, a.n, &pair, e);
	json_decref(report);
	if (rc <= 0)
		return rc;
	ret->distance = pair.distance;
	take_image(&ret->a, &a.images[pair.a]);
	take_image(&ret->b, &a.images[pair.b]);
	return 0;
}

int
dataset_audit(struct cli *c, const struct snapshot *n, struct dataset_pair *ret,
    struct err *e)
{
	const struct dedup_opts *opts = cli_opts(c, dedup_group);

	if (dataset_closest(c, n, ret, e) < 0)
		return -1;
	if (ret->distance < 0 || ret->distance > opts->probable)
		return 0;
	return err_set(e, ERR_FATAL,
	    "snapshot %.60s: %.12s (%s) and %.12s (%s) are %d bits apart, and "
	    "so near are duplicates: run griddle dedup --anew and griddle "
	    "split",
	    n->name, ret->a.sha256, part_names[ret->a.part], ret->b.sha256,
	    part_names[ret->b.part], ret->distance);
}

/* ---- the report -------------------------------------------------------- */

static const struct {
	const char *key, *words;
} reasons[] = {
	{ "not_prepared", "not prepared yet" },
	{ "refused", "refused" },
	{ "forgotten", "forgotten" },
	{ "rejected", "rejected" },
	{ "not_grouped", "not looked at for duplicates yet" },
	{ "duplicate", "duplicates" },
	{ "conflict", "with claims that differ" },
	{ "no_label", "without a label" },
	{ "retired_class", "of retired classes" },
	{ "class_not_in_conf", "of classes that are not in griddle.conf" },
	{ "filter", "that the filter leaves out" },
	{ "balance", "more than the smallest class has" },
};

char *
dataset_left_out(const json_t *report)
{
	const json_t *left = json_object_get(report, "left_out");
	struct buf b CLEANUP(buf_release) = BUF_INIT(4096);
	int64_t n;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		n = json_integer_value(json_object_get(left, reasons[i].key));
		if (n > 0)
			buf_addf(&b, "%s%lld %s", b.len > 0 ? ", " : "",
			    (long long)n, reasons[i].words);
	}
	return b.len > 0 ? xstrndup((const char *)b.data, b.len) : NULL;
}

static int
count_part(void *ctx, const char *class, enum part part, int64_t n)
{
	int64_t *parts = ctx;

	(void)class;
	parts[part] += n;
	return 0;
}

int
dataset_parts(const struct cli *c, const struct snapshot *n,
    int64_t parts[PART_COUNT], struct err *e)
{
	return snapshot_counts(c->store, n->id, count_part, parts, e);
}
