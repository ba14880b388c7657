/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One child of a pool, and what it and its parent say to each other: the
 * parent a hello, the child the state of its sandbox once it can take work.
 * A child that ends before that ended by our fault, not by a job's.  Then
 * requests, a 32-bit length and that many bytes, and answers, a struct
 * answer_head and that many bytes; all in host order.
 */
#ifndef BASE_PROC_INT_H
#define BASE_PROC_INT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/proc.h"

struct proc_hello {
	int64_t memory_bytes, grow_bytes; /* as in struct proc_conf */
	int64_t cpu_seconds;              /* for its whole life */
	int64_t unconfined;               /* 0 or 1 */
};

/* A child that lies about `spent` is replaced too early or too late. */
struct answer_head {
	uint32_t length;
	uint32_t spent; /* 1: has used or grown too much to go on */
};

enum phase {
	IDLE,
	STARTING, /* it has a job but not said that it is ready */
	SENDING,
	RECEIVING,
};

struct child {
	pid_t pid; /* 0: not running */
	int sock;  /* -1: closed */
	enum phase phase;
	struct proc_job job; /* unless idle */
	int jobs;            /* that came to an end here */
	int64_t due_ms;
	bool excused;    /* was given a second deadline */
	uint32_t length; /* of the request */
	size_t moved;    /* bytes of what is in motion, with its head */
	struct answer_head head;
	struct sandbox_state sandbox; /* as the child tells it */
};

/* How many this process may run on. */
int proc_processors(void);

int child_start(const struct proc_conf *, struct child *, struct err *);
/* Make sure that it is gone; it has grace_ms to go by itself. */
void child_end(const struct proc_conf *, struct child *, int grace_ms);
/* Does it run, and wait for a job? */
bool child_is_waiting(const struct child *);
/* Take over the job; `fresh` says that the child has only been started. */
void child_take(
    const struct proc_conf *, struct child *, struct proc_job *, bool fresh);
/* Instead: wait until it could take a job.  -1: see its job's outcome. */
int child_await(const struct proc_conf *, struct child *);
/* Move what can be moved.  Is the job over?  Then its outcome is set. */
bool child_advance(const struct proc_conf *, struct child *);

#endif
