/* The files that are mounted into the container, and the note of where it was started. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "workers/container/mounts.h"
#include "workers/container/record.h"

/* Check's fixtures take no argument. */
static struct {
	char directory[32];
	struct error e;
} f;

static void
set_up(void)
{
	(void)snprintf(f.directory, sizeof(f.directory), "/tmp/bibd-files-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(f.directory));
}

static const char *
path_of(const char *name)
{
	static char path[64];

	(void)snprintf(path, sizeof(path), "%s/%s", f.directory, name);
	return path;
}

static void
tear_down(void)
{
	for (int file = 0; file < MOUNTS_FILES; file++)
		(void)unlink(path_of(mounts_names[file]));
	(void)unlink(path_of("server"));
	(void)rmdir(f.directory);
}

static const char *
read_file(const char *name)
{
	static char text[4096];
	int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);
	ssize_t n;

	ck_assert_int_ne(fd, -1);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	return text;
}

START_TEST(test_texts)
{
	struct mounts_input input = { .uid = 990, .gid = 991, .separated = true };
	struct stat st;

	ck_assert_int_eq(mounts_write(f.directory, &input, &f.e), 0);
	ck_assert_str_eq(read_file("passwd"),
	    "root:x:0:0:root:/:/bin/sh\npostgres:x:990:991:PostgreSQL:/tmp:/bin/sh\n");
	ck_assert_str_eq(read_file("group"), "root:x:0:\npostgres:x:991:\n");
	ck_assert_ptr_nonnull(strstr(read_file("pg_ident.conf"), "\nbibd root postgres\n"));
	ck_assert_ptr_null(strstr(read_file("pg_ident.conf"), "bibd postgres"));
	ck_assert_ptr_nonnull(strstr(read_file("pg_ident.conf"), "\nbibd _bibarc bibd_archive\n"));
	/* Replication is for that role alone. */
	ck_assert_ptr_nonnull(strstr(read_file("pg_hba.conf"),
	    "\nlocal replication bibd_archive peer map=bibd\nlocal replication all      reject\n"));
	ck_assert_int_eq(stat(path_of("pg_hba.conf"), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0644);
	input.archive = 995;
	ck_assert_int_eq(mounts_write(f.directory, &input, &f.e), 0);
	ck_assert_str_eq(read_file("passwd"),
	    "root:x:0:0:root:/:/bin/sh\npostgres:x:990:991:PostgreSQL:/tmp:/bin/sh\n_bibarc:x:995:991::/:/bin/sh\n");
}
END_TEST

/* As on the command line: a reload finds nothing to complain of. */
START_TEST(test_settings)
{
	struct mounts_input input = { .max_connections = 30, .shared_buffers_mb = 40 };
	char *text = mounts_text(MOUNTS_CONF, &input);
	const char *own = strstr(text, "include_if_exists '/var/lib/postgresql/data/postgresql.conf'\n");

	ck_assert_ptr_nonnull(own);
	ck_assert_ptr_nonnull(strstr(own, "\nmax_connections = 30\nshared_buffers = '40MB'\n"));
	free(text);
	input.shared_buffers = "1'\\";
	text = mounts_text(MOUNTS_CONF, &input);
	ck_assert_ptr_nonnull(strstr(text, "\nshared_buffers = '1''\\\\'\n"));
	free(text);
}
END_TEST

/* The one that may come without TLS is nobody. */
START_TEST(test_probe)
{
	struct mounts_input input = { .tcp = true, .tls = true };
	char *text = mounts_text(MOUNTS_HBA, &input);
	const char *probe = strstr(text, "hostnossl all       pg_bibd_probe samenet scram-sha-256\n");

	ck_assert_ptr_nonnull(probe);
	ck_assert_ptr_null(strstr(probe + 1, "hostnossl"));
	free(text);
}
END_TEST

START_TEST(test_nobody_is_trusted)
{
	struct mounts_input input = { .uid = 1, .gid = 1, .separated = _i & 1, .tcp = _i & 2 };
	char *text = mounts_text(MOUNTS_HBA, &input);

	ck_assert_ptr_null(strstr(text, "trust"));
	ck_assert_ptr_null(strstr(text, "md5"));
	ck_assert_int_eq(strstr(text, "host") != NULL, input.tcp);
	ck_assert_ptr_nonnull(strstr(text, "local all         postgres peer map=bibd\n"));
	ck_assert_ptr_nonnull(strstr(text, "local replication all      reject\n"));
	if (input.tcp)
		ck_assert(strstr(text, "host  all         postgres all     reject\n") <
		    strstr(text, "host  all         all      samenet scram-sha-256\n"));
	free(text);
}
END_TEST

START_TEST(test_the_user_of_a_node_that_is_not_separated)
{
	struct mounts_input input = { .uid = 1000, .gid = 1000 };
	char *text = mounts_text(MOUNTS_IDENT, &input);

	ck_assert_ptr_nonnull(strstr(text, "\nbibd root postgres\nbibd postgres postgres\n"));
	free(text);
}
END_TEST

/* A file that is mounted is not replaced without need: the container would keep the old one. */
START_TEST(test_what_is_right_is_left)
{
	struct mounts_input input = { .uid = 990, .gid = 991 };
	struct stat before, after;

	ck_assert_int_eq(mounts_write(f.directory, &input, &f.e), 0);
	ck_assert_int_eq(stat(path_of("passwd"), &before), 0);
	ck_assert_int_eq(mounts_write(f.directory, &input, &f.e), 0);
	ck_assert_int_eq(stat(path_of("passwd"), &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	input.uid = 989;
	ck_assert_int_eq(mounts_write(f.directory, &input, &f.e), 0);
	ck_assert_ptr_nonnull(strstr(read_file("passwd"), "postgres:x:989:991:"));
}
END_TEST

START_TEST(test_no_directory)
{
	const struct mounts_input input = { .uid = 1, .gid = 1 };

	ck_assert_int_eq(mounts_write("/nonexistent", &input, &f.e), -1);
	ck_assert_str_eq(f.e.code, "container.files");
}
END_TEST

START_TEST(test_record)
{
	const struct engine docker = { .kind = &engine_docker, .socket = "/run/d.sock" };
	const struct engine podman = { .kind = &engine_podman, .socket = "/run/p.sock" };
	struct record record;

	record_read(f.directory, &record);
	ck_assert_str_eq(record.engine, "");
	ck_assert(!record_is_elsewhere(&record, &docker));
	ck_assert_int_eq(record_write(f.directory, &docker, "", &f.e), 0);
	record_read(f.directory, &record);
	ck_assert_str_eq(record.engine, "docker");
	ck_assert_str_eq(record.socket, "/run/d.sock");
	ck_assert(!record_is_elsewhere(&record, &docker));
	/* It was being started, and nobody can tell whether it was. */
	ck_assert(record_is_elsewhere(&record, &podman));
	/* No process is in a control group of that name. */
	ck_assert_int_eq(record_write(f.directory, &docker, "0123456789abcdef0123456789abcdef", &f.e), 0);
	record_read(f.directory, &record);
	ck_assert(!record_is_elsewhere(&record, &podman));
	record_remove(f.directory);
	record_read(f.directory, &record);
	ck_assert(!record_is_elsewhere(&record, &podman));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_texts);
	tcase_add_test(t, test_settings);
	tcase_add_test(t, test_probe);
	tcase_add_loop_test(t, test_nobody_is_trusted, 0, 4);
	tcase_add_test(t, test_the_user_of_a_node_that_is_not_separated);
	tcase_add_test(t, test_what_is_right_is_left);
	tcase_add_test(t, test_no_directory);
	tcase_add_test(t, test_record);
	return unit_run("container_files", t, NULL);
}
