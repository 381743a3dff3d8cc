/*
 * Runs migrations on the SQLite store: the files of workers/migrations, each in a transaction with its row in
 * bibd_migrations.
 */
#ifndef BIBD_SQLITE_MIGRATE_H
#define BIBD_SQLITE_MIGRATE_H

#include "common/error.h"
#include "workers/sqlite/connection/connection.h"
#include "workers/sqlite/store/store.h"

/* Brings the store to the newest migration. Directories as migrations_load takes them. Errors: STATUS_CONFIG for files
 * that were changed, are missing or do not run (the file and the statement's error are named); the failed file leaves
 * nothing behind. */
int migrate(const struct store *store, struct connection *connection, const char *builtin_dir,
    const char *application_dir, struct error *e);

#endif
