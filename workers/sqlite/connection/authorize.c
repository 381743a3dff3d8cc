/*
 * What each role may do, as one table of SQLite's actions. The authorizer is asked while a statement is prepared, also
 * for what triggers and views do on its behalf, so that there is no way around it. What is in the table is allowed to
 * the roles in its mask; everything else is refused.
 */
#include <sqlite3.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/connection/authorize.h"
#include "workers/sqlite/connection/connection.h"
#include "workers/sqlite/schema/matview.h"
#include "workers/sqlite/schema/trigger.h"

#define ADMIN (1U << ROLE_ADMIN)
#define WRITE (1U << ROLE_WRITE)
#define QUERY (1U << ROLE_QUERY)
#define WRITERS (ADMIN | WRITE)
#define READERS (ADMIN | WRITE | QUERY) /* of applications' tables */
#define EVERYONE ((1U << ROLES) - 1)

/* temporary: who may besides, where the database is that of temporary tables. SQLite has actions of its own for some of
 * those, and for what it does on its own there (sqlite_sequence) it asks as for any other. */
static const struct {
	int action;
	unsigned roles, temporary;
} authorize_table[] = {
	{ SQLITE_SELECT, EVERYONE, 0 }, { SQLITE_READ, EVERYONE, 0 }, { SQLITE_FUNCTION, EVERYONE, 0 },
	{ SQLITE_RECURSIVE, EVERYONE, 0 }, { SQLITE_INSERT, WRITERS, 0 }, { SQLITE_UPDATE, WRITERS, 0 },
	{ SQLITE_DELETE, WRITERS, 0 }, { SQLITE_CREATE_INDEX, ADMIN, WRITERS }, { SQLITE_CREATE_TABLE, ADMIN, WRITERS },
	{ SQLITE_CREATE_VIEW, ADMIN, WRITERS }, { SQLITE_CREATE_TEMP_INDEX, WRITERS, 0 },
	{ SQLITE_CREATE_TEMP_TABLE, WRITERS, 0 }, { SQLITE_CREATE_TEMP_VIEW, WRITERS, 0 },
	{ SQLITE_DROP_INDEX, ADMIN, WRITERS }, { SQLITE_DROP_TABLE, ADMIN, WRITERS },
	{ SQLITE_DROP_VIEW, ADMIN, WRITERS }, { SQLITE_DROP_TRIGGER, ADMIN, WRITERS },
	{ SQLITE_CREATE_TRIGGER, ADMIN, WRITERS }, { SQLITE_CREATE_TEMP_TRIGGER, WRITERS, 0 },
	{ SQLITE_DROP_TEMP_TRIGGER, WRITERS, 0 }, { SQLITE_DROP_TEMP_INDEX, WRITERS, 0 },
	{ SQLITE_DROP_TEMP_TABLE, WRITERS, 0 }, { SQLITE_DROP_TEMP_VIEW, WRITERS, 0 },
	{ SQLITE_ALTER_TABLE, ADMIN, WRITERS }, { SQLITE_REINDEX, ADMIN, WRITERS }, { SQLITE_ANALYZE, ADMIN, 0 },
	{ SQLITE_PRAGMA, ADMIN, WRITERS }, /* those that SQLite's own ALTER TABLE runs, and no other */
};

/* Functions that reach beyond the file. None is registered; a build of SQLite that has one must not open a door. */
static const char *const authorize_refused_functions[] = { "load_extension", "readfile", "writefile", "edit",
	"fts3_tokenizer", "sqlite_dbpage", "zipfile", "lsdir", "fsdir" };

/* No client makes or changes a table whose name begins so, but for the views of CREATE TYPE and its like and those of
 * materialized views, which the translator alone writes; those that are kept from being read are listed (functions
 * that answer rows bear the prefix too). */
#define OWN_PREFIX "bibd_"
#define TRIGGERS_TABLE "bibd_triggers" /* whose rows a client's DDL changes, where the statement says so */
#define COMMENTS_TABLE "bibd_comments" /* likewise, in any DDL; everybody reads it */
#define AUDIT_PREFIX "bibd_audit"      /* the trail, and its signed heads */
static const char *const authorize_own_tables[] = { "bibd_audit", "bibd_audit_head", "bibd_migrations", "bibd_node",
	"bibd_routines", "bibd_routine_arguments", "bibd_routine_options", "bibd_extensions", TRIGGERS_TABLE };

