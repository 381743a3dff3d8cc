/*
 * The types in CREATE FUNCTION: what it takes, what it returns, and whose rows.
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/dialect/define/routine_reading.h"

static bool
is_pseudo(uint32_t oid)
{
	const struct type *type = type_by_oid(oid);

	return !type_is_polymorphic(oid) && !type_is_array(oid) && (type == NULL || type->category == 'P');
}

/* Those that the calls' rules know. */
uint32_t
routine_polymorphic(const PgQuery__TypeName *name)
{
	static const struct {
		const char *name;
		uint32_t oid;
	} types[] = { { "anyelement", TYPE_ANYELEMENT }, { "anyarray", TYPE_ANYARRAY },
		{ "anynonarray", TYPE_ANYNONARRAY }, { "anycompatible", TYPE_ANYCOMPATIBLE },
		{ "anycompatiblearray", TYPE_ANYCOMPATIBLEARRAY } };
	const char *last = translate_last_string(name->names, name->n_names);

	for (size_t i = 0; name->n_array_bounds == 0 && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, last) == 0)
			return types[i].oid;
	return 0;
}

static bool
is_of_table(uint32_t oid)
{
	bool temporary;
	int64_t number;

	return type_is_of_table(oid, &temporary, &number);
}

/* [schema.]table.column%TYPE: the type that the column has now. */
static int
read_type_of_column(struct translator *t, const PgQuery__TypeName *name, uint32_t *oid)
{
	PgQuery__RangeVar relation = PG_QUERY__RANGE_VAR__INIT;
	const char *column = translate_last_string(name->names, name->n_names);
	const struct schema_column *found;
	const struct schema_table *table;
	size_t n = name->n_names;

	if (n < 2 || n > 3)
		return translate_fail(t, name->location, SQLSTATE_SYNTAX_ERROR,
		    "improper %%TYPE reference (too %s dotted names)", n < 2 ? "few" : "many");
	relation.relname = (char *)(uintptr_t)translate_string(name->names[n - 2]);
	relation.schemaname = n == 3 ? (char *)(uintptr_t)translate_string(name->names[0]) : NULL;
	relation.location = name->location;
	if ((table = translate_find_table(t, &relation)) == NULL)
		return -1;
	if ((found = schema_find_column(table, column)) == NULL)
		return translate_fail(t, name->location, SQLSTATE_UNDEFINED_COLUMN,
		    "column \"%s\" of relation \"%s\" does not exist", column, relation.relname);
	*oid = found->domain != 0 ? found->domain : found->oid;
	return define_add_notice(t, "type reference %s%s%s.%s%%TYPE converted to %s",
	    relation.schemaname == NULL ? "" : relation.schemaname, relation.schemaname == NULL ? "" : ".",
	    relation.relname, column, type_display(t, *oid));
}

int
routine_read_type(struct translator *t, const PgQuery__TypeName *name, uint32_t *oid)
{
	const struct type *type;
	PgQuery__TypeName plain = *name;
	int32_t typmod;

	plain.setof = false;
	if (name->pct_type)
		return read_type_of_column(t, name, oid);
	if ((*oid = routine_polymorphic(name)) != 0)
		return 0;
	/* A length is not part of a routine's types. */
	if (translate_type_name(t, &plain, &type, oid, &typmod, NULL) < 0)
		return -1;
	/* The OID of a table's row type is not kept. */
	if (is_of_table(*oid) || is_of_table(type_element(*oid)))
		return translate_refuse(t, name->location, "a function with a parameter of a table's row type");
	return !type_is_user(*oid) && is_pseudo(*oid)
	    ? translate_refuse(t, name->location, "a polymorphic function or one of pseudo-types")
	    : 0;
}

/* The relation of that name, where no type has it. */
static const struct schema_table *
relation_of(struct translator *t, const PgQuery__TypeName *name)
{
	const char *last = translate_last_string(name->names, name->n_names);
	const char *schema = name->n_names > 1 ? translate_string(name->names[name->n_names - 2]) : NULL, *stored;
	const struct schema_table *table;

	if (name->pct_type || name->n_array_bounds > 0 || type_by_name(last) != NULL ||
	    (schema == NULL && schema_find_type(t->schema, last) != NULL))
		return NULL;
	if (schema == NULL)
		table = schema_resolve(t->schema, last);
	else
		table = (stored = translate_stored_name(t, schema, last)) == NULL
		    ? NULL
		    : schema_find_table(t->schema, strcmp(schema, "pg_temp") == 0 ? "temp" : "public", stored);
	return table != NULL && (strcmp(table->schema, "public") == 0 || strcmp(table->schema, "temp") == 0) ? table
													     : NULL;
}

bool
routine_is_compatible(uint32_t oid)
{
	return oid == TYPE_ANYCOMPATIBLE || oid == TYPE_ANYCOMPATIBLEARRAY;
}

/* Whether an input says of what type such a result is. */
bool
routine_is_determined(const struct reading *reading, uint32_t oid)
{
	return reading->polymorphic && reading->compatible == routine_is_compatible(oid);
}

int
routine_read_result(struct translator *t, const PgQuery__TypeName *name, struct reading *reading)
{
	const char *last = translate_last_string(name->names, name->n_names);
	const struct schema_table *table;

	reading->set = name->setof;
	if (name->pct_type)
		return routine_read_type(t, name, &reading->result);
	if (strcmp(last, "void") == 0) {
		reading->result = TYPE_VOID;
		return name->setof ? translate_refuse(t, name->location, "SETOF void") : 0;
	}
	if (strcmp(last, "record") == 0) {
		reading->result = TYPE_RECORD;
		return 0;
	}
	if (strcmp(last, "event_trigger") == 0)
		return translate_refuse(t, name->location, "a function that returns event_trigger");
	if (strcmp(last, "trigger") == 0) {
		reading->result = TYPE_TRIGGER;
		return name->setof ? translate_refuse(t, name->location, "SETOF trigger") : 0;
	}
	if ((table = relation_of(t, name)) != NULL) {
		reading->result = TYPE_RECORD;
		reading->row = translator_format(t, "%s.%s", table->schema, table->name);
		return reading->row == NULL ? -1 : 0;
	}
	if (routine_read_type(t, name, &reading->result) < 0)
		return -1;
	if (type_is_polymorphic(reading->result) && !routine_is_determined(reading, reading->result)) {
		translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION, "cannot determine result data type");
		report_detail(t->report, "A result of type %s requires at least one input of a polymorphic type.",
		    last);
		return -1;
	}
	return 0;
}
