/*
 * The thread of a move, its steps, and what the loop is told of them.
 */
#include "workers/postgres/move/move.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/postgres/move/private.h"

#define MOVE_LOOK_MS 100
#define MOVE_CONNECT_MS 30000

void
move_say(struct pg_move *move, const char *fmt, ...)
{
	va_list arguments;

	va_start(arguments, fmt);
	pthread_mutex_lock(&move->lock);
	(void)vsnprintf(move->doing, sizeof(move->doing), fmt, arguments);
	pthread_mutex_unlock(&move->lock);
	va_end(arguments);
}

/* ---- PostgreSQL's side ---- */

int
move_target_failed(PGconn *connection, PGresult *result, const char *what, struct error *e)
{
	bool lost = PQstatus(connection) != CONNECTION_OK;
	const char *said = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
	char text[300];

	(void)snprintf(text, sizeof(text), "%s", said != NULL ? said : PQerrorMessage(connection));
	text[strcspn(text, "\n")] = '\0';
	PQclear(result);
	if (lost)
		return error_set(e, STATUS_UNAVAILABLE, "move.target", "PostgreSQL is gone (%s): %s", what, text);
	return error_set(e, STATUS_DATA, "move.refused", "%s: PostgreSQL says: %s (%s)", what, text,
	    state == NULL ? "" : state);
}

int
move_run(PGconn *connection, const char *sql, struct error *e)
{
	PGresult *result = PQexec(connection, sql);
	ExecStatusType status = PQresultStatus(result);
	const char *said = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
		PQclear(result);
		return 0;
	}
	if (PQstatus(connection) != CONNECTION_OK)
		return move_target_failed(connection, result, "a definition", e);
	(void)error_set(e, STATUS_DATA, "move.refused", "%.300s", said == NULL ? PQerrorMessage(connection) : said);
	PQclear(result);
	return -1;
}

/* Finishes what PQconnectStartParams has begun. */
static int
move_connect(PGconn *connection, struct error *e)
{
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
		struct pollfd wait = { .fd = PQsocket(connection),
			.events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT };

		if (poll(&wait, 1, MOVE_CONNECT_MS) <= 0)
			break;
		state = PQconnectPoll(connection);
	}
	return state == PGRES_POLLING_OK ? 0
					 : error_set(e, STATUS_UNAVAILABLE, "move.target",
					       "cannot log in to PostgreSQL: %.200s", PQerrorMessage(connection));
}

/* ---- the steps ---- */

/* Values are written alike on both sides, and names are told with their schemas. */
static const char move_settings[] = "set search_path = ''; set datestyle = 'ISO, YMD'; set timezone = 'UTC';"
				    " set intervalstyle = 'postgres'; set bytea_output = 'hex';"
				    " set extra_float_digits = 1; set statement_timeout = 0; set lock_timeout = 0";
/* What is lost in a crash is made again, so that no commit need wait; the last one, which does, takes all along. */
static const char move_target_settings[] = "set client_min_messages = error; set check_function_bodies = off;"
					   " set synchronous_commit = off";
static const char move_finish[] = "set synchronous_commit = local; begin; select txid_current(); commit";
static const char move_is_empty[] =
    "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where"
    " c.relkind in ('r', 'p', 'v', 'm', 'S') and " OURS;

static int
move_check_target(struct pg_move *move, struct error *e)
{
	PGresult *result = PQexec(move->admin, move_is_empty);
	bool empty;

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		return move_target_failed(move->admin, result, "the new database", e);
	empty = strcmp(PQgetvalue(result, 0, 0), "0") == 0;
	PQclear(result);
	return empty ? 0
		     : error_set(e, STATUS_UNAVAILABLE, "move.target",
			   "there are tables already in the new database, which a move makes");
}

static int
move_begin_sessions(struct pg_move *move, struct error *e)
{
	PGconn *const targets[] = { move->admin, move->system };

	move_say(move, "connecting");
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		if (move_connect(targets[i], e) == -1 || move_run(targets[i], move_settings, e) == -1 ||
		    move_run(targets[i], move_target_settings, e) == -1)
			return -1;
	return source_open(&move->source, move->source_fd, move->database, e) == -1 ||
		source_run(&move->source, move_settings, NULL, NULL, e) == -1 ||
		source_run(&move->source, "begin isolation level repeatable read read only", NULL, NULL, e) == -1
	    ? -1
	    : move_check_target(move, e);
}

static int
move_finish_target(struct pg_move *move, struct error *e)
{
	move_say(move, "collecting statistics");
	return move_run(move->admin, "analyze", e) == -1 || move_run(move->admin, move_finish, e) == -1 ||
		move_run(move->system, move_finish, e) == -1
	    ? -1
	    : 0;
}

