/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/gather_tell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "scraper/gather_int.h"

#define REASONS_SHOWN 3

/* Add to the text what fits. */
static void __attribute__((format(printf, 3, 4)))
add(char *text, size_t size, const char *format, ...)
{
	size_t len = strlen(text);
	va_list ap;

	va_start(ap, format);
	vsnprintf(text + len, size - len, format, ap);
	va_end(ap);
}

/* The most frequent reasons: " (gone 8, timed_out 4)". */
static void
add_reasons(const struct gather *g, char *text, size_t size)
{
	const struct gather_whys *all = &g->failed_by;
	int64_t below = INT64_MAX;
	size_t shown = 0, last = 0, i, best;

	while (shown < REASONS_SHOWN) {
		best = all->n;
		for (i = 0; i < all->n; i++)
			if ((all->v[i].count < below ||
				(all->v[i].count == below && i > last)) &&
			    (best == all->n ||
				all->v[i].count > all->v[best].count))
				best = i;
		if (best == all->n)
			break;
		below = all->v[best].count;
		last = best;
		add(text, size, "%s%s %lld", shown++ == 0 ? " (" : ", ",
		    all->v[best].why, (long long)below);
	}
	add(text, size, "%s", shown > 0 ? ")" : "");
}

static void
add_time(char *text, size_t size, double seconds)
{
	if (seconds < 120)
		add(text, size, ", %.0f s left", seconds);
	else if (seconds < 7200)
		add(text, size, ", %.0f min left", seconds / 60);
	else
		add(text, size, ", %.0f h left", seconds / 3600);
}

void
tell_more(void *ctx, char *text, size_t size)
{
	const struct gather *g = ctx;
	struct fetch_state state = fetch_state(g->fetch);
	struct class_pace pace;

	add_reasons(g, text, size);
	if (state.hosts_waiting > 0)
		add(text, size, "  %d host%s", state.hosts_waiting,
		    state.hosts_waiting == 1 ? " waits" : "s wait");
	if (state.names_failed > 0 && 2 * state.names_failed > state.names)
		add(text, size, "  DNS fails");
	if (images_slowest(g, &pace)) {
		char *label CLEANUP(freep) = text_safe(pace.label);

		add(text, size, "  %.20s %lld/%lld", label, pace.held,
		    pace.target);
		add_time(text, size, pace.left_s);
	}
}
