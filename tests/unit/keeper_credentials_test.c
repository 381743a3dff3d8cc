/* The credentials: what is made, and the file that keeps them, of which no byte may change unnoticed. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memfd.h"
#include "tests/unit/keeper_scene.h"

/* The directory, an identity in it, and credentials; what most tests begin with. */
struct setting {
	struct files files;
	struct identity identity;
	struct credentials credentials;
};

static struct setting
setting_make(void)
{
	struct setting s = { .files = scene_files() };
	struct error e = { .text = "" };

	ck_assert_msg(identity_create(&s.identity, &s.files, &e) == 0, "%s", e.text);
	ck_assert_msg(credentials_complete(&s.credentials, &e) == 1, "%s", e.text);
	ck_assert_msg(credentials_keep_external(&s.credentials, "postgres", "pass word", &e) == 1, "%s", e.text);
	ck_assert_msg(credentials_write(&s.credentials, &s.files, &s.identity, SCENE_NODE, &e) == 0, "%s", e.text);
	return s;
}

static void
setting_free(struct setting *s)
{
	identity_close(&s->identity);
	files_close(&s->files);
}

static void
assert_same(const struct credentials *a, const struct credentials *b)
{
	ck_assert_uint_eq(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		ck_assert_int_eq((int)a->list[i].kind, (int)b->list[i].kind);
		ck_assert_int_eq(a->list[i].made_us, b->list[i].made_us);
		ck_assert_str_eq(a->list[i].login, b->list[i].login);
		ck_assert_str_eq(a->list[i].password, b->list[i].password);
		ck_assert_str_eq(a->list[i].verifier, b->list[i].verifier);
	}
}

/* Reads the file, which must be refused, and leaves nothing in the credentials. */
static void
assert_refused(const struct setting *s, const char *code)
{
	static const struct credentials none;
	struct credentials read;
	struct error e = { .text = "" };

	memset(&read, 0x55, sizeof(read));
	ck_assert_int_eq(credentials_read(&read, &s->files, &s->identity, SCENE_NODE, &e), -1);
	if (code != NULL)
		scene_assert_error(&e, STATUS_DATA, code, scene_directory);
	else
		ck_assert_msg(e.status == STATUS_DATA, "%s", e.text);
	ck_assert_mem_eq(&read, &none, sizeof(read));
}

/* ---- what is made ---- */

