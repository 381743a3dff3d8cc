/*
 * The types of parameters and result columns, and the columns' names: what Describe answers. The rows were recorded
 * from PostgreSQL 15.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "tests/unit/sqlite_dialect_scene.h"

/* Check's fixtures take no argument. */
static struct dialect_scene scene;

static void
set_up(void)
{
	char *answer;

	dialect_scene_open(&scene, "");
	answer = dialect_scene_run(&scene,
	    "create table k(i integer primary key, b bigint, t text, y bytea, "
	    "d double precision, o boolean, s timestamp, v varchar(9), n numeric(10,2), r real, j smallint, "
	    "c char(3))");
	ck_assert_str_eq(answer, "");
	free(answer);
}

static void
tear_down(void)
{
	dialect_scene_close(&scene);
}

static const struct {
	const char *sql, *parameters, *columns;
} rows[] = {
	{ "insert into k values ($1,$2,$3,$4,$5,$6,$7,$8) returning i, t", "23 20 25 17 701 16 1114 1043",
	    "i:23 t:25" },
	{ "insert into k(d, o) values ($2, $1)", "16 701", "" },
	{ "insert into k(b, t) select $1, $2", "20 25", "" },
	{ "update k set t = $1, b = b + $2 where i = $3 and s > $4", "25 20 23 1114", "" },
	{ "select * from k where b between $1 and $2 and t like $3", "20 20 25",
	    "i:23 b:20 t:25 y:17 d:701 o:16 s:1114 v:1043 n:1700 r:700 j:21 c:1042" },
	{ "select x.i as q, x.b from k x join k z on z.i = x.i where z.t in ($1, $2) order by 1 limit $3 offset $4",
	    "25 25 20 20", "q:23 b:20" },
	{ "select count(*), max(i), min(s), sum(d), count(t) as n from k where o = $1", "16",
	    "count:20 max:23 min:1114 sum:701 n:20" },
	{ "select $1::bigint, $2::text, cast($3 as boolean), 1, 'a'::text, 1.5::double precision, true, null",
	    "20 25 16", "int8:20 text:25 bool:16 ?column?:23 text:25 float8:701 ?column?:16 ?column?:25" },
	{ "select i + 1, b * 2, t || $1, i = 1, o is null, coalesce(t, $2), case when o then i else 0 end, not o as k "
	  "from k",
	    "25 25", "?column?:23 ?column?:20 ?column?:25 ?column?:16 ?column?:16 coalesce:25 case:23 k:16" },
	{ "delete from k where i = $1 and y = $2", "23 17", "" },
	{ "select 1 as Foo, 2 as \"Bar\" from k where exists (select 1 from k where d < $1)", "701", "foo:23 Bar:23" },
	{ "select i from k where i = any($1)", "1007", "i:23" },
	{ "select i from k where $1 = i and v = $2 and c = $3 and n > $4", "23 25 1042 1700", "i:23" },
	{ "select $1::int + $2", "23 23", "?column?:23" },
	{ "select $1", "25", "?column?:25" },
	{ "select sum(i), sum(b), sum(n), sum(r), avg(i), avg(d), avg(n) from k", "",
	    "sum:20 sum:1700 sum:1700 sum:700 avg:1700 avg:701 avg:1700" },
	{ "select r + r, r + 1, j + j, j + b, n + 1, n * d from k", "",
	    "?column?:700 ?column?:701 ?column?:21 ?column?:20 ?column?:1700 ?column?:701" },
	{ "select (select b from k limit 1), array(select i from k), exists (select 1), current_user, current_date", "",
	    "b:20 array:1007 exists:16 current_user:19 current_date:1082" },
	{ "select b::text, lower(t)::varchar, (t)::int, cast(count(*) as int) from k group by b, t", "",
	    "b:25 lower:1043 t:23 count:23" },
	{ "values (1, 'a'), (2, null)", "", "column1:23 column2:25" },
	{ "select i from k union select b from k", "", "i:20" },
	{ "with q(x) as (select t from k) select x, q.x as y from q", "", "x:25 y:25" },
	{ "select generate_series(1, 3), s from (select s from k) z(s)", "", "generate_series:23 s:1114" },
	{ "update k set v = $1 where v = $2 returning v, upper(v)", "1043 25", "v:1043 upper:25" },
	{ "select case $1 when 'a' then $2 else t end from k", "25 25", "t:25" },
	{ "select t from k where i in (select $1 union select 2) and i < $2 + 1", "23 23", "t:25" },
};

