/*
 * A header of 512 bytes, the contents, zeros up to the next 512; two blocks of zeros at the end.
 */
#include "workers/archive/postgres/tar.h"

#include <stdio.h>
#include <string.h>

/* A number in octal digits, or, where its first bit is set, in binary. False: it is none. */
static bool
tar_number(const uint8_t *field, size_t size, uint64_t *number)
{
	size_t i = 0;

	*number = 0;
	if ((field[0] & 0x80) != 0) {
		for (i = size > 8 ? size - 8 : 0; i < size; i++)
			*number = *number << 8 | field[i];
		return *number <= INT64_MAX;
	}
	while (i < size && field[i] == ' ')
		i++;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		*number = *number << 3 | (uint64_t)(field[i] - '0');
	return i == size || field[i] == '\0' || field[i] == ' ';
}

/* The sum of all bytes, with those of the sum itself as spaces. */
static bool
tar_is_header(const uint8_t *block)
{
	uint64_t wanted, sum = 0;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : block[i];
	return tar_number(block + 148, 8, &wanted) && wanted == sum && memcmp(block + 257, "ustar", 5) == 0;
}

static int
tar_take_header(struct tar *tar, struct error *e)
{
	static const uint8_t zeros[TAR_BLOCK];
	const uint8_t *b = tar->block;
	struct tar_entry entry = { 0 };
	uint64_t mode;
	size_t n;

	tar->have = 0;
	if (memcmp(b, zeros, sizeof(zeros)) == 0)
		return 0;
	if (!tar_is_header(b) || !tar_number(b + 100, 8, &mode) || !tar_number(b + 124, 12, &entry.size))
		return error_set(e, STATUS_DATA, "postgres.stream", "PostgreSQL's backup is no archive of tar");
	n = (size_t)snprintf(entry.name, sizeof(entry.name), "%.155s%s%.100s", (const char *)b + 345,
	    b[345] == '\0' ? "" : "/", (const char *)b);
	while (n > 0 && entry.name[n - 1] == '/')
		entry.name[--n] = '\0';
	if (strncmp(entry.name, "./", 2) == 0)
		memmove(entry.name, entry.name + 2, n - 1);
	entry.directory = b[156] == '5';
	entry.mode = (uint32_t)mode & 0777;
	if (b[156] != '5' && b[156] != '0' && b[156] != '\0')
		return error_set(e, STATUS_DATA, "postgres.stream",
		    "the database directory has %.100s, which is no file: tablespaces are not backed up", entry.name);
	tar->left = entry.directory ? 0 : entry.size;
	tar->padding = (TAR_BLOCK - tar->left % TAR_BLOCK) % TAR_BLOCK;
	if (tar->calls->begin(tar->arg, &entry, e) == -1)
		return -1;
	return tar->left == 0 ? tar->calls->end(tar->arg, e) : 0;
}

/* Takes as much as belongs together; returns how much, or -1. */
static ssize_t
tar_step(struct tar *tar, const uint8_t *data, size_t size, struct error *e)
{
	size_t n;

	if (tar->left > 0) {
		n = size < tar->left ? size : (size_t)tar->left;
		tar->left -= n;
		if (tar->calls->data(tar->arg, data, n, e) == -1 ||
		    (tar->left == 0 && tar->calls->end(tar->arg, e) == -1))
			return -1;
	} else if (tar->padding > 0) {
		n = size < tar->padding ? size : tar->padding;
		tar->padding -= n;
	} else {
		n = size < TAR_BLOCK - tar->have ? size : TAR_BLOCK - tar->have;
		memcpy(tar->block + tar->have, data, n);
		tar->have += n;
		if (tar->have == TAR_BLOCK && tar_take_header(tar, e) == -1)
			return -1;
	}
	return (ssize_t)n;
}

int
tar_feed(struct tar *tar, const uint8_t *data, size_t size, struct error *e)
{
	while (size > 0) {
		ssize_t n = tar_step(tar, data, size, e);

		if (n == -1)
			return -1;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

bool
tar_is_whole(const struct tar *tar)
{
	return tar->have == 0 && tar->left == 0 && tar->padding == 0;
}
