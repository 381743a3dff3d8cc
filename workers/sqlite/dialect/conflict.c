/*
 * ON CONFLICT. SQLite has it from PostgreSQL, but knows no constraint names: ON CONSTRAINT is turned into the columns
 * that the constraint of that name has in the table's definition.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/dialect/tree.h"

static int
emit_names(struct translator *t, const struct definition_names *names)
{
	for (unsigned i = 0; i < names->count; i++) {
		translate_emit(t, i == 0 ? "(" : ", ");
		translate_identifier(t, names->names[i]);
	}
	return translate_emit(t, ")");
}

/* Whether the constraint bears the name, given or made up by PostgreSQL's rule. */
static bool
is_named(const struct schema_table *table, const struct definition_constraint *constraint, const char *name)
{
	bool primary = constraint->kind == DEFINITION_PRIMARY_KEY;
	char *made, *columns = NULL;
	bool same;

	if (constraint->kind != DEFINITION_UNIQUE && !primary)
		return false;
	if (constraint->name != NULL)
		return strcmp(constraint->name, name) == 0;
	for (unsigned i = 0; i < constraint->columns.count && !primary; i++) {
		char *longer;

		if (asprintf(&longer, "%s%s%s", columns == NULL ? "" : columns, columns == NULL ? "" : "_",
			constraint->columns.names[i]) < 0)
			break;
		free(columns);
		columns = longer;
	}
	made = definition_object_name(table->name, columns, primary ? "pkey" : "key");
	same = made != NULL && strcmp(made, name) == 0;
	free(made);
	free(columns);
	return same;
}

static int
emit_constraint(struct translator *t, const struct schema_table *table, const PgQuery__InferClause *infer)
{
	struct definition definition = { 0 };
	int status = -1;
	bool found = false;

	if (table->sql != NULL && definition_parse(table->sql, &definition) == 0)
		for (unsigned i = 0; i < definition.nconstraints && !found; i++)
			if (is_named(table, &definition.constraints[i], infer->conname)) {
				found = true;
				status = emit_names(t, &definition.constraints[i].columns);
			}
	definition_free(&definition);
	if (!found)
		return translate_fail(t, infer->location, SQLSTATE_UNDEFINED_OBJECT,
		    "constraint \"%s\" for table \"%s\" does not exist", infer->conname, table->name);
	return status;
}

static int
emit_columns(struct translator *t, const struct schema_table *table, const PgQuery__InferClause *infer)
{
	for (size_t i = 0; i < infer->n_index_elems; i++) {
		const PgQuery__IndexElem *elem = infer->index_elems[i]->index_elem;

		if (elem->n_opclass > 0)
			return translate_refuse(t, infer->location, "an operator class in ON CONFLICT");
		translate_emit(t, i == 0 ? "(" : ", ");
		if (elem->expr != NULL) {
			if (translate_expression(t, elem->expr, NULL) < 0)
				return -1;
			continue;
		}
		if (modify_find_column(t, table, elem->name, infer->location) < 0 ||
		    translate_identifier(t, schema_column_stored(schema_find_column(table, elem->name))) < 0)
			return -1;
	}
	translate_emit(t, ")");
	if (infer->where_clause == NULL)
		return 0;
	return translate_emit(t, " WHERE ") < 0 ? -1 : translate_condition(t, infer->where_clause, "WHERE");
}

/* The index's own expressions: literals must read as they do there. */
static int
emit_target(struct translator *t, const struct schema_table *table, const PgQuery__InferClause *infer)
{
	bool lift = t->lift;
	struct scope scope;
	int status = -1;

	if (infer->conname != NULL && *infer->conname != '\0')
		return emit_constraint(t, table, infer);
	translate_scope_open(t, &scope);
	t->lift = false;
	if (translate_scope_table(t, table, table->name, true) != NULL)
		status = emit_columns(t, table, infer);
	t->lift = lift;
	translate_scope_close(t, &scope);
	return status;
}

/* The row is none that the statement has changed before, which is 21000 whatever WHERE says. */
static int
emit_once(struct translator *t, const struct schema_table *table, const char *alias, bool more)
{
	const char *rowid = modify_rowid(schema_table_root(table));

	if (rowid == NULL)
		return translate_refuse(t, -1, "ON CONFLICT DO UPDATE on a table with columns rowid, _rowid_ and oid");
	/* Not AND, of which SQLite leaves the left side out when the right one is false. */
	translate_emit(t, more ? "CASE WHEN bibd_once(" : "bibd_once(");
	translate_identifier(t, alias);
	return translate_emit_format(t, ".%s)%s", rowid, more ? " THEN " : "");
}

