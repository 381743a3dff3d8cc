/*
 * The node's certificate authority and what it signs: X.509 (RFC 5280) with keys on P-256 (FIPS 186-4), since libpq 15
 * does not log in with SCRAM over a connection whose certificate was signed with Ed25519.
 */
#ifndef BIBD_KEEPER_CA_H
#define BIBD_KEEPER_CA_H

#include <stdbool.h>
#include <stdint.h>

#include "workers/keeper/identity.h"

#define CA_LABEL "bibd certificate authority"
#define CA_NAME "bibd CA " /* and the node's id: its common name */
#define CA_LIFE_S (3650LL * 86400)
#define CA_SKEW_MAX_S 300 /* how far another host's clock may be behind this one's */
#define CA_SERIAL_BITS 128
#define CA_NAME_SIZE 64 /* of a common name, with its NUL (ub-common-name) */

/* Either may be NULL. */
struct ca {
	struct evp_pkey_st *key;
	struct x509_st *certificate;
};

/* A certificate, its private key, and what they certify. */
struct leaf {
	char name[CA_NAME_SIZE]; /* common name */
	struct x509_st *certificate;
	struct evp_pkey_st *key;
};

struct leaf_request {
	const char *name;
	const char *alternatives; /* subjectAltName as x509v3_config(5) spells it: a server's; NULL: a client's */
	int64_t now_s;		  /* seconds since 1970 */
	int64_t life_s;
};

/* The authority's private key, the same for the same identity: 48 bytes of HKDF with CA_LABEL, as a number taken modulo
 * n - 1, plus 1, where n is the order of P-256. (128 bits more than n has: every key is as likely as any other.) The
 * certificate stays NULL. Errors: secrets.openssl. */
int ca_derive(struct ca *ca, const struct identity *identity, struct error *e);
/* The same with another label: that of another authority. */
int ca_derive_for(struct ca *ca, const struct identity *identity, const char *label, struct error *e);

/* Makes its certificate anew, in place of one that is there. Errors: secrets.openssl. */
int ca_certify(struct ca *ca, const char *node_id, int64_t now_s, struct error *e);

/* Takes the certificate of that PEM if it is this authority's and is valid for another third of its life. Returns
 * whether it did; another certificate is no error. */
bool ca_take_certificate(struct ca *ca, const char *pem, const char *node_id, int64_t now_s);

void ca_close(struct ca *ca);

/* Makes a key and signs a certificate for it that does not outlast the authority's. Errors: secrets.openssl. */
int ca_issue(const struct ca *ca, const struct leaf_request *request, struct leaf *leaf, struct error *e);

/* Takes an empty one. */
void leaf_close(struct leaf *leaf);

/* ---- ca_pem.c: as texts ---- */

/* PEM, malloc'ed; the key's is to be wiped (ca_free_text). NULL: memory is out. */
char *ca_certificate_text(const struct x509_st *certificate);
char *ca_key_text(const struct evp_pkey_st *key);
void ca_free_text(char *text);

/* The certificate of a PEM, or NULL. */
struct x509_st *ca_read_certificate(const char *pem);

/* When it begins and ends to hold, in seconds since 1970; -1 when that cannot be told. */
int64_t ca_not_before_s(const struct x509_st *certificate);
int64_t ca_not_after_s(const struct x509_st *certificate);

/* "bibd CA abc": the common name of subject or issuer; and the serial number in hexadecimal. */
#define CA_SERIAL_SIZE 64
void ca_subject(const struct x509_st *certificate, char *buf, size_t size);
void ca_issuer(const struct x509_st *certificate, char *buf, size_t size);
void ca_serial(const struct x509_st *certificate, char buf[CA_SERIAL_SIZE]);

#endif
