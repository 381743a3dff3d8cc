/*
 * An identity that is encrypted under a key held outside. Numbers are in network order.
 *
 *	 0  8  "BIBDIDEN"
 *	 8  2  version of the format: 1
 *	10  2  method: 1 is AES-256-GCM, its key HKDF-SHA256 of the key outside with the label "bibd identity"
 *	12  4  bytes of the encrypted text
 *	16 16  which key outside: HKDF-SHA256 of it with the label "bibd key id"
 *	32 12  nonce, a new one each time the file is written
 *	44 16  tag: authenticates bytes 0 to 43 and the text
 *	60     the encrypted text, up to the file's end: the PEM
 */
#include "workers/keeper/identity_file.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "workers/keeper/crypto.h"

#define FILE_MAGIC "BIBDIDEN\0\1\0\1"
#define FILE_KEY_FILE_LABEL "bibd key file"
#define FILE_KEY_LABEL "bibd identity"
#define FILE_ID_LABEL "bibd key id"

enum {
	FILE_MAGIC_SIZE = 12, /* version and method included */
	FILE_AT_SIZE = 12,
	FILE_AT_ID = 16,
	FILE_AT_NONCE = FILE_AT_ID + IDENTITY_KEY_ID_SIZE,
	FILE_AT_TAG = FILE_AT_NONCE + CRYPTO_NONCE_SIZE,
	FILE_HEADER_SIZE = FILE_AT_TAG + CRYPTO_TAG_SIZE,
};
_Static_assert(FILE_HEADER_SIZE == 60, "as the comment above has it");

int
identity_outer_take(struct identity_outer *outer, const uint8_t *data, size_t size, struct error *e)
{
	const struct identity_input input = { .secret = data, .size = size, .label = FILE_KEY_FILE_LABEL };

	if (size < IDENTITY_OUTER_MIN || size > IDENTITY_OUTER_MAX)
		return error_set(e, STATUS_DATA, "secrets.key",
		    "the file that secrets.key_file names has %zu bytes, and must have %d to %d: "
		    "is it the key that the secrets were encrypted with?",
		    size, IDENTITY_OUTER_MIN, IDENTITY_OUTER_MAX);
	if (identity_expand(&input, outer->key, sizeof(outer->key), e) == -1)
		return -1;
	outer->given = true;
	return 0;
}

static int
file_derive(const struct identity_outer *outer, const char *label, uint8_t *key, size_t size, struct error *e)
{
	const struct identity_input input = { .secret = outer->key, .size = sizeof(outer->key), .label = label };

	return identity_expand(&input, key, size, e);
}

static struct crypto_sealed
file_sealed(const uint8_t *file, size_t size)
{
	return (struct crypto_sealed) { .nonce = file + FILE_AT_NONCE,
		.associated = file,
		.associated_size = FILE_AT_TAG,
		.node_id = "",
		.size = size };
}

bool
identity_file_is_encrypted(const uint8_t *file, size_t size)
{
	return size >= 8 && memcmp(file, FILE_MAGIC, 8) == 0;
}

static int
file_damaged(const struct files *files, struct error *e)
{
	return error_set(e, STATUS_DATA, "secrets.damaged",
	    "%s/" FILES_IDENTITY
	    " is damaged, or of a later bibd: restore it from a backup, or " FILES_WAY_BACK_IDENTITY,
	    files->path);
}

/* Checks the key before anything is decrypted, so that the message can say what is wrong. */
static int
file_check_key(const struct files *files, const struct identity_outer *outer, const uint8_t *file, struct error *e)
{
	uint8_t id[IDENTITY_KEY_ID_SIZE];

	if (!outer->given)
		return error_set(e, STATUS_DATA, "secrets.key",
		    "%s/" FILES_IDENTITY
		    " is encrypted under a key that is held outside, and secrets.key_file is empty: "
		    "let secrets.key_file name it; if it is lost for good, " FILES_WAY_BACK_IDENTITY,
		    files->path);
	if (file_derive(outer, FILE_ID_LABEL, id, sizeof(id), e) == -1)
		return -1;
	if (memcmp(id, file + FILE_AT_ID, sizeof(id)) != 0)
		return error_set(e, STATUS_DATA, "secrets.key",
		    "the file that secrets.key_file names holds another key than the one that %s/" FILES_IDENTITY
		    " is encrypted under: let it name that one; if it is lost for good, " FILES_WAY_BACK_IDENTITY,
		    files->path);
	return 0;
}

int
identity_file_decrypt(const struct files *files, const struct identity_outer *outer, const uint8_t *file, size_t size,
    uint8_t **pem, size_t *pem_size, struct error *e)
{
	struct crypto_sealed sealed = file_sealed(file, size < FILE_HEADER_SIZE ? 0 : size - FILE_HEADER_SIZE);
	uint8_t key[CRYPTO_KEY_SIZE];
	int result;

	if (sealed.size == 0 || memcmp(file, FILE_MAGIC, FILE_MAGIC_SIZE) != 0 ||
	    ((size_t)file[FILE_AT_SIZE] << 24 | (size_t)file[FILE_AT_SIZE + 1] << 16 |
		(size_t)file[FILE_AT_SIZE + 2] << 8 | file[FILE_AT_SIZE + 3]) != sealed.size)
		return file_damaged(files, e);
	if (file_check_key(files, outer, file, e) == -1 ||
	    file_derive(outer, FILE_KEY_LABEL, key, sizeof(key), e) == -1)
		return -1;
	if ((*pem = malloc(sealed.size)) == NULL)
		return error_set_errno(e, STATUS_OS, "secrets.io", "cannot read %s/" FILES_IDENTITY, files->path);
	*pem_size = sealed.size;
	result = crypto_decrypt(&sealed, key, file + FILE_HEADER_SIZE, file + FILE_AT_TAG, *pem, e);
	explicit_bzero(key, sizeof(key));
	if (result == 1)
		return 0;
	files_free(*pem, *pem_size);
	*pem = NULL;
	return result == 0 ? file_damaged(files, e) : -1;
}

int
identity_file_encrypt(const struct identity_outer *outer, const uint8_t *pem, size_t pem_size, uint8_t **file,
    size_t *size, struct error *e)
{
	uint8_t *out = malloc(FILE_HEADER_SIZE + pem_size), key[CRYPTO_KEY_SIZE];
	struct crypto_sealed sealed;
	int result = -1;

	if (out == NULL)
		return error_set_errno(e, STATUS_OS, "secrets.io", "cannot write " FILES_IDENTITY);
	sealed = file_sealed(out, pem_size);
	memcpy(out, FILE_MAGIC, FILE_MAGIC_SIZE);
	for (unsigned i = 0; i < 4; i++)
		out[FILE_AT_SIZE + i] = (uint8_t)(pem_size >> (24 - 8 * i));
	if (RAND_bytes(out + FILE_AT_NONCE, CRYPTO_NONCE_SIZE) != 1)
		(void)crypto_error(e, "make a nonce");
	else if (file_derive(outer, FILE_ID_LABEL, out + FILE_AT_ID, IDENTITY_KEY_ID_SIZE, e) == 0 &&
	    file_derive(outer, FILE_KEY_LABEL, key, sizeof(key), e) == 0)
		result = crypto_encrypt(&sealed, key, pem, out + FILE_HEADER_SIZE, out + FILE_AT_TAG, e);
	explicit_bzero(key, sizeof(key));
	if (result == -1) {
		free(out);
		return -1;
	}
	*file = out;
	*size = FILE_HEADER_SIZE + pem_size;
	return 0;
}
