/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/heap.h"

#include <stdbool.h>

#include "base/mem.h"

static bool
is_before(const struct heap_item *a, const struct heap_item *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms
				      : a->turn < b->turn;
}

static void
set(struct heap *h, size_t place, struct heap_item *i)
{
	h->v[place] = i;
	i->place = place;
}

/* Let it find its level from where it is. */
static void
settle(struct heap *h, struct heap_item *i)
{
	size_t at = i->place, child;

	while (at > 1 && is_before(i, h->v[at / 2])) {
		set(h, at, h->v[at / 2]);
		at /= 2;
	}
	while ((child = 2 * at) <= h->n) {
		if (child < h->n && is_before(h->v[child + 1], h->v[child]))
			child++;
		if (!is_before(h->v[child], i))
			break;
		set(h, at, h->v[child]);
		at = child;
	}
	set(h, at, i);
}

void
heap_put(struct heap *h, struct heap_item *i, int64_t due_ms, int64_t turn)
{
	i->due_ms = due_ms;
	i->turn = turn;
	if (i->place == 0) {
		if (h->n + 1 >= h->size) {
			h->size = h->size == 0 ? 64 : 2 * h->size;
			h->v = xreallocarray(h->v, h->size, sizeof(*h->v));
		}
		set(h, ++h->n, i);
	}
	settle(h, i);
}

void
heap_remove(struct heap *h, struct heap_item *i)
{
	struct heap_item *last;

	if (i->place == 0)
		return;
	last = h->v[h->n--];
	if (last != i) {
		set(h, i->place, last);
		settle(h, last);
	}
	i->place = 0;
}

struct heap_item *
heap_first(const struct heap *h)
{
	return h->n == 0 ? NULL : h->v[1];
}

void
heap_release(struct heap *h)
{
	free(h->v);
	*h = (struct heap){ 0 };
}
