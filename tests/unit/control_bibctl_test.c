/*
 * The commands of bibctl against a real control worker on a real socket. The daemon is a child process.
 */
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/unit/control_daemon.h"
#include "tests/unit/run.h"
#include "workers/control/bibctl/bibctl.h"

/* File scope: Check's fixtures take no arguments. */
static char dir[64], path[96];
static pid_t daemon_pid;
static char *out_text, *err_text;
static size_t out_size, err_size;
static struct bibctl bibctl;

static void
start_daemon(enum daemon_behaviour behaviour)
{
	int fd = daemon_bind(path, SOCK_SEQPACKET);
	struct bibctl_connection connection;
	struct error e;

	ck_assert_int_ne(daemon_pid = fork(), -1);
	if (daemon_pid == 0)
		_exit(daemon_main(behaviour, fd));
	close(fd);
	for (int i = 0; i < 200; i++) {
		if (bibctl_connect(&connection, path, clock_now_ms() + 5000, &e) == 0) {
			bibctl_disconnect(&connection);
			return;
		}
		usleep(10000);
	}
	ck_abort_msg("%s", e.text);
}

/* ---- fixture ---- */

static void
set_up(void)
{
	daemon_pid = 0;
	(void)snprintf(dir, sizeof(dir), "/tmp/bibd-bibctl-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/control.sock", dir);
	bibctl = (struct bibctl) { .output = &render_text };
	(void)snprintf(bibctl.path, sizeof(bibctl.path), "%s", path);
	bibctl.render.out = open_memstream(&out_text, &out_size);
	bibctl.render.err = open_memstream(&err_text, &err_size);
	bibctl.render.now_us = clock_realtime_us();
	ck_assert(bibctl.render.out != NULL && bibctl.render.err != NULL);
}

static void
tear_down(void)
{
	if (daemon_pid > 0) {
		(void)kill(daemon_pid, SIGKILL);
		(void)waitpid(daemon_pid, NULL, 0);
	}
	(void)fclose(bibctl.render.out);
	(void)fclose(bibctl.render.err);
	free(out_text);
	free(err_text);
	(void)unlink(path);
	(void)rmdir(dir);
}

static int
run(const char *name)
{
	for (const struct bibctl_command *command = bibctl_commands; command->name != NULL; command++)
		if (strcmp(command->name, name) == 0) {
			int status = command->run(&bibctl);

			(void)fflush(bibctl.render.out);
			(void)fflush(bibctl.render.err);
			return status;
		}
	ck_abort_msg("no command %s", name);
	return -1;
}

static void
expect_text(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "'%s' does not have '%s'", text, part);
}

/* ---- a daemon that answers ---- */

START_TEST(test_status)
{
	start_daemon(DAEMON_READY);
	ck_assert_int_eq(run("status"), 0);
	expect_text(out_text, "ready: clients are served since ");
	expect_text(out_text, "phase       operational\n");
	expect_text(out_text, "bibd-sqlite");
	expect_text(out_text, "no answer from the storage worker");
	bibctl.output = &render_json;
	ck_assert_int_eq(run("status"), 0);
	expect_text(out_text, "\"mode\":\"proxy\"");
}
END_TEST

START_TEST(test_ready)
{
	start_daemon(DAEMON_READY);
	ck_assert_int_eq(run("ready"), RENDER_READY);
	expect_text(out_text, ": ready\n");
}
END_TEST

START_TEST(test_ready_while_starting)
{
	start_daemon(DAEMON_STARTING);
	ck_assert_int_eq(run("ready"), RENDER_REJECTING);
	expect_text(out_text, ": not ready, phase opening the store\n");
	ck_assert_int_eq(run("status"), STATUS_UNAVAILABLE);
	expect_text(out_text, "not ready: clients are not served since ");
}
END_TEST

START_TEST(test_events)
{
	start_daemon(DAEMON_READY);
	bibctl.output = &render_json;
	ck_assert_int_eq(run("events"), 0);
	expect_text(out_text, "\"number\":1,");
	expect_text(out_text, "\"number\":3,");
	ck_assert_int_eq(out_text[strlen(out_text) - 1], '\n');
	ck_assert_ptr_null(strstr(out_text, "result"));
}
END_TEST

START_TEST(test_events_follow_ends_with_the_daemon)
{
	pid_t killer;

	start_daemon(DAEMON_READY);
	ck_assert_int_ne(killer = fork(), -1);
	if (killer == 0) {
		usleep(300000);
		(void)kill(daemon_pid, SIGKILL);
		_exit(0);
	}
	bibctl.follow = true;
	ck_assert_int_eq(run("events"), STATUS_UNAVAILABLE);
	expect_text(out_text, "node.phase");
	expect_text(err_text, "bibd closed the connection");
	(void)waitpid(killer, NULL, 0);
}
END_TEST

