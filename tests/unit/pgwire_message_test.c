/*
 * Messages of the client protocol: split, read, written, and reported as errors.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/pgwire/pgwire.h"

static void
put_raw(struct pgwire_buffer *b, char type, uint32_t length)
{
	pgwire_put_byte(b, (uint8_t)type);
	pgwire_put_int32(b, length);
}

START_TEST(message_arrives_in_pieces)
{
	static const char query[] = "select 1";
	struct pgwire_buffer whole = { 0 }, in = { 0 };
	struct pgwire_message message;
	size_t wanted, mark = pgwire_begin_message(&whole, 'Q');

	pgwire_put_string(&whole, query);
	pgwire_end_message(&whole, mark);
	for (size_t i = 0; i < whole.end; i++) {
		ck_assert_int_eq(pgwire_next_message(&in, &message, &wanted), 0);
		ck_assert_uint_eq(wanted, i < 5 ? 5 : whole.end);
		pgwire_put_byte(&in, whole.data[i]);
	}
	ck_assert_int_eq(pgwire_next_message(&in, &message, &wanted), 1);
	ck_assert_int_eq(message.type, 'Q');
	ck_assert_uint_eq(message.size, 1 + 4 + sizeof(query));
	ck_assert_str_eq(pgwire_get_string(&message.body), query);
	ck_assert(pgwire_reader_done(&message.body));
	pgwire_buffer_consume(&in, message.size);
	ck_assert_uint_eq(pgwire_buffer_length(&in), 0);
	pgwire_buffer_free(&in);
	pgwire_buffer_free(&whole);
}
END_TEST

static const struct {
	char type;
	uint32_t length;
	int result;
} headers[] = {
	{ 'Q', 4, -1 },
	{ 'Q', 5, 0 },
	{ 'Q', 0x3fffffff, 0 },
	{ 'Q', 0x40000000, -1 },
	{ 'Q', 0x80000000, -1 },
	{ 'Q', 0, -1 },
	{ 'S', 4, 1 },
	{ 'S', 5, -1 },
	{ 'X', 4, 1 },
	{ 'H', 3, -1 },
	{ 'E', 20000, -1 },
	{ 'E', 9, 0 },
	{ 'd', 4, 1 },
	{ 'Z', 4, -1 },
	{ 'p', 10, -1 },
	{ '\0', 4, -1 },
	{ '\xff', 4, -1 },
};

START_TEST(message_header_is_checked)
{
	struct pgwire_buffer in = { 0 };
	struct pgwire_message message;
	size_t wanted;

	put_raw(&in, headers[_i].type, headers[_i].length);
	ck_assert_int_eq(pgwire_next_message(&in, &message, &wanted), headers[_i].result);
	ck_assert_uint_lt(in.capacity, 4096);
	pgwire_buffer_free(&in);
}
END_TEST

START_TEST(reader_fails_beyond_the_end)
{
	static const uint8_t data[] = { 1, 2, 3, 'a', 'b' };
	struct pgwire_reader r = { .data = data, .length = sizeof(data) };

	ck_assert_uint_eq(pgwire_get_int16(&r), 0x0102);
	ck_assert_uint_eq(pgwire_get_int32(&r), 0);
	ck_assert(r.failed);
	ck_assert_uint_eq(pgwire_get_byte(&r), 0);
	ck_assert_str_eq(pgwire_get_string(&r), "");
	ck_assert(!pgwire_reader_done(&r));

	r = (struct pgwire_reader) { .data = data, .length = sizeof(data), .offset = 3 };
	ck_assert_str_eq(pgwire_get_string(&r), ""); /* no NUL before the end */
	ck_assert(r.failed);
	r = (struct pgwire_reader) { .data = data, .length = sizeof(data) };
	ck_assert_ptr_null(pgwire_get_bytes(&r, SIZE_MAX));
	ck_assert(r.failed);
}
END_TEST

START_TEST(integers_survive)
{
	struct pgwire_buffer b = { 0 };
	struct pgwire_reader r;

	pgwire_put_byte(&b, 0xfe);
	pgwire_put_int16(&b, 0xfffd);
	pgwire_put_int32(&b, 0x80000001);
	pgwire_put_int64(&b, 0x8000000000000002);
	r = (struct pgwire_reader) { .data = b.data, .length = b.end };
	ck_assert_uint_eq(pgwire_get_byte(&r), 0xfe);
	ck_assert_uint_eq(pgwire_get_int16(&r), 0xfffd);
	ck_assert_uint_eq(pgwire_get_int32(&r), 0x80000001);
	ck_assert_uint_eq(pgwire_get_int64(&r), 0x8000000000000002);
	ck_assert(pgwire_reader_done(&r));
	pgwire_buffer_free(&b);
}
END_TEST

START_TEST(buffer_keeps_marks_when_it_moves)
{
	struct pgwire_buffer b = { 0 };
	struct pgwire_message message;
	size_t mark, wanted;
	char text[3000];

	memset(text, 'x', sizeof(text));
	pgwire_put_bytes(&b, text, 900);
	pgwire_buffer_consume(&b, 890);
	mark = pgwire_begin_message(&b, 'd');
	pgwire_put_bytes(&b, text, sizeof(text));
	pgwire_end_message(&b, mark);
	pgwire_buffer_consume(&b, 10);
	ck_assert_int_eq(pgwire_next_message(&b, &message, &wanted), 1);
	ck_assert_uint_eq(message.size, sizeof(text) + 5);
	pgwire_buffer_free(&b);
}
END_TEST

