/*
 * Type names of the tree: to a row of the type table, and the typmod as PostgreSQL encodes it.
 */
#include <string.h>

#include "workers/sqlite/dialect/translate.h"

static const struct {
	const char *name;
	uint32_t oid;
} serials[] = {
	{ "serial", TYPE_INT4 },
	{ "serial4", TYPE_INT4 },
	{ "bigserial", TYPE_INT8 },
	{ "serial8", TYPE_INT8 },
	{ "smallserial", TYPE_INT2 },
	{ "serial2", TYPE_INT2 },
};

#define VARCHAR_MAX 10485760
#define BITS_MAX 83886080
#define NUMERIC_PRECISION_MAX 1000

static int
typmod_values(struct translator *t, const PgQuery__TypeName *name, int64_t *values, size_t max, size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < name->n_typmods; i++) {
		const PgQuery__Node *node = name->typmods[i];

		if (node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
		    node->a_const->val_case != PG_QUERY__A__CONST__VAL_IVAL || *n == max)
			return translate_fail(t, name->location, SQLSTATE_INVALID_PARAMETER_VALUE,
			    "invalid type modifier");
		values[(*n)++] = node->a_const->ival->ival;
	}
	return 0;
}

static int
length_typmod(struct translator *t, const PgQuery__TypeName *name, const char *type, int64_t n, int most,
    int32_t *typmod)
{
	if (n < 1)
		return translate_fail(t, name->location, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "length for type %s must be at least 1", type);
	if (n > most)
		return translate_fail(t, name->location, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "length for type %s cannot exceed %d", type, most);
	*typmod = (int32_t)n;
	return 0;
}

static int
numeric_typmod(struct translator *t, const PgQuery__TypeName *name, const int64_t *values, size_t n, int32_t *typmod)
{
	int64_t scale = n > 1 ? values[1] : 0;

	if (values[0] < 1 || values[0] > NUMERIC_PRECISION_MAX)
		return translate_fail(t, name->location, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "NUMERIC precision %lld must be between 1 and %d", (long long)values[0], NUMERIC_PRECISION_MAX);
	if (scale < -1000 || scale > 1000)
		return translate_fail(t, name->location, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "NUMERIC scale %lld must be between -1000 and 1000", (long long)scale);
	*typmod = (int32_t)((values[0] << 16) | (scale & 0x7ff)) + 4;
	return 0;
}

/* The grammar says which fields, then how many digits. */
static int
interval_typmod(struct translator *t, const PgQuery__TypeName *name, const int64_t *values, size_t n, int32_t *typmod)
{
	int64_t digits = n > 1 ? values[1] : INTERVAL_ALL_DIGITS;

	if (digits < 0)
		return translate_fail(t, name->location, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "INTERVAL(%lld) precision must not be negative", (long long)digits);
	if (n > 1 && digits > 6)
		digits = 6;
	if (values[0] != INTERVAL_ALL_FIELDS || n > 1)
		*typmod = INTERVAL_TYPMOD((int32_t)digits, (int32_t)values[0]);
	return 0;
}

static int
type_modifier(struct translator *t, const PgQuery__TypeName *name, const struct type *type, int32_t *typmod)
{
	int64_t values[2];
	size_t n;

	*typmod = -1;
	if (typmod_values(t, name, values, 2, &n) < 0)
		return -1;
	if (n == 0)
		return 0;
	/* The numbers are literals that no value takes the place of; the fields of an interval are words. */
	for (size_t i = type->oid == TYPE_INTERVAL ? 1 : 0; i < n; i++)
		translate_pin(t, name->typmods[i]->a_const->location);
	switch (type->oid) {
	case TYPE_VARCHAR:
		if (length_typmod(t, name, "varchar", values[0], VARCHAR_MAX, typmod) < 0)
			return -1;
		*typmod += 4;
		return 0;
	case TYPE_BPCHAR:
		if (length_typmod(t, name, "char", values[0], VARCHAR_MAX, typmod) < 0)
			return -1;
		*typmod += 4;
		return 0;
	case TYPE_BIT:
	case TYPE_VARBIT:
		return length_typmod(t, name, type->name, values[0], BITS_MAX, typmod);
	case TYPE_NUMERIC:
		return numeric_typmod(t, name, values, n, typmod);
	case TYPE_TIME:
	case TYPE_TIMETZ:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
		*typmod = (int32_t)(values[0] < 0 ? 0 : values[0] > 6 ? 6 : values[0]);
		return 0;
	case TYPE_INTERVAL:
		return interval_typmod(t, name, values, n, typmod);
	default:
		return translate_fail(t, name->location, SQLSTATE_SYNTAX_ERROR,
		    "type modifier is not allowed for type \"%s\"", type->name);
	}
}

