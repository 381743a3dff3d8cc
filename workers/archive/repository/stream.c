/*
 * Streams as the repository has them: which objects there are, whether they follow each other, and what is no longer
 * needed of them.
 */
#include "workers/archive/repository/changes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/archive/repository/change_object.h"
#include "workers/archive/repository/manifest.h"

static int
stream_memory(struct error *e)
{
	return error_set_errno(e, STATUS_OS, "repository.memory", "cannot list changes");
}

/* ---- names ---- */

static bool
stream_is_id(const char *name)
{
	return strlen(name) < REPOSITORY_BACKUP_SIZE && name[0] != '\0' && name[strspn(name, "0123456789T-")] == '\0';
}

struct ids_walk {
	char (*ids)[REPOSITORY_BACKUP_SIZE];
	size_t count;
};

static int
ids_add(void *arg, const char *name, struct error *e)
{
	struct ids_walk *walk = arg;
	char(*grown)[REPOSITORY_BACKUP_SIZE];

	if (!stream_is_id(name))
		return 0;
	if ((grown = reallocarray(walk->ids, walk->count + 1, sizeof(*grown))) == NULL)
		return stream_memory(e);
	walk->ids = grown;
	memcpy(walk->ids[walk->count++], name, strlen(name) + 1);
	return 0;
}

static int
ids_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

int
streams_list(const struct repository *r, char (**ids)[REPOSITORY_BACKUP_SIZE], size_t *count, struct error *e)
{
	struct ids_walk walk = { .count = 0 };

	*ids = NULL;
	*count = 0;
	if (r->depot->calls->list(r->depot, CHANGE_FOLDER, ids_add, &walk, e) == -1) {
		free(walk.ids);
		return -1;
	}
	if (walk.count > 1)
		qsort(walk.ids, walk.count, sizeof(*walk.ids), ids_compare);
	*ids = walk.ids;
	*count = walk.count;
	return 0;
}

/* ---- groups and their objects ---- */

struct group {
	uint32_t number;
	uint64_t first;
};

struct stream_walk {
	struct group *groups;
	size_t ngroups;
	struct change_stream *stream;
	uint64_t group_first;
};

static int
group_add(void *arg, const char *name, struct error *e)
{
	struct stream_walk *walk = arg;
	struct group group, *grown;
	int end = 0;

	if (sscanf(name, "%8" SCNx32 "-%16" SCNx64 "%n", &group.number, &group.first, &end) != 2 || name[end] != '\0')
		return 0;
	if ((grown = reallocarray(walk->groups, walk->ngroups + 1, sizeof(*grown))) == NULL)
		return stream_memory(e);
	walk->groups = grown;
	walk->groups[walk->ngroups++] = group;
	return 0;
}

