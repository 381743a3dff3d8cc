/*
 * Takes the supervisor's and bibd-postgres' messages about the secrets, and answers once they are open.
 */
#include "workers/keeper/keeper_certificates.h"

#include <bsd/stdlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memfd.h"
#include "workers/keeper/crypto.h"

static void
keeper_forget_password(struct keeper *keeper)
{
	if (keeper->password != NULL)
		freezero(keeper->password, strlen(keeper->password));
	keeper->password = NULL;
}

/* ---- the peer ---- */

/* Whether the credentials can be sent: nothing is under way that would change them in a moment. */
bool
keeper_has_answer(const struct keeper *keeper)
{
	return keeper->state == KEEPER_FAILED ||
	    (keeper->state == KEEPER_OPEN && (keeper->prepared || !conf_has_tls(keeper->worker->conf)));
}

int
keeper_print_credentials(const struct keeper *keeper, struct error *e)
{
	const struct conf *conf = keeper->worker->conf;
	const char *external = conf->database.postgres.managed ? NULL : conf->database.postgres.advanced.user;

	return credentials_send(&keeper->credentials, keeper->prepared ? &keeper->certificates : NULL, external, e);
}

void
keeper_send_credentials(struct keeper *keeper, uint32_t id)
{
	struct error e = keeper->failure;
	struct message_failed failed;
	int fd = -1;

	if (keeper->state == KEEPER_OPEN)
		fd = keeper_print_credentials(keeper, &e);
	if (fd != -1) {
		(void)channel_send_credentials(&keeper->peer, id, NULL, fd);
		return;
	}
	failed = (struct message_failed) { .status = e.status, .code = e.code, .text = e.text };
	(void)channel_send_failed(&keeper->peer, id, &failed, -1);
}

void
keeper_answer_waiting(struct keeper *keeper)
{
	if (!keeper_has_answer(keeper))
		return;
	for (size_t i = 0; i < keeper->nwaiting; i++)
		keeper_send_credentials(keeper, keeper->waiting[i]);
	keeper->nwaiting = 0;
	keeper_rotation_go_on(keeper);
}

void
keeper_tell_reload(struct keeper *keeper)
{
	if (!keeper->reload_due || !channel_is_open(&keeper->peer))
		return;
	keeper->reload_due = channel_send_reload_server(&keeper->peer, 0, NULL, -1) == -1;
}

static void
keeper_take_request(void *context, struct frame *frame, const struct message_credentials_request *message)
{
	struct keeper *keeper = context;

	(void)message;
	if (keeper_has_answer(keeper)) {
		keeper_send_credentials(keeper, frame->header.id);
		return;
	}
	/* A peer that asks so often no longer waits for its first requests: the oldest is dropped. */
	if (keeper->nwaiting == KEEPER_WAITING_MAX)
		memmove(keeper->waiting, keeper->waiting + 1, --keeper->nwaiting * sizeof(keeper->waiting[0]));
	keeper->waiting[keeper->nwaiting++] = frame->header.id;
}

static void
keeper_peer_closed(struct channel *channel, const struct error *why)
{
	struct keeper *keeper = channel->context;

	keeper->nwaiting = 0;
	keeper_rotation_lose_peer(keeper);
	if (strcmp(why->code, "channel.closed") != 0)
		log_warning("the channel to %s is closed: %s", process_name(channel->peer), why->text);
}

void
keeper_take_peer(void *context, struct frame *frame, const struct message_peer *message)
{
	static const struct message_handlers handlers = { .credentials_request = keeper_take_request,
		.logins_rotated = keeper_take_logins_rotated,
		.logins_retired = keeper_take_logins_retired,
		.failed = keeper_take_peer_failed };
	struct keeper *keeper = ((struct worker *)context)->state;
	struct error e;

	if (message->process == PROCESS_REMOTE) {
		keeper_remote_connect(keeper, frame_take_fd(frame));
		return;
	}
	if (message->process == PROCESS_ARCHIVE) {
		keeper_archive_connect(keeper, frame_take_fd(frame));
		return;
	}
	if (message->process != PROCESS_POSTGRES) {
		log_error("refused a channel to process %u, to which bibd-keeper does not talk", message->process);
		return;
	}
	channel_close(&keeper->peer);
	keeper->nwaiting = 0;
	keeper_rotation_lose_peer(keeper);
	if (channel_open(&keeper->peer, &keeper->worker->loop, frame_take_fd(frame), PROCESS_KEEPER, PROCESS_POSTGRES,
		&handlers, keeper, keeper_peer_closed, &e) == -1)
		log_error("%s", e.text);
	keeper_tell_reload(keeper);
	keeper_rotation_go_on(keeper);
}

/* ---- the supervisor ---- */

void
keeper_take_password(void *context, struct frame *frame, const struct message_keep_password *message)
{
	struct keeper *keeper = ((struct worker *)context)->state;
	struct error e;
	size_t size;

	(void)message;
	keeper_forget_password(keeper);
	if ((keeper->password = memfd_read(frame->fd, FILES_SIZE_MAX, &size, &e)) == NULL) {
		log_error("the password of the external server cannot be kept: %s", e.text);
		return;
	}
	if (memchr(keeper->password, '\0', size) != NULL) {
		log_error("the password of the external server has a NUL in it, and is not kept");
		freezero(keeper->password, size);
		keeper->password = NULL;
	}
}

