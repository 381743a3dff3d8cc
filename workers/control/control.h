/*
 * bibd-control: answers bibctl, and those who read metrics. It knows nothing itself but the last events: what it is
 * asked it asks the supervisor, under an id of its own, and hands the answer on. Private to this room.
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
#include "workers/control/http.h"
#include "workers/control/listener.h"
#include "workers/control/snapshot.h"
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
#define CONTROL_LOG_MS 20000	/* engines take seconds to find a log; below the 25 s that bibctl waits */
#define CONTROL_SCRAPE_MS 4000	/* below HTTP_DEADLINE_MS */
#define CONTROL_SCRAPE_CACHE_MS 250
#define CONTROL_RELOAD_MS 55000 /* below the 60 s that bibctl waits, so that it is told why */
#define CONTROL_STOP_MS 110000	/* likewise below 120 s */
#define CONTROL_BACKLOG_MAX 32	/* frames a client may leave unread before its next request costs the connection */

#define CONTROL_EVENTS 256
#define CONTROL_EVENT_SOURCE_MAX 32
#define CONTROL_EVENT_CODE_MAX 64
#define CONTROL_SLOW_MS 10000 /* how long a reader of events may take nothing */

struct control_event {
	uint64_t number;
	int64_t time_us;
	char source[CONTROL_EVENT_SOURCE_MAX];
	char code[CONTROL_EVENT_CODE_MAX];
	char text[ERROR_TEXT_MAX];
};

/* The last CONTROL_EVENTS events: the one with sequence s is at s % CONTROL_EVENTS. */
struct control_events {
	struct control_event *ring;
	uint64_t next; /* sequence of the next one: how many there were */
};

/* How often what ended for which reason. */
struct control_failures {
	struct control_failure {
		char source[CONTROL_EVENT_SOURCE_MAX];
		const char *cause; /* a literal */
		uint32_t number;
	} rows[SNAPSHOT_FAILURES_MAX];
	size_t count;
};

/* The status that is asked for on behalf of those who read metrics, and the last one as text. */
struct control_scrape {
	uint32_t asked_id; /* at the supervisor; 0: none is under way */
	struct loop_timer deadline;
	struct snapshot snapshot;
	char *text; /* owned; NULL: there is none */
	size_t size;
	int64_t rendered_at;
};

/* One connection of a bibctl. */
struct control_client {
	TAILQ_ENTRY(control_client) entry;
	struct control *control;
	struct channel channel;
	struct loop_timer deadline; /* for HELLO, the next request, or the supervisor's answer */
	uid_t uid;
	pid_t pid;
	bool greeted;
	uint32_t asked_id;   /* the client's id of the request under way */
	uint32_t relayed_id; /* ours of the same, at the supervisor; 0: none */
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
	struct listener listeners[LISTEN_PURPOSES];
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

/* status.c: requests that are relayed to the supervisor (context: the client), and its answers (context: the worker).
 */
void control_take_status_request(void *context, struct frame *frame, const struct message_status_request *message);
void control_take_reload_request(void *context, struct frame *frame, const struct message_reload_request *message);
void control_take_stop_request(void *context, struct frame *frame, const struct message_stop_request *message);
void control_relay_status_node(void *context, struct frame *frame, const struct message_status_node *message);
void control_relay_status_process(void *context, struct frame *frame, const struct message_status_process *message);
void control_take_log_request(void *context, struct frame *frame, const struct message_log_request *message);
void control_relay_status_server(void *context, struct frame *frame, const struct message_status_server *message);
void control_relay_log(void *context, struct frame *frame, const struct message_log *message);
void control_take_identity_request(void *context, struct frame *frame, const struct message_identity_request *message);
void control_take_certificates_request(void *context, struct frame *frame,
    const struct message_certificates_request *message);
void control_take_operator_certificate_request(void *context, struct frame *frame,
    const struct message_operator_certificate_request *message);
void control_take_rotate_request(void *context, struct frame *frame, const struct message_rotate_request *message);
void control_relay_identity(void *context, struct frame *frame, const struct message_identity *message);
void control_relay_certificate(void *context, struct frame *frame, const struct message_certificate *message);
void control_relay_operator_certificate(void *context, struct frame *frame,
    const struct message_operator_certificate *message);
void control_relay_statistics(void *context, struct frame *frame, const struct message_statistics *message);
void control_relay_result(void *context, struct frame *frame, const struct message_result *message);

/* scrape.c */

/* Has all connections that wait for the metrics answered, now or when the supervisor has. */
void control_scrape(struct control *control);
/* Where the answer to that id is to be kept, or NULL when it is not ours. */
struct snapshot *control_scrape_snapshot(struct control *control, uint32_t id);
/* The supervisor's answer is complete. */
void control_scrape_finish(struct control *control);
void control_scrape_close(struct control *control);

/* failures.c: counts an event that says that something ended; the ith count, whose texts live as long as failures. */
void control_failures_note(struct control_failures *failures, const struct message_event *event);
struct message_status_failure control_failures_get(const struct control_failures *failures, size_t i);

/* events.c */

/* Errors: control.memory. */
int control_events_open(struct control_events *events, struct error *e);
void control_events_close(struct control_events *events);
/* From the supervisor: keeps the event and hands it to those who follow (context: the worker). */
void control_take_event(void *context, struct frame *frame, const struct message_event *message);
/* From a client: replays what is kept, then RESULT, or goes on (context: the client). */
void control_take_events_request(void *context, struct frame *frame, const struct message_events_request *message);
/* Sends a reader what it can take now. Returns -1 when it was too slow and is gone. */
int control_events_pump(struct control_client *client);

#endif
