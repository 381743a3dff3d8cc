/*
 * Draws, sets and shows positions in memory, and has what is told written before.
 */
#include "workers/sqlite/sequences/sequences.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/sqlite/sequences/entries.h"

/* Values reserved beyond those that are asked for. */
#define AHEAD 32

struct sequence_entry *
sequence_entry(struct sequences *sequences, uint64_t identity)
{
	struct sequence_entry **bucket = &sequences->buckets[identity % SEQUENCE_BUCKETS], *entry;

	for (entry = *bucket; entry != NULL; entry = entry->next)
		if (entry->identity == identity)
			return entry;
	if ((entry = calloc(1, sizeof(*entry))) == NULL)
		return NULL;
	entry->identity = identity;
	entry->slot = -1;
	entry->next = *bucket;
	return *bucket = entry;
}

struct sequences *
sequences_open(const char *path, struct error *e)
{
	struct sequences *sequences = calloc(1, sizeof(*sequences));

	if (sequences == NULL || pthread_mutex_init(&sequences->lock, NULL) != 0) {
		free(sequences);
		(void)error_set(e, STATUS_OS, "store.open", "out of memory");
		return NULL;
	}
	sequences->fd = -1;
	if (path != NULL && ((sequences->path = strdup(path)) == NULL || sequence_file_read(sequences) == -1)) {
		(void)error_set_errno(e, STATUS_IO, "store.open", "cannot read %s, where sequences stand", path);
		sequences_close(sequences);
		return NULL;
	}
	return sequences;
}

void
sequences_close(struct sequences *sequences)
{
	if (sequences == NULL)
		return;
	for (size_t i = 0; i < SEQUENCE_BUCKETS; i++)
		while (sequences->buckets[i] != NULL) {
			struct sequence_entry *entry = sequences->buckets[i];

			sequences->buckets[i] = entry->next;
			free(entry);
		}
	if (sequences->fd != -1)
		close(sequences->fd);
	pthread_mutex_destroy(&sequences->lock);
	free(sequences->path);
	free(sequences);
}

/* The entry of a sequence that is there: one not heard of stands where it began. */
static struct sequence_entry *
find(struct sequences *sequences, uint64_t identity, const struct sequence_position *start)
{
	struct sequence_entry *entry = sequence_entry(sequences, identity);

	if (entry == NULL || entry->named)
		return entry;
	entry->named = true;
	if (entry->turn > 0)
		return entry;
	entry->at = *start;
	entry->reserved = start->value;
	return entry;
}

/* ---- at the start ---- */

void
sequences_name(struct sequences *sequences, uint64_t identity, const struct sequence_position *start, const char *note,
    bool ascends)
{
	struct sequence_position noted = { 0 };
	struct sequence_entry *entry;
	uint32_t version;
	int called;

	pthread_mutex_lock(&sequences->lock);
	entry = find(sequences, identity, start);
	if (entry != NULL && sscanf(note, "%" SCNu32 " %" SCNd64 " %d", &version, &noted.value, &called) == 3) {
		bool further = ascends ? noted.value > entry->reserved : noted.value < entry->reserved;

		noted.called = called != 0;
		if (version > entry->version ||
		    (version == entry->version && (further || (noted.called && !entry->at.called)))) {
			entry->version = version;
			entry->at = noted;
			entry->reserved = noted.value;
			entry->turn++;
		}
	}
	pthread_mutex_unlock(&sequences->lock);
}

bool
sequences_has(struct sequences *sequences, uint64_t identity)
{
	const struct sequence_entry *entry;
	bool has;

	pthread_mutex_lock(&sequences->lock);
	entry = sequence_entry(sequences, identity);
	has = entry != NULL && entry->named;
	pthread_mutex_unlock(&sequences->lock);
	return has;
}

