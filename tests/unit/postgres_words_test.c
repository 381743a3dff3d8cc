/*
 * Which texts are seen to leave something behind in the server's session.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/postgres/words/keyword.h"

#define STATE WORDS_STATE
#define LSTN WORDS_LISTEN
#define UNLSTN WORDS_UNLISTEN
#define AMONG (WORDS_STATE | WORDS_LISTEN_AMONG)
#define LONG_NAME "a23456789b23456789c23456789d23456789e23456789f23456789g23456789"
#define SEQ WORDS_SEQUENCE
#define STMT (WORDS_STATE | WORDS_STATEMENTS)
#define SET WORDS_SETTING
#define RST WORDS_RESET
#define DEAL WORDS_DEALLOCATE

static const struct {
	const char *sql;
	unsigned flags;
	const char *name;
} texts[] = {
	{ "", 0, NULL },
	{ ";;", 0, NULL },
	{ "select 1", 0, NULL },
	{ "update t set x = 1 where y = 2", 0, NULL },
	{ "insert into t values (1) on conflict do update set x = 1", 0, NULL },
	{ "begin; update t set a = 1; commit", 0, NULL },
	{ "select temp, load, listen, hold from weather where temp > 3", 0, NULL },
	{ "select * from a where b = 'set x = 1; listen q'", 0, NULL },
	{ "/* set x = 1 */ select 1 -- ; listen a", 0, NULL },
	{ "/* /* nested */ listen a */ select 1", 0, NULL },
	{ "select $$ ; listen a $$, $x$ $$ ; listen b $x$", 0, NULL },
	{ "select \"set_config_x\", \"a\"\"; listen b\"", 0, NULL },
	{ "select e'\\'; listen a --'", 0, NULL },
	{ "select '\\'", 0, NULL },
	{ "set local work_mem = '1MB'", 0, NULL },
	{ "set transaction isolation level serializable", 0, NULL },
	{ "set constraints all deferred", 0, NULL },
	{ "select set_config('a', 'b', true)", 0, NULL },
	{ "select set_config('a', f(1, 2), true), 1", 0, NULL },
	{ "grant execute on function f() to x", 0, NULL },
	{ "create trigger t before insert on a for each row execute function f()", 0, NULL },
	{ "create table t (temp int)", STATE, NULL }, /* in doubt */
	{ "prepare transaction 'x'", 0, NULL },
	{ "declare c cursor for select 1", 0, NULL },
	{ "declare c cursor without hold for select 1", 0, NULL },
	{ "select pg_advisory_xact_lock(1)", 0, NULL },
	{ "select pg_advisory_unlock_all()", 0, NULL },
	{ "close all", 0, NULL },
	{ "unlisten *", UNLSTN, NULL },
	{ "unlisten a; select 1", UNLSTN, NULL },
	{ "select * from pg_listening_channels()", WORDS_CHANNELS, NULL },
	{ "LISTEN a", LSTN, NULL },
	{ "listen \"A b\"; unlisten c; ;listen d -- x", LSTN | UNLSTN, NULL },
	{ "listen select", LSTN, NULL }, /* a syntax error */
	{ "notify x", 0, NULL },
	{ "discard temp", 0, NULL },
	{ "reset role", 0, NULL },
	{ "select * from pg_settings where name = 'x'", 0, NULL },
	{ "alter system set work_mem = '1MB'", 0, NULL },
	{ "alter role x set work_mem = '1MB'", 0, NULL },
	/* state */
	{ "listen *", STATE, NULL },
	{ "listen", STATE, NULL },
	{ "listen a.b", STATE, NULL },
	{ "listen \"\"", STATE, NULL },
	{ "listen \xc3\xa9", STATE, NULL }, /* as the server folds it */
	{ "listen U&\"a\"", STATE | LSTN, NULL },
	{ "listen " LONG_NAME, STATE, NULL }, /* as the server cuts it */
	{ "listen a; select 1", AMONG, NULL },
	{ "select 1;listen a", AMONG, NULL },
	{ "select 1; /* x */ Listen a", AMONG, NULL },
	{ "do $$ begin end $$", STATE, NULL },
	{ "load 'x'", STATE, NULL },
	{ "create temp table t (i int)", STATE, NULL },
	{ "CREATE LOCAL TEMPORARY TABLE t (i int)", STATE, NULL },
	{ "create or replace temporary view v as select 1", STATE, NULL },
	{ "select 1 into temp t", STATE, NULL },
	{ "explain analyze create temp table t as select 1", STATE, NULL },
	{ "create table pg_temp.t (i int)", STATE, NULL },
	{ "create function \"pg_temp\".f() returns int language sql as $$ select 1 $$", STATE, NULL },
	{ "insert into pg_temp_3.t values (1)", STATE, NULL },
	{ "declare c cursor with hold for select 1", STATE, NULL },
	{ "select pg_advisory_lock(1)", STATE, NULL },
	{ "select \"pg_advisory_lock\"(1)", STATE, NULL },
	{ "select pg_catalog.pg_try_advisory_lock(1)", STATE, NULL },
	{ "select PG_ADVISORY_LOCK(1)", STATE, NULL },
	{ "select set_config('a', 'b', false)", STATE, NULL },
	{ "select set_config('a', 'b', $1)", STATE, NULL },
	{ "select set_config('a', 'b', not true)", STATE, NULL },
	{ "select set_config('a', set_config('c', 'd', false), true)", STATE, NULL },
	{ "select set_config('a', 'b', true", STATE, NULL },
	{ "select \"set_config\"('a', 'b', false)", STATE, NULL },
	{ "select set_config", STATE, NULL },
	{ "select U&\"set\\005Fconfig\"('a', 'b', false)", STATE, NULL },
	{ "update pg_settings set setting = 'x' where name = 'y'", STATE, NULL },
	{ "with a as (update pg_catalog.pg_settings set setting = 'x') select 1", STATE, NULL },
	{ "select query_to_xml('select 1', true, true, '')", STATE, NULL },
	{ "set role x", STATE, NULL },
	{ "set session authorization x", STATE, NULL },
	{ "reset session authorization", STATE, NULL },
	{ "set session characteristics as transaction read only", STATE, NULL },
	{ "set seed to 0.5", STATE, NULL },
	{ "set schema 'x'", STATE, NULL },
	{ "set", STATE, NULL },
	{ "set x", STATE, NULL },
	{ "(set x = 1)", SET, "x" }, /* not SQL; harmless */
	{ "select e'\\\\'; listen a; select '", AMONG, NULL },
	{ "select e'a'\n'\\'; listen a --'", AMONG, NULL },
	{ "select '\\'; listen a; --'", AMONG, NULL },
	{ "select /* */ 1; /* -- */ listen a", AMONG, NULL },
	{ "select 1 -- x\n; listen a", AMONG, NULL },
	{ "select 1 -- x\r; listen a", AMONG, NULL },
	{ "select 4/2; listen a", AMONG, NULL },
	{ "select 4 - -2; listen a", AMONG, NULL },
	{ "select $1; listen a", AMONG, NULL },
	{ "select a$b$ ; listen c", AMONG, NULL }, /* an identifier, no dollar quote */
	{ "select $1$a$;listen b$a$", 0, NULL },
	{ "select b'1', x'f', n'a' ; listen a", AMONG, NULL },
	{ "select u & 1; listen a", AMONG, NULL },
	{ "select u&'x'; listen a", AMONG, NULL },
	{ "set x = 1; set y = 2", STATE, "y" },
	{ "set x = 1; select 1", STATE, "x" },
	{ "reset x; select 1", STATE, "x" },
	/* prepared statements */
	{ "prepare p as select 1", STMT, NULL },
	{ "execute p", STMT, NULL },
	{ "explain execute p", STMT, NULL },
	{ "create table t as execute \"p\"", STMT, NULL },
	{ "execute function", 0, NULL }, /* a syntax error */
	{ "select * from pg_prepared_statements", STMT, NULL },
	{ "select * from pg_catalog.\"pg_prepared_statements\"", STMT, NULL },
	{ "deallocate p", DEAL, "p" },
	{ "DEALLOCATE PREPARE \"P q\"", DEAL, "P q" },
	{ "deallocate all", DEAL, "" },
	{ "deallocate p; select 1", STMT, "p" },
	/* settings */
	{ "set x = 1", SET, "x" },
	{ "SET Work_Mem TO '1MB';", SET, "work_mem" },
	{ "set session statement_timeout = 5", SET, "statement_timeout" },
	{ "set my.own = 'x'", SET, "my.own" },
	{ "set \"x\" = 1", SET, "x" },
	{ "set time zone 'UTC'", SET, "timezone" },
	{ "set names 'utf8'", SET, "client_encoding" },
	{ "set search_path = a, b, \"c\"", SET, "search_path" },
	{ "set search_path to pg_temp", SET | STATE, "search_path" },
	{ "set x to default", RST, "x" },
	{ "set x = default", RST, "x" },
	{ "set role = 'x'", STATE, NULL },
	{ "set session_authorization = 'x'", SET | STATE, "session_authorization" },
	{ "set idle_session_timeout = 5", SET | STATE, "idle_session_timeout" },
	{ "reset x", RST, "x" },
	{ "reset my.own", RST, "my.own" },
	{ "reset time zone", RST, "timezone" },
	{ "reset all", WORDS_RESET_ALL, NULL },
	{ "SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL", WORDS_RESET_ALL | UNLSTN, NULL },
	{ "discard all", WORDS_DISCARD_ALL, NULL },
	{ "DISCARD ALL;", WORDS_DISCARD_ALL, NULL },
	{ "discard all; select 1", STATE, NULL },
	/* sequences */
	{ "select lastval()", SEQ, NULL },
	{ "select currval('s'), 1", SEQ, NULL },
	{ "insert into t values (currval('s')); listen x", SEQ | AMONG, NULL },
	{ "select nextval('s')", 0, NULL },
};

