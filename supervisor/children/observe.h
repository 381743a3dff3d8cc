/*
 * What the kernel says of a process: whether what a worker promises to give up is given up.
 */
#ifndef BIBD_SUPERVISOR_OBSERVE_H
#define BIBD_SUPERVISOR_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/message.h"

struct children;

/* Fills uid, no_new_privileges, seccomp, capabilities and observed from /proc/<pid>/status (proc(5)). Leaves them when
 * there is no such process, or /proc hides it (hidepid). */
void observe_process(pid_t pid, struct message_status_process *process);

/* Processor time that the process's first thread has used, and whether it wants to run now. 0 and false where /proc
 * does not tell. */
int64_t observe_cpu_ms(pid_t pid, bool *wants_to_run);

/* A worker is ready: what its kernel lacks goes to the log and the events, once, for every worker would say the
 * same. */
void observe_note_sandbox(struct children *children, const struct message_ready *ready);

#endif
