/*
 * Where sequences stand, for all connections of the process. What nextval() has told is never told again: not by
 * another session, not after a rollback, which takes nothing back, and not after a crash. So it isn't kept in the
 * database, whose one writer would have to be waited for, but in memory, and ahead of that in a small file beside it.
 *
 * Invariant: before a value is told, a position at or beyond it is on the disk. Values are reserved 32 at a time; a
 * crash skips what was reserved and not told, as PostgreSQL does. The database itself has notes (SEQUENCE_NOTE), for
 * whoever copies it without that file: the further of the two holds.
 *
 * A position has an identity: ALTER SEQUENCE RESTART gives a sequence another one, so that it can be rolled back.
 * All functions may be called by any thread.
 */
#ifndef BIBD_SQLITE_SEQUENCES_H
#define BIBD_SQLITE_SEQUENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* The key in bibd_node under which the note of an identity is kept. */
#define SEQUENCE_NOTE "sequence:"

struct sequences;

/* What a sequence counts by. */
struct sequence_rule {
	int64_t increment, min, max;
	int64_t cache; /* how many values a session takes at once; at least 1 */
	bool cycle;
};

/* Where a sequence stands, as `SELECT * FROM sequence` shows it. */
struct sequence_position {
	int64_t value;
	int64_t log; /* how many values can be given out before the file is written again */
	bool called; /* `value` was given out; else it is the next one */
};

enum sequence_result { SEQUENCE_DRAWN, SEQUENCE_AT_LIMIT, SEQUENCE_NOT_WRITTEN };

/* Opens the sequences whose positions are kept in the file at `path`, or, path NULL, those of temporary ones, in
 * memory alone. NULL: the error is set as for store.open. */
struct sequences *sequences_open(const char *path, struct error *e);
/* Frees the sequences, or NULL, and writes nothing. */
void sequences_close(struct sequences *sequences);

/* At the start: there is a sequence with that identity, which began there; note: what the database has of it ("":
 * none). Then sequences_begin() leaves out of the file those that were not named. */
void sequences_name(struct sequences *sequences, uint64_t identity, const struct sequence_position *start,
    const char *note, bool ascends);
int sequences_begin(struct sequences *sequences, struct error *e);

bool sequences_has(struct sequences *sequences, uint64_t identity);

/* Draws up to rule->cache values: *first, and *last of those that the session may tell without asking again. One that
 * was not heard of stands at start. NOT_WRITTEN: errno says why. */
enum sequence_result sequences_draw(struct sequences *sequences, uint64_t identity,
    const struct sequence_position *start, const struct sequence_rule *rule, int64_t *first, int64_t *last);
/* Sets it, at once and for good. -1: errno says why. */
int sequences_set(struct sequences *sequences, uint64_t identity, int64_t value, bool called);
struct sequence_position sequences_look(struct sequences *sequences, uint64_t identity,
    const struct sequence_position *start);

/* A note is due when what was reserved is not in the database yet: true, with its text. It counts as written until
 * sequences_forget_notes(), which whoever holds the write lease calls after anything was rolled back. */
#define SEQUENCE_NOTE_SIZE 64
bool sequences_due_note(struct sequences *sequences, uint64_t identity, char note[SEQUENCE_NOTE_SIZE]);
void sequences_forget_notes(struct sequences *sequences);

/* At the end of an orderly stop: what was reserved and not told is given back, in the file, and all notes are due.
 * sequences_next() walks through them, *cursor from 0; false: there are no more. */
int sequences_settle(struct sequences *sequences);
bool sequences_next(struct sequences *sequences, size_t *cursor, uint64_t *identity, char note[SEQUENCE_NOTE_SIZE]);

#endif
