/*
 * Frames of the protocol, read one at a time, and what a statement answers.
 */
#include "workers/postgres/move/source.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"

#define SOURCE_BUFFER 262144
#define SOURCE_HEADER 5 /* a message's type and length */
#define SOURCE_PROTOCOL 196608
#define SOURCE_COLUMNS_MAX 64

struct source_message {
	char type;
	const char *body; /* valid until the next message is read */
	size_t size;
};

/* The functions that take the rows of an answer, or the data of a COPY. */
struct source_taker {
	source_row_fn *row;
	source_data_fn *data;
	void *context;
};

static uint32_t
source_number(const char *at)
{
	uint32_t n;

	memcpy(&n, at, sizeof(n));
	return ntohl(n);
}

/* ---- reading ---- */

/* Room for so many bytes from the start of what is unread. */
static int
source_reserve(struct source *source, size_t size, struct error *e)
{
	char *grown;

	memmove(source->buf, source->buf + source->start, source->end - source->start);
	source->end -= source->start;
	source->start = 0;
	if (size <= source->size)
		return 0;
	if ((grown = realloc(source->buf, size)) == NULL)
		return error_set_errno(e, STATUS_OS, "move.memory", "cannot read a row of %zu bytes", size);
	source->buf = grown;
	source->size = size;
	return 0;
}

static int
source_fill(struct source *source, size_t size, struct error *e)
{
	if (source->size - source->start < size && source_reserve(source, size, e) == -1)
		return -1;
	while (source->end - source->start < size) {
		ssize_t n = read(source->fd, source->buf + source->end, source->size - source->end);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_set_errno(e, STATUS_UNAVAILABLE, "move.source", "cannot read from bibd-sqlite");
		if (n == 0)
			return error_set(e, STATUS_UNAVAILABLE, "move.source", "bibd-sqlite has gone");
		source->end += (size_t)n;
	}
	return 0;
}

static int
source_next(struct source *source, struct source_message *message, struct error *e)
{
	if (source_fill(source, SOURCE_HEADER, e) == -1)
		return -1;
	message->size = source_number(source->buf + source->start + 1);
	if (message->size < 4 || message->size > INT32_MAX)
		return error_set(e, STATUS_BUG, "move.source", "bibd-sqlite sent what is no message");
	if (source_fill(source, message->size + 1, e) == -1)
		return -1;
	message->type = source->buf[source->start];
	message->body = source->buf + source->start + SOURCE_HEADER;
	message->size -= 4;
	source->start += SOURCE_HEADER + message->size;
	return 0;
}

/* The sentence of an ErrorResponse. */
static int
source_refused(const struct source_message *message, struct error *e)
{
	const char *at = message->body, *end = message->body + message->size, *text = "", *state = "";

	while (at < end && *at != '\0') {
		size_t length = strnlen(at + 1, (size_t)(end - at) - 1);

		if (at + 1 + length >= end)
			break;
		if (*at == 'M')
			text = at + 1;
		else if (*at == 'C')
			state = at + 1;
		at += length + 2;
	}
	return error_set(e, STATUS_DATA, "move.source", "bibd-sqlite refuses to be read: %.300s (%.5s)", text, state);
}

/* ---- writing ---- */

static int
source_send(struct source *source, char type, const char *body, size_t size, struct error *e)
{
	char header[SOURCE_HEADER];
	uint32_t length = htonl((uint32_t)size + 4);
	size_t skipped = type == '\0' ? 1 : 0;

	header[0] = type;
	memcpy(header + 1, &length, sizeof(length));
	if (file_write_all(source->fd, header + skipped, sizeof(header) - skipped) == -1 ||
	    file_write_all(source->fd, body, size) == -1)
		return error_set_errno(e, STATUS_UNAVAILABLE, "move.source", "cannot write to bibd-sqlite");
	return 0;
}

/* ---- a statement ---- */

