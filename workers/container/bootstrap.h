/*
 * What only a superuser can do is done once, before any server runs: PostgreSQL's single-user mode reads the statements
 * from standard input in the one-shot container. Afterwards bibd works as bibd_system, which is no superuser.
 *
 * After START_SERVER{initialise} has succeeded, this holds in the new cluster:
 *
 * - Data checksums, UTF8, collation C, ctype C.UTF-8 (or the locale of the configuration), messages in English. The
 *   superuser is "postgres" and has no password: it is reached by peer authentication alone.
 * - bibd_system: LOGIN CREATEROLE INHERIT, not superuser, CREATEDB, REPLICATION or BYPASSRLS, with the verifier
 *   given. A member of pg_monitor and (from PostgreSQL 15 on, which has it) pg_checkpoint; EXECUTE on
 *   pg_reload_conf() in the node's database. From PostgreSQL 16 on CREATEROLE reaches only roles that one has ADMIN
 *   on: it has that on those below and, by PostgreSQL's own rule, on those it makes, so that the same statements do
 *   on 15 and on 16.
 * - From PostgreSQL 15 on, admin and monitor are members of pg_monitor, and bibd_system may SET track_activities, so
 *   that the verifiers which it sets are not seen in pg_stat_activity. Before 15, monitor is a member of
 *   pg_read_all_settings and pg_stat_scan_tables.
 * - bibd_archive: LOGIN REPLICATION and nothing else, without a password: peer authentication lets bibd-archive in, for
 *   replication alone. From 15 on bibd_system may change synchronous_standby_names by ALTER SYSTEM.
 * - The roles of common/roles.h: NOLOGIN, without attributes, members of nothing else. bibd_system is a member of
 *   each WITH ADMIN OPTION: it may SET ROLE to them, and CREATE ROLE ... LOGIN IN ROLE to make logins of them.
 * - The node's database: owned by admin, template template1. PUBLIC has no right on it (CONNECT, TEMPORARY). CONNECT:
 *   bibd_system and those. TEMPORARY: admin, write.
 * - Its schema public: PUBLIC has no right. USAGE: those and bibd_system. CREATE: admin. From PostgreSQL 14 on it is
 *   owned by pg_database_owner, which means admin; before, by postgres.
 * - In it PUBLIC has no EXECUTE on pg_terminate_backend and pg_cancel_backend, nor does anyone but the superuser.
 *   (Functions that read or write the server's files, or load large objects from them, are the superuser's already.)
 * - The databases postgres and template1: CONNECT and TEMPORARY are revoked from PUBLIC, as on any other made from
 *   template1 the functions and the schema above.
 *
 * Not done here, since bibd_system and admin can: the logins, default privileges, rights on tables.
 *
 * The same roles are made or mended on a cluster that is there, by START_SERVER with a verifier, which is set, or
 * with a stamp that is not today's.
 */
#ifndef BIBD_CONTAINER_BOOTSTRAP_H
#define BIBD_CONTAINER_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>

#include "common/conf.h"
#include "workers/container/engine/arguments.h"

#define BOOTSTRAP_END "-- end" /* the last line of the statements */
/* Reads the statements, and then goes on reading: the end of standard input means that bibd-container is gone, and
 * everything here ends with it, so that nothing is at work in a directory that the next start empties. The statements
 * are in the shell's memory, and never in a program's arguments. */
#define BOOTSTRAP_READ \
	"set -eu\n" \
	"sql= line=\n" \
	"while IFS= read -r line && [ \"$line\" != '" BOOTSTRAP_END "' ]; do sql=\"$sql$line\n\"; done\n" \
	"[ \"$line\" = '" BOOTSTRAP_END "' ]\n" \
	"exec 3<&0 </dev/null\n" \
	"(cat <&3 >/dev/null; kill -9 -1) &\n" \
	"exec 3<&-\n"

/* The shell's texts for the one-shot container: initdb and then single-user mode, with one sync of everything at the
 * end; and single-user mode alone. Standard input brings the statements, and must stay open: its end kills the
 * whole. */
extern const char *const bootstrap_initialise_script;
extern const char *const bootstrap_verifier_script;

/* In the database directory when that was made out of a backup: settings for its recovery, a line each, such as
 * recovery_target_lsn=0/3000060. The single-user run replays the write-ahead log up to there, takes all logins their
 * passwords, and removes the file at the end. */
#define BOOTSTRAP_RESTORED "bibd.restored"

/* Their parameters (bootstrap_parameters): the stamp of what they do, which they leave in the database directory at the
 * end; the node's database; the statements that make the extensions of the configuration there and hold its locale
 * against the database's, or ""; the locale as options of initdb; and the options that a server needs for the
 * extensions. A database whose stamp is another is set up again before its server starts, since what needs a superuser
 * has changed with bibd or its configuration, or the directory is from an older backup. */
#define BOOTSTRAP_STAMP_SIZE 65 /* SHA-256 in lower-case hexadecimal, and a NUL */
void bootstrap_stamp(const struct conf *conf, char stamp[BOOTSTRAP_STAMP_SIZE]);
void bootstrap_parameters(const struct conf *conf, struct arguments *arguments);

/* The options that a server needs for its extensions: libraries, and an extension's own settings, which it may need
 * when it is made; a setting with a dot is one. */
void bootstrap_options(const struct conf *conf, struct arguments *arguments);

/* "shared_preload_libraries=a,b", as an option; returns its length, 0 where the configuration names none. */
#define BOOTSTRAP_LIBRARIES_MAX 4096
size_t bootstrap_libraries(const struct conf *conf, char libraries[BOOTSTRAP_LIBRARIES_MAX]);

/* Standard output bears this line once everything but the extensions is there: a failure after that is about an
 * extension, and trying again does not help. */
#define BOOTSTRAP_EXTENDS "bibd setup extends"
/* Standard output bears this line when all statements were run to the end. */
#define BOOTSTRAP_COMPLETE "bibd setup complete"

/* The statements, a line each, malloc'ed; wipe and free them. database: the node's, to be made too; NULL for the roles
 * alone, where verifier may be "": it stays as it is. archived: the node is backed up; else the replication slot of a
 * time when it was, which would hold the write-ahead log back, is dropped. Errors: container.bootstrap (a verifier that
 * is none, a name that cannot be that of the database). */
char *bootstrap_sql(const char *verifier, const char *database, bool archived, size_t *size, struct error *e);

#endif
