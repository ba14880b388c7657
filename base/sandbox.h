/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox: what a child that reads strangers' bytes may still do.
 *
 * It is entered once, after the libraries are warm and before the first job.
 * Its layers stand for themselves: each stops on its own most of what a
 * decoder that was taken over would try, and where a kernel lacks one, the
 * others remain.  What was warm stays: memory, the socket to the parent, the
 * descriptors that come with jobs, threads.
 *
 * System calls (seccomp) are of four kinds:
 *  - what decoding, malloc, threads and the talk with the parent need goes
 *    through, with the arguments that they need: memory is private and never
 *    executable, clone() makes threads only, signals go to this process;
 *  - what libraries try and can do without (files by name, terminals,
 *    priorities) fails with an errno, as if it were forbidden: EACCES, EPERM,
 *    ENOTTY;
 *  - what only an intruder calls here (programs, processes, sockets, other
 *    processes' memory, mounts, keys, io_uring, changes to files) ends the
 *    process at once, before it can try a second thing;
 *  - what is unknown fails with ENOSYS, so that a newer C library falls back
 *    instead of ending every job.  clone3() is among these: its flags are
 *    behind a pointer, where no filter can see them.
 * Calls of another architecture end the process.
 *
 * Landlock then forbids every file, whatever call it is opened by, and,
 * where the kernel can, TCP and signals to others.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum sandbox_layer {
	SANDBOX_CALLS,      /* seccomp */
	SANDBOX_FILES,      /* Landlock: none can be opened */
	SANDBOX_REACH,      /* Landlock, ABI 6: TCP, others' signals */
	SANDBOX_MEMORY,     /* RLIMIT_AS */
	SANDBOX_CPU,        /* RLIMIT_CPU */
	SANDBOX_LIMITS,     /* no core, no growing file, few descriptors */
	SANDBOX_PRIVILEGES, /* no_new_privs, and nobody may look into it */
	SANDBOX_LAYERS,
};
#define SANDBOX_BIT(layer) (1u << (layer))
#define SANDBOX_ALL (SANDBOX_BIT(SANDBOX_LAYERS) - 1)

/* Sets of layers. */
struct sandbox_state {
	uint32_t in_force;
	uint32_t lacking;      /* the kernel has no such thing */
	uint32_t instrumented; /* left out: built with sanitizers or gcov */
};

struct sandbox_conf {
	int64_t memory_bytes; /* of address space; 0: no limit */
	int64_t cpu_seconds;  /* of the process's life; 0: no limit */
	bool unconfined;      /* only what cannot get in the way */
};

/*
 * Enter it.  There must be one thread only, since Landlock binds no others.
 * What the kernel lacks is no error; what it has and refuses is.
 */
int sandbox_enter(
    const struct sandbox_conf *, struct sandbox_state *ret, struct err *);

/* "calls", and what is behind it: "seccomp". */
const char *sandbox_layer_name(enum sandbox_layer);
const char *sandbox_layer_means(enum sandbox_layer);

/* The parent's side: say once in a program's life what the kernel lacks. */
void sandbox_warn(const struct sandbox_state *);

#endif
