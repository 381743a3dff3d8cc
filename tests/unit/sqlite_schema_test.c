/* The definition of a table read back from its text, and the schema cache. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "tests/unit/sqlite_scene.h"
#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/list.h"

/* What print writes parses to what it was written from. */
START_TEST(test_round_trip)
{
	static const char sql[] =
	    "CREATE TABLE \"public\".\"t\" (\"id\" INTEGER CONSTRAINT \"t_pkey\" PRIMARY KEY AUTOINCREMENT CONSTRAINT "
	    "\"bibd:int8:always\" CHECK (TRUE), \"a \"\"b\" integer NOT NULL DEFAULT (5) CONSTRAINT \"bibd:type\" "
	    "CHECK (bibd_valid(23, -1, \"a \"\"b\")), \"g\" bigint GENERATED ALWAYS AS (\"id\" * (2)) STORED, "
	    "CONSTRAINT \"t_u\" UNIQUE (\"a \"\"b\", \"g\"), CONSTRAINT \"t_c\" CHECK (\"g\" > ')'), CONSTRAINT "
	    "\"t_f\" FOREIGN KEY (\"g\") REFERENCES \"p\" (\"x\") ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE "
	    "INITIALLY DEFERRED)";
	struct definition d;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	ck_assert_int_eq(definition_parse(sql, &d), 0);
	ck_assert(!d.opaque);
	ck_assert_uint_eq(d.ncolumns, 3);
	ck_assert_uint_eq(d.nconstraints, 4);
	ck_assert_str_eq(d.columns[1].name, "a \"b");
	ck_assert_uint_eq(d.columns[0].oid, TYPE_INT8);
	ck_assert_int_eq(d.columns[0].identity, DEFINITION_IDENTITY_ALWAYS);
	ck_assert_str_eq(definition_find_constraint(&d, "t_c")->expression, "\"g\" > ')'");
	ck_assert_str_eq(definition_find_constraint(&d, "t_f")->on_delete, "SET NULL");
	definition_print(&d, out, "public", "t");
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_str_eq(text, sql);
	free(text);
	definition_free(&d);
}
END_TEST

