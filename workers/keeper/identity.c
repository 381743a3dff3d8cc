/*
 * Makes, reads, writes and closes the Ed25519 key, derives other keys from it, and signs and verifies.
 */
#include "workers/keeper/identity.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "common/passphrase.h"
#include "workers/keeper/crypto.h"
#include "workers/keeper/identity_file.h"

#define IDENTITY_SEED_SIZE 32

static int
identity_damaged(const struct files *files, struct error *e)
{
	ERR_clear_error();
	return error_set(e, STATUS_DATA, "secrets.damaged",
	    "%s/" FILES_IDENTITY
	    " is damaged: it holds no Ed25519 key; restore it from a backup, or " FILES_WAY_BACK_IDENTITY,
	    files->path);
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

/* Takes the key of a PEM, which is wiped. */
static int
identity_take_pem(struct identity *identity, const struct files *files, uint8_t *pem, size_t size, struct error *e)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)size);

	if (bio != NULL)
		identity->key = PEM_read_bio_PrivateKey(bio, NULL, passphrase_none, NULL);
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

int
identity_read(struct identity *identity, const struct files *files, const struct identity_outer *outer, struct error *e)
{
	uint8_t *file = NULL, *pem = NULL;
	size_t size = 0, pem_size = 0;
	int found;

	*identity = (struct identity) { .key = NULL };
	if (outer != NULL)
		identity->outer = *outer;
	if ((found = files_read(files, FILES_IDENTITY, &file, &size, e)) != 1)
		return found;
	identity->was_plain = !identity_file_is_encrypted(file, size);
	if (identity->was_plain)
		return identity_take_pem(identity, files, file, size, e);
	found = identity_file_decrypt(files, &identity->outer, file, size, &pem, &pem_size, e);
	files_free(file, size);
	return found == -1 ? -1 : identity_take_pem(identity, files, pem, pem_size, e);
}

int
identity_print(const struct identity *identity, uint8_t **data, size_t *size, struct error *e)
{
	/* Its memory is wiped when it is freed. */
	BIO *bio = BIO_new(BIO_s_secmem());
	char *pem = NULL;
	long length;
	int result = 0;

	*data = NULL;
	if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, identity->key, NULL, NULL, 0, NULL, NULL) != 1 ||
	    (length = BIO_get_mem_data(bio, &pem)) <= 0) {
		result = crypto_error(e, "write a key");
	} else if (identity->outer.given) {
		result = identity_file_encrypt(&identity->outer, (const uint8_t *)pem, (size_t)length, data, size, e);
	} else if ((*data = malloc((size_t)length)) != NULL) {
		*size = (size_t)length;
		memcpy(*data, pem, *size);
	} else {
		result = error_set_errno(e, STATUS_OS, "secrets.io", "cannot write a key");
	}
	BIO_free(bio);
	return result;
}

static int
identity_write(const struct identity *identity, const struct files *files, struct error *e)
{
	uint8_t *data;
	size_t size = 0;
	int result = identity_print(identity, &data, &size, e);

	if (result == 0)
		result = files_write(files, FILES_IDENTITY, data, size, e);
	files_free(data, size);
	return result;
}

int
identity_make(struct identity *identity, const struct identity_outer *outer, struct error *e)
{
	*identity = (struct identity) { .key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") };
	if (outer != NULL)
		identity->outer = *outer;
	if (identity->key == NULL)
		return crypto_error(e, "make a key");
	if (identity_set_key_id(identity, e) == -1) {
		identity_close(identity);
		return -1;
	}
	return 0;
}

int
identity_create(struct identity *identity, const struct files *files, const struct identity_outer *outer,
    struct error *e)
{
	if (identity_make(identity, outer, e) == -1)
		return -1;
	if (identity_write(identity, files, e) == 0)
		return 0;
	identity_close(identity);
	return -1;
}

void
identity_close(struct identity *identity)
{
	EVP_PKEY_free(identity->key);
	explicit_bzero(identity, sizeof(*identity));
}

int
identity_expand(const struct identity_input *input, uint8_t *key, size_t size, struct error *e)
{
	/* The parameters are read, never written. */
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]) { "SHA256" }, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)input->secret, input->size),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)input->label,
		    strlen(input->label)),
		OSSL_PARAM_construct_end(),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
	int result = 0;

	if (input->salt != NULL)
		parameters[3] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)input->salt,
		    IDENTITY_OUTER_SIZE);
	if (context == NULL || EVP_KDF_derive(context, key, size, parameters) != 1)
		result = crypto_error(e, "derive a key");
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
	return result;
}

static int
identity_derive_salted(const struct identity *identity, const uint8_t *salt, const char *label, uint8_t *key,
    size_t size, struct error *e)
{
	uint8_t seed[IDENTITY_SEED_SIZE];
	struct identity_input input = { .secret = seed, .size = sizeof(seed), .salt = salt, .label = label };
	int result;

	if (EVP_PKEY_get_raw_private_key(identity->key, seed, &input.size) != 1)
		result = crypto_error(e, "derive a key");
	else
		result = identity_expand(&input, key, size, e);
	explicit_bzero(seed, sizeof(seed));
	return result;
}

int
identity_derive(const struct identity *identity, const char *label, uint8_t *key, size_t size, struct error *e)
{
	return identity_derive_salted(identity, NULL, label, key, size, e);
}

int
identity_derive_with_outer(const struct identity *identity, const char *label, uint8_t *key, size_t size,
    struct error *e)
{
	return identity_derive_salted(identity, identity->outer.key, label, key, size, e);
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
