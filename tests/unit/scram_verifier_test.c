/* The verifier: RFC 7677's example, whose client proof and server signature must follow from it. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/scram/scram.h"

/* RFC 7677, section 3: user "user", password "pencil". */
#define RFC_SALT "W22ZaJ0SNY7soEsUEjb6gQ=="
#define RFC_NONCE "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define RFC_AUTHMESSAGE "n=user,r=rOprNGfwEbeRWgbNEkqO,r=" RFC_NONCE ",s=" RFC_SALT ",i=4096,c=biws,r=" RFC_NONCE
#define RFC_PROOF "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define RFC_SIGNATURE "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

/* 44 characters of base64 are 32 bytes, 24 are 16; OpenSSL counts the padding too. */
static void
decode(const char *text, size_t length, uint8_t *out)
{
	uint8_t bytes[48];

	ck_assert_int_gt(EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length), 0);
	memcpy(out, bytes, length == 24 ? 16 : 32);
}

static void
hmac(const uint8_t *key, const char *text, uint8_t *out)
{
	unsigned size = SHA256_DIGEST_LENGTH;

	ck_assert_ptr_nonnull(
	    HMAC(EVP_sha256(), key, SHA256_DIGEST_LENGTH, (const unsigned char *)text, strlen(text), out, &size));
}

START_TEST(test_rfc_7677)
{
	static const char head[] = "SCRAM-SHA-256$4096:" RFC_SALT "$";
	uint8_t salt[SCRAM_SALT_SIZE], stored[32], server[32], proof[32], signature[32], computed[32], client[32];
	char verifier[SCRAM_VERIFIER_SIZE];

	decode(RFC_SALT, strlen(RFC_SALT), salt);
	ck_assert_int_eq(scram_verifier("pencil", salt, 4096, verifier, NULL), 0);
	ck_assert_msg(strncmp(verifier, head, strlen(head)) == 0, "%s", verifier);
	ck_assert_uint_eq(strlen(verifier), strlen(head) + 44 + 1 + 44);
	ck_assert_int_eq(verifier[strlen(head) + 44], ':');
	decode(verifier + strlen(head), 44, stored);
	decode(verifier + strlen(head) + 45, 44, server);
	/* ServerSignature is HMAC(ServerKey, AuthMessage). */
	hmac(server, RFC_AUTHMESSAGE, computed);
	decode(RFC_SIGNATURE, 44, signature);
	ck_assert_mem_eq(computed, signature, 32);
	/* The client's key is its proof without HMAC(StoredKey, AuthMessage), and StoredKey is its hash. */
	hmac(stored, RFC_AUTHMESSAGE, computed);
	decode(RFC_PROOF, 44, proof);
	for (size_t i = 0; i < sizeof(client); i++)
		client[i] = proof[i] ^ computed[i];
	ck_assert_ptr_nonnull(SHA256(client, sizeof(client), computed));
	ck_assert_mem_eq(computed, stored, 32);
}
END_TEST

START_TEST(test_parameters_count)
{
	static const uint8_t salt[SCRAM_SALT_SIZE] = "0123456789abcde", other[SCRAM_SALT_SIZE] = "0123456789abcdf";
	char first[SCRAM_VERIFIER_SIZE], second[SCRAM_VERIFIER_SIZE];

	ck_assert_int_eq(scram_verifier("secret", salt, 4096, first, NULL), 0);
	ck_assert_int_eq(scram_verifier("secret", salt, 4096, second, NULL), 0);
	ck_assert_str_eq(first, second);
	ck_assert_int_eq(scram_verifier("secret", other, 4096, second, NULL), 0);
	ck_assert_str_ne(strrchr(first, '$'), strrchr(second, '$'));
	ck_assert_int_eq(scram_verifier("Secret", salt, 4096, second, NULL), 0);
	ck_assert_str_ne(strrchr(first, '$'), strrchr(second, '$'));
	ck_assert_int_eq(scram_verifier("secret", salt, 4097, second, NULL), 0);
	ck_assert_str_ne(strrchr(first, '$'), strrchr(second, '$'));
}
END_TEST

START_TEST(test_salt_is_new)
{
	char first[SCRAM_VERIFIER_SIZE], second[SCRAM_VERIFIER_SIZE];

	ck_assert_int_eq(scram_verifier_new("secret", SCRAM_ITERATIONS, first, NULL), 0);
	ck_assert_int_eq(scram_verifier_new("secret", SCRAM_ITERATIONS, second, NULL), 0);
	ck_assert_str_ne(first, second);
	ck_assert_uint_eq(strlen(first), 133);
	ck_assert_uint_eq(strlen(second), 133);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_rfc_7677);
	tcase_add_test(t, test_parameters_count);
	tcase_add_test(t, test_salt_is_new);
	return unit_run("scram_verifier", t, NULL);
}
