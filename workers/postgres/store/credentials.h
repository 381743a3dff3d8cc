/*
 * The passwords, verifiers and certificates that the keeper handed over, in locked memory for as long as the store
 * lives. workers/keeper/credentials.h describes the format.
 */
#ifndef BIBD_POSTGRES_CREDENTIALS_H
#define BIBD_POSTGRES_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

#define CREDENTIALS_MAX 24
#define CREDENTIALS_NAME_SIZE 64 /* PostgreSQL's names have at most 63 bytes */
#define CREDENTIALS_SYSTEM "bibd_system"
#define CREDENTIALS_FILES_MAX (CREDENTIALS_MAX + 1)
#define CREDENTIALS_AUTHORITY "" /* the name of the file with the certificate of the authority */

/* One login; the strings point into the locked memory. */
struct pg_credential {
	char login[CREDENTIALS_NAME_SIZE];
	const char *password;
	const char *verifier;	 /* SCRAM (RFC 5803), or "" for a server that is not ours */
	const char *certificate; /* PEM, or "" where there is no TLS of ours */
	const char *key;
	bool pending; /* the password that a rotation is about to give the login, beside the row with its present one */
};

/* A memory file, and its name for libpq. */
struct pg_credentials_file {
	char name[CREDENTIALS_NAME_SIZE]; /* of the login */
	char path[32];
	int fd;
};

/* Zeroed memory is an empty set. */
struct pg_credentials {
	char *memory;
	size_t size;
	struct pg_credential rows[CREDENTIALS_MAX];
	unsigned count;
	const char *authority; /* PEM, or "" */
	char side;	       /* 'a' or 'b': the logins in use */
	struct pg_credentials_file files[CREDENTIALS_FILES_MAX];
	unsigned nfiles;
};

/* Takes what a sealed memfd holds, in place of what is there; the descriptor stays the caller's. Errors: memfd.read,
 * credentials.malformed (nothing of the content is in the text), credentials.memory. */
int pg_credentials_take(struct pg_credentials *credentials, int fd, struct error *e);

/* The row of that login, or NULL; and the row with the password that it is about to get. */
const struct pg_credential *pg_credentials_find(const struct pg_credentials *credentials, const char *login);
const struct pg_credential *pg_credentials_find_pending(const struct pg_credentials *credentials, const char *login);

/* Whether a rotation is under way, so that there are pending ones. */
bool pg_credentials_are_pending(const struct pg_credentials *credentials);

/* Whether the login is one of those in use. */
bool pg_credentials_in_use(const struct pg_credentials *credentials, const char *login);

/* The path of the file with certificate and key of that login, or of CREDENTIALS_AUTHORITY; NULL where there is none.
 * It stays the same, with other content, when others are taken. */
const char *pg_credentials_file(const struct pg_credentials *credentials, const char *name);

/* Wipes and frees. */
void pg_credentials_close(struct pg_credentials *credentials);

/* ---- credentials_files.c, for credentials.c ---- */
int pg_credentials_write_files(struct pg_credentials *credentials, struct error *e);
void pg_credentials_close_files(struct pg_credentials *credentials);

#endif
