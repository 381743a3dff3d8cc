/*
 * Prepared statements of the protocol. A session has its own name for a statement; on the server connection it has a
 * name that bibd gives. So a session finds its statements on whatever connection it gets, and sessions with the same
 * statement share it there.
 *
 * THE INVARIANT. PostgreSQL fixes at Parse: how the text was read, the types of all parameters, and the row that
 * comes back. All else it looks up again whenever something was defined or search_path has changed. So two sessions
 * have the same statement, and may share it, only when all of these are equal:
 *
 *	- the text;
 *	- the type of each parameter, as the server inferred it, not as the client declared it;
 *	- the row that comes back, as the server describes it: columns, their types and the tables that they are of;
 *	- the settings in force at Parse that decide how a text is read, search_path among them (pg_settings_meaning);
 *	- the role: each has connections of its own.
 *
 * A session whose settings cannot be known (pinned, SET LOCAL) shares with nobody: its statements are private.
 *
 * What follows from it (backend_statements.c):
 *	- A client's own Parse always reaches the server, under a name never used before, and is followed by a
 *	  Describe of bibd's, whose answer makes the identity whole.
 *	- Where a session comes to a connection that lacks its statement, this is parsed with the types that it had,
 *	  and described, and nothing that refers to it is sent before the answer: another row than before is what
 *	  PostgreSQL calls "cached plan must not change result type".
 *	- What another session has parsed is used only if nothing was defined since (epoch); else it is parsed again,
 *	  unseen. A session's own is as fresh as PostgreSQL keeps it.
 *	- What is parsed again must be read as it was at first. Before a session's way of reading changes, in a
 *	  transaction, for good or out of sight, those of its statements that have strings are brought to the
 *	  connection that it then keeps, and there they stay; in a batch that has begun, where one that cannot be
 *	  parsed would be an error, those that are not here are refused later if the server reports another way. An
 *	  unnamed one that cannot be read again in its way is missing.
 *	- PostgreSQL reads the text of a statement again at its next use after what may concern it was defined: a date
 *	  of it may then be another, if the session has changed DateStyle or the like since its last use. Where that
 *	  last use was on this connection, and nobody else has used what it used, PostgreSQL does it here as it would
 *	  have there. Else nobody can tell, and the statement is refused (session_doubt.c).
 */
#ifndef BIBD_POSTGRES_PREPARED_H
#define BIBD_POSTGRES_PREPARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "workers/postgres/words/words.h"

#define PREPARED_BUCKETS 1024
#define PREPARED_NAMES_MAX 16384 /* of one session */
#define PREPARED_CACHE_MAX 200	 /* of one server connection */
#define PREPARED_CACHE_BUCKETS 64
#define PREPARED_SERVER_NAME_SIZE 40

struct pg_statement {
	LIST_ENTRY(pg_statement) bucket;
	struct pg_prepared *prepared;
	unsigned references;
	uint32_t hash;
	bool shared;		      /* other sessions find it by its identity */
	bool whole;		      /* has been described: types and row are the server's */
	struct words words;	      /* see pg_statement_words */
	unsigned generation;	      /* of the names with which the words were read */
	struct pg_settings *settings; /* those at Parse that decide how the text is read; NULL: private */
	uint8_t *row;		      /* whole: body of the RowDescription; NULL: no rows */
	size_t row_size;
	size_t text_size; /* with its NUL */
	size_t size;
	uint8_t body[]; /* of Parse, behind the name: text, number and types of the parameters */
};

/* What a server has said of a statement: bodies of ParameterDescription and of RowDescription. */
struct description {
	const uint8_t *types, *row; /* row NULL: no rows */
	size_t types_size, row_size;
};

struct pg_settings_table;

struct pg_prepared {
	LIST_HEAD(, pg_statement) buckets[PREPARED_BUCKETS];
	struct pg_settings_table *settings;
	uint64_t next_id;   /* of names on servers: none is used twice */
	uint64_t epoch;	    /* changes after each definition that bibd knows of; not 0 */
	uint64_t next_use;  /* see named.use */
	uint64_t changes;   /* changes after anything that may let PostgreSQL read texts again, as far as bibd knows; */
	bool all_are_known; /* and bibd knows of all: nobody else defines anything */
	uint64_t token;	    /* random, so that no client can guess the name of a statement of bibd's */
	struct words_names names; /* words of the database's own */
	unsigned generation;	  /* of these */
};

void prepared_open(struct pg_prepared *prepared, struct pg_settings_table *settings, uint64_t token);

/* Makes a statement that a client has just parsed, not shared yet; takes over a reference to the settings (NULL: it
 * stays private). The caller owns a reference. NULL when memory is out. */
