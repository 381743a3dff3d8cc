/* Opening the secrets: what is made where there is nothing, and that nothing that is damaged or foreign is replaced. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/keeper_scene.h"
#include "tests/unit/run.h"

static struct secrets_request
managed(bool may_create)
{
	return (struct secrets_request) { .directory = scene_directory,
		.node_id = SCENE_NODE,
		.managed = true,
		.may_create = may_create,
		.login = "postgres" };
}

static struct secrets_request
external(const char *password)
{
	return (struct secrets_request) { .directory = scene_directory,
		.node_id = SCENE_NODE,
		.login = "postgres",
		.password = password };
}

static void
assert_opens(struct secrets_request request, int wanted, struct credentials *credentials)
{
	struct error e = { .text = "" };

	ck_assert_msg(secrets_open(&request, credentials, &e) == wanted, "%s", e.text);
}

static void
assert_refused(struct secrets_request request, const char *code, const char *words)
{
	struct credentials credentials;
	struct error e = { .text = "" };

	ck_assert_int_eq(secrets_open(&request, &credentials, &e), -1);
	scene_assert_error(&e, STATUS_DATA, code, words);
	ck_assert_ptr_nonnull(strstr(e.text, scene_directory));
	ck_assert_uint_eq(credentials.count, 0);
}

static void
remove_file(const char *name)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/%s", scene_directory, name);
	ck_assert_int_eq(unlink(path), 0);
}

static void
damage(const char *name)
{
	uint8_t file[FILES_SIZE_MAX];
	size_t size = scene_read_file(name, file);

	memset(file + size / 2, '!', 8);
	scene_write_file(name, file, size, 0600);
}

START_TEST(test_created)
{
	struct credentials first, second;

	assert_opens(managed(true), 1, &first);
	ck_assert_uint_eq(first.count, 2 * ROLES + 1);
	/* They are on disk, and no second ones are made, whatever may be. */
	assert_opens(managed(false), 0, &second);
	ck_assert_mem_eq(&first, &second, sizeof(first));
	assert_opens(managed(true), 0, &second);
	ck_assert_mem_eq(&first, &second, sizeof(first));
}
END_TEST

/* Logins that an older bibd did not know are added: they are no reason to set up the server anew. */
START_TEST(test_completed)
{
	struct credentials first, second;
	struct files files = scene_files();
	struct identity identity;

	assert_opens(managed(true), 1, &first);
	ck_assert_int_eq(identity_read(&identity, &files, NULL, NULL), 1);
	first.count -= 2;
	ck_assert_int_eq(credentials_write(&first, &files, &identity, SCENE_NODE, NULL), 0);
	assert_opens(managed(false), 0, &second);
	ck_assert_uint_eq(second.count, 2 * ROLES + 1);
	ck_assert_int_eq(credentials_read(&first, &files, &identity, SCENE_NODE, NULL), 1);
	ck_assert_mem_eq(&first, &second, sizeof(first));
	identity_close(&identity);
	files_close(&files);
}
END_TEST

START_TEST(test_nothing_there)
{
	assert_refused(managed(false), "secrets.missing", "the node has a database");
	ck_assert(!scene_has_file(FILES_IDENTITY));
	ck_assert(!scene_has_file(FILES_CREDENTIALS));
}
END_TEST

START_TEST(test_credentials_missing)
{
	struct credentials first, second;
	uint8_t before[FILES_SIZE_MAX], after[FILES_SIZE_MAX];
	size_t size;

	assert_opens(managed(true), 1, &first);
	remove_file(FILES_CREDENTIALS);
	size = scene_read_file(FILES_IDENTITY, before);
	assert_refused(managed(false), "secrets.missing", FILES_CREDENTIALS " is missing");
	ck_assert(!scene_has_file(FILES_CREDENTIALS));
	assert_opens(managed(true), 1, &second);
	ck_assert_str_ne(first.list[0].password, second.list[0].password);
	/* The identity stays the one it was. */
	ck_assert_uint_eq(scene_read_file(FILES_IDENTITY, after), size);
	ck_assert_mem_eq(before, after, size);
}
END_TEST

/* A crash between the two writes of a first start. */
START_TEST(test_interrupted_creation)
{
	struct files files = scene_files();
	struct identity identity;
	struct credentials credentials;

	ck_assert_int_eq(identity_create(&identity, &files, NULL, NULL), 0);
	scene_write_file(FILES_CREDENTIALS ".new", "half", 4, 0600);
	assert_opens(managed(true), 1, &credentials);
	ck_assert(!scene_has_file(FILES_CREDENTIALS ".new"));
	identity_close(&identity);
	files_close(&files);
}
END_TEST

START_TEST(test_identity_missing)
{
	struct credentials credentials;

	assert_opens(managed(true), 1, &credentials);
	remove_file(FILES_IDENTITY);
	assert_refused(managed(false), "secrets.missing", FILES_IDENTITY " is missing");
	assert_refused(managed(true), "secrets.missing", FILES_IDENTITY " is missing");
	assert_refused(external("password"), "secrets.missing", FILES_IDENTITY " is missing");
	ck_assert(!scene_has_file(FILES_IDENTITY));
}
END_TEST

