/* The list of the statements that a server connection has, and which one is removed when there are too many. */
#include <stdlib.h>

#include "workers/postgres/statements/prepared.h"

void
cache_open(struct cache *cache)
{
	*cache = (struct cache) { 0 };
	TAILQ_INIT(&cache->list);
}

struct cached *
cache_find(const struct cache *cache, const struct pg_statement *statement)
{
	struct cached *cached;

	LIST_FOREACH(cached, &cache->buckets[statement->hash % PREPARED_CACHE_BUCKETS], bucket)
	if (cached->statement == statement)
		return cached;
	return NULL;
}

void
cache_touch(struct cache *cache, struct cached *cached)
{
	TAILQ_REMOVE(&cache->list, cached, entry);
	TAILQ_INSERT_TAIL(&cache->list, cached, entry);
}

struct cached *
cache_add(struct cache *cache, struct pg_statement *statement, uint64_t session)
{
	struct cached *cached = malloc(sizeof(*cached));

	if (cached == NULL)
		return NULL;
	*cached = (struct cached) { .statement = pg_statement_reference(statement),
		.id = ++statement->prepared->next_id,
		.session = session,
		.epoch = statement->prepared->epoch };
	LIST_INSERT_HEAD(&cache->buckets[statement->hash % PREPARED_CACHE_BUCKETS], cached, bucket);
	TAILQ_INSERT_TAIL(&cache->list, cached, entry);
	cache->n++;
	return cached;
}

void
cache_become(struct cache *cache, struct cached *cached, struct pg_statement *statement)
{
	struct cached *other = cache_find(cache, statement);

	if (other == cached)
		return;
	if (other != NULL) {
		uint64_t id = other->id;

		other->id = cached->id;
		other->session = cached->session;
		other->epoch = cached->epoch;
		other->use = cached->use;
		cache_touch(cache, other);
		cached->id = id;
		cached->session = cached->epoch = cached->use = 0;
		TAILQ_REMOVE(&cache->list, cached, entry);
		TAILQ_INSERT_HEAD(&cache->list, cached, entry);
		return;
	}
	LIST_REMOVE(cached, bucket);
	pg_statement_release(cached->statement);
	cached->statement = pg_statement_reference(statement);
	LIST_INSERT_HEAD(&cache->buckets[statement->hash % PREPARED_CACHE_BUCKETS], cached, bucket);
}

void
cache_age(struct cache *cache, uint64_t session)
{
	struct cached *cached;

	TAILQ_FOREACH(cached, &cache->list, entry)
	{
		if (session == 0 || cached->session != session)
			cached->session = cached->epoch = 0;
		if (session == 0)
			cached->use = 0;
	}
}

static struct pg_statement *
cache_take(struct cache *cache, struct cached *cached)
{
	struct pg_statement *statement = cached->statement;

	LIST_REMOVE(cached, bucket);
	TAILQ_REMOVE(&cache->list, cached, entry);
	cache->n--;
	free(cached);
	return statement;
}

void
cache_remove(struct cache *cache, const struct pg_statement *statement)
{
	struct cached *cached = cache_find(cache, statement);

	if (cached != NULL)
		pg_statement_release(cache_take(cache, cached));
}

uint64_t
cache_evict(struct cache *cache, uint64_t session)
{
	struct cached *oldest = TAILQ_FIRST(&cache->list);
	uint64_t id;

	while (oldest != NULL && session != 0 && oldest->session == session && oldest->statement->references > 1)
		oldest = TAILQ_NEXT(oldest, entry);
	if (cache->n <= PREPARED_CACHE_MAX || oldest == NULL)
		return 0;
	id = oldest->id;
	pg_statement_release(cache_take(cache, oldest));
	return id;
}

void
cache_clear(struct cache *cache)
{
	struct cached *cached, *next;

	for (cached = TAILQ_FIRST(&cache->list); cached != NULL; cached = next) {
		next = TAILQ_NEXT(cached, entry);
		pg_statement_release(cache_take(cache, cached));
	}
}
