/*
 * Takes the operator's files in, and checks keys, chain, names, purposes and dates as a whole.
 */
#include "workers/keeper/operator_certificates.h"

#include <bsd/string.h>
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/passphrase.h"

/* ---- files ---- */

static struct operator_file *
operator_slot(struct operator_files *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->list[i].name, name) == 0)
			return &files->list[i];
	if (files->count == OPERATOR_FILES_MAX)
		return NULL;
	(void)strlcpy(files->list[files->count].name, name, OPERATOR_NAME_SIZE);
	return &files->list[files->count++];
}

int
operator_take(struct operator_files *files, const char *directory, const char *name, int fd, struct error *e)
{
	struct operator_file *file = operator_slot(files, name);
	char *text = calloc(1, OPERATOR_FILE_SIZE_MAX + 1);
	size_t used = 0;
	ssize_t n = -1;

	errno = ENOMEM;
	while (file != NULL && text != NULL && used <= OPERATOR_FILE_SIZE_MAX &&
	    (n = pread(fd, text + used, OPERATOR_FILE_SIZE_MAX + 1 - used, (off_t)used)) > 0)
		used += (size_t)n;
	if (n < 0)
		(void)error_set_errno(e, STATUS_IO, "certificates.file", "cannot read %s/%s", directory, name);
	else if (used == 0 || used > OPERATOR_FILE_SIZE_MAX)
		(void)error_set(e, STATUS_DATA, "certificates.file", "%s/%s is %s", directory, name,
		    used == 0 ? "empty" : "too long for a certificate or a key");
	else {
		text[used] = '\0';
		ca_free_text(file->text);
		file->text = text;
		return 0;
	}
	if (text != NULL)
		explicit_bzero(text, OPERATOR_FILE_SIZE_MAX);
	free(text);
	return -1;
}

void
operator_close(struct operator_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		ca_free_text(files->list[i].text);
	memset(files, 0, sizeof(*files));
}

/* ---- reading them ---- */

/* What the checks share. */
struct operator_checking {
	const struct operator_files *files;
	const char *directory;
	const struct certificates_request *request;
	X509 *authority;
};

static const char *
operator_text(const struct operator_checking *checking, const char *name, struct error *e)
{
	for (size_t i = 0; i < checking->files->count; i++)
		if (strcmp(checking->files->list[i].name, name) == 0)
			return checking->files->list[i].text;
	(void)error_set(e, STATUS_DATA, "certificates.missing",
	    "%s/%s is missing: with database.postgres.tls.auto_generate false it must be there, or set that to true",
	    checking->directory, name);
	return NULL;
}

static X509 *
operator_read_certificate(const struct operator_checking *checking, const char *name, struct error *e)
{
	const char *text = operator_text(checking, name, e);
	X509 *certificate = text == NULL ? NULL : ca_read_certificate(text);

	if (text != NULL && certificate == NULL)
		(void)error_set(e, STATUS_DATA, "certificates.file", "%s/%s holds no certificate in PEM",
		    checking->directory, name);
	return certificate;
}

static EVP_PKEY *
operator_read_key(const struct operator_checking *checking, const char *name, struct error *e)
{
	const char *text = operator_text(checking, name, e);
	BIO *bio = text == NULL ? NULL : BIO_new_mem_buf(text, -1);
	EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, passphrase_none, NULL);

	BIO_free(bio);
	ERR_clear_error();
	if (text != NULL && key == NULL)
		(void)error_set(e, STATUS_DATA, "certificates.key",
		    "%s/%s holds no private key in PEM that can be read without a passphrase", checking->directory,
		    name);
	return key;
}

/* ---- checks ---- */

static int
operator_check_time(const struct operator_checking *checking, const X509 *certificate, const char *name,
    struct error *e)
{
	int64_t begin = ca_not_before_s(certificate), end = ca_not_after_s(certificate), now = checking->request->now_s;
	char when[CLOCK_TEXT_SIZE];

	if (begin == -1 || end == -1)
		return error_set(e, STATUS_DATA, "certificates.file", "%s/%s does not say when it is valid",
		    checking->directory, name);
	if (begin <= now && now < end)
		return 0;
	(void)clock_text((now >= end ? end : begin) * 1000000, when, sizeof(when));
	return error_set(e, STATUS_DATA, "certificates.expired", "%s/%s %s %s", checking->directory, name,
	    now >= end ? "has expired on" : "is not valid before", when);
}

/* Signed by the authority, and for this purpose. */
static int
operator_check_chain(const struct operator_checking *checking, X509 *certificate, const char *name, int purpose,
    struct error *e)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	int result = 0, reason = X509_V_ERR_UNSPECIFIED;

	if (store == NULL || context == NULL || X509_STORE_add_cert(store, checking->authority) != 1 ||
	    X509_STORE_CTX_init(context, store, certificate, NULL) != 1 ||
	    X509_STORE_CTX_set_purpose(context, purpose) != 1 || X509_verify_cert(context) != 1) {
		if (context != NULL)
			reason = X509_STORE_CTX_get_error(context);
		result = error_set(e, STATUS_DATA, "certificates.chain",
		    "%s/%s is not good for what it is meant, or " FILES_CA " did not sign it: %s", checking->directory,
		    name, X509_verify_cert_error_string(reason));
	}
	ERR_clear_error();
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	return result;
}

