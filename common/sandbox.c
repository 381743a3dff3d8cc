/*
 * Gives up user ids, capabilities, core files and, by Landlock, paths and ports; seccomp.c has the filter of system
 * calls.
 */
#include "common/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int
sandbox_drop_ids(uid_t uid, gid_t gid, const gid_t *groups, size_t ngroups, struct error *e)
{
	if (setgroups(ngroups, groups) == -1 || setresgid(gid, gid, gid) == -1 || setresuid(uid, uid, uid) == -1)
		return error_set_errno(e, STATUS_PERMISSION, "sandbox.ids", "cannot become uid %ld, gid %ld", (long)uid,
		    (long)gid);
	if (uid != 0 && setuid(0) != -1)
		return error_set(e, STATUS_BUG, "sandbox.ids", "root could be regained after becoming uid %ld",
		    (long)uid);
	return 0;
}

static uint64_t
sandbox_capability_set(const int *keep, size_t nkeep)
{
	uint64_t set = 0;

	for (size_t i = 0; i < nkeep; i++)
		set |= 1ULL << keep[i];
	return set;
}

int
sandbox_keep_capabilities(const int *keep, size_t nkeep, struct error *e)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	const uint64_t set = sandbox_capability_set(keep, nkeep);

	/* PR_CAPBSET_READ is -1 from the first number on that the kernel does not know. */
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
		if ((set >> capability & 1) == 0 && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == -1 && errno != EPERM)
			return error_set_errno(e, STATUS_OS, "sandbox.capabilities", "cannot narrow the bounding set");
	if (syscall(SYS_capget, &header, data) == -1)
		return error_set_errno(e, STATUS_OS, "sandbox.capabilities",
		    "cannot read the capabilities of this process");
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= (uint32_t)(set >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, data) == -1)
		return error_set_errno(e, STATUS_OS, "sandbox.capabilities", "cannot give capabilities up");
	return 0;
}

int
sandbox_die_with_parent(pid_t parent, struct error *e)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		return error_set_errno(e, STATUS_OS, "sandbox.orphan",
		    "cannot ask the kernel to end this process with the supervisor");
	if (getppid() != parent)
		return error_set(e, STATUS_OS, "sandbox.orphan", "the supervisor has ended");
	return 0;
}

int
sandbox_no_core(struct error *e)
{
	if (setrlimit(RLIMIT_CORE, &(struct rlimit) { 0, 0 }) == -1 || prctl(PR_SET_DUMPABLE, 0) == -1)
		return error_set_errno(e, STATUS_OS, "sandbox.limits", "cannot switch core files off");
	return 0;
}

int
sandbox_no_new_privileges(struct error *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return error_set_errno(e, STATUS_OS, "sandbox.no_new_privs", "cannot set no_new_privs");
	return 0;
}

#define LANDLOCK_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define LANDLOCK_WRITE \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_CHAR | \
	    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | \
	    LANDLOCK_ACCESS_FS_MAKE_SYM)
/* Rights of later ABIs than the headers of Debian 12 name; numbers from linux/landlock.h of the kernel
 * (landlock(7)). */
#define LANDLOCK_FS_REFER (1ULL << 13)	  /* ABI 2 */
#define LANDLOCK_FS_TRUNCATE (1ULL << 14) /* ABI 3 */
/* What may be granted beneath a path that is a file and not a directory. */
#define LANDLOCK_FILE_RIGHTS \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE | \
	    LANDLOCK_FS_TRUNCATE)

/* What the headers of Debian 12 lack besides: the struct with the members of later ABIs, and the rules about ports. */
#define LANDLOCK_NET_BIND (1ULL << 0) /* ABI 4 */
#define LANDLOCK_NET_CONNECT (1ULL << 1)
#define LANDLOCK_PORT_RULE 2
#define LANDLOCK_SCOPES ((1ULL << 0) | (1ULL << 1)) /* ABI 6: abstract sockets, signals */
struct landlock_ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};
struct landlock_port {
	uint64_t allowed;
	uint64_t port;
};

unsigned
sandbox_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (unsigned)abi;
}

