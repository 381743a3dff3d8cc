/*
 * Datagrams to a service manager that the test plays.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/host/notify.h"
#include "tests/unit/run.h"

/* A service manager's socket under that name ('@': abstract). */
static int
manager_open(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval second = { 1, 0 };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, name, strlen(name));
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
	    0);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second)), 0);
	return fd;
}

static void
expect(int fd, const char *wanted)
{
	char buf[256];
	ssize_t n = recv(fd, buf, sizeof(buf) - 1, 0);

	ck_assert_int_gt(n, 0);
	buf[n] = '\0';
	ck_assert_str_eq(buf, wanted);
}

static void
talk(const char *name)
{
	int fd = manager_open(name);
	struct notify notify;
	struct error e;

	setenv("NOTIFY_SOCKET", name, 1);
	setenv("WATCHDOG_USEC", "30000000", 1);
	unsetenv("WATCHDOG_PID");
	ck_assert_int_eq(notify_open(&notify, &e), 0);
	ck_assert_int_eq(notify.watchdog_ms, 15000);
	/* Workers are not to speak for the daemon. */
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
	ck_assert_ptr_null(getenv("WATCHDOG_USEC"));
	notify_status(&notify, "opening the store");
	expect(fd, "STATUS=opening the store");
	notify_ready(&notify);
	expect(fd, "READY=1");
	notify_watchdog(&notify);
	expect(fd, "WATCHDOG=1");
	notify_extend_timeout(&notify, 70000);
	expect(fd, "EXTEND_TIMEOUT_USEC=70000000");
	notify_stopping(&notify);
	expect(fd, "STOPPING=1");
	notify_close(&notify);
	close(fd);
}

START_TEST(speaks_to_a_path)
{
	char directory[] = "/tmp/bibd-notify-XXXXXX", name[64];

	ck_assert_ptr_nonnull(mkdtemp(directory));
	(void)snprintf(name, sizeof(name), "%s/socket", directory);
	talk(name);
	unlink(name);
	rmdir(directory);
}
END_TEST

START_TEST(speaks_to_an_abstract_name)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "@bibd-notify-test-%d", (int)getpid());
	talk(name);
}
END_TEST

START_TEST(nobody_to_tell_is_no_error)
{
	struct notify notify;

	unsetenv("NOTIFY_SOCKET");
	setenv("WATCHDOG_USEC", "1000000", 1);
	ck_assert_int_eq(notify_open(&notify, NULL), 0);
	ck_assert_int_eq(notify.fd, -1);
	ck_assert_int_eq(notify.watchdog_ms, 0);
	notify_ready(&notify);
}
END_TEST

START_TEST(watchdog_of_another_process_is_not_ours)
{
	struct notify notify;
	char name[64];
	int fd;

	(void)snprintf(name, sizeof(name), "@bibd-notify-other-%d", (int)getpid());
	fd = manager_open(name);
	setenv("NOTIFY_SOCKET", name, 1);
	setenv("WATCHDOG_USEC", "1000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	ck_assert_int_eq(notify_open(&notify, NULL), 0);
	ck_assert_int_eq(notify.watchdog_ms, 0);
	notify_close(&notify);
	close(fd);
}
END_TEST

static const char *const bad_names[] = { "", "relative", "/nosuch/socket", "@", "vsock:2:1234" };

START_TEST(bad_names_are_refused)
{
	struct notify notify;
	struct error e;

	setenv("NOTIFY_SOCKET", bad_names[_i], 1);
	ck_assert_int_eq(notify_open(&notify, &e), -1);
	ck_assert_str_eq(e.code, "notify.socket");
	ck_assert_int_eq(notify.fd, -1);
}
END_TEST

int
main(void)
{
	TCase *protocol = tcase_create("protocol");

	tcase_add_test(protocol, speaks_to_a_path);
	tcase_add_test(protocol, speaks_to_an_abstract_name);
	tcase_add_test(protocol, nobody_to_tell_is_no_error);
	tcase_add_test(protocol, watchdog_of_another_process_is_not_ours);
	tcase_add_loop_test(protocol, bad_names_are_refused, 0, sizeof(bad_names) / sizeof(bad_names[0]));
	return unit_run("supervisor notify", protocol, NULL);
}
