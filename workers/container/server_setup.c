/*
 * The steps that may take long: the image is fetched, the database directory is made.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/container/bootstrap.h"
#include "workers/container/container.h"

/* ---- telling how far it is ---- */

static const char *
managed_server_setup_words(const struct managed_server *server)
{
	return server->wanted == MANAGED_SERVER_WANT_MOVED	? server->move.text
	    : server->wanted == MANAGED_SERVER_WANT_INITIALISED ? "making the database"
	    : server->restored					? "replaying the write-ahead log of a backup"
	    : server->verifier != NULL				? "setting bibd's password in the database"
				       : "setting up the database for this bibd and its configuration";
}

static void
managed_server_tell(struct managed_server *server)
{
	long long seconds = (long long)(clock_now_ms() - server->step_at) / 1000;
	char words[256], text[300];

	seconds -= seconds % MANAGED_SERVER_TOLD_SECONDS;
	if (server->state == MANAGED_SERVER_PULLING)
		pull_text(&server->pull, server->worker->conf->database.postgres.image, words, sizeof(words));
	else
		(void)snprintf(words, sizeof(words), "%s", managed_server_setup_words(server));
	if (seconds == 0)
		(void)snprintf(text, sizeof(text), "%s", words);
	else
		(void)snprintf(text, sizeof(text), "%s (%lld s)", words, seconds);
	managed_server_progress(server, text);
}

/* A large layer takes minutes without a line: the job's own deadline is what ends a step that hangs. */
static void
managed_server_tick(struct loop_timer *timer)
{
	struct managed_server *server = timer->arg;

	if (server->start_id == 0)
		return;
	managed_server_tell(server);
	loop_timer_set(&server->worker->loop, &server->tick, MANAGED_SERVER_TICK_MS, managed_server_tick, server);
}

static void
managed_server_begin_telling(struct managed_server *server)
{
	server->step_at = clock_now_ms();
	managed_server_tell(server);
	loop_timer_set(&server->worker->loop, &server->tick, MANAGED_SERVER_TICK_MS, managed_server_tick, server);
}

void
managed_server_tell_move(struct managed_server *server, const char *text)
{
	(void)snprintf(server->move.text, sizeof(server->move.text), "%s", text);
	managed_server_begin_telling(server);
}

/* ---- the image ---- */

bool
managed_server_needs_image(const struct managed_server *server)
{
	return !server->image_known;
}

static void
managed_server_pull_line(void *context, const char *line, bool from_error)
{
	struct managed_server_task *task = context;
	struct managed_server *server = task->server;

	(void)from_error;
	if (pull_take_line(&server->pull, line))
		managed_server_tell(server);
}

static void
managed_server_pulled(struct managed_server *server, const struct job_result *result)
{
	char what[300];
	struct error e;

	loop_timer_cancel(&server->tick);
	if (job_succeeded(result) && !server->pulled) {
		server->pulled = true;
		log_info("pulled %s in %lld s", server->worker->conf->database.postgres.image,
		    (long long)result->ran_ms / 1000);
		managed_server_look(server);
		return;
	}
	(void)snprintf(what, sizeof(what), "the image %s is not there and cannot be pulled",
	    server->worker->conf->database.postgres.image);
	(void)managed_server_complain(server, what, result, &e);
	e.code = "container.image";
	managed_server_fail(server, &e);
}

/* Checks that the file of credentials can be read, since the engine's program says nothing when it cannot: it then
 * pulls without them. */
static int
managed_server_check_registry_auth(const char *path, struct error *e)
{
	struct stat st;

	if (access(path, R_OK) == -1 || stat(path, &st) == -1)
		return error_set_errno(e, STATUS_PERMISSION, "container.registry_auth",
		    "database.postgres.registry_auth: uid %u, which pulls the image, cannot read %s; let its group "
		    "read the file and enter the directories",
		    (unsigned)geteuid(), path);
	if ((st.st_mode & 07) != 0)
		return error_set(e, STATUS_PERMISSION, "container.registry_auth",
		    "database.postgres.registry_auth: every user of this host may read %s; take that away with: chmod "
		    "o= %s",
		    path, path);
	return 0;
}

/* The program's command to pull, up to the image: credentials are in a file, whose path alone is an argument. */
static void
managed_server_add_pull(const struct managed_server *server, struct arguments *arguments)
{
	const struct engine_kind *kind = server->engine.kind;
	const char *path = server->worker->conf->database.postgres.registry_auth;

	engine_begin(&server->engine, arguments);
	if (path[0] != '\0' && kind->auth_directory_option != NULL) {
		arguments_add(arguments, kind->auth_directory_option, NULL);
		arguments_addf(arguments, "%.*s", (int)(strrchr(path, '/') - path), path);
	}
	arguments_add(arguments, "pull", NULL);
	if (path[0] != '\0' && kind->auth_file_option != NULL)
		arguments_add(arguments, kind->auth_file_option, path, NULL);
}

void
managed_server_pull_image(struct managed_server *server)
{
	const char *auth = server->worker->conf->database.postgres.registry_auth;
	struct arguments arguments = { 0 };
	char name[512];
	struct error e;

	server->state = MANAGED_SERVER_PULLING;
	server->pull = (struct pull) { 0 };
	if (auth[0] != '\0' && managed_server_check_registry_auth(auth, &e) == -1) {
		managed_server_fail(server, &e);
		return;
	}
	managed_server_begin_telling(server);
	managed_server_add_pull(server, &arguments);
	pull_name(server->worker->conf->database.postgres.image, server->engine.kind->registry, name, sizeof(name));
	arguments_add(&arguments, name, NULL);
	(void)managed_server_run(server, MANAGED_SERVER_TASK_STEP, &arguments,
	    &(struct job_request) { .deadline_ms = MANAGED_SERVER_PULL_MS, .line = managed_server_pull_line },
	    managed_server_pulled);
}

