/*
 * What a session was told by sequences: currval(), lastval(), and values that it took at once (CACHE) and has yet to
 * tell. Zeroed memory is that of a session which was told nothing.
 */
#ifndef BIBD_SQLITE_SEQUENCES_MEMORY_H
#define BIBD_SQLITE_SEQUENCES_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sequence_told;

struct sequence_memory {
	struct sequence_told *told; /* one for each sequence */
	size_t ntold;
	bool has_last;	  /* lastval() */
	uint64_t last_id; /* of its sequence; 0: of one that SQLite numbers */
	int64_t last;
};

/* DISCARD SEQUENCES; and the end of the session. */
void sequence_memory_forget(struct sequence_memory *memory);

/* The next of the values taken at once; false: there is none. */
bool sequence_memory_next(struct sequence_memory *memory, uint64_t id, uint64_t identity, int64_t increment,
    int64_t *value);
/* first is told now, and those up to last are taken. False: out of memory, or the session knows too many. */
bool sequence_memory_note(struct sequence_memory *memory, uint64_t id, uint64_t identity, int64_t first, int64_t last);
/* setval(): what was taken is given up; it counts as told if `called`, but is no lastval(). */
bool sequence_memory_set(struct sequence_memory *memory, uint64_t id, uint64_t identity, int64_t value, bool called);
void sequence_memory_note_unnamed(struct sequence_memory *memory, int64_t value);

/* currval(), lastval(); false: not yet. id may be NULL. */
bool sequence_memory_current(const struct sequence_memory *memory, uint64_t id, int64_t *value);
bool sequence_memory_last(const struct sequence_memory *memory, uint64_t *id, int64_t *value);

#endif
