/* What SQLite says, in PostgreSQL's SQLSTATEs and words. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "workers/sqlite/connection/connection.h"
#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/names.h"

/* By result code: the extended one first, then the primary. */
static const struct {
	int code;
	enum sqlstate state;
	const char *message;
} sqlite_codes[] = {
	{ SQLITE_BUSY_SNAPSHOT, SQLSTATE_SERIALIZATION_FAILURE, "could not serialize access due to concurrent update" },
	{ SQLITE_IOERR_NOMEM, SQLSTATE_OUT_OF_MEMORY, "out of memory" },
	{ SQLITE_BUSY, SQLSTATE_LOCK_NOT_AVAILABLE, "another process holds a lock on the database file" },
	{ SQLITE_LOCKED, SQLSTATE_OBJECT_IN_USE, "a statement of this session still uses the table" },
	{ SQLITE_INTERRUPT, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request" },
	{ SQLITE_NOMEM, SQLSTATE_OUT_OF_MEMORY, "out of memory" },
	{ SQLITE_FULL, SQLSTATE_DISK_FULL, "no space left for the database file" },
	{ SQLITE_IOERR, SQLSTATE_IO_ERROR, "the database file could not be read or written" },
	{ SQLITE_CORRUPT, SQLSTATE_DATA_CORRUPTED, "the database file is damaged" },
	{ SQLITE_NOTADB, SQLSTATE_DATA_CORRUPTED, "the database file is damaged" },
	{ SQLITE_READONLY, SQLSTATE_IO_ERROR, "the database file may not be written" },
	{ SQLITE_CANTOPEN, SQLSTATE_IO_ERROR, "a file of the database could not be opened" },
	{ SQLITE_TOOBIG, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "string or bytea too large" },
	{ SQLITE_MISMATCH, SQLSTATE_DATATYPE_MISMATCH, "a key is no integer" },
};

/* By the beginning of the message (or, with a * before it, by what is somewhere in it), for SQLITE_ERROR: what the
 * translator lets through and SQLite finds. %s stands for the rest of SQLite's message, and is left out where that is
 * SQLite's own wording. */
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
	{ "misuse of aliased aggregate", SQLSTATE_GROUPING_ERROR, "aggregate functions are not allowed here" },
	{ "misuse of window function ", SQLSTATE_WINDOWING_ERROR, "window functions are not allowed here: %s" },
	{ "misuse of aliased window function ", SQLSTATE_WINDOWING_ERROR, "window functions are not allowed here: %s" },
	{ "ON CONFLICT clause does not match", SQLSTATE_INVALID_COLUMN_REFERENCE,
	    "there is no unique or exclusion constraint matching the ON CONFLICT specification" },
	{ "multiple references to recursive table: ", SQLSTATE_INVALID_RECURSION,
	    "recursive reference to query \"%s\" must not appear more than once" },
	{ "multiple recursive references: ", SQLSTATE_INVALID_RECURSION,
	    "recursive reference to query \"%s\" must not appear more than once" },
	{ "recursive reference in a subquery: ", SQLSTATE_INVALID_RECURSION,
	    "recursive reference to query \"%s\" must not appear within a subquery" },
	{ "recursive aggregate queries not supported", SQLSTATE_INVALID_RECURSION,
	    "aggregate functions are not allowed in a recursive query's recursive term" },
	{ "circular reference: ", SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "a recursive query \"%s\" that refers to itself within another query is not supported on SQLite" },
	{ "cannot use window functions in recursive queries", SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "a window function in a recursive query is not supported on SQLite" },
	{ "frame starting offset must be", SQLSTATE_INVALID_PRECEDING_OR_FOLLOWING_SIZE,
	    "frame starting offset must not be negative" },
	{ "frame ending offset must be", SQLSTATE_INVALID_PRECEDING_OR_FOLLOWING_SIZE,
	    "frame ending offset must not be negative" },
	{ "argument of ntile must be", SQLSTATE_INVALID_ARGUMENT_FOR_NTILE,
	    "argument of ntile must be greater than zero" },
	{ "second argument to nth_value must be", SQLSTATE_INVALID_ARGUMENT_FOR_NTH_VALUE,
	    "argument of nth_value must be greater than zero" },
	{ "HAVING clause on a non-aggregate query", SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "HAVING without GROUP BY and without an aggregate in the select list is not supported on SQLite" },
	{ "subqueries prohibited in ", SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot use subquery in %s" },
	{ "non-deterministic functions prohibited in ", SQLSTATE_INVALID_OBJECT_DEFINITION,
	    "functions in %s must be marked IMMUTABLE" },
	{ "generated column loop on ", SQLSTATE_INVALID_OBJECT_DEFINITION,
	    "a generated column cannot refer to itself or to another generated column: %s" },
	{ "must have at least one non-generated column", SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "a table of generated columns alone is not supported on SQLite" },
	{ "*may not be used as a window function", SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "this function over a window is not supported on SQLite" },
	{ "*is not constant", SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "cannot use a subquery or a column in a DEFAULT expression" },
	{ "cannot commit", SQLSTATE_INTERNAL_ERROR, "the transaction cannot be committed now" },
	{ "cannot rollback", SQLSTATE_INTERNAL_ERROR, "the transaction cannot be rolled back now" },
	{ "no such savepoint", SQLSTATE_INTERNAL_ERROR, "a savepoint is not there" },
	{ "integer overflow", SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range%s" },
	{ "Expression tree is too large", SQLSTATE_STATEMENT_TOO_COMPLEX, "the statement is too complex%s" },
	{ "parser stack overflow", SQLSTATE_STATEMENT_TOO_COMPLEX, "the statement is too complex%s" },
	{ "too many ", SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "too many %s" },
	{ "duplicate column name: ", SQLSTATE_DUPLICATE_COLUMN, "column \"%s\" specified more than once" },
	{ "string or blob too big", SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "string or bytea too large%s" },
	{ "cannot start a transaction", SQLSTATE_ACTIVE_SQL_TRANSACTION, "a transaction is open already%s" },
};

/* SQLite does not say which key it is: the first of those that it can be is named. */
static void
report_foreign(struct connection *connection, int code, const struct dialect_plan *plan, struct report *r)
{
	struct constraint_foreign key;

	constraint_find_broken(connection, plan == NULL ? NULL : plan->target, plan == NULL ? "" : plan->tag,
	    code == SQLITE_CONSTRAINT_TRIGGER, &key);
	if (key.parent[0] != '\0')
		(void)report_set(r, SQLSTATE_FOREIGN_KEY_VIOLATION,
		    "update or delete on table \"%s\" violates foreign key constraint \"%s\" on table \"%s\"",
		    key.parent, key.name, key.table);
	else if (key.name[0] != '\0')
		(void)report_set(r, SQLSTATE_FOREIGN_KEY_VIOLATION,
		    "insert or update on table \"%s\" violates foreign key constraint \"%s\"", key.table, key.name);
	else
		(void)report_set(r, SQLSTATE_FOREIGN_KEY_VIOLATION, "a foreign key constraint is violated");
	r->constraint = key.name[0] == '\0' ? NULL : strdup(key.name);
	r->table = key.table[0] == '\0' ? NULL : strdup(key.table);
}

/* Some columns of a key with MATCH FULL are NULL, others are not. */
static void
report_mixed(const char *table, const char *name, struct report *r)
{
	(void)report_set(r, SQLSTATE_FOREIGN_KEY_VIOLATION,
	    "insert or update on table \"%s\" violates foreign key constraint \"%s\"", table, name);
	report_detail(r, "MATCH FULL does not allow mixing of null and nonnull key values.");
	r->constraint = strdup(name);
}

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
		if (strncmp(what, DEFINITION_FULL, strlen(DEFINITION_FULL)) == 0) {
			report_mixed(table, what + strlen(DEFINITION_FULL), r);
			break;
		}
		(void)report_set(r, SQLSTATE_CHECK_VIOLATION,
		    "new row for relation \"%s\" violates check constraint \"%s\"", table, what);
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
		(void)report_set(r, SQLSTATE_UNIQUE_VIOLATION, "duplicate key value violates unique constraint \"%s\"",
		    name);
		r->constraint = strdup(name);
		break;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
	case SQLITE_CONSTRAINT_TRIGGER: /* ON DELETE RESTRICT */
		report_foreign(connection, code, plan, r);
		break;
	default:
		return report_set(r, SQLSTATE_INTEGRITY_CONSTRAINT_VIOLATION,
		    "a constraint of table \"%s\" is violated", table);
	}
	if (r->table == NULL && table[0] != '\0')
		r->table = strdup(table);
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

/* The rest of SQLite's message behind what the row has of it; NULL: the row is not this message's. */
static const char *
message_rest(const char *message, const char *prefix)
{
	size_t n = strlen(prefix);
	const char *found = *prefix == '*'     ? strstr(message, prefix + 1)
	    : strncmp(message, prefix, n) == 0 ? message
					       : NULL;

	return found == NULL ? NULL : *prefix == '*' ? found + n - 1 : found + n;
}

/* SQLITE_ERROR with a message of its own, in the table's wording. What no row knows came through PostgreSQL's grammar,
 * so that it is something that SQLite does not do; its words are for the log. */
static int
report_message(const char *message, struct report *r)
{
	for (size_t i = 0; i < sizeof(sqlite_messages) / sizeof(sqlite_messages[0]); i++) {
		const char *rest = message_rest(message, sqlite_messages[i].prefix);
		const char *fmt = sqlite_messages[i].message, *mark = strstr(fmt, "%s");

		if (rest != NULL && mark == NULL)
			return report_set(r, sqlite_messages[i].state, "%s", fmt);
		if (rest != NULL)
			return report_set(r, sqlite_messages[i].state, "%.*s%s%s", (int)(mark - fmt), fmt, rest,
			    mark + 2);
	}
	log_debug("a statement was refused by SQLite: %s", message);
	return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "this form of the statement is not supported on SQLite");
}