/* ---- the database directory ---- */

bool
managed_server_is_to_be_set_up(const struct managed_server *server)
{
	return server->verifier != NULL || server->outdated;
}

bool
managed_server_needs_setup(const struct managed_server *server)
{
	return server->wanted == MANAGED_SERVER_WANT_INITIALISED || managed_server_is_to_be_set_up(server);
}

/* Whether the engine itself failed, and not a program in the container: both engines say so by the same status. */
static bool
managed_server_was_not_run(const struct job_result *result)
{
	return result->end == JOB_EXITED && result->status == MANAGED_SERVER_EXIT_OF_ENGINE;
}

/* What PostgreSQL said of an extension, a library or a locale that it cannot have; false: that was not the reason. */
static bool
managed_server_complain_of_extensions(const struct managed_server *server, const struct job_result *result,
    struct error *e)
{
	static const char *const words[] = { "ERROR:  ", "FATAL:  " };
	const char *line = NULL;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && line == NULL; i++)
		if ((line = strstr(result->error_text, words[i])) != NULL)
			line += strlen(words[i]);
	if (line == NULL || strstr(line, "No space left on device") != NULL)
		return false;
	(void)error_set(e, STATUS_CONFIG, "container.extensions",
	    "the configuration asks for what the server in the image %s cannot give: %.*s",
	    server->worker->conf->database.postgres.image, (int)strcspn(line, "\r\n"), line);
	return true;
}

/* initdb's words about a locale that the image does not have. */
static bool
managed_server_complain_of_locale(const struct managed_server *server, const struct job_result *result, struct error *e)
{
	static const char begins[] = "initdb: error: ";
	const char *line = strstr(result->error_text, begins);
	const struct conf *conf = server->worker->conf;

	if (line == NULL || strcasestr(line, "locale") == NULL ||
	    (conf->database.postgres.locale[0] == '\0' && conf->database.postgres.icu_locale[0] == '\0'))
		return false;
	line += strlen(begins);
	(void)error_set(e, STATUS_CONFIG, "container.locale",
	    "database.postgres.locale or icu_locale ask for what the image %s does not have: %.*s",
	    conf->database.postgres.image, (int)strcspn(line, "\r\n"), line);
	return true;
}

static void
managed_server_set_up(struct managed_server *server, const struct job_result *result)
{
	bool initialise = server->wanted == MANAGED_SERVER_WANT_INITIALISED;
	struct error e;

	server->setup_killing = false;
	loop_timer_cancel(&server->tick);
	if (server->wanted == MANAGED_SERVER_WANT_STOPPED) {
		managed_server_cancel(server, MANAGED_SERVER_TASK_KILL);
		loop_timer_cancel(&server->stop_timer);
		managed_server_look(server);
		return;
	}
	if (server->hopeful && managed_server_was_not_run(result)) {
		managed_server_look(server);
		return;
	}
	if (!job_succeeded(result) &&
	    (strstr(result->output, BOOTSTRAP_EXTENDS) != NULL
		    ? managed_server_complain_of_extensions(server, result, &e)
		    : managed_server_complain_of_locale(server, result, &e))) {
		managed_server_fail(server, &e);
		return;
	}
	if (!job_succeeded(result) || strstr(result->output, BOOTSTRAP_COMPLETE) == NULL) {
		(void)managed_server_complain(server, managed_server_setup_words(server), result, &e);
		if (e.status == STATUS_UNAVAILABLE)
			e.code = "container.bootstrap";
		managed_server_fail(server, &e);
		return;
	}
	if (initialise) {
		managed_server_say_initialised(server);
		return;
	}
	if (server->verifier != NULL)
		explicit_bzero(server->verifier, strlen(server->verifier));
	free(server->verifier);
	server->verifier = NULL;
	server->outdated = server->restored = false;
	managed_server_advance(server);
}

void
managed_server_begin_setup(struct managed_server *server)
{
	bool initialise = server->wanted == MANAGED_SERVER_WANT_INITIALISED;
	struct spec spec = managed_server_spec(server);
	struct job_request request = { .deadline_ms =
					   server->restored ? MANAGED_SERVER_REPLAY_MS : MANAGED_SERVER_SETUP_MS,
		.keep_input = true };
	struct arguments arguments = { 0 };
	struct arguments parameters = { 0 };
	char *sql;
	struct error e;

	server->state = MANAGED_SERVER_INITIALISING;
	server->engine_was_used = true;
	bootstrap_parameters(spec.conf, &parameters);
	sql = bootstrap_sql(server->verifier != NULL ? server->verifier : "",
	    initialise ? spec.conf->database.name : NULL, spec.conf->backup.repository[0] != '\0', &request.input_size,
	    &e);
	if (sql == NULL ||
	    spec_setup_arguments(&spec, managed_server_image(server), initialise ? "data.new" : "data",
		initialise ? bootstrap_initialise_script : bootstrap_verifier_script, &parameters, &arguments,
		&e) == -1)
		managed_server_fail(server, &e);
	else {
		managed_server_begin_telling(server);
		request.input = sql;
		(void)managed_server_run(server, MANAGED_SERVER_TASK_STEP, &arguments, &request, managed_server_set_up);
	}
	arguments_free(&parameters);
	if (sql != NULL)
		explicit_bzero(sql, request.input_size);
	free(sql);
}