START_TEST(test_texts)
{
	struct words words;

	words_read(texts[_i].sql, strlen(texts[_i].sql) + 1, NULL, &words);
	ck_assert_msg(words.flags == texts[_i].flags, "%s: %#x, not %#x", texts[_i].sql, words.flags, texts[_i].flags);
	if (texts[_i].name != NULL)
		ck_assert_msg(strcmp(words.name, texts[_i].name) == 0, "%s: %s", texts[_i].sql, words.name);
}
END_TEST

/* However a text is cut into pieces, it means the same. */
START_TEST(test_pieces)
{
	const char *sql = texts[_i].sql;
	size_t size = strlen(sql) + 1;

	for (size_t cut = 0; cut <= size; cut++) {
		struct words_lexer lexer = { .mode = WORDS_MODE_PLAIN };

		words_feed(&lexer, sql, cut);
		words_feed(&lexer, sql + cut, size - cut);
		ck_assert_msg(words_end(&lexer)->flags == texts[_i].flags, "%s, cut at %zu", sql, cut);
	}
}
END_TEST

START_TEST(test_nothing_after_nul)
{
	struct words words;

	words_read("select 1\0; listen a", sizeof("select 1\0; listen a"), NULL, &words);
	ck_assert_uint_eq(words.flags, 0);
	ck_assert_uint_eq(words.nstatements, 1);
}
END_TEST

