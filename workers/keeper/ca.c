/*
 * Derives the authority's key from the identity, makes its certificate, and signs those of servers, logins and
 * operators.
 */
#include "workers/keeper/ca.h"

#include <bsd/string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "workers/keeper/crypto.h"

#define CA_MATERIAL_SIZE 48
#define CA_POINT_SIZE 65 /* uncompressed: 4, x, y */

/* ---- the key ---- */

/* The scalar of 1 to n-1 that these bytes make. */
static int
ca_make_scalar(const EC_GROUP *group, const uint8_t material[CA_MATERIAL_SIZE], BIGNUM *scalar)
{
	BN_CTX *context = BN_CTX_secure_new();
	BIGNUM *number = BN_bin2bn(material, CA_MATERIAL_SIZE, NULL), *most = BN_dup(EC_GROUP_get0_order(group));
	int result = context != NULL && number != NULL && most != NULL && BN_sub_word(most, 1) == 1 &&
		BN_mod(scalar, number, most, context) == 1 && BN_add_word(scalar, 1) == 1
	    ? 0
	    : -1;

	BN_clear_free(number);
	BN_free(most);
	BN_CTX_free(context);
	return result;
}

static int
ca_make_point(const EC_GROUP *group, const BIGNUM *scalar, uint8_t buf[CA_POINT_SIZE])
{
	EC_POINT *point = EC_POINT_new(group);
	BN_CTX *context = BN_CTX_secure_new();
	int result = point != NULL && context != NULL && EC_POINT_mul(group, point, scalar, NULL, NULL, context) == 1 &&
		EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, buf, CA_POINT_SIZE, context) ==
		    CA_POINT_SIZE
	    ? 0
	    : -1;

	EC_POINT_free(point);
	BN_CTX_free(context);
	return result;
}

static EVP_PKEY *
ca_make_key(const BIGNUM *scalar, const uint8_t point[CA_POINT_SIZE])
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM *parameters = NULL;
	EVP_PKEY *key = NULL;

	if (builder != NULL && context != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, CA_POINT_SIZE) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1 &&
	    (parameters = OSSL_PARAM_BLD_to_param(builder)) != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) != 1)
		key = NULL;
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(builder);
	EVP_PKEY_CTX_free(context);
	return key;
}

int
ca_derive(struct ca *ca, const struct identity *identity, struct error *e)
{
	return ca_derive_for(ca, identity, CA_LABEL, e);
}

int
ca_derive_for(struct ca *ca, const struct identity *identity, const char *label, struct error *e)
{
	uint8_t material[CA_MATERIAL_SIZE], point[CA_POINT_SIZE];
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	BIGNUM *scalar = BN_secure_new();

	*ca = (struct ca) { .key = NULL };
	if (identity_derive(identity, label, material, sizeof(material), e) == 0) {
		if (group != NULL && scalar != NULL && ca_make_scalar(group, material, scalar) == 0 &&
		    ca_make_point(group, scalar, point) == 0)
			ca->key = ca_make_key(scalar, point);
		if (ca->key == NULL)
			(void)crypto_error(e, "derive the key of the certificate authority");
	}
	explicit_bzero(material, sizeof(material));
	BN_clear_free(scalar);
	EC_GROUP_free(group);
	return ca->key == NULL ? -1 : 0;
}

/* ---- certificates ---- */

struct ca_extension {
	int nid;
	const char *value;
};

static int
ca_add_extensions(X509 *certificate, X509 *issuer, const struct ca_extension *extensions)
{
	X509V3_CTX context;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	for (; extensions->value != NULL; extensions++) {
		X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, extensions->nid, extensions->value);
		int added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;

		X509_EXTENSION_free(extension);
		if (!added)
			return -1;
	}
	return 0;
}

static int
ca_set_name(X509_NAME *name, const char *text)
{
	return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const unsigned char *)text, -1, -1,
		   0) == 1
	    ? 0
	    : -1;
}

/* A random serial number, so that no two certificates of a node ever have the same one, also after it has lost all its
 * state. */
static int
ca_set_serial(X509 *certificate)
{
	BIGNUM *number = BN_new();
	int result = number != NULL && BN_rand(number, CA_SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
		BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL
	    ? 0
	    : -1;

	BN_free(number);
	return result;
}

static int64_t
ca_skew_s(int64_t life_s)
{
	return life_s / 10 < CA_SKEW_MAX_S ? life_s / 10 : CA_SKEW_MAX_S;
}

/* Makes a certificate without issuer and extensions. */
static X509 *
ca_begin(const char *name, EVP_PKEY *key, int64_t now_s, int64_t end_s, int64_t skew_s)
{
	X509 *certificate = X509_new();

	if (certificate != NULL && X509_set_version(certificate, X509_VERSION_3) == 1 &&
	    ca_set_serial(certificate) == 0 &&
	    ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)(now_s - skew_s)) != NULL &&
	    ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)end_s) != NULL &&
	    ca_set_name(X509_get_subject_name(certificate), name) == 0 && X509_set_pubkey(certificate, key) == 1)
		return certificate;
	X509_free(certificate);
	return NULL;
}

