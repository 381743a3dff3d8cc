/*
 * CREATE TRIGGER, and what else makes, changes and drops triggers.
 */
#include "workers/sqlite/dialect/define/trigger.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"

/* What is read of the statement. */
struct reading {
	const PgQuery__CreateTrigStmt *stmt;
	const struct schema_table *table;
	int type;
	uint32_t function;
	const char *columns, *arguments, *condition;
	struct deparse_texts shown;
};

static const char *
shown_name(const struct schema_table *table)
{
	return namespace_relation(table->name);
}

/* ---- what fits what ---- */

static int
wrong_kind(struct translator *t, const struct schema_table *table, const char *what, const char *detail)
{
	(void)translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is a %s", shown_name(table), what);
	report_detail(t->report, "%s", detail);
	return -1;
}

static int
check_relation(struct translator *t, const struct reading *reading)
{
	const struct schema_table *table = reading->table;
	bool row = (reading->type & TRIGGER_ROW) != 0, instead = (reading->type & TRIGGER_INSTEAD) != 0;

	if (strcmp(table->schema, "temp") == 0)
		return translate_refuse(t, -1, "a trigger on a temporary table");
	if (table->kind == 'r')
		return instead ? wrong_kind(t, table, "table", "Tables cannot have INSTEAD OF triggers.") : 0;
	if (table->kind != 'v') {
		(void)translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "relation \"%s\" cannot have triggers",
		    shown_name(table));
		report_detail(t->report, "This operation is not supported for %s.",
		    table->kind == 'm' ? "materialized views" : "sequences");
		return -1;
	}
	if (row && !instead)
		return wrong_kind(t, table, "view", "Views cannot have row-level BEFORE or AFTER triggers.");
	if ((reading->type & TRIGGER_TRUNCATE) != 0)
		return wrong_kind(t, table, "view", "Views cannot have TRUNCATE triggers.");
	return instead ? 0 : translate_refuse(t, -1, "a statement trigger on a view");
}

static int
check_form(struct translator *t, const struct reading *reading)
{
	const PgQuery__CreateTrigStmt *stmt = reading->stmt;
	const char *wrong = NULL;

	if ((reading->type & TRIGGER_TRUNCATE) != 0 && stmt->row)
		wrong = "TRUNCATE FOR EACH ROW triggers are not supported";
	else if ((reading->type & TRIGGER_INSTEAD) != 0 && !stmt->row)
		wrong = "INSTEAD OF triggers must be FOR EACH ROW";
	else if ((reading->type & TRIGGER_INSTEAD) != 0 && stmt->when_clause != NULL)
		wrong = "INSTEAD OF triggers cannot have WHEN conditions";
	else if ((reading->type & TRIGGER_INSTEAD) != 0 && stmt->n_columns > 0)
		wrong = "INSTEAD OF triggers cannot have column lists";
	if (wrong != NULL)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s", wrong);
	if (stmt->n_transition_rels > 0)
		return translate_refuse(t, -1, "a trigger with REFERENCING");
	if (stmt->deferrable)
		return translate_refuse(t, -1, "a trigger that is DEFERRABLE");
	return stmt->constrrel != NULL ? translate_refuse(t, -1, "a constraint trigger with FROM") : 0;
}

/* ---- lists ---- */

static int
read_columns(struct translator *t, struct reading *reading)
{
	const PgQuery__CreateTrigStmt *stmt = reading->stmt;

	reading->columns = "";
	for (size_t i = 0; i < stmt->n_columns; i++) {
		const char *name = translate_string(stmt->columns[i]);

		if (schema_find_column(reading->table, name) == NULL)
			return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
			    "column \"%s\" of relation \"%s\" does not exist", name, shown_name(reading->table));
		for (size_t j = 0; j < i; j++)
			if (strcmp(translate_string(stmt->columns[j]), name) == 0)
				return translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN,
				    "column \"%s\" specified more than once", name);
		reading->columns = translator_format(t, "%s%s" TRIGGER_SEPARATOR_TEXT, reading->columns, name);
		if (reading->columns == NULL)
			return -1;
	}
	return 0;
}

static int
read_arguments(struct translator *t, struct reading *reading)
{
	reading->arguments = "";
	for (size_t i = 0; i < reading->stmt->n_args; i++) {
		const char *text = translate_string(reading->stmt->args[i]);

		if (text == NULL || strchr(text, TRIGGER_SEPARATOR) != NULL)
			return translate_refuse(t, -1, "this argument of a trigger");
		reading->arguments = translator_format(t, "%s%s" TRIGGER_SEPARATOR_TEXT, reading->arguments, text);
		if (reading->arguments == NULL)
			return -1;
	}
	return 0;
}

/* ---- the function ---- */