/* A pair of <base>.crt and <base>.key for that purpose. */
static int
operator_check_pair(const struct operator_checking *checking, const char *base, int purpose, struct leaf *leaf,
    struct error *e)
{
	char certificate[OPERATOR_NAME_SIZE], key[OPERATOR_NAME_SIZE];

	(void)snprintf(certificate, sizeof(certificate), "%s.crt", base);
	(void)snprintf(key, sizeof(key), "%s.key", base);
	if ((leaf->certificate = operator_read_certificate(checking, certificate, e)) == NULL ||
	    (leaf->key = operator_read_key(checking, key, e)) == NULL ||
	    operator_check_time(checking, leaf->certificate, certificate, e) == -1)
		return -1;
	if (X509_check_private_key(leaf->certificate, leaf->key) != 1) {
		ERR_clear_error();
		return error_set(e, STATUS_DATA, "certificates.key", "%s/%s is not the key of %s", checking->directory,
		    key, certificate);
	}
	return operator_check_chain(checking, leaf->certificate, certificate, purpose, e);
}

static int
operator_check_server(const struct operator_checking *checking, struct leaf *server, struct error *e)
{
	if (operator_check_pair(checking, "server", X509_PURPOSE_SSL_SERVER, server, e) == -1)
		return -1;
	if (X509_check_ip_asc(server->certificate, checking->request->address, 0) == 1)
		return 0;
	ERR_clear_error();
	return error_set(e, STATUS_DATA, "certificates.name",
	    "%s/" FILES_SERVER_CERTIFICATE
	    " is not for %s, database.postgres.network.bind_address: it needs that as an IP "
	    "address among its alternative names",
	    checking->directory, checking->request->address);
}

static int
operator_check_client(const struct operator_checking *checking, const char *login, struct leaf *client, struct error *e)
{
	char base[OPERATOR_NAME_SIZE - 8], name[CA_NAME_SIZE];

	(void)strlcpy(client->name, login, sizeof(client->name));
	(void)snprintf(base, sizeof(base), "client-%s", login);
	if (operator_check_pair(checking, base, X509_PURPOSE_SSL_CLIENT, client, e) == -1)
		return -1;
	ca_subject(client->certificate, name, sizeof(name));
	if (strcmp(name, login) == 0)
		return 0;
	return error_set(e, STATUS_DATA, "certificates.name", "%s/%s.crt is for %s: its common name must be %s",
	    checking->directory, base, name, login);
}

/* Whether a login may lack its certificate. The operator's files may be older than a role that an upgrade has brought:
 * the node starts all the same, and nobody can log in as that role yet. */
static bool
operator_may_do_without(const struct operator_checking *checking, const char *login)
{
	static const char *const later[] = { "bibd_monitor_a", "bibd_monitor_b" };
	char base[OPERATOR_NAME_SIZE];
	int n = snprintf(base, sizeof(base), "client-%s.", login);

	for (size_t i = 0; i < checking->files->count; i++)
		if (strncmp(checking->files->list[i].name, base, (size_t)n) == 0)
			return false;
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (strcmp(login, later[i]) == 0) {
			log_warning("there is no client-%s.crt in %s, and so nobody can log in as %s", login,
			    checking->directory, login);
			return true;
		}
	return false;
}

static int
operator_check_all(struct operator_checking *checking, const struct credentials *credentials,
    struct certificates *certificates, struct error *e)
{
	if ((certificates->ca.certificate = operator_read_certificate(checking, FILES_CA, e)) == NULL ||
	    operator_check_time(checking, certificates->ca.certificate, FILES_CA, e) == -1)
		return -1;
	checking->authority = certificates->ca.certificate;
	if (operator_check_server(checking, &certificates->server, e) == -1)
		return -1;
	for (size_t i = 0; i < credentials->count; i++) {
		if (credentials->list[i].kind != CREDENTIALS_MANAGED ||
		    operator_may_do_without(checking, credentials->list[i].login))
			continue;
		/* Counted before it is checked, so that it is freed with the others. */
		if (operator_check_client(checking, credentials->list[i].login,
			&certificates->clients[certificates->nclients++], e) == -1)
			return -1;
	}
	return 0;
}

int
operator_check(const struct operator_files *files, const char *directory, const struct certificates_request *request,
    const struct credentials *credentials, struct certificates *certificates, struct error *e)
{
	struct operator_checking checking = { .files = files, .directory = directory, .request = request };

	*certificates = (struct certificates) { .issued_s = request->now_s, .life_s = request->life_s };
	if (operator_check_all(&checking, credentials, certificates, e) == 0)
		return 0;
	certificates_close(certificates);
	return -1;
}
