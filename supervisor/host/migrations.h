/*
 * The built-in migrations where the storage worker can read them. Installed ones are readable; those of a build tree in
 * somebody's closed home directory are not, and then a copy goes to <data_dir>/migrations, which belongs to bibd and is
 * made anew at every start.
 */
#ifndef BIBD_SUPERVISOR_MIGRATIONS_H
#define BIBD_SUPERVISOR_MIGRATIONS_H

#include <limits.h>

#include "common/error.h"
#include "supervisor/host/users.h"

/* path is the directory of the built-in migrations; where the user cannot reach it, they are copied and path becomes
 * that of the copy. data_fd is data_dir, open. Only for where privileges are separated. Errors: directories.create,
 * directories.io. */
int migrations_make_reachable(char path[PATH_MAX], int data_fd, const char *data_dir, const struct user *user,
    struct error *e);

#endif
