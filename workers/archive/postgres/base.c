/*
 * Takes a base backup: tar streams of the directory and then the manifest, in one copy of messages (PostgreSQL 15,
 * "Streaming Replication Protocol", BASE_BACKUP).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf.h"
#include "workers/archive/postgres/replication.h"
#include "workers/archive/postgres/sums.h"
#include "workers/archive/postgres/tar.h"

#define BASE_PAGE 8192
#define BASE_VERSION_MIN 150000
#define BASE_MANIFEST "backup_manifest"
#define BASE_SEGMENT_NAME 24 /* digits */

struct base {
	const struct postgres_server *server;
	struct backup_writer *writer;
	PGconn *conn;
	struct tar tar;
	struct sums sums;
	bool archive_seen, in_manifest, with_log;
	struct tar_entry entry;
	uint8_t page[BASE_PAGE];
	size_t fill;
	uint64_t pages, size; /* of the file, so far */
	uint32_t crc;
	uint64_t segment; /* the position of a segment of the log; UINT64_MAX: it is none */
	char start[32], end[32], timeline[16], identifier[32];
};

/* ---- files ---- */

/* "pg_wal/TTTTTTTTXXXXXXXXYYYYYYYY": its position. */
static uint64_t
base_find_segment(const struct tar_entry *entry)
{
	static const char folder[] = "pg_wal/";
	const char *name = entry->name + sizeof(folder) - 1;
	uint32_t timeline, high, low;

	if (strncmp(entry->name, folder, sizeof(folder) - 1) != 0 || strlen(name) != BASE_SEGMENT_NAME ||
	    strspn(name, "0123456789ABCDEF") != BASE_SEGMENT_NAME ||
	    sscanf(name, "%8" SCNx32 "%8" SCNx32 "%8" SCNx32, &timeline, &high, &low) != 3)
		return UINT64_MAX;
	return ((uint64_t)high << 32) + low * entry->size;
}

/* A segment is a file of an older one, written over from its beginning: what is behind the log's end has a header with
 * another position, and is nothing. */
static void
base_clean_page(struct base *base)
{
	uint64_t position;

	memcpy(&position, base->page + 8, sizeof(position));
	if (position != base->segment + base->pages * BASE_PAGE)
		memset(base->page, 0, sizeof(base->page));
}

static int
base_put_page(struct base *base, struct error *e)
{
	if (base->segment != UINT64_MAX && base->fill == BASE_PAGE)
		base_clean_page(base);
	if (backup_page(base->writer, base->pages, base->page, base->fill, e) == -1)
		return -1;
	base->pages++;
	base->fill = 0;
	return 0;
}

static int
base_begin_file(struct base *base, const struct tar_entry *entry, struct error *e)
{
	base->entry = *entry;
	base->fill = 0;
	base->pages = base->size = 0;
	base->crc = 0;
	base->segment = base_find_segment(entry);
	if (strcmp(entry->name, PGDATA_MOVING) == 0)
		return error_set(e, STATUS_UNAVAILABLE, "postgres.moving",
		    "the node's rows are still being moved to PostgreSQL: it is backed up when they are there");
	if (strlen(entry->name) >= DEPOT_NAME_MAX)
		return error_set(e, STATUS_DATA, "postgres.stream",
		    "a file in the database directory has too long a "
		    "name: %.150s",
		    entry->name);
	return backup_file(base->writer, entry->name, BASE_PAGE, entry->mode | (entry->directory ? 040000U : 0), e);
}

static int
base_put_data(struct base *base, const uint8_t *data, size_t size, struct error *e)
{
	base->size += size;
	while (size > 0) {
		size_t n = size < BASE_PAGE - base->fill ? size : BASE_PAGE - base->fill;

		memcpy(base->page + base->fill, data, n);
		base->fill += n;
		data += n;
		size -= n;
		if (base->fill == BASE_PAGE && base_put_page(base, e) == -1)
			return -1;
	}
	return 0;
}

static int
base_end_file(struct base *base, struct error *e)
{
	return (base->fill > 0 && base_put_page(base, e) == -1) || backup_file_end(base->writer, base->size, e) == -1
	    ? -1
	    : 0;
}

/* ---- the archive ---- */

static int
base_tar_begin(void *arg, const struct tar_entry *entry, struct error *e)
{
	return base_begin_file(arg, entry, e);
}

static int
base_tar_data(void *arg, const uint8_t *data, size_t size, struct error *e)
{
	struct base *base = arg;

	base->crc = crc32c(base->crc, data, size);
	return base_put_data(base, data, size, e);
}

/* The log's segments are not in the manifest. */
static int
base_tar_end(void *arg, struct error *e)
{
	struct base *base = arg;

	if (base_end_file(base, e) == -1)
		return -1;
	return base->entry.directory || base->segment != UINT64_MAX
	    ? 0
	    : sums_add(&base->sums, base->entry.name, base->size, base->crc, e);
}

/* ---- messages ---- */

