/*
 * Carries bytes between a client and the storage worker. When one side closes, what it sent before reaches the other
 * first: a statement that a client sends before it closes is still run, as it is for a client of this host.
 */
#include <errno.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workers/remote/remote.h"

#define RELAY_CHUNK 16384
/* So many rounds one client gets in a turn, so that other clients get theirs. */
#define RELAY_ROUNDS 16

static void
relay_again(struct loop_timer *timer)
{
	client_run(timer->arg);
}

static bool
relay_would_wait(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

/* Sends to the storage worker. An error is ignored: when the worker has gone, reading from it shows that, too. */
static void
relay_send(struct client *client, bool *moved)
{
	while (pgwire_buffer_length(&client->in) > 0) {
		ssize_t n = send(client->pair_fd, client->in.data + client->in.start, pgwire_buffer_length(&client->in),
		    MSG_NOSIGNAL);

		if (n <= 0) {
			if (!relay_would_wait(n))
				pgwire_buffer_consume(&client->in, pgwire_buffer_length(&client->in));
			return;
		}
		pgwire_buffer_consume(&client->in, (size_t)n);
		*moved = true;
	}
}

static void
relay_receive(struct client *client, bool *moved)
{
	uint8_t *to;
	ssize_t n;

	if (client->storage_ended || pgwire_buffer_length(&client->out) >= CLIENT_BUFFER_MAX)
		return;
	if ((to = pgwire_buffer_reserve(&client->out, RELAY_CHUNK)) == NULL) {
		client->storage_ended = true;
		return;
	}
	n = recv(client->pair_fd, to, RELAY_CHUNK, 0);
	if (n > 0) {
		client->out.end += (size_t)n;
		client->answered = *moved = true;
	} else if (!relay_would_wait(n))
		client->storage_ended = true;
}

/* The storage worker has closed its end: its last bytes are sent to the client. If it never answered, no storage worker
 * was up, and the client is told that. */
static void
relay_finish(struct client *client)
{
	if (!client->answered)
		client_refuse(client, SQLSTATE_CANNOT_CONNECT_NOW, "the database system is starting up", NULL);
	else
		client_finish(client);
}

void
relay_run(struct client *client)
{
	bool moved = true;
	unsigned rounds = 0;
	int n;

	for (; moved && rounds < RELAY_ROUNDS; rounds++) {
		moved = false;
		if (!client->client_ended && (n = stream_fill(client, &client->in, CLIENT_BUFFER_MAX)) != 0) {
			client->client_ended = n < 0;
			moved = true;
		}
		relay_send(client, &moved);
		relay_receive(client, &moved);
		if (client->client_ended)
			pgwire_buffer_consume(&client->out, pgwire_buffer_length(&client->out));
		else if (stream_flush(client) == -1)
			client->client_ended = true;
	}
	if (client->client_ended && pgwire_buffer_length(&client->in) == 0) {
		client_close(client);
		return;
	}
	if (client->storage_ended) {
		relay_finish(client);
		return;
	}
	/* Bytes that TLS has already read from the socket cause no event. */
	if (rounds == RELAY_ROUNDS && moved)
		loop_timer_set(&client->remote->worker->loop, &client->timer, 0, relay_again, client);
	stream_await(client);
}
