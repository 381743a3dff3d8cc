/*
 * Prepared statements of a connection, cached under the text with its literals taken out, those that stayed in the
 * plan, the parameter types that the client gave, the role (the authorizer judged the statement for that role when it
 * was prepared), and the search path.
 *
 * What the caches hold is bounded in bytes, for all connections together: as many texts are kept as there is room for,
 * the one used longest ago goes first. The invariant, between any two calls: cache->bytes is the sum of `bytes` of what
 * is in it, the budget's of all caches; a cache is beyond its share only while the caches together are within the
 * limit when it enters something, so that they never hold more than the limit and a share for each. What is kept is
 * charged to nobody's account (memory.h): it is the process's.
 */
#ifndef BIBD_SQLITE_STATEMENT_H
#define BIBD_SQLITE_STATEMENT_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/conf.h"
#include "workers/sqlite/dialect/dialect.h"

struct connection;
struct steps;

#define STATEMENT_BUCKETS 1024
/* What all caches hold: this part of the process's limit (memory.h), or so much where it has none. */
#define STATEMENT_LIMIT_SHARE 16
#define STATEMENT_LIMIT_BYTES (32L << 20)
/* What each may hold whatever the others do, at the least; and what one keeps that nobody uses. */
#define STATEMENT_CACHE_LEAST (1L << 20)
/* Texts that differ in nothing but literals which stayed in their plans are one after the other in a bucket. */
#define STATEMENT_ALIKE_MAX 128

/* What a text means: shared between the cache and the sessions that prepared it. */
struct statement_plan {
	atomic_uint references;
	struct dialect_plan *plan; /* columns complete: no unknown oid is left */
};
struct statement_plan *statement_plan_share(struct statement_plan *shared);
void statement_plan_release(struct statement_plan *shared); /* takes NULL */

/* Tables that a statement reads and that it changes, of the file and of the session: "database.table", each with a NUL
 * behind it. */
enum statement_use { STATEMENT_READS, STATEMENT_CHANGES, STATEMENT_USES };
struct statement_tables {
	char *names[STATEMENT_USES];
	size_t lengths[STATEMENT_USES];
	bool failed; /* for want of memory some are not there */
};
/* Notes one, as the authorizer is told of it; those of other databases are left out. */
void statement_tables_note(struct statement_tables *tables, enum statement_use use, const char *database,
    const char *table);
/* Whether a table is in both lists. */
bool statement_tables_meet(const struct statement_tables *a, enum statement_use use_a, const struct statement_tables *b,
    enum statement_use use_b);
/* Whether one of that name, in either database, is in the list. */
bool statement_tables_have(const struct statement_tables *tables, enum statement_use use, const char *table);
void statement_tables_free(struct statement_tables *tables);

struct statement_member {
	sqlite3_stmt *step, *again;
};

struct statement {
	struct statement_plan *shared;
	struct statement_tables tables;
	sqlite3_stmt *stmt;   /* NULL for what SQLite does not run */
	sqlite3_stmt **steps; /* those of the plan's steps; NULL: it has none */
	struct steps *kept;   /* what they keep between them */
	/* Of a plan that changes rows one by one; NULL: not yet, or none. */
	struct statement_member *members;
	sqlite3_stmt *met, *update, *answer, *route;
	bool cached;
	bool busy;	 /* a portal runs it */
	bool found;	 /* by the last statement_get: it was in the cache */
	bool stale;	 /* the schema changed under it: dropped when no longer busy */
	uint64_t schema; /* schema_refresh() when it was translated */
	uint64_t hash;
	int64_t bytes; /* that it takes, about */
	enum role role;
	char *key;
	size_t key_length;
	char *pinned;	     /* the literals that stayed in the plan, each with a NUL behind it */
	size_t scope_length; /* how much of the key, at its end, is the text's scope */
	char *path;	     /* the search path by which its names were found */
	uint32_t *oids;
	unsigned noids;
	LIST_ENTRY(statement) bucket;
	TAILQ_ENTRY(statement) age;
};

/* What the caches of a process hold together. Any thread. */
struct statement_budget {
	atomic_llong bytes;
	atomic_uint caches;
};

struct statement_cache {
	struct statement_budget *budget;
	LIST_HEAD(, statement) buckets[STATEMENT_BUCKETS];
	TAILQ_HEAD(, statement) age; /* least recently used first */
	unsigned count;
	int64_t bytes;
};

/* The budget outlives it. statement_cache_clear is its end. */
void statement_cache_init(struct statement_cache *cache, struct statement_budget *budget);
void statement_cache_clear(struct statement_cache *cache);
/* Drops what is beyond STATEMENT_CACHE_LEAST, some at a time: true when that was not all. */
bool statement_cache_rest(struct statement_cache *cache);

/* The statement for a text, from the cache or newly translated and prepared; it is marked busy. NULL with the report
 * filled on an error. Give it back with statement_done, which also resets it. */
struct statement *statement_get(struct connection *connection, const struct dialect_text *text, const uint32_t *oids,
    unsigned noids, struct report *r);
/* sqlite3_step for a client's statement: what it takes is bounded (memory.h). */
int statement_step(sqlite3_stmt *stmt);
/* What follows is stepped for that statement: its steps' rows are those that SQLite's functions read. */
void statement_set_current(struct connection *connection, const struct statement *statement);

/* Whether a value could be bound, by SQLite's code: a parameter that the text has no place for is none of its business.
 * -1 with the report filled. */
int statement_check_bound(int code, struct report *r);
/* Binds the literals that were taken out of the text, behind the client's parameters. */
int statement_bind_literals(struct statement *statement, const struct dialect_text *text,
    const struct type_settings *settings, struct report *r);
/* The same of its step i. */
int statement_bind_step_literals(struct statement *statement, unsigned i, const struct dialect_text *text,
    const struct type_settings *settings, struct report *r);
void statement_done(struct connection *connection, struct statement *statement);

/* The same for another text of the plan's, with its own numbers of parameters. */
int statement_bind_other(struct statement *statement, sqlite3_stmt *stmt, const int *numbers,
    const struct dialect_text *text, const struct type_value *values, const struct type_settings *settings,
    struct report *r);

#endif
