/*
 * The formats of COPY: read in pieces of any size, and written as PostgreSQL writes them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/sqlite/copy/format.h"

static struct report report;
static const char *const names[] = { "a", "b", "c" };

static void
tear_down(void)
{
	report_reset(&report);
}

static struct copy_format
make_format(bool csv)
{
	return (struct copy_format) { .csv = csv,
		.delimiter = csv ? ',' : '\t',
		.quote = '"',
		.escape = '"',
		.null_text = csv ? "" : "\\N",
		.columns = names,
		.ncolumns = 3 };
}

static void
take_rows(struct copy_reader *reader, struct pgwire_buffer *out, enum copy_result *result)
{
	while ((*result = copy_reader_next(reader, &report)) == COPY_ROW) {
		for (unsigned i = 0; i < reader->nfields; i++) {
			pgwire_put_byte(out, i > 0 ? '|' : '<');
			if (reader->fields[i].null)
				pgwire_put_byte(out, '@');
			else
				pgwire_put_bytes(out, reader->fields[i].data, reader->fields[i].length);
		}
		pgwire_put_byte(out, '>');
	}
}

/* Reads all in pieces of this size; the rows come out as <a|b|c>, null as @. */
static enum copy_result
read_in_pieces(const struct copy_format *format, const char *data, size_t length, size_t piece,
    struct pgwire_buffer *out)
{
	enum copy_result result = COPY_MORE;
	struct copy_reader reader;

	copy_reader_init(&reader, format);
	for (size_t i = 0; i < length && result == COPY_MORE; i += piece) {
		size_t n = length - i < piece ? length - i : piece;
		char *copy = malloc(n); /* of its own, so that an overread is seen */

		memcpy(copy, data + i, n);
		ck_assert_int_eq(copy_reader_feed(&reader, copy, n, &report), 0);
		free(copy);
		take_rows(&reader, out, &result);
	}
	if (result == COPY_MORE) {
		copy_reader_finish(&reader);
		take_rows(&reader, out, &result);
	}
	copy_reader_free(&reader);
	pgwire_put_byte(out, '\0');
	return result;
}

static const struct {
	bool csv, header;
	const char *in, *rows, *error;
} inputs[] = {
	{ false, false, "1\t2\t3\n4\t5\t6\n", "<1|2|3><4|5|6>", NULL },
	{ false, false, "1\t2\t3", "<1|2|3>", NULL },
	{ false, false, "\\N\t\\Nx\t\\\\N\n", "<@|Nx|\\N>", NULL },
	{ false, false, "a\\tb\t\\x41\\101\t\\q\\n\n", "<a\tb|AA|q\n>", NULL },
	{ false, false, "a\\\nb\tc\td\n", "<a\nb|c|d>", NULL },
	{ false, false, "1\t2\t3\r\n4\t5\t6\r\n", "<1|2|3><4|5|6>", NULL },
	{ false, false, "1\t2\t3\r4\t5\t6\r", "<1|2|3><4|5|6>", NULL },
	{ false, false, "1\t2\t3\n\\.\nrubbish", "<1|2|3>", NULL },
	{ false, false, "1\t2\t3\\.\n", "<1|2|3>", NULL },
	{ false, true, "x\n1\t2\t3\n", "<1|2|3>", NULL },
	{ false, false, "", "", NULL },
	{ false, false, "\t\t\n", "<||>", NULL },
	{ false, false, "1\t2\n", "", "missing data for column \"c\"" },
	{ false, false, "1\t2\t3\t4\n", "", "extra data after last expected column" },
	{ false, false, "\\.x\n", "", "end-of-copy marker corrupt" },
	{ false, false, "1\t2\t3\n4\t5\r\t6\n", "<1|2|3>", "literal carriage return found in data" },
	{ false, false, "1\t2\t3\r\n4\t5\n\t6\r\n", "<1|2|3>", "literal newline found in data" },
	{ true, false, "1,2,3\n", "<1|2|3>", NULL },
	{ true, false, "\"a\"\"b\",\"x,\ny\",\n", "<a\"b|x,\ny|@>", NULL },
	{ true, false, "\"\",a\"b\"c,\"\\.\"\n", "<|abc|\\.>", NULL },
	{ true, true, "a,\"b\nx\",c\n1,2,3\n", "<1|2|3>", NULL },
	{ true, false, "1,2,3\n\\.\n4,5,6\n", "<1|2|3>", NULL },
	{ true, false, "\\.,2,3\n", "<\\.|2|3>", NULL },
	{ true, false, "1,\"2,3\n", "", "unterminated CSV quoted field" },
	{ true, false, "1,2,3\n1,\r,3\n", "<1|2|3>", "unquoted carriage return found in data" },
};

