/*
 * The server's life, from nothing to a container that runs, and back. One of three states is wanted. Each step looks at
 * what is there and does the next thing that is missing (server_steps.c), so that another state may be wanted at any
 * time. The supervisor is answered when the wanted state is reached, or cannot be.
 */
#ifndef BIBD_CONTAINER_SERVER_H
#define BIBD_CONTAINER_SERVER_H

#include "common/loop.h"
#include "common/message.h"
#include "workers/container/engine/engine.h"
#include "workers/container/engine/inspection.h"
#include "workers/container/engine/pull.h"
#include "workers/container/images.h"
#include "workers/container/record.h"
#include "workers/container/spec.h"

#define MANAGED_SERVER_STOPS_MAX 8	     /* STOP_SERVER requests that may wait for one stop */
#define MANAGED_SERVER_REPLACE_STOP_MS 30000 /* for a server whose container is to be made anew */
#define MANAGED_SERVER_KILL_MS 10000	     /* for a container to be gone after SIGKILL */
#define MANAGED_SERVER_STOP_SPARE_MS 30000   /* beyond its time a stop is answered in any case */
#define MANAGED_SERVER_REPLAY_MS 86400000    /* the same, with the write-ahead log since a backup */
#define MANAGED_SERVER_SETUP_MS 600000	     /* initdb, or crash recovery in single-user mode */
#define MANAGED_SERVER_PULL_MS 1800000
#define MANAGED_SERVER_TICK_MS 1000
#define MANAGED_SERVER_TOLD_SECONDS 10	  /* progress is told no more often than that */
#define MANAGED_SERVER_WATCH_DELAY_MS 250 /* after a start, so that it is not disturbed */
#define MANAGED_SERVER_SETTLE_MS 500	  /* for what follows an end: a removal, or the end of the engine */
#define MANAGED_SERVER_ENGINE_RETRY_MS 1000
#define MANAGED_SERVER_EXIT_BY_SIGINT (128 + 2)
#define MANAGED_SERVER_EXIT_OF_ENGINE 125
#define MANAGED_SERVER_LOG_MAX ((size_t)512 * 1024) /* what is read of that */
#define MANAGED_SERVER_LAST_WORDS 20		    /* lines of it that go into bibd's own log */
#define MANAGED_SERVER_DEATH_LOG_LINES "1000"	    /* there is one for each client that was told to wait meanwhile */

enum managed_server_state {
	MANAGED_SERVER_ABSENT,
	MANAGED_SERVER_DETECTING,
	MANAGED_SERVER_LOOKING,
	MANAGED_SERVER_REMOVING,
	MANAGED_SERVER_PULLING,
	MANAGED_SERVER_INITIALISING,
	MANAGED_SERVER_CREATING,
	MANAGED_SERVER_RUNNING,
	MANAGED_SERVER_STOPPING,
	MANAGED_SERVER_STATES
};

enum managed_server_wanted {
	MANAGED_SERVER_WANT_NOTHING,
	MANAGED_SERVER_WANT_INITIALISED,
	MANAGED_SERVER_WANT_RUNNING,
	MANAGED_SERVER_WANT_MOVED,
	MANAGED_SERVER_WANT_STOPPED
};

/* The jobs that may be under way, at most one of each. */
enum managed_server_task_kind {
	MANAGED_SERVER_TASK_STEP,    /* the step that is being taken */
	MANAGED_SERVER_TASK_INSPECT, /* a look at the containers */
	MANAGED_SERVER_TASK_IMAGE,   /* a look at the image */
	MANAGED_SERVER_TASK_WAIT,    /* for the container's end */
	MANAGED_SERVER_TASK_KILL,
	MANAGED_SERVER_TASK_EVENTS, /* the engine's event stream */
	MANAGED_SERVER_TASK_LOG,    /* the log's end, after a death */
	MANAGED_SERVER_TASK_SOURCE, /* the server that a database is moved from */
	MANAGED_SERVER_TASK_CRASH,  /* the log since it was last looked at, after a connection was lost */
	MANAGED_SERVER_TASKS
};

struct managed_server;
typedef void managed_server_task_fn(struct managed_server *server, const struct job_result *result);

struct managed_server_task {
	struct managed_server *server;
	struct job *job;
	managed_server_task_fn *done;
};

/* How a running server is watched: the engine's events, and the container's first process itself, which can be seen to
 * end even when the engine is gone. */
