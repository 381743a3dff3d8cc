/* What is wrong with a node, read off its status: each kind of trouble has a function, and each is said once. */
#include "workers/control/show/verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* A certificate that ends within this is a hint; keeper renews its own long before. */
#define VERDICT_CERTIFICATE_US (INT64_C(7) * 86400 * 1000000)

static void __attribute__((format(printf, 3, 4)))
verdict_add(struct verdict *verdict, enum verdict_weight weight, const char *fmt, ...)
{
	struct verdict_problem *problem = &verdict->problems[verdict->nproblems];
	va_list ap;

	if (verdict->nproblems == VERDICT_PROBLEMS_MAX)
		return;
	problem->weight = weight;
	va_start(ap, fmt);
	if (vsnprintf(problem->text, sizeof(problem->text), fmt, ap) < 0)
		problem->text[0] = '\0';
	va_end(ap);
	verdict->nproblems++;
}

/* ": the cause", or nothing. */
static const char *
verdict_colon(const char *cause)
{
	return *cause == '\0' ? "" : ": ";
}

/* ---- the processes ---- */

static bool
verdict_is_storage(const struct message_status_process *process)
{
	return strcmp(process->name, "bibd-sqlite") == 0 || strcmp(process->name, "bibd-postgres") == 0;
}

static bool
verdict_is(const char *state, const char *word)
{
	return strcmp(state, word) == 0;
}

static void
verdict_look_at_process(struct verdict *verdict, const struct message_status_process *process, int64_t now_us)
{
	enum verdict_weight weight = verdict_is_storage(process) ? VERDICT_OUTAGE : VERDICT_TROUBLE;
	char ago[RENDER_AGO_SIZE], in[RENDER_UNIT_SIZE];

	(void)render_ago(now_us - process->failed_us, ago, sizeof(ago));
	if (process->next_try_us != 0)
		verdict_add(verdict, weight, "%s failed %s, next try in %s: %s", process->name,
		    process->failed_us == 0 ? "to start" : ago,
		    render_duration(process->next_try_us - now_us, in, sizeof(in)), process->last_cause);
	else if ((verdict_is(process->state, "starting") || verdict_is(process->state, "waiting")) &&
	    process->failed_us != 0)
		verdict_add(verdict, weight, "%s failed %s and is being started again: %s", process->name, ago,
		    process->last_cause);
	else if (verdict_is(process->state, "absent") && *process->last_cause != '\0')
		verdict_add(verdict, weight, "%s is not started again: %s", process->name, process->last_cause);
	else if (verdict_is(process->state, "up") && !process->healthy)
		verdict_add(verdict, weight, "%s is not healthy%s%s", process->name, verdict_colon(process->complaint),
		    process->complaint);
}

/* ---- the store ---- */

/* While the store is being opened, the node starts, which is no trouble. */
static void
verdict_look_at_store(struct verdict *verdict, const struct snapshot *status)
{
	static const struct {
		const char *state, *words;
	} states[] = {
		{ "disk full", "the disk is full: the store takes nothing new" },
		{ "damaged", "the store's file is damaged; bibd(8) says what to do" },
	};
	const char *state = status->statistics.store_state;

	if (!status->has_statistics) {
		if (status->node.ready)
			verdict_add(verdict, VERDICT_TROUBLE,
			    "the storage worker did not say within a second how it is");
		return;
	}
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (verdict_is(state, states[i].state)) {
			verdict_add(verdict, VERDICT_OUTAGE, "%s", states[i].words);
			return;
		}
	if (status->node.ready && *state != '\0' && !verdict_is(state, "open"))
		verdict_add(verdict, VERDICT_OUTAGE, "the store is not open: %s", state);
}

/* ---- the managed server ---- */

static void
verdict_look_at_server(struct verdict *verdict, const struct snapshot *status, int64_t now_us)
{
	const struct message_status_server *server = &status->server;
	char ago[RENDER_AGO_SIZE], in[RENDER_UNIT_SIZE];

	if (!status->has_server)
		return;
	(void)render_ago(now_us - server->failed_us, ago, sizeof(ago));
	(void)render_duration(server->next_try_us - now_us, in, sizeof(in));
	if (server->next_try_us != 0 && *server->outside != '\0')
		verdict_add(verdict, VERDICT_OUTAGE, "PostgreSQL waits for %s, next try in %s: %s", server->outside, in,
		    server->last_cause);
	else if (server->next_try_us != 0)
		verdict_add(verdict, VERDICT_OUTAGE, "PostgreSQL failed %s, next try in %s: %s", ago, in,
		    server->last_cause);
	else if (verdict_is(server->state, "in doubt"))
		verdict_add(verdict, VERDICT_OUTAGE, "PostgreSQL does not answer%s%s", verdict_colon(server->progress),
		    server->progress);
	else if (verdict_is(server->state, "starting") && server->failed_us != 0)
		verdict_add(verdict, VERDICT_OUTAGE, "PostgreSQL failed %s (%s) and is being started again", ago,
		    server->last_cause);
	if (*server->warning != '\0')
		verdict_add(verdict, VERDICT_HINT, "%s", server->warning);
}

