/* What bibctl asks, by way of control and the supervisor. */
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/memfd.h"
#include "workers/keeper/crypto.h"
#include "workers/keeper/keeper_certificates.h"

#define REQUESTS_DAYS_MAX 7
#define REQUESTS_DAY_S 86400
#define REQUESTS_PUBLIC_SIZE 32
#define REQUESTS_PEM_MAX 512
#define REQUESTS_FINGERPRINT_SIZE (sizeof("SHA256:") + 64)
#define REQUESTS_FILE_MAX 16384

static void
requests_done(struct keeper *keeper, uint32_t id, const char *code, const char *text)
{
	const struct message_result result = { .status = STATUS_OK, .code = code, .text = text };

	(void)channel_send_result(&keeper->worker->channel, id, &result, -1);
}

bool
keeper_may_answer(struct keeper *keeper, uint32_t id)
{
	struct error e;

	if (keeper->state == KEEPER_OPEN)
		return true;
	if (keeper->state == KEEPER_FAILED)
		e = keeper->failure;
	else
		(void)error_set(&e, STATUS_UNAVAILABLE, "secrets.closed", "the secrets are not open yet: try again");
	worker_fail(keeper->worker, id, &e);
	return false;
}

/* ---- the identity ---- */

static int
requests_describe_identity(const struct identity *identity, char fingerprint[REQUESTS_FINGERPRINT_SIZE],
    char pem[REQUESTS_PEM_MAX], struct error *e)
{
	BIO *bio = BIO_new(BIO_s_mem());
	uint8_t public[REQUESTS_PUBLIC_SIZE], hash[EVP_MAX_MD_SIZE];
	size_t size = sizeof(public), used;
	char *data = NULL;
	long length;
	int result = 0;

	if (bio == NULL || PEM_write_bio_PUBKEY(bio, identity->key) != 1 ||
	    (length = BIO_get_mem_data(bio, &data)) <= 0 || length >= REQUESTS_PEM_MAX ||
	    EVP_PKEY_get_raw_public_key(identity->key, public, &size) != 1 ||
	    EVP_Digest(public, size, hash, NULL, EVP_sha256(), NULL) != 1) {
		result = crypto_error(e, "describe the identity");
	} else {
		memcpy(pem, data, (size_t)length);
		pem[length] = '\0';
		used = (size_t)snprintf(fingerprint, REQUESTS_FINGERPRINT_SIZE, "SHA256:");
		for (size_t i = 0; i < 32; i++, used += 2)
			(void)snprintf(fingerprint + used, REQUESTS_FINGERPRINT_SIZE - used, "%02x", hash[i]);
	}
	BIO_free(bio);
	return result;
}

void
keeper_take_identity_request(void *context, struct frame *frame, const struct message_identity_request *message)
{
	struct keeper *keeper = ((struct worker *)context)->state;
	char fingerprint[REQUESTS_FINGERPRINT_SIZE], pem[REQUESTS_PEM_MAX];
	const struct message_identity answer = { .fingerprint = fingerprint, .public_pem = pem };
	struct identity identity;
	struct error e;
	int result;

	(void)message;
	if (!keeper_may_answer(keeper, frame->header.id))
		return;
	if ((result = keeper_open_identity(keeper, &identity, &e)) == 0) {
		result = requests_describe_identity(&identity, fingerprint, pem, &e);
		identity_close(&identity);
	}
	if (result == -1) {
		worker_fail(keeper->worker, frame->header.id, &e);
		return;
	}
	(void)channel_send_identity(&keeper->worker->channel, frame->header.id, &answer, -1);
	requests_done(keeper, frame->header.id, "identity", "");
}

/* ---- certificates ---- */

void
keeper_tell_certificate(struct keeper *keeper, uint32_t id, const char *name, const struct x509_st *certificate,
    const char *file)
{
	char subject[CA_NAME_SIZE], issuer[CA_NAME_SIZE], serial[CA_SERIAL_SIZE], path[PATH_MAX + CA_NAME_SIZE] = "";
	const struct message_certificate message = { .name = name,
		.subject = subject,
		.issuer = issuer,
		.serial = serial,
		.path = path,
		.not_before_us = ca_not_before_s(certificate) * 1000000,
		.not_after_us = ca_not_after_s(certificate) * 1000000 };

	ca_subject(certificate, subject, sizeof(subject));
	ca_issuer(certificate, issuer, sizeof(issuer));
	ca_serial(certificate, serial);
	if (file != NULL)
		(void)snprintf(path, sizeof(path), "%s/%s", keeper->certificates_path, file);
	(void)channel_send_certificate(&keeper->worker->channel, id, &message, -1);
}

