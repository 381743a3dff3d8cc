/*
 * Opens store and pool for the sessions, gives threads the configuration in force, and ends a stop.
 */
#include "workers/sqlite/session/server.h"

#include <stdlib.h>
#include <unistd.h>

#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/session/session.h"

struct server_conf *
server_conf_get(struct server *server)
{
	struct server_conf *conf;

	pthread_mutex_lock(&server->lock);
	conf = server->conf;
	atomic_fetch_add(&conf->references, 1);
	pthread_mutex_unlock(&server->lock);
	return conf;
}

void
server_conf_release(struct server_conf *conf)
{
	if (conf == NULL || atomic_fetch_sub(&conf->references, 1) != 1)
		return;
	conf_free(conf->conf);
	free(conf);
}

int
server_set_conf(struct server *server, const struct conf *conf, struct error *e)
{
	struct server_conf *next = calloc(1, sizeof(*next)), *last;
	int fd = conf_send(conf, e);

	/* A copy of their own for the threads: made the way every process gets one. */
	if (next == NULL || fd == -1 || (next->conf = conf_receive(fd, e)) == NULL) {
		free(next);
		if (fd != -1)
			close(fd);
		return error_set(e, STATUS_OS, "server.conf", "cannot copy the configuration");
	}
	close(fd);
	atomic_init(&next->references, 1);
	pthread_mutex_lock(&server->lock);
	last = server->conf;
	server->conf = next;
	pthread_mutex_unlock(&server->lock);
	server_conf_release(last);
	memory_set_limit(conf->database.sqlite.memory_mb << 20);
	return 0;
}

unsigned
server_count_sessions(struct server *server)
{
	unsigned n;

	pthread_mutex_lock(&server->lock);
	n = server->nsessions;
	pthread_mutex_unlock(&server->lock);
	return n;
}

void
server_finish_stop(struct server *server)
{
	if (server->stopped)
		return;
	server->stopped = true;
	loop_timer_cancel(&server->stop_timer);
	audit_finish(&server->audit);
}

/* ---- for the pool ---- */

static struct connection *
server_open_connection(void *arg, struct error *e)
{
	struct server *server = arg;

	return store_open_connection(&server->store, e);
}

static void
server_accept(void *arg, int fd)
{
	session_accept(arg, fd, NULL);
}

static void
server_run(struct pool_task *task, uint32_t events)
{
	session_run(session_of_task(task), events);
}

static void
server_write_audit(void *arg)
{
	struct server *server = arg;

	audit_write_now(&server->audit);
}

const struct pool_calls server_pool_calls = {
	.open = server_open_connection,
	.accept = server_accept,
	.run = server_run,
	.write_audit = server_write_audit,
};

int
server_open(struct server *server, struct worker *worker, struct error *e)
{
	server->worker = worker;
	server->listen_fd = -1;
	LIST_INIT(&server->sessions);
	LIST_INIT(&server->ended);
	atomic_store(&server->operational, worker->operational);
	if (pthread_mutex_init(&server->lock, NULL) != 0 || mailbox_open(&server->mailbox) == -1 ||
	    audit_open(&server->audit, worker, &server->store, &server->pool, &server->mailbox, &server->stopping) == -1 ||
	    admission_open(&server->admission, e) == -1)
		return error_set_errno(e, STATUS_OS, "server.start", "cannot start");
	if (server_set_conf(server, worker->conf, e) == -1)
		return -1;
	store_init(&server->store, worker, &server->pool, &server->audit, &server->mailbox);
	server->store.file.sessions = activity_sessions(server);
	return pool_open(&server->pool, &server_pool_calls, server, &server->mailbox,
	    (unsigned)worker->conf->database.sqlite.max_open_conns, e);
}
