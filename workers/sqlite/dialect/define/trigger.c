/*
 * CREATE TRIGGER, and what else makes, changes and drops triggers.
 */
#include "workers/sqlite/dialect/define/trigger.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/partition.h"
#include "workers/sqlite/schema/partition.h"
#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"

/* What CREATE TRIGGER asks for, while its clauses are read. */
struct reading {
	const PgQuery__CreateTrigStmt *stmt;
	const struct schema_table *table;
	int type;
	uint32_t function;
	const char *columns, *arguments, *condition;
	const char *old_table, *new_table;
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
	if (table->kind == 'r' || table->partition != NULL)
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
	return 0;
}

/* ---- REFERENCING ---- */

static bool
is_partitioned(const struct schema_table *table)
{
	return table->partition_key != NULL || (table->partition != NULL && table->partition->key != NULL);
}

static int
bad_table(struct translator *t, enum sqlstate state, const char *text)
{
	return translate_fail(t, -1, state, "%s", text);
}

static int
check_tables(struct translator *t, const struct reading *reading)
{
	const PgQuery__CreateTrigStmt *stmt = reading->stmt;
	int events = reading->type & TRIGGER_EVENTS;

	if ((reading->type & (TRIGGER_BEFORE | TRIGGER_INSTEAD)) != 0)
		return bad_table(t, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "transition table name can only be specified for an AFTER trigger");
	if ((events & TRIGGER_TRUNCATE) != 0)
		return bad_table(t, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "TRUNCATE triggers with transition tables are not supported");
	if ((events & (events - 1)) != 0)
		return bad_table(t, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "transition tables cannot be specified for triggers with more than one event");
	if (stmt->n_columns > 0)
		return bad_table(t, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "transition tables cannot be specified for triggers with column lists");
	if (stmt->row && is_partitioned(reading->table)) {
		(void)translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED, "\"%s\" is a partitioned table",
		    shown_name(reading->table));
		report_detail(t->report,
		    "ROW triggers with transition tables are not supported on partitioned tables.");
		return -1;
	}
	if (stmt->row && reading->table->partition != NULL)
		return bad_table(t, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "ROW triggers with transition tables are not supported on partitions");
	if (stmt->row && schema_has_parent(t->schema, reading->table))
		return bad_table(t, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "ROW triggers with transition tables are not supported on inheritance children");
	return 0;
}

static int
add_table(struct translator *t, struct reading *reading, const PgQuery__TriggerTransition *transition)
{
	const char **name = transition->is_new ? &reading->new_table : &reading->old_table;
	int events = reading->type & TRIGGER_EVENTS;

	if (!transition->is_table) {
		(void)bad_table(t, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "ROW variable naming in the REFERENCING clause is not supported");
		report_hint(t->report, "Use OLD TABLE or NEW TABLE for naming transition tables.");
		return -1;
	}
	if (reading->table->kind == 'v' && reading->table->partition == NULL) {
		(void)translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is a view", shown_name(reading->table));
		report_detail(t->report, "Triggers on views cannot have transition tables.");
		return -1;
	}
	if (check_tables(t, reading) == -1)
		return -1;
	if (transition->is_new && events == TRIGGER_DELETE)
		return bad_table(t, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "NEW TABLE can only be specified for an INSERT or UPDATE trigger");
	if (!transition->is_new && events == TRIGGER_INSERT)
		return bad_table(t, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "OLD TABLE can only be specified for a DELETE or UPDATE trigger");
	if (*name != NULL)
		return bad_table(t, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    transition->is_new ? "NEW TABLE cannot be specified multiple times"
				       : "OLD TABLE cannot be specified multiple times");
	if (strchr(transition->name, TRIGGER_SEPARATOR) != NULL)
		return translate_refuse(t, -1, "this name of a transition table");
	*name = transition->name;
	return 0;
}

static int
read_tables(struct translator *t, struct reading *reading)
{
	for (size_t i = 0; i < reading->stmt->n_transition_rels; i++)
		if (add_table(t, reading, reading->stmt->transition_rels[i]->trigger_transition) == -1)
			return -1;
	if (reading->old_table != NULL && reading->new_table != NULL &&
	    strcmp(reading->old_table, reading->new_table) == 0)
		return bad_table(t, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "OLD TABLE name and NEW TABLE name cannot be the same");
	return 0;
}

