/*
 * Finding an engine. The engines' programs here are stand-ins: scripts of a few words in a directory of the test's own,
 * behind sockets that the test listens on. What real engines do is the system tests' business.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/unit/run.h"
#include "workers/container/engine/engine.h"

#define DEADLINE_MS 30000

/* Check's fixtures take no argument. */
static struct {
	struct loop loop;
	struct jobs jobs;
	char directory[32], path[96];
	char docker[64], podman[64];
	struct engine_finder finder;
	unsigned asked, found;
	bool later;
	struct engine engine;
	struct error e;
} f;

static void
set_up(void)
{
	memset(&f, 0, sizeof(f));
	(void)snprintf(f.directory, sizeof(f.directory), "/tmp/bibd-engine-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(f.directory));
	/* The stand-ins come first, and are alone but for the shell's own needs. */
	(void)snprintf(f.path, sizeof(f.path), "%s", f.directory);
	(void)snprintf(f.docker, sizeof(f.docker), "%s/docker.sock", f.directory);
	(void)snprintf(f.podman, sizeof(f.podman), "%s/podman.sock", f.directory);
	ck_assert_int_eq(loop_open(&f.loop, NULL), 0);
	ck_assert_int_eq(jobs_open(&f.jobs, &f.loop, f.directory, f.path, NULL), 0);
}

static void
tear_down(void)
{
	char command[64];

	jobs_close(&f.jobs);
	loop_close(&f.loop);
	for (size_t i = 0; i < 5; i++) {
		static const char *const names[] = { "docker", "podman", "docker.sock", "podman.sock", "closed/x" };

		(void)snprintf(command, sizeof(command), "%s/%s", f.directory, names[i]);
		(void)unlink(command);
	}
	(void)snprintf(command, sizeof(command), "%s/closed", f.directory);
	(void)rmdir(command);
	(void)rmdir(f.directory);
}

static void
stand_in(const char *name, const char *script)
{
	char path[64], text[512];
	int fd, n = snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);

	(void)snprintf(path, sizeof(path), "%s/%s", f.directory, name);
	ck_assert_int_ne(fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755), -1);
	ck_assert_int_eq(write(fd, text, (size_t)n), n);
	close(fd);
}

static int
listen_on(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 0), 0);
	return fd;
}

static bool
take_asked(void *context, const struct engine *engine)
{
	(void)context;
	ck_assert_ptr_nonnull(engine->kind);
	f.asked++;
	return f.later;
}

static void
take_found(void *context, const struct engine *engine, const struct error *e)
{
	(void)context;
	f.found++;
	if (engine != NULL)
		f.engine = *engine;
	else
		f.e = *e;
}

static void
find(enum conf_runtime runtime, bool kubernetes)
{
	const struct engine_search search = { .runtime = runtime,
		.docker_socket = f.docker,
		.podman_sockets = f.podman,
		.kubernetes = kubernetes };
	int64_t end = clock_now_ms() + DEADLINE_MS;

	engine_find(&f.finder, &f.jobs, &search, take_asked, take_found, NULL);
	while (f.found == 0) {
		ck_assert_int_lt(clock_now_ms(), end);
		(void)loop_run_once(&f.loop, 100, NULL);
	}
	ck_assert_uint_eq(f.found, 1);
}

static void
assert_says(const char *code, enum status status, const char *text)
{
	ck_assert_ptr_null(f.engine.kind);
	ck_assert_str_eq(f.e.code, code);
	ck_assert_int_eq(f.e.status, status);
	ck_assert_msg(strstr(f.e.text, text) != NULL, "%s", f.e.text);
}

START_TEST(test_docker_comes_first)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "[ \"$1 $2 $3\" = '-H unix://%s info' ] && echo '20.1\t[name=seccomp]'",
	    f.docker);
	stand_in("docker", text);
	stand_in("podman", "echo '4.3\trootless=false'");
	(void)listen_on(f.docker);
	(void)listen_on(f.podman);
	find(CONF_RUNTIME_DETECT, true);
	ck_assert_ptr_eq(f.engine.kind, &engine_docker);
	ck_assert_str_eq(f.engine.version, "20.1");
	ck_assert_str_eq(f.engine.socket, f.docker);
	ck_assert(!f.engine.rootless);
	ck_assert_uint_eq(f.asked, 1);
}
END_TEST

