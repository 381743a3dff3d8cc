/* The pool's connections: which session has which. */
#include "workers/sqlite/pool/pool.h"

/* Seen free for the first time, it may have been used the moment before. */
#define RESTS_UNTIL_GIVEN 2

struct connection *
pool_take_writing_connection(struct pool *pool, struct pool_task *task)
{
	struct connection *connection, *found = NULL;

	pthread_mutex_lock(&pool->lock);
	/* Whose it is says the list alone: what stands in a connection is its user's, who needs no lock for it. */
	if (pool->writing != NULL && pool_may_take_connection(pool, task))
		TAILQ_FOREACH(connection, &pool->free, free_entry)
	if (connection == pool->writing) {
		TAILQ_REMOVE(&pool->free, connection, free_entry);
		pool_count_use(pool, task, 1);
		found = connection;
		break;
	}
	pthread_mutex_unlock(&pool->lock);
	return found;
}

void
pool_note_writing(struct pool *pool, struct connection *connection)
{
	pthread_mutex_lock(&pool->lock);
	pool->writing = connection;
	pthread_mutex_unlock(&pool->lock);
}

struct connection *
pool_take_free_connection(struct pool *pool)
{
	struct connection *connection;

	pthread_mutex_lock(&pool->lock);
	if ((connection = TAILQ_LAST(&pool->free, pool_connections)) != NULL) {
		TAILQ_REMOVE(&pool->free, connection, free_entry);
		pool_count_use(pool, NULL, 1);
	}
	pthread_mutex_unlock(&pool->lock);
	return connection;
}

void
pool_drop_snapshots(struct pool *pool)
{
	struct connection *connection;

	pthread_mutex_lock(&pool->lock);
	TAILQ_FOREACH(connection, &pool->free, free_entry)
	connection_drop_snapshot(connection);
	pthread_mutex_unlock(&pool->lock);
}

/* Counts how often each connection that is free now was seen free. Returns how many are to give their pages back. */
static unsigned
count_rests(struct pool *pool, int64_t now_ms)
{
	struct connection *connection;
	unsigned n = 0;

	pthread_mutex_lock(&pool->lock);
	if (now_ms - pool->rested_ms >= POOL_REST_MS) {
		pool->rested_ms = now_ms;
		TAILQ_FOREACH(connection, &pool->free, free_entry)
		n += ++connection->rests == RESTS_UNTIL_GIVEN;
	}
	pthread_mutex_unlock(&pool->lock);
	return n;
}

/* Some thousand pages, or hundreds of statements, at a time: the lock is everyone's. */
static bool
rest_one(struct pool *pool)
{
	struct connection *connection;
	bool found = false;

	pthread_mutex_lock(&pool->lock);
	TAILQ_FOREACH(connection, &pool->free, free_entry)
	if (connection->rests == RESTS_UNTIL_GIVEN) {
		found = true;
		if (!connection_rest(connection))
			connection->rests++;
		break;
	}
	pthread_mutex_unlock(&pool->lock);
	return found;
}

void
pool_rest_connections(struct pool *pool, int64_t now_ms)
{
	if (count_rests(pool, now_ms) > 0)
		while (rest_one(pool))
			;
}

void
pool_give_connection(struct pool *pool, struct connection *connection, const struct pool_task *task)
{
	if (task != NULL)
		pool_note_answer(pool, task);
	pthread_mutex_lock(&pool->lock);
	connection->rests = 0;
	TAILQ_INSERT_HEAD(&pool->free, connection, free_entry);
	pool_count_use(pool, task, -1);
	pool_pass_connection(pool);
	pthread_mutex_unlock(&pool->lock);
}

void
pool_adopt_connection(struct pool *pool, struct connection *connection)
{
	pthread_mutex_lock(&pool->lock);
	LIST_INSERT_HEAD(&pool->connections, connection, entry);
	TAILQ_INSERT_HEAD(&pool->free, connection, free_entry);
	pool->nconnections++;
	pthread_mutex_unlock(&pool->lock);
}

void
pool_drop_connection(struct pool *pool, struct connection *connection, const struct pool_task *task)
{
	pthread_mutex_lock(&pool->lock);
	LIST_REMOVE(connection, entry);
	pool->nconnections--;
	if (pool->writing == connection)
		pool->writing = NULL;
	pool_count_use(pool, task, -1);
	pool_pass_connection(pool);
	pthread_mutex_unlock(&pool->lock);
	connection_close(connection);
}
