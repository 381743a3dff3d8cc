/*
 * Writes the messages that a server sends during a start and after a statement.
 */
#include "workers/pgwire/pgwire.h"

void
pgwire_put_authentication_ok(struct pgwire_buffer *out)
{
	size_t mark = pgwire_begin_message(out, 'R');

	pgwire_put_int32(out, 0);
	pgwire_end_message(out, mark);
}

void
pgwire_put_parameter_status(struct pgwire_buffer *out, const char *name, const char *value)
{
	size_t mark = pgwire_begin_message(out, 'S');

	pgwire_put_string(out, name);
	pgwire_put_string(out, value);
	pgwire_end_message(out, mark);
}

void
pgwire_put_backend_key(struct pgwire_buffer *out, uint32_t pid, uint32_t secret)
{
	size_t mark = pgwire_begin_message(out, 'K');

	pgwire_put_int32(out, pid);
	pgwire_put_int32(out, secret);
	pgwire_end_message(out, mark);
}

void
pgwire_put_ready(struct pgwire_buffer *out, char transaction_status)
{
	const uint8_t message[] = { 'Z', 0, 0, 0, 5, (uint8_t)transaction_status };

	pgwire_put_bytes(out, message, sizeof(message));
}

void
pgwire_put_command_complete(struct pgwire_buffer *out, const char *tag)
{
	size_t mark = pgwire_begin_message(out, 'C');

	pgwire_put_string(out, tag);
	pgwire_end_message(out, mark);
}

void
pgwire_put_empty(struct pgwire_buffer *out, char type)
{
	const uint8_t message[] = { (uint8_t)type, 0, 0, 0, 4 };

	pgwire_put_bytes(out, message, sizeof(message));
}

void
pgwire_put_parameter_description(struct pgwire_buffer *out, const uint32_t *oids, unsigned n)
{
	size_t mark = pgwire_begin_message(out, 't');

	pgwire_put_int16(out, (uint16_t)n);
	for (unsigned i = 0; i < n; i++)
		pgwire_put_int32(out, oids[i]);
	pgwire_end_message(out, mark);
}
