/*
 * Opens store and pool for the sessions, gives threads the configuration in force, and ends a stop.
 */
#include "workers/sqlite/session/sqlite.h"

#include <stdlib.h>
#include <unistd.h>

#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/session/session.h"

struct sqlite_conf *
sqlite_conf_get(struct sqlite *sqlite)
{
	struct sqlite_conf *conf;

	pthread_mutex_lock(&sqlite->lock);
	conf = sqlite->conf;
	atomic_fetch_add(&conf->references, 1);
	pthread_mutex_unlock(&sqlite->lock);
	return conf;
}

void
sqlite_conf_release(struct sqlite_conf *conf)
{
	if (conf == NULL || atomic_fetch_sub(&conf->references, 1) != 1)
		return;
	conf_free(conf->conf);
	free(conf);
}

int
sqlite_set_conf(struct sqlite *sqlite, const struct conf *conf, struct error *e)
{
	struct sqlite_conf *next = calloc(1, sizeof(*next)), *last;
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
	pthread_mutex_lock(&sqlite->lock);
	last = sqlite->conf;
	sqlite->conf = next;
	pthread_mutex_unlock(&sqlite->lock);
	sqlite_conf_release(last);
	memory_set_limit(conf->database.sqlite.memory_mb << 20);
	atomic_store(&sqlite->repository_wait, conf->backup.wait == CONF_WAIT_REPOSITORY);
	return 0;
}

unsigned
sqlite_count_sessions(struct sqlite *sqlite)
{
	unsigned n;

	pthread_mutex_lock(&sqlite->lock);
	n = sqlite->nsessions;
	pthread_mutex_unlock(&sqlite->lock);
	return n;
}

void
sqlite_finish_stop(struct sqlite *sqlite)
{
	if (sqlite->stopped)
		return;
	sqlite->stopped = true;
	loop_timer_cancel(&sqlite->stop_timer);
	audit_finish(&sqlite->audit);
}

/* ---- for the pool ---- */

static struct connection *
sqlite_open_connection(void *arg, struct error *e)
{
	struct sqlite *sqlite = arg;

	return store_open_connection(&sqlite->store, e);
}

static struct pool_task *
sqlite_accept(void *arg, int fd)
{
	struct session *session = session_accept(arg, fd, NULL);

	return session == NULL ? NULL : &session->task;
}

static void
sqlite_run(struct pool_task *task, uint32_t events)
{
	session_run(session_of_task(task), events);
}

static void
sqlite_write_audit(void *arg)
{
	struct sqlite *sqlite = arg;

	audit_write_now(&sqlite->audit);
}

const struct pool_calls sqlite_pool_calls = {
	.open = sqlite_open_connection,
	.accept = sqlite_accept,
	.run = sqlite_run,
	.write_audit = sqlite_write_audit,
};

int
sqlite_open(struct sqlite *sqlite, struct worker *worker, struct error *e)
{
	sqlite->worker = worker;
	sqlite->listen_fd = -1;
	LIST_INIT(&sqlite->sessions);
	LIST_INIT(&sqlite->ended);
	atomic_store(&sqlite->operational, worker->operational);
	if (pthread_mutex_init(&sqlite->lock, NULL) != 0 || mailbox_open(&sqlite->mailbox) == -1 ||
	    audit_open(&sqlite->audit, worker, &sqlite->store, &sqlite->pool, &sqlite->mailbox, &sqlite->stopping) ==
		-1 ||
	    admission_open(&sqlite->admission, e) == -1 || advisory_open(&sqlite->advisory) == -1 ||
	    notify_hub_open(&sqlite->notify) == -1)
		return error_set_errno(e, STATUS_OS, "server.start", "cannot start");
	if (sqlite_set_conf(sqlite, worker->conf, e) == -1)
		return -1;
	store_init(&sqlite->store, worker, &sqlite->pool, &sqlite->audit, &sqlite->mailbox);
	sqlite->store.file.sessions = activity_sessions(sqlite);
	sqlite->store.script = sqlite_run_script;
	sqlite->store.script_arg = sqlite;
	return pool_open(&sqlite->pool, &sqlite_pool_calls, sqlite, &sqlite->store.file.commit, &sqlite->mailbox,
	    (unsigned)worker->conf->database.sqlite.max_open_conns, e);
}
