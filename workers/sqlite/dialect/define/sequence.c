/*
 * CREATE SEQUENCE, ALTER SEQUENCE, and the sequences that serial and identity columns bring along.
 */
#include "workers/sqlite/dialect/define/sequence.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/names.h"

int
define_emit_sequence(struct translator *t, const struct schema_sequence *s, const char *schema, const char *name)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	int result;

	if (out == NULL)
		return translate_out_of_memory(t);
	schema_sequence_print(s, out, schema, name);
	result = fclose(out) == 0 ? translate_emit(t, text) : translate_out_of_memory(t);
	free(text);
	return result;
}

int
define_replace_sequence(struct translator *t, const struct schema_sequence *s, const char *schema, const char *name)
{
	if (translate_emit(t, "DROP VIEW ") == -1 || define_emit_relation(t, schema, name) == -1 ||
	    translate_emit(t, ";\n") == -1)
		return -1;
	return define_emit_sequence(t, s, schema, name);
}

int
define_read_position(struct translator *t, struct schema_sequence *s, const char *schema, const char *name)
{
	char *sql = sqlite3_mprintf("SELECT last_value, is_called FROM \"%w\".\"%w\"", schema, name);
	sqlite3_stmt *stmt = NULL;
	int result = -1;

	if (sql != NULL && sqlite3_prepare_v2(schema_database(t->schema), sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW) {
		s->at = (struct sequence_position) { .value = sqlite3_column_int64(stmt, 0),
			.called = sqlite3_column_int(stmt, 1) != 0 };
		result = 0;
	}
	sqlite3_finalize(stmt);
	sqlite3_free(sql);
	return result == 0
	    ? 0
	    : translate_fail(t, -1, SQLSTATE_INTERNAL_ERROR, "where sequence \"%s\" stands cannot be read", name);
}

/* ---- OWNED BY ---- */

static bool
is_none(const PgQuery__List *names)
{
	const char *name = names->n_items == 1 ? translate_string(names->items[0]) : NULL;

	return name != NULL && strcmp(name, "none") == 0;
}

static int
set_owner(struct translator *t, struct schema_sequence *s, const char *table, const char *column)
{
	free(s->owner_table);
	free(s->owner_column);
	s->owner_table = s->owner_column = NULL;
	if (table == NULL)
		return 0;
	return (s->owner_table = define_copy(t, table)) == NULL || (s->owner_column = define_copy(t, column)) == NULL
	    ? -1
	    : 0;
}

static int
apply_owner(struct translator *t, struct schema_sequence *s, const PgQuery__List *names, const char *schema)
{
	PgQuery__RangeVar relation = PG_QUERY__RANGE_VAR__INIT;
	const struct schema_table *table;
	const char *column;

	if (names == NULL)
		return 0;
	if (is_none(names))
		return set_owner(t, s, NULL, NULL);
	if (names->n_items < 2 || names->n_items > 3) {
		(void)translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR, "invalid OWNED BY option");
		report_hint(t->report, "Specify OWNED BY table.column or OWNED BY NONE.");
		return -1;
	}
	relation.location = -1;
	relation.relname = (char *)(uintptr_t)translate_string(names->items[names->n_items - 2]);
	relation.schemaname =
	    names->n_items == 3 ? (char *)(uintptr_t)translate_string(names->items[0]) : relation.schemaname;
	column = translate_string(names->items[names->n_items - 1]);
	if ((table = translate_find_table(t, &relation)) == NULL)
		return -1;
	if (table->kind != 'r')
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "sequence cannot be owned by relation \"%s\"",
		    table->name);
	if (strcmp(table->schema, schema) != 0)
		return translate_fail(t, -1, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
		    "sequence must be in same schema as table it is linked to");
	if (schema_find_column(table, column) == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
		    "column \"%s\" of relation \"%s\" does not exist", column, table->name);
	return set_owner(t, s, table->name, column);
}

/* An owner lies in the same schema. */
static int
check_beside(struct translator *t, const struct schema_sequence *s, const char *name)
{
	char own[NAMESPACE_BYTES], theirs[NAMESPACE_BYTES];

	namespace_of(name, own);
	namespace_of(s->owner_table == NULL ? name : s->owner_table, theirs);
	if (strcmp(own, theirs) == 0)
		return 0;
	return translate_fail(t, -1, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
	    "sequence must be in same schema as table it is linked to");
}

/* ---- statements ---- */

int
define_create_sequence(struct translator *t, const PgQuery__CreateSeqStmt *stmt)
{
	struct schema_sequence s = { 0 };
	struct define_sequence_extra extra = { 0 };
	const char *schema, *name;
	bool skip = false;
	int result;

	if (define_new_relation(t, stmt->sequence, &schema, &name) == -1 || define_set_target(t, name) == -1 ||
	    (stmt->if_not_exists && define_check_free(t, schema, name, true, &skip) == -1))
		return -1;
	if (skip)
		return 0;
	/* What is wrong with the options is said before that the name is taken. */
	result = define_apply_options(t, &s, stmt->options, stmt->n_options, true, TYPE_INT8, &extra);
	if (result == 0)
		result = define_check_free(t, schema, name, false, &skip);
	if (result == 0)
		result = apply_owner(t, &s, extra.owned_by, schema);
	if (result == 0)
		result = check_beside(t, &s, name);
	if (result == 0)
		result = define_emit_sequence(t, &s, schema, name);
	schema_sequence_free(&s);
	return result;
}

