/*
 * What PostgreSQL keeps of a password (RFC 5803): enough to check it, not enough to log in with it.
 */
#ifndef BIBD_KEEPER_SCRAM_H
#define BIBD_KEEPER_SCRAM_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define SCRAM_ITERATIONS 4096 /* what RFC 7677 asks for at least; these passwords cannot be guessed anyway */
#define SCRAM_SALT_SIZE 16
/* "SCRAM-SHA-256$", at most ten digits, ':', 24 characters, '$', 44, ':', 44, NUL, rounded up */
#define SCRAM_VERIFIER_SIZE 144

/* Writes "SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>" (RFC 5802 section 3, RFC 7677). The password is
 * taken as it is: one of ASCII characters, which SASLprep (RFC 4013) leaves alone. Errors: secrets.openssl. */
int scram_verifier(const char *password, const uint8_t salt[SCRAM_SALT_SIZE], int iterations,
    char verifier[SCRAM_VERIFIER_SIZE], struct error *e);

/* The same with a random salt and SCRAM_ITERATIONS. */
int scram_verifier_new(const char *password, char verifier[SCRAM_VERIFIER_SIZE], struct error *e);

#endif
