/* SPDX-License-Identifier: Apache-2.0 */
#include "base/stop.h"

#include <signal.h>
#include <stddef.h>

/* A signal handler has no context but a global. */
static volatile sig_atomic_t asked;

static void
on_signal(int number)
{
	asked = number;
}

void
stop_install(void)
{
	struct sigaction ask = { .sa_handler = on_signal,
		.sa_flags = (int)SA_RESETHAND };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGINT, &ask, NULL);
	sigaction(SIGTERM, &ask, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
}

bool
stop_asked(void)
{
	return asked != 0;
}

int
stop_check(struct err *e)
{
	if (!stop_asked())
		return 0;
	return err_set(e, ERR_STOPPED,
	    "stopped; the next run goes on from "
	    "here");
}

int
stop_exit_status(void)
{
	return asked == 0 ? 0 : 128 + asked;
}
