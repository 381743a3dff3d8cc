/*
 * The logins at the PostgreSQL server and their passwords: in memory, and in the one file that keeps them.
 *
 * A managed server has bibd_system, which sets up everything else, and two logins for each role of an application, of
 * which one is in use while the other's password is changed. An external server has the one that the configuration
 * names. Both are kept side by side, so that a node that is switched between the two loses neither.
 */
#ifndef BIBD_KEEPER_CREDENTIALS_H
#define BIBD_KEEPER_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/roles.h"
#include "workers/keeper/identity.h"
#include "workers/scram/scram.h"

#define CREDENTIALS_MAX 24
#define CREDENTIALS_ROTATED (ROLES + 1) /* one login of each role, and bibd_system */
#define CREDENTIALS_LOGIN_SIZE 64	/* PostgreSQL's names have at most 63 bytes */
#define CREDENTIALS_PASSWORD_SIZE 1024	/* with its NUL */
#define CREDENTIALS_SYSTEM "bibd_system"

/* Numbers of the file's format: never changed. */
enum credentials_kind {
	CREDENTIALS_MANAGED = 1,
	CREDENTIALS_EXTERNAL = 2,
	CREDENTIALS_PENDING = 3 /* of a managed server, made by a rotation that is under way (rotation.h) */
};

/* How far a rotation is, as the file says. Numbers of the file's format. */
enum rotation_step {
	ROTATION_NONE = 0,
	ROTATION_PENDING = 1,  /* there are new passwords, of which the server may know any or none */
	ROTATION_SWITCHED = 2, /* the new passwords are in use; the previous logins may still be used, too */
	ROTATION_STEPS
};

struct credential {
	enum credentials_kind kind;
	int64_t made_us; /* when its password was made or given: microseconds since 1970 */
	char login[CREDENTIALS_LOGIN_SIZE];
	char password[CREDENTIALS_PASSWORD_SIZE];
	char verifier[SCRAM_VERIFIER_SIZE]; /* computed once, with the password; "" when external */
};

struct credentials {
	bool with_outer; /* their file was also encrypted under the key that is held outside */
	char side;	 /* 'a' or 'b': the logins in use; 0: there are none */
	enum rotation_step step;
	int64_t rotated_us; /* when the passwords in use came into use: microseconds since 1970 */
	size_t count;
	struct credential list[CREDENTIALS_MAX];
};

/* ---- in memory: credentials.c, credentials_send.c ---- */

/* The credential of that kind and login, or NULL. */
const struct credential *credentials_find(const struct credentials *credentials, enum credentials_kind kind,
    const char *login);

/* Makes each login of a managed server that is not there yet, with a new password: 64 random bytes in hexadecimal.
 * Returns 1 when there was one to make, 0, or -1. Errors: secrets.openssl, secrets.damaged (no room). */
int credentials_complete(struct credentials *credentials, struct error *e);

/* Adds one with a new password. Errors: as credentials_complete. */
int credentials_make(struct credentials *credentials, enum credentials_kind kind, const char *login, struct error *e);

/* Keeps the external server's user and password, which replace the previous ones. Returns 1 when they have changed, 0
 * when not, or -1. Errors: secrets.password (78: either is too long or has a line's end in it; a name also no
 * space). */
int credentials_keep_external(struct credentials *credentials, const char *login, const char *password,
    struct error *e);

struct certificates;

/* A sealed memfd for the worker that logs in: each managed login, and with certificates the authority's and each
 * login's; or with external, the one login of that name, without a password where none is known.
 *
 *	bibd credentials 1
 *	side a
 *	ca N
 *	<N bytes>
 *	login NAME P V C K
 *	<P bytes of password>
 *	<V of verifier>
 *	<C of certificate>
 *	<K of key>
 *	pending NAME P V 0 0
 *	...
 *
 * A newline is after each; "side" (of a managed server: which logins are in use) and "ca" are there at most once and
 * first, "login" for each login, "pending" for each that a rotation is about to change. Certificates and keys are PEM;
 * what is not there has 0 bytes. Errors: memfd.*, secrets.openssl. */
int credentials_send(const struct credentials *credentials, const struct certificates *certificates,
    const char *external, struct error *e);

/* Forgets all of them. */
void credentials_wipe(struct credentials *credentials);

/* ---- the file: credentials_file.c describes its format ---- */

/* Returns 1, 0 when there is no file, -1. Errors: those of files_read, secrets.damaged, secrets.foreign (of another
 * identity), secrets.openssl. */
int credentials_read(struct credentials *credentials, const struct files *files, const struct identity *identity,
    const char *node_id, struct error *e);

/* What the file holds: *data is malloc'ed, and encrypted. Errors: secrets.openssl. */
int credentials_print(const struct credentials *credentials, const struct identity *identity, const char *node_id,
    uint8_t **data, size_t *size, struct error *e);

/* Writes all of them; the file of before stays whole until the new one is. Errors: those of files_write,
 * secrets.openssl. */
int credentials_write(const struct credentials *credentials, const struct files *files, const struct identity *identity,
    const char *node_id, struct error *e);

#endif
