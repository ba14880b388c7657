/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running means of the reference, in its order of operations, because
 * their rounding shows in the code.  A row's sum is a chain of dependent
 * additions, so eight rows are turned on their side and go down together,
 * one in each lane; along the columns, neighbours fill the lanes.
 */
#include "dedup/pdq_int.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define STRIP 2 /* vectors across a strip: `even` and `odd` */
#define ROWS (STRIP * PDQ_LANES)

/* One dimension of the picture. */
struct axis {
	int size;
	int window;          /* how many samples a mean takes */
	int lead;            /* how far it looks ahead */
	int pick[PDQ_SMALL]; /* the samples that decimation keeps */
};

/* One pass: means along the rows, then of those along the columns. */
struct pass {
	const struct axis *x, *y;
	int vecs;       /* in a row that comes in; what is beyond it is 0 */
	pdq_vec *row;   /* [ROWS][vecs]: rows that wait */
	int filled;     /* how many do */
	pdq_vec *side;  /* [window + vecs * LANES + lead][STRIP] on their side,
			   with zeros before and after */
	pdq_vec *sums;  /* [vecs * LANES][STRIP] of windows along the rows */
	int outs;       /* vectors in a row that goes out */
	bool decimate;  /* it has only the picked columns */
	pdq_vec *count; /* [outs]: samples that are in the row's sums */
	pdq_vec *part;  /* [outs]: 1 / count, */
	int exact[2];   /* which is no rounding from one to the other */
	pdq_vec *out;   /* [outs] */
	pdq_vec *sum;   /* [outs] of a window down the columns */
	pdq_vec *ring;  /* [window][outs]: the rows in it */
	int seen;       /* rows so far */
};

struct pdq_blur {
	struct axis x, y;
	struct pass pass[2];
	float small[PDQ_SMALL][PDQ_SMALL];
	int done; /* rows of small */
};

static void
axis_init(struct axis *a, int size)
{
	int i;

	a->size = size;
	a->window = (size + 2 * PDQ_SMALL - 1) / (2 * PDQ_SMALL);
	a->lead = a->window / 2;
	for (i = 0; i < PDQ_SMALL; i++)
		a->pick[i] =
		    (int)((int64_t)(2 * i + 1) * size / (2 * PDQ_SMALL));
}

/* How many samples the window around i holds: fewer at the ends. */
static float
axis_count(const struct axis *a, int i)
{
	int right = i + a->lead + 1, left = right - a->window;

	if (i >= a->size)
		return 1;
	return (
	    float)((right < a->size ? right : a->size) - (left > 0 ? left : 0));
}

/* Is dividing by it the same as multiplying by 1 / count, to the last bit? */
static bool
is_power_of_two(float count)
{
	const int n = (int)count;

	return (n & (n - 1)) == 0;
}

static bool
is_exact(pdq_vec counts)
{
	bool all = true;
	int i;

	for (i = 0; i < PDQ_LANES; i++)
		all = all && is_power_of_two(counts[i]);
	return all;
}

static pdq_vec *
vecs_new(int n, int m)
{
	return xcalloc((size_t)n * (size_t)m, sizeof(pdq_vec));
}

static void
pass_init(
    struct pass *p, const struct axis *x, const struct axis *y, bool decimate)
{
	int i, vecs = (x->size + PDQ_LANES - 1) / PDQ_LANES;
	int outs = decimate ? PDQ_SMALL / PDQ_LANES : vecs;

	p->x = x;
	p->y = y;
	p->vecs = vecs;
	p->outs = outs;
	p->decimate = decimate;
	p->row = vecs_new(ROWS, vecs > outs ? vecs : outs);
	p->side = vecs_new(x->window + vecs * PDQ_LANES + x->lead, STRIP);
	p->sums = vecs_new(vecs * PDQ_LANES, STRIP);
	p->count = vecs_new(outs, 1);
	p->part = vecs_new(outs, 1);
	p->out = vecs_new(outs, 1);
	p->sum = vecs_new(outs, 1);
	p->ring = vecs_new(y->window, outs);
	for (i = 0; i < outs * PDQ_LANES; i++)
		((float *)p->count)[i] =
		    axis_count(x, decimate ? x->pick[i] : i);
	for (i = 0; i < outs; i++)
		p->part[i] = 1 / p->count[i];
	for (i = 0; i < outs && !is_exact(p->count[i]); i++)
		;
	p->exact[0] = i;
	for (; i < outs && is_exact(p->count[i]); i++)
		;
	p->exact[1] = i;
}

