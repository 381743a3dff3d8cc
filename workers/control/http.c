/*
 * Reads one request of a connection, answers it with the metrics or an error, and closes the connection in time.
 */
#include "workers/control/http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workers/control/control.h"

/* Prometheus text format, version 0.0.4. */
#define HTTP_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define HTTP_ERROR_TYPE "text/plain; charset=utf-8"

static const struct http_answer {
	unsigned status;
	const char *reason;
	const char *fields; /* beyond those that every answer has */
	const char *text;
} http_answers[] = {
	{ 200, "OK", "", "" },
	{ 400, "Bad Request", "", "This is not a request of HTTP/1.1.\n" },
	{ 404, "Not Found", "", "There is nothing here but /metrics.\n" },
	{ 405, "Method Not Allowed", "Allow: GET, HEAD\r\n", "The metrics can only be read.\n" },
	{ 431, "Request Header Fields Too Large", "", "The request is larger than 4096 bytes.\n" },
	{ 503, "Service Unavailable", "", "bibd does not say how it is; its log says what it is doing.\n" },
	{ 505, "HTTP Version Not Supported", "", "Only HTTP/1.1 is spoken here.\n" },
};

static void
http_end(struct http_connection *connection)
{
	struct http *http = &connection->control->http;
	int fd = connection->watch.fd;

	loop_timer_cancel(&connection->deadline);
	loop_watch_delete(&connection->watch);
	close(fd);
	TAILQ_REMOVE(&http->connections, connection, entry);
	http->count--;
	free(connection->answer);
	free(connection);
}

static void
http_is_late(struct loop_timer *timer)
{
	http_end(timer->arg);
}

static void
http_await(struct http_connection *connection, enum http_state state, uint32_t events, int64_t ms)
{
	connection->state = state;
	loop_watch_events(&connection->watch, events);
	loop_timer_set(connection->watch.loop, &connection->deadline, ms, http_is_late, connection);
}

/* ---- the answer ---- */

static const struct http_answer *
http_find_answer(unsigned status)
{
	size_t i = 0;

	while (i + 1 < sizeof(http_answers) / sizeof(http_answers[0]) && http_answers[i].status != status)
		i++;
	return &http_answers[i];
}

/* Lets the client read the answer before the socket is closed: to close it with unread bytes would reset the
 * connection. */
static void
http_linger(struct http_connection *connection)
{
	if (shutdown(connection->watch.fd, SHUT_WR) == -1) {
		http_end(connection);
		return;
	}
	http_await(connection, HTTP_LINGERING, EPOLLIN, HTTP_LINGER_MS);
}

static void
http_write(struct http_connection *connection)
{
	while (connection->sent < connection->size) {
		ssize_t n = send(connection->watch.fd, connection->answer + connection->sent,
		    connection->size - connection->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n == -1) {
			http_end(connection);
			return;
		}
		connection->sent += (size_t)n;
	}
	http_linger(connection);
}

/* Begins to answer; the connection may be gone when this returns. */
static void
http_answer(struct http_connection *connection, unsigned status, const char *type, const char *text, size_t size)
{
	const struct http_answer *answer = http_find_answer(status);
	FILE *file = open_memstream(&connection->answer, &connection->size);

	if (file == NULL) {
		http_end(connection);
		return;
	}
	(void)fprintf(file, "HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%sConnection: close\r\n\r\n",
	    answer->status, answer->reason, type, size, answer->fields);
	if (!connection->head)
		(void)fwrite(text, 1, size, file);
	if (fclose(file) == EOF) {
		http_end(connection);
		return;
	}
	http_await(connection, HTTP_WRITING, EPOLLOUT, HTTP_DEADLINE_MS);
	http_write(connection);
}

static void
http_refuse(struct http_connection *connection, unsigned status)
{
	const char *text = http_find_answer(status)->text;

	http_answer(connection, status, HTTP_ERROR_TYPE, text, strlen(text));
}

void
http_answer_waiting(struct control *control, const char *text, size_t size)
{
	struct http_connection *connection, *next;

	for (connection = TAILQ_FIRST(&control->http.connections); connection != NULL; connection = next) {
		next = TAILQ_NEXT(connection, entry);
		if (connection->state != HTTP_WAITING)
			continue;
		if (text == NULL)
			http_refuse(connection, 503);
		else
			http_answer(connection, 200, HTTP_METRICS_TYPE, text, size);
	}
}

/* ---- the request ---- */

static void
http_read(struct http_connection *connection)
{
	ssize_t n = recv(connection->watch.fd, connection->request + connection->length,
	    sizeof(connection->request) - connection->length, MSG_DONTWAIT);
	unsigned status;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		http_end(connection);
		return;
	}
	connection->length += (size_t)n;
	status = http_judge_request(connection->request, connection->length, &connection->head);
	if (status == 0)
		return;
	if (status != 200) {
		http_refuse(connection, status);
		return;
	}
	/* The scrape may be answered before control_scrape returns. */
	http_await(connection, HTTP_WAITING, 0, HTTP_DEADLINE_MS);
	control_scrape(connection->control);
}

/* Reads and drops what comes after the request, since unread bytes would reset the connection. */
static void
http_discard(struct http_connection *connection)
{
	char bytes[1024];
	ssize_t n = recv(connection->watch.fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		http_end(connection);
}

static void
http_event(struct loop_watch *watch, uint32_t events)
{
	static void (*const steps[])(struct http_connection *) = { [HTTP_READING] = http_read,
		[HTTP_WAITING] = http_end,
		[HTTP_WRITING] = http_write,
		[HTTP_LINGERING] = http_discard };
	struct http_connection *connection = watch->arg;

	/* The watch asks for no events while the connection waits, so this is the client's end. */
	(void)events;
	steps[connection->state](connection);
}

/* ---- connections ---- */

void
http_admit(struct control *control, int fd)
{
	struct http_connection *connection;

	if (control->http.count == HTTP_CONNECTIONS_MAX || (connection = calloc(1, sizeof(*connection))) == NULL) {
		close(fd);
		return;
	}
	connection->control = control;
	if (loop_watch_add(&control->worker->loop, &connection->watch, fd, EPOLLIN, http_event, connection, NULL) ==
	    -1) {
		close(fd);
		free(connection);
		return;
	}
	TAILQ_INSERT_TAIL(&control->http.connections, connection, entry);
	control->http.count++;
	http_await(connection, HTTP_READING, EPOLLIN, HTTP_DEADLINE_MS);
}

void
http_close(struct http *http)
{
	struct http_connection *connection, *next;

	for (connection = TAILQ_FIRST(&http->connections); connection != NULL; connection = next) {
		next = TAILQ_NEXT(connection, entry);
		http_end(connection);
	}
}
