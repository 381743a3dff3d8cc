/* Rows of binary COPY. Fields point into what arrived. */
#include <string.h>

#include "workers/sqlite/copy/format.h"

static const char signature[] = "PGCOPY\n\377\r\n";
#define SIGNATURE_SIZE 11 /* with the NUL */
#define FLAG_OIDS (UINT32_C(1) << 16)
#define FLAGS_CRITICAL UINT32_C(0xffff0000)
#define EXTENSION_MAX 65536

static enum copy_result
fail(struct report *r, const char *what)
{
	(void)copy_fail(r, "%s", what);
	return COPY_ERROR;
}

static enum copy_result
wait_for_more(const struct copy_reader *reader, const char *what, struct report *r)
{
	return reader->finished ? fail(r, what) : COPY_MORE;
}

static enum copy_result
take_start(struct copy_reader *reader, struct report *r)
{
	struct pgwire_reader in = { .data = reader->in.data + reader->in.start,
		.length = pgwire_buffer_length(&reader->in) };
	const uint8_t *found = pgwire_get_bytes(&in, SIGNATURE_SIZE);
	uint32_t flags = pgwire_get_int32(&in), extension = pgwire_get_int32(&in);

	if (found != NULL && memcmp(found, signature, SIGNATURE_SIZE) != 0)
		return fail(r, "COPY file signature not recognized");
	if (in.failed)
		return wait_for_more(reader,
		    found == NULL ? "COPY file signature not recognized" : "invalid COPY file header (missing flags)",
		    r);
	if (flags & FLAG_OIDS)
		return fail(r, "invalid COPY file header (WITH OIDS)");
	if (flags & FLAGS_CRITICAL)
		return fail(r, "unrecognized critical flags in COPY file header");
	if (extension > EXTENSION_MAX)
		return fail(r, "invalid COPY file header (missing length)");
	if (pgwire_get_bytes(&in, extension) == NULL)
		return wait_for_more(reader, "invalid COPY file header (wrong length)", r);
	pgwire_buffer_consume(&reader->in, in.offset);
	reader->started = true;
	return COPY_ROW;
}

static int
check_count(const struct copy_reader *reader, unsigned n, struct report *r)
{
	if (reader->format.columns == NULL || n == reader->format.ncolumns)
		return 0;
	return copy_fail(r, "row field count is %d, expected %u", (int16_t)n, reader->format.ncolumns);
}

static enum copy_result
take_fields(struct copy_reader *reader, struct pgwire_reader *in, unsigned n, struct report *r)
{
	for (unsigned i = 0; i < n; i++) {
		uint32_t length = pgwire_get_int32(in);
		const uint8_t *data = NULL;

		if (!in->failed && length > COPY_ROW_MAX && length != UINT32_MAX)
			return fail(r, "invalid field size");
		if (length != UINT32_MAX)
			data = pgwire_get_bytes(in, length);
		if (in->failed)
			return wait_for_more(reader, "unexpected EOF in COPY data", r);
		if (copy_add_field(reader, (const char *)data, length == UINT32_MAX ? 0 : length, length == UINT32_MAX,
			r) != 0)
			return COPY_ERROR;
	}
	reader->consumed = in->offset;
	reader->line = reader->next_line++;
	return COPY_ROW;
}

enum copy_result
copy_next_binary(struct copy_reader *reader, struct report *r)
{
	struct pgwire_reader in;
	enum copy_result started;
	unsigned n;

	if (reader->ended)
		return COPY_END;
	if (pgwire_buffer_length(&reader->in) == 0)
		return reader->finished ? (reader->started ? COPY_END : fail(r, "COPY file signature not recognized"))
					: COPY_MORE;
	if (!reader->started && (started = take_start(reader, r)) != COPY_ROW)
		return started;
	in = (struct pgwire_reader) { .data = reader->in.data + reader->in.start,
		.length = pgwire_buffer_length(&reader->in) };
	n = pgwire_get_int16(&in);
	if (in.failed)
		return wait_for_more(reader, "unexpected EOF in COPY data", r);
	reader->nfields = 0;
	if (n == UINT16_MAX) {
		reader->ended = true;
		return in.length > in.offset ? fail(r, "received copy data after EOF marker") : COPY_END;
	}
	return check_count(reader, n, r) != 0 ? COPY_ERROR : take_fields(reader, &in, n, r);
}