struct managed_server_watch {
	struct loop_timer begin_timer;	 /* looks for the process, and follows events */
	struct loop_timer examine_timer; /* looks what became of the container, or whether the engine is back */
	struct loop_watch process;	 /* a pidfd */
	int64_t pid;			 /* that process; 0: not known */
	int kills_fd;			 /* counts those that were killed because memory was out; -1: cannot be told */
	int64_t kills;			 /* how many they were when last looked */
	bool out_of_memory;		 /* one more, at the end */
	int64_t since_us;		 /* events before this time are ignored */
	int64_t events_at;		 /* clock_now_ms() when the stream was begun */
	bool ended;			 /* an event or the pidfd told of the end */
	bool stopped;			 /* an event told that somebody stopped it */
	bool signalled;			 /* or signalled it */
	int signal;			 /* the first signal that somebody sent through the engine; 0: not known */
	bool engine_lost;
	bool restarted; /* the container that was looked at was started after the one that ended */
	unsigned looks; /* answers that are still awaited: inspection, log */
	char *log;
};

/* What is known of the deaths of the server's processes (server_crash.c). */
struct managed_server_crash {
	struct loop_timer timer;
	unsigned looks;		   /* how many more times the log is to be read */
	int64_t since_us;	   /* the log was looked at up to this time */
	int64_t asked_us;	   /* when the look under way began */
	int64_t kills;		   /* as in struct managed_server_watch, at the last death that was told */
	char told[ERROR_TEXT_MAX]; /* the last one */
};

/* A move to another major version (server_move.c). */
struct managed_server_move {
	struct images candidates;
	size_t next;
	char image[IMAGES_NAME_MAX]; /* what reads the database; "": not found yet */
	char text[256];		     /* how far it is */
	bool copied;		     /* the container that fills the new one has ended */
	struct error error;	     /* why it failed; text "": it did not */
	uint64_t tables, rows;
};

struct managed_server {
	struct worker *worker;
	struct jobs *jobs;
	const char *home; /* where the note of the container is kept */
	enum managed_server_state state;
	enum managed_server_wanted wanted;
	struct managed_server_task tasks[MANAGED_SERVER_TASKS];

	/* The request that is being fulfilled. */
	uint32_t start_id; /* 0: none */
	bool initialise;
	uint32_t uid, gid;
	uint32_t archive; /* as in struct spec */
	uint32_t version; /* of START_SERVER */
	uint32_t target;  /* likewise */
	char *docker_socket, *podman_sockets;
	bool kubernetes;
	char *verifier; /* NULL: none to be set; wiped as soon as it is */
	bool restored;	/* out of a backup: its write-ahead log is replayed first */
	bool outdated;	/* the database was set up otherwise than it would be now */
	uint32_t stop_ids[MANAGED_SERVER_STOPS_MAX];
	size_t nstops;
	int64_t stop_at; /* clock_now_ms() at which the server is killed */
	struct loop_timer stop_timer, stop_limit;
	bool killed;	  /* it had to be */
	bool stopped;	  /* by us, in this stop */
	bool wait_failed; /* once, which may be because the container was removed meanwhile */

	/* What is known. */
	struct engine engine;
	struct engine_finder finder;
	struct error look_error; /* why a look failed while the engine was not certain yet; text "": it did not */
	bool engine_was_used;	 /* it stays the one as long as this worker lives */
	bool late_start;	 /* the container runs, and that is told once the engine and the image are known */
	bool late_adopted;
	struct inspection container; /* bibd-postgres-<node-id> */
	struct inspection setup;     /* a one-shot one */
	struct inspection source;    /* likewise, of a move */
	bool version_known;	     /* the image was asked for it, or has made the database */
	bool made;		     /* the image has made one: it is what is started next */
	struct managed_server_move move;
	unsigned looks; /* answers that are still awaited before the next step */
	bool image_known;
	bool pulled;
	bool port_free;
	bool network_ready;
	bool network_left;	      /* by this stop */
	bool hopeful;		      /* a container is being made without a look at what is there */
	bool hope_spent;	      /* that is tried once for each start */
	bool setup_killing;	      /* a stop came while the one-shot container ran */
	char image_id[ENGINE_ID_MAX]; /* kept over restarts in this worker's life */
	char hash[SPEC_HASH_SIZE];
	struct pull pull;
	struct loop_timer tick;		   /* tells of a step that goes on and says nothing */
	int64_t step_at;		   /* clock_now_ms() when that was begun */
	char incompatible[ERROR_TEXT_MAX]; /* why PostgreSQL refused the database directory; "": it did not */
	struct managed_server_watch watch;
	struct managed_server_crash crash;
};

/* ---- server.c: requests and replies ---- */

void managed_server_open(struct managed_server *server, struct worker *worker, struct jobs *jobs, const char *home);
/* Ends all jobs; the container is left as it is. */
void managed_server_close(struct managed_server *server);

void managed_server_take_start(struct managed_server *server, uint32_t id, const struct message_start_server *message);
void managed_server_take_stop(struct managed_server *server, uint32_t id, uint32_t timeout_ms);

