/*
 * Splits what a client sent into messages, by a table of their types and sizes, and takes fields out of one.
 */
#include "workers/pgwire/pgwire.h"

#include <endian.h>
#include <string.h>

#define HEADER_SIZE 5
/* PostgreSQL's bound for messages that carry no values. */
#define SMALL_MAX 10000

/* What a client may send after startup, and the lengths that each type may have (the length field counts itself). */
static const struct message_rule {
	char type;
	uint32_t min, max;
} message_rules[] = {
	{ 'Q', 5, PGWIRE_MESSAGE_MAX },	 /* Query */
	{ 'P', 8, PGWIRE_MESSAGE_MAX },	 /* Parse */
	{ 'B', 12, PGWIRE_MESSAGE_MAX }, /* Bind */
	{ 'E', 9, SMALL_MAX },		 /* Execute */
	{ 'D', 6, SMALL_MAX },		 /* Describe */
	{ 'C', 6, SMALL_MAX },		 /* Close */
	{ 'S', 4, 4 },			 /* Sync */
	{ 'H', 4, 4 },			 /* Flush */
	{ 'd', 4, PGWIRE_MESSAGE_MAX },	 /* CopyData */
	{ 'c', 4, 4 },			 /* CopyDone */
	{ 'f', 5, SMALL_MAX },		 /* CopyFail */
	{ 'F', 14, PGWIRE_MESSAGE_MAX }, /* FunctionCall */
	{ 'X', 4, 4 },			 /* Terminate */
};

static const struct message_rule *
message_rule_find(uint8_t type)
{
	for (size_t i = 0; i < sizeof(message_rules) / sizeof(message_rules[0]); i++) {
		if ((uint8_t)message_rules[i].type == type)
			return &message_rules[i];
	}
	return NULL;
}

int
pgwire_next_message(const struct pgwire_buffer *in, struct pgwire_message *message, size_t *wanted)
{
	size_t have = in->end - in->start;
	const struct message_rule *rule;
	const uint8_t *p;
	uint32_t length;

	*wanted = HEADER_SIZE;
	if (have == 0)
		return 0;
	p = in->data + in->start;
	if ((rule = message_rule_find(p[0])) == NULL)
		return -1;
	if (have < HEADER_SIZE)
		return 0;
	memcpy(&length, p + 1, sizeof(length));
	length = be32toh(length);
	if (length < rule->min || length > rule->max)
		return -1;
	*wanted = (size_t)length + 1;
	if (have < *wanted)
		return 0;
	message->type = (char)p[0];
	message->body = (struct pgwire_reader) { .data = p + HEADER_SIZE, .length = length - 4 };
	message->size = *wanted;
	return 1;
}

const uint8_t *
pgwire_get_bytes(struct pgwire_reader *r, size_t n)
{
	const uint8_t *p;

	if (r->failed || r->length - r->offset < n) {
		r->failed = true;
		return NULL;
	}
	p = r->data + r->offset;
	r->offset += n;
	return p;
}

uint8_t
pgwire_get_byte(struct pgwire_reader *r)
{
	const uint8_t *p = pgwire_get_bytes(r, 1);

	return p == NULL ? 0 : *p;
}

uint16_t
pgwire_get_int16(struct pgwire_reader *r)
{
	const uint8_t *p;
	uint16_t v;

	if ((p = pgwire_get_bytes(r, sizeof(v))) == NULL)
		return 0;
	memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

uint32_t
pgwire_get_int32(struct pgwire_reader *r)
{
	const uint8_t *p;
	uint32_t v;

	if ((p = pgwire_get_bytes(r, sizeof(v))) == NULL)
		return 0;
	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

uint64_t
pgwire_get_int64(struct pgwire_reader *r)
{
	const uint8_t *p;
	uint64_t v;

	if ((p = pgwire_get_bytes(r, sizeof(v))) == NULL)
		return 0;
	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

const char *
pgwire_get_string(struct pgwire_reader *r)
{
	const uint8_t *p, *nul;

	if (r->failed || r->offset == r->length ||
	    (nul = memchr(r->data + r->offset, '\0', r->length - r->offset)) == NULL) {
		r->failed = true;
		return "";
	}
	p = r->data + r->offset;
	r->offset += (size_t)(nul - p) + 1;
	return (const char *)p;
}

bool
pgwire_reader_done(const struct pgwire_reader *r)
{
	return !r->failed && r->offset == r->length;
}
