/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is remembered of a run, by 64-bit hashes: two URLs of one hash would
 * be taken for one, at a chance of one in millions of millions.
 */
#include "scraper/trap.h"

#include <string.h>

#include "base/xxh3.h"
#include "scraper/url.h"

#define URLS_MAX (1u << 20)  /* documents, and pictures, that are known */
#define PATHS_MAX (1u << 18) /* and hosts, and sections */
#define LEAST_SLOTS 256u
#define SECTION_FOLDERS 2

/* Of a host, of its first folders, and of the folders in them. */
static const uint32_t stale_pages[SECTION_FOLDERS + 1] = { TRAP_STALE_HOST,
	TRAP_STALE_FOLDER, TRAP_STALE_PAGES };

/* ---- a bounded map from hashes to counts -------------------------------- */

struct tally {
	uint64_t *keys; /* 0: free */
	uint32_t *counts;
	size_t n, slots, max;
};

static size_t
slot_of(const struct tally *t, uint64_t key)
{
	size_t i = (size_t)key & (t->slots - 1);

	while (t->keys[i] != 0 && t->keys[i] != key)
		i = (i + 1) & (t->slots - 1);
	return i;
}

static void
grow(struct tally *t)
{
	struct tally bigger = { .max = t->max,
		.n = t->n,
		.slots = t->slots == 0 ? LEAST_SLOTS : 2 * t->slots };
	size_t i, at;

	bigger.keys = xcalloc(bigger.slots, sizeof(*bigger.keys));
	bigger.counts = xcalloc(bigger.slots, sizeof(*bigger.counts));
	for (i = 0; i < t->slots; i++)
		if (t->keys[i] != 0) {
			at = slot_of(&bigger, t->keys[i]);
			bigger.keys[at] = t->keys[i];
			bigger.counts[at] = t->counts[i];
		}
	free(t->keys);
	free(t->counts);
	*t = bigger;
}

/* The count of this key, or NULL. */
static uint32_t *
look(const struct tally *t, uint64_t key)
{
	size_t i;

	if (t->slots == 0)
		return NULL;
	i = slot_of(t, key);
	return t->keys[i] == 0 ? NULL : &t->counts[i];
}

/* The same, which begins at 0; NULL when there is no room for more. */
static uint32_t *
count_of(struct tally *t, uint64_t key)
{
	uint32_t *known = look(t, key);
	size_t i;

	if (known != NULL || t->n == t->max)
		return known;
	if (4 * (t->n + 1) > 3 * t->slots)
		grow(t);
	i = slot_of(t, key);
	t->keys[i] = key;
	t->n++;
	return &t->counts[i];
}

static void
tally_release(struct tally *t)
{
	free(t->keys);
	free(t->counts);
}

/* ---- what is remembered ------------------------------------------------- */

struct trap {
	struct tally documents, images; /* that are known */
	struct tally queries;           /* of a path */
	struct tally hosts;             /* documents of a host */
	struct tally dry;               /* pages in a row of a section */
	struct tally told;              /* rules of a section, as bits */
};

struct trap *
trap_new(void)
{
	struct trap *t = xcalloc(1, sizeof(*t));

	t->documents.max = t->images.max = URLS_MAX;
	t->queries.max = t->hosts.max = t->dry.max = t->told.max = PATHS_MAX;
	return t;
}

void
trap_free(struct trap *t)
{
	if (t == NULL)
		return;
	tally_release(&t->documents);
	tally_release(&t->images);
	tally_release(&t->queries);
	tally_release(&t->hosts);
	tally_release(&t->dry);
	tally_release(&t->told);
	free(t);
}

static uint64_t
hash_of(const char *s, size_t len)
{
	unsigned char sum[XXH3_SIZE];
	uint64_t h;

	xxh3_of("", 0, s, len, sum);
	memcpy(&h, sum, sizeof(h));
	return h == 0 ? 1 : h;
}

/* Bytes of the URL up to the end of the first so many folders. */
static size_t
folders_len(const char *url, int folders)
{
	const char *p = url_target(url), *end = p + strcspn(p, "?"), *slash;

	for (; folders > 0 && p + 1 < end; folders--) {
		slash = memchr(p + 1, '/', (size_t)(end - p) - 1);
		if (slash == NULL)
			break;
		p = slash;
	}
	return (size_t)(p - url) + 1;
}

char *
trap_section(const char *url)
{
	return xstrndup(url, folders_len(url, SECTION_FOLDERS));
}

/* Another for each number, also where there are fewer folders. */
static uint64_t
folders_hash(const char *url, int folders)
{
	return hash_of(url, folders_len(url, folders)) ^
	    (uint64_t)folders << 62;
}

/* ---- asking ------------------------------------------------------------- */

static bool
has_one_argument(const char *query)
{
	return strchr(query, '&') == NULL;
}

/* Count the query of its path, unless there have been too many. */
static bool
admit_query(struct trap *t, const char *url)
{
	size_t path = strcspn(url, "?");
	uint32_t most, *n;

	if (url[path] == 0)
		return true;
	most = has_one_argument(url + path) ? TRAP_PLAIN_QUERIES
					    : TRAP_QUERIES_MAX;
	n = count_of(&t->queries, hash_of(url, path));
	if (n == NULL)
		return true;
	return *n < most && (*n)++ < most;
}

enum trap_rule
trap_admit(struct trap *t, const char *url, int64_t now, int64_t host_pages,
    bool is_next)
{
	uint64_t key = hash_of(url, strlen(url));
	enum trap_rule rule = trap_shape(url, now);
	uint32_t *host;

	if (rule != TRAP_NONE)
		return rule;
	if (trap_is_stale(t, url))
		return TRAP_STALE;
	if (look(&t->documents, key) != NULL)
		return TRAP_NONE;
	host = count_of(&t->hosts, hash_of(url, url_origin_len(url)));
	if (host != NULL && host_pages > 0 && *host >= host_pages)
		return TRAP_HOST;
	if (!is_next && !admit_query(t, url))
		return TRAP_QUERIES;
	if (host != NULL)
		(*host)++;
	count_of(&t->documents, key);
	return TRAP_NONE;
}

bool
trap_is_stale(const struct trap *t, const char *url)
{
	const uint32_t *n;
	int i;

	for (i = 0; i <= SECTION_FOLDERS; i++) {
		n = look(&t->dry, folders_hash(url, i));
		if (n != NULL && *n >= stale_pages[i])
			return true;
	}
	return false;
}

bool
trap_new_image(struct trap *t, const char *url)
{
	uint32_t *n = count_of(&t->images, hash_of(url, strlen(url)));

	return n == NULL || (*n)++ == 0;
}

void
trap_read(struct trap *t, const char *url, bool any_new)
{
	uint32_t *n;
	int i;

	for (i = 0; i <= SECTION_FOLDERS; i++) {
		n = count_of(&t->dry, folders_hash(url, i));
		/* Once given up, what was asked for before changes nothing. */
		if (n != NULL && *n < stale_pages[i])
			*n = any_new ? 0 : *n + 1;
	}
}

bool
trap_tell(struct trap *t, enum trap_rule rule, const char *url)
{
	uint32_t *told = count_of(&t->told, folders_hash(url, SECTION_FOLDERS));
	uint32_t bit = 1u << rule;

	if (told == NULL || (*told & bit) != 0)
		return false;
	*told |= bit;
	return true;
}
