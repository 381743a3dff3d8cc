/* The certificate authority: the same key from the same identity, certificates that OpenSSL's own program accepts for
 * what they are meant and for nothing else. */
#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/keeper_scene.h"
#include "common/memfd.h"
#include "tests/unit/run.h"
#include "workers/keeper/crypto.h"

struct setting {
	struct files files;
	struct identity identity;
	struct credentials credentials;
	struct certificates certificates;
	struct certificates_request request;
};

static struct setting
setting_make(int64_t life_s)
{
	struct setting s = {
		.request = { .node_id = SCENE_NODE, .address = "127.0.0.1", .now_s = time(NULL), .life_s = life_s }
	};
	struct error e = { .text = "" };

	ck_assert_int_eq(crypto_start(NULL), 0);
	s.files = scene_files();
	ck_assert_int_eq(identity_create(&s.identity, &s.files, NULL, NULL), 0);
	ck_assert_int_eq(credentials_complete(&s.credentials, NULL), 1);
	ck_assert_msg(certificates_issue(&s.certificates, &s.request, &s.identity, &s.credentials, &s.files, &e) == 0,
	    "%s", e.text);
	return s;
}

static void
setting_free(struct setting *s)
{
	certificates_close(&s->certificates);
	identity_close(&s->identity);
	files_close(&s->files);
}

static void
put(const struct setting *s, const char *name, char *text)
{
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(files_write(&s->files, name, (const uint8_t *)text, strlen(text), NULL), 0);
	ca_free_text(text);
}

/* Runs openssl with these words in the directory; its exit status. */
static int
run_openssl(const char *const words[])
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		(void)dup2(null, STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
		if (chdir(scene_directory) == 0)
			(void)execvp("openssl", (char *const *)(uintptr_t)words);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) == 127)
		exit(77);
	return WEXITSTATUS(status);
}

START_TEST(test_key_is_derived)
{
	/* The identity of RFC 8032, 7.1, test 1; the scalar was computed with another program from what bibd(8)
	 * says. */
	static const uint8_t seed[32] = { 0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92,
		0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae,
		0x7f, 0x60 };
	struct identity identity = { .key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed)) };
	struct ca ca;
	BIGNUM *scalar = NULL;
	char *text;

	ck_assert_ptr_nonnull(identity.key);
	ck_assert_int_eq(ca_derive(&ca, &identity, NULL), 0);
	ck_assert_int_eq(EVP_PKEY_get_bn_param(ca.key, "priv", &scalar), 1);
	ck_assert_ptr_nonnull(text = BN_bn2hex(scalar));
	ck_assert_str_eq(text, "5978C73A1D4B5CB7DEC77061A15EC59A50C712E33BC3F94CC34FCE2E27A6C4AC");
	OPENSSL_free(text);
	BN_free(scalar);
	ca_close(&ca);
	EVP_PKEY_free(identity.key);
}
END_TEST

START_TEST(test_openssl_accepts)
{
	struct setting s = setting_make(3600);
	const struct certificates *c = &s.certificates;

	put(&s, "a", ca_certificate_text(c->ca.certificate));
	put(&s, "s", ca_certificate_text(c->server.certificate));
	put(&s, "c", ca_certificate_text(certificates_find(c, "bibd_write_a")->certificate));
	ck_assert_int_eq(run_openssl((const char *const[]) { "openssl", "verify", "-x509_strict", "-CAfile", "a",
			     "-purpose", "sslserver", "-verify_ip", "127.0.0.1", "s", NULL }),
	    0);
	ck_assert_int_eq(run_openssl((const char *const[]) { "openssl", "verify", "-x509_strict", "-CAfile", "a",
			     "-purpose", "sslserver", "-verify_hostname", "localhost", "s", NULL }),
	    0);
	ck_assert_int_eq(run_openssl((const char *const[]) { "openssl", "verify", "-x509_strict", "-CAfile", "a",
			     "-purpose", "sslclient", "c", NULL }),
	    0);
	/* Neither is good for the other, nor for another host, and neither can sign. */
	ck_assert_int_ne(run_openssl((const char *const[]) { "openssl", "verify", "-CAfile", "a", "-purpose",
			     "sslserver", "c", NULL }),
	    0);
	ck_assert_int_ne(run_openssl((const char *const[]) { "openssl", "verify", "-CAfile", "a", "-purpose",
			     "sslclient", "s", NULL }),
	    0);
	ck_assert_int_ne(run_openssl((const char *const[]) { "openssl", "verify", "-CAfile", "a", "-verify_ip",
			     "127.0.0.2", "s", NULL }),
	    0);
	ck_assert_int_ne(run_openssl((const char *const[]) { "openssl", "verify", "-CAfile", "s", "c", NULL }), 0);
	setting_free(&s);
}
END_TEST

