/*
 * The cache of a connection's statements: what each takes of memory, and which is dropped when there is no room.
 */
#include <string.h>

#include "workers/sqlite/connection/statement.h"
#include "workers/sqlite/connection/statement_make.h"
#include "workers/sqlite/memory/memory.h"

/* What an allocation takes beside what was asked for. */
#define CACHE_PIECE_BYTES 16
/* Dropped at once from a cache that rests. */
#define CACHE_REST_STATEMENTS 256

void
statement_cache_init(struct statement_cache *cache, struct statement_budget *budget)
{
	cache->budget = budget;
	for (unsigned i = 0; i < STATEMENT_BUCKETS; i++)
		LIST_INIT(&cache->buckets[i]);
	TAILQ_INIT(&cache->age);
	cache->count = 0;
	cache->bytes = 0;
	atomic_fetch_add(&budget->caches, 1);
}

static void
count(struct statement_cache *cache, int64_t bytes)
{
	cache->bytes += bytes;
	(void)atomic_fetch_add_explicit(&cache->budget->bytes, bytes, memory_order_relaxed);
	memory_disown(bytes);
}

void
statement_uncache(struct statement_cache *cache, struct statement *statement)
{
	LIST_REMOVE(statement, bucket);
	TAILQ_REMOVE(&cache->age, statement, age);
	cache->count--;
	statement->cached = false;
	count(cache, -statement->bytes);
}

static void
drop(struct statement_cache *cache, struct statement *statement)
{
	statement_uncache(cache, statement);
	if (!statement->busy)
		statement_free(statement);
}

void
statement_cache_clear(struct statement_cache *cache)
{
	struct statement *statement;

	while ((statement = TAILQ_FIRST(&cache->age)) != NULL)
		drop(cache, statement);
	atomic_fetch_sub(&cache->budget->caches, 1);
}

bool
statement_cache_rest(struct statement_cache *cache)
{
	struct statement *statement = TAILQ_FIRST(&cache->age), *next;

	for (unsigned n = 0; statement != NULL && cache->bytes > STATEMENT_CACHE_LEAST; statement = next) {
		next = TAILQ_NEXT(statement, age);
		if (statement->busy)
			continue;
		if (n++ == CACHE_REST_STATEMENTS)
			return true;
		drop(cache, statement);
	}
	return false;
}

static size_t
text_size(const char *text)
{
	return text == NULL ? 0 : strlen(text) + 1 + CACHE_PIECE_BYTES;
}

static size_t
prepared_size(sqlite3_stmt *stmt)
{
	return stmt == NULL ? 0 : (size_t)sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_MEMUSED, 0);
}

static size_t
plan_size(const struct dialect_plan *plan)
{
	size_t size = sizeof(*plan) + text_size(plan->sql) + text_size(plan->target) + text_size(plan->notice);

	size += plan->ncolumns * sizeof(*plan->columns) + plan->nlifted * sizeof(*plan->lifted);
	size += plan->nparams * sizeof(*plan->param_oids) + (plan->nparams + plan->nlifted) * sizeof(*plan->numbers);
	for (unsigned i = 0; i < plan->ncolumns; i++)
		size += text_size(plan->columns[i].name);
	for (unsigned i = 0; i < plan->ninner; i++)
		size += text_size(plan->inner[i]);
	for (unsigned i = 0; i < plan->nsteps; i++)
		size += sizeof(plan->steps[i]) + text_size(plan->steps[i].sql) + text_size(plan->steps[i].target) +
		    plan->steps[i].nnumbers * sizeof(int);
	return size;
}

/* Their own texts are about as long as what SQLite has made of them. */
static size_t
fire_size(const struct statement *s)
{
	size_t size =
	    prepared_size(s->met) + prepared_size(s->update) + prepared_size(s->answer) + prepared_size(s->route);

	for (unsigned i = 0; s->members != NULL && i < s->shared->plan->fire->nmembers; i++)
		size += sizeof(s->shared->plan->fire->members[i]) + prepared_size(s->members[i].step) +
		    prepared_size(s->members[i].again);
	return 2 * size;
}

int64_t
statement_size(const struct statement *s)
{
	const struct dialect_plan *plan = s->shared->plan;
	size_t size = sizeof(*s) + sizeof(*s->shared) + s->key_length + text_size(s->path) +
	    s->noids * sizeof(*s->oids) + s->tables.lengths[STATEMENT_READS] + s->tables.lengths[STATEMENT_CHANGES];
	const char *pinned = s->pinned;

	for (unsigned i = 0; pinned != NULL && i < plan->npinned; i++)
		pinned += strlen(pinned) + 1;
	size += pinned == NULL ? 0 : (size_t)(pinned - s->pinned);
	size += prepared_size(s->stmt) + plan_size(plan) + fire_size(s);
	for (unsigned i = 0; s->steps != NULL && i < plan->nsteps; i++)
		size += prepared_size(s->steps[i]);
	return (int64_t)size;
}

static int64_t
budget_limit(void)
{
	int64_t limit = memory_limit_bytes();

	return limit > 0 ? limit / STATEMENT_LIMIT_SHARE : STATEMENT_LIMIT_BYTES;
}

/* What it may hold though all are beyond the limit. */
static int64_t
cache_share(const struct statement_cache *cache, int64_t limit)
{
	int64_t share = limit / (int64_t)atomic_load_explicit(&cache->budget->caches, memory_order_relaxed);

	return share > STATEMENT_CACHE_LEAST ? share : STATEMENT_CACHE_LEAST;
}

static bool
has_room(const struct statement_cache *cache, int64_t more)
{
	int64_t limit = budget_limit();

	return cache->bytes + more <= cache_share(cache, limit) ||
	    atomic_load_explicit(&cache->budget->bytes, memory_order_relaxed) + more <= limit;
}

/* Of as many as are looked at one after the other, the one that was entered first. */
static void
drop_alike(struct statement_cache *cache, uint64_t hash)
{
	struct statement *s, *last = NULL;
	unsigned n = 0;

	LIST_FOREACH(s, &cache->buckets[hash % STATEMENT_BUCKETS], bucket)
	if (s->hash == hash && !s->busy) {
		n++;
		last = s;
	}
	if (n >= STATEMENT_ALIKE_MAX)
		drop(cache, last);
}

void
statement_enter(struct statement_cache *cache, struct statement *s)
{
	struct statement *oldest, *next;

	/* One that would leave room for no other is not worth it. */
	if (s->bytes > cache_share(cache, budget_limit()))
		return;
	drop_alike(cache, s->hash);
	for (oldest = TAILQ_FIRST(&cache->age); oldest != NULL && !has_room(cache, s->bytes); oldest = next) {
		next = TAILQ_NEXT(oldest, age);
		if (!oldest->busy)
			drop(cache, oldest);
	}
	if (!has_room(cache, s->bytes))
		return;
	LIST_INSERT_HEAD(&cache->buckets[s->hash % STATEMENT_BUCKETS], s, bucket);
	TAILQ_INSERT_TAIL(&cache->age, s, age);
	cache->count++;
	count(cache, s->bytes);
	s->cached = true;
}