START_TEST(test_nothing_damaged_is_replaced)
{
	static const char *const names[] = { FILES_IDENTITY, FILES_CREDENTIALS };
	struct credentials credentials;
	uint8_t before[FILES_SIZE_MAX], after[FILES_SIZE_MAX];
	size_t size;

	assert_opens(managed(true), 1, &credentials);
	damage(names[_i]);
	size = scene_read_file(names[_i], before);
	assert_refused(managed(false), "secrets.damaged", names[_i]);
	assert_refused(managed(true), "secrets.damaged", names[_i]);
	assert_refused(external("password"), "secrets.damaged", names[_i]);
	ck_assert_uint_eq(scene_read_file(names[_i], after), size);
	ck_assert_mem_eq(before, after, size);
}
END_TEST

START_TEST(test_other_identity)
{
	struct credentials credentials;
	struct files files = scene_files();
	struct identity identity;

	assert_opens(managed(true), 1, &credentials);
	remove_file(FILES_IDENTITY);
	ck_assert_int_eq(identity_create(&identity, &files, NULL, NULL), 0);
	assert_refused(managed(true), "secrets.foreign", "another identity");
	identity_close(&identity);
	files_close(&files);
}
END_TEST

START_TEST(test_modes)
{
	struct credentials credentials;
	char path[160];

	assert_opens(managed(true), 1, &credentials);
	(void)snprintf(path, sizeof(path), "%s/%s", scene_directory, _i == 0 ? FILES_IDENTITY : FILES_CREDENTIALS);
	ck_assert_int_eq(chmod(path, 0644), 0);
	assert_refused(managed(true), "secrets.modes", "mode 0644");
	ck_assert_int_eq(chmod(path, 0600), 0);
	ck_assert_int_eq(chmod(scene_directory, 0711), 0);
	assert_refused(managed(true), "secrets.modes", "mode 0711");
}
END_TEST

START_TEST(test_external)
{
	struct credentials credentials;

	/* Without a password there is nothing to keep. */
	assert_opens(external(NULL), 0, &credentials);
	ck_assert_uint_eq(credentials.count, 0);
	ck_assert(!scene_has_file(FILES_CREDENTIALS));
	assert_opens(external("first"), 0, &credentials);
	ck_assert_str_eq(credentials_find(&credentials, CREDENTIALS_EXTERNAL, "postgres")->password, "first");
	assert_opens(external(NULL), 0, &credentials);
	ck_assert_str_eq(credentials_find(&credentials, CREDENTIALS_EXTERNAL, "postgres")->password, "first");
	assert_opens(external("second"), 0, &credentials);
	assert_opens(external(NULL), 0, &credentials);
	ck_assert_str_eq(credentials_find(&credentials, CREDENTIALS_EXTERNAL, "postgres")->password, "second");
}
END_TEST

/* The same password again is no reason to write. */
START_TEST(test_external_unchanged)
{
	struct credentials credentials;
	uint8_t before[FILES_SIZE_MAX], after[FILES_SIZE_MAX];
	size_t size;

	assert_opens(external("first"), 0, &credentials);
	size = scene_read_file(FILES_CREDENTIALS, before);
	assert_opens(external("first"), 0, &credentials);
	ck_assert_uint_eq(scene_read_file(FILES_CREDENTIALS, after), size);
	ck_assert_mem_eq(before, after, size);
}
END_TEST

/* A node that is switched to an external server and back still knows its own server's logins. */
START_TEST(test_switched)
{
	struct credentials first, second;

	assert_opens(managed(true), 1, &first);
	assert_opens(external("password"), 0, &second);
	assert_opens(managed(false), 0, &second);
	ck_assert_str_eq(first.list[0].login, CREDENTIALS_SYSTEM);
	ck_assert_str_eq(credentials_find(&second, CREDENTIALS_MANAGED, CREDENTIALS_SYSTEM)->password,
	    first.list[0].password);
	assert_opens(external(NULL), 0, &second);
	ck_assert_str_eq(credentials_find(&second, CREDENTIALS_EXTERNAL, "postgres")->password, "password");
}
END_TEST

START_TEST(test_switched_without_logins)
{
	struct credentials credentials;

	assert_opens(external("password"), 0, &credentials);
	assert_refused(managed(false), "secrets.missing", "has no logins of a managed server in it");
	assert_opens(managed(true), 1, &credentials);
	ck_assert_uint_eq(credentials.count, 2 * ROLES + 2);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, scene_set_up, scene_tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_created);
	tcase_add_test(t, test_completed);
	tcase_add_test(t, test_nothing_there);
	tcase_add_test(t, test_credentials_missing);
	tcase_add_test(t, test_interrupted_creation);
	tcase_add_test(t, test_identity_missing);
	tcase_add_loop_test(t, test_nothing_damaged_is_replaced, 0, 2);
	tcase_add_test(t, test_other_identity);
	tcase_add_loop_test(t, test_modes, 0, 2);
	tcase_add_test(t, test_external);
	tcase_add_test(t, test_external_unchanged);
	tcase_add_test(t, test_switched);
	tcase_add_test(t, test_switched_without_logins);
	return unit_run("keeper_secrets", t, NULL);
}
