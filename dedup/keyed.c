/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/keyed.h"

#include <string.h>

#include "base/mem.h"

#define DIGITS 4
#define VALUES 65536
#define FEW 4096 /* up to so many, counting digits costs more than it saves */

static int
by_key(const void *va, const void *vb)
{
	const struct keyed *a = va, *b = vb;

	if (a->key != b->key)
		return a->key > b->key ? 1 : -1;
	return (a->place > b->place) - (a->place < b->place);
}

static size_t
digit(const struct keyed *v, int i)
{
	return v->key >> 16 * i & (VALUES - 1);
}

static void
count_digits(const struct keyed *v, size_t n, uint32_t (*count)[VALUES])
{
	size_t i;
	int k;

	for (i = 0; i < n; i++)
		for (k = 0; k < DIGITS; k++)
			count[k][digit(&v[i], k)]++;
}

/* Where the entries of each value begin, of how many there are. */
static void
begin(uint32_t *count)
{
	uint32_t sum = 0, n;
	size_t i;

	for (i = 0; i < VALUES; i++) {
		n = count[i];
		count[i] = sum;
		sum += n;
	}
}

void
keyed_sort(struct keyed *v, size_t n)
{
	uint32_t(*count)[VALUES] CLEANUP(freep) = NULL;
	struct keyed *other CLEANUP(freep) = NULL;
	struct keyed *from = v, *to, *swap;
	size_t i;
	int k;

	if (n <= FEW) {
		if (n > 1)
			qsort(v, n, sizeof(*v), by_key);
		return;
	}
	count = xcalloc(DIGITS, sizeof(*count));
	to = other = xreallocarray(NULL, n + 1, sizeof(*other));
	count_digits(v, n, count);
	for (k = 0; k < DIGITS; k++) {
		if (count[k][digit(from, k)] == n)
			continue;
		begin(count[k]);
		for (i = 0; i < n; i++)
			to[count[k][digit(&from[i], k)]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	if (from != v)
		memcpy(v, from, n * sizeof(*v));
}
