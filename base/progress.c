/* SPDX-License-Identifier: Apache-2.0 */
#include "base/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define DRAW_EVERY_MS 200
#define MORE_MAX 160

/* Whether a line stands on the screen: a fact about the one stderr. */
static bool on_screen;

void
progress_clear(void)
{
	if (on_screen)
		fputs("\r\033[K", stderr);
	on_screen = false;
}

void
progress_start(struct progress *p, const char *what, int64_t total)
{
	*p = (struct progress){
		.what = what,
		.total = total,
		.started_ms = clock_ms(),
	};
}

static void
draw(const struct progress *p, double seconds)
{
	double rate = seconds > 0 ? (double)p->done / seconds : 0;
	char size[16], more[MORE_MAX] = "";

	fprintf(stderr, "\r\033[K%s %lld", p->what, (long long)p->done);
	if (p->total > 0)
		fprintf(stderr, "/%lld", (long long)p->total);
	fprintf(stderr, "  %.0f/s", rate);
	if (p->bytes > 0)
		fprintf(
		    stderr, "  %s", text_size(size, sizeof(size), p->bytes));
	if (p->failed > 0)
		fprintf(stderr, "  %lld failed", (long long)p->failed);
	if (p->total > p->done && rate > 0)
		fprintf(stderr, "  %.0f s left",
		    (double)(p->total - p->done) / rate);
	if (p->more != NULL) {
		p->more(p->ctx, more, sizeof(more));
		fputs(more, stderr);
	}
	fflush(stderr);
	on_screen = true;
}

void
progress_step(struct progress *p)
{
	int64_t now = clock_ms();

	if (now - p->drawn_ms < DRAW_EVERY_MS ||
	    log_get_level() < LOG_LEVEL_INFO || !isatty(STDERR_FILENO))
		return;
	p->drawn_ms = now;
	draw(p, (double)(now - p->started_ms) / 1000);
}

void
progress_end(struct progress *p)
{
	progress_clear();
	p->what = NULL;
}