START_TEST(rows_are_read_in_any_pieces)
{
	for (size_t piece = 1; piece < 9; piece++) {
		struct copy_format format = make_format(inputs[_i].csv);
		struct pgwire_buffer out = { 0 };
		enum copy_result result;

		format.header = inputs[_i].header;
		result = read_in_pieces(&format, inputs[_i].in, strlen(inputs[_i].in), piece, &out);
		ck_assert_int_eq(result, inputs[_i].error != NULL ? COPY_ERROR : COPY_END);
		if (inputs[_i].error != NULL) {
			ck_assert_str_eq(report.message, inputs[_i].error);
			ck_assert_str_eq(sqlstate_code(report.state), "22P04");
		}
		ck_assert_str_eq((char *)out.data, inputs[_i].rows);
		pgwire_buffer_free(&out);
	}
}
END_TEST

/* Ends of lines, quotes and escapes are found at every distance from the beginning of what is searched. */
START_TEST(data_is_passed_over_up_to_what_counts)
{
	static const char *const in[] = { "a\\\nb\tc\\\\\td\\qeeeeeee\r\n1\t2\t3\r\n",
		"\"a\r\nb\"\"\",c,\xff\x8a\r\n1,2,3\r\n" };
	static const char *const rows[] = { "a\nb|c\\|dqeeeeeee><1|2|3>", "a\r\nb\"|c|\xff\x8a><1|2|3>" };
	static const size_t pieces[] = { 1, 7, 8, 9, 1000 };

	for (size_t lead = 0; lead <= 20; lead++)
		for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
			struct copy_format format = make_format(_i == 1);
			struct pgwire_buffer out = { 0 };
			char data[96], wanted[96];

			memset(data, 'x', lead);
			(void)snprintf(data + lead, sizeof(data) - lead, "%s", in[_i]);
			(void)snprintf(wanted, sizeof(wanted), "<%.*s%s", (int)lead, data, rows[_i]);
			ck_assert_int_eq(read_in_pieces(&format, data, strlen(data), pieces[i], &out), COPY_END);
			ck_assert_str_eq((const char *)out.data, wanted);
			pgwire_buffer_free(&out);
		}
}
END_TEST

START_TEST(escape_may_differ_from_quote)
{
	static const char in[] = "\"a\\\"b\",\"\\\\\",\"c\\d\"\n";
	struct copy_format format = make_format(true);
	struct pgwire_buffer out = { 0 };

	format.escape = '\\';
	ck_assert_int_eq(read_in_pieces(&format, in, sizeof(in) - 1, 2, &out), COPY_END);
	ck_assert_str_eq((char *)out.data, "<a\"b|\\|c\\d>");
	pgwire_buffer_free(&out);
}
END_TEST

START_TEST(lines_are_counted)
{
	static const char in[] = "1,\"2\n2\",3\n4,5,6\n7\n";
	struct copy_format format = make_format(true);
	struct copy_reader reader;

	copy_reader_init(&reader, &format);
	ck_assert_int_eq(copy_reader_feed(&reader, in, sizeof(in) - 1, &report), 0);
	ck_assert_int_eq(copy_reader_next(&reader, &report), COPY_ROW);
	ck_assert_uint_eq(reader.line, 1);
	ck_assert_int_eq(copy_reader_next(&reader, &report), COPY_ROW);
	ck_assert_uint_eq(reader.line, 3);
	ck_assert_int_eq(copy_reader_next(&reader, &report), COPY_ERROR);
	ck_assert_uint_eq(reader.line, 4);
	copy_reader_free(&reader);
}
END_TEST

/* A mebibyte without a newline costs about that much, and is looked at once. */
START_TEST(long_rows_grow_with_what_arrives)
{
	struct copy_format format = make_format(false);
	struct copy_reader reader;
	char piece[1024];

	memset(piece, 'x', sizeof(piece));
	copy_reader_init(&reader, &format);
	for (int i = 0; i < 1024; i++) {
		ck_assert_int_eq(copy_reader_feed(&reader, piece, sizeof(piece), &report), 0);
		ck_assert_int_eq(copy_reader_next(&reader, &report), COPY_MORE);
	}
	ck_assert_uint_le(reader.in.capacity, 4 << 20);
	ck_assert_uint_eq(reader.scanned, 1 << 20);
	copy_reader_free(&reader);
}
END_TEST

static void
put_row(struct pgwire_buffer *out, const struct copy_format *format, const char *const *values)
{
	copy_put_row_begin(out, format, 3);
	for (unsigned i = 0; i < 3; i++)
		copy_put_field(out, format, i, values[i], values[i] != NULL ? strlen(values[i]) : 0, values[i] == NULL);
	copy_put_row_end(out, format);
}