START_TEST(test_counts_statements)
{
	struct words words;

	words_read("; a; b; /* */ ; 'c'", sizeof("; a; b; /* */ ; 'c'"), NULL, &words);
	ck_assert_uint_eq(words.nstatements, 3);
}
END_TEST

static void
note_channel(void *arg, bool listen, const char *name)
{
	char *text = arg;

	(void)snprintf(text + strlen(text), 100 - strlen(text), "%s%s ", listen ? "+" : "-", name);
}

START_TEST(test_channels)
{
	static const char sql[] = "listen A; LISTEN \"B \"\"x\"; unlisten c; /* listen d */ unlisten *; listen e";
	char text[100] = "";

	words_channels(sql, sizeof(sql), note_channel, text);
	ck_assert_str_eq(text, "+a +B \"x -c - +e ");
}
END_TEST

START_TEST(test_long_things)
{
	size_t size = 1 << 20;
	char *text = malloc(size);
	struct words words;

	ck_assert_ptr_nonnull(text);
	memset(text, 'a', size);
	words_read(text, size, NULL, &words);
	ck_assert_uint_eq(words.flags, 0);
	memset(text, '(', size);
	words_read(text, size, NULL, &words);
	ck_assert_uint_eq(words.flags, 0);
	for (size_t i = 0; i < size; i++)
		text[i] = i % 2 == 0 ? '/' : '*';
	words_read(text, size, NULL, &words);
	ck_assert_uint_eq(words.flags, 0);
	/* A tag longer than any that is kept may hide what follows. */
	memset(text, 'a', size);
	text[0] = '$';
	words_read(text, size, NULL, &words);
	ck_assert_uint_eq(words.flags, WORDS_STATE);
	/* A word that is cut is not taken for a shorter one. */
	memset(text, 'x', size);
	for (size_t i = 0; i < 6; i++)
		text[i] = "listen"[i];
	words_read(text, 200, NULL, &words);
	ck_assert_uint_eq(words.flags, 0);
	free(text);
}
END_TEST