START_TEST(buffer_gives_memory_back)
{
	struct pgwire_buffer b = { 0 };
	uint8_t *p = pgwire_buffer_reserve(&b, 1 << 20);

	ck_assert_ptr_nonnull(p);
	memset(p, 0, 1 << 20);
	b.end += 1 << 20;
	pgwire_buffer_consume(&b, 1 << 20);
	ck_assert_uint_eq(b.capacity, 0);
	pgwire_put_byte(&b, 1);
	ck_assert_uint_eq(pgwire_buffer_length(&b), 1);
	ck_assert_ptr_null(pgwire_buffer_reserve(&b, SIZE_MAX / 2));
	ck_assert(b.failed);
	pgwire_put_byte(&b, 1);
	ck_assert_uint_eq(pgwire_buffer_length(&b), 1);
	pgwire_buffer_free(&b);
}
END_TEST

START_TEST(report_has_every_field)
{
	static const char expected[] = "SERROR\0VERROR\0C23505\0Mduplicate\0Dkey 1\0Htry\0P7\0ssch\0ttab\0ccol\0dtyp\0"
				       "ncon\0";
	struct pgwire_buffer out = { 0 };
	struct report r = { 0 }, moved = { 0 };

	ck_assert_int_eq(report_set(&r, SQLSTATE_UNIQUE_VIOLATION, "%s", "duplicate"), -1);
	report_detail(&r, "key %d", 1);
	report_hint(&r, "try");
	r.position = 7;
	r.schema = strdup("sch");
	r.table = strdup("tab");
	r.column = strdup("col");
	r.constraint = strdup("con");
	r.datatype = strdup("typ");
	report_move(&moved, &r);
	ck_assert_int_eq(r.state, 0);
	pgwire_put_report(&out, REPORT_ERROR, &moved);
	ck_assert_int_eq(out.data[0], 'E');
	ck_assert_uint_eq(out.end, 5 + sizeof(expected));
	ck_assert_mem_eq(out.data + 5, expected, sizeof(expected));
	report_set(&moved, SQLSTATE_WARNING, "%s again", moved.message); /* an argument of its own */
	ck_assert_str_eq(moved.message, "duplicate again");
	pgwire_buffer_free(&out);
	pgwire_put_report(&out, REPORT_NOTICE, &moved);
	ck_assert_int_eq(out.data[0], 'N');
	ck_assert_int_eq(report_set(NULL, SQLSTATE_WARNING, "x"), -1);
	report_reset(&moved);
	pgwire_buffer_free(&out);
}
END_TEST

START_TEST(writers_put_what_the_protocol_says)
{
	static const uint8_t expected[] = { 'R', 0, 0, 0, 8, 0, 0, 0, 0, 'S', 0, 0, 0, 8, 'a', 0, 'b', 0, 'K', 0, 0, 0,
		12, 0, 0, 0, 1, 0, 0, 0, 2, 'Z', 0, 0, 0, 5, 'T', 'C', 0, 0, 0, 6, 'x', 0, '1', 0, 0, 0, 4, 't', 0, 0,
		0, 10, 0, 1, 0, 0, 0, 23 };
	const uint32_t oid = 23;
	struct pgwire_buffer out = { 0 };

	pgwire_put_authentication_ok(&out);
	pgwire_put_parameter_status(&out, "a", "b");
	pgwire_put_backend_key(&out, 1, 2);
	pgwire_put_ready(&out, 'T');
	pgwire_put_command_complete(&out, "x");
	pgwire_put_empty(&out, '1');
	pgwire_put_parameter_description(&out, &oid, 1);
	ck_assert_uint_eq(out.end, sizeof(expected));
	ck_assert_mem_eq(out.data, expected, sizeof(expected));
	pgwire_buffer_free(&out);
}
END_TEST

START_TEST(sqlstates_are_five_characters)
{
	for (int i = 0; i < SQLSTATES; i++)
		ck_assert_uint_eq(strlen(sqlstate_code((enum sqlstate)i)), 5);
	ck_assert_str_eq(sqlstate_code(SQLSTATE_QUERY_CANCELED), "57014");
	ck_assert_str_eq(sqlstate_code(SQLSTATES), "XX000");
}
END_TEST

int
main(void)
{
	TCase *messages = tcase_create("messages");

	tcase_add_test(messages, message_arrives_in_pieces);
	tcase_add_loop_test(messages, message_header_is_checked, 0, sizeof(headers) / sizeof(headers[0]));
	tcase_add_test(messages, reader_fails_beyond_the_end);
	tcase_add_test(messages, integers_survive);
	tcase_add_test(messages, buffer_keeps_marks_when_it_moves);
	tcase_add_test(messages, buffer_gives_memory_back);
	tcase_add_test(messages, report_has_every_field);
	tcase_add_test(messages, writers_put_what_the_protocol_says);
	tcase_add_test(messages, sqlstates_are_five_characters);
	return unit_run("pgwire message", messages, NULL);
}
