/*
 * Functions of bytea: bytes and bits in it, parts that are replaced or trimmed, its digests, and its way from and to
 * text.
 */
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/utf8.h"

static const uint8_t *
bytes_of(sqlite3_value *value, size_t *length)
{
	const void *bytes = sqlite3_value_blob(value);

	*length = (size_t)sqlite3_value_bytes(value);
	return bytes == NULL ? (const uint8_t *)"" : bytes;
}

static void
give(sqlite3_context *c, const void *bytes, size_t length)
{
	sqlite3_result_blob64(c, length == 0 ? "" : bytes, length, SQLITE_TRANSIENT);
}

/* ---- bytes and bits ---- */

static bool
check_index(sqlite3_context *c, int64_t index, int64_t n)
{
	if (index >= 0 && index < n)
		return true;
	function_fail(c, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "index %lld out of valid range, 0..%lld", (long long)index,
	    (long long)n - 1);
	return false;
}

void
bytes_get(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t index = sqlite3_value_int64(argv[1]);
	size_t length;
	const uint8_t *bytes = bytes_of(argv[0], &length);

	(void)argc;
	if (check_index(c, index, (int64_t)length))
		sqlite3_result_int(c, bytes[index]);
}

void
bytes_get_bit(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t index = sqlite3_value_int64(argv[1]);
	size_t length;
	const uint8_t *bytes = bytes_of(argv[0], &length);

	(void)argc;
	if (check_index(c, index, (int64_t)length * 8))
		sqlite3_result_int(c, bytes[index / 8] >> (index % 8) & 1);
}

/* A copy in which one byte is another. */
static void
give_changed(sqlite3_context *c, const uint8_t *bytes, size_t length, size_t at, uint8_t value)
{
	uint8_t *copy = sqlite3_malloc64(length);

	if (copy == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	memcpy(copy, bytes, length);
	copy[at] = value;
	sqlite3_result_blob64(c, copy, length, sqlite3_free);
}

void
bytes_set(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t index = sqlite3_value_int64(argv[1]);
	size_t length;
	const uint8_t *bytes = bytes_of(argv[0], &length);

	(void)argc;
	if (check_index(c, index, (int64_t)length))
		give_changed(c, bytes, length, (size_t)index, (uint8_t)sqlite3_value_int64(argv[2]));
}

void
bytes_set_bit(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t index = sqlite3_value_int64(argv[1]), bit = sqlite3_value_int64(argv[2]);
	size_t length;
	const uint8_t *bytes = bytes_of(argv[0], &length);
	uint8_t mask = (uint8_t)(1 << ((uint64_t)index % 8)), byte;

	(void)argc;
	if (!check_index(c, index, (int64_t)length * 8))
		return;
	if (bit != 0 && bit != 1) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "new bit must be 0 or 1");
		return;
	}
	byte = bytes[index / 8];
	give_changed(c, bytes, length, (size_t)index / 8, (uint8_t)(bit != 0 ? byte | mask : byte & ~mask));
}

void
bytes_bit_count(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const uint8_t *bytes = bytes_of(argv[0], &length);
	int64_t n = 0;

	(void)argc;
	for (size_t i = 0; i < length; i++)
		n += __builtin_popcount(bytes[i]);
	sqlite3_result_int64(c, n);
}

/* ---- parts ---- */

