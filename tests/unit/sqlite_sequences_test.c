/* Where sequences stand: what was told is never told again, whatever is lost, and is counted as PostgreSQL counts. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "workers/sqlite/sequences/sequences.h"

static const struct sequence_rule up = { .increment = 1, .min = 1, .max = INT64_MAX, .cache = 1 };
static const struct sequence_position from_one = { .value = 1 };

static char directory[] = "/tmp/bibd-unit.XXXXXX";
static char path[64], copy[64];

static void
setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/db-sequences", directory);
	(void)snprintf(copy, sizeof(copy), "%s/copy", directory);
}

static void
teardown(void)
{
	(void)unlink(path);
	(void)unlink(copy);
	(void)rmdir(directory);
}

static struct sequences *
begin(const char *file, uint64_t identity, const char *note)
{
	struct error e;
	struct sequences *s = sequences_open(file, &e);

	ck_assert_msg(s != NULL, "%s", e.text);
	sequences_name(s, identity, &from_one, note, true);
	ck_assert_int_eq(sequences_begin(s, &e), 0);
	return s;
}

static int64_t
draw(struct sequences *s, uint64_t identity, const struct sequence_rule *rule)
{
	int64_t first = 0, last = 0;

	ck_assert_int_eq(sequences_draw(s, identity, &from_one, rule, &first, &last), SEQUENCE_DRAWN);
	return first;
}

/* The file as a crash would leave it. */
static void
copy_file(size_t cut)
{
	char bytes[4096];
	int from = open(path, O_RDONLY), to = open(copy, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ssize_t n = read(from, bytes, sizeof(bytes));

	ck_assert_int_gt(n, 0);
	for (size_t i = 0; i < cut; i++)
		bytes[(size_t)n - 1 - i] ^= 0x55;
	ck_assert_int_eq(write(to, bytes, (size_t)n), n);
	close(from);
	close(to);
}

START_TEST(test_crash)
{
	struct sequences *s = begin(path, 7, ""), *after;

	for (int64_t i = 1; i <= 100; i++) {
		ck_assert_int_eq(draw(s, 7, &up), i);
		copy_file(0);
		after = begin(copy, 7, "");
		ck_assert_int_gt(draw(after, 7, &up), i);
		ck_assert_int_le(sequences_look(after, 7, &from_one).value, i + 33);
		sequences_close(after);
	}
	sequences_close(s);
}
END_TEST

/* A write that was cut short: what it was to allow was not told. */
START_TEST(test_torn)
{
	struct sequences *s = begin(path, 7, ""), *after;
	int64_t told = 0;

	while (told < 66)
		told = draw(s, 7, &up);
	copy_file(9); /* the half that was written last is the second */
	after = begin(copy, 7, "");
	ck_assert_int_ge(draw(after, 7, &up), 34);
	sequences_close(after);
	sequences_close(s);
}
END_TEST

START_TEST(test_orderly)
{
	struct sequences *s = begin(path, 7, "");

	ck_assert_int_eq(draw(s, 7, &up), 1);
	ck_assert_int_eq(draw(s, 7, &up), 2);
	ck_assert_int_eq(sequences_settle(s), 0);
	sequences_close(s);
	s = begin(path, 7, "0 2 1");
	ck_assert_int_eq(draw(s, 7, &up), 3);
	sequences_close(s);
	s = begin(path, 8, "");
	ck_assert(!sequences_has(s, 7));
	ck_assert_int_eq(draw(s, 8, &up), 1);
	sequences_close(s);
}
END_TEST

/* The database was copied without the file, or with an older one: its note holds where it is the further or newer. */
START_TEST(test_notes)
{
	struct sequences *s = begin(path, 7, "0 50 1");
	char note[SEQUENCE_NOTE_SIZE];

	ck_assert_int_eq(draw(s, 7, &up), 51);
	ck_assert(sequences_due_note(s, 7, note));
	ck_assert_str_eq(note, "0 83 1");
	ck_assert(!sequences_due_note(s, 7, note));
	sequences_forget_notes(s);
	ck_assert(sequences_due_note(s, 7, note));
	ck_assert_int_eq(sequences_set(s, 7, 5, true), 0);
	sequences_close(s);
	s = begin(path, 7, note);
	ck_assert_int_eq(draw(s, 7, &up), 6);
	sequences_close(s);
	s = begin(path, 7, "2 3 0");
	ck_assert_int_eq(draw(s, 7, &up), 3);
	sequences_close(s);
}
END_TEST

START_TEST(test_limits)
{
	static const struct {
		struct sequence_rule rule;
		int64_t start;
		const char *values;
	} rows[] = {
		{ { 1, 1, 3, 1, false }, 1, "1 2 3 limit limit" },
		{ { 1, 1, 3, 1, true }, 2, "2 3 1 2 3" },
		{ { -2, -4, -1, 1, false }, -1, "-1 -3 limit limit limit" },
		{ { -2, -4, -1, 1, true }, -1, "-1 -3 -1 -3 -1" },
		{ { 5, INT64_MIN, INT64_MAX, 1, false }, INT64_MAX - 6,
		    "9223372036854775801 9223372036854775806 limit limit limit" },
		{ { INT64_MIN, INT64_MIN, INT64_MAX, 1, false }, 5, "5 -9223372036854775803 limit limit limit" },
		{ { INT64_MAX, INT64_MIN, INT64_MAX, 1, true }, 2,
		    "2 -9223372036854775808 -1 9223372036854775806 "
		    "-9223372036854775808" },
		{ { 1, 1, 100, INT64_MAX, false }, 1, "1..100 limit limit limit limit" },
		{ { 1, 1, 100, 10, false }, 1, "1..10 11..20 21..30 31..40 41..50" },
		{ { 1, 1, 5, 3, true }, 1, "1..3 4..5 1..3 4..5 1..3" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sequences *s = sequences_open(NULL, NULL);
		const struct sequence_position start = { .value = rows[i].start };
		char text[256] = "";
		size_t n = 0;

		for (int k = 0; k < 5; k++) {
			int64_t first = 0, last = 0;
			const char *blank = k == 0 ? "" : " ";

			if (sequences_draw(s, i, &start, &rows[i].rule, &first, &last) == SEQUENCE_AT_LIMIT)
				n += (size_t)snprintf(text + n, sizeof(text) - n, "%slimit", blank);
			else if (first == last)
				n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%" PRId64, blank, first);
			else
				n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%" PRId64 "..%" PRId64, blank,
				    first, last);
		}
		ck_assert_str_eq(text, rows[i].values);
		sequences_close(s);
	}
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("sequences");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_crash);
	tcase_add_test(tcase, test_torn);
	tcase_add_test(tcase, test_orderly);
	tcase_add_test(tcase, test_notes);
	tcase_add_test(tcase, test_limits);
	return unit_run("sqlite sequences", tcase, NULL);
}