/* Texts of other programs: understood, and what would be lost is noticed. */
START_TEST(test_foreign)
{
	static const struct {
		const char *sql;
		int result;
		bool opaque;
		unsigned ncolumns, nconstraints;
	} rows[] = {
		{ "CREATE TABLE t(a, b)", 0, false, 2, 0 },
		{ "create table [t t](a int primary key, b text -- comment, with (parens\n not null, unique(a,b))", 0,
		    false, 2, 2 },
		{ "CREATE TABLE t(a TEXT COLLATE NOCASE DEFAULT -1, PRIMARY KEY(a)) WITHOUT ROWID", 0, false, 1, 1 },
		{ "CREATE TABLE t(a INT UNIQUE ON CONFLICT REPLACE)", 0, true, 1, 1 },
		{ "CREATE TABLE t(a INT, UNIQUE(a COLLATE NOCASE))", 0, true, 1, 1 },
		{ "CREATE TABLE t(a INT REFERENCES p DEFERRABLE INITIALLY DEFERRED, b varchar(10))", 0, false, 2, 1 },
		{ "CREATE VIRTUAL TABLE t USING fts5(a)", -1, false, 0, 0 },
		{ "CREATE TABLE t", -1, false, 0, 0 },
		{ "CREATE TABLE t(a", -1, false, 0, 0 },
		{ "CREATE TABLE t(a CHECK (", -1, false, 0, 0 },
		{ "", -1, false, 0, 0 },
		{ "CREATE TABLE \"t", -1, false, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct definition d;

		ck_assert_msg(definition_parse(rows[i].sql, &d) == rows[i].result, "%s", rows[i].sql);
		if (rows[i].result == -1)
			continue;
		ck_assert_msg(d.opaque == rows[i].opaque, "%s", rows[i].sql);
		ck_assert_msg(d.ncolumns == rows[i].ncolumns, "%s", rows[i].sql);
		ck_assert_msg(d.nconstraints == rows[i].nconstraints, "%s", rows[i].sql);
		definition_free(&d);
	}
}
END_TEST

/* Every beginning of a text is refused or read; nothing is read beyond its end (the sanitizers watch). */
START_TEST(test_cut_texts)
{
	static const char sql[] =
	    "CREATE TABLE t (\"a\" INTEGER CONSTRAINT \"x\" PRIMARY KEY AUTOINCREMENT, b text "
	    "DEFAULT "
	    "('it''s') NOT NULL REFERENCES p (q) ON DELETE CASCADE NOT DEFERRABLE, CHECK (a > 1) /* c */, UNIQUE (a, "
	    "b))";

	for (size_t length = 0; length < sizeof(sql); length++) {
		char *copy = strndup(sql, length);
		struct definition d;

		if (definition_parse(copy, &d) == 0)
			definition_free(&d);
		free(copy);
	}
}
END_TEST

START_TEST(test_object_names)
{
	char *name = definition_object_name("t", "a_b", "key");

	ck_assert_str_eq(name, "t_a_b_key");
	free(name);
	name = definition_object_name("t", NULL, "pkey");
	ck_assert_str_eq(name, "t_pkey");
	free(name);
	/* As PostgreSQL 15 names it: the longer part is cut first. */
	name = definition_object_name("a_rather_long_name_of_a_table_for_testing", "another_long_name_of_a_column",
	    "fkey");
	ck_assert_uint_eq(strlen(name), 63);
	ck_assert_str_eq(name, "a_rather_long_name_of_a_table_another_long_name_of_a_colum_fkey");
	free(name);
}
END_TEST

START_TEST(test_cache)
{
	const struct schema_table *table;
	uint64_t first, second;

	scene_open();
	scene_expect("create table t (id bigserial primary key, n numeric(5,2), v varchar(7))", "");
	first = schema_refresh(scene_schema);
	ck_assert_uint_eq(schema_refresh(scene_schema), first);
	table = schema_find_table(scene_schema, NULL, "t");
	ck_assert_ptr_nonnull(table);
	ck_assert_uint_eq(table->columns[0].oid, TYPE_INT8);
	ck_assert(table->columns[0].not_null && table->columns[0].primary_key && !table->columns[0].serial);
	ck_assert_str_eq(table->columns[0].default_sql, "bibd_draw('public', 't_id_seq')");
	ck_assert_uint_eq(table->columns[1].oid, TYPE_NUMERIC);
	ck_assert_int_eq(table->columns[1].typmod, (5 << 16 | 2) + 4);
	ck_assert_int_eq(table->columns[2].typmod, 11);
	ck_assert_ptr_eq(schema_find_table(scene_schema, "public", "t"), table);
	ck_assert_ptr_null(schema_find_table(scene_schema, NULL, "T"));
	scene_expect("alter table t add column x text", "");
	second = schema_refresh(scene_schema);
	ck_assert_uint_ne(second, first);
	ck_assert_ptr_nonnull(schema_find_column(schema_find_table(scene_schema, NULL, "t"), "x"));
	scene_close();
}
END_TEST

/* A schema that was rolled back, and another of the same cookie: no number comes twice. */
START_TEST(test_generation)
{
	uint64_t inside, after;

	scene_open();
	scene_expect("begin; create table t (a int)", "");
	inside = schema_refresh(scene_schema);
	ck_assert_ptr_nonnull(schema_find_table(scene_schema, NULL, "t"));
	scene_expect("rollback", "");
	ck_assert_uint_ne(schema_refresh(scene_schema), inside);
	ck_assert_ptr_null(schema_find_table(scene_schema, NULL, "t"));
	scene_expect("create table u (a int)", "");
	after = schema_refresh(scene_schema);
	ck_assert_uint_ne(after, inside);
	scene_close();
}
END_TEST

START_TEST(test_temporary_and_catalog)
{
	scene_open();
	scene_expect("create table t (a int); create temp table t (b text)", "");
	ck_assert_str_eq(schema_find_table(scene_schema, NULL, "t")->schema, "temp");
	ck_assert_str_eq(schema_find_table(scene_schema, "public", "t")->schema, "public");
	ck_assert_uint_eq(schema_find_column(schema_find_table(scene_schema, NULL, "pg_class"), "relkind")->oid,
	    TYPE_CHAR);
	ck_assert_ptr_null(schema_find_table(scene_schema, NULL, "columns"));
	ck_assert_ptr_nonnull(schema_find_table(scene_schema, "information_schema", "columns"));
	scene_expect("create view v as select count(*) as n, 'x'::varchar(3) as s from public.t", "");
	(void)schema_refresh(scene_schema);
	ck_assert_uint_eq(schema_find_table(scene_schema, NULL, "v")->columns[0].oid, TYPE_INT8);
	ck_assert_uint_eq(schema_find_table(scene_schema, NULL, "v")->columns[1].oid, TYPE_VARCHAR);
	scene_close();
}
END_TEST

START_TEST(test_names_in_texts)
{
	ck_assert(schema_text_names("SELECT \"a\" FROM \"t\"", "t"));
	ck_assert(!schema_text_names("SELECT 't' FROM \"tt\" -- t", "t"));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("schema");

	tcase_add_test(tcase, test_round_trip);
	tcase_add_test(tcase, test_foreign);
	tcase_add_test(tcase, test_cut_texts);
	tcase_add_test(tcase, test_object_names);
	tcase_add_test(tcase, test_cache);
	tcase_add_test(tcase, test_generation);
	tcase_add_test(tcase, test_temporary_and_catalog);
	tcase_add_test(tcase, test_names_in_texts);
	return unit_run("sqlite schema", tcase, NULL);
}