struct pg_statement *pg_statement_new(struct pg_prepared *prepared, const uint8_t *body, size_t size,
    struct pg_settings *settings);
/* The shared statement for this one, now that it is described: an equal one if there is one, unless this is private.
 * The caller owns a reference. NULL when memory is out. */
struct pg_statement *pg_statement_described(const struct pg_statement *statement,
    const struct description *description);
/* Whether two rows are the same to PostgreSQL: names and types of the columns. */
bool description_same_rows(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size);
struct pg_statement *pg_statement_reference(struct pg_statement *statement);
/* Takes NULL. */
void pg_statement_release(struct pg_statement *statement);

/* The words of the statement's text, by the names that are known now. */
const struct words *pg_statement_words(const struct pg_prepared *prepared, struct pg_statement *statement);

/* Writes the name that the statement with this number has on server connections. Returns name. */
char *pg_statement_server_name(const struct pg_prepared *prepared, uint64_t id, char *name, size_t size);

/* ---- the names of a session ---- */

struct named {
	struct named *next;
	struct named *earlier, *later; /* in the order in which the client has made them */
	uint64_t serial;	       /* its place in that order */
	uint32_t hash;
	struct pg_statement *statement; /* NULL: it is on the session's own connection under this very name */
	uint64_t use;			/* the number of the name's last use; 0: it is not known where that was */
	uint64_t dates;			/* session.dates when PostgreSQL last read the text, or may have */
	uint64_t changes;		/* the pool's number (prepared.changes) at its last use */
	bool has_dates;			/* without statement: words.dates */
	bool read_again;		/* PostgreSQL reads it again when it is used next, in any case */
	bool lost;			/* it can no longer be parsed in its old way */
	char name[WORDS_NAME_SIZE];
};

/* Zeroed memory is one without names. */
struct names {
	struct named **buckets;
	unsigned nbuckets;
	unsigned n;
	struct named *first, *last; /* by serial */
	uint64_t next_serial;
};

/* first and later give the order in which all are made again, which is that of pg_prepared_statements by prepare_time.
 * Names are compared as PostgreSQL does: what is beyond 63 bytes does not count. */
struct named *names_find(const struct names *names, const char *name);
/* Adds a name that is not there yet; takes over a reference to the statement. NULL: memory is out, or there are too
 * many. */
struct named *names_add(struct names *names, const char *name, struct pg_statement *statement);
/* The entry at this address, if it still is there. */
struct named *names_at(const struct names *names, const struct named *named, uint32_t hash);
/* Takes it out, for named_free or names_restore. */
void names_take(struct names *names, struct named *named);
/* Takes out the entry at this address, if there still is one with that hash. NULL if not. */
struct named *names_take_address(struct names *names, const struct named *named, uint32_t hash);
/* The entry at this address, if it still is there and names that statement. */
struct named *names_at_address(const struct names *names, const struct named *named, uint32_t hash,
    const struct pg_statement *statement);
/* Puts back what was taken out, unless the name is in use again: then it is freed. */
void names_restore(struct names *names, struct named *named);
void named_free(struct named *named);
void names_clear(struct names *names);

/* ---- the statements of a server connection ---- */

struct cached {
	LIST_ENTRY(cached) bucket;
	TAILQ_ENTRY(cached) entry;
	struct pg_statement *statement;
	uint64_t id;	  /* its name there */
	uint64_t session; /* the session that has parsed it, or for which it was checked; 0: none */
	uint64_t epoch;	  /* when it was parsed; 0: it is old */
	uint64_t use;	  /* the number of the last use that any session made of it */
};

struct cache {
	LIST_HEAD(, cached) buckets[PREPARED_CACHE_BUCKETS];
	TAILQ_HEAD(cache_list, cached) list; /* the one unused longest first */
	unsigned n;
};

void cache_open(struct cache *cache);
struct cached *cache_find(const struct cache *cache, const struct pg_statement *statement);
/* Makes the entry the one that was used last. */
void cache_touch(struct cache *cache, struct cached *cached);
/* Adds the statement, parsed now under a new name. NULL: memory is out. */
struct cached *cache_add(struct cache *cache, struct pg_statement *statement, uint64_t session);
/* Makes the entry that of this statement. An entry that had the statement before only waits to be evicted. */
void cache_become(struct cache *cache, struct cached *cached, struct pg_statement *statement);
/* Something was defined: all entries but the session's own (0: all) are old now. */
void cache_age(struct cache *cache, uint64_t session);
void cache_remove(struct cache *cache, const struct pg_statement *statement);
/* When there are too many entries, removes the one that was unused longest and returns its number; else 0. Statements
 * that this session has a name for stay (0: no session). */
uint64_t cache_evict(struct cache *cache, uint64_t session);
void cache_clear(struct cache *cache);

#endif
