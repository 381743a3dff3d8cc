/*
 * libFuzzer's entry over everything that reads a client's bytes before SQL does: the startup packet, the framing of
 * messages and the readers. Built by
 * clang -fsanitize=fuzzer,address,undefined -I. -D_GNU_SOURCE tests/fuzz/pgwire_fuzz.c workers/pgwire/{buffer,reader,
 * report,sqlstate,startup}.c -lbsd
 */
#include <stdlib.h>

#include "workers/pgwire/pgwire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_startup(const uint8_t *data, size_t size)
{
	struct pgwire_buffer in = { 0 }, out = { 0 };
	struct pgwire_startup startup;
	struct report report = { 0 };
	enum pgwire_startup_kind kind;

	pgwire_put_bytes(&in, data, size);
	do {
		kind = pgwire_read_startup(&in, &out, &startup, &report);
		pgwire_buffer_consume(&in, startup.size);
	} while (kind == PGWIRE_STARTUP_REFUSE_TLS);
	if ((kind == PGWIRE_STARTUP_FAILED) != (report.state != 0))
		abort();
	pgwire_put_report(&out, REPORT_FATAL, &report);
	report_reset(&report);
	pgwire_buffer_free(&in);
	pgwire_buffer_free(&out);
}

/* Walks a body with the gets that its own bytes choose. */
static void
read_body(struct pgwire_reader *body)
{
	while (!body->failed && body->offset < body->length) {
		switch (pgwire_get_byte(body) % 6) {
		case 0:
			(void)pgwire_get_int16(body);
			break;
		case 1:
			(void)pgwire_get_int32(body);
			break;
		case 2:
			(void)pgwire_get_int64(body);
			break;
		case 3:
			(void)pgwire_get_bytes(body, pgwire_get_int32(body));
			break;
		case 4:
			(void)pgwire_get_string(body);
			break;
		default:
			break;
		}
	}
	if (body->offset > body->length)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pgwire_buffer in = { 0 };
	struct pgwire_message message;
	size_t wanted;

	if (size == 0)
		return 0;
	if (data[0] & 1) {
		read_startup(data + 1, size - 1);
		return 0;
	}
	pgwire_put_bytes(&in, data + 1, size - 1);
	while (pgwire_next_message(&in, &message, &wanted) == 1) {
		read_body(&message.body);
		pgwire_buffer_consume(&in, message.size);
	}
	pgwire_buffer_free(&in);
	return 0;
}
