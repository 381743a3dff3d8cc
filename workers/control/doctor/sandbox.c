/* Checks which parts of the workers' sandbox this kernel has. */
#include <sys/prctl.h>

#include "common/sandbox.h"
#include "workers/control/doctor/doctor.h"

/* What each version of Landlock brought. */
static const struct {
	unsigned abi;
	const char *lacks;
} sandbox_steps[] = {
	{ 1, "no Landlock: files are guarded by their modes and users alone" },
	{ SANDBOX_LANDLOCK_TCP, "Landlock, but not for TCP: workers are kept from the network by seccomp alone" },
	{ SANDBOX_LANDLOCK_SIGNALS, "Landlock, but not for signals: user ids alone keep workers from each other" },
};

void
doctor_check_sandbox(struct doctor *doctor)
{
	unsigned abi = sandbox_landlock_abi();
	bool whole = true;

	for (size_t i = 0; i < sizeof(sandbox_steps) / sizeof(sandbox_steps[0]) && whole; i++)
		if (abi < sandbox_steps[i].abi) {
			doctor_advise(doctor,
			    "a newer kernel has it (Landlock 6 came with Linux 6.12), if lsm= of its command line "
			    "names landlock");
			doctor_say(doctor, RENDER_WARNING, "the kernel has %s", sandbox_steps[i].lacks);
			whole = false;
		}
	if (prctl(PR_GET_SECCOMP) == -1) {
		doctor_advise(doctor, "a kernel that is built with CONFIG_SECCOMP_FILTER has it");
		doctor_say(doctor, RENDER_WARNING, "the kernel has no seccomp: every system call is open to workers");
		whole = false;
	}
	if (whole)
		doctor_say(doctor, RENDER_OK, "the kernel has Landlock %u (files, TCP, signals) and seccomp", abi);
}
