/*
 * The file of the credentials. Numbers are in network order.
 *
 *	 0  8  "BIBDCRED"
 *	 8  2  version of the format
 *	10  2  method: 1 is AES-256-GCM, its key HKDF-SHA256 of the identity with the label "bibd credentials";
 *	       2 the same with the key that is held outside as the salt
 *	12  4  bytes of the encrypted text
 *	16 16  key id: which identity
 *	32 12  nonce, a new one each time the file is written
 *	44 16  tag: authenticates bytes 0 to 43, the node's id and the text
 *	60     the encrypted text, up to the file's end
 *
 * The text: the side in use (2: 'a' or 'b', 0 without a managed server), how far a rotation is (2: enum rotation_step),
 * when the last one was (8); the number of credentials (2), and for each its kind (2), when it was made (8), and login,
 * password and verifier, each as its length (2) and its bytes. A change of this layout gives the format another
 * version. Version 1, which is read as well, begins with the number of credentials: the side in use is a.
 */
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "workers/keeper/credentials.h"
#include "workers/keeper/crypto.h"

#define FILE_VERSION 2
#define FILE_VERSION_FIRST 1 /* that is still read */
#define FILE_METHOD 1
#define FILE_METHOD_OUTER 2
#define FILE_LABEL "bibd credentials"

static const uint8_t file_magic[8] = { 'B', 'I', 'B', 'D', 'C', 'R', 'E', 'D' };

enum {
	FILE_AT_VERSION = 8,
	FILE_AT_METHOD = 10,
	FILE_AT_SIZE = 12,
	FILE_AT_KEY_ID = 16,
	FILE_AT_NONCE = FILE_AT_KEY_ID + IDENTITY_KEY_ID_SIZE,
	FILE_AT_TAG = FILE_AT_NONCE + CRYPTO_NONCE_SIZE,
	FILE_HEADER_SIZE = FILE_AT_TAG + CRYPTO_TAG_SIZE,
};
_Static_assert(FILE_HEADER_SIZE == 60, "as the comment above has it");

#define FILE_TEXT_MAX (FILES_SIZE_MAX - FILE_HEADER_SIZE)
_Static_assert(sizeof(struct credentials) < FILE_TEXT_MAX, "every credential fits");

/* ---- the text ---- */

/* A place in a text that is written or read; what does not fit sets failed. */
struct file_cursor {
	uint8_t *at;
	size_t left;
	bool failed;
};

static uint8_t *
file_advance(struct file_cursor *c, size_t size)
{
	uint8_t *at = c->at;

	if (c->failed || size > c->left) {
		c->failed = true;
		return NULL;
	}
	c->at += size;
	c->left -= size;
	return at;
}

