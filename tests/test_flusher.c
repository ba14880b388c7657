/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <time.h>
#include <unistd.h>

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

/* It would end the process, if the thread took it. */
static void
signals_are_not_for_it(void **state)
{
	struct flusher *f CLEANUP(flusher_freep) = NULL;
	const struct timespec patience = { .tv_sec = 5 };
	sigset_t one, before, after;

	(void)state;
	sigemptyset(&one);
	sigaddset(&one, SIGUSR1);
	f = flusher_new(".");
	assert_non_null(f);
	assert_int_equal(sigprocmask(SIG_BLOCK, &one, &before), 0);
	assert_int_equal(sigismember(&before, SIGTERM), 0);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	assert_int_equal(sigtimedwait(&one, NULL, &patience), SIGUSR1);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, &after), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_that_is_not_there_has_none),
		cmocka_unit_test(it_ends_however_often_it_was_told),
		cmocka_unit_test(signals_are_not_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
