/*
 * The commands of bibctl: what each asks and what it makes of the answer.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/memfd.h"
#include "workers/control/bibctl/bibctl.h"
#include "workers/control/doctor/doctor.h"
#include "workers/control/request/answer.h"
#include "workers/control/shared/metrics.h"

/* How long a daemon that has closed the connection, without a word whether it stops, may take to be gone. */
#define COMMANDS_LAST_WORDS_MS 10000

/* Shows the last events below a status for people: how it came to be as it is. Shows nothing when they cannot be
 * had. */
static void
commands_show_recent(struct bibctl *bibctl)
{
	struct bibctl_recent recent = { .count = 0 };
	struct commands_answer answer;

	if (bibctl->output != &render_text)
		return;
	bibctl->recent = &recent;
	commands_ask(&answer, bibctl, MESSAGE_EVENTS_REQUEST, BIBCTL_ANSWER_MS);
	bibctl->recent = NULL;
	if (recent.count > 0)
		(void)fputs("\nThe last events:\n", bibctl->render.out);
	for (size_t i = recent.count > BIBCTL_RECENT ? recent.count - BIBCTL_RECENT : 0; i < recent.count; i++) {
		const struct message_event event = { .number = recent.events[i % BIBCTL_RECENT].number,
			.time_us = recent.events[i % BIBCTL_RECENT].time_us,
			.source = recent.events[i % BIBCTL_RECENT].source,
			.code = recent.events[i % BIBCTL_RECENT].code,
			.text = recent.events[i % BIBCTL_RECENT].text };

		bibctl->output->event(&bibctl->render, &event);
	}
}

static int
commands_status(struct bibctl *bibctl)
{
	struct commands_answer answer;
	bool ready;

	commands_ask_status(&answer, bibctl);
	if (answer.result.status != STATUS_OK)
		return commands_finish(&answer, "");
	ready = answer.status.node.ready;
	bibctl->output->status(&bibctl->render, &answer.status);
	snapshot_clear(&answer.status);
	commands_show_recent(bibctl);
	return ready ? STATUS_OK : STATUS_UNAVAILABLE;
}

static int
commands_metrics(struct bibctl *bibctl)
{
	struct commands_answer answer;

	commands_ask_status(&answer, bibctl);
	if (answer.result.status != STATUS_OK)
		return commands_finish(&answer, "");
	metrics_write(bibctl->render.out, &answer.status, bibctl->render.now_us);
	snapshot_clear(&answer.status);
	return STATUS_OK;
}

static int
commands_logs(struct bibctl *bibctl)
{
	struct commands_answer answer;
	char *log = NULL;
	size_t size = 0;

	commands_ask(&answer, bibctl, MESSAGE_LOG_REQUEST, BIBCTL_LOG_MS);
	if (answer.result.status == STATUS_OK && answer.fd == -1)
		(void)error_set(&answer.result, STATUS_BUG, "control.incomplete", "bibd answered without a log");
	if (answer.result.status == STATUS_OK)
		log = memfd_read(answer.fd, BIBCTL_LOG_MAX, &size, &answer.result);
	if (answer.fd != -1)
		close(answer.fd);
	if (log == NULL)
		return commands_finish(&answer, "");
	bibctl->output->log(&bibctl->render, log, size);
	free(log);
	return STATUS_OK;
}

static int
commands_ready(struct bibctl *bibctl)
{
	struct commands_answer answer;
	enum render_ready ready = RENDER_NO_RESPONSE;

	commands_ask(&answer, bibctl, MESSAGE_STATUS_REQUEST, BIBCTL_ANSWER_MS);
	/* The supervisor's own part is enough, even if the rest of the answer failed. */
	if (answer.status.has_node)
		ready = answer.status.node.ready ? RENDER_READY : RENDER_REJECTING;
	bibctl->output->ready(&bibctl->render, bibctl->path, ready, &answer.status,
	    answer.status.has_node || *answer.result.text == '\0' ? NULL : answer.result.text);
	snapshot_clear(&answer.status);
	return (int)ready;
}

static int
commands_events(struct bibctl *bibctl)
{
	struct commands_answer answer;

	commands_ask(&answer, bibctl, MESSAGE_EVENTS_REQUEST, BIBCTL_ANSWER_MS);
	return answer.result.status == STATUS_OK ? STATUS_OK : commands_finish(&answer, "");
}

static int
commands_audit_verify(struct bibctl *bibctl)
{
	struct commands_answer answer;

	commands_ask(&answer, bibctl, MESSAGE_AUDIT_VERIFY, BIBCTL_VERIFY_MS);
	if (answer.result.status == STATUS_OK && !answer.verified)
		(void)error_set(&answer.result, STATUS_BUG, "control.incomplete",
		    "bibd answered without what it found");
	if (answer.result.status != STATUS_OK)
		return commands_finish(&answer, "");
	bibctl->output->audit(&bibctl->render, &answer.audit);
	return STATUS_OK;
}

