/*
 * COMMENT ON: finds what it is about, as PostgreSQL does, and keeps the text in the file (schema/comment.h).
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/type.h"
#include "workers/sqlite/schema/extension.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/schema/trigger.h"

/* What was found; the texts live as long as the translator. */
struct commented {
	enum schema_comment_kind kind;
	const char *object, *part;
};

static int
found(struct commented *c, enum schema_comment_kind kind, const char *object, const char *part)
{
	*c = (struct commented) { .kind = kind, .object = object, .part = part };
	return object == NULL || part == NULL ? -1 : 0;
}

/* A relation's name in a list of names, without the last `behind` of them. */
static int
take_relation(struct translator *t, const PgQuery__List *names, size_t behind, PgQuery__RangeVar *relation)
{
	size_t n = names->n_items - behind;

	*relation = (PgQuery__RangeVar)PG_QUERY__RANGE_VAR__INIT;
	if (names->n_items < behind + 1 || n > 2)
		return translate_refuse(t, -1, "a name of so many parts");
	relation->location = -1;
	relation->relname = names->items[n - 1]->string->sval;
	if (n == 2)
		relation->schemaname = names->items[0]->string->sval;
	return 0;
}

/* The rows of a composite type are a relation to PostgreSQL. */
static const struct schema_table *
find_relation(struct translator *t, const PgQuery__List *names, size_t behind)
{
	PgQuery__RangeVar relation;
	const struct schema_table *table;

	if (take_relation(t, names, behind, &relation) == -1 || (table = translate_find_changed(t, &relation)) == NULL)
		return NULL;
	if (strcmp(table->schema, "public") == 0)
		return table;
	translate_refuse(t, -1, "COMMENT on what is temporary");
	return NULL;
}

static bool
is_table(const struct schema_table *table)
{
	return table->kind == 'r' || table->partition != NULL;
}

static const struct relation_kind {
	PgQuery__ObjectType type;
	char kind;
	const char *words;
} relation_kinds[] = {
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, 'r', "a table" },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_VIEW, 'v', "a view" },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW, 'm', "a materialized view" },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE, 'S', "a sequence" },
};

static int
find_table(struct translator *t, const PgQuery__CommentStmt *stmt, struct commented *c)
{
	const struct schema_table *table = find_relation(t, stmt->object->list, 0);
	const struct relation_kind *kind = relation_kinds;

	while (kind->type != stmt->objtype)
		kind++;
	if (table == NULL)
		return -1;
	if (kind->kind == 'r' ? !is_table(table) : is_table(table) || table->kind != kind->kind)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not %s",
		    namespace_relation(table->name), kind->words);
	return found(c, COMMENT_RELATION, table->name, "");
}

static int
find_column(struct translator *t, const PgQuery__CommentStmt *stmt, struct commented *c)
{
	const PgQuery__List *names = stmt->object->list;
	const char *column = translate_last_string(names->items, names->n_items);
	const struct schema_table *table = find_relation(t, names, 1);

	if (table == NULL)
		return -1;
	if (schema_find_column(table, column) == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
		    "column \"%s\" of relation \"%s\" does not exist", column, namespace_relation(table->name));
	if (table->kind == 'S')
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "cannot set comment on relation \"%s\"",
		    namespace_relation(table->name));
	return found(c, COMMENT_COLUMN, table->name, column);
}

static int
find_trigger(struct translator *t, const PgQuery__CommentStmt *stmt, struct commented *c)
{
	const PgQuery__List *names = stmt->object->list;
	const char *name = translate_last_string(names->items, names->n_items);
	const struct schema_table *table = find_relation(t, names, 1);

	if (table == NULL)
		return -1;
	if (schema_load_triggers(t->schema) == -1)
		return translate_out_of_memory(t);
	if (schema_find_trigger(t->schema, table->name, name) == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT,
		    "trigger \"%s\" for table \"%s\" does not exist", name, namespace_relation(table->name));
	return found(c, COMMENT_TRIGGER, table->name, name);
}

static bool
has_constraint(struct translator *t, const char *table, const char *name)
{
	struct definition d;
	bool has;

	if (catalog_load_definition(schema_database(t->schema), "public", table, &d) == -1)
		return false;
	has = definition_find_constraint(&d, name) != NULL;
	definition_free(&d);
	return has;
}