static int
base_take_message(struct base *base, const char *data, size_t size, struct error *e)
{
	struct tar_entry manifest = { .name = BASE_MANIFEST, .mode = 0600 };

	switch (data[0]) {
	case 'n':
		if (base->archive_seen)
			return error_set(e, STATUS_DATA, "postgres.stream",
			    "the server has tablespaces, which are not backed up");
		base->archive_seen = true;
		return 0;
	case 'm':
		if (!tar_is_whole(&base->tar))
			return error_set(e, STATUS_DATA, "postgres.stream", "PostgreSQL's archive is cut short");
		base->in_manifest = true;
		return base_begin_file(base, &manifest, e);
	case 'd':
		if (!base->in_manifest)
			return tar_feed(&base->tar, (const uint8_t *)data + 1, size - 1, e);
		if (sums_check(&base->sums, data + 1, size - 1, e) == -1)
			return -1;
		return base_put_data(base, (const uint8_t *)data + 1, size - 1, e);
	case 'p':
		return 0;
	default:
		return error_set(e, STATUS_DATA, "postgres.stream", "PostgreSQL's backup has a message '%c'", data[0]);
	}
}

static int
base_take_copy(struct base *base, struct error *e)
{
	char *data;
	int n;

	while ((n = replication_copy(base->server, base->conn, &data, e)) > 0) {
		int result = base_take_message(base, data, (size_t)n, e);

		PQfreemem(data);
		if (result == -1)
			return -1;
	}
	if (n == -1)
		return -1;
	if (!base->in_manifest)
		return error_set(e, STATUS_DATA, "postgres.stream", "PostgreSQL's backup has no manifest");
	return base_end_file(base, e) == -1 || sums_finish(&base->sums, e) == -1 ? -1 : 0;
}

/* ---- the commands ---- */

/* Its first column, and the second where there is a place for it. */
static int
base_take_row(struct base *base, char first[32], char second[16], struct error *e)
{
	PGresult *result = replication_take(base->server, base->conn, PGRES_TUPLES_OK, e);
	bool good;

	if (result == NULL)
		return -1;
	good = PQntuples(result) == 1 && PQnfields(result) >= 2;
	if (good) {
		(void)snprintf(first, 32, "%s", PQgetvalue(result, 0, 0));
		(void)snprintf(second, 16, "%s", PQgetvalue(result, 0, 1));
	}
	PQclear(result);
	return good ? 0
		    : error_set(e, STATUS_DATA, "postgres.stream", "PostgreSQL does not say where its backup stands");
}

/* The log that is to be in it is kept as long as the connection lasts: a slot of its own sees to that. */
static int
base_prepare(struct base *base, struct error *e)
{
	PGresult *result;

	if (PQserverVersion(base->conn) < BASE_VERSION_MIN)
		return error_set(e, STATUS_CONFIG, "postgres.refused",
		    "backups need PostgreSQL 15 or newer, and the server is %d: use pg_basebackup or pgBackRest for it",
		    PQserverVersion(base->conn) / 10000);
	result = replication_ask(base->server, base->conn, "IDENTIFY_SYSTEM", PGRES_TUPLES_OK, e);
	if (result == NULL)
		return -1;
	(void)snprintf(base->identifier, sizeof(base->identifier), "%s", PQgetvalue(result, 0, 0));
	PQclear(result);
	if (!base->with_log)
		return 0;
	result = replication_ask(base->server, base->conn,
	    "CREATE_REPLICATION_SLOT bibd_base TEMPORARY PHYSICAL RESERVE_WAL", PGRES_TUPLES_OK, e);
	PQclear(result);
	return result == NULL ? -1 : 0;
}

static int
base_run(struct base *base, bool fast, struct error *e)
{
	char command[256], timeline[16];
	PGresult *result;

	if (base_prepare(base, e) == -1)
		return -1;
	(void)snprintf(command, sizeof(command),
	    "BASE_BACKUP (LABEL 'bibd', CHECKPOINT '%s', WAL %s, WAIT false, MANIFEST 'yes', "
	    "MANIFEST_CHECKSUMS 'CRC32C')",
	    fast ? "fast" : "spread", base->with_log ? "true" : "false");
	if (PQsendQuery(base->conn, command) == 0)
		return error_set(e, STATUS_UNAVAILABLE, "postgres.away", "cannot ask PostgreSQL for a backup");
	if (base_take_row(base, base->start, base->timeline, e) == -1 ||
	    (result = replication_take(base->server, base->conn, PGRES_TUPLES_OK, e)) == NULL)
		return -1;
	PQclear(result); /* of tablespaces, each of which has an archive of its own */
	if ((result = replication_take(base->server, base->conn, PGRES_COPY_OUT, e)) == NULL)
		return -1;
	PQclear(result);
	return base_take_copy(base, e) == -1 || base_take_row(base, base->end, timeline, e) == -1 ? -1 : 0;
}

int
postgres_base(const struct postgres_server *server, bool fast, bool with_log, struct backup_writer *writer,
    char note[REPOSITORY_NOTE_SIZE], struct error *e)
{
	static const struct tar_calls calls = { .begin = base_tar_begin, .data = base_tar_data, .end = base_tar_end };
	struct base *base = calloc(1, sizeof(*base));
	int result = -1;

	if (base == NULL)
		return error_set_errno(e, STATUS_OS, "archive.memory", "cannot begin a backup");
	base->server = server;
	base->writer = writer;
	base->with_log = with_log;
	base->tar = (struct tar) { .calls = &calls, .arg = base };
	if ((base->conn = replication_open(server, e)) != NULL) {
		result = base_run(base, fast, e);
		PQfinish(base->conn);
	}
	if (result == 0)
		(void)snprintf(note, REPOSITORY_NOTE_SIZE, "system %s timeline %s from %s to %s", base->identifier,
		    base->timeline, base->start, base->end);
	sums_free(&base->sums);
	free(base);
	return result;
}
