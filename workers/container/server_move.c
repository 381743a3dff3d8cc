/*
 * Moves the database to the image's major version: the image that served it brings it up in one container, where
 * clients cannot reach it, and the new image fills a directory of its own from there in another (move_script.h). Until
 * the supervisor takes that directory for the node's, nothing has changed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/container/bootstrap.h"
#include "workers/container/container.h"
#include "workers/container/move_script.h"

#define MOVE_MS (7 * INT64_C(86400000))
#define MOVE_STOP_SECONDS "60"
#define MOVE_RETRY_MS 200
#define MOVE_REASON_MAX 300

/* ---- the image that reads the database ---- */

bool
managed_server_needs_source(const struct managed_server *server)
{
	return server->wanted == MANAGED_SERVER_WANT_MOVED && server->move.image[0] == '\0';
}

static void
managed_server_refuse_source(struct managed_server *server)
{
	char guess[IMAGES_NAME_MAX];
	struct error e;

	images_guess(server->worker->conf->database.postgres.image, server->version, guess);
	(void)error_set(&e, STATUS_DATA, "container.source",
	    "the rows are to be moved from PostgreSQL %" PRIu32 " to %" PRIu32 ", and no image of PostgreSQL %" PRIu32
	    " is here to read them: fetch one with `%s pull %s`, or set database.postgres.image to the image that "
	    "served them and start once; nothing was changed",
	    server->version, server->target, server->version, server->engine.kind->program, guess);
	managed_server_fail(server, &e);
}

static void managed_server_ask_next_source(struct managed_server *server);

static void
managed_server_source_said(struct managed_server *server, const struct job_result *result)
{
	if (server->wanted == MANAGED_SERVER_WANT_STOPPED) {
		managed_server_look(server);
		return;
	}
	if (job_succeeded(result) && images_version(result->output) == server->version) {
		(void)snprintf(server->move.image, sizeof(server->move.image), "%s",
		    server->move.candidates.names[server->move.next]);
		managed_server_advance(server);
		return;
	}
	server->move.next++;
	managed_server_ask_next_source(server);
}

static void
managed_server_ask_next_source(struct managed_server *server)
{
	struct spec spec = managed_server_spec(server);
	struct arguments arguments = { 0 };
	struct error e;

	if (server->move.next >= server->move.candidates.n)
		managed_server_refuse_source(server);
	else if (spec_version_arguments(&spec, server->move.candidates.names[server->move.next], &arguments, &e) == -1)
		managed_server_fail(server, &e);
	else
		(void)managed_server_run(server, MANAGED_SERVER_TASK_STEP, &arguments, NULL,
		    managed_server_source_said);
}

void
managed_server_find_source(struct managed_server *server)
{
	server->state = MANAGED_SERVER_CREATING;
	server->move.next = 0;
	images_candidates(server->home, server->version, server->worker->conf->database.postgres.image,
	    &server->move.candidates);
	managed_server_ask_next_source(server);
}

/* ---- the end ---- */

static void
managed_server_say_moved(struct managed_server *server)
{
	const struct message_server_moved moved = { .tables = server->move.tables, .rows = server->move.rows };

	server->state = MANAGED_SERVER_ABSENT;
	/* What PostgreSQL refused was the old database, and what is started next this image has made. */
	server->incompatible[0] = '\0';
	server->made = true;
	(void)channel_send_server_moved(&server->worker->channel, server->start_id, &moved, -1);
	managed_server_rest(server);
}

/* Both containers have ended. */
static void
managed_server_finish_move(struct managed_server *server)
{
	managed_server_cancel(server, MANAGED_SERVER_TASK_KILL);
	loop_timer_cancel(&server->stop_timer);
	server->setup_killing = false;
	record_remove(server->home);
	if (server->wanted == MANAGED_SERVER_WANT_STOPPED)
		managed_server_look(server);
	else if (server->move.error.text[0] != '\0')
		managed_server_fail(server, &server->move.error);
	else
		managed_server_say_moved(server);
}

/* ---- why it failed ---- */

/* The rest of the first line with that word; NULL: there is none. */
static const char *
managed_server_find_words(const char *text, const char *word, size_t *size)
{
	const char *at = strstr(text, word);

	if (at == NULL)
		return NULL;
	at += strlen(word);
	*size = strcspn(at, "\r\n");
	return at;
}

/* What PostgreSQL or the script complained of would be so again, so that the node ends; the engine's trouble passes.
 * The first reason is the one that is told. */
static void
managed_server_note_failure(struct managed_server *server, const char *who, const struct job_result *result)
{
	static const char *const words[] = { MOVE_REFUSES, "ERROR:  ", "FATAL:  ", "initdb: error: " };
	struct error *e = &server->move.error;
	const char *line = NULL;
	size_t size = 0;

	if (e->text[0] != '\0')
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && line == NULL; i++)
		line = managed_server_find_words(result->error_text, words[i], &size);
	if (line == NULL) {
		(void)managed_server_complain(server, who, result, e);
		return;
	}
	(void)error_set(e, STATUS_DATA, "container.move",
	    "the rows cannot be moved from PostgreSQL %" PRIu32 " to %" PRIu32 ": %.*s; nothing was changed: to have "
	    "them served as before, set database.postgres.image back to PostgreSQL %" PRIu32,
	    server->version, server->target, (int)(size < MOVE_REASON_MAX ? size : MOVE_REASON_MAX), line,
	    server->version);
}

/* ---- the two containers ---- */

