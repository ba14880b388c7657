/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/step_words_int.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define WORDS_MAX 4
#define CHOICES_MAX 6
#define RATIO_PART_MAX 100
#define RATIO_MAX 10
#define FULL_TURN 36000
#define TRIM_DEFAULT 10
#define TRIM_MAX 80
#define SHARPEN_DEFAULT 50
#define SHARPEN_MAX 300
#define WHITE 0xffffff

/* A step's words after its name, and what is wrong with them. */
struct reading {
	struct step *step;
	const char *words[WORDS_MAX + 1]; /* NULL where there is none */
	struct buf wrong;
};

typedef bool read_fn(struct reading *);

static const struct {
	const char *word, *alias;
} hows[] = {
	[HOW_NONE] = { "", NULL },
	[HOW_CENTRE] = { "centre", "center" },
	[HOW_SMART] = { "smart", NULL },
	[HOW_ATTENTION] = { "attention", NULL },
	[HOW_BOX] = { "box", NULL },
	[HOW_H] = { "h", NULL },
	[HOW_V] = { "v", NULL },
	[HOW_WHITE] = { "white", NULL },
	[HOW_BLACK] = { "black", NULL },
	[HOW_MEAN] = { "mean", NULL },
	[HOW_EDGE] = { "edge", NULL },
	[HOW_MIRROR] = { "mirror", NULL },
	[HOW_FIT] = { "fit", NULL },
	[HOW_FILL] = { "fill", NULL },
	[HOW_STRETCH] = { "stretch", NULL },
};

static bool
is_named(const char *word, const char *name, const char *alias)
{
	return strcmp(word, name) == 0 ||
	    (alias != NULL && strcmp(word, alias) == 0);
}

/* ---- what is wrong; all of them give false ---- */

static bool
lacks(struct reading *r, const char *what)
{
	buf_addf(&r->wrong, "it lacks %s", what);
	return false;
}

static bool
is_no(struct reading *r, const char *word, const char *what)
{
	buf_addf(&r->wrong, "\"%.40s\" is not %s", word, what);
	return false;
}

static bool
is_no_choice(struct reading *r, const char *word, enum step_how first, size_t n)
{
	const char *names[CHOICES_MAX + 1] = { NULL };
	const char *meant;
	size_t i;

	for (i = 0; i < n; i++)
		names[i] = hows[first + i].word;
	meant = text_suggest(word, names);
	buf_addf(&r->wrong, "\"%.40s\" is not a way to do it", word);
	if (meant != NULL)
		buf_addf(&r->wrong, "; did you mean \"%s\"?", meant);
	return false;
}

/* ---- words ---- */

/* One of the ways from `first` to `last`. */
static bool
read_how(struct reading *r, const char *word, enum step_how first,
    enum step_how last)
{
	enum step_how how;

	if (word == NULL)
		return lacks(r, "a word that says how");
	for (how = first; how <= last; how++)
		if (is_named(word, hows[how].word, hows[how].alias)) {
			r->step->how = how;
			return true;
		}
	return is_no_choice(r, word, first, (size_t)(last - first) + 1);
}

/* That no words are left after the first n. */
static bool
ends(struct reading *r, size_t n)
{
	if (r->words[n] == NULL)
		return true;
	buf_addf(&r->wrong, "\"%.40s\" is too much", r->words[n]);
	return false;
}

/* A whole number from least to most; `otherwise` if there is no word. */
static bool
read_value(struct reading *r, int least, int most, int otherwise)
{
	const char *word = r->words[0];
	int64_t n = otherwise;

	if (word != NULL && (!text_to_int(word, &n) || n < least || n > most)) {
		buf_addf(&r->wrong,
		    "\"%.40s\" is not a whole number from %d to %d", word,
		    least, most);
		return false;
	}
	r->step->value = (int)n;
	return ends(r, word == NULL ? 0 : 1);
}

