/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/recipe.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "prep/step_words_int.h"

static const struct opt recipe_opts[] = {
	{ "steps", OPT_FIELD(struct recipe_opts, steps),
	    .def = "autorotate, crop smart 1:1, resize 224",
	    .text = "what is done to an image, in this order" },
	{ 0 }
};

const struct opt_group recipe_group = {
	.name = "recipe",
	.text = "how images are made ready for a model",
	.opts = recipe_opts,
	.size = sizeof(struct recipe_opts),
	.titled = true,
};

/* The text is part of the hash, so it never changes for the same steps. */
static void
finish(struct recipe *r)
{
	static const char head[] = "griddle recipe 1\n";
	struct buf text CLEANUP(buf_release) = BUF_INIT(RECIPE_TEXT_MAX - 1);
	struct sha256 *digest = sha256_new();
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (i > 0)
			buf_addf(&text, ", ");
		step_show(&text, &r->steps[i]);
	}
	memcpy(r->text, text.data, text.len + 1);
	sha256_add(digest, head, sizeof(head) - 1);
	sha256_add(digest, text.data, text.len);
	sha256_end(digest, r->hash);
}

int
recipe_parse(const char *text, struct recipe *ret, struct err *e)
{
	char *copy CLEANUP(freep) = xstrdup(text == NULL ? "" : text);
	struct recipe r = { .n = 0 };
	char *rest = copy, *word;
	struct step *step;

	while ((word = strsep(&rest, ",")) != NULL) {
		if (r.n == RECIPE_STEPS_MAX)
			return err_set(e, ERR_USAGE,
			    "a recipe has more than %d steps",
			    RECIPE_STEPS_MAX);
		word = text_trim(word);
		step = &r.steps[r.n];
		if (step_read(word, step, e) < 0)
			return -1;
		if (step->kind == STEP_BACKGROUND && r.n > 0)
			return err_set(e, ERR_USAGE,
			    "recipe step \"%.80s\": it comes too late: write"
			    " it as the first step",
			    word);
		r.n++;
	}
	finish(&r);
	*ret = r;
	return 0;
}
