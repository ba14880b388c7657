/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/augment.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "prep/step_words_int.h"

#define WORDS_MAX 4
#define WHOLE 100    /* values are kept in hundredths */
#define ALWAYS 10000 /* 100 %, in hundredths of a percent */

static const struct opt options[] = {
	{ "steps", OPT_FIELD(struct augment_opts, steps),
	    .def = "flip h 50%, rotate -10..10, crop 85..100, brightness "
		   "-15..15, contrast -15..15, saturation -20..20, noise "
		   "0..6, erase 0..15 30%",
	    .text = "what is done to a copy of an image, and how far it may "
		    "go" },
	{ "seed", OPT_FIELD(struct augment_opts, seed), .def = "1", .min = 0,
	    .max = 9007199254740992.0, .text = "another seed, other copies" },
	{ 0 }
};

const struct opt_group augment_group = {
	.name = "augment",
	.text = "how training images are multiplied",
	.opts = options,
	.size = sizeof(struct augment_opts),
	.titled = true,
};

/* Which values a step's range may have; lowest == highest: it has none. */
static const struct {
	const char *name;
	const char *usage;
	int lowest, highest;
} kinds[] = {
	[AUGMENT_FLIP] = { "flip", "flip h|v, like flip h 50%", 0, 0 },
	[AUGMENT_ROTATE] = { "rotate",
	    "rotate A..B, degrees from -180 to 180, like rotate -10..10", -180,
	    180 },
	[AUGMENT_CROP] = { "crop",
	    "crop A..B, percent of the area from 1 to 100, like crop 85..100",
	    1, 100 },
	[AUGMENT_BRIGHTNESS] = { "brightness",
	    "brightness A..B, percent from -100 to 100, like brightness "
	    "-15..15",
	    -100, 100 },
	[AUGMENT_CONTRAST] = { "contrast",
	    "contrast A..B, percent from -100 to 100, like contrast -15..15",
	    -100, 100 },
	[AUGMENT_SATURATION] = { "saturation",
	    "saturation A..B, percent from -100 to 100, like saturation "
	    "-20..20",
	    -100, 100 },
	[AUGMENT_HUE] = { "hue",
	    "hue A..B, degrees from -180 to 180, like hue -10..10", -180, 180 },
	[AUGMENT_BLUR] = { "blur",
	    "blur A..B, pixels from 0 to 5, like blur 0..1.5", 0, 5 },
	[AUGMENT_NOISE] = { "noise",
	    "noise A..B, levels from 0 to 100, like noise 0..6", 0, 100 },
	[AUGMENT_ERASE] = { "erase",
	    "erase A..B, percent of the area from 0 to 80, like erase 0..15 "
	    "30%",
	    0, 80 },
	[AUGMENT_GRAYSCALE] = { "grayscale", "grayscale, like grayscale 10%", 0,
	    0 },
};

static bool
has_range(enum augment_kind kind)
{
	return kinds[kind].lowest < kinds[kind].highest;
}

/* Hundredths of a number that is within the bounds, which are whole. */
static bool
read_number(const char *text, int lowest, int highest, int *ret)
{
	double x;

	if (!text_to_real(text, &x) || !(x >= lowest) || !(x <= highest))
		return false;
	*ret = (int)lround(x * WHOLE);
	return true;
}

static bool
read_range(struct augment_step *s, const char *word)
{
	const int lowest = kinds[s->kind].lowest;
	const int highest = kinds[s->kind].highest;
	char *text CLEANUP(freep) = xstrdup(word);
	char *second = strstr(text, "..");

	if (second != NULL) {
		*second = 0;
		second += 2;
		/* "1...5" is more likely a slip than "1" to ".5". */
		if (*second == '.')
			return false;
	}
	return read_number(text, lowest, highest, &s->from) &&
	    read_number(
		second == NULL ? text : second, lowest, highest, &s->to) &&
	    s->from <= s->to;
}

/* "30%"; none is always. */
static bool
read_chance(struct augment_step *s, const char *word)
{
	char *text CLEANUP(freep) = word == NULL ? NULL : xstrdup(word);
	size_t len = word == NULL ? 0 : strlen(text);

	s->chance = ALWAYS;
	if (word == NULL)
		return true;
	if (len < 2 || text[len - 1] != '%')
		return false;
	text[len - 1] = 0;
	return read_number(text, 0, 100, &s->chance) && s->chance > 0;
}

