/* The probe, against a real server in each of its states, and against what is no server. */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/unit/postgres_scene.h"
#include "tests/unit/run.h"
#include "workers/postgres/store/probe.h"
#include "workers/postgres/store/probe_resolve.h"

static struct loop loop;
static struct probe probe;
static struct probe_target target = { .user = "bibd_system", .database = "bibd" };
static struct probe_result result;
static unsigned answers;

static void
take_result(struct probe *p, const struct probe_result *r)
{
	ck_assert(!probe_is_running(p));
	result = *r;
	answers++;
}

static void
ask(int64_t timeout_ms)
{
	unsigned before = answers;

	probe_start(&probe, &loop, &target, timeout_ms, take_result, NULL);
	ck_assert(probe_is_running(&probe));
	while (answers == before)
		ck_assert_int_eq(loop_run_once(&loop, 100, NULL), 0);
}

static void
assert_answer(enum probe_answer answer, const char *reason)
{
	ck_assert_msg(result.answer == answer && strcmp(result.reason, reason) == 0, "%d: %s", (int)result.answer,
	    result.reason);
}

static void
use_path(const char *path)
{
	struct sockaddr_un *address = (struct sockaddr_un *)&target.addresses[0].address;

	address->sun_family = AF_UNIX;
	(void)snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
	target.addresses[0].length = sizeof(*address);
	target.naddresses = 1;
}

static void
use_server(void)
{
	char path[100];

	(void)snprintf(path, sizeof(path), "%s/run/.s.PGSQL.5432", scene.dir);
	use_path(path);
}

/* A TCP socket on a free port of the loopback, in the nth address. */
static int
listen_tcp(unsigned n, bool listening)
{
	struct sockaddr_in *address = (struct sockaddr_in *)&target.addresses[n].address;
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*address = (struct sockaddr_in) { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	ck_assert_int_eq(bind(fd, (struct sockaddr *)address, size), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)address, &size), 0);
	if (listening)
		ck_assert_int_eq(listen(fd, 8), 0);
	target.addresses[n].length = size;
	target.naddresses = n + 1;
	return fd;
}

static void
set_up(void)
{
	ck_assert_int_eq(loop_open(&loop, NULL), 0);
}

/* ---- a real server ---- */

START_TEST(test_accepting)
{
	scene_start_server();
	scene_await_server();
	use_server();
	ask(5000);
	assert_answer(PROBE_ACCEPTING, "");
	ck_assert_uint_gt(result.us, 0);
	ck_assert_uint_lt(result.us, 5000000);
	scene_stop_server(SIGINT);
	ask(5000);
	assert_answer(PROBE_ABSENT, "no such file or directory");
	ck_assert(!probe_is_alive(result.answer));
}
END_TEST

START_TEST(test_stuck)
{
	int64_t begin;

	scene_start_server();
	scene_await_server();
	use_server();
	scene_signal_server(SIGSTOP);
	begin = clock_now_ms();
	ask(300);
	assert_answer(PROBE_SILENT, "no answer within 300 ms");
	ck_assert_int_ge(clock_now_ms() - begin, 295);
	scene_signal_server(SIGCONT);
	ask(5000);
	assert_answer(PROBE_ACCEPTING, "");
	scene_stop_server(SIGINT);
}
END_TEST

/* A server that was killed leaves its socket behind. */
START_TEST(test_killed)
{
	scene_start_server();
	scene_await_server();
	use_server();
	scene_stop_server(SIGKILL);
	ask(5000);
	assert_answer(PROBE_ABSENT, "connection refused");
}
END_TEST

/* More connections than there may be: somebody is there. */
START_TEST(test_too_many)
{
	PGconn *connections[16];
	unsigned n = 0;

	(void)snprintf(scene.server_options, sizeof(scene.server_options),
	    "max_connections=4 superuser_reserved_connections=3");
	scene_start_server();
	scene_await_server();
	/* Again after a refusal: what was closed before may have been the one too many. */
	for (int i = 0; i < 16; i++)
		if ((connections[n] = scene_connect(NULL, NULL)) != NULL)
			n++;
		else
			(void)usleep(20000);
	use_server();
	ask(5000);
	assert_answer(PROBE_BUSY, "sorry, too many clients already");
	ck_assert(probe_is_alive(result.answer));
	while (n > 0)
		PQfinish(connections[--n]);
	scene_stop_server(SIGINT);
	scene.server_options[0] = '\0';
}
END_TEST

