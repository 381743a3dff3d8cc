/*
 * The lexer of statements: keys without literals, where a statement ends, and bounds of depth.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/sqlite/dialect/dialect.h"
#include "workers/sqlite/dialect/shorten.h"

/* Check's fixtures take no argument. */
static struct dialect_text text;
static struct report report;

static void
tear_down(void)
{
	dialect_text_free(&text);
	report_reset(&report);
}

static const char *
key_of(const char *sql)
{
	ck_assert_int_eq(dialect_lex(sql, strlen(sql), 0, &text, &report), 0);
	return text.key;
}

#define INT "\001"
#define BIG "\002"
#define DEC "\003"
#define STR "\004"
#define ESC "\005"
#define EXA "\006" /* a decimal that no double holds */
#define PRE "\011" /* before a pattern's mark: it begins with what it matches */

static const struct {
	const char *sql, *key;
} keys[] = {
	{ "select 1", "select " INT },
	{ "  select\n\t 1  ", "select " INT },
	{ "select 2147483647, 2147483649", "select " INT ", " BIG },
	{ "select 9223372036854775807, 9223372036854775809", "select " BIG ", " EXA },
	/* a minus makes these integer and bigint */
	{ "select -2147483648, 02147483648", "select -2147483648, 02147483648" },
	{ "select -9223372036854775808", "select -9223372036854775808" },
	{ "select 1.5, .5, 1., 1e3, 1e+3, 1.5E-3", "select " DEC ", " DEC ", " DEC ", " EXA ", " EXA ", " EXA },
	{ "select 1.23456789012345, 1.234567890123456", "select " DEC ", " EXA },
	{ "select 007", "select " INT },
	{ "select 1..2", "select " INT ".." INT },
	{ "select 12ab", "select 12ab" },
	{ "select 'a', 'it''s', ''", "select " STR ", " STR ", " STR },
	{ "select E'a\\nb', e'\\''", "select " ESC ", " ESC },
	{ "select E'\\x41', E'\\u0041'", "select E'\\x41', E'\\u0041'" },
	{ "select U&'\\0041', X'1F', B'01', N'x'", "select U&'\\0041', X'1F', B'01', N'x'" },
	{ "select 'a'\n  'b'", "select 'a'\n  'b'" },
	{ "select 'a' -- it's\n 'b'", "select 'a' -- it's\n 'b'" },
	{ "select 'a' 'b'", "select " STR " " STR },
	{ "select $1, $23::int", "select $1, $23::int" },
	{ "select $$it's$$, $q$a$$b$q$", "select " STR ", " STR },
	{ "select a$1, $$", "select a$1, $$" },
	{ "select \"A b\", \"x\"\"y\", \";\"", "select \"A b\", \"x\"\"y\", \";\"" },
	{ "select \"a\" \"b\"", "select \"a\" \"b\"" },
	{ "select/* a /* nested */ ; */1--x\n+2", "select " INT " +" INT },
	{ "select a-1, a- -1", "select a-" INT ", a- -" INT },
	{ "select x1, x_2, \303\2513", "select x1, x_2, \303\2513" },
	{ "select t.1", "select t" DEC },
	{ "select \001", "select \007\001" },
	{ "select 1 /* open", "select " INT " \010" },
	{ "select 'open", "select 'open" },
	{ "select interval '1 day', date'2024-01-01'", "select interval " STR ", date" STR },
	{ "select a like 'a%', a LiKe'a'", "select a like " PRE STR ", a LiKe" PRE STR },
	{ "select a like/**/'\303\251_'", "select a like " PRE STR },
	{ "select a like '%a', a like '_a', a like ''", "select a like " STR ", a like " STR ", a like " STR },
	{ "select a like 'a\\%', a like '''a'", "select a like " STR ", a like " STR },
	{ "select a like E'a%', a like $$a%$$", "select a like " ESC ", a like " STR },
	{ "select a like ('a%'), a ilike 'a%'", "select a like (" STR "), a ilike " STR },
	{ "select a \"like\" 'a%', alike 'a%'", "select a \"like\" " STR ", alike " STR },
};

START_TEST(key_has_marks_for_literals)
{
	ck_assert_str_eq(key_of(keys[_i].sql), keys[_i].key);
	ck_assert_uint_eq(text.key_length, strlen(keys[_i].key));
}
END_TEST

START_TEST(literals_change_neither_key_nor_hash)
{
	uint64_t hash;
	char *key = strdup(key_of("select a from t where id = 17 and b = 'x'"));

	hash = text.hash;
	ck_assert_str_eq(key_of("select a  from t where id = 4 and b = 'it''s'"), key);
	ck_assert_uint_eq(text.hash, hash);
	ck_assert_str_ne(key_of("select a from t where id = 4000000000 and b = ''"), key);
	ck_assert_uint_ne(text.hash, hash);
	free(key);
}
END_TEST

static const struct {
	const char *sql, *value;
} values[] = {
	{ "'a'", "a" },
	{ "'it''s'", "it's" },
	{ "''", "" },
	{ "''''", "'" },
	{ "E'a\\nb\\t\\\\\\'c'", "a\nb\t\\'c" },
	{ "e'x''y'", "x'y" },
	{ "$$a'b$$", "a'b" },
	{ "$q$a$$b$q$", "a$$b" },
	{ "$$$$", "" },
	{ "42", "42" },
	{ "1.50", "1.50" },
	{ "'\303\251'", "\303\251" },
};

START_TEST(literal_has_its_value)
{
	size_t length;
	char *owned;
	const char *value;

	key_of(values[_i].sql);
	ck_assert_uint_eq(text.nliterals, 1);
	value = dialect_literal_value(&text, 0, &length, &owned);
	ck_assert_uint_eq(length, strlen(values[_i].value));
	ck_assert_mem_eq(value, values[_i].value, length);
	free(owned);
}
END_TEST

