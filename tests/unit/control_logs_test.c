/* `bibctl logs` and `bibctl metrics` against a real control worker on a real socket. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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
set_up(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/bibd-logs-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/control.sock", dir);
	bibctl = (struct bibctl) { .output = &render_text, .lines = 7 };
	(void)snprintf(bibctl.path, sizeof(bibctl.path), "%s", path);
	bibctl.render.out = open_memstream(&out_text, &out_size);
	bibctl.render.err = open_memstream(&err_text, &err_size);
	bibctl.render.now_us = clock_realtime_us();
	ck_assert(bibctl.render.out != NULL && bibctl.render.err != NULL);
}

static void
tear_down(void)
{
	(void)kill(daemon_pid, SIGKILL);
	(void)waitpid(daemon_pid, NULL, 0);
	(void)fclose(bibctl.render.out);
	(void)fclose(bibctl.render.err);
	free(out_text);
	free(err_text);
	(void)unlink(path);
	(void)rmdir(dir);
}

static int
run(const char *name, enum daemon_behaviour behaviour)
{
	int fd = daemon_bind(path, SOCK_SEQPACKET), status = -1;

	/* What connects before the child listens is refused. */
	ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_int_ne(daemon_pid = fork(), -1);
	if (daemon_pid == 0)
		_exit(daemon_main(behaviour, fd));
	close(fd);
	for (const struct bibctl_command *command = bibctl_commands; command->name != NULL; command++)
		if (strcmp(command->name, name) == 0)
			status = command->run(&bibctl);
	(void)fflush(bibctl.render.out);
	(void)fflush(bibctl.render.err);
	return status;
}

START_TEST(test_logs)
{
	ck_assert_int_eq(run("logs", DAEMON_READY), 0);
	ck_assert_str_eq(out_text, "7 lines\n\033[31mred\tx\n");
}
END_TEST

START_TEST(test_logs_on_a_terminal)
{
	bibctl.render.terminal = true;
	ck_assert_int_eq(run("logs", DAEMON_READY), 0);
	ck_assert_str_eq(out_text, "7 lines\n\\x1b[31mred\tx\n");
}
END_TEST

START_TEST(test_logs_in_json)
{
	bibctl.output = &render_json;
	ck_assert_int_eq(run("logs", DAEMON_READY), 0);
	ck_assert_str_eq(out_text,
	    "{\"schema\":1,\"line\":\"7 lines\"}\n{\"schema\":1,\"line\":\"\\u001b[31mred\\tx\"}\n");
}
END_TEST

START_TEST(test_logs_where_there_are_none)
{
	ck_assert_int_eq(run("logs", DAEMON_REFUSING), STATUS_USAGE);
	ck_assert_str_eq(err_text, "bibctl: this node runs no container\n");
	ck_assert_uint_eq(out_size, 0);
}
END_TEST

START_TEST(test_metrics)
{
	ck_assert_int_eq(run("metrics", DAEMON_READY), 0);
	ck_assert_ptr_nonnull(strstr(out_text, "\nbibd_ready 1\n"));
	ck_assert_ptr_nonnull(strstr(out_text, "bibd_process_up{process=\"bibd-sqlite\"} 1\n"));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("commands");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_logs);
	tcase_add_test(t, test_logs_on_a_terminal);
	tcase_add_test(t, test_logs_in_json);
	tcase_add_test(t, test_logs_where_there_are_none);
	tcase_add_test(t, test_metrics);
	return unit_run("bibctl logs and metrics", t, NULL);
}
