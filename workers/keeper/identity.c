#include "workers/keeper/identity.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <string.h>

#include "workers/keeper/crypto.h"

#define IDENTITY_SEED_SIZE 32

static int
identity_damaged(const struct files *files, struct error *e)
{
	ERR_clear_error();
	return error_set(e, STATUS_DATA, "secrets.damaged",
	    "%s/" FILES_IDENTITY " is damaged: it holds no Ed25519 key; restore it from a backup, or " FILES_WAY_BACK,
	    files->path);
}

/* A key with a passphrase is none of ours; OpenSSL would ask the terminal for it. */
static int
identity_no_passphrase(char *buf, int size, int writing, void *context)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static int
identity_set_key_id(struct identity *identity, struct error *e)
{
	uint8_t public[IDENTITY_SEED_SIZE], hash[EVP_MAX_MD_SIZE];
	size_t size = sizeof(public);

	if (EVP_PKEY_get_raw_public_key(identity->key, public, &size) != 1 ||
	    EVP_Digest(public, size, hash, NULL, EVP_sha256(), NULL) != 1)
		return crypto_error(e, "take the hash of the public key");
	memcpy(identity->key_id, hash, IDENTITY_KEY_ID_SIZE);
	return 0;
}

int
identity_read(struct identity *identity, const struct files *files, struct error *e)
{
	uint8_t *pem = NULL;
	size_t size = 0;
	BIO *bio;
	int found;

	*identity = (struct identity) { .key = NULL };
	if ((found = files_read(files, FILES_IDENTITY, &pem, &size, e)) != 1)
		return found;
	if ((bio = BIO_new_mem_buf(pem, (int)size)) != NULL)
		identity->key = PEM_read_bio_PrivateKey(bio, NULL, identity_no_passphrase, NULL);
	BIO_free(bio);
	files_free(pem, size);
	if (identity->key == NULL || EVP_PKEY_get_base_id(identity->key) != EVP_PKEY_ED25519) {
		identity_close(identity);
		return identity_damaged(files, e);
	}
	if (identity_set_key_id(identity, e) == -1) {
		identity_close(identity);
		return -1;
	}
	return 1;
}

static int
identity_write(const struct identity *identity, const struct files *files, struct error *e)
{
	/* Its memory is wiped when it is freed. */
	BIO *bio = BIO_new(BIO_s_secmem());
	char *pem = NULL;
	long size;
	int result;

	if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, identity->key, NULL, NULL, 0, NULL, NULL) != 1 ||
	    (size = BIO_get_mem_data(bio, &pem)) <= 0)
		result = crypto_error(e, "write a key");
	else
		result = files_write(files, FILES_IDENTITY, (const uint8_t *)pem, (size_t)size, e);
	BIO_free(bio);
	return result;
}

int
identity_create(struct identity *identity, const struct files *files, struct error *e)
{
	*identity = (struct identity) { .key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") };
	if (identity->key == NULL)
		return crypto_error(e, "make a key");
	if (identity_set_key_id(identity, e) == -1 || identity_write(identity, files, e) == -1) {
		identity_close(identity);
		return -1;
	}
	return 0;
}

void
identity_close(struct identity *identity)
{
	EVP_PKEY_free(identity->key);
	*identity = (struct identity) { .key = NULL };
}

static int
identity_expand(const uint8_t *seed, size_t seed_size, const char *label, uint8_t *key, size_t size)
{
	/* The parameters are read, never written. */
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]) { "SHA256" }, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)seed, seed_size),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)label, strlen(label)),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
	int result = context != NULL && EVP_KDF_derive(context, key, size, parameters) == 1 ? 0 : -1;

	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
	return result;
}

int
identity_derive(const struct identity *identity, const char *label, uint8_t *key, size_t size, struct error *e)
{
	uint8_t seed[IDENTITY_SEED_SIZE];
	size_t seed_size = sizeof(seed);
	int result = 0;

	if (EVP_PKEY_get_raw_private_key(identity->key, seed, &seed_size) != 1 ||
	    identity_expand(seed, seed_size, label, key, size) == -1)
		result = crypto_error(e, "derive a key");
	explicit_bzero(seed, sizeof(seed));
	return result;
}

int
identity_sign(const struct identity *identity, const void *data, size_t size,
    uint8_t signature[IDENTITY_SIGNATURE_SIZE], struct error *e)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t length = IDENTITY_SIGNATURE_SIZE;
	int result = 0;

	if (context == NULL || EVP_DigestSignInit(context, NULL, NULL, NULL, identity->key) != 1 ||
	    EVP_DigestSign(context, signature, &length, data, size) != 1 || length != IDENTITY_SIGNATURE_SIZE)
		result = crypto_error(e, "sign");
	EVP_MD_CTX_free(context);
	return result;
}

bool
identity_verify(const struct identity *identity, const void *data, size_t size,
    const uint8_t signature[IDENTITY_SIGNATURE_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, identity->key) == 1 &&
	    EVP_DigestVerify(context, signature, IDENTITY_SIGNATURE_SIZE, data, size) == 1;

	ERR_clear_error();
	EVP_MD_CTX_free(context);
	return good;
}