START_TEST(statements_are_found_one_after_the_other)
{
	static const char sql[] = "select ';'; /* ; */ ;select (1;2); update \"a;b\" set x = $$;$$ ;  ";
	static const struct {
		const char *begins;
		bool empty;
	} expected[] = { { "select ';'", false }, { "/* ; */ ", true }, { "select (1;2)", false },
		{ "update", false } };
	size_t at = 0;

	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(dialect_lex(sql, sizeof(sql) - 1, at, &text, &report), 0);
		ck_assert_int_eq(strncmp(text.sql, expected[i].begins, strlen(expected[i].begins)), 0);
		ck_assert_int_eq(text.empty, expected[i].empty);
		at = text.next;
	}
	ck_assert_uint_eq(at, sizeof(sql) - 1);
}
END_TEST

START_TEST(parameters_are_counted)
{
	key_of("select $2, '$7', \"$8\", $$ $9 $$, $12::int");
	ck_assert_uint_eq(text.nparams, 12);
}
END_TEST

START_TEST(nul_byte_is_a_syntax_error)
{
	ck_assert_int_lt(dialect_lex("select \0 1", 10, 0, &text, &report), 0);
	ck_assert_str_eq(sqlstate_code(report.state), "42601");
}
END_TEST

/* Texts that nest, or chain, deeper than the bound; and long flat ones that do not. */
static const struct {
	const char *head, *unit;
	size_t times;
	bool refused;
} depths[] = {
	{ "select 1", "+1", 25000, true },
	{ "select 1", "+f(1,1)", 25000, true },
	{ "select 1, 2", " union select 1, 2", 25000, true },
	{ "select ", "(", 2500, true },
	{ "select a", "[", 2500, true },
	{ "select ", "case when a then ", 10000, true },
	{ "select 1 in (0", ",1", 200000, false },
	{ "insert into t values (0)", ",(a + 1, 'x')", 100000, false },
	{ "select 1", "+1", 15000, false },
	{ "select f(1)", ", f(1, a)", 100000, false },
};

START_TEST(depth_is_bounded)
{
	size_t head = strlen(depths[_i].head), unit = strlen(depths[_i].unit), n = head + unit * depths[_i].times;
	char *sql = malloc(n);

	ck_assert_ptr_nonnull(sql);
	memcpy(sql, depths[_i].head, head);
	for (size_t i = 0; i < depths[_i].times; i++)
		memcpy(sql + head + i * unit, depths[_i].unit, unit);
	ck_assert_int_eq(dialect_lex(sql, n, 0, &text, &report), depths[_i].refused ? -1 : 0);
	if (depths[_i].refused)
		ck_assert_str_eq(sqlstate_code(report.state), "54001");
	free(sql);
}
END_TEST

/* %s is where 100,000 bytes stand, and what is left of them. */
static const struct {
	const char *sql, *shorter;
} large[] = {
	{ "select a, '%s' /* c */, 'b', $1", "select a, '' /* c */, 'b', $1" },
	{ "select $t$%s$t$ || E'%s\\n'", "select '' || E''" },
	{ "select '%s'::text from b where c = '%s'", "select ''::text from b where c = ''" },
};

static char *
with_filler(const char *sql, const char *filler)
{
	char *out = NULL;
	size_t size;
	FILE *stream = open_memstream(&out, &size);

	ck_assert_ptr_nonnull(stream);
	for (; *sql != '\0'; sql++)
		if (*sql == '%')
			sql += fputs(filler, stream) >= 0;
		else
			fputc(*sql, stream);
	ck_assert_int_eq(fclose(stream), 0);
	return out;
}

START_TEST(large_literals_are_left_out)
{
	char *filler = malloc(100001), *sql, *shorter_sql;
	struct dialect_text shorter;

	ck_assert_ptr_nonnull(filler);
	memset(filler, 'z', 100000);
	filler[100000] = '\0';
	sql = with_filler(large[_i].sql, filler);
	(void)key_of(sql);
	ck_assert(dialect_shorten(&text, &shorter, &shorter_sql));
	ck_assert_str_eq(shorter_sql, large[_i].shorter);
	ck_assert_str_eq(shorter.key, text.key);
	ck_assert_uint_eq(shorter.nliterals, text.nliterals);
	dialect_text_free(&shorter);
	free(shorter_sql);
	free(sql);
	free(filler);
}
END_TEST

START_TEST(what_is_not_large_stays)
{
	struct dialect_text shorter;
	char *sql;

	(void)key_of("select 'a', $$b$$");
	ck_assert(!dialect_shorten(&text, &shorter, &sql));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("lex");

	tcase_add_checked_fixture(tc, NULL, tear_down);
	tcase_add_loop_test(tc, key_has_marks_for_literals, 0, sizeof(keys) / sizeof(keys[0]));
	tcase_add_test(tc, literals_change_neither_key_nor_hash);
	tcase_add_loop_test(tc, literal_has_its_value, 0, sizeof(values) / sizeof(values[0]));
	tcase_add_test(tc, statements_are_found_one_after_the_other);
	tcase_add_test(tc, parameters_are_counted);
	tcase_add_test(tc, nul_byte_is_a_syntax_error);
	tcase_add_loop_test(tc, depth_is_bounded, 0, sizeof(depths) / sizeof(depths[0]));
	tcase_add_loop_test(tc, large_literals_are_left_out, 0, sizeof(large) / sizeof(large[0]));
	tcase_add_test(tc, what_is_not_large_stays);
	return unit_run("sqlite_dialect_lex", tc, NULL);
}