static const struct {
	const char *sql;
	bool literals, dates;
} strings[] = {
	{ "select a from b where c = 12 and d > 2026 -- '2026-01-01'", false, false },
	{ "select \"2026-01-01\" from b", false, false },
	{ "select * from b where c = 'open' and d = $1", true, false },
	{ "select now() - interval '1 day', '12', '3'", true, false },
	{ "select 'snow', 'to day'", true, false },
	{ "select n\xc3\xa4me from b", true, false },
	{ "select date '01/02/26'", true, true },
	{ "select '2026'", true, true },
	{ "select '1 day 2 hours'", true, true },
	{ "select timestamp 'Today'", true, true },
	{ "select date '01'\n'/02'", true, true },
	{ "select '20'\n'26'", true, true },
	{ "select $$01/02$$, 1", true, true },
	{ "select $a$0$1$a$", true, true },
	{ "select e'1\\x2f2', 1", true, true },
	{ "select u&'\\0032'", true, true },
};

START_TEST(test_strings)
{
	struct words words;

	words_read(strings[_i].sql, strlen(strings[_i].sql) + 1, NULL, &words);
	ck_assert_msg(words.literals == strings[_i].literals, "literals: %s", strings[_i].sql);
	ck_assert_msg(words.dates == strings[_i].dates, "dates: %s", strings[_i].sql);
}
END_TEST

/* Tables are sorted, and the filter before them lets every word through. */
static const char *const all_names[] = {
#define WORD_NAME(text, flags) text,
#include "workers/postgres/words/words.def"
};
static const char *const all_keywords[] = {
#define WORD_KEYWORD(NAME, text) text,
#include "workers/postgres/words/words.def"
};

static void
check_table(const char *const *table, size_t n, bool keywords)
{
	struct words_lexer lexer = { .mode = WORDS_MODE_PLAIN };
	unsigned flags;

	for (size_t i = 0; i < n; i++) {
		enum keyword keyword;

		if (i > 0)
			ck_assert_str_lt(table[i - 1], table[i]);
		lexer.length = strlen(table[i]);
		memcpy(lexer.word, table[i], lexer.length + 1);
		keyword = words_lookup(&lexer, &flags);
		if (keywords)
			ck_assert_msg(keyword == (enum keyword)(i + 1), "%s", table[i]);
		else
			ck_assert_msg(flags != 0, "%s", table[i]);
	}
}

START_TEST(test_tables)
{
	check_table(all_names, sizeof(all_names) / sizeof(all_names[0]), false);
	check_table(all_keywords, sizeof(all_keywords) / sizeof(all_keywords[0]), true);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("words");

	tcase_add_loop_test(tc, test_texts, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_loop_test(tc, test_pieces, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(tc, test_nothing_after_nul);
	tcase_add_test(tc, test_counts_statements);
	tcase_add_test(tc, test_channels);
	tcase_add_test(tc, test_long_things);
	tcase_add_loop_test(tc, test_strings, 0, sizeof(strings) / sizeof(strings[0]));
	tcase_add_test(tc, test_tables);
	return unit_run("postgres_words", tc, NULL);
}