static void
describe(const struct dialect_plan *plan, char *parameters, char *columns, size_t size)
{
	FILE *out = fmemopen(parameters, size, "w");

	ck_assert_ptr_nonnull(out);
	for (unsigned i = 0; i < plan->nparams; i++)
		fprintf(out, "%s%u", i > 0 ? " " : "", plan->param_oids[i]);
	fputc('\0', out);
	fclose(out);
	ck_assert_ptr_nonnull(out = fmemopen(columns, size, "w"));
	for (unsigned i = 0; i < plan->ncolumns; i++)
		fprintf(out, "%s%s:%u", i > 0 ? " " : "", plan->columns[i].name, plan->columns[i].oid);
	fputc('\0', out);
	fclose(out);
}

START_TEST(describe_answers_as_postgresql)
{
	struct dialect_plan *plan = dialect_scene_translate(&scene, rows[_i].sql);
	char parameters[256], columns[512];

	ck_assert_msg(plan != NULL, "%s: %s", rows[_i].sql, scene.report.message);
	describe(plan, parameters, columns, sizeof(parameters));
	ck_assert_str_eq(parameters, rows[_i].parameters);
	ck_assert_str_eq(columns, rows[_i].columns);
	ck_assert_int_eq(plan->has_rows, rows[_i].columns[0] != '\0');
	dialect_plan_free(plan);
}
END_TEST

START_TEST(types_that_the_client_gave_win)
{
	static const uint32_t given[] = { TYPE_INT8, TYPE_UNKNOWN };
	static const char sql[] = "select i from k where i = $1 and t = $2";
	struct dialect_plan *plan = NULL;

	ck_assert_int_eq(dialect_lex(sql, strlen(sql), 0, &scene.text, &scene.report), 0);
	ck_assert_int_eq(dialect_translate(scene.schema, &scene.text, NULL, given, 2, &plan, &scene.report), 0);
	ck_assert_uint_eq(plan->param_oids[0], TYPE_INT8);
	ck_assert_uint_eq(plan->param_oids[1], TYPE_TEXT);
	dialect_plan_free(plan);
}
END_TEST

START_TEST(columns_of_tables_say_where_they_are_from)
{
	struct dialect_plan *plan = dialect_scene_translate(&scene, "select n, n + 1, v as w from k");

	ck_assert_ptr_nonnull(plan);
	ck_assert_uint_eq(plan->columns[0].table_oid, catalog_object_oid("public", "k"));
	ck_assert_int_eq(plan->columns[0].attribute, 9);
	ck_assert_int_eq(plan->columns[0].typmod, ((10 << 16) | 2) + 4);
	ck_assert_uint_eq(plan->columns[1].table_oid, 0);
	ck_assert_int_eq(plan->columns[1].typmod, -1);
	ck_assert_int_eq(plan->columns[2].attribute, 8);
	ck_assert_int_eq(plan->columns[2].typmod, 13);
	dialect_plan_free(plan);
}
END_TEST

START_TEST(parameter_that_is_not_used_is_an_error)
{
	ck_assert_ptr_null(dialect_scene_translate(&scene, "select $2::int"));
	ck_assert_str_eq(sqlstate_code(scene.report.state), "42P18");
	ck_assert_ptr_null(dialect_scene_translate(&scene, "select $0"));
	ck_assert_str_eq(sqlstate_code(scene.report.state), "42P02");
	ck_assert_ptr_null(dialect_scene_translate(&scene, "select $99999999999"));
	ck_assert_str_eq(sqlstate_code(scene.report.state), "42P02");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("types");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, describe_answers_as_postgresql, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, types_that_the_client_gave_win);
	tcase_add_test(tc, columns_of_tables_say_where_they_are_from);
	tcase_add_test(tc, parameter_that_is_not_used_is_an_error);
	return unit_run("sqlite_dialect_types", tc, NULL);
}
