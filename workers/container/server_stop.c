/*
 * The orderly end of a container, and the end by force. The engine's `wait` tells of it, and not the event stream, so
 * that a stop does not hang on that.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/container/container.h"
#include "workers/container/owner.h"

#define SERVER_SETUP_RETRY_MS 100

static void
server_stop_failed(struct server *server, const char *what, const struct job_result *result)
{
	struct error e;

	server_cancel(server, SERVER_TASK_KILL);
	server_cancel(server, SERVER_TASK_WAIT);
	loop_timer_cancel(&server->stop_timer);
	(void)server_complain(server, what, result, &e);
	server_fail(server, &e);
}

/* A container that has ended in the meantime cannot be signalled: the wait tells of it. */
static void
server_signalled(struct server *server, const struct job_result *result)
{
	char complaint[256];

	(void)server;
	if (!job_succeeded(result))
		log_info("signalling the server's container: %s", job_complaint(result, complaint, sizeof(complaint)));
}

static int
server_signal(struct server *server, const char *name)
{
	struct arguments arguments = { 0 };

	server_cancel(server, SERVER_TASK_KILL);
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "kill", "--signal", name, server->container.id, NULL);
	return server_run(server, SERVER_TASK_KILL, &arguments,
	    &(struct job_request) { .deadline_ms = ENGINE_ANSWER_MS }, server_signalled);
}

static void
server_ended(struct server *server, const struct job_result *result)
{
	server_cancel(server, SERVER_TASK_KILL);
	loop_timer_cancel(&server->stop_timer);
	if (job_succeeded(result)) {
		server->container.running = false;
		server->container.exit_code = (int)strtol(result->output, NULL, 10);
		server->stopped = true;
		server_advance(server);
	} else if (result->end == JOB_EXITED && !server->wait_failed) {
		server->wait_failed = true;
		/* Removed under our hands, or the engine is going: what is there decides. */
		server->container.running = false;
		server_look(server);
	} else
		server_stop_failed(server, "stopping the server's container", result);
}

static void
server_stop_by_force(struct loop_timer *timer)
{
	struct server *server = timer->arg;
	struct job_result nothing = { .end = JOB_TIMED_OUT, .output = "", .error_text = "", .ran_ms = SERVER_KILL_MS };

	if (server->killed) {
		server_stop_failed(server, "killing the server's container", &nothing);
		return;
	}
	server->killed = true;
	log_warning("PostgreSQL did not stop in time and is killed; it will recover at its next start");
	if (server_signal(server, "KILL") == 0)
		loop_timer_set(
		    &server->worker->loop, &server->stop_timer, SERVER_KILL_MS, server_stop_by_force, server);
}

static int
server_wait(struct server *server)
{
	struct arguments arguments = { 0 };

	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "wait", NULL);
	arguments_add_list(&arguments, server->engine.kind->wait_options);
	arguments_add(&arguments, server->container.id, NULL);
	/* Its end is stop_timer's business. */
	return server_run(server, SERVER_TASK_WAIT, &arguments,
	    &(struct job_request) { .deadline_ms = JOB_NO_DEADLINE }, server_ended);
}

void
server_stop_container(struct server *server)
{
	int64_t left;

	if (server->stop_at == CLOCK_NEVER)
		server->stop_at = clock_now_ms() + SERVER_REPLACE_STOP_MS;
	left = server->stop_at - clock_now_ms();
	if (!server->killed)
		loop_timer_set(
		    &server->worker->loop, &server->stop_timer, left > 0 ? left : 0, server_stop_by_force, server);
	if (server->state == SERVER_STOPPING)
		return;
	server->state = SERVER_STOPPING;
	if (server_wait(server) == 0 && left > 0)
		(void)server_signal(server, "INT");
}

/* ---- the one-shot container ---- */

static void
server_kill_setup_again(struct loop_timer *timer)
{
	server_kill_setup(timer->arg);
}

static void
server_setup_killed(struct server *server, const struct job_result *result)
{
	(void)result;
	/* The engine may not have made it yet: as long as its job is there, so may be the container. */
	if (server_is_busy(server, SERVER_TASK_STEP))
		loop_timer_set(
		    &server->worker->loop, &server->stop_timer, SERVER_SETUP_RETRY_MS, server_kill_setup_again, server);
}

/* By its id and never by its name, which may be that of a container of a copy of this node. */
static void
server_setup_inspected(struct server *server, const struct job_result *result)
{
	struct arguments arguments = { 0 };
	char name[ENGINE_NAME_MAX];

	spec_setup_name(server->worker->node_id, name, sizeof(name));
	inspection_find(result->output, name, &server->setup);
	if (owner_of_setup(server, &server->setup) != OWNER_US) {
		server_setup_killed(server, result);
		return;
	}
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "rm", "--force", "--volumes", server->setup.id, NULL);
	(void)server_run(server, SERVER_TASK_KILL, &arguments, NULL, server_setup_killed);
}

void
server_kill_setup(struct server *server)
{
	if (server_is_busy(server, SERVER_TASK_STEP))
		(void)server_inspect(server, server_setup_inspected);
}
