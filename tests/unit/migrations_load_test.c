/* Migrations: which files are taken, in which order, and every way in which a directory or a record can be wrong. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "workers/migrations/migrations.h"

/* SHA-256 of "select 1;\n" and of nothing, as sha256sum(1) has them. */
#define SUM_SELECT "4a45092ccf992ea92250053a80b931b787924ba61648f420555511b84f10ab6c"
#define SUM_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* File scope: Check's fixtures take no arguments. */
static char builtin_dir[64], application_dir[64];
static struct migrations list;
static struct error why;

static void
set_up(void)
{
	(void)snprintf(builtin_dir, sizeof(builtin_dir), "/tmp/bibd-migrations-XXXXXX");
	(void)snprintf(application_dir, sizeof(application_dir), "/tmp/bibd-migrations-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(builtin_dir));
	ck_assert_ptr_nonnull(mkdtemp(application_dir));
	memset(&why, 0, sizeof(why));
}

static void
remove_dir(const char *dir)
{
	static const char *const names[] = { "0001_audit.sql", "0001_users.sql", "0002_more.sql", "0010_ten.sql",
		"0001_other.sql", "1_x.sql", "0000_zero.sql", "00001_x.sql", "0001-x.sql", "0001_.sql", "0001_a b.sql",
		"0001_a.sq", "users.sql", "0001_x.sql~", "0003_big.sql", "0004_link.sql", "0005_fifo.sql",
		"0006_nul.sql", "README", ".0007_hidden.sql", "0008_closed.sql" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/0009_dir.sql", dir);
	(void)rmdir(path);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
tear_down(void)
{
	migrations_free(&list);
	remove_dir(builtin_dir);
	remove_dir(application_dir);
}

static void
write_file(const char *dir, const char *name, const char *text, size_t size)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	ck_assert_ptr_nonnull(file = fopen(path, "w"));
	ck_assert_uint_eq(fwrite(text, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
}

static void
put(const char *dir, const char *name)
{
	write_file(dir, name, "select 1;\n", 10);
}

static void
expect_load_error(const char *code, const char *mentions)
{
	ck_assert_int_eq(migrations_load(&list, builtin_dir, application_dir, &why), -1);
	ck_assert_str_eq(why.code, code);
	ck_assert_int_eq(why.status, STATUS_CONFIG);
	ck_assert_msg(strstr(why.text, mentions) != NULL, "'%s' does not mention '%s'", why.text, mentions);
	ck_assert_uint_eq(list.count, 0);
	ck_assert_ptr_null(list.rows);
}

START_TEST(test_order_and_checksums)
{
	put(application_dir, "0010_ten.sql");
	put(application_dir, "0002_more.sql");
	put(application_dir, "0001_users.sql");
	write_file(builtin_dir, "0001_audit.sql", "", 0);
	put(builtin_dir, ".0007_hidden.sql");
	put(application_dir, "README");
	ck_assert_int_eq(migrations_load(&list, builtin_dir, application_dir, &why), 0);
	ck_assert_uint_eq(list.count, 4);
	ck_assert_str_eq(list.rows[0].file, "0001_audit.sql");
	ck_assert_str_eq(list.rows[0].name, "audit");
	ck_assert_int_eq(list.rows[0].origin, MIGRATION_BIBD);
	ck_assert_str_eq(list.rows[0].checksum, SUM_EMPTY);
	ck_assert_str_eq(list.rows[0].sql, "");
	ck_assert_str_eq(list.rows[1].name, "users");
	ck_assert_int_eq(list.rows[1].origin, MIGRATION_APPLICATION);
	ck_assert_str_eq(list.rows[1].checksum, SUM_SELECT);
	ck_assert_str_eq(list.rows[1].sql, "select 1;\n");
	ck_assert_uint_eq(list.rows[1].sql_size, 10);
	ck_assert_uint_eq(list.rows[2].number, 2);
	ck_assert_uint_eq(list.rows[3].number, 10);
}
END_TEST

START_TEST(test_no_directory_is_no_migrations)
{
	ck_assert_int_eq(migrations_load(&list, NULL, "", &why), 0);
	ck_assert_uint_eq(list.count, 0);
	ck_assert_int_eq(migrations_check(&list, NULL, 0, &why), 0);
}
END_TEST

START_TEST(test_missing_directory)
{
	ck_assert_int_eq(migrations_load(&list, builtin_dir, "/nonexistent/migrations", &why), -1);
	ck_assert_str_eq(why.code, "migrations.directory");
	ck_assert_int_eq(why.status, STATUS_CONFIG);
	ck_assert_ptr_nonnull(strstr(why.text, "/nonexistent/migrations"));
}
END_TEST

START_TEST(test_bad_name)
{
	static const char *const names[] = { "1_x.sql", "0000_zero.sql", "00001_x.sql", "0001-x.sql", "0001_.sql",
		"0001_a b.sql", "0001_a.sq", "users.sql", "0001_x.sql~" };

	put(application_dir, names[_i]);
	expect_load_error("migrations.name", names[_i]);
}
END_TEST

START_TEST(test_duplicate_number)
{
	put(application_dir, "0001_users.sql");
	put(application_dir, "0001_other.sql");
	expect_load_error("migrations.duplicate", "0001_other.sql and 0001_users.sql");
}
END_TEST

START_TEST(test_same_number_of_two_origins)
{
	put(builtin_dir, "0001_audit.sql");
	put(application_dir, "0001_users.sql");
	ck_assert_int_eq(migrations_load(&list, builtin_dir, application_dir, &why), 0);
	ck_assert_uint_eq(list.count, 2);
}
END_TEST

START_TEST(test_too_large)
{
	char path[128];

	put(application_dir, "0003_big.sql");
	(void)snprintf(path, sizeof(path), "%s/0003_big.sql", application_dir);
	ck_assert_int_eq(truncate(path, (off_t)MIGRATIONS_FILE_MAX + 1), 0);
	expect_load_error("migrations.file", "0003_big.sql is larger than 16 MiB");
}
END_TEST

START_TEST(test_link)
{
	char path[128], target[128];

	put(builtin_dir, "0001_audit.sql");
	(void)snprintf(target, sizeof(target), "%s/0001_audit.sql", builtin_dir);
	(void)snprintf(path, sizeof(path), "%s/0004_link.sql", application_dir);
	ck_assert_int_eq(symlink(target, path), 0);
	expect_load_error("migrations.file", "0004_link.sql is a symbolic link");
}
END_TEST

START_TEST(test_no_regular_file)
{
	char path[128];

	(void)snprintf(path, sizeof(path), _i == 0 ? "%s/0005_fifo.sql" : "%s/0009_dir.sql", application_dir);
	ck_assert_int_eq(_i == 0 ? mkfifo(path, 0600) : mkdir(path, 0700), 0);
	expect_load_error("migrations.file", "is not a regular file");
}
END_TEST

START_TEST(test_nul_byte)
{
	write_file(application_dir, "0006_nul.sql", "select\0 1;", 10);
	expect_load_error("migrations.file", "0006_nul.sql has a NUL byte");
}
END_TEST

START_TEST(test_unreadable)
{
	char path[128];

	if (geteuid() == 0) {
		/* Modes do not bind root: become somebody whom they do. Check runs each test in a process of its
		 * own. */
		ck_assert_int_eq(chown(builtin_dir, 65534, 65534), 0);
		ck_assert_int_eq(chown(application_dir, 65534, 65534), 0);
		ck_assert_int_eq(seteuid(65534), 0);
	}
	put(application_dir, "0008_closed.sql");
	(void)snprintf(path, sizeof(path), "%s/0008_closed.sql", application_dir);
	ck_assert_int_eq(chmod(path, 0), 0);
	expect_load_error("migrations.file", "0008_closed.sql: Permission denied");
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

/* ---- against the record ---- */

static void
load_three(void)
{
	put(builtin_dir, "0001_audit.sql");
	put(application_dir, "0001_users.sql");
	put(application_dir, "0002_more.sql");
	ck_assert_int_eq(migrations_load(&list, builtin_dir, application_dir, &why), 0);
}

static void
expect_check_error(const struct migration_applied *rows, size_t count, const char *code, const char *mentions)
{
	load_three();
	ck_assert_int_eq(migrations_check(&list, rows, count, &why), -1);
	ck_assert_str_eq(why.code, code);
	ck_assert_int_eq(why.status, STATUS_CONFIG);
	ck_assert_msg(strstr(why.text, mentions) != NULL, "'%s' does not mention '%s'", why.text, mentions);
}

START_TEST(test_pending)
{
	const struct migration_applied rows[] = { { "application", 1, "users", SUM_SELECT },
		{ "bibd", 1, "audit", SUM_SELECT } };
	const struct migration *next;
	size_t cursor = 0;

	load_three();
	ck_assert_int_eq(migrations_check(&list, rows, 2, &why), 0);
	ck_assert_ptr_nonnull(next = migrations_next(&list, &cursor));
	ck_assert_str_eq(next->file, "0002_more.sql");
	ck_assert_ptr_null(migrations_next(&list, &cursor));
	ck_assert_ptr_null(migrations_next(&list, &cursor));
	/* A second check starts over. */
	cursor = 0;
	ck_assert_int_eq(migrations_check(&list, NULL, 0, &why), 0);
	ck_assert_ptr_nonnull(next = migrations_next(&list, &cursor));
	ck_assert_str_eq(next->name, "audit");
	ck_assert_str_eq(migrations_next(&list, &cursor)->name, "users");
	ck_assert_str_eq(migrations_next(&list, &cursor)->name, "more");
}
END_TEST

START_TEST(test_changed_bytes)
{
	const struct migration_applied rows[] = { { "application", 1, "users", SUM_EMPTY } };

	expect_check_error(rows, 1, "migrations.changed", "0001_users.sql (application) was changed");
}
END_TEST

START_TEST(test_changed_name)
{
	const struct migration_applied rows[] = { { "application", 1, "people", SUM_SELECT } };

	expect_check_error(rows, 1, "migrations.changed", "under the name 0001_people.sql");
}
END_TEST

START_TEST(test_missing_file)
{
	const struct migration_applied rows[] = { { "bibd", 7, "gone", SUM_SELECT } };

	expect_check_error(rows, 1, "migrations.missing", "0007_gone.sql (bibd)");
}
END_TEST

START_TEST(test_unknown_origin)
{
	const struct migration_applied rows[] = { { "nobody", 1, "users", SUM_SELECT } };

	expect_check_error(rows, 1, "migrations.missing", "0001_users.sql (nobody)");
}
END_TEST

START_TEST(test_out_of_order)
{
	const struct migration_applied rows[] = { { "application", 2, "more", SUM_SELECT } };

	expect_check_error(rows, 1, "migrations.order", "0001_users.sql (application) has not run, but 0002_more.sql");
}
END_TEST

START_TEST(test_twice_in_record)
{
	const struct migration_applied rows[] = { { "bibd", 1, "audit", SUM_SELECT },
		{ "bibd", 1, "audit", SUM_SELECT } };

	expect_check_error(rows, 2, "migrations.record", "0001_audit.sql (bibd) twice");
}
END_TEST

START_TEST(test_row_without_value)
{
	const struct migration_applied rows[] = { { "bibd", 1, NULL, SUM_SELECT } };

	expect_check_error(rows, 1, "migrations.record", "without a value");
}
END_TEST

int
main(void)
{
	TCase *load = tcase_create("load"), *record = tcase_create("record");

	tcase_add_checked_fixture(load, set_up, tear_down);
	tcase_add_test(load, test_order_and_checksums);
	tcase_add_test(load, test_no_directory_is_no_migrations);
	tcase_add_test(load, test_missing_directory);
	tcase_add_loop_test(load, test_bad_name, 0, 9);
	tcase_add_test(load, test_duplicate_number);
	tcase_add_test(load, test_same_number_of_two_origins);
	tcase_add_test(load, test_too_large);
	tcase_add_test(load, test_link);
	tcase_add_loop_test(load, test_no_regular_file, 0, 2);
	tcase_add_test(load, test_nul_byte);
	tcase_add_test(load, test_unreadable);
	tcase_add_checked_fixture(record, set_up, tear_down);
	tcase_add_test(record, test_pending);
	tcase_add_test(record, test_changed_bytes);
	tcase_add_test(record, test_changed_name);
	tcase_add_test(record, test_missing_file);
	tcase_add_test(record, test_unknown_origin);
	tcase_add_test(record, test_out_of_order);
	tcase_add_test(record, test_twice_in_record);
	tcase_add_test(record, test_row_without_value);
	return unit_run("migrations", load, record, NULL);
}
