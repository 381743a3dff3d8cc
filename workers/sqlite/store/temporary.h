/*
 * SQLite's temporary files: what a sort, a grouping, a materialised query or a temporary table does not hold in its
 * cache is written to a file without a name beside the database. They are SQLite's own, but that their bytes are
 * charged to the session that a thread works for (memory.h), whose limit (temp_file_limit_mb) ends its statement.
 */
#ifndef BIBD_SQLITE_TEMPORARY_H
#define BIBD_SQLITE_TEMPORARY_H

/* Registers SQLite's own VFS once more, with that accounting, as the default one, and puts temporary files into the
 * directory. Once, before the first connection is opened. Returns SQLite's code. */
int temporary_register(const char *directory);

#endif
