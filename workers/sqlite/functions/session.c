/*
 * Functions of the session and the server.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/functions/moment.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/types/array_reader.h"

#define SERVER_VERSION "15" /* while there is no session */

void
session_null(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_null(c);
}

void
session_void(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	function_result_string(c, "");
}

void
session_empty(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	session_void(c, argc, argv);
}

void
session_true(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_int(c, 1);
}

void
session_false(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_int(c, 0);
}

void
session_version(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct settings *settings = function_session(c)->settings;
	const char *number = settings == NULL ? NULL : settings_get(settings, "server_version", NULL);
	char text[128];

	(void)argc;
	(void)argv;
	(void)snprintf(text, sizeof(text), "PostgreSQL %s (bibd on SQLite %s)",
	    number == NULL ? SERVER_VERSION : number, sqlite3_libversion());
	function_result_string(c, text);
}

void
session_current_user(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *user = function_session(c)->user;

	(void)argc;
	(void)argv;
	function_result_string(c, user == NULL ? role_names[function_session(c)->role] : user);
}

void
session_current_database(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *database = function_session(c)->database;

	(void)argc;
	(void)argv;
	function_result_string(c, database == NULL ? "bibd" : database);
}

void
function_search_path(sqlite3_context *c, struct search_path *path)
{
	const struct sql_context *session = function_session(c);
	const char *text =
	    session->settings == NULL ? SEARCH_PATH_DEFAULT : settings_values(session->settings)->search_path;

	if (search_path_read(path, text, role_names[session->role]) == -1 && search_path_read(path, "", NULL) == -1)
		*path = (struct search_path) { 0 };
}

/* Whether a schema of the path is there; the temporary one comes with its first table, or with the question when it is
 * the one in which things are made. */
static bool
schema_is_there(sqlite3_context *c, const struct search_path *path, unsigned i)
{
	const char *schema = path->names[i];
	struct schema_objects objects;
	bool any;

	if (strcmp(schema, "pg_temp") != 0)
		return catalog_namespace_oid(sqlite3_context_db_handle(c), schema) != 0;
	if (i == path->implicit)
		return true;
	any = schema_list_objects(sqlite3_context_db_handle(c), "temp", NULL, &objects) == 0 && objects.count > 0;
	schema_objects_free(&objects);
	return any;
}

void
session_current_schema(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct search_path path;

	(void)argc;
	(void)argv;
	function_search_path(c, &path);
	for (unsigned i = path.implicit; i < path.n; i++) {
		if (!schema_is_there(c, &path, i))
			continue;
		function_result_string(c, path.names[i]);
		break;
	}
	search_path_free(&path);
}

void
session_current_schemas(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer out = { 0 };
	struct search_path path;

	(void)argc;
	function_search_path(c, &path);
	pgwire_put_bytes(&out, "{", 1);
	for (unsigned i = sqlite3_value_int(argv[0]) != 0 ? 0 : path.implicit, n = 0; i < path.n; i++)
		if (schema_is_there(c, &path, i))
			array_put_text(&out, path.names[i], strlen(path.names[i]), false, n++ == 0);
	pgwire_put_bytes(&out, "}", 1);
	search_path_free(&path);
	function_result_buffer(c, &out);
}

void
session_current_setting(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct settings *settings = function_session(c)->settings;
	const char *name = (const char *)sqlite3_value_text(argv[0]), *value;
	struct report r = { 0 };

	if (settings == NULL || name == NULL)
		return;
	if ((value = settings_get(settings, name, &r)) != NULL)
		function_result_string(c, value);
	else if (argc < 2 || sqlite3_value_int(argv[1]) == 0)
		function_fail_report(c, &r);
	report_reset(&r);
}

void
session_set_config(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct settings *settings = function_session(c)->settings;
	const char *name = (const char *)sqlite3_value_text(argv[0]),
		   *value = (const char *)sqlite3_value_text(argv[1]);
	struct report r = { 0 };

	(void)argc;
	if (name == NULL) {
		function_fail(c, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "SET requires parameter name");
		return;
	}
	if (settings == NULL)
		return;
	if (settings_set(settings, name, value, sqlite3_value_int(argv[2]) != 0, &r) == -1 ||
	    (value = settings_get(settings, name, &r)) == NULL)
		function_fail_report(c, &r);
	else
		function_result_string(c, value);
}

void
session_backend_pid(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_int64(c, function_session(c)->backend_pid);
}

static void
session_signal(sqlite3_context *c, sqlite3_value *pid, bool terminate)
{
	const struct sql_context *context = function_session(c);
	int result = 0;

	if (context->sessions != NULL)
		result = context->sessions->signal(context->sessions->arg, (uint32_t)sqlite3_value_int64(pid),
		    context->role, terminate);
	if (result == -1)
		function_fail(c, SQLSTATE_INSUFFICIENT_PRIVILEGE, "must be a member of the role whose %s",
		    terminate ? "process is being terminated" : "query is being canceled");
	else
		sqlite3_result_int(c, result);
}

void
session_cancel_backend(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	session_signal(c, argv[0], false);
}

void
session_terminate_backend(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	session_signal(c, argv[0], true);
}

/* SQLite numbers no transactions: the moment one began is as good a name, and grows. */
void
session_transaction_id(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_int64(c, function_session(c)->transaction_time_us / 1000);
}

/* What no other transaction of any session is called (schema/type.h). */
void
session_transaction(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct sql_context *session = function_session(c);
	char name[48];

	(void)argc;
	(void)argv;
	(void)snprintf(name, sizeof(name), "%" PRIu32 " %" PRId64, session->backend_pid, session->transaction_number);
	function_result_string(c, name);
}

void
session_start_time(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	/* When this process first was asked; set once, by whichever thread comes first. */
	static _Atomic int64_t started;
	int64_t none = 0, now = function_session(c)->statement_time_us;

	(void)argc;
	(void)argv;
	(void)atomic_compare_exchange_strong(&started, &none, now);
	moment_result(c, TYPE_TIMESTAMPTZ, atomic_load(&started) - UNIX_EPOCH_SHIFT);
}
