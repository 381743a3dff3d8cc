/*
 * Tries the sockets of Docker and Podman in turn, says why none can be used, and asks the one that can for its
 * version.
 */
#include "workers/container/engine/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"

static void engine_find_next(struct engine_finder *finder);

void
engine_begin(const struct engine *engine, struct arguments *arguments)
{
	arguments_add(arguments, engine->kind->program, engine->kind->socket_option, NULL);
	arguments_addf(arguments, "unix://%s", engine->socket);
}

void
engine_command(const struct engine *engine, char buf[ENGINE_COMMAND_MAX])
{
	(void)snprintf(buf, ENGINE_COMMAND_MAX, "%s %s unix://%s", engine->kind->program, engine->kind->socket_option,
	    engine->socket);
}

/* ---- the socket ---- */

/* The first directory of the path that we may not enter, or "" . */
static void
engine_closed_directory(const char *path, char *buf, size_t size)
{
	for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		(void)snprintf(buf, size, "%.*s", (int)(slash - path), path);
		if (faccessat(AT_FDCWD, buf, X_OK, AT_EACCESS) == -1)
			return;
	}
	buf[0] = '\0';
}

static int
engine_say_closed(const struct engine_kind *kind, const char *path, struct error *e)
{
	char directory[ENGINE_SOCKET_MAX], group[ENGINE_SOCKET_MAX + 32] = "";
	struct stat st = { 0 };

	engine_closed_directory(path, directory, sizeof(directory));
	if (directory[0] == '\0') {
		/* The group that owns it is given to us, but never root's. */
		if (stat(path, &st) == 0 && st.st_gid == 0)
			(void)snprintf(group, sizeof(group), "chgrp _bibctr %s && ", path);
		return error_set(e, STATUS_PERMISSION, "container.runtime_permission",
		    "%s's socket %s may not be used by uid %u (mode %04o, owner %u:%u); let bibd use it with: %schmod "
		    "g+rw %s, and have %s make it so at each start",
		    kind->name, path, (unsigned)geteuid(), (unsigned)st.st_mode & 07777, (unsigned)st.st_uid,
		    (unsigned)st.st_gid, group, path, kind->name);
	}
	(void)stat(directory, &st);
	return error_set(e, STATUS_PERMISSION, "container.runtime_permission",
	    "%s's socket %s cannot be reached by uid %u: the directory %s has mode %04o. Put [Socket] "
	    "SocketGroup=_bibctr ExecStartPost=/bin/chmod 0711 %s, a line each, into "
	    "/etc/systemd/system/%s.socket.d/bibd.conf, and run: "
	    "systemctl daemon-reload; systemctl restart %s.socket",
	    kind->name, path, (unsigned)geteuid(), directory, (unsigned)st.st_mode & 07777, directory, kind->name,
	    kind->name);
}

static int
engine_say_unreachable(const struct engine_kind *kind, const char *path, int errnum, enum engine_failure *failure,
    struct error *e)
{
	switch (errnum) {
	case EACCES:
	case EPERM:
		*failure = ENGINE_PERMISSION;
		return engine_say_closed(kind, path, e);
	case ECONNREFUSED:
		*failure = ENGINE_REFUSED;
		return error_set(e, STATUS_UNAVAILABLE, "container.runtime_down",
		    "%s is not running: nobody listens on %s; run: %s", kind->name, path, kind->start_hint);
	case EAGAIN:
		*failure = ENGINE_HANGS;
		return error_set(e, STATUS_UNAVAILABLE, "container.runtime_hangs",
		    "%s hangs: %s takes no connection any more; run: %s", kind->name, path, kind->restart_hint);
	default:
		*failure = ENGINE_SOCKET_MISSING;
		return error_set(e, STATUS_UNAVAILABLE, "container.runtime_missing",
		    "%s is not there: %s: %s; install %s, or run: %s", kind->name, path, strerror(errnum),
		    kind->package, kind->start_hint);
	}
}

bool
engine_reach(const struct engine_kind *kind, const char *socket_path, enum engine_failure *failure, struct error *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, n = snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path), errnum = 0;

	if (n < 0 || (size_t)n >= sizeof(address.sun_path))
		errnum = ENAMETOOLONG;
	else if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) == -1)
		errnum = errno;
	else {
		if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == -1)
			errnum = errno;
		close(fd);
	}
	if (errnum == 0)
		return true;
	(void)engine_say_unreachable(kind, socket_path, errnum, failure, e);
	return false;
}

/* ---- the search ---- */

static void
engine_add_candidate(struct engine_finder *finder, const struct engine_kind *kind, const char *path, size_t size)
{
	struct engine_candidate *candidate = &finder->candidates[finder->ncandidates];

	if (size == 0 || size >= sizeof(candidate->socket) || finder->ncandidates == ENGINE_CANDIDATES_MAX)
		return;
	candidate->kind = kind;
	(void)snprintf(candidate->socket, sizeof(candidate->socket), "%.*s", (int)size, path);
	finder->ncandidates++;
}

