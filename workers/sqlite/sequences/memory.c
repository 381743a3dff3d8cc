/* What one session was told, in a list: it uses few sequences. */
#include "workers/sqlite/sequences/memory.h"

#include <stdlib.h>

/* Sequences that one session may know. */
#define TOLD_MAX 100000

struct sequence_told {
	uint64_t id, identity;
	int64_t value; /* told last */
	int64_t until; /* taken up to here; value: nothing more */
	bool called;   /* value was told */
};

void
sequence_memory_forget(struct sequence_memory *memory)
{
	free(memory->told);
	*memory = (struct sequence_memory) { 0 };
}

static struct sequence_told *
find(const struct sequence_memory *memory, uint64_t id)
{
	for (size_t i = memory->ntold; i-- > 0;)
		if (memory->told[i].id == id)
			return &memory->told[i];
	return NULL;
}

static struct sequence_told *
find_or_add(struct sequence_memory *memory, uint64_t id)
{
	struct sequence_told *told = find(memory, id), *grown;

	if (told != NULL || memory->ntold == TOLD_MAX)
		return told;
	if ((grown = reallocarray(memory->told, memory->ntold + 1, sizeof(*grown))) == NULL)
		return NULL;
	memory->told = grown;
	grown += memory->ntold++;
	*grown = (struct sequence_told) { .id = id };
	return grown;
}

static void
note_last(struct sequence_memory *memory, uint64_t id, int64_t value)
{
	memory->has_last = true;
	memory->last_id = id;
	memory->last = value;
}

bool
sequence_memory_next(struct sequence_memory *memory, uint64_t id, uint64_t identity, int64_t increment, int64_t *value)
{
	struct sequence_told *told = find(memory, id);

	if (told == NULL || told->identity != identity || told->value == told->until)
		return false;
	*value = told->value = (int64_t)((uint64_t)told->value + (uint64_t)increment);
	note_last(memory, id, *value);
	return true;
}

bool
sequence_memory_note(struct sequence_memory *memory, uint64_t id, uint64_t identity, int64_t first, int64_t last)
{
	struct sequence_told *told = find_or_add(memory, id);

	if (told == NULL)
		return false;
	*told =
	    (struct sequence_told) { .id = id, .identity = identity, .value = first, .until = last, .called = true };
	note_last(memory, id, first);
	return true;
}

bool
sequence_memory_set(struct sequence_memory *memory, uint64_t id, uint64_t identity, int64_t value, bool called)
{
	struct sequence_told *told = find_or_add(memory, id);

	if (told == NULL)
		return false;
	told->identity = identity;
	if (called) {
		told->value = value;
		told->called = true;
	}
	told->until = told->value;
	if (called && memory->has_last && memory->last_id == id)
		memory->last = value;
	return true;
}

void
sequence_memory_note_unnamed(struct sequence_memory *memory, int64_t value)
{
	note_last(memory, 0, value);
}

bool
sequence_memory_current(const struct sequence_memory *memory, uint64_t id, int64_t *value)
{
	const struct sequence_told *told = find(memory, id);

	if (told == NULL || !told->called)
		return false;
	*value = told->value;
	return true;
}

bool
sequence_memory_last(const struct sequence_memory *memory, uint64_t *id, int64_t *value)
{
	if (!memory->has_last)
		return false;
	if (id != NULL)
		*id = memory->last_id;
	*value = memory->last;
	return true;
}