START_TEST(test_what_they_say)
{
	struct setting s = setting_make(3600);
	const struct certificates *c = &s.certificates;
	char subject[CA_NAME_SIZE], issuer[CA_NAME_SIZE], serial[CA_SERIAL_SIZE], other[CA_SERIAL_SIZE];

	ca_subject(c->ca.certificate, subject, sizeof(subject));
	ck_assert_str_eq(subject, "bibd CA " SCENE_NODE);
	ck_assert_int_eq(ca_not_after_s(c->ca.certificate), s.request.now_s + CA_LIFE_S);
	ck_assert_uint_eq(c->nclients, 2 * ROLES + 1);
	for (size_t i = 0; i < c->nclients; i++) {
		ca_subject(c->clients[i].certificate, subject, sizeof(subject));
		ca_issuer(c->clients[i].certificate, issuer, sizeof(issuer));
		ck_assert_str_eq(subject, c->clients[i].name);
		ck_assert_str_eq(issuer, "bibd CA " SCENE_NODE);
		ck_assert_int_eq(ca_not_after_s(c->clients[i].certificate), s.request.now_s + 3600);
		ck_assert_int_eq(ca_not_before_s(c->clients[i].certificate), s.request.now_s - 300);
		ck_assert_int_eq(X509_check_private_key(c->clients[i].certificate, c->clients[i].key), 1);
		ca_serial(c->clients[i].certificate, serial);
		ca_serial(c->clients[(i + 1) % c->nclients].certificate, other);
		ck_assert_uint_eq(strlen(serial), 32);
		ck_assert_str_ne(serial, other);
	}
	ck_assert_int_eq(X509_check_ca(c->server.certificate), 0);
	ck_assert_ptr_null(c->ca.key);
	setting_free(&s);
}
END_TEST

START_TEST(test_never_outlast_the_authority)
{
	struct setting s = setting_make(CA_LIFE_S * 2);

	ck_assert_int_eq(ca_not_after_s(s.certificates.server.certificate),
	    ca_not_after_s(s.certificates.ca.certificate));
	setting_free(&s);
}
END_TEST

START_TEST(test_authority_is_kept)
{
	struct setting s = setting_make(3600);
	struct certificates again;
	struct identity other;
	char first[CA_SERIAL_SIZE], second[CA_SERIAL_SIZE];
	char *pem = ca_certificate_text(s.certificates.ca.certificate);

	put(&s, FILES_CA, ca_certificate_text(s.certificates.ca.certificate));
	ca_serial(s.certificates.ca.certificate, first);
	ck_assert_int_eq(certificates_issue(&again, &s.request, &s.identity, &s.credentials, &s.files, NULL), 0);
	ca_serial(again.ca.certificate, second);
	ck_assert_str_eq(first, second);
	certificates_close(&again);
	/* It is made anew when little of its life is left, when the clock says that it is not yet, and of another
	 * identity. */
	s.request.now_s += CA_LIFE_S * 3 / 4;
	ck_assert_int_eq(certificates_issue(&again, &s.request, &s.identity, &s.credentials, &s.files, NULL), 0);
	ca_serial(again.ca.certificate, second);
	ck_assert_str_ne(first, second);
	certificates_close(&again);
	ck_assert_int_eq(ca_derive(&again.ca, &s.identity, NULL), 0);
	s.request.now_s -= CA_LIFE_S * 3 / 4;
	ck_assert(ca_take_certificate(&again.ca, pem, SCENE_NODE, s.request.now_s));
	ck_assert(!ca_take_certificate(&again.ca, pem, SCENE_NODE, s.request.now_s - 86400));
	ck_assert(!ca_take_certificate(&again.ca, pem, "another", s.request.now_s));
	ck_assert(!ca_take_certificate(&again.ca, "no certificate", SCENE_NODE, s.request.now_s));
	ca_close(&again.ca);
	ck_assert_int_eq(identity_create(&other, &s.files, NULL, NULL), 0);
	ck_assert_int_eq(ca_derive(&again.ca, &other, NULL), 0);
	ck_assert(!ca_take_certificate(&again.ca, pem, SCENE_NODE, s.request.now_s));
	ca_close(&again.ca);
	identity_close(&other);
	free(pem);
	setting_free(&s);
}
END_TEST

