/*
 * What bibctl says to programs: one object a line. bibctl(8) describes the members; RENDER_SCHEMA is their version.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/roles.h"
#include "common/traffic.h"
#include "workers/control/shared/escape.h"
#include "workers/control/show/json.h"
#include "workers/control/show/verdict.h"

static void
json_sandbox(struct json *json, const struct message_status_process *process)
{
	char capabilities[24];

	(void)snprintf(capabilities, sizeof(capabilities), "%" PRIx64, process->capabilities);
	json_open(json, "sandbox", '{');
	json_number(json, "landlock", process->landlock);
	json_boolean(json, "observed", process->observed);
	if (process->observed) {
		json_number(json, "uid", process->uid);
		json_boolean(json, "no_new_privileges", process->no_new_privileges);
		json_boolean(json, "seccomp", process->seccomp);
		json_text(json, "capabilities", capabilities);
	}
	json_close(json, '}');
}

static void
json_status_process(struct json *json, const struct message_status_process *process, bool verbose)
{
	if (json->comma)
		(void)fputc(',', json->file);
	json_open(json, NULL, '{');
	json_text(json, "name", process->name);
	json_key(json, "pid");
	if (process->pid == 0)
		(void)fputs("null", json->file);
	else
		(void)fprintf(json->file, "%" PRIu32, process->pid);
	json_text(json, "user", process->user);
	json_text(json, "state", process->state);
	json_boolean(json, "healthy", process->healthy);
	json_text_or_null(json, "complaint", process->complaint);
	json_time(json, "since", process->since_us);
	json_number(json, "restarts", process->restarts);
	json_text_or_null(json, "last_cause", process->last_cause);
	json_time(json, "failed", process->failed_us);
	json_time(json, "next_try", process->next_try_us);
	if (verbose && process->pid != 0)
		json_sandbox(json, process);
	json_close(json, '}');
}

static void
json_status_server(struct json *json, const struct message_status_server *server)
{
	json_open(json, "server", '{');
	json_text(json, "state", server->state);
	json_time(json, "since", server->since_us);
	json_text_or_null(json, "progress", server->progress);
	json_number(json, "restarts", server->restarts);
	json_number(json, "crashes", server->crashes);
	json_text_or_null(json, "last_cause", server->last_cause);
	json_time(json, "failed", server->failed_us);
	json_time(json, "next_try", server->next_try_us);
	json_text_or_null(json, "engine", server->engine);
	json_text_or_null(json, "engine_version", server->engine_version);
	json_text_or_null(json, "container", server->container);
	json_text_or_null(json, "container_id", server->container_id);
	json_text_or_null(json, "image", server->image);
	json_text_or_null(json, "image_id", server->image_id);
	json_text_or_null(json, "address", server->address);
	json_number_or_null(json, "memory_bytes", server->memory_bytes);
	json_number_or_null(json, "memory_max_bytes", server->memory_max_bytes);
	json_text_or_null(json, "logins", server->logins);
	json_time(json, "rotated", server->rotated_us);
	json_time(json, "next_rotation", server->next_rotation_us);
	json_text_or_null(json, "rotation", server->rotation);
	json_text_or_null(json, "warning", server->warning);
	json_text_or_null(json, "waits_for", server->outside);
	json_close(json, '}');
}

/* How many waited for a connection, and how long half and 99 of 100 of them at most. */
static void
json_status_waits(struct json *json, const struct message_statistics *s)
{
	uint64_t counts[TRAFFIC_BUCKETS] = { 0 }, waits = 0;

	(void)traffic_read(s->waited, counts);
	for (size_t i = 0; i < TRAFFIC_BUCKETS; i++)
		waits += counts[i];
	json_number(json, "waits", waits);
	json_number(json, "wait_p50_us", traffic_percentile_us(counts, 500));
	json_number(json, "wait_p99_us", traffic_percentile_us(counts, 990));
}

static void
json_status_storage(struct json *json, const struct message_statistics *s, bool pooled)
{
	json_open(json, "storage", '{');
	json_text(json, "state", s->store_state);
	json_number(json, "store_bytes", s->store_bytes);
	json_number(json, "wal_bytes", s->wal_bytes);
	json_number(json, "writers_waiting", s->writers_waiting);
	json_number(json, "statements", s->statements);
	json_number(json, "transactions", s->transactions);
	if (pooled) {
		json_number(json, "clients_waiting", s->clients_waiting);
		json_status_waits(json, s);
		json_number_or_null(json, "probe_us", s->probe_us);
	} else {
		json_number(json, "plans_found", s->plans_found);
		json_number(json, "plans_made", s->plans_made);
	}
	json_open(json, "connections", '{');
	json_number(json, "open", s->connections_open);
	json_number(json, "max", s->connections_max);
	json_number(json, "pinned", s->connections_pinned);
	json_number(json, "busy", s->connections_busy);
	json_close(json, '}');
	json_open(json, "sessions", '{');
#define ROLE_COUNT(NAME, name) json_number(json, #name, s->sessions_##name);
	ROLE_TABLE(ROLE_COUNT)
#undef ROLE_COUNT
	json_number(json, "starting", s->sessions_starting);
	json_close(json, '}');
	json_close(json, '}');
}

