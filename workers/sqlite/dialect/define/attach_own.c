/*
 * What a table that is attached as a partition has beyond its parent, which is kept, and what it must have as its
 * parent has it: checks, keys, indexes, defaults.
 */
#include <string.h>

#include "workers/sqlite/dialect/define/attach.h"
#include "workers/sqlite/dialect/define/sequence.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/partition.h"
#include "workers/sqlite/schema/trigger.h"

static bool
same_names(const struct definition_names *a, const struct definition_names *b)
{
	for (unsigned i = 0; i < a->count && i < b->count; i++)
		if (strcmp(a->names[i], b->names[i]) != 0)
			return false;
	return a->count == b->count;
}

/* The expressions, as PostgreSQL writes them. */
static bool
same_check(const struct definition_constraint *a, const struct definition_constraint *b)
{
	struct kept_texts x, y;
	bool same = kept_read(a->expression, &x) == KEPT_TEXT && kept_read(b->expression, &y) == KEPT_TEXT;

	if (same) {
		same = strcmp(x.plain, y.plain) == 0;
		kept_free(&y);
	}
	kept_free(&x);
	return same;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_key(const struct definition_constraint *a, const struct definition_constraint *b)
{
	if (a->kind != b->kind || !same_names(&a->columns, &b->columns))
		return false;
	return a->kind != DEFINITION_FOREIGN_KEY ||
	    (strcmp(a->parent, b->parent) == 0 && same_names(&a->parent_columns, &b->parent_columns) &&
		same_text(a->on_delete, b->on_delete) && same_text(a->on_update, b->on_update) &&
		a->deferrable == b->deferrable && a->deferred == b->deferred);
}

int
attach_check_checks(struct attach *a)
{
	for (unsigned i = 0; i < a->of_root.nconstraints; i++) {
		const struct definition_constraint *c = &a->of_root.constraints[i], *own;

		if (c->kind != DEFINITION_CHECK || c->name == NULL)
			continue;
		own = definition_find_constraint(&a->of_child, c->name);
		if (own == NULL || own->kind != DEFINITION_CHECK)
			return translate_fail(a->t, -1, SQLSTATE_DATATYPE_MISMATCH,
			    "child table is missing constraint \"%s\"", c->name);
		if (!same_check(c, own))
			return translate_fail(a->t, -1, SQLSTATE_DATATYPE_MISMATCH,
			    "child table \"%s\" has different definition for check constraint \"%s\"",
			    namespace_relation(a->child->name), c->name);
		if (own->not_valid && !c->not_valid)
			return translate_fail(a->t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
			    "constraint \"%s\" conflicts with NOT VALID constraint on child table \"%s\"", c->name,
			    namespace_relation(a->child->name));
	}
	return 0;
}

static int
take_constraint(struct attach *a, const struct definition_constraint *c)
{
	const struct definition_constraint *same =
	    c->name == NULL ? NULL : definition_find_constraint(&a->of_root, c->name);
	struct kept_texts texts;
	bool exact;

	if (c->kind == DEFINITION_CHECK) {
		if (same != NULL && same->kind == DEFINITION_CHECK)
			return 0;
		exact = kept_read(c->expression, &texts) == KEPT_TEXT;
		kept_free(&texts);
		if (!exact || c->name == NULL)
			return translate_refuse(a->t, -1, "ATTACH PARTITION of a table with this CHECK");
		sql_text_format(&a->own, "C%s%c%s%c", c->name, PARTITION_OWN, c->expression, PARTITION_OWN_END);
		return 0;
	}
	for (unsigned i = 0; i < a->of_root.nconstraints; i++)
		if (same_key(c, &a->of_root.constraints[i]))
			return 0;
	return translate_refuse(a->t, -1, "ATTACH PARTITION of a table with keys that the partitioned table has not");
}

static int
take_column(struct attach *a, const struct definition_column *child)
{
	const struct definition_column *parent = definition_find_column(&a->of_root, child->name);

	if (child->not_null && !parent->not_null)
		sql_text_format(&a->own, "N%s%c", child->name, PARTITION_OWN_END);
	if (child->generated != NULL || same_text(child->default_sql, parent->default_sql) ||
	    (parent->identity != DEFINITION_PLAIN && parent->identity != DEFINITION_SERIAL))
		return 0;
	sql_text_format(&a->own, "D%s%c%s%c", child->name, PARTITION_OWN,
	    child->default_sql == NULL ? "NULL" : child->default_sql, PARTITION_OWN_END);
	return 0;
}

/* A text of CREATE INDEX from behind the table's name on. */
static const char *
behind_table(const char *sql)
{
	struct definition_lexer lexer;

	definition_lex_begin(&lexer, sql);
	while (lexer.kind != DEFINITION_END && !definition_lex_is(&lexer, "ON"))
		definition_lex_next(&lexer);
	definition_lex_next(&lexer);
	return lexer.kind == DEFINITION_END ? "" : sql + lexer.end;
}

static bool
has_index(const struct schema_objects *objects, const struct schema_object *index)
{
	bool unique = strncmp(index->sql, "CREATE UNIQUE", 13) == 0;

	for (unsigned i = 0; i < objects->count; i++)
		if (objects->items[i].type == 'i' && objects->items[i].sql != NULL &&
		    (strncmp(objects->items[i].sql, "CREATE UNIQUE", 13) == 0) == unique &&
		    strcmp(behind_table(objects->items[i].sql), behind_table(index->sql)) == 0)
			return true;
	return false;
}

/* Indexes that the partitioned table has too serve its rows there; triggers would fire for other rows. */
static int
check_objects(struct attach *a)
{
	struct schema_objects own, theirs;
	int result = 0;

	if (schema_list_objects(schema_database(a->t->schema), a->child->schema, a->child->name, &own) == -1)
		return translate_out_of_memory(a->t);
	if (schema_list_objects(schema_database(a->t->schema), a->root->schema, a->root->name, &theirs) == -1) {
		schema_objects_free(&own);
		return translate_out_of_memory(a->t);
	}
	for (unsigned i = 0; result == 0 && i < own.count; i++) {
		const struct schema_object *object = &own.items[i];

		if (object->type == 'r' && strncmp(object->name, PARTITION_TRIGGER, strlen(PARTITION_TRIGGER)) != 0)
			result = translate_refuse(a->t, -1, "ATTACH PARTITION of a table with triggers");
		else if (object->type == 'i' && object->sql != NULL && !has_index(&theirs, object))
			result = translate_refuse(a->t, -1,
			    "ATTACH PARTITION of a table with an index that the partitioned table has not");
	}
	schema_objects_free(&own);
	schema_objects_free(&theirs);
	return result;
}

int
attach_take_own(struct attach *a)
{
	for (unsigned i = 0; i < a->of_child.nconstraints; i++)
		if (take_constraint(a, &a->of_child.constraints[i]) == -1)
			return -1;
	for (unsigned i = 0; i < a->of_child.ncolumns; i++)
		if (take_column(a, &a->of_child.columns[i]) == -1)
			return -1;
	if (a->own.failed)
		return translate_out_of_memory(a->t);
	return define_owns_sequence(a->t, a->child->schema, a->child->name)
	    ? translate_refuse(a->t, -1, "ATTACH PARTITION of a table with a sequence of its own")
	    : check_objects(a);
}
