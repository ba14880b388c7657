/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/verify.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "store/looks.h"

static_assert(VERIFY_SIDE == LOOK_SIDE, "it takes what is kept");

#define SIDE VERIFY_SIDE
#define LANES 4
#define SAMPLES (SIDE * SIDE) /* whole vectors, at half the side too */
#define PARAMETERS 6
#define ROUNDS 12        /* of Gauss-Newton, at each of two sizes */
#define STILL 1e-3       /* a step that is none any more */
#define STRETCH_MAX 0.25 /* from the size as it is, and of shearing */
#define SHIFT_MAX 0.3    /* of half a side */
#define OVERLAP_MIN 0.6  /* of the samples */
#define LOCAL 3          /* samples to each side that make a local mean */

/*
 * Where a sample of one lies in the other, in halves of a side from the
 * middle: x' = m[0] + m[1] x + m[2] y, y' = m[3] + m[4] x + m[5] y.
 */
struct affine {
	double m[PARAMETERS];
};

struct picture {
	int side;
	double px[SAMPLES];
};

/* Of the n samples that lie over each other; zeros behind them. */
struct overlay {
	int n;
	double a[SAMPLES], b[SAMPLES];      /* without their mean */
	double change[PARAMETERS][SAMPLES]; /* of a, by the parameters */
};

/* ---- pictures ---- */

static void
turn_in(const uint8_t *gray, int turn, struct picture *ret)
{
	const bool transpose = turn >= 4;
	const bool across = turn == 1 || turn == 2 || turn == 5 || turn == 6;
	const bool down = turn == 2 || turn == 3 || turn == 6 || turn == 7;
	int x, y, u, v;

	ret->side = SIDE;
	for (y = 0; y < SIDE; y++)
		for (x = 0; x < SIDE; x++) {
			u = across ? SIDE - 1 - x : x;
			v = down ? SIDE - 1 - y : y;
			ret->px[y * SIDE + x] =
			    transpose ? gray[u * SIDE + v] : gray[v * SIDE + u];
		}
}

static void
halve(const struct picture *p, struct picture *ret)
{
	const double *q;
	int x, y;

	ret->side = p->side / 2;
	for (y = 0; y < ret->side; y++)
		for (x = 0; x < ret->side; x++) {
			q = p->px + 2 * y * p->side + 2 * x;
			ret->px[y * ret->side + x] =
			    (q[0] + q[1] + q[p->side] + q[p->side + 1]) / 4;
		}
}

static double
local_mean(const struct picture *p, int x, int y)
{
	double sum = 0;
	int u, v, n = 0;

	for (v = y - LOCAL; v <= y + LOCAL; v++)
		for (u = x - LOCAL; u <= x + LOCAL; u++)
			if (u >= 0 && v >= 0 && u < p->side && v < p->side) {
				sum += p->px[v * p->side + u];
				n++;
			}
	return sum / n;
}

static void
take_details(const struct picture *p, struct picture *ret)
{
	int x, y;

	ret->side = p->side;
	for (y = 0; y < p->side; y++)
		for (x = 0; x < p->side; x++)
			ret->px[y * p->side + x] =
			    p->px[y * p->side + x] - local_mean(p, x, y);
}

/* ---- one over the other ---- */

static double
centred(int i, int side)
{
	return (2 * i + 1 - side) / (double)side;
}

/* The sample of a under sample j, i of b, if it is inside. */
static void
lay(const struct picture *a, const struct picture *b, int i, int j,
    const double *m, struct overlay *o)
{
	const double x = centred(j, b->side), y = centred(i, b->side);
	const double half = a->side / 2.0;
	const double u = (m[0] + m[1] * x + m[2] * y + 1) * half - 0.5;
	const double v = (m[3] + m[4] * x + m[5] * y + 1) * half - 0.5;
	const int left = (int)floor(u), top = (int)floor(v), n = o->n;
	const double du = u - left, dv = v - top;
	const double *const p = a->px + top * a->side + left;
	const double *const q = p + a->side;
	double across, down;

	if (left < 0 || top < 0 || left + 1 >= a->side || top + 1 >= a->side)
		return;
	across = ((1 - dv) * (p[1] - p[0]) + dv * (q[1] - q[0])) * half;
	down = ((1 - du) * (q[0] - p[0]) + du * (q[1] - p[1])) * half;
	o->a[n] = p[0] + du * (p[1] - p[0]) + dv * down / half;
	o->b[n] = b->px[i * b->side + j];
	o->change[0][n] = across;
	o->change[1][n] = across * x;
	o->change[2][n] = across * y;
	o->change[3][n] = down;
	o->change[4][n] = down * x;
	o->change[5][n] = down * y;
	o->n++;
}

typedef double vec __attribute__((
    vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));

static double
dot(const double *a, const double *b, int n)
{
	vec sum = { 0 };
	int i;

	for (i = 0; i < n; i += LANES)
		sum += *(const vec *)(a + i) * *(const vec *)(b + i);
	return sum[0] + sum[1] + sum[2] + sum[3];
}

/* And zeros behind them, up to a whole vector. */
static void
subtract_mean(double *a, int n)
{
	double sum = 0;
	int i;

	for (i = 0; i < n; i++)
		sum += a[i];
	for (i = 0; i < n; i++)
		a[i] -= sum / n;
	for (; i % LANES != 0; i++)
		a[i] = 0;
}