static void
file_put_number(struct file_cursor *c, uint64_t value, unsigned bytes)
{
	uint8_t *at = file_advance(c, bytes);

	for (unsigned i = 0; at != NULL && i < bytes; i++)
		at[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}

static uint64_t
file_get_number(struct file_cursor *c, unsigned bytes)
{
	const uint8_t *at = file_advance(c, bytes);
	uint64_t value = 0;

	for (unsigned i = 0; at != NULL && i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

static void
file_put_bytes(struct file_cursor *c, const void *bytes, size_t size)
{
	uint8_t *at = file_advance(c, size);

	if (at != NULL)
		memcpy(at, bytes, size);
}

static void
file_put_text(struct file_cursor *c, const char *text)
{
	file_put_number(c, strlen(text), 2);
	file_put_bytes(c, text, strlen(text));
}

static void
file_get_text(struct file_cursor *c, char *text, size_t size)
{
	size_t length = (size_t)file_get_number(c, 2);
	const uint8_t *at = file_advance(c, length);

	if (at == NULL || length >= size || memchr(at, '\0', length) != NULL) {
		c->failed = true;
		return;
	}
	memcpy(text, at, length);
	text[length] = '\0';
}

/* Returns the size of the text. */
static size_t
file_print(const struct credentials *credentials, uint8_t *text, size_t max)
{
	struct file_cursor c = { .at = text, .left = max };

	file_put_number(&c, (uint64_t)credentials->side, 2);
	file_put_number(&c, credentials->step, 2);
	file_put_number(&c, (uint64_t)credentials->rotated_us, 8);
	file_put_number(&c, credentials->count, 2);
	for (size_t i = 0; i < credentials->count; i++) {
		const struct credential *credential = &credentials->list[i];

		file_put_number(&c, credential->kind, 2);
		file_put_number(&c, (uint64_t)credential->made_us, 8);
		file_put_text(&c, credential->login);
		file_put_text(&c, credential->password);
		file_put_text(&c, credential->verifier);
	}
	return max - c.left;
}

/* What a file of version 1 did not say. */
static void
file_complete_first(struct credentials *credentials)
{
	const struct credential *system = credentials_find(credentials, CREDENTIALS_MANAGED, CREDENTIALS_SYSTEM);

	credentials->side = system == NULL ? 0 : 'a';
	credentials->rotated_us = system == NULL ? 0 : system->made_us;
}

static int
file_parse_rotation(struct credentials *credentials, struct file_cursor *c)
{
	unsigned side = (unsigned)file_get_number(c, 2), step = (unsigned)file_get_number(c, 2);

	credentials->rotated_us = (int64_t)file_get_number(c, 8);
	if ((side != 0 && side != 'a' && side != 'b') || step >= ROTATION_STEPS)
		return -1;
	credentials->side = (char)side;
	credentials->step = (enum rotation_step)step;
	return 0;
}

static int
file_parse(struct credentials *credentials, uint8_t *text, size_t size, unsigned version)
{
	struct file_cursor c = { .at = text, .left = size };
	size_t count;

	credentials->count = 0;
	if (version > FILE_VERSION_FIRST && file_parse_rotation(credentials, &c) == -1)
		return -1;
	if ((count = (size_t)file_get_number(&c, 2)) > CREDENTIALS_MAX)
		return -1;
	while (credentials->count < count && !c.failed) {
		struct credential *credential = &credentials->list[credentials->count++];
		unsigned kind = (unsigned)file_get_number(&c, 2);

		if (kind != CREDENTIALS_MANAGED && kind != CREDENTIALS_EXTERNAL && kind != CREDENTIALS_PENDING)
			return -1;
		credential->kind = (enum credentials_kind)kind;
		credential->made_us = (int64_t)file_get_number(&c, 8);
		file_get_text(&c, credential->login, sizeof(credential->login));
		file_get_text(&c, credential->password, sizeof(credential->password));
		file_get_text(&c, credential->verifier, sizeof(credential->verifier));
	}
	if (version == FILE_VERSION_FIRST)
		file_complete_first(credentials);
	return c.failed || c.left != 0 ? -1 : 0;
}

/* ---- the file ---- */

static unsigned
file_version(uint8_t *file)
{
	struct file_cursor c = { .at = file + FILE_AT_VERSION, .left = FILE_AT_METHOD - FILE_AT_VERSION };

	return (unsigned)file_get_number(&c, 2);
}

static struct crypto_sealed
file_sealed(const uint8_t *file, const char *node_id, size_t size)
{
	return (struct crypto_sealed) { .nonce = file + FILE_AT_NONCE,
		.associated = file,
		.associated_size = FILE_AT_TAG,
		.node_id = node_id,
		.size = size };
}

static int
file_damaged(const struct files *files, const char *how, struct error *e)
{
	return error_set(e, STATUS_DATA, "secrets.damaged", "%s/" FILES_CREDENTIALS " is damaged: %s; " FILES_WAY_BACK,
	    files->path, how);
}

/* Checks what can be checked without the key. */
static int
file_check_header(const struct files *files, const struct identity *identity, uint8_t *file, size_t size,
    struct error *e)
{
	struct file_cursor c = { .at = file + FILE_AT_VERSION, .left = FILE_AT_KEY_ID - FILE_AT_VERSION };
	unsigned version, method;
	uint64_t text_size;

	if (size < FILE_HEADER_SIZE || memcmp(file, file_magic, sizeof(file_magic)) != 0)
		return file_damaged(files, "it does not begin as it must", e);
	version = (unsigned)file_get_number(&c, 2);
	method = (unsigned)file_get_number(&c, 2);
	text_size = file_get_number(&c, 4);
	if (version < FILE_VERSION_FIRST || version > FILE_VERSION ||
	    (method != FILE_METHOD && method != FILE_METHOD_OUTER))
		return error_set(e, STATUS_DATA, "secrets.damaged",
		    "%s/" FILES_CREDENTIALS
		    " is damaged or of a later bibd: its format is %u.%u, and this bibd reads %d.%d; " FILES_WAY_BACK,
		    files->path, version, method, FILE_VERSION, FILE_METHOD);
	if (method == FILE_METHOD_OUTER && !identity->outer.given)
		return error_set(e, STATUS_DATA, "secrets.key",
		    "%s/" FILES_CREDENTIALS
		    " is encrypted under a key that is held outside, and secrets.key_file is empty: "
		    "let secrets.key_file name it; if it is lost for good, " FILES_WAY_BACK,
		    files->path);
	if (text_size != size - FILE_HEADER_SIZE)
		return file_damaged(files, "its length is wrong", e);
	if (memcmp(file + FILE_AT_KEY_ID, identity->key_id, IDENTITY_KEY_ID_SIZE) != 0)
		return error_set(e, STATUS_DATA, "secrets.foreign",
		    "%s/" FILES_CREDENTIALS " was made with another identity than " FILES_IDENTITY
		    ": restore both from one backup, or " FILES_WAY_BACK,
		    files->path);
	return 0;
}

/* By the method that the file names. */
static int
file_derive(const struct identity *identity, const uint8_t *file, uint8_t key[CRYPTO_KEY_SIZE], struct error *e)
{
	return file[FILE_AT_METHOD + 1] == FILE_METHOD_OUTER
	    ? identity_derive_with_outer(identity, FILE_LABEL, key, CRYPTO_KEY_SIZE, e)
	    : identity_derive(identity, FILE_LABEL, key, CRYPTO_KEY_SIZE, e);
}

static int
file_open(struct credentials *credentials, const struct files *files, const struct identity *identity,
    const char *node_id, uint8_t *file, size_t size, struct error *e)
{
	struct crypto_sealed sealed = file_sealed(file, node_id, size - FILE_HEADER_SIZE);
	uint8_t key[CRYPTO_KEY_SIZE], *text = malloc(sealed.size + 1);
	int result = -1;

	if (text == NULL)
		return error_set_errno(e, STATUS_OS, "secrets.io", "cannot read %s/" FILES_CREDENTIALS, files->path);
	if (file_derive(identity, file, key, e) == 0)
		result = crypto_decrypt(&sealed, key, file + FILE_HEADER_SIZE, file + FILE_AT_TAG, text, e);
	if (result == 0)
		result = file_damaged(files, "its seal is broken, or it is another node's", e);
	else if (result == 1 && file_parse(credentials, text, sealed.size, file_version(file)) == -1)
		result = file_damaged(files, "its contents are malformed", e);
	if (result == 1)
		credentials->with_outer = file[FILE_AT_METHOD + 1] == FILE_METHOD_OUTER;
	explicit_bzero(key, sizeof(key));
	files_free(text, sealed.size);
	return result;
}

int
credentials_read(struct credentials *credentials, const struct files *files, const struct identity *identity,
    const char *node_id, struct error *e)
{
	uint8_t *file = NULL;
	size_t size = 0;
	int result = files_read(files, FILES_CREDENTIALS, &file, &size, e);

	credentials_wipe(credentials);
	if (result != 1)
		return result;
	if ((result = file_check_header(files, identity, file, size, e)) == 0)
		result = file_open(credentials, files, identity, node_id, file, size, e);
	if (result == -1)
		credentials_wipe(credentials);
	files_free(file, size);
	return result;
}

static int
file_seal(uint8_t *file, const uint8_t *text, size_t size, const struct identity *identity, const char *node_id,
    struct error *e)
{
	struct crypto_sealed sealed = file_sealed(file, node_id, size);
	struct file_cursor c = { .at = file + FILE_AT_VERSION, .left = FILE_AT_KEY_ID - FILE_AT_VERSION };
	uint8_t key[CRYPTO_KEY_SIZE];
	int result;

	memcpy(file, file_magic, sizeof(file_magic));
	file_put_number(&c, FILE_VERSION, 2);
	file_put_number(&c, identity->outer.given ? FILE_METHOD_OUTER : FILE_METHOD, 2);
	file_put_number(&c, size, 4);
	memcpy(file + FILE_AT_KEY_ID, identity->key_id, IDENTITY_KEY_ID_SIZE);
	if (RAND_bytes(file + FILE_AT_NONCE, CRYPTO_NONCE_SIZE) != 1)
		return crypto_error(e, "make a nonce");
	if ((result = file_derive(identity, file, key, e)) == 0)
		result = crypto_encrypt(&sealed, key, text, file + FILE_HEADER_SIZE, file + FILE_AT_TAG, e);
	explicit_bzero(key, sizeof(key));
	return result;
}

int
credentials_print(const struct credentials *credentials, const struct identity *identity, const char *node_id,
    uint8_t **data, size_t *size, struct error *e)
{
	uint8_t *text = malloc(FILE_TEXT_MAX), *file = malloc(FILES_SIZE_MAX);
	size_t text_size;
	int result = -1;

	*data = NULL;
	if (text == NULL || file == NULL) {
		(void)error_set_errno(e, STATUS_OS, "secrets.io", "cannot write " FILES_CREDENTIALS);
	} else {
		text_size = file_print(credentials, text, FILE_TEXT_MAX);
		if ((result = file_seal(file, text, text_size, identity, node_id, e)) == 0) {
			*data = file;
			*size = FILE_HEADER_SIZE + text_size;
			file = NULL;
		}
	}
	files_free(text, FILE_TEXT_MAX);
	free(file);
	return result;
}

int
credentials_write(const struct credentials *credentials, const struct files *files, const struct identity *identity,
    const char *node_id, struct error *e)
{
	uint8_t *data;
	size_t size = 0;
	int result = credentials_print(credentials, identity, node_id, &data, &size, e);

	if (result == 0)
		result = files_write(files, FILES_CREDENTIALS, data, size, e);
	free(data);
	return result;
}
