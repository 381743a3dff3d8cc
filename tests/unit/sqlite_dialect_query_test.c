/*
 * Texts are translated and run: what they answer is what PostgreSQL 15 answered.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "tests/unit/sqlite_dialect_scene.h"

/* Check's fixtures take no argument. */
static struct dialect_scene scene;

static void
run_silently(const char *sql)
{
	char *answer = dialect_scene_run(&scene, sql);

	ck_assert_msg(*answer == '\0', "%s: %s", sql, answer);
	free(answer);
}

static void
set_up(void)
{
	dialect_scene_open(&scene, "");
	run_silently("create table t(id serial primary key, a text, b bigint not null, n numeric(10,2), ok boolean, "
		     "s timestamp, v varchar(3), c char(3), y bytea, j jsonb)");
	run_silently("insert into t(a, b, n, ok, s, v, c, y, j) values ('Abc', 1, 1.10, true, '2024-01-02', 'abc', "
		     "'x', '\\x0001', '{\"a\": [1, true]}'); insert into t(a, b, n, ok) values ('007', 20, 30.5, "
		     "false), (null, -3, null, null), ('zz%', 9000000000, -7.25, true)");
	run_silently("create table g(id bigint generated always as identity primary key, a text default 'dd', "
		     "b int default 4)");
}

static void
tear_down(void)
{
	dialect_scene_close(&scene);
}