static int
find_excluded(void *arg, const PgQuery__Node *node)
{
	const PgQuery__ColumnRef *ref = node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? node->column_ref : NULL;
	const char *range = ref != NULL && ref->n_fields == 2 ? translate_string(ref->fields[0]) : NULL;

	if (range != NULL && strcmp(range, "excluded") == 0) {
		*(const PgQuery__Node **)arg = node;
		return 1;
	}
	return tree_each_child(node, find_excluded, arg);
}

/* A table that is called as the row that was not inserted is. */
static int
check_excluded(struct translator *t, const char *alias, const PgQuery__OnConflictClause *clause)
{
	const PgQuery__Node *found = NULL;

	if (strcmp(alias, "excluded") != 0)
		return 0;
	for (size_t i = 0; i < clause->n_target_list && found == NULL; i++)
		(void)find_excluded(&found, clause->target_list[i]);
	if (clause->where_clause != NULL && found == NULL)
		(void)find_excluded(&found, clause->where_clause);
	return found == NULL ? 0
			     : translate_fail(t, translate_location(found), SQLSTATE_AMBIGUOUS_ALIAS,
				   "table reference \"excluded\" is ambiguous");
}

static int
emit_update(struct translator *t, const struct schema_table *table, const char *alias,
    const PgQuery__OnConflictClause *clause)
{
	struct scope scope;

	if (check_excluded(t, alias, clause) < 0)
		return -1;
	translate_scope_open(t, &scope);
	if (translate_scope_table(t, table, alias, false) == NULL ||
	    translate_scope_table(t, table, "excluded", false) == NULL || translate_emit(t, " DO UPDATE") < 0 ||
	    modify_emit_set(t, table, clause->target_list, clause->n_target_list, MODIFY_INSERT) < 0)
		return -1;
	if ((t->plan->updates_once || clause->where_clause != NULL) && translate_emit(t, " WHERE ") < 0)
		return -1;
	if (t->plan->updates_once && emit_once(t, table, alias, clause->where_clause != NULL) < 0)
		return -1;
	if (clause->where_clause != NULL && translate_condition(t, clause->where_clause, "WHERE") < 0)
		return -1;
	if (t->plan->updates_once && clause->where_clause != NULL && translate_emit(t, " END") < 0)
		return -1;
	translate_scope_close(t, &scope);
	return 0;
}

/* ---- with row triggers ---- */

static int
match_names(struct translator *t, const struct definition_names *names, const char *alias)
{
	for (unsigned i = 0; i < names->count; i++) {
		const char *const sides[] = { alias, "excluded" };

		for (size_t side = 0; side < 2; side++) {
			translate_emit(t, side == 1 ? " = " : i == 0 ? "" : " AND ");
			translate_identifier(t, sides[side]);
			translate_emit(t, ".");
			if (translate_identifier(t, names->names[i]) < 0)
				return -1;
		}
	}
	return 0;
}

static bool
has_columns(const struct definition_constraint *c, const struct definition_names *names)
{
	if ((c->kind != DEFINITION_UNIQUE && c->kind != DEFINITION_PRIMARY_KEY) || c->columns.count != names->count)
		return false;
	for (unsigned i = 0; i < names->count; i++)
		if (!definition_names_has(&c->columns, names->names[i]))
			return false;
	return true;
}

static int
name_columns(struct translator *t, const struct schema_table *table, const PgQuery__InferClause *infer,
    struct definition_names *names)
{
	for (size_t i = 0; i < infer->n_index_elems; i++) {
		const PgQuery__IndexElem *elem = infer->index_elems[i]->index_elem;

		if (elem->expr != NULL)
			return translate_refuse(t, -1, "ON CONFLICT of an expression for a table with triggers");
		if (modify_find_column(t, table, elem->name, infer->location) < 0)
			return -1;
		if (!definition_names_has(names, schema_column_stored(schema_find_column(table, elem->name))) &&
		    definition_add_name(names, schema_column_stored(schema_find_column(table, elem->name))) == -1)
			return translate_out_of_memory(t);
	}
	return 0;
}

/* The row in the way is found by the key's columns: those of a constraint, which NULLs never meet. */
static int
emit_match(struct translator *t, const struct schema_table *table, const char *alias, const PgQuery__InferClause *infer)
{
	bool by_name = infer->conname != NULL && *infer->conname != '\0', found = false;
	struct definition_names names = { 0 };
	struct definition definition = { 0 };
	int status = by_name ? 0 : name_columns(t, table, infer, &names);

	if (status == 0 && definition_parse(schema_table_root(table)->sql, &definition) == 0)
		for (unsigned i = 0; i < definition.nconstraints && !found && status == 0; i++) {
			const struct definition_constraint *c = &definition.constraints[i];

			if ((found = by_name ? is_named(table, c, infer->conname) : has_columns(c, &names)))
				status = match_names(t, &c->columns, alias);
		}
	definition_free(&definition);
	definition_names_free(&names);
	if (status == 0 && infer->where_clause != NULL)
		return translate_refuse(t, -1, "ON CONFLICT of a partial index for a table with triggers");
	if (status == 0 && !found)
		return translate_refuse(t, -1, "this ON CONFLICT DO UPDATE for a table with triggers");
	return status;
}

