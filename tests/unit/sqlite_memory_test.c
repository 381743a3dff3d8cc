/* Accounts of memory: who is refused, and who is not. */

#include "tests/unit/run.h"
#include "workers/sqlite/memory/memory.h"

#define MB (1L << 20)

static struct memory_account account;
static unsigned asked;

static void
setup(void)
{
	account = (struct memory_account) { .limit = 64 * MB };
	asked = 0;
	memory_set_limit(0);
	memory_use(&account);
	memory_guard(true);
}

static void
teardown(void)
{
	memory_use(NULL);
	memory_guard(false);
	memory_set_limit(0);
	memory_count(-memory_in_use());
}

START_TEST(test_own_limit)
{
	ck_assert(memory_ask(60 * MB));
	memory_count(60 * MB);
	ck_assert(!memory_ask(5 * MB));
	ck_assert(account.refused && !account.all_used);
	memory_count(-30 * MB);
	memory_forget_refusal(&account);
	ck_assert(memory_ask(5 * MB));
	ck_assert(!account.refused);
}
END_TEST

START_TEST(test_all_used)
{
	struct memory_account small = { .limit = 64 * MB };

	memory_set_limit(100 * MB);
	memory_count(40 * MB);
	memory_use(NULL);
	memory_count(70 * MB);
	/* Who takes little goes on, who has much does not, and what is nobody's is never refused. */
	ck_assert(memory_ask(500 * MB));
	memory_use(&small);
	ck_assert(memory_ask(MB));
	ck_assert(!memory_ask(MEMORY_SMALL_BYTES + 1));
	memory_use(&account);
	ck_assert(!memory_ask(1));
	ck_assert(account.all_used);
}
END_TEST

START_TEST(test_guard)
{
	account.limit = MB;
	ck_assert(memory_guard(false));
	ck_assert(memory_ask(2 * MB));
	ck_assert(memory_would_refuse(2 * MB));
	ck_assert(!memory_guard(true));
	ck_assert(!memory_ask(2 * MB));
	memory_settle(&account);
	ck_assert_int_eq(account.used, 0);
}
END_TEST

static bool
stop_at_third(void *arg)
{
	(void)arg;
	/* What it allocates itself is neither asked about nor refused. */
	ck_assert(memory_ask(1000 * MB));
	memory_count(MB);
	return ++asked == 3;
}

START_TEST(test_must_stop)
{
	account.must_stop = stop_at_third;
	for (unsigned i = 0; i < 3; i++) {
		ck_assert(!account.stopped);
		memory_count(MB);
		ck_assert_int_eq(memory_ask(1), asked < 3);
	}
	ck_assert(account.stopped && !account.refused);
	ck_assert(!memory_ask(1));
	memory_forget_refusal(&account);
	ck_assert(memory_ask(1));
}
END_TEST

START_TEST(test_files)
{
	account.file_limit = MB;
	ck_assert(memory_ask_file(MB));
	memory_count_file(MB);
	ck_assert(!memory_ask_file(1));
	ck_assert(account.file_refused);
	memory_count_file(-MB);
	ck_assert(memory_ask_file(1));
	memory_use(NULL);
	ck_assert(memory_ask_file(100 * MB));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("accounts");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_own_limit);
	tcase_add_test(t, test_all_used);
	tcase_add_test(t, test_guard);
	tcase_add_test(t, test_must_stop);
	tcase_add_test(t, test_files);
	return unit_run("memory", t, NULL);
}
