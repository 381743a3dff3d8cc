/*
 * Takes a worker through its start order, answers the messages that every worker takes, and runs its loop.
 */
#include "workers/worker.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/clock.h"

#define WORKER_PATHS_MAX 32
#define WORKER_PORTS_MAX 4
#define WORKER_GROUPS_MAX 8
#define WORKER_START_TIMEOUT_MS 30000
#define WORKER_LAST_WORDS_MS 1000

/* What the supervisor gives on the command line. Nothing of it is secret, since every user can read arguments. */
struct worker_options {
	uid_t uid;
	gid_t gid;
	gid_t groups[WORKER_GROUPS_MAX];
	size_t ngroups;
	bool separated;
	pid_t parent;
};

static int
worker_parse_number(const char *text, unsigned max, unsigned *number)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno != 0 || !isdigit((unsigned char)text[0]) || *end != '\0' || value > max)
		return -1;
	*number = (unsigned)value;
	return 0;
}

static int
worker_parse_groups(struct worker_options *options, char *list)
{
	char *save = NULL;

	for (char *word = strtok_r(list, ",", &save); word != NULL; word = strtok_r(NULL, ",", &save)) {
		if (options->ngroups == WORKER_GROUPS_MAX ||
		    worker_parse_number(word, UINT_MAX - 1, &options->groups[options->ngroups++]) == -1)
			return -1;
	}
	return 0;
}

static int
worker_parse_options(struct worker_options *options, int argc, char **argv, struct error *e)
{
	bool bad = false, has_uid = false, has_gid = false;
	unsigned parent = 0;
	int c;

	*options = (struct worker_options) { 0 };
	opterr = 0;
	while ((c = getopt(argc, argv, "u:g:G:p:")) != -1)
		switch (c) {
		case 'u':
			bad |= worker_parse_number(optarg, UINT_MAX - 1, &options->uid) == -1;
			has_uid = true;
			break;
		case 'g':
			bad |= worker_parse_number(optarg, UINT_MAX - 1, &options->gid) == -1;
			has_gid = true;
			break;
		case 'G':
			bad |= worker_parse_groups(options, optarg) == -1;
			break;
		case 'p':
			bad |= worker_parse_number(optarg, INT_MAX, &parent) == -1;
			break;
		default:
			bad = true;
		}
	options->separated = has_uid;
	options->parent = (pid_t)parent;
	if (bad || optind != argc || options->parent <= 0 || has_uid != has_gid)
		return error_set(e, STATUS_USAGE, "worker.usage", "this program is started by bibd(8), not by hand");
	return 0;
}

/* ---- what the supervisor says ---- */

static void
worker_take_heartbeat(void *context, struct frame *frame, const struct message_heartbeat *message)
{
	struct worker *worker = context;
	char cause[256] = "";
	struct message_health health = { .healthy = true, .cause = cause };

	(void)message;
	if (worker->program->healthy != NULL)
		health.healthy = worker->program->healthy(worker, cause, sizeof(cause));
	if (worker->program->answered != NULL)
		health.answered = worker->program->answered(worker);
	(void)channel_send_health(&worker->channel, frame->header.id, &health, -1);
}

static void
worker_take_listen(void *context, struct frame *frame, const struct message_listen *message)
{
	struct worker *worker = context;

	if (worker->program->listen != NULL && message->purpose < LISTEN_PURPOSES)
		worker->program->listen(worker, (enum listen_purpose)message->purpose, frame_take_fd(frame));
}

static void
worker_take_prepare(void *context, struct frame *frame, const struct message_prepare *message)
{
	struct worker *worker = context;
	struct error e = { .text = "" };
	struct message_prepared answer = { .accepted = true, .reason = e.text };
	struct conf *conf = conf_receive(frame->fd, &e);

	(void)message;
	if (conf == NULL || (worker->program->prepare != NULL && worker->program->prepare(worker, conf, &e) == -1)) {
		answer.accepted = false;
		conf_free(conf);
		conf = NULL;
	}
	conf_free(worker->prepared);
	worker->prepared = conf;
	(void)channel_send_prepared(&worker->channel, frame->header.id, &answer, -1);
}