/* Two whole numbers from 1 to max with a sign between them. */
static bool
read_pair(const char *word, char sign, int max, int *ret_a, int *ret_b)
{
	char *text CLEANUP(freep) = xstrdup(word);
	char *second = strchr(text, sign);
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
read_ratio(struct reading *r, const char *word)
{
	struct step *s = r->step;
	int d;

	if (word == NULL)
		return lacks(r, "the shape");
	if (!read_pair(word, ':', RATIO_PART_MAX, &s->w, &s->h))
		return is_no(r, word, "two whole numbers from 1 to 100, W:H");
	if (s->w > RATIO_MAX * s->h || s->h > RATIO_MAX * s->w)
		return is_no(r, word, "between 1:10 and 10:1");
	d = common_divisor(s->w, s->h);
	s->w /= d;
	s->h /= d;
	return true;
}

/* Percent, in tenths of them. */
static bool
read_share(const char *word, int *ret)
{
	double x;

	if (word == NULL || !text_to_real(word, &x) || !(x >= 0 && x <= 100))
		return false;
	*ret = (int)lround(x * 10);
	return true;
}

static bool
read_box(struct reading *r, const char *word)
{
	char *copy CLEANUP(freep) = word == NULL ? NULL : xstrdup(word);
	struct step *s = r->step;
	int *const numbers[] = { &s->x, &s->y, &s->w, &s->h };
	char *rest = copy;
	size_t i;

	if (word == NULL)
		return lacks(r, "the box");
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!read_share(strsep(&rest, ":"), numbers[i]))
			break;
	if (i < ARRAY_SIZE(numbers) || rest != NULL)
		return is_no(r, word, "four numbers from 0 to 100, X:Y:W:H");
	if (s->w == 0 || s->h == 0)
		return is_no(r, word, "a box with anything in it");
	if (s->x + s->w > RECIPE_WHOLE || s->y + s->h > RECIPE_WHOLE)
		return is_no(r, word,
		    "inside the picture: X + W or Y + H is"
		    " more than 100");
	return true;
}

