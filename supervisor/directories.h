/*
 * What is where on disk: <data_dir> with node.id, lock, sqlite/ and the link cache.db. Everything here can be done
 * again; nothing that is there is ever removed, and no link of somebody else's is followed.
 */
#ifndef BIBD_SUPERVISOR_DIRECTORIES_H
#define BIBD_SUPERVISOR_DIRECTORIES_H

#include <stdbool.h>

#include "common/conf.h"
#include "supervisor/users.h"

#define NODE_ID_LENGTH 26
#define NODE_ID_SIZE (NODE_ID_LENGTH + 1)

struct directories {
	int data_fd; /* <data_dir> */
	int lock_fd; /* <data_dir>/lock, locked for as long as the daemon lives */
	char node_id[NODE_ID_SIZE];
};

/* Makes what is missing, checks what is there, and takes the lock. storage is the user of the storage worker; with
 * separated, bibd runs as root and that user's way to its directory is checked, before anything in data_dir is made.
 * Errors: directories.create (73), directories.locked (another bibd runs on it; 69), directories.parent and
 * directories.owner (77), directories.node_id, directories.link (65), directories.io (74). What it opened is closed on
 * an error. */
int directories_open(struct directories *directories, const struct conf *conf, const struct user *storage,
    bool separated, struct error *e);

/* Gives the lock back. */
void directories_close(struct directories *directories);

/* Whether a text is a node's id: 26 characters of RFC 4648 base32 in lower case. */
bool directories_is_node_id(const char *text);

/* Whether the user can reach a directory through all its parents; else -1 (directories.parent, 77) naming the first
 * that keeps it out. A part that does not exist yet is no error. Asks the kernel as that user when separated, so that
 * access lists count; unseparated it asks as it is. */
int directories_check_reach(const char *path, const struct user *user, bool separated, struct error *e);

#endif
