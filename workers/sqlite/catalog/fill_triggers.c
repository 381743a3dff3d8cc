/*
 * pg_trigger, and information_schema.triggers with a row for each event.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/schema.h"
#include "workers/sqlite/schema/trigger.h"

/* The numbers of UPDATE OF's columns, as an int2vector. */
static char *
column_numbers(struct fill *fill, const struct schema_trigger *trigger)
{
	const char *part;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	for (unsigned i = 0; (part = schema_trigger_part(trigger->columns, i, &length)) != NULL; i++) {
		static const char sql[] = "SELECT cid + 1 FROM pragma_table_xinfo(?1, 'public') WHERE name = ?2";
		sqlite3_stmt *stmt = NULL;

		if (sqlite3_prepare_v2(fill->db, sql, -1, &stmt, NULL) == SQLITE_OK) {
			(void)sqlite3_bind_text(stmt, 1, trigger->relation, -1, SQLITE_STATIC);
			(void)sqlite3_bind_text(stmt, 2, part, (int)length, SQLITE_STATIC);
			if (sqlite3_step(stmt) == SQLITE_ROW)
				(void)fprintf(out, "%s%d", i > 0 ? " " : "", sqlite3_column_int(stmt, 0));
		}
		(void)sqlite3_finalize(stmt);
	}
	return fclose(out) == 0 ? text : NULL;
}

static void
put_trigger(struct fill *fill, const struct schema_trigger *trigger)
{
	char *columns = column_numbers(fill, trigger);
	unsigned narguments = 0;
	size_t length;

	while (schema_trigger_part(trigger->arguments, narguments, &length) != NULL)
		narguments++;
	fill_row(fill,
	    "pg_catalog.pg_trigger (oid, tgrelid, tgparentid, tgname, tgfoid, tgtype, tgenabled, tgisinternal, "
	    "tgconstraint, tgnargs, tgattr, tgqual, tgoldtable, tgnewtable)",
	    "iiisiisbiissss", (int64_t)trigger->oid, (int64_t)catalog_object_oid("public", trigger->relation),
	    (int64_t)trigger->parent, trigger->name, (int64_t)trigger->function, (int64_t)trigger->type,
	    (char[]) { trigger->enabled, '\0' }, 0,
	    trigger->is_constraint ? (int64_t)catalog_object_oid("constraint", trigger->name) : INT64_C(0),
	    (int64_t)narguments, columns, trigger->plain, trigger->old_table, trigger->new_table);
	free(columns);
}

/* Its place among those of the same relation, event, level and time, which are in the order of their names. */
static int64_t
order_of(const struct schema_trigger *all, unsigned i, int event)
{
	const int same = TRIGGER_ROW | TRIGGER_BEFORE | TRIGGER_INSTEAD;
	int64_t order = 1;

	for (unsigned j = 0; j < i; j++)
		order += strcmp(all[j].relation, all[i].relation) == 0 && (all[j].type & event) != 0 &&
		    (all[j].type & same) == (all[i].type & same);
	return order;
}

static void
put_events(struct fill *fill, const struct schema_trigger *all, unsigned i)
{
	static const struct {
		int event;
		const char *word;
	} events[] = { { TRIGGER_INSERT, "INSERT" }, { TRIGGER_DELETE, "DELETE" }, { TRIGGER_UPDATE, "UPDATE" } };
	const struct schema_trigger *trigger = &all[i];
	char schema[NAMESPACE_BYTES], *call = describe_trigger_call(fill->db, trigger, NULL), *statement = NULL;

	namespace_of(trigger->relation, schema);
	if (call == NULL || asprintf(&statement, "EXECUTE FUNCTION %s", call) < 0)
		statement = NULL;
	for (size_t n = 0; n < sizeof(events) / sizeof(events[0]); n++)
		if ((trigger->type & events[n].event) != 0)
			fill_row(fill,
			    "information_schema.triggers (trigger_catalog, trigger_schema, trigger_name, "
			    "event_manipulation, event_object_catalog, event_object_schema, event_object_table, "
			    "action_order, action_condition, action_statement, action_orientation, action_timing, "
			    "action_reference_old_table, action_reference_new_table)",
			    "sssssssissssss", fill->context->database, schema, trigger->name, events[n].word,
			    fill->context->database, schema, namespace_relation(trigger->relation),
			    order_of(all, i, events[n].event), trigger->plain, statement,
			    (trigger->type & TRIGGER_ROW) != 0 ? "ROW" : "STATEMENT",
			    (trigger->type & TRIGGER_BEFORE) != 0	 ? "BEFORE"
				: (trigger->type & TRIGGER_INSTEAD) != 0 ? "INSTEAD OF"
									 : "AFTER",
			    trigger->old_table, trigger->new_table);
	free(statement);
	free(call);
}

void
fill_triggers(struct fill *fill)
{
	struct schema_trigger *all;
	unsigned n;

	if (schema_triggers_read(fill->db, &all, &n) == -1)
		fill->rc = SQLITE_NOMEM;
	for (unsigned i = 0; i < n; i++) {
		put_trigger(fill, &all[i]);
		put_events(fill, all, i);
	}
	schema_triggers_free(all, n);
}
