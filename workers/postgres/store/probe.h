/*
 * The question that pg_isready asks: a startup packet, and what kind of message answers it. No login is made.
 * Source: PostgreSQL 15 manual, "Message Formats", StartupMessage and ErrorResponse.
 */
#ifndef BIBD_POSTGRES_PROBE_H
#define BIBD_POSTGRES_PROBE_H

#include <stdint.h>
#include <sys/socket.h>

#include "common/loop.h"

#define PROBE_ADDRESSES_MAX 8
#define PROBE_REASON_MAX 256
#define PROBE_PACKET_MAX 256

enum probe_answer {
	PROBE_ACCEPTING,
	PROBE_STARTING, /* 57P03: starting up, recovering, or shutting down */
	PROBE_BUSY,	/* 53300: too many connections */
	PROBE_REFUSING, /* another error: a server is there and answers */
	PROBE_SILENT,	/* nothing within the time */
	PROBE_CLOSED, /* the connection was accepted and closed without a word, as when the server begins to recover */
	PROBE_ABSENT, /* connection refused, no socket */
	PROBE_ANSWERS
};

/* Where to ask, and as whom. Addresses are tried in their order. */
struct probe_target {
	struct {
		struct sockaddr_storage address;
		socklen_t length;
	} addresses[PROBE_ADDRESSES_MAX];
	unsigned naddresses;
	const char *user;
	const char *database;
};

struct probe_result {
	enum probe_answer answer;
	char reason[PROBE_REASON_MAX]; /* the server's own words, or why there was no answer; "" when accepting */
	uint32_t us;		       /* from connect to the answer */
	unsigned address;	       /* which one answered, or was tried last */
};

struct probe;
typedef void probe_done_fn(struct probe *probe, const struct probe_result *result);

/* Embedded in the caller's struct; zeroed memory is one that is not under way. */
struct probe {
	struct loop *loop;
	struct loop_watch watch;
	struct loop_timer deadline;
	struct loop_timer again; /* a Unix socket whose queue is full cannot be waited for */
	const struct probe_target *target;
	unsigned address;
	int64_t timeout_ms;
	int64_t started_us;
	probe_done_fn *done;
	void *context;
	uint8_t packet[PROBE_PACKET_MAX];
	size_t packet_size;
	size_t sent;
	uint8_t answer[1024];
	size_t received;
	char reason[PROBE_REASON_MAX]; /* of the last address that failed */
};

/* Begins one; the target must live as long. done is called once, from the loop. */
void probe_start(struct probe *probe, struct loop *loop, const struct probe_target *target, int64_t timeout_ms,
    probe_done_fn *done, void *context);

bool probe_is_running(const struct probe *probe);

/* Ends it without calling done. */
void probe_cancel(struct probe *probe);

/* True when the answer shows that the server is there, whatever it said. */
bool probe_is_alive(enum probe_answer answer);

#endif
