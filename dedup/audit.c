/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/audit.h"

#include <string.h>

#include "base/mem.h"
#include "dedup/cross_int.h"

struct search {
	const struct audit_code *codes;
	size_t *order; /* by part */
	int max;       /* one less than the nearest so far */
	struct audit_pair nearest;
};

static void
consider(void *ctx, size_t x, size_t y)
{
	struct search *s = ctx;
	size_t i = s->order[x], k = s->order[y];
	const struct audit_code *a = &s->codes[i], *b = &s->codes[k];
	int distance;

	if (a->part == b->part || (a->excused != 0 && a->excused == b->excused))
		return;
	distance = pdq_distance(a->bits, b->bits);
	if (distance > s->max)
		return;
	s->nearest =
	    (struct audit_pair){ i < k ? i : k, i < k ? k : i, distance };
	s->max = distance - 1;
}

/* Those of one part side by side; where each part begins. */
static void
sort_by_part(struct search *s, size_t n, size_t start[AUDIT_PARTS + 1])
{
	size_t i, at = 0;
	int part;

	for (part = 0; part < AUDIT_PARTS; part++) {
		start[part] = at;
		for (i = 0; i < n; i++)
			if (s->codes[i].part == part)
				s->order[at++] = i;
	}
	start[part] = at;
}

int
audit_closest(const struct audit_code *codes, size_t n, struct audit_pair *ret,
    struct err *e)
{
	size_t *order CLEANUP(freep) = xcalloc(n + 1, sizeof(*order));
	uint64_t *words CLEANUP(freep) =
	    xcalloc(CROSS_WORDS * (n + CROSS_PAD), sizeof(*words));
	struct search s = { .codes = codes, .order = order, .max = PDQ_BITS };
	struct cross_words w = { .max = &s.max, .hit = consider, .ctx = &s };
	size_t start[AUDIT_PARTS + 1], i, k;
	uint64_t word[CROSS_WORDS];

	sort_by_part(&s, n, start);
	for (k = 0; k < CROSS_WORDS; k++)
		w.word[k] = words + k * (n + CROSS_PAD);
	for (i = 0; i < n; i++) {
		memcpy(word, codes[order[i]].bits, sizeof(word));
		for (k = 0; k < CROSS_WORDS; k++)
			words[k * (n + CROSS_PAD) + i] = word[k];
	}
	/* The last part is the smallest, most often: it gives the rows. */
	for (i = AUDIT_PARTS; i-- > 1;)
		if (start[i] < start[i + 1] &&
		    cross_long(cross_best(CROSS_WORDS), &w, start[i],
			start[i + 1], 0, start[i], e) < 0)
			return -1;
	*ret = s.nearest;
	return s.max < PDQ_BITS;
}
