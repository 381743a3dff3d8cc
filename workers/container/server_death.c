/*
 * Tells of a server that has ended: the supervisor its cause, and readers of bibd's log the end of the server's.
 */
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "workers/container/cause.h"
#include "workers/container/container.h"

static void
managed_server_removed_incompatible(struct managed_server *server, const struct job_result *result)
{
	(void)server;
	(void)result;
}

/* What the server logged last, for readers of bibd's log. */
static void
managed_server_repeat_log(const struct managed_server *server, const char *code)
{
	static const char *const asked[] = { "server.stopped_by_operator", "server.restarted_by_operator",
		"server.removed" };
	const char *lines[MANAGED_SERVER_LAST_WORDS];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		if (strcmp(code, asked[i]) == 0)
			return;
	for (const char *line = server->watch.log; line != NULL && *line != '\0'; line += strspn(line, "\n")) {
		size_t size = strcspn(line, "\n");

		if (cause_may_repeat(line, size))
			lines[n++ % MANAGED_SERVER_LAST_WORDS] = line;
		line += size;
	}
	if (n > 0)
		log_error("the end of the server's log:");
	for (size_t i = n > MANAGED_SERVER_LAST_WORDS ? n - MANAGED_SERVER_LAST_WORDS : 0; i < n; i++)
		log_error("  %.*s", (int)strcspn(lines[i % MANAGED_SERVER_LAST_WORDS], "\n"),
		    lines[i % MANAGED_SERVER_LAST_WORDS]);
}

/* PostgreSQL has refused the directory without touching it, so the container and its note are removed. */
static void
managed_server_note_incompatible(struct managed_server *server, const char *text)
{
	struct arguments arguments = { 0 };
	struct error e;

	(void)snprintf(server->incompatible, sizeof(server->incompatible), "%s", text);
	if (images_forget(server->home, server->image_id, &e) == -1)
		log_warning("%s", e.text);
	if (server->watch.log != NULL && record_write_log(server->home, server->watch.log, &e) == -1)
		log_warning("%s", e.text);
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "rm", "--volumes", server->container.id, NULL);
	record_remove(server->home);
	(void)managed_server_run(server, MANAGED_SERVER_TASK_KILL, &arguments, NULL,
	    managed_server_removed_incompatible);
}

void
managed_server_report_death(struct managed_server *server)
{
	const struct cause_facts facts = { .engine = server->engine.kind->name,
		.container = &server->container,
		.signalled = server->watch.signalled,
		.signal = server->watch.signal,
		.stopped = server->watch.stopped,
		.engine_lost = server->watch.engine_lost,
		.restarted = server->watch.restarted,
		.memory_mb = (long long)server->worker->conf->database.postgres.memory_mb,
		.log = server->watch.log != NULL ? server->watch.log : "" };
	char text[ERROR_TEXT_MAX];
	struct message_server_died died = { .cause = text };

	server->container.out_of_memory |= server->watch.out_of_memory;
	died.code = cause_of_death(&facts, text, sizeof(text));
	managed_server_repeat_log(server, died.code);
	if (strcmp(died.code, "server.incompatible") == 0)
		managed_server_note_incompatible(server, text);
	server->container.running = false;
	server->state = MANAGED_SERVER_ABSENT;
	managed_server_watch_end(server);
	(void)channel_send_server_died(&server->worker->channel, 0, &died, -1);
}
