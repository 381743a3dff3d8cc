/*
 * What opening the secrets means: which of identity and credentials must be there, what may be made anew, and what
 * never is.
 */
#ifndef BIBD_KEEPER_SECRETS_H
#define BIBD_KEEPER_SECRETS_H

#include <stdbool.h>

#include "workers/keeper/credentials.h"

struct secrets_request {
	const char *directory;
	const char *node_id;
	bool managed;
	bool may_create; /* new secrets may be made where there are none; a damaged file is never replaced */
	const struct identity_outer *outer; /* the key that is held outside, or NULL */
	const char *login;		    /* external: the configured user */
	const char *password;		    /* external: what the configuration says, or NULL: the one that was kept */
};

/* Reads the secrets, makes what is missing and may be made, and has it on disk before it returns. credentials is empty
 * after an error. Returns 0, or 1 when the logins of a managed server are new: the server does not know them yet.
 *
 * An external server has no secret of ours that could be lost: there, may_create does not count.
 *
 * Errors: secrets.missing, secrets.modes, secrets.damaged, secrets.foreign (65, each with the way back);
 * secrets.key (65: the key that is held outside is missing, or another); secrets.password (78); secrets.io (73, 74);
 * secrets.openssl (71). */
int secrets_open(const struct secrets_request *request, struct credentials *credentials, struct error *e);

/* Makes a new identity in place of the one that there is, and encrypts these credentials under it. A process that is
 * killed leaves either both old files or both new ones. Errors: as secrets_open. */
int secrets_rotate_identity(const struct secrets_request *request, const struct credentials *credentials,
    struct error *e);

#endif
