/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashes per second of processor time, median of 5.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "dedup/pdq.h"
#include "tests/codes.h"

#define SIDE 512
#define HASHES 200
#define RUNS 5

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *rate)
{
	qsort(rate, RUNS, sizeof(*rate), by_value);
	return rate[RUNS / 2];
}

static double
hash_rate(void)
{
	float *luma CLEANUP(freep) = xcalloc(SIDE * SIDE, sizeof(*luma));
	uint32_t seed = 1;
	struct pdq code;
	double rate[RUNS], start;
	int i, run;

	for (i = 0; i < SIDE * SIDE; i++)
		luma[i] = (float)(noise(&seed) % 2560) / 10;
	for (run = 0; run < RUNS; run++) {
		start = cpu_seconds();
		for (i = 0; i < HASHES; i++)
			pdq_of_luma(luma, SIDE, SIDE, &code);
		rate[run] = HASHES / (cpu_seconds() - start);
	}
	return median(rate);
}

int
main(void)
{
	printf("pdq of 512x512 luma      %10.0f /cpu s\n", hash_rate());
	return 0;
}