static const struct {
	const char *sql, *answer;
} rows[] = {
	/* order, NULLs, positions, aliases */
	{ "select id from t order by a", "2\n1\n4\n3\n" },
	{ "select id from t order by a desc", "3\n4\n1\n2\n" },
	{ "select id, n from t order by n desc nulls last", "2|30.50\n1|1.10\n4|-7.25\n3|NULL\n" },
	{ "select id as x from t order by x desc limit 2", "4\n3\n" },
	{ "select id from t order by 1 offset 3", "4\n" },
	{ "select ok as o, count(*) from t group by o order by o", "f|1\nt|2\nNULL|1\n" },
	{ "select id from t limit -1", "2201W" },
	/* arithmetic */
	{ "select 7/2, -7/2, 7%3, -7%3, 2147483647::bigint + 1", "3|-3|1|-1|2147483648\n" },
	{ "select 1/0", "22012" },
	{ "select 5 % 0", "22012" },
	{ "select 1.0/0", "22012" },
	{ "select 2147483647 + 1", "22003" },
	{ "select 9223372036854775807 + 1", "22003" },
	{ "select 10::numeric / 3, 1.1 * 1.1, 7.5 % 2, 0.1 + 0.2, -1.50", "3.3333333333333333|1.21|1.5|0.3|-1.50\n" },
	{ "select n + 1, n / 3, -n from t where id = 1", "2.10|0.36666666666666666667|-1.10\n" },
	{ "select 5 & 3, 5 | 3, 5 # 3, 1 << 4, ~5, 2 ^ 10", "1|7|6|16|-6|1024\n" },
	{ "select date '2024-01-31' + 1, date '2024-03-01' - date '2024-02-01', "
	  "timestamp '2024-01-31' + interval '1 month'",
	    "2024-02-01|29|2024-02-29 00:00:00\n" },
	{ "select round(2.5), round(-2.5), trunc(2.7), pg_typeof(1.5), pg_typeof(id) from t where id = 1",
	    "3|-3|2|numeric|integer\n" },
	{ "select substring('foobar' from 'o(.)b'), substring('foobar' from 2 for 3)", "o|oob\n" },
	/* casts */
	{ "select '12'::int + 1, 1::text || 'x', true::text, 1.555::numeric(5,2), 2.5::int, 'abcdef'::varchar(3)",
	    "13|1x|true|1.56|3|abc\n" },
	{ "select 'abc'::int", "22P02" },
	{ "select cast('maybe' as boolean)", "22P02" },
	{ "select 3000000000::int", "22003" },
	{ "select '2024-02-30'::date", "22008" },
	{ "select 1::date", "42846" },
	{ "select 1::nosuch", "42704" },
	/* comparisons */
	{ "select id from t where n = 1.1", "1\n" },
	{ "select id from t where n in (1.10, 30.50) order by id", "1\n2\n" },
	{ "select id from t where n < b order by id", "4\n" },
	{ "select id from t where n + 0 = 1.1", "1\n" },
	{ "select id from t where s = date '2024-01-02'", "1\n" },
	{ "select id from t where c = 'x'", "1\n" },
	{ "select id from t where (id, b) in ((1, 1), (2, 20)) order by id", "1\n2\n" },
	{ "select id from t where a = 1", "42883" },
	{ "select id from t where id = 'x'", "22P02" },
	{ "select id from t where id = '1' and a is distinct from 'q' and ok is true", "1\n" },
	{ "select 'a' || null is null, null in (1), 5 between symmetric 10 and 1", "t|NULL|t\n" },
	/* patterns */
	{ "select 'abc' like 'A%', 'abc' ilike 'A%', 'a%c' like 'a\\%c', 'abc' like 'a\\%c', 'a%' like 'a!%' escape "
	  "'!'",
	    "f|t|t|f|t\n" },
	{ "select 'abc' ~ '^a\\w+$', 'abc' ~* 'B', 'abc' !~ 'z', 'a1' ~ '^\\D\\d$', 'x' ~ '(?:x|y)'", "t|t|t|t|t\n" },
	{ "select 'a' ~ '('", "2201B" },
	{ "select 'aa' ~ '(a)\\1'", "t\n" },
	{ "select 'a' ~ 'a{300}'", "2201B" },
	{ "select 'a' like 'a\\', 'ab' like 'a_'", "f|t\n" },
	{ "select 'ab' like 'a\\'", "22025" },
	/* arrays */
	{ "select id from t where id = any(array[1,3]) order by id", "1\n3\n" },
	{ "select id from t where id <> all('{1,3}') order by id", "2\n4\n" },
	{ "select id from t where id > all(array[1,2]) order by id", "3\n4\n" },
	{ "select array[1,null], array['a b', 'c\"d', ''], (array[5,6])[2], array(select id from t order by id), "
	  "array[1] || 2",
	    "{1,NULL}|{\"a b\",\"c\\\"d\",\"\"}|6|{1,2,3,4}|{1,2}\n" },
	{ "select x, o from unnest(array['p','q']) with ordinality as u(x, o)", "p|1\nq|2\n" },
	{ "select generate_series(1, 3)", "1\n2\n3\n" },
	{ "select g * 2 from generate_series(3, 1, -2) g", "6\n2\n" },
	/* JSON */
	{ "select j -> 'a' -> 0, j -> 'a' ->> 1, '{\"x\":\"q\"}'::json ->> 'x', j ->> 'none' from t where id = 1",
	    "1|true|q|NULL\n" },
	/* subqueries, joins, CTEs, sets */
	{ "select id from t where id in (select id from t where b > 1) order by id", "2\n4\n" },
	{ "select x.id, y.id from t x left join t y on x.id = y.id + 3 order by 1", "1|NULL\n2|NULL\n3|NULL\n4|1\n" },
	{ "select * from (select id, b from t) p join (select id, a from t) q using (id) where id < 3 order by id",
	    "1|1|Abc\n2|20|007\n" },
	{ "with recursive r(n) as (select 1 union all select n + 1 from r where n < 4) select sum(n), max(n) from r",
	    "10|4\n" },
	{ "select * from (values (1, 'a'), (2, null)) v(i, s) order by i desc", "2|NULL\n1|a\n" },
	{ "select 1 union (select 2 intersect select 2) order by 1", "1\n2\n" },
	{ "(select id from t order by id desc limit 1) union all select 9", "4\n9\n" },
	{ "select x.id, l.k from t x, lateral (select x.id + 1) l(k) where l.k = 2", "1|2\n" },
	{ "select id, row_number() over (order by id desc), sum(b) over (partition by ok order by id) from t where ok "
	  "order by id",
	    "1|2|1\n4|1|9000000001\n" },
	{ "select count(*) filter (where ok), count(distinct ok), string_agg(a, ',') from t where id < 3",
	    "1|2|Abc,007\n" },
	{ "select greatest(1, null, 3), least(2.5, 10), coalesce(null, 5), nullif(1, 1)", "3|2.5|5|NULL\n" },
	/* INSERT, UPDATE, DELETE */
	{ "insert into g default values returning *", "1|dd|4\n" },
	{ "insert into g(a, b) values (default, 7), ('x', default) returning *", "1|dd|7\n2|x|4\n" },
	{ "insert into g(id) values (5)", "428C9" },
	{ "insert into g(id) overriding system value values (5) returning id", "5\n" },
	{ "insert into g(id, b) values (default, 3) returning b", "3\n" },
	{ "insert into t(b, v) values (1, 'toolong')", "22001" },
	{ "insert into t(id, b) values (null, 1)", "23502" },
	{ "insert into t(a, a) values (1, 2)", "42701" },
	{ "insert into t(nope) values (1)", "42703" },
	{ "insert into t(a) values (1, 2)", "42601" },
	{ "insert into t(a, b) values (1)", "42601" },
	{ "insert into t(a, b) select a, id from t where id = 1 returning a, b", "Abc|1\n" },
	{ "insert into t(id, b) values (1, 5) on conflict (id) do update set b = excluded.b + t.b returning b", "6\n" },
	{ "insert into t(id, b) values (1, 5) on conflict on constraint t_pkey do nothing returning b", "" },
	{ "insert into t(id, b) select 1, 8 on conflict (id) do update set b = excluded.b returning b", "8\n" },
	{ "update t set (a, b) = ('q', 3), v = null where id = 2 returning a, b, v", "q|3|NULL\n" },
	{ "update t set (a, b) = (select 'r', 8::bigint) where id = 2 returning a, b", "r|8\n" },
	{ "update t set a = x.a from t x where t.id = 2 and x.id = 1 returning t.id, t.a", "2|Abc\n" },
	{ "update g set id = 3", "428C9" },
	{ "delete from t using t x where t.id = x.id and x.a = 'zz%' returning t.id", "4\n" },
	/* names */
	{ "select nope from t", "42703" },
	{ "select q.id from t", "42P01" },
	{ "select id from t x join t y on true", "42702" },
	{ "select 1 from t, t", "42712" },
	{ "select 1 from nothere", "42P01" },
	{ "select foo(1)", "42883" },
	{ "select 1 where 2", "42804" },
	{ "select 1 frm", "1\n" },
	{ "selec 1", "42601" },
	{ "select \"T\".id from t \"T\" limit 1", "1\n" },
	/* refused, not passed on */
	{ "insert into t (id) values (1), (2) on conflict (id) do update set id = (select max(id) from t)", "0A000" },
	{ "insert into t (id) select 1 on conflict (id) do update set id = 3 where (select id from t) > 1", "0A000" },
	{ "select sqlite_version()", "42883" },
	{ "select load_extension('x')", "42883" },
	{ "select * from sqlite_master", "42P01" },
};

