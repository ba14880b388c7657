/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index file of the codes of a catalog (hamming_file.h).
 *
 * It holds the images up to a multiple of PORTION by id; what came after that
 * is added in memory, so it is written once in so many images.  Its stamp is
 * a digest of all the codes in it: a catalog that was restored, and one in
 * which an image was forgotten, has another, and the file is made anew.
 */
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xxh3.h"
#include "dedup/dedup_int.h"
#include "dedup/stars.h"

#define PORTION 65536

/* Each code of an image, without a border or with. */
static int
add_codes(
    struct hamming_file *f, const struct grouping *g, size_t i, struct err *e)
{
	const struct sample_code *c = &g->v[i].code;
	hamming_code code;

	if (has_plain(g->opts, c)) {
		memcpy(code, c->pdq, sizeof(code));
		if (hamming_file_add(f, code, STARS_OWNER(c->id, 0), e) < 0)
			return -1;
	}
	if (has_trim(g->opts, c)) {
		memcpy(code, c->trim_pdq, sizeof(code));
		if (hamming_file_add(f, code, STARS_OWNER(c->id, 1), e) < 0)
			return -1;
	}
	return 0;
}

/* As one image counts for the stamp. */
struct stamped {
	int64_t id;
	uint8_t plain[PDQ_SIZE], trim[PDQ_SIZE];
};

/* A digest of what the file is to hold, without its own name for it. */
static void
stamp_of(const struct grouping *g, size_t n, uint8_t ret[HAMMING_STAMP_SIZE])
{
	struct stamped *v CLEANUP(freep) = xcalloc(n + 1, sizeof(*v));
	const struct sample_code *c;
	size_t i;

	for (i = 0; i < n; i++) {
		c = &g->v[i].code;
		v[i].id = c->id;
		if (has_plain(g->opts, c))
			memcpy(v[i].plain, c->pdq, PDQ_SIZE);
		if (has_trim(g->opts, c))
			memcpy(v[i].trim, c->trim_pdq, PDQ_SIZE);
	}
	memset(ret, 0, HAMMING_STAMP_SIZE);
	xxh3_of(NULL, 0, v, n * sizeof(*v), ret);
}

static int
make(struct hamming_file *f, const struct grouping *g, size_t n,
    const char *path, const uint8_t stamp[HAMMING_STAMP_SIZE], struct err *e)
{
	struct hamming_origin origin = { .mark = g->v[n - 1].code.id };
	size_t i;

	memcpy(origin.stamp, stamp, sizeof(origin.stamp));
	for (i = 0; i < n; i++)
		if (add_codes(f, g, i, e) < 0)
			return -1;
	return hamming_file_write(f, path, &origin, NULL, NULL, e);
}

int
index_open(struct store *s, const struct grouping *g, bool writes,
    struct hamming_file **ret, struct err *e)
{
	char *path CLEANUP(freep) =
	    xasprintf("%s/derived.mih", store_folder(s));
	struct hamming_file *f CLEANUP(hamming_file_freep) = NULL;
	uint8_t stamp[HAMMING_STAMP_SIZE];
	const char *why = NULL;
	size_t n = 0, i;
	int64_t mark, up_to;

	*ret = NULL;
	up_to = g->n == 0 ? 0 : g->v[g->n - 1].code.id / PORTION * PORTION;
	while (n < g->n && g->v[n].code.id <= up_to)
		n++;
	if (n == 0) {
		/* Nothing that a file would be worth. */
		unlink(path);
		return 0;
	}
	stamp_of(g, n, stamp);
	f = hamming_file_new();
	if (hamming_file_open(f, path, stamp, &mark, &why, e) < 0)
		return -1;
	if (why != NULL) {
		log_debug("dedup: %s %s: it is made anew", path, why);
		if (!writes)
			return 0;
		if (make(f, g, n, path, stamp, e) < 0)
			return -1;
	}
	for (i = n; i < g->n; i++)
		if (add_codes(f, g, i, e) < 0)
			return -1;
	*ret = TAKE(f);
	return 0;
}
