/* Heads of the audit trail: what is signed and checks, and that no other history than the one begun is ever signed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memfd.h"
#include "tests/unit/keeper_worker.h"
#include "tests/unit/run.h"

#define AT "2026-11-24 16:01:25.402+00"

static const char hash_a[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char hash_b[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

struct head {
	int64_t position;
	const char *hash, *at, *key, *signature, *why;
};

static struct setting *
keeper_with_identity(void)
{
	struct setting *s = setting_make("true");

	send_open(s, 1, true);
	(void)await_opened(s, 1, true);
	return s;
}

static struct head
sign(struct setting *s, int64_t position, const char *hash)
{
	struct message_audit_sign message = { .position = position, .hash = hash, .at = AT };
	struct frame_reader r;
	struct frame frame;
	struct head head;

	send_frame(s, s->supervisor, &frame, message_encode_audit_sign(&frame, 9, &message, -1, NULL));
	r = await(s, s->supervisor, MESSAGE_AUDIT_SIGNED, 9);
	frame_get_i64(&r, &head.position);
	frame_get_text(&r, &head.hash);
	frame_get_text(&r, &head.at);
	frame_get_text(&r, &head.key);
	frame_get_text(&r, &head.signature);
	frame_get_text(&r, &head.why);
	ck_assert(!r.failed);
	return head;
}

/* What keeper says of these lines: the first bad position, and what it remembers. */
static int64_t
check(struct setting *s, const char *lines, int64_t *remembered)
{
	int fd = memfd_create_sealed("heads", lines, strlen(lines), NULL);
	struct frame_reader r;
	struct frame frame;
	const char *why;
	int64_t bad;

	send_frame(s, s->supervisor, &frame,
	    message_encode_audit_check(&frame, 10, &(struct message_audit_check) { 0 }, fd, NULL));
	r = await(s, s->supervisor, MESSAGE_AUDIT_CHECKED, 10);
	frame_get_i64(&r, &bad);
	frame_get_text(&r, &why);
	frame_get_i64(&r, remembered);
	ck_assert(!r.failed && (bad == 0) == (*why == '\0'));
	return bad;
}

static void
line_of(const struct head *head, char *line, size_t size)
{
	(void)snprintf(line, size, "%d\t%s\t%s\t%s\t%s\n", (int)head->position, head->hash, head->at, head->key,
	    head->signature);
}

START_TEST(test_signed_and_checked)
{
	struct setting *s = keeper_with_identity();
	char line[512], forged[512];
	struct head head = sign(s, 5, hash_a);
	int64_t remembered;

	ck_assert_str_eq(head.why, "");
	ck_assert_uint_eq(strlen(head.signature), 128);
	ck_assert_uint_eq(strlen(head.key), 32);
	line_of(&head, line, sizeof(line));
	ck_assert_int_eq(check(s, line, &remembered), 0);
	ck_assert_int_eq(remembered, 5);
	/* Any other position, hash, time or signature is none that was signed. */
	for (size_t i = 0; i < strlen(line) - 1; i += 7) {
		(void)snprintf(forged, sizeof(forged), "%s", line);
		forged[i] = forged[i] == '7' ? '8' : '7';
		if (line[i] != '\t')
			ck_assert_msg(check(s, forged, &remembered) != 0, "a forged head passes: %s", forged);
	}
	ck_assert_int_ne(check(s, "5\n", &remembered), 0);
	ck_assert_int_eq(check(s, "", &remembered), 0);
	setting_free(s);
}
END_TEST

START_TEST(test_history_goes_on)
{
	struct setting *s = keeper_with_identity();

	ck_assert_str_eq(sign(s, 5, hash_a).why, "");
	ck_assert_str_eq(sign(s, 5, hash_a).why, ""); /* the answer to the first was lost */
	ck_assert_str_eq(sign(s, 6, hash_b).why, "");
	ck_assert_ptr_nonnull(strstr(sign(s, 5, hash_a).why, "position 5, and 6 was signed already"));
	ck_assert_str_eq(sign(s, 6, hash_a).signature, "");
	/* A keeper that was started again knows it too. */
	setting_free(s);
	s = setting_make("true");
	send_open(s, 1, true);
	(void)await_opened(s, 1, false);
	ck_assert_str_ne(sign(s, 6, hash_a).why, "");
	ck_assert_str_eq(sign(s, 7, hash_a).why, "");
	setting_free(s);
}
END_TEST