static const char *const awkward[] = { "a\t\"b\\\n,", NULL, "" };

START_TEST(text_is_written_as_postgresql_does)
{
	static const char expected[] = "a\tb\tc\na\\t\"b\\\\\\n,\t\\N\t\n";
	struct copy_format format = make_format(false);
	struct pgwire_buffer out = { 0 };

	format.header = true;
	copy_put_start(&out, &format);
	put_row(&out, &format, awkward);
	copy_put_finish(&out, &format);
	ck_assert_uint_eq(out.end, sizeof(expected) - 1);
	ck_assert_mem_eq(out.data, expected, out.end);
	pgwire_buffer_free(&out);
}
END_TEST

/* Eight bytes are looked at at once. */
START_TEST(each_place_is_escaped)
{
	char text[] = "XXXXXXXXXXXXXXXXXXX", expected[sizeof(text) + 1];
	struct copy_format format = make_format(false);
	struct pgwire_buffer out = { 0 };
	const char *const specials = "\t\\\n\x1f\x7f\xc3", *const written = "t\\n";

	for (const char *special = specials; *special != '\0'; special++) {
		bool escaped = special - specials < 3;

		text[_i] = *special;
		memcpy(expected, text, (size_t)_i);
		expected[_i] = escaped ? '\\' : *special;
		expected[_i + 1] = escaped ? written[special - specials] : 'X';
		memset(expected + _i + 2, 'X', sizeof(text) - (size_t)_i - 1);
		out.start = out.end = 0;
		copy_put_field(&out, &format, 0, text, sizeof(text) - 1, false);
		ck_assert_uint_eq(out.end, sizeof(text) - 1 + escaped);
		ck_assert_mem_eq(out.data, expected, out.end);
	}
	pgwire_buffer_free(&out);
}
END_TEST

START_TEST(csv_is_written_as_postgresql_does)
{
	static const char expected[] = "a,b,c\n\"a\t\"\"b\\\n,\",,\"\"\n\"x\",,\"y\"\n";
	static const char *const plain[] = { "x", NULL, "y" };
	struct copy_format format = make_format(true);
	struct pgwire_buffer out = { 0 };

	format.header = true;
	copy_put_start(&out, &format);
	put_row(&out, &format, awkward);
	format.force_quote_all = true;
	put_row(&out, &format, plain);
	ck_assert_uint_eq(out.end, sizeof(expected) - 1);
	ck_assert_mem_eq(out.data, expected, out.end);
	pgwire_buffer_free(&out);
}
END_TEST

START_TEST(binary_survives)
{
	struct copy_format format = make_format(false);
	struct pgwire_buffer out = { 0 }, rows = { 0 };

	format.binary = true;
	copy_put_start(&out, &format);
	put_row(&out, &format, awkward);
	copy_put_finish(&out, &format);
	ck_assert_uint_eq(out.end, 19 + 2 + 4 + strlen(awkward[0]) + 4 + 4 + 2);
	for (size_t piece = 1; piece < 7; piece++) {
		rows.end = rows.start = 0;
		ck_assert_int_eq(read_in_pieces(&format, (char *)out.data, out.end, piece, &rows), COPY_END);
		ck_assert_str_eq((char *)rows.data, "<a\t\"b\\\n,|@|>");
	}
	rows.end = 0;
	ck_assert_int_eq(read_in_pieces(&format, (char *)out.data, out.end - 4, 100, &rows), COPY_ERROR);
	ck_assert_str_eq(report.message, "unexpected EOF in COPY data");
	rows.end = 0;
	ck_assert_int_eq(read_in_pieces(&format, "PGCOPY\n\377\r\r\0", 11, 100, &rows), COPY_ERROR);
	ck_assert_str_eq(report.message, "COPY file signature not recognized");
	pgwire_buffer_free(&out);
	pgwire_buffer_free(&rows);
}
END_TEST

int
main(void)
{
	TCase *copies = tcase_create("copy");

	tcase_add_checked_fixture(copies, NULL, tear_down);
	tcase_add_loop_test(copies, rows_are_read_in_any_pieces, 0, sizeof(inputs) / sizeof(inputs[0]));
	tcase_add_loop_test(copies, data_is_passed_over_up_to_what_counts, 0, 2);
	tcase_add_test(copies, escape_may_differ_from_quote);
	tcase_add_test(copies, lines_are_counted);
	tcase_add_test(copies, long_rows_grow_with_what_arrives);
	tcase_add_test(copies, text_is_written_as_postgresql_does);
	tcase_add_loop_test(copies, each_place_is_escaped, 0, 19);
	tcase_add_test(copies, csv_is_written_as_postgresql_does);
	tcase_add_test(copies, binary_survives);
	return unit_run("sqlite copy format", copies, NULL);
}