static void
worker_take_commit(void *context, struct frame *frame, const struct message_commit *message)
{
	struct worker *worker = context;

	(void)frame;
	(void)message;
	if (worker->prepared == NULL)
		return;
	conf_free(worker->conf);
	worker->conf = worker->prepared;
	worker->prepared = NULL;
	log_configure(worker->conf->log.level, worker->conf->log.format);
	if (worker->program->commit != NULL)
		worker->program->commit(worker);
}

static void
worker_take_discard(void *context, struct frame *frame, const struct message_discard *message)
{
	struct worker *worker = context;

	(void)frame;
	(void)message;
	conf_free(worker->prepared);
	worker->prepared = NULL;
}

static void
worker_take_stop(void *context, struct frame *frame, const struct message_stop *message)
{
	struct worker *worker = context;

	(void)frame;
	if (worker->program->stop != NULL)
		worker->program->stop(worker, message->timeout_ms);
	else
		worker_stopped(worker);
}

/* START: the configuration and what else a worker must know. */
static void
worker_take_start(void *context, struct frame *frame, const struct message_start *message)
{
	struct worker *worker = context;
	struct error e;

	if (message->table_hash != message_table_hash()) {
		(void)error_set(&e, STATUS_BUG, "worker.build", "%s is of another build than bibd: restart the service",
		    process_name(worker->program->process));
		fatal(&e);
	}
	if (worker->conf != NULL)
		return;
	if ((worker->conf = conf_receive(frame->fd, &e)) == NULL)
		fatal(&e);
	worker->node_id = strdup(message->node_id);
	worker->boot_id = strdup(message->boot_id);
	worker->migrations_dir = strdup(message->migrations_dir);
	if (worker->node_id == NULL || worker->boot_id == NULL || worker->migrations_dir == NULL) {
		(void)error_set_errno(&e, STATUS_OS, "worker.start", "cannot start");
		fatal(&e);
	}
	worker->incarnation = message->incarnation;
	worker->operational = message->operational;
	log_configure(worker->conf->log.level, worker->conf->log.format);
}

static void
worker_channel_closed(struct channel *channel, const struct error *why)
{
	struct worker *worker = channel->context;

	/* The supervisor is gone or has ended this channel: there is nobody left to work for. */
	if (strcmp(why->code, "channel.closed") == 0)
		_exit(worker->conf != NULL ? STATUS_OK : STATUS_OS);
	log_error("ending: %s", why->text);
	_exit((int)why->status);
}

/* ---- the start order ---- */

static int
worker_become(const struct worker_program *program, const struct worker_options *options, struct error *e)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	log_init(process_name(program->process));
	/* After fexecve the kernel knows the program by the number of a descriptor. */
	if (prctl(PR_SET_NAME, process_name(program->process)) == -1)
		return error_set_errno(e, STATUS_OS, "worker.title", "cannot set the name of the process");
	if (options->separated &&
	    sandbox_drop_ids(options->uid, options->gid, options->groups, options->ngroups, e) == -1)
		return -1;
	if (sandbox_die_with_parent(options->parent, e) == -1 || sandbox_no_core(e) == -1)
		return -1;
	/* The supervisor stops workers by message; a terminal's ^C goes to the whole group and must not end them
	 * first. */
	if (sigaction(SIGPIPE, &ignore, NULL) == -1 || sigaction(SIGINT, &ignore, NULL) == -1 ||
	    sigaction(SIGHUP, &ignore, NULL) == -1 || sigaction(SIGTERM, &ignore, NULL) == -1)
		return error_set_errno(e, STATUS_OS, "worker.signals", "cannot set up signals");
	return 0;
}

/* The common handlers, and the program's own where it has one. */
static struct message_handlers
worker_handlers(const struct worker_program *program)
{
	struct message_handlers handlers = program->handlers;

	handlers.start = worker_take_start;
	handlers.listen = worker_take_listen;
	handlers.heartbeat = worker_take_heartbeat;
	handlers.prepare = worker_take_prepare;
	handlers.commit = worker_take_commit;
	handlers.discard = worker_take_discard;
	handlers.stop = worker_take_stop;
	return handlers;
}