static void
pass_release(struct pass *p)
{
	free(p->row);
	free(p->side);
	free(p->sums);
	free(p->count);
	free(p->part);
	free(p->out);
	free(p->sum);
	free(p->ring);
}

struct pdq_blur *
pdq_blur_new(int width, int height)
{
	struct pdq_blur *b = xcalloc(1, sizeof(*b));

	axis_init(&b->x, width);
	axis_init(&b->y, height);
	pass_init(&b->pass[0], &b->x, &b->y, false);
	pass_init(&b->pass[1], &b->x, &b->y, true);
	return b;
}

void
pdq_blur_free(struct pdq_blur *b)
{
	if (b == NULL)
		return;
	pass_release(&b->pass[0]);
	pass_release(&b->pass[1]);
	free(b);
}

/* Transpose 4x4 floats; steps between vectors are in vectors. */
static inline void
turn(const pdq_vec *from, int from_step, pdq_vec *to, int to_step)
{
	pdq_vec a = from[0], b = from[from_step];
	pdq_vec c = from[2 * from_step], d = from[3 * from_step];
	pdq_vec ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
	pdq_vec cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
	pdq_vec ef = __builtin_shufflevector(a, b, 2, 6, 3, 7);
	pdq_vec gh = __builtin_shufflevector(c, d, 2, 6, 3, 7);

	to[0] = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
	to[to_step] = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
	to[2 * to_step] = __builtin_shufflevector(ef, gh, 0, 1, 4, 5);
	to[3 * to_step] = __builtin_shufflevector(ef, gh, 2, 3, 6, 7);
}

/* The rows that wait, on their side; after the zeros of the first window. */
static void
turn_rows(struct pass *p)
{
	const pdq_vec *row = p->row;
	pdq_vec *side = p->side + p->x->window * STRIP;
	int i, s, n = p->vecs;

	for (s = 0; s < STRIP; s++)
		for (i = 0; i < n; i++)
			turn(row + s * PDQ_LANES * n + i, n,
			    side + i * PDQ_LANES * STRIP + s, STRIP);
}

/*
 * Sums of the windows along the rows.  Adding and subtracting the zeros at
 * the ends changes no bit, and spares the loop its special cases.
 */
static void
sum_rows(struct pass *p)
{
	const pdq_vec *leave = p->side;
	const pdq_vec *enter = leave + p->x->window * STRIP;
	pdq_vec *sums = p->sums, even = { 0 }, odd = { 0 };
	int i, lead = p->x->lead, size = p->x->size;

	for (i = 0; i < lead; i++) {
		even += *enter++;
		odd += *enter++;
	}
	leave += lead * STRIP;
	for (i = 0; i < size; i++) {
		even += *enter++;
		odd += *enter++;
		even -= *leave++;
		odd -= *leave++;
		*sums++ = even;
		*sums++ = odd;
	}
}

/* The sums as rows again, in place of the rows that waited. */
static void
turn_sums(struct pass *p)
{
	const pdq_vec *sums = p->sums;
	pdq_vec *row = p->row;
	int i, s, n = p->vecs;

	for (s = 0; s < STRIP; s++)
		for (i = 0; i < n; i++)
			turn(sums + i * PDQ_LANES * STRIP + s, STRIP,
			    row + s * PDQ_LANES * n + i, n);
}