static void
engine_note_failure(struct engine_finder *finder, const struct engine_candidate *candidate, enum engine_failure failure,
    const struct error *e)
{
	static const char *const words[] = { [ENGINE_SOCKET_MISSING] = "no socket",
		[ENGINE_PROGRAM_MISSING] = "its program is not installed",
		[ENGINE_REFUSED] = "nobody listens",
		[ENGINE_PERMISSION] = "permission denied",
		[ENGINE_COMPLAINED] = "it does not answer as it should",
		[ENGINE_HANGS] = "it hangs" };
	size_t used = strlen(finder->tried);

	_Static_assert(sizeof(words) / sizeof(words[0]) == ENGINE_FAILURES, "words for every failure");
	(void)snprintf(finder->tried + used, sizeof(finder->tried) - used, "%s%s (%s): %s", used > 0 ? "; " : "",
	    candidate->kind->name, candidate->socket, words[failure]);
	if (finder->best.text[0] == '\0' || failure > finder->worst) {
		finder->worst = failure;
		finder->best = *e;
	}
	if (failure > ENGINE_SOCKET_MISSING)
		log_info("%s", e->text);
}

static void
engine_say_none(const struct engine_finder *finder, struct error *e)
{
	if (finder->kubernetes || finder->runtime == CONF_RUNTIME_KUBERNETES)
		(void)error_set(e, STATUS_CONFIG, "container.kubernetes",
		    "kubernetes runtime is not yet implemented; please use 'docker' or 'podman'");
	else if (finder->ncandidates == 0)
		(void)error_set(e, STATUS_UNAVAILABLE, "container.runtime",
		    "no container engine was found: install docker.io or podman, or name its socket in "
		    "database.postgres.socket_path");
	else if (finder->worst > ENGINE_SOCKET_MISSING || finder->runtime != CONF_RUNTIME_DETECT) {
		*e = finder->best;
		if (finder->runtime != CONF_RUNTIME_DETECT)
			return;
		e->code = "container.runtime";
		e->status = STATUS_UNAVAILABLE;
		(void)error_prefix(e, "no container engine answers: %s. ", finder->tried);
	} else
		(void)error_set(e, STATUS_UNAVAILABLE, "container.runtime",
		    "no container engine answers: %s; install docker.io or podman, or start the one that is there",
		    finder->tried);
}

static bool
engine_is_unlimited(const struct engine_kind *kind, const char *info)
{
	for (const char *const *mark = kind->limitless_marks; *mark != NULL; mark++)
		if (strstr(info, *mark) != NULL)
			return true;
	return false;
}

static void
engine_take_info(void *context, const struct job_result *result)
{
	struct engine_finder *finder = context;
	const struct engine_candidate *candidate = &finder->candidates[finder->next];
	const struct engine_kind *kind = candidate->kind;
	struct engine engine = { .kind = kind };
	char complaint[256];
	struct error e;
	size_t version = strcspn(result->output, "\t\r\n");

	finder->job = NULL;
	if (job_succeeded(result) && version > 0) {
		finder->searching = false;
		(void)snprintf(engine.socket, sizeof(engine.socket), "%s", candidate->socket);
		(void)snprintf(engine.version, sizeof(engine.version), "%.*s", (int)version, result->output);
		engine.rootless = strstr(result->output, kind->rootless_mark) != NULL;
		engine.unlimited = engine_is_unlimited(kind, result->output);
		finder->found(finder->context, &engine, NULL);
		return;
	}
	if (result->end == JOB_TIMED_OUT) {
		(void)error_set(&e, STATUS_UNAVAILABLE, "container.runtime_hangs",
		    "%s hangs: `%s info` on %s got no answer within %d s; run: %s", kind->name, kind->program,
		    candidate->socket, ENGINE_ANSWER_MS / 1000, kind->restart_hint);
		engine_note_failure(finder, candidate, ENGINE_HANGS, &e);
	} else {
		(void)error_set(&e, STATUS_UNAVAILABLE, "container.runtime_down",
		    "%s does not work: `%s info` on %s says: %s", kind->name, kind->program, candidate->socket,
		    job_complaint(result, complaint, sizeof(complaint)));
		engine_note_failure(finder, candidate, ENGINE_COMPLAINED, &e);
	}
	finder->next++;
	engine_find_next(finder);
}

