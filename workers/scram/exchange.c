/*
 * The server's side of one SCRAM exchange: takes both messages of the client, and answers them.
 */
#include "workers/scram/scram.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(SCRAM_KEY_SIZE == SHA256_DIGEST_LENGTH, "SHA-256");

/* ---- the start ---- */

static int
scram_mac(const uint8_t key[SCRAM_KEY_SIZE], const char *text, uint8_t out[SCRAM_KEY_SIZE])
{
	unsigned size = SCRAM_KEY_SIZE;

	return HMAC(EVP_sha256(), key, SCRAM_KEY_SIZE, (const unsigned char *)text, strlen(text), out, &size) == NULL
	    ? -1
	    : 0;
}

int
scram_begin(struct scram *scram, const struct scram_keys *keys, const char *login, const uint8_t secret[SCRAM_KEY_SIZE],
    struct error *e)
{
	uint8_t random[18], salt[SCRAM_KEY_SIZE];

	*scram = (struct scram) { .mock = keys == NULL, .keys = { .iterations = SCRAM_ITERATIONS_PERSON } };
	if (RAND_bytes(random, sizeof(random)) != 1 || scram_mac(secret, login, salt) == -1) {
		ERR_clear_error();
		return error_set(e, STATUS_OS, "scram.openssl", "OpenSSL cannot begin an exchange");
	}
	if (keys != NULL)
		scram->keys = *keys;
	else
		memcpy(scram->keys.salt, salt, sizeof(scram->keys.salt));
	/* 18 bytes are 24 characters without padding. */
	(void)EVP_EncodeBlock((unsigned char *)scram->nonce, random, sizeof(random));
	return 0;
}

void
scram_end(struct scram *scram)
{
	explicit_bzero(scram, sizeof(*scram));
}

/* ---- the first messages ---- */

/* Checks the gs2-header, "n,,", "y,," or "p=tls-server-end-point,,"; one with an authorisation identity is refused.
 * Returns its length, or 0. 'y' means that the client could bind the channel and believes that we cannot, which we
 * never say. */
static size_t
scram_header(const struct scram *scram, const char *message)
{
	static const char binding[] = "p=tls-server-end-point,,";

	if (scram->plus)
		return strncmp(message, binding, sizeof(binding) - 1) == 0 ? sizeof(binding) - 1 : 0;
	if (strncmp(message, "n,,", 3) == 0 || (scram->nbinding == 0 && strncmp(message, "y,,", 3) == 0))
		return 3;
	return 0;
}

/* The value of the attribute that the text begins with, up to the next comma; NULL: it begins with another. */
static const char *
scram_attribute(const char *text, char name, size_t *length)
{
	if (text == NULL || text[0] != name || text[1] != '=')
		return NULL;
	*length = strcspn(text + 2, ",");
	return text + 2;
}

/* Whether the nonce has only characters that RFC 5802 allows. */
static bool
scram_is_nonce(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] < '!' || text[i] > '~')
			return false;
	return length > 0;
}

enum scram_result
scram_take_first(struct scram *scram, const char *message, char answer[SCRAM_MESSAGE_MAX])
{
	unsigned char salt[(SCRAM_SALT_SIZE + 2) / 3 * 4 + 1];
	size_t header = scram_header(scram, message), length;
	const char *bare = message + header, *name, *nonce;
	int n;

	if (header == 0 || strlen(bare) >= sizeof(scram->bare) ||
	    (name = scram_attribute(bare, 'n', &length)) == NULL || name[length] != ',' ||
	    (nonce = scram_attribute(name + length + 1, 'r', &length)) == NULL || !scram_is_nonce(nonce, length))
		return SCRAM_MALFORMED;
	/* The name is that of the startup packet; what comes after the nonce are extensions, which may be passed
	 * over. */
	memcpy(scram->header, message, header);
	memcpy(scram->bare, bare, strlen(bare) + 1);
	(void)EVP_EncodeBlock(salt, scram->keys.salt, SCRAM_SALT_SIZE);
	n = snprintf(scram->first, sizeof(scram->first), "r=%.*s%s,s=%s,i=%d", (int)length, nonce, scram->nonce,
	    (char *)salt, scram->keys.iterations);
	if (n < 0 || (size_t)n >= sizeof(scram->first))
		return SCRAM_MALFORMED;
	memcpy(answer, scram->first, sizeof(scram->first));
	return SCRAM_DONE;
}

