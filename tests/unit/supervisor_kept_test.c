/*
 * The file that a move keeps: announced, set aside whatever was cut short before, kept for its time, and removed whole.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/conf/parse.h"
#include "supervisor/move/kept.h"
#include "tests/unit/run.h"

static const char *const ends[] = { "-wal", "-shm", "-sequences", "" };
#define ENDS (sizeof(ends) / sizeof(ends[0]))

static char top[64], first[80];
static int top_fd;

static const char *
name(const char *path, const char *end)
{
	static char buf[PATH_MAX + 16];

	(void)snprintf(buf, sizeof(buf), "%s%s", path, end);
	return buf;
}

static bool
is_there(const char *path, const char *end)
{
	return access(name(path, end), F_OK) == 0;
}

static void
set_up(void)
{
	(void)snprintf(top, sizeof(top), "/tmp/bibd-kept-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	(void)snprintf(first, sizeof(first), "%s/cache.db", top);
	top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(top_fd, 0);
	for (size_t i = 0; i < ENDS; i++) {
		FILE *file = fopen(name(first, ends[i]), "we");

		ck_assert_ptr_nonnull(file);
		ck_assert_int_eq(fclose(file), 0);
	}
}

static void
tear_down(void)
{
	for (size_t i = 0; i < ENDS; i++)
		(void)unlink(name(first, ends[i]));
	close(top_fd);
	ck_assert_msg(rmdir(top) == 0, "something is left in %s", top);
}

static void
announce(struct kept *kept)
{
	struct error e;

	ck_assert_int_eq(kept_announce(top_fd, first, 0, &e), 0);
	ck_assert_int_eq(kept_load(top, kept, &e), 0);
	ck_assert_msg(strstr(kept->path, "/cache.db.moved-to-postgres-20") != NULL, "%s", kept->path);
	ck_assert_str_eq(kept->backup, "");
	ck_assert(kept_is_of(kept, first));
	ck_assert(!kept_is_of(kept, "/elsewhere/cache.db"));
	ck_assert(!kept_is_of(kept, name(first, "-wal")));
	ck_assert(!kept_is_of(kept, name(top, "/cache")));
}

/* _i of the files had their new names already. */
START_TEST(what_was_cut_short_is_finished)
{
	struct kept kept;
	struct error e;
	struct stat st;

	announce(&kept);
	for (int i = 0; i < _i; i++) {
		char new[PATH_MAX + 16];

		(void)snprintf(new, sizeof(new), "%s%s", kept.path, ends[i]);
		ck_assert_int_eq(rename(name(first, ends[i]), new), 0);
	}
	ck_assert_int_eq(kept_set_aside(&kept, &e), 0);
	for (size_t i = 0; i < ENDS; i++)
		ck_assert(is_there(kept.path, ends[i]) && !is_there(first, ends[i]));
	ck_assert_int_eq(stat(kept.path, &st), 0);
	if ((size_t)_i < ENDS)
		ck_assert_uint_eq(st.st_mode & 07777, 0400);
	/* A file that has the old name by then is another one. */
	ck_assert_int_eq(close(open(first, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 0);
	ck_assert_int_eq(kept_set_aside(&kept, &e), 0);
	ck_assert(is_there(first, ""));
	ck_assert_int_eq(kept_remove(top, "", &kept, &e), 0);
	for (size_t i = 0; i < ENDS; i++)
		ck_assert(!is_there(kept.path, ends[i]));
	ck_assert(is_there(first, ""));
	ck_assert_int_eq(kept_load(top, &kept, &e), 0);
	ck_assert_str_eq(kept.path, "");
	ck_assert_int_eq(kept_set_aside(&kept, &e), 0);
}
END_TEST

START_TEST(it_is_kept_for_its_time)
{
	static const char some[] = "database: {backend: sqlite}\n";
	struct kept kept, again;
	struct error e;
	struct conf_source source;
	struct conf *conf;
	int64_t now = (int64_t)time(NULL);

	ck_assert_int_eq(conf_source_init(&source, "test", &e), 0);
	conf = conf_parse(some, strlen(some), &source, &e);
	conf_source_free(&source);
	ck_assert_msg(conf != NULL, "%s", e.text);
	announce(&kept);
	ck_assert_int_ge(kept_until(&kept, conf), now + 30 * 86400 - 2);
	ck_assert_int_le(kept_until(&kept, conf), now + 30 * 86400 + 60);
	ck_assert_int_eq(conf_set(conf, conf_key_find("database.keep_source"), "0s", &e), 0);
	ck_assert_int_eq(kept_until(&kept, conf), 0);
	ck_assert_int_eq(kept_note_backup(top_fd, &kept, &e), 0);
	ck_assert_int_eq(kept_load(top, &again, &e), 0);
	ck_assert_str_eq(again.path, kept.path);
	ck_assert_str_eq(again.since, kept.since);
	ck_assert_msg(strncmp(again.backup, "20", 2) == 0, "%s", again.backup);
	ck_assert_int_eq(kept_forget(top_fd, &e), 0);
	ck_assert_int_eq(kept_load(top, &again, &e), 0);
	ck_assert_str_eq(again.path, "");
	ck_assert(is_there(first, ""));
	conf_free(conf);
}
END_TEST

START_TEST(a_database_is_kept_and_removed_with_its_log)
{
	static const char *const made[] = { "data", "data/base", "wal", "wal/pg_wal.3", "wal/pg_wal.4" };
	struct kept kept;
	struct error e;
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		ck_assert_int_eq(mkdirat(top_fd, made[i], 0700), 0);
	ck_assert_int_eq(symlinkat("/bibd/wal/pg_wal.3", top_fd, "data/pg_wal"), 0);
	ck_assert_int_eq(close(openat(top_fd, "data/base/1", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 0);
	ck_assert_int_eq(close(openat(top_fd, "wal/pg_wal.3/0", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 0);
	(void)snprintf(path, sizeof(path), "%s/data", top);
	ck_assert_int_eq(kept_announce(top_fd, path, 17, &e), 0);
	ck_assert_int_eq(kept_load(top, &kept, &e), 0);
	ck_assert_msg(strstr(kept.path, "/data.moved-to-postgres-17-20") != NULL, "%s", kept.path);
	ck_assert(kept_is_database(&kept) && !kept_is_there(&kept));
	/* Only what decides the move gives it its name. */
	ck_assert_int_eq(kept_set_aside(&kept, &e), 0);
	ck_assert(is_there(path, ""));
	ck_assert_int_eq(rename(path, kept.path), 0);
	ck_assert_int_eq(chmod(kept.path, 0500), 0);
	(void)snprintf(path, sizeof(path), "%s/wal", top);
	ck_assert_int_eq(kept_remove(top, path, &kept, &e), 0);
	ck_assert(!kept_is_there(&kept) && !is_there(path, "/pg_wal.3") && is_there(path, "/pg_wal.4"));
	ck_assert_int_eq(kept_remove(top, path, &kept, &e), 0);
	ck_assert_int_eq(unlinkat(top_fd, "wal/pg_wal.4", AT_REMOVEDIR), 0);
	ck_assert_int_eq(unlinkat(top_fd, "wal", AT_REMOVEDIR), 0);
}
END_TEST

static const char *const damaged[] = { "", "\n", "/a/cache.db\nsince 20261201T051500Z\n", "relative\nsince x\n",
	"/a/cache.db.moved-to-postgres-20261201T051500Z\n", "/a/cache.db.moved-to-postgres-x\nbackup 2026\n" };

START_TEST(what_is_damaged_names_no_file)
{
	struct kept kept;
	struct error e;
	char path[80];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/moved", top);
	file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(damaged[_i], file), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(kept_load(top, &kept, &e), -1);
	ck_assert_int_eq(e.status, STATUS_DATA);
	ck_assert_str_eq(kept.path, "");
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("kept");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, what_was_cut_short_is_finished, 0, (int)ENDS + 1);
	tcase_add_test(tests, it_is_kept_for_its_time);
	tcase_add_test(tests, a_database_is_kept_and_removed_with_its_log);
	tcase_add_loop_test(tests, what_is_damaged_names_no_file, 0, sizeof(damaged) / sizeof(damaged[0]));
	return unit_run("supervisor move", tests, NULL);
}
