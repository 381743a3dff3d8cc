/* Types by name and by declaration. Expected values were taken from PostgreSQL 15. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/sqlite/types/types.h"

#define NUMERIC_TYPMOD(precision, scale) (((precision) << 16 | ((scale)&0x7ff)) + 4)

static const struct {
	const char *declaration;
	uint32_t oid;
	int32_t typmod;
} declarations[] = {
	{ "INTEGER", TYPE_INT4, -1 },
	{ "bigint", TYPE_INT8, -1 },
	{ "INT", TYPE_INT8, -1 },
	{ "varchar(20)", TYPE_VARCHAR, 24 },
	{ "VARCHAR ( 20 )", TYPE_VARCHAR, 24 },
	{ "TEXT", TYPE_TEXT, -1 },
	{ "NUMERIC", TYPE_NUMERIC, -1 },
	{ "NUMERIC(5 , 2)", TYPE_NUMERIC, NUMERIC_TYPMOD(5, 2) },
	{ "numeric text(10,2)", TYPE_NUMERIC, NUMERIC_TYPMOD(10, 2) },
	{ "DATETIME", TYPE_TIMESTAMP, -1 },
	{ "timestamp text(3)", TYPE_TIMESTAMP, 3 },
	{ "BLOB", TYPE_BYTEA, -1 },
	{ "UNSIGNED BIG INT", TYPE_INT8, -1 },
	{ "", TYPE_TEXT, -1 },
	{ "interval", TYPE_INT8, -1 },
	{ "my floaty", TYPE_FLOAT8, -1 },
	{ NULL, TYPE_TEXT, -1 },
	{ "char(5)", TYPE_BPCHAR, 9 },
	{ "double  precision", TYPE_FLOAT8, -1 },
};

START_TEST(declarations_are_understood)
{
	int32_t typmod = 0;

	ck_assert_uint_eq(type_by_declaration(declarations[_i].declaration, &typmod)->oid, declarations[_i].oid);
	ck_assert_int_eq(typmod, declarations[_i].typmod);
}
END_TEST

/* What bibd declares comes back from SQLite as the same type, and its affinity keeps '007' as it is. */
START_TEST(declarations_survive_sqlite)
{
	const struct type *type;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	for (size_t i = 0; (type = type_by_index(i)) != NULL; i++) {
		int32_t typmod = type->oid == TYPE_NUMERIC		    ? NUMERIC_TYPMOD(10, 2)
		    : type->oid == TYPE_VARCHAR || type->oid == TYPE_BPCHAR ? 24
		    : type->oid == TYPE_TIMESTAMP			    ? 3
									    : -1;
		int32_t found = 0;
		char *declaration, *sql;

		if ((declaration = type_declaration(type, typmod)) == NULL)
			continue;
		ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
		sql = sqlite3_mprintf("create table t (c %s not null)", declaration);
		ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
		ck_assert_int_eq(sqlite3_exec(db, "insert into t values ('007')", NULL, NULL, NULL), SQLITE_OK);
		ck_assert_int_eq(sqlite3_prepare_v2(db, "select c, typeof(c) from t", -1, &stmt, NULL), SQLITE_OK);
		ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
		/* Which array it is stands in a mark: schema/definition.h. */
		ck_assert_ptr_eq(type_by_declaration(sqlite3_column_decltype(stmt, 0), &found),
		    type_is_array(type->oid) ? type_by_oid(TYPE_TEXT_ARRAY) : type);
		ck_assert_int_eq(found, typmod);
		if (strchr("NB", type->category) == NULL || type->oid == TYPE_NUMERIC)
			ck_assert_str_eq((const char *)sqlite3_column_text(stmt, 0), "007");
		ck_assert_int_eq(sqlite3_finalize(stmt), SQLITE_OK);
		ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
		sqlite3_free(sql);
		free(declaration);
	}
}
END_TEST

static const struct {
	uint32_t oid;
	int32_t typmod;
	const char *text;
} formats[] = {
	{ TYPE_VARCHAR, 24, "character varying(20)" },
	{ TYPE_NUMERIC, NUMERIC_TYPMOD(10, 2), "numeric(10,2)" },
	{ TYPE_TIMESTAMPTZ, 3, "timestamp(3) with time zone" },
	{ TYPE_BPCHAR, -1, "bpchar" },
	{ TYPE_BPCHAR, 5, "character(1)" },
	{ TYPE_INT4_ARRAY, -1, "integer[]" },
	{ 1015, 24, "character varying(20)[]" },
	{ 0, -1, "-" },
	{ 99999, -1, "???" },
	{ TYPE_CHAR, -1, "\"char\"" },
	{ TYPE_INT2VECTOR, -1, "int2vector" },
};

START_TEST(formats_are_those_of_format_type)
{
	char *text = type_format(formats[_i].oid, formats[_i].typmod);

	ck_assert_str_eq(text, formats[_i].text);
	free(text);
}
END_TEST

START_TEST(names_are_found)
{
	ck_assert_uint_eq(type_by_name("int")->oid, TYPE_INT4);
	ck_assert_uint_eq(type_by_name("int4")->oid, TYPE_INT4);
	ck_assert_uint_eq(type_by_name("timestamp with time zone")->oid, TYPE_TIMESTAMPTZ);
	ck_assert_uint_eq(type_by_name("character varying")->oid, TYPE_VARCHAR);
	ck_assert_uint_eq(type_by_name("int[]")->oid, TYPE_INT4_ARRAY);
	ck_assert_ptr_null(type_by_name("no such type"));
	ck_assert_ptr_null(type_by_name("[]"));
	for (size_t i = 0; type_by_index(i) != NULL; i++)
		ck_assert_ptr_eq(type_by_oid(type_by_index(i)->oid), type_by_index(i));
}
END_TEST

int
main(void)
{
	TCase *types = tcase_create("declare");

#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))
	tcase_add_loop_test(types, declarations_are_understood, 0, ROWS(declarations));
	tcase_add_test(types, declarations_survive_sqlite);
	tcase_add_loop_test(types, formats_are_those_of_format_type, 0, ROWS(formats));
	tcase_add_test(types, names_are_found);
	return unit_run("sqlite types declare", types, NULL);
}
