/*
 * Memory of one translation: taken piece by piece, given back at once.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/memory.h"

struct translator_block {
	struct translator_block *next;
	size_t used, size;
	max_align_t data[];
};

#define BLOCK_SIZE 8192

int
translate_out_of_memory(struct translator *t)
{
	t->out_of_memory = true;
	return report_set(t->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
}

void *
translator_alloc(struct translator *t, size_t size)
{
	struct translator_block *block = t->blocks;
	void *p;

	size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	if (block == NULL || block->size - block->used < size) {
		size_t wanted = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		if ((block = malloc(sizeof(*block) + wanted)) == NULL) {
			translate_out_of_memory(t);
			return NULL;
		}
		*block = (struct translator_block) { .next = t->blocks, .size = wanted };
		t->blocks = block;
	}
	p = (char *)block->data + block->used;
	block->used += size;
	return memset(p, 0, size);
}

char *
translator_copy(struct translator *t, const char *text)
{
	size_t n = strlen(text) + 1;
	char *copy = translator_alloc(t, n);

	return copy == NULL ? NULL : memcpy(copy, text, n);
}

char *
translator_format(struct translator *t, const char *fmt, ...)
{
	va_list ap;
	char *text, *copy;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		translate_out_of_memory(t);
		return NULL;
	}
	copy = translator_copy(t, text);
	free(text);
	return copy;
}

char *
translator_plan_copy(struct translator *t, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		translate_out_of_memory(t);
	return copy;
}

void
translator_release(struct translator *t)
{
	while (t->blocks != NULL) {
		struct translator_block *next = t->blocks->next;

		free(t->blocks);
		t->blocks = next;
	}
	sql_text_free(&t->out);
	sql_text_free(&t->proposed);
}

void *
translator_grow(struct translator *t, void *array, unsigned wanted, unsigned *capacity, size_t size)
{
	unsigned grown = wanted < 4 ? 8 : wanted * 2;
	char *p;

	if (wanted <= *capacity)
		return array;
	if ((p = reallocarray(array, grown, size)) == NULL) {
		translate_out_of_memory(t);
		return NULL;
	}
	memset(p + *capacity * size, 0, (grown - *capacity) * size);
	*capacity = grown;
	return p;
}
