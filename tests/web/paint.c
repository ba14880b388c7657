/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/web/paint.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

#define FRONT_MAX 5 /* ellipses that lie in front of the pattern */
#define BLOB_MAX 12

struct rgb {
	float r, g, b;
};

struct ellipse {
	float x, y, rx, ry, sin, cos, alpha;
	struct rgb colour;
};

struct scene {
	float sin, cos, period, phase, bend, edge;
	float x, y; /* centre of the rings */
	float blob_x[BLOB_MAX], blob_y[BLOB_MAX], blob_r[BLOB_MAX];
	int n_blobs, n_front;
	struct ellipse front[FRONT_MAX];
	struct rgb dark, light, wash;
	float wash_sin, wash_cos, wash_share;
	float noise;
};

/* What a point of the pattern is: 0 dark, 1 light. */
typedef float pattern_fn(const struct scene *, float x, float y);

uint64_t
fnv1a(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	while (len-- > 0)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return h;
}

/* SplitMix64 (Steele, Lea and Flood 2014). */
static uint64_t
draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static float
between(uint64_t *state, float least, float most)
{
	return least + (most - least) * (float)(draw(state) >> 40) / 0x1p24f;
}

static uint64_t
seed_of(const char *class, uint32_t number)
{
	uint64_t seed = fnv1a(class, strlen(class)) + number;

	return draw(&seed);
}

/* A wave of the given phase as 0..1; edge 0 is a sine, 1 nearly a square. */
static float
wave(const struct scene *s, float turns)
{
	float v = sinf(6.2831853f * turns) * (1 + 9 * s->edge);

	return 0.5f + 0.5f * (v < -1 ? -1 : v > 1 ? 1 : v);
}

static float
stripes(const struct scene *s, float x, float y)
{
	float along = x * s->cos - y * s->sin;
	float across = x * s->sin + y * s->cos;

	across += s->bend * 0.05f * sinf(along * 9);
	return wave(s, across / s->period + s->phase);
}

static float
rings(const struct scene *s, float x, float y)
{
	float dx = x - s->x, dy = (y - s->y) * (1 + 0.4f * s->bend);

	return wave(s, sqrtf(dx * dx + dy * dy) / s->period + s->phase);
}

static float
checks(const struct scene *s, float x, float y)
{
	float u = (x * s->sin + y * s->cos) / s->period + s->phase;
	float v = (x * s->cos - y * s->sin) / s->period + s->bend;
	float a = wave(s, u * 0.7f), b = wave(s, v * 0.7f);

	return a * b + (1 - a) * (1 - b);
}

static float
blobs(const struct scene *s, float x, float y)
{
	float sum = 0, dx, dy;
	int i;

	for (i = 0; i < s->n_blobs; i++) {
		dx = (x - s->blob_x[i]) / s->blob_r[i];
		dy = (y - s->blob_y[i]) / s->blob_r[i];
		sum += expf(-(dx * dx + dy * dy));
	}
	sum = (sum - 0.5f) * (1 + 4 * s->edge) + 0.5f;
	return sum < 0 ? 0 : sum > 1 ? 1 : sum;
}

static float
gradients(const struct scene *s, float x, float y)
{
	float v = (x - 0.5f) * s->sin + (y - 0.4f) * s->cos;

	v += s->bend * 0.4f * (x - s->x) * (y - s->y);
	v += 0.15f * sinf(4 * (x * s->cos - y * s->sin) + 6 * s->phase);
	v = 0.5f + 0.7f * v;
	return v < 0 ? 0 : v > 1 ? 1 : v;
}

static const struct {
	const char *name;
	pattern_fn *at;
} patterns[] = {
	{ "stripes", stripes },
	{ "rings", rings },
	{ "checks", checks },
	{ "blobs", blobs },
	{ "gradients", gradients },
};

/* A class named like a pattern gets that one, others one by their hash. */
static pattern_fn *
pattern_of(const char *class)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(patterns); i++)
		if (strcmp(class, patterns[i].name) == 0)
			return patterns[i].at;
	return patterns[fnv1a(class, strlen(class)) % ARRAY_SIZE(patterns)].at;
}

static struct rgb
colour(uint64_t *state, float least, float most)
{
	struct rgb c;

	c.r = between(state, least, most);
	c.g = between(state, least, most);
	c.b = between(state, least, most);
	return c;
}

static struct rgb
mix(struct rgb a, struct rgb b, float share)
{
	a.r += (b.r - a.r) * share;
	a.g += (b.g - a.g) * share;
	a.b += (b.b - a.b) * share;
	return a;
}

static void
compose_front(struct scene *s, uint64_t *state)
{
	struct ellipse *e;
	float turn;
	int i;

	s->n_front = 2 + (int)(draw(state) % (FRONT_MAX - 1));
	for (i = 0; i < s->n_front; i++) {
		e = &s->front[i];
		turn = between(state, 0, 3.1415927f);
		e->sin = sinf(turn);
		e->cos = cosf(turn);
		e->x = between(state, 0, 1);
		e->y = between(state, 0, 0.75f);
		e->rx = between(state, 0.06f, 0.2f);
		e->ry = between(state, 0.06f, 0.2f);
		e->alpha = between(state, 0.6f, 1);
		e->colour = colour(state, 0, 255);
	}
}

