/*
 * CREATE TYPE ... AS (...), and ALTER TYPE of such a type's attributes.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/define/type.h"
#include "workers/sqlite/dialect/expression.h"

#define FIELDS_MAX 120 /* of one call that makes a row: dialect/row.c */

static const struct schema_field *
find_field(const struct schema_type *type, const char *name)
{
	for (unsigned i = 0; i < type->nfields; i++)
		if (strcmp(type->fields[i].name, name) == 0)
			return &type->fields[i];
	return NULL;
}

/* A row that had itself in it would have no end. */
static bool
contains(struct translator *t, uint32_t oid, uint32_t in)
{
	const struct schema_type *type = schema_type_by_oid(t->schema, type_is_array(oid) ? type_element(oid) : oid);

	if (type == NULL)
		return false;
	if (type->oid == in || (type_class(type->oid) == TYPE_CLASS_DOMAIN && contains(t, type->base, in)))
		return true;
	for (unsigned i = 0; i < type->nfields; i++)
		if (contains(t, type->fields[i].oid, in))
			return true;
	return false;
}

/* What can't be a field's type, as it can't be a column's. */
static int
check_field_type(struct translator *t, const struct schema_type *type, const char *name, uint32_t oid, int location)
{
	uint32_t kept = translate_kept_type(t, oid);
	char *declaration;

	if (contains(t, oid, type->oid))
		return translate_fail(t, location, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "composite type %s cannot be made a member of itself", type->name);
	if (type_category(kept) == 'P')
		return translate_fail(t, location, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "column \"%s\" has pseudo-type %s", name, type_display(t, kept));
	declaration = type_declare(kept, -1);
	if (declaration == NULL)
		return translate_refuse(t, location, "a field of that type");
	free(declaration);
	return 0;
}

static int
add_field(struct translator *t, struct schema_type *type, const PgQuery__ColumnDef *definition)
{
	const struct type *unused;
	struct schema_field *field;
	uint32_t oid;
	int32_t typmod;

	if (find_field(type, definition->colname) != NULL)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN, "column \"%s\" specified more than once",
		    definition->colname);
	if (type->nfields == FIELDS_MAX)
		return translate_refuse(t, -1, "a row type of so many fields");
	if (translate_type_name(t, definition->type_name, &unused, &oid, &typmod, NULL) == -1 ||
	    check_field_type(t, type, definition->colname, oid, definition->type_name->location) == -1)
		return -1;
	if ((field = schema_type_add_field(type)) == NULL)
		return translate_out_of_memory(t);
	field->oid = oid;
	field->typmod = typmod;
	return (field->name = define_copy(t, definition->colname)) == NULL ? -1 : 0;
}

/* The names of a type, as a list of strings has them. */
struct type_names {
	PgQuery__String texts[2];
	PgQuery__Node nodes[2], *list[2];
	size_t first;
};

static void
read_names(struct type_names *names, const PgQuery__RangeVar *name)
{
	bool qualified = name->schemaname != NULL && *name->schemaname != '\0';

	names->first = qualified ? 0 : 1;
	for (size_t i = 0; i < 2; i++) {
		pg_query__string__init(&names->texts[i]);
		pg_query__node__init(&names->nodes[i]);
		names->texts[i].sval = i == 0 ? name->schemaname : name->relname;
		names->nodes[i].node_case = PG_QUERY__NODE__NODE_STRING;
		names->nodes[i].string = &names->texts[i];
		names->list[i] = &names->nodes[i];
	}
}

int
define_create_row(struct translator *t, const PgQuery__CompositeTypeStmt *stmt)
{
	struct type_names names;
	struct schema_type type;
	int result;

	read_names(&names, stmt->typevar);
	result = define_begin_type(t, names.list + names.first, 2 - names.first, TYPE_CLASS_COMPOSITE, &type);
	for (size_t i = 0; result == 0 && i < stmt->n_coldeflist; i++)
		result = add_field(t, &type, stmt->coldeflist[i]->column_def);
	if (result == 0)
		result = define_emit_type(t, &type);
	schema_type_free(&type);
	return result;
}

/* ---- ALTER TYPE ---- */

static int
load(struct translator *t, const PgQuery__RangeVar *name, struct schema_type *type)
{
	const struct schema_type *found = schema_find_type(t->schema, name->relname);
	struct type_names names;

	*type = (struct schema_type) { 0 };
	if (found != NULL && type_class(found->oid) != TYPE_CLASS_COMPOSITE)
		found = NULL;
	if (found == NULL && schema_resolve(t->schema, name->relname) != NULL)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a composite type",
		    name->relname);
	if (found == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_TABLE, "relation \"%s\" does not exist", name->relname);
	read_names(&names, name);
	return define_load_type(t, names.list + names.first, 2 - names.first, type);
}