/* Writes so much that a recovery takes a while, then kills; the answers of the next start are collected. */
START_TEST(test_recovering)
{
	PGconn *connection;
	unsigned starting = 0;

	(void)snprintf(scene.server_options, sizeof(scene.server_options), "checkpoint_timeout=1h max_wal_size=4GB");
	scene_start_server();
	scene_await_server();
	ck_assert_ptr_nonnull(connection = scene_connect(NULL, NULL));
	ck_assert_str_eq(scene_sql(connection,
			     "create table filler as select g, md5(g::text) from"
			     " generate_series(1, 200000) g"),
	    "");
	ck_assert_str_eq(scene_sql(connection, "update filler set g = g + 1"), "");
	PQfinish(connection);
	scene_stop_server(SIGKILL);
	use_server();
	scene_start_server();
	do {
		ask(5000);
		if (result.answer == PROBE_STARTING) {
			starting++;
			ck_assert_msg(strncmp(result.reason, "the database system is ", 23) == 0, "%s", result.reason);
		}
	} while (result.answer != PROBE_ACCEPTING);
	ck_assert_uint_gt(starting, 1);
	ck_assert_ptr_nonnull(connection = scene_connect(NULL, NULL));
	ck_assert_str_eq(scene_sql(connection, "drop table filler"), "");
	PQfinish(connection);
	scene_stop_server(SIGINT);
	scene.server_options[0] = '\0';
}
END_TEST

/* A standby before it is consistent says so in the detail: that is told too. */
START_TEST(test_detail)
{
	static const char answer[] = "E\0\0\0\x9bSFATAL\0VFATAL\0C57P03\0Mthe database system is not yet accepting"
				     " connections\0"
				     "DConsistent recovery state has not been yet reached.\0Fpostmaster.c\0L2377\0R\0";
	int listening = listen_tcp(0, true), fd;
	const char length[4] = { 0, 0, 0, (char)(sizeof(answer) - 2) };

	probe_start(&probe, &loop, &target, 5000, take_result, NULL);
	/* It connects, then sends: the kernel takes both before the other end is accepted. */
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(loop_run_once(&loop, 10, NULL), 0);
	ck_assert_int_ne(fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC), -1);
	/* In pieces. */
	ck_assert_int_eq(send(fd, answer, 1, 0), 1);
	(void)loop_run_once(&loop, 10, NULL);
	ck_assert_int_eq(send(fd, length, 4, 0), 4);
	(void)loop_run_once(&loop, 10, NULL);
	ck_assert_uint_eq(answers, 0);
	ck_assert_int_eq(send(fd, answer + 5, sizeof(answer) - 6, 0), (ssize_t)sizeof(answer) - 6);
	while (answers == 0)
		(void)loop_run_once(&loop, 10, NULL);
	assert_answer(PROBE_STARTING,
	    "the database system is not yet accepting connections: "
	    "Consistent recovery state has not been yet reached.");
	close(fd);
	close(listening);
}
END_TEST

/* ---- what is no server ---- */

static const struct {
	const char *bytes;
	size_t size;
	enum probe_answer answer;
	const char *reason;
} strangers[] = {
	{ "", 0, PROBE_CLOSED, "the server closed the connection without an answer" },
	{ "HTTP/1.1 400 Bad Request\r\n", 26, PROBE_REFUSING,
	    "what answers there does not speak PostgreSQL's protocol" },
	{ "Ecould not fork new process\n", 28, PROBE_REFUSING, "could not fork new process" },
	{ "E\0\0\0\x20SFATAL", 11, PROBE_REFUSING, "the server answered with an error" },
	{ "E\0\0\0\4", 5, PROBE_REFUSING, "" },
	{ "E\xff\xff\xff\xff", 5, PROBE_REFUSING, "\xff\xff\xff\xff" },
	{ "E", 1, PROBE_REFUSING, "" },
};

struct stranger {
	int listening;
	int number;
};

static void *
be_stranger(void *arg)
{
	const struct stranger *stranger = arg;
	int fd = accept4(stranger->listening, NULL, NULL, SOCK_CLOEXEC);
	char buf[256];

	/* The packet is read, or closing would be a reset. */
	(void)recv(fd, buf, sizeof(buf), 0);
	(void)send(fd, strangers[stranger->number].bytes, strangers[stranger->number].size, MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

START_TEST(test_strangers)
{
	struct stranger stranger = { .number = _i, .listening = listen_tcp(0, true) };
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, be_stranger, &stranger), 0);
	ask(5000);
	assert_answer(strangers[_i].answer, strangers[_i].reason);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	close(stranger.listening);
}
END_TEST

