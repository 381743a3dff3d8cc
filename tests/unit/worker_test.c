/* The workers' library: its start order, what it takes from the supervisor and when, and how it ends. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memfd.h"
#include "tests/unit/run.h"
#include "tests/unit/worker_scene.h"

#define NOBODY 65534

/* ---- the start order ---- */

START_TEST(test_start_order)
{
	scene_begin(&scene_program);
	ck_assert_str_eq(scene_seen->order, "ps");
	ck_assert_str_eq(scene_seen->name, "bibd-sqlite");
	ck_assert_int_eq(scene_seen->death_signal, SIGKILL);
	ck_assert_int_eq(scene_seen->dumpable, 0);
	ck_assert_int_eq(scene_seen->no_new_privileges, 1);
	ck_assert_str_eq(scene_seen->node_id, "node");
	ck_assert_str_eq(scene_seen->boot_id, "boot");
	ck_assert_str_eq(scene_seen->migrations_dir, "/m");
	ck_assert_str_eq(scene_seen->group, "first");
	ck_assert_uint_eq(scene_seen->incarnation, 3);
	ck_assert(scene_seen->operational);
	/* It is the arguments that separate. */
	ck_assert(!scene_seen->separated);
	ck_assert_uint_eq(scene_seen->uid, geteuid());
}
END_TEST

START_TEST(test_sandbox_is_entered_before_start)
{
	scene_begin(&scene_program);
	ck_assert_int_eq(scene_seen->no_new_privileges_before, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	/* 1: this kernel has no Landlock, and files are guarded by their modes alone. */
	ck_assert(scene_seen->sandboxed || sandbox_landlock(NULL, 0, NULL, 0, NULL) == 1);
}
END_TEST

START_TEST(test_separated)
{
	if (geteuid() != 0)
		return;
	scene_spawn_with(&scene_program,
	    (const char *const[]) { "-u", "65534", "-g", "65533", "-G", "65532,65531", "-p", SCENE_PARENT, NULL });
	scene_send_start("first", message_table_hash());
	(void)scene_await(MESSAGE_READY);
	ck_assert(scene_seen->separated);
	ck_assert_uint_eq(scene_seen->uid, NOBODY);
	ck_assert_uint_eq(scene_seen->gid, NOBODY - 1);
	/* Set after the ids: becoming another user clears it. */
	ck_assert_int_eq(scene_seen->death_signal, SIGKILL);
	ck_assert_int_eq(scene_seen->dumpable, 0);
}
END_TEST

START_TEST(test_bare_program)
{
	scene_begin(&scene_bare_program);
	SCENE_SEND(heartbeat, 8, -1, .nothing = 0);
	scene_await_answer(MESSAGE_HEALTH, 8, true, "");
	SCENE_SEND(listen, 0, open("/dev/null", O_RDONLY | O_CLOEXEC), .purpose = LISTEN_CLIENTS);
	SCENE_SEND(prepare, 9, scene_conf("refused"), .nothing = 0);
	scene_await_answer(MESSAGE_PREPARED, 9, true, "");
	SCENE_SEND(commit, 0, -1, .nothing = 0);
	SCENE_SEND(stop, 0, -1, .timeout_ms = 30000);
	(void)scene_await(MESSAGE_STOPPED);
	scene_assert_ends(STATUS_OK, "");
}
END_TEST

START_TEST(test_another_build)
{
	scene_spawn(&scene_program);
	scene_send_start("first", message_table_hash() + 1);
	scene_assert_ends(STATUS_BUG, "\xe2\x9c\x97 bibd-sqlite is of another build than bibd");
	ck_assert_str_eq(scene_seen->order, "");
}
END_TEST

START_TEST(test_start_that_is_refused)
{
	scene_spawn(&scene_program);
	scene_send_start("refused", message_table_hash());
	scene_assert_ends(STATUS_DATA, "\xe2\x9c\x97 the start is refused\n");
}
END_TEST

START_TEST(test_malformed_configuration)
{
	scene_spawn(&scene_program);
	SCENE_SEND(start, 0, memfd_create_sealed("test", "node.mode\0half", 15, NULL),
	    .table_hash = message_table_hash());
	scene_assert_ends(STATUS_BUG, "\xe2\x9c\x97 the configuration from the supervisor is malformed\n");
}
END_TEST

/* A second START changes nothing. */
START_TEST(test_second_start)
{
	scene_begin(&scene_program);
	scene_send_start("second", message_table_hash());
	scene_catch_up(true);
	ck_assert_str_eq(scene_seen->order, "ps");
	ck_assert_str_eq(scene_seen->group, "first");
}
END_TEST

/* What comes before START would find nothing to work with. */
START_TEST(test_nothing_before_start)
{
	static const char *const names[] = { "HEARTBEAT", "LISTEN", "PREPARE", "COMMIT", "STOP", "OPEN_STORE" };

	scene_spawn(&scene_program);
	switch (_i) {
	case 0:
		SCENE_SEND(heartbeat, 1, -1, .nothing = 0);
		break;
	case 1:
		SCENE_SEND(listen, 1, open("/dev/null", O_RDONLY | O_CLOEXEC), .purpose = LISTEN_CLIENTS);
		break;
	case 2:
		SCENE_SEND(prepare, 1, scene_conf("x"), .nothing = 0);
		break;
	case 3:
		SCENE_SEND(commit, 1, -1, .nothing = 0);
		break;
	case 4:
		SCENE_SEND(stop, 1, -1, .timeout_ms = 1);
		break;
	default:
		SCENE_SEND(open_store, 1, -1, .nothing = 0);
	}
	scene_assert_ends(STATUS_BUG, names[_i]);
	ck_assert_str_eq(scene_seen->order, "");
}
END_TEST

/* ---- arguments ---- */

static const char *const bad_arguments[][10] = {
	{ NULL },
	{ "-p", "0", NULL },
	{ "-p", "", NULL },
	{ "-p", "-1", NULL },
	{ "-p", "1x", NULL },
	{ "-p", "99999999999", NULL },
	{ "-p", SCENE_PARENT, "more", NULL },
	{ "-p", SCENE_PARENT, "-x", NULL },
	{ "-p", NULL },
	{ "-p", SCENE_PARENT, "-u", "5", NULL },
	{ "-p", SCENE_PARENT, "-g", "5", NULL },
	{ "-p", SCENE_PARENT, "-u", "nobody", "-g", "5", NULL },
	{ "-p", SCENE_PARENT, "-u", "5", "-g", "", NULL },
	{ "-p", SCENE_PARENT, "-u", "4294967295", "-g", "5", NULL },
	{ "-p", SCENE_PARENT, "-u", "5", "-g", "5", "-G", "1,x", NULL },
	{ "-p", SCENE_PARENT, "-u", "5", "-g", "5", "-G", "1,2,3,4,5,6,7,8,9", NULL },
};

START_TEST(test_bad_arguments)
{
	scene_spawn_with(&scene_program, bad_arguments[_i]);
	scene_assert_ends(STATUS_USAGE, "\xe2\x9c\x97 this program is started by bibd(8), not by hand\n");
}
END_TEST

START_TEST(test_orphan)
{
	scene_spawn_with(&scene_program, (const char *const[]) { "-p", "1", NULL });
	scene_assert_ends(STATUS_OS, "\xe2\x9c\x97 the supervisor has ended\n");
}
END_TEST

/* ---- at work ---- */

START_TEST(test_heartbeat)
{
	scene_begin(&scene_program);
	SCENE_SEND(heartbeat, 12, -1, .nothing = 0);
	scene_await_answer(MESSAGE_HEALTH, 12, true, "");
	SCENE_SEND(prepare, 13, scene_conf("next"), .nothing = 0);
	scene_await_answer(MESSAGE_PREPARED, 13, true, "");
	SCENE_SEND(commit, 0, -1, .nothing = 0);
	SCENE_SEND(heartbeat, 14, -1, .nothing = 0);
	scene_await_answer(MESSAGE_HEALTH, 14, false, "a cause");
}
END_TEST

START_TEST(test_listen)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	scene_begin(&scene_program);
	SCENE_SEND(listen, 0, fd, .purpose = LISTEN_CONTROL);
	SCENE_SEND(listen, 0, open("/dev/zero", O_RDONLY | O_CLOEXEC), .purpose = LISTEN_PURPOSES);
	scene_catch_up(true);
	ck_assert_uint_eq(scene_seen->listens, 1);
	ck_assert_int_eq(scene_seen->purpose, LISTEN_CONTROL);
	ck_assert(scene_seen->inode == st.st_ino);
}
END_TEST

