/*
 * pgcrypto: digest(), hmac() and gen_random_bytes().
 */
#include <md5.h>
#include <sha.h>
#include <sha2.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "workers/sqlite/functions/native.h"

#define BLOCK_MAX 128
#define RANDOM_BYTES_MAX 1024

union state {
	MD5_CTX md5;
	SHA_CTX sha1;
	SHA2_CTX sha2;
};

#define DIGEST(name, type, member, init, update, final) \
	static void name##_begin(union state *s) \
	{ \
		init(&s->member); \
	} \
	static void name##_add(union state *s, const void *data, size_t length) \
	{ \
		update(&s->member, (const uint8_t *)data, length); \
	} \
	static void name##_end(union state *s, uint8_t *digest) \
	{ \
		final(digest, &s->member); \
	}
DIGEST(md5, MD5_CTX, md5, MD5Init, MD5Update, MD5Final)
DIGEST(sha1, SHA_CTX, sha1, SHA1Init, SHA1Update, SHA1Final)
DIGEST(sha256, SHA2_CTX, sha2, SHA256Init, SHA256Update, SHA256Final)
DIGEST(sha384, SHA2_CTX, sha2, SHA384Init, SHA384Update, SHA384Final)
DIGEST(sha512, SHA2_CTX, sha2, SHA512Init, SHA512Update, SHA512Final)
#undef DIGEST

/* SHA-224 begins otherwise than SHA-256, and ends sooner: FIPS 180-4. */
static void
sha224_begin(union state *s)
{
	static const uint32_t begin[8] = { 0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511,
		0x64f98fa7, 0xbefa4fa4 };

	SHA256Init(&s->sha2);
	memcpy(s->sha2.state.st32, begin, sizeof(begin));
}

static const struct algorithm {
	const char *name;
	size_t length, block;
	void (*begin)(union state *s);
	void (*add)(union state *s, const void *data, size_t length);
	void (*end)(union state *s, uint8_t *digest);
} algorithms[] = {
	{ "md5", 16, 64, md5_begin, md5_add, md5_end },
	{ "sha1", 20, 64, sha1_begin, sha1_add, sha1_end },
	{ "sha224", 28, 64, sha224_begin, sha256_add, sha256_end },
	{ "sha256", 32, 64, sha256_begin, sha256_add, sha256_end },
	{ "sha384", 48, 128, sha384_begin, sha384_add, sha384_end },
	{ "sha512", 64, 128, sha512_begin, sha512_add, sha512_end },
};

static const struct algorithm *
find(const char *name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strcasecmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
	return NULL;
}

static void
compute(const struct algorithm *algorithm, const struct native_bytes *parts, size_t n, uint8_t *digest)
{
	union state state;

	algorithm->begin(&state);
	for (size_t i = 0; i < n; i++)
		algorithm->add(&state, parts[i].data, parts[i].length);
	algorithm->end(&state, digest);
	explicit_bzero(&state, sizeof(state));
}

size_t
native_digest_of(const char *name, const struct native_bytes *parts, size_t n, uint8_t digest[NATIVE_DIGEST_MAX])
{
	const struct algorithm *algorithm = find(name);

	if (algorithm == NULL)
		return 0;
	compute(algorithm, parts, n, digest);
	return algorithm->length;
}

/* PostgreSQL takes whatever its library of cryptography knows by name. */
static const struct algorithm *
find_or_fail(sqlite3_context *c, sqlite3_value *name)
{
	const char *text = (const char *)sqlite3_value_text(name);
	const struct algorithm *found = text == NULL ? NULL : find(text);

	if (found == NULL)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a digest other than md5, sha1, sha224, sha256, sha384 and sha512 is not supported on SQLite");
	return found;
}

/* digest(data, algorithm) */
void
native_digest(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct algorithm *algorithm = find_or_fail(c, argv[1]);
	struct native_bytes data = native_bytes_of(argv[0]);
	uint8_t digest[NATIVE_DIGEST_MAX];

	(void)argc;
	if (algorithm == NULL)
		return;
	compute(algorithm, &data, 1, digest);
	sqlite3_result_blob(c, digest, (int)algorithm->length, SQLITE_TRANSIENT);
}

/* hmac(data, key, algorithm): RFC 2104. */
void
native_hmac(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct algorithm *algorithm = find_or_fail(c, argv[2]);
	struct native_bytes data = native_bytes_of(argv[0]), key = native_bytes_of(argv[1]);
	uint8_t inner[BLOCK_MAX] = { 0 }, outer[BLOCK_MAX], digest[NATIVE_DIGEST_MAX];

	(void)argc;
	if (algorithm == NULL)
		return;
	if (key.length > algorithm->block)
		compute(algorithm, &key, 1, inner);
	else
		memcpy(inner, key.data, key.length);
	for (size_t i = 0; i < algorithm->block; i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	compute(algorithm, (struct native_bytes[]) { { inner, algorithm->block }, data }, 2, digest);
	compute(algorithm, (struct native_bytes[]) { { outer, algorithm->block }, { digest, algorithm->length } }, 2,
	    digest);
	explicit_bzero(inner, sizeof(inner));
	explicit_bzero(outer, sizeof(outer));
	sqlite3_result_blob(c, digest, (int)algorithm->length, SQLITE_TRANSIENT);
}

bool
native_random(sqlite3_context *c, void *bytes, size_t n)
{
	uint8_t *at = bytes;

	while (n > 0) {
		ssize_t got = getrandom(at, n < 256 ? n : 256, 0);

		if (got <= 0) {
			function_fail(c, SQLSTATE_INTERNAL_ERROR, "could not generate random values");
			return false;
		}
		at += got;
		n -= (size_t)got;
	}
	return true;
}

/* gen_random_bytes(n) */
void
native_random_bytes(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t n = sqlite3_value_int64(argv[0]);
	uint8_t bytes[RANDOM_BYTES_MAX];

	(void)argc;
	if (n < 1 || n > RANDOM_BYTES_MAX)
		function_fail(c, SQLSTATE_EXTERNAL_ROUTINE_INVOCATION_EXCEPTION, "Length not in range");
	else if (native_random(c, bytes, (size_t)n))
		sqlite3_result_blob(c, bytes, (int)n, SQLITE_TRANSIENT);
}