static void managed_server_stop_source(struct managed_server *server);

static void
managed_server_stop_source_again(struct loop_timer *timer)
{
	managed_server_stop_source(timer->arg);
}

/* The engine may not have made it yet: as long as its job is there, so may be the container. */
static void
managed_server_source_stopped(struct managed_server *server, const struct job_result *result)
{
	(void)result;
	if (managed_server_is_busy(server, MANAGED_SERVER_TASK_SOURCE))
		loop_timer_set(&server->worker->loop, &server->stop_timer, MOVE_RETRY_MS,
		    managed_server_stop_source_again, server);
}

static void
managed_server_stop_source(struct managed_server *server)
{
	struct arguments arguments = { 0 };
	char name[ENGINE_NAME_MAX];

	if (!managed_server_is_busy(server, MANAGED_SERVER_TASK_SOURCE)) {
		managed_server_finish_move(server);
		return;
	}
	spec_source_name(server->worker->node_id, name, sizeof(name));
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "stop", "-t", MOVE_STOP_SECONDS, name, NULL);
	(void)managed_server_run(server, MANAGED_SERVER_TASK_KILL, &arguments, NULL, managed_server_source_stopped);
}

static void
managed_server_copied(struct managed_server *server, const struct job_result *result)
{
	size_t size;
	const char *figures = managed_server_find_words(result->output, MOVE_COMPLETE, &size);

	loop_timer_cancel(&server->tick);
	server->move.copied = true;
	if (!job_succeeded(result) || figures == NULL ||
	    sscanf(figures, "%" SCNu64 " %" SCNu64, &server->move.tables, &server->move.rows) != 2)
		managed_server_note_failure(server, "moving the rows", result);
	managed_server_stop_source(server);
}

static void
managed_server_source_ended(struct managed_server *server, const struct job_result *result)
{
	if (server->wanted != MANAGED_SERVER_WANT_MOVED && server->wanted != MANAGED_SERVER_WANT_STOPPED)
		return;
	if (server->move.copied) {
		managed_server_finish_move(server);
		return;
	}
	managed_server_note_failure(server, "bringing up the server whose rows are moved", result);
	managed_server_kill_setup(server);
}

static void
managed_server_move_line(void *context, const char *line, bool from_error)
{
	const struct managed_server_task *task = context;

	if (!from_error && strncmp(line, MOVE_SAYS, strlen(MOVE_SAYS)) == 0)
		managed_server_tell_move(task->server, line + strlen(MOVE_SAYS));
}

static int
managed_server_start_source(struct managed_server *server)
{
	const struct job_request request = { .deadline_ms = MOVE_MS,
		.input = "\n",
		.input_size = 1,
		.keep_input = true };
	struct spec spec = managed_server_spec(server);
	struct arguments arguments = { 0 }, parameters = { 0 };
	struct error e;
	int result;

	bootstrap_options(spec.conf, &parameters);
	if ((result = spec_source_arguments(&spec, server->move.image, move_source_script, &parameters, &arguments,
		 &e)) == -1)
		managed_server_fail(server, &e);
	else
		result = managed_server_run(server, MANAGED_SERVER_TASK_SOURCE, &arguments, &request,
		    managed_server_source_ended);
	arguments_free(&parameters);
	return result;
}

static void
managed_server_add_extensions(const struct conf *conf, struct arguments *parameters)
{
	char text[BOOTSTRAP_LIBRARIES_MAX] = "";
	size_t n = 0;

	for (char **name = conf->database.postgres.extensions; name != NULL && *name != NULL && n < sizeof(text);
	     name++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s ", *name);
	arguments_add(parameters, text, NULL);
}

static void
managed_server_start_target(struct managed_server *server)
{
	static const char end[] = BOOTSTRAP_END "\n";
	const struct job_request request = { .deadline_ms = MOVE_MS,
		.input = end,
		.input_size = sizeof(end) - 1,
		.keep_input = true,
		.line = managed_server_move_line };
	struct spec spec = managed_server_spec(server);
	struct arguments arguments = { 0 }, parameters = { 0 };
	char *script = move_target_script();
	struct error e;

	spec.version = server->target;
	arguments_addf(&parameters, "%" PRIu32, server->version);
	arguments_addf(&parameters, "%" PRIu32, server->target);
	managed_server_add_extensions(spec.conf, &parameters);
	if (spec_target_arguments(&spec, managed_server_image(server), script == NULL ? "" : script, &parameters,
		&arguments, &e) == -1)
		managed_server_fail(server, &e);
	else
		(void)managed_server_run(server, MANAGED_SERVER_TASK_STEP, &arguments, &request, managed_server_copied);
	free(script);
	arguments_free(&parameters);
}

bool
managed_server_needs_move(const struct managed_server *server)
{
	return server->wanted == MANAGED_SERVER_WANT_MOVED;
}

void
managed_server_begin_move(struct managed_server *server)
{
	struct error e;

	server->state = MANAGED_SERVER_INITIALISING;
	server->engine_was_used = true;
	server->move.copied = false;
	server->move.error.text[0] = server->move.text[0] = '\0';
	if (record_write(server->home, &server->engine, "", &e) == -1) {
		managed_server_fail(server, &e);
		return;
	}
	log_info("the rows are read by %s, and written by %s", server->move.image, managed_server_image(server));
	managed_server_tell_move(server, "moving to another PostgreSQL");
	if (managed_server_start_source(server) == 0)
		managed_server_start_target(server);
}
