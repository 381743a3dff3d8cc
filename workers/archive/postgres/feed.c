/* A connection for replication in its two states: commands, and then the copy of the log (PostgreSQL 15, "Streaming
 * Replication Protocol", START_REPLICATION). */
#include "workers/archive/postgres/feed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "workers/archive/postgres/replication.h"

#define EPOCH_2000_US INT64_C(946684800000000)
#define FEED_DATA 25 /* bytes before the log's in a message */
#define FEED_ALIVE 18
#define FEED_ANSWER 34

struct feed {
	struct postgres_server server;
	PGconn *conn;
	char *message; /* the piece's */
};

static uint64_t
feed_get(const char *p)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | (uint8_t)p[i];
	return value;
}

static void
feed_put(char *p, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		p[i] = (char)(value >> (56 - 8 * i));
}

static uint64_t
feed_read_position(const char *text)
{
	uint32_t high, low;

	return sscanf(text, "%8" SCNx32 "/%8" SCNx32, &high, &low) == 2 ? (uint64_t)high << 32 | low : 0;
}

/* Of the words that PostgreSQL says sizes in. */
static uint32_t
feed_read_size(const char *text)
{
	unsigned long n;
	char unit[8] = "";

	if (sscanf(text, "%8lu%7s", &n, unit) != 2)
		return 0;
	return strcmp(unit, "MB") == 0 ? (uint32_t)(n << 20) : strcmp(unit, "GB") == 0 ? (uint32_t)(n << 30) : 0;
}

/* ---- commands ---- */

static int
feed_identify(struct feed *feed, struct feed_server *found, struct error *e)
{
	PGresult *result = replication_ask(&feed->server, feed->conn, "IDENTIFY_SYSTEM", PGRES_TUPLES_OK, e);

	if (result == NULL)
		return -1;
	found->system = strtoull(PQgetvalue(result, 0, 0), NULL, 10);
	found->timeline = (uint32_t)strtoul(PQgetvalue(result, 0, 1), NULL, 10);
	found->position = feed_read_position(PQgetvalue(result, 0, 2));
	PQclear(result);
	if ((result = replication_ask(&feed->server, feed->conn, "SHOW wal_segment_size", PGRES_TUPLES_OK, e)) == NULL)
		return -1;
	found->segment = feed_read_size(PQgetvalue(result, 0, 0));
	PQclear(result);
	return found->system != 0 && found->timeline != 0 && found->position != 0 && found->segment != 0
	    ? 0
	    : error_set(e, STATUS_DATA, "postgres.stream", "PostgreSQL does not say where its write-ahead log stands");
}

struct feed *
feed_open(const struct postgres_server *server, struct feed_server *found, struct error *e)
{
	struct feed *feed = calloc(1, sizeof(*feed));

	if (feed == NULL) {
		(void)error_set_errno(e, STATUS_OS, "archive.memory", "cannot follow PostgreSQL");
		return NULL;
	}
	feed->server = *server;
	if ((feed->conn = replication_open(server, e)) != NULL && feed_identify(feed, found, e) == 0)
		return feed;
	feed_close(feed);
	return NULL;
}

void
feed_close(struct feed *feed)
{
	if (feed == NULL)
		return;
	PQfreemem(feed->message);
	PQfinish(feed->conn);
	free(feed);
}

int
feed_find_slot(struct feed *feed, uint64_t *position, struct error *e)
{
	PGresult *result =
	    replication_ask(&feed->server, feed->conn, "READ_REPLICATION_SLOT " FEED_SLOT, PGRES_TUPLES_OK, e);

	if (result == NULL)
		return -1;
	*position = PQgetisnull(result, 0, 1) ? 0 : feed_read_position(PQgetvalue(result, 0, 1));
	PQclear(result);
	return 0;
}

static int
feed_has_slot(struct feed *feed, bool *has, struct error *e)
{
	PGresult *result =
	    replication_ask(&feed->server, feed->conn, "READ_REPLICATION_SLOT " FEED_SLOT, PGRES_TUPLES_OK, e);

	if (result == NULL)
		return -1;
	*has = !PQgetisnull(result, 0, 0);
	PQclear(result);
	return 0;
}