/* The words after the step's name; NULL where there is none. */
static bool
read_words(struct augment_step *s, char *const words[WORDS_MAX])
{
	if (s->kind == AUGMENT_GRAYSCALE)
		return words[1] == NULL && read_chance(s, words[0]);
	if (words[0] == NULL || (words[1] != NULL && words[2] != NULL) ||
	    !read_chance(s, words[1]))
		return false;
	if (has_range(s->kind))
		return read_range(s, words[0]);
	s->axis = words[0][0];
	return (s->axis == 'h' || s->axis == 'v') && words[0][1] == 0;
}

static int
unknown_step(const char *text, const char *name, struct err *e)
{
	const char *names[AUGMENT_COUNT + 1] = { NULL };
	size_t i;

	for (i = 0; i < AUGMENT_COUNT; i++)
		names[i] = kinds[i].name;
	return step_unknown("augment", text, name, names, e);
}

static int
read_step(const char *text, struct augment_step *ret, struct err *e)
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
		    "an augmentation has an empty step; write one or more of"
		    " them, like \"flip h 50%%, rotate -10..10\"");
	for (i = 0; i < AUGMENT_COUNT; i++)
		if (strcmp(words[0], kinds[i].name) == 0)
			break;
	if (i == AUGMENT_COUNT)
		return unknown_step(text, words[0], e);
	*ret = (struct augment_step){ .kind = (enum augment_kind)i };
	if (!read_words(ret, words + 1))
		return err_set(e, ERR_USAGE,
		    "augment step \"%.80s\": write it as %s; a chance may "
		    "follow, like 30%%",
		    text, kinds[i].usage);
	return 0;
}

/* Hundredths as one would write them: "-0.5", "10". */
static void
show_number(struct buf *out, int n)
{
	const int size = n < 0 ? -n : n, part = size % WHOLE;

	buf_addf(out, "%s%d", n < 0 ? "-" : "", size / WHOLE);
	if (part % 10 != 0)
		buf_addf(out, ".%02d", part);
	else if (part != 0)
		buf_addf(out, ".%d", part / 10);
}

static void
show_step(struct buf *out, const struct augment_step *s)
{
	buf_addf(out, "%s%s", out->len == 0 ? "" : ", ", kinds[s->kind].name);
	if (s->kind == AUGMENT_FLIP)
		buf_addf(out, " %c", s->axis);
	if (has_range(s->kind)) {
		buf_addf(out, " ");
		show_number(out, s->from);
		buf_addf(out, "..");
		show_number(out, s->to);
	}
	if (s->chance == ALWAYS)
		return;
	buf_addf(out, " ");
	show_number(out, s->chance);
	buf_addf(out, "%%");
}

/* The text is part of the hash, so it never changes for the same steps. */
static void
finish(struct augment *a)
{
	static const char head[] = "griddle augment 1\n";
	struct buf text CLEANUP(buf_release) = BUF_INIT(AUGMENT_TEXT_MAX - 1);
	struct sha256 *digest = sha256_new();
	size_t i;

	for (i = 0; i < a->n; i++)
		show_step(&text, &a->steps[i]);
	memcpy(a->text, text.data, text.len + 1);
	sha256_add(digest, head, sizeof(head) - 1);
	sha256_add(digest, text.data, text.len);
	sha256_end(digest, a->hash);
}

int
augment_parse(const char *text, struct augment *ret, struct err *e)
{
	char *copy CLEANUP(freep) = xstrdup(text == NULL ? "" : text);
	struct augment a;
	char *rest = copy, *step;

	memset(&a, 0, sizeof(a));
	while ((step = strsep(&rest, ",")) != NULL) {
		if (a.n == AUGMENT_STEPS_MAX)
			return err_set(e, ERR_USAGE,
			    "an augmentation has more than %d steps",
			    AUGMENT_STEPS_MAX);
		if (read_step(text_trim(step), &a.steps[a.n], e) < 0)
			return -1;
		a.n++;
	}
	finish(&a);
	*ret = a;
	return 0;
}

static void
add_number(struct sha256 *digest, int64_t n)
{
	unsigned char little[8];
	int i;

	for (i = 0; i < 8; i++)
		little[i] = (unsigned char)((uint64_t)n >> (8 * i));
	sha256_add(digest, little, sizeof(little));
}

void
augment_key(const struct augment *a, const unsigned char sha256[SHA256_SIZE],
    int64_t seed, int64_t copy, unsigned char ret_key[SHA256_SIZE])
{
	static const char head[] = "griddle copy 1\n";
	struct sha256 *digest = sha256_new();

	sha256_add(digest, head, sizeof(head) - 1);
	sha256_add(digest, a->hash, sizeof(a->hash));
	sha256_add(digest, sha256, SHA256_SIZE);
	add_number(digest, seed);
	add_number(digest, copy);
	sha256_end(digest, ret_key);
}
