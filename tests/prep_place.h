/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A workspace for tests of the prepare stage, with images in it.
 */
#ifndef TESTS_PREP_PLACE_H
#define TESTS_PREP_PLACE_H

#include "tests/pictures.h"

#include <ftw.h>
#include <stdio.h>

#include "base/text.h"
#include "store/frontier_images.h"
#include "store/samples.h"
#include "store/store_int.h"

struct place {
	char folder[64];
	struct store *s;
	struct err e;
	struct frontier_source source;
	struct prep_opts *opts;
	struct recipe recipe;
};

static inline int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static inline int
setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	snprintf(p->folder, sizeof(p->folder), "/tmp/griddle-test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	p->opts = opt_new(&prep_group);
	p->opts->children = 2;
	if (store_create(p->folder, &p->e) < 0 ||
	    store_open(p->folder, STORE_WRITE, &p->s, &p->e) < 0 ||
	    run_begin(p->s, "test", "[]", &p->e) < 0 ||
	    frontier_begin(p->s, "web", "page", "f1", 3600, false, &p->source,
		&p->e) < 0 ||
	    store_commit(p->s, &p->e) < 0 ||
	    recipe_parse(DEFAULT_STEPS, &p->recipe, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	*state = p;
	return 0;
}

static inline int
teardown(void **state)
{
	struct place *p = *state;

	store_close(p->s);
	nftw(p->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	opt_free(&prep_group, p->opts);
	free(p);
	return 0;
}

/* An image of these bytes, fetched; gives its name and takes the bytes. */
static inline void
hold(struct place *p, struct buf file, unsigned char ret_sha256[SHA256_SIZE])
{
	struct sighting sight = { .host = "h", .label = "a" };
	unsigned char sha256[SHA256_SIZE];
	char url[SHA256_HEX];
	int64_t url_id;
	bool is_new;

	sha256_of(file.data, file.len, sha256);
	text_to_hex(url, sha256, SHA256_SIZE);
	sight.url = url;
	if (store_begin(p->s, &p->e) < 0 ||
	    frontier_sight(p->s, &p->source, &sight, &url_id, &is_new, &p->e) <
		0 ||
	    blob_put(p->s, file.data, file.len, sha256, &p->e) < 0 ||
	    frontier_image_held(p->s, url_id, sha256, (int64_t)file.len, 200,
		"e", NULL, &is_new, &p->e) < 0 ||
	    store_commit(p->s, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	if (ret_sha256 != NULL)
		memcpy(ret_sha256, sha256, SHA256_SIZE);
	buf_release(&file);
}

static inline struct prep_stats
run(struct place *p)
{
	struct prep_stats stats;

	if (prep_run(p->s, p->opts, &p->recipe, &stats, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	return stats;
}

#endif