/* The process's, and set before any other thread looks: a context for it would be in every statement's way. */
static bool authorize_reads_own;

void
authorize_read_own(void)
{
	authorize_reads_own = true;
}

static bool
authorize_function(const char *name)
{
	for (size_t i = 0; i < sizeof(authorize_refused_functions) / sizeof(authorize_refused_functions[0]); i++)
		if (sqlite3_stricmp(name, authorize_refused_functions[i]) == 0)
			return false;
	return true;
}

/* The catalogs and the temporary database are everybody's to read: monitor reads nothing else. audit reads the audit
 * table besides; the others read everything but bibd's own tables. */
static bool
authorize_read(enum role role, bool triggers, const char *table, const char *database)
{
	if (database != NULL && strcmp(database, "public") != 0)
		return true;
	if (table == NULL || table[0] == '\0')
		return true;
	if (authorize_reads_own || (triggers && strcmp(table, TRIGGERS_TABLE) == 0))
		return true;
	for (size_t i = 0; i < sizeof(authorize_own_tables) / sizeof(authorize_own_tables[0]); i++)
		if (strcmp(table, authorize_own_tables[i]) == 0)
			return role == ROLE_AUDIT && strncmp(table, AUDIT_PREFIX, strlen(AUDIT_PREFIX)) == 0;
	return ((1U << role) & READERS) != 0 || strncmp(table, "sqlite_", 7) == 0 ||
	    strncmp(table, OWN_PREFIX, strlen(OWN_PREFIX)) == 0;
}

/* The catalogs are tables of their own databases, which the connection's sessions share. */
static bool
authorize_database(const char *database)
{
	return database == NULL || strcmp(database, "public") == 0 || strcmp(database, "temp") == 0;
}

/* No client changes the catalogs or bibd's own tables, nor SQLite's (sqlite_master, sqlite_sequence, sqlite_stat1):
 * SQLite itself changes those while it runs DDL, which was allowed by its own action. */
static bool
authorize_change(const struct sql_context *context, const char *table, const char *database)
{
	if (!authorize_database(database))
		return false;
	if (sqlite3_strnicmp(table, OWN_PREFIX, (int)strlen(OWN_PREFIX)) == 0)
		return context->defining && context->role == ROLE_ADMIN &&
		    (matview_is_own(table) || strcmp(table, COMMENTS_TABLE) == 0 ||
			strcmp(table, "bibd_changed") == 0 ||
			strncmp(table, SCHEMA_TYPE_PREFIX, strlen(SCHEMA_TYPE_PREFIX)) == 0);
	if (sqlite3_strnicmp(table, "sqlite_", 7) == 0)
		return context->defining &&
		    (context->role == ROLE_ADMIN || (database != NULL && strcmp(database, "temp") == 0));
	return true;
}

static bool
authorize_action(const struct sql_context *context, int action, const char *a, const char *b, const char *database)
{
	switch (action) {
	case SQLITE_READ:
		return authorize_read(context->role, context->triggers, a, database);
	case SQLITE_FUNCTION:
		return authorize_function(b);
	case SQLITE_PRAGMA:
		return strcmp(a, "quick_check") == 0 || strcmp(a, "integrity_check") == 0;
	case SQLITE_ALTER_TABLE:
		return authorize_change(context, b, a);
	case SQLITE_UPDATE:
		/* SQLite itself refuses this of a text. It asks for it when it declares the table of a pragma that its
		 * ALTER TABLE reads, for a statement that it does not run. */
		if (context->defining && strcmp(a, "sqlite_master") == 0)
			return true;
		if (context->triggers && strcmp(a, TRIGGERS_TABLE) == 0)
			return true;
		return authorize_change(context, a, database);
	case SQLITE_INSERT:
	case SQLITE_DELETE:
		if (context->triggers && strcmp(a, TRIGGERS_TABLE) == 0)
			return true;
		return authorize_change(context, a, database);
	case SQLITE_CREATE_TABLE:
	case SQLITE_DROP_TABLE:
	case SQLITE_CREATE_VIEW:
	case SQLITE_DROP_VIEW:
	case SQLITE_CREATE_TEMP_TABLE:
	case SQLITE_DROP_TEMP_TABLE:
	case SQLITE_CREATE_TEMP_VIEW:
	case SQLITE_DROP_TEMP_VIEW:
		return authorize_change(context, a, database);
	case SQLITE_CREATE_TRIGGER:
	case SQLITE_CREATE_TEMP_TRIGGER:
		/* Those that a partitioned table's rows go through: part of its DDL, and of nothing else. */
		return context->defining && authorize_change(context, b, database);
	case SQLITE_CREATE_INDEX:
	case SQLITE_DROP_INDEX:
	case SQLITE_DROP_TEMP_TRIGGER:
	case SQLITE_DROP_TRIGGER:
	case SQLITE_CREATE_TEMP_INDEX:
	case SQLITE_DROP_TEMP_INDEX:
		return authorize_change(context, b, database);
	default:
		return true;
	}
}

