/*
 * INSERT, UPDATE and DELETE of a relation with triggers: instead of a statement that changes all rows, a query that
 * finds them (as they are, and as they are to be), and a statement that changes one. session/fire.c runs both, and the
 * triggers between.
 *
 * A table with nothing but statement triggers is changed by one statement, as if there were none.
 */
#include "workers/sqlite/dialect/fire.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/view_target.h"
#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/trigger.h"

static const int event_bits[] = {
	[MODIFY_INSERT] = TRIGGER_INSERT,
	[MODIFY_UPDATE] = TRIGGER_UPDATE,
	[MODIFY_DELETE] = TRIGGER_DELETE,
};

bool
modify_is_instead(struct translator *t, const struct schema_table *view, enum modify_event event)
{
	return strcmp(view->schema, "public") == 0 && view->kind == 'v' && schema_load_triggers(t->schema) == 0 &&
	    (schema_trigger_types(t->schema, view->name, event_bits[event]) & TRIGGER_INSTEAD) != 0;
}

/* ---- what cannot be had ---- */

/* Whether the table has a key to itself; and whether by one of them a row that goes, or gets another key, changes
 * others, which the events do. */
static bool
refers_to_itself(const struct schema_table *table, int events, bool *acts)
{
	struct definition d;
	bool found = false;

	*acts = false;
	if (table->kind != 'r' || definition_parse(table->sql, &d) == -1)
		return false;
	for (unsigned i = 0; i < d.nconstraints; i++) {
		const struct definition_constraint *c = &d.constraints[i];

		if (c->kind != DEFINITION_FOREIGN_KEY || c->parent == NULL || strcmp(c->parent, table->name) != 0)
			continue;
		found = true;
		*acts |= ((events & TRIGGER_DELETE) != 0 && c->on_delete != NULL) ||
		    ((events & TRIGGER_UPDATE) != 0 && c->on_update != NULL);
	}
	definition_free(&d);
	return found;
}

static const char *
rowid_name(const struct schema_table *table)
{
	static const char *const names[] = { "rowid", "_rowid_", "oid" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool taken = false;

		for (unsigned n = 0; n < table->ncolumns; n++)
			taken |= sqlite3_stricmp(table->columns[n].name, names[i]) == 0;
		if (!taken)
			return names[i];
	}
	return NULL;
}

static int
check_table(struct translator *t, struct modify_fire *fire)
{
	const struct schema_table *table = fire->table;

	if (fire->instead)
		return 0;
	if (table->without_rowid || (fire->rowid = rowid_name(table)) == NULL)
		return translate_refuse(t, -1, "a row trigger on a table without a rowid");
	for (unsigned i = 0; i < table->ncolumns; i++)
		if (table->columns[i].serial)
			return translate_refuse(t, -1,
			    "a row trigger on a table of an older bibd with a serial column");
	return 0;
}

/* ---- the plan's part ---- */

static int
describe_columns(struct translator *t, const struct schema_table *table, struct dialect_fire *plan)
{
	plan->key = -1;
	plan->columns = calloc(table->ncolumns + 1, sizeof(*plan->columns));
	plan->set = calloc(table->ncolumns + 1, sizeof(*plan->set));
	if (plan->columns == NULL || plan->set == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < table->ncolumns; i++) {
		const struct schema_column *column = &table->columns[i];

		plan->columns[i] = (struct dialect_column) { .oid = column->oid, .typmod = column->typmod };
		if ((plan->columns[i].name = translator_plan_copy(t, column->name)) == NULL)
			return -1;
		plan->ncolumns++;
		plan->generates |= column->generated;
		if (column->rowid)
			plan->key = (int)i;
	}
	return 0;
}

int
modify_fire_begin(struct translator *t, const struct schema_table *target, enum modify_event event, bool updates)
{
	const struct schema_table *table = schema_table_root(target);
	int events = event_bits[event] | (updates ? TRIGGER_UPDATE : 0), types;
	bool fires = t->fires, acts;
	struct modify_fire *fire;
	struct dialect_fire *plan;

	/* Those in its WITH come after it. */
	t->fires = false;
	if (strcmp(table->schema, "public") != 0)
		return 0;
	if (schema_load_triggers(t->schema) == -1)
		return translate_out_of_memory(t);
	if ((types = schema_trigger_types(t->schema, table->name, events)) == 0)
		return 0;
	if (!fires)
		return translate_refuse(t, -1, "changing a table with triggers within another statement");
	if ((plan = t->plan->fire = calloc(1, sizeof(*plan))) == NULL ||
	    (fire = translator_alloc(t, sizeof(*fire))) == NULL)
		return translate_out_of_memory(t);
	if ((plan->relation = translator_plan_copy(t, table->name)) == NULL || describe_columns(t, table, plan) < 0)
		return -1;
	plan->events = events;
	plan->instead = table->kind == 'v';
	plan->rows = (types & TRIGGER_ROW) != 0;
	/* Of several rows that are changed one after the other, one could break the key to another on the way. */
	plan->alone = refers_to_itself(table, events, &acts);
	if (acts)
		return translate_refuse(t, -1, "a trigger on a table with a key to itself that cascades");
	if (!plan->rows)
		return 0;
	*fire = (struct modify_fire) { .table = table, .plan = plan, .instead = plan->instead };
	fire->assigned = translator_alloc(t, (table->ncolumns + 1) * sizeof(*fire->assigned));
	t->fire = fire;
	return fire->assigned == NULL ? -1 : check_table(t, fire);
}