void
keeper_tell_certificates(struct keeper *keeper, uint32_t id)
{
	const struct certificates *certificates = &keeper->certificates;

	if (!keeper->prepared)
		return;
	keeper_tell_certificate(keeper, id, "ca", certificates->ca.certificate, FILES_CA);
	keeper_tell_certificate(keeper, id, "server", certificates->server.certificate, FILES_SERVER_CERTIFICATE);
	if (id == 0)
		return;
	for (size_t i = 0; i < certificates->nclients; i++)
		keeper_tell_certificate(keeper, id, certificates->clients[i].name, certificates->clients[i].certificate,
		    NULL);
}

void
keeper_take_certificates_request(void *context, struct frame *frame, const struct message_certificates_request *message)
{
	struct keeper *keeper = ((struct worker *)context)->state;

	(void)message;
	if (!keeper_may_answer(keeper, frame->header.id))
		return;
	keeper_tell_certificates(keeper, frame->header.id);
	keeper_remote_tell(keeper, frame->header.id);
	requests_done(keeper, frame->header.id, "certificates",
	    keeper->prepared || keeper->remote_certificate != NULL
		? ""
		: "this node has no certificates: its server is not on TCP with TLS");
}

/* ---- for an operator ---- */

int
keeper_seal_leaf(const struct ca *ca, const struct leaf *leaf, struct error *e)
{
	char *key = ca_key_text(leaf->key), *certificate = ca_certificate_text(leaf->certificate),
	     *authority = ca_certificate_text(ca->certificate), *text = calloc(1, REQUESTS_FILE_MAX);
	int fd = -1, n;

	if (key == NULL || certificate == NULL || authority == NULL || text == NULL) {
		(void)crypto_error(e, "write a certificate");
	} else {
		n = snprintf(text, REQUESTS_FILE_MAX, "%s%s%s", key, certificate, authority);
		fd = memfd_create_sealed("bibd-certificate", text, (size_t)n, e);
		explicit_bzero(text, REQUESTS_FILE_MAX);
	}
	ca_free_text(key);
	free(certificate);
	free(authority);
	free(text);
	return fd;
}

static int
requests_issue_operator(struct keeper *keeper, uint32_t days, struct error *e)
{
	const struct leaf_request request = { .name = CERTIFICATES_OPERATOR,
		.now_s = clock_realtime_us() / 1000000,
		.life_s = (int64_t)days * REQUESTS_DAY_S };
	struct leaf leaf;
	struct ca ca = { .key = NULL };
	int fd = -1;

	if (keeper_open_authority(keeper, &ca, e) == -1)
		return -1;
	/* The authority's certificate that the server knows. */
	ca.certificate = keeper->certificates.ca.certificate;
	if (ca_issue(&ca, &request, &leaf, e) == 0) {
		fd = keeper_seal_leaf(&ca, &leaf, e);
		leaf_close(&leaf);
	}
	ca.certificate = NULL;
	ca_close(&ca);
	return fd;
}

void
keeper_take_operator_certificate_request(void *context, struct frame *frame,
    const struct message_operator_certificate_request *message)
{
	struct keeper *keeper = ((struct worker *)context)->state;
	struct error e;
	int fd = -1;

	if (!keeper_may_answer(keeper, frame->header.id))
		return;
	if (message->login[0] != '\0')
		fd = keeper_remote_issue_client(keeper, message->login, message->days, &e);
	else if (!keeper->prepared)
		(void)error_set(&e, STATUS_USAGE, "certificates.none",
		    "this node has no certificates: its server is not on TCP with TLS");
	else if (!keeper->worker->conf->database.postgres.tls.auto_generate)
		(void)error_set(&e, STATUS_USAGE, "certificates.none",
		    "the certificates of this node are the operator's own: sign one for " CERTIFICATES_OPERATOR
		    " with your own authority");
	else if (message->days < 1 || message->days > REQUESTS_DAYS_MAX)
		(void)error_set(&e, STATUS_USAGE, "certificates.days",
		    "an operator's certificate is valid for 1 to %d days", REQUESTS_DAYS_MAX);
	else
		fd = requests_issue_operator(keeper, message->days, &e);
	if (fd == -1) {
		worker_fail(keeper->worker, frame->header.id, &e);
		return;
	}
	if (message->login[0] != '\0')
		worker_event(keeper->worker, "certificates.client",
		    "a certificate for the login %s was made, valid for %u days", message->login,
		    (unsigned)message->days);
	else
		worker_event(keeper->worker, "certificates.operator",
		    "a certificate for the superuser was made, valid for %u days", (unsigned)message->days);
	(void)channel_send_operator_certificate(&keeper->worker->channel, frame->header.id, NULL, fd);
	requests_done(keeper, frame->header.id,
	    message->login[0] != '\0' ? "certificates.client" : "certificates.operator", "");
}
