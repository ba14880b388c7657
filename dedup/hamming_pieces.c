/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The join by pieces; hamming.h says how.
 */
#include "dedup/hamming_int.h"

#include <string.h>

#include "base/stop.h"

#define KEYS HAMMING_KEYS
#define HALF ((size_t)256)
#define CROWD 65536 /* so many pairs are worth a look at their groups */
#define AHEAD 12    /* lists: about as long as memory takes */

void
hamming_shares(int radius, int ret[HAMMING_PIECES])
{
	int i, sum = radius + 1;

	for (i = 0; i < HAMMING_PIECES; i++)
		ret[i] = sum / HAMMING_PIECES + (i < sum % HAMMING_PIECES);
}

/* ---- sorting ----------------------------------------------------------- */

void
hamming_sort_piece(const hamming_code *codes, size_t n, int piece,
    uint32_t *start, uint32_t *place, uint16_t *next, uint16_t *after)
{
	uint32_t at, sum = 0, count;
	size_t i;

	memset(start, 0, (KEYS + 1) * sizeof(*start));
	for (i = 0; i < n; i++)
		start[hamming_piece_of(codes[i], piece)]++;
	for (i = 0; i < KEYS; i++) {
		count = start[i];
		start[i] = sum;
		sum += count;
	}
	start[KEYS] = sum;
	for (i = 0; i < n; i++) {
		at = start[hamming_piece_of(codes[i], piece)]++;
		place[at] = (uint32_t)i;
		next[at] = hamming_piece_of(codes[i], piece + 1);
		after[at] = hamming_piece_of(codes[i], piece + 2);
	}
	memmove(start + 1, start, (KEYS - 1) * sizeof(*start));
	start[0] = 0;
	memset(next + n, 0, HAMMING_PAD * sizeof(*next));
	memset(after + n, 0, HAMMING_PAD * sizeof(*after));
}

/* Room for one piece of n codes. */
struct lists {
	uint32_t *start, *place;
	uint16_t *next, *after;
};

static void
lists_release(struct lists *l)
{
	free(l->start);
	free(l->place);
	free(l->next);
	free(l->after);
}

static void
lists_init(struct lists *l, size_t n)
{
	l->start = xreallocarray(NULL, KEYS + 1, sizeof(*l->start));
	l->place = xreallocarray(NULL, n + 1, sizeof(*l->place));
	l->next = xreallocarray(NULL, n + HAMMING_PAD, sizeof(*l->next));
	l->after = xreallocarray(NULL, n + HAMMING_PAD, sizeof(*l->after));
}

static struct hamming_piece
lists_sort(struct lists *l, const hamming_code *codes, size_t n, int piece)
{
	hamming_sort_piece(
	    codes, n, piece, l->start, l->place, l->next, l->after);
	return (struct hamming_piece){ l->start, l->place, l->next, l->after };
}

/* ---- one piece --------------------------------------------------------- */

struct join {
	const hamming_code *rows, *columns;
	struct hamming_piece row, column;
	bool self;
	int radius, piece;
	int share[HAMMING_PIECES];
	bool swapped; /* columns are in the scan's rows */
	hamming_scan_fn *scan;
	hamming_pair_fn *pair;
	hamming_group_fn *group; /* NULL: all pairs, and each once */
	struct lists *lists;     /* with a group: those of rows and columns */
	void *ctx;
	int rc; /* not 0: the pair function wants no more */
};

static int
share(const struct join *j, int piece)
{
	return j->share[piece % HAMMING_PIECES];
}

/* Has an earlier piece shown this pair already? */
static bool
was_shown(const struct join *j, const hamming_code a, const hamming_code b)
{
	int i, k, bits, most;

	for (i = 0; i < j->piece; i++) {
		bits = most = 0;
		for (k = i; k < i + 3; k++) {
			bits += __builtin_popcount(
			    (unsigned)(hamming_piece_of(a, k) ^
				hamming_piece_of(b, k)));
			most += share(j, k);
			if (bits >= most)
				break;
		}
		if (k == i + 3)
			return true;
	}
	return false;
}

static void
hit(void *ctx, size_t row, size_t column)
{
	struct join *j = ctx;
	size_t a = j->row.place[j->swapped ? column : row];
	size_t b = j->column.place[j->swapped ? row : column];
	int distance;

	distance = hamming_distance(j->rows[a], j->columns[b]);
	if (distance > j->radius || j->rc != 0 ||
	    (j->group == NULL && was_shown(j, j->rows[a], j->columns[b])))
		return;
	j->rc = j->self && b < a ? j->pair(j->ctx, b, a, distance)
				 : j->pair(j->ctx, a, b, distance);
}

