/*
 * The certificates of a node whose server is on TCP: the authority's, the server's, and one for each login, all made
 * from the identity. What the server needs is in cert_dir; the logins' are in memory alone, and made anew when the
 * keeper starts.
 */
#ifndef BIBD_KEEPER_CERTIFICATES_H
#define BIBD_KEEPER_CERTIFICATES_H

#include "workers/keeper/ca.h"
#include "workers/keeper/credentials.h"

#define CERTIFICATES_OPERATOR "postgres" /* the login in an operator's certificate: the superuser */

struct certificates {
	struct ca ca;		  /* its key only where one is needed, else NULL */
	struct x509_st *previous; /* the certificate of an earlier authority that is still trusted; NULL: none */
	struct leaf server;
	struct leaf clients[CREDENTIALS_MAX];
	size_t nclients;
	int64_t issued_s; /* seconds since 1970 */
	int64_t life_s;	  /* of the leaves, as they were asked for */
};

struct certificates_request {
	const char *node_id;
	const char *address; /* the IP address at which the server is reached */
	int64_t now_s;
	int64_t life_s;
};

/* Makes all of them, the authority's own only when that in the directory does not fit any more; writes nothing.
 * certificates is empty after an error. Errors: secrets.openssl, those of files_read_public. */
int certificates_issue(struct certificates *certificates, const struct certificates_request *request,
    const struct identity *identity, const struct credentials *credentials, const struct files *files, struct error *e);

/* Writes what the server needs: ca.crt, server.crt and server.key, beside those that are there. *key_fd is then open on
 * the new server.key, which is to become PostgreSQL's; the caller closes it. trusted: the certificates in force, whose
 * previous authority stays trusted. Errors: those of files_stage. */
int certificates_stage(const struct certificates *certificates, const struct certificates *trusted,
    const struct files *files, int *key_fd, struct error *e);

/* Takes over the trust in a previous authority. */
void certificates_trust_also(struct certificates *certificates, const struct certificates *trusted);

/* What both sides trust, as PEM: the authority's certificate, and the previous one's after it. NULL: memory is out. */
char *certificates_trust_text(const struct x509_st *authority, const struct x509_st *previous);

/* Writes that alone, as ca.crt. Errors: those of files_stage. */
int certificates_write_trust(const struct certificates *certificates, const struct files *files, struct error *e);

/* Puts what was staged in its place. Errors: those of files_commit. */
int certificates_commit(const struct files *files, struct error *e);

/* The client's certificate of that login, or NULL. */
const struct leaf *certificates_find(const struct certificates *certificates, const char *login);

/* True when two thirds of a life are over, or the clock says that it has not begun. */
bool certificates_are_due(const struct certificates *certificates, int64_t now_s);

/* Takes an empty one. */
void certificates_close(struct certificates *certificates);

#endif