int
sequences_begin(struct sequences *sequences, struct error *e)
{
	int result;

	pthread_mutex_lock(&sequences->lock);
	result = sequence_file_renew(sequences);
	pthread_mutex_unlock(&sequences->lock);
	return result == 0
	    ? 0
	    : error_set_errno(e, STATUS_IO, "store.open", "cannot write %s, where sequences stand", sequences->path);
}

/* ---- drawing ---- */

/* Steps from a value to the limit. */
static uint64_t
steps_left(const struct sequence_rule *rule, int64_t value)
{
	bool ascends = rule->increment > 0;
	uint64_t by = ascends ? (uint64_t)rule->increment : 0 - (uint64_t)rule->increment;
	uint64_t left = ascends ? (uint64_t)rule->max - (uint64_t)value : (uint64_t)value - (uint64_t)rule->min;

	if (by == 0 || (ascends ? value >= rule->max : value <= rule->min))
		return 0;
	return left / by;
}

/* So many steps on, which do not pass the limit. */
static int64_t
step(const struct sequence_rule *rule, int64_t value, uint64_t n)
{
	return (int64_t)((uint64_t)value + n * (uint64_t)rule->increment);
}

/* How nextval() changes the entry of its sequence. */
struct draw {
	int64_t first, last, reserved;
	int64_t log;
	bool writes;
	bool wraps;
};

/* PostgreSQL's own counting, so that last_value and log_cnt read as there. */
static bool
count(const struct sequence_entry *entry, const struct sequence_rule *rule, struct draw *draw)
{
	uint64_t fetch = (uint64_t)rule->cache, given = 0, left, more;
	int64_t value = entry->at.value;

	*draw = (struct draw) { .log = entry->at.log, .reserved = entry->reserved };
	if (!entry->at.called) {
		draw->first = value;
		given = 1;
		fetch--;
	}
	if (!entry->at.called || (uint64_t)draw->log < fetch) {
		draw->log = fetch > INT64_MAX - AHEAD ? INT64_MAX : (int64_t)fetch + AHEAD;
		fetch = (uint64_t)draw->log;
		draw->writes = true;
	}
	if (given == 0 && steps_left(rule, value) == 0) {
		if (!rule->cycle)
			return false;
		value = draw->first = rule->increment > 0 ? rule->min : rule->max;
		given = 1;
		fetch--;
		draw->log--;
		draw->writes = draw->wraps = true;
	}
	left = steps_left(rule, value);
	if (fetch > left) {
		draw->log -= (int64_t)(fetch - left);
		fetch = left;
	}
	more = (uint64_t)rule->cache - given < fetch ? (uint64_t)rule->cache - given : fetch;
	if (given == 0)
		draw->first = step(rule, value, 1);
	draw->last = step(rule, value, more);
	draw->log = draw->log < (int64_t)more ? 0 : draw->log - (int64_t)more;
	if (draw->writes)
		draw->reserved = step(rule, value, fetch);
	return true;
}

enum sequence_result
sequences_draw(struct sequences *sequences, uint64_t identity, const struct sequence_position *start,
    const struct sequence_rule *rule, int64_t *first, int64_t *last)
{
	enum sequence_result result = SEQUENCE_DRAWN;
	struct sequence_entry *entry, before;
	struct draw draw;

	pthread_mutex_lock(&sequences->lock);
	if ((entry = find(sequences, identity, start)) == NULL) {
		errno = ENOMEM;
		result = SEQUENCE_NOT_WRITTEN;
	} else if (!count(entry, rule, &draw)) {
		result = SEQUENCE_AT_LIMIT;
	} else {
		before = *entry;
		entry->at = (struct sequence_position) { .value = draw.last, .log = draw.log, .called = true };
		entry->reserved = draw.reserved;
		entry->noted &= !draw.writes;
		entry->version += draw.wraps; /* else what stood before the limit would be the further */
		if (draw.writes && sequence_file_write(sequences, entry) == -1) {
			entry->at = before.at;
			entry->reserved = before.reserved;
			entry->noted = before.noted;
			entry->version = before.version;
			result = SEQUENCE_NOT_WRITTEN;
		}
		*first = draw.first;
		*last = draw.last;
	}
	pthread_mutex_unlock(&sequences->lock);
	return result;
}

