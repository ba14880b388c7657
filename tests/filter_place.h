/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter_place: a workspace for tests of filters, and what passes one.
 */
#ifndef TESTS_FILTER_PLACE_H
#define TESTS_FILTER_PLACE_H

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/plan_int.h"

struct place {
	char folder[64];
	struct store *s;
	struct err e;
};

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static void
run_sql(struct place *p, const char *sql)
{
	if (sql_script(p->s, sql, &p->e) < 0)
		fail_msg("%s", p->e.msg);
}

static int
setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	double half[SCORE_COUNT];
	int i;

	strcpy(p->folder, "/tmp/griddle-test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	assert_int_equal(store_create(p->folder, &p->e), 0);
	assert_int_equal(store_open(p->folder, STORE_WRITE, &p->s, &p->e), 0);
	for (i = 0; i < SCORE_COUNT; i++)
		half[i] = 0.4;
	store_set_thresholds(p->s, half);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	store_close(p->s);
	nftw(p->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

/* A filter of words with spaces between; the caller frees it. */
static inline struct filter *
words(struct place *p, const char *text)
{
	char *copy CLEANUP(freep) = xstrdup(text);
	const char *terms[16];
	char *rest = copy, *word;
	struct filter *f;
	size_t n = 0;

	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != 0)
			terms[n++] = word;
	if (filter_parse(terms, n, &f, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	return f;
}

#endif
