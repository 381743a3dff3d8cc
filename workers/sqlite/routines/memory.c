/*
 * The arena that a routine's tree lives in, and rows.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/tree.h"

/* What the tree of one routine may take. */
#define ROUTINE_TREE_BYTES ((size_t)32 << 20)

struct routine_block {
	struct routine_block *next;
	max_align_t data[];
};

void *
routine_alloc(struct routine *routine, size_t size, struct report *r)
{
	struct routine_block *block;

	if (size > ROUTINE_TREE_BYTES || routine->bytes > ROUTINE_TREE_BYTES - size) {
		(void)report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "a routine is too large");
		return NULL;
	}
	if ((block = calloc(1, sizeof(*block) + size)) == NULL) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	routine->bytes += sizeof(*block) + size;
	block->next = routine->memory;
	routine->memory = block;
	return block->data;
}

char *
routine_copy(struct routine *routine, const char *text, size_t length, struct report *r)
{
	char *copy = routine_alloc(routine, length + 1, r);

	if (copy != NULL)
		memcpy(copy, text, length);
	return copy;
}

void
routine_free(struct routine *routine)
{
	struct routine_block *block;

	if (routine == NULL)
		return;
	while ((block = routine->memory) != NULL) {
		routine->memory = block->next;
		free(block);
	}
	free(routine);
}

void
routine_rows_free(struct routine_rows *rows)
{
	for (unsigned i = 0; i < rows->ncolumns && rows->columns != NULL; i++)
		free(rows->columns[i].name);
	for (size_t i = 0; i < rows->nrows * rows->ncolumns; i++)
		type_value_free(&rows->cells[i]);
	free(rows->columns);
	free(rows->cells);
	*rows = (struct routine_rows) { 0 };
}
