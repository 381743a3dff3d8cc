/* Functions and the catalog's tables. Expected values were taken from PostgreSQL 15. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "tests/unit/sqlite_scene.h"
#include "workers/sqlite/types/decimal.h"

static const struct {
	const char *sql, *answer;
} functions[] = {
	{ "select lower('ÄBC'), upper('äé'), initcap('hello wORLD foo_bar')", "äbc|ÄÉ|Hello World Foo_Bar" },
	{ "select length('äöü'), octet_length('äöü'), length('\\x0102'::bytea)", "3|6|2" },
	{ "select substr('hello', 2, 3), substring('hello' from -1 for 4), left('hello', -2), right('hello', 2)",
	    "ell|he|hel|lo" },
	{ "select position('l' in 'hello'), strpos('äbc', 'c'), strpos('x', '')", "3|3|1" },
	{ "select lpad('hi', 5, 'xy'), rpad('hi', 4) || '|', lpad('hello', 2)", "xyxhi|hi  ||he" },
	{ "select trim(both 'xy' from 'xyabcyx'), ltrim('  x'), rtrim('xxabxx', 'x'), btrim(' q ')", "abc|x|xxab|q" },
	{ "select replace('abcabc', 'b', 'XX'), repeat('ab', 3), reverse('äbc')", "aXXcaXXc|ababab|cbä" },
	{ "select split_part('a,b,c', ',', 2), split_part('a,b,c', ',', -1), split_part('a', ',', 3)", "b|c|" },
	{ "select concat('a', null, 1), concat_ws('-', 'a', null, 'b')", "a1|a-b" },
	{ "select md5('hello'), encode(sha256('hello'::bytea), 'hex')",
	    "5d41402abc4b2a76b9719d911017c592|2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" },
	{ "select encode('\\x0102ff'::bytea, 'hex'), encode('hello'::bytea, 'base64'), decode('aGVsbG8=', 'base64')",
	    "0102ff|aGVsbG8=|\\x68656c6c6f" },
	{ "select chr(228), ascii('ä'), to_hex(255), translate('12345', '143', 'ax')", "ä|228|ff|a2x5" },
	{ "select format('Hello %s, %I = %L %%', 'World', 'My col', 'it''s')", "Hello World, \"My col\" = 'it''s' %" },
	{ "select quote_ident('Foo'), quote_ident('foo'), quote_literal('it''s'), quote_nullable(null)",
	    "\"Foo\"|foo|'it''s'|NULL" },
	{ "select overlay('Txxxxas' placing 'hom' from 2 for 4), starts_with('hello', 'he')", "Thomas|t" },
	{ "select regexp_replace('foobarbaz', 'b(..)', 'X\\1Y', 'g'), regexp_match('foobarbequebaz', 'bar.*que')",
	    "fooXarYXazY|{barbeque}" },
	{ "select array_to_string(array[1, 2, 3], ','), string_to_array('a,b,,c', ','), array_length(array[1, 2], 1)",
	    "1,2,3|{a,b,\"\",c}|2" },
	{ "select abs(-5), abs(-5.5), ceil(1.2), floor(-1.2), round(1.2345, 2), round(123.456, -1), trunc(1.789, 1)",
	    "5|5.5|2|-2|1.23|120|1.7" },
	{ "select mod(7, 3), mod(-7, 3), power(2, 10), sqrt(2::float8), sign(-3), greatest(1, 3, 2), least('b', 'a')",
	    "1|-1|1024|1.4142135623730951|-1|3|a" },
	{ "select date_trunc('week', timestamp '2024-03-15 12:34:56'), date_trunc('quarter', timestamp '2024-03-15 "
	  "12:34:56')",
	    "2024-03-11 00:00:00|2024-01-01 00:00:00" },
	{ "select extract(year from timestamp '2024-03-15 01:02:03.5'), extract(second from timestamp '2024-03-15 "
	  "01:02:03.5'), extract(dow from date '2024-03-15'), extract(week from date '2024-01-01')",
	    "2024|3.500000|5|1" },
	{ "select extract(epoch from timestamptz '2024-03-15 01:02:03.5+00')", "1710464523.500000" },
	{ "select to_char(timestamp '2024-03-05 14:05:06', 'Mon DD, YYYY HH12:MI AM \"at\" HH24')",
	    "Mar 05, 2024 02:05 PM at 14" },
	{ "select to_timestamp(1700000000), make_date(2024, 2, 29), now()",
	    "2023-11-14 22:13:20+00|2024-02-29|2023-11-14 22:13:20.123456+00" },
	{ "select json_build_object('a', 1, 'b', 'x\"', 'c', null), jsonb_build_array(1, 'a')",
	    "{\"a\" : 1, \"b\" : \"x\\\"\", \"c\" : null}|[1, \"a\"]" },
	{ "select sum(x), avg(x), count(x) from (values (1), (2), (2)) v(x)", "5|1.6666666666666667|3" },
	{ "select sum(x), avg(x) from (values (1.10), (2.25)) v(x)", "3.35|1.6750000000000000" },
	{ "select sum(x) from (values (9223372036854775807), (1)) v(x)", "9223372036854775808" },
	{ "select avg(x) from (values (100000), (200001)) v(x)", "150000.500000000000" },
	{ "select sum(x), avg(x) from (values (1)) v(x) where x > 1", "|" },
	{ "select sum(x) over (order by x rows 1 preceding) from (values (1), (2), (3)) v(x)", "1\n3\n5" },
	{ "select bool_and(x), bool_or(x) from (values (true), (false)) v(x)", "f|t" },
	{ "select string_agg(x, ','), array_agg(x) from (values ('a'), (null), ('b c')) v(x)",
	    "a,b c|{a,NULL,\"b c\"}" },
	{ "select pg_size_pretty(1048576::bigint), pg_size_pretty(123456789::bigint)", "1024 kB|118 MB" },
	{ "select format_type(1043, 24), format_type(23, null), current_schema(), current_schemas(true)",
	    "character varying(20)|integer|public|{pg_catalog,public}" },
	{ "select 'pg_class'::regclass::oid, 'integer'::regtype::oid, 1259::regclass, to_regclass('nosuch')",
	    "1259|23|pg_class|" },
	{ "select current_user, current_database(), pg_encoding_to_char(6)", "admin|node|UTF8" },
};

START_TEST(test_functions)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		ck_assert_msg(strcmp(scene_run(functions[i].sql), functions[i].answer) == 0, "%s: %s", functions[i].sql,
		    scene_answer());
}
END_TEST

START_TEST(test_errors)
{
	static const struct {
		const char *sql, *state;
	} rows[] = {
		{ "select substr('abc', 1, -1)", "22011" },
		{ "select chr(0)", "54000" },
		{ "select repeat('x', 2000000000)", "54000" },
		{ "select lpad('x', 2000000000)", "54000" },
		{ "select split_part('a', ',', 0)", "22023" },
		{ "select encode('a'::bytea, 'nosuch')", "22023" },
		{ "select decode('zz', 'hex')", "22023" },
		{ "select regexp_replace('a', '(', 'b')", "2201B" },
		{ "select sqrt(-1::float8)", "2201F" },
		{ "select ln(0::float8)", "2201E" },
		{ "select power(0::float8, -1::float8)", "2201F" },
		{ "select exp(10000::float8)", "22003" },
		{ "select mod(1, 0)", "22012" },
		{ "select make_date(2023, 2, 29)", "22008" },
		{ "select date_trunc('nosuch', timestamp '2024-01-01')", "22023" },
		{ "select 'nosuch'::regclass", "42P01" },
		{ "select 'nosuch'::regtype", "42704" },
		{ "select lastval()", "55000" },
		{ "select nextval('nosuch')", "42P01" },
		{ "select pg_advisory_lock(1)", "0A000" },
		{ "select current_setting('nosuch')", "42704" },
		{ "select json_build_object('a')", "22023" },
		{ "select format('%s')", "22023" },
		{ "select bibd_valid(1, 2, 3)", "42883" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *answer = scene_run(rows[i].sql);

		ck_assert_msg(strncmp(answer, "ERROR ", 6) == 0 && strncmp(answer + 6, rows[i].state, 5) == 0, "%s: %s",
		    rows[i].sql, answer);
	}
}
END_TEST

START_TEST(test_sequences)
{
	scene_expect("create table t (id serial primary key, n int); insert into t (n) values (1)", "");
	scene_expect("select nextval('t_id_seq'), currval('t_id_seq'), lastval()", "2|2|2");
	scene_expect("select setval('public.t_id_seq', 10); insert into t (n) values (2) returning id", "11");
	scene_expect("select setval('t_id_seq', 20, false); select nextval('t_id_seq')", "20");
	scene_expect("select pg_get_serial_sequence('t', 'id'), pg_get_serial_sequence('t', 'n')", "public.t_id_seq|");
	scene_context.role = ROLE_QUERY;
	scene_expect_state("select nextval('t_id_seq')", "42501");
	scene_context.role = ROLE_ADMIN;
	scene_context.read_only = true;
	scene_expect_state("select nextval('t_id_seq')", "25006");
}
END_TEST

START_TEST(test_tables)
{
	scene_expect("create table t (id serial primary key, v varchar(5) default 'x' not null, n numeric(4,1)); "
		     "create table c (a int, b int, t int constraint f references t on update cascade, unique (b, a))",
	    "");
	scene_expect("select relname, relkind, relnatts from pg_class where oid >= 16384 order by 1",
	    "c|r|3\nc_b_a_key|i|2\nt|r|3\nt_id_seq|S|3\nt_pkey|i|1");
	scene_expect("select attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid) from "
		     "pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum where attrelid = "
		     "'t'::regclass order by attnum",
	    "id|integer|t|nextval('t_id_seq'::regclass)\nv|character varying(5)|t|'x'::character "
	    "varying\nn|numeric(4,1)|f|");
	scene_expect("select conname, contype, conkey, confkey, confupdtype from pg_constraint order by 1",
	    "c_b_a_key|u|{2,1}|| \nf|f|{3}|{1}|c\nt_pkey|p|{1}|| ");
	scene_expect("select indkey, indisprimary from pg_index order by indkey", "1|t\n2 1|f");
	scene_expect("select column_name, is_nullable, data_type, character_maximum_length, numeric_precision from "
		     "information_schema.columns where table_name = 't' order by ordinal_position",
	    "id|NO|integer||32\nv|NO|character varying|5|\nn|YES|numeric||4");
	scene_expect("select constraint_name, column_name, ordinal_position from information_schema.key_column_usage "
		     "where table_name = 'c' order by 1, 3",
	    "c_b_a_key|b|1\nc_b_a_key|a|2\nf|t|1");
	scene_expect("select unique_constraint_name, update_rule, delete_rule from "
		     "information_schema.referential_constraints",
	    "t_pkey|CASCADE|NO ACTION");
	scene_expect("select count(*) > 100 from pg_proc", "t");
	scene_expect("select typname, typlen, typarray from pg_type where oid = 23", "int4|4|1007");
}
END_TEST

/* The catalog follows the schema: inside a transaction, after its end, with temporary tables and settings. */
START_TEST(test_follows)
{
	static const char names[] = "select relname from pg_class where oid >= 16384 and relkind = 'r' order by 1";

	scene_expect(names, "");
	scene_expect("begin; create table a (x int)", "");
	scene_expect(names, "a");
	scene_expect("rollback", "");
	scene_expect(names, "");
	scene_expect("begin", "");
	scene_expect(names, "");
	scene_expect("create table b (x int); create temp table c (x int); commit", "");
	scene_expect(names, "b\nc");
	scene_expect("alter table b rename to d", "");
	scene_expect(names, "c\nd");
	scene_expect("select setting from pg_settings where name = 'application_name'", "");
	ck_assert_int_eq(settings_set(scene_context.settings, "application_name", "x", false, NULL), 0);
	scene_expect("select setting from pg_settings where name = 'application_name'", "x");
}
END_TEST

