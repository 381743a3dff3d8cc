/*
 * Opens the operator's certificates for keeper, gives the server's key to PostgreSQL's user, and keeps what keeper
 * tells.
 */
#include "supervisor/server/certificates.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "supervisor/children/children.h"
#include "supervisor/node/node.h"
#include "supervisor/server/server.h"

#define CERTIFICATES_KEY "server.key"
#define CERTIFICATES_NEW ".new" /* what keeper calls a file that is not in its place yet */

/* ---- the operator's own ---- */

/* PostgreSQL takes only a key that belongs to its own user (0600), or to root and its own group (0640). */
static int
certificates_check_key(const struct server *server, const char *path, int fd, struct error *e)
{
	const struct user *owner = &server->user;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return error_set_errno(e, STATUS_IO, "certificates.file", "cannot examine %s", path);
	if ((st.st_uid == owner->uid && (st.st_mode & 077) == 0) ||
	    (st.st_uid == 0 && st.st_gid == owner->gid && (st.st_mode & 027) == 0))
		return 0;
	return error_set(e, STATUS_PERMISSION, "certificates.modes",
	    "%s must belong to %s with mode 0600; make it so with: chown %s %s && chmod 0600 %s", path, owner->name,
	    owner->name, path, path);
}

/* Opens one file and hands it to keeper, which may not have the right to. When the file does not exist, keeper reports
 * that. */
static int
certificates_send_file(struct server *server, const char *directory, const char *name, struct error *e)
{
	struct child *keeper = children_find(server->children, PROCESS_KEEPER);
	const struct message_certificate_file message = { .name = name };
	char path[PATH_MAX + 96];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) == -1)
		return errno == ENOENT
		    ? 0
		    : error_set_errno(e, STATUS_PERMISSION, "certificates.file", "cannot open %s", path);
	if (strcmp(name, CERTIFICATES_KEY) == 0 && certificates_check_key(server, path, fd, e) == -1) {
		close(fd);
		return -1;
	}
	(void)channel_send_certificate_file(&keeper->channel, 0, &message, fd);
	return 0;
}

static int
certificates_send_pair(struct server *server, const char *directory, const char *login, struct error *e)
{
	char certificate[96], key[96];

	(void)snprintf(certificate, sizeof(certificate), "client-%s.crt", login);
	(void)snprintf(key, sizeof(key), "client-%s.key", login);
	return certificates_send_file(server, directory, certificate, e) == -1
	    ? -1
	    : certificates_send_file(server, directory, key, e);
}

