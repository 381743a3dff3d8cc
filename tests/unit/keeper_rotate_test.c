/*
 * A new identity, and a key that is held outside: whatever the step at which the process ends, the next start finds
 * either all of the old or all of the new, and every password as it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/keeper_scene.h"
#include "tests/unit/run.h"

#define ENDED 42
#define STEPS_MAX 100

/* File scope: files_step takes no arguments. Steps until the process ends; 0: it does not. */
static int steps_left;

/* In place of the one in files.c, which does nothing. */
void
files_step(void)
{
	if (steps_left > 0 && --steps_left == 0)
		_exit(ENDED);
}

static struct identity_outer
outer_make(const char *text)
{
	struct identity_outer outer = { .given = false };
	struct error e = { .text = "" };

	ck_assert_msg(identity_outer_take(&outer, (const uint8_t *)text, strlen(text), &e) == 0, "%s", e.text);
	return outer;
}

static struct secrets_request
request_make(bool may_create, const struct identity_outer *outer)
{
	return (struct secrets_request) { .directory = scene_directory,
		.node_id = SCENE_NODE,
		.managed = true,
		.may_create = may_create,
		.login = "postgres",
		.outer = outer };
}

static void
open_secrets(bool may_create, const struct identity_outer *outer, struct credentials *credentials)
{
	struct secrets_request request = request_make(may_create, outer);
	struct error e = { .text = "" };

	ck_assert_msg(secrets_open(&request, credentials, &e) == (may_create ? 1 : 0), "%s", e.text);
}

static void
key_id_of(const struct identity_outer *outer, uint8_t id[IDENTITY_KEY_ID_SIZE])
{
	struct files files = scene_files();
	struct identity identity;
	struct error e = { .text = "" };

	ck_assert_msg(identity_read(&identity, &files, outer, &e) == 1, "%s", e.text);
	memcpy(id, identity.key_id, IDENTITY_KEY_ID_SIZE);
	identity_close(&identity);
	files_close(&files);
}

static void
assert_same(const struct credentials *a, const struct credentials *b)
{
	ck_assert_uint_eq(a->count, b->count);
	ck_assert_mem_eq(a->list, b->list, sizeof(a->list));
}

static void
assert_clean(void)
{
	static const char *const leftovers[] = { "journal", "journal.new", "identity.pem.next", "identity.pem.next.new",
		"identity.pem.new", "credentials.next", "credentials.next.new", "credentials.new" };

	for (size_t i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++)
		ck_assert_msg(!scene_has_file(leftovers[i]), "%s", leftovers[i]);
}

/* Runs it in a process that ends at that step; true when it came to its end before. */
static bool
run_until(int step, void (*run)(const struct identity_outer *), const struct identity_outer *outer)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		steps_left = step;
		run(outer);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == ENDED));
	return WEXITSTATUS(status) == 0;
}

static void
run_rotate(const struct identity_outer *outer)
{
	struct secrets_request request = request_make(false, outer);
	struct credentials credentials;

	if (secrets_open(&request, &credentials, NULL) != 0 ||
	    secrets_rotate_identity(&request, &credentials, NULL) != 0)
		_exit(1);
}

static void
run_open(const struct identity_outer *outer)
{
	struct secrets_request request = request_make(false, outer);
	struct credentials credentials;

	if (secrets_open(&request, &credentials, NULL) != 0)
		_exit(1);
}

START_TEST(test_rotate)
{
	struct credentials before, after;
	struct secrets_request request = request_make(false, NULL);
	uint8_t old_id[IDENTITY_KEY_ID_SIZE], new_id[IDENTITY_KEY_ID_SIZE];
	struct error e = { .text = "" };

	open_secrets(true, NULL, &before);
	key_id_of(NULL, old_id);
	ck_assert_msg(secrets_rotate_identity(&request, &before, &e) == 0, "%s", e.text);
	key_id_of(NULL, new_id);
	ck_assert_mem_ne(old_id, new_id, sizeof(old_id));
	open_secrets(false, NULL, &after);
	assert_same(&before, &after);
	assert_clean();
}
END_TEST

/* With and without a key outside, killed at every step, and again at every step of the recovery. */
START_TEST(test_killed_at_every_step)
{
	struct identity_outer outer = outer_make("a key of thirty-two bytes or more");
	const struct identity_outer *given = _i == 0 ? NULL : &outer;
	struct credentials before, after;
	uint8_t first[IDENTITY_KEY_ID_SIZE], id[IDENTITY_KEY_ID_SIZE];
	unsigned kept = 0, changed = 0;
	int step = 1;

	open_secrets(true, given, &before);
	for (bool done = false; !done; step++) {
		ck_assert_int_lt(step, STEPS_MAX);
		key_id_of(given, first);
		done = run_until(step, run_rotate, given);
		for (int again = 1; !run_until(again, run_open, given); again++)
			ck_assert_int_lt(again, STEPS_MAX);
		open_secrets(false, given, &after);
		assert_same(&before, &after);
		assert_clean();
		key_id_of(given, id);
		if (memcmp(first, id, sizeof(id)) == 0)
			kept++;
		else
			changed++;
	}
	/* Before the journal nothing has happened, after it everything has. */
	ck_assert_uint_gt(kept, 2);
	ck_assert_uint_gt(changed, 2);
}
END_TEST

