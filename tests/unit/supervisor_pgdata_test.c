/*
 * Which database directories are this node's own, and which are refused.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/host/pgdata.h"
#include "tests/unit/run.h"

#define NODE "abcdefghijklmnopqrstuvwxyz"
#define IDENTIFIER 7123456789012345678ULL

static char directory[64];
static int directory_fd;

static void
set_up(void)
{
	(void)snprintf(directory, sizeof(directory), "/tmp/bibd-pgdata.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ne(directory_fd, -1);
}

static void
tear_down(void)
{
	char command[128];

	/* A fixed prefix and mkdtemp's letters: nothing to quote. */
	(void)snprintf(command, sizeof(command), "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
	close(directory_fd);
}

static void
put(const char *name, const void *data, size_t size)
{
	int fd = openat(directory_fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, data, size), (ssize_t)size);
	close(fd);
}

/* What pgdata.c looks at of a database directory. */
static void
make_database(const char *name, const char *version, uint64_t identifier, uint32_t state)
{
	char path[64];
	uint32_t control[] = { 1300, 202209061, state };
	char bytes[8192] = "";

	memcpy(bytes, &identifier, sizeof(identifier));
	memcpy(bytes + sizeof(identifier), control, sizeof(control));
	(void)mkdirat(directory_fd, name, 0700);
	(void)snprintf(path, sizeof(path), "%s/global", name);
	(void)mkdirat(directory_fd, path, 0700);
	(void)snprintf(path, sizeof(path), "%s/PG_VERSION", name);
	put(path, version, strlen(version));
	(void)snprintf(path, sizeof(path), "%s/global/pg_control", name);
	put(path, bytes, sizeof(bytes));
}

static void
mark(const char *name, const char *marker)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/bibd.node", name);
	put(path, marker, strlen(marker));
}

static int
examine(struct pgdata *pgdata, struct error *e)
{
	return pgdata_open(directory_fd, directory, NODE, pgdata, e);
}

START_TEST(nothing_is_not_present)
{
	struct pgdata pgdata;
	struct error e;

	ck_assert_int_eq(examine(&pgdata, &e), 0);
	ck_assert(!pgdata.present);
	ck_assert_int_eq(mkdirat(directory_fd, "data", 0700), 0);
	ck_assert_int_eq(examine(&pgdata, &e), 0);
	ck_assert(!pgdata.present);
}
END_TEST

START_TEST(own_database_is_known)
{
	struct pgdata pgdata;
	struct error e;

	make_database("data", "15\n", IDENTIFIER, 1);
	mark("data", "node " NODE "\nsystem identifier 7123456789012345678\n");
	ck_assert_int_eq(examine(&pgdata, &e), 0);
	ck_assert(pgdata.present);
	ck_assert(pgdata.shut_down);
	ck_assert_uint_eq(pgdata.version, 15);
	ck_assert_uint_eq(pgdata.system_identifier, IDENTIFIER);
	make_database("data", "15\n", IDENTIFIER, 6);
	ck_assert_int_eq(examine(&pgdata, &e), 0);
	ck_assert(!pgdata.shut_down);
}
END_TEST

static const struct {
	const char *version;
	uint64_t identifier;
	const char *marker;
	const char *why;
} foreign[] = {
	{ "15\n", IDENTIFIER, NULL, "no file bibd.node" },
	{ "15\n", IDENTIFIER, "", "another node" },
	{ "15\n", IDENTIFIER, "node zbcdefghijklmnopqrstuvwxyz\nsystem identifier 7123456789012345678\n",
	    "another node" },
	{ "15\n", IDENTIFIER, "node " NODE "\nsystem identifier 7123456789012345679\n", "another database" },
	{ "15\n", IDENTIFIER, "node " NODE "\nsystem identifier 7123456789012345678\nmore\n", "another node" },
	{ "", IDENTIFIER, "node " NODE "\nsystem identifier 7123456789012345678\n", "no readable PG_VERSION" },
	{ "x\n", IDENTIFIER, "node " NODE "\nsystem identifier 7123456789012345678\n", "no readable PG_VERSION" },
	{ "15\n", 0, "node " NODE "\nsystem identifier 0\n", "no readable PG_VERSION" },
};

