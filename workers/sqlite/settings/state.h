/* A session's settings as settings*.c keep them. */
#ifndef BIBD_SQLITE_SETTINGS_STATE_H
#define BIBD_SQLITE_SETTINGS_STATE_H

#include "workers/sqlite/settings/table.h"

/* What a setting is now. NULL strings stand for what comes next: value, session, base, the table's initial value. */
struct entry {
	char *base;	/* from the startup packet: what RESET returns to */
	char *session;	/* what the session returns to when a local value ends */
	char *local;	/* SET LOCAL */
	char *reported; /* what the client was last told */
};

/* The state of an entry before its first change at that depth. */
struct undo {
	unsigned index;
	unsigned depth; /* 0: the transaction, else its savepoint */
	char *session;
	char *local;
};

struct custom {
	char *name;
	struct entry entry;
};

struct settings {
	struct entry *entries; /* one for each row of the table */
	struct custom *customs;
	unsigned ncustoms;
	struct undo *undo;
	unsigned nundo, undo_capacity;
	bool in_transaction;
	unsigned depth;
	bool changed; /* values must be read again */
	bool unreported;
	struct settings_values values;
};

/* The entry of a row of the table; custom settings follow those of the table. */
struct entry *setting_entry_at(struct settings *s, unsigned index);
const char *setting_entry_value(struct settings *s, unsigned index);

/* Keeps what the entry is now, once for each depth; to be called before each change. */
int setting_undo_keep(struct settings *s, unsigned index, struct report *r);
void setting_undo_free(struct undo *u);

#endif
