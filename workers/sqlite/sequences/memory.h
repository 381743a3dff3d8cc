/*
 * What sequences have given to a session: currval(), lastval(), and values that it took at once (CACHE) and has not
 * given out yet. Zeroed memory is that of a session that was given nothing.
 */
#ifndef BIBD_SQLITE_SEQUENCES_MEMORY_H
#define BIBD_SQLITE_SEQUENCES_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sequence_told;

struct sequence_memory {
	struct sequence_told *told; /* one for each sequence that gave values */
	size_t ntold;
	bool has_last;	  /* lastval() has a value */
	uint64_t last_id; /* identifies the sequence of lastval(); 0: SQLite numbers the column */
	int64_t last;
};

/* Forgets everything: for DISCARD SEQUENCES, and at the end of the session. */
void sequence_memory_forget(struct sequence_memory *memory);

/* Gives out the next of the values that were taken at once; false: there is none. */
bool sequence_memory_next(struct sequence_memory *memory, uint64_t id, uint64_t identity, int64_t increment,
    int64_t *value);
/* Notes that `first` is given out now, and that the values up to `last` are taken. False: out of memory, or the
 * session knows too many sequences. */
bool sequence_memory_note(struct sequence_memory *memory, uint64_t id, uint64_t identity, int64_t first, int64_t last);
/* For setval(): gives up the values that were taken. The new value counts for currval() if `called`, and never for
 * lastval(). */
bool sequence_memory_set(struct sequence_memory *memory, uint64_t id, uint64_t identity, int64_t value, bool called);
void sequence_memory_note_unnamed(struct sequence_memory *memory, int64_t value);

/* For currval() and lastval(); false: there is no value yet. id may be NULL. */
bool sequence_memory_current(const struct sequence_memory *memory, uint64_t id, int64_t *value);
bool sequence_memory_last(const struct sequence_memory *memory, uint64_t *id, int64_t *value);

#endif
