/*
 * One connection to the database file: opened the same way every time, with the authorizer, the functions and a cache
 * of prepared statements. A connection is used by one thread at a time, on behalf of one session, which fills its
 * context in.
 */
#ifndef BIBD_SQLITE_CONNECTION_H
#define BIBD_SQLITE_CONNECTION_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "workers/sqlite/commit/commit.h"
#include "workers/sqlite/dialect/dialect.h"
#include "workers/sqlite/schema/schema.h"
#include "workers/sqlite/sequences/memory.h"
#include "workers/sqlite/settings/sql_context.h"
#include "workers/sqlite/connection/statement.h"

/* How long SQLite itself waits for a lock: only another process (an operator's shell) can hold one against us. */
#define CONNECTION_BUSY_MS 5000

/* The statements that a connection runs for bibd itself, prepared once. */
enum connection_command { COMMAND_BEGIN, COMMAND_BEGIN_IMMEDIATE, COMMAND_COMMIT, COMMAND_ROLLBACK, COMMANDS };

/* The file that connections are opened on, and what they have done to it. It is its owner's (the store), who outlives
 * them. */
struct connection_file {
	char *path;
	atomic_ulong definitions;	    /* DDL statements committed by any connection of this process */
	atomic_ulong commits;		    /* transactions that changed something; counted before their clients know */
	atomic_int wal_pages;		    /* in the WAL after the last commit */
	struct commit commit;		    /* which of them are on the disk */
	struct statement_budget statements; /* what its connections keep prepared */
	struct sequences *sequences;	    /* where they stand; NULL: that is kept nowhere */
	struct sql_sessions sessions;	    /* whom statements may ask about; list NULL: about none */
	/* Told SQLite's code of what ends a transaction and of each failure; may be NULL. It may not return. */
	void (*note_code)(struct connection_file *file, int sqlite_code);
	/* Told after each COMMIT how many frames the log has; may be NULL. */
	void (*note_wal)(struct connection_file *file, int pages);
};

struct connection {
	sqlite3 *db;
	struct schema *schema;
	struct sql_context context;
	struct sequence_memory own_memory; /* of sequences, while no session uses it */
	struct statement_cache cache;
	sqlite3_stmt *commands[COMMANDS];
	struct connection_file *file;
	bool has_snapshot; /* keeps a read transaction between statements; see connection_hold_snapshot */
	unsigned long snapshot_commits;
	int64_t snapshot_ms;
	unsigned long own_definitions;	 /* DDL statements run here, committed or not */
	struct statement_tables *noting; /* of the statement that is being prepared; NULL: of none */
	/* What session/ keeps of the file's own functions, and what frees it; NULL: nothing. */
	struct routine_cache *routines;
	void (*free_routines)(struct routine_cache *routines);
	bool writes_file;   /* the authorizer was asked for what changes more than temporary tables */
	const char *denied; /* the object that the authorizer last refused, for the error; points into denied_name */
	char denied_name[128];
	LIST_ENTRY(connection) entry;	    /* of all */
	TAILQ_ENTRY(connection) free_entry; /* of those not in use */
	unsigned rests;			    /* the pool's: how often it was found not in use since it last was */
};

/* Opens the file. create: make it when it is not there. Errors: store.open, store.disk_full, with the extended SQLite
 * code in sqlite_code (may be NULL). */
struct connection *connection_open(struct connection_file *file, bool create, int *sqlite_code, struct error *e);
void connection_close(struct connection *connection);

/* A client begins to use it, who has filled connection->context in: what was committed meanwhile must be seen from the
 * first look at the schema on. */
void connection_begin_use(struct connection *connection);

/* Runs one of the fixed commands; returns SQLite's extended code, SQLITE_OK when done. */
int connection_run(struct connection *connection, enum connection_command command);

/* Runs a script of SQLite's own SQL (not a client's), internal or as the session. Returns -1 with the report filled. */
int connection_script(struct connection *connection, const char *sql, bool internal, struct report *r);