/* ---- the final ones ---- */

/* Whether "c=" is what it must be: the gs2-header, and the hash of our certificate where the channel is bound. */
static bool
scram_binds(const struct scram *scram, const char *value, size_t length)
{
	unsigned char input[sizeof(scram->header) + sizeof(scram->binding)];
	unsigned char expected[(sizeof(input) + 2) / 3 * 4 + 1];
	size_t n = strlen(scram->header);
	int size;

	memcpy(input, scram->header, n);
	if (scram->plus) {
		memcpy(input + n, scram->binding, scram->nbinding);
		n += scram->nbinding;
	}
	size = EVP_EncodeBlock(expected, input, (int)n);
	return length == (size_t)size && memcmp(value, expected, length) == 0;
}

static bool
scram_nonce_fits(const struct scram *scram, const char *value, size_t length)
{
	const char *ours = scram->first + 2;

	return length == strcspn(ours, ",") && strncmp(value, ours, length) == 0;
}

static bool
scram_proof_fits(const struct scram *scram, const char *auth, const uint8_t proof[SCRAM_KEY_SIZE])
{
	uint8_t signature[SCRAM_KEY_SIZE], key[SCRAM_KEY_SIZE], stored[SCRAM_KEY_SIZE];
	bool fits;

	if (scram_mac(scram->keys.stored, auth, signature) == -1)
		return false;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = proof[i] ^ signature[i];
	fits = SHA256(key, sizeof(key), stored) != NULL &&
	    CRYPTO_memcmp(stored, scram->keys.stored, sizeof(stored)) == 0 && !scram->mock;
	explicit_bzero(key, sizeof(key));
	explicit_bzero(signature, sizeof(signature));
	return fits;
}

static enum scram_result
scram_answer(const struct scram *scram, const char *auth, const uint8_t proof[SCRAM_KEY_SIZE],
    char answer[SCRAM_MESSAGE_MAX])
{
	unsigned char text[(SCRAM_KEY_SIZE + 2) / 3 * 4 + 1];
	uint8_t signature[SCRAM_KEY_SIZE];

	if (!scram_proof_fits(scram, auth, proof) || scram_mac(scram->keys.server, auth, signature) == -1)
		return SCRAM_WRONG;
	(void)EVP_EncodeBlock(text, signature, sizeof(signature));
	(void)snprintf(answer, SCRAM_MESSAGE_MAX, "v=%s", (char *)text);
	return SCRAM_DONE;
}

enum scram_result
scram_take_final(struct scram *scram, const char *message, char answer[SCRAM_MESSAGE_MAX])
{
	char auth[3 * SCRAM_MESSAGE_MAX + 4];
	unsigned char proof[SCRAM_KEY_SIZE + 1];
	const char *binding, *nonce, *end = strstr(message, ",p=");
	size_t length, rest;

	if (scram->first[0] == '\0' || strlen(message) >= SCRAM_MESSAGE_MAX || end == NULL ||
	    (binding = scram_attribute(message, 'c', &length)) == NULL || !scram_binds(scram, binding, length) ||
	    binding[length] != ',' || (nonce = scram_attribute(binding + length + 1, 'r', &rest)) == NULL ||
	    !scram_nonce_fits(scram, nonce, rest) || nonce + rest > end || strlen(end + 3) != 44 ||
	    end[3 + 43] != '=' || EVP_DecodeBlock(proof, (const unsigned char *)end + 3, 44) != SCRAM_KEY_SIZE + 1) {
		ERR_clear_error();
		return SCRAM_MALFORMED;
	}
	(void)snprintf(auth, sizeof(auth), "%s,%s,%.*s", scram->bare, scram->first, (int)(end - message), message);
	return scram_answer(scram, auth, proof, answer);
}