static const struct type *
find_type(const char *name, bool *serial)
{
	if (serial != NULL)
		for (size_t i = 0; i < sizeof(serials) / sizeof(serials[0]); i++)
			if (strcmp(serials[i].name, name) == 0) {
				*serial = true;
				return type_by_oid(serials[i].oid);
			}
	/* "char" in quotes is a type of its own; the grammar gives bpchar for the other. */
	if (strcmp(name, "char") == 0)
		return type_by_oid(TYPE_CHAR);
	if (name[0] == '_') { /* an array by its internal name */
		const struct type *element = type_by_name(name + 1);

		return element == NULL ? NULL : type_by_oid(element->array_oid);
	}
	return type_by_name(name);
}

/* A type that the file defines; "_mood" is the type of arrays of mood. */
static const struct schema_type *
find_own_type(struct translator *t, const PgQuery__TypeName *name, const char *last)
{
	const char *schema = name->n_names > 1 ? translate_string(name->names[name->n_names - 2]) : NULL;

	return schema == NULL || strcmp(schema, "public") == 0 ? schema_find_type(t->schema, last) : NULL;
}

/* The row type of a table or view of that name. */
static const struct schema_type *
find_row_type(struct translator *t, const PgQuery__TypeName *name, const char *last)
{
	const char *schema = name->n_names > 1 ? translate_string(name->names[name->n_names - 2]) : NULL;
	const struct schema_table *table = NULL;
	char *stored;

	if (schema == NULL)
		table = schema_resolve(t->schema, last);
	else if (strncmp(schema, "pg_temp", 7) == 0)
		table = schema_find_table(t->schema, "temp", last);
	else if (schema_has_namespace(t->schema, schema) && (stored = translate_stored_name(t, schema, last)) != NULL)
		table = schema_find_table(t->schema, "public", stored);
	return table == NULL || table->kind == 'S' ? NULL : schema_row_type(t->schema, table);
}

static int
own_type(struct translator *t, const PgQuery__TypeName *name, const struct schema_type *own, uint32_t *oid,
    int32_t *typmod)
{
	*oid = own->oid;
	*typmod = -1;
	if (name->n_typmods > 0)
		return translate_fail(t, name->location, SQLSTATE_SYNTAX_ERROR,
		    "type modifier is not allowed for type \"%s\"", own->name);
	if (name->n_array_bounds == 0)
		return 0;
	if (type_class(own->oid) == TYPE_CLASS_DOMAIN && type_is_array(own->base))
		return translate_refuse(t, name->location, "an array of a domain over an array");
	*oid = type_array_of(own->oid);
	return 0;
}

/* No type of that name is here; PostgreSQL may have one. */
static int
fail_unknown(struct translator *t, const PgQuery__TypeName *name, const char *last)
{
	static const char *const absent[] = { "box", "cid", "circle", "daterange", "datemultirange", "int4range",
		"int4multirange", "int8range", "int8multirange", "line", "lseg", "money", "nummultirange", "numrange",
		"path", "pg_lsn", "pg_snapshot", "point", "polygon", "regcollation", "regoper", "regoperator", "tid",
		"tsmultirange", "tsquery", "tsrange", "tstzmultirange", "tstzrange", "tsvector", "txid_snapshot", "xid",
		"xid8", "xml" };
	const char *schema = name->n_names > 1 ? translate_string(name->names[name->n_names - 2]) : "pg_catalog";
	const char *element = *last == '_' ? last + 1 : last;

	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]) && strcmp(schema, "pg_catalog") == 0; i++)
		if (strcmp(absent[i], element) == 0)
			return translate_refuse(t, name->location, translator_format(t, "the type %s", element));
	return translate_fail(t, name->location, SQLSTATE_UNDEFINED_OBJECT, "type \"%s\" does not exist", last);
}

int
translate_type_name(struct translator *t, const PgQuery__TypeName *name, const struct type **type, uint32_t *oid,
    int32_t *typmod, bool *serial)
{
	const char *last = translate_last_string(name->names, name->n_names);
	const struct schema_type *own;

	if (serial != NULL)
		*serial = false;
	if (name->setof)
		return translate_refuse(t, name->location, "SETOF");
	if (name->pct_type)
		return translate_refuse(t, name->location, "%TYPE");
	*type = find_type(last, serial);
	if (*type == NULL && (own = find_own_type(t, name, last)) != NULL)
		return own_type(t, name, own, oid, typmod);
	if (*type == NULL && (own = find_row_type(t, name, last)) != NULL)
		return t->definition || t->view
		    ? translate_refuse(t, name->location, "a table's row type in a definition")
		    : own_type(t, name, own, oid, typmod);
	if (*type == NULL)
		return fail_unknown(t, name, last);
	*oid = (*type)->oid;
	if (type_modifier(t, name, *type, typmod) < 0)
		return -1;
	if (name->n_array_bounds > 0) {
		if ((*type)->array_oid == 0)
			return translate_refuse(t, name->location, "an array of that type");
		*oid = (*type)->array_oid;
	}
	return 0;
}
