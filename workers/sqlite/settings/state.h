/* A session's settings as settings*.c keep them. */
#ifndef BIBD_SQLITE_SETTINGS_STATE_H
#define BIBD_SQLITE_SETTINGS_STATE_H

#include "workers/sqlite/settings/table.h"

/* What a setting is now. NULL strings stand for what comes next: value, session, base, the table's initial value. */
struct entry {
	unsigned index; /* of its row in the table; custom settings follow those of the table */
	char *base;	/* from the startup packet: what RESET returns to */
	char *session;	/* what the session returns to when a local value ends */
	char *local;	/* SET LOCAL */
	char *reported; /* what the client was last told; NULL: the table's initial value, once `told` */
};

/* The state of an entry before its first change at that depth. */
struct undo {
	unsigned index;
	unsigned depth; /* 0: the transaction, else its savepoint */
	char *session;
	char *local;
};

struct settings {
	struct entry *entries; /* of those that were ever changed: a session that is idle is to take little */
	unsigned nentries, entries_capacity;
	char **customs; /* the names of custom settings */
	unsigned ncustoms;
	struct undo *undo;
	unsigned nundo, undo_capacity;
	bool in_transaction;
	unsigned depth;
	bool changed; /* values must be read again */
	bool unreported;
	bool told; /* the client knows of all values that are reported */
	struct settings_values values;
};

/* NULL: nothing was ever set. Valid until the next setting_entry_make. */
struct entry *setting_entry_find(const struct settings *s, unsigned index);
/* The same, made if there is none; NULL: out of memory. */
struct entry *setting_entry_make(struct settings *s, unsigned index);
const char *setting_entry_value(struct settings *s, unsigned index);
/* It has another value: who has read it reads it again. What only says how the transaction is, nobody has. */
void setting_note_change(struct settings *s, unsigned index);

/* ---- names.c ---- */

/* Where a setting's entry is, by its name: of the table, or one that the session has made up. False: neither. */
bool setting_name_find(struct settings *s, const char *name, unsigned *index);
/* Makes up a setting of that name, which must have a dot. -1: 42704, 42602, 54000. */
int setting_name_add(struct settings *s, const char *name, unsigned *index, struct report *r);
/* 42704; -1. */
int setting_name_unknown(const char *name, struct report *r);
/* 53200; -1. */
int setting_out_of_memory(struct report *r);

/* ---- transaction.c ---- */

/* Keeps what the entry is now, once for each depth; to be called before each change. */
int setting_undo_keep(struct settings *s, unsigned index, struct report *r);
void setting_undo_free(struct undo *u);

#endif
