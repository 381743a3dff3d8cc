/*
 * In which hash partition a row is: PostgreSQL's hash of the key's values. Bytes and words are hashed by Bob Jenkins'
 * public lookup3 (final and mix of three words, seeded), the values of a key are combined into 64 bits, and the
 * remainder of that by the modulus says the partition. What of a value is hashed is what PostgreSQL's operator class
 * for hashing says of its type.
 */
#include <math.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/codec.h"

/* Of all partitions; what PostgreSQL calls HASH_PARTITION_SEED (src: its header partition.h). */
#define SEED UINT64_C(0x7A5B22367996DCFD)

struct lookup3 {
	uint32_t a, b, c;
};

static uint32_t
rotate(uint32_t word, unsigned bits)
{
	return word << bits | word >> (32 - bits);
}

static void
mix(struct lookup3 *w)
{
	w->a = (w->a - w->c) ^ rotate(w->c, 4);
	w->c += w->b;
	w->b = (w->b - w->a) ^ rotate(w->a, 6);
	w->a += w->c;
	w->c = (w->c - w->b) ^ rotate(w->b, 8);
	w->b += w->a;
	w->a = (w->a - w->c) ^ rotate(w->c, 16);
	w->c += w->b;
	w->b = (w->b - w->a) ^ rotate(w->a, 19);
	w->a += w->c;
	w->c = (w->c - w->b) ^ rotate(w->b, 4);
	w->b += w->a;
}

static uint64_t
finish(struct lookup3 *w)
{
	w->c = (w->c ^ w->b) - rotate(w->b, 14);
	w->a = (w->a ^ w->c) - rotate(w->c, 11);
	w->b = (w->b ^ w->a) - rotate(w->a, 25);
	w->c = (w->c ^ w->b) - rotate(w->b, 16);
	w->a = (w->a ^ w->c) - rotate(w->c, 4);
	w->b = (w->b ^ w->a) - rotate(w->a, 14);
	w->c = (w->c ^ w->b) - rotate(w->b, 24);
	return (uint64_t)w->b << 32 | w->c;
}

static struct lookup3
begin(size_t length, uint64_t seed)
{
	uint32_t start = UINT32_C(0x9e3779b9) + (uint32_t)length + UINT32_C(3923095);
	struct lookup3 w = { start, start, start };

	w.a += (uint32_t)(seed >> 32);
	w.b += (uint32_t)seed;
	mix(&w);
	return w;
}

static uint64_t
hash_word(uint32_t word)
{
	struct lookup3 w = begin(sizeof(word), SEED);

	w.a += word;
	return finish(&w);
}

/* The i-th of three words, of bytes of which there may be none; that of the last word's lowest stays 0 at the end. */
static uint32_t
word_at(const unsigned char *bytes, size_t length, unsigned i, bool last)
{
	uint32_t word = 0;

	for (unsigned k = 0; k < 4; k++) {
		size_t at = i * 4 + k;
		unsigned shift = 8 * (last && i == 2 ? k + 1 : k);

		if (at < length && shift < 32)
			word |= (uint32_t)bytes[at] << shift;
	}
	return word;
}

static uint64_t
hash_bytes(const void *data, size_t length)
{
	const unsigned char *bytes = data;
	struct lookup3 w = begin(length, SEED);

	for (; length >= 12; bytes += 12, length -= 12) {
		w.a += word_at(bytes, 12, 0, false);
		w.b += word_at(bytes, 12, 1, false);
		w.c += word_at(bytes, 12, 2, false);
		mix(&w);
	}
	w.a += word_at(bytes, length, 0, true);
	w.b += word_at(bytes, length, 1, true);
	w.c += word_at(bytes, length, 2, true);
	return finish(&w);
}

/* A value that fits into 32 bits has the hash of such a one. */
static uint64_t
hash_long(int64_t value)
{
	uint32_t low = (uint32_t)value, high = (uint32_t)((uint64_t)value >> 32);

	return hash_word(low ^ (value >= 0 ? high : ~high));
}

static uint64_t
hash_real(double value)
{
	if (value == 0)
		return SEED;
	if (isnan(value))
		value = (double)NAN;
	return hash_bytes(&value, sizeof(value));
}

