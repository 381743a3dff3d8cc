/* The node's identity: made once, read back, refused when others could have read or replaced it. */
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/keeper_scene.h"
#include "tests/unit/run.h"
#include "workers/keeper/crypto.h"

static struct identity
make_identity(void)
{
	struct files files = scene_files();
	struct identity identity;
	struct error e = { .text = "" };

	ck_assert_msg(identity_create(&identity, &files, NULL, &e) == 0, "%s", e.text);
	files_close(&files);
	return identity;
}

/* Reads it, which must fail so. */
static void
assert_refused(const char *code, const char *words)
{
	struct files files = scene_files();
	struct identity identity;
	struct error e = { .text = "" };

	ck_assert_int_eq(identity_read(&identity, &files, NULL, &e), -1);
	ck_assert_ptr_null(identity.key);
	scene_assert_error(&e, STATUS_DATA, code, words);
	ck_assert_ptr_nonnull(strstr(e.text, FILES_IDENTITY));
	files_close(&files);
}

static void
path_of(const char *name, char *path, size_t size)
{
	(void)snprintf(path, size, "%s/%s", scene_directory, name);
}

START_TEST(test_round_trip)
{
	struct identity made = make_identity(), read;
	struct files files = scene_files();
	uint8_t pem[FILES_SIZE_MAX + 1], first[32], second[32];
	struct stat st;

	ck_assert_int_eq(fstatat(files.fd, FILES_IDENTITY, &st, 0), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	pem[scene_read_file(FILES_IDENTITY, pem)] = '\0';
	ck_assert_ptr_nonnull(strstr((char *)pem, "-----BEGIN PRIVATE KEY-----"));
	ck_assert_int_eq(identity_read(&read, &files, NULL, NULL), 1);
	ck_assert_mem_eq(made.key_id, read.key_id, IDENTITY_KEY_ID_SIZE);
	ck_assert_int_eq(EVP_PKEY_eq(made.key, read.key), 1);
	ck_assert_int_eq(identity_derive(&made, "label", first, sizeof(first), NULL), 0);
	ck_assert_int_eq(identity_derive(&read, "label", second, sizeof(second), NULL), 0);
	ck_assert_mem_eq(first, second, sizeof(first));
	ck_assert(!scene_has_file(FILES_IDENTITY ".new"));
	identity_close(&made);
	identity_close(&read);
	files_close(&files);
}
END_TEST

START_TEST(test_none)
{
	struct files files = scene_files();
	struct identity identity;

	ck_assert_int_eq(identity_read(&identity, &files, NULL, NULL), 0);
	ck_assert_ptr_null(identity.key);
	files_close(&files);
}
END_TEST

/* The key that a known seed gives: from another implementation of RFC 5869 (Python's hmac and hashlib). */
START_TEST(test_derived_keys)
{
	static const uint8_t seed[32] = "0123456789abcdef0123456789abcde";
	static const uint8_t wanted[32] = {
		0x0d,
		0xa4,
		0xb2,
		0x2b,
		0xb1,
		0xde,
		0xaa,
		0x5a,
		0x60,
		0xd1,
		0x1a,
		0x0b,
		0x50,
		0xe7,
		0xe9,
		0x11,
		0x2a,
		0x57,
		0x46,
		0x85,
		0x8e,
		0x6a,
		0x82,
		0x37,
		0xd6,
		0x54,
		0x01,
		0xae,
		0x8d,
		0xa4,
		0x7e,
		0x93,
	};
	struct identity identity = { .key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed)) };
	uint8_t key[32], other[32];

	ck_assert_ptr_nonnull(identity.key);
	ck_assert_int_eq(identity_derive(&identity, "bibd credentials", key, sizeof(key), NULL), 0);
	ck_assert_mem_eq(key, wanted, sizeof(key));
	ck_assert_int_eq(identity_derive(&identity, "bibd certificates", other, sizeof(other), NULL), 0);
	ck_assert_mem_ne(key, other, sizeof(key));
	identity_close(&identity);
}
END_TEST

START_TEST(test_every_identity_is_new)
{
	struct identity first = make_identity(), second = make_identity();

	ck_assert_mem_ne(first.key_id, second.key_id, IDENTITY_KEY_ID_SIZE);
	identity_close(&first);
	identity_close(&second);
}
END_TEST

