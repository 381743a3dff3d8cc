/*
 * Makes OpenSSL's context of a key, a certificate and an authority, and asks a connection who the other side is.
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/passphrase.h"
#include "workers/remote/remote.h"

#define TLS_CERTIFICATE_BEGIN "-----BEGIN CERTIFICATE-----"

int
tls_start(struct error *e)
{
	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) == 1)
		return 0;
	ERR_clear_error();
	return error_set(e, STATUS_OS, "remote.openssl", "OpenSSL cannot start");
}

static int
tls_error(struct error *e, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	(void)error_set(e, STATUS_DATA, "remote.certificate", "%s: %s", what,
	    reason == NULL ? "it is not usable" : reason);
	ERR_clear_error();
	return -1;
}

/* ---- reading ---- */

static EVP_PKEY *
tls_read_key(const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, passphrase_none, NULL);

	BIO_free(bio);
	return key;
}

/* Uses the certificate, and those after it, by which others come to trust it. */
static int
tls_use_chain(SSL_CTX *context, const char *text, X509 **first)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509 *certificate;
	int result = -1;

	*first = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, passphrase_none, NULL);
	if (*first != NULL && SSL_CTX_use_certificate(context, *first) == 1) {
		result = 0;
		while (result == 0 && (certificate = PEM_read_bio_X509(bio, NULL, passphrase_none, NULL)) != NULL)
			if (SSL_CTX_add0_chain_cert(context, certificate) != 1) {
				X509_free(certificate);
				result = -1;
			}
		if (result == 0)
			ERR_clear_error(); /* the end of the text */
	}
	BIO_free(bio);
	return result;
}

/* Only the authority's signature lets clients in. */
static int
tls_trust(SSL_CTX *context, const char *authority)
{
	BIO *bio = BIO_new_mem_buf(authority, -1);
	X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, passphrase_none, NULL);
	int result = certificate != NULL && X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate) == 1 &&
		SSL_CTX_add_client_CA(context, certificate) == 1
	    ? 0
	    : -1;

	X509_free(certificate);
	BIO_free(bio);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	return result;
}

/* ---- contexts ---- */

static SSL_CTX *
tls_new_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (context == NULL)
		return NULL;
	/* No session is ever resumed: each connection shows its certificate anew. */
	SSL_CTX_set_options(context,
	    SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context,
	    SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 && SSL_CTX_set_num_tickets(context, 0) == 1)
		return context;
	SSL_CTX_free(context);
	return NULL;
}

static int
tls_check_time(struct tls *tls, const X509 *certificate, struct error *e)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) != 1)
		return tls_error(e, "the listener's certificate does not say until when it is valid");
	tls->not_after_us = (int64_t)timegm(&tm) * 1000000;
	if (tls->not_after_us > clock_realtime_us())
		return 0;
	return error_set(e, STATUS_DATA, "remote.certificate", "the listener's certificate has expired");
}

static int
tls_fill(struct tls *tls, const char *certificate, const char *key, const char *authority, struct error *e)
{
	EVP_PKEY *read = tls_read_key(key);
	X509 *own = NULL;
	int result = -1;

	if (read == NULL)
		(void)tls_error(e, "the listener's key cannot be read (PEM, without a passphrase)");
	else if (tls_use_chain(tls->context, certificate, &own) == -1)
		(void)tls_error(e, "the listener's certificate cannot be read (PEM)");
	else if (SSL_CTX_use_PrivateKey(tls->context, read) != 1 || SSL_CTX_check_private_key(tls->context) != 1)
		(void)tls_error(e, "the listener's key is not that of its certificate");
	else if (tls_trust(tls->context, authority) == -1)
		(void)tls_error(e, "the authority's certificate cannot be read");
	else
		result = tls_check_time(tls, own, e);
	X509_free(own);
	EVP_PKEY_free(read);
	return result;
}

int
tls_make(struct tls *tls, const char *made, const char *certificate, const char *key, struct error *e)
{
	const char *own = strstr(made, TLS_CERTIFICATE_BEGIN);
	const char *authority = own == NULL ? NULL : strstr(own + 1, TLS_CERTIFICATE_BEGIN);
	char first[8192];
	int result;

	*tls = (struct tls) { .context = tls_new_context() };
	if (tls->context == NULL || authority == NULL || (size_t)(authority - own) >= sizeof(first)) {
		result = tls_error(e, "what keeper sent is not usable");
	} else {
		/* Only the listener's own certificate: the authority's, after it, is no part of the chain. */
		memcpy(first, own, (size_t)(authority - own));
		first[authority - own] = '\0';
		result =
		    tls_fill(tls, certificate != NULL ? certificate : first, key != NULL ? key : made, authority, e);
	}
	if (result == -1)
		tls_close(tls);
	return result;
}

void
tls_close(struct tls *tls)
{
	SSL_CTX_free(tls->context);
	*tls = (struct tls) { .context = NULL };
}

/* ---- connections ---- */

/* RFC 5929, section 4.1: the hash of the certificate's signature, but SHA-256 for what is weaker or has none. */
int
tls_bind(const SSL *ssl, uint8_t binding[64], size_t *size)
{
	const X509 *certificate = SSL_get_certificate(ssl);
	unsigned length = 64;
	int hash = NID_undef;

	if (certificate == NULL)
		return -1;
	if (OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &hash, NULL) != 1 || hash == NID_undef ||
	    hash == NID_md5 || hash == NID_sha1)
		hash = NID_sha256;
	if (EVP_get_digestbynid(hash) == NULL ||
	    X509_digest(certificate, EVP_get_digestbynid(hash), binding, &length) != 1) {
		ERR_clear_error();
		return -1;
	}
	*size = length;
	return 0;
}

int
tls_peer_login(SSL *ssl, char login[PGWIRE_LOGIN_SIZE])
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	X509_NAME *name = certificate == NULL ? NULL : X509_get_subject_name(certificate);
	int at = name == NULL ? -1 : X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	unsigned char *text = NULL;
	int length, result = -1;

	login[0] = '\0';
	if (certificate == NULL)
		return 0;
	if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) != -1)
		return -1;
	length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (length > 0 && length < PGWIRE_LOGIN_SIZE && memchr(text, '\0', (size_t)length) == NULL) {
		memcpy(login, text, (size_t)length);
		login[length] = '\0';
		result = 1;
	}
	OPENSSL_free(text);
	ERR_clear_error();
	return result;
}

void
tls_reason(SSL *ssl, char *buf, size_t size)
{
	long verified = SSL_get_verify_result(ssl);
	const char *reason = verified != X509_V_OK ? X509_verify_cert_error_string(verified)
						   : ERR_reason_error_string(ERR_peek_last_error());

	(void)snprintf(buf, size, "%s", reason == NULL ? "the connection was closed" : reason);
	ERR_clear_error();
}
