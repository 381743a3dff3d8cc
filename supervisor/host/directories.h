/*
 * What is where on disk: <data_dir> with node.id, lock, sqlite/ and the link cache.db. Everything here can be done
 * again; nothing that is there is ever removed, and no link of somebody else's is followed.
 */
#ifndef BIBD_SUPERVISOR_DIRECTORIES_H
#define BIBD_SUPERVISOR_DIRECTORIES_H

#include <dirent.h>
#include <stdbool.h>

#include "common/conf.h"
#include "supervisor/host/home.h"
#include "supervisor/host/users.h"

#define NODE_ID_LENGTH 26
#define NODE_ID_SIZE (NODE_ID_LENGTH + 1)

struct directories {
	int data_fd;	     /* <data_dir> */
	int lock_fd;	     /* <data_dir>/lock, locked for as long as the daemon lives */
	int postgres_fd;     /* what conf_postgres_path begins with; -1 where no server is managed */
	int certificates_fd; /* what conf_certificates_path names; -1 where bibd makes none */
	char node_id[NODE_ID_SIZE];
	struct home home; /* where the rows are */
};

/* Whose directories there are. server is PostgreSQL in its container: its group is that of storage, so that the
 * storage worker reaches its socket. */
struct directories_users {
	struct user storage;
	struct user keeper;
	struct user container;
	struct user server;
	struct user archive;
};

/* Makes what is missing, checks what is there, and takes the lock. With separated, bibd runs as root and the users' way
 * to their directories is checked, before anything in data_dir is made.
 * Errors: directories.create (73), directories.locked (another bibd runs on it; 69), directories.parent and
 * directories.owner, directories.write (77), directories.node_id, directories.link (65), directories.io (74); as
 * home_check. What it opened is closed on an error. */
int directories_open(struct directories *directories, const struct conf *conf, const struct directories_users *users,
    bool separated, struct error *e);

/* "USER:GROUP" of a user, by name where there is one: an argument of chown. */
void directories_owner(const struct user *user, char *buf, size_t size);

/* One directory in another, made with this owner and mode if it is missing; one that is there must have the owner, and
 * where the mode lets a group in, that group and at least the mode.
 * parent is the path of parent_fd, for messages. Errors: directories.create (73), directories.owner (65, 77),
 * directories.io (74). */
int directories_make(int parent_fd, const char *parent, const char *name, const struct user *owner, mode_t mode,
    struct error *e);

/* ---- directories_postgres.c ---- */

/* For the postgres backend: for a managed server container/, run/ and etc/ in PostgreSQL's own directory, and there or
 * elsewhere the directory of the certificates. */
int directories_open_postgres(struct directories *directories, const struct conf *conf,
    const struct directories_users *users, struct error *e);

/* A node whose node.id is lost gets no new id while its database still names the old one. Errors: directories.node_id
 * (65, with the cure). */
int directories_check_lost_id(int data_fd, const struct conf *conf, struct error *e);

/* Gives the lock back. */
void directories_close(struct directories *directories);

/* Whether a text is a node's id: 26 characters of RFC 4648 base32 in lower case. */
bool directories_is_node_id(const char *text);

/* Whether the user can reach a directory through all its parents; else -1 (directories.parent, 77) naming the first
 * that keeps it out. A part that does not exist yet is no error. Asks the kernel as that user when separated, so that
 * access lists count; unseparated it asks as it is. */
int directories_check_reach(const char *path, const struct user *user, bool separated, struct error *e);

/* Whether the user can read and write a file or directory that is there (directories.write, 77: with the cure); asks as
 * directories_check_reach does. */
int directories_check_write(const char *path, const struct user *user, bool separated, struct error *e);

/* Lists an open directory through a descriptor of its own: closedir it. NULL with errno set. */
DIR *directories_list(int fd);

#endif
