#include "workers/postgres/prepared.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#define NAMES_FIRST_SIZE 8

/* FNV-1a, eight bytes at a time where there are: texts may be long. */
static uint32_t
hash_bytes(const uint8_t *p, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325u, word;

	for (; size >= sizeof(word); p += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = (hash ^ word) * 0x100000001b3u;
		hash ^= hash >> 29;
	}
	for (; size > 0; p++, size--)
		hash = (hash ^ *p) * 0x100000001b3u;
	return (uint32_t)(hash ^ (hash >> 32));
}

void
prepared_open(struct prepared *prepared, uint64_t token)
{
	*prepared = (struct prepared) { .token = token };
}

struct statement *
statement_get(struct prepared *prepared, const uint8_t *body, size_t size)
{
	uint32_t hash = hash_bytes(body, size);
	struct statement *statement;

	LIST_FOREACH(statement, &prepared->buckets[hash % PREPARED_BUCKETS], bucket)
		if (statement->hash == hash && statement->size == size && memcmp(statement->body, body, size) == 0)
			return statement_reference(statement);
	if ((statement = malloc(sizeof(*statement) + size)) == NULL)
		return NULL;
	*statement = (struct statement) { .references = 1, .hash = hash, .id = ++prepared->next_id, .size = size };
	memcpy(statement->body, body, size);
	statement->generation = prepared->generation;
	words_read(body, size, &prepared->names, &statement->words);
	LIST_INSERT_HEAD(&prepared->buckets[hash % PREPARED_BUCKETS], statement, bucket);
	return statement;
}

struct statement *
statement_reference(struct statement *statement)
{
	statement->references++;
	return statement;
}

void
statement_release(struct statement *statement)
{
	if (statement == NULL || --statement->references > 0)
		return;
	LIST_REMOVE(statement, bucket);
	free(statement);
}

const struct words *
statement_words(const struct prepared *prepared, struct statement *statement)
{
	if (statement->generation != prepared->generation) {
		statement->generation = prepared->generation;
		words_read(statement->body, statement->size, &prepared->names, &statement->words);
	}
	return &statement->words;
}

char *
statement_server_name(const struct prepared *prepared, const struct statement *statement, char *name, size_t size)
{
	(void)snprintf(name, size, "bibd_%016llx_%llx", (unsigned long long)prepared->token,
	    (unsigned long long)statement->id);
	return name;
}

/* ---- the names of a session ---- */

static uint32_t
hash_name(const char *name)
{
	return hash_bytes((const uint8_t *)name, strnlen(name, WORDS_NAME_SIZE - 1));
}

struct named *
names_find(const struct names *names, const char *name)
{
	uint32_t hash = hash_name(name);

	if (names->n == 0)
		return NULL;
	for (struct named *named = names->buckets[hash % names->nbuckets]; named != NULL; named = named->next)
		if (named->hash == hash && strncmp(named->name, name, WORDS_NAME_SIZE - 1) == 0)
			return named;
	return NULL;
}

static int
names_grow(struct names *names)
{
	unsigned nbuckets = names->nbuckets == 0 ? NAMES_FIRST_SIZE : 2 * names->nbuckets;
	struct named **buckets, *named;

	if (names->n < names->nbuckets)
		return 0;
	if ((buckets = calloc(nbuckets, sizeof(struct named *))) == NULL)
		return -1;
	for (unsigned i = 0; i < names->nbuckets; i++)
		while ((named = names->buckets[i]) != NULL) {
			names->buckets[i] = named->next;
			named->next = buckets[named->hash % nbuckets];
			buckets[named->hash % nbuckets] = named;
		}
	free(names->buckets);
	names->buckets = buckets;
	names->nbuckets = nbuckets;
	return 0;
}

static void
names_insert(struct names *names, struct named *named)
{
	named->next = names->buckets[named->hash % names->nbuckets];
	names->buckets[named->hash % names->nbuckets] = named;
	names->n++;
}