START_TEST(test_oids)
{
	ck_assert_uint_eq(catalog_object_oid("public", "t"), catalog_object_oid("public", "t"));
	ck_assert_uint_ne(catalog_object_oid("public", "t"), catalog_object_oid("temp", "t"));
	ck_assert_uint_ge(catalog_object_oid("", ""), 16384);
}
END_TEST

START_TEST(test_decimal)
{
	static const struct {
		const char *text;
		uint64_t n;
		const char *quotient;
	} rows[] = {
		{ "1", 3, "0.33333333333333333333" },
		{ "2", 3, "0.66666666666666666667" },
		{ "10", 4, "2.5000000000000000" },
		{ "99999", 1, "99999.000000000000" },
		{ "0", 7, "0.00000000000000000000" },
		{ "0.0001", 3, "0.000033333333333333333333" },
		{ "12345678901234567890", 2, "6172839450617283945" },
		{ "1999999999999999999999", 2, "1000000000000000000000" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = decimal_divide(rows[i].text, rows[i].n);

		ck_assert_str_eq(text, rows[i].quotient);
		free(text);
	}
}
END_TEST

static bool
stop_at_the_third(void *arg)
{
	return ++*(int *)arg == 3;
}

/* A sleep asks whether it must end, and does. */
START_TEST(test_sleep)
{
	int asked = 0;

	scene_expect("select pg_sleep(0.01)", "");
	scene_context.must_stop = stop_at_the_third;
	scene_context.must_stop_arg = &asked;
	scene_expect("select pg_sleep(600)", "ERROR SQLite interrupted");
	ck_assert_int_eq(asked, 3);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("catalog");

	tcase_add_checked_fixture(tcase, scene_open, scene_close);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, test_functions);
	tcase_add_test(tcase, test_errors);
	tcase_add_test(tcase, test_sequences);
	tcase_add_test(tcase, test_tables);
	tcase_add_test(tcase, test_follows);
	tcase_add_test(tcase, test_oids);
	tcase_add_test(tcase, test_decimal);
	tcase_add_test(tcase, test_sleep);
	return unit_run("sqlite catalog", tcase, NULL);
}
