/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy for system calls; sandbox.h says why it is as it is.
 *
 * The filter is a binary tree over the calls' numbers, and since Linux 5.11
 * the kernel does not run it at all for those that always go through, so
 * that there is no order by frequency to keep.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sandbox_int.h"

#define S(name) SCMP_SYS(name)

static const int allowed[] = {
	/* descriptors that are there */
	S(read), S(readv), S(pread64), S(preadv), S(write), S(writev), S(lseek),
	S(close), S(fstat), S(dup), S(dup3), S(poll), S(ppoll), S(select),
	S(pselect6), S(recvfrom), S(recvmsg), S(sendto), S(sendmsg),
	S(shutdown),
	/* memory */
	S(brk), S(munmap), S(mremap), S(madvise), S(mincore), S(membarrier),
	S(get_mempolicy),
	/* threads */
	S(futex), S(futex_waitv), S(set_robust_list), S(rseq),
	S(set_tid_address), S(sched_yield), S(sched_getaffinity),
	S(sched_getparam), S(sched_getscheduler), S(sched_getattr),
	S(sched_get_priority_max), S(sched_get_priority_min), S(getcpu),
	/* signals to itself, and the end */
	S(rt_sigaction), S(rt_sigprocmask), S(rt_sigreturn), S(rt_sigpending),
	S(rt_sigsuspend), S(rt_sigtimedwait), S(sigaltstack), S(pause),
	S(restart_syscall), S(exit), S(exit_group),
	/* time, chance, and who am I */
	S(clock_gettime), S(clock_getres), S(clock_nanosleep), S(nanosleep),
	S(gettimeofday), S(time), S(times), S(getrusage), S(getrandom),
	S(getpid), S(gettid), S(getppid), S(getuid), S(geteuid), S(getgid),
	S(getegid), S(uname), S(sysinfo)
};

/* EACCES: libraries look for files that they can do without. */
static const int not_there[] = { S(open), S(openat), S(stat), S(lstat),
	S(statx), S(access), S(faccessat), S(faccessat2), S(readlink),
	S(readlinkat), S(getcwd), S(chdir), S(statfs), S(fstatfs), S(getdents),
	S(getdents64), S(getxattr), S(lgetxattr), S(fgetxattr) };

/* EPERM: and ask for favours. */
static const int not_granted[] = { S(setrlimit), S(setpriority),
	S(sched_setaffinity), S(sched_setattr), S(sched_setparam),
	S(sched_setscheduler), S(set_mempolicy), S(mbind), S(mlock),
	S(mlockall), S(ioprio_set), S(umask), S(memfd_create), S(ftruncate) };

static const int deadly[] = {
	/* programs and processes */
	S(execve), S(execveat), S(fork), S(vfork), S(ptrace), S(kcmp),
	S(process_vm_readv), S(process_vm_writev), S(process_madvise),
	S(process_mrelease), S(pidfd_open), S(pidfd_getfd),
	S(pidfd_send_signal), S(rt_sigqueueinfo), S(rt_tgsigqueueinfo),
	S(tkill), S(setpgid), S(setsid), S(personality),
	/* the network, and others' ways to be reached */
	S(socket), S(socketpair), S(connect), S(bind), S(listen), S(accept),
	S(accept4), S(memfd_secret), S(shmget), S(shmat), S(shmctl), S(msgget),
	S(msgsnd), S(msgrcv), S(semget), S(semop), S(mq_open), S(mq_unlink),
	/* changes to files */
	S(creat), S(truncate), S(fallocate), S(unlink), S(unlinkat), S(rename),
	S(renameat), S(renameat2), S(link), S(linkat), S(symlink), S(symlinkat),
	S(mkdir), S(mkdirat), S(rmdir), S(mknod), S(mknodat), S(chmod),
	S(fchmod), S(fchmodat), S(chown), S(fchown), S(lchown), S(fchownat),
	S(setxattr), S(lsetxattr), S(fsetxattr), S(utimensat),
	S(open_by_handle_at), S(name_to_handle_at),
	/* the machine */
	S(mount), S(umount2), S(pivot_root), S(chroot), S(move_mount),
	S(open_tree), S(fsopen), S(fsconfig), S(fsmount), S(fspick),
	S(mount_setattr), S(unshare), S(setns), S(bpf), S(perf_event_open),
	S(userfaultfd), S(keyctl), S(add_key), S(request_key),
	S(io_uring_setup), S(io_uring_enter), S(io_uring_register), S(io_setup),
	S(io_submit), S(fanotify_init), S(init_module), S(finit_module),
	S(delete_module), S(kexec_load), S(kexec_file_load), S(reboot),
	S(swapon), S(swapoff), S(acct), S(quotactl), S(syslog), S(sethostname),
	S(setdomainname), S(clock_settime), S(settimeofday), S(adjtimex),
	S(clock_adjtime), S(iopl), S(ioperm), S(modify_ldt), S(setuid),
	S(setgid), S(setreuid), S(setregid), S(setresuid), S(setresgid),
	S(setgroups), S(setfsuid), S(setfsgid), S(capset), S(vhangup)
};

struct rule {
	uint32_t action;
	int call;
	unsigned n;
	struct scmp_arg_cmp args[2];
};

#define IF(i, mask, value) \
	{ \
		(i), SCMP_CMP_MASKED_EQ, (mask), (value) \
	}