START_TEST(test_limits_without_effect)
{
	static const struct {
		const char *docker, *podman;
		bool unlimited;
	} answers[] = {
		{ "20.1\t[name=seccomp] memory=true cpu=true", NULL, false },
		{ "20.1\t[name=seccomp] memory=false cpu=true", NULL, true },
		{ "20.1\t[name=seccomp] memory=true cpu=false", NULL, true },
		{ NULL, "4.3\trootless=true cgroups=v1", true },
		{ NULL, "4.3\trootless=true cgroups=v2", false },
		{ NULL, "4.3\trootless=false cgroups=v1", false },
	};
	char text[256];

	(void)snprintf(text, sizeof(text), "echo '%s'",
	    answers[_i].docker != NULL ? answers[_i].docker : answers[_i].podman);
	stand_in(answers[_i].docker != NULL ? "docker" : "podman", text);
	(void)listen_on(answers[_i].docker != NULL ? f.docker : f.podman);
	find(answers[_i].docker != NULL ? CONF_RUNTIME_DOCKER : CONF_RUNTIME_PODMAN, false);
	ck_assert_ptr_nonnull(f.engine.kind);
	ck_assert_int_eq(f.engine.unlimited, answers[_i].unlimited);
}
END_TEST

START_TEST(test_podman_when_docker_fails)
{
	stand_in("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
	stand_in("podman", "echo 'a warning' >&2; echo '4.3\trootless=true'");
	(void)listen_on(f.docker);
	(void)listen_on(f.podman);
	find(CONF_RUNTIME_DETECT, false);
	ck_assert_ptr_eq(f.engine.kind, &engine_podman);
	ck_assert_str_eq(f.engine.version, "4.3");
	ck_assert(f.engine.rootless);
	ck_assert_uint_eq(f.asked, 2);
}
END_TEST

/* What is known from before may be asked when there is time. */
START_TEST(test_info_may_wait)
{
	int64_t begun = clock_now_ms();

	f.later = true;
	stand_in("docker", "echo '20.1\t'");
	(void)listen_on(f.docker);
	find(CONF_RUNTIME_DOCKER, false);
	ck_assert_ptr_eq(f.engine.kind, &engine_docker);
	ck_assert_int_ge(clock_now_ms() - begun, ENGINE_LATER_MS);
}
END_TEST

START_TEST(test_second_podman_socket)
{
	char two[sizeof(f.podman) * 2];

	(void)snprintf(two, sizeof(two), "/nonexistent\n%.50s", f.podman);
	(void)listen_on(f.podman);
	(void)snprintf(f.podman, sizeof(f.podman), "%.60s", two);
	stand_in("podman", "echo '4.3\trootless=false'");
	find(CONF_RUNTIME_PODMAN, false);
	ck_assert_ptr_eq(f.engine.kind, &engine_podman);
}
END_TEST

START_TEST(test_a_named_one_is_not_replaced)
{
	stand_in("docker", "echo '20.1\t'");
	(void)listen_on(f.docker);
	find(CONF_RUNTIME_PODMAN, false);
	assert_says("container.runtime_not_installed", STATUS_UNAVAILABLE, "podman is not there");
}
END_TEST

START_TEST(test_nothing_there)
{
	find(CONF_RUNTIME_DETECT, false);
	assert_says("container.runtime_not_installed", STATUS_UNAVAILABLE, "docker (");
	ck_assert_ptr_nonnull(strstr(f.e.text, "docker.sock): no socket; podman ("));
	ck_assert_ptr_nonnull(strstr(f.e.text, "install docker.io or podman"));
}
END_TEST

START_TEST(test_kubernetes)
{
	static const char line[] = "kubernetes runtime is not yet implemented; please use 'docker' or 'podman'";

	if (_i == 0)
		find(CONF_RUNTIME_DETECT, true);
	else
		find(CONF_RUNTIME_KUBERNETES, false);
	assert_says("container.kubernetes", STATUS_CONFIG, line);
	ck_assert_str_eq(f.e.text, line);
}
END_TEST

START_TEST(test_program_missing)
{
	(void)listen_on(f.docker);
	find(CONF_RUNTIME_DOCKER, false);
	assert_says("container.runtime_not_installed", STATUS_UNAVAILABLE, "install docker.io");
}
END_TEST

START_TEST(test_nobody_listens)
{
	stand_in("docker", "exit 1");
	close(listen_on(f.docker));
	find(CONF_RUNTIME_DOCKER, false);
	assert_says("container.runtime_down", STATUS_UNAVAILABLE, "systemctl start docker");
	ck_assert_uint_eq(f.asked, 0);
}
END_TEST

START_TEST(test_complains)
{
	stand_in("docker", "echo 'ERROR: it is on fire' >&2; exit 1");
	(void)listen_on(f.docker);
	find(CONF_RUNTIME_DOCKER, false);
	assert_says("container.runtime_down", STATUS_UNAVAILABLE, "says: it is on fire");
}
END_TEST

/* An answer without a version is that of a client without a server. */
START_TEST(test_empty_answer)
{
	stand_in("docker", "printf '\\t\\n'");
	(void)listen_on(f.docker);
	find(CONF_RUNTIME_DOCKER, false);
	assert_says("container.runtime_down", STATUS_UNAVAILABLE, "docker does not work");
}
END_TEST

START_TEST(test_hangs)
{
	int64_t begun = clock_now_ms();

	stand_in("docker", "/bin/sleep 60");
	(void)listen_on(f.docker);
	find(CONF_RUNTIME_DOCKER, false);
	assert_says("container.runtime_hangs", STATUS_UNAVAILABLE, "got no answer within 10 s");
	ck_assert_int_lt(clock_now_ms() - begun, ENGINE_ANSWER_MS + 5000);
}
END_TEST

START_TEST(test_queue_is_full)
{
	enum engine_failure failure = ENGINE_COMPLAINED;
	unsigned tries = 0;

	(void)listen_on(f.docker);
	for (; tries < 16; tries++) {
		struct sockaddr_un address = { .sun_family = AF_UNIX };
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", f.docker);
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == -1)
			break;
	}
	ck_assert(!engine_reach(&engine_docker, f.docker, &failure, &f.e));
	ck_assert_int_eq(failure, ENGINE_HANGS);
	assert_says("container.runtime_hangs", STATUS_UNAVAILABLE, "takes no connection");
}
END_TEST

