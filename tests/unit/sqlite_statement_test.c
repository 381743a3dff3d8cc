/*
 * The cache of statements: what is kept is what the texts mean, and never more than there is room for, in any order of
 * texts, definitions, roles, transactions and portals that are left open.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "tests/unit/run.h"
#include "tests/unit/sqlite_server_scene.h"
#include "workers/sqlite/connection/connection.h"
#include "workers/sqlite/memory/memory.h"

#define TABLES 40U
#define CLIENTS 3U
#define STATEMENTS 6000U
/* Of the process: its caches may hold STATEMENT_CACHE_LEAST each. */
#define SMALL_LIMIT (4L << 20)

/* Of each table: which definition it has, by which its column is bigint or numeric(12,2). */
static unsigned made[TABLES];
static struct client clients[CLIENTS];
static bool in_block[CLIENTS]; /* in a transaction */
static unsigned nmade;

static unsigned
below(unsigned n)
{
	return (unsigned)random() % n;
}

static void
expect(struct client *client, const char *sql, const char *answer)
{
	const char *got = scene_query(client, sql);

	ck_assert_msg(strcmp(got, answer) == 0, "%s: %s instead of %s", sql, got, answer);
}

static void
define(struct client *client, unsigned table)
{
	char text[256];

	made[table] = ++nmade;
	(void)snprintf(text, sizeof(text), "drop table if exists t%u; create table t%u (a int, v %s)", table, table,
	    nmade % 2 == 0 ? "bigint" : "numeric(12, 2)");
	(void)scene_query(client, text);
	(void)snprintf(text, sizeof(text), "insert into t%u select g, %u + g from generate_series(1, 9) g", table,
	    made[table] * 10);
	expect(client, text, "C:INSERT 0 9 Z:I");
}

/* One of some thousand texts: tables, columns that differ in name alone, and literals that stay in the plan. */
static void
ask(struct client *client, char state)
{
	unsigned table = below(TABLES), row = below(9) + 1;
	char text[256], answer[128];

	(void)snprintf(text, sizeof(text), "select v as n%u from t%u where a = %u", below(50), table, row);
	(void)snprintf(answer, sizeof(answer), "T D(%u%s) C:SELECT 1 Z:%c", made[table] * 10 + row,
	    made[table] % 2 == 0 ? "" : ".00", state);
	expect(client, text, answer);
}

/* Texts whose key is the same. */
static void
ask_alike(struct client *client, char state)
{
	unsigned n = below(2000);
	char text[128], answer[128];

	(void)snprintf(text, sizeof(text), "select 'x' as a, %u as b order by %u", n, below(2) + 1);
	(void)snprintf(answer, sizeof(answer), "T D(x,%u) C:SELECT 1 Z:%c", n, state);
	expect(client, text, answer);
	(void)snprintf(text, sizeof(text), "select date '2024-01-01' + interval '%u days'", n);
	ck_assert_ptr_nonnull(strstr(scene_query(client, text), "C:SELECT 1"));
}

/* A portal that is read to its middle keeps its statement busy. */
static void
leave_portal(struct client *client)
{
	static unsigned portals;
	char text[128], portal[16];

	(void)snprintf(text, sizeof(text), "select v from t%u where a > 2", below(TABLES));
	(void)snprintf(portal, sizeof(portal), "p%u", portals++);
	scene_parse(client, "", text);
	scene_bind(client, portal, "", NULL);
	scene_execute(client, portal, 2);
	ck_assert_ptr_nonnull(strstr(scene_sync(client), "s Z:T"));
}

static int64_t
cache_check(const struct statement_cache *cache)
{
	const struct statement *s;
	int64_t bytes = 0;
	unsigned count = 0, found = 0;

	TAILQ_FOREACH(s, &cache->age, age)
	{
		ck_assert(s->cached);
		ck_assert_int_gt(s->bytes, 0);
		bytes += s->bytes;
		count++;
	}
	for (unsigned i = 0; i < STATEMENT_BUCKETS; i++) {
		LIST_FOREACH(s, &cache->buckets[i], bucket)
		{
			ck_assert_uint_eq(s->hash % STATEMENT_BUCKETS, i);
			found++;
		}
	}
	ck_assert_uint_eq(count, cache->count);
	ck_assert_uint_eq(found, cache->count);
	ck_assert_int_eq(bytes, cache->bytes);
	ck_assert_int_le(bytes, STATEMENT_CACHE_LEAST);
	return bytes;
}

