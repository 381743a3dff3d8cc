#include "workers/sqlite/audit.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/sqlite/connection.h"
#include "workers/sqlite/session.h"

struct audit_entry {
	STAILQ_ENTRY(audit_entry) entry;
	int64_t time_us;
	uid_t uid;
	pid_t pid;
	enum role role;
	const char *kind;
	char *statement;
	char result[16];
};

/* The statement as kept is for people: longer ones are cut. */
#define AUDIT_STATEMENT_MAX 4096

int
audit_open(struct audit *audit)
{
	*audit = (struct audit) { .lost = 0 };
	STAILQ_INIT(&audit->queue);
	return pthread_mutex_init(&audit->lock, NULL) == 0 ? 0 : -1;
}

static void
audit_entry_free(struct audit_entry *entry)
{
	free(entry->statement);
	free(entry);
}

/* Refused attempts cost the attacker less than us: so many a second are kept. With the lock held. */
static bool
audit_is_over_rate(struct audit *audit, const char *kind)
{
	int64_t second = clock_now_ms() / 1000;

	if (strcmp(kind, "refused") != 0)
		return false;
	if (second != audit->second) {
		audit->second = second;
		audit->refused = 0;
	}
	return ++audit->refused > AUDIT_REFUSED_PER_SECOND;
}

void
audit_add(struct audit *audit, const struct session *session, const char *kind, const char *statement, const char *result)
{
	struct audit_entry *entry = calloc(1, sizeof(*entry));
	bool kept = false;

	if (entry == NULL || (entry->statement = strndup(statement == NULL ? "" : statement, AUDIT_STATEMENT_MAX)) == NULL) {
		free(entry);
		log_error("out of memory: an audit entry was lost");
		return;
	}
	entry->time_us = clock_realtime_us();
	entry->uid = session->peer.uid;
	entry->pid = session->peer.pid;
	entry->role = session->role;
	entry->kind = kind;
	(void)sqlite3_snprintf((int)sizeof(entry->result), entry->result, "%s", result);
	pthread_mutex_lock(&audit->lock);
	if (!audit_is_over_rate(audit, kind) && atomic_load(&audit->pending) < AUDIT_QUEUE_MAX) {
		STAILQ_INSERT_TAIL(&audit->queue, entry, entry);
		atomic_fetch_add(&audit->pending, 1);
		kept = true;
	} else
		audit->lost++;
	pthread_mutex_unlock(&audit->lock);
	if (!kept)
		audit_entry_free(entry);
}

static int
audit_insert(sqlite3_stmt *stmt, const struct audit_entry *entry)
{
	int code;

	(void)connection_bind_time(stmt, 1, entry->time_us);
	sqlite3_bind_int64(stmt, 2, (sqlite3_int64)entry->uid);
	sqlite3_bind_int64(stmt, 3, (sqlite3_int64)entry->pid);
	sqlite3_bind_text(stmt, 4, entry->role < ROLES ? role_names[entry->role] : "", -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 5, entry->kind, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 6, entry->statement, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(stmt, 7, entry->result, -1, SQLITE_TRANSIENT);
	code = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? 0 : -1;
}

static int
audit_write(struct connection *connection, struct audit_queue *queue)
{
	static const char sql[] = "INSERT INTO bibd_audit(at, uid, pid, role, kind, statement, result) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
	struct audit_entry *entry;
	sqlite3_stmt *stmt = NULL;
	int result = 0;

	connection_drop_snapshot(connection);
	if (connection_run(connection, COMMAND_BEGIN_IMMEDIATE) != SQLITE_OK)
		return -1;
	if (sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		result = -1;
	STAILQ_FOREACH(entry, queue, entry)
		if (result == 0)
			result = audit_insert(stmt, entry);
	sqlite3_finalize(stmt);
	if (result == 0 && connection_run(connection, COMMAND_COMMIT) == SQLITE_OK)
		return 0;
	if (connection_in_transaction(connection))
		(void)connection_run(connection, COMMAND_ROLLBACK);
	return -1;
}

void
audit_flush(struct audit *audit, struct connection *connection)
{
	struct audit_queue taken = STAILQ_HEAD_INITIALIZER(taken);
	struct session *session = connection->session;
	struct audit_entry *entry;
	unsigned n = 0, lost;
	int result;

	if (atomic_load_explicit(&audit->pending, memory_order_relaxed) == 0 || connection_in_transaction(connection))
		return;
	pthread_mutex_lock(&audit->lock);
	STAILQ_CONCAT(&taken, &audit->queue);
	pthread_mutex_unlock(&audit->lock);
	/* Not the client's statement: its cancel and its deadline do not end this. */
	connection->session = NULL;
	connection->context.internal = true;
	result = audit_write(connection, &taken);
	if (result == 0 && session != NULL)
		atomic_fetch_add(&session->server->store.commits, 1);
	connection->context.internal = false;
	connection->session = session;
	if (result == -1) {
		pthread_mutex_lock(&audit->lock);
		STAILQ_CONCAT(&taken, &audit->queue);
		STAILQ_CONCAT(&audit->queue, &taken);
		pthread_mutex_unlock(&audit->lock);
		return;
	}
	pthread_mutex_lock(&audit->lock);
	lost = audit->lost;
	audit->lost = 0;
	pthread_mutex_unlock(&audit->lock);
	if (lost > 0)
		log_warning("%u more attempts were refused than the audit keeps", lost);
	while ((entry = STAILQ_FIRST(&taken)) != NULL) {
		STAILQ_REMOVE_HEAD(&taken, entry);
		audit_entry_free(entry);
		n++;
	}
	atomic_fetch_sub(&audit->pending, n);
}