/* Nobody listens at the first address, somebody at the second. */
START_TEST(test_addresses)
{
	struct stranger stranger = { .number = 1 };
	int nobody = listen_tcp(0, false);
	pthread_t thread;

	ask(5000);
	assert_answer(PROBE_ABSENT, "connection refused");
	stranger.listening = listen_tcp(1, true);
	ck_assert_int_eq(pthread_create(&thread, NULL, be_stranger, &stranger), 0);
	ask(5000);
	ck_assert_int_eq(result.answer, PROBE_REFUSING);
	ck_assert_uint_eq(result.address, 1);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	close(nobody);
	close(stranger.listening);
}
END_TEST

/* A queue that is full is waited for, as long as there is time. */
START_TEST(test_full_queue)
{
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), other;
	char path[100];

	(void)snprintf(path, sizeof(path), "%s/full", scene.dir);
	use_path(path);
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&target.addresses[0].address, target.addresses[0].length),
	    0);
	ck_assert_int_eq(listen(listening, 0), 0);
	other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(other, (struct sockaddr *)&target.addresses[0].address, target.addresses[0].length),
	    0);
	ask(300);
	assert_answer(PROBE_SILENT, "no answer within 300 ms");
	close(other);
	close(listening);
}
END_TEST

START_TEST(test_cancel)
{
	int listening = listen_tcp(0, true);

	probe_start(&probe, &loop, &target, 50, take_result, NULL);
	(void)loop_run_once(&loop, 10, NULL);
	probe_cancel(&probe);
	probe_cancel(&probe);
	for (int i = 0; i < 10; i++)
		(void)loop_run_once(&loop, 10, NULL);
	ck_assert_uint_eq(answers, 0);
	close(listening);
}
END_TEST

/* ---- names ---- */

static char resolved_why[PROBE_REASON_MAX];

static void
take_addresses(void *context, const struct probe_target *addresses, const char *why)
{
	(void)context;
	(void)snprintf(resolved_why, sizeof(resolved_why), "%s", why);
	memcpy(target.addresses, addresses->addresses, sizeof(target.addresses));
	target.naddresses = addresses->naddresses;
	answers++;
}

START_TEST(test_resolve)
{
	ck_assert_ptr_nonnull(resolve_start(&loop, "127.0.0.1", 5432, take_addresses, NULL, NULL));
	while (answers == 0)
		(void)loop_run_once(&loop, 10, NULL);
	ck_assert_uint_eq(target.naddresses, 1);
	ck_assert_uint_eq(((const struct sockaddr_in *)&target.addresses[0].address)->sin_port, htons(5432));
	ck_assert_str_eq(resolved_why, "");
	ck_assert_ptr_nonnull(resolve_start(&loop, "no such host", 5432, take_addresses, NULL, NULL));
	while (answers == 1)
		(void)loop_run_once(&loop, 10, NULL);
	ck_assert_uint_eq(target.naddresses, 0);
	ck_assert_msg(strncmp(resolved_why, "cannot look up no such host: ", 29) == 0, "%s", resolved_why);
	resolve_cancel(resolve_start(&loop, "127.0.0.1", 5432, take_addresses, NULL, NULL));
	for (int i = 0; i < 10; i++)
		(void)loop_run_once(&loop, 10, NULL);
	ck_assert_uint_eq(answers, 2);
}
END_TEST

int
main(void)
{
	TCase *real = tcase_create("server"), *strange = tcase_create("strangers");

	if (!scene_can_run())
		return 77;
	tcase_set_timeout(real, 120);
	tcase_add_unchecked_fixture(real, scene_make_cluster, scene_remove_cluster);
	tcase_add_checked_fixture(real, set_up, NULL);
	tcase_add_test(real, test_accepting);
	tcase_add_test(real, test_stuck);
	tcase_add_test(real, test_killed);
	tcase_add_test(real, test_too_many);
	tcase_add_test(real, test_recovering);
	tcase_add_test(real, test_full_queue);
	tcase_add_checked_fixture(strange, set_up, NULL);
	tcase_add_test(strange, test_detail);
	tcase_add_loop_test(strange, test_strangers, 0, (int)(sizeof(strangers) / sizeof(strangers[0])));
	tcase_add_test(strange, test_addresses);
	tcase_add_test(strange, test_cancel);
	tcase_add_test(strange, test_resolve);
	return unit_run("postgres_probe", real, strange, NULL);
}