static void
compose(struct scene *s, const char *class, uint64_t *state)
{
	/* Classes that share a pattern differ in how coarse it is. */
	float coarse = fnv1a(class, strlen(class)) & 64 ? 1.7f : 1;
	float turn = between(state, 0, 3.1415927f);
	struct rgb c;
	int i;

	s->sin = sinf(turn);
	s->cos = cosf(turn);
	s->period = between(state, 0.06f, 0.16f) * coarse;
	s->phase = between(state, 0, 1);
	s->bend = between(state, -1, 1);
	s->edge = between(state, 0, 1);
	s->x = between(state, 0.1f, 0.9f);
	s->y = between(state, 0.1f, 0.65f);
	s->n_blobs = BLOB_MAX / 2 + (int)(draw(state) % (BLOB_MAX / 2));
	for (i = 0; i < s->n_blobs; i++) {
		s->blob_x[i] = between(state, 0, 1);
		s->blob_y[i] = between(state, 0, 0.75f);
		s->blob_r[i] = between(state, 0.04f, 0.1f) * coarse;
	}
	s->dark = colour(state, 0, 130);
	s->light = colour(state, 120, 255);
	if (draw(state) & 1) {
		c = s->dark;
		s->dark = s->light;
		s->light = c;
	}
	s->wash = colour(state, 0, 255);
	turn = between(state, 0, 6.2831853f);
	s->wash_sin = sinf(turn);
	s->wash_cos = cosf(turn);
	s->wash_share = between(state, 0.1f, 0.6f);
	s->noise = between(state, 1, 14);
	compose_front(s, state);
}

static struct rgb
look(const struct scene *s, pattern_fn *pattern, float x, float y)
{
	struct rgb c = mix(s->dark, s->light, pattern(s, x, y));
	float wash, dx, dy, u, v;
	int i;

	wash = (x - 0.5f) * s->wash_cos + (y - 0.4f) * s->wash_sin;
	c = mix(c, s->wash, s->wash_share * (0.5f + 0.7f * wash));
	for (i = 0; i < s->n_front; i++) {
		dx = x - s->front[i].x;
		dy = y - s->front[i].y;
		u = (dx * s->front[i].cos + dy * s->front[i].sin) /
		    s->front[i].rx;
		v = (dy * s->front[i].cos - dx * s->front[i].sin) /
		    s->front[i].ry;
		if (u * u + v * v < 1)
			c = mix(c, s->front[i].colour, s->front[i].alpha);
	}
	return c;
}

static uint8_t
level(float v)
{
	return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

static void
size_from(struct picture *p, uint64_t *state)
{
	p->width = 200 + (unsigned)(draw(state) % 201);
	p->height = 150 + (unsigned)(draw(state) % 151);
}

void
picture_size(struct picture *p, const char *class, uint32_t number)
{
	uint64_t state = seed_of(class, number);

	size_from(p, &state);
	p->rgb = NULL;
}

void
picture_paint(struct picture *p, const char *class, uint32_t number)
{
	pattern_fn *pattern = pattern_of(class);
	uint64_t state = seed_of(class, number);
	struct scene scene;
	struct rgb c;
	float unit, noise;
	uint8_t *out;
	unsigned x, y;

	size_from(p, &state);
	compose(&scene, class, &state);
	unit = 1 / (float)(p->width > p->height ? p->width : p->height);
	out = p->rgb = xmalloc((size_t)p->width * p->height * 3);
	for (y = 0; y < p->height; y++)
		for (x = 0; x < p->width; x++) {
			c = look(
			    &scene, pattern, (float)x * unit, (float)y * unit);
			noise = between(&state, -scene.noise, scene.noise);
			*out++ = level(c.r + noise);
			*out++ = level(c.g + noise);
			*out++ = level(c.b + noise);
		}
}

/* One channel at a point between four pixels. */
static uint8_t
sample(const struct picture *p, float x, float y, unsigned channel)
{
	unsigned x0 = (unsigned)x, y0 = (unsigned)y;
	unsigned x1 = x0 + 1 < p->width ? x0 + 1 : x0;
	unsigned y1 = y0 + 1 < p->height ? y0 + 1 : y0;
	float fx = x - (float)x0, fy = y - (float)y0, top, low;

#define AT(x_, y_) ((float)p->rgb[((y_)*p->width + (x_)) * 3 + channel])
	top = AT(x0, y0) * (1 - fx) + AT(x1, y0) * fx;
	low = AT(x0, y1) * (1 - fx) + AT(x1, y1) * fx;
#undef AT
	return level(top * (1 - fy) + low * fy + 0.5f);
}

void
picture_scale(
    const struct picture *p, struct picture *ret, unsigned num, unsigned den)
{
	unsigned x, y, channel;
	float step_x, step_y;
	uint8_t *out;

	ret->width = p->width * num / den;
	ret->height = p->height * num / den;
	step_x = (float)p->width / (float)ret->width;
	step_y = (float)p->height / (float)ret->height;
	out = ret->rgb = xmalloc((size_t)ret->width * ret->height * 3);
	for (y = 0; y < ret->height; y++)
		for (x = 0; x < ret->width; x++)
			for (channel = 0; channel < 3; channel++)
				*out++ = sample(p,
				    ((float)x + 0.5f) * step_x - 0.5f,
				    ((float)y + 0.5f) * step_y - 0.5f, channel);
}

void
picture_release(struct picture *p)
{
	free(p->rgb);
	p->rgb = NULL;
}

void
made_png(const char *class, uint32_t number, struct buf *b)
{
	struct picture p;

	picture_paint(&p, class, number);
	picture_png(&p, b);
	picture_release(&p);
}