START_TEST(test_reload)
{
	scene_begin(&scene_program);
	/* A commit without a prepare, and one after a discard, are nothing. */
	SCENE_SEND(commit, 0, -1, .nothing = 0);
	SCENE_SEND(prepare, 1, scene_conf("dropped"), .nothing = 0);
	scene_await_answer(MESSAGE_PREPARED, 1, true, "");
	SCENE_SEND(discard, 0, -1, .nothing = 0);
	SCENE_SEND(commit, 0, -1, .nothing = 0);
	scene_catch_up(true);
	ck_assert_str_eq(scene_seen->order, "ps");
	ck_assert_str_eq(scene_seen->group, "first");
	/* The last one prepared is the one that is committed, once. */
	SCENE_SEND(prepare, 2, scene_conf("second"), .nothing = 0);
	scene_await_answer(MESSAGE_PREPARED, 2, true, "");
	SCENE_SEND(prepare, 3, scene_conf("third"), .nothing = 0);
	scene_await_answer(MESSAGE_PREPARED, 3, true, "");
	SCENE_SEND(commit, 0, -1, .nothing = 0);
	SCENE_SEND(commit, 0, -1, .nothing = 0);
	scene_catch_up(false);
	ck_assert_str_eq(scene_seen->order, "psc");
	ck_assert_str_eq(scene_seen->group, "third");
}
END_TEST

