/* The cursors with which messages are put into frames and taken out of them. */
#include <stdlib.h>
#include <string.h>

#include "common/frame.h"
#include "tests/unit/run.h"

/* File scope: tests take no arguments, and a frame is large. */
static struct frame frame = { .fd = -1 };

START_TEST(test_cursors_round_trip)
{
	struct frame_writer w = { .frame = &frame };
	struct frame_reader r = { .frame = &frame };
	const char *text, *none, *absent;
	bool yes, no;
	uint32_t u32;
	uint64_t u64;
	int64_t i64;

	frame.header.length = 0;
	frame_put_boolean(&w, true);
	frame_put_boolean(&w, false);
	frame_put_u32(&w, UINT32_MAX);
	frame_put_u64(&w, UINT64_MAX - 1);
	frame_put_i64(&w, INT64_MIN);
	frame_put_text(&w, "a text");
	frame_put_text(&w, "");
	frame_put_text(&w, NULL);
	ck_assert(!w.failed);
	ck_assert_uint_eq(frame.header.length, 1 + 1 + 4 + 8 + 8 + (4 + 7) + (4 + 1) + (4 + 1));
	frame_get_boolean(&r, &yes);
	frame_get_boolean(&r, &no);
	frame_get_u32(&r, &u32);
	frame_get_u64(&r, &u64);
	frame_get_i64(&r, &i64);
	frame_get_text(&r, &text);
	frame_get_text(&r, &none);
	frame_get_text(&r, &absent);
	ck_assert(!r.failed && yes && !no && u32 == UINT32_MAX && u64 == UINT64_MAX - 1 && i64 == INT64_MIN);
	ck_assert_str_eq(text, "a text");
	ck_assert_str_eq(none, "");
	ck_assert_str_eq(absent, "");
	ck_assert_uint_eq(r.offset, frame.header.length);
}
END_TEST

START_TEST(test_put_stops_at_the_end)
{
	struct frame_writer w = { .frame = &frame };
	char *text = calloc(1, FRAME_PAYLOAD_MAX + 2);

	ck_assert_ptr_nonnull(text);
	frame.header.length = 0;
	memset(text, 'x', FRAME_PAYLOAD_MAX - 5);
	frame_put_text(&w, text);
	ck_assert(!w.failed);
	ck_assert_uint_eq(frame.header.length, FRAME_PAYLOAD_MAX);
	frame_put_boolean(&w, true);
	ck_assert(w.failed);
	for (size_t length = FRAME_PAYLOAD_MAX - 4; length <= FRAME_PAYLOAD_MAX + 1; length++) {
		w.failed = false;
		frame.header.length = 0;
		memset(text, 'x', length);
		frame_put_text(&w, text);
		ck_assert(w.failed);
		frame_put_u32(&w, 1);
		ck_assert_uint_le(frame.header.length, 4);
	}
	free(text);
}
END_TEST

START_TEST(test_get_stops_at_the_end)
{
	struct frame_reader r = { .frame = &frame };
	uint64_t u64 = 1;
	uint32_t u32 = 1;
	bool boolean = true;

	frame.header.length = 7;
	frame_get_u64(&r, &u64);
	ck_assert(r.failed);
	ck_assert_uint_eq(u64, 0);
	ck_assert_uint_eq(r.offset, 0);
	frame_get_u32(&r, &u32);
	frame_get_boolean(&r, &boolean);
	ck_assert(r.failed && u32 == 0 && !boolean);
	r = (struct frame_reader) { .frame = &frame };
	frame.payload[0] = 2;
	frame_get_boolean(&r, &boolean);
	ck_assert(r.failed);
}
END_TEST

/* Lengths that lie, a text without its NUL, and one with a NUL inside. */
static const struct {
	uint32_t length;
	const char bytes[5];
	bool good;
} texts[] = {
	{ 3, "abc", true },
	{ 2, "abc", false },
	{ 4, "abcd", false },
	{ 3, { 'a', 'b', 'c', 'd', 0 }, false },
	{ 3, { 'a', 0, 'c', 0, 0 }, false },
	{ 0x7fffffff, "abc", false },
	{ UINT32_MAX, "abc", false },
	{ UINT32_MAX - 4, "abc", false },
};

START_TEST(test_get_text)
{
	struct frame_reader r = { .frame = &frame };
	const char *text = NULL;

	memcpy(frame.payload, &texts[_i].length, 4);
	memcpy(frame.payload + 4, texts[_i].bytes, 4);
	frame.header.length = 8;
	frame_get_text(&r, &text);
	ck_assert(r.failed == !texts[_i].good);
	ck_assert_str_eq(text, texts[_i].good ? texts[_i].bytes : "");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_cursors_round_trip);
	tcase_add_test(t, test_put_stops_at_the_end);
	tcase_add_test(t, test_get_stops_at_the_end);
	tcase_add_loop_test(t, test_get_text, 0, (int)(sizeof(texts) / sizeof(texts[0])));
	return unit_run("fields of frames", t, NULL);
}
