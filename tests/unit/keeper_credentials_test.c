/* The credentials in memory: which logins are made, what is kept of an external server, what is sent of both. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memfd.h"
#include "tests/unit/keeper_scene.h"
#include "tests/unit/run.h"

START_TEST(test_logins)
{
	static const char *const logins[] = { "bibd_system", "bibd_admin_a", "bibd_admin_b", "bibd_write_a",
		"bibd_write_b", "bibd_query_a", "bibd_query_b", "bibd_audit_a", "bibd_audit_b", "bibd_monitor_a",
		"bibd_monitor_b" };
	struct credentials credentials = { .count = 0 };

	ck_assert_int_eq(credentials_complete(&credentials, NULL), 1);
	ck_assert_uint_eq(credentials.count, 2 * ROLES + 1);
	for (size_t i = 0; i < 2 * ROLES + 1; i++) {
		const struct credential *credential = credentials_find(&credentials, CREDENTIALS_MANAGED, logins[i]);

		ck_assert_msg(credential != NULL, "%s", logins[i]);
		ck_assert_uint_eq(strlen(credential->password), 128);
		ck_assert_uint_eq(strspn(credential->password, "0123456789abcdef"), 128);
		ck_assert_int_eq(strncmp(credential->verifier, "SCRAM-SHA-256$4096:", 19), 0);
		ck_assert_int_gt(credential->made_us, 0);
		for (const struct credential *other = credentials.list; other < credential; other++)
			ck_assert_str_ne(credential->password, other->password);
		ck_assert_ptr_null(credentials_find(&credentials, CREDENTIALS_EXTERNAL, logins[i]));
	}
	ck_assert_int_eq(credentials_complete(&credentials, NULL), 0);
}
END_TEST

/* What a later version adds is made beside what there is, which stays as it was. */
START_TEST(test_completed)
{
	struct credentials credentials = { .count = 0 }, before;

	ck_assert_int_eq(credentials_complete(&credentials, NULL), 1);
	credentials.count -= 2;
	before = credentials;
	ck_assert_int_eq(credentials_complete(&credentials, NULL), 1);
	ck_assert_uint_eq(credentials.count, 2 * ROLES + 1);
	ck_assert_mem_eq(credentials.list, before.list, before.count * sizeof(before.list[0]));
}
END_TEST

START_TEST(test_external)
{
	struct credentials credentials = { .count = 0 };

	ck_assert_int_eq(credentials_keep_external(&credentials, "postgres", "one", NULL), 1);
	ck_assert_int_eq(credentials_keep_external(&credentials, "postgres", "one", NULL), 0);
	ck_assert_int_eq(credentials_keep_external(&credentials, "postgres", "two", NULL), 1);
	ck_assert_uint_eq(credentials.count, 1);
	ck_assert_str_eq(credentials_find(&credentials, CREDENTIALS_EXTERNAL, "postgres")->password, "two");
	ck_assert_int_eq(credentials_keep_external(&credentials, "other", "two", NULL), 1);
	ck_assert_uint_eq(credentials.count, 1);
	ck_assert_ptr_null(credentials_find(&credentials, CREDENTIALS_EXTERNAL, "postgres"));
}
END_TEST

START_TEST(test_external_that_is_refused)
{
	static const char *const logins[] = { "", "two words", "two\nlines", "two\rlines" };
	static const char *const passwords[] = { "two\nlines", "two\rlines" };
	struct credentials credentials = { .count = 0 };
	char login[CREDENTIALS_LOGIN_SIZE + 1], password[CREDENTIALS_PASSWORD_SIZE + 1];
	struct error e;

	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(credentials_keep_external(&credentials, logins[i], "x", NULL), -1);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(credentials_keep_external(&credentials, "x", passwords[i], &e), -1);
		scene_assert_error(&e, STATUS_CONFIG, "secrets.password", "advanced.password");
		ck_assert_ptr_null(strstr(e.text, "lines"));
	}
	memset(login, 'l', sizeof(login));
	memset(password, 'p', sizeof(password));
	login[CREDENTIALS_LOGIN_SIZE] = password[CREDENTIALS_PASSWORD_SIZE] = '\0';
	ck_assert_int_eq(credentials_keep_external(&credentials, login, "x", NULL), -1);
	ck_assert_int_eq(credentials_keep_external(&credentials, "x", password, NULL), -1);
	ck_assert_uint_eq(credentials.count, 0);
	ck_assert_int_eq(credentials_keep_external(&credentials, login + 1, password + 1, NULL), 1);
}
END_TEST

static char *
lines_of(const struct credentials *credentials, const char *external)
{
	struct error e = { .text = "" };
	size_t size = 0;
	int fd = credentials_send(credentials, NULL, external, &e);
	char *lines;

	ck_assert_msg(fd != -1, "%s", e.text);
	ck_assert_ptr_nonnull(lines = memfd_read(fd, 65536, &size, &e));
	ck_assert_uint_eq(size, strlen(lines));
	close(fd);
	return lines;
}

START_TEST(test_lines)
{
	struct credentials credentials = { .count = 0 };
	char *lines, *at, wanted[CREDENTIALS_PASSWORD_SIZE + SCRAM_VERIFIER_SIZE + 128];
	unsigned count = 0;

	ck_assert_int_eq(credentials_complete(&credentials, NULL), 1);
	ck_assert_int_eq(credentials_keep_external(&credentials, "postgres", "pass word", NULL), 1);
	at = lines = lines_of(&credentials, NULL);
	(void)snprintf(wanted, sizeof(wanted),
	    "bibd credentials 1\nside a\nlogin bibd_system 128 133 0 0\n%s\n%s\n\n\nlogin bibd_admin_a ",
	    credentials.list[0].password, credentials.list[0].verifier);
	ck_assert_int_eq(strncmp(lines, wanted, strlen(wanted)), 0);
	for (; (at = strstr(at, "\nlogin ")) != NULL; at++)
		count++;
	ck_assert_uint_eq(count, 2 * ROLES + 1);
	ck_assert_ptr_null(strstr(lines, "pass word"));
	free(lines);
	lines = lines_of(&credentials, "postgres");
	ck_assert_str_eq(lines, "bibd credentials 1\nlogin postgres 9 0 0 0\npass word\n\n\n\n");
	free(lines);
	/* A password that was kept for one user is not given for another. */
	lines = lines_of(&credentials, "other");
	ck_assert_str_eq(lines, "bibd credentials 1\nlogin other 0 0 0 0\n\n\n\n\n");
	free(lines);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_logins);
	tcase_add_test(t, test_completed);
	tcase_add_test(t, test_external);
	tcase_add_test(t, test_external_that_is_refused);
	tcase_add_test(t, test_lines);
	return unit_run("keeper_credentials", t, NULL);
}