static uint64_t
landlock_handled(unsigned abi)
{
	uint64_t rights = LANDLOCK_READ | LANDLOCK_WRITE | LANDLOCK_ACCESS_FS_EXECUTE;

	if (abi >= 2)
		rights |= LANDLOCK_FS_REFER;
	if (abi >= 3)
		rights |= LANDLOCK_FS_TRUNCATE;
	return rights;
}

static int
landlock_allow(int ruleset, uint64_t handled, const struct sandbox_path *path, struct error *e)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = LANDLOCK_READ };
	struct stat st;

	rule.parent_fd = open(path->path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd == -1)
		return errno == ENOENT
		    ? 0
		    : error_set_errno(e, STATUS_PERMISSION, "sandbox.landlock", "cannot open %s", path->path);
	if (path->writable)
		rule.allowed_access |= LANDLOCK_WRITE | LANDLOCK_FS_TRUNCATE;
	if (path->executable)
		rule.allowed_access |= LANDLOCK_ACCESS_FS_EXECUTE;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= LANDLOCK_FILE_RIGHTS;
	rule.allowed_access &= handled;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == -1) {
		(void)error_set_errno(e, STATUS_OS, "sandbox.landlock", "cannot add %s to the Landlock rule set",
		    path->path);
		close(rule.parent_fd);
		return -1;
	}
	close(rule.parent_fd);
	return 0;
}

/* How much of the struct a kernel of that ABI knows. */
static int
landlock_create(unsigned abi, struct landlock_ruleset *rules)
{
	size_t size = abi >= SANDBOX_LANDLOCK_SIGNALS ? sizeof(*rules)
	    : abi >= SANDBOX_LANDLOCK_TCP	      ? offsetof(struct landlock_ruleset, scoped)
						      : offsetof(struct landlock_ruleset, net);

	*rules = (struct landlock_ruleset) { .fs = landlock_handled(abi) };
	if (abi >= SANDBOX_LANDLOCK_TCP)
		rules->net = LANDLOCK_NET_BIND | LANDLOCK_NET_CONNECT;
	if (abi >= SANDBOX_LANDLOCK_SIGNALS)
		rules->scoped = LANDLOCK_SCOPES;
	return (int)syscall(SYS_landlock_create_ruleset, rules, size, 0);
}

static int
landlock_allow_port(int ruleset, const struct landlock_ruleset *rules, const struct sandbox_port *port, struct error *e)
{
	const struct landlock_port rule = { .allowed = port->bind ? LANDLOCK_NET_BIND : LANDLOCK_NET_CONNECT,
		.port = port->port };

	if (rules->net == 0 || syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_PORT_RULE, &rule, 0) == 0)
		return 0;
	return error_set_errno(e, STATUS_OS, "sandbox.landlock", "cannot add port %u to the Landlock rule set",
	    (unsigned)port->port);
}

int
sandbox_landlock(const struct sandbox_path *paths, size_t npaths, const struct sandbox_port *ports, size_t nports,
    struct error *e)
{
	unsigned abi = sandbox_landlock_abi();
	struct landlock_ruleset rules;
	int ruleset, result = 0;

	if (abi < 1)
		return sandbox_no_new_privileges(e) == -1 ? -1 : 1;
	if ((ruleset = landlock_create(abi, &rules)) == -1)
		return error_set_errno(e, STATUS_OS, "sandbox.landlock", "cannot make a Landlock rule set");
	for (size_t i = 0; i < npaths && result == 0; i++)
		result = landlock_allow(ruleset, rules.fs, &paths[i], e);
	for (size_t i = 0; i < nports && result == 0; i++)
		result = landlock_allow_port(ruleset, &rules, &ports[i], e);
	if (result == 0)
		result = sandbox_no_new_privileges(e);
	if (result == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) == -1)
		result = error_set_errno(e, STATUS_OS, "sandbox.landlock", "cannot enter the Landlock rule set");
	close(ruleset);
	return result;
}

int
sandbox_limit_processes(enum sandbox_profile profile, struct error *e)
{
	if ((profile != SANDBOX_CONTROL && profile != SANDBOX_REMOTE) ||
	    setrlimit(RLIMIT_NPROC, &(struct rlimit) { 0, 0 }) == 0)
		return 0;
	return error_set_errno(e, STATUS_OS, "sandbox.limits", "cannot keep this process from starting others");
}
