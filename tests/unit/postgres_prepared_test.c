/*
 * Prepared statements of sessions that share connections: their identity, their names, and the bounds of the cache.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "tests/unit/run.h"
#include "workers/postgres/statements/prepared.h"
#include "workers/postgres/statements/settings.h"

/* Check's fixtures take no argument. */
static struct pg_settings_table settings;
static struct pg_prepared prepared;
static struct names names;
static struct cache cache;

static void
set_up(void)
{
	ck_assert_int_eq(pg_settings_open(&settings), 0);
	prepared_open(&prepared, &settings, 0x1234);
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
	pg_settings_close(&settings);
}

/* The identity of what was parsed with these settings and described so. */
static struct pg_statement *
get_with(const char *text, struct pg_settings *with, const void *types, size_t types_size, const void *row,
    size_t row_size)
{
	struct description description = { .types = types, .types_size = types_size, .row = row, .row_size = row_size };
	uint8_t body[128] = { 0 };
	struct pg_statement *fresh, *statement;

	fresh = pg_statement_new(&prepared, body, (size_t)snprintf((char *)body, sizeof(body) - 2, "%s", text) + 3,
	    with == NULL ? NULL : pg_settings_reference(with));
	ck_assert_ptr_nonnull(statement = pg_statement_described(fresh, &description));
	pg_statement_release(fresh);
	return statement;
}

static struct pg_statement *
get(const char *text)
{
	return get_with(text, settings.empty, "\0", 2, NULL, 0);
}

/* Each part of the identity makes another statement by itself. */
START_TEST(test_identity)
{
	static const uint8_t types[] = "\0\1\0\0\0\x17", others[] = "\0\1\0\0\0\x19", row[] = "\0\0",
			     other_row[] = "\0\1";
	struct pg_settings *path =
	    pg_settings_with(&settings, settings.empty, "search_path", "set search_path = a", 19);
	struct pg_statement *all[] = { get_with("select $1", settings.empty, types, 6, row, 2),
		get_with("select  $1", settings.empty, types, 6, row, 2), get_with("select $1", path, types, 6, row, 2),
		get_with("select $1", settings.empty, others, 6, row, 2),
		get_with("select $1", settings.empty, types, 6, other_row, 2),
		get_with("select $1", settings.empty, types, 6, NULL, 0), get_with("select $1", NULL, types, 6, row, 2),
		get_with("select $1", NULL, types, 6, row, 2) };
	struct pg_statement *same = get_with("select $1", settings.empty, types, 6, row, 2);
	unsigned n = sizeof(all) / sizeof(all[0]);

	ck_assert_ptr_eq(all[0], same);
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = i + 1; j < n; j++)
			ck_assert_ptr_ne(all[i], all[j]);
	for (unsigned i = 0; i < n; i++)
		pg_statement_release(all[i]);
	pg_statement_release(same);
	pg_statement_release(NULL);
	pg_settings_release(&settings, path);
}
END_TEST

START_TEST(test_settings_that_count)
{
	struct pg_settings *name =
	    pg_settings_with(&settings, settings.empty, "application_name", "set application_name = a", 24);
	struct pg_settings *zone = pg_settings_with(&settings, name, "timezone", "set timezone = a", 16);
	struct pg_settings *path = pg_settings_with(&settings, name, "search_path", "set search_path = a", 19);
	struct pg_settings *meaning = pg_settings_meaning(&settings, name),
			   *other = pg_settings_meaning(&settings, zone);

	ck_assert_ptr_eq(meaning, settings.empty);
	ck_assert_ptr_ne(other, settings.empty);
	ck_assert(pg_settings_read_alike(&settings, name, settings.empty));
	ck_assert(pg_settings_read_alike(&settings, name, path));
	ck_assert(!pg_settings_read_alike(&settings, name, zone));
	pg_settings_release(&settings, meaning);
	pg_settings_release(&settings, other);
	pg_settings_release(&settings, zone);
	pg_settings_release(&settings, path);
	pg_settings_release(&settings, name);
}
END_TEST

