/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stars_int: items that are to be found a keeper, in the order of rank, and
 * links with better ones by their codes (stars_join.c), by equal pixels and by
 * what people said (stars_extra.c).
 */
#ifndef DEDUP_STARS_INT_H
#define DEDUP_STARS_INT_H

#include "dedup/stars.h"

struct star_link {
	uint32_t worse, better; /* places */
	int16_t distance;
	uint8_t turn;
	bool worse_trimmed, better_trimmed;
};

/* The unturned codes of an item. */
struct star_stored {
	hamming_code code[2]; /* plain, trimmed */
	bool has[2];
};

struct star_twin {
	uint64_t pixels;
	uint32_t place;
	uint32_t head; /* of the first of equals: an entry that is a keeper */
	uint32_t next; /* of a keeper: the next one */
};

struct star_search {
	const struct stars *in;
	struct star_item *v; /* a copy of in->items */
	size_t n;
	/* What is to be found in this round, the best first. */
	uint32_t *loose; /* places */
	size_t n_loose;
	uint32_t *slot; /* by place: where in loose, or STARS_NONE */
	struct star_stored *stored; /* by slot */
	struct star_link *links;    /* what a join has found */
	size_t n_links, links_size;
	size_t most; /* links: with so many ... */
	int (*full)(struct star_search *, struct err *); /* NULL: give up */
	/* Is this pair of use?  NULL: each. */
	bool (*wanted)(const struct star_search *, const struct star_link *);
	struct err *err; /* of `full`, within a join */
	bool failed;
	struct star_twin *twins; /* by pixels and place */
	size_t n_twins;
	struct star_same *same; /* both ways, by a */
	size_t n_same;
	struct hamming_file *late; /* codes of what stands since this began */
	struct hamming_file *made; /* and of all others, where there is none */
};

static inline bool
star_is_better(const struct star_item *a, const struct star_item *b)
{
	return a->rank != b->rank ? a->rank > b->rank : a->id < b->id;
}

static inline bool
star_is_keeper(const struct star_search *s, uint32_t place)
{
	return s->v[place].keeper == place;
}

/* stars_join.c */
/* Links among items of loose; 1 when there are more than `most`. */
int star_join_self(
    struct star_search *, const uint32_t *places, size_t n, struct err *);
/* Links between some items of loose and keepers among them. */
int star_join_keepers(struct star_search *, const uint32_t *places, size_t n,
    const uint32_t *keepers, size_t n_keepers, struct err *);
/*
 * Links between items of loose and all that stand, as far as they are wanted.
 * Those that stand ask with their turns if `asks` says so.
 */
int star_join_standing(struct star_search *, const uint32_t *places, size_t n,
    bool (*asks)(const struct star_search *, uint32_t place), struct err *);
/* From now on these stand. */
int star_let_stand(
    struct star_search *, const uint32_t *places, size_t n, struct err *);

/* stars_extra.c */
/* Find those with pixels as in loose. */
void star_extra_init(struct star_search *);
/* Note a new keeper. */
void star_extra_keeper(struct star_search *, uint32_t place);
/* Add the links of an item of loose with better keepers. */
int star_extra_better(struct star_search *, uint32_t place, struct err *);
/* Add the links of a keeper of loose with worse ones that stand. */
int star_extra_worse(struct star_search *, uint32_t place, struct err *);

/* stars_settle.c */
#define STARS_LINKS ((size_t)1 << 20) /* at once, where `full` is set */

/* Note a link; when there are too many, 1, or what `full` makes of it. */
int star_link_add(struct star_search *, const struct star_link *, struct err *);
/* Links from now on: which are wanted, and what is done with so many. */
void star_expect(struct star_search *, size_t most,
    int (*full)(struct star_search *, struct err *),
    bool (*wanted)(const struct star_search *, const struct star_link *));
/* A keeper that is nearer than what the worse one has. */
bool star_wants_nearer(const struct star_search *, const struct star_link *);

/* Attach the worse of each link where it is nearer; no links are left. */
int star_settle(struct star_search *, struct err *);
/*
 * The same for those that stand; a keeper that is met loses its place, and
 * its keeper is to be found.
 */
int star_unseat(struct star_search *, struct err *);
/* The keepers and the members among free items of loose, the best first. */
int star_resolve(
    struct star_search *, const uint32_t *places, size_t n, struct err *);

#endif
