/*
 * What a worker gives up before it meets its first foreign byte. The order of the calls matters: see worker.h.
 */
#ifndef BIBD_SANDBOX_H
#define BIBD_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"

/* Becomes this user and group for good, with no supplementary groups but these. Errors: sandbox.ids. */
int sandbox_drop_ids(uid_t uid, gid_t gid, const gid_t *groups, size_t ngroups, struct error *e);

/* Keeps these capabilities and no others, for itself and for whatever it starts: the numbers of capabilities(7). This
 * gives no capability that the process does not have; a process that may not narrow the bounding set narrows its own
 * sets alone. Errors: sandbox.capabilities. */
int sandbox_keep_capabilities(const int *keep, size_t nkeep, struct error *e);

/* Dies with the parent: PR_SET_PDEATHSIG, then the check that it has not died already. Errors: sandbox.orphan. */
int sandbox_die_with_parent(pid_t parent, struct error *e);

/* No core files, not dumpable (nobody of the same uid may ptrace it). Errors: sandbox.limits. */
int sandbox_no_core(struct error *e);

/* no_new_privs; call it after sandbox_landlock has opened its rule set. Errors: sandbox.no_new_privs. */
int sandbox_no_new_privileges(struct error *e);

/* A path that stays reachable, and whether for writing and for executing programs. */
struct sandbox_path {
	const char *path;
	bool writable;
	bool executable;
};

/* A TCP port that stays within reach, to connect to or to bind. */
struct sandbox_port {
	uint16_t port;
	bool bind;
};

/* Restricts the file system to the paths given (a path that does not exist is passed over); TCP to the ports given,
 * where the kernel knows that (ABI 4); signals and abstract sockets to this process and its children (ABI 6). Sets
 * no_new_privs itself at its place. Returns 1 when the kernel has no Landlock, 0 when it is in force, -1 on an error
 * (sandbox.landlock). */
int sandbox_landlock(const struct sandbox_path *paths, size_t npaths, const struct sandbox_port *ports, size_t nports,
    struct error *e);

/* The version of Landlock that the kernel has; 0: none. */
#define SANDBOX_LANDLOCK_TCP 4
#define SANDBOX_LANDLOCK_SIGNALS 6
unsigned sandbox_landlock_abi(void);

/* SANDBOX_RUNNER is for the worker that runs the engines' own programs: those need nearly everything, so only what is
 * never sane is refused. SANDBOX_POSTGRES is SANDBOX_STORAGE with connections of its own, SANDBOX_REMOTE is
 * SANDBOX_CONTROL with pairs of sockets, SANDBOX_DEPOT is SANDBOX_POSTGRES with them. SANDBOX_SUPERVISOR holds for all
 * that the supervisor starts, foreign programs too: what is never sane ends with EPERM there; execve is allowed. */
enum sandbox_profile {
	SANDBOX_STORAGE,
	SANDBOX_CONTROL,
	SANDBOX_RUNNER,
	SANDBOX_POSTGRES,
	SANDBOX_SUPERVISOR,
	SANDBOX_REMOTE,
	SANDBOX_DEPOT,
	SANDBOX_PROFILES
};
/* Sets a seccomp(2) allow-list: any other call ends with EPERM, and what is never sane (ptrace, execve where not
 * allowed, mount, module loading, ...) kills. Returns 1 where it is built out (sanitizers, unknown architecture).
 * Errors: sandbox.seccomp. */
int sandbox_seccomp(enum sandbox_profile profile, struct error *e);

/* Where a profile starts no process and no thread, the kernel is told so as well (RLIMIT_NPROC; root is not held to
 * it). Errors: sandbox.limits. */
int sandbox_limit_processes(enum sandbox_profile profile, struct error *e);

#endif
