/*
 * Private to schema/: the triggers of partitions.
 */
#ifndef BIBD_SQLITE_SCHEMA_TRIGGER_CLONE_H
#define BIBD_SQLITE_SCHEMA_TRIGGER_CLONE_H

#include "workers/sqlite/schema/trigger.h"

/* A bound: no file has more triggers. */
#define TRIGGERS_MAX 100000

/* Adds the row triggers that partitions have from their parents to the triggers of the file, notes for each of a
 * partition where the rows are, and sorts all of them by relation and name. -1: the file could not be read, or
 * memory is out. */
int schema_triggers_of_partitions(sqlite3 *db, struct schema_trigger **triggers, unsigned *n);

#endif