static void
json_status_disks(struct json *json, const struct snapshot *status)
{
	json_open(json, "disks", '[');
	for (size_t i = 0; i < status->ndisks; i++) {
		if (i > 0)
			(void)fputc(',', json->file);
		json_open(json, NULL, '{');
		json_text(json, "path", status->disks[i].path);
		json_number(json, "free_bytes", status->disks[i].free_bytes);
		json_number(json, "size_bytes", status->disks[i].size_bytes);
		json_boolean(json, "low", status->disks[i].low);
		json_close(json, '}');
	}
	json_close(json, ']');
}

/* In one sentence, and each thing that is wrong, the worst first. */
static void
json_verdict(struct json *json, const struct snapshot *status, int64_t now_us)
{
	char sentence[VERDICT_SENTENCE_MAX];
	struct verdict verdict;

	verdict_make(&verdict, status, now_us);
	json_text(json, "summary", verdict_sentence(&verdict, sentence, sizeof(sentence)));
	json_open(json, "problems", '[');
	for (size_t i = 0; i < verdict.nproblems; i++) {
		(void)fputs(i == 0 ? "" : ",", json->file);
		escape_put_json(json->file, verdict.problems[i].text);
	}
	json_close(json, ']');
}

static void
json_status_backup(struct json *json, const struct snapshot *status)
{
	if (!status->has_backup) {
		json_text_or_null(json, "backup", NULL);
		return;
	}
	json_open(json, "backup", '{');
	json_time(json, "made", status->backup.backup_us);
	json_time(json, "stored", status->backup.stored_us);
	json_time(json, "proven", status->backup.proven_us);
	json_time(json, "drilled", status->backup.drilled_us);
	json_text_or_null(json, "opened_by", status->backup.opens);
	json_close(json, '}');
}

static void
json_status(const struct render *render, const struct snapshot *status)
{
	const struct message_status_node *node = &status->node;
	struct json json = json_begin(render);

	json_text(&json, "version", node->version);
	json_text(&json, "node_id", node->node_id);
	json_number(&json, "pid", node->pid);
	json_text(&json, "mode", node->mode);
	json_text(&json, "backend", node->backend);
	json_text(&json, "phase", node->phase);
	json_boolean(&json, "ready", node->ready);
	json_verdict(&json, status, render->now_us);
	json_time(&json, "started", node->started_us);
	json_time(&json, "ready_since", node->ready ? node->ready_since_us : 0);
	json_time(&json, "down_since", node->down_since_us);
	json_time(&json, "paused", node->paused_us);
	json_time(&json, "paused_until", node->paused_until_us);
	json_boolean(&json, "separated", node->separated);
	json_text(&json, "socket", node->socket);
	json_text_or_null(&json, "tcp", node->tcp);
	json_text_or_null(&json, "configuration", node->conf_path);
	json_open(&json, "processes", '[');
	for (size_t i = 0; i < status->nprocesses; i++)
		json_status_process(&json, &status->processes[i], render->verbose);
	json_close(&json, ']');
	json_status_disks(&json, status);
	json_status_backup(&json, status);
	if (status->has_server)
		json_status_server(&json, &status->server);
	if (status->has_statistics)
		json_status_storage(&json, &status->statistics, snapshot_is_postgres(status));
	else
		json_text_or_null(&json, "storage", NULL);
	json_end(&json);
}

static void
json_ready(const struct render *render, const char *socket, enum render_ready answer, const struct snapshot *status,
    const char *why)
{
	static const char *const answers[] = { [RENDER_READY] = "ready",
		[RENDER_REJECTING] = "rejecting",
		[RENDER_NO_RESPONSE] = "no response",
		[RENDER_NO_ATTEMPT] = "no attempt" };
	_Static_assert(sizeof(answers) / sizeof(answers[0]) == RENDER_READY_ANSWERS, "one word for each answer");
	struct json json = json_begin(render);

	json_boolean(&json, "ready", answer == RENDER_READY);
	json_text(&json, "answer", answers[answer]);
	json_text_or_null(&json, "phase", status->has_node ? status->node.phase : NULL);
	json_text_or_null(&json, "control_socket", socket);
	json_text_or_null(&json, "error", why);
	if (render->verbose)
		json_status_backup(&json, status);
	json_end(&json);
}