/* A recovery that is killed, and one after it that is killed later, and so on. */
START_TEST(test_recovery_killed)
{
	struct credentials before, after;

	open_secrets(true, NULL, &before);
	for (int step = 1; !run_until(step, run_rotate, NULL); step++)
		for (int again = 1; again <= 6; again++) {
			(void)run_until(again, run_open, NULL);
			if (again == 6) {
				open_secrets(false, NULL, &after);
				assert_same(&before, &after);
				assert_clean();
			}
		}
}
END_TEST

START_TEST(test_key_given_later)
{
	struct identity_outer outer = outer_make("a key of thirty-two bytes or more");
	struct credentials before, after;
	uint8_t first[IDENTITY_KEY_ID_SIZE], id[IDENTITY_KEY_ID_SIZE], file[FILES_SIZE_MAX];

	open_secrets(true, NULL, &before);
	key_id_of(NULL, first);
	for (int step = 1; !run_until(step, run_open, &outer); step++)
		ck_assert_int_lt(step, STEPS_MAX);
	open_secrets(false, &outer, &after);
	assert_same(&before, &after);
	key_id_of(&outer, id);
	ck_assert_mem_eq(first, id, sizeof(id));
	(void)scene_read_file(FILES_IDENTITY, file);
	ck_assert_mem_eq(file, "BIBDIDEN\0\1\0\1", 12);
	(void)scene_read_file(FILES_CREDENTIALS, file);
	ck_assert_mem_eq(file, "BIBDCRED\0\2\0\2", 12);
	assert_clean();
}
END_TEST

static void
assert_refused(const struct identity_outer *outer, const char *code, const char *words)
{
	struct secrets_request request = request_make(true, outer);
	struct credentials credentials;
	struct error e = { .text = "" };
	uint8_t before[FILES_SIZE_MAX], after[FILES_SIZE_MAX];
	size_t size = scene_read_file(FILES_IDENTITY, before);

	ck_assert_int_eq(secrets_open(&request, &credentials, &e), -1);
	scene_assert_error(&e, STATUS_DATA, code, words);
	ck_assert_uint_eq(credentials.count, 0);
	ck_assert_uint_eq(scene_read_file(FILES_IDENTITY, after), size);
	ck_assert_mem_eq(before, after, size);
}

/* Losing the key is an error, never a new identity. */
START_TEST(test_key_lost)
{
	struct identity_outer outer = outer_make("a key of thirty-two bytes or more"),
			      other = outer_make("another key of thirty-two bytes!!");
	struct credentials credentials;
	uint8_t file[FILES_SIZE_MAX];
	size_t size;

	open_secrets(true, &outer, &credentials);
	assert_refused(NULL, "secrets.key", "secrets.key_file");
	assert_refused(&other, "secrets.key", "another key");
	size = scene_read_file(FILES_IDENTITY, file);
	for (size_t i = 8; i < size; i += 5) {
		file[i] ^= 0x10;
		scene_write_file(FILES_IDENTITY, file, size, 0600);
		assert_refused(&outer, i >= 16 && i < 32 ? "secrets.key" : "secrets.damaged", FILES_IDENTITY);
		file[i] ^= 0x10;
	}
	scene_write_file(FILES_IDENTITY, file, size, 0600);
	open_secrets(false, &outer, &credentials);
}
END_TEST

START_TEST(test_key_sizes)
{
	static const uint8_t zero[IDENTITY_OUTER_MAX + 1];
	static const struct {
		size_t size;
		int result;
	} rows[] = { { 0, -1 }, { 31, -1 }, { 32, 0 }, { IDENTITY_OUTER_MAX, 0 }, { IDENTITY_OUTER_MAX + 1, -1 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct identity_outer outer = { .given = false };
		struct error e = { .text = "" };

		ck_assert_int_eq(identity_outer_take(&outer, zero, rows[i].size, &e), rows[i].result);
		ck_assert(outer.given == (rows[i].result == 0));
		if (rows[i].result == -1)
			ck_assert_int_eq((int)e.status, STATUS_DATA);
	}
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("all");

	tcase_add_checked_fixture(tests, scene_set_up, scene_tear_down);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, test_rotate);
	tcase_add_loop_test(tests, test_killed_at_every_step, 0, 2);
	tcase_add_test(tests, test_recovery_killed);
	tcase_add_test(tests, test_key_given_later);
	tcase_add_test(tests, test_key_lost);
	tcase_add_test(tests, test_key_sizes);
	return unit_run("keeper: rotation", tests, NULL);
}
