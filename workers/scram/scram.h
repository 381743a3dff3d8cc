/*
 * SCRAM-SHA-256 (RFC 5802, RFC 7677) as PostgreSQL speaks it: the library of the programs that keep a password's
 * verifier (keeper, bibctl), and of the one that checks passwords by it (bibd-remote). A verifier is enough to check a
 * password, not to log in with it.
 *
 * The exchange: the client's first message, ours, the client's final one, ours. Invariant: nothing that a client sends
 * before the last step tells it whether the login exists; only the answer to its proof does, and that is the same for
 * an unknown login and a wrong password.
 */
#ifndef BIBD_SCRAM_H
#define BIBD_SCRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* ---- verifier.c ---- */

#define SCRAM_ITERATIONS 4096 /* what RFC 7677 asks for at least; these passwords cannot be guessed anyway */
#define SCRAM_ITERATIONS_PERSON \
	20000 /* for passwords that people may have chosen: each login costs the client so many */
#define SCRAM_ITERATIONS_MAX 10000000
#define SCRAM_SALT_SIZE 16
#define SCRAM_KEY_SIZE 32
#define SCRAM_PASSWORD_MAX 1024
/* "SCRAM-SHA-256$", at most ten digits, ':', 24 characters, '$', 44, ':', 44, NUL, rounded up */
#define SCRAM_VERIFIER_SIZE 144

/* Writes "SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>" (RFC 5802 section 3, RFC 7677). The password must
 * be of ASCII characters, which SASLprep (RFC 4013) does not change. Errors: scram.openssl. */
int scram_verifier(const char *password, const uint8_t salt[SCRAM_SALT_SIZE], int iterations,
    char verifier[SCRAM_VERIFIER_SIZE], struct error *e);

/* The same with a random salt. */
int scram_verifier_new(const char *password, int iterations, char verifier[SCRAM_VERIFIER_SIZE], struct error *e);

/* What a verifier holds. */
struct scram_keys {
	int iterations;
	uint8_t salt[SCRAM_SALT_SIZE];
	uint8_t stored[SCRAM_KEY_SIZE], server[SCRAM_KEY_SIZE];
};

/* Reads such a text. Returns false when it is malformed, or its salt has another size. */
bool scram_read_verifier(const char *text, struct scram_keys *keys);

/* ---- exchange.c ---- */

#define SCRAM_NONCE_SIZE 33    /* 24 characters of base64 and NUL, and what RFC 7677's example has more */
#define SCRAM_MESSAGE_MAX 1024 /* of either side */
#define SCRAM_PLUS "SCRAM-SHA-256-PLUS"
#define SCRAM_PLAIN "SCRAM-SHA-256"

struct scram {
	struct scram_keys keys;
	bool mock;	     /* of a login that does not exist: it fails at its end, whatever the proof is */
	bool plus;	     /* the mechanism chosen binds the channel */
	uint8_t binding[64]; /* tls-server-end-point (RFC 5929): the hash of our certificate */
	size_t nbinding;
	char nonce[SCRAM_NONCE_SIZE];  /* our part of it */
	char header[64];	       /* the client's gs2-header */
	char bare[SCRAM_MESSAGE_MAX];  /* its first message without that */
	char first[SCRAM_MESSAGE_MAX]; /* our first message */
};

enum scram_result {
	SCRAM_DONE,	 /* answer holds what to send */
	SCRAM_WRONG,	 /* the proof is wrong, or the login a mock */
	SCRAM_MALFORMED, /* the message is none of this protocol, or binds another channel */
};

/* Begins a login's exchange. keys NULL: the login does not exist; its salt is made of the secret, so that it is the
 * same each time the name is tried. Errors: scram.openssl. */
int scram_begin(struct scram *scram, const struct scram_keys *keys, const char *login,
    const uint8_t secret[SCRAM_KEY_SIZE], struct error *e);

/* Takes the client's first message and writes our answer, NUL-terminated. */
enum scram_result scram_take_first(struct scram *scram, const char *message, char answer[SCRAM_MESSAGE_MAX]);

/* Takes its final message; SCRAM_DONE: it has proved to know the password, and answer proves that we know the
 * verifier. */
enum scram_result scram_take_final(struct scram *scram, const char *message, char answer[SCRAM_MESSAGE_MAX]);

/* Wipes all of it. */
void scram_end(struct scram *scram);

#endif
