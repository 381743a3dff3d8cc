/*
 * Seals, derives, hashes and signs, by OpenSSL.
 */
#include "workers/archive/repository/seal.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

static int
seal_error(struct error *e, const char *what)
{
	unsigned long code = ERR_get_error();
	const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

	ERR_clear_error();
	return error_set(e, STATUS_OS, "repository.openssl", "OpenSSL cannot %s: %s", what,
	    reason == NULL ? "memory is out" : reason);
}

int
seal_random(void *data, size_t size, struct error *e)
{
	return RAND_bytes(data, (int)size) == 1 ? 0 : seal_error(e, "make random bytes");
}

int
seal_derive(const uint8_t key[SEAL_KEY_SIZE], const uint8_t *salt, const char *label, uint8_t derived[SEAL_KEY_SIZE],
    struct error *e)
{
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]) { "SHA256" }, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key, SEAL_KEY_SIZE),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)label, strlen(label)),
		OSSL_PARAM_construct_end(),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
	int result = 0;

	if (salt != NULL)
		parameters[3] =
		    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt, SEAL_SALT_SIZE);
	if (context == NULL || EVP_KDF_derive(context, derived, SEAL_KEY_SIZE, parameters) != 1)
		result = seal_error(e, "derive a key");
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
	return result;
}

/* ---- sealing ---- */

int
seal_close(const struct seal_box *box, const void *plain, size_t size, uint8_t *sealed, struct error *e)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int n, result = 0;

	if (context == NULL || EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, box->key, box->nonce) != 1 ||
	    EVP_EncryptUpdate(context, NULL, &n, box->associated, (int)box->associated_size) != 1 ||
	    EVP_EncryptUpdate(context, sealed, &n, plain, (int)size) != 1 ||
	    EVP_EncryptFinal_ex(context, sealed + size, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_SIZE, sealed + size) != 1)
		result = seal_error(e, "seal an object");
	EVP_CIPHER_CTX_free(context);
	return result;
}

int
seal_open(const struct seal_box *box, const uint8_t *sealed, size_t size, void *plain, struct error *e)
{
	EVP_CIPHER_CTX *context;
	uint8_t tag[SEAL_TAG_SIZE], *out = plain;
	size_t length = size - SEAL_TAG_SIZE;
	int n, result = 1;

	if (size < SEAL_TAG_SIZE)
		return 0;
	memcpy(tag, sealed + length, sizeof(tag));
	context = EVP_CIPHER_CTX_new();
	if (context == NULL || EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, box->key, box->nonce) != 1 ||
	    EVP_DecryptUpdate(context, NULL, &n, box->associated, (int)box->associated_size) != 1 ||
	    EVP_DecryptUpdate(context, out, &n, sealed, (int)length) != 1 ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) != 1)
		result = seal_error(e, "open a sealed object");
	else if (EVP_DecryptFinal_ex(context, tag, &n) != 1) {
		ERR_clear_error();
		explicit_bzero(plain, length);
		result = 0;
	}
	EVP_CIPHER_CTX_free(context);
	return result;
}

/* ---- hashes ---- */

struct seal_hasher {
	EVP_MAC *mac;
	EVP_MAC_CTX *context;
};

struct seal_hasher *
seal_hasher_make(const uint8_t key[SEAL_KEY_SIZE], struct error *e)
{
	struct seal_hasher *hasher = calloc(1, sizeof(*hasher));
	size_t size = SEAL_HASH_SIZE;
	OSSL_PARAM parameters[] = { OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
		OSSL_PARAM_construct_end() };

	if (hasher != NULL && (hasher->mac = EVP_MAC_fetch(NULL, "BLAKE2BMAC", NULL)) != NULL)
		hasher->context = EVP_MAC_CTX_new(hasher->mac);
	if (hasher != NULL && hasher->context != NULL &&
	    EVP_MAC_init(hasher->context, key, SEAL_KEY_SIZE, parameters) == 1)
		return hasher;
	(void)seal_error(e, "hash");
	seal_hasher_free(hasher);
	return NULL;
}

int
seal_hash(struct seal_hasher *hasher, const void *data, size_t size, uint8_t hash[SEAL_HASH_SIZE], struct error *e)
{
	size_t n;

	if (EVP_MAC_init(hasher->context, NULL, 0, NULL) != 1 || EVP_MAC_update(hasher->context, data, size) != 1 ||
	    EVP_MAC_final(hasher->context, hash, &n, SEAL_HASH_SIZE) != 1 || n != SEAL_HASH_SIZE)
		return seal_error(e, "hash");
	return 0;
}

void
seal_hasher_free(struct seal_hasher *hasher)
{
	if (hasher == NULL)
		return;
	EVP_MAC_CTX_free(hasher->context);
	EVP_MAC_free(hasher->mac);
	free(hasher);
}

/* ---- signatures ---- */

int
seal_public(const uint8_t seed[SEAL_KEY_SIZE], uint8_t public[SEAL_KEY_SIZE], struct error *e)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SEAL_KEY_SIZE);
	size_t size = SEAL_KEY_SIZE;
	int result = key != NULL && EVP_PKEY_get_raw_public_key(key, public, &size) == 1 ? 0 : -1;

	if (result == -1)
		(void)seal_error(e, "take a public key");
	EVP_PKEY_free(key);
	return result;
}

int
seal_sign(const uint8_t seed[SEAL_KEY_SIZE], const void *data, size_t size, uint8_t signature[SEAL_SIGNATURE_SIZE],
    struct error *e)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SEAL_KEY_SIZE);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t length = SEAL_SIGNATURE_SIZE;
	int result = 0;

	if (key == NULL || context == NULL || EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1 ||
	    EVP_DigestSign(context, signature, &length, data, size) != 1)
		result = seal_error(e, "sign");
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return result;
}

int
seal_verify(const uint8_t public[SEAL_KEY_SIZE], const void *data, size_t size,
    const uint8_t signature[SEAL_SIGNATURE_SIZE])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, SEAL_KEY_SIZE);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int good = key != NULL && context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestVerify(context, signature, SEAL_SIGNATURE_SIZE, data, size) == 1;

	ERR_clear_error();
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return good;
}

/* ---- texts ---- */

void
seal_to_hex(const void *data, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;

	for (size_t i = 0; i < size; i++) {
		*text++ = digits[p[i] >> 4];
		*text++ = digits[p[i] & 15];
	}
	*text = '\0';
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
seal_from_hex(const char *text, size_t length, void *data, size_t size)
{
	uint8_t *out = data;

	if (length != 2 * size)
		return -1;
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high == -1 || low == -1)
			return -1;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
