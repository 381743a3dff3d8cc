/*
 * The death of one of the server's processes: PostgreSQL ends all sessions then and recovers by itself, so that the
 * container goes on and its log alone tells. It is read when a connection was lost, and from where it was read last.
 */
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "workers/container/cause.h"
#include "workers/container/container.h"
#include "workers/container/usage.h"

#define CRASH_FIRST_MS 300 /* after the death: by then the line about it has come through the engine */
#define CRASH_SECOND_MS \
	2000 /* for a line that was late, and for deaths within the second in which bibd-postgres does not ask again */
#define CRASH_LOOKS 2

static void
managed_server_tell_crash(struct managed_server *server, const char *log, int64_t asked_us)
{
	struct managed_server_crash *crash = &server->crash;
	int64_t kills = usage_read_kills(server->watch.kills_fd);
	char text[ERROR_TEXT_MAX];
	struct message_server_crashed crashed = { .cause = text };

	crashed.code = cause_of_crash(log, kills > crash->kills,
	    (long long)server->worker->conf->database.postgres.memory_mb, text, sizeof(text));
	/* The engine may count time in whole seconds, and give a line twice. */
	if (crashed.code == NULL || strcmp(text, crash->told) == 0)
		return;
	(void)snprintf(crash->told, sizeof(crash->told), "%s", text);
	crash->kills = kills;
	crash->since_us = asked_us;
	(void)channel_send_server_crashed(&server->worker->channel, 0, &crashed, -1);
}

static void managed_server_crash_look(struct loop_timer *timer);

static void
managed_server_crash_looked(struct managed_server *server, const struct job_result *result)
{
	/* The end of the whole server is told by server_watch.c. */
	if (server->state != MANAGED_SERVER_RUNNING || server->watch.ended)
		return;
	if (job_succeeded(result))
		managed_server_tell_crash(server, result->output, server->crash.asked_us);
	if (--server->crash.looks > 0)
		loop_timer_set(&server->worker->loop, &server->crash.timer, CRASH_SECOND_MS, managed_server_crash_look,
		    server);
}

static void
managed_server_crash_look(struct loop_timer *timer)
{
	struct managed_server *server = timer->arg;
	struct arguments arguments = { 0 };
	int64_t since = server->crash.since_us;

	if (server->state != MANAGED_SERVER_RUNNING || server->watch.ended)
		return;
	server->crash.asked_us = clock_realtime_us();
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "logs", "--since", NULL);
	arguments_addf(&arguments, "%lld.%06lld", (long long)(since / 1000000), (long long)(since % 1000000));
	arguments_add(&arguments, "--tail", MANAGED_SERVER_DEATH_LOG_LINES, server->container.id, NULL);
	(void)managed_server_run(server, MANAGED_SERVER_TASK_CRASH, &arguments,
	    &(struct job_request) { .deadline_ms = ENGINE_ANSWER_MS,
		.merged = true,
		.only_end = true,
		.output_max = MANAGED_SERVER_LOG_MAX },
	    managed_server_crash_looked);
}

void
managed_server_look_for_crash(struct managed_server *server)
{
	if (server->state != MANAGED_SERVER_RUNNING || server->watch.ended)
		return;
	server->crash.looks = CRASH_LOOKS;
	if (!managed_server_is_busy(server, MANAGED_SERVER_TASK_CRASH))
		loop_timer_set(&server->worker->loop, &server->crash.timer, CRASH_FIRST_MS, managed_server_crash_look,
		    server);
}

void
managed_server_crash_begin(struct managed_server *server)
{
	server->crash.since_us = clock_realtime_us();
	server->crash.told[0] = '\0';
}

void
managed_server_crash_end(struct managed_server *server)
{
	managed_server_cancel(server, MANAGED_SERVER_TASK_CRASH);
	loop_timer_cancel(&server->crash.timer);
	server->crash.looks = 0;
}
