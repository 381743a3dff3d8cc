/*
 * The table of types, found by OID or name, and values bound to a statement or taken from a column.
 */
#include "workers/sqlite/types/types.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/codec.h"

/* Sorted by oid. Source: pg_type of PostgreSQL 15. A declaration's affinity keeps the stored form as it is. */
static const struct type types[] = {
	{ 16, 1000, 1, 'B', "bool", "boolean", "boolean" },
	{ 17, 1001, -1, 'U', "bytea", "bytea", "bytea blob" },
	{ 18, 1002, 1, 'Z', "char", "\"char\"", NULL },
	{ 19, 1003, 64, 'S', "name", "name", "name text" },
	{ 20, 1016, 8, 'N', "int8", "bigint", "bigint" },
	{ 21, 1005, 2, 'N', "int2", "smallint", "smallint" },
	{ 22, 1006, -1, 'A', "int2vector", "int2vector", NULL },
	{ 23, 1007, 4, 'N', "int4", "integer", "integer" },
	{ 24, 1008, 4, 'N', "regproc", "regproc", NULL },
	{ 25, 1009, -1, 'S', "text", "text", "text" },
	{ 26, 1028, 4, 'N', "oid", "oid", "oid integer" },
	{ 27, 1010, 6, 'U', "tid", "tid", NULL },
	{ 28, 1011, 4, 'U', "xid", "xid", NULL },
	{ 29, 1012, 4, 'U', "cid", "cid", NULL },
	{ 30, 1013, -1, 'A', "oidvector", "oidvector", NULL },
	{ 114, 199, -1, 'U', "json", "json", "json text" },
	{ 194, 0, -1, 'Z', "pg_node_tree", "pg_node_tree", NULL },
	{ 199, 0, -1, 'A', "_json", "json[]", NULL },
	{ 650, 651, -1, 'I', "cidr", "cidr", "cidr blob" },
	{ 651, 0, -1, 'A', "_cidr", "cidr[]", NULL },
	{ 700, 1021, 4, 'N', "float4", "real", "real blob" },
	{ 701, 1022, 8, 'N', "float8", "double precision", "double precision blob" },
	{ 705, 0, -2, 'X', "unknown", "unknown", NULL },
	{ 774, 775, 8, 'U', "macaddr8", "macaddr8", "macaddr8 text" },
	{ 775, 0, -1, 'A', "_macaddr8", "macaddr8[]", NULL },
	{ 829, 1040, 6, 'U', "macaddr", "macaddr", "macaddr text" },
	{ 869, 1041, -1, 'I', "inet", "inet", "inet blob" },
	{ 1000, 0, -1, 'A', "_bool", "boolean[]", NULL },
	{ 1001, 0, -1, 'A', "_bytea", "bytea[]", NULL },
	{ 1002, 0, -1, 'A', "_char", "\"char\"[]", NULL },
	{ 1003, 0, -1, 'A', "_name", "name[]", NULL },
	{ 1005, 0, -1, 'A', "_int2", "smallint[]", NULL },
	{ 1007, 0, -1, 'A', "_int4", "integer[]", NULL },
	{ 1009, 0, -1, 'A', "_text", "text[]", NULL },
	{ 1014, 0, -1, 'A', "_bpchar", "character[]", NULL },
	{ 1015, 0, -1, 'A', "_varchar", "character varying[]", NULL },
	{ 1016, 0, -1, 'A', "_int8", "bigint[]", NULL },
	{ 1021, 0, -1, 'A', "_float4", "real[]", NULL },
	{ 1022, 0, -1, 'A', "_float8", "double precision[]", NULL },
	{ 1028, 0, -1, 'A', "_oid", "oid[]", NULL },
	{ 1033, 1034, 12, 'U', "aclitem", "aclitem", NULL },
	{ 1034, 0, -1, 'A', "_aclitem", "aclitem[]", NULL },
	{ 1040, 0, -1, 'A', "_macaddr", "macaddr[]", NULL },
	{ 1041, 0, -1, 'A', "_inet", "inet[]", NULL },
	{ 1042, 1014, -1, 'S', "bpchar", "character", "char" },
	{ 1043, 1015, -1, 'S', "varchar", "character varying", "varchar" },
	{ 1082, 1182, 4, 'D', "date", "date", "date text" },
	{ 1083, 1183, 8, 'D', "time", "time without time zone", "time text" },
	{ 1114, 1115, 8, 'D', "timestamp", "timestamp without time zone", "timestamp text" },
	{ 1115, 0, -1, 'A', "_timestamp", "timestamp without time zone[]", NULL },
	{ 1182, 0, -1, 'A', "_date", "date[]", NULL },
	{ 1183, 0, -1, 'A', "_time", "time without time zone[]", NULL },
	{ 1184, 1185, 8, 'D', "timestamptz", "timestamp with time zone", "timestamptz text" },
	{ 1185, 0, -1, 'A', "_timestamptz", "timestamp with time zone[]", NULL },
	{ 1186, 1187, 16, 'T', "interval", "interval", "timespan text" },
	{ 1187, 0, -1, 'A', "_interval", "interval[]", NULL },
	{ 1231, 0, -1, 'A', "_numeric", "numeric[]", NULL },
	{ 1266, 1270, 12, 'D', "timetz", "time with time zone", "timetz text" },
	{ 1560, 1561, -1, 'V', "bit", "bit", "bit text" },
	{ 1561, 0, -1, 'A', "_bit", "bit[]", NULL },
	{ 1562, 1563, -1, 'V', "varbit", "bit varying", "varbit text" },
	{ 1563, 0, -1, 'A', "_varbit", "bit varying[]", NULL },
	{ 1700, 1231, -1, 'N', "numeric", "numeric", "numeric text" },
	{ 1790, 2201, -1, 'U', "refcursor", "refcursor", "refcursor text" },
	{ 2201, 0, -1, 'A', "_refcursor", "refcursor[]", NULL },
	{ 2202, 2207, 4, 'N', "regprocedure", "regprocedure", NULL },
	{ 2205, 2210, 4, 'N', "regclass", "regclass", NULL },
	{ 2206, 2211, 4, 'N', "regtype", "regtype", NULL },
	{ 2249, 2287, -1, 'P', "record", "record", NULL },
	{ 2276, 0, 4, 'P', "any", "\"any\"", NULL },
	{ 2277, 0, -1, 'P', "anyarray", "anyarray", NULL },
	{ 2278, 0, 4, 'P', "void", "void", NULL },
	{ 2279, 0, 4, 'P', "trigger", "trigger", NULL },
	{ 2283, 0, 4, 'P', "anyelement", "anyelement", NULL },
	{ 2287, 0, -1, 'P', "_record", "record[]", NULL },
	{ 2776, 0, 4, 'P', "anynonarray", "anynonarray", NULL },
	{ 2950, 2951, 16, 'U', "uuid", "uuid", "uuid text" },
	{ 2951, 0, -1, 'A', "_uuid", "uuid[]", NULL },
	{ 3500, 0, 4, 'P', "anyenum", "anyenum", NULL },
	{ 3614, 3643, -1, 'U', "tsvector", "tsvector", "tsvector text" },
	{ 3615, 3645, -1, 'U', "tsquery", "tsquery", "tsquery text" },
	{ 3643, 0, -1, 'A', "_tsvector", "tsvector[]", NULL },
	{ 3645, 0, -1, 'A', "_tsquery", "tsquery[]", NULL },
	{ 3734, 3735, 4, 'N', "regconfig", "regconfig", NULL },
	{ 3735, 0, -1, 'A', "_regconfig", "regconfig[]", NULL },
	{ 3769, 3770, 4, 'N', "regdictionary", "regdictionary", NULL },
	{ 3770, 0, -1, 'A', "_regdictionary", "regdictionary[]", NULL },
	{ 3802, 3807, -1, 'U', "jsonb", "jsonb", "jsonb text" },
	{ 3807, 0, -1, 'A', "_jsonb", "jsonb[]", NULL },
	{ 4072, 4073, -1, 'U', "jsonpath", "jsonpath", "jsonpath text" },
	{ 4073, 0, -1, 'A', "_jsonpath", "jsonpath[]", NULL },
	{ 4089, 4090, 4, 'N', "regnamespace", "regnamespace", NULL },
	{ 4096, 4097, 4, 'N', "regrole", "regrole", NULL },
	{ 5077, 0, 4, 'P', "anycompatible", "anycompatible", NULL },
	{ 5078, 0, -1, 'P', "anycompatiblearray", "anycompatiblearray", NULL },
	{ 1879048184, 1879048185, -1, 'S', "citext", "citext", "citext" },
	{ 1879048185, 0, -1, 'A', "_citext", "citext[]", NULL },
};
#define NTYPES (sizeof(types) / sizeof(types[0]))

