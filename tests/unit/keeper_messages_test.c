/* What the keeper answers to the supervisor and to its peer, and when; and that no answer gives a secret away. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memfd.h"
#include "tests/unit/keeper_worker.h"
#include "tests/unit/run.h"

/* ---- a managed server ---- */

START_TEST(test_created_and_asked)
{
	struct setting *s = setting_make("true");
	char verifier[SCRAM_VERIFIER_SIZE], *lines, *again;

	send_open(s, 7, true);
	(void)snprintf(verifier, sizeof(verifier), "%s", await_opened(s, 7, true));
	send_peer(s, PROCESS_POSTGRES);
	send_request(s, 21);
	lines = await_credentials(s, 21);
	ck_assert_int_eq(strncmp(lines, "bibd credentials 1\nside a\nlogin bibd_system 128 133 0 0\n", 56), 0);
	/* What the supervisor hears is the verifier of that password, not the password. */
	ck_assert_int_eq(strncmp(lines + 56 + 129, verifier, strlen(verifier)), 0);
	send_request(s, 22);
	again = await_credentials(s, 22);
	ck_assert_str_eq(lines, again);
	free(again);
	/* Opened again, they are the same, and not new. */
	send_open(s, 8, true);
	ck_assert_str_eq(await_opened(s, 8, false), verifier);
	send_request(s, 23);
	again = await_credentials(s, 23);
	ck_assert_str_eq(lines, again);
	free(again);
	free(lines);
	setting_free(s);
}
END_TEST

START_TEST(test_request_waits)
{
	struct setting *s = setting_make("true");

	send_peer(s, PROCESS_POSTGRES);
	send_request(s, 31);
	send_request(s, 32);
	assert_silent(s, s->peer);
	send_open(s, 7, true);
	free(await_credentials(s, 31));
	free(await_credentials(s, 32));
	assert_silent(s, s->peer);
	setting_free(s);
}
END_TEST

START_TEST(test_too_many_wait)
{
	struct setting *s = setting_make("true");

	send_peer(s, PROCESS_POSTGRES);
	for (uint32_t id = 1; id <= KEEPER_WAITING_MAX + 3; id++)
		send_request(s, id);
	send_open(s, 7, true);
	for (uint32_t id = 4; id <= KEEPER_WAITING_MAX + 3; id++)
		free(await_credentials(s, id));
	assert_silent(s, s->peer);
	setting_free(s);
}
END_TEST

START_TEST(test_second_peer)
{
	struct setting *s = setting_make("true");
	int first;

	send_peer(s, PROCESS_POSTGRES);
	send_request(s, 31);
	ck_assert_int_ne(first = fcntl(s->peer, F_DUPFD_CLOEXEC, 0), -1);
	send_peer(s, PROCESS_POSTGRES);
	/* What the first one asked is not answered to the second, and the first one is told by its end. */
	send_open(s, 7, true);
	assert_silent(s, s->peer);
	ck_assert_int_eq(frame_receive(first, &s->frame, NULL), -1);
	send_request(s, 32);
	free(await_credentials(s, 32));
	close(first);
	setting_free(s);
}
END_TEST

START_TEST(test_peer_dies)
{
	struct setting *s = setting_make("true");

	send_peer(s, PROCESS_POSTGRES);
	send_request(s, 31);
	close(s->peer);
	s->peer = -1;
	setting_run(s);
	send_open(s, 7, true);
	(void)await_opened(s, 7, true);
	send_peer(s, PROCESS_POSTGRES);
	assert_silent(s, s->peer);
	send_request(s, 32);
	free(await_credentials(s, 32));
	setting_free(s);
}
END_TEST

/* A peer that breaks the rules loses its channel; the keeper goes on. */
START_TEST(test_peer_misbehaves)
{
	struct setting *s = setting_make("true");
	struct message_open_secrets message = { .may_create = true };
	struct frame frame;

	send_peer(s, PROCESS_POSTGRES);
	if (_i == 0)
		send_frame(s, s->peer, &frame, message_encode_open_secrets(&frame, 1, &message, -1, NULL));
	else
		ck_assert_int_eq(write(s->peer, "garbage", 7), 7);
	setting_run(s);
	ck_assert_int_eq(frame_receive(s->peer, &s->frame, NULL), -1);
	ck_assert(!scene_has_file(FILES_IDENTITY));
	send_open(s, 7, true);
	(void)await_opened(s, 7, true);
	setting_free(s);
}
END_TEST

