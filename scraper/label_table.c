/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table with open addressing; ids and labels lie behind each other in
 * one piece of memory, so that millions of them are no burden.
 */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/xxh3.h"
#include "scraper/label_rule.h"

#define IDS_MAX ((size_t)10 << 20)
#define TEXT_MAX ((size_t)1 << 30)
#define SLOTS_FIRST 1024

struct label_table {
	struct buf text; /* id, 0, label, 0, ...; an empty label: several */
	size_t *slots;   /* where an id begins, and 1; 0: free */
	size_t n, n_slots;
};

struct label_table *
label_table_new(void)
{
	struct label_table *t = xcalloc(1, sizeof(*t));

	t->text = BUF_INIT(TEXT_MAX);
	t->n_slots = SLOTS_FIRST;
	t->slots = xcalloc(t->n_slots, sizeof(*t->slots));
	return t;
}

void
label_table_free(struct label_table *t)
{
	if (t == NULL)
		return;
	buf_release(&t->text);
	free(t->slots);
	free(t);
}

static char *
id_at(const struct label_table *t, size_t slot)
{
	return (char *)t->text.data + t->slots[slot] - 1;
}

/* The slot that has the id, or the free one that would. */
static size_t
slot_of(const struct label_table *t, const char *id, size_t len)
{
	unsigned char sum[XXH3_SIZE];
	uint64_t hash;
	size_t slot;

	xxh3_of("", 0, id, len, sum);
	memcpy(&hash, sum, sizeof(hash));
	for (slot = hash & (t->n_slots - 1); t->slots[slot] != 0;
	     slot = (slot + 1) & (t->n_slots - 1))
		if (strncmp(id_at(t, slot), id, len) == 0 &&
		    id_at(t, slot)[len] == 0)
			break;
	return slot;
}

static void
grow(struct label_table *t)
{
	size_t *old CLEANUP(freep) = t->slots;
	size_t n = t->n_slots, i;
	const char *id;

	t->n_slots *= 2;
	t->slots = xcalloc(t->n_slots, sizeof(*t->slots));
	for (i = 0; i < n; i++) {
		if (old[i] == 0)
			continue;
		id = (const char *)t->text.data + old[i] - 1;
		t->slots[slot_of(t, id, strlen(id))] = old[i];
	}
}

int
label_table_add(
    struct label_table *t, const char *id, const char *label, struct err *e)
{
	size_t len = strlen(id), slot = slot_of(t, id, len), at = t->text.len;
	char *known;

	if (t->slots[slot] != 0) {
		known = id_at(t, slot) + len + 1;
		if (strcmp(known, label) != 0)
			*known = 0;
		return 0;
	}
	if (t->n == IDS_MAX || buf_add(&t->text, id, len + 1) < 0 ||
	    buf_add(&t->text, label, strlen(label) + 1) < 0)
		return err_set(e, ERR_INPUT,
		    "it tells of more than %zu pictures, or %zu bytes", IDS_MAX,
		    TEXT_MAX);
	t->slots[slot] = at + 1;
	if (2 * ++t->n > t->n_slots)
		grow(t);
	return 0;
}

static const char *
get(const struct label_table *t, const char *id, size_t len)
{
	size_t slot = slot_of(t, id, len);
	const char *label;

	if (t->slots[slot] == 0)
		return NULL;
	label = id_at(t, slot) + len + 1;
	return *label == 0 ? NULL : label;
}

const char *
label_table_get(const struct label_table *t, const char *id)
{
	return get(t, id, strlen(id));
}

/* With one folder less at a time. */
static const char *
find(const struct label_table *t, const char *entry, size_t len)
{
	const char *end = entry + len, *slash, *label;

	for (;;) {
		label = get(t, entry, (size_t)(end - entry));
		slash = memchr(entry, '/', (size_t)(end - entry));
		if (label != NULL || slash == NULL)
			return label;
		entry = slash + 1;
	}
}

const char *
label_table_find(const struct label_table *t, const char *entry)
{
	const char *label = find(t, entry, strlen(entry));
	const char *base = strrchr(entry, '/'), *dot;

	if (label != NULL)
		return label;
	base = base == NULL ? entry : base + 1;
	dot = strrchr(base, '.');
	return dot == NULL || dot == base
	    ? NULL
	    : find(t, entry, (size_t)(dot - entry));
}