START_TEST(text_answers_as_postgresql)
{
	char *answer = dialect_scene_run(&scene, rows[_i].sql);

	ck_assert_msg(strcmp(answer, rows[_i].answer) == 0, "%s: %s instead of %s (%s)", rows[_i].sql, answer,
	    rows[_i].answer, scene.report.message == NULL ? "" : scene.report.message);
	free(answer);
}
END_TEST

START_TEST(errors_have_positions_in_characters)
{
	ck_assert_ptr_null(dialect_scene_translate(&scene, "select '\303\251\303\251', nope from t"));
	ck_assert_str_eq(scene.report.message, "column \"nope\" does not exist");
	ck_assert_int_eq(scene.report.position, 14);
	ck_assert_ptr_null(dialect_scene_translate(&scene, "select '\303\251' frm frm"));
	ck_assert_str_eq(scene.report.message, "syntax error at or near \"frm\"");
	ck_assert_int_eq(scene.report.position, 16);
	ck_assert_ptr_null(dialect_scene_translate(&scene, "select * from missing"));
	ck_assert_str_eq(scene.report.message, "relation \"missing\" does not exist");
	ck_assert_int_eq(scene.report.position, 15);
}
END_TEST

/* One plan serves every text of the same key. */
START_TEST(literals_become_parameters)
{
	struct dialect_plan *plan =
	    dialect_scene_translate(&scene, "select a from t where id = 17 and a <> 'x' limit 3");

	ck_assert_ptr_nonnull(plan);
	ck_assert_uint_eq(plan->nlifted, 3);
	ck_assert(!plan->exact);
	ck_assert_uint_eq(plan->lifted[0].oid, TYPE_INT4);
	ck_assert_uint_eq(plan->lifted[1].oid, TYPE_TEXT);
	ck_assert_uint_eq(plan->lifted[2].oid, TYPE_INT8);
	ck_assert_ptr_null(strstr(plan->sql, "17"));
	ck_assert(plan->read_only);
	dialect_plan_free(plan);
	plan = dialect_scene_translate(&scene, "update t set b = b + -33 where id = 5 and a = $1");
	ck_assert_ptr_nonnull(plan);
	ck_assert(plan->lifted[0].negative && !plan->lifted[1].negative);
	ck_assert_ptr_null(strstr(plan->sql, "?1"));
	ck_assert_int_eq(dialect_parameter(plan, 0), 3);
	ck_assert_int_eq(dialect_parameter(plan, 1), 1);
	ck_assert_int_eq(dialect_parameter(plan, 2), 2);
	ck_assert_str_eq(plan->target, "t");
	dialect_plan_free(plan);
}
END_TEST

