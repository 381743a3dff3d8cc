/*
 * Puts entries into the queue, writes those that wait to bibd_audit with their hashes, and finds the end of the chain
 * at a start.
 */
#include "workers/sqlite/store/audit.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/process.h"
#include "workers/sqlite/connection/connection.h"
#include "workers/sqlite/pool/mailbox.h"

int
audit_open(struct audit *audit, struct worker *worker, struct store *store, struct pool *pool, struct mailbox *mailbox,
    const atomic_bool *stopping)
{
	*audit = (struct audit) { .worker = worker,
		.store = store,
		.pool = pool,
		.mailbox = mailbox,
		.stopping = stopping,
		.check = { .heads_fd = -1 } };
	if (trail_queue_open(&audit->queue) == -1)
		return -1;
	return pthread_mutex_init(&audit->lock, NULL) == 0 ? 0 : -1;
}

void
audit_add(struct audit *audit, const struct pgwire_peer *peer, enum role role, const char *kind, const char *statement,
    const char *result)
{
	char source[PGWIRE_WHO_SIZE];
	const struct trail_event event = { .time_us = clock_realtime_us(),
		.uid = pgwire_peer_is_remote(peer) ? -1 : (int64_t)peer->uid,
		.pid = (int64_t)peer->pid,
		.role = role < ROLES ? role_names[role] : "",
		.kind = kind,
		.statement = statement,
		.result = result,
		.source = pgwire_peer_source(peer, process_name(PROCESS_SQLITE), source) };

	if (trail_queue_add(&audit->queue, &event))
		mailbox_wake(audit->mailbox);
}

/* ---- writing ---- */

static void
audit_bind_text(sqlite3_stmt *stmt, int n, const char *text)
{
	if (text == NULL)
		sqlite3_bind_null(stmt, n);
	else
		sqlite3_bind_text(stmt, n, text, -1, SQLITE_TRANSIENT);
}

static void
audit_bind_number(sqlite3_stmt *stmt, int n, int64_t number)
{
	if (number < 0)
		sqlite3_bind_null(stmt, n);
	else
		sqlite3_bind_int64(stmt, n, number);
}

static int
audit_step(sqlite3_stmt *stmt)
{
	int code = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? 0 : -1;
}

static int
audit_insert(sqlite3_stmt *stmt, const struct trail_entry *entry, struct trail_chain *chain)
{
	char previous[TRAIL_HASH_SIZE];
	struct trail_texts texts;

	trail_entry_texts(entry, &texts);
	trail_append(chain, texts.fields, previous);
	audit_bind_text(stmt, 1, texts.fields[TRAIL_AT]);
	audit_bind_number(stmt, 2, entry->uid);
	audit_bind_number(stmt, 3, entry->pid);
	for (int i = TRAIL_ROLE; i < TRAIL_FIELDS; i++)
		audit_bind_text(stmt, 4 + i - TRAIL_ROLE, texts.fields[i]);
	sqlite3_bind_int64(stmt, 9, chain->position);
	audit_bind_text(stmt, 10, previous);
	audit_bind_text(stmt, 11, chain->hash);
	return audit_step(stmt);
}

static int
audit_insert_all(struct connection *connection, const struct trail_entries *entries, struct trail_chain *chain)
{
	static const char sql[] =
	    "INSERT INTO bibd_audit(at, uid, pid, role, kind, statement, result, source, position, "
	    "previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
	const struct trail_entry *entry;
	sqlite3_stmt *stmt = NULL;
	int result = sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL) == SQLITE_OK ? 0 : -1;

	STAILQ_FOREACH(entry, entries, link)
	if (result == 0)
		result = audit_insert(stmt, entry, chain);
	sqlite3_finalize(stmt);
	return result;
}