/* A write or a grown shared-memory file that met a full disk (errno of the failed call). */
bool
connection_met_full_disk(const struct connection *connection, int code)
{
	int failed;

	if ((code & 0xff) != SQLITE_IOERR && (code & 0xff) != SQLITE_CANTOPEN)
		return (code & 0xff) == SQLITE_FULL;
	failed = connection->db == NULL ? 0 : sqlite3_system_errno(connection->db);
	return failed == ENOSPC || failed == EDQUOT;
}

/* Stored names become those that the client knows. */
static void
show_names(struct report *r)
{
	char schema[NAMESPACE_BYTES];

	namespace_show(r->message);
	namespace_show(r->detail);
	namespace_show(r->hint);
	if (r->table == NULL)
		return;
	namespace_of(r->table, schema);
	free(r->schema);
	r->schema = strdup(schema);
	namespace_show(r->table);
}

static int
report_by_code(struct connection *connection, int code, const struct dialect_plan *plan, struct report *r)
{
	int primary = code & 0xff;

	connection_note_code(connection, code);
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
	if (connection_met_full_disk(connection, code))
		primary = code = SQLITE_FULL;
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < sizeof(sqlite_codes) / sizeof(sqlite_codes[0]); i++)
			if (sqlite_codes[i].code == (pass == 0 ? code : primary))
				return report_set(r, sqlite_codes[i].state, "%s", sqlite_codes[i].message);
	log_error("SQLite failed with code %d: %s", code, sqlite3_errmsg(connection->db));
	return report_set(r, SQLSTATE_INTERNAL_ERROR, "an unexpected error of the storage, %d: see the node's log",
	    code);
}

int
connection_report(struct connection *connection, int code, const struct dialect_plan *plan, struct report *r)
{
	int result = report_by_code(connection, code, plan, r);

	if (r != NULL)
		show_names(r);
	return result;
}
