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
#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

/* What a server may report; libpq can be asked only by name. */
static const char *const parameter_names[] = { "application_name", "client_encoding", "DateStyle",
	"default_transaction_read_only", "in_hot_standby", "integer_datetimes", "IntervalStyle", "is_superuser",
	"scram_iterations", "search_path", "server_encoding", "server_version", "session_authorization",
	"standard_conforming_strings", "TimeZone" };

/* ---- transports ---- */

static ssize_t
plain_read(struct backend *backend, void *data, size_t size)
{
	return recv(backend->watch.fd, data, size, MSG_DONTWAIT);
}

static ssize_t
plain_write(struct backend *backend, const void *data, size_t size)
{
	return send(backend->watch.fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Turns OpenSSL's results for "later" and "end" into those of read(2). */
static ssize_t
tls_result(struct backend *backend, int result)
{
	int code;

	if (result > 0)
		return result;
	code = SSL_get_error(backend->ssl, result);
	if (code == SSL_ERROR_ZERO_RETURN)
		return 0;
	errno = code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
	return -1;
}

static ssize_t
tls_read(struct backend *backend, void *data, size_t size)
{
	return tls_result(backend, SSL_read(backend->ssl, data, size > INT32_MAX ? INT32_MAX : (int)size));
}

static ssize_t
tls_write(struct backend *backend, const void *data, size_t size)
{
	return tls_result(backend, SSL_write(backend->ssl, data, size > INT32_MAX ? INT32_MAX : (int)size));
}

static const struct backend_transport transport_plain = { plain_read, plain_write };
static const struct backend_transport transport_tls = { tls_read, tls_write };

/* ---- steps ---- */

static void
connect_fail(struct backend *backend, const char *why)
{
	struct pg_pool *pool = backend->pool;
	char text[sizeof(pool->failure)];

	(void)strlcpy(text, why == NULL || why[0] == '\0' ? "no answer" : why, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	backend_close(backend);
	pg_pool_connect_failed(pool, text);
}

static void
connect_finish(struct backend *backend)
{
	struct error e;
	int fd = PQsocket(backend->conn);

	loop_watch_delete(&backend->watch);
	backend->ssl = PQsslStruct(backend->conn, "OpenSSL");
	backend->transport = backend->ssl != NULL ? &transport_tls : &transport_plain;
	if (backend->ssl != NULL)
		SSL_set_mode(backend->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	backend->cancel = PQgetCancel(backend->conn);
	/* PQfinish must not wait for a server that does not read. */
	if (backend->cancel == NULL || PQsetnonblocking(backend->conn, 1) == -1 ||
	    loop_watch_add(backend->pool->loop, &backend->watch, fd, EPOLLIN, backend_ready, backend, &e) == -1) {
		connect_fail(backend, "out of memory");
		return;
	}
	for (size_t i = 0; i < sizeof(parameter_names) / sizeof(parameter_names[0]); i++) {
		const char *value = PQparameterStatus(backend->conn, parameter_names[i]);

		if (value != NULL)
			backend_parameter_set(backend, parameter_names[i], value);
	}
	backend->status = 'I';
	backend->applied = pg_settings_reference(backend->pool->settings.empty);
	backend_move(backend, backend->is_listener ? BACKEND_LISTENING : BACKEND_IDLE);
	pg_pool_connected(backend->pool);
	if (backend->is_listener)
		listener_connected(backend);
}

static void connect_ready(struct loop_watch *watch, uint32_t events);

static void
connect_step(struct backend *backend)
{
	PostgresPollingStatusType wanted = PQconnectPoll(backend->conn);
	uint32_t events = wanted == PGRES_POLLING_WRITING ? EPOLLOUT : EPOLLIN;
	struct error e;
	int fd;

	if (wanted == PGRES_POLLING_OK) {
		connect_finish(backend);
		return;
	}
	/* libpq may have gone on to another socket. */
	loop_watch_delete(&backend->watch);
	fd = PQsocket(backend->conn);
	if (wanted == PGRES_POLLING_FAILED || fd < 0)
		connect_fail(backend, PQerrorMessage(backend->conn));
	else if (loop_watch_add(backend->pool->loop, &backend->watch, fd, events, connect_ready, backend, &e) == -1)
		connect_fail(backend, e.text);
}

static void
connect_ready(struct loop_watch *watch, uint32_t events)
{
	struct backend *backend = watch->arg;
	struct pg_pool *pool = backend->pool;

	(void)events;
	connect_step(backend);
	pg_pool_settle(pool);
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
connect_start(struct backend *backend)
{
	const char *keywords[STORE_PARAMETERS_MAX + 1], *values[STORE_PARAMETERS_MAX + 1], *host;
	struct error e;
	unsigned n = 0;

	if (pg_store_parameters(backend->pool->store, backend->role, keywords, values) == -1) {
		connect_fail(backend, "the server is not available");
		return;
	}
	backend->side = pg_store_side(backend->pool->store);
	host = parameter_find(keywords, values, "host");
	if (!backend->was_resolved && host != NULL && is_name(host)) {
		if (helper_resolve(backend->pool->helper, backend, host) == -1)
			connect_fail(backend, "out of memory");
		return;
	}
	if (backend->was_resolved) {
		while (keywords[n] != NULL)
			n++;
		keywords[n] = "hostaddr";
		values[n++] = backend->host_address;
		keywords[n] = values[n] = NULL;
	}
	backend_move(backend, BACKEND_CONNECTING);
	if ((backend->conn = PQconnectStartParams(keywords, values, 0)) == NULL ||
	    PQstatus(backend->conn) == CONNECTION_BAD || PQsocket(backend->conn) < 0) {
		connect_fail(backend, backend->conn == NULL ? "out of memory" : PQerrorMessage(backend->conn));
		return;
	}
	(void)PQsetNoticeProcessor(backend->conn, ignore_notice, NULL);
	if (loop_watch_add(backend->pool->loop, &backend->watch, PQsocket(backend->conn), EPOLLOUT, connect_ready,
		backend, &e) == -1)
		connect_fail(backend, e.text);
}

void
backend_resolved(struct backend *backend, const char *address)
{
	if (backend->state != BACKEND_RESOLVING)
		return;
	if (address == NULL) {
		connect_fail(backend, "the name of the server's host is not known");
		return;
	}
	(void)strlcpy(backend->host_address, address, sizeof(backend->host_address));
	backend->was_resolved = true;
	connect_start(backend);
}

static unsigned
free_slot(const struct pg_pool *pool)
{
	unsigned slot = 0;

	while (pool->backends[slot] != NULL)
		slot++;
	return slot;
}

static struct backend *
backend_new(struct pg_pool *pool, enum role role)
{
	struct backend *backend = calloc(1, sizeof(*backend));

	if (backend == NULL)
		return NULL;
	backend->pool = pool;
	backend->role = role;
	backend->watch.fd = -1;
	backend->state = BACKEND_CLOSED;
	backend->slot = free_slot(pool);
	backend->serial = ++pool->next_server;
	backend->logins = pool->logins;
	backend->sequence_owner = BACKEND_NOBODY;
	cache_open(&backend->cache);
	pool->backends[backend->slot] = backend;
	return backend;
}

struct backend *
backend_connect(struct pg_pool *pool, enum role role)
{
	struct backend *backend = backend_new(pool, role);

	if (backend == NULL)
		return NULL;
	pool->nservers++;
	backend_move(backend, BACKEND_RESOLVING);
	connect_start(backend);
	return backend;
}

struct backend *
backend_connect_listener(struct pg_pool *pool)
{
	struct backend *backend = backend_new(pool, ROLE_QUERY);

	if (backend == NULL)
		return NULL;
	backend->is_listener = true;
	pool->listener.backend = backend;
	backend_move(backend, BACKEND_RESOLVING);
	connect_start(backend);
	return pool->listener.backend;
}
