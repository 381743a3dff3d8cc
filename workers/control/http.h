/*
 * A tiny HTTP server (RFC 9110, RFC 9112) with one resource, /metrics, for a handful of local readers: one request a
 * connection, everything bounded. Private to bibd-control.
 */
#ifndef BIBD_CONTROL_HTTP_H
#define BIBD_CONTROL_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/loop.h"

#define HTTP_CONNECTIONS_MAX 16
#define HTTP_REQUEST_MAX 4096
#define HTTP_DEADLINE_MS 5000 /* for the request, and again for the answer */
#define HTTP_LINGER_MS 1000   /* for the client to read the answer before the socket goes */

struct control;

enum http_state {
	HTTP_READING,
	HTTP_WAITING, /* for the supervisor's status */
	HTTP_WRITING,
	HTTP_LINGERING
};

struct http_connection {
	TAILQ_ENTRY(http_connection) entry;
	struct control *control;
	struct loop_watch watch;
	struct loop_timer deadline;
	enum http_state state;
	bool head; /* asked by HEAD: no body goes out */
	size_t length;
	char request[HTTP_REQUEST_MAX];
	char *answer; /* owned */
	size_t size, sent;
};

TAILQ_HEAD(http_connections, http_connection);

struct http {
	struct http_connections connections;
	unsigned count;
};

/* Takes over a connected socket, or refuses it. */
void http_admit(struct control *control, int fd);
/* Answers all who wait for the metrics: with this text, or NULL when there is none to be had (503). */
void http_answer_waiting(struct control *control, const char *text, size_t size);
void http_close(struct http *http);

/* http_request.c: judges what has come in so far. Returns 0 when more is to come, 200 for a whole request for the
 * metrics, or the status to refuse it with: 400, 404, 405, 431, 505. head: whether it was asked by HEAD. */
unsigned http_judge_request(const char *bytes, size_t length, bool *head);

#endif