static int
check_form(struct translator *t, struct reading *reading)
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
	if (read_tables(t, reading) == -1)
		return -1;
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
	if (reading->old_table != NULL)
		reading->columns =
		    translator_format(t, TRIGGER_OLD_TABLE "%s" TRIGGER_SEPARATOR_TEXT, reading->old_table);
	if (reading->new_table != NULL && reading->columns != NULL)
		reading->columns = translator_format(t, "%s" TRIGGER_NEW_TABLE "%s" TRIGGER_SEPARATOR_TEXT,
		    reading->columns, reading->new_table);
	if (reading->columns == NULL)
		return -1;
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
	const char *name = translate_last_string(stmt->funcname, stmt->n_funcname), *stored;
	const char *schema = stmt->n_funcname > 1 ? translate_string(stmt->funcname[stmt->n_funcname - 2]) : NULL;
	struct schema_routine *all;
	unsigned n;
	int status;

	if (function_fact_by_name(name) != NULL || strcmp(name, "suppress_redundant_updates_trigger") == 0 ||
	    strncmp(name, "tsvector_update_trigger", strlen("tsvector_update_trigger")) == 0)
		return translate_refuse(t, -1, "a trigger that calls a function of the system's");
	if (schema != NULL && strcmp(schema, "public") != 0 && !schema_has_own(t->schema, schema))
		return schema_has_namespace(t->schema, schema)
		    ? translate_fail(t, -1, SQLSTATE_UNDEFINED_FUNCTION, "function %s.%s() does not exist", schema,
			  name)
		    : translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", schema);
	if ((stored = translate_own_name(t, stmt->funcname, stmt->n_funcname)) == NULL)
		return -1;
	all = schema_routines(schema_database(t->schema), stored, &n);
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

/* It is to be its partitions' too, instead of what they have under that name. */
static int
take_place(struct translator *t, const struct reading *reading)
{
	const PgQuery__CreateTrigStmt *stmt = reading->stmt;
	const struct schema_table *root = partition_root(t, reading->table);
	struct partition_tree tree;

	if (root == NULL || partition_load(t, root, &tree) == -1)
		return -1;
	for (const struct partition *p = tree.partitions; p != NULL; p = p->next) {
		const struct schema_trigger *found = schema_find_trigger(t->schema, p->name, stmt->trigname);
		const struct partition *above = p;

		while (above != NULL && strcmp(above->parent, reading->table->name) != 0)
			above = partition_find(&tree, above->parent);
		if (above == NULL || found == NULL || found->parent != 0)
			continue;
		if (!stmt->replace)
			return translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT,
			    "trigger \"%s\" for relation \"%s\" already exists", stmt->trigname,
			    namespace_relation(p->name));
		if (translate_emit(t, SCHEMA_TRIGGER_TABLE) < 0 ||
		    translate_emit_format(t, "DELETE FROM public.bibd_triggers WHERE oid = %u;\n", found->oid) < 0)
			return -1;
	}
	return 0;
}

/* One that was renamed keeps its number. */
static uint32_t
free_number(struct translator *t, const char *what)
{
	uint32_t number = catalog_object_oid("trigger", what);
	unsigned n;
	const struct schema_trigger *all = schema_triggers(t->schema, &n);

	for (unsigned i = 0; i < n; i++)
		if (all[i].oid == number) {
			number++;
			i = UINT_MAX;
		}
	return number;
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
	if (old != NULL && old->parent != 0)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT,
		    "trigger \"%s\" for relation \"%s\" is an internal or a child trigger", stmt->trigname,
		    shown_name(reading->table));
	if (stmt->row && is_partitioned(reading->table) && take_place(t, reading) == -1)
		return -1;
	if ((what = translator_format(t, "%s.%s", relation, stmt->trigname)) == NULL ||
	    translate_emit(t, SCHEMA_TRIGGER_TABLE) < 0 ||
	    (old != NULL &&
		translate_emit_format(t, "DELETE FROM public.bibd_triggers WHERE oid = %u;\n", old->oid) < 0))
		return -1;
	return emit_row(t, reading, old != NULL ? old->oid : free_number(t, what));
}

int
define_create_trigger(struct translator *t, const PgQuery__CreateTrigStmt *stmt)
{
	struct reading reading = { .stmt = stmt };

	t->plan->own = true;
	if ((reading.table = translate_find_changed(t, stmt->relation)) == NULL ||
	    define_set_target(t, reading.table->name) == -1)
		return -1;
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