/* ---- texts ---- */

static int
column_index(const struct modify_fire *fire, const char *stored)
{
	for (unsigned i = 0; i < fire->table->ncolumns; i++)
		if (strcmp(fire->table->columns[i].name, stored) == 0)
			return (int)i;
	return -1;
}

void
modify_fire_written(struct translator *t, unsigned i, const struct schema_column *column)
{
	t->fire->plan->written[i] = (unsigned)column_index(t->fire, schema_column_stored(column));
	t->fire->plan->nwritten = i + 1;
}

int
modify_fire_assign(struct translator *t, const struct schema_column *column, size_t start)
{
	int i = column_index(t->fire, schema_column_stored(column));

	if (i < 0)
		return translate_refuse(t, -1, "this assignment to a table with triggers");
	t->fire->assigned[i] = translator_copy(t, t->out.data + start);
	t->fire->plan->set[i] = true;
	sql_text_cut(&t->out, start);
	return t->fire->assigned[i] == NULL ? -1 : 0;
}

static int
emit_column(struct translator *t, const char *alias, const char *name)
{
	if (translate_identifier(t, alias) < 0 || translate_emit(t, ".") < 0)
		return -1;
	return translate_identifier(t, name);
}

/* The row as it is, with its rowid before it unless it is a view's; and as it is to be. */
int
modify_fire_select(struct translator *t, const char *alias, bool updates)
{
	const struct modify_fire *fire = t->fire;
	const char *before = "";

	translate_emit(t, "SELECT ");
	if (!fire->instead) {
		translate_identifier(t, alias);
		translate_emit_format(t, ".%s", fire->rowid);
		before = ", ";
	}
	for (unsigned pass = 0; pass < (updates ? 2U : 1U); pass++)
		for (unsigned i = 0; i < fire->table->ncolumns; i++, before = ", ") {
			translate_emit(t, before);
			if (pass == 1 && fire->assigned[i] != NULL
				? translate_emit(t, fire->assigned[i]) < 0
				: emit_column(t, alias, fire->table->columns[i].name) < 0)
				return -1;
		}
	return 0;
}

/* What a row is stored with; a domain's checks hold for what a trigger has made of it too. */
static int
emit_stored(struct translator *t, unsigned i)
{
	const struct schema_column *column = &t->fire->table->columns[i];
	struct expression e = expression_value(t->out.length, column->oid);

	if (translate_emit_format(t, "bibd_row(%u)", i) < 0)
		return -1;
	e.end = t->out.length;
	e.canonical = column->oid == TYPE_NUMERIC;
	if (column->domain != 0 && expression_cast(t, &e, column->domain, -1, CAST_ASSIGNMENT, -1) < 0)
		return -1;
	return modify_emit_stored_key(t, column, e.start);
}

static int
emit_target(struct translator *t, const char *alias)
{
	translate_identifier(t, t->fire->table->schema);
	translate_emit(t, ".");
	translate_identifier(t, t->fire->table->name);
	translate_emit(t, " AS ");
	return translate_identifier(t, alias);
}

static int
emit_insert(struct translator *t, const char *alias)
{
	const struct schema_table *table = t->fire->table;
	const char *before = " (";

	if (translate_emit(t, "INSERT INTO ") < 0 || emit_target(t, alias) < 0)
		return -1;
	for (unsigned i = 0; i < table->ncolumns; i++)
		if (!table->columns[i].generated) {
			translate_emit(t, before);
			translate_identifier(t, table->columns[i].name);
			before = ", ";
		}
	translate_emit(t, ") VALUES ");
	before = "(";
	for (unsigned i = 0; i < table->ncolumns; i++)
		if (!table->columns[i].generated) {
			if (translate_emit(t, before) < 0 || emit_stored(t, i) < 0)
				return -1;
			before = ", ";
		}
	return translate_emit(t, ")");
}

static int
emit_by_rowid(struct translator *t)
{
	return translate_emit_format(t, " WHERE %s = bibd_row(%u)", t->fire->rowid, t->fire->table->ncolumns);
}

