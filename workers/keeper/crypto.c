/*
 * AES-256-GCM in both directions, and OpenSSL's errors as a struct error.
 */
#include "workers/keeper/crypto.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

int
crypto_start(struct error *e)
{
	/* Nothing is left to run at exit either: the worker ends with _exit. */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) != 1)
		return crypto_error(e, "start");
	return 0;
}

int
crypto_error(struct error *e, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return error_set(e, STATUS_OS, "secrets.openssl", "OpenSSL cannot %s: %s", what,
	    reason == NULL ? "no reason given" : reason);
}

/* Key, nonce and what is only authenticated, for either direction. */
static int
crypto_begin(EVP_CIPHER_CTX *context, const struct crypto_sealed *sealed, const uint8_t *key, int encrypt)
{
	int n;

	if (context == NULL || EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key, sealed->nonce, encrypt) != 1 ||
	    EVP_CipherUpdate(context, NULL, &n, sealed->associated, (int)sealed->associated_size) != 1 ||
	    EVP_CipherUpdate(context, NULL, &n, (const uint8_t *)sealed->node_id, (int)strlen(sealed->node_id)) != 1)
		return -1;
	return 0;
}

int
crypto_encrypt(const struct crypto_sealed *sealed, const uint8_t key[CRYPTO_KEY_SIZE], const uint8_t *plain,
    uint8_t *encrypted, uint8_t tag[CRYPTO_TAG_SIZE], struct error *e)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int n = 0, last = 0, result = 0;

	if (crypto_begin(context, sealed, key, 1) == -1 ||
	    EVP_CipherUpdate(context, encrypted, &n, plain, (int)sealed->size) != 1 ||
	    EVP_CipherFinal_ex(context, encrypted + n, &last) != 1 || (size_t)n + (size_t)last != sealed->size ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG_SIZE, tag) != 1)
		result = crypto_error(e, "encrypt");
	EVP_CIPHER_CTX_free(context);
	return result;
}

int
crypto_decrypt(const struct crypto_sealed *sealed, const uint8_t key[CRYPTO_KEY_SIZE], const uint8_t *encrypted,
    const uint8_t tag[CRYPTO_TAG_SIZE], uint8_t *plain, struct error *e)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	uint8_t wanted[CRYPTO_TAG_SIZE];
	int n = 0, last = 0, result;

	memcpy(wanted, tag, sizeof(wanted));
	if (crypto_begin(context, sealed, key, 0) == -1 ||
	    EVP_CipherUpdate(context, plain, &n, encrypted, (int)sealed->size) != 1 ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CRYPTO_TAG_SIZE, wanted) != 1)
		result = crypto_error(e, "decrypt");
	else
		/* The tag alone decides: what was decrypted may not be used before the tag was compared. */
		result = EVP_CipherFinal_ex(context, plain + n, &last) == 1 ? 1 : 0;
	if (result != 1)
		explicit_bzero(plain, sealed->size);
	ERR_clear_error();
	EVP_CIPHER_CTX_free(context);
	return result;
}
