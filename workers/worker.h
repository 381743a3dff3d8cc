/*
 * What every worker program is made of: one start order, one channel to the supervisor on descriptor 3, one loop.
 *
 * The start order, the same in each: log, title, ids, PDEATHSIG, limits, then START from the supervisor (the
 * configuration), Landlock, no_new_privs, seccomp, the worker's own start, READY. What fails on the way ends the
 * process with one line and the error's status.
 */
#ifndef BIBD_WORKER_H
#define BIBD_WORKER_H

#include "common/channel.h"
#include "common/conf.h"
#include "common/loop.h"
#include "common/sandbox.h"

#define WORKER_CHANNEL_FD 3

struct worker;

/* What a worker program fills in. The functions run in the loop's thread; each may be NULL. */
struct worker_program {
	enum process process;
	enum sandbox_profile profile;

	/* The profile where it depends on the configuration; NULL: the one above. */
	enum sandbox_profile (*choose_profile)(const struct worker *worker);

	/* Starts what must not be confined as the worker is (common/runner.h); called once, after START, before the
	 * sandbox. */
	int (*start_outside)(struct worker *worker, struct error *e);

	/* Adds the paths that Landlock leaves reachable, at most max; the strings live as long as the worker. Returns
	 * how many. Called after START. */
	size_t (*paths)(struct worker *worker, struct sandbox_path *paths, size_t max);

	/* Adds the TCP ports that stay within reach, at most max; none when this function is NULL. Returns how many. */
	size_t (*ports)(struct worker *worker, struct sandbox_port *ports, size_t max);

	/* Starts the work, threads included; called once, sandboxed, before READY. */
	int (*start)(struct worker *worker, struct error *e);

	/* Takes a listening socket, which it owns from then on. */
	void (*listen)(struct worker *worker, enum listen_purpose purpose, int fd);

	/* HEARTBEAT: true when healthy, else a cause in text. */
	bool (*healthy)(struct worker *worker, char *text, size_t size);

	/* HEARTBEAT: how many answers were sent to clients; only whether the number changes counts. */
	uint64_t (*answered)(struct worker *worker);

	/* Reload: whether the worker can take this configuration. Afterwards either commit is called (worker->conf is
	 * then the new one), or nothing. */
	int (*prepare)(struct worker *worker, const struct conf *conf, struct error *e);
	void (*commit)(struct worker *worker);

	/* STOP: finish within so many ms, then call worker_stopped. NULL: stops at once. Called again, with a shorter
	 * time, when the supervisor is in a hurry. */
	void (*stop)(struct worker *worker, int64_t timeout_ms);

	/* Messages beyond the common ones (which worker.c takes); the context is the struct worker. */
	struct message_handlers handlers;
};

struct worker {
	const struct worker_program *program;
	struct loop loop;
	struct channel channel;
	struct conf *conf;     /* the one in force */
	struct conf *prepared; /* the one of a reload under way, or NULL */
	char *node_id;
	char *boot_id;
	char *migrations_dir; /* the built-in migrations */
	bool separated;	      /* each worker has a user of its own */
	bool operational;     /* phase 3 was over when this worker was started: a restart */
	pid_t supervisor_pid; /* that of the peer in its check of the client socket (supervisor/children/check.h) */
	uint32_t incarnation; /* 1 for the first start of this worker in the daemon's life */
	unsigned landlock;    /* the version of Landlock that is in force; 0: none */
	bool seccomp;	      /* and whether a filter of system calls is */
	void *state;	      /* the program's own */
};

/* The whole main function of a worker program; returns its exit status. */
int worker_main(const struct worker_program *program, int argc, char **argv);

/* Answers a request with FAILED. */
void worker_fail(struct worker *worker, uint32_t id, const struct error *e);

/* Sends an event to the supervisor. Loop thread only. */
void worker_event(struct worker *worker, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The stop is over: says STOPPED and ends the loop. */
void worker_stopped(struct worker *worker);

#endif