/* Root may go everywhere: the test becomes somebody else. */
START_TEST(test_closed_directory)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/closed", f.directory);
	ck_assert_int_eq(mkdir(path, 0), 0);
	ck_assert_int_eq(chmod(f.directory, 0755), 0);
	(void)snprintf(f.podman, sizeof(f.podman), "%s/closed/x", f.directory);
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	find(CONF_RUNTIME_PODMAN, false);
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	assert_says("container.runtime_permission", STATUS_PERMISSION, "/closed has mode 0000");
	ck_assert_ptr_nonnull(strstr(f.e.text, "podman.socket.d/bibd.conf"));
}
END_TEST

START_TEST(test_closed_socket)
{
	stand_in("docker", "echo '20.1\t'");
	(void)listen_on(f.docker);
	ck_assert_int_eq(chmod(f.docker, 0), 0);
	ck_assert_int_eq(chmod(f.directory, 0755), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	find(CONF_RUNTIME_DOCKER, false);
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	assert_says("container.runtime_permission", STATUS_PERMISSION, "(mode 0000, owner ");
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, test_docker_comes_first);
	tcase_add_loop_test(t, test_limits_without_effect, 0, 6);
	tcase_add_test(t, test_podman_when_docker_fails);
	tcase_add_test(t, test_info_may_wait);
	tcase_add_test(t, test_second_podman_socket);
	tcase_add_test(t, test_a_named_one_is_not_replaced);
	tcase_add_test(t, test_nothing_there);
	tcase_add_loop_test(t, test_kubernetes, 0, 2);
	tcase_add_test(t, test_program_missing);
	tcase_add_test(t, test_nobody_listens);
	tcase_add_test(t, test_complains);
	tcase_add_test(t, test_empty_answer);
	tcase_add_test(t, test_hangs);
	tcase_add_test(t, test_queue_is_full);
	tcase_add_test(t, test_closed_directory);
	tcase_add_test(t, test_closed_socket);
}

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	add_tests(t);
	return unit_run("container_engine", t, NULL);
}