int
sequences_set(struct sequences *sequences, uint64_t identity, int64_t value, bool called)
{
	const struct sequence_position at = { .value = value, .called = called };
	struct sequence_entry *entry, before;
	int result = -1;

	pthread_mutex_lock(&sequences->lock);
	if ((entry = find(sequences, identity, &at)) != NULL) {
		before = *entry;
		entry->at = at;
		entry->reserved = value;
		entry->version++;
		entry->noted = false;
		if ((result = sequence_file_write(sequences, entry)) == -1) {
			entry->at = before.at;
			entry->reserved = before.reserved;
			entry->version = before.version;
		}
	} else {
		errno = ENOMEM;
	}
	pthread_mutex_unlock(&sequences->lock);
	return result;
}

struct sequence_position
sequences_look(struct sequences *sequences, uint64_t identity, const struct sequence_position *start)
{
	struct sequence_entry *entry;
	struct sequence_position at = *start;

	pthread_mutex_lock(&sequences->lock);
	if ((entry = find(sequences, identity, start)) != NULL)
		at = entry->at;
	pthread_mutex_unlock(&sequences->lock);
	return at;
}

/* ---- notes in the database ---- */

static void
put_note(const struct sequence_entry *entry, int64_t value, char note[SEQUENCE_NOTE_SIZE])
{
	(void)snprintf(note, SEQUENCE_NOTE_SIZE, "%" PRIu32 " %" PRId64 " %d", entry->version, value, entry->at.called);
}

bool
sequences_due_note(struct sequences *sequences, uint64_t identity, char note[SEQUENCE_NOTE_SIZE])
{
	struct sequence_entry *entry;
	bool due;

	if (sequences->path == NULL)
		return false;
	pthread_mutex_lock(&sequences->lock);
	entry = sequence_entry(sequences, identity);
	due = entry != NULL && !entry->noted;
	if (due) {
		put_note(entry, entry->reserved, note);
		entry->noted = true;
	}
	pthread_mutex_unlock(&sequences->lock);
	return due;
}

void
sequences_forget_notes(struct sequences *sequences)
{
	pthread_mutex_lock(&sequences->lock);
	for (size_t i = 0; i < SEQUENCE_BUCKETS; i++)
		for (struct sequence_entry *entry = sequences->buckets[i]; entry != NULL; entry = entry->next)
			entry->noted = false;
	pthread_mutex_unlock(&sequences->lock);
}

int
sequences_settle(struct sequences *sequences)
{
	int result = 0;

	pthread_mutex_lock(&sequences->lock);
	for (size_t i = 0; i < SEQUENCE_BUCKETS; i++)
		for (struct sequence_entry *entry = sequences->buckets[i]; entry != NULL; entry = entry->next)
			entry->reserved = entry->at.value;
	result = sequences->failed ? -1 : sequence_file_renew(sequences);
	pthread_mutex_unlock(&sequences->lock);
	return result;
}

bool
sequences_next(struct sequences *sequences, size_t *cursor, uint64_t *identity, char note[SEQUENCE_NOTE_SIZE])
{
	size_t n = 0;
	bool found = false;

	pthread_mutex_lock(&sequences->lock);
	for (size_t i = 0; !found && i < SEQUENCE_BUCKETS; i++)
		for (struct sequence_entry *entry = sequences->buckets[i]; !found && entry != NULL;
		     entry = entry->next) {
			if (n++ < *cursor)
				continue;
			if (!entry->named)
				continue;
			*identity = entry->identity;
			put_note(entry, entry->at.value, note);
			found = true;
		}
	*cursor = n;
	pthread_mutex_unlock(&sequences->lock);
	return found;
}
