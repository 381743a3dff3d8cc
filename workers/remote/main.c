/*
 * The program bibd-remote. Its start: the common order of workers (worker.h); then it waits for keeper's certificate
 * and for the operator's files, and accepts. It opens no file and no connection of its own.
 */
#include <stdio.h>
#include <bsd/stdlib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/memfd.h"
#include "workers/remote/remote.h"

#define REMOTE_MADE_MAX 65536
#define REMOTE_AUDIT_PER_SECOND 20

/* ---- what is told ---- */

void
remote_note_refused(struct remote *remote, const struct client *client, const char *sqlstate, const char *why)
{
	const char *login = client->login[0] != '\0' ? client->login : client->user;
	int64_t second = clock_now_ms() / 1000;
	char text[PGWIRE_LOGIN_SIZE + PGWIRE_ADDRESS_SIZE + 256];
	struct message_audit_event event = { .time_us = clock_realtime_us(),
		.source = "",
		.uid = -1,
		.pid = -1,
		.code = "refused",
		.text = text,
		.result = sqlstate };

	if (second != remote->audit_second) {
		remote->audit_second = second;
		remote->audit_count = 0;
	}
	if (++remote->audit_count > REMOTE_AUDIT_PER_SECOND) {
		remote->audit_lost++;
		return;
	}
	if (remote->audit_lost > 0) {
		log_notice("%u more remote connections were refused", remote->audit_lost);
		remote->audit_lost = 0;
	}
	(void)snprintf(text, sizeof(text), "remote connection of %s%s%s from %s: %s",
	    login[0] == '\0' ? "" : "login \"", login[0] == '\0' ? "nobody" : login, login[0] == '\0' ? "" : "\"",
	    client->address, why);
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	log_info("refused a %s", text);
	(void)channel_send_audit_event(&remote->worker->channel, 0, &event, -1);
}

/* ---- what is shown, and who may come ---- */

static void
remote_wipe(char **text)
{
	if (*text != NULL)
		freezero(*text, strlen(*text));
	*text = NULL;
}

static void
remote_say_failed(struct remote *remote, const char *what, const struct error *e)
{
	log_error("%s: %s", what, e->text);
	worker_event(remote->worker, "remote.failed", "%s: %s", what, e->text);
}

/* Takes new certificates, for clients that connect from now on. When they cannot be used, the old ones stay. */
static void
remote_renew(struct remote *remote)
{
	struct tls tls;
	struct error e;

	if (remote->made == NULL || !remote->has_files)
		return;
	if (tls_make(&tls, remote->made, remote->files[REMOTE_FILE_CERTIFICATE], remote->files[REMOTE_FILE_KEY], &e) ==
	    -1) {
		remote_say_failed(remote,
		    remote->tls.context != NULL ? "the listener keeps its previous certificate"
						: "nobody can connect over TCP",
		    &e);
		return;
	}
	tls_close(&remote->tls);
	remote->tls = tls;
	remote_listen_now(remote);
}

static void
remote_take_certificate(void *context, struct frame *frame, const struct message_remote_certificate *message)
{
	struct remote *remote = context;
	struct error e;
	size_t size;
	char *made = memfd_read(frame->fd, REMOTE_MADE_MAX, &size, &e);

	(void)message;
	if (made == NULL) {
		remote_say_failed(remote, "keeper's certificate cannot be read", &e);
		return;
	}
	remote_wipe(&remote->made);
	remote->made = made;
	remote_renew(remote);
}

static void
remote_keeper_closed(struct channel *channel, const struct error *why)
{
	if (strcmp(why->code, "channel.closed") != 0)
		log_warning("the channel to %s is closed: %s", process_name(channel->peer), why->text);
}

static void
remote_take_peer(void *context, struct frame *frame, const struct message_peer *message)
{
	static const struct message_handlers handlers = { .remote_certificate = remote_take_certificate };
	struct worker *worker = context;
	struct remote *remote = worker->state;
	struct error e;

	if (message->process != PROCESS_KEEPER)
		return;
	channel_close(&remote->keeper);
	if (channel_open(&remote->keeper, &worker->loop, frame_take_fd(frame), PROCESS_REMOTE, PROCESS_KEEPER,
		&handlers, remote, remote_keeper_closed, &e) == -1)
		log_error("%s", e.text);
}

/* A file that the supervisor has opened: malloc'ed, NUL-terminated. */
static char *
remote_read_file(int fd, struct error *e)
{
	char *text = malloc(REMOTE_FILE_MAX + 1);
	size_t size = 0;
	ssize_t n = 1;

	while (text != NULL && size < REMOTE_FILE_MAX && (n = read(fd, text + size, REMOTE_FILE_MAX - size)) > 0)
		size += (size_t)n;
	if (text == NULL || n < 0)
		(void)error_set_errno(e, STATUS_IO, "remote.file", "it cannot be read");
	else if (size == REMOTE_FILE_MAX)
		(void)error_set(e, STATUS_DATA, "remote.file", "it is larger than %u bytes", REMOTE_FILE_MAX);
	else if (memchr(text, '\0', size) != NULL)
		(void)error_set(e, STATUS_DATA, "remote.file", "it has a NUL in it");
	else {
		text[size] = '\0';
		return text;
	}
	if (text != NULL)
		explicit_bzero(text, size);
	free(text);
	return NULL;
}