static int
commands_reload(struct bibctl *bibctl)
{
	struct commands_answer answer;

	commands_ask(&answer, bibctl, MESSAGE_RELOAD_REQUEST, BIBCTL_RELOAD_MS);
	return commands_finish(&answer, "the configuration was reloaded");
}

static int
commands_rotate_credentials(struct bibctl *bibctl)
{
	struct commands_answer answer;

	bibctl->what = "credentials";
	commands_ask(&answer, bibctl, MESSAGE_ROTATE_REQUEST, BIBCTL_RELOAD_MS);
	return commands_finish(&answer, "database passwords rotated");
}

static int
commands_stop(struct bibctl *bibctl)
{
	struct commands_answer answer = { .bibctl = bibctl, .fd = -1 };
	struct bibctl_connection connection;
	int64_t deadline = clock_now_ms() + BIBCTL_STOP_MS;
	struct error e;

	if (commands_begin(&answer, &connection, MESSAGE_STOP_REQUEST, clock_now_ms() + BIBCTL_ANSWER_MS) == -1)
		return commands_finish(&answer, "");
	commands_receive(&answer, &connection, deadline);
	if (answer.result.status != STATUS_OK && strcmp(answer.result.code, "control.closed") == 0) {
		/* Either the daemon stopped before it could say so, or the control worker died. */
		deadline = clock_now_ms() + COMMANDS_LAST_WORDS_MS;
		answer.result.status = STATUS_OK;
	}
	if (answer.result.status == STATUS_OK) {
		if (bibctl_await_end(&connection, bibctl->path, deadline, &e) == -1)
			answer.result = e;
		else
			(void)error_set(&answer.result, STATUS_OK, "control.stopped", "bibd has stopped");
	}
	bibctl_disconnect(&connection);
	return commands_finish(&answer, "");
}

#define TAKES_JSON BIBCTL_TAKES_JSON

