/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heap: a binary heap of things that are due, the earliest first.
 *
 * An item is the first member of what is to be due, and lies in one heap at
 * most.  All but heap_first() take O(log n).
 */
#ifndef SCRAPER_HEAP_H
#define SCRAPER_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap_item {
	int64_t due_ms, turn; /* of equally due ones the lower turn is first */
	size_t place;         /* 0: in no heap */
};

struct heap {
	struct heap_item **v; /* the first is v[1] */
	size_t n, size;
};

/* Put it in, or move it to where it belongs now. */
void heap_put(struct heap *, struct heap_item *, int64_t due_ms, int64_t turn);
/* Take it out, if it is in. */
void heap_remove(struct heap *, struct heap_item *);
/* NULL when it is empty. */
struct heap_item *heap_first(const struct heap *);
/* Free the heap itself. */
void heap_release(struct heap *);

#endif
