/*
 * How this worker reaches its server: where it is, and the parameters of a login there.
 */
#ifndef BIBD_POSTGRES_LOGIN_H
#define BIBD_POSTGRES_LOGIN_H

#include <limits.h>
#include <netinet/in.h>

#include "common/conf.h"
#include "workers/postgres/store/credentials.h"
#include "workers/postgres/store/probe.h"

#define LOGIN_PARAMETERS_MAX 24 /* the terminating NULL included */
#define LOGIN_NAME_SIZE 128	/* twice what PostgreSQL takes */

/* A server on a socket, or at an address. */
struct login {
	bool managed;
	bool socket; /* host is the directory of a Unix socket */
	char host[PATH_MAX];
	unsigned port;
	char database[LOGIN_NAME_SIZE];
	char user[LOGIN_NAME_SIZE]; /* of an external server; "": a login for each role */
	const char *ssl_mode;
	bool certified; /* each side shows a certificate of the node's own authority */
	bool resolved;	/* target has addresses */
	struct probe_target target;
	char bounds[ROLES][64];	    /* of a managed server: settings that the role's sessions begin with */
	char name[LOGIN_NAME_SIZE]; /* of the last login_name */
	char port_text[8];
	char address_text[INET6_ADDRSTRLEN];
};

/* Fills in all but the addresses of a host that must be looked up. Nothing of conf is kept; the struct stays where it
 * is. Errors: login.path (the socket's path is too long). */
int login_init(struct login *login, const struct conf *conf, struct error *e);

/* Takes the addresses of a lookup. */
void login_take_addresses(struct login *login, const struct probe_target *addresses);

/* The login that clients of that role share, on the side that is in use; ROLES: the one that bibd works as. */
const char *login_name(struct login *login, const struct pg_credentials *credentials, int role);

/* Keywords and values for PQconnectStartParams as the login of that role, at the address of this number in the target.
 * Those for ROLES bear settings that no client can have changed beforehand. -1: no such credential. */
int login_parameters(struct login *login, const struct pg_credentials *credentials, int role, unsigned address,
    const char *keywords[LOGIN_PARAMETERS_MAX], const char *values[LOGIN_PARAMETERS_MAX]);

/* The same for one credential. */
int login_parameters_as(struct login *login, const struct pg_credentials *credentials,
    const struct pg_credential *credential, unsigned address, const char *keywords[LOGIN_PARAMETERS_MAX],
    const char *values[LOGIN_PARAMETERS_MAX]);

/* "/path/.s.PGSQL.5432" or "host:5432", for people. */
void login_place(const struct login *login, char *text, size_t size);

#endif