static uint64_t
big_endian(const unsigned char *bytes, size_t length)
{
	uint64_t value = 0;

	for (size_t i = 0; i < length; i++)
		value = value << 8 | bytes[i];
	return value;
}

/* As it is sent: how many digits of base 10000, the weight of the first, the sign, the scale, and the digits. Zeros at
 * either end do not count. */
static uint64_t
hash_numeric(const unsigned char *bytes, size_t length)
{
	size_t n = length < 8 ? 0 : (size_t)big_endian(bytes, 2), from = 0;
	int64_t weight = length < 8 ? 0 : (int16_t)big_endian(bytes + 2, 2);
	uint16_t sign = length < 8 ? 0 : (uint16_t)big_endian(bytes + 4, 2), digits[256];

	if ((sign & 0xC000) == 0xC000)
		return SEED;
	while (from < n && big_endian(bytes + 8 + 2 * from, 2) == 0) {
		from++;
		weight--;
	}
	if (from == n)
		return SEED - 1;
	while (big_endian(bytes + 8 + 2 * (n - 1), 2) == 0)
		n--;
	if (n - from > sizeof(digits) / sizeof(digits[0]))
		n = 0;
	for (size_t i = from; i < n; i++)
		digits[i - from] = (uint16_t)big_endian(bytes + 8 + 2 * i, 2);
	return n == 0 ? 0 : hash_bytes(digits, 2 * (n - from)) ^ (uint64_t)weight;
}

/* The value as it is sent to a client, by its type. */
static uint64_t
hash_sent(uint32_t oid, const unsigned char *bytes, size_t length)
{
	switch (oid) {
	case TYPE_BOOL:
		return hash_word(length > 0 && bytes[0] != 0);
	case TYPE_INT2:
		return hash_word((uint32_t)(int32_t)(int16_t)big_endian(bytes, length));
	case TYPE_INT4:
	case TYPE_OID:
	case TYPE_DATE:
		return hash_word((uint32_t)big_endian(bytes, length));
	case TYPE_INT8:
	case TYPE_TIME:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
		return hash_long((int64_t)big_endian(bytes, length));
	case TYPE_NUMERIC:
		return hash_numeric(bytes, length);
	case TYPE_BPCHAR:
		while (length > 0 && bytes[length - 1] == ' ')
			length--;
		return hash_bytes(bytes, length);
	default:
		return hash_bytes(bytes, length);
	}
}

/* How many digits fit: others are refused. */
static bool
is_hashed(uint32_t oid, size_t length)
{
	return oid != TYPE_NUMERIC || length <= 8 + 2 * 256;
}

static int
hash_value(sqlite3_value *from, uint32_t oid, uint64_t *hash, struct report *r)
{
	struct type_value value = type_value_of(from);
	struct pgwire_buffer sent = { 0 };
	size_t length;
	int status;

	if (oid == TYPE_FLOAT4 || oid == TYPE_FLOAT8) {
		*hash = hash_real(type_real_of(from));
		return 0;
	}
	status = type_put_value_binary(&sent, &value, oid, NULL, r);
	length = pgwire_buffer_length(&sent);
	if (status == 0 && sent.failed)
		status = report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (status == 0 && !is_hashed(oid, length))
		status = report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a number of more than 1024 digits as a key of partitions is not supported on SQLite");
	if (status == 0)
		*hash = hash_sent(oid, sent.data + sent.start, length);
	pgwire_buffer_free(&sent);
	return status;
}

/* bibd_hash_partition(modulus, remainder, type, value, type, value, ...): whether the row is in that partition. Nulls
 * do not count. */
void
partition_hash(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint64_t row = 0, hash = 0;
	struct report r = { 0 };

	for (int i = 2; i + 1 < argc; i += 2) {
		if (sqlite3_value_type(argv[i + 1]) == SQLITE_NULL)
			continue;
		if (hash_value(argv[i + 1], (uint32_t)sqlite3_value_int64(argv[i]), &hash, &r) == -1) {
			function_fail_report(c, &r);
			return;
		}
		row ^= hash + UINT64_C(0x49a0f4dd15e5a8e3) + (row << 54) + (row >> 7);
	}
	sqlite3_result_int(c, row % (uint64_t)sqlite3_value_int64(argv[0]) == (uint64_t)sqlite3_value_int64(argv[1]));
}
