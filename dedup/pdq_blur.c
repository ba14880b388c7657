/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running means of the reference, in its order of operations, because
 * their rounding shows in the code.  A row's sum is a chain of dependent
 * additions, so sixteen rows are turned on their side and go down together,
 * one in each lane; along the columns, neighbours fill the lanes.
 */
#include "dedup/pdq_int.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ROWS 16     /* that go down together */
#define LANES_MAX 8 /* rows are whole vectors of so many samples */
#define HALF 4

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
	int in;       /* samples in a row that comes in, 0 beyond the picture */
	float *row;   /* [ROWS][in]: rows that wait */
	int filled;   /* how many do */
	float *side;  /* [window + in + lead][ROWS]: they on their side, with
			 zeros before and after; then the sums of windows */
	int out;      /* samples in a row that goes out */
	bool picks;   /* only the picked columns */
	float *count; /* [out]: samples that are in the row's sums */
	float *part;  /* [out]: 1 / count, */
	int exact[2]; /* which is no rounding from one to the other */
	float *sum;   /* [out] of a window down the columns */
	float *ring;  /* [window][out]: the rows in it */
	int seen;     /* rows so far */
};

struct pdq_blur {
	struct axis x, y;
	struct pass pass[2];
	void (*strip)(struct pdq_blur *, struct pass *);
	float last[PDQ_SMALL]; /* a row that comes of the second pass */
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
is_exact(const float counts[LANES_MAX])
{
	bool all = true;
	int i;

	for (i = 0; i < LANES_MAX; i++)
		all = all && is_power_of_two(counts[i]);
	return all;
}

static float *
floats_new(int n, int m)
{
	return xcalloc((size_t)n * (size_t)m, sizeof(float));
}

static void
pass_init(
    struct pass *p, const struct axis *x, const struct axis *y, bool picks)
{
	const int in = (x->size + LANES_MAX - 1) / LANES_MAX * LANES_MAX;
	const int out = picks ? PDQ_SMALL : in;
	int i;

	p->x = x;
	p->y = y;
	p->in = in;
	p->out = out;
	p->picks = picks;
	p->row = floats_new(ROWS, in > out ? in : out);
	p->side = floats_new(x->window + in + x->lead, ROWS);
	p->count = floats_new(out, 1);
	p->part = floats_new(out, 1);
	p->sum = floats_new(out, 1);
	p->ring = floats_new(y->window, out);
	for (i = 0; i < out; i++) {
		p->count[i] = axis_count(x, picks ? x->pick[i] : i);
		p->part[i] = 1 / p->count[i];
	}
	for (i = 0; i < out && !is_exact(p->count + i); i += LANES_MAX)
		;
	p->exact[0] = i;
	for (; i < out && is_exact(p->count + i); i += LANES_MAX)
		;
	p->exact[1] = i;
}

static void
pass_release(struct pass *p)
{
	free(p->row);
	free(p->side);
	free(p->count);
	free(p->part);
	free(p->sum);
	free(p->ring);
}

/* ---- a strip, in vectors of the compiler's ---- */

typedef float half __attribute__((vector_size(16), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

/* Transpose 4x4 floats; steps between vectors are in floats. */
INLINE void
turn(const float *from, ptrdiff_t from_step, float *to, ptrdiff_t to_step)
{
	const half a = *(const half *)from;
	const half b = *(const half *)(from + from_step);
	const half c = *(const half *)(from + 2 * from_step);
	const half d = *(const half *)(from + 3 * from_step);
	const half ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
	const half cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
	const half ef = __builtin_shufflevector(a, b, 2, 6, 3, 7);
	const half gh = __builtin_shufflevector(c, d, 2, 6, 3, 7);

	*(half *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
	*(half *)(to + to_step) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
	*(half *)(to + 2 * to_step) =
	    __builtin_shufflevector(ef, gh, 0, 1, 4, 5);
	*(half *)(to + 3 * to_step) =
	    __builtin_shufflevector(ef, gh, 2, 3, 6, 7);
}

/* The rows that wait, on their side; after the zeros of the first window. */
INLINE void
turn_rows(struct pass *p)
{
	const ptrdiff_t in = p->in;
	const float *from = p->row, *const end = from + in;
	float *to = p->side + p->x->window * ROWS;
	int row;

	memset(p->side, 0, (size_t)(p->x->window * ROWS) * sizeof(*p->side));
	for (; from < end; from += HALF, to += HALF * ROWS)
#pragma GCC unroll 4
		for (row = 0; row < ROWS; row += HALF)
			turn(from + row * in, in, to + row, ROWS);
}

/* The sums as rows again, in place of the rows that waited. */
INLINE void
turn_sums(struct pass *p)
{
	const ptrdiff_t in = p->in, beyond = in - p->x->size;
	const float *from = p->side;
	float *to = p->row, *const end = to + in;
	int row;

	memset(p->side + p->x->size * ROWS, 0,
	    (size_t)(beyond * ROWS) * sizeof(*p->side));
	for (; to < end; to += HALF, from += HALF * ROWS)
#pragma GCC unroll 4
		for (row = 0; row < ROWS; row += HALF)
			turn(from + row, ROWS, to + row * in, in);
}

/* The same, of the columns that decimation keeps. */
INLINE void
pick_sums(struct pass *p)
{
	const float *from;
	float *row = p->row;
	int i, j;

	for (i = 0; i < PDQ_SMALL; i++, row++) {
		from = p->side + p->x->pick[i] * ROWS;
		for (j = 0; j < ROWS; j++)
			row[j * PDQ_SMALL] = from[j];
	}
}

static void pass_step(struct pdq_blur *, struct pass *);

static float *
pass_row(struct pass *p)
{
	return p->row + p->filled * p->in;
}

/* Where the pass puts the next row ... */
static float *
next_out(struct pdq_blur *b, const struct pass *p)
{
	return p == &b->pass[0] ? pass_row(&b->pass[1]) : b->last;
}

/* ... and this says that it is row y. */
static void
emit(struct pdq_blur *b, const struct pass *p, int y)
{
	if (p == &b->pass[0]) {
		pass_step(b, &b->pass[1]);
		return;
	}
	while (b->done < PDQ_SMALL && b->y.pick[b->done] == y)
		memcpy(b->small[b->done++], b->last, sizeof(b->last));
}

#define LANES_OF "dedup/pdq_strip.h"
#include "base/lanes.h"

/* ---- all of it ---- */

struct pdq_blur *
pdq_blur_new(int width, int height)
{
	struct pdq_blur *b = xcalloc(1, sizeof(*b));

	axis_init(&b->x, width);
	axis_init(&b->y, height);
	pass_init(&b->pass[0], &b->x, &b->y, false);
	pass_init(&b->pass[1], &b->x, &b->y, true);
	b->strip = has_8_lanes() ? strip_by_8 : strip_by_4;
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

/* The row that pass_row() gave has been written. */
static void
pass_step(struct pdq_blur *b, struct pass *p)
{
	if (++p->filled == ROWS)
		b->strip(b, p);
}

/* What is still on its way when the last row is in. */
static void
pass_end(struct pdq_blur *b, struct pass *p)
{
	if (p->filled > 0)
		b->strip(b, p);
	memset(p->row, 0, (size_t)p->in * ROWS * sizeof(*p->row));
	for (; p->seen < p->y->size + p->y->lead; b->strip(b, p))
		p->filled = p->y->size + p->y->lead - p->seen < ROWS
		    ? p->y->size + p->y->lead - p->seen
		    : ROWS;
}

float *
pdq_blur_row(struct pdq_blur *b)
{
	return pass_row(&b->pass[0]);
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
