/*
 * The seccomp filters: a table of the calls that a profile needs, made into a BPF program. What is not in the table
 * answers EPERM, which libraries take as "not there"; what no worker ever has a reason for kills the process.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/sandbox.h"

#if defined(__x86_64__)
#define SECCOMP_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SECCOMP_ARCH AUDIT_ARCH_AARCH64
#endif

#if !defined(SECCOMP_ARCH) || defined(BIBD_SANITIZE)

int
sandbox_seccomp(enum sandbox_profile profile, struct error *e)
{
	(void)profile;
	(void)e;
	return 1;
}

#else

#define ALLOW_ALL 1U
#define ALLOW_STORAGE 2U
#define ALLOW_POSTGRES 4U
#define ALLOW_REMOTE 8U

/* Call and who may use it. Kept in the order of purpose: memory, threads, descriptors, files, sockets, time, self. */
static const struct {
	int number;
	unsigned who;
} seccomp_allowed[] = {
	{ SYS_brk, ALLOW_ALL },
	{ SYS_mmap, ALLOW_ALL },
	{ SYS_mremap, ALLOW_ALL },
	{ SYS_munmap, ALLOW_ALL },
	{ SYS_mprotect, ALLOW_ALL },
	{ SYS_madvise, ALLOW_ALL },
	{ SYS_mlock, ALLOW_POSTGRES },
	{ SYS_clone, ALLOW_STORAGE },
	{ SYS_clone3, ALLOW_STORAGE },
	{ SYS_set_robust_list, ALLOW_STORAGE },
	{ SYS_rseq, ALLOW_STORAGE },
	{ SYS_sched_yield, ALLOW_ALL },
	{ SYS_getpriority, ALLOW_STORAGE },
	{ SYS_setpriority, ALLOW_STORAGE },
	{ SYS_futex, ALLOW_ALL },
	{ SYS_exit, ALLOW_ALL },
	{ SYS_exit_group, ALLOW_ALL },
	{ SYS_rt_sigprocmask, ALLOW_ALL },
	{ SYS_rt_sigaction, ALLOW_ALL },
	{ SYS_rt_sigreturn, ALLOW_ALL },
	{ SYS_restart_syscall, ALLOW_ALL },
	{ SYS_tgkill, ALLOW_ALL },
	{ SYS_close, ALLOW_ALL },
	{ SYS_fcntl, ALLOW_ALL },
	{ SYS_dup, ALLOW_ALL },
	{ SYS_dup3, ALLOW_STORAGE },
	{ SYS_read, ALLOW_ALL },
	{ SYS_write, ALLOW_ALL },
	{ SYS_readv, ALLOW_ALL },
	{ SYS_writev, ALLOW_ALL },
	{ SYS_pread64, ALLOW_ALL },
	{ SYS_pwrite64, ALLOW_ALL },
	{ SYS_lseek, ALLOW_ALL },
	{ SYS_epoll_create1, ALLOW_ALL },
	{ SYS_epoll_ctl, ALLOW_ALL },
#ifdef SYS_epoll_wait
	{ SYS_epoll_wait, ALLOW_ALL },
#endif
	{ SYS_epoll_pwait, ALLOW_ALL },
#ifdef SYS_poll
	{ SYS_poll, ALLOW_ALL },
#endif
	{ SYS_ppoll, ALLOW_ALL },
	{ SYS_eventfd2, ALLOW_ALL },
	{ SYS_timerfd_create, ALLOW_STORAGE },
	{ SYS_timerfd_settime, ALLOW_STORAGE },
	{ SYS_memfd_create, ALLOW_ALL },
	{ SYS_openat, ALLOW_ALL },
#ifdef SYS_open
	{ SYS_open, ALLOW_ALL },
	{ SYS_stat, ALLOW_ALL },
	{ SYS_lstat, ALLOW_ALL },
	{ SYS_access, ALLOW_STORAGE },
	{ SYS_unlink, ALLOW_STORAGE },
	{ SYS_rename, ALLOW_STORAGE },
	{ SYS_mkdir, ALLOW_STORAGE },
	{ SYS_rmdir, ALLOW_STORAGE },
	{ SYS_readlink, ALLOW_STORAGE },
	{ SYS_chmod, ALLOW_STORAGE },
#endif
	{ SYS_getdents64, ALLOW_STORAGE },
	{ SYS_newfstatat, ALLOW_ALL },
	{ SYS_fstat, ALLOW_ALL },
	{ SYS_statx, ALLOW_ALL },
	{ SYS_faccessat, ALLOW_STORAGE },
	{ SYS_faccessat2, ALLOW_STORAGE },
	{ SYS_mkdirat, ALLOW_STORAGE },
	{ SYS_unlinkat, ALLOW_STORAGE },
	{ SYS_renameat, ALLOW_STORAGE },
	{ SYS_renameat2, ALLOW_STORAGE },
	{ SYS_readlinkat, ALLOW_STORAGE },
	{ SYS_fchmod, ALLOW_STORAGE },
	{ SYS_fchmodat, ALLOW_STORAGE },
	{ SYS_fchown, ALLOW_STORAGE },
	{ SYS_ftruncate, ALLOW_STORAGE },
	{ SYS_fallocate, ALLOW_STORAGE },
	{ SYS_fsync, ALLOW_STORAGE },
	{ SYS_fdatasync, ALLOW_STORAGE },
	{ SYS_sync_file_range, ALLOW_STORAGE },
	{ SYS_fstatfs, ALLOW_STORAGE },
	{ SYS_statfs, ALLOW_STORAGE },
	{ SYS_utimensat, ALLOW_STORAGE },
	{ SYS_getcwd, ALLOW_STORAGE },
	{ SYS_umask, ALLOW_STORAGE },
	{ SYS_accept4, ALLOW_ALL },
	{ SYS_accept, ALLOW_ALL },
	{ SYS_recvmsg, ALLOW_ALL },
	{ SYS_recvfrom, ALLOW_ALL },
	{ SYS_sendmsg, ALLOW_ALL },
	{ SYS_sendto, ALLOW_ALL },
	{ SYS_getsockopt, ALLOW_ALL },
	{ SYS_setsockopt, ALLOW_ALL },
	{ SYS_getsockname, ALLOW_ALL },
	{ SYS_socket, ALLOW_POSTGRES },
	{ SYS_socketpair, ALLOW_REMOTE },
	{ SYS_connect, ALLOW_POSTGRES },
	{ SYS_bind, ALLOW_POSTGRES },
	{ SYS_getpeername, ALLOW_POSTGRES },
	{ SYS_sendmmsg, ALLOW_POSTGRES },
	{ SYS_inotify_init1, ALLOW_POSTGRES },
	{ SYS_inotify_add_watch, ALLOW_POSTGRES },
	{ SYS_shutdown, ALLOW_ALL },
	{ SYS_ioctl, ALLOW_ALL },
	{ SYS_clock_gettime, ALLOW_ALL },
	{ SYS_clock_getres, ALLOW_ALL },
	{ SYS_clock_nanosleep, ALLOW_ALL },
	{ SYS_nanosleep, ALLOW_ALL },
	{ SYS_gettimeofday, ALLOW_ALL },
#ifdef SYS_time
	{ SYS_time, ALLOW_ALL },
#endif
	{ SYS_getpid, ALLOW_ALL },
	{ SYS_gettid, ALLOW_ALL },
	{ SYS_getppid, ALLOW_ALL },
	{ SYS_getuid, ALLOW_ALL },
	{ SYS_geteuid, ALLOW_ALL },
	{ SYS_getgid, ALLOW_ALL },
	{ SYS_getegid, ALLOW_ALL },
	{ SYS_getrandom, ALLOW_ALL },
	{ SYS_getrusage, ALLOW_ALL },
	{ SYS_sysinfo, ALLOW_ALL },
	{ SYS_uname, ALLOW_ALL },
	{ SYS_prlimit64, ALLOW_ALL },
	{ SYS_sched_getaffinity, ALLOW_ALL },
	{ SYS_prctl, ALLOW_ALL },
};