START_TEST(test_reload)
{
	start_daemon(DAEMON_READY);
	ck_assert_int_eq(run("reload"), 0);
	expect_text(out_text, "the configuration was reloaded\n");
}
END_TEST

START_TEST(test_reload_refused)
{
	start_daemon(DAEMON_REFUSING);
	ck_assert_int_eq(run("reload"), STATUS_CONFIG);
	ck_assert_str_eq(err_text, "bibctl: /etc/bibd.yaml:3:1: no\n");
	bibctl.output = &render_json;
	ck_assert_int_eq(run("reload"), STATUS_CONFIG);
	expect_text(out_text, "{\"status\":78,\"code\":\"conf.key\",\"text\":\"/etc/bibd.yaml:3:1: no\"}");
}
END_TEST

START_TEST(test_audit_verify)
{
	start_daemon(DAEMON_READY);
	ck_assert_int_eq(run("audit"), STATUS_OK);
	ck_assert_str_eq(out_text, "audit trail intact: 12 rows, 11 of them signed\n");
	bibctl.output = &render_json;
	ck_assert_int_eq(run("audit"), STATUS_OK);
	expect_text(out_text, "{\"whole\":true,\"rows\":12,\"signed_rows\":11,\"heads\":3}");
}
END_TEST

START_TEST(test_audit_that_is_broken)
{
	start_daemon(DAEMON_REFUSING);
	ck_assert_int_eq(run("audit"), STATUS_DATA);
	ck_assert_str_eq(err_text, "bibctl: row 7 was changed\n");
}
END_TEST

START_TEST(test_stop_waits_for_the_end)
{
	int64_t start;

	start_daemon(_i == 0 ? DAEMON_READY : DAEMON_DYING);
	start = clock_now_ms();
	ck_assert_int_eq(run("stop"), 0);
	ck_assert_int_ge(clock_now_ms() - start, 95);
	ck_assert_str_eq(out_text, "bibd has stopped\n");
	ck_assert_int_eq(waitpid(daemon_pid, NULL, WNOHANG), daemon_pid);
	daemon_pid = 0;
}
END_TEST

START_TEST(test_stop_refused)
{
	start_daemon(DAEMON_REFUSING);
	ck_assert_int_eq(run("stop"), STATUS_PERMISSION);
	ck_assert_str_eq(err_text, "bibctl: node.stopped\n");
}
END_TEST

/* ---- no daemon, or none that can be spoken to ---- */

START_TEST(test_no_socket)
{
	ck_assert_int_eq(run("status"), STATUS_UNAVAILABLE);
	expect_text(err_text, path);
	expect_text(err_text, "start bibd");
	ck_assert_int_eq(run("ready"), RENDER_NO_RESPONSE);
	expect_text(out_text, "no response: ");
}
END_TEST

START_TEST(test_nobody_listens)
{
	close(daemon_bind(path, SOCK_SEQPACKET));
	ck_assert_int_eq(run("reload"), STATUS_UNAVAILABLE);
	expect_text(err_text, "nobody listens there");
}
END_TEST

START_TEST(test_other_kind_of_socket)
{
	int fd = daemon_bind(path, SOCK_STREAM);

	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(run("status"), STATUS_UNAVAILABLE);
	expect_text(err_text, "not a control socket");
	close(fd);
}
END_TEST

