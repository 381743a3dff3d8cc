/* The error idiom and the clock. */
#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "tests/unit/run.h"

START_TEST(test_set)
{
	struct error e;

	ck_assert_int_eq(error_set(&e, STATUS_CONFIG, "conf.value", "%s is %d", "it", 7), -1);
	ck_assert_str_eq(e.code, "conf.value");
	ck_assert_int_eq(e.status, STATUS_CONFIG);
	ck_assert_int_eq(e.errnum, 0);
	ck_assert_str_eq(e.text, "it is 7");
}
END_TEST

START_TEST(test_set_errno)
{
	struct error e;

	errno = ENOENT;
	ck_assert_int_eq(error_set_errno(&e, STATUS_OS, "a.b", "cannot open %s", "/x"), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(e.errnum, ENOENT);
	ck_assert_str_eq(e.text, "cannot open /x: No such file or directory");
}
END_TEST

START_TEST(test_null_is_allowed)
{
	errno = EPERM;
	ck_assert_int_eq(error_set(NULL, STATUS_OS, "a", "x"), -1);
	ck_assert_int_eq(error_set_errno(NULL, STATUS_OS, "a", "x"), -1);
	ck_assert_int_eq(error_prefix(NULL, "x"), -1);
	ck_assert_int_eq(errno, EPERM);
}
END_TEST

START_TEST(test_prefix)
{
	struct error e;

	errno = EIO;
	(void)error_set_errno(&e, STATUS_IO, "store.read", "cannot read");
	ck_assert_int_eq(error_prefix(&e, "opening %s: ", "the store"), -1);
	ck_assert_str_eq(e.text, "opening the store: cannot read: Input/output error");
	ck_assert_str_eq(e.code, "store.read");
	ck_assert_int_eq(e.status, STATUS_IO);
	ck_assert_int_eq(e.errnum, EIO);
}
END_TEST

/* What is too long is cut and ends with a NUL, whichever part it is that is too long. */
START_TEST(test_too_long_is_cut)
{
	char text[2 * ERROR_TEXT_MAX];
	struct error e;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	(void)error_set(&e, STATUS_OS, "a", "%s", text);
	ck_assert_uint_eq(strlen(e.text), ERROR_TEXT_MAX - 1);
	errno = ENOENT;
	(void)error_set_errno(&e, STATUS_OS, "a", "%s", text);
	ck_assert_uint_eq(strlen(e.text), ERROR_TEXT_MAX - 1);
	(void)error_prefix(&e, "before: ");
	ck_assert_uint_eq(strlen(e.text), ERROR_TEXT_MAX - 1);
	ck_assert_int_eq(strncmp(e.text, "before: xxx", 11), 0);
	(void)error_prefix(&e, "%s", text);
	ck_assert_uint_eq(strlen(e.text), ERROR_TEXT_MAX - 1);
}
END_TEST

/* ---- the clock ---- */

static const struct {
	int64_t us;
	const char *text;
} times[] = {
	{ 0, "1970-01-01T00:00:00.000Z" },
	{ 999, "1970-01-01T00:00:00.000Z" },
	{ 1000, "1970-01-01T00:00:00.001Z" },
	{ -1, "1969-12-31T23:59:59.999Z" },
	{ -1000, "1969-12-31T23:59:59.999Z" },
	{ -1001, "1969-12-31T23:59:59.998Z" },
	{ -1000000, "1969-12-31T23:59:59.000Z" },
	{ 951782400000000, "2000-02-29T00:00:00.000Z" },
	{ 1795434060123999, "2026-11-23T11:41:00.123Z" },
	{ 253402300799999999, "9999-12-31T23:59:59.999Z" },
};

START_TEST(test_clock_text)
{
	char text[CLOCK_TEXT_SIZE];

	ck_assert_ptr_eq(clock_text(times[_i].us, text, sizeof(text)), text);
	ck_assert_str_eq(text, times[_i].text);
}
END_TEST

START_TEST(test_clock_text_of_any_time_fits)
{
	char text[CLOCK_TEXT_SIZE];

	ck_assert_uint_lt(strlen(clock_text(INT64_MAX, text, sizeof(text))), sizeof(text));
	ck_assert_uint_lt(strlen(clock_text(INT64_MIN, text, sizeof(text))), sizeof(text));
	ck_assert_str_eq(clock_text(0, text, 4), "");
}
END_TEST

static int64_t
fake_clock(void)
{
	return 4711;
}

START_TEST(test_fake_clock)
{
	int64_t before = clock_now_ms();

	clock_set_fake(fake_clock);
	ck_assert_int_eq(clock_now_ms(), 4711);
	clock_set_fake(NULL);
	ck_assert_int_ge(clock_now_ms(), before);
	ck_assert_int_lt(clock_now_ms() - before, 60000);
}
END_TEST

START_TEST(test_realtime_is_of_this_century)
{
	ck_assert_int_gt(clock_realtime_us(), 1600000000000000);
	ck_assert_int_lt(clock_realtime_us(), 4102444800000000);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_set);
	tcase_add_test(t, test_set_errno);
	tcase_add_test(t, test_null_is_allowed);
	tcase_add_test(t, test_prefix);
	tcase_add_test(t, test_too_long_is_cut);
	tcase_add_loop_test(t, test_clock_text, 0, (int)(sizeof(times) / sizeof(times[0])));
	tcase_add_test(t, test_clock_text_of_any_time_fits);
	tcase_add_test(t, test_fake_clock);
	tcase_add_test(t, test_realtime_is_of_this_century);
	return unit_run("error and clock", t, NULL);
}
