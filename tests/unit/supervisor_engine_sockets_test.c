/*
 * Where engines' sockets are looked for, and which groups reach them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/host/engine_sockets.h"
#include "tests/unit/run.h"

static struct conf *conf;
static struct engine_sockets sockets;

static void
set_up(void)
{
	conf = conf_new();
	ck_assert_ptr_nonnull(conf);
	unsetenv("DOCKER_HOST");
	unsetenv("KUBERNETES_SERVICE_HOST");
	setenv("XDG_RUNTIME_DIR", "/run/user/4242", 1);
}

static void
tear_down(void)
{
	conf_free(conf);
}

static void
set(const char *key, const char *text)
{
	struct error e;

	ck_assert_int_eq(conf_set(conf, conf_key_find(key), text, &e), 0);
}

START_TEST(docker_has_one_place)
{
	engine_sockets_find(&sockets, conf);
	ck_assert_str_eq(sockets.docker, "/var/run/docker.sock");
	setenv("DOCKER_HOST", "unix:///run/other.sock", 1);
	engine_sockets_find(&sockets, conf);
	ck_assert_str_eq(sockets.docker, "/run/other.sock");
	/* An engine elsewhere is none that bibd can use. */
	setenv("DOCKER_HOST", "tcp://127.0.0.1:2375", 1);
	engine_sockets_find(&sockets, conf);
	ck_assert_str_eq(sockets.docker, "/var/run/docker.sock");
	setenv("DOCKER_HOST", "unix:///run/other.sock", 1);
	set("database.postgres.socket_path", "/run/mine.sock");
	engine_sockets_find(&sockets, conf);
	ck_assert_str_eq(sockets.docker, "/run/mine.sock");
	ck_assert_str_eq(sockets.podman, "/run/mine.sock");
}
END_TEST

START_TEST(podman_is_rootless_for_users)
{
	engine_sockets_find(&sockets, conf);
	if (geteuid() == 0)
		ck_assert_str_eq(sockets.podman, "/run/podman/podman.sock");
	else
		ck_assert_str_eq(sockets.podman, "/run/user/4242/podman/podman.sock\n/run/podman/podman.sock");
}
END_TEST

START_TEST(named_runtime_leaves_the_other_out)
{
	set("database.postgres.container_runtime", "docker");
	engine_sockets_find(&sockets, conf);
	ck_assert_str_ne(sockets.docker, "");
	ck_assert_str_eq(sockets.podman, "");
	set("database.postgres.container_runtime", "podman");
	engine_sockets_find(&sockets, conf);
	ck_assert_str_eq(sockets.docker, "");
	ck_assert_str_ne(sockets.podman, "");
}
END_TEST

START_TEST(cluster_is_noticed)
{
	engine_sockets_find(&sockets, conf);
	ck_assert(!sockets.kubernetes);
	setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1);
	engine_sockets_find(&sockets, conf);
	ck_assert(sockets.kubernetes);
}
END_TEST

/* Each group once, and only of what is a socket. */
START_TEST(groups_are_those_of_sockets)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	gid_t groups[ENGINE_SOCKETS_GROUPS_MAX];

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/bibd-engine.%d", (int)getpid());
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	sockets = (struct engine_sockets) { .docker = "/etc/passwd", .podman = "/nonexistent\n/etc/passwd" };
	ck_assert_uint_eq(engine_sockets_groups(&sockets, groups), 0);
	(void)snprintf(sockets.docker, sizeof(sockets.docker), "%s", address.sun_path);
	(void)snprintf(sockets.podman, sizeof(sockets.podman), "/nonexistent\n%s", address.sun_path);
	/* Root's own group is never given away. */
	ck_assert_uint_eq(engine_sockets_groups(&sockets, groups), getegid() != 0 ? 1 : 0);
	ck_assert(getegid() == 0 || groups[0] == getegid());
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(address.sun_path, (uid_t)-1, 4711), 0);
		ck_assert(engine_sockets_changed(&sockets));
		sockets.ngroups = engine_sockets_groups(&sockets, sockets.groups);
		ck_assert_uint_eq(sockets.ngroups, 1);
		ck_assert_uint_eq(sockets.groups[0], 4711);
		ck_assert(!engine_sockets_changed(&sockets));
	}
	(void)unlink(address.sun_path);
	close(fd);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("engine sockets");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, docker_has_one_place);
	tcase_add_test(tc, podman_is_rootless_for_users);
	tcase_add_test(tc, named_runtime_leaves_the_other_out);
	tcase_add_test(tc, cluster_is_noticed);
	tcase_add_test(tc, groups_are_those_of_sockets);
	return unit_run("supervisor engine sockets", tc, NULL);
}
