/*
 * The PostgreSQL server behind the storage worker, as the supervisor sees it. On a managed node it runs in a container,
 * which the container worker starts and stops; this room decides when, and what is done about a failure
 * (policy/restart.h). An external server is only asked again.
 *
 * A server starts when the container worker is up and the secrets are open: a new database is made first, in data.new,
 * and becomes the node's own by pgdata_adopt_new.
 */
#ifndef BIBD_SUPERVISOR_SERVER_H
#define BIBD_SUPERVISOR_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/loop.h"
#include "common/message.h"
#include "supervisor/host/engine_sockets.h"
#include "supervisor/host/pgdata.h"
#include "supervisor/policy/restart.h"
#include "supervisor/host/users.h"
#include "supervisor/server/certificates.h"

#define SERVER_TEXT_MAX 256
/* What PostgreSQL gets for its shutdown. */
#define SERVER_STOP_MS 30000
/* Beyond its time a stop is answered by the container worker within this, whatever the engine does. */
#define SERVER_STOP_ANSWER_MS 40000

enum server_state {
	SERVER_ABSENT,
	SERVER_WAITING,	 /* it failed; it is started again when the timer says so */
	SERVER_STARTING, /* the container worker was asked */
	SERVER_RUNNING,
	SERVER_DOUBTFUL, /* the storage worker has lost it; the container worker is asked why */
	SERVER_STOPPING, /* to be started again */
	SERVER_STATES
};

struct child;
struct children;
struct directories_users;
struct node;

/* What the supervisor hands in. */
struct server_hooks {
	/* The server failed: called before the policy acts. */
	void (*failed)(void *context, const char *cause);
	void *context;
};

struct server {
	struct node *node;
	struct children *children;
	struct server_hooks hooks;
	struct certificate_requests certificates;
	int password_fd; /* an external server's password on its way to keeper, or -1 */
	enum server_state state;
	struct user user;  /* whom it runs as; the group is the storage worker's */
	uid_t archive_uid; /* bibd-archive's own, 0: it has none */
	struct engine_sockets sockets;
	struct pgdata pgdata;
	bool secrets_open_stored;
	bool set_verifier; /* the database does not know the verifier yet */
	char verifier[CERTIFICATES_VERIFIER_SIZE];
	uint32_t target;      /* the major version that the database is being moved to; 0: none */
	uint32_t request_id;  /* START_SERVER or STOP_SERVER at the container worker */
	uint32_t late_log_id; /* the log that a late start is to be explained with */
	struct loop_timer timer;
	struct loop_timer keeper_timer; /* keeper found no room on the disk: it is asked again */
	struct restart restart;
	uint32_t restarts; /* all of them, for people */
	uint32_t crashes;  /* of its processes, from which it recovered by itself; for people */
	bool ever_started;
	bool stops_running;	     /* it ran when it was asked to stop, as far as is known */
	bool has_ended;		     /* the failure after which it waits was the end of its container */
	char doubt[SERVER_TEXT_MAX]; /* what the storage worker said */
	char last_cause[SERVER_TEXT_MAX];
	char outside[64];  /* the code of the trouble outside of bibd that must pass first; "": none */
	int64_t failed_us; /* when that was */
	char progress[SERVER_TEXT_MAX];
	char late_progress[SERVER_TEXT_MAX]; /* how far a recovery was when the time was last over */
	int64_t since_us;		     /* when it came into its state */
	/* What keeper said of the credentials. */
	char logins[2], rotation[64];
	int64_t rotated_us;
	/* What SERVER_STARTED said. */
	char engine[32], engine_version[64], container[128], container_id[80], image[SERVER_TEXT_MAX], image_id[80];
	char warning[SERVER_TEXT_MAX];
};

extern const char *const server_state_names[SERVER_STATES];

/* Makes it absent; node and children stay the caller's. */
void server_init(struct server *server, struct node *node, struct children *children, const struct server_hooks *hooks);