static int
digit(char c)
{
	return c <= '9' ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static bool
read_colour(const char *word, int *ret)
{
	size_t i;

	*ret = 0;
	if (strcmp(word, "white") == 0)
		*ret = WHITE;
	if (strcmp(word, "white") == 0 || strcmp(word, "black") == 0)
		return true;
	if (word[0] != '#' || strlen(word) != 7)
		return false;
	for (i = 1; i < 7; i++) {
		if (!isxdigit((unsigned char)word[i]))
			return false;
		*ret = *ret << 4 | digit(word[i]);
	}
	return true;
}

/* ---- steps ---- */

static bool
read_nothing(struct reading *r)
{
	return ends(r, 0);
}

static bool
read_background(struct reading *r)
{
	if (r->words[0] == NULL)
		return lacks(r, "the colour");
	if (!read_colour(r->words[0], &r->step->value))
		return is_no(r, r->words[0], "a colour");
	return ends(r, 1);
}

static bool
read_trim(struct reading *r)
{
	return read_value(r, 0, TRIM_MAX, TRIM_DEFAULT);
}

static bool
read_crop(struct reading *r)
{
	return read_how(r, r->words[0], HOW_CENTRE, HOW_BOX) &&
	    (r->step->how == HOW_BOX ? read_box(r, r->words[1])
				     : read_ratio(r, r->words[1])) &&
	    ends(r, 2);
}

static bool
read_rotate(struct reading *r)
{
	double degrees;

	if (r->words[0] == NULL)
		return lacks(r, "the angle");
	if (!text_to_real(r->words[0], &degrees) || !(fabs(degrees) <= 360))
		return is_no(r, r->words[0], "a number from -360 to 360");
	r->step->value = (int)lround(degrees * 100) % FULL_TURN;
	if (r->step->value < 0)
		r->step->value += FULL_TURN;
	return ends(r, 1);
}

static bool
read_flip(struct reading *r)
{
	return read_how(r, r->words[0], HOW_H, HOW_V) && ends(r, 1);
}

static bool
read_pad(struct reading *r)
{
	return read_how(r, r->words[0], HOW_WHITE, HOW_MIRROR) &&
	    read_ratio(r, r->words[1]) && ends(r, 2);
}

static bool
read_sharpen(struct reading *r)
{
	return read_value(r, 1, SHARPEN_MAX, SHARPEN_DEFAULT);
}

static bool
read_resize(struct reading *r)
{
	const char *word = r->words[0];
	struct step *s = r->step;
	int64_t side;

	s->how = HOW_FIT;
	if (word == NULL)
		return lacks(r, "the size");
	if (text_to_int(word, &side) && side >= 1 && side <= RECIPE_SIDE_MAX)
		s->w = s->h = (int)side;
	else if (!read_pair(word, 'x', RECIPE_SIDE_MAX, &s->w, &s->h))
		return is_no(r, word, "a size from 1 to 4096, W or WxH");
	return r->words[1] == NULL ||
	    (read_how(r, r->words[1], HOW_FIT, HOW_STRETCH) && ends(r, 2));
}

static const struct {
	const char *name, *alias;
	const char *usage;
	read_fn *read;
} steps[] = {
	[STEP_BACKGROUND] = { "background", NULL,
	    "background white|black|#rrggbb", read_background },
	[STEP_AUTOROTATE] = { "autorotate", NULL, "autorotate", read_nothing },
	[STEP_TRIM] = { "trim", NULL,
	    "trim [LEVELS], like trim 10 (0 to 80; larger cuts more)",
	    read_trim },
	[STEP_CROP] = { "crop", NULL,
	    "crop centre|smart|attention W:H, like crop smart 1:1 (up to"
	    " 10:1), or crop box X:Y:W:H, in percent, like crop box"
	    " 0:0:100:90",
	    read_crop },
	[STEP_ROTATE] = { "rotate", NULL, "rotate DEGREES, from -360 to 360",
	    read_rotate },
	[STEP_FLIP] = { "flip", NULL, "flip h|v", read_flip },
	[STEP_PAD] = { "pad", NULL,
	    "pad white|black|mean|edge|mirror W:H, like pad white 4:3 (up to"
	    " 10:1)",
	    read_pad },
	[STEP_GRAYSCALE] = { "grayscale", "greyscale", "grayscale",
	    read_nothing },
	[STEP_NORMALISE] = { "normalise", "normalize", "normalise",
	    read_nothing },
	[STEP_SHARPEN] = { "sharpen", NULL,
	    "sharpen [PERCENT], like sharpen 50 (1 to 300)", read_sharpen },
	[STEP_ONLY_SHRINK] = { "only-shrink", NULL, "only-shrink",
	    read_nothing },
	[STEP_RESIZE] = { "resize", NULL,
	    "resize W[xH] [fit|fill|stretch], like resize 224 (up to 4096)",
	    read_resize },
};

int
step_unknown(const char *list, const char *text, const char *name,
    const char *const *names, struct err *e)
{
	struct buf known CLEANUP(buf_release) = BUF_INIT(RECIPE_TEXT_MAX);
	const char *meant = text_suggest(name, names);
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		buf_addf(&known, "%s%s", i == 0 ? "" : ", ", names[i]);
	return err_set(e, ERR_USAGE,
	    "%s step \"%.80s\": there is no step \"%.40s\"%s%s%s"
	    " (there are %s)",
	    list, text, name, meant == NULL ? "" : "; did you mean \"",
	    meant == NULL ? "" : meant, meant == NULL ? "" : "\"?",
	    (const char *)known.data);
}

static int
unknown_step(const char *text, const char *name, struct err *e)
{
	const char *names[ARRAY_SIZE(steps) + 1] = { NULL };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		names[i] = steps[i].name;
	return step_unknown("recipe", text, name, names, e);
}

/* Its first words, at most WORDS_MAX + 1 of them; more are too many. */
static size_t
split(char *text, const char *words[WORDS_MAX + 1])
{
	char *word;
	size_t n = 0;

	while (n <= WORDS_MAX && (word = strsep(&text, " \t\r\n")) != NULL)
		if (*word != 0)
			words[n++] = word;
	return n;
}

int
step_read(const char *text, struct step *ret, struct err *e)
{
	char *copy CLEANUP(freep) = xstrdup(text);
	const char *words[WORDS_MAX + 1] = { NULL };
	struct reading r = { .step = ret, .wrong = BUF_INIT(RECIPE_TEXT_MAX) };
	size_t i;
	int rc = 0;

	if (split(copy, words) == 0)
		return err_set(e, ERR_USAGE,
		    "a recipe has an empty step; write one or more of them,"
		    " like \"autorotate, crop smart 1:1, resize 224\"");
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		if (is_named(words[0], steps[i].name, steps[i].alias))
			break;
	if (i == ARRAY_SIZE(steps))
		return unknown_step(text, words[0], e);
	*ret = (struct step){ .kind = (enum step_kind)i };
	memcpy(r.words, words + 1, WORDS_MAX * sizeof(words[0]));
	if (!steps[i].read(&r))
		rc = err_set(e, ERR_USAGE,
		    "recipe step \"%.80s\": %s (write it as %s)", text,
		    (const char *)r.wrong.data, steps[i].usage);
	buf_release(&r.wrong);
	return rc;
}

static void
show_box(struct buf *out, const struct step *s)
{
	const int numbers[] = { s->x, s->y, s->w, s->h };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		buf_addf(out, "%s%d", i == 0 ? " " : ":", numbers[i] / 10);
		if (numbers[i] % 10 != 0)
			buf_addf(out, ".%d", numbers[i] % 10);
	}
}

void
step_show(struct buf *out, const struct step *s)
{
	buf_addf(out, "%s", steps[s->kind].name);
	if (s->how != HOW_NONE && s->kind != STEP_RESIZE)
		buf_addf(out, " %s", hows[s->how].word);
	switch (s->kind) {
	case STEP_BACKGROUND:
		buf_addf(out, " #%06x", (unsigned)s->value);
		break;
	case STEP_TRIM:
	case STEP_SHARPEN:
		buf_addf(out, " %d", s->value);
		break;
	case STEP_CROP:
	case STEP_PAD:
		if (s->how == HOW_BOX)
			show_box(out, s);
		else
			buf_addf(out, " %d:%d", s->w, s->h);
		break;
	case STEP_ROTATE:
		buf_addf(out, " %d.%02d", s->value / 100, s->value % 100);
		break;
	case STEP_RESIZE:
		buf_addf(out, " %dx%d %s", s->w, s->h, hows[s->how].word);
		break;
	default:
		break;
	}
}