START_TEST(test_what_is_no_head)
{
	static const struct {
		int64_t position;
		const char *hash;
	} no_heads[] = { { 0, hash_a }, { -1, hash_a }, { 1, "" }, { 1, "aa" },
		{ 1, "Zaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } };
	struct setting *s = keeper_with_identity();
	struct head head = sign(s, no_heads[_i].position, no_heads[_i].hash);

	ck_assert_str_ne(head.why, "");
	ck_assert_str_eq(head.signature, "");
	ck_assert(!scene_has_file(FILES_AUDIT_HEAD));
	setting_free(s);
}
END_TEST

START_TEST(test_another_identity)
{
	struct setting *s = keeper_with_identity();
	char lines[1024], other[512];
	struct head head = sign(s, 5, hash_a);
	int64_t remembered;

	line_of(&head, other, sizeof(other));
	setting_free(s);
	scene_tear_down();
	scene_set_up();
	s = keeper_with_identity();
	/* As the last one it proves nothing; before one of ours it does not count. */
	ck_assert_int_eq(check(s, other, &remembered), 5);
	ck_assert_int_eq(remembered, 0);
	head = sign(s, 6, hash_b);
	(void)snprintf(lines, sizeof(lines), "%s", other);
	line_of(&head, lines + strlen(lines), sizeof(lines) - strlen(lines));
	ck_assert_int_eq(check(s, lines, &remembered), 0);
	setting_free(s);
}
END_TEST

/* The table lacks the last head after a crash, and then the identity is lost: nothing of the trail is. */
START_TEST(test_new_identity_after_a_crash)
{
	struct setting *s = keeper_with_identity();
	char older[512], line[512], path[128];
	struct head head = sign(s, 5, hash_a);
	int64_t remembered;

	line_of(&head, older, sizeof(older));
	head = sign(s, 6, hash_b);
	line_of(&head, line, sizeof(line));
	setting_free(s);
	(void)snprintf(path, sizeof(path), "%s/" FILES_IDENTITY, scene_directory);
	ck_assert_int_eq(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s/" FILES_CREDENTIALS, scene_directory);
	ck_assert_int_eq(unlink(path), 0);
	s = keeper_with_identity();
	ck_assert_int_eq(check(s, older, &remembered), 0);
	ck_assert_int_eq(remembered, 6);
	ck_assert_int_eq(check(s, line, &remembered), 0);
	line[0] = '7'; /* beyond what is remembered an unknown key proves nothing */
	ck_assert_int_eq(check(s, line, &remembered), 7);
	setting_free(s);
}
END_TEST

/* A database that bibd makes has a trail of its own, and the head of the former one is kept elsewhere. */
START_TEST(test_new_database)
{
	const struct message_open_secrets open = { .may_create = true, .new_database = true };
	struct setting *s = keeper_with_identity();
	struct frame frame;

	ck_assert_str_eq(sign(s, 5, hash_a).why, "");
	setting_free(s);
	s = setting_make("true");
	send_frame(s, s->supervisor, &frame, message_encode_open_secrets(&frame, 1, &open, -1, NULL));
	ck_assert(!scene_has_file(FILES_AUDIT_HEAD));
	(void)await_opened(s, 1, false);
	ck_assert_str_eq(sign(s, 1, hash_b).why, "");
	setting_free(s);
}
END_TEST

START_TEST(test_no_identity)
{
	struct setting *s = setting_make("true");

	ck_assert_ptr_nonnull(strstr(sign(s, 5, hash_a).why, FILES_IDENTITY));
	setting_free(s);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, scene_set_up, scene_tear_down);
	tcase_add_test(t, test_signed_and_checked);
	tcase_add_test(t, test_history_goes_on);
	tcase_add_loop_test(t, test_what_is_no_head, 0, 5);
	tcase_add_test(t, test_another_identity);
	tcase_add_test(t, test_new_identity_after_a_crash);
	tcase_add_test(t, test_new_database);
	tcase_add_test(t, test_no_identity);
	return unit_run("keeper audit", t, NULL);
}