static int
alter(struct translator *t, const PgQuery__AlterSeqStmt *stmt, const struct schema_table *table)
{
	struct define_sequence_extra extra = { 0 };
	struct schema_sequence s;
	int result;

	if (schema_sequence_parse(table->sql, &s) == -1)
		return translate_out_of_memory(t);
	result = define_read_position(t, &s, table->schema, table->name);
	if (result == 0)
		result = define_apply_options(t, &s, stmt->options, stmt->n_options, false, s.oid, &extra);
	if (result == 0 && s.internal && extra.owned_by != NULL) {
		result = translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot change ownership of identity sequence");
		report_detail(t->report, "Sequence \"%s\" is linked to table \"%s\".", table->name, s.owner_table);
	}
	if (result == 0)
		result = apply_owner(t, &s, extra.owned_by, table->schema);
	if (result == 0)
		result = check_beside(t, &s, table->name);
	if (result == 0)
		result = define_replace_sequence(t, &s, table->schema, table->name);
	schema_sequence_free(&s);
	return result;
}

int
define_alter_sequence(struct translator *t, const PgQuery__AlterSeqStmt *stmt)
{
	const struct schema_table *table;
	const char *schema, *name;

	if (translate_relation_name(t, stmt->sequence, &schema, &name) == -1 || define_set_target(t, name) == -1)
		return -1;
	if (stmt->missing_ok && (schema == NULL || schema_find_table(t->schema, schema, name) == NULL))
		return define_add_notice(t, "relation \"%s\" does not exist, skipping", name);
	if ((table = translate_find_changed(t, stmt->sequence)) == NULL)
		return -1;
	if (table->kind != 'S')
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a sequence", name);
	return alter(t, stmt, table);
}

/* ---- of columns ---- */

static bool
is_free(struct translator *t, const struct definition *d, const char *schema, const char *name)
{
	struct schema_object found;

	for (unsigned i = 0; i < d->ncolumns; i++)
		if (d->columns[i].made_name != NULL && strcmp(d->columns[i].made_name, name) == 0)
			return false;
	if (strcmp(d->name, name) == 0)
		return false;
	if (!schema_find_object(t->schema, schema, name, &found))
		return true;
	schema_object_free(&found);
	return false;
}

/* table_column_seq, with a number behind it while that is taken. */
static char *
choose_name(struct translator *t, const struct definition *d, const char *schema, const char *column)
{
	char label[32] = "seq";

	for (unsigned n = 1;; n++) {
		char *own = definition_object_name(d->name, column, label);
		char *name = own == NULL ? NULL : namespace_beside(d->name, own);

		free(own);
		if (name == NULL) {
			(void)translate_out_of_memory(t);
			return NULL;
		}
		if (is_free(t, d, schema, name))
			return name;
		free(name);
		(void)snprintf(label, sizeof(label), "seq%u", n);
	}
}

static char *
name_given(struct translator *t, const struct definition *d, const PgQuery__List *names, const char *schema)
{
	char *name = define_copy_beside(t, d->name, translate_last_string(names->items, names->n_items));
	bool skip;

	if (name == NULL || define_check_free(t, schema, name, false, &skip) == 0)
		return name;
	free(name);
	return NULL;
}

/* The column owns column->made, and draws from it under that name (taken over; NULL: failed). */
static int
settle_made(struct translator *t, struct definition *d, struct definition_column *column, const char *schema,
    char *name)
{
	if ((column->made_name = name) == NULL || set_owner(t, column->made, d->name, column->name) == -1)
		return -1;
	free(column->default_sql);
	column->default_sql = schema_sequence_draw(schema, name);
	return column->default_sql == NULL ? translate_out_of_memory(t) : 0;
}

int
define_add_sequence(struct translator *t, struct definition *d, unsigned i, uint32_t oid, bool internal,
    PgQuery__Node *const *options, size_t n)
{
	struct definition_column *column = &d->columns[i];
	const char *schema = d->temporary ? "temp" : "public";
	struct define_sequence_extra extra = { 0 };

	if ((column->made = calloc(1, sizeof(*column->made))) == NULL)
		return translate_out_of_memory(t);
	column->made->internal = internal;
	if (define_apply_options(t, column->made, options, n, true, oid, &extra) == -1)
		return -1;
	return settle_made(t, d, column, schema,
	    extra.name != NULL ? name_given(t, d, extra.name, schema) : choose_name(t, d, schema, column->name));
}

int
define_copy_sequence(struct translator *t, struct definition *d, unsigned i, const struct schema_sequence *s)
{
	struct definition_column *column = &d->columns[i];
	const char *schema = d->temporary ? "temp" : "public";

	if ((column->made = calloc(1, sizeof(*column->made))) == NULL)
		return translate_out_of_memory(t);
	*column->made = (struct schema_sequence) { .id = schema_sequence_new_identity(),
		.identity = schema_sequence_new_identity(),
		.at = { .value = s->start },
		.rule = s->rule,
		.start = s->start,
		.oid = s->oid,
		.internal = s->internal };
	return settle_made(t, d, column, schema, choose_name(t, d, schema, column->name));
}
