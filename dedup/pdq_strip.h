/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdq_strip: the sums and means of pdq_blur.c, which includes this once for
 * each width of vector: LANES samples, with FOR_LANES(name) for its names.
 * No lane needs anything of another, so the width changes no bit.
 */

typedef float FOR_LANES(lanes) __attribute__((
    vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));

/*
 * Sums of the windows along the rows, of 2 * LANES rows, in place: what is
 * written over has left the window.  Adding and subtracting the zeros at the
 * ends changes no bit, and spares the loop its special cases.
 */
INLINE void
FOR_LANES(sum_some)(const struct pass *p, float *side)
{
	const float *enter = side + p->x->window * ROWS;
	const float *leave = side + p->x->lead * ROWS;
	const float *const end = side + p->x->size * ROWS;
	const float *const first = enter + p->x->lead * ROWS;
	FOR_LANES(lanes) even = { 0 }, odd = { 0 };

	for (; enter < first; enter += ROWS) {
		even += *(const FOR_LANES(lanes) *)enter;
		odd += *(const FOR_LANES(lanes) *)(enter + LANES);
	}
	for (; side < end; side += ROWS) {
		even += *(const FOR_LANES(lanes) *)enter;
		odd += *(const FOR_LANES(lanes) *)(enter + LANES);
		even -= *(const FOR_LANES(lanes) *)leave;
		odd -= *(const FOR_LANES(lanes) *)(leave + LANES);
		*(FOR_LANES(lanes) *)side = even;
		*(FOR_LANES(lanes) *)(side + LANES) = odd;
		enter += ROWS;
		leave += ROWS;
	}
}

/* A row of means, by the windows along it and then down the columns. */
struct FOR_LANES(means) {
	const float *sums; /* of the windows along it */
	float *slot;       /* of the ring; the oldest row in it leaves */
	float *out;
	float down; /* rows in the window down, or 1 / that */
};

/*
 * The samples from..to of it.  Most windows hold four samples: where the
 * caller says so (by a constant, which makes loops without branches), a
 * quotient is a product.
 */
INLINE void
FOR_LANES(mean_some)(const struct pass *p, const struct FOR_LANES(means) * m,
    int from, int to, bool exact, bool exact_down)
{
	const float *const sums = m->sums;
	const float down = m->down;
	const float *const part = exact ? p->part : p->count;
	float *const all = p->sum, *const slot = m->slot, *const out = m->out;
	FOR_LANES(lanes) sum, mean, by;
	ptrdiff_t i;

	for (i = from; i < to; i += LANES) {
		mean = *(const FOR_LANES(lanes) *)(sums + i);
		by = *(const FOR_LANES(lanes) *)(part + i);
		mean = exact ? mean * by : mean / by;
		sum = *(const FOR_LANES(lanes) *)(all + i) + mean -
		    *(const FOR_LANES(lanes) *)(slot + i);
		*(FOR_LANES(lanes) *)(all + i) = sum;
		*(FOR_LANES(lanes) *)(slot + i) = mean;
		*(FOR_LANES(lanes) *)(out + i) =
		    exact_down ? sum * down : sum / down;
	}
}

/* When one more row of sums comes in. */
static void
FOR_LANES(mean_columns)(struct pdq_blur *b, struct pass *p, const float *sums)
{
	const int y = p->seen - p->y->lead, start = p->exact[0];
	struct FOR_LANES(means) m = {
		.sums = sums,
		.slot = p->ring + p->seen % p->y->window * p->out,
		.out = next_out(b, p),
		.down = axis_count(p->y, y),
	};

	if (is_power_of_two(m.down)) {
		m.down = 1 / m.down;
		FOR_LANES(mean_some)(p, &m, 0, start, false, true);
		FOR_LANES(mean_some)(p, &m, start, p->exact[1], true, true);
		FOR_LANES(mean_some)(p, &m, p->exact[1], p->out, false, true);
	} else {
		FOR_LANES(mean_some)(p, &m, 0, p->out, false, false);
	}
	p->seen++;
	if (y >= 0)
		emit(b, p, y);
}

static void
FOR_LANES(strip)(struct pdq_blur *b, struct pass *p)
{
	int i;

	turn_rows(p);
	for (i = 0; i < ROWS; i += 2 * LANES)
		FOR_LANES(sum_some)(p, p->side + i);
	if (p->picks)
		pick_sums(p);
	else
		turn_sums(p);
	for (i = 0; i < p->filled; i++)
		FOR_LANES(mean_columns)(b, p, p->row + i * p->out);
	p->filled = 0;
}