START_TEST(test_reload_that_is_refused)
{
	scene_begin(&scene_program);
	SCENE_SEND(prepare, 1, scene_conf("good"), .nothing = 0);
	scene_await_answer(MESSAGE_PREPARED, 1, true, "");
	SCENE_SEND(prepare, 2, scene_conf("refused"), .nothing = 0);
	scene_await_answer(MESSAGE_PREPARED, 2, false, "the group is refused");
	SCENE_SEND(commit, 0, -1, .nothing = 0);
	SCENE_SEND(prepare, 3, open("/dev/null", O_RDONLY | O_CLOEXEC), .nothing = 0);
	scene_await_answer(MESSAGE_PREPARED, 3, false, "not sealed");
	SCENE_SEND(commit, 0, -1, .nothing = 0);
	scene_catch_up(true);
	ck_assert_str_eq(scene_seen->group, "first");
}
END_TEST

START_TEST(test_fail_and_event)
{
	struct frame_reader r;
	struct frame *frame;
	const char *text;
	uint32_t status;
	uint64_t number;
	int64_t time_us;

	scene_begin(&scene_program);
	SCENE_SEND(open_store, 21, -1, .nothing = 0);
	frame = scene_await(MESSAGE_FAILED);
	r = (struct frame_reader) { .frame = frame };
	ck_assert_uint_eq(frame->header.id, 21);
	frame_get_u32(&r, &status);
	ck_assert_uint_eq(status, STATUS_IO);
	frame_get_text(&r, &text);
	ck_assert_str_eq(text, "store.open");
	frame_get_text(&r, &text);
	ck_assert_str_eq(text, "cannot open it");
	SCENE_SEND(ping_store, 22, -1, .nothing = 0);
	r = (struct frame_reader) { .frame = scene_await(MESSAGE_EVENT) };
	frame_get_u64(&r, &number);
	frame_get_i64(&r, &time_us);
	ck_assert_int_gt(time_us, 0);
	frame_get_text(&r, &text);
	ck_assert_str_eq(text, "bibd-sqlite");
	frame_get_text(&r, &text);
	ck_assert_str_eq(text, "test.ping");
	frame_get_text(&r, &text);
	ck_assert_str_eq(text, "pinged 1 times");
}
END_TEST

/* A terminal's ^C and a service manager's TERM go to the whole group: the supervisor alone decides. */
START_TEST(test_signals_do_not_end_it)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };

	scene_begin(&scene_program);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		ck_assert_int_eq(kill(scene_pid, signals[i]), 0);
	scene_catch_up(true);
}
END_TEST

/* ---- the end ---- */

START_TEST(test_stop)
{
	scene_begin(&scene_program);
	SCENE_SEND(stop, 0, -1, .timeout_ms = 30000);
	scene_catch_up(true);
	SCENE_SEND(stop, 0, -1, .timeout_ms = 500);
	(void)scene_await(MESSAGE_STOPPED);
	scene_assert_ends(STATUS_OK, "");
	ck_assert_uint_eq(scene_seen->stops, 2);
	ck_assert_int_eq(scene_seen->timeouts[0], 30000);
	ck_assert_int_eq(scene_seen->timeouts[1], 500);
}
END_TEST

START_TEST(test_supervisor_is_gone)
{
	if (_i == 0)
		scene_spawn(&scene_program);
	else
		scene_begin(&scene_program);
	close(scene_channel_fd);
	scene_channel_fd = -1;
	scene_assert_ends(_i == 0 ? STATUS_OS : STATUS_OK, "");
}
END_TEST

START_TEST(test_broken_rule)
{
	scene_begin(&scene_program);
	if (_i == 0) {
		SCENE_SEND(ready, 0, -1, .landlock = 0);
		scene_assert_ends(STATUS_BUG, "ending: bibd may not send READY to bibd-sqlite\n");
	} else {
		ck_assert_int_eq(write(scene_channel_fd, "garbage", 7), 7);
		scene_assert_ends(STATUS_BUG, "ending: the peer sent a malformed frame\n");
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, scene_set_up, scene_tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_start_order);
	tcase_add_test(t, test_sandbox_is_entered_before_start);
	tcase_add_test(t, test_separated);
	tcase_add_test(t, test_bare_program);
	tcase_add_test(t, test_another_build);
	tcase_add_test(t, test_start_that_is_refused);
	tcase_add_test(t, test_malformed_configuration);
	tcase_add_test(t, test_second_start);
	tcase_add_loop_test(t, test_nothing_before_start, 0, 6);
	tcase_add_loop_test(t, test_bad_arguments, 0, (int)(sizeof(bad_arguments) / sizeof(bad_arguments[0])));
	tcase_add_test(t, test_orphan);
	tcase_add_test(t, test_heartbeat);
	tcase_add_test(t, test_listen);
	tcase_add_test(t, test_reload);
	tcase_add_test(t, test_reload_that_is_refused);
	tcase_add_test(t, test_fail_and_event);
	tcase_add_test(t, test_signals_do_not_end_it);
	tcase_add_test(t, test_stop);
	tcase_add_loop_test(t, test_supervisor_is_gone, 0, 2);
	tcase_add_loop_test(t, test_broken_rule, 0, 2);
	return unit_run("worker", t, NULL);
}
