/*
 * Accepts a remote connection, takes it from state to state until the storage worker has it, and closes it.
 */
#include <arpa/inet.h>
#include <bsd/string.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workers/remote/remote.h"

#define CLIENT_LAST_MS 5000
#define CLIENT_TLS_REQUEST 80877103
#define CLIENT_CANCEL_REQUEST 80877102
#define CLIENT_GSS_REQUEST 80877104
#define CLIENT_HEAD_SIZE 8
#define CLIENT_CANCEL_SIZE 16
/* A client has gone when its host does not answer keepalive probes, which begin after so much silence. */
#define CLIENT_IDLE_S 60
#define CLIENT_PROBE_S 10
#define CLIENT_PROBES 6

/* ---- the end ---- */

void
client_close(struct client *client)
{
	struct remote *remote = client->remote;

	loop_timer_cancel(&client->timer);
	loop_watch_delete(&client->tcp);
	loop_watch_delete(&client->pair);
	SSL_free(client->ssl);
	close(client->fd);
	if (client->pair_fd != -1)
		close(client->pair_fd);
	if (client->scram != NULL)
		scram_end(client->scram);
	free(client->scram);
	pgwire_buffer_free(&client->in);
	pgwire_buffer_free(&client->out);
	pgwire_buffer_free(&client->startup);
	TAILQ_REMOVE(&remote->clients, client, entry);
	remote->nclients--;
	remote->nstarting -= client->is_starting;
	free(client);
	remote_client_gone(remote);
}

static void
client_is_late(struct loop_timer *timer)
{
	client_close(timer->arg);
}

static void
client_leave_starting(struct client *client)
{
	client->remote->nstarting -= client->is_starting;
	client->is_starting = false;
}

void
client_finish(struct client *client)
{
	if (client->state == CLIENT_LAST)
		return;
	client->state = CLIENT_LAST;
	loop_watch_delete(&client->pair);
	if (client->pair_fd != -1)
		close(client->pair_fd);
	client->pair_fd = -1;
	loop_timer_set(&client->remote->worker->loop, &client->timer, CLIENT_LAST_MS, client_is_late, client);
	client_run(client);
}

void
client_refuse(struct client *client, enum sqlstate state, const char *message, const char *hint)
{
	struct report r = { 0 };

	(void)report_set(&r, state, "%s", message == NULL ? "out of memory" : message);
	if (hint != NULL)
		report_hint(&r, "%s", hint);
	pgwire_put_report(&client->out, REPORT_FATAL, &r);
	report_reset(&r);
	client_finish(client);
}

/* All is sent: closes our direction and reads the other one to its end, since unread bytes would make the kernel drop
 * what it has not delivered yet. */
static void
client_run_last(struct client *client)
{
	char nothing[4096];
	int n;

	if (!client->said_bye) {
		if (stream_flush(client) == -1) {
			client_close(client);
			return;
		}
		if (pgwire_buffer_length(&client->out) > 0) {
			stream_await(client);
			return;
		}
		client->said_bye = true;
		if (client->ssl != NULL)
			(void)SSL_shutdown(client->ssl);
		(void)shutdown(client->fd, SHUT_WR);
	}
	do
		n = (int)recv(client->fd, nothing, sizeof(nothing), 0);
	while (n > 0);
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		client_close(client);
	else
		stream_await(client);
}

/* ---- handing over ---- */