/* overlay(bytes, with, from, length) */
void
bytes_overlay(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, n;
	const uint8_t *bytes = bytes_of(argv[0], &length), *with = bytes_of(argv[1], &n);
	int64_t from = sqlite3_value_int64(argv[2]), over = argc > 3 ? sqlite3_value_int64(argv[3]) : (int64_t)n;
	int64_t behind = from - 1 + over;
	size_t before, after;
	uint8_t *out;

	if (from <= 0) {
		function_fail(c, SQLSTATE_SUBSTRING_ERROR, "negative substring length not allowed");
		return;
	}
	if (from + over > INT32_MAX) {
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range");
		return;
	}
	behind = behind < 0 ? 0 : behind;
	before = (size_t)(from - 1) < length ? (size_t)(from - 1) : length;
	after = (size_t)behind < length ? length - (size_t)behind : 0;
	if (before + n + after > FUNCTION_RESULT_MAX || (out = sqlite3_malloc64(before + n + after + 1)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	memcpy(out, bytes, before);
	memcpy(out + before, with, n);
	memcpy(out + before + n, bytes + (length - after), after);
	sqlite3_result_blob64(c, out, before + n + after, sqlite3_free);
}

static void
trim(sqlite3_context *c, sqlite3_value **argv, bool left, bool right)
{
	size_t length, n, from = 0;
	const uint8_t *bytes = bytes_of(argv[0], &length), *set = bytes_of(argv[1], &n);
	bool among[UINT8_MAX + 1] = { false };

	for (size_t i = 0; i < n; i++)
		among[set[i]] = true;
	while (left && from < length && among[bytes[from]])
		from++;
	while (right && length > from && among[bytes[length - 1]])
		length--;
	give(c, bytes + from, length - from);
}

void
bytes_btrim(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	trim(c, argv, true, true);
}

void
bytes_ltrim(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	trim(c, argv, true, false);
}

void
bytes_rtrim(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	trim(c, argv, false, true);
}

/* position(bytes, part) */
void
bytes_position(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, n;
	const uint8_t *bytes = bytes_of(argv[0], &length), *part = bytes_of(argv[1], &n), *found;

	(void)argc;
	found = n == 0 ? bytes : memmem(bytes, length, part, n);
	sqlite3_result_int64(c, found == NULL ? 0 : found - bytes + 1);
}

/* ---- digests ---- */

#define DIGEST(name, init, update, final, size) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) \
	{ \
		uint8_t digest[size]; \
		SHA2_CTX context; \
		size_t length; \
		const uint8_t *bytes = bytes_of(argv[0], &length); \
\
		(void)argc; \
		init(&context); \
		update(&context, bytes, length); \
		final(digest, &context); \
		give(c, digest, sizeof(digest)); \
	}
DIGEST(bytes_sha384, SHA384Init, SHA384Update, SHA384Final, SHA384_DIGEST_LENGTH)
DIGEST(bytes_sha512, SHA512Init, SHA512Update, SHA512Final, SHA512_DIGEST_LENGTH)
#undef DIGEST

#define SHA224_BYTES 28

/* SHA-256 that begins with other numbers, and is cut off (src: FIPS 180-4, 5.3.2); the library has no name for it. */
void
bytes_sha224(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	static const uint32_t first[] = { 0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511,
		0x64f98fa7, 0xbefa4fa4 };
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX context;
	size_t length;
	const uint8_t *bytes = bytes_of(argv[0], &length);

	(void)argc;
	SHA256Init(&context);
	memcpy(context.state.st32, first, sizeof(first));
	SHA256Update(&context, bytes, length);
	SHA256Final(digest, &context);
	give(c, digest, SHA224_BYTES);
}

/* ---- from and to text ---- */

enum encoding { ENCODING_UTF8, ENCODING_LATIN1, ENCODING_ASCII, ENCODING_NONE };

/* Names are compared without case and punctuation. */
static enum encoding
find_encoding(const char *name)
{
	static const struct {
		const char *name;
		enum encoding encoding;
	} encodings[] = { { "utf8", ENCODING_UTF8 }, { "unicode", ENCODING_UTF8 }, { "latin1", ENCODING_LATIN1 },
		{ "iso88591", ENCODING_LATIN1 }, { "sqlascii", ENCODING_ASCII } };
	char plain[32];
	size_t n = 0;

	for (; *name != '\0' && n + 1 < sizeof(plain); name++)
		if (strchr("-_ ", *name) == NULL)
			plain[n++] = *name;
	plain[n] = '\0';
	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++)
		if (strcasecmp(encodings[i].name, plain) == 0)
			return encodings[i].encoding;
	return ENCODING_NONE;
}

static void
fail_encoding(sqlite3_context *c, const char *which, const char *name)
{
	function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid %s encoding name \"%s\"", which, name);
}

void
bytes_convert_from(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, n;
	const uint8_t *bytes = bytes_of(argv[0], &length);
	const char *name = function_text(argv[1], &n);
	enum encoding encoding = find_encoding(name);
	struct report r = { 0 };
	struct pgwire_buffer out = { 0 };
	char character[UTF8_MAX];

	(void)argc;
	if (encoding == ENCODING_NONE)
		fail_encoding(c, "source", name);
	else if (encoding == ENCODING_LATIN1 && memchr(bytes, '\0', length) != NULL)
		function_fail(c, SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE,
		    "invalid byte sequence for encoding \"LATIN1\": 0x00");
	else if (encoding == ENCODING_LATIN1) {
		for (size_t i = 0; i < length; i++)
			pgwire_put_bytes(&out, character, utf8_encode(character, bytes[i]));
		function_result_buffer(c, &out);
	} else if (type_check_utf8((const char *)bytes, length, &r) == -1)
		function_fail_report(c, &r);
	else
		function_result_text(c, (const char *)bytes, length);
}

void
bytes_convert_to(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, n, at = 0;
	const char *text = function_text(argv[0], &length), *name = function_text(argv[1], &n);
	enum encoding encoding = find_encoding(name);
	struct pgwire_buffer out = { 0 };
	uint32_t character = 0;

	(void)argc;
	if (encoding == ENCODING_NONE) {
		fail_encoding(c, "destination", name);
		return;
	}
	while (encoding == ENCODING_LATIN1 && at < length && character <= 0xff) {
		if ((character = utf8_decode(text, length, &at)) <= 0xff)
			pgwire_put_byte(&out, (uint8_t)character);
	}
	if (character > 0xff)
		function_fail(c, SQLSTATE_UNTRANSLATABLE_CHARACTER,
		    "a character of the text has no equivalent in encoding \"LATIN1\"");
	else if (out.failed)
		sqlite3_result_error_nomem(c);
	else if (encoding == ENCODING_LATIN1)
		give(c, out.data == NULL ? NULL : out.data + out.start, pgwire_buffer_length(&out));
	else
		give(c, text, length);
	pgwire_buffer_free(&out);
}

/* The bytes of the binary form. */
static void
send(sqlite3_context *c, sqlite3_value *value, uint32_t oid)
{
	struct type_value in = type_value_of(value);
	struct pgwire_buffer out = { 0 };
	struct report r = { 0 };

	if (type_put_value_binary(&out, &in, oid, NULL, &r) != 0)
		function_fail_report(c, &r);
	else if (out.failed)
		sqlite3_result_error_nomem(c);
	else
		sqlite3_result_blob64(c, out.data + out.start, pgwire_buffer_length(&out), SQLITE_TRANSIENT);
	pgwire_buffer_free(&out);
}

void
bytes_float4send(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	send(c, argv[0], TYPE_FLOAT4);
}

void
bytes_float8send(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	send(c, argv[0], TYPE_FLOAT8);
}
