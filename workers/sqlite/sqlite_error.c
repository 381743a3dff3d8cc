/* What SQLite says, in PostgreSQL's SQLSTATEs and words. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/connection.h"

/* By result code: the extended one first, then the primary. */
static const struct {
	int code;
	enum sqlstate state;
	const char *message; /* NULL: SQLite's own */
} sqlite_codes[] = {
	{ SQLITE_BUSY_SNAPSHOT, SQLSTATE_SERIALIZATION_FAILURE, "could not serialize access due to concurrent update" },
	{ SQLITE_IOERR_NOMEM, SQLSTATE_OUT_OF_MEMORY, "out of memory" },
	{ SQLITE_BUSY, SQLSTATE_LOCK_NOT_AVAILABLE, "another process holds a lock on the database file" },
	{ SQLITE_LOCKED, SQLSTATE_OBJECT_IN_USE, "a statement of this session still uses the table" },
	{ SQLITE_INTERRUPT, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request" },
	{ SQLITE_NOMEM, SQLSTATE_OUT_OF_MEMORY, "out of memory" },
	{ SQLITE_FULL, SQLSTATE_DISK_FULL, "no space left for the database file" },
	{ SQLITE_IOERR, SQLSTATE_IO_ERROR, NULL },
	{ SQLITE_CORRUPT, SQLSTATE_DATA_CORRUPTED, "the database file is damaged" },
	{ SQLITE_NOTADB, SQLSTATE_DATA_CORRUPTED, "the database file is damaged" },
	{ SQLITE_READONLY, SQLSTATE_IO_ERROR, NULL },
	{ SQLITE_CANTOPEN, SQLSTATE_IO_ERROR, NULL },
	{ SQLITE_TOOBIG, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "string or bytea too large" },
	{ SQLITE_MISMATCH, SQLSTATE_DATATYPE_MISMATCH, NULL },
};

/* By the beginning of the message, for SQLITE_ERROR: what the translator lets through and SQLite finds. %s stands for
 * the rest of SQLite's message. */
static const struct {
	const char *prefix;
	enum sqlstate state;
	const char *message;
} sqlite_messages[] = {
	{ "no such table: ", SQLSTATE_UNDEFINED_TABLE, "relation \"%s\" does not exist" },
	{ "no such view: ", SQLSTATE_UNDEFINED_TABLE, "view \"%s\" does not exist" },
	{ "no such index: ", SQLSTATE_UNDEFINED_OBJECT, "index \"%s\" does not exist" },
	{ "no such column: ", SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" does not exist" },
	{ "no such function: ", SQLSTATE_UNDEFINED_FUNCTION, "function %s does not exist" },
	{ "wrong number of arguments to function ", SQLSTATE_UNDEFINED_FUNCTION, "wrong number of arguments: %s" },
	{ "ambiguous column name: ", SQLSTATE_AMBIGUOUS_COLUMN, "column reference \"%s\" is ambiguous" },
	{ "misuse of aggregate", SQLSTATE_GROUPING_ERROR, "misuse of an aggregate function%s" },
	{ "integer overflow", SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range%s" },
	{ "Expression tree is too large", SQLSTATE_STATEMENT_TOO_COMPLEX, "the statement is too complex%s" },
	{ "parser stack overflow", SQLSTATE_STATEMENT_TOO_COMPLEX, "the statement is too complex%s" },
	{ "too many ", SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "too many %s" },
	{ "duplicate column name: ", SQLSTATE_DUPLICATE_COLUMN, "column \"%s\" specified more than once" },
	{ "string or blob too big", SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "string or bytea too large%s" },
	{ "cannot start a transaction", SQLSTATE_ACTIVE_SQL_TRANSACTION, "a transaction is open already%s" },
};

static int
report_constraint(struct connection *connection, int code, const struct dialect_plan *plan, struct report *r)
{
	const char *message = sqlite3_errmsg(connection->db), *what = strstr(message, "failed: ");
	const char *table = plan != NULL && plan->target != NULL ? plan->target : "";
	const char *dot;
	char name[256] = "";

	what = what == NULL ? "" : what + strlen("failed: ");
	switch (code) {
	case SQLITE_CONSTRAINT_CHECK:
		(void)report_set(r, SQLSTATE_CHECK_VIOLATION, "new row for relation \"%s\" violates check constraint \"%s\"",
		    table, what);
		r->constraint = strdup(what);
		break;
	case SQLITE_CONSTRAINT_NOTNULL:
		dot = strchr(what, '.');
		(void)report_set(r, SQLSTATE_NOT_NULL_VIOLATION,
		    "null value in column \"%s\" of relation \"%.*s\" violates not-null constraint",
		    dot == NULL ? what : dot + 1, dot == NULL ? 0 : (int)(dot - what), what);
		r->column = strdup(dot == NULL ? what : dot + 1);
		r->table = dot == NULL ? NULL : strndup(what, (size_t)(dot - what));
		break;
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		constraint_unique_name(connection, what, name, sizeof(name));
		(void)report_set(r, SQLSTATE_UNIQUE_VIOLATION, "duplicate key value violates unique constraint \"%s\"", name);
		r->constraint = strdup(name);
		break;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		constraint_foreign_name(connection, table, name, sizeof(name));
		(void)report_set(r, SQLSTATE_FOREIGN_KEY_VIOLATION,
		    "insert, update or delete on table \"%s\" violates foreign key constraint \"%s\"", table, name);
		r->constraint = strdup(name);
		break;
	default:
		return report_set(r, SQLSTATE_INTEGRITY_CONSTRAINT_VIOLATION, "%s", message);
	}
	if (r->table == NULL && table[0] != '\0')
		r->table = strdup(table);
	r->schema = strdup("public");
	return -1;
}

static int
report_denied(struct connection *connection, struct report *r)
{
	const char *name = connection->denied == NULL ? "" : connection->denied;

	connection->denied = NULL;
	return report_set(r, SQLSTATE_INSUFFICIENT_PRIVILEGE, "permission denied for %s as role %s",
	    name[0] == '\0' ? "this statement" : name, role_names[connection->context.role]);
}

/* SQLITE_ERROR with a message of its own: the table's wording, or SQLite's under 42601 and XX000. */
static int
report_message(const char *message, struct report *r)
{
	for (size_t i = 0; i < sizeof(sqlite_messages) / sizeof(sqlite_messages[0]); i++) {
		size_t n = strlen(sqlite_messages[i].prefix);
		const char *fmt = sqlite_messages[i].message, *mark = strstr(fmt, "%s");

		if (strncmp(message, sqlite_messages[i].prefix, n) == 0)
			return report_set(r, sqlite_messages[i].state, "%.*s%s%s", (int)(mark - fmt), fmt,
			    message + n, mark + 2);
	}
	return report_set(r, strstr(message, "syntax error") != NULL ? SQLSTATE_SYNTAX_ERROR : SQLSTATE_INTERNAL_ERROR, "%s",
	    message);
}

int
connection_report(struct connection *connection, int code, const struct dialect_plan *plan, struct report *r)
{
	int primary = code & 0xff;

	if (connection->context.report.state != SQLSTATE_SUCCESSFUL_COMPLETION) {
		report_move(r, &connection->context.report);
		return -1;
	}
	if (primary == SQLITE_CONSTRAINT)
		return report_constraint(connection, code, plan, r);
	if (primary == SQLITE_AUTH)
		return report_denied(connection, r);
	if (primary == SQLITE_ERROR)
		return report_message(sqlite3_errmsg(connection->db), r);
	/* A write or a grown shared-memory file that met a full disk (errno of the failed call). */
	if (primary == SQLITE_IOERR && (sqlite3_system_errno(connection->db) == ENOSPC ||
	    sqlite3_system_errno(connection->db) == EDQUOT))
		primary = code = SQLITE_FULL;
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < sizeof(sqlite_codes) / sizeof(sqlite_codes[0]); i++)
			if (sqlite_codes[i].code == (pass == 0 ? code : primary))
				return report_set(r, sqlite_codes[i].state, "%s",
				    sqlite_codes[i].message != NULL ? sqlite_codes[i].message
								    : sqlite3_errmsg(connection->db));
	return report_set(r, SQLSTATE_INTERNAL_ERROR, "%s", sqlite3_errmsg(connection->db));
}
