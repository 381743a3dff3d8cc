/* The commands of bibctl that are about identity and certificates. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "common/memfd.h"
#include "workers/control/bibctl/bibctl.h"
#include "workers/control/request/answer.h"

#define CERTIFICATES_SIZE_MAX 65536
#define CERTIFICATES_NAME_MAX 80
#define CERTIFICATES_BEGIN "-----BEGIN CERTIFICATE-----"

int
bibctl_identity(struct bibctl *bibctl)
{
	struct commands_answer answer;

	commands_ask(&answer, bibctl, MESSAGE_IDENTITY_REQUEST, BIBCTL_ANSWER_MS);
	if (answer.result.status == STATUS_OK && answer.fingerprint[0] == '\0')
		(void)error_set(&answer.result, STATUS_BUG, "control.incomplete", "bibd answered without its identity");
	if (answer.result.status != STATUS_OK)
		return commands_finish(&answer, "");
	bibctl->output->identity(&bibctl->render, answer.fingerprint, answer.public_pem);
	return STATUS_OK;
}

int
bibctl_certificates(struct bibctl *bibctl)
{
	struct commands_answer answer;

	commands_ask(&answer, bibctl, MESSAGE_CERTIFICATES_REQUEST, BIBCTL_ANSWER_MS);
	if (answer.result.status != STATUS_OK || answer.status.ncertificates == 0)
		return commands_finish(&answer, "there are no certificates");
	bibctl->output->certificates(&bibctl->render, &answer.status);
	snapshot_clear(&answer.status);
	return STATUS_OK;
}

int
bibctl_rotate_identity(struct bibctl *bibctl)
{
	struct commands_answer answer;

	bibctl->what = "identity";
	commands_ask(&answer, bibctl, MESSAGE_ROTATE_REQUEST, BIBCTL_RELOAD_MS);
	return commands_finish(&answer, "the identity was rotated");
}

/* ---- certificate operator ---- */

/* Writes the file under another name and renames it, so that an old file is replaced by a whole one, which nobody else
 * could read at any time. */
static int
certificates_write(int directory, const char *path, const char *name, const char *text, size_t size, struct error *e)
{
	char new_name[CERTIFICATES_NAME_MAX + 32];
	int fd;

	(void)snprintf(new_name, sizeof(new_name), ".%s.%ld", name, (long)getpid());
	if ((fd = file_create(directory, new_name, 0600)) == -1)
		return error_set_errno(e, STATUS_CANT_CREATE, "certificates.file", "cannot create %s/%s", path, name);
	if (file_install(fd, directory, new_name, name, text, size) == -1)
		return error_set_errno(e, STATUS_IO, "certificates.file", "cannot write %s/%s", path, name);
	return 0;
}

/* Key, certificate, authority: PEM, one after the other. name: what the first two files are called. */
static int
certificates_write_all(const char *path, const char *name, const char *text, struct error *e)
{
	char key_name[CERTIFICATES_NAME_MAX], certificate_name[CERTIFICATES_NAME_MAX];
	const char *certificate = strstr(text, CERTIFICATES_BEGIN),
		   *authority = certificate == NULL ? NULL : strstr(certificate + 1, CERTIFICATES_BEGIN);
	int directory, result = -1;

	if (authority == NULL)
		return error_set(e, STATUS_BUG, "control.incomplete", "bibd answered without a certificate");
	if ((directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return error_set_errno(e, STATUS_CANT_CREATE, "certificates.file", "cannot open the directory %s",
		    path);
	(void)snprintf(key_name, sizeof(key_name), "%.64s.key", name);
	(void)snprintf(certificate_name, sizeof(certificate_name), "%.64s.crt", name);
	if (certificates_write(directory, path, key_name, text, (size_t)(certificate - text), e) == 0 &&
	    certificates_write(directory, path, certificate_name, certificate, (size_t)(authority - certificate), e) ==
		0 &&
	    certificates_write(directory, path, "ca.crt", authority, strlen(authority), e) == 0)
		result = 0;
	close(directory);
	return result;
}

static int
certificates_fetch(struct bibctl *bibctl, const char *name, const char *code)
{
	struct commands_answer answer;
	char *text = NULL, done[ERROR_TEXT_MAX];
	size_t size = 0;

	commands_ask(&answer, bibctl, MESSAGE_OPERATOR_CERTIFICATE_REQUEST, BIBCTL_ANSWER_MS);
	if (answer.result.status == STATUS_OK && answer.fd == -1)
		(void)error_set(&answer.result, STATUS_BUG, "control.incomplete",
		    "bibd answered without a certificate");
	if (answer.result.status == STATUS_OK &&
	    (text = memfd_read(answer.fd, CERTIFICATES_SIZE_MAX, &size, &answer.result)) != NULL) {
		if (certificates_write_all(bibctl->directory, name, text, &answer.result) == 0)
			answer.result = (struct error) { .code = code, .status = STATUS_OK };
		explicit_bzero(text, size);
		free(text);
	}
	if (answer.fd != -1)
		close(answer.fd);
	(void)snprintf(done, sizeof(done), "wrote %s.crt, %s.key and ca.crt in %.300s; valid for %u day%s", name, name,
	    bibctl->directory, (unsigned)bibctl->days, bibctl->days == 1 ? "" : "s");
	return commands_finish(&answer, done);
}

int
bibctl_certificate_operator(struct bibctl *bibctl)
{
	return certificates_fetch(bibctl, "postgres", "certificates.operator");
}

/* keeper decides which names are allowed: a file's name is made only of one that keeper has taken. */
int
bibctl_certificate_client(struct bibctl *bibctl)
{
	struct commands_answer answer = { .bibctl = bibctl, .fd = -1 };

	if (strcmp(bibctl->name, "ca") != 0)
		return certificates_fetch(bibctl, bibctl->name, "certificates.client");
	(void)error_set(&answer.result, STATUS_USAGE, "certificates.login",
	    "ca.crt is the authority's: a login of that name cannot have files of its own");
	return commands_finish(&answer, "");
}