static int
certificates_send_files(struct server *server, struct error *e)
{
	static const char *const names[] = { "ca.crt", "server.crt", CERTIFICATES_KEY };
	char directory[PATH_MAX], login[32];

	if (server->node->conf->database.postgres.tls.auto_generate)
		return 0;
	if (conf_certificates_path(server->node->conf, directory, sizeof(directory)) == -1)
		return error_set(e, STATUS_CONFIG, "certificates.file", "database.postgres.tls.cert_dir is too long");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (certificates_send_file(server, directory, names[i], e) == -1)
			return -1;
	if (certificates_send_pair(server, directory, "bibd_system", e) == -1)
		return -1;
	for (unsigned i = 0; i < 2 * ROLES; i++) {
		(void)snprintf(login, sizeof(login), "bibd_%s_%c", role_names[i / 2], i % 2 == 0 ? 'a' : 'b');
		if (certificates_send_pair(server, directory, login, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- asking ---- */

static int
certificates_ask(struct server *server, struct error *e)
{
	struct child *keeper = children_find(server->children, PROCESS_KEEPER);
	struct certificate_requests *certificates = &server->certificates;

	if (certificates_send_files(server, e) == -1)
		return -1;
	certificates->request_id = channel_next_id(&keeper->channel);
	(void)channel_send_prepare_certificates(&keeper->channel, certificates->request_id, NULL, -1);
	return 0;
}

void
certificates_prepare(struct server *server, bool created, const char *verifier)
{
	struct certificate_requests *certificates = &server->certificates;
	struct error e;

	certificates->again = false;
	certificates->created = created;
	(void)strlcpy(certificates->verifier, verifier, sizeof(certificates->verifier));
	if (certificates_ask(server, &e) == -1)
		server_end_node(server, e.status, e.code, e.text);
}

static void
certificates_say_failed(struct server *server, const struct error *e)
{
	log_warning("the previous certificates stay in use: %s", e->text);
	events_add(&server->node->events, "bibd", "certificates.failed", "%s", e->text);
}

void
certificates_reload(struct server *server)
{
	struct child *keeper = children_find(server->children, PROCESS_KEEPER);
	struct error e;

	if (!conf_has_tls(server->node->conf) || server->node->conf->database.postgres.tls.auto_generate ||
	    keeper == NULL || !child_is_worker_up(keeper) || server->certificates.request_id != 0)
		return;
	server->certificates.again = true;
	if (certificates_ask(server, &e) == -1)
		certificates_say_failed(server, &e);
}

bool
certificates_take_failed(struct server *server, uint32_t id, const struct error *e)
{
	struct certificate_requests *certificates = &server->certificates;

	if (certificates->request_id == 0 || id != certificates->request_id)
		return false;
	certificates->request_id = 0;
	if (certificates->again)
		certificates_say_failed(server, e);
	return certificates->again;
}

void
certificates_take_prepared(struct server *server, uint32_t id)
{
	struct certificate_requests *certificates = &server->certificates;

	if (certificates->request_id == 0 || id != certificates->request_id)
		return;
	certificates->request_id = 0;
	if (certificates->again) {
		log_notice("the certificates were read again");
		return;
	}
	server_take_secrets(server, certificates->created, certificates->verifier);
	explicit_bzero(certificates->verifier, sizeof(certificates->verifier));
}

/* keeper may give away what it has just made, under that one name, and nothing else: not a file of somebody else's that
 * it was handed, nor one that has another name elsewhere. Returns why not, or NULL. */
static const char *
certificates_refuse(struct server *server, const char *name, int fd)
{
	const struct child *keeper = children_find(server->children, PROCESS_KEEPER);
	struct stat given, there;

	if (server->node->directories.certificates_fd == -1 || strcmp(name, CERTIFICATES_KEY) != 0)
		return "it is none that PostgreSQL is to have";
	if (fstat(fd, &given) == -1 ||
	    fstatat(server->node->directories.certificates_fd, CERTIFICATES_KEY CERTIFICATES_NEW, &there,
		AT_SYMLINK_NOFOLLOW) == -1)
		return strerror(errno);
	if (!S_ISREG(given.st_mode) || given.st_nlink != 1 || given.st_uid != keeper->user.uid ||
	    given.st_dev != there.st_dev || given.st_ino != there.st_ino)
		return "it is not the new file of that name in the directory of the certificates";
	return NULL;
}

void
certificates_take_give_file(struct server *server, uint32_t id, const char *name, int fd)
{
	struct child *keeper = children_find(server->children, PROCESS_KEEPER);
	const struct user *owner = &server->user;
	const char *why = certificates_refuse(server, name, fd);
	struct message_file_given given = { .reason = "" };

	if (why == NULL && (fchown(fd, owner->uid, owner->gid) == -1 || fchmod(fd, 0600) == -1 || fsync(fd) == -1))
		why = strerror(errno);
	given.done = why == NULL;
	if (why != NULL)
		given.reason = why;
	(void)channel_send_file_given(&keeper->channel, id, &given, -1);
}

void
certificates_keep(struct server *server, const struct message_certificate *message)
{
	struct certificate_requests *certificates = &server->certificates;
	struct certificates_kept *kept = certificates->kept;
	size_t i = 0;

	while (i < certificates->nkept && strcmp(kept[i].name, message->name) != 0)
		i++;
	if (i == CERTIFICATES_KEPT_MAX)
		return;
	if (i == certificates->nkept)
		certificates->nkept++;
	(void)strlcpy(kept[i].name, message->name, sizeof(kept[i].name));
	(void)strlcpy(kept[i].subject, message->subject, sizeof(kept[i].subject));
	(void)strlcpy(kept[i].issuer, message->issuer, sizeof(kept[i].issuer));
	(void)strlcpy(kept[i].serial, message->serial, sizeof(kept[i].serial));
	(void)strlcpy(kept[i].path, message->path, sizeof(kept[i].path));
	kept[i].not_before_us = message->not_before_us;
	kept[i].not_after_us = message->not_after_us;
}

void
certificates_send(const struct server *server, struct channel *control, uint32_t id)
{
	const struct certificate_requests *certificates = &server->certificates;

	for (size_t i = 0; i < certificates->nkept; i++) {
		const struct certificates_kept *kept = &certificates->kept[i];
		const struct message_certificate message = { .name = kept->name,
			.subject = kept->subject,
			.issuer = kept->issuer,
			.serial = kept->serial,
			.path = kept->path,
			.not_before_us = kept->not_before_us,
			.not_after_us = kept->not_after_us };

		(void)channel_send_certificate(control, id, &message, -1);
	}
}
