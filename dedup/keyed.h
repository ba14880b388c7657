/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyed: places in the order of a 64-bit key, a million of them in no time.
 */
#ifndef DEDUP_KEYED_H
#define DEDUP_KEYED_H

#include <stddef.h>
#include <stdint.h>

struct keyed {
	uint64_t key;
	uint32_t place;
};

/*
 * By ascending keys, and then places: these have to ascend as it is given.
 * By digits of 16 bits from the lowest on (Knuth, volume 3, 5.2.5), passing
 * over those that are all equal.  Needs as much memory again, and 1 MiB.
 */
void keyed_sort(struct keyed *, size_t n);

#endif