static int
ca_sign(const struct ca *ca, X509 *certificate, X509 *issuer, const struct ca_extension *extensions)
{
	return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
		ca_add_extensions(certificate, issuer, extensions) == 0 &&
		X509_sign(certificate, ca->key, EVP_sha256()) != 0
	    ? 0
	    : -1;
}

static void
ca_full_name(const char *node_id, char name[CA_NAME_SIZE])
{
	(void)snprintf(name, CA_NAME_SIZE, CA_NAME "%s", node_id);
}

int
ca_certify(struct ca *ca, const char *node_id, int64_t now_s, struct error *e)
{
	static const struct ca_extension extensions[] = {
		{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
		{ NID_key_usage, "critical,keyCertSign,cRLSign" },
		{ NID_subject_key_identifier, "hash" },
		{ NID_undef, NULL },
	};
	char name[CA_NAME_SIZE];
	X509 *certificate;

	ca_full_name(node_id, name);
	certificate = ca_begin(name, ca->key, now_s, now_s + CA_LIFE_S, CA_SKEW_MAX_S);
	if (certificate == NULL || ca_sign(ca, certificate, certificate, extensions) == -1) {
		X509_free(certificate);
		return crypto_error(e, "make the certificate of the authority");
	}
	X509_free(ca->certificate);
	ca->certificate = certificate;
	return 0;
}

bool
ca_take_certificate(struct ca *ca, const char *pem, const char *node_id, int64_t now_s)
{
	X509 *certificate = ca_read_certificate(pem);
	char name[CA_NAME_SIZE], subject[CA_NAME_SIZE];
	bool fits = false;

	ca_full_name(node_id, name);
	if (certificate != NULL) {
		int64_t begin = ca_not_before_s(certificate), end = ca_not_after_s(certificate);

		ca_subject(certificate, subject, sizeof(subject));
		fits = strcmp(name, subject) == 0 && X509_check_private_key(certificate, ca->key) == 1 &&
		    X509_verify(certificate, ca->key) == 1 && begin != -1 && end != -1 && begin <= now_s &&
		    end - now_s > (end - begin) / 3;
	}
	ERR_clear_error();
	if (!fits) {
		X509_free(certificate);
		return false;
	}
	X509_free(ca->certificate);
	ca->certificate = certificate;
	return true;
}

void
ca_close(struct ca *ca)
{
	EVP_PKEY_free(ca->key);
	X509_free(ca->certificate);
	*ca = (struct ca) { .key = NULL };
}

/* ---- leaves ---- */

static int
ca_sign_leaf(const struct ca *ca, const struct leaf_request *request, X509 *certificate)
{
	const bool server = request->alternatives != NULL;
	const struct ca_extension extensions[] = {
		{ NID_basic_constraints, "critical,CA:FALSE" },
		{ NID_key_usage, "critical,digitalSignature" },
		{ NID_ext_key_usage, server ? "serverAuth" : "clientAuth" },
		{ NID_subject_key_identifier, "hash" },
		{ NID_authority_key_identifier, "keyid:always" },
		/* A client's certificate has no alternative names: its list ends before this row. */
		{ NID_subject_alt_name, request->alternatives },
		{ NID_undef, NULL },
	};

	return ca_sign(ca, certificate, ca->certificate, extensions);
}

int
ca_issue(const struct ca *ca, const struct leaf_request *request, struct leaf *leaf, struct error *e)
{
	int64_t end_s = request->now_s + request->life_s, last_s = ca_not_after_s(ca->certificate);

	*leaf = (struct leaf) { .key = EVP_EC_gen("P-256") };
	(void)strlcpy(leaf->name, request->name, sizeof(leaf->name));
	if (leaf->key != NULL)
		leaf->certificate = ca_begin(leaf->name, leaf->key, request->now_s, end_s < last_s ? end_s : last_s,
		    ca_skew_s(request->life_s));
	if (leaf->certificate == NULL || ca_sign_leaf(ca, request, leaf->certificate) == -1) {
		leaf_close(leaf);
		return crypto_error(e, "issue a certificate");
	}
	return 0;
}

void
leaf_close(struct leaf *leaf)
{
	EVP_PKEY_free(leaf->key);
	X509_free(leaf->certificate);
	*leaf = (struct leaf) { .key = NULL };
}
