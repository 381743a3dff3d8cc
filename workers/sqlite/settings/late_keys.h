/*
 * Keys that are DEFERRABLE: SQLite has only such as hold at every moment, so that one of these is a plain index, and a
 * CHECK of its table that calls bibd_late_key() with each row's values. Those are noted here, and looked at for
 * duplicates once the statement is over, or at COMMIT (session/late_keys.h). Whatever is noted may be too much: a
 * row that a rollback took away is looked for in vain.
 */
#ifndef BIBD_SQLITE_LATE_KEYS_H
#define BIBD_SQLITE_LATE_KEYS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* With more values in one set, or more bytes of them, a key is looked at as a whole. */
#define LATE_VALUES_MAX 4096
#define LATE_BYTES_MAX ((size_t)1 << 20)

/* A row's values of the key with that number (definition_constraint.number), or n 0: any row's. */
struct late_value {
	int64_t key;
	unsigned n;
	sqlite3_value **values;
};
struct late_set {
	struct late_value *items;
	size_t count, capacity, bytes;
};

/* A SET CONSTRAINTS; key 0 is ALL. depth: how many savepoints there were. */
struct late_mode {
	int64_t key;
	bool deferred;
	unsigned depth;
};

/* What a session knows of its deferrable keys. */
struct late_keys {
	struct late_set transaction; /* the values to be looked at with COMMIT */
	/* the values to be looked at after the statement under way; NULL: all wait for COMMIT */
	struct late_set *statement;
	struct late_mode *modes; /* a later one overrides the earlier ones */
	size_t nmodes;
};

/* Notes a row's values; `deferred`: the key is INITIALLY DEFERRED. -1: out of memory. */
int late_note(struct late_keys *keys, int64_t key, bool deferred, int n, sqlite3_value **values);
/* Whether the key is looked at with COMMIT, and not after each statement. */
bool late_is_deferred(const struct late_keys *keys, int64_t key, bool deferred);
/* Notes a SET CONSTRAINTS. -1: out of memory. */
int late_set_mode(struct late_keys *keys, int64_t key, bool deferred, unsigned depth);
/* Called when a savepoint is released, and when one is rolled back to. `depth`: how many savepoints are left, with
 * that one in the second case. */
void late_release(struct late_keys *keys, unsigned depth);
void late_rollback_to(struct late_keys *keys, unsigned depth);
/* Called when the transaction is over. */
void late_forget(struct late_keys *keys);
void late_set_free(struct late_set *set);

#endif
