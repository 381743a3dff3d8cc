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

/* The name as a type's: what is qualified is in a schema. */
static int
begin(struct translator *t, const PgQuery__RangeVar *name, struct schema_type *type)
{
	PgQuery__String texts[2] = { PG_QUERY__STRING__INIT, PG_QUERY__STRING__INIT };
	PgQuery__Node nodes[2] = { PG_QUERY__NODE__INIT, PG_QUERY__NODE__INIT }, *list[2] = { &nodes[0], &nodes[1] };
	bool qualified = name->schemaname != NULL && *name->schemaname != '\0';

	texts[0].sval = name->schemaname;
	texts[1].sval = name->relname;
	for (size_t i = 0; i < 2; i++) {
		nodes[i].node_case = PG_QUERY__NODE__NODE_STRING;
		nodes[i].string = &texts[i];
	}
	return define_begin_type(t, list + !qualified, qualified ? 2 : 1, TYPE_CLASS_COMPOSITE, type);
}

int
define_create_row(struct translator *t, const PgQuery__CompositeTypeStmt *stmt)
{
	struct schema_type type;
	int result = begin(t, stmt->typevar, &type);

	for (size_t i = 0; result == 0 && i < stmt->n_coldeflist; i++)
		result = add_field(t, &type, stmt->coldeflist[i]->column_def);
	if (result == 0)
		result = define_emit_type(t, &type);
	schema_type_free(&type);
	return result;
}
