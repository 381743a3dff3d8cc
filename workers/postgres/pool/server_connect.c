/* Making a connection: libpq does it, one step at a time. */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "workers/postgres/pool/cancel.h"
#include "workers/postgres/pool/server.h"
#include "workers/postgres/pool/session.h"

/* What a server may report; libpq can be asked only by name. */
static const char *const parameter_names[] = { "application_name", "client_encoding", "DateStyle",
	"default_transaction_read_only", "in_hot_standby", "integer_datetimes", "IntervalStyle", "is_superuser",
	"scram_iterations", "search_path", "server_encoding", "server_version", "session_authorization",
	"standard_conforming_strings", "TimeZone" };

/* ---- transports ---- */

static ssize_t
plain_read(struct server *server, void *data, size_t size)
{
	return recv(server->watch.fd, data, size, MSG_DONTWAIT);
}

static ssize_t
plain_write(struct server *server, const void *data, size_t size)
{
	return send(server->watch.fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* OpenSSL's ways of saying "later" and "over" as those of read(2). */
static ssize_t
tls_result(struct server *server, int result)
{
	int code;

	if (result > 0)
		return result;
	code = SSL_get_error(server->ssl, result);
	if (code == SSL_ERROR_ZERO_RETURN)
		return 0;
	errno = code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
	return -1;
}

static ssize_t
tls_read(struct server *server, void *data, size_t size)
{
	return tls_result(server, SSL_read(server->ssl, data, size > INT32_MAX ? INT32_MAX : (int)size));
}

static ssize_t
tls_write(struct server *server, const void *data, size_t size)
{
	return tls_result(server, SSL_write(server->ssl, data, size > INT32_MAX ? INT32_MAX : (int)size));
}

static const struct server_transport transport_plain = { plain_read, plain_write };
static const struct server_transport transport_tls = { tls_read, tls_write };

/* ---- steps ---- */

static void
connect_fail(struct server *server, const char *why)
{
	struct pool *pool = server->pool;
	char text[sizeof(pool->failure)];

	(void)strlcpy(text, why == NULL || why[0] == '\0' ? "no answer" : why, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	server_close(server);
	pool_connect_failed(pool, text);
}

static void
connect_finish(struct server *server)
{
	struct error e;
	int fd = PQsocket(server->conn);

	loop_watch_delete(&server->watch);
	server->ssl = PQsslStruct(server->conn, "OpenSSL");
	server->transport = server->ssl != NULL ? &transport_tls : &transport_plain;
	if (server->ssl != NULL)
		SSL_set_mode(server->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	server->cancel = PQgetCancel(server->conn);
	/* PQfinish must not wait for a server that does not read. */
	if (server->cancel == NULL || PQsetnonblocking(server->conn, 1) == -1 ||
	    loop_watch_add(server->pool->loop, &server->watch, fd, EPOLLIN, server_ready, server, &e) == -1) {
		connect_fail(server, "out of memory");
		return;
	}
	for (size_t i = 0; i < sizeof(parameter_names) / sizeof(parameter_names[0]); i++) {
		const char *value = PQparameterStatus(server->conn, parameter_names[i]);

		if (value != NULL)
			server_parameter_set(server, parameter_names[i], value);
	}
	server->status = 'I';
	server->applied = settings_reference(server->pool->settings.empty);
	server_move(server, server->is_listener ? SERVER_LISTENING : SERVER_IDLE);
	pool_connected(server->pool);
	if (server->is_listener)
		listener_connected(server);
}

static void connect_ready(struct loop_watch *watch, uint32_t events);

static void
connect_step(struct server *server)
{
	PostgresPollingStatusType wanted = PQconnectPoll(server->conn);
	uint32_t events = wanted == PGRES_POLLING_WRITING ? EPOLLOUT : EPOLLIN;
	struct error e;
	int fd;

	if (wanted == PGRES_POLLING_OK) {
		connect_finish(server);
		return;
	}
	/* libpq may have gone on to another socket. */
	loop_watch_delete(&server->watch);
	fd = PQsocket(server->conn);
	if (wanted == PGRES_POLLING_FAILED || fd < 0)
		connect_fail(server, PQerrorMessage(server->conn));
	else if (loop_watch_add(server->pool->loop, &server->watch, fd, events, connect_ready, server, &e) == -1)
		connect_fail(server, e.text);
}

static void
connect_ready(struct loop_watch *watch, uint32_t events)
{
	struct server *server = watch->arg;
	struct pool *pool = server->pool;

	(void)events;
	connect_step(server);
	pool_settle(pool);
}

static void
ignore_notice(void *arg, const char *message)
{
	(void)arg;
	(void)message;
}

static bool
is_name(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return host[0] != '/' && inet_pton(AF_INET, host, address) != 1 && inet_pton(AF_INET6, host, address) != 1;
}

static const char *
parameter_find(const char *const *keywords, const char *const *values, const char *keyword)
{
	for (unsigned i = 0; keywords[i] != NULL; i++)
		if (strcmp(keywords[i], keyword) == 0)
			return values[i];
	return NULL;
}

static void
connect_start(struct server *server)
{
	const char *keywords[STORE_PARAMETERS_MAX + 1], *values[STORE_PARAMETERS_MAX + 1], *host;
	struct error e;
	unsigned n = 0;

	if (store_parameters(server->pool->store, server->role, keywords, values) == -1) {
		connect_fail(server, "the server is not available");
		return;
	}
	server->side = store_side(server->pool->store);
	host = parameter_find(keywords, values, "host");
	if (!server->was_resolved && host != NULL && is_name(host)) {
		if (helper_resolve(server->pool->helper, server, host) == -1)
			connect_fail(server, "out of memory");
		return;
	}
	if (server->was_resolved) {
		while (keywords[n] != NULL)
			n++;
		keywords[n] = "hostaddr";
		values[n++] = server->host_address;
		keywords[n] = values[n] = NULL;
	}
	server_move(server, SERVER_CONNECTING);
	if ((server->conn = PQconnectStartParams(keywords, values, 0)) == NULL ||
	    PQstatus(server->conn) == CONNECTION_BAD || PQsocket(server->conn) < 0) {
		connect_fail(server, server->conn == NULL ? "out of memory" : PQerrorMessage(server->conn));
		return;
	}
	(void)PQsetNoticeProcessor(server->conn, ignore_notice, NULL);
	if (loop_watch_add(server->pool->loop, &server->watch, PQsocket(server->conn), EPOLLOUT, connect_ready, server, &e) ==
	    -1)
		connect_fail(server, e.text);
}

void
server_resolved(struct server *server, const char *address)
{
	if (server->state != SERVER_RESOLVING)
		return;
	if (address == NULL) {
		connect_fail(server, "the name of the server's host is not known");
		return;
	}
	(void)strlcpy(server->host_address, address, sizeof(server->host_address));
	server->was_resolved = true;
	connect_start(server);
}

static unsigned
free_slot(const struct pool *pool)
{
	unsigned slot = 0;

	while (pool->servers[slot] != NULL)
		slot++;
	return slot;
}

static struct server *
server_new(struct pool *pool, enum role role)
{
	struct server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return NULL;
	server->pool = pool;
	server->role = role;
	server->watch.fd = -1;
	server->state = SERVER_CLOSED;
	server->slot = free_slot(pool);
	server->serial = ++pool->next_server;
	server->logins = pool->logins;
	server->sequence_owner = SERVER_NOBODY;
	cache_open(&server->cache);
	pool->servers[server->slot] = server;
	return server;
}

struct server *
server_connect(struct pool *pool, enum role role)
{
	struct server *server = server_new(pool, role);

	if (server == NULL)
		return NULL;
	pool->nservers++;
	server_move(server, SERVER_RESOLVING);
	connect_start(server);
	return server;
}

struct server *
server_connect_listener(struct pool *pool)
{
	struct server *server = server_new(pool, ROLE_QUERY);

	if (server == NULL)
		return NULL;
	server->is_listener = true;
	pool->listener.server = server;
	server_move(server, SERVER_RESOLVING);
	connect_start(server);
	return pool->listener.server;
}
