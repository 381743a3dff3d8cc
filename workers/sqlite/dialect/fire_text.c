/*
 * The texts of a statement that changes rows one by one: the query that finds them, what changes one, and what is
 * answered of it.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/schema/trigger.h"

/* How what finds the rows of a table with children knows where each is. */
#define MEMBER "bibd:member"
#define ROWID "bibd:rowid"

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

/* The row at hand under the names of the relation's columns. */
static int
emit_row(struct translator *t, const char *alias)
{
	const struct schema_table *table = t->fire->table;

	for (unsigned i = 0; i < table->ncolumns; i++) {
		struct expression e;

		translate_emit(t, i == 0 ? "(SELECT " : ", ");
		e = expression_value(t->out.length, table->columns[i].oid);
		translate_emit_format(t, "bibd_row(%u)", i);
		e.end = t->out.length;
		/* A number that is not stored yet need not be in the form in which numerics are compared. */
		if (expression_canonize(t, &e, -1) < 0 || translate_emit(t, " AS ") < 0 ||
		    translate_identifier(t, table->columns[i].name) < 0)
			return -1;
	}
	if (t->fire->answers)
		translate_emit_format(t, ", bibd_row(%u) AS \"" SCOPE_TABLEOID "\"", table->ncolumns);
	translate_emit(t, ") AS ");
	return translate_identifier(t, alias);
}

static int
emit_number(struct translator *t, const struct partition_choice *choice, const struct partition *partition)
{
	const struct fire_parts *parts = t->fire->parts;

	(void)choice;
	for (unsigned i = 0; i < parts->nleaves; i++)
		if (strcmp(parts->leaves[i], partition->name) == 0)
			return translate_emit_format(t, "%u", i + 1);
	return translate_emit(t, "NULL");
}

static int
emit_none(struct translator *t, const struct partition_choice *choice, const char *name)
{
	(void)choice;
	(void)name;
	return translate_emit(t, "NULL");
}

/* The number of the member that a row of that alias is in. */
static int
emit_partition(struct translator *t, const char *alias)
{
	const struct fire_parts *parts = t->fire->parts;
	const struct partition_choice choice = { .tree = &parts->tree,
		.alias = alias,
		.leaf = emit_number,
		.none = emit_none };

	return partition_emit_choice(t, &choice, parts->relation);
}

