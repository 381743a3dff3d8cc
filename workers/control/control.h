/*
 * bibd-control: answers bibctl, and those who read metrics. It knows nothing itself but the last events: it hands a
 * question to the supervisor, under an id of its own, and hands the answer back. Private to this room.
 *
 * A connection is greeted (HELLO both ways) before anything else, asks one thing at a time, and has a deadline in every
 * state but that of following events. Whoever may connect may read; only uid 0, and the daemon's own uid on a node
 * without separated privileges, may reload and stop.
 */
#ifndef BIBD_CONTROL_H
#define BIBD_CONTROL_H

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "common/channel.h"
#include "common/loop.h"
#include "workers/control/events.h"
#include "workers/control/failures.h"
#include "workers/control/http.h"
#include "workers/control/acceptor.h"
#include "workers/control/scrape.h"
#include "workers/control/shared/snapshot.h"
#include "workers/worker.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define CONTROL_CLIENTS_MAX 64
#define CONTROL_CLIENTS_RESERVED 8 /* of these, kept for those who may stop the daemon */
#define CONTROL_CLIENTS_PER_UID 16
#define CONTROL_HELLO_MS 5000
#define CONTROL_IDLE_MS 30000
#define CONTROL_STATUS_MS 5000
#define CONTROL_LOG_MS 20000	 /* engines take seconds to find a log; below the 25 s that bibctl waits */
#define CONTROL_VERIFY_MS 115000 /* below the 120 s that bibctl waits */
#define CONTROL_RELOAD_MS 55000	 /* below the 60 s that bibctl waits, so that it is told why */
#define CONTROL_STOP_MS 110000	 /* likewise below 120 s */
#define CONTROL_PAUSE_MS 115000	 /* above PAUSE_DRAIN_MAX_MS, below the 120 s that bibctl waits */
#define CONTROL_BACKUP_MS (24 * INT64_C(3600000)) /* as long as a backup may take; bibctl waits a minute longer */
#define CONTROL_BACKLOG_MAX 32 /* frames a client may leave unread before its next request costs the connection */

/* One connection of a bibctl. */
struct control_client {
	TAILQ_ENTRY(control_client) entry;
	struct control *control;
	struct channel channel;
	struct loop_timer deadline; /* for HELLO, the next request, or the supervisor's answer */
	uid_t uid;
	pid_t pid;
	bool greeted;
	uint32_t asked_id;	/* the client's id of the request under way */
	uint32_t relayed_id;	/* ours of the same, at the supervisor; 0: none */
	struct loop_timer pump; /* tries again to send events to a reader that is behind */
	int64_t pump_ms;
	int64_t progress_at; /* clock_now_ms() when the reader last took an event */
	bool replaying;	     /* events are on their way, up to replay_end; then RESULT */
	bool following;	     /* events are on their way until the connection ends */
	uint64_t cursor;     /* sequence of the event to send next */
	uint64_t replay_end;
};

TAILQ_HEAD(control_clients, control_client);

/* The state of the worker, in worker->state. */
struct control {
	struct worker *worker;
	struct acceptor acceptors[LISTEN_PURPOSES];
	int64_t refusal_logged_at;
	struct control_clients clients;
	unsigned nclients;
	struct control_events events;
	struct control_failures failures;
	struct http http;
	struct control_scrape scrape;
};

/* control.c: makes the state and puts it into the worker; control_free closes what is open. Errors: control.memory. */
int control_start(struct worker *worker, struct error *e);
void control_free(struct control *control);
/* Takes over a listening socket; a second one for the same purpose replaces the first. */
void control_listen(struct worker *worker, enum listen_purpose purpose, int fd);
/* Closes the listening sockets and every connection, bibctl's with its last words. */
void control_close(struct control *control);

/* clients.c */

/* Takes in a connected socket, or refuses it with a RESULT; the descriptor is its own from then on. */
void control_admit(struct control *control, int fd);
/* Closes the connection and frees the client. */
void control_client_end(struct control_client *client);
/* Closes every connection once what is queued went out, or a short time is over. */
void control_clients_close(struct control *control);
/* Whether this client may ask now: greeted, nothing else under way, not far behind. If not, it is told or ended, and
 * may be gone when this returns false. */
bool control_client_may_ask(struct control_client *client, uint32_t id);
/* Whether this client may reload and stop. */
bool control_client_is_privileged(const struct control_client *client);
/* Starts the time for what is awaited now: HELLO, the next request, the supervisor's answer. */
void control_client_await(struct control_client *client, int64_t ms);
/* Ends the answer to a request: RESULT, and the time for the next request starts. */
void control_client_answer(struct control_client *client, uint32_t id, enum status status, const char *code,
    const char *text);

/* relay.c: requests that are relayed to the supervisor (context: the client). */
void control_take_status_request(void *context, struct frame *frame, const struct message_status_request *message);
void control_take_reload_request(void *context, struct frame *frame, const struct message_reload_request *message);
void control_take_stop_request(void *context, struct frame *frame, const struct message_stop_request *message);
void control_take_log_request(void *context, struct frame *frame, const struct message_log_request *message);
void control_take_audit_verify(void *context, struct frame *frame, const struct message_audit_verify *message);
void control_take_identity_request(void *context, struct frame *frame, const struct message_identity_request *message);
void control_take_certificates_request(void *context, struct frame *frame,
    const struct message_certificates_request *message);
void control_take_operator_certificate_request(void *context, struct frame *frame,
    const struct message_operator_certificate_request *message);
void control_take_rotate_request(void *context, struct frame *frame, const struct message_rotate_request *message);
void control_take_clients_request(void *context, struct frame *frame, const struct message_clients_request *message);
void control_take_backup_request(void *context, struct frame *frame, const struct message_backup_request *message);
void control_take_kill_request(void *context, struct frame *frame, const struct message_kill_request *message);
void control_take_pause_request(void *context, struct frame *frame, const struct message_pause_request *message);
void control_take_resume_request(void *context, struct frame *frame, const struct message_resume_request *message);
void control_take_restart_request(void *context, struct frame *frame, const struct message_restart_request *message);

/* answers.c: what the supervisor answers (context: the worker). */
void control_relay_status_node(void *context, struct frame *frame, const struct message_status_node *message);
void control_relay_status_process(void *context, struct frame *frame, const struct message_status_process *message);
void control_relay_audit_verified(void *context, struct frame *frame, const struct message_audit_verified *message);
void control_relay_status_server(void *context, struct frame *frame, const struct message_status_server *message);
void control_relay_status_disk(void *context, struct frame *frame, const struct message_status_disk *message);
void control_relay_status_backup(void *context, struct frame *frame, const struct message_status_backup *message);
void control_relay_log(void *context, struct frame *frame, const struct message_log *message);
void control_relay_backup_report(void *context, struct frame *frame, const struct message_backup_report *message);
void control_relay_clients(void *context, struct frame *frame, const struct message_clients *message);
void control_relay_identity(void *context, struct frame *frame, const struct message_identity *message);
void control_relay_certificate(void *context, struct frame *frame, const struct message_certificate *message);
void control_relay_operator_certificate(void *context, struct frame *frame,
    const struct message_operator_certificate *message);
void control_relay_statistics(void *context, struct frame *frame, const struct message_statistics *message);
void control_relay_result(void *context, struct frame *frame, const struct message_result *message);

#endif
