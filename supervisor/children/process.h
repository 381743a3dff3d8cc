/*
 * The table of the programs that bibd runs, and how they are run: a new worker needs nothing more of the supervisor
 * than a row there.
 */
#ifndef BIBD_SUPERVISOR_PROCESS_H
#define BIBD_SUPERVISOR_PROCESS_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "common/conf.h"
#include "common/process.h"
#include "supervisor/host/users.h"

#define PROCESS_LISTENS(purpose) (1U << (unsigned)(purpose))

/* A worker program. */
struct process_program {
	enum process process;
	const char *user;			 /* when privileges are separated */
	bool (*needed)(const struct conf *conf); /* is it started for this configuration? */
	unsigned listens;			 /* the sockets that it is given: a set of PROCESS_LISTENS */
};
extern const struct process_program process_programs[];
extern const size_t process_nprograms;

/* Where the parts of this installation are. */
struct process_places {
	char workers[PATH_MAX];	   /* the directory of the worker programs */
	char migrations[PATH_MAX]; /* the built-in migrations */
};

/* Finds them by where this program itself is: installed, in a build tree, or moved elsewhere as a whole. Errors:
 * process.places (71). */
int process_find_places(struct process_places *places, struct error *e);

/* Opens a worker's program, to be run by this descriptor from then on, so that an upgrade of the package under a
 * running daemon never mixes versions. Errors: process.program (71). */
int process_open_program(const struct process_places *places, const struct process_program *program, struct error *e);

/* The user and groups that a worker takes when privileges are separated. */
struct process_identity {
	const struct user *user;
	const gid_t *groups; /* supplementary ones, at most PROCESS_GROUPS_MAX */
	size_t ngroups;
};
#define PROCESS_GROUPS_MAX 8

/* Starts a worker: program_fd with the channel on descriptor 3; NULL for the identity when privileges are not
 * separated, else the worker itself becomes it. The channel's end stays the caller's to close. Returns the pid, or -1
 * (process.fork). */
pid_t process_start_worker(const struct process_program *program, int program_fd, int channel_fd,
    const struct process_identity *identity, struct error *e);

/* Starts a component: argv[0] is an absolute path; it runs as the user when separated, in a process group of its own,
 * and dies with the supervisor. What fails after the fork ends it with status 71, 77 or 127. Returns the pid, or -1. */
pid_t process_start_component(char *const argv[], const struct user *user, bool separated, struct error *e);

/* "killed by signal 9 (Killed)", "exited with status 1": what a wait status says. Returns buf. */
const char *process_describe_end(int wait_status, char *buf, size_t size);

#endif
