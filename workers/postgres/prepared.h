/*
 * Prepared statements of the protocol. A statement is a text with its parameter types, one for all sessions; a session
 * knows it by a name of its own, a server connection by a name that is bibd's. So a session finds its statements on
 * whatever connection it gets, and two sessions with the same statement share it there.
 */
#ifndef BIBD_POSTGRES_PREPARED_H
#define BIBD_POSTGRES_PREPARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "workers/postgres/words.h"

#define PREPARED_BUCKETS 1024
#define PREPARED_NAMES_MAX 16384	 /* of one session */
#define PREPARED_CACHE_MAX 200		 /* of one server connection */
#define PREPARED_CACHE_BUCKETS 64
#define PREPARED_SERVER_NAME_SIZE 40

struct statement {
	LIST_ENTRY(statement) bucket;
	unsigned references;
	uint32_t hash;
	uint64_t id;
	struct words words; /* see statement_words */
	unsigned generation; /* of the names that they were read with */
	size_t size;
	uint8_t body[]; /* of Parse, behind the name: text, number and types of the parameters */
};

struct prepared {
	LIST_HEAD(, statement) buckets[PREPARED_BUCKETS];
	uint64_t next_id;
	uint64_t token; /* random: nobody outside can name a statement of bibd's */
	struct words_names names; /* words of the database's own */
	unsigned generation;	  /* of these */
};

void prepared_open(struct prepared *prepared, uint64_t token);

/* The statement with this body, made if there is none; the caller owns a reference. NULL when memory is out. */
struct statement *statement_get(struct prepared *prepared, const uint8_t *body, size_t size);
struct statement *statement_reference(struct statement *statement);
/* Takes NULL. */
void statement_release(struct statement *statement);

/* What its text means, by the names that are known now. */
const struct words *statement_words(const struct prepared *prepared, struct statement *statement);

/* What server connections call it. Returns name. */
char *statement_server_name(const struct prepared *prepared, const struct statement *statement, char *name, size_t size);

/* ---- the names of a session ---- */

struct named {
	struct named *next;
	uint32_t hash;
	struct statement *statement; /* NULL: it is on the session's own connection under this very name */
	char name[WORDS_NAME_SIZE];
};

/* Zeroed memory is one without names. */
struct names {
	struct named **buckets;
	unsigned nbuckets;
	unsigned n;
};

/* Names are compared as PostgreSQL does: what is beyond 63 bytes does not count. */
struct named *names_find(const struct names *names, const char *name);
/* Adds a name that is not there; takes a reference of the statement over. NULL: memory is out, or there are too many. */
struct named *names_add(struct names *names, const char *name, struct statement *statement);
/* Takes it out, for named_free or names_restore. */
void names_take(struct names *names, struct named *named);
/* Takes out the entry at this address, if there still is one with that hash. NULL if not. */
struct named *names_take_address(struct names *names, const struct named *named, uint32_t hash);
/* Puts back what was taken out, unless the name is in use again: then it is freed. */
void names_restore(struct names *names, struct named *named);
void named_free(struct named *named);
void names_clear(struct names *names);

/* ---- the statements of a server connection ---- */

struct cached {
	LIST_ENTRY(cached) bucket;
	TAILQ_ENTRY(cached) entry;
	struct statement *statement;
	uint64_t owner; /* the session that used it last */
};

struct cache {
	LIST_HEAD(, cached) buckets[PREPARED_CACHE_BUCKETS];
	TAILQ_HEAD(cache_list, cached) list; /* the one unused longest first */
	unsigned n;
};

void cache_open(struct cache *cache);
/* The entry of the statement, which becomes the latest; NULL if it is not there. */
struct cached *cache_use(struct cache *cache, const struct statement *statement, uint64_t session);
/* Adds the statement. -1: memory is out. */
int cache_add(struct cache *cache, struct statement *statement, uint64_t session);
void cache_remove(struct cache *cache, const struct statement *statement);
/* Takes out what was unused longest when there are too many; the caller owns the reference. NULL: there are not. */
struct statement *cache_evict(struct cache *cache);
void cache_clear(struct cache *cache);

#endif