static unsigned
check_caches(void)
{
	const struct statement_budget *budget = &scene.sqlite->store.file.statements;
	const struct connection *connection;
	int64_t bytes = 0;
	unsigned n = 0;

	LIST_FOREACH(connection, &scene.sqlite->pool.connections, entry)
	{
		bytes += cache_check(&connection->cache);
		n++;
	}
	ck_assert_int_eq(bytes, atomic_load(&budget->bytes));
	ck_assert_uint_le(n, atomic_load(&budget->caches));
	return n;
}

static void
end(unsigned who)
{
	if (in_block[who]) {
		bool commit = below(2) == 0;

		expect(&clients[who], commit ? "commit" : "rollback", commit ? "C:COMMIT Z:I" : "C:ROLLBACK Z:I");
	}
	in_block[who] = false;
}

/* While nobody is in a transaction, which would see what was before. */
static void
define_some(void)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		end(i);
	define(&clients[0], below(TABLES));
}

static void
step(void)
{
	unsigned who = below(CLIENTS);
	struct client *client = &clients[who];
	char state = in_block[who] ? 'T' : 'I';

	switch (below(40)) {
	case 0:
		if (below(4) == 0)
			define_some();
		break;
	case 1:
		if (in_block[who]) {
			end(who);
		} else {
			expect(client, "begin", "C:BEGIN Z:T");
			in_block[who] = true;
		}
		break;
	case 2:
		if (in_block[who])
			leave_portal(client);
		break;
	case 3:
	case 4:
		ask_alike(client, state);
		break;
	default:
		ask(client, state);
	}
}

START_TEST(any_order_of_texts_is_answered_and_bounded)
{
	unsigned most = 0;

	memory_set_limit(SMALL_LIMIT);
	for (unsigned i = 0; i < CLIENTS; i++)
		clients[i] = scene_connect(i == CLIENTS - 1 ? "query" : "admin");
	srandom(_i);
	for (unsigned i = 0; i < TABLES; i++)
		define(&clients[0], i);
	for (unsigned i = 0; i < STATEMENTS; i++) {
		unsigned n;

		step();
		if (i % 16 == 0 && (n = check_caches()) > most)
			most = n;
	}
	ck_assert_uint_gt(most, 1);
	for (unsigned i = 0; i < CLIENTS; i++)
		end(i);
}
END_TEST

/* As many texts as there are tables: each is translated once. */
START_TEST(a_thousand_texts_are_kept)
{
	struct client client = scene_connect("query");
	const struct statement_cache *cache;
	char text[128];
	unsigned count = 0;

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 1000; i++) {
			(void)snprintf(text, sizeof(text), "select %u as n%u", i + round, i);
			ck_assert_ptr_nonnull(strstr(scene_query(&client, text), "C:SELECT 1"));
		}
		cache = &LIST_FIRST(&scene.sqlite->pool.connections)->cache;
		ck_assert_uint_ge(cache->count, 1000);
		if (round > 0)
			ck_assert_uint_eq(cache->count, count);
		count = cache->count;
	}
}
END_TEST

/* Where nobody asks any more most is given back, after the time in which it may be asked again. */
START_TEST(a_connection_at_rest_keeps_few)
{
	struct client client = scene_connect("query");
	struct connection *connection;
	char text[128];

	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof(text), "select 1 as n%u", i);
		(void)scene_query(&client, text);
	}
	connection = LIST_FIRST(&scene.sqlite->pool.connections);
	ck_assert_int_gt(connection->cache.bytes, STATEMENT_CACHE_LEAST);
	for (unsigned i = 1; i <= 3; i++)
		pool_rest_connections(&scene.sqlite->pool, clock_now_ms() + (int64_t)i * 2 * POOL_REST_MS);
	(void)cache_check(&connection->cache);
	ck_assert_uint_gt(connection->cache.count, 10);
	ck_assert_ptr_nonnull(strstr(scene_query(&client, "select 1 as n999"), "C:SELECT 1"));
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("statements");

	tcase_add_checked_fixture(tests, scene_setup_serving, scene_teardown);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, any_order_of_texts_is_answered_and_bounded, 0, 3);
	tcase_add_test(tests, a_thousand_texts_are_kept);
	tcase_add_test(tests, a_connection_at_rest_keeps_few);
	return unit_run("sqlite statements", tests, NULL);
}