void
client_hand_over(struct client *client)
{
	struct worker *worker = client->remote->worker;
	const struct message_client message = { .login = client->login, .address = client->address };
	size_t size = pgwire_buffer_length(&client->startup);
	int ends[2];

	if (client->scram != NULL)
		scram_end(client->scram);
	free(client->scram);
	client->scram = NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == -1) {
		client_refuse(client, SQLSTATE_TOO_MANY_CONNECTIONS, "sorry, too many clients already", NULL);
		return;
	}
	/* An empty socket has room for a packet: the storage worker's end begins with the startup packet. */
	if (client->startup.failed ||
	    send(ends[0], client->startup.data + client->startup.start, size, 0) != (ssize_t)size) {
		close(ends[0]);
		close(ends[1]);
		client_close(client);
		return;
	}
	client->pair_fd = ends[0];
	pgwire_buffer_free(&client->startup);
	loop_timer_cancel(&client->timer);
	client_leave_starting(client);
	client->state = CLIENT_SERVED;
	(void)channel_send_client(&worker->channel, 0, &message, ends[1]);
	client_run(client);
}

/* ---- plain text: nothing but the way to TLS, and cancel requests, which libpq sends so ---- */

static void
client_begin_tls(struct client *client)
{
	static const char yes = 'S';

	pgwire_buffer_free(&client->in);
	if (client->remote->tls.context == NULL || (client->ssl = SSL_new(client->remote->tls.context)) == NULL ||
	    SSL_set_fd(client->ssl, client->fd) != 1 || send(client->fd, &yes, 1, MSG_NOSIGNAL) != 1) {
		client_close(client);
		return;
	}
	SSL_set_accept_state(client->ssl);
	client->state = CLIENT_HANDSHAKE;
	client_run(client);
}

static void
client_refuse_plain(struct client *client)
{
	remote_note_refused(client->remote, client, "28000", "no TLS");
	client_refuse(client, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION, "remote connections must use TLS",
	    "Connect with sslmode=verify-full.");
}

/* Answers a GSSENCRequest with no: the client asks for TLS next. */
static enum client_step
client_refuse_gss(struct client *client)
{
	static const char no = 'N';

	if (client->refused_gss || send(client->fd, &no, 1, MSG_NOSIGNAL) != 1) {
		client_close(client);
		return STEP_OVER;
	}
	client->refused_gss = true;
	pgwire_buffer_consume(&client->in, CLIENT_HEAD_SIZE);
	return STEP_AGAIN;
}

static enum client_step
client_take_head(struct client *client)
{
	struct pgwire_reader r = { .data = client->in.data + client->in.start, .length = CLIENT_HEAD_SIZE };
	uint32_t length = pgwire_get_int32(&r), request = pgwire_get_int32(&r);

	if (length == CLIENT_HEAD_SIZE && request == CLIENT_TLS_REQUEST)
		client_begin_tls(client);
	else if (length == CLIENT_HEAD_SIZE && request == CLIENT_GSS_REQUEST)
		return client_refuse_gss(client);
	else if (length == CLIENT_CANCEL_SIZE && request == CLIENT_CANCEL_REQUEST) {
		if (pgwire_buffer_length(&client->in) < CLIENT_CANCEL_SIZE)
			return STEP_AGAIN;
		pgwire_put_bytes(&client->startup, client->in.data + client->in.start, CLIENT_CANCEL_SIZE);
		pgwire_buffer_consume(&client->in, CLIENT_CANCEL_SIZE);
		client_hand_over(client);
	} else if (length > CLIENT_HEAD_SIZE && request >> 16 == 3)
		client_refuse_plain(client);
	else
		client_close(client);
	return STEP_OVER;
}

/* Reads the request and not a byte more: what follows belongs to TLS, and must not be taken for plain text that
 * somebody has put before it. */
static enum client_step
client_first(struct client *client)
{
	size_t have = pgwire_buffer_length(&client->in),
	       max = have < CLIENT_HEAD_SIZE ? CLIENT_HEAD_SIZE : CLIENT_CANCEL_SIZE;
	int n = stream_fill(client, &client->in, max);

	if (n < 0) {
		client_close(client);
		return STEP_OVER;
	}
	if (n > 0 && pgwire_buffer_length(&client->in) >= CLIENT_HEAD_SIZE)
		return client_take_head(client);
	return n > 0 ? STEP_AGAIN : STEP_WAITS;
}

