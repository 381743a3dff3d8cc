/*
 * The access methods of indexes that PostgreSQL has beside btree: which indexes it takes with each. They change how it
 * finds rows, not which; on SQLite each is an index of its only kind, and says what it was made as.
 */
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/schema/extension.h"

#define TYPES_MAX 24
#define OID_TSVECTOR 3614

/* Types with an operator class by default; TYPE_ANYARRAY: every array. */
static const struct method {
	const char *name;
	bool many, included, any_type;
	uint32_t types[TYPES_MAX];
} methods[] = {
	{ "hash", false, false, true, { 0 } },
	{ "gin", true, false, false, { TYPE_ANYARRAY, TYPE_JSONB, OID_TSVECTOR } },
	{ "gist", true, true, false, { OID_TSVECTOR, TYPE_TSQUERY } },
	{ "spgist", false, true, false, { TYPE_TEXT, TYPE_VARCHAR } },
	{ "brin", true, false, false,
	    { TYPE_INT2, TYPE_INT4, TYPE_INT8, TYPE_FLOAT4, TYPE_FLOAT8, TYPE_NUMERIC, TYPE_TEXT, TYPE_VARCHAR,
		TYPE_BPCHAR, TYPE_DATE, TYPE_TIME, TYPE_TIMETZ, TYPE_TIMESTAMP, TYPE_TIMESTAMPTZ, TYPE_INTERVAL,
		TYPE_UUID, TYPE_BYTEA, TYPE_OID, TYPE_NAME } },
};

/* Classes that are shown, being none by default: of which method and type, and the extension that brings it. */
static const struct {
	const char *method, *class;
	uint32_t type;
	const char *extension;
} classes[] = {
	{ "gin", "jsonb_path_ops", TYPE_JSONB, NULL },
	{ "gin", "gin_trgm_ops", TYPE_TEXT, "pg_trgm" },
	{ "gist", "gist_trgm_ops", TYPE_TEXT, "pg_trgm" },
};

/* Its place in the table, or -1. */
static int
find_class(const char *method, const char *class)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(classes[i].method, method) == 0 && strcmp(classes[i].class, class) == 0)
			return (int)i;
	return -1;
}

/* 1: the class is one for the type; 0: not one of those; -1: reported. */
static int
check_class(struct translator *t, const char *method, const char *class, uint32_t oid)
{
	int found = find_class(method, class);

	if (found == -1)
		return 0;
	if (classes[found].extension != NULL &&
	    !schema_extension_has(schema_database(t->schema), classes[found].extension))
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT,
		    "operator class \"%s\" does not exist for access method \"%s\"", class, method);
	return classes[found].type == oid || (classes[found].type == TYPE_TEXT && oid == TYPE_VARCHAR);
}

static const struct method *
find_method(const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}

/* Whether the class is that which the type has by default. */
static bool
is_default(const char *class, uint32_t oid)
{
	const char *own = type_is_array(oid)	      ? "array_ops"
	    : oid == TYPE_JSONB			      ? "jsonb_ops"
	    : oid == OID_TSVECTOR		      ? "tsvector_ops"
	    : oid == TYPE_TSQUERY		      ? "tsquery_ops"
	    : oid == TYPE_TEXT || oid == TYPE_VARCHAR ? "text_ops"
						      : "";

	return strcmp(class, own) == 0;
}

static bool
takes_type(const struct method *method, uint32_t oid)
{
	if (method->any_type)
		return true;
	for (size_t i = 0; i < TYPES_MAX && method->types[i] != 0; i++)
		if (method->types[i] == oid || (method->types[i] == TYPE_ANYARRAY && type_is_array(oid)))
			return true;
	return false;
}

/* The type of a part; 0: it is not looked into. */
static uint32_t
type_of(const struct definition *d, const PgQuery__IndexElem *element)
{
	const PgQuery__FuncCall *call =
	    element->expr != NULL && element->expr->node_case == PG_QUERY__NODE__NODE_FUNC_CALL
	    ? element->expr->func_call
	    : NULL;
	const struct definition_column *column;

	if (element->name != NULL && *element->name != '\0')
		return (column = definition_find_column(d, element->name)) == NULL ? 0 : column->oid;
	return call != NULL && strcmp(translate_last_string(call->funcname, call->n_funcname), "to_tsvector") == 0
	    ? OID_TSVECTOR
	    : 0;
}

static int
fail_support(struct translator *t, const char *method, const char *what)
{
	return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED, "access method \"%s\" does not support %s", method,
	    what);
}

static int
check_part(struct translator *t, const struct method *method, const struct definition *d,
    const PgQuery__IndexElem *element)
{
	const char *class = translate_last_string(element->opclass, element->n_opclass);
	bool named = element->name != NULL && *element->name != '\0';
	uint32_t oid = type_of(d, element);
	int found;

	if (element->ordering != PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT &&
	    element->ordering != PG_QUERY__SORT_BY_DIR__SORT_BY_DIR_UNDEFINED)
		return fail_support(t, method->name, "ASC/DESC options");
	if (element->nulls_ordering != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT &&
	    element->nulls_ordering != PG_QUERY__SORT_BY_NULLS__SORT_BY_NULLS_UNDEFINED)
		return fail_support(t, method->name, "NULLS FIRST/LAST options");
	if (named && oid == 0)
		return 0; /* there is no such column, which is told elsewhere */
	if (*class != '\0' && !is_default(class, oid))
		return (found = check_class(t, method->name, class, oid)) == -1 ? -1
		    : found == 1						? 0
				 : translate_refuse(t, -1, "an index of that operator class");
	if (takes_type(method, oid))
		return 0;
	if (oid == 0 || *class != '\0' || !(strcmp(method->name, "gin") == 0 || strcmp(method->name, "brin") == 0))
		return translate_refuse(t, -1, "an index of that access method on these types");
	(void)translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT,
	    "data type %s has no default operator class for access method \"%s\"", type_display(t, oid), method->name);
	report_hint(t->report,
	    "You must specify an operator class for the index or define a default operator class for the data type.");
	return -1;
}

int
define_check_method(struct translator *t, const PgQuery__IndexStmt *stmt, const struct definition *d)
{
	const struct method *method = find_method(stmt->access_method);

	if (method == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "access method \"%s\" does not exist",
		    stmt->access_method);
	if (stmt->unique)
		return fail_support(t, method->name, "unique indexes");
	if (stmt->n_index_including_params > 0 && !method->included)
		return fail_support(t, method->name, "included columns");
	if (stmt->n_index_params > 1 && !method->many)
		return fail_support(t, method->name, "multicolumn indexes");
	for (size_t i = 0; i < stmt->n_index_params; i++)
		if (check_part(t, method, d, stmt->index_params[i]->index_elem) == -1)
			return -1;
	return 0;
}

const char *
define_method_class(const char *method, const char *class)
{
	return find_class(method, class) == -1 ? "" : class;
}
