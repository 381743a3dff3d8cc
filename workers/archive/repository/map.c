/*
 * Prints and reads the records of maps.
 */
#include "workers/archive/repository/map.h"

#include <string.h>

size_t
map_put_file(uint8_t *p, uint32_t number, const char *name, uint32_t page_size, uint32_t mode)
{
	size_t length = strlen(name);

	p[0] = 'F';
	put_u32(p + 1, number);
	put_u32(p + 5, page_size);
	put_u32(p + 9, mode);
	p[13] = (uint8_t)length;
	memcpy(p + 14, name, length + 1); /* its NUL is written over */
	return 14 + length;
}

size_t
map_put_size(uint8_t *p, uint32_t number, uint64_t size)
{
	p[0] = 'S';
	put_u32(p + 1, number);
	put_u64(p + 5, size);
	return 13;
}

size_t
map_put_chunk(uint8_t *p, const struct map_chunk *chunk)
{
	size_t n = 29;

	p[0] = 'C';
	put_u32(p + 1, chunk->file);
	put_u32(p + 5, chunk->frame);
	put_u32(p + 9, chunk->offset);
	put_u32(p + 13, chunk->size);
	put_u32(p + 17, chunk->count);
	put_u64(p + 21, chunk->numbers[0]);
	for (uint32_t i = 1; i < chunk->count; i++, n += 4)
		put_u32(p + n, (uint32_t)(chunk->numbers[i] - chunk->numbers[i - 1]));
	for (uint32_t i = 0; i < chunk->count; i++, n += SEAL_HASH_SIZE)
		memcpy(p + n, chunk->hashes[i], SEAL_HASH_SIZE);
	return n;
}

/* A relative path whose parts are no way out of the directory. */
static bool
map_is_name(const char *name)
{
	for (const char *part = name;; part++) {
		size_t length = strcspn(part, "/");

		if (length == 0 || (part[0] == '.' && (length == 1 || (length == 2 && part[1] == '.'))))
			return false;
		for (size_t i = 0; i < length; i++)
			if (part[i] <= ' ' || part[i] > '~' || part[i] == '\\')
				return false;
		part += length;
		if (*part == '\0')
			return true;
	}
}

/* Each returns the bytes of its record, or 0: it is none. -1 in *result: a call said so. */
static size_t
map_take_file(const uint8_t *p, size_t left, const struct map_calls *calls, void *arg, int *result, struct error *e)
{
	char name[DEPOT_NAME_MAX];
	size_t length;

	if (left < 14 || (length = p[13]) >= sizeof(name) || left < 14 + length)
		return 0;
	memcpy(name, p + 14, length);
	name[length] = '\0';
	if (strlen(name) != length || !map_is_name(name) || get_u32(p + 5) == 0 || get_u32(p + 5) > REPOSITORY_PAGE_MAX)
		return 0;
	*result = calls->file(arg, get_u32(p + 1), name, get_u32(p + 5), get_u32(p + 9), e);
	return 14 + length;
}

static size_t
map_take_size(const uint8_t *p, size_t left, const struct map_calls *calls, void *arg, int *result, struct error *e)
{
	if (left < 13)
		return 0;
	*result = calls->size(arg, get_u32(p + 1), get_u64(p + 5), e);
	return 13;
}

static size_t
map_take_chunk(const uint8_t *p, size_t left, const struct map_calls *calls, void *arg, int *result, struct error *e)
{
	struct map_chunk chunk;
	size_t n = 29;

	if (left < n)
		return 0;
	chunk.file = get_u32(p + 1);
	chunk.frame = get_u32(p + 5);
	chunk.offset = get_u32(p + 9);
	chunk.size = get_u32(p + 13);
	chunk.count = get_u32(p + 17);
	chunk.numbers[0] = get_u64(p + 21);
	if (chunk.count == 0 || chunk.count > MAP_CHUNK_PAGES_MAX || chunk.numbers[0] >= TABLE_PAGES_MAX ||
	    left < n + (size_t)(chunk.count - 1) * 4 + (size_t)chunk.count * SEAL_HASH_SIZE)
		return 0;
	for (uint32_t i = 1; i < chunk.count; i++, n += 4) {
		chunk.numbers[i] = chunk.numbers[i - 1] + get_u32(p + n);
		if (chunk.numbers[i] <= chunk.numbers[i - 1] || chunk.numbers[i] >= TABLE_PAGES_MAX)
			return 0;
	}
	for (uint32_t i = 0; i < chunk.count; i++, n += SEAL_HASH_SIZE)
		memcpy(chunk.hashes[i], p + n, SEAL_HASH_SIZE);
	*result = calls->chunk(arg, &chunk, e);
	return n;
}

int
map_walk(const uint8_t *map, size_t size, const struct map_calls *calls, void *arg, struct error *e)
{
	int result = 0;

	for (size_t at = 0, n; at < size; at += n) {
		const uint8_t *p = map + at;

		n = p[0] == 'F'	  ? map_take_file(p, size - at, calls, arg, &result, e)
		    : p[0] == 'S' ? map_take_size(p, size - at, calls, arg, &result, e)
		    : p[0] == 'C' ? map_take_chunk(p, size - at, calls, arg, &result, e)
				  : 0;
		if (n == 0 || result == -1)
			return n == 0 ? 0 : -1;
	}
	return 1;
}
