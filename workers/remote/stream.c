/*
 * Reads and writes a connection, plain or over TLS, and watches it for what OpenSSL waits for.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "workers/remote/remote.h"

#define STREAM_CHUNK 16384

static int
stream_plain_result(ssize_t n)
{
	if (n > 0)
		return (int)n;
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ? 0 : -1;
}

/* What TLS waits for; 0 or -1, as the callers return it. */
static int
stream_wait(struct client *client, int result, bool writing)
{
	int reason = SSL_get_error(client->ssl, result);

	if (reason == SSL_ERROR_WANT_WRITE)
		client->reads_when_writable = !writing;
	else if (reason == SSL_ERROR_WANT_READ)
		client->writes_when_readable = writing;
	else
		return -1;
	ERR_clear_error();
	return 0;
}

int
stream_read(struct client *client, void *data, size_t size)
{
	int n;

	if (client->ssl == NULL)
		return stream_plain_result(recv(client->fd, data, size, 0));
	client->reads_when_writable = false;
	n = SSL_read(client->ssl, data, (int)size);
	return n > 0 ? n : stream_wait(client, n, false);
}

int
stream_write(struct client *client, const void *data, size_t size)
{
	int n;

	if (client->ssl == NULL)
		return stream_plain_result(send(client->fd, data, size, MSG_NOSIGNAL));
	client->writes_when_readable = false;
	n = SSL_write(client->ssl, data, (int)size);
	return n > 0 ? n : stream_wait(client, n, true);
}

int
stream_fill(struct client *client, struct pgwire_buffer *buffer, size_t max)
{
	size_t have = pgwire_buffer_length(buffer), room = have >= max ? 0 : max - have;
	uint8_t *to;
	int n;

	if (room == 0)
		return 0;
	if (room > STREAM_CHUNK)
		room = STREAM_CHUNK;
	if ((to = pgwire_buffer_reserve(buffer, room)) == NULL)
		return -1;
	if ((n = stream_read(client, to, room)) > 0)
		buffer->end += (size_t)n;
	return n;
}

int
stream_flush(struct client *client)
{
	while (pgwire_buffer_length(&client->out) > 0) {
		size_t size = pgwire_buffer_length(&client->out);
		int n = stream_write(client, client->out.data + client->out.start,
		    size > STREAM_CHUNK ? STREAM_CHUNK : size);

		if (n <= 0)
			return n;
		pgwire_buffer_consume(&client->out, (size_t)n);
	}
	return client->out.failed ? -1 : 0;
}

/* ---- what is waited for ---- */

static bool
stream_wants_input(const struct client *client)
{
	if (client->state == CLIENT_WRONG || client->client_ended)
		return false;
	if (client->state == CLIENT_SERVED)
		return pgwire_buffer_length(&client->in) < CLIENT_BUFFER_MAX;
	return true;
}

static void
stream_ready(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	client_run(watch->arg);
}

static int
stream_watch(struct client *client, struct loop_watch *watch, int fd, uint32_t events)
{
	struct error e;

	if (watch->fd == -1)
		return events == 0
		    ? 0
		    : loop_watch_add(&client->remote->worker->loop, watch, fd, events, stream_ready, client, &e);
	if (events == 0)
		loop_watch_delete(watch);
	else if (watch->events != events)
		loop_watch_events(watch, events);
	return 0;
}

void
stream_await(struct client *client)
{
	bool sends = pgwire_buffer_length(&client->out) > 0 && client->state != CLIENT_WRONG;
	uint32_t tcp = 0, pair = 0;

	if (stream_wants_input(client) || client->writes_when_readable)
		tcp |= EPOLLIN;
	if ((sends && !client->writes_when_readable) || client->reads_when_writable)
		tcp |= EPOLLOUT;
	if (client->state == CLIENT_SERVED && !client->storage_ended &&
	    pgwire_buffer_length(&client->out) < CLIENT_BUFFER_MAX)
		pair |= EPOLLIN;
	if (client->state == CLIENT_SERVED && pgwire_buffer_length(&client->in) > 0)
		pair |= EPOLLOUT;
	if (stream_watch(client, &client->tcp, client->fd, tcp) == -1 ||
	    stream_watch(client, &client->pair, client->pair_fd, pair) == -1)
		client_close(client);
}
