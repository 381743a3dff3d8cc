/* Expected values were taken from PostgreSQL 15. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "workers/sqlite/types/types.h"

#define NUMERIC_TYPMOD(precision, scale) (((precision) << 16 | ((scale)&0x7ff)) + 4)

static struct report report;

static void
tear_down(void)
{
	report_reset(&report);
}

/* Puts a value through SQLite: bound, selected and put as the type. */
static void
put_through(const struct type_value *v, uint32_t oid, int format, const struct type_settings *settings,
    struct pgwire_buffer *out)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "select ?1", -1, &stmt, NULL), SQLITE_OK);
	ck_assert_int_eq(type_bind(stmt, 1, v, true), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	ck_assert_msg(type_put_column(out, stmt, 0, oid, format, settings, &report) == 0, "%s", report.message);
	ck_assert_int_eq(sqlite3_finalize(stmt), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static const struct {
	uint32_t oid;
	const char *in, *text, *binary; /* text NULL: as `in`; binary in hexadecimal */
} good[] = {
#include "tests/unit/sqlite_types_good.def"
};

static void
check_hex(const struct pgwire_buffer *b, const char *hex)
{
	char text[256] = "";

	for (size_t i = 4; i < b->end; i++)
		ck_assert_int_eq(snprintf(text + 2 * (i - 4), 3, "%02x", b->data[i]), 2);
	ck_assert_str_eq(text, hex);
}

START_TEST(values_survive_both_ways)
{
	const char *text = good[_i].text != NULL ? good[_i].text : good[_i].in;
	struct type_settings settings = { .extra_float_digits = 1 };
	struct pgwire_buffer out = { 0 }, binary = { 0 }, again = { 0 };
	struct type_value v;

	ck_assert_msg(type_decode(good[_i].oid, 0, good[_i].in, strlen(good[_i].in), &v, &report) == 0, "%s",
	    report.message);
	put_through(&v, good[_i].oid, TYPE_FORMAT_TEXT, &settings, &out);
	ck_assert_uint_eq(out.end, strlen(text) + 4);
	ck_assert_mem_eq(out.data + 4, text, strlen(text));
	put_through(&v, good[_i].oid, TYPE_FORMAT_BINARY, &settings, &binary);
	if (good[_i].binary != NULL)
		check_hex(&binary, good[_i].binary);
	type_value_free(&v);
	ck_assert_int_eq(type_decode(good[_i].oid, 1, (char *)binary.data + 4, binary.end - 4, &v, &report), 0);
	put_through(&v, good[_i].oid, TYPE_FORMAT_TEXT, &settings, &again);
	ck_assert_uint_eq(again.end, out.end);
	ck_assert_mem_eq(again.data, out.data, out.end);
	type_value_free(&v);
	pgwire_buffer_free(&out);
	pgwire_buffer_free(&binary);
	pgwire_buffer_free(&again);
}
END_TEST

static const struct {
	uint32_t oid;
	const char *in, *code, *message;
} bad[] = {
	{ TYPE_BOOL, "x", "22P02", "invalid input syntax for type boolean: \"x\"" },
	{ TYPE_INT4, "abc", "22P02", "invalid input syntax for type integer: \"abc\"" },
	{ TYPE_INT4, "", "22P02", "invalid input syntax for type integer: \"\"" },
	{ TYPE_INT4, "2147483648", "22003", "value \"2147483648\" is out of range for type integer" },
	{ TYPE_INT8, "99999999999999999999", "22003",
	    "value \"99999999999999999999\" is out of range for type bigint" },
	{ TYPE_FLOAT8, "1e400", "22003", "\"1e400\" is out of range for type double precision" },
	{ TYPE_FLOAT8, "1e", "22P02", "invalid input syntax for type double precision: \"1e\"" },
	{ TYPE_NUMERIC, "1.2.3", "22P02", "invalid input syntax for type numeric: \"1.2.3\"" },
	{ TYPE_NUMERIC, "1e131073", "22003", "value overflows numeric format" },
	{ TYPE_BYTEA, "\\xg1", "22023", "invalid hexadecimal digit: \"g\"" },
	{ TYPE_BYTEA, "\\x1", "22023", "invalid hexadecimal data: odd number of digits" },
	{ TYPE_BYTEA, "a\\b", "22P02", "invalid input syntax for type bytea" },
	{ TYPE_DATE, "2024-13-01", "22008", "date/time field value out of range: \"2024-13-01\"" },
	{ TYPE_DATE, "5874898-01-01", "22008", "date out of range: \"5874898-01-01\"" },
	{ TYPE_TIMESTAMP, "2023-02-29", "22008", "date/time field value out of range: \"2023-02-29\"" },
	{ TYPE_TIMESTAMP, "294277-01-01", "22008", "timestamp out of range: \"294277-01-01\"" },
	{ TYPE_TIMESTAMPTZ, "foo", "22007", "invalid input syntax for type timestamp with time zone: \"foo\"" },
	{ TYPE_TIMESTAMPTZ, "2024-01-01 00:00 Foo/Bar", "22023", "time zone \"foo/bar\" not recognized" },
	{ TYPE_TIMESTAMPTZ, "2024-01-01 00:00+16", "22009",
	    "time zone displacement out of range: \"2024-01-01 00:00+16\"" },
	{ TYPE_TIME, "25:00", "22008", "date/time field value out of range: \"25:00\"" },
	{ TYPE_UUID, "xx", "22P02", "invalid input syntax for type uuid: \"xx\"" },
	{ TYPE_BIT, "102", "22P02", "\"2\" is not a valid binary digit" },
	{ TYPE_VARBIT, "xg", "22P02", "\"g\" is not a valid hexadecimal digit" },
	{ TYPE_JSON, "{\"a\":", "22P02", "invalid input syntax for type json" },
	{ TYPE_JSON, "[1,]", "22P02", "invalid input syntax for type json" },
	{ TYPE_JSON, "01", "22P02", "invalid input syntax for type json" },
	{ TYPE_JSONB, "{\"a\" 1}", "22P02", "invalid input syntax for type json" },
	{ TYPE_JSONB, "\"\\u0000\"", "22P05", "unsupported Unicode escape sequence" },
	{ TYPE_JSONB, "\"\\ud800x\"", "22P02", "invalid input syntax for type json" },
	{ TYPE_INTERVAL, "1 parsec", "22007", "invalid input syntax for type interval: \"1 parsec\"" },
	{ TYPE_INT4_ARRAY, "{1,2", "22P02", "malformed array literal: \"{1,2\"" },
	{ TYPE_INT4_ARRAY, "{{1},{2,3}}", "22P02", "malformed array literal: \"{{1},{2,3}}\"" },
	{ TYPE_INT4_ARRAY, "{1,x}", "22P02", "invalid input syntax for type integer: \"x\"" },
	{ TYPE_TEXT, "a\xff", "22021", "invalid byte sequence for encoding \"UTF8\": 0xff" },
	{ TYPE_TEXT,
	    "abcdefgh\xe4"
	    "bc",
	    "22021", "invalid byte sequence for encoding \"UTF8\": 0xe4 0x62 0x63" },
	{ TYPE_TEXT, "\xed\xa0\x80", "22021", "invalid byte sequence for encoding \"UTF8\": 0xed 0xa0 0x80" },
};

START_TEST(bad_input_is_refused)
{
	struct type_value v;

	ck_assert_int_eq(type_decode(bad[_i].oid, 0, bad[_i].in, strlen(bad[_i].in), &v, &report), -1);
	ck_assert_str_eq(sqlstate_code(report.state), bad[_i].code);
	ck_assert_str_eq(report.message, bad[_i].message);
	type_value_free(&v);
}
END_TEST

START_TEST(nul_bytes_are_refused)
{
	struct type_value v;

	ck_assert_int_eq(type_decode(TYPE_TEXT, 1, "a\0b", 3, &v, &report), -1);
	ck_assert_str_eq(report.message, "invalid byte sequence for encoding \"UTF8\": 0x00");
}
END_TEST

static const struct {
	uint32_t oid;
	size_t length;
	const char *data;
} bad_binary[] = {
	{ TYPE_INT4, 3, "\0\0\0" },
	{ TYPE_INT8, 4, "\0\0\0\0" },
	{ TYPE_BOOL, 0, "" },
	{ TYPE_FLOAT8, 4, "\0\0\0\0" },
	{ TYPE_UUID, 15, "123456789012345" },
	{ TYPE_BIT, 5, "\0\0\0\x9\xff" },
	{ TYPE_VARBIT, 3, "\0\0\0" },
	{ TYPE_NUMERIC, 8, "\0\1\0\0\0\0\0\0" },
	{ TYPE_NUMERIC, 10, "\0\1\0\0\0\0\0\0\x27\x10" },
	{ TYPE_NUMERIC, 8, "\0\0\0\0\x12\x34\0\0" },
	{ TYPE_JSONB, 3, "\2[]" },
	{ TYPE_TIMESTAMP, 7, "\0\0\0\0\0\0\0" },
	{ TYPE_INT4_ARRAY, 4, "\0\0\0\1" },
	{ TYPE_INT4_ARRAY, 20, "\0\0\0\1\0\0\0\0\0\0\0\x17\0\xff\xff\xff\0\0\0\1" },
	{ TYPE_INT4_ARRAY, 24, "\0\0\0\1\0\0\0\0\0\0\0\x17\0\0\0\1\0\0\0\1\x7f\xff\xff\xff" },
};

START_TEST(bad_binary_is_refused)
{
	struct type_value v;

	ck_assert_int_eq(type_decode(bad_binary[_i].oid, 1, bad_binary[_i].data, bad_binary[_i].length, &v, &report),
	    -1);
	ck_assert_str_eq(sqlstate_code(report.state), "22P03");
}
END_TEST

static const struct type_value integer_2 = { .kind = SQLITE_INTEGER, .integer = 2 };
static const struct type_value big = { .kind = SQLITE_INTEGER, .integer = 1LL << 40 };
static const struct type_value half = { .kind = SQLITE_FLOAT, .real = 2.5 };
static const struct type_value blob = { .kind = SQLITE_BLOB, .bytes = "ab", .length = 2 };
#define TEXT_VALUE(name, text) \
	static const struct type_value name = { .kind = SQLITE_TEXT, .bytes = text, .length = sizeof(text) - 1 }
TEXT_VALUE(abcd, "abcd");
TEXT_VALUE(padded, "abc   ");
TEXT_VALUE(umlauts, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f");
TEXT_VALUE(a_only, "a");
TEXT_VALUE(two_and_half, "2.5");
TEXT_VALUE(one_point, "1.005");
TEXT_VALUE(hundred, "99.995");
TEXT_VALUE(moment, "2024-01-02 03:04:05.6789");
TEXT_VALUE(thousands, "12345");

static const struct {
	uint32_t oid;
	int32_t typmod;
	bool explicit_cast;
	const struct type_value *in;
	const char *text, *code; /* of the result, or what it fails with */
} coercions[] = {
	{ TYPE_VARCHAR, 7, true, &abcd, "abc", NULL },
	{ TYPE_VARCHAR, 7, false, &abcd, "value too long for type character varying(3)", "22001" },
	{ TYPE_VARCHAR, 7, false, &padded, "abc", NULL },
	{ TYPE_VARCHAR, 8, false, &umlauts, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", NULL },
	{ TYPE_VARCHAR, 7, true, &umlauts, "\xc3\xa4\xc3\xb6\xc3\xbc", NULL },
	{ TYPE_BPCHAR, 7, false, &a_only, "a  ", NULL },
	{ TYPE_BPCHAR, 7, false, &abcd, "value too long for type character(3)", "22001" },
	{ TYPE_INT4, -1, false, &half, "2", NULL },
	{ TYPE_INT4, -1, false, &two_and_half, "3", NULL },
	{ TYPE_INT4, -1, false, &big, "integer out of range", "22003" },
	{ TYPE_INT4, -1, false, &abcd, "invalid input syntax for type integer: \"abcd\"", "22P02" },
	{ TYPE_NUMERIC, NUMERIC_TYPMOD(4, 2), false, &one_point, "1.01", NULL },
	{ TYPE_NUMERIC, NUMERIC_TYPMOD(4, 2), false, &hundred, "numeric field overflow", "22003" },
	{ TYPE_NUMERIC, NUMERIC_TYPMOD(5, 2), false, &hundred, "100.00", NULL },
	{ TYPE_NUMERIC, NUMERIC_TYPMOD(5, -2), false, &thousands, "12300", NULL },
	{ TYPE_NUMERIC, NUMERIC_TYPMOD(4, 2), false, &integer_2, "2.00", NULL },
	{ TYPE_NUMERIC, -1, false, &half, "2.5", NULL },
	{ TYPE_TEXT, -1, false, &half, "2.5", NULL },
	{ TYPE_TEXT, -1, false, &blob, "\\x6162", NULL },
	{ TYPE_TIMESTAMP, 2, false, &moment, "2024-01-02 03:04:05.68", NULL },
	{ TYPE_TIMESTAMPTZ, 0, false, &moment, "2024-01-02 03:04:06+00", NULL },
	{ TYPE_DATE, -1, false, &moment, "2024-01-02", NULL },
	{ TYPE_DATE, -1, false, &integer_2, "cannot cast type bigint to date", "42846" },
	{ TYPE_BOOL, -1, false, &integer_2, "t", NULL },
	{ TYPE_BYTEA, -1, false, &integer_2, "cannot cast type bigint to bytea", "42846" },
	{ TYPE_FLOAT8, -1, false, &integer_2, "2", NULL },
};

START_TEST(coercions_do_as_casts_do)
{
	struct type_settings settings = { .extra_float_digits = 1 };
	struct pgwire_buffer out = { 0 };
	struct type_value v;
	int result = type_coerce(coercions[_i].oid, coercions[_i].typmod, coercions[_i].explicit_cast, coercions[_i].in,
	    &v, &report);

	if (coercions[_i].code != NULL) {
		ck_assert_int_eq(result, -1);
		ck_assert_str_eq(report.message, coercions[_i].text);
		ck_assert_str_eq(sqlstate_code(report.state), coercions[_i].code);
		return;
	}
	ck_assert_msg(result == 0, "%s", report.message);
	put_through(&v, coercions[_i].oid, TYPE_FORMAT_TEXT, &settings, &out);
	ck_assert_uint_eq(out.end, 4 + strlen(coercions[_i].text));
	ck_assert_mem_eq(out.data + 4, coercions[_i].text, strlen(coercions[_i].text));
	type_value_free(&v);
	pgwire_buffer_free(&out);
}
END_TEST

START_TEST(time_zones_shift_what_is_shown)
{
	static const char summer[] = "2024-07-01 12:00:00+00", expected[] = "2024-07-01 14:00:00+02";
	struct type_settings settings = { .timezone = "Europe/Berlin" }, fixed = { .timezone_offset_s = -12600 };
	struct pgwire_buffer out = { 0 };
	struct type_value v;

	ck_assert_int_eq(type_decode(TYPE_TIMESTAMPTZ, 0, summer, strlen(summer), &v, &report), 0);
	put_through(&v, TYPE_TIMESTAMPTZ, TYPE_FORMAT_TEXT, &fixed, &out);
	ck_assert_mem_eq(out.data + 4, "2024-07-01 08:30:00-03:30", 25);
	type_value_free(&v);
	pgwire_buffer_free(&out);
	if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0)
		return;
	ck_assert_int_eq(type_decode_in(&settings, TYPE_TIMESTAMPTZ, 0, "2024-07-01 14:00", 16, &v, &report), 0);
	ck_assert_uint_eq(v.length, strlen(summer));
	ck_assert_mem_eq(v.bytes, summer, v.length);
	put_through(&v, TYPE_TIMESTAMPTZ, TYPE_FORMAT_TEXT, &settings, &out);
	ck_assert_mem_eq(out.data + 4, expected, strlen(expected));
	type_value_free(&v);
	pgwire_buffer_free(&out);
}
END_TEST

START_TEST(words_are_of_the_session)
{
	/* 2024-01-02 23:30 UTC is the next day in a zone an hour east */
	struct type_settings settings = { .timezone_offset_s = 3600, .now_us = INT64_C(1704238200000000) };
	struct type_value v;

	ck_assert_int_eq(type_decode_in(&settings, TYPE_DATE, 0, "today", 5, &v, &report), 0);
	ck_assert_mem_eq(v.bytes, "2024-01-03", 10);
	type_value_free(&v);
	ck_assert_int_eq(type_decode_in(&settings, TYPE_TIMESTAMPTZ, 0, "now", 3, &v, &report), 0);
	ck_assert_mem_eq(v.bytes, "2024-01-02 23:30:00+00", 22);
	type_value_free(&v);
	ck_assert_int_eq(type_decode(TYPE_TIMESTAMP, 0, "now", 3, &v, &report), 0);
	type_value_free(&v);
}
END_TEST

/* Each before the next, and equal to itself. */
START_TEST(documents_sort_by_value)
{
	static const char *const documents[] = { "[]", "null", "\"\"", "\"a\"", "-1", "2", "10", "false", "true",
		"[null]", "[\"a\"]", "[1]", "[[]]", "[{}]", "[1, 2]", "{}", "{\"a\": 1}", "{\"aa\": 1}", "{\"b\": 0}",
		"{\"a\": 1, \"b\": 0}" };
	sqlite3_stmt *stmt;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	ck_assert_int_eq(type_register_collations(db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "select ?1 < ?2 collate pg_jsonb, ?1 = ?1 || ' ' collate pg_jsonb", -1,
			     &stmt, NULL),
	    SQLITE_OK);
	for (size_t i = 0; i + 1 < sizeof(documents) / sizeof(documents[0]); i++) {
		sqlite3_bind_text(stmt, 1, documents[i], -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 2, documents[i + 1], -1, SQLITE_STATIC);
		ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
		ck_assert_msg(sqlite3_column_int(stmt, 0) == 1, "%s < %s", documents[i], documents[i + 1]);
		ck_assert_msg(sqlite3_column_int(stmt, 1) == 1, "%s", documents[i]);
		sqlite3_reset(stmt);
	}
	ck_assert_int_eq(sqlite3_finalize(stmt), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
END_TEST

/* As deep as is allowed, and many members: nothing recurs and nothing is quadratic. */
START_TEST(deep_and_wide_documents_pass)
{
	static char text[200000];
	size_t n = 0;
	struct type_value v;

	memset(text, '[', 2000);
	memset(text + 2000, ']', 2000);
	ck_assert_int_eq(type_decode(TYPE_JSONB, 0, text, 4000, &v, &report), 0);
	ck_assert_uint_eq(v.length, 4000);
	type_value_free(&v);
	for (int i = 20000; i > 10000; i--)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%c\"%d\":%d", n == 0 ? '{' : ',', i, i);
	text[n++] = '}';
	ck_assert_int_eq(type_decode(TYPE_JSONB, 0, text, n, &v, &report), 0);
	ck_assert_int_eq(strncmp(v.bytes, "{\"10001\": 10001, ", 17), 0);
	type_value_free(&v);
}
END_TEST

START_TEST(numerics_sort_by_value)
{
	static const char query[] = "with t(v) as (values ('10'), ('9'), ('NaN'), ('-2.50'), ('-2.5'), ('-100'), ('0'),"
				    " ('0.00'), ('0.1'), ('1.0'), ('1.00'), ('-Infinity'))"
				    " select v, v = '1' collate pg_numeric from t order by v collate pg_numeric";
	char text[128] = "";
	sqlite3_stmt *stmt;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	ck_assert_int_eq(type_register_collations(db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, query, -1, &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *v = (const char *)sqlite3_column_text(stmt, 0);

		ck_assert_int_eq(sqlite3_column_int(stmt, 1), strncmp(v, "1.0", 3) == 0);
		ck_assert_int_gt(snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s,", v), 0);
	}
	ck_assert_str_eq(text, "-Infinity,-100,-2.50,-2.5,0,0.00,0.1,1.0,1.00,9,10,NaN,");
	ck_assert_int_eq(sqlite3_finalize(stmt), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
END_TEST

int
main(void)
{
	TCase *types = tcase_create("types");

#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))
	tcase_add_checked_fixture(types, NULL, tear_down);
	tcase_add_loop_test(types, values_survive_both_ways, 0, ROWS(good));
	tcase_add_loop_test(types, bad_input_is_refused, 0, ROWS(bad));
	tcase_add_test(types, nul_bytes_are_refused);
	tcase_add_loop_test(types, bad_binary_is_refused, 0, ROWS(bad_binary));
	tcase_add_loop_test(types, coercions_do_as_casts_do, 0, ROWS(coercions));
	tcase_add_test(types, time_zones_shift_what_is_shown);
	tcase_add_test(types, words_are_of_the_session);
	tcase_add_test(types, documents_sort_by_value);
	tcase_add_test(types, deep_and_wide_documents_pass);
	tcase_add_test(types, numerics_sort_by_value);
	return unit_run("sqlite types", types, NULL);
}
