#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/prepared.h"

/* Check's fixtures take no argument. */
static struct prepared prepared;
static struct names names;
static struct cache cache;

static void
set_up(void)
{
	prepared_open(&prepared, 0x1234);
	names = (struct names) { 0 };
	cache_open(&cache);
}

static void
tear_down(void)
{
	names_clear(&names);
	cache_clear(&cache);
	for (unsigned i = 0; i < PREPARED_BUCKETS; i++)
		ck_assert(LIST_EMPTY(&prepared.buckets[i]));
}

static struct statement *
get(const char *text)
{
	uint8_t body[128] = { 0 };

	return statement_get(&prepared, body, (size_t)snprintf((char *)body, sizeof(body) - 2, "%s", text) + 3);
}

START_TEST(test_same_text_is_one_statement)
{
	struct statement *a = get("select 1"), *b = get("select 1"), *c = get("select 2");
	uint8_t typed[] = "select 1\0\0\1\0\0\0\x17";
	struct statement *d = statement_get(&prepared, typed, sizeof(typed));
	char name[PREPARED_SERVER_NAME_SIZE], other[PREPARED_SERVER_NAME_SIZE];

	ck_assert_ptr_eq(a, b);
	ck_assert_ptr_ne(a, c);
	ck_assert_ptr_ne(a, d);
	ck_assert_str_ne(statement_server_name(&prepared, a, name, sizeof(name)),
	    statement_server_name(&prepared, c, other, sizeof(other)));
	ck_assert_str_eq(name, "bibd_0000000000001234_1");
	statement_release(a);
	statement_release(b);
	statement_release(c);
	statement_release(d);
	statement_release(NULL);
}
END_TEST

START_TEST(test_words_are_kept)
{
	struct statement *a = get("set x = 1");

	ck_assert_uint_eq(a->words.flags, WORDS_SETTING);
	statement_release(a);
}
END_TEST

START_TEST(test_names)
{
	char name[16];

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "s%d", i);
		ck_assert_ptr_null(names_find(&names, name));
		ck_assert_ptr_nonnull(names_add(&names, name, get(name)));
	}
	for (int i = 0; i < 1000; i += 2) {
		struct named *named;

		(void)snprintf(name, sizeof(name), "s%d", i);
		ck_assert_ptr_nonnull(named = names_find(&names, name));
		ck_assert_str_eq((const char *)named->statement->body, name);
		names_take(&names, named);
		named_free(named);
		ck_assert_ptr_null(names_find(&names, name));
	}
	ck_assert_uint_eq(names.n, 500);
}
END_TEST

START_TEST(test_long_names_are_cut)
{
	char a[100], b[100];

	memset(a, 'x', sizeof(a) - 1);
	a[99] = '\0';
	memcpy(b, a, sizeof(a));
	b[80] = 'y';
	ck_assert_ptr_nonnull(names_add(&names, a, NULL));
	ck_assert_ptr_nonnull(names_find(&names, b));
	b[10] = 'y';
	ck_assert_ptr_null(names_find(&names, b));
}
END_TEST

START_TEST(test_too_many_names)
{
	char name[16];

	for (int i = 0; i < PREPARED_NAMES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "s%d", i);
		ck_assert_ptr_nonnull(names_add(&names, name, NULL));
	}
	ck_assert_ptr_null(names_add(&names, "one more", NULL));
}
END_TEST

START_TEST(test_take_by_address_and_restore)
{
	struct named *a = names_add(&names, "a", get("select 1")), *b;
	uint32_t hash = a->hash;

	ck_assert_ptr_eq(names_take_address(&names, a, hash), a);
	ck_assert_ptr_null(names_take_address(&names, a, hash));
	names_restore(&names, a);
	ck_assert_ptr_eq(names_find(&names, "a"), a);
	/* The name was given again meanwhile. */
	names_take(&names, a);
	b = names_add(&names, "a", get("select 2"));
	names_restore(&names, a);
	ck_assert_ptr_eq(names_find(&names, "a"), b);
	ck_assert_uint_eq(names.n, 1);
}
END_TEST

START_TEST(test_cache_is_bounded)
{
	struct statement *evicted, *first = get("s0"), *second = get("s1");
	char text[16];

	for (int i = 0; i <= PREPARED_CACHE_MAX; i++) {
		struct statement *statement;

		(void)snprintf(text, sizeof(text), "s%d", i);
		statement = get(text);
		ck_assert_ptr_null(cache_use(&cache, statement, 1));
		ck_assert_int_eq(cache_add(&cache, statement, 1), 0);
		ck_assert_ptr_nonnull(cache_use(&cache, statement, 2));
		statement_release(statement);
	}
	ck_assert_ptr_nonnull(cache_use(&cache, first, 3));
	evicted = cache_evict(&cache);
	ck_assert_ptr_eq(evicted, second);
	ck_assert_ptr_null(cache_evict(&cache));
	ck_assert_ptr_null(cache_use(&cache, second, 1));
	cache_remove(&cache, second);
	cache_remove(&cache, first);
	ck_assert_ptr_null(cache_use(&cache, first, 1));
	statement_release(evicted);
	statement_release(first);
	statement_release(second);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("postgres_prepared");
	TCase *tc = tcase_create("prepared");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_same_text_is_one_statement);
	tcase_add_test(tc, test_words_are_kept);
	tcase_add_test(tc, test_names);
	tcase_add_test(tc, test_long_names_are_cut);
	tcase_add_test(tc, test_too_many_names);
	tcase_add_test(tc, test_take_by_address_and_restore);
	tcase_add_test(tc, test_cache_is_bounded);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
