/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curate_place: a workspace with images that sources have labelled, for the
 * tests of what people decide about them.
 */
#ifndef TESTS_CURATE_PLACE_H
#define TESTS_CURATE_PLACE_H

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "store/balance.h"
#include "store/classes.h"
#include "store/curate.h"
#include "store/filter.h"
#include "store/frontier_images.h"
#include "store/samples.h"
#include "store/store_int.h"

struct place {
	char folder[64];
	struct store *s;
	struct err e;
	struct frontier_source source;
	struct op_done done;
};

static const struct op_ask me = { .actor = "me" };

static inline int
place_remove(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static inline struct place *
place_new(void)
{
	struct place *p = xcalloc(1, sizeof(*p));

	strcpy(p->folder, "/tmp/griddle-test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	assert_int_equal(store_create(p->folder, &p->e), 0);
	assert_int_equal(store_open(p->folder, STORE_WRITE, &p->s, &p->e), 0);
	assert_int_equal(run_begin(p->s, "test", "[]", &p->e), 0);
	assert_int_equal(frontier_begin(p->s, "web", "page", "f1", 3600, false,
			     &p->source, &p->e),
	    0);
	assert_int_equal(store_commit(p->s, &p->e), 0);
	return p;
}

static inline void
place_free(struct place *p)
{
	store_close(p->s);
	nftw(p->folder, place_remove, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
}

/* An image of these bytes, found at this address; its sample's id. */
static inline int64_t
place_hold(
    struct place *p, const char *url, const char *label, const char *bytes)
{
	struct sighting sight = { .url = url, .host = "h", .label = label };
	unsigned char sha256[SHA256_SIZE];
	int64_t url_id, sample;
	bool is_new;

	assert_int_equal(store_begin(p->s, &p->e), 0);
	assert_int_equal(
	    frontier_sight(p->s, &p->source, &sight, &url_id, &is_new, &p->e),
	    0);
	assert_int_equal(
	    blob_put(p->s, bytes, strlen(bytes), sha256, &p->e), 0);
	assert_int_equal(
	    frontier_image_held(p->s, url_id, sha256, (int64_t)strlen(bytes),
		200, NULL, NULL, &is_new, &p->e),
	    0);
	assert_int_equal(store_commit(p->s, &p->e), 0);
	assert_int_equal(
	    sql_int(p->s, Q_BLOB_ID, &sample, &p->e, "h", sha256), 1);
	assert_int_equal(
	    sql_int(p->s, Q_SAMPLE_OF_BLOB, &sample, &p->e, "i", sample), 1);
	return sample;
}

/* The digits of the image of these bytes; 65 bytes. */
static inline const char *
place_digits(const char *bytes, char hex[SHA256_HEX])
{
	unsigned char sha256[SHA256_SIZE];

	sha256_of(bytes, strlen(bytes), sha256);
	text_to_hex(hex, sha256, SHA256_SIZE);
	return hex;
}

static inline int64_t
place_count(struct place *p, const char *term)
{
	struct filter *f CLEANUP(filter_freep) = NULL;
	int64_t n = -1;

	if (filter_parse(&term, term ? 1 : 0, &f, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	assert_int_equal(sample_count(p->s, f, &n, &p->e), 0);
	return n;
}

/* One number out of the catalog. */
static inline int64_t
place_number(struct place *p, const char *sql)
{
	int64_t n = -1;

	if (sql_query_int(p->s, sql, &n, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	return n;
}

static inline void
place_script(struct place *p, const char *sql)
{
	if (sql_script(p->s, sql, &p->e) < 0)
		fail_msg("%s", p->e.msg);
}

/* Decide about what one term passes; the number of the step. */
static inline int64_t
place_decide(struct place *p, const char *term, enum decision d,
    const char *value, const struct op_ask *ask)
{
	struct filter *f CLEANUP(filter_freep) = NULL;

	assert_int_equal(filter_parse(&term, term ? 1 : 0, &f, &p->e), 0);
	if (decide(p->s, f, d, value, ask, &p->done, &p->e) < 0) {
		store_rollback(p->s);
		return -1;
	}
	assert_int_equal(store_commit(p->s, &p->e), 0);
	return p->done.id;
}

static inline void
place_classes(struct place *p, const char *const *names, size_t n)
{
	if (classes_add(p->s, names, n, &me, &p->done, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	assert_int_equal(store_commit(p->s, &p->e), 0);
}

/* Take back step n; the number of the new one, or -1. */
static inline int64_t
place_undo(struct place *p, int64_t n, struct op_undone *ret)
{
	if (op_undo(p->s, n, &me, ret, &p->e) < 0) {
		store_rollback(p->s);
		return -1;
	}
	assert_int_equal(store_commit(p->s, &p->e), 0);
	p->done = ret->done;
	return ret->done.id;
}

#endif
