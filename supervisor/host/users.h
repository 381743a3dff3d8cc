/*
 * The system users that bibd's processes run as.
 */
#ifndef BIBD_SUPERVISOR_USERS_H
#define BIBD_SUPERVISOR_USERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/conf.h"
#include "common/error.h"

#define USERS_NAME_MAX 64

/* Who a process runs as. */
struct user {
	char name[USERS_NAME_MAX];
	uid_t uid;
	gid_t gid;
};

/* The users of bibd's own processes and of its server: no component may run as one of them. */
extern const char *const users_own[];
extern const size_t users_nown;

/* Looks a user up. Errors: users.missing (77) with the command that makes it, where it is one of bibd's own. */
int users_find(const char *name, struct user *user, struct error *e);

/* The user that runs this process: all processes run as this one when privileges are not separated. */
void users_self(struct user *user);

#endif