static int
audit_insert_head(struct connection *connection, const struct audit_head *head)
{
	static const char sql[] = "INSERT OR IGNORE INTO bibd_audit_head(position, hash, at, key, signature) "
				  "VALUES (?1, ?2, ?3, ?4, ?5)";
	sqlite3_stmt *stmt = NULL;
	int result = -1;

	if (head->position == 0)
		return 0;
	if (sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(stmt, 1, head->position);
		audit_bind_text(stmt, 2, head->hash);
		audit_bind_text(stmt, 3, head->at);
		audit_bind_text(stmt, 4, head->key);
		audit_bind_text(stmt, 5, head->signature);
		result = audit_step(stmt);
	}
	sqlite3_finalize(stmt);
	return result;
}

/* Of a failure, for the event. */
#define AUDIT_WHY_SIZE 256

static int
audit_write(struct connection *connection, const struct trail_entries *entries, const struct audit_head *head,
    struct trail_chain *chain, char why[AUDIT_WHY_SIZE])
{
	connection_drop_snapshot(connection);
	if (connection_run(connection, COMMAND_BEGIN_IMMEDIATE) != SQLITE_OK) {
		(void)strlcpy(why, sqlite3_errmsg(connection->db), AUDIT_WHY_SIZE);
		return -1;
	}
	if (audit_insert_all(connection, entries, chain) == 0 && audit_insert_head(connection, head) == 0 &&
	    connection_run(connection, COMMAND_COMMIT) == SQLITE_OK)
		return 0;
	(void)strlcpy(why, sqlite3_errmsg(connection->db), AUDIT_WHY_SIZE);
	if (connection_in_transaction(connection))
		(void)connection_run(connection, COMMAND_ROLLBACK);
	return -1;
}

/* Where the table stands now; false: nothing waits, or it is not open. */
static bool
audit_take_state(struct audit *audit, struct trail_chain *chain, struct audit_head *head)
{
	bool any;

	pthread_mutex_lock(&audit->lock);
	*chain = audit->chain;
	*head = audit->head;
	any = audit->loaded &&
	    (head->position != 0 || atomic_load_explicit(&audit->queue.pending, memory_order_relaxed) > 0);
	pthread_mutex_unlock(&audit->lock);
	return any;
}

static void
audit_put_state(struct audit *audit, const struct trail_chain *chain, const struct audit_head *head)
{
	pthread_mutex_lock(&audit->lock);
	audit->chain = *chain;
	if (head->position != 0 && audit->head.position == head->position) {
		audit->signed_position = head->position;
		audit->head.position = 0;
	}
	pthread_mutex_unlock(&audit->lock);
}

/* Once when writing begins to fail, and once when it succeeds again. */
static void
audit_note_written(struct audit *audit, const char *why)
{
	unsigned waiting = atomic_load(&audit->queue.pending);

	if (atomic_exchange(&audit->failing, why != NULL) == (why != NULL))
		return;
	if (why == NULL) {
		mailbox_put(audit->mailbox, "audit.written", "the audit trail is written again");
		return;
	}
	log_error("the audit trail cannot be written: %s", why);
	mailbox_put(audit->mailbox, "audit.unwritten",
	    "the audit trail cannot be written: %s; %u entries wait, and from %u on what only admin may is refused",
	    why, waiting, (unsigned)TRAIL_QUEUE_MAX);
}

bool
audit_is_full(struct audit *audit)
{
	return atomic_load(&audit->failing) && atomic_load(&audit->queue.pending) >= TRAIL_QUEUE_MAX;
}

void
audit_flush(struct audit *audit, struct connection *connection)
{
	char why[AUDIT_WHY_SIZE] = "";
	bool (*must_stop)(void *arg) = connection->context.must_stop;
	struct trail_entries taken;
	struct trail_chain chain;
	struct audit_head head;
	int result;

	if (connection_in_transaction(connection) || !audit_take_state(audit, &chain, &head))
		return;
	trail_queue_take(&audit->queue, process_name(PROCESS_SQLITE), &taken);
	/* Not the client's statement: its cancel and its deadline do not end this. */
	connection->context.must_stop = NULL;
	connection->context.internal = true;
	result = audit_write(connection, &taken, &head, &chain, why);
	/* It is on the disk before its head is signed, which others remember. */
	commit_publish_synced(&connection->file->commit);
	if (result == 0)
		atomic_fetch_add(&connection->file->commits, 1);
	connection->context.internal = false;
	connection->context.must_stop = must_stop;
	if (result == -1) {
		trail_queue_give_back(&audit->queue, &taken);
		audit_note_written(audit, why);
		return;
	}
	audit_put_state(audit, &chain, &head);
	trail_queue_done(&audit->queue, &taken);
	audit_note_written(audit, NULL);
}

