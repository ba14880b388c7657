/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of a network: blocks that go back when their last reader is
 * done, and are given out again, the smallest that fits.  So the peak is
 * that of what lives at once, and a second run asks the system for nothing.
 */
#include <stdint.h>

#include "trainer/net_int.h"

#define ALIGN 64

struct net_block {
	struct net_block *next;
	size_t size; /* bytes */
	int refs;    /* 0: free */
	void *raw;
	void *data;
};

static struct net_block *
find_free(const struct net_memory *m, size_t size)
{
	struct net_block *b, *best = NULL;

	for (b = m->blocks; b != NULL; b = b->next)
		if (b->refs == 0 && b->size >= size && b->size / 4 <= size &&
		    (best == NULL || b->size < best->size))
			best = b;
	return best;
}

static void
drop_free(struct net_memory *m)
{
	struct net_block **at = &m->blocks, *b;

	while ((b = *at) != NULL) {
		if (b->refs > 0) {
			at = &b->next;
			continue;
		}
		*at = b->next;
		m->used -= (int64_t)b->size;
		free(b->raw);
		free(b);
	}
}

struct net_block *
block_new(struct net_memory *m, size_t bytes, struct err *e)
{
	size_t size = bytes < ALIGN ? ALIGN : bytes;
	struct net_block *b = find_free(m, size);

	if (b != NULL) {
		b->refs = 1;
		return b;
	}
	if ((int64_t)size > m->most - m->used)
		drop_free(m);
	if (size > (size_t)m->most || (int64_t)size > m->most - m->used) {
		err_set(e, ERR_INPUT, "it needs more than %lld MB of memory",
		    (long long)(m->most >> 20));
		return NULL;
	}
	b = xcalloc(1, sizeof(*b));
	b->raw = xmalloc(size + ALIGN);
	b->data =
	    (void *)(((uintptr_t)b->raw + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
	b->size = size;
	b->refs = 1;
	b->next = m->blocks;
	m->blocks = b;
	m->used += (int64_t)size;
	return b;
}

void *
block_data(struct net_block *b)
{
	return b->data;
}

struct net_block *
block_ref(struct net_block *b)
{
	b->refs++;
	return b;
}

void
block_unref(struct net_block *b)
{
	if (b != NULL)
		b->refs--;
}

void
net_memory_release(struct net_memory *m)
{
	struct net_block *b, *next;

	for (b = m->blocks; b != NULL; b = next) {
		next = b->next;
		free(b->raw);
		free(b);
	}
	m->blocks = NULL;
}
