/*
 * Private to the translator: releasing what translator_alloc gave, and growing the plan's arrays.
 */
#ifndef BIBD_SQLITE_DIALECT_MEMORY_H
#define BIBD_SQLITE_DIALECT_MEMORY_H

#include "workers/sqlite/dialect/translate.h"

/* Frees the blocks and t->out; not the plan. */
void translator_release(struct translator *t);

/* Makes a malloc'ed array hold `wanted` entries, new ones zeroed. NULL: out of memory, the array is as it was. */
void *translator_grow(struct translator *t, void *array, unsigned wanted, unsigned *capacity, size_t size);

#endif