/* No worker has a reason for these: a call of one means that the process no longer runs our code. */
static const int seccomp_deadly[] = {
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_execve,
	SYS_execveat,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_bpf,
	SYS_unshare,
	SYS_setns,
	SYS_reboot,
	SYS_keyctl,
	SYS_add_key,
	SYS_request_key,
	SYS_userfaultfd,
	SYS_perf_event_open,
};

#define SECCOMP_NALLOWED (sizeof(seccomp_allowed) / sizeof(seccomp_allowed[0]))
#define SECCOMP_NDEADLY (sizeof(seccomp_deadly) / sizeof(seccomp_deadly[0]))

static size_t
seccomp_put_rule(struct sock_filter *program, size_t n, int number, uint32_t action)
{
	program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
	return n;
}

/* What starts programs needs their calls. */
static bool
seccomp_is_deadly(enum sandbox_profile profile, int number)
{
	if (profile == SANDBOX_SUPERVISOR)
		return number != SYS_execve && number != SYS_execveat;
	return profile != SANDBOX_RUNNER || number != SYS_execve;
}

int
sandbox_seccomp(enum sandbox_profile profile, struct error *e)
{
	static const unsigned who[SANDBOX_PROFILES] = { [SANDBOX_STORAGE] = ALLOW_ALL | ALLOW_STORAGE,
		[SANDBOX_CONTROL] = ALLOW_ALL,
		[SANDBOX_RUNNER] = ALLOW_ALL,
		[SANDBOX_SUPERVISOR] = ALLOW_ALL,
		[SANDBOX_POSTGRES] = ALLOW_ALL | ALLOW_STORAGE | ALLOW_POSTGRES,
		[SANDBOX_REMOTE] = ALLOW_ALL | ALLOW_REMOTE,
		[SANDBOX_DEPOT] = ALLOW_ALL | ALLOW_STORAGE | ALLOW_POSTGRES | ALLOW_REMOTE };
	const bool open = profile == SANDBOX_RUNNER || profile == SANDBOX_SUPERVISOR;
	const uint32_t otherwise = open ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EPERM;
	const uint32_t never = profile == SANDBOX_SUPERVISOR ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_KILL_PROCESS;
	struct sock_filter program[2 * (SECCOMP_NALLOWED + SECCOMP_NDEADLY) + 6];
	struct sock_fprog filter = { .filter = program };
	size_t n = 0;

	program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_ARCH, 1, 0);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < SECCOMP_NALLOWED; i++)
		if ((seccomp_allowed[i].who & who[profile]) != 0)
			n = seccomp_put_rule(program, n, seccomp_allowed[i].number, SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < SECCOMP_NDEADLY; i++)
		if (seccomp_is_deadly(profile, seccomp_deadly[i]))
			n = seccomp_put_rule(program, n, seccomp_deadly[i], never);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, otherwise);
	filter.len = (unsigned short)n;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == -1)
		return error_set_errno(e, STATUS_OS, "sandbox.seccomp", "cannot install the system call filter");
	return 0;
}

#endif