static int
emit_update(struct translator *t, const char *alias)
{
	const struct schema_table *table = t->fire->table;
	const char *before = " SET ";

	if (translate_emit(t, "UPDATE ") < 0 || emit_target(t, alias) < 0)
		return -1;
	for (unsigned i = 0; i < table->ncolumns; i++)
		if (!table->columns[i].generated) {
			translate_emit(t, before);
			translate_identifier(t, table->columns[i].name);
			if (translate_emit(t, " = ") < 0 || emit_stored(t, i) < 0)
				return -1;
			before = ", ";
		}
	return emit_by_rowid(t);
}

/* The row at hand under the names of the relation's columns. */
static int
emit_row(struct translator *t, const char *alias)
{
	const struct schema_table *table = t->fire->table;

	for (unsigned i = 0; i < table->ncolumns; i++) {
		translate_emit_format(t, "%sbibd_row(%u) AS ", i == 0 ? "(SELECT " : ", ", i);
		if (translate_identifier(t, table->columns[i].name) < 0)
			return -1;
	}
	translate_emit(t, ") AS ");
	return translate_identifier(t, alias);
}

/* Of a view nothing is changed, and RETURNING answers what the trigger has made of the row. */
static int
emit_instead(struct translator *t, const char *alias)
{
	translate_emit(t, "SELECT ");
	if (translate_emit(t, t->fire->returning != NULL ? t->fire->returning + strlen(" RETURNING ") : "1") < 0 ||
	    translate_emit(t, " FROM ") < 0)
		return -1;
	return emit_row(t, alias);
}

/* What was written since `start` becomes a text of the plan's own. */
static int
take(struct translator *t, size_t start, char **text, int **numbers)
{
	struct sql_text out = { 0 };

	if (t->out.failed || !translate_number_text(t, t->out.data + start, numbers, &out)) {
		sql_text_free(&out);
		return translate_out_of_memory(t);
	}
	*text = out.data;
	sql_text_cut(&t->out, start);
	return 0;
}

static int
take_again(struct translator *t, size_t start)
{
	struct dialect_fire *plan = t->fire->plan;

	for (unsigned i = 0; i < plan->ncolumns; i++) {
		translate_emit(t, i == 0 ? "SELECT " : ", ");
		translate_identifier(t, plan->columns[i].name);
	}
	translate_emit(t, " FROM ");
	if (emit_target(t, "bibd_again") < 0 || emit_by_rowid(t) < 0)
		return -1;
	plan->again = strdup(t->out.data + start);
	sql_text_cut(&t->out, start);
	return plan->again == NULL ? translate_out_of_memory(t) : 0;
}

int
modify_fire_returning(struct translator *t, size_t start)
{
	if (t->out.length == start)
		return 0;
	t->fire->returning = translator_copy(t, t->out.data + start);
	sql_text_cut(&t->out, start);
	return t->fire->returning == NULL ? -1 : 0;
}

/* ON CONFLICT DO UPDATE: the row that has the same key. */
int
modify_fire_met(struct translator *t, const char *alias, const char *match, const char *condition)
{
	size_t start = t->out.length;

	if (modify_fire_select(t, alias, true) < 0 || translate_emit(t, ", ") < 0 ||
	    translate_emit(t, condition == NULL ? "1" : condition) < 0 || translate_emit(t, " FROM ") < 0 ||
	    emit_target(t, alias) < 0 || translate_emit(t, ", ") < 0 || emit_row(t, "excluded") < 0 ||
	    translate_emit(t, " WHERE ") < 0 || translate_emit(t, match) < 0 ||
	    take(t, start, &t->fire->plan->met, &t->fire->plan->met_numbers) < 0)
		return -1;
	t->fire->updates = true;
	return 0;
}

static int
emit_step(struct translator *t, const char *alias)
{
	struct dialect_fire *plan = t->fire->plan;

	if (plan->instead)
		return emit_instead(t, alias);
	if ((plan->events & TRIGGER_INSERT) != 0)
		return emit_insert(t, alias);
	if ((plan->events & TRIGGER_UPDATE) != 0)
		return emit_update(t, alias);
	if (translate_emit(t, "DELETE FROM ") < 0 || emit_target(t, alias) < 0)
		return -1;
	return emit_by_rowid(t);
}

int
modify_fire_finish(struct translator *t, const char *alias)
{
	struct modify_fire *fire = t->fire;
	struct dialect_fire *plan = fire->plan;
	const char *returning = fire->returning == NULL ? "" : fire->returning;
	size_t start = t->out.length;

	if (emit_step(t, alias) < 0 || (fire->conflict != NULL && translate_emit(t, fire->conflict) < 0) ||
	    (!plan->instead && translate_emit(t, returning) < 0) ||
	    take(t, start, &plan->step, &plan->step_numbers) < 0)
		return -1;
	if (fire->updates &&
	    (emit_update(t, alias) < 0 || translate_emit(t, returning) < 0 ||
		take(t, start, &plan->update, &plan->update_numbers) < 0))
		return -1;
	return plan->generates && !plan->instead ? take_again(t, start) : 0;
}
