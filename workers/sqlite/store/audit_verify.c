/* Reads the whole audit trail for `bibctl audit verify`, in a thread of its own and from one snapshot. */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memfd.h"
#include "workers/sqlite/pool/mailbox.h"
#include "workers/sqlite/store/audit.h"
#include "workers/sqlite/store/store.h"
#include "workers/worker.h"

/* Verify only the signatures of the newest so many heads: a signed head vouches for every earlier row. */
#define VERIFY_HEADS_MAX 1000

static const char *
verify_column(sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
}

static int
verify_rows(struct connection *connection, struct trail_verifier *verifier)
{
	static const char sql[] =
	    "SELECT a.id, a.position, a.previous, a.hash, h.hash, a.at, a.uid, a.pid, a.role, a.kind, "
	    "a.statement, a.result, a.source FROM bibd_audit a LEFT JOIN bibd_audit_head h ON h.position = a.position "
	    "ORDER BY a.id";
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL);
	bool whole = true;

	while (whole && (code == SQLITE_OK || code == SQLITE_ROW) && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct trail_row row = { .id = sqlite3_column_int64(stmt, 0),
			.position = sqlite3_column_int64(stmt, 1),
			.previous = verify_column(stmt, 2),
			.hash = verify_column(stmt, 3),
			.head_hash = verify_column(stmt, 4) };

		for (int i = 0; i < TRAIL_FIELDS; i++)
			row.fields[i] = verify_column(stmt, 5 + i);
		whole = trail_verify_row(verifier, &row);
	}
	sqlite3_finalize(stmt);
	return code == SQLITE_DONE || !whole ? 0 : -1;
}

/* The last heads, oldest first, as keeper reads them; the last of all is held against the rows. */
static int
verify_heads(struct connection *connection, struct trail_verifier *verifier, FILE *out)
{
	static const char sql[] = "SELECT position, hash, at, key, signature FROM (SELECT * FROM bibd_audit_head "
				  "ORDER BY position DESC LIMIT ?1) ORDER BY position";
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL);

	if (code == SQLITE_OK)
		sqlite3_bind_int(stmt, 1, VERIFY_HEADS_MAX);
	while ((code == SQLITE_OK || code == SQLITE_ROW) && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		(void)fprintf(out, "%s\t%s\t%s\t%s\t%s\n", verify_column(stmt, 0), verify_column(stmt, 1),
		    verify_column(stmt, 2), verify_column(stmt, 3), verify_column(stmt, 4));
		if (!trail_verify_head(verifier, sqlite3_column_int64(stmt, 0)))
			break;
	}
	sqlite3_finalize(stmt);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : -1;
}

static void
verify_read(struct audit *audit, struct connection *connection, struct audit_check *check)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int result = out == NULL || connection_run(connection, COMMAND_BEGIN) != SQLITE_OK ? -1 : 0;

	trail_verify_begin(&check->verifier, audit->worker->node_id, &check->witness);
	if (result == 0)
		result = verify_rows(connection, &check->verifier);
	if (result == 0 && check->verifier.verdict.why[0] == '\0' && trail_verify_end(&check->verifier))
		result = verify_heads(connection, &check->verifier, out);
	if (result == -1)
		(void)error_set(&check->failure, STATUS_IO, "audit.read", "the audit trail cannot be read: %s",
		    sqlite3_errmsg(connection->db));
	if (connection_in_transaction(connection))
		(void)connection_run(connection, COMMAND_COMMIT);
	if (out != NULL && (fclose(out) != 0 || text == NULL))
		(void)error_set_errno(&check->failure, STATUS_OS, "audit.memory", "the audit trail cannot be checked");
	else if (check->failure.text[0] == '\0')
		check->heads_fd = memfd_create_sealed("bibd-audit-heads", text, size, &check->failure);
	free(text);
}

static void *
verify_thread(void *arg)
{
	struct audit *audit = arg;
	struct connection *connection;
	/* The loop's thread looks at it when it is whole only. */
	struct audit_check found = { .heads_fd = -1, .witness = audit->check.witness };

	if ((connection = store_open_connection(audit->store, &found.failure)) != NULL) {
		connection->context.internal = true;
		verify_read(audit, connection, &found);
		connection_close(connection);
	}
	pthread_mutex_lock(&audit->lock);
	audit->check.verifier = found.verifier;
	audit->check.failure = found.failure;
	audit->check.heads_fd = found.heads_fd;
	audit->check.read = true;
	pthread_mutex_unlock(&audit->lock);
	mailbox_wake(audit->mailbox);
	return NULL;
}

int
audit_verify_start(struct audit *audit, struct error *e)
{
	pthread_t thread;

	audit->check.failure.text[0] = '\0';
	if ((errno = pthread_create(&thread, NULL, verify_thread, audit)) != 0)
		return error_set_errno(e, STATUS_OS, "audit.thread", "cannot read the audit trail");
	(void)pthread_detach(thread);
	return 0;
}