/* The wanted state cannot be reached: answers the request with the error. */
void managed_server_fail(struct managed_server *server, const struct error *e);
/* The wanted state is reached: answers the request. */
void managed_server_say_initialised(struct managed_server *server);
void managed_server_say_started(struct managed_server *server, bool adopted);
void managed_server_say_stopped(struct managed_server *server, const char *text);
void managed_server_progress(struct managed_server *server, const char *text);
/* After an answer: nothing is wanted any more. */
void managed_server_rest(struct managed_server *server);

/* The specification of what is asked for now. */
struct spec managed_server_spec(const struct managed_server *server);

/* ---- server_task.c ---- */

/* Starts `engine words...`; deadline and what else is special in options (NULL: ENGINE_WORK_MS and nothing). Takes over
 * arguments. When it cannot be started, the request is answered with the error, and -1 is returned. */
int managed_server_run(struct managed_server *server, enum managed_server_task_kind kind, struct arguments *arguments,
    const struct job_request *options, managed_server_task_fn *done);
void managed_server_cancel(struct managed_server *server, enum managed_server_task_kind kind);
bool managed_server_is_busy(const struct managed_server *server, enum managed_server_task_kind kind);
/* A job of the engine's failed: makes "what: what the engine said" of it. Returns -1. */
int managed_server_complain(const struct managed_server *server, const char *what, const struct job_result *result,
    struct error *e);

/* ---- server_look.c ---- */

/* Finds the engine when it is not known, looks at what is there, then takes steps. */
void managed_server_look(struct managed_server *server);
/* Looks at the containers alone. */
int managed_server_inspect(struct managed_server *server, managed_server_task_fn *done);

/* ---- server_steps.c ---- */

/* The last step: makes and starts the container. */
void managed_server_create(struct managed_server *server);
/* The image to make a container from: by its id, once that is known. */
const char *managed_server_image(const struct managed_server *server);
/* Takes the next step to the wanted state; in the end the request is answered. */
void managed_server_advance(struct managed_server *server);
/* Whether a server is to run, or to be made ready for that. */
bool managed_server_wants_server(const struct managed_server *server);

/* ---- server_setup.c: steps that may take long ---- */

bool managed_server_needs_image(const struct managed_server *server);
void managed_server_pull_image(struct managed_server *server);
bool managed_server_needs_setup(const struct managed_server *server);
/* The same of a database that is there: no server may run meanwhile. */
bool managed_server_is_to_be_set_up(const struct managed_server *server);
void managed_server_begin_setup(struct managed_server *server);
/* Tells how far a move is, and goes on telling it. */
void managed_server_tell_move(struct managed_server *server, const char *text);

/* ---- server_version.c, server_move.c: an image of another major version ---- */

bool managed_server_needs_version(const struct managed_server *server);
void managed_server_ask_version(struct managed_server *server);
/* The server runs: its image is known to serve the database from now on. */
void managed_server_note_image(const struct managed_server *server);
bool managed_server_needs_source(const struct managed_server *server);
void managed_server_find_source(struct managed_server *server);
bool managed_server_needs_move(const struct managed_server *server);
void managed_server_begin_move(struct managed_server *server);

/* ---- server_stop.c ---- */

/* Stops the running container in an orderly way until stop_at, kills it then, and advances. */
void managed_server_stop_container(struct managed_server *server);
/* Removes the one-shot container under a job that is running. */
void managed_server_kill_setup(struct managed_server *server);

/* ---- server_watch.c ---- */

/* Watches the container that runs now. */
void managed_server_watch_begin(struct managed_server *server);
void managed_server_watch_end(struct managed_server *server);

/* ---- server_death.c ---- */

/* The server has ended, and all that can be known of it has been looked at: ends the watch, tells the supervisor, and
 * repeats the end of the server's log. */
void managed_server_report_death(struct managed_server *server);

/* ---- server_refuse.c: steps that end in a refusal; each with the question whether it is needed ---- */

/* A container of our name that is somebody else's, or that the node has whose data_dir this one's is a copy of. */
bool managed_server_needs_refusal(const struct managed_server *server);
void managed_server_refuse(struct managed_server *server);
/* The engine is rootless and cannot run a container as the server's user: it maps the ids in a container to its own
 * user's id and to ids that belong to nobody; Podman can keep its own user's. */
bool managed_server_is_mapped(const struct managed_server *server);
void managed_server_refuse_mapping(struct managed_server *server);
/* Another engine has run the server, and may still. */
bool managed_server_is_elsewhere(const struct managed_server *server);
void managed_server_refuse_second(struct managed_server *server);

/* ---- server_crash.c ---- */

/* A connection was lost: tells, in a moment, if that was the death of a process of the server's. */
void managed_server_look_for_crash(struct managed_server *server);
/* From now on the log is looked at for deaths of processes. */
void managed_server_crash_begin(struct managed_server *server);
void managed_server_crash_end(struct managed_server *server);

#endif
