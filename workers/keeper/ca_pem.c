/* Certificates and keys as texts, and what a certificate says. */
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "workers/keeper/ca.h"

/* A copy of what the BIO holds, with a NUL. */
static char *
pem_copy(BIO *bio)
{
	char *data = NULL, *text;
	long size = BIO_get_mem_data(bio, &data);

	if (size <= 0 || (text = malloc((size_t)size + 1)) == NULL)
		return NULL;
	memcpy(text, data, (size_t)size);
	text[size] = '\0';
	return text;
}

char *
ca_certificate_text(const struct x509_st *certificate)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;

	if (bio != NULL && PEM_write_bio_X509(bio, certificate) == 1)
		text = pem_copy(bio);
	BIO_free(bio);
	return text;
}

char *
ca_key_text(const struct evp_pkey_st *key)
{
	/* Its memory is wiped when it is freed. */
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text = NULL;

	if (bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
		text = pem_copy(bio);
	BIO_free(bio);
	return text;
}

void
ca_free_text(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

struct x509_st *
ca_read_certificate(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	ERR_clear_error();
	return certificate;
}

static int64_t
pem_time(const ASN1_TIME *time)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : -1;
}

int64_t
ca_not_before_s(const struct x509_st *certificate)
{
	return pem_time(X509_get0_notBefore(certificate));
}

int64_t
ca_not_after_s(const struct x509_st *certificate)
{
	return pem_time(X509_get0_notAfter(certificate));
}

static void
pem_common_name(const X509_NAME *name, char *buf, size_t size)
{
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	const ASN1_STRING *text = at < 0 ? NULL : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));

	buf[0] = '\0';
	if (text == NULL)
		return;
	(void)snprintf(buf, size, "%.*s", ASN1_STRING_length(text), (const char *)ASN1_STRING_get0_data(text));
	/* The name is shown on terminals, so control characters are replaced. */
	for (char *c = buf; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
}

void
ca_subject(const struct x509_st *certificate, char *buf, size_t size)
{
	pem_common_name(X509_get_subject_name(certificate), buf, size);
}

void
ca_issuer(const struct x509_st *certificate, char *buf, size_t size)
{
	pem_common_name(X509_get_issuer_name(certificate), buf, size);
}

void
ca_serial(const struct x509_st *certificate, char buf[CA_SERIAL_SIZE])
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	char *text = number == NULL ? NULL : BN_bn2hex(number);

	(void)snprintf(buf, CA_SERIAL_SIZE, "%s", text == NULL ? "" : text);
	OPENSSL_free(text);
	BN_free(number);
}
