/* The database file: whose it is, what damage and full disks make of it, and how it is closed. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "tests/unit/sqlite_server_scene.h"

#define store (&scene.sqlite->store)

static void
start(void)
{
	struct error e = { .text = "" };

	ck_assert_msg(scene_start(&e) == 0, "%s", e.text);
	ck_assert_int_eq(store->state, STORE_OPEN);
}

static enum status
refused(const char **code)
{
	struct error e = { .text = "" };

	ck_assert_int_eq(scene_start(&e), -1);
	ck_assert_int_eq(store->state, STORE_CLOSED);
	scene_forget();
	*code = e.code;
	return e.status;
}

/* Runs SQL on the file behind the store's back. */
static void
meddle(const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(scene.worker.conf->database.sqlite.path, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static void
damage(void)
{
	int fd = open(scene.worker.conf->database.sqlite.path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(pwrite(fd, "this is no database", 19, 0), 19);
	(void)close(fd);
}

static const char *
event(void)
{
	struct mailbox_event *found = mailbox_take(&scene.sqlite->mailbox);
	const char *code = found == NULL ? "" : found->code;

	free(found);
	return code;
}

START_TEST(a_new_file_is_claimed_and_found_again)
{
	struct client a;

	start();
	a = scene_connect("admin");
	(void)scene_query(&a, "create table t (a int); insert into t values (7)");
	scene_stop();
	start();
	a = scene_connect("admin");
	ck_assert_str_eq(scene_query(&a, "select a from t"), "T D(7) C:SELECT 1 Z:I");
	ck_assert(!store->crashed);
}
END_TEST

START_TEST(dates_of_an_older_file_sort_right)
{
	struct client a;

	start();
	a = scene_connect("admin");
	(void)scene_query(&a, "create table t (d date, z timestamptz(3))");
	scene_stop();
	meddle("PRAGMA ignore_check_constraints = ON; PRAGMA user_version = 0; "
	       "INSERT INTO t VALUES ('2040-04-10 BC', '0044-03-15 12:00:00+00 BC'), "
	       "('2000-01-01', '2000-01-01 00:00:00+00'), ('12345-01-01', '12345-01-01 00:00:00+00'), "
	       "('-infinity', 'infinity')");
	start();
	a = scene_connect("admin");
	ck_assert_str_eq(scene_query(&a, "select d from t order by d"),
	    "T D(-infinity) D(2040-04-10 BC) D(2000-01-01) D(12345-01-01) C:SELECT 4 Z:I");
	ck_assert_str_eq(scene_query(&a, "select z from t order by z desc"),
	    "T D(infinity) D(12345-01-01 00:00:00+00) D(2000-01-01 00:00:00+00) D(0044-03-15 12:00:00+00 BC) "
	    "C:SELECT 4 Z:I");
	ck_assert_str_eq(scene_query(&a, "select d from t where d < '0001-01-01'"),
	    "T D(2040-04-10 BC) D(-infinity) C:SELECT 2 Z:I");
}
END_TEST

START_TEST(decimals_of_an_older_file_have_no_exponent)
{
	struct client a;

	start();
	a = scene_connect("admin");
	(void)scene_query(&a, "create table t (n numeric, p numeric(5,2), a numeric[], f float8)");
	scene_stop();
	meddle("PRAGMA ignore_check_constraints = ON; PRAGMA user_version = 1; "
	       "INSERT INTO t VALUES ('1e0', '1.50E+00', '{1e0}', 1.0), ('-2.5e00', '2.00', NULL, 2.0), "
	       "('Infinity', NULL, NULL, 3.0), ('NaN', NULL, NULL, 4.0)");
	start();
	a = scene_connect("admin");
	ck_assert_str_eq(scene_query(&a, "select n, p, n + 1, a[1] + 1 from t order by n"),
	    "T D(-2.5,2.00,-1.5,<null>) D(1,1.50,2,2) D(Infinity,<null>,Infinity,<null>) D(NaN,<null>,NaN,<null>) "
	    "C:SELECT 4 Z:I");
}
END_TEST

START_TEST(another_nodes_file_is_refused)
{
	const char *code;

	start();
	scene_stop();
	scene.worker.node_id[0] = '9';
	ck_assert_int_eq(refused(&code), STATUS_DATA);
	ck_assert_str_eq(code, "store.foreign");
}
END_TEST

START_TEST(a_file_of_another_program_is_refused_and_left_alone)
{
	const char *code;

	meddle("create table theirs (a); insert into theirs values (1)");
	ck_assert_int_eq(refused(&code), STATUS_DATA);
	ck_assert_str_eq(code, "store.foreign");
	meddle("insert into theirs values (2)");
}
END_TEST

static void
boot(const char *id)
{
	free(scene.worker.boot_id);
	scene.worker.boot_id = strdup(id);
}

START_TEST(a_crash_of_the_machine_is_noticed)
{
	start();
	/* No stop: the file is left as it is, and another boot finds it. */
	scene_forget();
	boot("second boot");
	start();
	ck_assert(store->crashed);
	scene_stop();
	boot("third boot");
	start();
	ck_assert(!store->crashed);
}
END_TEST

START_TEST(a_damaged_file_is_kept_or_set_aside)
{
	const char *code;

	start();
	scene_stop();
	damage();
	scene.worker.conf->node.mode = CONF_MODE_FULL;
	ck_assert_int_eq(refused(&code), STATUS_DATA);
	ck_assert_str_eq(code, "store.damaged");
	scene.worker.conf->node.mode = CONF_MODE_PROXY;
	start();
	ck_assert_str_eq(event(), "store.set_aside");
}
END_TEST

START_TEST(damage_that_is_met_is_remembered)
{
	const char *code;

	start();
	store_note_result(store, SQLITE_CORRUPT_INDEX, SQLSTATE_DATA_CORRUPTED);
	ck_assert_int_eq(store->state, STORE_DAMAGED);
	ck_assert_str_eq(event(), "store.damaged");
	store_note_result(store, SQLITE_OK, SQLSTATE_SUCCESSFUL_COMPLETION);
	ck_assert_int_eq(store->state, STORE_DAMAGED);
	scene_stop();
	scene.worker.conf->node.mode = CONF_MODE_FULL;
	ck_assert_int_eq(refused(&code), STATUS_DATA);
	ck_assert_str_eq(code, "store.damaged");
}
END_TEST

START_TEST(a_full_disk_and_a_failing_one_are_told_once)
{
	start();
	store_note_result(store, SQLITE_FULL, SQLSTATE_DISK_FULL);
	store_note_result(store, SQLITE_FULL, SQLSTATE_DISK_FULL);
	ck_assert_int_eq(store->state, STORE_DISK_FULL);
	ck_assert_str_eq(event(), "store.disk_full");
	ck_assert_str_eq(event(), "");
	store_note_result(store, SQLITE_OK, SQLSTATE_SUCCESSFUL_COMPLETION);
	ck_assert_int_eq(store->state, STORE_OPEN);
	ck_assert_str_eq(event(), "store.disk_free");
	store_note_result(store, SQLITE_IOERR_READ, SQLSTATE_IO_ERROR);
	store_note_result(store, SQLITE_IOERR_READ, SQLSTATE_IO_ERROR);
	ck_assert_str_eq(event(), "store.io_failed");
	store_note_result(store, SQLITE_OK, SQLSTATE_SUCCESSFUL_COMPLETION);
	ck_assert_str_eq(event(), "store.io");
	ck_assert_str_eq(event(), "");
}
END_TEST

START_TEST(a_checkpoint_waits_for_the_writer)
{
	struct client a, b;

	start();
	a = scene_connect("admin");
	b = scene_connect("admin");
	(void)scene_query(&a, "create table t (a int)");
	(void)scene_query(&a, "begin; insert into t values (1)");
	atomic_store(&store->file.wal_pages, STORE_CHECKPOINT_PAGES);
	store_checkpoint(store);
	ck_assert_int_eq(store->file.wal_pages, STORE_CHECKPOINT_PAGES);
	ck_assert(scene.sqlite->pool.own_lease_wanted);
	/* It goes before the writer that waits already, and is run by the turn that gave the lease back. */
	ck_assert_str_eq(scene_query(&b, "insert into t values (2)"), "");
	(void)scene_query(&a, "commit");
	ck_assert(!scene.sqlite->pool.own_lease);
	ck_assert(atomic_load(&store->file.commit.grouped)); /* the log has been emptied */
	ck_assert_uint_eq(scene_turn_ready(), 1);
	ck_assert_str_eq(scene_answer(&b), "C:INSERT 0 1 Z:I");
}
END_TEST

START_TEST(the_file_is_nobody_elses_to_read)
{
	uint64_t file, wal;
	struct stat st;

	start();
	store_sizes(store, &file, &wal);
	ck_assert_uint_gt(file, 0);
	scene_stop();
	ck_assert_int_eq(chmod(scene.worker.conf->database.sqlite.path, 0644), 0);
	start();
	ck_assert_int_eq(stat(scene.worker.conf->database.sqlite.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("store");

	tcase_add_checked_fixture(tc, scene_setup, scene_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_new_file_is_claimed_and_found_again);
	tcase_add_test(tc, dates_of_an_older_file_sort_right);
	tcase_add_test(tc, decimals_of_an_older_file_have_no_exponent);
	tcase_add_test(tc, another_nodes_file_is_refused);
	tcase_add_test(tc, a_file_of_another_program_is_refused_and_left_alone);
	tcase_add_test(tc, a_crash_of_the_machine_is_noticed);
	tcase_add_test(tc, a_damaged_file_is_kept_or_set_aside);
	tcase_add_test(tc, damage_that_is_met_is_remembered);
	tcase_add_test(tc, a_full_disk_and_a_failing_one_are_told_once);
	tcase_add_test(tc, a_checkpoint_waits_for_the_writer);
	tcase_add_test(tc, the_file_is_nobody_elses_to_read);
	return unit_run("sqlite store", tc, NULL);
}