START_TEST(test_other_peers)
{
	static const enum process others[] = { PROCESS_CONTAINER, PROCESS_CONTROL, PROCESS_SQLITE, PROCESS_SUPERVISOR,
		PROCESS_POSTGRES | PROCESS_CONTROL };
	struct setting *s = setting_make("true");

	send_open(s, 7, true);
	send_peer(s, others[_i]);
	ck_assert_int_eq(frame_receive(s->peer, &s->frame, NULL), -1);
	setting_free(s);
}
END_TEST

/* ---- what fails ---- */

START_TEST(test_missing)
{
	struct setting *s = setting_make("true");

	send_peer(s, PROCESS_POSTGRES);
	send_request(s, 31);
	send_open(s, 7, false);
	(void)await_failed(s, s->supervisor, 7, STATUS_DATA, "secrets.missing");
	(void)await_failed(s, s->peer, 31, STATUS_DATA, "secrets.missing");
	send_request(s, 32);
	(void)await_failed(s, s->peer, 32, STATUS_DATA, "secrets.missing");
	/* The operator asked for new ones. */
	send_open(s, 8, true);
	(void)await_opened(s, 8, true);
	send_request(s, 33);
	free(await_credentials(s, 33));
	setting_free(s);
}
END_TEST

/* Every password and each part of the verifiers must be absent from the text, and so must the identity's key. */
static void
assert_no_secret(const char *text, const char *lines, const char *pem)
{
	char *copy = strdup(lines), *key = strdup(pem), *save = NULL;

	for (char *word = strtok_r(copy, " $:\n", &save); word != NULL; word = strtok_r(NULL, " $:\n", &save))
		if (strlen(word) > 16)
			ck_assert_msg(strstr(text, word) == NULL, "%s", text);
	for (char *line = strtok_r(key, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
		ck_assert_ptr_null(strstr(text, line));
	free(copy);
	free(key);
}

START_TEST(test_no_secret_in_errors)
{
	struct setting *s = setting_make("true");
	uint8_t pem[FILES_SIZE_MAX + 1], file[FILES_SIZE_MAX], damaged[FILES_SIZE_MAX];
	size_t size;
	char *lines;

	send_open(s, 7, true);
	(void)await_opened(s, 7, true);
	send_peer(s, PROCESS_POSTGRES);
	send_request(s, 1);
	lines = await_credentials(s, 1);
	pem[scene_read_file(FILES_IDENTITY, pem)] = '\0';
	size = scene_read_file(FILES_CREDENTIALS, file);
	for (size_t i = 0; i < size; i += 5) {
		const char *code = i > 15 && i < 32 ? "secrets.foreign" : "secrets.damaged";

		memcpy(damaged, file, size);
		damaged[i] ^= 0x41;
		scene_write_file(FILES_CREDENTIALS, damaged, size, 0600);
		send_open(s, 8, true);
		assert_no_secret(await_failed(s, s->supervisor, 8, STATUS_DATA, code), lines, (char *)pem);
		send_request(s, 2);
		assert_no_secret(await_failed(s, s->peer, 2, STATUS_DATA, code), lines, (char *)pem);
	}
	scene_write_file(FILES_CREDENTIALS, file, size, 0644);
	send_open(s, 9, true);
	assert_no_secret(await_failed(s, s->supervisor, 9, STATUS_DATA, "secrets.modes"), lines, (char *)pem);
	free(lines);
	setting_free(s);
}
END_TEST

/* ---- an external server ---- */

START_TEST(test_external)
{
	struct setting *s = setting_make("false");
	char *lines;

	send_password(s, "a pass word", 11);
	send_open(s, 7, false);
	ck_assert_str_eq(await_opened(s, 7, false), "");
	send_peer(s, PROCESS_POSTGRES);
	send_request(s, 1);
	lines = await_credentials(s, 1);
	ck_assert_str_eq(lines, "bibd credentials 1\nlogin postgres 11 0 0 0\na pass word\n\n\n\n");
	free(lines);
	/* The password counts once; from then on it is the one that is kept. */
	ck_assert_ptr_null(((struct keeper *)s->worker.state)->password);
	send_open(s, 8, false);
	ck_assert_str_eq(await_opened(s, 8, false), "");
	send_request(s, 2);
	lines = await_credentials(s, 2);
	ck_assert_str_eq(lines, "bibd credentials 1\nlogin postgres 11 0 0 0\na pass word\n\n\n\n");
	free(lines);
	setting_free(s);
}
END_TEST

START_TEST(test_external_without_password)
{
	struct setting *s = setting_make("false");
	char *lines;

	if (_i == 1)
		send_password(s, "", 0);
	send_open(s, 7, false);
	ck_assert_str_eq(await_opened(s, 7, false), "");
	send_peer(s, PROCESS_POSTGRES);
	send_request(s, 1);
	lines = await_credentials(s, 1);
	ck_assert_str_eq(lines, "bibd credentials 1\nlogin postgres 0 0 0 0\n\n\n\n\n");
	free(lines);
	setting_free(s);
}
END_TEST

START_TEST(test_external_damaged)
{
	struct setting *s = setting_make("false");
	const char *text;

	send_password(s, "the first secret", 16);
	send_open(s, 7, false);
	(void)await_opened(s, 7, false);
	scene_write_file(FILES_CREDENTIALS, "damaged", 7, 0600);
	send_password(s, "another secret", 14);
	send_open(s, 8, false);
	text = await_failed(s, s->supervisor, 8, STATUS_DATA, "secrets.damaged");
	ck_assert_ptr_nonnull(strstr(text, FILES_WAY_BACK_BEGIN));
	ck_assert_ptr_null(strstr(text, "secret of"));
	ck_assert_ptr_null(strstr(text, "another secret"));
	setting_free(s);
}
END_TEST

START_TEST(test_external_refused)
{
	struct setting *s = setting_make("false");
	const char *text;

	send_password(s, "two\nlines", 9);
	send_open(s, 7, false);
	text = await_failed(s, s->supervisor, 7, STATUS_CONFIG, "secrets.password");
	ck_assert_ptr_null(strstr(text, "lines"));
	/* One with a NUL in it is not kept, rather than cut. */
	send_password(s, "two\0parts", 9);
	send_open(s, 8, false);
	(void)await_opened(s, 8, false);
	ck_assert(!scene_has_file(FILES_CREDENTIALS));
	setting_free(s);
}
END_TEST

/* Nothing that was a secret is left in the keeper's state once it stops. */
START_TEST(test_stop)
{
	static const struct credentials none;
	struct setting *s = setting_make("true");
	struct keeper *keeper = s->worker.state;

	send_password(s, "password", 8);
	send_open(s, 7, true);
	ck_assert_uint_eq(keeper->credentials.count, 2 * ROLES + 1);
	send_password(s, "password", 8);
	ck_assert_ptr_nonnull(keeper->password);
	keeper_stop(&s->worker, 1000);
	ck_assert_ptr_null(keeper->password);
	ck_assert_mem_eq(&keeper->credentials, &none, sizeof(none));
	(void)await_opened(s, 7, true);
	(void)await(s, s->supervisor, MESSAGE_STOPPED, 0);
	setting_free(s);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, scene_set_up, scene_tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_created_and_asked);
	tcase_add_test(t, test_request_waits);
	tcase_add_test(t, test_too_many_wait);
	tcase_add_test(t, test_second_peer);
	tcase_add_test(t, test_peer_dies);
	tcase_add_loop_test(t, test_peer_misbehaves, 0, 2);
	tcase_add_loop_test(t, test_other_peers, 0, 5);
	tcase_add_test(t, test_missing);
	tcase_add_test(t, test_no_secret_in_errors);
	tcase_add_test(t, test_external);
	tcase_add_loop_test(t, test_external_without_password, 0, 2);
	tcase_add_test(t, test_external_damaged);
	tcase_add_test(t, test_external_refused);
	tcase_add_test(t, test_stop);
	return unit_run("keeper_messages", t, NULL);
}