static int
check_function(struct translator *t, const struct schema_routine *all, unsigned n, const char *name, uint32_t *oid)
{
	uint32_t result = TYPE_UNKNOWN;

	for (unsigned i = 0; i < n; i++)
		if (all[i].kind == 'f' && all[i].ninputs == 0) {
			*oid = all[i].oid;
			result = all[i].result;
		}
	if (*oid == 0)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_FUNCTION, "function %s() does not exist", name);
	if (result == TYPE_TRIGGER)
		return 0;
	return translate_fail(t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION, "function %s must return type trigger", name);
}

static int
read_function(struct translator *t, struct reading *reading)
{
	const PgQuery__CreateTrigStmt *stmt = reading->stmt;
	const char *name = translate_last_string(stmt->funcname, stmt->n_funcname);
	const char *schema = stmt->n_funcname > 1 ? translate_string(stmt->funcname[stmt->n_funcname - 2]) : NULL;
	struct schema_routine *all;
	unsigned n;
	int status;

	if (function_fact_by_name(name) != NULL || strcmp(name, "suppress_redundant_updates_trigger") == 0 ||
	    strncmp(name, "tsvector_update_trigger", strlen("tsvector_update_trigger")) == 0)
		return translate_refuse(t, -1, "a trigger that calls a function of the system's");
	if (schema != NULL && strcmp(schema, "public") != 0)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_FUNCTION, "function %s.%s() does not exist", schema,
		    name);
	all = schema_routines(schema_database(t->schema), name, &n);
	status = check_function(t, all, n, name, &reading->function);
	schema_routines_free(all, n);
	return status;
}

/* ---- what is written ---- */

static int
emit_text(struct translator *t, const char *text)
{
	translate_emit(t, ", ");
	return text == NULL ? translate_emit(t, "NULL") : translate_emit_string(t, text);
}

static int
emit_row(struct translator *t, const struct reading *reading, uint32_t oid)
{
	translate_emit_format(t, "INSERT INTO public.bibd_triggers VALUES (%u, ", oid);
	translate_emit_string(t, reading->stmt->trigname);
	if (emit_text(t, reading->table->name) < 0 ||
	    translate_emit_format(t, ", %d, 'O', %d, %u", reading->type, reading->stmt->isconstraint,
		reading->function) < 0 ||
	    emit_text(t, reading->columns) < 0 || emit_text(t, reading->arguments) < 0 ||
	    emit_text(t, reading->condition) < 0 || emit_text(t, reading->shown.plain) < 0 ||
	    emit_text(t, reading->shown.pretty) < 0)
		return -1;
	return translate_emit(t, ");\n" SCHEMA_ROUTINE_CHANGED);
}

static int
emit_create(struct translator *t, const struct reading *reading)
{
	const PgQuery__CreateTrigStmt *stmt = reading->stmt;
	const char *relation = reading->table->name, *what;
	const struct schema_trigger *old;

	if (schema_load_triggers(t->schema) == -1)
		return translate_out_of_memory(t);
	old = schema_find_trigger(t->schema, relation, stmt->trigname);
	if (old != NULL && !stmt->replace)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT,
		    "trigger \"%s\" for relation \"%s\" already exists", stmt->trigname, shown_name(reading->table));
	if (old != NULL && old->is_constraint)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT,
		    "trigger \"%s\" for relation \"%s\" is a constraint trigger", stmt->trigname,
		    shown_name(reading->table));
	if ((what = translator_format(t, "%s.%s", relation, stmt->trigname)) == NULL ||
	    translate_emit(t, SCHEMA_TRIGGER_TABLE) < 0 ||
	    (old != NULL &&
		translate_emit_format(t, "DELETE FROM public.bibd_triggers WHERE oid = %u;\n", old->oid) < 0))
		return -1;
	return emit_row(t, reading, old != NULL ? old->oid : catalog_object_oid("trigger", what));
}

int
define_create_trigger(struct translator *t, const PgQuery__CreateTrigStmt *stmt)
{
	struct reading reading = { .stmt = stmt };

	t->plan->own = true;
	if ((reading.table = translate_find_changed(t, stmt->relation)) == NULL ||
	    define_set_target(t, reading.table->name) == -1)
		return -1;
	if (reading.table->partition != NULL)
		return translate_refuse(t, -1, "a trigger of a partition");
	if (reading.table->partition_key != NULL && stmt->row)
		return translate_refuse(t, -1, "a trigger FOR EACH ROW of a partitioned table");
	if (sqlite3_strnicmp(reading.table->name, "bibd_", 5) == 0)
		return translate_fail(t, -1, SQLSTATE_INSUFFICIENT_PRIVILEGE, "permission denied for table %s",
		    reading.table->name);
	reading.type = stmt->timing | stmt->events | (stmt->row ? TRIGGER_ROW : 0);
	if (check_relation(t, &reading) == -1 || check_form(t, &reading) == -1 ||
	    define_trigger_when(t, stmt, reading.table, &reading.condition, &reading.shown) == -1 ||
	    read_function(t, &reading) == -1 || read_columns(t, &reading) == -1 || read_arguments(t, &reading) == -1)
		return -1;
	return emit_create(t, &reading);
}
