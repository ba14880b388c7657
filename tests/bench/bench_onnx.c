/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_onnx FILE BATCH ROUNDS: milliseconds of CPU for one image, the median
 * of so many runs of a network on a batch, on one thread.
 */
#include <stdio.h>
#include <time.h>

#include "base/file.h"
#include "base/text.h"
#include "trainer/blas.h"
#include "trainer/net.h"

enum { SIDE = 224, NUMBERS = 3 * SIDE * SIDE };

static double
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
measure(struct net *net, size_t batch, size_t rounds, struct err *e)
{
	const size_t n = batch * NUMBERS;
	float *x CLEANUP(freep) = xreallocarray(NULL, n, sizeof(*x));
	double *ms CLEANUP(freep) = xcalloc(rounds, sizeof(*ms));
	const struct tensor in = { NET_FLOAT, false,
		{ 4, { (int64_t)batch, 3, SIDE, SIDE } }, n, x };
	size_t i;

	for (i = 0; i < n; i++)
		x[i] = (float)(i % NUMBERS) / NUMBERS;
	for (i = 0; i < rounds; i++) {
		ms[i] = cpu_ms();
		if (net_run(net, &in, e) < 0)
			return -1;
		ms[i] = (cpu_ms() - ms[i]) / (double)batch;
	}
	qsort(ms, rounds, sizeof(*ms), compare);
	printf("%.2f\n", ms[rounds / 2]);
	return 0;
}

int
main(int argc, char **argv)
{
	const struct net_opts opts = { NET_MEMORY_DEFAULT, false };
	struct buf b CLEANUP(buf_release) = BUF_INIT(1u << 30);
	struct net *net CLEANUP(net_freep) = NULL;
	struct err e = { 0 };
	int64_t batch, rounds;

	if (argc != 4 || !text_to_int(argv[2], &batch) || batch < 1 ||
	    !text_to_int(argv[3], &rounds) || rounds < 1)
		return 2;
	if (file_read(argv[1], &b, &e) < 0 ||
	    net_read(&net, b.data, b.len, &opts, &e) < 0 ||
	    measure(net, (size_t)batch, (size_t)rounds, &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		return 1;
	}
	fprintf(stderr, "OpenBLAS %s\n", blas_core());
	return 0;
}