static void
json_event(const struct render *render, const struct message_event *event)
{
	struct json json = json_begin(render);

	json_number(&json, "number", event->number);
	json_time(&json, "time", event->time_us);
	json_text(&json, "severity", render_severity_names[render_severity(event->code)]);
	json_text(&json, "source", event->source);
	json_text(&json, "code", event->code);
	json_text(&json, "text", event->text);
	json_end(&json);
	(void)fflush(render->out);
}

/* Writes an object for each line of the log. */
static void
json_log(const struct render *render, const char *log, size_t size)
{
	const char *end = log + size;

	while (log < end) {
		const char *newline = memchr(log, '\n', (size_t)(end - log));
		size_t length = (size_t)((newline == NULL ? end : newline) - log);
		char *line = strndup(log, length);
		struct json json = json_begin(render);

		json_text(&json, "line", line == NULL ? "" : line);
		json_end(&json);
		free(line);
		log += length + (newline == NULL ? 0 : 1);
	}
}

static void
json_audit(const struct render *render, const struct message_audit_verified *audit)
{
	struct json json = json_begin(render);

	json_open(&json, "audit", '{');
	json_boolean(&json, "whole", true);
	json_number(&json, "rows", audit->rows);
	json_number(&json, "signed_rows", (uint64_t)audit->signed_rows);
	json_number(&json, "heads", audit->heads);
	json_close(&json, '}');
	json_end(&json);
}

static void
json_identity(const struct render *render, const char *fingerprint, const char *public_pem)
{
	struct json json = json_begin(render);

	json_text(&json, "fingerprint", fingerprint);
	json_text(&json, "public_key", public_pem);
	json_end(&json);
}

/* One object for each. */
static void
json_certificates(const struct render *render, const struct snapshot *status)
{
	for (size_t i = 0; i < status->ncertificates; i++) {
		const struct message_certificate *certificate = &status->certificates[i];
		int64_t left_s = (certificate->not_after_us - render->now_us) / 1000000;
		struct json json = json_begin(render);

		json_text(&json, "name", certificate->name);
		json_text(&json, "subject", certificate->subject);
		json_text(&json, "issuer", certificate->issuer);
		json_text(&json, "serial", certificate->serial);
		json_text_or_null(&json, "path", certificate->path);
		json_time(&json, "not_before", certificate->not_before_us);
		json_time(&json, "not_after", certificate->not_after_us);
		json_key(&json, "seconds_left");
		(void)fprintf(json.file, "%" PRId64, left_s);
		json_end(&json);
	}
}

/* One object for each. */
static void
json_clients(const struct render *render, const struct client_row *rows, size_t n)
{
	char user[RENDER_USER_SIZE];

	for (size_t i = 0; i < n; i++) {
		struct json json = json_begin(render);

		json_number(&json, "id", rows[i].id);
		json_text(&json, "role", rows[i].role);
		json_text_or_null(&json, "user", render_user(rows[i].uid, user, sizeof(user)));
		json_number(&json, "uid", (uint64_t)rows[i].uid);
		json_number_or_null(&json, "pid", (uint64_t)rows[i].pid);
		json_text_or_null(&json, "application", rows[i].application);
		json_text(&json, "state", rows[i].state);
		json_time(&json, "since", rows[i].since_us);
		json_time(&json, "connected", rows[i].connected_us);
		json_time(&json, "transaction", rows[i].transaction_us);
		json_text_or_null(&json, "holds", rows[i].holds);
		json_number(&json, "statements", rows[i].statements);
		json_number_or_null(&json, "server_pid", rows[i].server_pid);
		json_number(&json, "bytes", rows[i].bytes);
		json_boolean(&json, "statement_shown", rows[i].shown);
		json_text_or_null(&json, "statement", rows[i].statement);
		json_end(&json);
	}
}

static void
json_finding(const struct render *render, const struct render_finding *finding)
{
	struct json json = json_begin(render);

	json_text(&json, "check", finding->check);
	json_text(&json, "verdict", render_verdict_names[finding->verdict]);
	json_text(&json, "text", finding->text);
	json_text_or_null(&json, "advice", finding->advice);
	json_end(&json);
	(void)fflush(render->out);
}

static void
json_result(const struct render *render, const struct message_result *result)
{
	struct json json = json_begin(render);

	json_open(&json, "result", '{');
	json_number(&json, "status", result->status);
	json_text(&json, "code", result->code);
	json_text(&json, "text", result->text);
	json_close(&json, '}');
	json_end(&json);
}

const struct render_output render_json = { json_status, json_ready, json_event, json_log, json_audit, json_identity,
	json_certificates, json_clients, json_finding, json_story, json_compat, json_result };