/* Waits for START and takes no other message before it, since all others need the configuration. */
static int
worker_await_start(struct worker *worker, struct error *e)
{
	int64_t end = clock_now_ms() + WORKER_START_TIMEOUT_MS;

	while (worker->conf == NULL) {
		int64_t left = end - clock_now_ms();

		if (left <= 0)
			return error_set(e, STATUS_OS, "worker.start", "no START from the supervisor within %d s",
			    WORKER_START_TIMEOUT_MS / 1000);
		if (loop_run_once(&worker->loop, (int)left, e) == -1)
			return -1;
	}
	return 0;
}

static int
worker_enter_sandbox(struct worker *worker, struct error *e)
{
	const struct worker_program *program = worker->program;
	struct sandbox_path paths[WORKER_PATHS_MAX];
	struct sandbox_port ports[WORKER_PORTS_MAX];
	size_t npaths = program->paths != NULL ? program->paths(worker, paths, WORKER_PATHS_MAX) : 0;
	size_t nports = program->ports != NULL ? program->ports(worker, ports, WORKER_PORTS_MAX) : 0;
	enum sandbox_profile profile =
	    program->choose_profile != NULL ? program->choose_profile(worker) : program->profile;
	int landlock, seccomp;

	/* Done before the filter of system calls, which would not let these calls pass. */
	if (sandbox_limit_processes(profile, e) == -1 ||
	    (landlock = sandbox_landlock(paths, npaths, ports, nports, e)) == -1)
		return -1;
	worker->landlock = landlock == 0 ? sandbox_landlock_abi() : 0;
	if ((seccomp = sandbox_seccomp(profile, e)) == -1)
		return -1;
	worker->seccomp = seccomp == 0;
	return 0;
}

static void
worker_say_ready(struct worker *worker)
{
	const struct message_ready ready = { .landlock = worker->landlock, .seccomp = worker->seccomp };

	(void)channel_send_ready(&worker->channel, 0, &ready, -1);
}

int
worker_main(const struct worker_program *program, int argc, char **argv)
{
	struct worker worker = { .program = program };
	struct worker_options options;
	const struct message_handlers starting = { .start = worker_take_start };
	struct message_handlers handlers = worker_handlers(program);
	struct error e;

	if (worker_parse_options(&options, argc, argv, &e) == -1 || worker_become(program, &options, &e) == -1)
		fatal(&e);
	worker.separated = options.separated;
	worker.supervisor_pid = options.parent;
	if (loop_open(&worker.loop, &e) == -1 ||
	    channel_open(&worker.channel, &worker.loop, WORKER_CHANNEL_FD, program->process, PROCESS_SUPERVISOR,
		&starting, &worker, worker_channel_closed, &e) == -1 ||
	    worker_await_start(&worker, &e) == -1)
		fatal(&e);
	worker.channel.handlers = &handlers;
	if ((program->start_outside != NULL && program->start_outside(&worker, &e) == -1) ||
	    worker_enter_sandbox(&worker, &e) == -1 || (program->start != NULL && program->start(&worker, &e) == -1))
		fatal(&e);
	worker_say_ready(&worker);
	if (loop_run(&worker.loop, &e) == -1)
		fatal(&e);
	channel_flush(&worker.channel, WORKER_LAST_WORDS_MS);
	/* The state is not freed, since threads of the program may still use it. */
	_exit(STATUS_OK);
}

void
worker_fail(struct worker *worker, uint32_t id, const struct error *e)
{
	struct message_failed failed = { .status = e->status, .code = e->code, .text = e->text };

	(void)channel_send_failed(&worker->channel, id, &failed, -1);
}

void
worker_event(struct worker *worker, const char *code, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	struct message_event event = { .time_us = clock_realtime_us(),
		.source = process_name(worker->program->process),
		.code = code,
		.text = text };
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	(void)channel_send_event(&worker->channel, 0, &event, -1);
}

void
worker_stopped(struct worker *worker)
{
	(void)channel_send_stopped(&worker->channel, 0, NULL, -1);
	loop_stop(&worker->loop);
}
