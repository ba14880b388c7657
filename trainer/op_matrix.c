/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gemm, MatMul, ReduceMean.
 */
#include <cblas.h>
#include <limits.h>
#include <string.h>

#include "trainer/ops_int.h"

static int
check_floats(const struct call *c, struct err *e)
{
	int i;

	for (i = 0; i < c->n_in; i++)
		if (c->in[i] != NULL && c->in[i]->type != NET_FLOAT)
			return err_set(
			    e, ERR_INPUT, "only 32-bit floats are supported");
	c->out[0]->type = NET_FLOAT;
	return 0;
}

/* ---- Gemm --------------------------------------------------------------- */

struct gemm {
	int m, n, k;
	bool turn_a, turn_b;
};

static int
gemm_of(const struct call *c, struct gemm *g, struct err *e)
{
	const int64_t *a = c->in[0]->shape.dim, *b = c->in[1]->shape.dim;

	g->turn_a = attr_int(c->node, "transA", 0) != 0;
	g->turn_b = attr_int(c->node, "transB", 0) != 0;
	if (c->in[0]->shape.rank != 2 || c->in[1]->shape.rank != 2 ||
	    a[!g->turn_a] != b[g->turn_b])
		return err_set(e, ERR_INPUT, "its matrices do not fit");
	if (a[0] >= INT_MAX || a[1] >= INT_MAX || b[0] >= INT_MAX ||
	    b[1] >= INT_MAX)
		return err_set(e, ERR_INPUT, "its matrices are too large");
	g->m = (int)a[g->turn_a];
	g->k = (int)a[!g->turn_a];
	g->n = (int)b[!g->turn_b];
	return 0;
}

/* The matrix to add is stretched to rows x columns. */
static int
check_added(const struct call *c, const struct gemm *g, struct err *e)
{
	const struct shape *s;
	int i;

	if (c->n_in < 3 || c->in[2] == NULL)
		return 0;
	s = &c->in[2]->shape;
	for (i = 0; i < s->rank; i++)
		if (s->rank > 2 ||
		    (s->dim[i] != 1 &&
			s->dim[i] != (i == s->rank - 1 ? g->n : g->m)))
			return err_set(
			    e, ERR_INPUT, "what it adds does not fit");
	return 0;
}

int
gemm_shape(const struct call *c, struct err *e)
{
	struct gemm g;

	if (check_floats(c, e) < 0 || gemm_of(c, &g, e) < 0 ||
	    check_added(c, &g, e) < 0)
		return -1;
	c->out[0]->shape = (struct shape){ 2, { g.m, g.n } };
	return 0;
}

static void
fill_added(const struct tensor *t, const struct gemm *g, float *to)
{
	const struct shape *s = &t->shape;
	const size_t column = s->rank > 0 && s->dim[s->rank - 1] != 1;
	const size_t row =
	    s->rank > 1 && s->dim[0] != 1 ? (size_t)s->dim[1] : 0;
	const float *from = t->data;
	size_t i, j;

	for (i = 0; i < (size_t)g->m; i++)
		for (j = 0; j < (size_t)g->n; j++)
			*to++ = from[i * row + j * column];
}

int
gemm_run(const struct call *c, struct err *e)
{
	const struct tensor *added = c->n_in > 2 ? c->in[2] : NULL;
	struct gemm g;

	if (gemm_of(c, &g, e) < 0)
		return -1;
	if (c->out[0]->n == 0)
		return 0;
	if (added != NULL)
		fill_added(added, &g, c->out[0]->data);
	else
		memset(c->out[0]->data, 0, c->out[0]->n * sizeof(float));
	cblas_sgemm(CblasRowMajor, g.turn_a ? CblasTrans : CblasNoTrans,
	    g.turn_b ? CblasTrans : CblasNoTrans, g.m, g.n, g.k,
	    attr_float(c->node, "alpha", 1), c->in[0]->data,
	    g.turn_a      ? g.m
		: g.k > 0 ? g.k
			  : 1,
	    c->in[1]->data, g.turn_b ? g.k > 0 ? g.k : 1 : g.n,
	    attr_float(c->node, "beta", 1), c->out[0]->data, g.n);
	return 0;
}

/* ---- MatMul ------------------------------------------------------------- */

/* As matrices of rows x inner and inner x columns, stacked. */
struct stack {
	struct shape a, b; /* with at least two axes */
	int64_t rows, inner, columns;
};

static void
as_matrix(struct shape *s, bool is_left)
{
	if (s->rank != 1)
		return;
	s->rank = 2;
	s->dim[1] = is_left ? s->dim[0] : 1;
	s->dim[0] = is_left ? 1 : s->dim[0];
}

