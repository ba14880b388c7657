/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer/blas.h"

#include <cblas.h>
#include <math.h>
#include <stddef.h>

/* Odd sizes, so that kernels meet full tiles and edges alike. */
enum {
	ROWS = 37,
	COLS = 19,
	DEPTH = 53,
};

/* A few exact fractions around zero, without a pattern kernels could hide. */
static void
fill(float *m, size_t n, unsigned start)
{
	unsigned x = start;

	for (size_t i = 0; i < n; i++) {
		x = x * 1664525u + 1013904223u;
		m[i] = (float)((int)(x >> 24) - 128) / 64;
	}
}

/* c is a (ROWS x DEPTH, or DEPTH x ROWS when transposed) times b. */
static float
worst_error(const float *a, int transposed, const float *b, const float *c)
{
	float worst = 0;

	for (size_t i = 0; i < ROWS; i++)
		for (size_t j = 0; j < COLS; j++) {
			double sum = 0;

			for (size_t l = 0; l < DEPTH; l++)
				sum += (double)b[l * COLS + j] *
				    a[transposed ? l * ROWS + i
						 : i * DEPTH + l];
			worst =
			    fmaxf(worst, fabsf((float)sum - c[i * COLS + j]));
			if (isnan(c[i * COLS + j]))
				worst = INFINITY;
		}
	return worst;
}

int
blas_start(struct err *err)
{
	float a[ROWS * DEPTH], b[DEPTH * COLS], c[ROWS * COLS];
	float plain, transposed;

	openblas_set_num_threads(1);
	fill(a, ROWS * DEPTH, 1);
	fill(b, DEPTH * COLS, 2);
	fill(c, ROWS * COLS, 3);
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, ROWS, COLS,
	    DEPTH, 1, a, DEPTH, b, COLS, 0, c, COLS);
	plain = worst_error(a, 0, b, c);
	cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, ROWS, COLS, DEPTH,
	    1, a, ROWS, b, COLS, 0, c, COLS);
	transposed = worst_error(a, 1, b, c);
	/* Sums of about 50 products of up to 4: rounding stays under 1e-3. */
	if (plain > 1e-3f || transposed > 1e-3f)
		return err_set(err, ERR_FATAL,
		    "OpenBLAS multiplies wrongly on this processor (kernels "
		    "%s): set OPENBLAS_CORETYPE to another",
		    blas_core());
	return 0;
}

const char *
blas_core(void)
{
	return openblas_get_corename();
}
