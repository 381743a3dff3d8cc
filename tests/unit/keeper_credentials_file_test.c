/* The file of the credentials, of which no byte may change unnoticed, and of which one is always whole. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/keeper_scene.h"
#include "tests/unit/run.h"
#include "workers/keeper/crypto.h"

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

	ck_assert_msg(identity_create(&s.identity, &s.files, NULL, &e) == 0, "%s", e.text);
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
	ck_assert_int_eq(a->side, b->side);
	ck_assert_int_eq((int)a->step, (int)b->step);
	ck_assert_int_eq(a->rotated_us, b->rotated_us);
	ck_assert_uint_eq(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		ck_assert_int_eq((int)a->list[i].kind, (int)b->list[i].kind);
		ck_assert_int_eq(a->list[i].made_us, b->list[i].made_us);
		ck_assert_str_eq(a->list[i].login, b->list[i].login);
		ck_assert_str_eq(a->list[i].password, b->list[i].password);
		ck_assert_str_eq(a->list[i].verifier, b->list[i].verifier);
	}
}

/* Reads the file, which must be refused with these words, and leaves nothing in the credentials. */
static void
assert_refused(const struct setting *s, const char *code, const char *words)
{
	static const struct credentials none;
	struct credentials read;
	struct error e = { .text = "" };

	memset(&read, 0x55, sizeof(read));
	ck_assert_int_eq(credentials_read(&read, &s->files, &s->identity, SCENE_NODE, &e), -1);
	scene_assert_error(&e, STATUS_DATA, code, words);
	ck_assert_ptr_nonnull(strstr(e.text, scene_directory));
	ck_assert_mem_eq(&read, &none, sizeof(read));
}

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
	ck_assert_mem_eq(file, "BIBDCRED\0\2\0\1", 12);
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

/* Why the file is refused when this byte of it is another. */
static const char *
flipped_words(size_t i)
{
	static const struct {
		size_t end;
		const char *words;
	} parts[] = { { 8, "does not begin" }, { 12, "later bibd" }, { 16, "its length" }, { 32, "another identity" } };

	for (size_t part = 0; part < sizeof(parts) / sizeof(parts[0]); part++)
		if (i < parts[part].end)
			return parts[part].words;
	return "its seal is broken";
}

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
		assert_refused(&s, i >= 16 && i < 32 ? "secrets.foreign" : "secrets.damaged", flipped_words(i));
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
		assert_refused(&s, "secrets.damaged", i == 0 ? "0 bytes" : i < 60 ? "does not begin" : "its length");
	}
	scene_write_file(FILES_CREDENTIALS, file, size + 1, 0600);
	assert_refused(&s, "secrets.damaged", "its length");
	/* The length in the header is not what protects: with the right one, the seal is still broken. */
	for (size_t text = 0; text < size - 60; text += 97) {
		file[14] = (uint8_t)(text >> 8);
		file[15] = (uint8_t)text;
		scene_write_file(FILES_CREDENTIALS, file, 60 + text, 0600);
		assert_refused(&s, "secrets.damaged", "its seal is broken");
	}
	setting_free(&s);
}
END_TEST

START_TEST(test_other_identity)
{
	struct setting s = setting_make();

	identity_close(&s.identity);
	ck_assert_int_eq(identity_create(&s.identity, &s.files, NULL, NULL), 0);
	assert_refused(&s, "secrets.foreign", "another identity");
	setting_free(&s);
}
END_TEST

START_TEST(test_other_node)
{
	struct setting s = setting_make();
	struct credentials read;
	struct error e = { .text = "" };

	ck_assert_int_eq(credentials_read(&read, &s.files, &s.identity, "abcdefghijklmnopqrstuvwxy2", &e), -1);
	scene_assert_error(&e, STATUS_DATA, "secrets.damaged", "another node's");
	setting_free(&s);
}
END_TEST

START_TEST(test_modes)
{
	struct setting s = setting_make();

	ck_assert_int_eq(fchmodat(s.files.fd, FILES_CREDENTIALS, 0640, 0), 0);
	assert_refused(&s, "secrets.modes", "mode 0640");
	ck_assert_int_eq(fchmodat(s.files.fd, FILES_CREDENTIALS, 0600, 0), 0);
	ck_assert_int_eq(renameat(s.files.fd, FILES_CREDENTIALS, s.files.fd, "other"), 0);
	ck_assert_int_eq(symlinkat("other", s.files.fd, FILES_CREDENTIALS), 0);
	assert_refused(&s, "secrets.modes", "not a plain file");
	setting_free(&s);
}
END_TEST

