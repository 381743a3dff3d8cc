/* Certificates of the operator's own: taken when all is right, else refused with the name of the file and what is
 * wrong. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/keeper_scene.h"
#include "tests/unit/run.h"
#include "workers/keeper/crypto.h"
#include "workers/keeper/operator_certificates.h"

/* An authority and all that it signed, as files; a test spoils one of them. */
static struct setting {
	struct operator_files files;
	struct credentials credentials;
	struct certificates_request request;
	struct ca ca, other;
} setting;

static void
put(const char *name, const char *text)
{
	int fd;
	struct error e = { .text = "" };

	scene_write_file(name, text, strlen(text), 0600);
	fd = open(scene_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ne(fd, -1);
	{
		int file = openat(fd, name, O_RDONLY | O_CLOEXEC);

		ck_assert_msg(operator_take(&setting.files, scene_directory, name, file, &e) == 0, "%s", e.text);
		close(file);
	}
	close(fd);
}

static void
put_pair(const struct ca *ca, const char *base, const char *name, const char *alternatives, int64_t life_s)
{
	struct leaf_request request = { .name = name,
		.alternatives = alternatives,
		.now_s = setting.request.now_s,
		.life_s = life_s };
	char path[128], *text;
	struct leaf leaf;

	if (life_s < 0) {
		request.now_s += 2 * life_s;
		request.life_s = -life_s;
	}
	ck_assert_int_eq(ca_issue(ca, &request, &leaf, NULL), 0);
	(void)snprintf(path, sizeof(path), "%s.crt", base);
	put(path, text = ca_certificate_text(leaf.certificate));
	free(text);
	(void)snprintf(path, sizeof(path), "%s.key", base);
	put(path, text = ca_key_text(leaf.key));
	ca_free_text(text);
	leaf_close(&leaf);
}

static void
make_authority(struct ca *ca)
{
	struct identity identity;

	ck_assert_int_eq(identity_make(&identity, NULL, NULL), 0);
	ck_assert_int_eq(ca_derive(ca, &identity, NULL), 0);
	ck_assert_int_eq(ca_certify(ca, SCENE_NODE, setting.request.now_s, NULL), 0);
	identity_close(&identity);
}

static void
set_up(void)
{
	char base[96], *text;

	scene_set_up();
	ck_assert_int_eq(crypto_start(NULL), 0);
	memset(&setting, 0, sizeof(setting));
	setting.request = (struct certificates_request) { .node_id = SCENE_NODE,
		.address = "127.0.0.1",
		.now_s = time(NULL),
		.life_s = 3600 };
	ck_assert_int_eq(credentials_complete(&setting.credentials, NULL), 1);
	make_authority(&setting.ca);
	make_authority(&setting.other);
	put("ca.crt", text = ca_certificate_text(setting.ca.certificate));
	free(text);
	put_pair(&setting.ca, "server", "a server", "IP:127.0.0.1", 3600);
	for (size_t i = 0; i < setting.credentials.count; i++) {
		(void)snprintf(base, sizeof(base), "client-%s", setting.credentials.list[i].login);
		put_pair(&setting.ca, base, setting.credentials.list[i].login, NULL, 3600);
	}
}

static void
tear_down(void)
{
	operator_close(&setting.files);
	ca_close(&setting.ca);
	ca_close(&setting.other);
	scene_tear_down();
}

static void
assert_refused(const char *code, const char *file, const char *words)
{
	struct certificates certificates;
	struct error e = { .text = "" };
	char path[160];

	ck_assert_int_eq(operator_check(&setting.files, scene_directory, &setting.request, &setting.credentials,
			     &certificates, &e),
	    -1);
	ck_assert_str_eq(e.code, code);
	ck_assert_int_eq((int)e.status, STATUS_DATA);
	(void)snprintf(path, sizeof(path), "%s/%s", scene_directory, file);
	ck_assert_msg(strstr(e.text, path) != NULL && strstr(e.text, words) != NULL, "%s", e.text);
	ck_assert_uint_eq(certificates.nclients, 0);
}

START_TEST(test_taken)
{
	struct certificates certificates;
	struct error e = { .text = "" };

	ck_assert_msg(operator_check(&setting.files, scene_directory, &setting.request, &setting.credentials,
			  &certificates, &e) == 0,
	    "%s", e.text);
	ck_assert_uint_eq(certificates.nclients, 2 * ROLES + 1);
	ck_assert_ptr_nonnull(certificates_find(&certificates, "bibd_audit_b"));
	certificates_close(&certificates);
}
END_TEST

static void
take(const char *name)
{
	for (size_t i = 0; i < setting.files.count; i++)
		if (strcmp(setting.files.list[i].name, name) == 0) {
			ca_free_text(setting.files.list[i].text);
			setting.files.list[i] = setting.files.list[--setting.files.count];
			return;
		}
	ck_abort_msg("no file %s", name);
}

/* An authority that is older than the role monitor: its other logins are certified as before. */
START_TEST(test_older_than_a_role)
{
	struct certificates certificates;
	struct error e = { .text = "" };

	take("client-bibd_monitor_a.crt");
	take("client-bibd_monitor_a.key");
	take("client-bibd_monitor_b.crt");
	assert_refused("certificates.missing", "client-bibd_monitor_b.crt", "is missing");
	take("client-bibd_monitor_b.key");
	ck_assert_msg(operator_check(&setting.files, scene_directory, &setting.request, &setting.credentials,
			  &certificates, &e) == 0,
	    "%s", e.text);
	ck_assert_uint_eq(certificates.nclients, 2 * ROLES - 1);
	ck_assert_ptr_null(certificates_find(&certificates, "bibd_monitor_b"));
	certificates_close(&certificates);
}
END_TEST

START_TEST(test_missing)
{
	operator_close(&setting.files);
	assert_refused("certificates.missing", "ca.crt", "is missing");
}
END_TEST

START_TEST(test_no_certificate)
{
	put("server.crt", "no certificate\n");
	assert_refused("certificates.file", "server.crt", "no certificate");
}
END_TEST

START_TEST(test_no_key)
{
	put("client-bibd_query_a.key",
	    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
	assert_refused("certificates.key", "client-bibd_query_a.key", "passphrase");
}
END_TEST

START_TEST(test_key_of_another)
{
	static char text[FILES_SIZE_MAX + 1];

	text[scene_read_file("client-bibd_query_b.key", (uint8_t *)text)] = '\0';
	put("client-bibd_query_a.key", text);
	assert_refused("certificates.key", "client-bibd_query_a.key", "is not the key of");
}
END_TEST

START_TEST(test_foreign)
{
	put_pair(&setting.other, "client-bibd_write_a", "bibd_write_a", NULL, 3600);
	assert_refused("certificates.chain", "client-bibd_write_a.crt", "did not sign it");
}
END_TEST

START_TEST(test_wrong_purpose)
{
	put_pair(&setting.ca, "server", "a server", NULL, 3600);
	assert_refused("certificates.chain", "server.crt", "not good for");
}
END_TEST

START_TEST(test_wrong_names)
{
	put_pair(&setting.ca, "client-bibd_write_a", "bibd_query_a", NULL, 3600);
	assert_refused("certificates.name", "client-bibd_write_a.crt", "must be bibd_write_a");
	put_pair(&setting.ca, "server", "a server", "IP:127.0.0.2,DNS:localhost", 3600);
	assert_refused("certificates.name", "server.crt", "127.0.0.1");
}
END_TEST

START_TEST(test_expired)
{
	put_pair(&setting.ca, "client-bibd_system", "bibd_system", NULL, -100);
	assert_refused("certificates.expired", "client-bibd_system.crt", "has expired on 2");
	setting.request.now_s -= 86400;
	assert_refused("certificates.expired", "ca.crt", "is not valid before 2");
}
END_TEST

START_TEST(test_sizes)
{
	static char large[OPERATOR_FILE_SIZE_MAX + 2];
	struct error e = { .text = "" };
	int fd;

	memset(large, 'x', sizeof(large) - 1);
	for (int i = 0; i < 2; i++) {
		char path[160];

		scene_write_file("ca.crt", large, i == 0 ? 0 : sizeof(large) - 1, 0644);
		(void)snprintf(path, sizeof(path), "%s/ca.crt", scene_directory);
		ck_assert_int_ne(fd = open(path, O_RDONLY | O_CLOEXEC), -1);
		ck_assert_int_eq(operator_take(&setting.files, scene_directory, "ca.crt", fd, &e), -1);
		ck_assert_str_eq(e.code, "certificates.file");
		close(fd);
	}
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("all");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, test_taken);
	tcase_add_test(tests, test_older_than_a_role);
	tcase_add_test(tests, test_missing);
	tcase_add_test(tests, test_no_certificate);
	tcase_add_test(tests, test_no_key);
	tcase_add_test(tests, test_key_of_another);
	tcase_add_test(tests, test_foreign);
	tcase_add_test(tests, test_wrong_purpose);
	tcase_add_test(tests, test_wrong_names);
	tcase_add_test(tests, test_expired);
	tcase_add_test(tests, test_sizes);
	return unit_run("keeper: the operator's own certificates", tests, NULL);
}
