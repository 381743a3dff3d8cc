/* Writes the credentials for the worker that logs in (credentials.h describes the format). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memfd.h"
#include "workers/keeper/certificates.h"
#include "workers/keeper/crypto.h"

#define SEND_VERSION 1
#define SEND_MAX 65536

/* A text in memory that is wiped; what does not fit sets failed. */
struct send_text {
	char *data;
	size_t used;
	bool failed;
};

static void send_put(struct send_text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
send_put(struct send_text *text, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text->data + text->used, SEND_MAX - text->used, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= SEND_MAX - text->used)
		text->failed = true;
	else
		text->used += (size_t)n;
}

static void
send_put_login(struct send_text *text, const char *login, const struct credential *known, const char *certificate,
    const char *key)
{
	const char *password = known == NULL ? "" : known->password, *verifier = known == NULL ? "" : known->verifier;

	send_put(text, "%s %s %zu %zu %zu %zu\n%s\n%s\n%s\n%s\n",
	    known != NULL && known->kind == CREDENTIALS_PENDING ? "pending" : "login", login, strlen(password),
	    strlen(verifier), strlen(certificate), strlen(key), password, verifier, certificate, key);
}

static void
send_put_managed(struct send_text *text, const struct credential *known, const struct certificates *certificates)
{
	const struct leaf *leaf = certificates == NULL ? NULL : certificates_find(certificates, known->login);
	char *certificate, *key;

	if (leaf == NULL) {
		send_put_login(text, known->login, known, "", "");
		return;
	}
	certificate = ca_certificate_text(leaf->certificate);
	key = ca_key_text(leaf->key);
	if (certificate == NULL || key == NULL)
		text->failed = true;
	else
		send_put_login(text, known->login, known, certificate, key);
	ca_free_text(certificate);
	ca_free_text(key);
}

static void
send_put_all(struct send_text *text, const struct credentials *credentials, const struct certificates *certificates)
{
	for (size_t i = 0; i < credentials->count; i++) {
		const struct credential *credential = &credentials->list[i];

		if (credential->kind == CREDENTIALS_MANAGED)
			send_put_managed(text, credential, certificates);
		else if (credential->kind == CREDENTIALS_PENDING)
			send_put_login(text, credential->login, credential, "", "");
	}
}

static void
send_put_authority(struct send_text *text, const struct certificates *certificates)
{
	char *authority = certificates_trust_text(certificates->ca.certificate, certificates->previous);

	if (authority == NULL)
		text->failed = true;
	else
		send_put(text, "ca %zu\n%s\n", strlen(authority), authority);
	free(authority);
}

int
credentials_send(const struct credentials *credentials, const struct certificates *certificates, const char *external,
    struct error *e)
{
	struct send_text text = { .data = calloc(1, SEND_MAX) };
	int fd;

	if (text.data == NULL)
		return error_set_errno(e, STATUS_OS, "memfd.create", "cannot send the credentials");
	send_put(&text, "bibd credentials %d\n", SEND_VERSION);
	if (external != NULL) {
		send_put_login(&text, external, credentials_find(credentials, CREDENTIALS_EXTERNAL, external), "", "");
	} else {
		if (credentials->side != 0)
			send_put(&text, "side %c\n", credentials->side);
		if (certificates != NULL)
			send_put_authority(&text, certificates);
		send_put_all(&text, credentials, certificates);
	}
	fd = text.failed ? crypto_error(e, "write the credentials")
			 : memfd_create_sealed("bibd-credentials", text.data, text.used, e);
	explicit_bzero(text.data, SEND_MAX);
	free(text.data);
	return fd;
}