static int
stack_of(
    const struct call *c, struct stack *s, struct shape *out, struct err *e)
{
	int i, rank;
	int64_t x, y;

	s->a = c->in[0]->shape;
	s->b = c->in[1]->shape;
	if (s->a.rank == 0 || s->b.rank == 0)
		return err_set(e, ERR_INPUT, "a single number is no matrix");
	as_matrix(&s->a, true);
	as_matrix(&s->b, false);
	s->rows = s->a.dim[s->a.rank - 2];
	s->inner = s->a.dim[s->a.rank - 1];
	s->columns = s->b.dim[s->b.rank - 1];
	if (s->b.dim[s->b.rank - 2] != s->inner || s->rows >= INT_MAX ||
	    s->inner >= INT_MAX || s->columns >= INT_MAX)
		return err_set(e, ERR_INPUT, "its matrices do not fit");
	rank = s->a.rank > s->b.rank ? s->a.rank : s->b.rank;
	*out = (struct shape){ .rank = rank };
	for (i = 0; i < rank - 2; i++) {
		x = i < rank - s->a.rank ? 1 : s->a.dim[i - (rank - s->a.rank)];
		y = i < rank - s->b.rank ? 1 : s->b.dim[i - (rank - s->b.rank)];
		if (x != y && x != 1 && y != 1)
			return err_set(e, ERR_INPUT, "its stacks do not fit");
		out->dim[i] = x == 1 ? y : x;
	}
	out->dim[rank - 2] = s->rows;
	out->dim[rank - 1] = s->columns;
	return 0;
}

int
matmul_shape(const struct call *c, struct err *e)
{
	struct shape *to = &c->out[0]->shape, full;
	struct stack s;
	int i;

	if (check_floats(c, e) < 0 || stack_of(c, &s, &full, e) < 0)
		return -1;
	/* An axis that a vector got for the product goes again. */
	to->rank = 0;
	for (i = 0; i < full.rank; i++)
		if (!(i == full.rank - 2 && c->in[0]->shape.rank == 1) &&
		    !(i == full.rank - 1 && c->in[1]->shape.rank == 1))
			to->dim[to->rank++] = full.dim[i];
	return 0;
}

/* Which matrix of a stack goes with number n of the whole. */
static size_t
matrix_of(const struct shape *s, const struct shape *whole, size_t n)
{
	size_t at = 0, stride = 1;
	int i, mine;

	for (i = whole->rank - 3; i >= 0; i--) {
		const size_t place = n % (size_t)whole->dim[i];

		n /= (size_t)whole->dim[i];
		mine = i - (whole->rank - s->rank);
		if (mine < 0)
			continue;
		at += s->dim[mine] == 1 ? 0 : place * stride;
		stride *= (size_t)s->dim[mine];
	}
	return at;
}

int
matmul_run(const struct call *c, struct err *e)
{
	const float *a = c->in[0]->data, *b = c->in[1]->data;
	float *to = c->out[0]->data;
	struct shape whole;
	struct stack s;
	size_t n, size;

	if (stack_of(c, &s, &whole, e) < 0)
		return -1;
	size = (size_t)(s.rows * s.columns);
	if (s.inner == 0)
		memset(to, 0, c->out[0]->n * sizeof(float));
	for (n = 0; s.inner > 0 && n * size < c->out[0]->n; n++)
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans,
		    (int)s.rows, (int)s.columns, (int)s.inner, 1,
		    a + matrix_of(&s.a, &whole, n) * (size_t)(s.rows * s.inner),
		    (int)s.inner,
		    b +
			matrix_of(&s.b, &whole, n) *
			    (size_t)(s.inner * s.columns),
		    (int)s.columns, 0, to + n * size, (int)s.columns);
	return 0;
}

/* ---- ReduceMean --------------------------------------------------------- */

static int
reduced_axes(const struct call *c, bool *axes, struct err *e)
{
	int i, n;

	if (axes_of(c, 1, c->in[0]->shape.rank, axes, &n, e) < 0)
		return -1;
	for (i = 0; n == 0 && i < c->in[0]->shape.rank; i++)
		axes[i] = attr_int(c->node, "noop_with_empty_axes", 0) == 0;
	return 0;
}

int
reduce_mean_shape(const struct call *c, struct err *e)
{
	const bool keep = attr_int(c->node, "keepdims", 1) != 0;
	struct shape *to = &c->out[0]->shape;
	bool axes[NET_RANK_MAX];
	int i;

	if (reduced_axes(c, axes, e) < 0)
		return -1;
	c->out[0]->type = c->in[0]->type;
	to->rank = 0;
	for (i = 0; i < c->in[0]->shape.rank; i++)
		if (!axes[i] || keep)
			to->dim[to->rank++] =
			    axes[i] ? 1 : c->in[0]->shape.dim[i];
	return 0;
}

int
reduce_mean_run(const struct call *c, struct err *e)
{
	const struct tensor *from = c->in[0], *to = c->out[0];
	double *sums CLEANUP(freep) = xcalloc(to->n + 1, sizeof(*sums));
	int64_t count[NET_RANK_MAX] = { 0 }, step[NET_RANK_MAX], stride = 1;
	int64_t at = 0;
	bool axes[NET_RANK_MAX];
	size_t n;
	int i;

	if (reduced_axes(c, axes, e) < 0)
		return -1;
	for (i = from->shape.rank - 1; i >= 0; i--) {
		step[i] = axes[i] ? 0 : stride;
		stride *= axes[i] ? 1 : from->shape.dim[i];
	}
	for (n = 0; n < from->n; n++) {
		sums[at] += tensor_get(from, n);
		for (i = from->shape.rank - 1; i >= 0; i--) {
			at += step[i];
			if (++count[i] < from->shape.dim[i])
				break;
			at -= count[i] * step[i];
			count[i] = 0;
		}
	}
	for (n = 0; n < to->n; n++)
		tensor_set(to, n, sums[n] / ((double)from->n / (double)to->n));
	return 0;
}