#define EVERY_BIT 0xffffffffu /* of an int */
#define THREAD (CLONE_VM | CLONE_THREAD | CLONE_SIGHAND)
#define NAMESPACES \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* By what they are called with; what no line fits is ENOSYS. */
static const struct rule by_argument[] = {
	{ SCMP_ACT_ALLOW, S(mmap), 2,
	    { IF(2, PROT_EXEC, 0), IF(3, MAP_SHARED, 0) } },
	{ SCMP_ACT_ERRNO(EACCES), S(mmap), 1, { IF(2, PROT_EXEC, PROT_EXEC) } },
	{ SCMP_ACT_ERRNO(EACCES), S(mmap), 1,
	    { IF(3, MAP_SHARED, MAP_SHARED) } },
	{ SCMP_ACT_ALLOW, S(mprotect), 1, { IF(2, PROT_EXEC, 0) } },
	{ SCMP_ACT_ERRNO(EACCES), S(mprotect), 1,
	    { IF(2, PROT_EXEC, PROT_EXEC) } },
	{ SCMP_ACT_ALLOW, S(clone), 1, { IF(0, THREAD | NAMESPACES, THREAD) } },
	{ SCMP_ACT_KILL_PROCESS, S(clone), 1, { IF(0, CLONE_THREAD, 0) } },
	/* How glibc asks for fstat(): the path is empty, or should be. */
	{ SCMP_ACT_ALLOW, S(newfstatat), 1,
	    { IF(3, AT_EMPTY_PATH, AT_EMPTY_PATH) } },
	{ SCMP_ACT_ERRNO(EACCES), S(newfstatat), 1,
	    { IF(3, AT_EMPTY_PATH, 0) } },
	/* Not F_SETOWN: it lets the kernel send signals to anyone. */
	{ SCMP_ACT_ALLOW, S(fcntl), 1, { IF(1, EVERY_BIT, F_GETFD) } },
	{ SCMP_ACT_ALLOW, S(fcntl), 1, { IF(1, EVERY_BIT, F_SETFD) } },
	{ SCMP_ACT_ALLOW, S(fcntl), 1, { IF(1, EVERY_BIT, F_GETFL) } },
	{ SCMP_ACT_ALLOW, S(fcntl), 1, { IF(1, EVERY_BIT, F_DUPFD_CLOEXEC) } },
	/* Reading limits, not setting them. */
	{ SCMP_ACT_ALLOW, S(prlimit64), 2,
	    { IF(0, EVERY_BIT, 0), IF(2, UINT64_MAX, 0) } },
	{ SCMP_ACT_ALLOW, S(prctl), 1, { IF(0, EVERY_BIT, PR_SET_NAME) } },
	{ SCMP_ACT_ALLOW, S(prctl), 1, { IF(0, EVERY_BIT, PR_GET_NAME) } },
	/* "Not a terminal", for whoever looks before it prints. */
	{ SCMP_ACT_ERRNO(ENOTTY), S(ioctl), 0, { { 0 } } },
};

static int
add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t n)
{
	int rc = 0;
	size_t i;

	for (i = 0; i < n && rc == 0; i++)
		rc = seccomp_rule_add(filter, action, calls[i], 0);
	return rc;
}

static int
add_by_argument(scmp_filter_ctx filter)
{
	const struct rule *r = by_argument;
	int rc = 0;

	for (; r < by_argument + ARRAY_SIZE(by_argument) && rc == 0; r++)
		rc = seccomp_rule_add_array(
		    filter, r->action, r->call, r->n, r->args);
	return rc;
}

/* Signals to this process, and to no other. */
static int
add_signals(scmp_filter_ctx filter)
{
	static const int calls[] = { S(kill), S(tgkill) };
	const scmp_datum_t self = (scmp_datum_t)getpid();
	int rc = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls) && rc == 0; i++) {
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
		    SCMP_A0(SCMP_CMP_EQ, self));
		if (rc == 0)
			rc = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS,
			    calls[i], 1, SCMP_A0(SCMP_CMP_NE, self));
	}
	return rc;
}

static int
add_policy(scmp_filter_ctx filter)
{
	int rc;

	rc = seccomp_attr_set(
	    filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (rc == 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (rc == 0)
		rc = add_all(
		    filter, SCMP_ACT_ALLOW, allowed, ARRAY_SIZE(allowed));
	if (rc == 0)
		rc = add_all(filter, SCMP_ACT_ERRNO(EACCES), not_there,
		    ARRAY_SIZE(not_there));
	if (rc == 0)
		rc = add_all(filter, SCMP_ACT_ERRNO(EPERM), not_granted,
		    ARRAY_SIZE(not_granted));
	if (rc == 0)
		rc = add_all(
		    filter, SCMP_ACT_KILL_PROCESS, deadly, ARRAY_SIZE(deadly));
	if (rc == 0)
		rc = add_by_argument(filter);
	return rc == 0 ? add_signals(filter) : rc;
}

/* Can it end a process (Linux 4.14)?  An older one is as good as none. */
static bool
kernel_can_filter(void)
{
	const uint32_t action = SECCOMP_RET_KILL_PROCESS;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0u, &action) == 0;
}

int
sandbox_filter_calls(struct err *e)
{
	scmp_filter_ctx filter;
	int rc;

	if (!kernel_can_filter())
		return 0;
	filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (filter == NULL)
		return err_set(e, ERR_FATAL, "cannot make a filter of calls");
	rc = add_policy(filter);
	if (rc != 0)
		err_set(e, ERR_FATAL, "the filter of calls is wrong: %s",
		    strerror(-rc));
	else
		rc = seccomp_load(filter) == 0;
	seccomp_release(filter);
	return rc;
}