static int
find_constraint(struct translator *t, const PgQuery__CommentStmt *stmt, struct commented *c)
{
	const PgQuery__List *names = stmt->object->list;
	const char *name = translate_last_string(names->items, names->n_items);
	const struct schema_table *table = find_relation(t, names, 1);

	if (table == NULL)
		return -1;
	if (!has_constraint(t, table->name, name))
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT,
		    "constraint \"%s\" for table \"%s\" does not exist", name, namespace_relation(table->name));
	return found(c, COMMENT_CONSTRAINT, table->name, name);
}

/* ---- indexes, which may be a constraint's ---- */

static int
found_index(struct translator *t, const struct catalog_found *index, struct commented *c)
{
	struct schema_object object;

	if (strcmp(index->found_schema, "temp") == 0)
		return translate_refuse(t, -1, "COMMENT on what is temporary");
	if (schema_find_object(t->schema, "public", index->found_stored, &object)) {
		schema_object_free(&object);
		return found(c, COMMENT_RELATION, translator_copy(t, index->found_stored), "");
	}
	if (!has_constraint(t, index->found_table, index->found_name))
		return translate_refuse(t, -1, "COMMENT on this index");
	return found(c, COMMENT_KEY, translator_copy(t, index->found_table), translator_copy(t, index->found_name));
}

static int
find_index(struct translator *t, const PgQuery__CommentStmt *stmt, struct commented *c)
{
	PgQuery__RangeVar relation;
	struct catalog_found index = { 0 };
	int result;

	if (take_relation(t, stmt->object->list, 0, &relation) == -1)
		return -1;
	if (define_find_index(t, &relation, &index) == -1)
		return -1;
	result = found_index(t, &index, c);
	catalog_found_free(&index);
	return result;
}

/* ---- types, routines, schemas ---- */

/* Built-in types, and those of tables' rows, are not the file's own. */
static int
load_type(struct translator *t, const PgQuery__TypeName *name, struct schema_type *type)
{
	const char *last = translate_last_string(name->names, name->n_names);

	*type = (struct schema_type) { 0 };
	if (schema_find_type(t->schema, last) == NULL &&
	    (type_by_name(last) != NULL || schema_resolve(t->schema, last) != NULL || name->n_array_bounds > 0))
		return translate_refuse(t, -1, "COMMENT on this type");
	return define_load_type(t, name->names, name->n_names, type);
}

static const char *
type_view(struct translator *t, const struct schema_type *type)
{
	return translator_format(t, SCHEMA_TYPE_PREFIX "%u", (unsigned)type->oid);
}

static int
find_type(struct translator *t, const PgQuery__CommentStmt *stmt, struct commented *c)
{
	struct schema_type type;
	int result = load_type(t, stmt->object->type_name, &type);

	if (result == 0 && stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN &&
	    type_class(type.oid) != TYPE_CLASS_DOMAIN)
		result = translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a domain", type.name);
	if (result == 0)
		result = found(c, COMMENT_TYPE, type_view(t, &type), "");
	schema_type_free(&type);
	return result;
}

static int
find_domain_constraint(struct translator *t, const PgQuery__CommentStmt *stmt, struct commented *c)
{
	const PgQuery__List *names = stmt->object->list;
	const char *name = translate_string(names->items[1]);
	struct schema_type type;
	int result = load_type(t, names->items[0]->type_name, &type);
	bool has = false;

	for (unsigned i = 0; result == 0 && i < type.nchecks; i++)
		has |= strcmp(type.checks[i].name, name) == 0;
	if (result == 0 && type_class(type.oid) != TYPE_CLASS_DOMAIN)
		result = translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a domain", type.name);
	if (result == 0 && !has)
		result = translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT,
		    "constraint \"%s\" for domain %s does not exist", name, type.name);
	if (result == 0)
		result = found(c, COMMENT_DOMAIN_CONSTRAINT, type_view(t, &type), name);
	schema_type_free(&type);
	return result;
}