START_TEST(test_words_are_kept)
{
	struct pg_statement *a = get("set x = 1");

	ck_assert_uint_eq(a->words.flags, WORDS_SETTING);
	pg_statement_release(a);
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

static void
ck_order(const char *wanted)
{
	const struct named *earlier = NULL;
	char got[32] = "";

	for (const struct named *named = names.first; named != NULL; earlier = named, named = named->later) {
		ck_assert_ptr_eq(named->earlier, earlier);
		(void)strlcat(got, named->name, sizeof(got));
	}
	ck_assert_ptr_eq(names.last, earlier);
	ck_assert_str_eq(got, wanted);
}

/* They are made again in the order in which the client made them, whatever was closed, and given back, between. */
START_TEST(test_names_have_an_order)
{
	struct named *named[6];

	ck_order("");
	for (int i = 0; i < 6; i++)
		named[i] = names_add(&names, (const char[]) { "fabcde"[i], 0 }, NULL);
	ck_order("fabcde");
	names_take(&names, named[0]);
	names_take(&names, named[2]);
	names_take(&names, named[5]);
	ck_order("acd");
	names_restore(&names, named[2]);
	names_restore(&names, named[5]);
	names_restore(&names, named[0]);
	ck_order("fabcde");
	names_take(&names, named[0]);
	named_free(named[0]);
	ck_assert_ptr_nonnull(names_add(&names, "f", NULL));
	ck_order("abcdef");
	names_clear(&names);
	ck_order("");
}
END_TEST

/* What a session that cannot have it parsed again still has a name for is not taken out for what it has closed. */
START_TEST(test_cache_keeps_what_a_session_names)
{
	struct pg_statement *named = get("s0");
	char text[16];

	(void)cache_add(&cache, named, 7);
	for (int i = 1; i <= PREPARED_CACHE_MAX; i++) {
		struct pg_statement *statement;

		(void)snprintf(text, sizeof(text), "s%d", i);
		statement = get(text);
		(void)cache_add(&cache, statement, 7);
		pg_statement_release(statement);
	}
	ck_assert_uint_ne(cache_evict(&cache, 7), 0);
	ck_assert_ptr_nonnull(cache_find(&cache, named));
	ck_assert_uint_eq(cache_evict(&cache, 7), 0);
	pg_statement_release(named);
}
END_TEST

START_TEST(test_cache_is_bounded)
{
	struct pg_statement *first = get("s0"), *second = get("s1");
	uint64_t id = 0;
	char text[16];

	for (int i = 0; i <= PREPARED_CACHE_MAX; i++) {
		struct pg_statement *statement;
		struct cached *cached;

		(void)snprintf(text, sizeof(text), "s%d", i);
		statement = get(text);
		ck_assert_ptr_null(cache_find(&cache, statement));
		ck_assert_ptr_nonnull(cached = cache_add(&cache, statement, 1));
		ck_assert_ptr_eq(cache_find(&cache, statement), cached);
		id = statement == second ? cached->id : id;
		pg_statement_release(statement);
	}
	cache_touch(&cache, cache_find(&cache, first));
	ck_assert_uint_eq(cache_evict(&cache, 0), id);
	ck_assert_uint_eq(cache_evict(&cache, 0), 0);
	ck_assert_ptr_null(cache_find(&cache, second));
	cache_remove(&cache, second);
	cache_remove(&cache, first);
	ck_assert_ptr_null(cache_find(&cache, first));
	pg_statement_release(first);
	pg_statement_release(second);
}
END_TEST

START_TEST(test_cache_becomes)
{
	struct pg_statement *a = get("a"), *b = get("b"), *c = get("c");
	uint64_t a_id = cache_add(&cache, a, 1)->id, b_id = cache_add(&cache, b, 2)->id;

	ck_assert_uint_ne(a_id, b_id);
	cache_become(&cache, cache_find(&cache, a), c);
	ck_assert_ptr_null(cache_find(&cache, a));
	ck_assert_uint_eq(cache_find(&cache, c)->id, a_id);
	/* Where that is there already the later one is used, and the other is the first to go. */
	cache_become(&cache, cache_find(&cache, c), b);
	ck_assert_uint_eq(cache_find(&cache, b)->id, a_id);
	ck_assert_uint_eq(cache_find(&cache, b)->session, 1);
	ck_assert_uint_eq(cache_find(&cache, c)->epoch, 0);
	ck_assert_uint_eq(TAILQ_FIRST(&cache.list)->id, b_id);
	cache_age(&cache, 1);
	ck_assert_uint_eq(cache_find(&cache, b)->session, 1);
	cache_age(&cache, 0);
	ck_assert_uint_eq(cache_find(&cache, b)->epoch, 0);
	pg_statement_release(a);
	pg_statement_release(b);
	pg_statement_release(c);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("prepared");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_identity);
	tcase_add_test(tc, test_settings_that_count);
	tcase_add_test(tc, test_words_are_kept);
	tcase_add_test(tc, test_names);
	tcase_add_test(tc, test_long_names_are_cut);
	tcase_add_test(tc, test_too_many_names);
	tcase_add_test(tc, test_take_by_address_and_restore);
	tcase_add_test(tc, test_names_have_an_order);
	tcase_add_test(tc, test_cache_is_bounded);
	tcase_add_test(tc, test_cache_keeps_what_a_session_names);
	tcase_add_test(tc, test_cache_becomes);
	return unit_run("postgres_prepared", tc, NULL);
}
