/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>

#include <cmocka.h>

#include "base/flusher.h"

static void
a_folder_that_is_not_there_has_none(void **state)
{
	(void)state;
	assert_null(flusher_new("/nowhere/at/all"));
	flusher_free(NULL);
}

static void
it_ends_however_often_it_was_told(void **state)
{
	struct flusher *f = flusher_new(".");
	int i;

	(void)state;
	assert_non_null(f);
	for (i = 0; i < 1000; i++)
		flusher_kick(f);
	flusher_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_that_is_not_there_has_none),
		cmocka_unit_test(it_ends_however_often_it_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