static int
move_all(struct pg_move *move, struct error *e)
{
	struct move_tables *tables = NULL;
	int result = -1;

	if (move_begin_sessions(move, e) == 0 && move_check_extensions(move, e) == 0 &&
	    move_schema(move, MOVE_BEFORE, e) == 0 && (tables = move_tables_list(move, e)) != NULL &&
	    move_tables_copy(move, tables, e) == 0 && move_sequences(move, e) == 0 &&
	    move_schema(move, MOVE_AFTER, e) == 0 && move_schema_compare(move, e) == 0 &&
	    move_tables_compare(move, tables, e) == 0)
		result = move_finish_target(move, e);
	move_tables_free(tables);
	source_close(&move->source);
	return result;
}

static void *
move_thread(void *arg)
{
	struct pg_move *move = arg;
	struct error e;
	int result = move_all(move, &e);

	pthread_mutex_lock(&move->lock);
	move->failed = result == -1;
	if (result == -1)
		move->error = e;
	pthread_mutex_unlock(&move->lock);
	atomic_store(&move->over, true);
	return NULL;
}

/* ---- the loop's side ---- */

/* "moving: copying public.item (2 of 7 tables), 45 %, 1200000 rows, 51000 a second, 28 s left" */
static void
move_tell(struct pg_move *move)
{
	unsigned long long rows = atomic_load(&move->rows), all = atomic_load(&move->all_rows);
	int64_t ms = clock_now_ms() - move->began_ms;
	unsigned long long rate = ms <= 0 ? 0 : rows * 1000 / (unsigned long long)ms;
	char text[MOVE_DOING_MAX + 128], doing[MOVE_DOING_MAX];
	size_t kind;
	bool news;

	pthread_mutex_lock(&move->lock);
	memcpy(doing, move->doing, sizeof(doing));
	pthread_mutex_unlock(&move->lock);
	if (all == 0 || rows == 0)
		(void)snprintf(text, sizeof(text), "moving: %s", doing);
	else
		(void)snprintf(text, sizeof(text), "moving: %s, %llu %%, %llu rows, %llu a second, %llu s left", doing,
		    rows * 100 / all, rows, rate, rate == 0 ? 0 : (all - (rows > all ? all : rows)) / rate);
	kind = strcspn(doing, " ") + 1;
	news = strncmp(doing, move->told, kind) != 0;
	memcpy(move->told, doing, sizeof(doing));
	move->hooks.progress(move->context, text, news);
}

static void
move_look(struct loop_timer *timer)
{
	struct pg_move *move = timer->arg;

	if (!atomic_load(&move->over)) {
		move_tell(move);
		loop_timer_set(move->loop, timer, MOVE_LOOK_MS, move_look, move);
		return;
	}
	(void)pthread_join(move->thread, NULL);
	move->running = false;
	if (!move->failed)
		log_notice("moved %llu rows in %lld ms, and compared them", (unsigned long long)move->rows,
		    (long long)(clock_now_ms() - move->began_ms));
	move->hooks.done(move->context, move->failed ? &move->error : NULL);
}

struct pg_move *
pg_move_begin(struct loop *loop, int source, const char *database, PGconn *admin, PGconn *system,
    const struct pg_move_hooks *hooks, void *context, struct error *e)
{
	struct pg_move *move = calloc(1, sizeof(*move));

	if (move == NULL) {
		close(source);
		PQfinish(admin);
		PQfinish(system);
		(void)error_set_errno(e, STATUS_OS, "move.start", "cannot begin the move");
		return NULL;
	}
	*move = (struct pg_move) { .loop = loop,
		.hooks = *hooks,
		.context = context,
		.source_fd = source,
		.database = database,
		.admin = admin,
		.system = system,
		.began_ms = clock_now_ms() };
	(void)pthread_mutex_init(&move->lock, NULL);
	move->running = pthread_create(&move->thread, NULL, move_thread, move) == 0;
	if (!move->running) {
		pg_move_end(move);
		(void)error_set(e, STATUS_OS, "move.start", "cannot begin the move: no thread can be made");
		return NULL;
	}
	loop_timer_set(loop, &move->timer, MOVE_LOOK_MS, move_look, move);
	return move;
}

void
pg_move_end(struct pg_move *move)
{
	if (move == NULL)
		return;
	loop_timer_cancel(&move->timer);
	/* What the thread waits for fails at once. */
	if (move->running) {
		(void)shutdown(move->source_fd, SHUT_RDWR);
		(void)shutdown(PQsocket(move->admin), SHUT_RDWR);
		(void)shutdown(PQsocket(move->system), SHUT_RDWR);
		(void)pthread_join(move->thread, NULL);
	}
	close(move->source_fd);
	PQfinish(move->admin);
	PQfinish(move->system);
	(void)pthread_mutex_destroy(&move->lock);
	free(move);
}
