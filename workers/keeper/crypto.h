/*
 * The part of OpenSSL that keeper uses.
 */
#ifndef BIBD_KEEPER_CRYPTO_H
#define BIBD_KEEPER_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define CRYPTO_KEY_SIZE 32
#define CRYPTO_NONCE_SIZE 12
#define CRYPTO_TAG_SIZE 16

/* Starts OpenSSL without its configuration file, which could load foreign providers and engines. Before any other use
 * of it. Errors: secrets.openssl (71). */
int crypto_start(struct error *e);

/* Fills e with what OpenSSL says of its last error, and forgets it: "OpenSSL cannot <what>: <reason>"
 * (secrets.openssl). Returns -1. */
int crypto_error(struct error *e, const char *what);

/* What is encrypted, and what is only authenticated with it. */
struct crypto_sealed {
	const uint8_t *nonce;	   /* CRYPTO_NONCE_SIZE bytes, never used twice with one key */
	const uint8_t *associated; /* authenticated, not encrypted */
	size_t associated_size;
	const char *node_id; /* authenticated after associated */
	size_t size;	     /* of the text, plain and encrypted */
};

/* AES-256-GCM (NIST SP 800-38D). Encrypts plain into encrypted and fills the tag. Errors: secrets.openssl. */
int crypto_encrypt(const struct crypto_sealed *sealed, const uint8_t key[CRYPTO_KEY_SIZE], const uint8_t *plain,
    uint8_t *encrypted, uint8_t tag[CRYPTO_TAG_SIZE], struct error *e);

/* Returns 1 with the plain text, 0 when a bit of anything differs from what was encrypted (plain is wiped), -1. Errors:
 * secrets.openssl. */
int crypto_decrypt(const struct crypto_sealed *sealed, const uint8_t key[CRYPTO_KEY_SIZE], const uint8_t *encrypted,
    const uint8_t tag[CRYPTO_TAG_SIZE], uint8_t *plain, struct error *e);

#endif
