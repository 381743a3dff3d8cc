#include "supervisor/certificates.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/supervisor.h"

#define CERTIFICATES_KEY "server.key"
#define CERTIFICATES_NEW ".new" /* what keeper calls a file that is not in its place yet */

void
certificates_prepare(struct supervisor *supervisor, bool created, const char *verifier)
{
	struct child *keeper = supervisor_child(supervisor, PROCESS_KEEPER);
	struct certificates *certificates = &supervisor->certificates;

	certificates->created = created;
	(void)strlcpy(certificates->verifier, verifier, sizeof(certificates->verifier));
	certificates->request_id = channel_next_id(&keeper->channel);
	(void)channel_send_prepare_certificates(&keeper->channel, certificates->request_id, NULL, -1);
}

void
certificates_take_prepared(struct supervisor *supervisor, uint32_t id)
{
	struct certificates *certificates = &supervisor->certificates;

	if (certificates->request_id == 0 || id != certificates->request_id)
		return;
	certificates->request_id = 0;
	server_take_secrets(supervisor, certificates->created, certificates->verifier);
	explicit_bzero(certificates->verifier, sizeof(certificates->verifier));
}

/* keeper may give away what it has just made, under that one name, and nothing else: not a file of somebody else's that
 * it was handed, nor one that has another name elsewhere. Returns why not, or NULL. */
static const char *
certificates_refuse(struct supervisor *s, const char *name, int fd)
{
	const struct child *keeper = supervisor_child(s, PROCESS_KEEPER);
	struct stat given, there;

	if (s->directories.certificates_fd == -1 || strcmp(name, CERTIFICATES_KEY) != 0)
		return "it is none that PostgreSQL is to have";
	if (fstat(fd, &given) == -1 ||
	    fstatat(s->directories.certificates_fd, CERTIFICATES_KEY CERTIFICATES_NEW, &there, AT_SYMLINK_NOFOLLOW) == -1)
		return strerror(errno);
	if (!S_ISREG(given.st_mode) || given.st_nlink != 1 || given.st_uid != keeper->user.uid ||
	    given.st_dev != there.st_dev || given.st_ino != there.st_ino)
		return "it is not the new file of that name in the directory of the certificates";
	return NULL;
}

void
certificates_take_give_file(struct supervisor *supervisor, uint32_t id, const char *name, int fd)
{
	struct child *keeper = supervisor_child(supervisor, PROCESS_KEEPER);
	const struct user *owner = &supervisor->server.user;
	const char *why = certificates_refuse(supervisor, name, fd);
	struct message_file_given given = { .reason = "" };

	if (why == NULL && (fchown(fd, owner->uid, owner->gid) == -1 || fchmod(fd, 0600) == -1 || fsync(fd) == -1))
		why = strerror(errno);
	given.done = why == NULL;
	if (why != NULL)
		given.reason = why;
	(void)channel_send_file_given(&keeper->channel, id, &given, -1);
}

void
certificates_keep(struct supervisor *supervisor, const struct message_certificate *message)
{
	struct certificates *certificates = &supervisor->certificates;
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
certificates_send(const struct supervisor *supervisor, struct channel *control, uint32_t id)
{
	const struct certificates *certificates = &supervisor->certificates;

	for (size_t i = 0; i < certificates->nkept; i++) {
		const struct certificates_kept *kept = &certificates->kept[i];
		const struct message_certificate message = { .name = kept->name, .subject = kept->subject,
			.issuer = kept->issuer, .serial = kept->serial, .path = kept->path,
			.not_before_us = kept->not_before_us, .not_after_us = kept->not_after_us };

		(void)channel_send_certificate(control, id, &message, -1);
	}
}
