/*
 * uuid-ossp: UUIDs as RFC 4122 makes them of a time, of a name, and the fixed ones.
 */
#include <string.h>

#include "common/clock.h"
#include "workers/sqlite/functions/native.h"
#include "workers/sqlite/types/codec.h"

#define UUID_BYTES 16
/* 100 ns units between 1582-10-15 and 1970-01-01. */
#define UUID_EPOCH UINT64_C(0x01b21dd213814000)

static void
give(sqlite3_context *c, uint8_t uuid[UUID_BYTES], int version)
{
	char text[TYPE_UUID_TEXT];

	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | (version << 4));
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	type_write_uuid(uuid, text);
	function_result_text(c, text, sizeof(text));
}

/* The node is a random one, as v1mc has it: the address of a network card is not for everybody to know. */
void
native_uuid_v1(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint64_t time = (uint64_t)clock_realtime_us() * 10 + UUID_EPOCH;
	uint8_t uuid[UUID_BYTES];

	(void)argc;
	(void)argv;
	if (!native_random(c, uuid, sizeof(uuid)))
		return;
	time += uuid[0] % 10; /* the clock has microseconds only */
	for (int i = 0; i < 4; i++)
		uuid[i] = (uint8_t)(time >> (24 - 8 * i));
	uuid[4] = (uint8_t)(time >> 40);
	uuid[5] = (uint8_t)(time >> 32);
	uuid[6] = (uint8_t)(time >> 56);
	uuid[7] = (uint8_t)(time >> 48);
	uuid[10] |= 1;
	give(c, uuid, 1);
}

static int
hex(char digit)
{
	return digit >= 'a' ? digit - 'a' + 10 : digit - '0';
}

/* From the form that is kept: lower case, with hyphens. */
static void
read_uuid(sqlite3_value *value, uint8_t uuid[UUID_BYTES])
{
	const char *text = (const char *)sqlite3_value_text(value);

	memset(uuid, 0, UUID_BYTES);
	for (size_t i = 0; text != NULL && i < UUID_BYTES && text[0] != '\0' && text[1] != '\0'; i++) {
		text += *text == '-';
		uuid[i] = (uint8_t)(hex(text[0]) << 4 | hex(text[1]));
		text += 2;
	}
}

static void
name_based(sqlite3_context *c, sqlite3_value **argv, const char *algorithm, int version)
{
	uint8_t namespace[UUID_BYTES], digest[NATIVE_DIGEST_MAX];
	struct native_bytes parts[2] = { { namespace, sizeof(namespace) }, native_bytes_of(argv[1]) };

	read_uuid(argv[0], namespace);
	(void)native_digest_of(algorithm, parts, 2, digest);
	give(c, digest, version);
}

void
native_uuid_v3(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	name_based(c, argv, "md5", 3);
}

void
native_uuid_v5(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	name_based(c, argv, "sha1", 5);
}

/* Those of RFC 4122, appendix C. */
#define FIXED(name, text) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) \
	{ \
		(void)argc; \
		(void)argv; \
		function_result_text(c, text, TYPE_UUID_TEXT); \
	}
FIXED(native_uuid_nil, "00000000-0000-0000-0000-000000000000")
FIXED(native_uuid_dns, "6ba7b810-9dad-11d1-80b4-00c04fd430c8")
FIXED(native_uuid_url, "6ba7b811-9dad-11d1-80b4-00c04fd430c8")
FIXED(native_uuid_oid, "6ba7b812-9dad-11d1-80b4-00c04fd430c8")
FIXED(native_uuid_x500, "6ba7b814-9dad-11d1-80b4-00c04fd430c8")
