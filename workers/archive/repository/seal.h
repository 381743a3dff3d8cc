/*
 * The part of OpenSSL that the repository uses: sealing (AES-256-GCM), derived keys (HKDF-SHA-256), keyed hashes of
 * pages (BLAKE2b), signatures (Ed25519). OpenSSL and not libsodium: bibd links it already, and its AES-256-GCM runs on
 * every processor, where libsodium has none without the processor's own instructions.
 */
#ifndef BIBD_ARCHIVE_SEAL_H
#define BIBD_ARCHIVE_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define SEAL_KEY_SIZE 32
#define SEAL_NONCE_SIZE 12
#define SEAL_TAG_SIZE 16
#define SEAL_SALT_SIZE 32
#define SEAL_HASH_SIZE 16
#define SEAL_SIGNATURE_SIZE 64

/* All errors: repository.openssl (71). */
int seal_random(void *data, size_t size, struct error *e);

/* A key of another purpose; salt has SEAL_SALT_SIZE bytes, or is NULL. */
int seal_derive(const uint8_t key[SEAL_KEY_SIZE], const uint8_t *salt, const char *label,
    uint8_t derived[SEAL_KEY_SIZE], struct error *e);

struct seal_box {
	const uint8_t *key;	/* SEAL_KEY_SIZE */
	const uint8_t *nonce;	/* SEAL_NONCE_SIZE, never twice with one key */
	const void *associated; /* authenticated, not encrypted */
	size_t associated_size;
};

/* sealed gets SEAL_TAG_SIZE bytes more than plain has; the tag is last. */
int seal_close(const struct seal_box *box, const void *plain, size_t size, uint8_t *sealed, struct error *e);
/* size: of sealed. Returns 1, 0 when a bit of anything differs from what was sealed, -1. */
int seal_open(const struct seal_box *box, const uint8_t *sealed, size_t size, void *plain, struct error *e);

/* A keyed hash, computed again and again; NULL: an error. */
struct seal_hasher;
struct seal_hasher *seal_hasher_make(const uint8_t key[SEAL_KEY_SIZE], struct error *e);
int seal_hash(struct seal_hasher *hasher, const void *data, size_t size, uint8_t hash[SEAL_HASH_SIZE], struct error *e);
void seal_hasher_free(struct seal_hasher *hasher);

/* Ed25519 (RFC 8032); seed is the private key. */
int seal_public(const uint8_t seed[SEAL_KEY_SIZE], uint8_t public[SEAL_KEY_SIZE], struct error *e);
int seal_sign(const uint8_t seed[SEAL_KEY_SIZE], const void *data, size_t size, uint8_t signature[SEAL_SIGNATURE_SIZE],
    struct error *e);
/* 1: good; 0: not. */
int seal_verify(const uint8_t public[SEAL_KEY_SIZE], const void *data, size_t size,
    const uint8_t signature[SEAL_SIGNATURE_SIZE]);

/* ---- texts ---- */

#define SEAL_HEX_SIZE(n) (2 * (n) + 1)
void seal_to_hex(const void *data, size_t size, char *text);
/* -1: it is not that many bytes in lower-case hexadecimal. */
int seal_from_hex(const char *text, size_t length, void *data, size_t size);

#endif