START_TEST(test_modes)
{
	static const mode_t modes[] = { 0640, 0620, 0604, 0602, 0644, 0660, 0610, 0601 };
	struct identity identity = make_identity();
	char path[160];

	identity_close(&identity);
	path_of(FILES_IDENTITY, path, sizeof(path));
	ck_assert_int_eq(chmod(path, modes[_i]), 0);
	assert_refused("secrets.modes", "mode 06");
	ck_assert_int_eq(chmod(path, 0400), 0);
	struct files files = scene_files();
	ck_assert_int_eq(identity_read(&identity, &files, NULL, NULL), 1);
	identity_close(&identity);
	files_close(&files);
}
END_TEST

START_TEST(test_owner)
{
	struct identity identity = make_identity();
	char path[160];

	identity_close(&identity);
	path_of(FILES_IDENTITY, path, sizeof(path));
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chown(path, 65534, (gid_t)-1), 0);
	assert_refused("secrets.modes", "has uid 65534");
}
END_TEST

START_TEST(test_links_and_others)
{
	struct identity identity = make_identity();
	char path[160], other[160];

	identity_close(&identity);
	path_of(FILES_IDENTITY, path, sizeof(path));
	path_of("other", other, sizeof(other));
	ck_assert_int_eq(rename(path, other), 0);
	ck_assert_int_eq(_i == 0 ? symlink(other, path) : _i == 1 ? mkdir(path, 0700) : mkfifo(path, 0600), 0);
	assert_refused("secrets.modes", "is not a plain file");
}
END_TEST

START_TEST(test_damaged)
{
	static const char *const texts[] = { "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"nothing", "\n" };

	scene_write_file(FILES_IDENTITY, texts[_i], strlen(texts[_i]), 0600);
	assert_refused("secrets.damaged", "no Ed25519 key");
}
END_TEST

START_TEST(test_size)
{
	static uint8_t large[FILES_SIZE_MAX + 1];

	scene_write_file(FILES_IDENTITY, large, _i == 0 ? 0 : sizeof(large), 0600);
	assert_refused("secrets.damaged", _i == 0 ? "it has 0 bytes" : "it has 65537 bytes");
}
END_TEST

/* Another kind of key, and one with a passphrase, for which nobody may be asked. */
START_TEST(test_other_keys)
{
	EVP_PKEY *key = _i == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "X25519") : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	BIO *bio = BIO_new(BIO_s_mem());
	char passphrase[] = "passphrase", *pem;
	int written = _i == 0 ? PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)
			      : PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_256_cbc(), passphrase,
				    (int)strlen(passphrase), NULL, NULL);
	long size;

	ck_assert_int_eq(written, 1);
	size = BIO_get_mem_data(bio, &pem);
	scene_write_file(FILES_IDENTITY, pem, (size_t)size, 0600);
	assert_refused("secrets.damaged", "no Ed25519 key");
	BIO_free(bio);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_directory)
{
	char other[160];
	struct files files;
	struct error e = { .text = "" };

	ck_assert_int_eq(chmod(scene_directory, 0750), 0);
	ck_assert_int_eq(files_open(&files, scene_directory, &e), -1);
	scene_assert_error(&e, STATUS_DATA, "secrets.modes", "mode 0700, and has uid");
	ck_assert_int_eq(chmod(scene_directory, 0700), 0);
	(void)snprintf(other, sizeof(other), "%s/link", scene_data_dir);
	ck_assert_int_eq(symlink(scene_directory, other), 0);
	ck_assert_int_eq(files_open(&files, other, &e), -1);
	ck_assert_str_eq(e.code, "secrets.modes");
	ck_assert_int_eq(unlink(other), 0);
	ck_assert_int_eq(files_open(&files, other, &e), -1);
	ck_assert_str_eq(e.code, "secrets.missing");
	ck_assert_int_eq((int)e.status, STATUS_DATA);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, scene_set_up, scene_tear_down);
	tcase_add_test(t, test_round_trip);
	tcase_add_test(t, test_none);
	tcase_add_test(t, test_derived_keys);
	tcase_add_test(t, test_every_identity_is_new);
	tcase_add_loop_test(t, test_modes, 0, 8);
	tcase_add_test(t, test_owner);
	tcase_add_loop_test(t, test_links_and_others, 0, 3);
	tcase_add_loop_test(t, test_damaged, 0, 3);
	tcase_add_loop_test(t, test_size, 0, 2);
	tcase_add_loop_test(t, test_other_keys, 0, 2);
	tcase_add_test(t, test_directory);
	return unit_run("keeper_identity", t, NULL);
}
