/*
 * Makes a verifier of a password, and reads one.
 */
#include "workers/scram/scram.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
scram_error(struct error *e, const char *what)
{
	ERR_clear_error();
	return error_set(e, STATUS_OS, "scram.openssl", "OpenSSL cannot %s", what);
}

/* Base64 of so many bytes, with its NUL. */
#define SCRAM_BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)

static int
scram_hmac(const uint8_t key[SHA256_DIGEST_LENGTH], const char *text, uint8_t out[SHA256_DIGEST_LENGTH])
{
	const unsigned char *bytes = (const unsigned char *)text;
	unsigned size = SHA256_DIGEST_LENGTH;

	return HMAC(EVP_sha256(), key, SHA256_DIGEST_LENGTH, bytes, strlen(text), out, &size) == NULL ? -1 : 0;
}

int
scram_verifier(const char *password, const uint8_t salt[SCRAM_SALT_SIZE], int iterations,
    char verifier[SCRAM_VERIFIER_SIZE], struct error *e)
{
	uint8_t salted[SHA256_DIGEST_LENGTH], client[SHA256_DIGEST_LENGTH], stored[SHA256_DIGEST_LENGTH],
	    server[SHA256_DIGEST_LENGTH];
	unsigned char salt_text[SCRAM_BASE64_SIZE(SCRAM_SALT_SIZE)];
	unsigned char stored_text[SCRAM_BASE64_SIZE(SHA256_DIGEST_LENGTH)];
	unsigned char server_text[SCRAM_BASE64_SIZE(SHA256_DIGEST_LENGTH)];
	int result = 0;

	if (PKCS5_PBKDF2_HMAC(password, (int)strlen(password), salt, SCRAM_SALT_SIZE, iterations, EVP_sha256(),
		sizeof(salted), salted) != 1 ||
	    scram_hmac(salted, "Client Key", client) == -1 || SHA256(client, sizeof(client), stored) == NULL ||
	    scram_hmac(salted, "Server Key", server) == -1) {
		result = scram_error(e, "compute a verifier");
	} else {
		(void)EVP_EncodeBlock(salt_text, salt, SCRAM_SALT_SIZE);
		(void)EVP_EncodeBlock(stored_text, stored, sizeof(stored));
		(void)EVP_EncodeBlock(server_text, server, sizeof(server));
		(void)snprintf(verifier, SCRAM_VERIFIER_SIZE, "SCRAM-SHA-256$%d:%s$%s:%s", iterations,
		    (char *)salt_text, (char *)stored_text, (char *)server_text);
	}
	explicit_bzero(salted, sizeof(salted));
	explicit_bzero(client, sizeof(client));
	explicit_bzero(stored, sizeof(stored));
	explicit_bzero(server, sizeof(server));
	explicit_bzero(stored_text, sizeof(stored_text));
	explicit_bzero(server_text, sizeof(server_text));
	return result;
}

int
scram_verifier_new(const char *password, int iterations, char verifier[SCRAM_VERIFIER_SIZE], struct error *e)
{
	uint8_t salt[SCRAM_SALT_SIZE];

	if (RAND_bytes(salt, sizeof(salt)) != 1)
		return scram_error(e, "make a salt");
	return scram_verifier(password, salt, iterations, verifier, e);
}

/* ---- reading one ---- */

/* Base64 of exactly so many bytes, from *text to the character end, after which *text is left. */
static bool
scram_read_base64(const char **text, char end, uint8_t *out, size_t size)
{
	unsigned char bytes[SCRAM_BASE64_SIZE(SCRAM_KEY_SIZE)];
	size_t length = (size + 2) / 3 * 4;
	const char *found = strchr(*text, end);
	size_t padding = (3 - size % 3) % 3;

	if (found == NULL || (size_t)(found - *text) != length || strcspn(*text, "=") < length - padding ||
	    EVP_DecodeBlock(bytes, (const unsigned char *)*text, (int)length) != (int)(size + padding))
		return false;
	memcpy(out, bytes, size);
	explicit_bzero(bytes, sizeof(bytes));
	*text = found + (end == '\0' ? 0 : 1);
	return true;
}

bool
scram_read_verifier(const char *text, struct scram_keys *keys)
{
	char *end;
	long iterations;

	*keys = (struct scram_keys) { 0 };
	if (strncmp(text, "SCRAM-SHA-256$", 14) != 0)
		return false;
	text += 14;
	if (text[0] < '1' || text[0] > '9')
		return false;
	iterations = strtol(text, &end, 10);
	if (*end != ':' || iterations < SCRAM_ITERATIONS || iterations > SCRAM_ITERATIONS_MAX)
		return false;
	keys->iterations = (int)iterations;
	text = end + 1;
	if (scram_read_base64(&text, '$', keys->salt, sizeof(keys->salt)) &&
	    scram_read_base64(&text, ':', keys->stored, sizeof(keys->stored)) &&
	    scram_read_base64(&text, '\0', keys->server, sizeof(keys->server)))
		return true;
	explicit_bzero(keys, sizeof(*keys));
	return false;
}