/* What is only authenticated counts as much as what is encrypted. */
START_TEST(test_associated)
{
	static const uint8_t key[CRYPTO_KEY_SIZE], nonce[CRYPTO_NONCE_SIZE];
	uint8_t associated[] = "header", encrypted[5], plain[5], tag[CRYPTO_TAG_SIZE];
	struct crypto_sealed sealed = { .nonce = nonce,
		.associated = associated,
		.associated_size = 6,
		.node_id = SCENE_NODE,
		.size = 5 };

	ck_assert_int_eq(crypto_encrypt(&sealed, key, (const uint8_t *)"plain", encrypted, tag, NULL), 0);
	ck_assert_int_eq(crypto_decrypt(&sealed, key, encrypted, tag, plain, NULL), 1);
	ck_assert_mem_eq(plain, "plain", 5);
	associated[5] ^= 1;
	ck_assert_int_eq(crypto_decrypt(&sealed, key, encrypted, tag, plain, NULL), 0);
	ck_assert_mem_eq(plain, "\0\0\0\0", 5);
}
END_TEST

/* A seal that holds around a text that nobody should have written. */
START_TEST(test_no_sense)
{
	struct setting s = setting_make();

	if (_i == 0)
		s.credentials.list[s.credentials.count - 1].kind = (enum credentials_kind)(CREDENTIALS_PENDING + 1);
	else if (_i == 1)
		s.credentials.side = 'c';
	else
		s.credentials.step = ROTATION_STEPS;
	ck_assert_int_eq(credentials_write(&s.credentials, &s.files, &s.identity, SCENE_NODE, NULL), 0);
	assert_refused(&s, "secrets.damaged", "contents are malformed");
	setting_free(&s);
}
END_TEST

#define TEXT_AT 60
#define ROTATION_SIZE 12 /* what version 2 has before the rest */

/* Makes the file one of version 1: without what says how a rotation is. */
static void
write_first_version(const struct setting *s)
{
	uint8_t file[FILES_SIZE_MAX], key[CRYPTO_KEY_SIZE], text[FILES_SIZE_MAX];
	size_t size = scene_read_file(FILES_CREDENTIALS, file);
	struct crypto_sealed sealed = { .nonce = file + 32,
		.associated = file,
		.associated_size = 44,
		.node_id = SCENE_NODE,
		.size = size - TEXT_AT };

	ck_assert_int_eq(identity_derive(&s->identity, "bibd credentials", key, sizeof(key), NULL), 0);
	ck_assert_int_eq(crypto_decrypt(&sealed, key, file + TEXT_AT, file + 44, text, NULL), 1);
	sealed.size -= ROTATION_SIZE;
	file[9] = 1;
	file[14] = (uint8_t)(sealed.size >> 8);
	file[15] = (uint8_t)sealed.size;
	ck_assert_int_eq(crypto_encrypt(&sealed, key, text + ROTATION_SIZE, file + TEXT_AT, file + 44, NULL), 0);
	scene_write_file(FILES_CREDENTIALS, file, TEXT_AT + sealed.size, 0600);
}

START_TEST(test_first_version)
{
	struct setting s = setting_make();
	struct credentials read;

	write_first_version(&s);
	ck_assert_int_eq(credentials_read(&read, &s.files, &s.identity, SCENE_NODE, NULL), 1);
	s.credentials.rotated_us = s.credentials.list[0].made_us;
	assert_same(&read, &s.credentials);
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
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, scene_set_up, scene_tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_round_trip);
	tcase_add_test(t, test_full);
	tcase_add_test(t, test_none);
	tcase_add_test(t, test_nonce_is_new);
	tcase_add_test(t, test_every_flipped_byte);
	tcase_add_test(t, test_every_length);
	tcase_add_test(t, test_associated);
	tcase_add_loop_test(t, test_no_sense, 0, 3);
	tcase_add_test(t, test_first_version);
	tcase_add_test(t, test_other_identity);
	tcase_add_test(t, test_other_node);
	tcase_add_test(t, test_modes);
	tcase_add_test(t, test_interrupted_write);
	tcase_add_test(t, test_taken_name);
	tcase_add_test(t, test_write_without_room);
	return unit_run("keeper_credentials_file", t, NULL);
}