static bool
keeper_has_identity(const struct keeper *keeper)
{
	struct files files;
	bool has;

	if (files_open(&files, keeper->directory, NULL) == -1)
		return false;
	has = files_exists(&files, FILES_IDENTITY, NULL) == 1;
	files_close(&files);
	return has;
}

void
keeper_take_key(void *context, struct frame *frame, const struct message_take_key *message)
{
	struct keeper *keeper = ((struct worker *)context)->state;
	uint8_t data[IDENTITY_OUTER_MAX + 1];
	ssize_t n = read(frame->fd, data, sizeof(data));

	(void)message;
	keeper->key_failed = false;
	if (n < 0)
		(void)error_set_errno(&keeper->failure, STATUS_DATA, "secrets.key", "cannot read secrets.key_file");
	if (n < 0 || identity_outer_take(&keeper->outer, data, (size_t)n, &keeper->failure) == -1)
		keeper->key_failed = true;
	explicit_bzero(data, sizeof(data));
}

void
keeper_take_open(void *context, struct frame *frame, const struct message_open_secrets *message)
{
	struct worker *worker = context;
	struct keeper *keeper = worker->state;
	const struct conf *conf = worker->conf;
	/* An SQLite node has an identity and no credentials. */
	bool managed = conf->database.backend == CONF_BACKEND_POSTGRES && conf->database.postgres.managed;
	struct secrets_request request = { .directory = keeper->directory,
		.node_id = worker->node_id,
		.managed = managed,
		.may_create = message->may_create,
		.outer = &keeper->outer,
		.login = conf->database.postgres.advanced.user,
		.password = keeper->password };
	struct message_secrets_opened opened = { .verifier = "" };
	const struct credential *system;
	bool had_identity = keeper_has_identity(keeper);
	int result;

	keeper_certificates_close(keeper);
	keeper_rotation_close(keeper);
	result = keeper->key_failed ? -1 : secrets_open(&request, &keeper->credentials, &keeper->failure);
	keeper_forget_password(keeper);
	keeper->state = result == -1 ? KEEPER_FAILED : KEEPER_OPEN;
	if (result == -1) {
		worker_fail(worker, frame->header.id, &keeper->failure);
	} else {
		if (message->new_database)
			keeper_begin_audit(keeper);
		if (!had_identity)
			worker_event(worker, "identity.created", "made the node's identity");
		if (result == 1)
			worker_event(worker, "credentials.created", "made new credentials");
		system = credentials_find(&keeper->credentials, CREDENTIALS_MANAGED, CREDENTIALS_SYSTEM);
		opened.created = result == 1;
		if (request.managed && system != NULL)
			opened.verifier = system->verifier;
		(void)channel_send_secrets_opened(&worker->channel, frame->header.id, &opened, -1);
		keeper_rotation_open(keeper);
		keeper_remote_renew(keeper);
		keeper_archive_tell(keeper);
	}
	keeper_answer_waiting(keeper);
}

int
keeper_open_identity(const struct keeper *keeper, struct identity *identity, struct error *e)
{
	struct files files;
	int found;

	if (files_open(&files, keeper->directory, e) == -1)
		return -1;
	found = identity_read(identity, &files, &keeper->outer, e);
	if (found == 0)
		(void)error_set(e, STATUS_DATA, "secrets.missing",
		    "%s/" FILES_IDENTITY " has gone: restore it from a backup, or " FILES_WAY_BACK_IDENTITY,
		    files.path);
	files_close(&files);
	return found == 1 ? 0 : -1;
}

int
keeper_open_authority(const struct keeper *keeper, struct ca *ca, struct error *e)
{
	struct identity identity;
	int derived;

	if (keeper_open_identity(keeper, &identity, e) == -1)
		return -1;
	derived = ca_derive(ca, &identity, e);
	identity_close(&identity);
	return derived;
}

/* ---- start and stop ---- */

char *
keeper_directory(const struct conf *conf)
{
	char *path = NULL;

	return asprintf(&path, "%s/secrets", conf->node.data_dir) == -1 ? NULL : path;
}

int
keeper_start(struct worker *worker, struct error *e)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));

	if (keeper == NULL || (keeper->directory = keeper_directory(worker->conf)) == NULL) {
		(void)error_set_errno(e, STATUS_OS, "keeper.memory", "cannot start");
		free(keeper);
		return -1;
	}
	keeper->worker = worker;
	keeper->peer.watch.fd = -1;
	keeper->remote.watch.fd = -1;
	keeper->certificate_files.fd = -1;
	(void)conf_certificates_path(worker->conf, keeper->certificates_path, sizeof(keeper->certificates_path));
	worker->state = keeper;
	return crypto_start(e);
}

void
keeper_stop(struct worker *worker, int64_t timeout_ms)
{
	struct keeper *keeper = worker->state;

	(void)timeout_ms;
	channel_close(&keeper->peer);
	keeper_remote_close(keeper);
	keeper_certificates_close(keeper);
	keeper_rotation_close(keeper);
	keeper_forget_password(keeper);
	credentials_wipe(&keeper->credentials);
	explicit_bzero(&keeper->outer, sizeof(keeper->outer));
	keeper->state = KEEPER_CLOSED;
	worker_stopped(worker);
}
