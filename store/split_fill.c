/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How bins of a class are filled: by least squares.
 *
 * A group goes where the sum over classes and bins of (held - quota)^2 /
 * quota (Pearson's chi-squared) grows least, which for groups of one is the
 * bin that lacks most.
 */
#include "store/snapshot_int.h"

/* How much that sum grows, times 1, by so many of a class in a bin. */
static double
growth(double quota, int64_t held, int64_t more)
{
	const double nothing = 1e-3;

	if (quota <= 0)
		quota = nothing;
	return (double)more * ((double)more + 2 * ((double)held - quota)) /
	    quota;
}

size_t
bins_choose(const struct bins *b, const struct candidate *v, size_t n)
{
	double sum, least = 0;
	size_t bin, i, end, best = 0, at;

	for (bin = 0; bin < b->n; bin++) {
		sum = 0;
		for (i = 0; i < n; i = end) {
			for (end = i + 1; end < n && v[end].class == v[i].class;
			     end++)
				;
			at = v[i].class * b->n + bin;
			sum += growth(
			    b->quota[at], b->held[at], (int64_t)(end - i));
		}
		if (bin == 0 || sum < least) {
			least = sum;
			best = bin;
		}
	}
	return best;
}

void
bins_add(struct bins *b, const struct candidate *v, size_t n, size_t bin)
{
	size_t i;

	for (i = 0; i < n; i++)
		b->held[v[i].class * b->n + bin]++;
}