/* Modes do not bind root: it becomes somebody whom they do. Check runs each test in a process of its own. */
static void
expect_no_permission(mode_t mode, gid_t gid, const char *advice)
{
	int fd = daemon_bind(path, SOCK_SEQPACKET);

	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(chmod(dir, 0755), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
	if (getuid() == 0) {
		ck_assert_int_eq(chown(path, 0, gid), 0);
		ck_assert_int_eq(setgroups(0, NULL), 0);
		ck_assert_int_eq(setegid(65534), 0);
		ck_assert_int_eq(seteuid(65534), 0);
	}
	ck_assert_int_eq(run("status"), STATUS_PERMISSION);
	expect_text(err_text, advice);
	if (getuid() == 0) {
		ck_assert_int_eq(seteuid(0), 0);
		ck_assert_int_eq(setegid(0), 0);
	}
	close(fd);
}

START_TEST(test_no_permission)
{
	static const struct {
		mode_t mode;
		gid_t gid;
		const char *advice;
	} cases[] = {
		{ 0, 1, "be root, or the user that bibd was started by" }, { 0660, 1, "be root, or in the group " },
		{ 0660, 0, "be root, or the user that bibd was started by" }, /* nobody is told to join root's group */
	};

	/* An ordinary user can give a socket to no other group. */
	if (getuid() == 0)
		expect_no_permission(cases[_i].mode, cases[_i].gid, cases[_i].advice);
	else
		expect_no_permission(0400, 0, cases[0].advice);
}
END_TEST

START_TEST(test_daemon_of_another_build)
{
	int fd = daemon_bind(path, SOCK_SEQPACKET);

	ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_int_ne(daemon_pid = fork(), -1);
	if (daemon_pid == 0)
		_exit(daemon_of_another_build(fd));
	close(fd);
	ck_assert_int_eq(run("status"), STATUS_USAGE);
	expect_text(err_text, "7.7 (protocol 99)");
	expect_text(err_text, PACKAGE_VERSION);
}
END_TEST

START_TEST(test_daemon_that_is_silent)
{
	struct bibctl_connection connection;
	struct error e;
	int fd = daemon_bind(path, SOCK_SEQPACKET);
	int64_t start = clock_now_ms();

	ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_int_eq(bibctl_connect(&connection, path, start + 200, &e), -1);
	ck_assert_str_eq(e.code, "control.timeout");
	ck_assert_int_eq(e.status, STATUS_UNAVAILABLE);
	expect_text(e.text, path);
	ck_assert_int_ge(clock_now_ms() - start, 195);
	ck_assert_int_lt(clock_now_ms() - start, 5000);
	close(fd);
}
END_TEST

START_TEST(test_backlog_that_is_full)
{
	struct bibctl_connection connection;
	struct error e;
	int fd = daemon_bind(path, SOCK_SEQPACKET);

	ck_assert_int_eq(listen(fd, 0), 0);
	ck_assert_int_eq(bibctl_connect(&connection, path, clock_now_ms() + 50, &e), -1);
	for (int i = 0; i < 4; i++) {
		int other = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		struct sockaddr_un address = { .sun_family = AF_UNIX };

		(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
		(void)connect(other, (struct sockaddr *)&address, sizeof(address));
	}
	ck_assert_int_eq(bibctl_connect(&connection, path, clock_now_ms() + 200, &e), -1);
	ck_assert_str_eq(e.code, "control.timeout");
	expect_text(e.text, "takes no connections");
	close(fd);
}
END_TEST

/* ---- -s ---- */

START_TEST(test_find_socket)
{
	char found[BIBCTL_PATH_MAX], given[256], longest[200];
	struct error e;

	ck_assert_int_eq(bibctl_find_socket(dir, found, sizeof(found), &e), 0);
	ck_assert_str_eq(found, path);
	(void)snprintf(given, sizeof(given), "%s/", dir);
	ck_assert_int_eq(bibctl_find_socket(given, found, sizeof(found), &e), 0);
	ck_assert_str_eq(found, path);
	ck_assert_int_eq(bibctl_find_socket("/no/such.sock", found, sizeof(found), &e), 0);
	ck_assert_str_eq(found, "/no/such.sock");
	ck_assert_int_eq(bibctl_find_socket("", found, sizeof(found), &e), -1);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(bibctl_find_socket(longest, found, sizeof(found), &e), -1);
	ck_assert_int_eq(e.status, STATUS_USAGE);
	expect_text(e.text, "at most 107 bytes");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("commands");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_status);
	tcase_add_test(t, test_ready);
	tcase_add_test(t, test_ready_while_starting);
	tcase_add_test(t, test_events);
	tcase_add_test(t, test_events_follow_ends_with_the_daemon);
	tcase_add_test(t, test_reload);
	tcase_add_test(t, test_reload_refused);
	tcase_add_test(t, test_audit_verify);
	tcase_add_test(t, test_audit_that_is_broken);
	tcase_add_loop_test(t, test_stop_waits_for_the_end, 0, 2);
	tcase_add_test(t, test_stop_refused);
	tcase_add_test(t, test_no_socket);
	tcase_add_test(t, test_nobody_listens);
	tcase_add_test(t, test_other_kind_of_socket);
	tcase_add_loop_test(t, test_no_permission, 0, 3);
	tcase_add_test(t, test_daemon_of_another_build);
	tcase_add_test(t, test_daemon_that_is_silent);
	tcase_add_test(t, test_backlog_that_is_full);
	tcase_add_test(t, test_find_socket);
	return unit_run("bibctl", t, NULL);
}