static int
check_users(struct translator *t, const char *schema, const struct schema_type *type)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(t->schema), schema, NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		const struct schema_object *object = &objects.items[i];
		bool is_type = strncmp(object->name, SCHEMA_TYPE_PREFIX, strlen(SCHEMA_TYPE_PREFIX)) == 0;
		bool own =
		    is_type && strtoul(object->name + strlen(SCHEMA_TYPE_PREFIX), NULL, 10) == (unsigned long)type->oid;

		if (!own && define_mentions_type(object->sql, type->oid))
			result = translate_refuse(t, -1, "changing the attributes of a type that is in use");
	}
	schema_objects_free(&objects);
	return result;
}

int
define_check_row_unused(struct translator *t, const struct schema_type *type)
{
	if (define_check_type_routines(t, type->oid) == -1)
		return translate_refuse(t, -1, "changing the attributes of a type that is in use");
	return check_users(t, "public", type) == -1 ? -1 : check_users(t, "temp", type);
}

/* The field's place; -1: there is none, and *skip or reported. */
static int
find(struct translator *t, const struct schema_type *type, const char *name, bool missing_ok)
{
	const struct schema_field *field = find_field(type, name);

	if (field != NULL)
		return (int)(field - type->fields);
	if (missing_ok)
		(void)define_add_notice(t, "column \"%s\" of relation \"%s\" does not exist, skipping", name,
		    type->name);
	else
		(void)translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
		    "column \"%s\" of relation \"%s\" does not exist", name, type->name);
	return -1;
}

static int
check_new_name(struct translator *t, const struct schema_type *type, const char *name)
{
	return find_field(type, name) == NULL
	    ? 0
	    : translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN, "column \"%s\" of relation \"%s\" already exists", name,
		  type->name);
}

static int
drop_field(struct translator *t, struct schema_type *type, const PgQuery__AlterTableCmd *command)
{
	int i = find(t, type, command->name, command->missing_ok);

	if (i < 0 || type->fields == NULL)
		return command->missing_ok ? 0 : -1;
	free(type->fields[i].name);
	memmove(&type->fields[i], &type->fields[i + 1], (--type->nfields - (unsigned)i) * sizeof(type->fields[0]));
	return 0;
}

static int
alter_field(struct translator *t, struct schema_type *type, const PgQuery__AlterTableCmd *command)
{
	int i = find(t, type, command->name, false);
	const PgQuery__TypeName *name = command->def->column_def->type_name;
	const struct type *unused;
	uint32_t oid;
	int32_t typmod;

	if (i < 0 || type->fields == NULL || translate_type_name(t, name, &unused, &oid, &typmod, NULL) == -1 ||
	    check_field_type(t, type, command->name, oid, name->location) == -1)
		return -1;
	type->fields[i].oid = oid;
	type->fields[i].typmod = typmod;
	return 0;
}

static int
run_command(struct translator *t, struct schema_type *type, const PgQuery__AlterTableCmd *command)
{
	switch (command->subtype) {
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
		return check_new_name(t, type, command->def->column_def->colname) == -1
		    ? -1
		    : add_field(t, type, command->def->column_def);
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
		return drop_field(t, type, command);
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
		return alter_field(t, type, command);
	default:
		return translate_refuse(t, -1, "this form of ALTER TYPE");
	}
}

int
define_alter_row(struct translator *t, const PgQuery__AlterTableStmt *stmt)
{
	struct schema_type type;
	int result = load(t, stmt->relation, &type);

	t->plan->tag = "ALTER TYPE";
	for (size_t i = 0; result == 0 && i < stmt->n_cmds; i++)
		result = run_command(t, &type, stmt->cmds[i]->alter_table_cmd);
	if (result == 0)
		result = define_check_row_unused(t, &type);
	if (result == 0)
		result = define_drop_type_view(t, type.oid) == -1 ? -1 : define_emit_type(t, &type);
	schema_type_free(&type);
	return result;
}

int
define_rename_field(struct translator *t, const PgQuery__RenameStmt *stmt)
{
	struct schema_type type;
	int result = load(t, stmt->relation, &type), i = -1;

	t->plan->tag = "ALTER TYPE";
	if (result == 0 &&
	    ((i = find(t, &type, stmt->subname, false)) < 0 || check_new_name(t, &type, stmt->newname) < 0))
		result = -1;
	if (result == 0) {
		free(type.fields[i].name);
		result = (type.fields[i].name = define_copy(t, stmt->newname)) == NULL ? -1 : 0;
	}
	if (result == 0)
		result = define_drop_type_view(t, type.oid) == -1 ? -1 : define_emit_type(t, &type);
	schema_type_free(&type);
	return result;
}