/* ---- when the store is opened ---- */

static const char *
audit_column(sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
}

/* The rows of before there was a chain become its beginning. */
static int
audit_chain_old_rows(struct connection *connection, struct trail_chain *chain)
{
	static const char select[] =
	    "SELECT id, at, uid, pid, role, kind, statement, result FROM bibd_audit ORDER BY id";
	static const char update[] = "UPDATE bibd_audit SET position = ?1, previous = ?2, hash = ?3 WHERE id = ?4";
	sqlite3_stmt *rows = NULL, *stmt = NULL;
	int code = SQLITE_ERROR, result = -1;

	if (sqlite3_prepare_v2(connection->db, select, -1, &rows, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(connection->db, update, -1, &stmt, NULL) == SQLITE_OK)
		result = 0;
	while (result == 0 && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		const char *fields[TRAIL_FIELDS] = { NULL };
		char previous[TRAIL_HASH_SIZE];

		for (int i = TRAIL_AT; i < TRAIL_SOURCE; i++)
			fields[i] = audit_column(rows, 1 + i);
		trail_append(chain, fields, previous);
		sqlite3_bind_int64(stmt, 1, chain->position);
		audit_bind_text(stmt, 2, previous);
		audit_bind_text(stmt, 3, chain->hash);
		sqlite3_bind_int64(stmt, 4, sqlite3_column_int64(rows, 0));
		result = audit_step(stmt);
	}
	sqlite3_finalize(stmt);
	sqlite3_finalize(rows);
	return result == 0 && code == SQLITE_DONE ? 0 : -1;
}

static int
audit_find_end(struct connection *connection, struct trail_chain *chain)
{
	static const char sql[] =
	    "SELECT position, hash FROM bibd_audit WHERE position IS NOT NULL AND hash IS NOT NULL "
	    "ORDER BY id DESC LIMIT 1";
	sqlite3_stmt *stmt = NULL;
	int code = SQLITE_ERROR;

	if (sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		chain->position = sqlite3_column_int64(stmt, 0);
		(void)strlcpy(chain->hash, audit_column(stmt, 1), sizeof(chain->hash));
	}
	sqlite3_finalize(stmt);
	return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : -1;
}

int
audit_load(struct audit *audit, struct connection *connection, const char *node_id, struct error *e)
{
	struct trail_chain chain;
	int found, result;

	trail_begin(&chain, node_id);
	found = result = audit_find_end(connection, &chain);
	if (found == 0 && connection_number(connection, "SELECT count(*) FROM bibd_audit", 0) > 0) {
		if ((result = connection_run(connection, COMMAND_BEGIN_IMMEDIATE) == SQLITE_OK ? 0 : -1) == 0 &&
		    (result = audit_chain_old_rows(connection, &chain)) == 0)
			result = connection_run(connection, COMMAND_COMMIT) == SQLITE_OK ? 0 : -1;
		if (connection_in_transaction(connection))
			(void)connection_run(connection, COMMAND_ROLLBACK);
	}
	if (result == -1)
		return error_set(e, STATUS_IO, "audit.load", "cannot read the audit table: %s",
		    sqlite3_errmsg(connection->db));
	pthread_mutex_lock(&audit->lock);
	audit->chain = chain;
	audit->signed_position = connection_number(connection, "SELECT max(position) FROM bibd_audit_head", 0);
	audit->loaded = true;
	pthread_mutex_unlock(&audit->lock);
	return 0;
}