/* Names beyond typname and format_type's: what SQL and programs write. */
static const struct alias {
	const char *name;
	uint32_t oid;
} aliases[] = {
	{ "int", TYPE_INT4 },
	{ "decimal", TYPE_NUMERIC },
	{ "dec", TYPE_NUMERIC },
	{ "float", TYPE_FLOAT8 },
	{ "char", TYPE_BPCHAR },
	{ "nchar", TYPE_BPCHAR },
	{ "national character", TYPE_BPCHAR },
	{ "char varying", TYPE_VARCHAR },
	{ "time", TYPE_TIME },
	{ "timestamp", TYPE_TIMESTAMP },
	{ "serial", TYPE_INT4 },
	{ "serial4", TYPE_INT4 },
	{ "bigserial", TYPE_INT8 },
	{ "serial8", TYPE_INT8 },
	{ "smallserial", TYPE_INT2 },
	{ "serial2", TYPE_INT2 },
};

const struct type *
type_by_oid(uint32_t oid)
{
	size_t low = 0, high = NTYPES;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (types[middle].oid == oid)
			return &types[middle];
		if (types[middle].oid < oid)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct type *
type_by_index(size_t i)
{
	return i < NTYPES ? &types[i] : NULL;
}

/* The aliases come first: the SQL name "char" is not the internal type of that name, which SQL writes as "\"char\"". */
static const struct type *
type_by_plain_name(const char *name)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (strcmp(aliases[i].name, name) == 0)
			return type_by_oid(aliases[i].oid);
	}
	for (size_t i = 0; i < NTYPES; i++) {
		if (strcmp(types[i].name, name) == 0 || strcmp(types[i].sql_name, name) == 0)
			return &types[i];
	}
	return NULL;
}

