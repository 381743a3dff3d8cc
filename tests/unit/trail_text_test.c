/* What the audit trail keeps of a text: which ones, and without their literals. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/trail/trail.h"

static const struct {
	const char *text, *kind, *kept; /* kind NULL: none */
} rows[] = {
	{ "create table t (a int default 42, b text default 'secret')", "definition",
	    "create table t (a int default ?, b text default ?)" },
	{ "CREATE ROLE r PASSWORD 'top''secret'", "rights", "CREATE ROLE r PASSWORD ?" },
	{ "alter user r password E'it\\'s secret' valid until 'x'", "rights", "alter user r password ? valid until ?" },
	{ "alter table t rename to u", "definition", "alter table t rename to u" },
	{ "alter default privileges grant select on tables to r", "rights",
	    "alter default privileges grant select on tables to r" },
	{ "grant select on t to r", "rights", "grant select on t to r" },
	{ "comment on table t is $$a 'secret'$$", "definition", "comment on table t is ?" },
	{ "comment on table t is $x$a $$secret$$ $x$", "definition", "comment on table t is ?" },
	{ "/* 'secret' /* nested */ */ drop /* more */ table t -- 'secret'", "definition", "drop table t" },
	{ "-- 'secret'\nvacuum t", "maintenance", "vacuum t" },
	{ "select 'secret'; drop table t", "definition", "select ?; drop table t" },
	{ "select 1; set role admin", "role", "select ?; set role admin" },
	{ "set session authorization postgres", "role", "set session authorization postgres" },
	{ "reset role", "role", "reset role" },
	{ "set search_path = 'secret'", NULL, NULL },
	{ "select 'drop table t'", NULL, NULL },
	{ "select 'a'';drop table t'", NULL, NULL },
	{ "select \"drop\"; select $a$; drop table t $a$", NULL, NULL },
	{ "insert into t values ($1, $2); select 1", NULL, NULL },
	{ "create temp table t (a int)", NULL, NULL },
	{ "createx; select 1", NULL, NULL },
	{ "drop table \"a 'b\" ; drop table \"secret", "definition", "drop table \"a 'b\" ; drop table \"secret" },
	{ "drop table \xc3\xa9\xff\xe2\x82", "definition", "drop table \xc3\xa9???" },
	{ "drop table t where a = 'secret", "definition", "drop table t where a = ?" },
	{ "drop table t where a = $1 and b = x'ff' and c = 1.5e10", "definition",
	    "drop table t where a = $? and b = ? and c = ?" },
	{ "", NULL, NULL },
	{ ";;", NULL, NULL },
};

START_TEST(text)
{
	const uint8_t *bytes = (const uint8_t *)rows[_i].text;
	size_t size = strlen(rows[_i].text);
	char kept[256];
	const char *kind = trail_text_read(bytes, size, kept, sizeof(kept));

	ck_assert_pstr_eq(kind, rows[_i].kind);
	if (kind != NULL)
		ck_assert_str_eq(kept, rows[_i].kept);
	/* What is passed over at first sight is certainly none. */
	ck_assert(kind == NULL || trail_text_may_matter(bytes, size));
	/* Cut wherever: no byte of a literal, none beyond the end. */
	for (size_t n = 0; n <= size; n++)
		(void)trail_text_read(bytes, n, kept, 8);
}
END_TEST

static const struct {
	const char *text, *stripped;
} strips[] = {
	{ "select 'a', 12 from t where x = 'b' -- c", "select ?, ? from t where x = ?" },
	{ "select $1, $$a$$", "select $?, ?" },
	/* With standard_conforming_strings off the string goes on. */
	{ "select 'a\\' or secret = '', 'b'", "select ?" },
	{ "select e'a\\'b', c", "select ?, c" },
	{ "select 'cut in the mid", "select ?" },
	{ "select /* cut", "select" },
	{ "", "" },
};

START_TEST(strip)
{
	char out[256];

	trail_text_strip(strips[_i].text, strlen(strips[_i].text), out, sizeof(out));
	ck_assert_str_eq(out, strips[_i].stripped);
	trail_text_strip(strips[_i].text, strlen(strips[_i].text), out, 8);
	ck_assert_uint_lt(strlen(out), 8);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, text, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_loop_test(t, strip, 0, (int)(sizeof(strips) / sizeof(strips[0])));
	return unit_run("trail text", t, NULL);
}
