/*
 * ON CONFLICT. SQLite has it from PostgreSQL, but knows no constraint names: ON CONSTRAINT is turned into the columns
 * that the constraint of that name has in the table's definition.
 */
#include <string.h>

#include "workers/sqlite/dialect/modify.h"

static int
emit_primary_key(struct translator *t, const struct schema_table *table)
{
	bool any = false;

	for (unsigned i = 0; i < table->ncolumns; i++)
		if (table->columns[i].primary_key) {
			translate_emit(t, any ? ", " : "(");
			translate_identifier(t, table->columns[i].name);
			any = true;
		}
	return any ? translate_emit(t, ")") : 1;
}

/* CONSTRAINT "name" UNIQUE ("a", "b") in CREATE TABLE: the part in parentheses, which is SQLite's own text. */
static int
emit_named_constraint(struct translator *t, const struct schema_table *table, const char *name)
{
	const char *found = table->sql == NULL ? NULL : strstr(table->sql, name), *open, *close;

	while (found != NULL) {
		const char *after = found + strlen(name);

		if (*after == '"' && found > table->sql && found[-1] == '"') {
			after += 1 + strspn(after + 1, " \t\n");
			if (strncasecmp(after, "UNIQUE", 6) == 0 || strncasecmp(after, "PRIMARY KEY", 11) == 0) {
				open = strchr(after, '(');
				close = open == NULL ? NULL : strchr(open, ')');
				if (close == NULL)
					return 1;
				sql_text_put_bytes(&t->out, open, (size_t)(close - open) + 1);
				return 0;
			}
		}
		found = strstr(found + 1, name);
	}
	return 1;
}

static int
emit_constraint(struct translator *t, const struct schema_table *table, const PgQuery__InferClause *infer)
{
	const char *primary = translator_format(t, "%s_pkey", table->name);
	int status;

	if (primary == NULL)
		return -1;
	status = emit_named_constraint(t, table, infer->conname);
	if (status > 0 && strcmp(primary, infer->conname) == 0)
		status = emit_primary_key(t, table);
	for (unsigned i = 0; status > 0 && i < table->ncolumns; i++) {
		const char *unique = translator_format(t, "%s_%s_key", table->name, table->columns[i].name);

		if (unique == NULL)
			return -1;
		if (strcmp(unique, infer->conname) != 0)
			continue;
		translate_emit(t, "(");
		translate_identifier(t, table->columns[i].name);
		status = translate_emit(t, ")");
	}
	if (status > 0)
		return translate_fail(t, infer->location, SQLSTATE_UNDEFINED_OBJECT,
		    "constraint \"%s\" for table \"%s\" does not exist", infer->conname, table->name);
	return status;
}

static int
emit_columns(struct translator *t, const struct schema_table *table, const PgQuery__InferClause *infer)
{
	for (size_t i = 0; i < infer->n_index_elems; i++) {
		const PgQuery__IndexElem *elem = infer->index_elems[i]->index_elem;

		translate_emit(t, i == 0 ? "(" : ", ");
		if (elem->expr != NULL) {
			if (translate_expression(t, elem->expr, NULL) < 0)
				return -1;
			continue;
		}
		if (modify_find_column(t, table, elem->name, infer->location) < 0 ||
		    translate_identifier(t, elem->name) < 0)
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

static int
emit_update(struct translator *t, const struct schema_table *table, const char *alias,
    const PgQuery__OnConflictClause *clause)
{
	struct scope scope;

	translate_scope_open(t, &scope);
	if (translate_scope_table(t, table, alias, false) == NULL ||
	    translate_scope_table(t, table, "excluded", false) == NULL || translate_emit(t, " DO UPDATE") < 0 ||
	    modify_emit_set(t, table, clause->target_list, clause->n_target_list) < 0)
		return -1;
	if (clause->where_clause != NULL &&
	    (translate_emit(t, " WHERE ") < 0 || translate_condition(t, clause->where_clause, "WHERE") < 0))
		return -1;
	translate_scope_close(t, &scope);
	return 0;
}

int
modify_emit_conflict(struct translator *t, const struct schema_table *table, const char *alias,
    const PgQuery__OnConflictClause *clause)
{
	bool update = clause->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;

	if (update && clause->infer == NULL)
		return translate_fail(t, clause->location, SQLSTATE_SYNTAX_ERROR,
		    "ON CONFLICT DO UPDATE requires inference specification or constraint name");
	if (translate_emit(t, " ON CONFLICT ") < 0 || (clause->infer != NULL && emit_target(t, table, clause->infer) < 0))
		return -1;
	return update ? emit_update(t, table, alias, clause) : translate_emit(t, " DO NOTHING");
}