/* False where too little lies over each other. */
static bool
overlay_of(const struct picture *a, const struct picture *b,
    const struct affine *to, struct overlay *ret)
{
	int i, j;

	ret->n = 0;
	for (i = 0; i < b->side; i++)
		for (j = 0; j < b->side; j++)
			lay(a, b, i, j, to->m, ret);
	if (ret->n < OVERLAP_MIN * b->side * b->side)
		return false;
	subtract_mean(ret->a, ret->n);
	subtract_mean(ret->b, ret->n);
	return true;
}

static double
correlation(const struct overlay *o)
{
	const double a = dot(o->a, o->a, o->n), b = dot(o->b, o->b, o->n);
	const double r =
	    a > 0 && b > 0 ? dot(o->a, o->b, o->n) / sqrt(a * b) : 0;

	return r < 0 ? 0 : r > 1 ? 1 : r;
}

/* ---- where they go best ---- */

/* Solve h x = v for each of two v; h, symmetric, is lost.  False: singular. */
static bool
solve(double h[PARAMETERS][PARAMETERS], double v[2][PARAMETERS])
{
	double factor;
	int i, j, k;

	for (i = 0; i < PARAMETERS; i++) {
		if (h[i][i] <= 1e-6)
			return false;
		for (j = i + 1; j < PARAMETERS; j++) {
			factor = h[j][i] / h[i][i];
			for (k = i; k < PARAMETERS; k++)
				h[j][k] -= factor * h[i][k];
			v[0][j] -= factor * v[0][i];
			v[1][j] -= factor * v[1][i];
		}
	}
	for (k = 0; k < 2; k++)
		for (i = PARAMETERS - 1; i >= 0; i--) {
			for (j = i + 1; j < PARAMETERS; j++)
				v[k][i] -= h[i][j] * v[k][j];
			v[k][i] /= h[i][i];
		}
	return true;
}

/*
 * A step to where the correlation is greater: b, times a gain, less a, as
 * far as the changes can make it up.  Its largest part; 0: there is none.
 */
static double
step(struct overlay *o, struct affine *to)
{
	double h[PARAMETERS][PARAMETERS];
	double with[2][PARAMETERS], by[2][PARAMETERS];
	double above, below, d, most = 0;
	int i, j;

	for (i = 0; i < PARAMETERS; i++) {
		subtract_mean(o->change[i], o->n);
		for (j = 0; j <= i; j++)
			h[i][j] = h[j][i] =
			    dot(o->change[i], o->change[j], o->n);
		with[0][i] = dot(o->change[i], o->a, o->n);
		with[1][i] = dot(o->change[i], o->b, o->n);
	}
	memcpy(by, with, sizeof(by));
	if (!solve(h, by))
		return 0;
	above = dot(o->a, o->a, o->n);
	below = dot(o->a, o->b, o->n);
	for (i = 0; i < PARAMETERS; i++) {
		above -= with[0][i] * by[0][i];
		below -= with[1][i] * by[0][i];
	}
	if (below <= 0)
		return 0;
	for (i = 0; i < PARAMETERS; i++) {
		d = above / below * by[1][i] - by[0][i];
		to->m[i] += d;
		most = fabs(d) > most ? fabs(d) : most;
	}
	return most;
}

static bool
is_sane(const double *m)
{
	return fabs(m[0]) <= SHIFT_MAX && fabs(m[3]) <= SHIFT_MAX &&
	    fabs(m[1] - 1) <= STRETCH_MAX && fabs(m[5] - 1) <= STRETCH_MAX &&
	    fabs(m[2]) <= STRETCH_MAX && fabs(m[4]) <= STRETCH_MAX;
}

/* From *to on, which becomes where it was best on the way. */
static double
climb(const struct picture *a, const struct picture *b, struct overlay *o,
    struct affine *to)
{
	struct affine now = *to;
	double best = 0, r;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (!is_sane(now.m) || !overlay_of(a, b, &now, o))
			break;
		r = correlation(o);
		if (r > best) {
			best = r;
			*to = now;
		}
		if (step(o, &now) < STILL)
			break;
	}
	return best;
}

/* Two pictures, as they are, made smaller, and without their local means. */
struct work {
	struct picture fine[2], coarse[2], detail[2];
	struct overlay overlay;
};

/* With the one this much larger at first. */
static double
likeness_from(struct work *w, double size)
{
	struct affine to = { { 0, size, 0, 0, 0, size } };
	double r;

	climb(&w->coarse[0], &w->coarse[1], &w->overlay, &to);
	r = climb(&w->fine[0], &w->fine[1], &w->overlay, &to);
	if (!overlay_of(&w->detail[0], &w->detail[1], &to, &w->overlay))
		return 0;
	return (r + correlation(&w->overlay)) / 2;
}

double
verify_likeness(const uint8_t *a, const uint8_t *b, int turn)
{
	static const double sizes[] = { 1, 0.9, 1.1 };
	struct work *w CLEANUP(freep) = xmalloc(sizeof(*w));
	double best = 0, r;
	size_t i;

	turn_in(a, turn, &w->fine[0]);
	turn_in(b, 0, &w->fine[1]);
	for (i = 0; i < 2; i++) {
		halve(&w->fine[i], &w->coarse[i]);
		take_details(&w->fine[i], &w->detail[i]);
	}
	for (i = 0; i < ARRAY_SIZE(sizes) && best < VERIFY_LIKE; i++) {
		r = likeness_from(w, sizes[i]);
		best = r > best ? r : best;
	}
	return best;
}
