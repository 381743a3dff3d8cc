/*
 * The node's identity: an Ed25519 key, made once (RFC 8032), kept as PKCS#8 in PEM (RFC 8410), or that encrypted under
 * a key that is held outside (identity_file.c has the format). Other keys of the node are derived from it, one for each
 * purpose.
 */
#ifndef BIBD_KEEPER_IDENTITY_H
#define BIBD_KEEPER_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/keeper/files.h"

#define IDENTITY_KEY_ID_SIZE 16
#define IDENTITY_OUTER_SIZE 32
#define IDENTITY_OUTER_MIN 32 /* bytes of the file that the key outside comes in */
#define IDENTITY_OUTER_MAX 4096

/* The key that is held outside; its name in messages is that of the configuration's key. */
struct identity_outer {
	bool given;
	uint8_t key[IDENTITY_OUTER_SIZE];
};

struct identity {
	struct evp_pkey_st *key;	      /* owned; NULL: none */
	uint8_t key_id[IDENTITY_KEY_ID_SIZE]; /* the first bytes of SHA-256 of the public key: which identity this is */
	struct identity_outer outer;
	bool was_plain; /* its file was not encrypted */
};

/* Makes the key outside of what a file holds: HKDF with SHA-256 and the label "bibd key file". Errors: secrets.key (65:
 * the file is too short or too long), secrets.openssl. */
int identity_outer_take(struct identity_outer *outer, const uint8_t *data, size_t size, struct error *e);

/* Reads the identity; outer may be NULL. Returns 1, 0 when there is none (identity is left empty), -1. Errors: those of
 * files_read, secrets.damaged, secrets.key (65: it is encrypted, and the key is another or missing). */
int identity_read(struct identity *identity, const struct files *files, const struct identity_outer *outer,
    struct error *e);

/* Makes an identity; writes nothing. Errors: secrets.openssl (71). */
int identity_make(struct identity *identity, const struct identity_outer *outer, struct error *e);

/* What its file holds: *data is malloc'ed, free it with files_free. Errors: secrets.openssl. */
int identity_print(const struct identity *identity, uint8_t **data, size_t *size, struct error *e);

/* Makes an identity and writes it. Never call it where there is one. Errors: secrets.openssl (71), those of
 * files_write. */
int identity_create(struct identity *identity, const struct files *files, const struct identity_outer *outer,
    struct error *e);

/* Wipes the key; takes an empty one. */
void identity_close(struct identity *identity);

/* HKDF with SHA-256 (RFC 5869). salt may be NULL. Errors: secrets.openssl. */
struct identity_input {
	const uint8_t *secret;
	size_t size;
	const uint8_t *salt; /* IDENTITY_OUTER_SIZE bytes, or NULL */
	const char *label;
};
int identity_expand(const struct identity_input *input, uint8_t *key, size_t size, struct error *e);

/* Signs (RFC 8032). Errors: secrets.openssl. identity_verify answers whether this identity signed so. */
#define IDENTITY_SIGNATURE_SIZE 64
int identity_sign(const struct identity *identity, const void *data, size_t size,
    uint8_t signature[IDENTITY_SIGNATURE_SIZE], struct error *e);
bool identity_verify(const struct identity *identity, const void *data, size_t size,
    const uint8_t signature[IDENTITY_SIGNATURE_SIZE]);

/* The key of that purpose: HKDF with SHA-256 (RFC 5869), from the private seed, without salt, label being the info. The
 * caller wipes it. Errors: secrets.openssl. */
int identity_derive(const struct identity *identity, const char *label, uint8_t *key, size_t size, struct error *e);

/* The same from both the seed and the key outside, which is the salt. */
int identity_derive_with_outer(const struct identity *identity, const char *label, uint8_t *key, size_t size,
    struct error *e);

#endif
