/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/recipe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define WORDS_MAX 4
#define RATIO_PART_MAX 100
#define RATIO_MAX 10
#define FULL_TURN 36000

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

/* The words of a step after its name; NULL where there is none. */
typedef bool read_fn(struct step *, char *const words[WORDS_MAX]);

static bool
read_how(const char *word, const char *one, enum step_how is_one,
    const char *other, enum step_how is_other, enum step_how *ret)
{
	if (word == NULL)
		return false;
	if (strcmp(word, one) == 0)
		*ret = is_one;
	else if (strcmp(word, other) == 0)
		*ret = is_other;
	else
		return false;
	return true;
}

/* Two whole numbers from 1 to max with a sign between them. */
static bool
read_pair(const char *word, char sign, int max, int *ret_a, int *ret_b)
{
	char *text CLEANUP(freep) = word == NULL ? NULL : xstrdup(word);
	char *second = word == NULL ? NULL : strchr(text, sign);
	int64_t a, b;

	if (second == NULL)
		return false;
	*second++ = 0;
	if (!text_to_int(text, &a) || !text_to_int(second, &b) || a < 1 ||
	    b < 1 || a > max || b > max)
		return false;
	*ret_a = (int)a;
	*ret_b = (int)b;
	return true;
}

static int
common_divisor(int a, int b)
{
	return b == 0 ? a : common_divisor(b, a % b);
}

static bool
read_ratio(struct step *s, const char *word)
{
	int d;

	if (!read_pair(word, ':', RATIO_PART_MAX, &s->w, &s->h) ||
	    s->w > RATIO_MAX * s->h || s->h > RATIO_MAX * s->w)
		return false;
	d = common_divisor(s->w, s->h);
	s->w /= d;
	s->h /= d;
	return true;
}

static bool
read_nothing(struct step *s, char *const words[WORDS_MAX])
{
	(void)s;
	return words[0] == NULL;
}

static bool
read_crop(struct step *s, char *const words[WORDS_MAX])
{
	return read_how(words[0], "centre", HOW_CENTRE, "smart", HOW_SMART,
		   &s->how) &&
	    read_ratio(s, words[1]) && words[2] == NULL;
}

static bool
read_rotate(struct step *s, char *const words[WORDS_MAX])
{
	double degrees;

	if (words[0] == NULL || words[1] != NULL ||
	    !text_to_real(words[0], &degrees) || !(fabs(degrees) <= 360))
		return false;
	s->degree = (int)lround(degrees * 100) % FULL_TURN;
	if (s->degree < 0)
		s->degree += FULL_TURN;
	return true;
}

static bool
read_flip(struct step *s, char *const words[WORDS_MAX])
{
	return read_how(words[0], "h", HOW_H, "v", HOW_V, &s->how) &&
	    words[1] == NULL;
}

static bool
read_pad(struct step *s, char *const words[WORDS_MAX])
{
	return read_how(
		   words[0], "white", HOW_WHITE, "black", HOW_BLACK, &s->how) &&
	    read_ratio(s, words[1]) && words[2] == NULL;
}

static bool
read_resize(struct step *s, char *const words[WORDS_MAX])
{
	int64_t side;

	s->how = HOW_FIT;
	if (words[0] == NULL)
		return false;
	if (text_to_int(words[0], &side)) {
		if (side < 1 || side > RECIPE_SIDE_MAX)
			return false;
		s->w = s->h = (int)side;
	} else if (!read_pair(words[0], 'x', RECIPE_SIDE_MAX, &s->w, &s->h)) {
		return false;
	}
	if (words[1] == NULL || strcmp(words[1], "fit") == 0)
		return words[1] == NULL || words[2] == NULL;
	return read_how(words[1], "fill", HOW_FILL, "stretch", HOW_STRETCH,
		   &s->how) &&
	    words[2] == NULL;
}

