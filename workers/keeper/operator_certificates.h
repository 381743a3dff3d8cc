/*
 * Certificates of the operator's own (tls.auto_generate: false): taken in from files that the supervisor has opened,
 * and checked as a whole before any of them is used.
 *
 * ca.crt is the certificate of the authority that signed all the others; server.crt and server.key are the server's,
 * and client-<login>.crt and .key those of each login. Keys are without a passphrase.
 */
#ifndef BIBD_KEEPER_OPERATOR_H
#define BIBD_KEEPER_OPERATOR_H

#include "workers/keeper/certificates.h"

#define OPERATOR_FILES_MAX 64
#define OPERATOR_FILE_SIZE_MAX 65536
#define OPERATOR_NAME_SIZE 96

struct operator_files {
	struct operator_file {
		char name[OPERATOR_NAME_SIZE];
		char *text; /* owned, wiped */
	} list[OPERATOR_FILES_MAX];
	size_t count;
};

/* Reads a file, in place of the one of that name before; the descriptor stays the caller's. Errors: certificates.file
 * (65: it is empty or too long; 74). */
int operator_take(struct operator_files *files, const char *directory, const char *name, int fd, struct error *e);

/* Makes certificates of them if all is right: each is there, keys fit, the authority signed, for the purpose, the
 * address and the logins, and all are valid now. certificates is empty after an error. Errors, each naming the file:
 * certificates.missing, certificates.file, certificates.key, certificates.chain, certificates.name,
 * certificates.expired (65). */
int operator_check(const struct operator_files *files, const char *directory,
    const struct certificates_request *request, const struct credentials *credentials,
    struct certificates *certificates, struct error *e);

/* Wipes and forgets all. */
void operator_close(struct operator_files *files);

#endif