/* Looks for the engines' sockets and at the database directory. Errors: as pgdata_open. */
int server_open(struct server *server, struct error *e);

/* The groups that the container worker is to be started with, to reach the engines' sockets; returns how many. */
size_t server_find_groups(struct server *server, gid_t groups[ENGINE_SOCKETS_GROUPS_MAX]);

/* Starts it, or goes on starting it, when all that it needs is there. */
void server_begin(struct server *server);

/* The secrets are open: the database is to know this verifier. */
void server_take_secrets(struct server *server, bool created, const char *verifier);

/* Which credentials are in use, for people. */
void server_take_credentials(struct server *server, const struct message_credentials_state *state);

/* What the container worker says. */
void server_take_initialised(struct server *server, uint32_t id);
void server_take_started(struct server *server, uint32_t id, const struct message_server_started *started);
void server_take_died(struct server *server, const char *code, const char *cause);
void server_take_crashed(struct server *server, const char *code, const char *cause);
void server_take_stopped(struct server *server, uint32_t id, const struct message_server_stopped *stopped);
void server_take_failed(struct server *server, const struct error *e);
void server_take_progress(struct server *server, const char *text);
/* The log that a late start is explained with (-1: there is none). Returns false when it is not this one. */
bool server_take_log(struct server *server, uint32_t id, int fd);

/* ---- a move to another major version, which the room above decides (supervisor/move/version.c) ---- */

/* Whether that is the start under way. */
bool server_awaits(const struct server *server, uint32_t id);
/* In place of that start: has the container worker move the database to that version, answered by SERVER_MOVED. */
void server_start_move(struct server *server, uint32_t version);
/* Another database is there: looks at it. Errors: as pgdata_open. */
int server_reopen(struct server *server, struct error *e);
/* Goes on with the start, with that database. */
void server_start_moved(struct server *server);

/* What the storage worker says: no sign of life, and that it could not be opened. */
void server_take_lost(struct server *server, const char *cause);
void server_take_unavailable(struct server *server, const char *code, const char *cause);

/* The store is not ready in time: the container's log is asked for, and then it counts as a failure. */
void server_note_late(struct server *server);

/* The container worker has gone; the container goes on. */
void server_note_worker_gone(struct server *server);

/* Has the container worker stop the server, and start it again when it says that it has. */
void server_stop_to_start(struct server *server, struct child *worker, int64_t timeout_ms);

/* For good: the lifecycle hears LIFECYCLE_SERVER_STOPPED, at once when there is nothing to stop. Called again, with a
 * shorter time, to hurry. */
void server_stop(struct server *server, int64_t timeout_ms);

/* ---- outside.c ---- */

/* What outside of bibd must come back first, for people: "the container engine"; "": nothing. */
const char *server_waits_for(const struct server *server);
/* Whether that failure is trouble from outside which passes by itself: it is then waited for, and again is called to
 * start the server (or the node ends, when an engine has not come within startup_timeout of the start). */
bool server_wait_outside(struct server *server, const char *code, const char *cause, loop_timer_fn *again);
/* The same for a file of SQLite that its worker could not open: the worker stays, and is asked again. */
bool server_store_wait_outside(struct server *server, const char *code, const char *cause);
/* And for secrets that keeper could not write: it begins anew. */
bool secrets_wait_outside(struct server *server, const char *cause);
/* As directories_open, but a full disk is waited for. stop_comes waits so long for a signal to stop; returns 1 when one
 * comes meanwhile. For use before the loop runs. */
int directories_wait_outside(struct node *node, const struct directories_users *users, bool (*stop_comes)(int64_t ms),
    struct error *e);

/* ---- between server.c and failure.c ---- */

void server_enter(struct server *server, enum server_state state);
/* The container worker where it is up, else NULL. */
struct child *server_worker(struct server *server);
/* The node cannot go on with what was found: one line, and an ordered stop with this status. */
void server_end_node(struct server *server, enum status status, const char *code, const char *text);

#endif