START_TEST(foreign_database_is_refused)
{
	struct pgdata pgdata;
	struct error e;

	make_database("data", foreign[_i].version, foreign[_i].identifier, 1);
	if (foreign[_i].marker != NULL)
		mark("data", foreign[_i].marker);
	ck_assert_int_eq(examine(&pgdata, &e), -1);
	ck_assert_int_eq(e.status, STATUS_DATA);
	ck_assert_str_eq(e.code, "pgdata.foreign");
	ck_assert_msg(strstr(e.text, foreign[_i].why) != NULL, "%s", e.text);
}
END_TEST

START_TEST(other_things_are_refused)
{
	struct pgdata pgdata;
	struct error e;

	put("data", "x", 1);
	ck_assert_int_eq(examine(&pgdata, &e), -1);
	ck_assert_int_eq(e.status, STATUS_DATA);
	ck_assert_int_eq(unlinkat(directory_fd, "data", 0), 0);
	ck_assert_int_eq(symlinkat("elsewhere", directory_fd, "data"), 0);
	ck_assert_int_eq(examine(&pgdata, &e), -1);
	ck_assert_int_eq(e.status, STATUS_DATA);
	ck_assert_int_eq(unlinkat(directory_fd, "data", 0), 0);
	ck_assert_int_eq(mkdirat(directory_fd, "data", 0700), 0);
	put("data/notes.txt", "mine", 4);
	ck_assert_int_eq(examine(&pgdata, &e), -1);
	ck_assert_int_eq(e.status, STATUS_DATA);
	ck_assert_int_eq(faccessat(directory_fd, "data/notes.txt", F_OK, 0), 0);
}
END_TEST

