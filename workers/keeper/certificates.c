/*
 * Issues all certificates of a node anew, stages the files that the server needs, and finds one by its login.
 */
#include "workers/keeper/certificates.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CERTIFICATES_HOST_MAX 128
#define CERTIFICATES_NAMES_SIZE 512
#define CERTIFICATES_DNS_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"

/* ---- issuing ---- */

/* "IP:127.0.0.1,DNS:localhost" and the host's own name, where it has one that can be in a certificate. */
static void
certificates_server_names(const char *address, char *buf, size_t size)
{
	char host[CERTIFICATES_HOST_MAX] = "";
	bool named = gethostname(host, sizeof(host) - 1) == 0 && host[0] != '\0' &&
	    strspn(host, CERTIFICATES_DNS_CHARACTERS) == strlen(host) && strcmp(host, "localhost") != 0;

	(void)snprintf(buf, size, "IP:%s,DNS:localhost%s%s", address, named ? ",DNS:" : "", named ? host : "");
}

static int
certificates_find_ca(struct ca *ca, const struct certificates_request *request, const struct files *files,
    struct error *e)
{
	char *pem = NULL;
	int found = files_read_public(files, FILES_CA, &pem, e);
	bool taken = found == 1 && ca_take_certificate(ca, pem, request->node_id, request->now_s);

	free(pem);
	if (found == -1)
		return -1;
	return taken ? 0 : ca_certify(ca, request->node_id, request->now_s, e);
}

static int
certificates_issue_leaves(struct certificates *certificates, const struct certificates_request *request,
    const struct credentials *credentials, struct error *e)
{
	char names[CERTIFICATES_NAMES_SIZE];
	struct leaf_request leaf = { .name = "bibd PostgreSQL",
		.alternatives = names,
		.now_s = request->now_s,
		.life_s = request->life_s };

	certificates_server_names(request->address, names, sizeof(names));
	if (ca_issue(&certificates->ca, &leaf, &certificates->server, e) == -1)
		return -1;
	leaf.alternatives = NULL;
	for (size_t i = 0; i < credentials->count; i++) {
		if (credentials->list[i].kind != CREDENTIALS_MANAGED)
			continue;
		leaf.name = credentials->list[i].login;
		if (ca_issue(&certificates->ca, &leaf, &certificates->clients[certificates->nclients], e) == -1)
			return -1;
		certificates->nclients++;
	}
	return 0;
}

int
certificates_issue(struct certificates *certificates, const struct certificates_request *request,
    const struct identity *identity, const struct credentials *credentials, const struct files *files, struct error *e)
{
	*certificates = (struct certificates) { .issued_s = request->now_s, .life_s = request->life_s };
	if (ca_derive(&certificates->ca, identity, e) == 0 &&
	    certificates_find_ca(&certificates->ca, request, files, e) == 0 &&
	    certificates_issue_leaves(certificates, request, credentials, e) == 0) {
		EVP_PKEY_free(certificates->ca.key);
		certificates->ca.key = NULL;
		return 0;
	}
	certificates_close(certificates);
	return -1;
}

/* ---- files ---- */

/* Takes over the text. */
static int
certificates_stage_text(const struct files *files, const char *name, char *text, mode_t mode, int *fd, struct error *e)
{
	int result;

	if (text == NULL) {
		errno = ENOMEM;
		return error_set_errno(e, STATUS_OS, "secrets.io", "cannot write %s/%s", files->path, name);
	}
	result = files_stage(files, name, text, strlen(text), mode, fd, e);
	ca_free_text(text);
	return result;
}

char *
certificates_trust_text(const struct x509_st *authority, const struct x509_st *previous)
{
	char *first = ca_certificate_text(authority), *second, *both = NULL;

	if (previous == NULL || first == NULL)
		return first;
	if ((second = ca_certificate_text(previous)) != NULL && asprintf(&both, "%s%s", first, second) == -1)
		both = NULL;
	free(first);
	free(second);
	return both;
}

int
certificates_write_trust(const struct certificates *certificates, const struct files *files, struct error *e)
{
	char *text = certificates_trust_text(certificates->ca.certificate, certificates->previous);

	if (certificates_stage_text(files, FILES_CA, text, 0644, NULL, e) == -1)
		return -1;
	return files_commit(files, FILES_CA, e);
}

void
certificates_trust_also(struct certificates *certificates, const struct certificates *trusted)
{
	X509_free(certificates->previous);
	certificates->previous = trusted->previous;
	if (certificates->previous != NULL)
		(void)X509_up_ref(certificates->previous);
}

int
certificates_stage(const struct certificates *certificates, const struct certificates *trusted,
    const struct files *files, int *key_fd, struct error *e)
{
	const struct leaf *server = &certificates->server;
	char *trust = certificates_trust_text(certificates->ca.certificate, trusted->previous);

	if (certificates_stage_text(files, FILES_CA, trust, 0644, NULL, e) == -1 ||
	    certificates_stage_text(files, FILES_SERVER_CERTIFICATE, ca_certificate_text(server->certificate), 0644,
		NULL, e) == -1)
		return -1;
	return certificates_stage_text(files, FILES_SERVER_KEY, ca_key_text(server->key), 0600, key_fd, e);
}

int
certificates_commit(const struct files *files, struct error *e)
{
	static const char *const names[] = { FILES_CA, FILES_SERVER_KEY, FILES_SERVER_CERTIFICATE };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (files_commit(files, names[i], e) == -1)
			return -1;
	return 0;
}

/* ---- in memory ---- */

const struct leaf *
certificates_find(const struct certificates *certificates, const char *login)
{
	for (size_t i = 0; i < certificates->nclients; i++)
		if (strcmp(certificates->clients[i].name, login) == 0)
			return &certificates->clients[i];
	return NULL;
}

bool
certificates_are_due(const struct certificates *certificates, int64_t now_s)
{
	return now_s < ca_not_before_s(certificates->server.certificate) ||
	    now_s >= certificates->issued_s + certificates->life_s * 2 / 3;
}

void
certificates_close(struct certificates *certificates)
{
	ca_close(&certificates->ca);
	X509_free(certificates->previous);
	leaf_close(&certificates->server);
	for (size_t i = 0; i < certificates->nclients; i++)
		leaf_close(&certificates->clients[i]);
	*certificates = (struct certificates) { .nclients = 0 };
}