static enum client_step
client_handshake(struct client *client)
{
	char reason[128];
	int result, wanted;

	client->reads_when_writable = client->writes_when_readable = false;
	if ((result = SSL_accept(client->ssl)) == 1) {
		client->state = CLIENT_STARTUP;
		if (tls_peer_login(client->ssl, client->login) != -1)
			return STEP_AGAIN;
		remote_note_refused(client->remote, client, "28000", "the certificate has no usable common name");
		client_refuse(client, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION,
		    "the client certificate has no usable common name", NULL);
		return STEP_OVER;
	}
	wanted = SSL_get_error(client->ssl, result);
	if (wanted == SSL_ERROR_WANT_READ || wanted == SSL_ERROR_WANT_WRITE) {
		client->reads_when_writable = wanted == SSL_ERROR_WANT_WRITE;
		return STEP_WAITS;
	}
	tls_reason(client->ssl, reason, sizeof(reason));
	remote_note_refused(client->remote, client, "28000", reason);
	client_close(client);
	return STEP_OVER;
}

/* ---- the states ---- */

static enum client_step (*const client_steps[CLIENT_STATES])(struct client *client) = {
	[CLIENT_FIRST] = client_first,
	[CLIENT_HANDSHAKE] = client_handshake,
	[CLIENT_STARTUP] = authenticate_startup,
	[CLIENT_SASL_FIRST] = authenticate_first,
	[CLIENT_SASL_FINAL] = authenticate_final,
};

static void
client_run_steps(struct client *client)
{
	enum client_step step;

	do
		step = client_steps[client->state](client);
	while (step == STEP_AGAIN);
	if (step == STEP_OVER)
		return;
	if (stream_flush(client) == -1)
		client_close(client);
	else
		stream_await(client);
}

void
client_run(struct client *client)
{
	if (client_steps[client->state] != NULL)
		client_run_steps(client);
	else if (client->state == CLIENT_SERVED)
		relay_run(client);
	else if (client->state == CLIENT_LAST)
		client_run_last(client);
	else
		stream_await(client);
}

/* ---- the beginning ---- */

/* Switches keepalive probes on, so that a client whose host has gone is noticed. */
static void
client_set_options(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = { { IPPROTO_TCP, TCP_NODELAY, 1 }, { SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, CLIENT_IDLE_S }, { IPPROTO_TCP, TCP_KEEPINTVL, CLIENT_PROBE_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, CLIENT_PROBES } };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		(void)setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(options[i].value));
}

/* Whether this address may have one more connection that has proved nothing yet: at most a quarter of all. */
static bool
client_has_room(const struct remote *remote, const char *address)
{
	const struct conf *conf = remote->worker->conf;
	unsigned max = (unsigned)conf->server.max_starting, share = max / 4 > 0 ? max / 4 : 1, n = 0;
	const struct client *client;

	if (remote->nstarting >= max || remote->nclients >= (unsigned)conf->server.max_clients + max)
		return false;
	TAILQ_FOREACH(client, &remote->clients, entry)
	n += client->is_starting && strcmp(client->address, address) == 0;
	return n < share;
}

void
client_accept(struct remote *remote, int fd, const char *address)
{
	struct client *client = client_has_room(remote, address) ? calloc(1, sizeof(*client)) : NULL;

	if (client == NULL) {
		close(fd);
		return;
	}
	client->remote = remote;
	client->fd = fd;
	client->pair_fd = client->tcp.fd = client->pair.fd = -1;
	client->is_starting = true;
	(void)strlcpy(client->address, address, sizeof(client->address));
	client_set_options(fd);
	/* New clients go to the front of the list, where connections that have proved nothing are looked for. */
	TAILQ_INSERT_HEAD(&remote->clients, client, entry);
	remote->nclients++;
	remote->nstarting++;
	loop_timer_set(&remote->worker->loop, &client->timer, remote->worker->conf->server.startup_timeout,
	    client_is_late, client);
	client_run(client);
}