static int
fire_update(struct translator *t, const struct schema_table *table, const char *alias,
    const PgQuery__OnConflictClause *clause)
{
	size_t start = t->out.length;
	const char *match, *condition = NULL;
	struct scope_range *excluded;
	struct scope scope;

	if (t->fire->plan->instead)
		return translate_refuse(t, clause->location, "ON CONFLICT for a view with INSTEAD OF triggers");
	if (emit_match(t, table, alias, clause->infer) < 0 || (match = translator_copy(t, t->out.data + start)) == NULL)
		return -1;
	sql_text_cut(&t->out, start);
	translate_scope_open(t, &scope);
	if (translate_scope_table(t, table, alias, false) == NULL ||
	    (excluded = translate_scope_table(t, table, "excluded", false)) == NULL)
		return -1;
	/* It is a query's, whose columns have no collation of the table's. */
	for (unsigned i = 0; i < excluded->ncolumns; i++)
		excluded->columns[i].collated = false;
	if (modify_emit_set(t, table, clause->target_list, clause->n_target_list, MODIFY_INSERT) < 0 ||
	    (clause->where_clause != NULL && translate_condition(t, clause->where_clause, "WHERE") < 0) ||
	    (clause->where_clause != NULL && (condition = translator_copy(t, t->out.data + start)) == NULL))
		return -1;
	sql_text_cut(&t->out, start);
	translate_scope_close(t, &scope);
	return modify_fire_met(t, alias, match, condition);
}

/* Whether the clause means the key. */
static bool
infers(const struct definition_constraint *c, const PgQuery__InferClause *infer)
{
	if (infer->conname != NULL && *infer->conname != '\0')
		return c->name != NULL && strcmp(c->name, infer->conname) == 0;
	for (size_t i = 0; i < infer->n_index_elems; i++) {
		const PgQuery__IndexElem *elem = infer->index_elems[i]->index_elem;

		if (elem->expr != NULL || elem->name == NULL || !definition_names_has(&c->columns, elem->name))
			return false;
	}
	return infer->n_index_elems == c->columns.count;
}

/* A key that is DEFERRABLE stops nobody at once: it can't be the one that a row meets. */
static int
check_late(struct translator *t, const struct schema_table *table, const PgQuery__InferClause *infer)
{
	struct definition d = { 0 };
	bool late = false, found = false;

	if (!schema_has_late_keys(t->schema) || definition_parse(schema_table_root(table)->sql, &d) == -1)
		return 0;
	for (unsigned i = 0; i < d.nconstraints; i++) {
		const struct definition_constraint *c = &d.constraints[i];

		if (c->kind != DEFINITION_UNIQUE && c->kind != DEFINITION_PRIMARY_KEY)
			continue;
		late |= definition_is_late(c) && (infer == NULL || infers(c, infer));
		found |= !definition_is_late(c) && infer != NULL && infers(c, infer);
	}
	definition_free(&d);
	return !late || found
	    ? 0
	    : translate_fail(t, -1, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
		  "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters");
}

int
modify_emit_conflict(struct translator *t, const struct schema_table *table, const char *alias,
    const PgQuery__OnConflictClause *clause)
{
	bool update = clause->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE,
	     several = t->plan->updates_once;
	int status;

	if (update && clause->infer == NULL)
		return translate_fail(t, clause->location, SQLSTATE_SYNTAX_ERROR,
		    "ON CONFLICT DO UPDATE requires inference specification or constraint name");
	if (check_late(t, table, clause->infer) < 0)
		return -1;
	if (update && t->fire != NULL) {
		t->plan->updates_once = false;
		return fire_update(t, table, alias, clause);
	}
	if (t->fire != NULL && t->fire->plan->instead)
		return translate_refuse(t, clause->location, "ON CONFLICT for a view with INSTEAD OF triggers");
	t->plan->updates_once &= update && !table->without_rowid;
	if (translate_emit(t, " ON CONFLICT ") < 0 ||
	    (clause->infer != NULL && emit_target(t, table, clause->infer) < 0))
		return -1;
	if (!update)
		return translate_emit(t, " DO NOTHING");
	t->changed = several ? schema_table_root(table) : NULL; /* a later row would see what an earlier one did */
	t->before = t->ctes;
	status = emit_update(t, table, alias, clause);
	t->changed = NULL;
	return status;
}
