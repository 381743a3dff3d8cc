/*
 * The node's identity: an Ed25519 key, made once (RFC 8032), kept as PKCS#8 in PEM (RFC 8410). Other keys of the node
 * are derived from it, one for each purpose.
 */
#ifndef BIBD_KEEPER_IDENTITY_H
#define BIBD_KEEPER_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/keeper/files.h"

#define IDENTITY_KEY_ID_SIZE 16

struct identity {
	struct evp_pkey_st *key;	      /* owned; NULL: none */
	uint8_t key_id[IDENTITY_KEY_ID_SIZE]; /* the first bytes of SHA-256 of the public key: which identity this is */
};

/* Reads the identity. Returns 1, 0 when there is none (identity is left empty), -1. Errors: those of files_read,
 * secrets.damaged. */
int identity_read(struct identity *identity, const struct files *files, struct error *e);

/* Makes an identity and writes it. Never call it where there is one. Errors: secrets.openssl (71), those of
 * files_write. */
int identity_create(struct identity *identity, const struct files *files, struct error *e);

/* Wipes the key; takes an empty one. */
void identity_close(struct identity *identity);

/* Signs (RFC 8032). Errors: secrets.openssl. identity_verify answers whether this identity signed so. */
#define IDENTITY_SIGNATURE_SIZE 64
int identity_sign(const struct identity *identity, const void *data, size_t size,
    uint8_t signature[IDENTITY_SIGNATURE_SIZE], struct error *e);
bool identity_verify(const struct identity *identity, const void *data, size_t size,
    const uint8_t signature[IDENTITY_SIGNATURE_SIZE]);

/* The key of that purpose: HKDF with SHA-256 (RFC 5869), from the private seed, without salt, label being the info. The
 * caller wipes it. Errors: secrets.openssl. */
int identity_derive(const struct identity *identity, const char *label, uint8_t *key, size_t size, struct error *e);

#endif