START_TEST(test_due)
{
	struct setting s = setting_make(60);
	int64_t now = s.request.now_s;

	ck_assert(!certificates_are_due(&s.certificates, now));
	ck_assert(!certificates_are_due(&s.certificates, now + 39));
	ck_assert(certificates_are_due(&s.certificates, now + 40));
	ck_assert(certificates_are_due(&s.certificates, now + 100000));
	ck_assert(certificates_are_due(&s.certificates, now - 100));
	setting_free(&s);
}
END_TEST

START_TEST(test_files)
{
	struct setting s = setting_make(60);
	struct stat st, given;
	int fd = -1;

	ck_assert_int_eq(certificates_stage(&s.certificates, &s.certificates, &s.files, &fd, NULL), 0);
	ck_assert(!scene_has_file(FILES_CA) && !scene_has_file(FILES_SERVER_KEY) &&
	    !scene_has_file(FILES_SERVER_CERTIFICATE));
	ck_assert_int_eq(fstat(fd, &given), 0);
	ck_assert_uint_eq(given.st_mode & 07777, 0600);
	ck_assert_int_eq(certificates_commit(&s.files, NULL), 0);
	ck_assert_int_eq(fstatat(s.files.fd, FILES_SERVER_KEY, &st, 0), 0);
	ck_assert_uint_eq(st.st_ino, given.st_ino);
	ck_assert_int_eq(fstatat(s.files.fd, FILES_SERVER_CERTIFICATE, &st, 0), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0644);
	close(fd);
	ck_assert_int_eq(run_openssl((const char *const[]) { "openssl", "verify", "-CAfile", FILES_CA,
			     FILES_SERVER_CERTIFICATE, NULL }),
	    0);
	setting_free(&s);
}
END_TEST

START_TEST(test_sent)
{
	struct setting s = setting_make(60);
	struct error e = { .text = "" };
	int fd = credentials_send(&s.credentials, &s.certificates, NULL, &e);
	size_t size, length;
	char *text, *key = ca_key_text(certificates_find(&s.certificates, "bibd_audit_b")->key);

	ck_assert_msg(fd != -1, "%s", e.text);
	ck_assert_ptr_nonnull(text = memfd_read(fd, 65536, &size, NULL));
	ck_assert_int_eq(sscanf(text, "bibd credentials 1\nside %*c\nca %zu\n", &length), 1);
	ck_assert_ptr_nonnull(strstr(text, "\n-----BEGIN CERTIFICATE-----\n"));
	ck_assert_ptr_nonnull(strstr(text, key));
	ca_free_text(key);
	free(text);
	close(fd);
	setting_free(&s);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("all");

	tcase_add_checked_fixture(tests, scene_set_up, scene_tear_down);
	tcase_add_test(tests, test_key_is_derived);
	tcase_add_test(tests, test_openssl_accepts);
	tcase_add_test(tests, test_what_they_say);
	tcase_add_test(tests, test_never_outlast_the_authority);
	tcase_add_test(tests, test_authority_is_kept);
	tcase_add_test(tests, test_due);
	tcase_add_test(tests, test_files);
	tcase_add_test(tests, test_sent);
	return unit_run("keeper: certificate authority", tests, NULL);
}