static int
engine_ask_info(struct engine_finder *finder, struct error *e)
{
	const struct engine_candidate *candidate = &finder->candidates[finder->next];
	struct engine engine = { .kind = candidate->kind };
	struct arguments arguments = { 0 };

	(void)snprintf(engine.socket, sizeof(engine.socket), "%s", candidate->socket);
	engine_begin(&engine, &arguments);
	arguments_add(&arguments, "info", "--format", candidate->kind->info_format, NULL);
	if (arguments.failed)
		(void)error_set(e, STATUS_OS, "container.memory", "cannot ask %s: memory is out",
		    candidate->kind->name);
	else
		finder->job = job_start(finder->jobs,
		    &(struct job_request) { .program = candidate->kind->program,
			.argv = (const char *const *)arguments.words,
			.deadline_ms = ENGINE_ANSWER_MS,
			.done = engine_take_info,
			.context = finder },
		    e);
	arguments_free(&arguments);
	return finder->job != NULL ? 0 : -1;
}

static void
engine_ask_later(struct loop_timer *timer)
{
	struct engine_finder *finder = timer->arg;
	struct error e;

	if (engine_ask_info(finder, &e) == 0)
		return;
	engine_note_failure(finder, &finder->candidates[finder->next], ENGINE_COMPLAINED, &e);
	finder->next++;
	engine_find_next(finder);
}

/* Asks the engine behind a socket that is there. */
static int
engine_ask(struct engine_finder *finder, const struct engine_candidate *candidate, struct error *e)
{
	struct engine engine = { .kind = candidate->kind };
	struct stat st;
	bool later;

	(void)snprintf(engine.socket, sizeof(engine.socket), "%s", candidate->socket);
	engine.rootless = stat(candidate->socket, &st) == -1 || st.st_uid != 0;
	later = finder->asked(finder->context, &engine);
	if (!finder->searching)
		return 0;
	if (!later)
		return engine_ask_info(finder, e);
	loop_timer_set(finder->jobs->loop, &finder->later, ENGINE_LATER_MS, engine_ask_later, finder);
	return 0;
}

static void
engine_find_next(struct engine_finder *finder)
{
	char program[PATH_MAX];
	struct error e = { .text = "" };

	for (; finder->next < finder->ncandidates; finder->next++) {
		const struct engine_candidate *candidate = &finder->candidates[finder->next];
		enum engine_failure failure = ENGINE_COMPLAINED;
		bool installed =
		    job_find_program(finder->jobs->path, candidate->kind->program, program, sizeof(program));

		finder->installed |= installed;
		if (!engine_reach(candidate->kind, candidate->socket, &failure, &e)) {
			engine_note_failure(finder, candidate, failure, &e);
			continue;
		}
		if (!installed) {
			(void)error_set(&e, STATUS_UNAVAILABLE, "container.runtime_missing",
			    "%s listens on %s, but its program `%s` is in none of %s: install %s",
			    candidate->kind->name, candidate->socket, candidate->kind->program, finder->jobs->path,
			    candidate->kind->package);
			engine_note_failure(finder, candidate, ENGINE_PROGRAM_MISSING, &e);
			continue;
		}
		if (engine_ask(finder, candidate, &e) == 0)
			return;
		engine_note_failure(finder, candidate, failure, &e);
	}
	engine_say_none(finder, &e);
	if (!finder->installed && e.status == STATUS_UNAVAILABLE)
		e.code = "container.runtime_not_installed";
	finder->searching = false;
	finder->found(finder->context, NULL, &e);
}

void
engine_find(struct engine_finder *finder, struct jobs *jobs, const struct engine_search *search, engine_asked_fn *asked,
    engine_found_fn *found, void *context)
{
	*finder = (struct engine_finder) { .jobs = jobs,
		.searching = true,
		.asked = asked,
		.found = found,
		.context = context,
		.runtime = search->runtime,
		.kubernetes = search->kubernetes && search->runtime == CONF_RUNTIME_DETECT };
	if (search->runtime == CONF_RUNTIME_DETECT || search->runtime == CONF_RUNTIME_DOCKER)
		engine_add_candidate(finder, &engine_docker, search->docker_socket, strlen(search->docker_socket));
	for (const char *path = search->podman_sockets; *path != '\0';) {
		size_t size = strcspn(path, "\n");

		if (search->runtime == CONF_RUNTIME_DETECT || search->runtime == CONF_RUNTIME_PODMAN)
			engine_add_candidate(finder, &engine_podman, path, size);
		path += size + (path[size] == '\n');
	}
	engine_find_next(finder);
}

bool
engine_is_searched(const struct engine_finder *finder)
{
	return finder->searching;
}

bool
engine_may_be_another(const struct engine_finder *finder)
{
	return finder->searching && finder->next + 1 < finder->ncandidates;
}

void
engine_find_hurry(struct engine_finder *finder)
{
	if (finder->later.loop != NULL)
		loop_timer_set(finder->jobs->loop, &finder->later, 0, engine_ask_later, finder);
}

void
engine_find_cancel(struct engine_finder *finder)
{
	if (finder->job != NULL)
		job_cancel(finder->job);
	loop_timer_cancel(&finder->later);
	finder->job = NULL;
	finder->searching = false;
}
