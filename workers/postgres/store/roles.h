/*
 * The roles of a managed server, kept right as bibd_system: the catalogs are compared with what must hold, and only
 * what differs is changed. The groups of common/roles.h own and hold the rights; the logins bibd_<role>_a and _b are
 * shared by clients, and a client can change the settings and the password of its login.
 */
#ifndef BIBD_POSTGRES_ROLES_H
#define BIBD_POSTGRES_ROLES_H

#include <stdbool.h>

#include "workers/postgres/store/credentials.h"
#include "workers/postgres/store/script.h"

enum roles_extent {
	ROLES_LOGINS = 1,    /* the logins: attributes, settings, memberships */
	ROLES_VERIFIERS = 2, /* their passwords, which cannot be compared and are written anew */
	ROLES_OBJECTS = 4,   /* rights: on the database, schemas, what is in them, and what will be made */
	ROLES_NEW = 8	     /* all of these, if a login has to be made */
};
#define ROLES_ALL (ROLES_LOGINS | ROLES_VERIFIERS | ROLES_OBJECTS)

/* repaired: logins that had to be changed (not counting their passwords, nor those that were made). failure is NULL on
 * success. */
typedef void roles_done_fn(void *context, unsigned repaired, const struct script_failure *failure);

/* Embedded in the caller's struct; zeroed memory is one that is not under way. */
struct roles {
	struct script *script;
	const struct pg_credentials *credentials;
	unsigned extent;
	bool lock;
	unsigned step;
	unsigned repaired;
	roles_done_fn *done;
	void *context;
};

/* Begins, on an idle script that is logged in as bibd_system. done is called from the loop. Closing the script ends one
 * that is under way. lock: logins that are not in use are kept from logging in; otherwise they stay as they are. */
void roles_ensure(struct roles *roles, struct script *script, const struct pg_credentials *credentials, unsigned extent,
    bool lock, roles_done_fn *done, void *context);

/* To be run before statements with verifiers in them, so that these stay out of the server's log. */
extern const char roles_prelude[];

/* Queries that answer with statements, each with its part ('l', 'n', 'c', 'o': a login to repair, a new one, one that
 * is closed, a right). That for logins takes the side in use, and whether the other is locked. */
extern const char roles_check_logins[], roles_check_rights[], roles_check_objects[];

#endif
