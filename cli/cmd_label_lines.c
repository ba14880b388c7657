/* SPDX-License-Identifier: Apache-2.0 */
/*
 * label -: decisions line by line, as one step.
 */
#include "cli/curate.h"

#include <string.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"

/* IMAGE, CLASS and REVISION between tabs; cut in place. */
static int
read_line(struct lines *l, struct image_decision *ret, struct err *e)
{
	char *rest = l->text, *image, *label, *rev;

	if (l->too_long)
		return err_set(
		    e, ERR_INPUT, "longer than %d bytes", LINE_MAX_BYTES);
	if (memchr(l->text, 0, l->len) != NULL ||
	    !text_is_utf8(l->text, l->len))
		return err_set(e, ERR_INPUT, "not UTF-8 text");
	image = strsep(&rest, "\t");
	label = strsep(&rest, "\t");
	rev = strsep(&rest, "\t");
	if (label == NULL || rest != NULL)
		return err_set(e, ERR_INPUT,
		    "is to be IMAGE, a tab, CLASS, and perhaps a tab and a "
		    "revision");
	*ret = (struct image_decision){ .image = image,
		.has_label = true,
		.label = label,
		.rejected = -1 };
	if (rev != NULL && (!text_to_int(rev, &ret->rev) || ret->rev < 1))
		return err_set(
		    e, ERR_INPUT, "\"%.40s\" is not a revision", rev);
	return 0;
}

/* 1 when the line was taken, 0 when it is bad and that was said, or -1. */
static int
take_line(
    struct cli *c, struct lines *l, const struct op_ask *step, struct err *e)
{
	struct image_decision d;
	struct err bad = { 0 };

	if (read_line(l, &d, &bad) == 0 &&
	    decide_image(c->store, &d, step, &bad) == 0)
		return 1;
	if (bad.kind != ERR_INPUT && bad.kind != ERR_USAGE) {
		*e = bad;
		return -1;
	}
	log_error("line %lld: %s", (long long)l->number, bad.msg);
	c->partial = true;
	return 0;
}

int
label_lines(struct cli *c, struct err *e)
{
	struct lines *l CLEANUP(freep) = xmalloc(sizeof(*l));
	struct op_done done;
	struct op_ask step;
	int64_t bad = 0;
	int rc;

	*l = LINES_INIT(STDIN_FILENO, "standard input");
	if (cli_op(c, &step, e) < 0)
		return -1;
	if (step.if_rev != 0)
		return err_set(e, ERR_USAGE,
		    "label -: a revision stands on its line, not in --if-rev");
	if (cli_make_class_names(c, e) < 0 || decide_begin(c->store, e) < 0)
		return -1;
	while ((rc = lines_next(l, e)) == 1) {
		if (stop_check(e) < 0)
			return -1;
		if (l->len == 0)
			continue;
		rc = take_line(c, l, &step, e);
		if (rc < 0)
			return -1;
		bad += rc == 0;
	}
	if (rc < 0 || decide_end(c->store, "label", &step, &done, e) < 0 ||
	    cli_op_done(c, "labelled", &step, &done, e) < 0)
		return -1;
	if (bad > 0)
		log_error("%lld of %lld lines were not taken", (long long)bad,
		    (long long)l->number);
	return 0;
}