/* The same, of the columns that decimation keeps. */
static void
pick_sums(struct pass *p)
{
	const float *sums = (const float *)p->sums;
	float *row = (float *)p->row;
	int i, j;

	for (j = 0; j < ROWS; j++)
		for (i = 0; i < PDQ_SMALL; i++)
			*row++ = sums[p->x->pick[i] * ROWS + j];
}

static void pass_step(struct pdq_blur *, struct pass *);

static pdq_vec *
pass_row(struct pass *p)
{
	return p->row + p->filled * p->vecs;
}

/* Row y of the pass is in p->out. */
static void
emit(struct pdq_blur *b, struct pass *p, int y)
{
	size_t size = (size_t)p->outs * sizeof(pdq_vec);

	if (p == &b->pass[0]) {
		memcpy(pass_row(&b->pass[1]), p->out, size);
		pass_step(b, &b->pass[1]);
		return;
	}
	while (b->done < PDQ_SMALL && b->y.pick[b->done] == y)
		memcpy(b->small[b->done++], p->out, size);
}

/*
 * The means of a row of sums, and of those down the columns, in the vectors
 * from..to.  Most windows hold four samples: where the caller says so (by a
 * constant, which makes loops without branches), a quotient is a product.
 */
static inline __attribute__((always_inline)) void
mean_some(struct pass *p, const pdq_vec *sums, pdq_vec *slot, int from, int to,
    float down, bool exact, bool exact_down)
{
	pdq_vec *sum = p->sum, *out = p->out, mean;
	const pdq_vec *count = p->count, *part = p->part;
	int i;

	for (i = from; i < to; i++) {
		mean = exact ? sums[i] * part[i] : sums[i] / count[i];
		sum[i] = sum[i] + mean - slot[i];
		slot[i] = mean;
		out[i] = exact_down ? sum[i] * down : sum[i] / down;
	}
}

/* Means along the columns, when one more row of sums comes in. */
static void
mean_columns(struct pdq_blur *b, struct pass *p, const pdq_vec *sums)
{
	pdq_vec *slot = p->ring + p->seen % p->y->window * p->outs;
	const int y = p->seen++ - p->y->lead, n = p->outs;
	const int start = p->exact[0], end = p->exact[1];
	float down = axis_count(p->y, y);

	if (is_power_of_two(down)) {
		down = 1 / down;
		mean_some(p, sums, slot, 0, start, down, false, true);
		mean_some(p, sums, slot, start, end, down, true, true);
		mean_some(p, sums, slot, end, n, down, false, true);
	} else {
		mean_some(p, sums, slot, 0, n, down, false, false);
	}
	if (y >= 0)
		emit(b, p, y);
}

static void
pass_strip(struct pdq_blur *b, struct pass *p)
{
	int i;

	turn_rows(p);
	sum_rows(p);
	if (p->decimate)
		pick_sums(p);
	else
		turn_sums(p);
	for (i = 0; i < p->filled; i++)
		mean_columns(b, p, p->row + i * p->outs);
	p->filled = 0;
}

/* The row that pass_row() gave has been written. */
static void
pass_step(struct pdq_blur *b, struct pass *p)
{
	if (++p->filled == ROWS)
		pass_strip(b, p);
}

/* What is still on its way when the last row is in. */
static void
pass_end(struct pdq_blur *b, struct pass *p)
{
	int i;

	if (p->filled > 0)
		pass_strip(b, p);
	memset(p->row, 0, (size_t)p->outs * sizeof(*p->row));
	for (i = 0; i < p->y->lead; i++)
		mean_columns(b, p, p->row);
}

float *
pdq_blur_row(struct pdq_blur *b)
{
	return (float *)pass_row(&b->pass[0]);
}

void
pdq_blur_step(struct pdq_blur *b)
{
	pass_step(b, &b->pass[0]);
}

void
pdq_blur_end(struct pdq_blur *b, float ret_small[PDQ_SMALL][PDQ_SMALL])
{
	pass_end(b, &b->pass[0]);
	pass_end(b, &b->pass[1]);
	memcpy(ret_small, b->small, sizeof(b->small));
}
