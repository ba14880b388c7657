/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/verify.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define SIDE VERIFY_SIDE
#define PARAMETERS 6
#define ROUNDS 12        /* of Gauss-Newton, at each of two sizes */
#define STILL 1e-4       /* a step that is none any more */
#define STRETCH_MAX 0.25 /* from the size as it is, and of shearing */
#define SHIFT_MAX 0.3    /* of half a side */
#define OVERLAP_MIN 0.6  /* of the samples */

/*
 * Where a sample of one lies in the other, in halves of a side from the
 * middle: x' = m[0] + m[1] x + m[2] y, y' = m[3] + m[4] x + m[5] y.
 */
struct affine {
	double m[PARAMETERS];
};

struct picture {
	int side;
	double px[SIDE * SIDE];
};

/* Of the samples that lie over each other. */
struct overlay {
	int n;
	double a[SIDE * SIDE], b[SIDE * SIDE];  /* without their mean */
	double change[PARAMETERS][SIDE * SIDE]; /* of a, by the parameters */
};

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

static struct picture
halved(const struct picture *p)
{
	struct picture ret = { .side = p->side / 2 };
	const double *q;
	int x, y;

	for (y = 0; y < ret.side; y++)
		for (x = 0; x < ret.side; x++) {
			q = p->px + 2 * y * p->side + 2 * x;
			ret.px[y * ret.side + x] =
			    (q[0] + q[1] + q[p->side] + q[p->side + 1]) / 4;
		}
	return ret;
}

static double
centred(int i, int side)
{
	return (2 * i + 1 - side) / (double)side;
}

/* One sample of a under sample x, y of b, if it is inside. */
static void
lay(const struct picture *a, const struct picture *b, int i, int j,
    const struct affine *to, struct overlay *o)
{
	const double x = centred(j, b->side), y = centred(i, b->side);
	const double *const m = to->m;
	const double half = a->side / 2.0;
	const double u = (m[0] + m[1] * x + m[2] * y + 1) * half - 0.5;
	const double v = (m[3] + m[4] * x + m[5] * y + 1) * half - 0.5;
	const int left = (int)floor(u), top = (int)floor(v);
	double du = u - left, dv = v - top, across, down;
	const double *p = a->px + top * a->side + left;

	if (left < 0 || top < 0 || left + 1 >= a->side || top + 1 >= a->side)
		return;
	across = (1 - dv) * (p[1] - p[0]) + dv * (p[a->side + 1] - p[a->side]);
	down = (1 - du) * (p[a->side] - p[0]) + du * (p[a->side + 1] - p[1]);
	o->a[o->n] = p[0] + du * (p[1] - p[0]) + dv * down;
	o->b[o->n] = b->px[i * b->side + j];
	o->change[0][o->n] = across * half;
	o->change[1][o->n] = across * half * x;
	o->change[2][o->n] = across * half * y;
	o->change[3][o->n] = down * half;
	o->change[4][o->n] = down * half * x;
	o->change[5][o->n] = down * half * y;
	o->n++;
}

static double
dot(const double *a, const double *b, int n)
{
	double sum = 0;
	int i;

	for (i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

static void
subtract_mean(double *a, int n)
{
	double mean = 0;
	int i;

	for (i = 0; i < n; i++)
		mean += a[i] / n;
	for (i = 0; i < n; i++)
		a[i] -= mean;
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
			lay(a, b, i, j, to, ret);
	if (ret->n < OVERLAP_MIN * b->side * b->side)
		return false;
	subtract_mean(ret->a, ret->n);
	subtract_mean(ret->b, ret->n);
	return true;
}

static double
correlation(const struct overlay *o)
{
	const double spread = dot(o->a, o->a, o->n) * dot(o->b, o->b, o->n);

	return spread <= 0 ? 0 : dot(o->a, o->b, o->n) / sqrt(spread);
}

/* Solve h x = v for each v of two; h, symmetric, is lost.  False: singular. */
static bool
solve(double h[PARAMETERS][PARAMETERS], double v[2][PARAMETERS])
{
	double factor;
	int i, j, k;

	for (i = 0; i < PARAMETERS; i++) {
		if (h[i][i] <= 1e-9)
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
 * The step to where the correlation is greater; its largest part, or 0 when
 * there is none (equation 18 and following of the paper).
 */
static double
step(struct overlay *o, struct affine *to)
{
	double h[PARAMETERS][PARAMETERS], by[2][PARAMETERS], of_b[PARAMETERS];
	double above, below, gain, most = 0, d;
	int i, j;

	for (i = 0; i < PARAMETERS; i++) {
		subtract_mean(o->change[i], o->n);
		for (j = 0; j <= i; j++)
			h[i][j] = h[j][i] =
			    dot(o->change[i], o->change[j], o->n);
		by[0][i] = dot(o->change[i], o->a, o->n);
		by[1][i] = of_b[i] = dot(o->change[i], o->b, o->n);
	}
	above = dot(o->a, o->a, o->n);
	below = dot(o->a, o->b, o->n);
	d = 0;
	{
		double of_a[PARAMETERS];

		memcpy(of_a, by[0], sizeof(of_a));
		if (!solve(h, by))
			return 0;
		above -= dot(of_a, by[0], PARAMETERS);
		below -= dot(of_b, by[0], PARAMETERS);
	}
	if (below <= 0)
		return 0;
	gain = above / below;
	for (i = 0; i < PARAMETERS; i++) {
		d = gain * by[1][i] - by[0][i];
		to->m[i] += d;
		most = fabs(d) > most ? fabs(d) : most;
	}
	return most;
}

static bool
is_sane(const struct affine *a)
{
	const double *const m = a->m;

	return fabs(m[0]) <= SHIFT_MAX && fabs(m[3]) <= SHIFT_MAX &&
	    fabs(m[1] - 1) <= STRETCH_MAX && fabs(m[5] - 1) <= STRETCH_MAX &&
	    fabs(m[2]) <= STRETCH_MAX && fabs(m[4]) <= STRETCH_MAX;
}

/* From `to` on; the best correlation on the way, and where it was. */
static double
climb(const struct picture *a, const struct picture *b, struct affine *to)
{
	struct overlay o;
	struct affine now = *to;
	double best = 0, r;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (!is_sane(&now) || !overlay_of(a, b, &now, &o))
			break;
		r = correlation(&o);
		if (r > best) {
			best = r;
			*to = now;
		}
		if (step(&o, &now) < STILL)
			break;
	}
	return best;
}

double
verify_likeness(const uint8_t *a, const uint8_t *b, int turn)
{
	static const double sizes[] = { 1, 0.9, 1.1 };
	struct picture fine[2], coarse[2];
	struct affine to;
	double best = 0, r;
	size_t i;

	turn_in(a, turn, &fine[0]);
	turn_in(b, 0, &fine[1]);
	coarse[0] = halved(&fine[0]);
	coarse[1] = halved(&fine[1]);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		to = (struct affine){ { 0, sizes[i], 0, 0, 0, sizes[i] } };
		climb(&coarse[0], &coarse[1], &to);
		r = climb(&fine[0], &fine[1], &to);
		best = r > best ? r : best;
		if (best >= VERIFY_LIKE)
			break;
	}
	return best;
}