int
feed_make_slot(struct feed *feed, struct error *e)
{
	PGresult *result;
	bool has;

	if (feed_has_slot(feed, &has, e) == -1)
		return -1;
	if (has) {
		result =
		    replication_ask(&feed->server, feed->conn, "DROP_REPLICATION_SLOT " FEED_SLOT, PGRES_COMMAND_OK, e);
		PQclear(result);
		if (result == NULL)
			return -1;
	}
	result = replication_ask(&feed->server, feed->conn,
	    "CREATE_REPLICATION_SLOT " FEED_SLOT " PHYSICAL RESERVE_WAL", PGRES_TUPLES_OK, e);
	PQclear(result);
	return result == NULL ? -1 : 0;
}

int
feed_begin(struct feed *feed, uint32_t timeline, uint64_t position, struct error *e)
{
	char command[128];
	PGresult *result;

	(void)snprintf(command, sizeof(command),
	    "START_REPLICATION SLOT " FEED_SLOT " PHYSICAL %" PRIX32 "/%" PRIX32 " TIMELINE %" PRIu32,
	    (uint32_t)(position >> 32), (uint32_t)position, timeline);
	if (PQsendQuery(feed->conn, command) == 0)
		return error_set(e, STATUS_UNAVAILABLE, "postgres.away", "cannot ask PostgreSQL for its log");
	if ((result = replication_take(&feed->server, feed->conn, PGRES_COPY_BOTH, e)) == NULL)
		return -1;
	PQclear(result);
	if (PQsetnonblocking(feed->conn, 1) == -1)
		return error_set(e, STATUS_UNAVAILABLE, "postgres.away", "cannot follow PostgreSQL");
	return 0;
}

int
feed_fd(const struct feed *feed)
{
	return PQsocket(feed->conn);
}

/* ---- the copy ---- */

/* Why it has ended. */
static int
feed_fail(struct feed *feed, struct error *e)
{
	static const char removed[] = "58P01"; /* a segment that is not there any more */
	PGresult *result = PQisBusy(feed->conn) != 0 ? NULL : PQgetResult(feed->conn);
	const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *words = result == NULL ? PQerrorMessage(feed->conn) : PQresultErrorMessage(result);
	bool gone = state != NULL && strcmp(state, removed) == 0;

	(void)error_set(e, STATUS_UNAVAILABLE, gone ? "postgres.gone" : "postgres.away",
	    "PostgreSQL has ended the stream of its log: %.*s", (int)strcspn(words, "\n"), words);
	PQclear(result);
	return -1;
}

static int
feed_read(struct feed *feed, int size, struct feed_piece *piece, struct error *e)
{
	const char *m = feed->message;

	*piece = (struct feed_piece) { .data = NULL };
	if (m[0] == 'w' && size >= FEED_DATA) {
		piece->position = feed_get(m + 1);
		piece->end = feed_get(m + 9);
		piece->time_us = (int64_t)feed_get(m + 17) + EPOCH_2000_US;
		piece->data = (const uint8_t *)m + FEED_DATA;
		piece->size = (size_t)size - FEED_DATA;
		return 1;
	}
	if (m[0] == 'k' && size >= FEED_ALIVE) {
		piece->end = feed_get(m + 1);
		piece->time_us = (int64_t)feed_get(m + 9) + EPOCH_2000_US;
		piece->wants_answer = m[17] != 0;
		return 1;
	}
	return error_set(e, STATUS_DATA, "postgres.stream", "PostgreSQL sends a message '%c' in its log", m[0]);
}

int
feed_take(struct feed *feed, struct feed_piece *piece, struct error *e)
{
	int n;

	PQfreemem(feed->message);
	feed->message = NULL;
	if ((n = PQgetCopyData(feed->conn, &feed->message, 1)) == 0) {
		if (PQconsumeInput(feed->conn) == 0)
			return feed_fail(feed, e);
		n = PQgetCopyData(feed->conn, &feed->message, 1);
	}
	if (n == 0)
		return PQflush(feed->conn) == -1 ? feed_fail(feed, e) : 0;
	return n < 0 ? feed_fail(feed, e) : feed_read(feed, n, piece, e);
}

int
feed_tell(struct feed *feed, uint64_t received, uint64_t confirmed, bool ask, struct error *e)
{
	char message[FEED_ANSWER];

	/* A standby that waits for remote_apply would wait for ever: what is confirmed is applied. */
	message[0] = 'r';
	feed_put(message + 1, received);
	feed_put(message + 9, confirmed);
	feed_put(message + 17, confirmed);
	feed_put(message + 25, (uint64_t)(clock_realtime_us() - EPOCH_2000_US));
	message[33] = (char)ask;
	return PQputCopyData(feed->conn, message, sizeof(message)) == -1 || PQflush(feed->conn) == -1
	    ? feed_fail(feed, e)
	    : 0;
}
