/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sandbox_int.h"

/*
 * A sanitizer's shadow takes terabytes of address space, and its search for
 * leaks reads files and traces the process; gcov writes files at the end.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    defined(FOR_COVERAGE)
#	define INSTRUMENTED 1
#elif defined(__has_feature)
#	if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#		define INSTRUMENTED 1
#	endif
#endif
#ifndef INSTRUMENTED
#	define INSTRUMENTED 0
#endif

/* Three of its own, one of the job, and room for what a library needs. */
#define DESCRIPTORS_MAX 16

static const struct {
	const char *name, *means;
	bool seccomp_does_it; /* so that nobody need worry without it */
} layers[SANDBOX_LAYERS] = {
	[SANDBOX_CALLS] = { "calls", "seccomp", false },
	[SANDBOX_FILES] = { "files", "Landlock", false },
	[SANDBOX_REACH] = { "reach", "Landlock 6", true },
	[SANDBOX_MEMORY] = { "memory", "RLIMIT_AS", false },
	[SANDBOX_CPU] = { "cpu", "RLIMIT_CPU", false },
	[SANDBOX_LIMITS] = { "limits", "rlimits", false },
	[SANDBOX_PRIVILEGES] = { "privileges", "no_new_privs", false },
};

const char *
sandbox_layer_name(enum sandbox_layer layer)
{
	return layers[layer].name;
}

const char *
sandbox_layer_means(enum sandbox_layer layer)
{
	return layers[layer].means;
}

/* ---- Landlock ----------------------------------------------------------- */

/*
 * As the kernel has it; headers are older than it.  Fields that it does not
 * know yet may be there if they are 0.
 */
struct landlock_rules {
	uint64_t files, tcp, scopes;
};
#define LANDLOCK_VERSION 1u /* a flag: which ABI is there? */
#define FILES_OF_ABI_1 ((1u << 13) - 1)
#define FILE_REFER (1u << 13)
#define FILE_TRUNCATE (1u << 14)
#define FILE_IOCTL (1u << 15)
#define TCP_BIND_AND_CONNECT 3u
#define SCOPE_SOCKETS_AND_SIGNALS 3u

static struct landlock_rules
rules_of(long abi)
{
	struct landlock_rules r = { .files = FILES_OF_ABI_1 };

	if (abi >= 2)
		r.files |= FILE_REFER;
	if (abi >= 3)
		r.files |= FILE_TRUNCATE;
	if (abi >= 4)
		r.tcp = TCP_BIND_AND_CONNECT;
	if (abi >= 5)
		r.files |= FILE_IOCTL;
	if (abi >= 6)
		r.scopes = SCOPE_SOCKETS_AND_SIGNALS;
	return r;
}

/* No rule is added, so nothing is allowed.  Gives the ABI, 0: none. */
static long
forbid_files(struct err *e)
{
	long abi, fd, rc;
	struct landlock_rules rules;

	abi = syscall(SYS_landlock_create_ruleset, NULL, 0ul, LANDLOCK_VERSION);
	if (abi <= 0)
		return 0;
	rules = rules_of(abi);
	fd = syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0u);
	if (fd < 0)
		return err_sys(e, ERR_FATAL, "Landlock");
	rc = syscall(SYS_landlock_restrict_self, (int)fd, 0u);
	close((int)fd);
	return rc < 0 ? err_sys(e, ERR_FATAL, "Landlock") : abi;
}

/* ---- limits ------------------------------------------------------------- */

/* Not above what this process was given. */
static int
limit(int resource, int64_t soft, int64_t hard)
{
	struct rlimit now, next;

	if (getrlimit((__rlimit_resource_t)resource, &now) < 0)
		return -1;
	next.rlim_max =
	    (rlim_t)hard < now.rlim_max ? (rlim_t)hard : now.rlim_max;
	next.rlim_cur =
	    (rlim_t)soft < next.rlim_max ? (rlim_t)soft : next.rlim_max;
	return setrlimit((__rlimit_resource_t)resource, &next);
}

/*
 * RLIMIT_NPROC is left alone: it counts all of the user's processes, so a
 * busy desktop would take the decoders' threads away.
 */
static int
set_limits(void)
{
	/* What a child says to a log file must not end it. */
	signal(SIGXFSZ, SIG_IGN);
	if (limit(RLIMIT_FSIZE, 0, 0) < 0)
		return -1;
	return limit(RLIMIT_NOFILE, DESCRIPTORS_MAX, DESCRIPTORS_MAX);
}

static int
give_up_privileges(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* ---- all of it ---------------------------------------------------------- */

static void
put(struct sandbox_state *s, enum sandbox_layer layer, bool in_force)
{
	if (in_force)
		s->in_force |= SANDBOX_BIT(layer);
	else
		s->lacking |= SANDBOX_BIT(layer);
}

static bool
has_threads(void)
{
	struct stat st;

	/* Each is a folder there; "." and ".." are counted too. */
	return stat("/proc/self/task", &st) == 0 && st.st_nlink > 3;
}

static int
enter_walls(struct sandbox_state *s, struct err *e)
{
	long abi;
	int calls;

	if (has_threads())
		return err_set(
		    e, ERR_FATAL, "a library has threads before the sandbox");
	if (set_limits() < 0 || give_up_privileges() < 0)
		return err_sys(e, ERR_FATAL, "cannot limit this process");
	put(s, SANDBOX_LIMITS, true);
	put(s, SANDBOX_PRIVILEGES, true);
	abi = forbid_files(e);
	if (abi < 0)
		return -1;
	put(s, SANDBOX_FILES, abi > 0);
	put(s, SANDBOX_REACH, abi >= 6);
	calls = sandbox_filter_calls(e);
	if (calls < 0)
		return -1;
	put(s, SANDBOX_CALLS, calls > 0);
	return 0;
}

int
sandbox_enter(
    const struct sandbox_conf *conf, struct sandbox_state *ret, struct err *e)
{
	const int64_t cpu = conf->cpu_seconds, memory = conf->memory_bytes;

	*ret = (struct sandbox_state){ 0 };
	if (limit(RLIMIT_CORE, 0, 0) < 0 ||
	    (cpu > 0 && limit(RLIMIT_CPU, cpu, cpu + 1) < 0) ||
	    (memory > 0 && !INSTRUMENTED &&
		limit(RLIMIT_AS, memory, memory) < 0))
		return err_sys(e, ERR_FATAL, "cannot limit this process");
	if (cpu > 0)
		put(ret, SANDBOX_CPU, true);
	if (INSTRUMENTED) {
		ret->instrumented = SANDBOX_ALL & ~SANDBOX_BIT(SANDBOX_CPU);
		return 0;
	}
	if (memory > 0)
		put(ret, SANDBOX_MEMORY, true);
	return conf->unconfined ? 0 : enter_walls(ret, e);
}

void
sandbox_warn(const struct sandbox_state *s)
{
	static bool said; /* once in a program's life, whatever the pool */
	struct buf list CLEANUP(buf_release) = BUF_INIT(1000);
	int i;

	for (i = 0; i < SANDBOX_LAYERS; i++)
		if ((s->lacking & SANDBOX_BIT(i)) != 0 &&
		    !layers[i].seccomp_does_it)
			buf_addf(&list, "%s%s", list.len > 0 ? " and " : "",
			    layers[i].means);
	if (list.len == 0 || said)
		return;
	said = true;
	log_warn("this kernel lacks %s: children that read strangers' bytes "
		 "are less confined (see griddle status --sandbox)",
	    (const char *)list.data);
}