/* ---- crowds ------------------------------------------------------------ */

struct entry {
	size_t group;
	uint32_t place;
	uint16_t next, after;
};

static int
by_group(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;

	return (a->group > b->group) - (a->group < b->group);
}

static size_t
group_at(const struct join *j, size_t at)
{
	return j->group(j->ctx, j->lists->place[at]);
}

/* Those of one group come to stand side by side. */
static void
sort_by_group(struct join *j, size_t from, size_t to)
{
	struct entry *v CLEANUP(freep) =
	    xreallocarray(NULL, to - from + 1, sizeof(*v));
	struct lists *l = j->lists;
	size_t i;

	for (i = from; i < to; i++)
		v[i - from] = (struct entry){ group_at(j, i), l->place[i],
			l->next[i], l->after[i] };
	qsort(v, to - from, sizeof(*v), by_group);
	for (i = from; i < to; i++) {
		l->place[i] = v[i - from].place;
		l->next[i] = v[i - from].next;
		l->after[i] = v[i - from].after;
	}
}

/* The end of what is of one group with the one at `from`. */
static size_t
run_end(const struct join *j, size_t from, size_t to)
{
	size_t group = group_at(j, from), i = from + 1;

	while (i < to && group_at(j, i) == group)
		i++;
	return i;
}

/* Are most of them in groups with others? */
static bool
hangs_together(const struct join *j, size_t from, size_t to)
{
	size_t i, runs = 0;

	for (i = from; i < to; i = run_end(j, i, to))
		runs++;
	return runs < (to - from) / 4;
}

/* Two long lists: those of one group need no look at each other. */
static void
scan_crowds(struct join *j, const struct hamming_scan *s)
{
	struct hamming_scan part = *s;
	size_t row, column, row_next, column_next;

	sort_by_group(j, s->row, s->row_end);
	if (!s->same)
		sort_by_group(j, s->column, s->column_end);
	if (!hangs_together(j, s->row, s->row_end) ||
	    !hangs_together(j, s->column, s->column_end)) {
		j->scan(s);
		return;
	}
	part.same = false;
	for (row = s->row; row < s->row_end; row = row_next) {
		row_next = run_end(j, row, s->row_end);
		column = s->same ? row_next : s->column;
		for (; column < s->column_end; column = column_next) {
			column_next = run_end(j, column, s->column_end);
			if (group_at(j, column) == group_at(j, row))
				continue;
			part.row = row;
			part.row_end = row_next;
			part.column = column;
			part.column_end = column_next;
			j->scan(&part);
		}
	}
}

/* ---- two keys ---------------------------------------------------------- */

/* The longer list goes into the vectors. */
static void
scan_keys(struct join *j, size_t row_key, size_t column_key, int bits)
{
	const struct hamming_piece *r = &j->row, *c = &j->column, *p;
	struct hamming_scan s;
	size_t key;

	j->swapped = r->start[row_key + 1] - r->start[row_key] >
	    c->start[column_key + 1] - c->start[column_key];
	s.same = j->self && row_key == column_key;
	if (j->swapped) {
		p = r, r = c, c = p;
		key = row_key, row_key = column_key, column_key = key;
	}
	s.row_next = r->next;
	s.row_after = r->after;
	s.column_next = c->next;
	s.column_after = c->after;
	s.row = r->start[row_key];
	s.row_end = r->start[row_key + 1];
	s.column = c->start[column_key];
	s.column_end = c->start[column_key + 1];
	s.next = share(j, j->piece) + share(j, j->piece + 1) - 1 - bits;
	s.both = s.next + share(j, j->piece + 2);
	s.hit = hit;
	s.ctx = j;
	if (j->group != NULL &&
	    (s.row_end - s.row) * (s.column_end - s.column) >= CROWD)
		scan_crowds(j, &s);
	else
		j->scan(&s);
}

static bool
is_empty(const struct hamming_piece *p, size_t key)
{
	return p->start[key] == p->start[key + 1];
}

/*
 * All keys of an upper half with those that differ by such a mask: the lists
 * of two halves fit into the cache.
 */
static void
join_half(struct join *j, size_t upper, size_t upper_mask)
{
	int bits, most = share(j, j->piece) - 1;
	size_t lower, mask, key, top;

	for (mask = upper_mask * HALF; mask < (upper_mask + 1) * HALF; mask++) {
		bits = __builtin_popcountll(mask);
		if (bits > most)
			continue;
		top = mask == 0 || !j->self
		    ? 0
		    : (size_t)1 << (63 - __builtin_clzll(mask));
		for (lower = 0; lower < HALF && j->rc == 0; lower++) {
			key = upper * HALF + lower;
			if ((key & top) == 0 && !is_empty(&j->row, key) &&
			    !is_empty(&j->column, key ^ mask))
				scan_keys(j, key, key ^ mask, bits);
		}
	}
}