static int
find_routine(struct translator *t, const PgQuery__CommentStmt *stmt, struct commented *c)
{
	const PgQuery__ObjectWithArgs *object = stmt->object->object_with_args;
	const char *name = translate_own_name(t, object->objname, object->n_objname), *what;
	struct schema_routine routine, *all;
	unsigned n;

	if (name == NULL)
		return -1;
	all = schema_routines(schema_database(t->schema), name, &n);
	schema_routines_free(all, n);
	if (n == 0 && routine_is_built_in(name))
		return translate_refuse(t, -1, "COMMENT on a built-in function");
	if (routine_find(t, object,
		stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION	       ? "function"
		    : stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE ? "procedure"
									       : "routine",
		false, &routine, &what) != 1)
		return -1;
	n = routine.oid;
	schema_routine_clear(&routine);
	return found(c, COMMENT_ROUTINE, translator_format(t, "%u", n), "");
}

static int
find_schema(struct translator *t, const PgQuery__CommentStmt *stmt, struct commented *c)
{
	const char *name = translate_string(stmt->object);

	if (strcmp(name, "public") == 0)
		return found(c, COMMENT_PUBLIC, name, "");
	if (schema_has_own(t->schema, name))
		return found(c, COMMENT_SCHEMA, translator_format(t, "%s" NAMESPACE_SEPARATOR_TEXT, name), "");
	if (schema_has_namespace(t->schema, name))
		return translate_refuse(t, -1, "COMMENT on this schema");
	return translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", name);
}

static int
find_extension(struct translator *t, const PgQuery__CommentStmt *stmt, struct commented *c)
{
	const char *name = translate_string(stmt->object);

	if (strcmp(name, "plpgsql") == 0 || schema_extension_has(schema_database(t->schema), name))
		return found(c, COMMENT_EXTENSION, name, "");
	return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "extension \"%s\" does not exist", name);
}

/* ---- the statement ---- */

static const struct {
	PgQuery__ObjectType type;
	int (*find)(struct translator *t, const PgQuery__CommentStmt *stmt, struct commented *c);
} finders[] = {
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, find_table },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_VIEW, find_table },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW, find_table },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE, find_table },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN, find_column },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_INDEX, find_index },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT, find_constraint },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER, find_trigger },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TYPE, find_type },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN, find_type },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_DOMCONSTRAINT, find_domain_constraint },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION, find_routine },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE, find_routine },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE, find_routine },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA, find_schema },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_EXTENSION, find_extension },
};

/* An empty text takes the comment away, as NULL does; of what has one by itself, that is remembered. */
static int
emit_comment(struct translator *t, const struct commented *c, const char *text)
{
	bool none = text == NULL || *text == '\0';

	translate_emit(t, SCHEMA_COMMENT_TABLE);
	if (none && c->kind != COMMENT_PUBLIC && c->kind != COMMENT_EXTENSION) {
		translate_emit_format(t,
		    "DELETE FROM public." SCHEMA_COMMENTS " WHERE kind = '%c' AND object = ", (char)c->kind);
		translate_emit_string(t, c->object);
		translate_emit(t, " AND part = ");
		translate_emit_string(t, c->part);
		return translate_emit(t, ";\n" SCHEMA_ROUTINE_CHANGED);
	}
	translate_emit_format(t, "INSERT OR REPLACE INTO public." SCHEMA_COMMENTS " VALUES ('%c', ", (char)c->kind);
	translate_emit_string(t, c->object);
	translate_emit(t, ", ");
	translate_emit_string(t, c->part);
	translate_emit(t, ", ");
	if (none)
		translate_emit(t, "NULL");
	else
		translate_emit_string(t, text);
	return translate_emit(t, ");\n" SCHEMA_ROUTINE_CHANGED);
}

int
define_comment(struct translator *t, const PgQuery__CommentStmt *stmt)
{
	struct commented c;

	for (size_t i = 0; i < sizeof(finders) / sizeof(finders[0]); i++)
		if (finders[i].type == stmt->objtype)
			return finders[i].find(t, stmt, &c) == -1 ? -1 : emit_comment(t, &c, stmt->comment);
	return translate_refuse(t, -1, "COMMENT on an object of this kind");
}