static const struct {
	const char *name;
	const char *usage;
	read_fn *read;
} steps[] = {
	[STEP_AUTOROTATE] = { "autorotate", "autorotate", read_nothing },
	[STEP_CROP] = { "crop",
	    "crop centre|smart W:H, like crop smart 1:1 (up to 10:1)",
	    read_crop },
	[STEP_ROTATE] = { "rotate", "rotate DEGREES, from -360 to 360",
	    read_rotate },
	[STEP_FLIP] = { "flip", "flip h|v", read_flip },
	[STEP_PAD] = { "pad",
	    "pad white|black W:H, like pad white 4:3 (up to 10:1)", read_pad },
	[STEP_GRAYSCALE] = { "grayscale", "grayscale", read_nothing },
	[STEP_RESIZE] = { "resize",
	    "resize W[xH] [fit|fill|stretch], like resize 224 (up to 4096)",
	    read_resize },
};

static int
unknown_step(const char *text, const char *name, struct err *e)
{
	const char *names[ARRAY_SIZE(steps) + 1] = { NULL };
	struct buf list CLEANUP(buf_release) = BUF_INIT(RECIPE_TEXT_MAX);
	const char *meant;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		names[i] = steps[i].name;
		buf_addf(&list, "%s%s", i == 0 ? "" : ", ", names[i]);
	}
	meant = text_suggest(name, names);
	return err_set(e, ERR_USAGE,
	    "recipe step \"%.80s\": there is no step \"%.40s\"%s%s%s"
	    " (there are %s)",
	    text, name, meant == NULL ? "" : "; did you mean \"",
	    meant == NULL ? "" : meant, meant == NULL ? "" : "\"?",
	    (const char *)list.data);
}

static int
read_step(const char *text, struct step *ret, struct err *e)
{
	char *copy CLEANUP(freep) = xstrdup(text);
	char *words[WORDS_MAX + 1] = { NULL };
	char *rest = copy, *word;
	size_t n = 0, i;

	while ((word = strsep(&rest, " \t\r\n")) != NULL)
		if (*word != 0 && n < WORDS_MAX)
			words[n++] = word;
	if (n == 0)
		return err_set(e, ERR_USAGE,
		    "a recipe has an empty step; write one or more of them,"
		    " like \"autorotate, crop smart 1:1, resize 224\"");
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		if (strcmp(words[0], steps[i].name) == 0)
			break;
	if (i == ARRAY_SIZE(steps))
		return unknown_step(text, words[0], e);
	*ret = (struct step){ .kind = (enum step_kind)i };
	if (!steps[i].read(ret, words + 1))
		return err_set(e, ERR_USAGE,
		    "recipe step \"%.80s\": write it as %s", text,
		    steps[i].usage);
	return 0;
}

static void
show_step(struct buf *out, const struct step *s)
{
	static const char *const how[] = {
		[HOW_NONE] = "",
		[HOW_CENTRE] = " centre",
		[HOW_SMART] = " smart",
		[HOW_H] = " h",
		[HOW_V] = " v",
		[HOW_WHITE] = " white",
		[HOW_BLACK] = " black",
		[HOW_FIT] = " fit",
		[HOW_FILL] = " fill",
		[HOW_STRETCH] = " stretch",
	};

	buf_addf(out, "%s%s", out->len == 0 ? "" : ", ", steps[s->kind].name);
	if (s->kind == STEP_RESIZE)
		buf_addf(out, " %dx%d%s", s->w, s->h, how[s->how]);
	else if (s->kind == STEP_ROTATE)
		buf_addf(out, " %d.%02d", s->degree / 100, s->degree % 100);
	else
		buf_addf(out, "%s", how[s->how]);
	if (s->kind == STEP_CROP || s->kind == STEP_PAD)
		buf_addf(out, " %d:%d", s->w, s->h);
}

/* The text is part of the hash, so it never changes for the same steps. */
static void
finish(struct recipe *r)
{
	static const char head[] = "griddle recipe 1\n";
	struct buf text CLEANUP(buf_release) = BUF_INIT(RECIPE_TEXT_MAX - 1);
	struct sha256 *digest = sha256_new();
	size_t i;

	for (i = 0; i < r->n; i++)
		show_step(&text, &r->steps[i]);
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
	char *rest = copy, *step;

	while ((step = strsep(&rest, ",")) != NULL) {
		if (r.n == RECIPE_STEPS_MAX)
			return err_set(e, ERR_USAGE,
			    "a recipe has more than %d steps",
			    RECIPE_STEPS_MAX);
		if (read_step(text_trim(step), &r.steps[r.n], e) < 0)
			return -1;
		r.n++;
	}
	finish(&r);
	*ret = r;
	return 0;
}
