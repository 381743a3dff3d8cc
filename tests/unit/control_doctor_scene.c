/*
 * Makes a node's directory and configuration, and runs chosen checks of doctor on it.
 */
#include "tests/unit/control_doctor_scene.h"
#include "tests/unit/run.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct doctor_scene scene;

static const struct doctor_check check = { "check", NULL, NULL, STATUS_UNAVAILABLE };

void
scene_set_key(const char *path, const char *value)
{
	struct error e;

	ck_assert_int_eq(conf_set(scene.doctor.conf, conf_key_find(path), value, &e), 0);
}

const char *
scene_at(const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", scene.dir, name);
	return path;
}

void
scene_make(const char *name, mode_t mode)
{
	ck_assert_int_eq(mkdir(scene_at(name), 0700), 0);
	ck_assert_int_eq(chmod(scene_at(name), mode), 0);
}

void
scene_put(const char *name, const char *text, mode_t mode)
{
	int fd = open(scene_at(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	ck_assert_int_eq(chmod(scene_at(name), mode), 0);
}

void
scene_set_up(void)
{
	(void)snprintf(scene.dir, sizeof(scene.dir), "/tmp/bibd-doctor-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scene.dir));
	ck_assert_int_eq(chmod(scene.dir, 0711), 0);
	scene.bibctl = (struct bibctl) { .output = &render_text, .conf_path = "/etc/bibd/bibd.yaml" };
	scene.bibctl.render = (struct render) { .out = open_memstream(&scene.text, &scene.size), .err = stderr };
	scene.doctor = (struct doctor) { .bibctl = &scene.bibctl, .conf = conf_new(), .check = &check };
	ck_assert(scene.bibctl.render.out != NULL && scene.doctor.conf != NULL);
	scene_make("data", 0711);
	scene_set_key("node.data_dir", scene_at("data"));
	scene_set_key("listen.path", scene_at("run"));
}

void
scene_tear_down(void)
{
	const char *const argv[] = { "/bin/rm", "-rf", scene.dir, NULL };
	pid_t pid = fork();

	if (pid == 0)
		(void)execv(argv[0], (char *const *)(uintptr_t)argv);
	(void)waitpid(pid, NULL, 0);
	(void)fclose(scene.bibctl.render.out);
	free(scene.text);
	conf_free(scene.doctor.conf);
	snapshot_clear(&scene.doctor.snapshot);
}

/* Runs a check, which must say this. */
void
scene_expect(void (*run)(struct doctor *), const char *verdict, const char *part)
{
	size_t before = (size_t)ftell(scene.bibctl.render.out);

	run(&scene.doctor);
	(void)fflush(scene.bibctl.render.out);
	ck_assert_msg(strncmp(scene.text + before, verdict, strlen(verdict)) == 0, "%s", scene.text + before);
	ck_assert_msg(strstr(scene.text + before, part) != NULL, "'%s' is not in %s", part, scene.text + before);
}

void
scene_become_postgres(void)
{
	scene_set_key("database.backend", "postgres");
}

int
scene_main(const char *name, void (*add_tests)(TCase *))
{
	TCase *t = tcase_create("checks");

	tcase_add_checked_fixture(t, scene_set_up, scene_tear_down);
	tcase_set_timeout(t, 30);
	add_tests(t);
	return unit_run(name, t, NULL);
}
