/*
 * A process that the supervisor looks after, worker or component: started, asked, watched, reaped, and started again by
 * the policy (restart.h). One cause line for each death that nobody asked for.
 */
#ifndef BIBD_SUPERVISOR_CHILD_H
#define BIBD_SUPERVISOR_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/channel.h"
#include "common/conf.h"
#include "common/loop.h"
#include "supervisor/children/process.h"
#include "supervisor/policy/restart.h"

#define CHILD_CAUSE_MAX 320

struct children;
struct node;

enum child_state {
	CHILD_ABSENT,	/* never started, or stopped */
	CHILD_WAITING,	/* failed; it is started again when the timer says so */
	CHILD_STARTING, /* a process, but it has not said READY */
	CHILD_UP,
	CHILD_STOPPING, /* asked to stop */
	CHILD_STATES
};

struct child {
	struct children *children; /* all of them, this one among them */
	struct node *node;
	const struct process_program *program; /* NULL: a component */
	/* The component's part of a configuration; NULL: a worker. */
	const struct conf_component *(*component)(const struct conf *conf);
	const char *name;
	struct user user;
	int program_fd; /* a worker's program, or -1 */
	bool is_source; /* a storage worker that rows are moved from: not the node's own */

	enum child_state state;
	pid_t pid; /* 0: no process */
	struct channel channel;
	struct loop_timer timer;	/* READY is due, or the next start */
	struct loop_timer health_timer; /* the answer to a heartbeat is due */
	uint32_t heartbeat_id;		/* of the heartbeat that is not answered yet, or 0 */
	unsigned nlate;			/* how often in a row that answer was late */
	int64_t cpu_ms;			/* processor time it had used when that answer was first late */
	bool healthy;
	bool says_healthy; /* its last heartbeat; the check of the client socket may know better (check.h) */
	bool again;	   /* it is being stopped to be started again, with a change in force */
	bool missed;	   /* its end was told as an event, so its restart will be, too */
	unsigned landlock; /* as a worker said with READY; 0: none */
	int64_t since_us;  /* when it came into its state */
	uint32_t incarnation;
	uint32_t restarts; /* all of them, for people; the policy counts its own */
	struct restart restart;
	char why[CHILD_CAUSE_MAX / 2];	  /* why we ended it, while it is not reaped: part of the cause line */
	char last_cause[CHILD_CAUSE_MAX]; /* of its last death */
	int64_t failed_us;		  /* when that was */
	char complaint[CHILD_CAUSE_MAX];  /* why it was last found not healthy */
};

/* Names of the states as people and machines see them. */
extern const char *const child_state_names[CHILD_STATES];

/* Starts the process. Does nothing when there is one. A failure to start counts as a failure of the process. */
void child_start(struct child *child);

/* Asks a worker to stop within timeout_ms (again: to hurry), a component by SIGTERM. A child without a process just
 * stays away. */
void child_stop(struct child *child, int64_t timeout_ms);

/* Stops a worker and starts it again, which does not count as a failure. A worker that does not end in time is
 * killed. */
void child_start_again(struct child *child, int64_t timeout_ms);

/* Ends the process at once; why goes into the cause line. A child that is being stopped stays so. */
void child_kill(struct child *child, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The process has ended: says so, tells the watchers and the lifecycle, and acts by the policy. */
void child_reap(struct child *child, int wait_status);

/* Takes over our end of a worker's channel. Messages go to the handlers; a worker that closes its end and does not exit
 * is killed soon after. Errors: loop.watch. */
int child_open_channel(struct child *child, int fd, struct error *e);

/* READY arrived. */
void child_ready(struct child *child);

bool child_has_process(const struct child *child);
bool child_is_worker_up(const struct child *child);
/* Whether it is one of these workers (a set of enum process). */
bool child_is(const struct child *child, unsigned processes);

#endif
