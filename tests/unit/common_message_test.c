/* Every message of the table through its encoder and the dispatch, and what the dispatch refuses. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "tests/unit/run.h"

#define SEEDS 4

/* ---- values for the fields: by seed and by place, so that no two neighbours are equal ---- */

static bool
sample_boolean(unsigned n)
{
	return n % 2 == 1;
}

static uint32_t
sample_u32(unsigned n)
{
	static const uint32_t values[] = { 0, 1, UINT32_MAX, 0x01020304 };

	return values[n % 4] + n / 4;
}

static uint64_t
sample_u64(unsigned n)
{
	static const uint64_t values[] = { UINT64_MAX, 0, 1, 0x0102030405060708 };

	return values[n % 4] - n / 4;
}

static int64_t
sample_i64(unsigned n)
{
	static const int64_t values[] = { -1, INT64_MIN, INT64_MAX, 0 };

	return values[n % 4];
}

static const char *
sample_text(unsigned n)
{
	static const char *const values[] = { "", "a text", "\xe2\x9c\x97 with\nall \x01 sorts", "x" };

	return values[n % 4];
}

static bool
same_boolean(bool a, bool b)
{
	return a == b;
}
static bool
same_u32(uint32_t a, uint32_t b)
{
	return a == b;
}
static bool
same_u64(uint64_t a, uint64_t b)
{
	return a == b;
}
static bool
same_i64(int64_t a, int64_t b)
{
	return a == b;
}
static bool
same_text(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* ---- for each message: filling, encoding, taking ---- */

/* What the handler met. */
struct taken {
	unsigned seed;
	unsigned calls;
	unsigned type;
	bool same;
	int fd; /* taken out of the frame, when take_fd is set */
	bool take_fd;
};

#define FIELD(type, name) message->name = sample_##type(n++);
#define NO_FIELDS message->nothing = 0;
#define MESSAGE(NAME, name, route, reply, fds, fields) \
	static void fill_##name(struct message_##name *message, unsigned n) \
	{ \
		fields(void) n; \
	} \
	static int encode_##name(struct frame *frame, unsigned seed, int fd) \
	{ \
		struct message_##name message; \
\
		fill_##name(&message, seed); \
		return message_encode_##name(frame, 1000 + seed, &message, fd, NULL); \
	}
#include "common/messages.def"
#undef MESSAGE
#undef FIELD
#undef NO_FIELDS

static void
note_call(struct taken *taken, struct frame *frame, unsigned type, bool same)
{
	taken->calls++;
	taken->type = type;
	taken->same = same && frame->header.id == 1000 + taken->seed;
	if (taken->take_fd)
		taken->fd = frame_take_fd(frame);
}

#define FIELD(type, name) same = same && same_##type(message->name, wanted.name);
#define NO_FIELDS same = message->nothing == wanted.nothing;
#define MESSAGE(NAME, name, route, reply, fds, fields) \
	static void take_##name(void *context, struct frame *frame, const struct message_##name *message) \
	{ \
		struct taken *taken = context; \
		struct message_##name wanted; \
		bool same = true; \
\
		fill_##name(&wanted, taken->seed); \
		fields note_call(taken, frame, MESSAGE_##NAME, same); \
	}
#include "common/messages.def"
#undef MESSAGE
#undef FIELD
#undef NO_FIELDS

static const struct message_handlers handlers = {
#define MESSAGE(NAME, name, route, reply, fds, fields) .name = take_##name,
#include "common/messages.def"
#undef MESSAGE
};

#define TEXT_(...) #__VA_ARGS__
#define TEXT(...) TEXT_(__VA_ARGS__)

static const struct {
	const char *name;
	int (*encode)(struct frame *, unsigned, int);
	unsigned from, to;
	enum message_type reply;
	bool fd;
	const char *description;
} rows[] = {
#define MESSAGE(NAME, name, route, reply, fds, fields) \
	{ #NAME, encode_##name, route, MESSAGE_##reply, fds, \
		#name "(" TEXT(route) "," #reply "," #fds "," #fields ")" },
#include "common/messages.def"
#undef MESSAGE
};
#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

static enum process
one_of(unsigned set)
{
	return (enum process)(set & -set);
}

/* Row i as one of those who may send it would, with a descriptor when it wants one. */
static void
make(struct frame *frame, int i, unsigned seed)
{
	int fd = rows[i].fd ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;

	ck_assert(!rows[i].fd || fd != -1);
	ck_assert_int_eq(rows[i].encode(frame, seed, fd), 0);
	ck_assert_uint_eq(frame->header.type, (unsigned)i);
}

static int
dispatch(struct taken *taken, int i, struct frame *frame, struct error *e)
{
	return message_dispatch(&handlers, taken, one_of(rows[i].to), one_of(rows[i].from), frame, e);
}

static void
assert_refused(int i, struct frame *frame, const char *code)
{
	struct taken taken = { .fd = -1 };
	struct error e;

	ck_assert_int_eq(dispatch(&taken, i, frame, &e), -1);
	ck_assert_str_eq(e.code, code);
	ck_assert_uint_eq(taken.calls, 0);
	ck_assert_int_eq(frame->fd, -1);
}

/* ---- tests; _i is the row ---- */

START_TEST(test_round_trip)
{
	struct frame frame;

	for (unsigned seed = 0; seed < SEEDS; seed++) {
		struct taken taken = { .seed = seed, .fd = -1, .take_fd = true };

		make(&frame, _i, seed);
		ck_assert_int_eq(dispatch(&taken, _i, &frame, NULL), 0);
		ck_assert_uint_eq(taken.calls, 1);
		ck_assert_uint_eq(taken.type, (unsigned)_i);
		ck_assert(taken.same);
		ck_assert(rows[_i].fd == (taken.fd != -1));
		if (taken.fd != -1)
			ck_assert_int_eq(close(taken.fd), 0);
	}
}
END_TEST

START_TEST(test_every_direction)
{
	static const enum process all[] = { PROCESS_SUPERVISOR, PROCESS_CONTROL, PROCESS_SQLITE, PROCESS_POSTGRES,
		PROCESS_CONTAINER, PROCESS_KEEPER, PROCESS_REMOTE, PROCESS_BIBCTL };
	struct frame frame;
	struct error e;

	for (size_t a = 0; a < 7; a++)
		for (size_t b = 0; b < 7; b++) {
			struct taken taken = { .fd = -1 };
			bool allowed = (rows[_i].from & all[a]) != 0 && (rows[_i].to & all[b]) != 0;

			make(&frame, _i, 0);
			ck_assert_int_eq(message_dispatch(&handlers, &taken, all[b], all[a], &frame, &e),
			    allowed ? 0 : -1);
			ck_assert_uint_eq(taken.calls, allowed ? 1 : 0);
			ck_assert(allowed || strcmp(e.code, "message.direction") == 0);
			ck_assert_int_eq(frame.fd, -1);
		}
}
END_TEST

/* Cut anywhere, or with one byte more than its fields. */
START_TEST(test_every_other_length)
{
	struct frame frame;
	uint16_t whole;

	make(&frame, _i, 1);
	whole = frame.header.length;
	frame_close(&frame);
	for (unsigned length = 0; length <= whole + 1U; length++) {
		if (length == whole)
			continue;
		make(&frame, _i, 1);
		frame.payload[whole] = 0;
		frame.header.length = (uint16_t)length;
		assert_refused(_i, &frame, "message.malformed");
	}
}
END_TEST

START_TEST(test_descriptor_rule)
{
	struct frame frame;

	make(&frame, _i, 0);
	if (rows[_i].fd)
		frame_close(&frame);
	else
		frame.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_refused(_i, &frame, "message.descriptor");
}
END_TEST

START_TEST(test_no_handler)
{
	static const struct message_handlers none;
	struct frame frame;
	struct error e;

	make(&frame, _i, 0);
	ck_assert_int_eq(message_dispatch(&none, NULL, one_of(rows[_i].to), one_of(rows[_i].from), &frame, &e), -1);
	ck_assert_str_eq(e.code, "message.unexpected");
	ck_assert_int_eq(frame.fd, -1);
}
END_TEST

START_TEST(test_untaken_descriptor_is_closed)
{
	struct taken taken = { .fd = -1 };
	struct frame frame;
	int fd;

	make(&frame, MESSAGE_START, 0);
	fd = frame.fd;
	ck_assert_int_eq(dispatch(&taken, MESSAGE_START, &frame, NULL), 0);
	ck_assert_uint_eq(taken.calls, 1);
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(test_unknown_type)
{
	static const uint16_t types[] = { MESSAGE_TYPES, MESSAGE_TYPES + 1, UINT16_MAX };
	struct frame frame;

	for (size_t i = 0; i < 3; i++) {
		make(&frame, MESSAGE_HELLO, 0);
		frame.header.type = types[i];
		frame.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		assert_refused(MESSAGE_HELLO, &frame, "message.unknown");
	}
}
END_TEST

START_TEST(test_bad_values)
{
	struct message_health health = { .healthy = true, .cause = "why" };
	struct frame frame;

	ck_assert_int_eq(message_encode_health(&frame, 1, &health, -1, NULL), 0);
	frame.payload[0] = 2;
	assert_refused(MESSAGE_HEALTH, &frame, "message.malformed");
	ck_assert_int_eq(message_encode_health(&frame, 1, &health, -1, NULL), 0);
	frame.payload[8] = '!'; /* the text's end */
	assert_refused(MESSAGE_HEALTH, &frame, "message.malformed");
	ck_assert_int_eq(message_encode_health(&frame, 1, &health, -1, NULL), 0);
	frame.payload[6] = '\0';
	assert_refused(MESSAGE_HEALTH, &frame, "message.malformed");
}
END_TEST

START_TEST(test_too_long)
{
	static char text[FRAME_PAYLOAD_MAX + 1];
	struct message_failed failed = { .code = "a.b", .text = text };
	struct frame frame;
	struct error e;

	memset(text, 'x', FRAME_PAYLOAD_MAX);
	ck_assert_int_eq(message_encode_failed(&frame, 1, &failed, -1, &e), -1);
	ck_assert_str_eq(e.code, "message.too_long");
	/* u32, then two texts, each with a length before it and a NUL after it. */
	text[FRAME_PAYLOAD_MAX - 4 - (4 + 3 + 1) - (4 + 1)] = '\0';
	ck_assert_int_eq(message_encode_failed(&frame, 1, &failed, -1, &e), 0);
	ck_assert_uint_eq(frame.header.length, FRAME_PAYLOAD_MAX);
}
END_TEST

START_TEST(test_names)
{
	for (int i = 0; i < ROWS; i++)
		ck_assert_str_eq(message_name((unsigned)i), rows[i].name);
	ck_assert_str_eq(message_name(MESSAGE_TYPES), "unknown");
	ck_assert_str_eq(message_name(~0U), "unknown");
	ck_assert_int_eq(MESSAGE_HELLO, 0);
}
END_TEST

/* The hash is FNV-1a of the rows as they are written, so each change of the table changes it, and nothing else does. */
START_TEST(test_table_hash)
{
	uint64_t hash = 0xcbf29ce484222325u, last;

	ck_assert_uint_eq(message_table_hash(), message_table_hash());
	for (int i = 0; i < ROWS; i++) {
		last = hash;
		for (const char *p = rows[i].description; *p != '\0'; p++)
			hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
		ck_assert_uint_ne(hash, last);
	}
	ck_assert_uint_eq(message_table_hash(), hash);
	ck_assert_ptr_nonnull(strstr(rows[MESSAGE_START].description, "start(PROCESS_SUPERVISOR, (PROCESS_CONTROL"));
	ck_assert_ptr_nonnull(strstr(rows[MESSAGE_START].description, ",READY,1,FIELD(u64"));
}
END_TEST

/* Whoever may ask may take the answer, and whoever may be asked may give it; what answers is no request itself. */
START_TEST(test_replies)
{
	int requests = 0;

	for (int i = 0; i < ROWS; i++) {
		enum message_type reply = message_reply((unsigned)i);

		ck_assert_uint_eq(reply, rows[i].reply);
		if (reply == MESSAGE_NO_REPLY)
			continue;
		requests++;
		ck_assert_msg((rows[i].from & ~rows[reply].to) == 0, "%s: not all who ask may take %s", rows[i].name,
		    rows[reply].name);
		ck_assert_msg((rows[i].to & ~rows[reply].from) == 0, "%s: not all who are asked may send %s",
		    rows[i].name, rows[reply].name);
		ck_assert_uint_eq(message_reply(reply), MESSAGE_NO_REPLY);
	}
	ck_assert_int_gt(requests, 20);
	ck_assert_uint_eq(message_reply(MESSAGE_HEARTBEAT), MESSAGE_HEALTH);
	ck_assert_uint_eq(message_reply(MESSAGE_TYPES), MESSAGE_NO_REPLY);
}
END_TEST

START_TEST(test_process_names)
{
	ck_assert_str_eq(process_name(PROCESS_SUPERVISOR), "bibd");
	ck_assert_str_eq(process_name(PROCESS_CONTROL), "bibd-control");
	ck_assert_str_eq(process_name(PROCESS_SQLITE), "bibd-sqlite");
	ck_assert_str_eq(process_name(PROCESS_POSTGRES), "bibd-postgres");
	ck_assert_str_eq(process_name(PROCESS_CONTAINER), "bibd-container");
	ck_assert_str_eq(process_name(PROCESS_KEEPER), "bibd-keeper");
	ck_assert_str_eq(process_name(PROCESS_REMOTE), "bibd-remote");
	ck_assert_str_eq(process_name(PROCESS_BIBCTL), "bibctl");
	ck_assert_str_eq(process_name((enum process)PROCESS_STORAGE), "unknown");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, test_round_trip, 0, ROWS);
	tcase_add_loop_test(t, test_every_direction, 0, ROWS);
	tcase_add_loop_test(t, test_every_other_length, 0, ROWS);
	tcase_add_loop_test(t, test_descriptor_rule, 0, ROWS);
	tcase_add_loop_test(t, test_no_handler, 0, ROWS);
	tcase_add_test(t, test_untaken_descriptor_is_closed);
	tcase_add_test(t, test_unknown_type);
	tcase_add_test(t, test_bad_values);
	tcase_add_test(t, test_too_long);
	tcase_add_test(t, test_names);
	tcase_add_test(t, test_table_hash);
	tcase_add_test(t, test_replies);
	tcase_add_test(t, test_process_names);
	return unit_run("message", t, NULL);
}
