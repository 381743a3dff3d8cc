/*
 * Holds entries until they are written, limits refusals to so many a second, and counts what is lost.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/trail/trail.h"

int
trail_queue_open(struct trail_queue *queue)
{
	*queue = (struct trail_queue) { .lost = 0 };
	STAILQ_INIT(&queue->entries);
	return pthread_mutex_init(&queue->lock, NULL) == 0 ? 0 : -1;
}

static void
queue_free_entry(struct trail_entry *entry)
{
	free(entry->statement);
	free(entry);
}

/* Called with the lock held. */
static bool
queue_is_over_rate(struct trail_queue *queue, const char *kind)
{
	int64_t second = clock_now_ms() / 1000;

	if (strcmp(kind, "refused") != 0)
		return false;
	if (second != queue->second) {
		queue->second = second;
		queue->refused = 0;
	}
	return ++queue->refused > TRAIL_REFUSED_PER_SECOND;
}

/* Copies a statement. A longer one is cut, not in the middle of a character, since PostgreSQL takes only whole ones. */
static char *
queue_copy_statement(const char *statement)
{
	size_t length = strnlen(statement, TRAIL_STATEMENT_MAX + 1);

	if (length > TRAIL_STATEMENT_MAX)
		for (length = TRAIL_STATEMENT_MAX; length > 0 && ((unsigned char)statement[length] & 0xc0) == 0x80;
		     length--)
			;
	return strndup(statement, length);
}

static struct trail_entry *
queue_make_entry(const struct trail_event *event)
{
	struct trail_entry *entry = calloc(1, sizeof(*entry));

	if (entry == NULL)
		return NULL;
	if (event->statement != NULL && (entry->statement = queue_copy_statement(event->statement)) == NULL) {
		free(entry);
		return NULL;
	}
	entry->time_us = event->time_us;
	entry->uid = event->uid;
	entry->pid = event->pid;
	(void)strlcpy(entry->role, event->role, sizeof(entry->role));
	(void)strlcpy(entry->kind, event->kind, sizeof(entry->kind));
	(void)strlcpy(entry->result, event->result, sizeof(entry->result));
	(void)strlcpy(entry->source, event->source, sizeof(entry->source));
	return entry;
}

bool
trail_queue_add(struct trail_queue *queue, const struct trail_event *event)
{
	struct trail_entry *entry = queue_make_entry(event);
	bool kept = false, first = false;

	pthread_mutex_lock(&queue->lock);
	if (entry != NULL && !queue_is_over_rate(queue, event->kind) &&
	    atomic_load(&queue->pending) < TRAIL_QUEUE_MAX) {
		STAILQ_INSERT_TAIL(&queue->entries, entry, link);
		first = atomic_fetch_add(&queue->pending, 1) == 0;
		kept = true;
	} else
		queue->lost++;
	pthread_mutex_unlock(&queue->lock);
	if (entry != NULL && !kept)
		queue_free_entry(entry);
	return first;
}

bool
trail_queue_add_reported(struct trail_queue *queue, const struct message_audit_event *message)
{
	const struct trail_event event = { .time_us = message->time_us,
		.uid = message->uid,
		.pid = message->pid,
		.role = "",
		.kind = message->code,
		.statement = message->text,
		.result = message->result,
		.source = message->source };

	return trail_queue_add(queue, &event);
}

void
trail_queue_note_lost(struct trail_queue *queue, unsigned lost)
{
	pthread_mutex_lock(&queue->lock);
	queue->lost += lost;
	pthread_mutex_unlock(&queue->lock);
}

/* Adds an entry that says how many others were lost. Called with the lock held. */
static void
queue_add_lost(struct trail_queue *queue, const char *source)
{
	char text[96];
	struct trail_event event = { .time_us = clock_realtime_us(),
		.uid = -1,
		.pid = -1,
		.role = "",
		.kind = "audit.lost",
		.statement = text,
		.result = "lost",
		.source = source };
	struct trail_entry *entry;

	(void)snprintf(text, sizeof(text), "%u more entries than the audit trail could keep", queue->lost);
	if ((entry = queue_make_entry(&event)) == NULL)
		return;
	log_warning("%s", text);
	queue->lost = 0;
	STAILQ_INSERT_TAIL(&queue->entries, entry, link);
	atomic_fetch_add(&queue->pending, 1);
}

void
trail_queue_take(struct trail_queue *queue, const char *source, struct trail_entries *taken)
{
	STAILQ_INIT(taken);
	pthread_mutex_lock(&queue->lock);
	if (queue->lost > 0 && atomic_load(&queue->pending) <= TRAIL_QUEUE_MAX)
		queue_add_lost(queue, source);
	STAILQ_CONCAT(taken, &queue->entries);
	pthread_mutex_unlock(&queue->lock);
}

void
trail_queue_give_back(struct trail_queue *queue, struct trail_entries *taken)
{
	pthread_mutex_lock(&queue->lock);
	STAILQ_CONCAT(taken, &queue->entries);
	STAILQ_CONCAT(&queue->entries, taken);
	pthread_mutex_unlock(&queue->lock);
}

void
trail_queue_done(struct trail_queue *queue, struct trail_entries *written)
{
	struct trail_entry *entry;
	unsigned n = 0;

	while ((entry = STAILQ_FIRST(written)) != NULL) {
		STAILQ_REMOVE_HEAD(written, link);
		queue_free_entry(entry);
		n++;
	}
	atomic_fetch_sub(&queue->pending, n);
}

static const char *
queue_number_text(int64_t number, char *buf, size_t size)
{
	if (number < 0)
		return NULL;
	(void)snprintf(buf, size, "%" PRId64, number);
	return buf;
}

void
trail_entry_texts(const struct trail_entry *entry, struct trail_texts *texts)
{
	const char *fields[TRAIL_FIELDS] = {
		[TRAIL_AT] = trail_time(entry->time_us, texts->at),
		[TRAIL_UID] = queue_number_text(entry->uid, texts->uid, sizeof(texts->uid)),
		[TRAIL_PID] = queue_number_text(entry->pid, texts->pid, sizeof(texts->pid)),
		[TRAIL_ROLE] = entry->role,
		[TRAIL_KIND] = entry->kind,
		[TRAIL_STATEMENT] = entry->statement,
		[TRAIL_RESULT] = entry->result,
		[TRAIL_SOURCE] = entry->source,
	};

	memcpy(texts->fields, fields, sizeof(fields));
}
