/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look-alikes among uniform codes of which one in a hundred is a planted
 * neighbour, in processor time, beside a scan that holds all against all.
 *
 *   bench_components [CODES...]    100000 and 1000000 if not said
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "dedup/audit.h"
#include "dedup/components.h"
#include "dedup/hamming_int.h"
#include "tests/codes.h"

#define SCANNED 100000 /* codes that the whole scan is measured with */
#define RADIUS 51

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
make(struct component_code *codes, size_t n)
{
	struct near_code code, before = { 0 };
	uint32_t seed = 1;
	size_t i;

	for (i = 0; i < n; i++) {
		code = i % 100 == 99
		    ? neighbour(&before, 0, 2 + (uint32_t)i % 50, &seed)
		    : random_code(0, &seed);
		memcpy(codes[i].bits, code.bits, PDQ_SIZE);
		codes[i].place = i;
		before = code;
	}
}

static int
no_pair(void *ctx, size_t a, size_t b, int distance)
{
	(void)ctx;
	(void)a;
	(void)b;
	(void)distance;
	return 0;
}

/* Seconds for a scan of all pairs among the first n. */
static double
scan(const struct component_code *codes, size_t n)
{
	hamming_code *bits CLEANUP(freep) = xcalloc(n, sizeof(*bits));
	struct err e;
	double start;
	size_t i;

	for (i = 0; i < n; i++)
		memcpy(bits[i], codes[i].bits, PDQ_SIZE);
	start = cpu_seconds();
	hamming_one_by_one(bits, n, bits, n, RADIUS, no_pair, NULL, &e);
	return cpu_seconds() - start;
}

static void
measure(size_t n)
{
	struct component_code *codes CLEANUP(freep) =
	    xcalloc(n, sizeof(*codes));
	struct components *c CLEANUP(components_freep) = components_new(n);
	size_t joined = 0, i, scanned = n < SCANNED ? n : SCANNED;
	double start, took, whole, factor;
	struct err e;

	make(codes, n);
	start = cpu_seconds();
	components_join_near(c, codes, n, n, RADIUS, &e);
	took = cpu_seconds() - start;
	for (i = 0; i < n; i++)
		joined += components_of(c, i) != i;
	factor = (double)n / (double)scanned;
	whole = scan(codes, scanned) * factor * factor;
	printf("components of %zu codes: %.1f s, %zu joined; all against all "
	       "%.1f s%s: %.0f %%\n",
	    n, took, joined, whole, n > scanned ? " (from a part)" : "",
	    100 * took / whole);
}

static void
measure_audit(size_t n)
{
	struct component_code *made CLEANUP(freep) = xcalloc(n, sizeof(*made));
	struct audit_code *codes CLEANUP(freep) = xcalloc(n, sizeof(*codes));
	struct audit_pair pair;
	struct err e;
	double start;
	size_t i;

	make(made, n);
	for (i = 0; i < n; i++) {
		memcpy(codes[i].bits, made[i].bits, PDQ_SIZE);
		codes[i].part = i / 100 % 20 < 14 ? 0 : i / 100 % 2 + 1;
	}
	start = cpu_seconds();
	audit_closest(codes, n, &pair, &e);
	printf("the closest pair across parts of %zu codes: %.1f s\n", n,
	    cpu_seconds() - start);
}

int
main(int argc, char **argv)
{
	int64_t n;
	int i;

	for (i = 1; i < argc; i++)
		if (text_to_int(argv[i], &n) && n > 0) {
			measure((size_t)n);
			measure_audit((size_t)n);
		}
	if (argc == 1) {
		measure(100000);
		measure(1000000);
		measure_audit(100000);
	}
	return 0;
}