/* The row as it is, with its rowid before it unless it is a view's; and as it is to be. */
int
modify_fire_select(struct translator *t, const char *alias, bool updates)
{
	const struct modify_fire *fire = t->fire;
	const char *before = "";

	translate_emit(t, "SELECT ");
	if (fire->below != NULL) {
		emit_column(t, alias, MEMBER);
		translate_emit(t, ", ");
		emit_column(t, alias, ROWID);
		before = ", ";
	} else if (!fire->plan->instead) {
		if (fire->parts != NULL && (emit_partition(t, alias) < 0 || translate_emit(t, ", ") < 0))
			return -1;
		translate_identifier(t, alias);
		translate_emit_format(t, ".%s", modify_rowid(fire->table));
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

/* ---- what finds them ---- */

int
modify_fire_route(struct translator *t, const struct fire_parts *parts)
{
	const struct schema_table *family = t->family;
	size_t start = t->out.length;
	int status;

	(void)parts;
	translate_emit(t, "SELECT ");
	/* Columns of a query have no collation of the table's. */
	t->family = t->fire->table;
	status = emit_partition(t, "bibd_routed");
	t->family = family;
	if (status < 0 || translate_emit(t, " FROM ") < 0 || emit_row(t, "bibd_routed") < 0)
		return -1;
	t->fire->plan->route = strdup(t->out.data + start);
	sql_text_cut(&t->out, start);
	return t->fire->plan->route == NULL ? translate_out_of_memory(t) : 0;
}

static int
emit_member(struct translator *t, const struct schema_table *member, unsigned i)
{
	translate_emit(t, i == 0 ? "(" : " UNION ALL ");
	for (unsigned k = 0; k < t->fire->table->ncolumns; k++) {
		translate_emit(t, k == 0 ? "SELECT " : ", ");
		translate_identifier(t, t->fire->table->columns[k].name);
	}
	translate_emit_format(t, ", %u AS \"" SCOPE_TABLEOID "\", %u AS \"" MEMBER "\", %s AS \"" ROWID "\" FROM ",
	    catalog_object_oid(member->schema, member->name), i, modify_rowid(member));
	translate_identifier(t, member->schema);
	translate_emit(t, ".");
	return translate_identifier(t, member->name);
}

int
modify_fire_target(struct translator *t, const struct schema_table *table, const char *alias)
{
	const struct modify_fire *fire = t->fire;

	if (fire->below == NULL)
		return modify_emit_target(t, table, alias);
	for (unsigned i = 0; i < fire->plan->nmembers; i++)
		if (emit_member(t, i == 0 ? fire->table : fire->below[i - 1], i) < 0)
			return -1;
	translate_emit(t, ") AS ");
	return translate_identifier(t, alias);
}

/* ---- other tables, whose columns RETURNING names ---- */

static int
keep_column(struct translator *t, const struct scope_range *range, struct scope_column *column)
{
	struct dialect_fire *plan = t->fire->plan;
	struct found_column found = { .range = range, .column = column };
	uint32_t *grown = reallocarray(plan->kept, plan->nkept + 1, sizeof(*grown));
	struct expression e;

	if (grown == NULL)
		return translate_out_of_memory(t);
	plan->kept = grown;
	if (column->merged || column->rank > 0)
		return translate_refuse(t, -1, "a join with USING that changes are made from");
	translate_emit(t, ", ");
	if (translate_found_column(t, &found, &e) < 0 || expression_canonize(t, &e, -1) < 0)
		return -1;
	column->emitted = translator_format(t, "bibd_row(%u)", t->fire->table->ncolumns + 1 + plan->nkept);
	column->raw = true;
	column->collated = false;
	column->canonical = e.canonical;
	grown[plan->nkept++] = column->oid;
	return column->emitted == NULL ? -1 : 0;
}

int
modify_fire_keep(struct translator *t, const struct scope_range *range)
{
	struct scope_range **end = &t->fire->joined;

	t->fire->answers = true;
	for (; range != NULL; range = range->next) {
		struct scope_range *kept = translator_alloc(t, sizeof(*kept));

		if (kept == NULL)
			return -1;
		*kept = *range;
		kept->next = NULL;
		if ((kept->columns = translator_alloc(t, (range->ncolumns + 1) * sizeof(*kept->columns))) == NULL)
			return -1;
		memcpy(kept->columns, range->columns, range->ncolumns * sizeof(*kept->columns));
		for (unsigned i = 0; i < range->ncolumns; i++)
			if (keep_column(t, range, &kept->columns[i]) < 0)
				return -1;
		/* Where one of its rows is was not kept. */
		if (range->inherited || range->partitioned != NULL)
			kept->table_oid = 0;
		kept->inherited = false;
		kept->partitioned = NULL;
		*end = kept;
		end = &kept->next;
	}
	return 0;
}

/* ---- what changes a row ---- */

/* What a row is stored with; a domain's checks hold for what a trigger has made of it too. */
static int
emit_stored(struct translator *t, const struct schema_table *table, unsigned i)
{
	const struct schema_column *column = &table->columns[i];
	struct expression e = expression_value(t->out.length, column->oid);

	if (translate_emit_format(t, "bibd_row(%u)", i) < 0)
		return -1;
	e.end = t->out.length;
	if (expression_canonize(t, &e, -1) < 0)
		return -1;
	if (column->domain != 0 && expression_cast(t, &e, column->domain, -1, CAST_ASSIGNMENT, -1) < 0)
		return -1;
	return modify_emit_stored_key(t, column, e.start);
}

static int
emit_insert(struct translator *t, const struct schema_table *table, const char *alias)
{
	const char *before = " (";

	if (translate_emit(t, "INSERT INTO ") < 0 || modify_emit_target(t, table, alias) < 0)
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
			if (translate_emit(t, before) < 0 || emit_stored(t, table, i) < 0)
				return -1;
			before = ", ";
		}
	return translate_emit(t, ")");
}

static int
emit_by_rowid(struct translator *t, const struct schema_table *table)
{
	return translate_emit_format(t, " WHERE %s = bibd_row(%u)", modify_rowid(table), table->ncolumns);
}

static int
emit_update(struct translator *t, const struct schema_table *table, const char *alias)
{
	const char *before = " SET ";
	size_t start;

	if (translate_emit(t, "UPDATE ") < 0 || modify_emit_target(t, table, alias) < 0)
		return -1;
	for (unsigned i = 0; i < table->ncolumns; i++)
		if (!table->columns[i].generated) {
			translate_emit(t, before);
			translate_identifier(t, table->columns[i].name);
			if (translate_emit(t, " = ") < 0)
				return -1;
			start = t->out.length;
			if (emit_stored(t, table, i) < 0 ||
			    modify_emit_passed_on(t, table, alias, &table->columns[i], start) < 0)
				return -1;
			before = ", ";
		}
	return emit_by_rowid(t, table);
}

/* What RETURNING answers of the row; of a view nothing is changed, and it is what the trigger has made of the row. */
static int
emit_answer(struct translator *t, const char *alias)
{
	translate_emit(t, "SELECT ");
	if (translate_emit(t, t->fire->returning + strlen(" RETURNING ")) < 0 || translate_emit(t, " FROM ") < 0)
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
take_again(struct translator *t, const struct schema_table *table, struct dialect_member *member)
{
	size_t start = t->out.length;

	for (unsigned i = 0; i < table->ncolumns; i++) {
		translate_emit(t, i == 0 ? "SELECT " : ", ");
		translate_identifier(t, table->columns[i].name);
	}
	translate_emit(t, " FROM ");
	if (modify_emit_target(t, table, "bibd_again") < 0 || emit_by_rowid(t, table) < 0)
		return -1;
	member->again = strdup(t->out.data + start);
	sql_text_cut(&t->out, start);
	return member->again == NULL ? translate_out_of_memory(t) : 0;
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
	    modify_emit_target(t, t->fire->table, alias) < 0 || translate_emit(t, ", ") < 0 ||
	    emit_row(t, "excluded") < 0 || translate_emit(t, " WHERE ") < 0 || translate_emit(t, match) < 0 ||
	    take(t, start, &t->fire->plan->met, &t->fire->plan->met_numbers) < 0)
		return -1;
	t->fire->updates = true;
	return 0;
}

static int
emit_step(struct translator *t, const struct schema_table *table, const char *alias)
{
	const struct dialect_fire *plan = t->fire->plan;

	if ((plan->events & TRIGGER_INSERT) != 0)
		return emit_insert(t, table, alias);
	if ((plan->events & TRIGGER_UPDATE) != 0)
		return emit_update(t, table, alias);
	if (translate_emit(t, "DELETE FROM ") < 0 || modify_emit_target(t, table, alias) < 0)
		return -1;
	return emit_by_rowid(t, table);
}

static int
finish_member(struct translator *t, unsigned i, const char *alias, const char *returning)
{
	struct modify_fire *fire = t->fire;
	struct dialect_member *member = &fire->plan->members[i];
	const struct schema_table *table = i == 0 || fire->below == NULL ? fire->table : fire->below[i - 1];
	size_t start = t->out.length;

	/* Partitions' rows are changed as the first member's. */
	if (fire->plan->instead || (i > 0 && fire->parts != NULL))
		return 0;
	if (emit_step(t, table, alias) < 0 || (fire->conflict != NULL && translate_emit(t, fire->conflict) < 0) ||
	    translate_emit(t, returning) < 0 || take(t, start, &member->step, &member->step_numbers) < 0)
		return -1;
	return member->generates || i > 0 ? take_again(t, table, member) : 0;
}

int
modify_fire_finish(struct translator *t, const char *alias)
{
	struct modify_fire *fire = t->fire;
	struct dialect_fire *plan = fire->plan;
	const char *returning = fire->returning == NULL || fire->answers ? "" : fire->returning;
	size_t start = t->out.length;

	for (unsigned i = 0; i < plan->nmembers; i++)
		if (finish_member(t, i, alias, returning) < 0)
			return -1;
	if (fire->updates &&
	    (emit_update(t, fire->table, alias) < 0 || translate_emit(t, returning) < 0 ||
		take(t, start, &plan->update, &plan->update_numbers) < 0))
		return -1;
	return fire->answers && fire->returning != NULL
	    ? (emit_answer(t, alias) < 0 ? -1 : take(t, start, &plan->answer, &plan->answer_numbers))
	    : 0;
}
