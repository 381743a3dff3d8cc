/* pg_stat_activity: the sessions of this moment, with as much of them as the session's role may see. */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/types/array_reader.h"

/* PostgreSQL shows what another role does to a superuser and to members of pg_monitor only. */
static void
fill_activity(struct fill *fill, const struct sql_activity *a, bool all)
{
	bool works = strcmp(a->state, "active") == 0;
	const char *type = !all ? NULL : a->waits ? "Lock" : works ? NULL : "Client";
	const char *event = !all ? NULL : a->waits ? "tuple" : works ? NULL : "ClientRead";

	fill_row(fill,
	    "pg_catalog.pg_stat_activity (datid, datname, pid, usesysid, usename, application_name, client_port, "
	    "backend_start, xact_start, query_start, state_change, wait_event_type, wait_event, state, query, "
	    "backend_type)",
	    "isiissittttsssss", (int64_t)OID_DATABASE, fill->context->database, (int64_t)a->pid, OID_OF_ROLE(a->role),
	    role_names[a->role], a->application, (int64_t)-1, all ? a->began_us : 0, all ? a->transaction_us : 0,
	    all ? a->query_us : 0, all ? a->changed_us : 0, type, event, all ? a->state : NULL,
	    all ? a->query : "<insufficient privilege>", "client backend");
}

static void
fill_prepared(void *arg, const struct sql_prepared *row)
{
	struct pgwire_buffer types = { 0 };

	pgwire_put_bytes(&types, "{", 1);
	for (unsigned i = 0; i < row->ntypes; i++) {
		char *name = type_format(row->types[i], -1);

		if (name != NULL)
			array_put_text(&types, name, strlen(name), false, i == 0);
		free(name);
	}
	pgwire_put_bytes(&types, "}", 2);
	if (!types.failed)
		fill_row(arg,
		    "pg_catalog.pg_prepared_statements (name, statement, prepare_time, parameter_types, from_sql)",
		    "sstsb", row->name, row->statement, row->prepared_us, (const char *)types.data + types.start,
		    row->from_sql);
	pgwire_buffer_free(&types);
}

int
catalog_fill_activity(sqlite3 *db, struct sql_context *context, struct report *r)
{
	struct fill fill = { .db = db, .context = context };
	struct sql_activity *rows = NULL;
	size_t n = 0;

	if (context->sessions == NULL)
		return 0;
	if ((rows = context->sessions->list(context->sessions->arg, &n)) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	fill_run(&fill, "DELETE FROM pg_catalog.pg_stat_activity");
	for (size_t i = 0; i < n; i++)
		fill_activity(&fill, &rows[i],
		    context->role == ROLE_ADMIN || context->role == ROLE_MONITOR || context->role == rows[i].role);
	fill_run(&fill,
	    "UPDATE pg_catalog.pg_sequences SET last_value = (SELECT bibd_sequence_last_value(c.oid) FROM "
	    "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' "
	    "AND c.relname = sequencename AND n.nspname = schemaname)");
	fill_run(&fill, "DELETE FROM pg_catalog.pg_prepared_statements");
	if (context->session != NULL)
		context->sessions->prepared(context->session, fill_prepared, &fill);
	fill_end(&fill);
	free(rows);
	return fill.rc == SQLITE_OK
	    ? 0
	    : report_set(r, SQLSTATE_INTERNAL_ERROR, "the sessions could not be listed: %s", sqlite3_errmsg(db));
}
