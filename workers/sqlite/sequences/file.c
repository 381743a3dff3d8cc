/*
 * The file of positions. A sequence has a slot of two halves, written in turns, so that a write which a crash cuts
 * short leaves the one before it. Of the halves that are whole the later one holds.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/sqlite/sequences/entries.h"

/* As it lies on the disk, in the machine's own order of bytes. */
struct half {
	uint64_t identity;
	uint64_t turn;
	int64_t value;
	uint32_t version;
	uint32_t called;
	uint64_t sum;
};

#define SLOT_SIZE (2 * (off_t)sizeof(struct half))

/* FNV-1a over the words of all but the sum itself, its bits mixed after each. */
static uint64_t
half_sum(const struct half *half)
{
	const uint64_t words[] = { half->identity, half->turn, (uint64_t)half->value,
		((uint64_t)half->version << 32) | half->called };
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		hash = (hash ^ words[i]) * UINT64_C(1099511628211);
		hash ^= hash >> 29;
	}
	return hash;
}

static int
write_half(int fd, const struct sequence_entry *entry)
{
	struct half half = { .identity = entry->identity,
		.turn = entry->turn,
		.value = entry->reserved,
		.version = entry->version,
		.called = entry->at.called };
	off_t at = entry->slot * SLOT_SIZE + (off_t)(entry->turn % 2) * (off_t)sizeof(half);
	ssize_t n;

	half.sum = half_sum(&half);
	do
		n = pwrite(fd, &half, sizeof(half), at);
	while (n == -1 && errno == EINTR);
	if (n >= 0 && n < (ssize_t)sizeof(half))
		errno = ENOSPC;
	return n == (ssize_t)sizeof(half) ? 0 : -1;
}

static int
take_half(struct sequences *sequences, const struct half *half, long slot)
{
	struct sequence_entry *entry;

	if (half->sum != half_sum(half))
		return 0;
	if ((entry = sequence_entry(sequences, half->identity)) == NULL)
		return -1;
	if (entry->slot != -1 && entry->turn >= half->turn)
		return 0;
	entry->slot = slot;
	entry->turn = half->turn;
	entry->reserved = half->value;
	entry->version = half->version;
	entry->at = (struct sequence_position) { .value = half->value, .called = half->called != 0 };
	return 0;
}

int
sequence_file_read(struct sequences *sequences)
{
	struct half halves[2];
	long slot = 0;
	ssize_t n;

	sequences->fd = open(sequences->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (sequences->fd == -1)
		return -1;
	for (; (n = pread(sequences->fd, halves, sizeof(halves), slot * SLOT_SIZE)) > 0; slot++) {
		unsigned whole = (unsigned)((size_t)n / sizeof(halves[0]));

		for (unsigned i = 0; i < whole; i++)
			if (take_half(sequences, &halves[i], slot) == -1)
				return -1;
	}
	sequences->nslots = slot;
	return n == -1 ? -1 : 0;
}

static int
sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
	int fd = directory == NULL ? -1 : open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = fd == -1 ? -1 : fsync(fd);

	if (fd != -1)
		close(fd);
	free(directory);
	return result;
}

static int
write_named(struct sequences *sequences, int fd)
{
	sequences->nslots = 0;
	for (size_t i = 0; i < SEQUENCE_BUCKETS; i++)
		for (struct sequence_entry *entry = sequences->buckets[i]; entry != NULL; entry = entry->next) {
			if (!entry->named || entry->turn == 0)
				continue;
			entry->slot = sequences->nslots++;
			if (write_half(fd, entry) == -1)
				return -1;
		}
	return fsync(fd);
}

int
sequence_file_renew(struct sequences *sequences)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s.new", sequences->path) < 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1 || write_named(sequences, fd) == -1 || rename(path, sequences->path) == -1 ||
	    sync_directory(sequences->path) == -1) {
		if (fd != -1)
			close(fd);
		free(path);
		return -1;
	}
	free(path);
	close(sequences->fd);
	sequences->fd = fd;
	return 0;
}

int
sequence_file_write(struct sequences *sequences, struct sequence_entry *entry)
{
	if (sequences->path == NULL)
		return 0;
	if (sequences->failed) {
		errno = EIO;
		return -1;
	}
	if (entry->slot == -1)
		entry->slot = sequences->nslots++;
	entry->turn++;
	if (write_half(sequences->fd, entry) == -1) {
		entry->turn--; /* the half before it stays the one that holds */
		return -1;
	}
	if (fdatasync(sequences->fd) == 0)
		return 0;
	sequences->failed = true;
	return -1;
}