static int
group_compare(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static int
entry_add(void *arg, const char *name, struct error *e)
{
	struct stream_walk *walk = arg;
	struct change_stream *stream = walk->stream;
	struct change_entry entry = { .group_first = walk->group_first }, *grown;
	int end = 0;

	if (sscanf(name, "%8" SCNx32 "-%16" SCNx64 "-%16" SCNx64 "%n", &entry.number, &entry.first, &entry.last,
		&end) != 3 ||
	    name[end] != '\0')
		return 0;
	if ((grown = reallocarray(stream->entries, stream->count + 1, sizeof(*grown))) == NULL)
		return stream_memory(e);
	stream->entries = grown;
	stream->entries[stream->count++] = entry;
	return 0;
}

static int
entry_compare(const void *a, const void *b)
{
	const struct change_entry *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static void
group_path(char path[DEPOT_NAME_MAX], const char *id, const struct group *group)
{
	(void)snprintf(path, DEPOT_NAME_MAX, CHANGE_FOLDER "/%s/%08" PRIx32 "-%016" PRIx64, id, group->number,
	    group->first);
}

static int
groups_list(const struct repository *r, const char *id, struct stream_walk *walk, struct error *e)
{
	char path[DEPOT_NAME_MAX];

	(void)snprintf(path, sizeof(path), CHANGE_FOLDER "/%s", id);
	if (r->depot->calls->list(r->depot, path, group_add, walk, e) == -1)
		return -1;
	if (walk->ngroups > 1)
		qsort(walk->groups, walk->ngroups, sizeof(*walk->groups), group_compare);
	return 0;
}

/* What does not lead beyond the position goes; the rest has no hole. */
static int
stream_trim(const struct repository *r, struct change_stream *stream, uint64_t beyond, struct error *e)
{
	size_t kept = 0;

	if (stream->count > 1)
		qsort(stream->entries, stream->count, sizeof(*stream->entries), entry_compare);
	for (size_t i = 0; i < stream->count; i++)
		if (stream->entries[i].last > beyond)
			stream->entries[kept++] = stream->entries[i];
	stream->count = kept;
	for (size_t i = 1; i < kept; i++)
		if (stream->entries[i].number != stream->entries[i - 1].number + 1 ||
		    stream->entries[i].first != stream->entries[i - 1].last)
			return error_set(e, STATUS_DATA, "repository.missing",
			    "%s/" CHANGE_FOLDER "/%s: an object after number %" PRIu32 " is missing", r->depot->where,
			    stream->id, stream->entries[i - 1].number);
	return 0;
}

static int
stream_list(const struct repository *r, uint64_t beyond, struct stream_walk *walk, struct error *e)
{
	char path[DEPOT_NAME_MAX];

	if (groups_list(r, walk->stream->id, walk, e) == -1)
		return -1;
	for (size_t i = 0; i < walk->ngroups; i++) {
		/* The next group begins where this one ends. */
		if (i + 1 < walk->ngroups && walk->groups[i + 1].first <= beyond)
			continue;
		walk->group_first = walk->groups[i].first;
		group_path(path, walk->stream->id, &walk->groups[i]);
		if (r->depot->calls->list(r->depot, path, entry_add, walk, e) == -1)
			return -1;
	}
	return stream_trim(r, walk->stream, beyond, e);
}

int
stream_open(const struct repository *r, const char *id, uint64_t beyond, struct change_stream *stream, struct error *e)
{
	struct stream_walk walk = { .stream = stream };
	int result;

	*stream = (struct change_stream) { .count = 0 };
	if (!stream_is_id(id))
		return error_set(e, STATUS_DATA, "repository.missing", "there is no stream \"%.40s\"", id);
	memcpy(stream->id, id, strlen(id) + 1);
	result = stream_list(r, beyond, &walk, e);
	free(walk.groups);
	if (result == -1)
		stream_close(stream);
	return result;
}

/* 1, 0, -1, of one stream. */
static int
stream_find_end(const struct repository *r, const char *id, char name[CHANGE_NAME_SIZE], struct error *e)
{
	struct change_stream stream = { .count = 0 };
	struct stream_walk walk = { .stream = &stream };
	char path[DEPOT_NAME_MAX];
	int result;

	memcpy(stream.id, id, strlen(id) + 1);
	result = groups_list(r, id, &walk, e);
	/* A group may have been begun and nothing put into it. */
	for (size_t i = walk.ngroups; result == 0 && stream.count == 0 && i-- > 0;) {
		walk.group_first = walk.groups[i].first;
		group_path(path, id, &walk.groups[i]);
		result = r->depot->calls->list(r->depot, path, entry_add, &walk, e);
	}
	if (stream.count > 1)
		qsort(stream.entries, stream.count, sizeof(*stream.entries), entry_compare);
	if (result == 0 && stream.count > 0) {
		stream_entry_name(name, &stream, stream.count - 1);
		result = 1;
	}
	free(walk.groups);
	stream_close(&stream);
	return result;
}

int
stream_find_last(const struct repository *r, char name[CHANGE_NAME_SIZE], struct error *e)
{
	char(*ids)[REPOSITORY_BACKUP_SIZE];
	size_t count;
	int result = streams_list(r, &ids, &count, e);

	while (result == 0 && count-- > 0)
		result = stream_find_end(r, ids[count], name, e);
	free(ids);
	return result;
}

void
stream_close(struct change_stream *stream)
{
	free(stream->entries);
	stream->entries = NULL;
	stream->count = 0;
}

void
stream_entry_name(char name[CHANGE_NAME_SIZE], const struct change_stream *stream, size_t entry)
{
	const struct change_entry *e = &stream->entries[entry];
	struct change_info head = { .number = e->number, .first = e->first, .last = e->last };

	memcpy(head.stream, stream->id, sizeof(head.stream));
	change_name(name, &head, e->group_first);
}

/* ---- reading ---- */

int
stream_read_entry(const struct change_stream *stream, size_t entry, bool follows, struct change_reader *reader,
    struct error *e)
{
	const struct change_entry *want = &stream->entries[entry];
	const struct change_info *head = change_head(reader);
	uint8_t before[SEAL_HASH_SIZE];
	char name[CHANGE_NAME_SIZE];

	memcpy(before, change_hash(reader), sizeof(before));
	stream_entry_name(name, stream, entry);
	if (change_read(reader, name, e) == -1)
		return -1;
	if (strcmp(head->stream, stream->id) == 0 && head->number == want->number && head->first == want->first &&
	    head->last == want->last && (!follows || memcmp(head->previous, before, sizeof(before)) == 0))
		return 0;
	return error_set(e, STATUS_DATA, "repository.damaged", "%s is not the object that belongs there", name);
}

int
stream_verify(const struct repository *r, const char *id, uint64_t *last, int64_t *last_us, struct error *e)
{
	struct change_reader *reader = change_reader_make(r, e);
	struct change_stream stream;
	int result;

	*last = 0;
	*last_us = 0;
	if (reader == NULL)
		return -1;
	result = stream_open(r, id, 0, &stream, e);
	for (size_t i = 0; result == 0 && i < stream.count; i++)
		if ((result = stream_read_entry(&stream, i, i > 0, reader, e)) == 0) {
			*last = change_head(reader)->last;
			*last_us = change_head(reader)->ended_us;
		}
	stream_close(&stream);
	change_reader_free(reader);
	return result;
}

/* ---- pruning ---- */

/* The oldest first, so that what is left has no hole at any instant. */
static int
prune_group(struct repository *r, const char *id, const struct group *group, uint64_t beyond, struct error *e)
{
	struct change_stream stream = { .count = 0 };
	struct stream_walk walk = { .stream = &stream, .group_first = group->first };
	char path[DEPOT_NAME_MAX], name[CHANGE_NAME_SIZE];
	int result;

	memcpy(stream.id, id, strlen(id) + 1);
	group_path(path, id, group);
	result = r->depot->calls->list(r->depot, path, entry_add, &walk, e);
	if (result == 0 && stream.count > 1)
		qsort(stream.entries, stream.count, sizeof(*stream.entries), entry_compare);
	for (size_t i = 0; result == 0 && i < stream.count && stream.entries[i].last <= beyond; i++) {
		stream_entry_name(name, &stream, i);
		result = r->depot->calls->remove(r->depot, name, e);
		if (result == 0 && i + 1 == stream.count)
			result = r->depot->calls->remove(r->depot, path, e);
	}
	stream_close(&stream);
	return result;
}

int
stream_prune(struct repository *r, const char *id, uint64_t beyond, struct error *e)
{
	struct stream_walk walk = { .ngroups = 0 };
	char path[DEPOT_NAME_MAX];
	int result = groups_list(r, id, &walk, e);

	for (size_t i = 0; result == 0 && i < walk.ngroups && walk.groups[i].first <= beyond; i++)
		result = prune_group(r, id, &walk.groups[i], beyond, e);
	free(walk.groups);
	if (result == 0 && beyond == UINT64_MAX) {
		(void)snprintf(path, sizeof(path), CHANGE_FOLDER "/%s", id);
		result = r->depot->calls->remove(r->depot, path, e);
	}
	return result;
}