/* Whether what is asked for changes the file. Not where SQLite itself makes an entry for what was asked for before. */
static bool
authorize_changes_file(int action, const char *function, const char *database)
{
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return false;
	case SQLITE_FUNCTION:
		return function_writes(function);
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		return database == NULL || strcmp(database, "temp") != 0;
	default:
		return true;
	}
}

static void
note_table(struct statement_tables *tables, int action, const char *table, const char *database)
{
	if (action == SQLITE_READ)
		statement_tables_note(tables, STATEMENT_READS, database, table);
	else if (action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE)
		statement_tables_note(tables, STATEMENT_CHANGES, database, table);
}

/* SQLite itself knows nothing of triggers: what would change a relation that has some, other than bibd's own way to
 * fire them, is refused; a key's CASCADE, of which the translator sees nothing, among it. */
static bool
authorize_misses_triggers(struct connection *connection, int action, const char *table, const char *database)
{
	const struct sql_context *context = &connection->context;
	int event = action == SQLITE_INSERT ? TRIGGER_INSERT
	    : action == SQLITE_DELETE	    ? TRIGGER_DELETE
	    : action == SQLITE_UPDATE	    ? TRIGGER_UPDATE
					    : 0;

	if (event == 0 || context->defining || connection->schema == NULL || database == NULL ||
	    strcmp(database, "public") != 0 || (context->fires != NULL && strcmp(context->fires, table) == 0) ||
	    schema_table_trigger_types(connection->schema, table, event) == 0)
		return false;
	report_reset(&connection->context.report);
	(void)report_set(&connection->context.report, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "changing rows of \"%s\", which has triggers, by a statement of this kind, or by a key's CASCADE, is not "
	    "supported on SQLite",
	    table);
	return true;
}

int
authorize(void *arg, int action, const char *a, const char *b, const char *database, const char *via)
{
	struct connection *connection = arg;
	const char *where = action == SQLITE_ALTER_TABLE ? a : database;
	bool temporary = where != NULL && strcmp(where, "temp") == 0;
	unsigned roles = 0;

	(void)via;
	if (connection->noting != NULL)
		note_table(connection->noting, action, a, database);
	connection->writes_file |= authorize_changes_file(action, b, database);
	if (connection->context.internal)
		return SQLITE_OK;
	if (authorize_misses_triggers(connection, action, a, database))
		return SQLITE_DENY;
	for (size_t i = 0; i < sizeof(authorize_table) / sizeof(authorize_table[0]); i++)
		if (authorize_table[i].action == action)
			roles = authorize_table[i].roles | (temporary ? authorize_table[i].temporary : 0);
	if ((roles & (1U << connection->context.role)) != 0 &&
	    authorize_action(&connection->context, action, a, b, database))
		return SQLITE_OK;
	connection->denied = connection->denied_name;
	(void)sqlite3_snprintf((int)sizeof(connection->denied_name), connection->denied_name, "%s",
	    action == SQLITE_FUNCTION || action == SQLITE_ALTER_TABLE || action == SQLITE_CREATE_INDEX ||
		    action == SQLITE_DROP_INDEX
		? b
		: a == NULL ? ""
			    : a);
	return SQLITE_DENY;
}
