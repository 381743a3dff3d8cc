/*
 * Growable buffers, and the integers and strings of a message that is written into one.
 */
#include "workers/pgwire/pgwire.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_FIRST_SIZE 1024
/* An empty buffer over this size is given back: one large result must not stay with an idle session. */
#define BUFFER_KEEP_SIZE ((size_t)256 * 1024)
/* So much at once is probably all that will come: a buffer of twice the size would be wasted. */
#define BUFFER_LARGE ((size_t)4 * 1024 * 1024)
/* No message is longer than 1 GiB; a buffer that holds two of them is out of hand. */
#define BUFFER_MAX ((size_t)2 * 1024 * 1024 * 1024)

void
pgwire_buffer_free(struct pgwire_buffer *b)
{
	free(b->data);
	*b = (struct pgwire_buffer) { 0 };
}

size_t
pgwire_buffer_length(const struct pgwire_buffer *b)
{
	return b->end - b->start;
}

static uint8_t *
buffer_grow(struct pgwire_buffer *b, size_t n)
{
	size_t length = b->end - b->start, capacity;
	uint8_t *data;

	if (b->failed || n > BUFFER_MAX - length) {
		b->failed = true;
		return NULL;
	}
	/* Moving is only worth it while at least as much is free as is moved: else a slow reader makes it quadratic. */
	if (b->data != NULL && b->start > 0 && b->start >= length && b->capacity - length >= n) {
		memcpy(b->data, b->data + b->start, length);
		b->start = 0;
		b->end = length;
		return b->data + b->end;
	}
	for (capacity = b->capacity > 0 ? b->capacity : BUFFER_FIRST_SIZE; capacity - length < n; capacity *= 2)
		;
	if (n >= BUFFER_LARGE && n >= length)
		capacity = length + n;
	if ((data = malloc(capacity)) == NULL) {
		b->failed = true;
		return NULL;
	}
	if (b->data != NULL && length > 0)
		memcpy(data, b->data + b->start, length);
	free(b->data);
	b->data = data;
	b->start = 0;
	b->end = length;
	b->capacity = capacity;
	return b->data + b->end;
}

static inline uint8_t *
reserve(struct pgwire_buffer *b, size_t n)
{
	if (__builtin_expect(b->data != NULL && b->capacity - b->end >= n && !b->failed, true))
		return b->data + b->end;
	return buffer_grow(b, n);
}

uint8_t *
pgwire_buffer_reserve(struct pgwire_buffer *b, size_t n)
{
	return reserve(b, n);
}

void
pgwire_buffer_consume(struct pgwire_buffer *b, size_t n)
{
	size_t length = b->end - b->start;

	b->start += n < length ? n : length;
	if (b->start < b->end)
		return;
	b->start = b->end = 0;
	if (b->capacity > BUFFER_KEEP_SIZE) {
		free(b->data);
		b->data = NULL;
		b->capacity = 0;
	}
}

void
pgwire_put_byte(struct pgwire_buffer *b, uint8_t v)
{
	uint8_t *p;

	if ((p = reserve(b, 1)) == NULL)
		return;
	*p = v;
	b->end++;
}

void
pgwire_put_int16(struct pgwire_buffer *b, uint16_t v)
{
	uint8_t *p;

	if ((p = reserve(b, sizeof(v))) == NULL)
		return;
	v = htobe16(v);
	memcpy(p, &v, sizeof(v));
	b->end += sizeof(v);
}

void
pgwire_put_int32(struct pgwire_buffer *b, uint32_t v)
{
	uint8_t *p;

	if ((p = reserve(b, sizeof(v))) == NULL)
		return;
	v = htobe32(v);
	memcpy(p, &v, sizeof(v));
	b->end += sizeof(v);
}

void
pgwire_put_int64(struct pgwire_buffer *b, uint64_t v)
{
	uint8_t *p;

	if ((p = reserve(b, sizeof(v))) == NULL)
		return;
	v = htobe64(v);
	memcpy(p, &v, sizeof(v));
	b->end += sizeof(v);
}

void
pgwire_put_bytes(struct pgwire_buffer *b, const void *data, size_t n)
{
	uint8_t *p;

	if (n == 0 || (p = reserve(b, n)) == NULL)
		return;
	memcpy(p, data, n);
	b->end += n;
}

void
pgwire_put_string(struct pgwire_buffer *b, const char *s)
{
	pgwire_put_bytes(b, s, strlen(s) + 1);
}

/* The mark is an offset from `start`, which stays right when a put moves the bytes. */
size_t
pgwire_begin_message(struct pgwire_buffer *b, char type)
{
	size_t mark = b->end - b->start;

	pgwire_put_byte(b, (uint8_t)type);
	pgwire_put_int32(b, 0);
	return mark;
}

void
pgwire_end_message(struct pgwire_buffer *b, size_t mark)
{
	uint32_t length;

	if (b->failed)
		return;
	if (b->end - b->start - mark - 1 > PGWIRE_MESSAGE_MAX) {
		b->failed = true;
		return;
	}
	length = htobe32((uint32_t)(b->end - b->start - mark - 1));
	memcpy(b->data + b->start + mark + 1, &length, sizeof(length));
}