/* Runs the script of a plan that changes the schema, in the transaction that is open. A table that was made anew is
 * checked against its foreign keys (23503). */
int connection_define(struct connection *connection, const struct dialect_plan *plan, bool internal, struct report *r);

/* A number from one row of SQLite's own SQL, or fallback. */
int64_t connection_number(struct connection *connection, const char *sql, int64_t fallback);

/* Binds a time as a column of type timestamptz keeps it. Returns SQLite's code. */
int connection_bind_time(sqlite3_stmt *stmt, int n, int64_t realtime_us);

/* A number that changes with the schema, as far as this process changed it. */
uint64_t connection_schema(const struct connection *connection);

/* A statement that reads by itself would open and close a read transaction, with two locks on the file. As long as
 * nobody commits, the one before is as good: it is kept until a commit, or CONNECTION_SNAPSHOT_MS for what other
 * processes write. Returns SQLite's code. connection_drop_snapshot ends it, before a write or a checkpoint. */
#define CONNECTION_SNAPSHOT_MS 1000
int connection_hold_snapshot(struct connection *connection);
/* In a transaction that has begun: what it reads of the file from now on is as it is now. */
void connection_take_snapshot(struct connection *connection);
void connection_drop_snapshot(struct connection *connection);
/* Nobody has used it for long: gives the pages of the file that it keeps in memory back, and most of its statements,
 * some at a time: true when that was not all. The next one reads from the kernel's cache what it needs. */
bool connection_rest(struct connection *connection);

/* True while a SQLite transaction is open, other than such a snapshot. */
bool connection_in_transaction(const struct connection *connection);

/* Whether there was no room for what has just failed with that code. */
bool connection_met_full_disk(const struct connection *connection, int code);

/* Tells the owner of the file what SQLite said. */
void connection_note_code(struct connection *connection, int code);

/* What SQLite's last error means to a client; see sqlite_error.c. Returns -1. */
int connection_report(struct connection *connection, int code, const struct dialect_plan *plan, struct report *r);

/* duplicate.c: the same of a statement that has just failed, whose values are spent by it: DETAIL says which key was
 * there already, where that can be told. */
int connection_report_failed(struct connection *connection, sqlite3_stmt *failed, int code,
    const struct dialect_plan *plan, struct report *r);
/* "Key (a, b)=(1, x) already exists.", where the types are known. */
#define CONNECTION_KEY_MAX 32
struct connection_key {
	const char *names[CONNECTION_KEY_MAX];
	uint32_t oids[CONNECTION_KEY_MAX];
	sqlite3_value *values[CONNECTION_KEY_MAX];
	unsigned n;
};
void connection_key_detail(struct connection *connection, const struct connection_key *key, struct report *r);

/* late.c: looks for rows that share a value which was noted of a DEFERRABLE key: 23505. modes: only of keys that they
 * say are IMMEDIATE; NULL: of all. */
int connection_check_late(struct connection *connection, const struct late_set *set, const struct late_keys *modes,
    struct report *r);

/* constraint.c: the name of the constraint behind "UNIQUE constraint failed: t.a, t.b" (columns: the part after the
 * colon). */
void constraint_unique_name(struct connection *connection, const char *columns, char *name, size_t size);

/* A foreign key that was broken. parent: the table whose rows are still referred to; "": rows of `table` refer to what
 * is not there. name "": none was found. */
struct constraint_foreign {
	char name[256], table[256], parent[256];
};
/* The key that a statement with this tag broke on the target; of several that it can be, the first. restricted: it is
 * one with RESTRICT. target NULL or "": whatever is broken in the transaction that is open (COMMIT). */
void constraint_find_broken(struct connection *connection, const char *target, const char *tag, bool restricted,
    struct constraint_foreign *out);

/* authorize.c: the one authorizer of every connection; arg is the connection. */
int authorize(void *arg, int action, const char *a, const char *b, const char *database, const char *via);

#endif
