/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the child's main, for a test that puts itself in between.
 */
#ifndef PREP_WORKER_INT_H
#define PREP_WORKER_INT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/buf.h"
#include "prep/recipe.h"

#define INPUT_MAX (1u << 30)

struct worker_state {
	atomic_bool doubts;
	struct buf input;
	struct recipe recipe; /* the last that was asked for; n 0: none was */
};
#define WORKER_STATE_INIT \
	((struct worker_state){ .input = BUF_INIT(INPUT_MAX) })

/* Load all that is loaded from files: there are none in the sandbox. */
int worker_start(struct worker_state *, bool plugins);
/* A proc_handle_fn; ctx is the state.  buf_release() its input in the end. */
void worker_handle(
    void *ctx, const struct buf *request, int fd, struct buf *answer);

#endif