static int
source_take_row(const struct source_taker *taker, const struct source_message *message, char *copy, struct error *e)
{
	const char *values[SOURCE_COLUMNS_MAX];
	const char *at = message->body + 2;
	int n = (unsigned char)message->body[0] << 8 | (unsigned char)message->body[1];

	if (n > SOURCE_COLUMNS_MAX)
		return error_set(e, STATUS_BUG, "move.source", "a row of %d columns was not asked for", n);
	for (int i = 0; i < n; i++) {
		uint32_t length = source_number(at);

		at += 4;
		values[i] = length == UINT32_MAX ? NULL : copy;
		if (length == UINT32_MAX)
			continue;
		memcpy(copy, at, length);
		copy[length] = '\0';
		copy += length + 1;
		at += length;
	}
	return taker->row(taker->context, values, n, e);
}

static int
source_take(const struct source_taker *taker, const struct source_message *message, struct error *e)
{
	char *copy;
	int result;

	if (message->type == 'd' && taker->data != NULL)
		return taker->data(taker->context, message->body, message->size, e);
	if (message->type != 'D' || taker->row == NULL)
		return 0;
	/* Each value gets a NUL instead of its length. */
	if ((copy = malloc(message->size + 1)) == NULL)
		return error_set_errno(e, STATUS_OS, "move.memory", "cannot read a row");
	result = source_take_row(taker, message, copy, e);
	free(copy);
	return result;
}

/* Reads the answer to its end, ReadyForQuery. */
static int
source_answer(struct source *source, const struct source_taker *taker, struct error *e)
{
	struct source_message message = { .type = '\0' };
	struct error lost;
	int result = 0;

	/* A refused session is closed after the words about it, which are the ones that count. */
	do {
		if (source_next(source, &message, result == 0 ? e : &lost) == -1)
			return -1;
		if (message.type == 'E')
			result = source_refused(&message, e);
		else if (source_take(taker, &message, e) == -1)
			return -1;
	} while (message.type != 'Z');
	return result;
}

static int
source_ask(struct source *source, const char *sql, const struct source_taker *taker, struct error *e)
{
	return source_send(source, 'Q', sql, strlen(sql) + 1, e) == -1 ? -1 : source_answer(source, taker, e);
}

int
source_run(struct source *source, const char *sql, source_row_fn *row, void *context, struct error *e)
{
	return source_ask(source, sql, &(struct source_taker) { .row = row, .context = context }, e);
}

int
source_copy(struct source *source, const char *sql, source_data_fn *data, void *context, struct error *e)
{
	return source_ask(source, sql, &(struct source_taker) { .data = data, .context = context }, e);
}

/* ---- the session ---- */

int
source_open(struct source *source, int fd, const char *database, struct error *e)
{
	char startup[256];
	uint32_t protocol = htonl(SOURCE_PROTOCOL);
	int n;

	*source = (struct source) { .fd = fd, .size = SOURCE_BUFFER };
	if ((source->buf = malloc(source->size)) == NULL)
		return error_set_errno(e, STATUS_OS, "move.memory", "cannot begin to read");
	memcpy(startup, &protocol, sizeof(protocol));
	n = snprintf(startup + sizeof(protocol), sizeof(startup) - sizeof(protocol), "user%cadmin%cdatabase%c%s%c",
	    '\0', '\0', '\0', database, '\0');
	if (n < 0 || (size_t)n >= sizeof(startup) - sizeof(protocol) - 1)
		return error_set(e, STATUS_CONFIG, "move.source", "the name of the database is too long");
	startup[sizeof(protocol) + (size_t)n] = '\0';
	return source_send(source, '\0', startup, sizeof(protocol) + (size_t)n + 1, e) == -1
	    ? -1
	    : source_answer(source, &(struct source_taker) { .row = NULL }, e);
}

void
source_close(struct source *source)
{
	free(source->buf);
	source->buf = NULL;
}
