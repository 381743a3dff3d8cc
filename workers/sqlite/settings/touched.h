/*
 * The rows that a statement has changed, where none may be changed twice: SQLite lets one INSERT update a row twice,
 * and PostgreSQL doesn't. A part of a connection's struct sql_context.
 */
#ifndef BIBD_SQLITE_TOUCHED_H
#define BIBD_SQLITE_TOUCHED_H

#include <stdbool.h>
#include <stdint.h>

/* The rows of one table that the statement at hand has inserted or updated, by rowid; a set with open addressing. */
struct key_touched {
	char *table;	/* NULL: nobody asks */
	char *database; /* SQLite's, of a table that a statement in steps watches; NULL: any */
	int64_t *rows;
	bool *used;
	uint64_t capacity, count; /* the capacity is 0 or a power of two */
	bool failed;		  /* out of memory */
};

/* What a statement that changes rows of a table one by one must know of them: which it has changed itself, and which
 * others have meanwhile, the routines that it calls. */
struct sql_watch {
	struct key_touched own, others; /* tables are not said */
	const char *database, *table;
	bool steps; /* it changes a row now */
	struct sql_watch *outer;
};
void key_touched_free(struct key_touched *touched);

/* A statement begins: table is that of an ON CONFLICT DO UPDATE of several rows, or NULL for any other statement. */
void key_touched_begin(struct key_touched *touched, const char *table);
void key_touched_add(struct key_touched *touched, int64_t rowid);
bool key_touched_has(const struct key_touched *touched, int64_t rowid);

/* sqlite3_update_hook of every connection; arg is its struct sql_context. */
struct sqlite3;
void key_note_change(void *arg, int operation, const char *database, const char *table, long long rowid);

#endif
