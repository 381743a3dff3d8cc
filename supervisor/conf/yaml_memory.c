/*
 * libyaml keeps pieces of the configuration in buffers of its own, and the password of an external server may be in one
 * of them; what it frees would stay in our memory for as long as bibd runs. It takes no allocator, but calls the
 * functions that it exports for memory through the linkage table: these stand in their place, and wipe what is freed.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "supervisor/conf/parse.h"

void *yaml_malloc(size_t size);
void *yaml_realloc(void *memory, size_t size);
void yaml_free(void *memory);
yaml_char_t *yaml_strdup(const yaml_char_t *text);

void *
yaml_malloc(size_t size)
{
	return malloc(size == 0 ? 1 : size);
}

void
yaml_free(void *memory)
{
	if (memory == NULL)
		return;
	explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

void *
yaml_realloc(void *memory, size_t size)
{
	void *moved = yaml_malloc(size);
	size_t had = memory == NULL ? 0 : malloc_usable_size(memory);

	if (moved == NULL || memory == NULL)
		return moved;
	memcpy(moved, memory, had < size ? had : size);
	yaml_free(memory);
	return moved;
}

yaml_char_t *
yaml_strdup(const yaml_char_t *text)
{
	return text == NULL ? NULL : (yaml_char_t *)strdup((const char *)text);
}

bool
conf_parser_open(struct conf_parser *parser)
{
	return yaml_parser_initialize(&parser->yaml) != 0;
}
