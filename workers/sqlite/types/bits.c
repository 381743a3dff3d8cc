/*
 * bit and bit varying: kept as the text of their digits, 0 and 1, whose order as texts is PostgreSQL's of the bits.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/utf8.h"

#define BITS_OF_DIGIT 4
#define BITS_OF_BYTE 8

static int
bad_digit(struct report *r, const char *p, const char *end, const char *kind)
{
	return report_set(r, SQLSTATE_INVALID_TEXT_REPRESENTATION, "\"%.*s\" is not a valid %s digit",
	    (int)utf8_offset(p, (size_t)(end - p), 1), p, kind);
}

static int
too_long(struct report *r)
{
	return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "bit string length exceeds the maximum allowed (%d)",
	    TYPE_BITS_MAX);
}

/* Room for n bits, owned by `out`. NULL: the report is filled. */
static char *
make_room(struct type_value *out, size_t n, struct report *r)
{
	char *bits;

	if (n > TYPE_BITS_MAX) {
		(void)too_long(r);
		return NULL;
	}
	if ((bits = malloc(n + 1)) == NULL) {
		(void)type_out_of_memory(r);
		return NULL;
	}
	bits[n] = '\0';
	type_value_text(out, bits, n);
	out->owned = bits;
	return bits;
}

static int
from_hexadecimal(const char *data, size_t length, struct type_value *out, struct report *r)
{
	static const char digits[] = "0123456789abcdef";
	const char *found, *end = data + length;
	char *bits = make_room(out, length * BITS_OF_DIGIT, r);

	if (bits == NULL)
		return -1;
	for (const char *p = data; p < end; p++) {
		char digit = *p >= 'A' && *p <= 'F' ? (char)(*p - 'A' + 'a') : *p;

		if ((found = strchr(digits, digit)) == NULL || digit == '\0') {
			type_value_free(out);
			return bad_digit(r, p, end, "hexadecimal");
		}
		for (int bit = BITS_OF_DIGIT; bit-- > 0;)
			*bits++ = ((found - digits) >> bit & 1) != 0 ? '1' : '0';
	}
	return 0;
}

int
type_parse_bits(const char *data, size_t length, struct type_value *out, struct report *r)
{
	char first = length > 0 ? data[0] : '0';
	size_t valid = 0;

	if (first == 'x' || first == 'X')
		return from_hexadecimal(data + 1, length - 1, out, r);
	if (first == 'b' || first == 'B') {
		data++;
		length--;
	}
	while (valid < length && (data[valid] == '0' || data[valid] == '1'))
		valid++;
	if (valid < length)
		return bad_digit(r, data + valid, data + length, "binary");
	return length > TYPE_BITS_MAX ? too_long(r) : type_value_copy(out, data, length, r);
}

int
type_bits_from_integer(int64_t value, size_t n, struct type_value *out, struct report *r)
{
	char *bits = make_room(out, n, r);

	for (size_t i = 0; bits != NULL && i < n; i++) {
		size_t place = n - 1 - i; /* beyond the number's own bits stand copies of its sign */

		bits[i] = (place > 63 ? value < 0 : ((uint64_t)value >> place & 1) != 0) ? '1' : '0';
	}
	return bits == NULL ? -1 : 0;
}

/* Exactly n bits, or at most; only what is written as a cast cuts and fills up. */
int
type_bits_coerce(uint32_t oid, int32_t typmod, bool explicit_cast, const struct type_value *in, struct type_value *out,
    struct report *r)
{
	size_t wanted = (size_t)typmod, kept;
	char *bits;

	if (typmod < 0 || in->length == wanted || (oid == TYPE_VARBIT && in->length < wanted))
		return type_value_copy(out, in->bytes, in->length, r);
	if (!explicit_cast && oid == TYPE_BIT)
		return report_set(r, SQLSTATE_STRING_DATA_LENGTH_MISMATCH,
		    "bit string length %zu does not match type bit(%zu)", in->length, wanted);
	if (!explicit_cast)
		return report_set(r, SQLSTATE_STRING_DATA_RIGHT_TRUNCATION,
		    "bit string too long for type bit varying(%zu)", wanted);
	if ((bits = make_room(out, wanted, r)) == NULL)
		return -1;
	kept = in->length < wanted ? in->length : wanted;
	memcpy(bits, in->bytes, kept);
	memset(bits + kept, '0', wanted - kept);
	return 0;
}

int
type_bits_from_binary(struct pgwire_reader *in, struct type_value *out, struct report *r)
{
	uint32_t n = pgwire_get_int32(in);
	const uint8_t *bytes = pgwire_get_bytes(in, n / BITS_OF_BYTE + (n % BITS_OF_BYTE != 0));
	char *bits;

	if (n > INT32_MAX)
		return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "invalid length in external bit string");
	if (!pgwire_reader_done(in) || (n > 0 && bytes == NULL))
		return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION,
		    "incorrect binary data format for type bit");
	if ((bits = make_room(out, n, r)) == NULL)
		return -1;
	for (uint32_t i = 0; i < n; i++)
		bits[i] = (bytes[i / BITS_OF_BYTE] >> (BITS_OF_BYTE - 1 - i % BITS_OF_BYTE) & 1) != 0 ? '1' : '0';
	return 0;
}

void
type_bits_to_binary(struct pgwire_buffer *out, const char *bits, size_t length)
{
	pgwire_put_int32(out, (uint32_t)length);
	for (size_t i = 0; i < length; i += BITS_OF_BYTE) {
		unsigned byte = 0;

		for (size_t bit = 0; bit < BITS_OF_BYTE && i + bit < length; bit++)
			byte |= (unsigned)(bits[i + bit] == '1') << (BITS_OF_BYTE - 1 - bit);
		pgwire_put_byte(out, (uint8_t)byte);
	}
}