/* Those whose value the plan depends on stay in it, and the others do not. */
START_TEST(literals_stay)
{
	static const struct {
		const char *sql;
		unsigned npinned;
	} cases[] = { { "select a from t where id = 5 order by 1", 1 },
		{ "select id + 1, count(*) from t where id > 3 group by id + 1", 2 },
		{ "select a::varchar(7) from t where a <> 'x'", 1 },
		{ "select 'x'::varchar(7), b::numeric(5, 2) from t", 3 },
		{ "select extract(year from date '2024-01-01') from t where id = 2", 0 } };
	struct dialect_plan *plan;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		plan = dialect_scene_translate(&scene, cases[i].sql);
		ck_assert_ptr_nonnull(plan);
		ck_assert_msg(!plan->exact, "%s", cases[i].sql);
		ck_assert_uint_eq(plan->npinned, cases[i].npinned);
		dialect_plan_free(plan);
	}
	plan = dialect_scene_translate(&scene, "explain select 1");
	ck_assert_ptr_nonnull(plan);
	ck_assert(plan->exact);
	dialect_plan_free(plan);
}
END_TEST

/* One that is named once is a plain ?, which SQLite finds without a search; the others keep a number, by which it knows
 * the expression of GROUP BY. */
START_TEST(parameters_are_numbered_in_the_order_of_the_text)
{
	struct dialect_plan *plan = dialect_scene_translate(&scene,
	    "select 'it''s ?1', $2::text || a as \"?3\", count(*) from t where b > $1 and a <> 'x' group by $2::text "
	    "|| a, $3::text");
	static const int numbers[] = { 3, 2, 5, 1, 4 };
	sqlite3_stmt *stmt;

	ck_assert_msg(plan != NULL, "%s", scene.report.message);
	ck_assert_uint_eq(plan->nparams + plan->nlifted, 5);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_int_eq(dialect_parameter(plan, i), numbers[i]);
	ck_assert_ptr_null(strstr(plan->sql, "?1"));
	ck_assert_ptr_nonnull(strstr(strstr(plan->sql, "?2") + 1, "?2"));
	ck_assert_int_eq(sqlite3_prepare_v2(scene.db, plan->sql, -1, &stmt, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_bind_parameter_count(stmt), 5);
	sqlite3_finalize(stmt);
	dialect_plan_free(plan);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("query");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, text_answers_as_postgresql, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, errors_have_positions_in_characters);
	tcase_add_test(tc, literals_become_parameters);
	tcase_add_test(tc, literals_stay);
	tcase_add_test(tc, parameters_are_numbered_in_the_order_of_the_text);
	return unit_run("sqlite_dialect_query", tc, NULL);
}
