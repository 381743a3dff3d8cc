/*
 * The passwords that the keeper handed over, in locked memory for as long as the store lives.
 */
#ifndef BIBD_POSTGRES_CREDENTIALS_H
#define BIBD_POSTGRES_CREDENTIALS_H

#include <stddef.h>

#include "common/error.h"

#define CREDENTIALS_MAX 16
#define CREDENTIALS_SYSTEM "bibd_system"

/* One login; the strings point into the locked memory. */
struct credential {
	const char *login;
	const char *password;
	const char *verifier; /* SCRAM (RFC 5803), or "" for a server that is not ours */
};

/* Zeroed memory is an empty set. */
struct credentials {
	char *memory;
	size_t size;
	struct credential rows[CREDENTIALS_MAX];
	unsigned count;
};

/* Takes the lines "login password verifier" of a sealed memfd, in place of what is there; the descriptor stays the
 * caller's. Errors: memfd.read, credentials.malformed (nothing of the content is in the text), credentials.memory. */
int credentials_take(struct credentials *credentials, int fd, struct error *e);

/* The row of that login, or NULL. */
const struct credential *credentials_find(const struct credentials *credentials, const char *login);

/* Wipes and frees. */
void credentials_close(struct credentials *credentials);

#endif