const struct bibctl_command bibctl_commands[] = {
	{ "status", NULL, "status [--verbose]", "show the node, its workers, its clients, its store and its server",
	    TAKES_JSON | BIBCTL_TAKES_VERBOSE, commands_status },
	{ "ready", NULL, "ready [--verbose]",
	    "say whether clients are served: exit 0 yes, 1 not now, 2 no response, 3 not asked",
	    TAKES_JSON | BIBCTL_TAKES_VERBOSE, commands_ready },
	{ "events", NULL, "events [--follow] [--since AGE] [--only WORD]",
	    "show what happened last; with --follow, also what happens from now on",
	    TAKES_JSON | BIBCTL_TAKES_FOLLOW | BIBCTL_TAKES_SINCE, commands_events },
	{ "why", NULL, "why [--since AGE | --at TIME]",
	    "tell in sentences what happened: around the last outage, or around a time",
	    TAKES_JSON | BIBCTL_TAKES_SINCE | BIBCTL_TAKES_AT, bibctl_why },
	{ "logs", NULL, "logs [-n LINES]", "show the last lines of the managed PostgreSQL server's log",
	    TAKES_JSON | BIBCTL_TAKES_LINES, commands_logs },
	{ "clients", NULL, "clients", "list the clients: who they are, what they do and since when, what they hold",
	    TAKES_JSON, bibctl_clients },
	{ "top", NULL, "top [--interval AGE] [-n COUNT]",
	    "show clients, rates, latency, the pool and restarts, again and again; q ends it", BIBCTL_TAKES_INTERVAL,
	    bibctl_top },
	{ "kill", NULL, "kill ID", "end the session with that id; what it has not committed is rolled back",
	    TAKES_JSON | BIBCTL_TAKES_SESSION, bibctl_kill },
	{ "pause", NULL, "pause [--timeout AGE] [--for AGE]",
	    "let open transactions end, and new statements wait until resume", TAKES_JSON | BIBCTL_TAKES_PAUSE,
	    bibctl_pause },
	{ "resume", NULL, "resume", "let clients that were paused go on", TAKES_JSON, bibctl_resume },
	{ "restart", "server", "restart server", "restart the managed PostgreSQL server; idle clients wait for it",
	    TAKES_JSON, bibctl_restart_server },
	{ "metrics", NULL, "metrics", "show the numbers that are worth watching, as Prometheus reads them", 0,
	    commands_metrics },
	{ "doctor", NULL, "doctor [-f FILE]", "look for what is wrong, and say what to do; works without the daemon",
	    TAKES_JSON | BIBCTL_TAKES_FILE, bibctl_doctor },
	{ "plan", NULL, "plan [-f FILE]",
	    "say what a changed bibd.yaml would do; exit 0 nothing, 1 something, 2 refused",
	    TAKES_JSON | BIBCTL_TAKES_FILE, bibctl_plan },
	{ "move", "status", "move status [-f FILE]", "say where the rows are, and what a move has kept",
	    BIBCTL_TAKES_FILE, bibctl_move_status },
	{ "move", "finish", "move finish [-f FILE]", "remove the SQLite file whose rows were moved to PostgreSQL",
	    BIBCTL_TAKES_FILE, bibctl_move_finish },
	{ "compat", NULL, "compat FILE", "say which statements of a dump, a script or a log a node on SQLite takes",
	    TAKES_JSON | BIBCTL_TAKES_STATEMENTS, bibctl_compat },
	{ "backup", NULL, "backup [--full]", "make a backup now: what has changed since the last one, or all",
	    TAKES_JSON | BIBCTL_TAKES_FULL, bibctl_backup },
	{ "backup", "list", "backup list", "list the backups", 0, bibctl_backup_list },
	{ "backup", "verify", "backup verify", "read every backup, and say whether all are whole", TAKES_JSON,
	    bibctl_backup_verify },
	{ "backup", "key", "backup key", "make a new recovery key, and print it once", 0, bibctl_backup_key },
	{ "backup", "prune", "backup prune", "remove the backups that backup.keep does not keep", TAKES_JSON,
	    bibctl_backup_prune },
	{ "drill", NULL, "drill",
	    "restore the newest state that is stored, prove that it is whole, and remove it again", TAKES_JSON,
	    bibctl_drill },
	{ "restore", NULL, "restore [--into DIR | --in-place] [--to WHEN] [-f FILE]",
	    "restore the database, beside this node or in its place; works without the daemon",
	    TAKES_JSON | BIBCTL_TAKES_RESTORE | BIBCTL_TAKES_FILE, bibctl_restore },
	{ "restore-point", NULL, "restore-point NAME", "give the state of now a name, to which it can be restored",
	    TAKES_JSON | BIBCTL_TAKES_POINT, bibctl_restore_point },
	{ "identity", NULL, "identity", "show the public part of the node's identity", TAKES_JSON, bibctl_identity },
	{ "certificates", NULL, "certificates", "list the certificates, with the days that they are still valid",
	    TAKES_JSON, bibctl_certificates },
	{ "certificate", "operator", "certificate operator [-o DIR] [--days DAYS]",
	    "make a short-lived certificate, to log in over TCP as postgres", TAKES_JSON | BIBCTL_TAKES_CERTIFICATE,
	    bibctl_certificate_operator },
	{ "certificate", "client", "certificate client NAME [-o DIR] [--days DAYS]",
	    "make a certificate for a remote application, to log in as NAME",
	    TAKES_JSON | BIBCTL_TAKES_CERTIFICATE | BIBCTL_TAKES_NAME, bibctl_certificate_client },
	{ "login", "add", "login add NAME [-f FILE]", "give a remote application without a certificate a password",
	    TAKES_JSON | BIBCTL_TAKES_FILE | BIBCTL_TAKES_NAME, bibctl_login_add },
	{ "login", "remove", "login remove NAME [-f FILE]", "take its password away",
	    TAKES_JSON | BIBCTL_TAKES_FILE | BIBCTL_TAKES_NAME, bibctl_login_remove },
	{ "rotate", "credentials", "rotate credentials",
	    "give the logins at the managed PostgreSQL server new passwords; no statement fails", TAKES_JSON,
	    commands_rotate_credentials },
	{ "rotate", "identity", "rotate identity",
	    "make a new identity, encrypt everything anew and issue certificates from it", TAKES_JSON,
	    bibctl_rotate_identity },
	{ "reload", NULL, "reload", "read bibd.yaml again", TAKES_JSON, commands_reload },
	{ "stop", NULL, "stop", "stop the daemon in order, and wait for its end", TAKES_JSON, commands_stop },
	{ "audit", "verify", "audit verify",
	    "say whether the audit trail is whole, or which row is the first that is not", TAKES_JSON,
	    commands_audit_verify },
	{ "credentials", "reset", "credentials reset [--identity] [-f FILE]",
	    "set lost or damaged credentials aside; the next start makes new ones",
	    TAKES_JSON | BIBCTL_TAKES_FILE | BIBCTL_TAKES_IDENTITY, bibctl_credentials_reset },
	{ "completions", "bash", "completions bash", NULL, 0, bibctl_completions_bash },
	{ "completions", "zsh", "completions zsh", NULL, 0, bibctl_completions_zsh },
	{ "completions", "fish", "completions fish", NULL, 0, bibctl_completions_fish },
	{ NULL, NULL, NULL, NULL, 0, NULL },
};