const struct type *
type_by_name(const char *name)
{
	size_t length = strlen(name);
	const struct type *element;
	char plain[64];

	if (length < 3 || length >= sizeof(plain) || strcmp(name + length - 2, "[]") != 0)
		return type_by_plain_name(name);
	memcpy(plain, name, length - 2);
	plain[length - 2] = '\0';
	element = type_by_plain_name(plain);
	return element != NULL && element->array_oid != 0 ? type_by_oid(element->array_oid) : NULL;
}

const char *
type_error_name(uint32_t oid)
{
	const struct type *type;

	/* PostgreSQL's input functions name these two shorter than format_type() does. */
	if (oid == TYPE_TIMESTAMP)
		return "timestamp";
	if (oid == TYPE_TIME)
		return "time";
	type = type_by_oid(oid);
	return type != NULL ? type->sql_name : "unknown";
}

void
type_value_free(struct type_value *v)
{
	free(v->owned);
	*v = (struct type_value) { .kind = SQLITE_NULL };
}

int
type_bind(sqlite3_stmt *stmt, int n, const struct type_value *v, bool lasting)
{
	sqlite3_destructor_type keep = lasting ? SQLITE_STATIC : SQLITE_TRANSIENT;

	switch (v->kind) {
	case SQLITE_INTEGER:
		return sqlite3_bind_int64(stmt, n, v->integer);
	case SQLITE_FLOAT:
		return sqlite3_bind_double(stmt, n, v->real);
	case SQLITE_TEXT:
		/* A NULL pointer would bind null in place of an empty text. */
		return sqlite3_bind_text64(stmt, n, v->length > 0 ? v->bytes : "", v->length, keep, SQLITE_UTF8);
	case SQLITE_BLOB:
		return v->length > 0 ? sqlite3_bind_blob64(stmt, n, v->bytes, v->length, keep)
				     : sqlite3_bind_zeroblob(stmt, n, 0);
	default:
		return sqlite3_bind_null(stmt, n);
	}
}

int
type_bind_given(sqlite3_stmt *stmt, int n, struct type_value *v)
{
	void *bytes = v->owned;

	if (bytes == NULL || v->bytes != bytes || v->length == 0 || (v->kind != SQLITE_TEXT && v->kind != SQLITE_BLOB))
		return type_bind(stmt, n, v, false);
	v->owned = NULL; /* freed there, also where it fails */
	return v->kind == SQLITE_TEXT ? sqlite3_bind_text64(stmt, n, bytes, v->length, free, SQLITE_UTF8)
				      : sqlite3_bind_blob64(stmt, n, bytes, v->length, free);
}

struct type_value
type_value_of(sqlite3_value *value)
{
	struct type_value v = { .kind = sqlite3_value_type(value) };

	switch (v.kind) {
	case SQLITE_INTEGER:
		v.integer = sqlite3_value_int64(value);
		break;
	case SQLITE_FLOAT:
		v.real = sqlite3_value_double(value);
		break;
	case SQLITE_TEXT:
		v.bytes = (const char *)sqlite3_value_text(value);
		v.length = (size_t)sqlite3_value_bytes(value);
		break;
	case SQLITE_BLOB:
		v.bytes = sqlite3_value_blob(value);
		v.length = (size_t)sqlite3_value_bytes(value);
		break;
	default:
		break;
	}
	if (v.bytes == NULL && (v.kind == SQLITE_TEXT || v.kind == SQLITE_BLOB))
		v.bytes = "";
	return v;
}