START_TEST(new_database_becomes_the_nodes_own)
{
	struct pgdata pgdata;
	struct error e;
	struct stat st;

	ck_assert_int_eq(pgdata_make_new(directory_fd, directory, geteuid(), getegid(), &e), 0);
	ck_assert_int_eq(fstatat(directory_fd, "data.new", &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
	ck_assert_int_eq(pgdata_adopt_new(directory_fd, directory, NODE, false, &pgdata, &e), -1);
	make_database("data.new", "15\n", IDENTIFIER, 1);
	ck_assert_int_eq(pgdata_adopt_new(directory_fd, directory, NODE, false, &pgdata, &e), 0);
	ck_assert(pgdata.present);
	ck_assert_int_eq(faccessat(directory_fd, "data.new", F_OK, 0), -1);
	ck_assert_int_eq(examine(&pgdata, &e), 0);
	ck_assert(pgdata.present);
}
END_TEST

/* An initdb that was cut short leaves anything; links in it lead nowhere. */
START_TEST(remains_of_an_initdb_go)
{
	struct error e;

	make_database("data.new", "15\n", IDENTIFIER, 1);
	put("precious", "x", 1);
	ck_assert_int_eq(symlinkat("../precious", directory_fd, "data.new/link"), 0);
	ck_assert_int_eq(symlinkat("..", directory_fd, "data.new/global/up"), 0);
	ck_assert_int_eq(pgdata_make_new(directory_fd, directory, geteuid(), getegid(), &e), 0);
	ck_assert_int_eq(faccessat(directory_fd, "data.new/PG_VERSION", F_OK, 0), -1);
	ck_assert_int_eq(faccessat(directory_fd, "precious", F_OK, 0), 0);
}
END_TEST

/* Crashed between the marker and the rename: it is a whole database, and no initdb's remains. */
START_TEST(finished_database_is_kept)
{
	struct pgdata pgdata;
	struct error e;

	make_database("data.new", "15\n", IDENTIFIER, 1);
	mark("data.new", "node " NODE "\nsystem identifier 7123456789012345678\n");
	ck_assert_int_eq(examine(&pgdata, &e), 0);
	ck_assert(pgdata.present);
	ck_assert_int_eq(faccessat(directory_fd, "data/PG_VERSION", F_OK, 0), 0);
	make_database("data.new", "15\n", IDENTIFIER + 1, 1);
	mark("data.new", "node zbcdefghijklmnopqrstuvwxyz\nsystem identifier 7123456789012345679\n");
	ck_assert_int_eq(pgdata_make_new(directory_fd, directory, geteuid(), getegid(), &e), -1);
	ck_assert_int_eq(e.status, STATUS_DATA);
	ck_assert_int_eq(faccessat(directory_fd, "data.new/PG_VERSION", F_OK, 0), 0);
}
END_TEST

START_TEST(test_setup)
{
	char setup[PGDATA_SETUP_SIZE] = "x";

	pgdata_read_setup(directory_fd, setup);
	ck_assert_str_eq(setup, "");
	make_database(PGDATA_NAME, "15", IDENTIFIER, 1);
	pgdata_read_setup(directory_fd, setup);
	ck_assert_str_eq(setup, "");
	put(PGDATA_NAME "/bibd.setup", "0123abc\n", 8);
	pgdata_read_setup(directory_fd, setup);
	ck_assert_str_eq(setup, "0123abc");
	ck_assert(!pgdata_has_slot(directory_fd));
	ck_assert_int_eq(mkdirat(directory_fd, PGDATA_NAME "/pg_replslot", 0700), 0);
	ck_assert_int_eq(mkdirat(directory_fd, PGDATA_NAME "/pg_replslot/bibd_archive", 0700), 0);
	ck_assert(pgdata_has_slot(directory_fd));
}
END_TEST

/* The log is where the configuration says, or the way to it is. */
START_TEST(test_wal)
{
	char wal[96], path[160];
	struct error e;

	(void)snprintf(wal, sizeof(wal), "%s/wal", directory);
	(void)snprintf(path, sizeof(path), "%s/" NODE, wal);
	ck_assert_int_eq(mkdir(wal, 0700) | mkdir(path, 0700), 0);
	make_database(PGDATA_NAME, "15", IDENTIFIER, 1);
	ck_assert_int_eq(mkdirat(directory_fd, PGDATA_NAME "/pg_wal", 0700), 0);
	ck_assert_int_eq(pgdata_check_wal(directory_fd, directory, "", NODE, &e), 0);
	ck_assert_int_eq(pgdata_check_wal(directory_fd, directory, wal, NODE, &e), -1);
	ck_assert_int_eq((int)e.status, STATUS_CONFIG);
	ck_assert_ptr_nonnull(strstr(e.text, "ln -s /bibd/wal/pg_wal.1 "));
	ck_assert_int_eq(unlinkat(directory_fd, PGDATA_NAME "/pg_wal", AT_REMOVEDIR), 0);
	ck_assert_int_eq(symlinkat("/bibd/wal/pg_wal.1", directory_fd, PGDATA_NAME "/pg_wal"), 0);
	ck_assert_int_eq(pgdata_check_wal(directory_fd, directory, "", NODE, &e), -1);
	ck_assert_int_eq((int)e.status, STATUS_CONFIG);
	ck_assert_int_eq(pgdata_check_wal(directory_fd, directory, wal, NODE, &e), -1);
	ck_assert_int_eq((int)e.status, STATUS_DATA);
	ck_assert_ptr_nonnull(strstr(e.text, "is the disk mounted?"));
	(void)snprintf(path, sizeof(path), "%s/" NODE "/pg_wal.1", wal);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(pgdata_check_wal(directory_fd, directory, wal, NODE, &e), 0);
}
END_TEST

#define NEW_IDENTIFIER 7223456789012345678ULL
#define KEPT "data.moved-to-postgres-17-x"

static void
assert_version(const char *name, const char *version)
{
	char path[64], text[8] = "";
	int fd;

	(void)snprintf(path, sizeof(path), "%s/PG_VERSION", name);
	fd = openat(directory_fd, path, O_RDONLY | O_CLOEXEC);
	ck_assert_msg((fd == -1) == (version == NULL), "%s", path);
	if (fd == -1)
		return;
	ck_assert_int_gt(read(fd, text, sizeof(text) - 1), 0);
	close(fd);
	ck_assert_str_eq(text, version);
}

/* A whole copy beside the database, as it is before the node's home names it. */
static void
make_copy(void)
{
	struct error e;
	uint64_t identifier;

	make_database("data", "15\n", IDENTIFIER, 1);
	mark("data", "node " NODE "\nsystem identifier 7123456789012345678\n");
	ck_assert_int_eq(pgdata_version_prepare(directory_fd, directory, "", getuid(), getgid(), &e), 0);
	make_database("move/data", "17\n", NEW_IDENTIFIER, 6);
	ck_assert_int_eq(pgdata_version_mark(directory_fd, directory, NODE, 17, &identifier, &e), -1);
	make_database("move/data", "17\n", NEW_IDENTIFIER, 1);
	ck_assert_int_eq(pgdata_version_mark(directory_fd, directory, NODE, 16, &identifier, &e), -1);
	ck_assert_int_eq(pgdata_version_mark(directory_fd, directory, NODE, 17, &identifier, &e), 0);
	ck_assert_uint_eq(identifier, NEW_IDENTIFIER);
}

static void
settle(uint64_t identifier, const char *kept)
{
	struct error e;

	ck_assert_int_eq(pgdata_version_settle(directory_fd, directory, NODE, identifier, kept, &e), 0);
	ck_assert_int_eq(pgdata_version_discard(directory_fd, directory, "", &e), 0);
	ck_assert_int_eq(faccessat(directory_fd, "move", F_OK, 0), -1);
}

START_TEST(a_copy_that_was_not_decided_is_removed)
{
	/* Of an earlier move the home may name the database that is there. */
	const uint64_t homes[] = { 0, IDENTIFIER, 4711 };

	make_copy();
	settle(homes[_i], KEPT);
	assert_version("data", "15\n");
	assert_version(KEPT, NULL);
}
END_TEST

/* Cut short before the first step, before the second, and not at all. */
START_TEST(a_copy_that_was_decided_becomes_the_database)
{
	struct stat st;

	make_copy();
	if (_i > 0) {
		ck_assert_int_eq(renameat(directory_fd, "data", directory_fd, "x"), 0);
		ck_assert_int_eq(renameat(directory_fd, "move/data", directory_fd, "data"), 0);
		ck_assert_int_eq(renameat(directory_fd, "x", directory_fd, _i == 1 ? "move/data" : KEPT), 0);
		ck_assert_int_eq(fchmodat(directory_fd, _i == 1 ? "move/data" : KEPT, 0500, 0), 0);
	}
	settle(NEW_IDENTIFIER, _i < 2 ? KEPT : NULL);
	assert_version("data", "17\n");
	assert_version(KEPT, "15\n");
	ck_assert_int_eq(fstatat(directory_fd, KEPT, &st, 0), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0500);
	settle(NEW_IDENTIFIER, NULL);
	assert_version("data", "17\n");
	ck_assert_int_eq(fchmodat(directory_fd, KEPT, 0700, 0), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pgdata");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, nothing_is_not_present);
	tcase_add_test(tc, own_database_is_known);
	tcase_add_loop_test(tc, foreign_database_is_refused, 0, sizeof(foreign) / sizeof(foreign[0]));
	tcase_add_test(tc, other_things_are_refused);
	tcase_add_test(tc, new_database_becomes_the_nodes_own);
	tcase_add_test(tc, remains_of_an_initdb_go);
	tcase_add_test(tc, finished_database_is_kept);
	tcase_add_test(tc, test_setup);
	tcase_add_test(tc, test_wal);
	tcase_add_loop_test(tc, a_copy_that_was_not_decided_is_removed, 0, 3);
	tcase_add_loop_test(tc, a_copy_that_was_decided_becomes_the_database, 0, 3);
	return unit_run("supervisor pgdata", tc, NULL);
}
