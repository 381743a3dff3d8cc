/*
 * The manifest has a line for each file; what is not a line of that form is an error, except its head and its end.
 */
#include "workers/archive/postgres/sums.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUMS_POLYNOMIAL 0x82f63b78U /* of CRC-32C, the lowest bit first */
#define SUMS_ROOM_FIRST 1024

/* ---- CRC-32C ---- */

static uint32_t
crc32c_by_bits(uint32_t crc, const uint8_t *p, size_t size)
{
	static uint32_t table[256];

	if (table[1] == 0)
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t value = i;

			for (int bit = 0; bit < 8; bit++)
				value = value >> 1 ^ ((value & 1) != 0 ? SUMS_POLYNOMIAL : 0);
			table[i] = value;
		}
	while (size-- > 0)
		crc = table[(crc ^ *p++) & 0xff] ^ crc >> 8;
	return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
crc32c_by_processor(uint32_t crc, const uint8_t *p, size_t size)
{
	uint64_t wide = crc;

	for (; size >= sizeof(uint64_t); size -= sizeof(uint64_t), p += sizeof(uint64_t)) {
		uint64_t value;

		memcpy(&value, p, sizeof(value));
		wide = __builtin_ia32_crc32di(wide, value);
	}
	crc = (uint32_t)wide;
	while (size-- > 0)
		crc = __builtin_ia32_crc32qi(crc, *p++);
	return crc;
}
#endif

uint32_t
crc32c(uint32_t crc, const void *data, size_t size)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("sse4.2"))
		return ~crc32c_by_processor(~crc, data, size);
#endif
	return ~crc32c_by_bits(~crc, data, size);
}

/* ---- the files ---- */

int
sums_add(struct sums *sums, const char *name, uint64_t size, uint32_t crc, struct error *e)
{
	if ((sums->count & (sums->count - 1)) == 0 && (sums->count == 0 || sums->count >= SUMS_ROOM_FIRST)) {
		struct sums_file *grown =
		    reallocarray(sums->files, sums->count == 0 ? SUMS_ROOM_FIRST : 2 * sums->count, sizeof(*grown));

		if (grown == NULL)
			return error_set_errno(e, STATUS_OS, "archive.memory", "a backup has too many files");
		sums->files = grown;
	}
	sums->files[sums->count] = (struct sums_file) { .name = strdup(name), .size = size, .crc = crc };
	if (sums->files[sums->count].name == NULL)
		return error_set_errno(e, STATUS_OS, "archive.memory", "a backup has too many files");
	sums->count++;
	return 0;
}

static int
sums_compare(const void *a, const void *b)
{
	const struct sums_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void
sums_free(struct sums *sums)
{
	for (size_t i = 0; i < sums->count; i++)
		free(sums->files[i].name);
	free(sums->files);
	*sums = (struct sums) { 0 };
}

/* ---- the manifest ---- */

static int
sums_refuse(struct error *e, const char *what, const char *name)
{
	return error_set(e, STATUS_DATA, "postgres.stream", "PostgreSQL's manifest %s: %.120s", what, name);
}

/* { "Path": "base/1/112", "Size": 8192, "Last-Modified": "...", "Checksum-Algorithm": "CRC32C", "Checksum": "..." } */
static int
sums_take_line(struct sums *sums, struct error *e)
{
	static const char sum[] = "\"Checksum\": \"";
	char name[SUMS_LINE_MAX];
	struct sums_file key = { .name = name }, *file;
	uint64_t size;
	unsigned bytes[4];
	const char *found;

	if (strncmp(sums->line, "{ \"Path\": \"", 11) != 0)
		return strncmp(sums->line, "{ \"Encoded-Path\"", 16) == 0
		    ? sums_refuse(e, "has a strange name", sums->line)
		    : 0;
	found = strstr(sums->line, sum);
	if (sscanf(sums->line, "{ \"Path\": \"%2047[^\"\\]\", \"Size\": %" SCNu64 ",", name, &size) != 2 ||
	    found == NULL ||
	    sscanf(found + sizeof(sum) - 1, "%2x%2x%2x%2x", &bytes[0], &bytes[1], &bytes[2], &bytes[3]) != 4)
		return sums_refuse(e, "cannot be read", sums->line);
	file = bsearch(&key, sums->files, sums->count, sizeof(key), sums_compare);
	if (file == NULL)
		return sums_refuse(e, "names a file that did not come", name);
	if (file->size != size || file->crc != (bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24))
		return sums_refuse(e, "has another checksum than what came", name);
	file->found = true;
	return 0;
}

int
sums_check(struct sums *sums, const char *data, size_t size, struct error *e)
{
	if (!sums->sorted && sums->count > 0)
		qsort(sums->files, sums->count, sizeof(*sums->files), sums_compare);
	sums->sorted = true;
	for (size_t i = 0; i < size; i++) {
		if (data[i] != '\n') {
			if (sums->length == SUMS_LINE_MAX - 1)
				return sums_refuse(e, "has too long a line", "");
			sums->line[sums->length++] = data[i];
			continue;
		}
		sums->line[sums->length] = '\0';
		sums->length = 0;
		if (sums_take_line(sums, e) == -1)
			return -1;
	}
	return 0;
}

int
sums_finish(const struct sums *sums, struct error *e)
{
	for (size_t i = 0; i < sums->count; i++)
		if (!sums->files[i].found)
			return sums_refuse(e, "lacks a file that came", sums->files[i].name);
	return 0;
}
