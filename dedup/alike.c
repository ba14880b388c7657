/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may look alike: the components that no split parts.
 */
#include <string.h>

#include "dedup/components.h"
#include "dedup/dedup_int.h"

/* A place in the members, sorted by what members may have in common. */
struct entry {
	const unsigned char *digest;
	int64_t number;
	size_t place;
};

static int
by_digest(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;

	return memcmp(a->digest, b->digest, XXH3_SIZE);
}

static int
by_number(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;

	return (a->number > b->number) - (a->number < b->number);
}

/* Join neighbours that are equal in this order. */
static void
join_equal(struct components *c, struct entry *v, size_t n,
    int (*order)(const void *, const void *))
{
	size_t i;

	if (n > 1)
		qsort(v, n, sizeof(*v), order);
	for (i = 1; i < n; i++)
		if (order(&v[i - 1], &v[i]) == 0)
			components_join(c, v[i - 1].place, v[i].place);
}

/* Equal pixels, whatever the quality; stars; and what the catalog knows. */
static void
join_known(struct components *c, const struct member *m, size_t n, bool anew)
{
	struct entry *v CLEANUP(freep) = xreallocarray(NULL, n + 1, sizeof(*v));
	size_t i, known = 0;

	for (i = 0; i < n; i++)
		v[i] = (struct entry){ .digest = m[i].code.pixel_digest,
			.place = i };
	join_equal(c, v, n, by_digest);
	for (i = 0; i < n; i++)
		v[i] = (struct entry){ .number = m[i].keeper, .place = i };
	join_equal(c, v, n, by_number);
	for (i = 0; i < n && !anew; i++)
		if (m[i].code.component_id != 0)
			v[known++] =
			    (struct entry){ .number = m[i].code.component_id,
				    .place = i };
	join_equal(c, v, known, by_number);
}

static bool
is_new(const struct member *m, bool anew)
{
	return anew || m->code.keeper_id == 0 || m->code.component_id == 0;
}

/* Codes that mean something, the new ones first. */
static size_t
collect(const struct member *m, size_t n, int64_t quality, bool anew,
    struct component_code *codes, size_t *ret_n_new)
{
	size_t kept = 0, i;
	int round;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < n; i++) {
			if (is_new(&m[i], anew) != (round == 0) ||
			    m[i].code.pdq_quality < quality)
				continue;
			memcpy(codes[kept].bits, m[i].code.pdq, PDQ_SIZE);
			codes[kept++].place = i;
		}
		if (round == 0)
			*ret_n_new = kept;
	}
	return kept;
}

int
alike_find(struct member *m, size_t n, const struct dedup_opts *opts, bool anew,
    struct err *e)
{
	struct components *c CLEANUP(components_freep) = NULL;
	struct component_code *codes CLEANUP(freep) =
	    xreallocarray(NULL, n + 1, sizeof(*codes));
	int64_t radius =
	    opts->probable > opts->duplicate ? opts->probable : opts->duplicate;
	size_t i, n_codes, n_new;

	if (n > COMPONENTS_MAX)
		return err_set(
		    e, ERR_FATAL, "dedup: more than 4294967295 images");
	c = components_new(n);
	join_known(c, m, n, anew);
	n_codes = collect(m, n, opts->quality, anew, codes, &n_new);
	if (components_join_near(c, codes, n_codes, n_new, (int)radius, e) < 0)
		return -1;
	for (i = 0; i < n; i++)
		m[i].component = m[components_of(c, i)].code.id;
	return 0;
}
