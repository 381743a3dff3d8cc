/*
 * Opens and closes the file of where sequences stand, with what the database has noted of it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/sequences/sequences.h"
#include "workers/sqlite/store/store.h"

/* The note on an identity, "" when there is none. */
static void
read_note(struct connection *connection, uint64_t identity, char note[SEQUENCE_NOTE_SIZE])
{
	sqlite3_stmt *stmt = NULL;
	char key[64];

	note[0] = '\0';
	(void)snprintf(key, sizeof(key), SEQUENCE_NOTE "%" PRIx64, identity);
	if (sqlite3_prepare_v2(connection->db, "SELECT value FROM bibd_node WHERE key = ?1", -1, &stmt, NULL) ==
		SQLITE_OK &&
	    sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		(void)snprintf(note, SEQUENCE_NOTE_SIZE, "%s", (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
}

static void
write_note(struct connection *connection, uint64_t identity, const char *note)
{
	sqlite3_stmt *stmt = NULL;
	char key[64];

	(void)snprintf(key, sizeof(key), SEQUENCE_NOTE "%" PRIx64, identity);
	if (sqlite3_prepare_v2(connection->db,
		note == NULL ? "DELETE FROM bibd_node WHERE key = ?1"
			     : "INSERT OR REPLACE INTO bibd_node VALUES (?1, ?2)",
		-1, &stmt, NULL) == SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
		if (note != NULL)
			sqlite3_bind_text(stmt, 2, note, -1, SQLITE_STATIC);
		(void)sqlite3_step(stmt);
	}
	sqlite3_finalize(stmt);
}

static int
name_all(struct sequences *sequences, struct connection *connection, struct error *e)
{
	struct schema_objects objects;

	if (schema_list_objects(connection->db, "public", NULL, &objects) == -1)
		return error_set(e, STATUS_IO, "store.open", "cannot list the sequences: %s",
		    sqlite3_errmsg(connection->db));
	for (unsigned i = 0; i < objects.count; i++) {
		char note[SEQUENCE_NOTE_SIZE];
		struct schema_sequence s;

		if (objects.items[i].type != 'S' || schema_sequence_parse(objects.items[i].sql, &s) == -1)
			continue;
		read_note(connection, s.identity, note);
		sequences_name(sequences, s.identity, &s.at, note, s.rule.increment > 0);
		schema_sequence_free(&s);
	}
	schema_objects_free(&objects);
	return 0;
}

/* Notes on what is gone. */
static void
forget_others(struct sequences *sequences, struct connection *connection)
{
	static const char text[] =
	    "SELECT substr(key, 10) FROM bibd_node WHERE key >= 'sequence:' AND key < 'sequence;'";
	uint64_t *gone = NULL, *grown;
	sqlite3_stmt *stmt = NULL;
	size_t n = 0;

	if (sqlite3_prepare_v2(connection->db, text, -1, &stmt, NULL) == SQLITE_OK)
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			uint64_t identity = strtoull((const char *)sqlite3_column_text(stmt, 0), NULL, 16);

			if (sequences_has(sequences, identity))
				continue;
			if ((grown = reallocarray(gone, n + 1, sizeof(*grown))) == NULL)
				break;
			gone = grown;
			gone[n++] = identity;
		}
	sqlite3_finalize(stmt);
	for (size_t i = 0; i < n; i++)
		write_note(connection, gone[i], NULL);
	free(gone);
}

int
store_open_sequences(struct store *store, struct connection *connection, struct error *e)
{
	struct sequences *sequences;
	bool internal = connection->context.internal;
	char *path;
	int result = -1;

	if (asprintf(&path, "%s" STORE_SEQUENCES, store->file.path) == -1)
		return error_set_errno(e, STATUS_OS, "store.open", "cannot open %s", store->file.path);
	if ((sequences = sequences_open(path, e)) != NULL) {
		connection->context.internal = true;
		result = name_all(sequences, connection, e) == -1 ? -1 : sequences_begin(sequences, e);
		if (result == 0)
			forget_others(sequences, connection);
		connection->context.internal = internal;
	}
	free(path);
	if (result == -1) {
		sequences_close(sequences);
		return -1;
	}
	sequences_close(store->file.sequences);
	store->file.sequences = connection->context.sequences = sequences;
	return 0;
}

void
store_close_sequences(struct store *store, struct connection *connection)
{
	char note[SEQUENCE_NOTE_SIZE];
	uint64_t identity;
	size_t cursor = 0;

	if (store->file.sequences == NULL)
		return;
	if (sequences_settle(store->file.sequences) == 0 &&
	    sqlite3_exec(connection->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK) {
		while (sequences_next(store->file.sequences, &cursor, &identity, note))
			write_note(connection, identity, note);
		(void)sqlite3_exec(connection->db, "COMMIT", NULL, NULL, NULL);
	}
	connection->context.sequences = NULL;
	sequences_close(store->file.sequences);
	store->file.sequences = NULL;
}