static const char *const remote_file_keys[REMOTE_FILES] = {
	[REMOTE_FILE_CERTIFICATE] = "listen.tcp.certificate",
	[REMOTE_FILE_KEY] = "listen.tcp.key",
	[REMOTE_FILE_LOGINS] = "listen.tcp.logins",
};

static void
remote_take_file(void *context, struct frame *frame, const struct message_remote_file *message)
{
	struct remote *remote = ((struct worker *)context)->state;
	struct error e;

	if (message->which >= REMOTE_FILES)
		return;
	remote_wipe(&remote->coming[message->which]);
	if ((remote->coming[message->which] = remote_read_file(frame->fd, &e)) == NULL) {
		remote_say_failed(remote, remote_file_keys[message->which], &e);
		remote->coming_failed = true;
	}
}

static void
remote_take_logins(struct remote *remote)
{
	struct logins logins = { .count = 0 };
	struct error e;

	if (remote->files[REMOTE_FILE_LOGINS] != NULL &&
	    logins_read(&logins, remote->files[REMOTE_FILE_LOGINS], &e) == -1) {
		remote_say_failed(remote, "the previous logins stay in use: listen.tcp.logins", &e);
	} else {
		logins_close(&remote->logins);
		remote->logins = logins;
		remote->has_logins = remote->worker->conf->listen.tcp.logins[0] != '\0';
	}
	remote_wipe(&remote->files[REMOTE_FILE_LOGINS]);
}

/* When one of the files could not be read, all stay as they were. */
static void
remote_take_files_sent(void *context, struct frame *frame, const struct message_remote_files_sent *message)
{
	struct remote *remote = ((struct worker *)context)->state;

	(void)frame;
	(void)message;
	for (size_t i = 0; i < REMOTE_FILES; i++) {
		if (!remote->coming_failed) {
			remote_wipe(&remote->files[i]);
			remote->files[i] = remote->coming[i];
			remote->coming[i] = NULL;
		}
		remote_wipe(&remote->coming[i]);
	}
	if (!remote->coming_failed) {
		remote->has_files = true;
		remote_take_logins(remote);
		remote_renew(remote);
	}
	remote->coming_failed = false;
}

/* ---- start and stop ---- */

static int
remote_start(struct worker *worker, struct error *e)
{
	struct remote *remote = calloc(1, sizeof(*remote));

	if (remote == NULL || getrandom(remote->secret, sizeof(remote->secret), 0) != (ssize_t)sizeof(remote->secret))
		return error_set_errno(e, STATUS_OS, "remote.start", "cannot start");
	remote->worker = worker;
	remote->keeper.watch.fd = -1;
	TAILQ_INIT(&remote->clients);
	for (size_t i = 0; i < REMOTE_LISTENERS_MAX; i++)
		remote->listeners[i].fd = -1;
	worker->state = remote;
	return tls_start(e);
}

static void
remote_finish_stop(struct remote *remote)
{
	loop_timer_cancel(&remote->stop_timer);
	channel_close(&remote->keeper);
	tls_close(&remote->tls);
	logins_close(&remote->logins);
	remote_wipe(&remote->made);
	for (size_t i = 0; i < REMOTE_FILES; i++)
		remote_wipe(&remote->files[i]);
	worker_stopped(remote->worker);
}

static void
remote_stop_expired(struct loop_timer *timer)
{
	remote_finish_stop(timer->arg);
}

void
remote_client_gone(struct remote *remote)
{
	if (remote->stopping && remote->nclients == 0)
		remote_finish_stop(remote);
}

/* Clients that are served end with the storage worker; the others have nothing to lose, so the stop takes no time. */
static void
remote_stop(struct worker *worker, int64_t timeout_ms)
{
	struct remote *remote = worker->state;
	struct client *client, *next;

	for (size_t i = 0; i < remote->nlisteners; i++)
		loop_watch_events(&remote->listeners[i], 0);
	loop_timer_cancel(&remote->accept_again);
	for (client = TAILQ_FIRST(&remote->clients); client != NULL; client = next) {
		next = TAILQ_NEXT(client, entry);
		if (client->is_starting)
			client_close(client);
	}
	remote->stopping = true;
	if (remote->nclients == 0)
		remote_finish_stop(remote);
	else
		loop_timer_set(&worker->loop, &remote->stop_timer, timeout_ms, remote_stop_expired, remote);
}

/* OpenSSL's randomness where getrandom(2) cannot serve. */
static size_t
remote_paths(struct worker *worker, struct sandbox_path *paths, size_t max)
{
	(void)worker;
	(void)max;
	paths[0] = (struct sandbox_path) { .path = "/dev/urandom" };
	return 1;
}

int
main(int argc, char **argv)
{
	static const struct worker_program program = {
		.process = PROCESS_REMOTE,
		.profile = SANDBOX_REMOTE,
		.paths = remote_paths,
		.start = remote_start,
		.listen = remote_listen,
		.stop = remote_stop,
		.handlers = {
			.peer = remote_take_peer,
			.remote_file = remote_take_file,
			.remote_files_sent = remote_take_files_sent,
		},
	};

	return worker_main(&program, argc, argv);
}