START_TEST(test_logins)
{
	static const char *const logins[] = { "bibd_system", "bibd_admin_a", "bibd_admin_b", "bibd_write_a",
		"bibd_write_b", "bibd_query_a", "bibd_query_b", "bibd_audit_a", "bibd_audit_b" };
	struct credentials credentials = { .count = 0 };

	ck_assert_int_eq(credentials_complete(&credentials, NULL), 1);
	ck_assert_uint_eq(credentials.count, 9);
	for (size_t i = 0; i < 9; i++) {
		const struct credential *credential =
		    credentials_find(&credentials, CREDENTIALS_MANAGED, logins[i]);

		ck_assert_msg(credential != NULL, "%s", logins[i]);
		ck_assert_uint_eq(strlen(credential->password), 128);
		ck_assert_uint_eq(strspn(credential->password, "0123456789abcdef"), 128);
		ck_assert_int_eq(strncmp(credential->verifier, "SCRAM-SHA-256$4096:", 19), 0);
		ck_assert_int_gt(credential->made_us, 0);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(credential->password, credentials_find(&credentials, CREDENTIALS_MANAGED, logins[j])->password);
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
	ck_assert_uint_eq(credentials.count, 9);
	credentials.count -= 2;
	assert_same(&credentials, &before);
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
	struct setting s = setting_make();
	char *lines = lines_of(&s.credentials, NULL), wanted[CREDENTIALS_PASSWORD_SIZE + SCRAM_VERIFIER_SIZE + 128], *at = lines;
	unsigned count = 0;

	(void)snprintf(wanted, sizeof(wanted), "bibd credentials 1\nlogin bibd_system 128 133 0 0\n%s\n%s\n\n\nlogin bibd_admin_a ",
	    s.credentials.list[0].password, s.credentials.list[0].verifier);
	ck_assert_int_eq(strncmp(lines, wanted, strlen(wanted)), 0);
	for (; (at = strstr(at, "\nlogin ")) != NULL; at++)
		count++;
	ck_assert_uint_eq(count, 9);
	ck_assert_ptr_null(strstr(lines, "pass word"));
	free(lines);
	lines = lines_of(&s.credentials, "postgres");
	ck_assert_str_eq(lines, "bibd credentials 1\nlogin postgres 9 0 0 0\npass word\n\n\n\n");
	free(lines);
	/* A password that was kept for one user is not given for another. */
	lines = lines_of(&s.credentials, "other");
	ck_assert_str_eq(lines, "bibd credentials 1\nlogin other 0 0 0 0\n\n\n\n\n");
	free(lines);
	setting_free(&s);
}
END_TEST

/* ---- the file ---- */

START_TEST(test_round_trip)
{
	struct setting s = setting_make();
	struct credentials read;
	struct stat st;
	uint8_t file[FILES_SIZE_MAX];
	size_t size = scene_read_file(FILES_CREDENTIALS, file);

	ck_assert_int_eq(credentials_read(&read, &s.files, &s.identity, SCENE_NODE, NULL), 1);
	assert_same(&read, &s.credentials);
	ck_assert_int_eq(fstatat(s.files.fd, FILES_CREDENTIALS, &st, 0), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_mem_eq(file, "BIBDCRED\0\1\0\1", 12);
	ck_assert_mem_eq(file + 16, s.identity.key_id, IDENTITY_KEY_ID_SIZE);
	for (size_t i = 0; i < read.count; i++) {
		ck_assert_ptr_null(memmem(file, size, read.list[i].login, strlen(read.list[i].login)));
		ck_assert_ptr_null(memmem(file, size, read.list[i].password, strlen(read.list[i].password)));
	}
	setting_free(&s);
}
END_TEST

START_TEST(test_full)
{
	struct setting s = setting_make();
	struct credentials read;

	s.credentials.count = CREDENTIALS_MAX;
	for (size_t i = 0; i < CREDENTIALS_MAX; i++) {
		struct credential *credential = &s.credentials.list[i];

		credential->kind = CREDENTIALS_EXTERNAL;
		credential->made_us = INT64_MAX - (int64_t)i;
		memset(credential->login, 'l', sizeof(credential->login) - 1);
		memset(credential->password, 'p', sizeof(credential->password) - 1);
		memset(credential->verifier, 'v', sizeof(credential->verifier) - 1);
	}
	ck_assert_int_eq(credentials_write(&s.credentials, &s.files, &s.identity, SCENE_NODE, NULL), 0);
	ck_assert_int_eq(credentials_read(&read, &s.files, &s.identity, SCENE_NODE, NULL), 1);
	assert_same(&read, &s.credentials);
	setting_free(&s);
}
END_TEST

START_TEST(test_none)
{
	struct setting s = setting_make();
	struct credentials read;

	ck_assert_int_eq(unlinkat(s.files.fd, FILES_CREDENTIALS, 0), 0);
	ck_assert_int_eq(credentials_read(&read, &s.files, &s.identity, SCENE_NODE, NULL), 0);
	ck_assert_uint_eq(read.count, 0);
	setting_free(&s);
}
END_TEST

/* A nonce that is used twice under one key gives both texts away. */
START_TEST(test_nonce_is_new)
{
	struct setting s = setting_make();
	uint8_t first[FILES_SIZE_MAX], second[FILES_SIZE_MAX];
	size_t size = scene_read_file(FILES_CREDENTIALS, first);

	ck_assert_int_eq(credentials_write(&s.credentials, &s.files, &s.identity, SCENE_NODE, NULL), 0);
	ck_assert_uint_eq(scene_read_file(FILES_CREDENTIALS, second), size);
	ck_assert_mem_eq(first, second, 32);
	ck_assert_mem_ne(first + 32, second + 32, 12);
	ck_assert_mem_ne(first + 60, second + 60, size - 60);
	setting_free(&s);
}
END_TEST

START_TEST(test_every_flipped_byte)
{
	struct setting s = setting_make();
	struct credentials read;
	uint8_t file[FILES_SIZE_MAX];
	size_t size = scene_read_file(FILES_CREDENTIALS, file);

	for (size_t i = 0; i < size; i++) {
		const uint8_t was = file[i];

		file[i] ^= (uint8_t)(1U << (i % 8));
		scene_write_file(FILES_CREDENTIALS, file, size, 0600);
		assert_refused(&s, i >= 16 && i < 32 ? "secrets.foreign" : "secrets.damaged");
		file[i] = was;
	}
	scene_write_file(FILES_CREDENTIALS, file, size, 0600);
	ck_assert_int_eq(credentials_read(&read, &s.files, &s.identity, SCENE_NODE, NULL), 1);
	setting_free(&s);
}
END_TEST

START_TEST(test_every_length)
{
	struct setting s = setting_make();
	uint8_t file[FILES_SIZE_MAX] = { 0 };
	size_t size = scene_read_file(FILES_CREDENTIALS, file);

	for (size_t i = 0; i < size; i++) {
		scene_write_file(FILES_CREDENTIALS, file, i, 0600);
		assert_refused(&s, "secrets.damaged");
	}
	scene_write_file(FILES_CREDENTIALS, file, size + 1, 0600);
	assert_refused(&s, "secrets.damaged");
	/* The lengths that the header could tell are not what protects: with the right one, the seal is still broken. */
	for (size_t text = 0; text < size - 60; text += 97) {
		file[14] = (uint8_t)(text >> 8);
		file[15] = (uint8_t)text;
		scene_write_file(FILES_CREDENTIALS, file, 60 + text, 0600);
		assert_refused(&s, "secrets.damaged");
	}
	setting_free(&s);
}
END_TEST

START_TEST(test_other_identity)
{
	struct setting s = setting_make();

	identity_close(&s.identity);
	ck_assert_int_eq(identity_create(&s.identity, &s.files, NULL), 0);
	assert_refused(&s, "secrets.foreign");
	setting_free(&s);
}
END_TEST

START_TEST(test_other_node)
{
	struct setting s = setting_make();
	struct credentials read;
	struct error e = { .text = "" };

	ck_assert_int_eq(
	    credentials_read(&read, &s.files, &s.identity, "abcdefghijklmnopqrstuvwxy2", &e), -1);
	scene_assert_error(&e, STATUS_DATA, "secrets.damaged", "another node's");
	setting_free(&s);
}
END_TEST

START_TEST(test_modes)
{
	struct setting s = setting_make();

	ck_assert_int_eq(fchmodat(s.files.fd, FILES_CREDENTIALS, 0640, 0), 0);
	assert_refused(&s, "secrets.modes");
	ck_assert_int_eq(fchmodat(s.files.fd, FILES_CREDENTIALS, 0600, 0), 0);
	ck_assert_int_eq(renameat(s.files.fd, FILES_CREDENTIALS, s.files.fd, "other"), 0);
	ck_assert_int_eq(symlinkat("other", s.files.fd, FILES_CREDENTIALS), 0);
	assert_refused(&s, "secrets.modes");
	setting_free(&s);
}
END_TEST

/* ---- a write that does not come to its end ---- */

/* A crash between the write under the temporary name and the rename. */
START_TEST(test_interrupted_write)
{
	struct setting s = setting_make();
	struct credentials read;
	uint8_t file[FILES_SIZE_MAX];
	size_t size = scene_read_file(FILES_CREDENTIALS, file);

	scene_write_file(FILES_CREDENTIALS ".new", file, size / 2, 0600);
	scene_write_file(FILES_IDENTITY ".new", "half", 4, 0600);
	files_close(&s.files);
	s.files = scene_files();
	ck_assert(!scene_has_file(FILES_CREDENTIALS ".new"));
	ck_assert(!scene_has_file(FILES_IDENTITY ".new"));
	ck_assert_int_eq(credentials_read(&read, &s.files, &s.identity, SCENE_NODE, NULL), 1);
	assert_same(&read, &s.credentials);
	ck_assert_int_eq(credentials_write(&read, &s.files, &s.identity, SCENE_NODE, NULL), 0);
	setting_free(&s);
}
END_TEST

/* The temporary name is taken: whoever took it since the directory was opened, that file is not written through. */
START_TEST(test_taken_name)
{
	struct setting s = setting_make();
	struct credentials read;
	struct error e = { .text = "" };
	int taken = openat(s.files.fd, FILES_CREDENTIALS ".new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ne(taken, -1);
	close(taken);
	ck_assert_int_eq(credentials_write(&s.credentials, &s.files, &s.identity, SCENE_NODE, &e), -1);
	scene_assert_error(&e, STATUS_CANT_CREATE, "secrets.io", "cannot create");
	ck_assert_int_eq(credentials_read(&read, &s.files, &s.identity, SCENE_NODE, NULL), 1);
	assert_same(&read, &s.credentials);
	setting_free(&s);
}
END_TEST

/* A limit on the size of files stands for a device that is full. */
START_TEST(test_write_without_room)
{
	struct setting s = setting_make();
	struct credentials read;
	struct error e = { .text = "" };
	struct rlimit limit;
	rlim_t was;
	int written;

	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	was = limit.rlim_cur;
	limit.rlim_cur = 1000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	written = credentials_write(&s.credentials, &s.files, &s.identity, SCENE_NODE, &e);
	/* Check keeps its own notes in a file. */
	limit.rlim_cur = was;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(written, -1);
	scene_assert_error(&e, STATUS_IO, "secrets.io", "cannot write");
	ck_assert(!scene_has_file(FILES_CREDENTIALS ".new"));
	ck_assert_int_eq(credentials_read(&read, &s.files, &s.identity, SCENE_NODE, NULL), 1);
	assert_same(&read, &s.credentials);
	setting_free(&s);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("keeper_credentials");
	TCase *t = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(t, scene_set_up, scene_tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_logins);
	tcase_add_test(t, test_completed);
	tcase_add_test(t, test_external);
	tcase_add_test(t, test_external_that_is_refused);
	tcase_add_test(t, test_lines);
	tcase_add_test(t, test_round_trip);
	tcase_add_test(t, test_full);
	tcase_add_test(t, test_none);
	tcase_add_test(t, test_nonce_is_new);
	tcase_add_test(t, test_every_flipped_byte);
	tcase_add_test(t, test_every_length);
	tcase_add_test(t, test_other_identity);
	tcase_add_test(t, test_other_node);
	tcase_add_test(t, test_modes);
	tcase_add_test(t, test_interrupted_write);
	tcase_add_test(t, test_taken_name);
	tcase_add_test(t, test_write_without_room);
	suite_add_tcase(suite, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