struct named *
names_add(struct names *names, const char *name, struct statement *statement)
{
	struct named *named;

	if (names->n >= PREPARED_NAMES_MAX || names_grow(names) == -1 || (named = malloc(sizeof(*named))) == NULL)
		return NULL;
	*named = (struct named) { .hash = hash_name(name), .statement = statement };
	(void)strlcpy(named->name, name, sizeof(named->name));
	names_insert(names, named);
	return named;
}

struct named *
names_take_address(struct names *names, const struct named *named, uint32_t hash)
{
	if (names->n == 0)
		return NULL;
	for (struct named **p = &names->buckets[hash % names->nbuckets]; *p != NULL; p = &(*p)->next)
		if (*p == named) {
			struct named *taken = *p;

			*p = taken->next;
			names->n--;
			return taken;
		}
	return NULL;
}

void
names_take(struct names *names, struct named *named)
{
	(void)names_take_address(names, named, named->hash);
}

void
names_restore(struct names *names, struct named *named)
{
	if (names_find(names, named->name) != NULL || names_grow(names) == -1) {
		named_free(named);
		return;
	}
	names_insert(names, named);
}

void
named_free(struct named *named)
{
	statement_release(named->statement);
	free(named);
}

void
names_clear(struct names *names)
{
	struct named *named;

	for (unsigned i = 0; i < names->nbuckets; i++)
		while ((named = names->buckets[i]) != NULL) {
			names->buckets[i] = named->next;
			named_free(named);
		}
	free(names->buckets);
	*names = (struct names) { 0 };
}

/* ---- the statements of a server connection ---- */

void
cache_open(struct cache *cache)
{
	*cache = (struct cache) { 0 };
	TAILQ_INIT(&cache->list);
}

static struct cached *
cache_find(const struct cache *cache, const struct statement *statement)
{
	struct cached *cached;

	LIST_FOREACH(cached, &cache->buckets[statement->hash % PREPARED_CACHE_BUCKETS], bucket)
		if (cached->statement == statement)
			return cached;
	return NULL;
}

struct cached *
cache_use(struct cache *cache, const struct statement *statement, uint64_t session)
{
	struct cached *cached = cache_find(cache, statement);

	if (cached == NULL)
		return NULL;
	cached->owner = session;
	TAILQ_REMOVE(&cache->list, cached, entry);
	TAILQ_INSERT_TAIL(&cache->list, cached, entry);
	return cached;
}

int
cache_add(struct cache *cache, struct statement *statement, uint64_t session)
{
	struct cached *cached = malloc(sizeof(*cached));

	if (cached == NULL)
		return -1;
	*cached = (struct cached) { .statement = statement_reference(statement), .owner = session };
	LIST_INSERT_HEAD(&cache->buckets[statement->hash % PREPARED_CACHE_BUCKETS], cached, bucket);
	TAILQ_INSERT_TAIL(&cache->list, cached, entry);
	cache->n++;
	return 0;
}

static struct statement *
cache_take(struct cache *cache, struct cached *cached)
{
	struct statement *statement = cached->statement;

	LIST_REMOVE(cached, bucket);
	TAILQ_REMOVE(&cache->list, cached, entry);
	cache->n--;
	free(cached);
	return statement;
}

void
cache_remove(struct cache *cache, const struct statement *statement)
{
	struct cached *cached = cache_find(cache, statement);

	if (cached != NULL)
		statement_release(cache_take(cache, cached));
}

struct statement *
cache_evict(struct cache *cache)
{
	return cache->n <= PREPARED_CACHE_MAX ? NULL : cache_take(cache, TAILQ_FIRST(&cache->list));
}

void
cache_clear(struct cache *cache)
{
	struct cached *cached, *next;

	for (cached = TAILQ_FIRST(&cache->list); cached != NULL; cached = next) {
		next = TAILQ_NEXT(cached, entry);
		statement_release(cache_take(cache, cached));
	}
}