/* ---- the rest ---- */

static void
verdict_look_at_disks(struct verdict *verdict, const struct snapshot *status)
{
	char room[RENDER_UNIT_SIZE], size[RENDER_UNIT_SIZE];

	for (size_t i = 0; i < status->ndisks; i++) {
		const struct message_status_disk *disk = &status->disks[i];

		if (disk->low)
			verdict_add(verdict, VERDICT_TROUBLE, "the disk is nearly full: %s of %s are free at %s",
			    render_size(disk->free_bytes, room, sizeof(room)),
			    render_size(disk->size_bytes, size, sizeof(size)), disk->path);
	}
}

static void
verdict_look_at_certificates(struct verdict *verdict, const struct snapshot *status, int64_t now_us)
{
	char left[RENDER_UNIT_SIZE], ago[RENDER_AGO_SIZE];

	for (size_t i = 0; i < status->ncertificates; i++) {
		const struct message_certificate *certificate = &status->certificates[i];
		int64_t left_us = certificate->not_after_us - now_us;

		if (left_us <= 0)
			verdict_add(verdict, VERDICT_TROUBLE, "the certificate %s has expired %s", certificate->name,
			    render_ago(-left_us, ago, sizeof(ago)));
		else if (left_us < VERDICT_CERTIFICATE_US &&
		    certificate->not_after_us - certificate->not_before_us > 2 * VERDICT_CERTIFICATE_US)
			verdict_add(verdict, VERDICT_HINT, "the certificate %s expires in %s", certificate->name,
			    render_duration(left_us, left, sizeof(left)));
	}
}

/* ---- the whole ---- */

/* Stable: of two that weigh the same, the one found first comes first. */
static void
verdict_sort(struct verdict *verdict)
{
	for (size_t i = 1; i < verdict->nproblems; i++)
		for (size_t j = i; j > 0 && verdict->problems[j - 1].weight < verdict->problems[j].weight; j--) {
			struct verdict_problem other = verdict->problems[j];

			verdict->problems[j] = verdict->problems[j - 1];
			verdict->problems[j - 1] = other;
		}
}

/* Says why a node does not serve; of a start and a stop, how far they are. */
static void
verdict_set_words(struct verdict *verdict, const struct snapshot *status, int64_t now_us)
{
	const struct message_status_node *node = &status->node;
	const char *progress = status->has_server ? status->server.progress : "";
	char left[RENDER_UNIT_SIZE];
	int n = 0;

	verdict->words = node->ready ? "clients are served"
	    : node->paused_us != 0   ? "clients are paused"
				     : "clients are not served";
	if (node->ready)
		return;
	if (*progress == '\0' && status->has_statistics && strcmp(status->statistics.store_state, "open") != 0)
		progress = status->statistics.store_state;
	if (node->paused_us == 0)
		n = snprintf(verdict->detail, sizeof(verdict->detail), "%s%s%s", node->phase,
		    *progress == '\0' ? "" : ", ", progress);
	else if (node->paused_until_us == 0)
		n = snprintf(verdict->detail, sizeof(verdict->detail), "by uid %" PRId64 ", bibctl pause or restart",
		    node->paused_uid);
	else
		n = snprintf(verdict->detail, sizeof(verdict->detail),
		    "by uid %" PRId64 ", over by itself in %s or by `bibctl resume`", node->paused_uid,
		    render_duration(node->paused_until_us - now_us, left, sizeof(left)));
	if (n < 0)
		verdict->detail[0] = '\0';
}

void
verdict_make(struct verdict *verdict, const struct snapshot *status, int64_t now_us)
{
	const struct message_status_node *node = &status->node;

	*verdict = (struct verdict) { .served = node->ready,
		.since_us = node->ready	       ? node->ready_since_us
		    : node->paused_us != 0     ? node->paused_us
		    : node->down_since_us != 0 ? node->down_since_us
					       : node->started_us };
	verdict_look_at_server(verdict, status, now_us);
	for (size_t i = 0; i < status->nprocesses; i++)
		verdict_look_at_process(verdict, &status->processes[i], now_us);
	verdict_look_at_store(verdict, status);
	verdict_look_at_disks(verdict, status);
	verdict_look_at_certificates(verdict, status, now_us);
	verdict_sort(verdict);
	verdict->expected = !node->ready && (verdict->nproblems == 0 || verdict->problems[0].weight != VERDICT_OUTAGE);
	verdict_set_words(verdict, status, now_us);
}

char *
verdict_sentence(const struct verdict *verdict, char *buf, size_t size)
{
	const char *problem = verdict->nproblems == 0 ? "" : verdict->problems[0].text;
	char more[32] = "";

	if (verdict->nproblems > 1)
		(void)snprintf(more, sizeof(more), "; and %zu more", verdict->nproblems - 1);
	if (snprintf(buf, size, "%s%s%s%s%s%s", verdict->words, *verdict->detail == '\0' ? "" : ": ", verdict->detail,
		*problem == '\0' ? "" : "; ", problem, more) < 0)
		buf[0] = '\0';
	return buf;
}