static int
join_many(struct join *j, struct err *e)
{
	size_t mask, upper;

	for (mask = 0; mask < KEYS / HALF; mask++) {
		if (__builtin_popcountll(mask) >= share(j, j->piece))
			continue;
		for (upper = 0; upper < KEYS / HALF; upper++) {
			join_half(j, upper, mask);
			if (j->rc != 0)
				return 0;
		}
		if (stop_check(e) < 0)
			return -1;
	}
	return 0;
}

/* All masks of less than so many bits; returns how many. */
static size_t
list_masks(int bits, uint16_t *ret)
{
	size_t mask, n = 0;

	for (mask = 0; mask < KEYS; mask++)
		if (__builtin_popcountll(mask) < bits)
			ret[n++] = (uint16_t)mask;
	return n;
}

/* What the loop will read of a key's list is on its way. */
static void
fetch_early(const struct hamming_piece *p, size_t key)
{
	__builtin_prefetch(p->next + p->start[key]);
	__builtin_prefetch(p->after + p->start[key]);
}

/* Few rows: each of their keys with all that are near to it. */
static int
join_few(struct join *j, struct err *e)
{
	uint16_t *masks CLEANUP(freep) = xcalloc(KEYS + AHEAD, sizeof(*masks));
	size_t key, i, n = list_masks(share(j, j->piece), masks);

	for (key = 0; key < KEYS; key++) {
		if (is_empty(&j->row, key))
			continue;
		for (i = 0; i < n && j->rc == 0; i++) {
			fetch_early(&j->column, key ^ masks[i + AHEAD]);
			if (!is_empty(&j->column, key ^ masks[i]) &&
			    (!j->self || key <= (key ^ masks[i])))
				scan_keys(j, key, key ^ masks[i],
				    __builtin_popcount(masks[i]));
		}
		if (j->rc != 0)
			return 0;
		if (stop_check(e) < 0)
			return -1;
	}
	return 0;
}

/* ---- all pieces -------------------------------------------------------- */

int
hamming_self_by_pieces(const hamming_code *codes, size_t n, int radius,
    hamming_scan_fn *scan, hamming_group_fn *group, hamming_pair_fn *pair,
    void *ctx, struct err *e)
{
	struct lists l CLEANUP(lists_release) = { 0 };
	struct join j = { .rows = codes,
		.columns = codes,
		.self = true,
		.radius = radius,
		.scan = scan != NULL ? scan : hamming_scan_best(),
		.pair = pair,
		.group = group,
		.lists = &l,
		.ctx = ctx };

	hamming_shares(radius, j.share);
	lists_init(&l, n);
	for (j.piece = 0; j.piece < HAMMING_PIECES; j.piece++) {
		if (share(&j, j.piece) == 0)
			continue;
		j.row = j.column = lists_sort(&l, codes, n, j.piece);
		if ((n < KEYS / 4 ? join_few : join_many)(&j, e) < 0)
			return -1;
		if (j.rc != 0)
			return 1;
	}
	return 0;
}

int
hamming_by_pieces(const hamming_code *queries, size_t n_queries,
    const hamming_code *codes, size_t n, const struct hamming_sorted *sorted,
    int radius, hamming_scan_fn *scan, hamming_pair_fn *pair, void *ctx,
    struct err *e)
{
	struct lists q CLEANUP(lists_release) = { 0 };
	struct lists c CLEANUP(lists_release) = { 0 };
	struct join j = { .rows = queries,
		.columns = codes,
		.radius = radius,
		.scan = scan != NULL ? scan : hamming_scan_best(),
		.pair = pair,
		.ctx = ctx };

	hamming_shares(radius, j.share);
	lists_init(&q, n_queries);
	if (sorted == NULL)
		lists_init(&c, n);
	for (j.piece = 0; j.piece < HAMMING_PIECES; j.piece++) {
		if (share(&j, j.piece) == 0)
			continue;
		j.row = lists_sort(&q, queries, n_queries, j.piece);
		j.column = sorted != NULL ? sorted->piece[j.piece]
					  : lists_sort(&c, codes, n, j.piece);
		if ((n_queries < KEYS / 4 ? join_few : join_many)(&j, e) < 0)
			return -1;
		if (j.rc != 0)
			return 1;
	}
	return 0;
}
