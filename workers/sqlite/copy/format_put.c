/* COPY TO: rows as text, CSV or binary. */
#include <string.h>

#include "workers/sqlite/copy/format.h"

/* ---- text ---- */

static char
escape_letter(char c)
{
	static const char controls[] = "\b\f\n\r\t\v", letters[] = "bfnrtv";
	const char *found = c != '\0' ? strchr(controls, c) : NULL;

	return found != NULL ? letters[found - controls] : '\0';
}

/* How many bytes at the start need no escape. */
static size_t
plain_text(const struct copy_format *f, const char *data, size_t length)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word;
	size_t n = 0;

	for (; length - n >= sizeof(word); n += sizeof(word)) {
		memcpy(&word, data + n, sizeof(word));
		if ((((word - ones * 0x20) & ~word & (ones << 7)) | copy_bytes_that_are(word, '\\') |
			copy_bytes_that_are(word, f->delimiter)) != 0)
			break;
	}
	while (n < length && (unsigned char)data[n] >= 0x20 && data[n] != '\\' && data[n] != f->delimiter)
		n++;
	return n;
}

static void
put_text(struct pgwire_buffer *out, const struct copy_format *f, const char *data, size_t length)
{
	size_t plain = 0; /* where what needs no escape begins */

	for (size_t i = plain_text(f, data, length); i < length; i++) {
		char letter = (unsigned char)data[i] < 0x20 ? escape_letter(data[i]) : '\0';

		if (letter == '\0' && data[i] != '\\' && data[i] != f->delimiter)
			continue;
		pgwire_put_bytes(out, data + plain, i - plain);
		pgwire_put_byte(out, '\\');
		plain = i;
		if (letter == '\0')
			continue;
		pgwire_put_byte(out, (uint8_t)letter);
		plain = i + 1;
	}
	pgwire_put_bytes(out, data + plain, length - plain);
}

/* ---- CSV ---- */

static bool
is_quoted_field(const struct copy_format *f, const char *data, size_t length)
{
	if (strlen(f->null_text) == length && memcmp(f->null_text, data, length) == 0)
		return true;
	/* a line that would be taken for the end of the data */
	if (f->ncolumns == 1 && length == 2 && memcmp(data, "\\.", 2) == 0)
		return true;
	for (size_t i = 0; i < length; i++) {
		if (data[i] == f->delimiter || data[i] == f->quote || data[i] == '\n' || data[i] == '\r')
			return true;
	}
	return false;
}

static void
put_csv(struct pgwire_buffer *out, const struct copy_format *f, const char *data, size_t length, bool force)
{
	size_t plain = 0;

	if (!force && !is_quoted_field(f, data, length)) {
		pgwire_put_bytes(out, data, length);
		return;
	}
	pgwire_put_byte(out, (uint8_t)f->quote);
	for (size_t i = 0; i < length; i++) {
		if (data[i] != f->quote && data[i] != f->escape)
			continue;
		pgwire_put_bytes(out, data + plain, i - plain);
		pgwire_put_byte(out, (uint8_t)f->escape);
		plain = i;
	}
	pgwire_put_bytes(out, data + plain, length - plain);
	pgwire_put_byte(out, (uint8_t)f->quote);
}

/* ---- rows ---- */

static void
put_header(struct pgwire_buffer *out, const struct copy_format *f)
{
	for (unsigned i = 0; i < f->ncolumns; i++) {
		if (i > 0)
			pgwire_put_byte(out, (uint8_t)f->delimiter);
		if (f->csv)
			put_csv(out, f, f->columns[i], strlen(f->columns[i]), false);
		else
			put_text(out, f, f->columns[i], strlen(f->columns[i]));
	}
	pgwire_put_byte(out, '\n');
}

void
copy_put_start(struct pgwire_buffer *out, const struct copy_format *f)
{
	static const uint8_t start[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* no flags, no extension */

	if (f->binary)
		pgwire_put_bytes(out, start, sizeof(start));
	else if (f->header && f->columns != NULL)
		put_header(out, f);
}

void
copy_put_row_begin(struct pgwire_buffer *out, const struct copy_format *f, unsigned nfields)
{
	if (f->binary)
		pgwire_put_int16(out, (uint16_t)nfields);
}

void
copy_put_field(struct pgwire_buffer *out, const struct copy_format *f, unsigned index, const char *data, size_t length,
    bool null)
{
	if (f->binary) {
		pgwire_put_int32(out, null ? UINT32_MAX : (uint32_t)length);
		pgwire_put_bytes(out, data, null ? 0 : length);
		return;
	}
	if (index > 0)
		pgwire_put_byte(out, (uint8_t)f->delimiter);
	if (null)
		pgwire_put_bytes(out, f->null_text, strlen(f->null_text));
	else if (f->csv)
		put_csv(out, f, data, length, f->force_quote_all);
	else
		put_text(out, f, data, length);
}

void
copy_put_row_end(struct pgwire_buffer *out, const struct copy_format *f)
{
	if (!f->binary)
		pgwire_put_byte(out, '\n');
}

void
copy_put_finish(struct pgwire_buffer *out, const struct copy_format *f)
{
	if (f->binary)
		pgwire_put_int16(out, UINT16_MAX);
}
