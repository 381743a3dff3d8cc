/*
 * Where the rows of a node live: <data_dir>/home, one line that is written once clients are served. A node whose rows
 * are elsewhere than its configuration says is refused, so that no empty database is ever served where there was a full
 * one. "new" means that no client was ever served, and nothing can be lost.
 */
#ifndef BIBD_SUPERVISOR_HOME_H
#define BIBD_SUPERVISOR_HOME_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/conf.h"

#define HOME_NAME "home"

enum home_kind {
	HOME_UNKNOWN, /* no such file: an older bibd made this node, or nobody */
	HOME_NEW,
	HOME_SQLITE,
	HOME_POSTGRES, /* managed */
	HOME_EXTERNAL, /* a server that is not bibd's */
	HOME_KINDS
};

struct home {
	enum home_kind kind;
	char path[PATH_MAX]; /* as home_wanted_path; "": an operator's word has none */
	char database[64];   /* its name, where the server is managed; "": not known */
	uint64_t system;     /* the system identifier of the database that a move has made; 0: none has */
};

/* What the configuration says. */
enum home_kind home_wanted(const struct conf *conf);
/* The file, database directory, or host and port that the configuration names; "" when it does not fit. */
void home_wanted_path(const struct conf *conf, char buf[PATH_MAX]);

/* Reads the file into *home and holds it against the configuration; nothing is made but, for a node that has no store
 * yet, the file itself. Errors: home.elsewhere, home.missing, home.refused, home.damaged (65), home.database (78),
 * home.io (74). */
int home_check(int data_fd, const struct conf *conf, struct home *home, struct error *e);

/* home_check() in parts, of which neither makes or changes anything. The first finds where the rows are, by the file
 * or, where an older bibd wrote none, by the one store that exists; the second holds that against a configuration. */
int home_find(int data_fd, const struct conf *conf, struct home *home, struct error *e);
int home_judge(const struct conf *conf, const struct home *home, struct error *e);

/* Whether a start with that configuration moves the rows first, from SQLite to the managed PostgreSQL. */
bool home_moves(const struct conf *conf, const struct home *home);
/* The SQLite file that is moved. */
void home_source(const struct conf *conf, char buf[PATH_MAX]);

/* Clients are about to be served from what the configuration names. Sets *changed when that is another kind than was
 * known, or one that an operator's word has chosen. Errors: home.io (74). */
int home_settle(int data_fd, const struct conf *conf, struct home *home, bool *changed, struct error *e);

/* The rows were moved to the database with that system identifier, which is another major version's: from the moment
 * that this is written it is the node's. Errors: home.io (74). */
int home_move_version(int data_fd, const struct conf *conf, struct home *home, uint64_t system, struct error *e);

/* "SQLite", "PostgreSQL", ... */
const char *home_name(enum home_kind kind);

#endif
