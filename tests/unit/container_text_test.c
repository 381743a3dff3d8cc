/*
 * What is read from the engines' output and made of it: inspections, causes, progress; and the bootstrap's statements.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "workers/container/bootstrap.h"
#include "workers/container/cause.h"
#include "workers/container/engine/pull.h"
#include "workers/container/images.h"

#define VERIFIER "SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy"

/* ---- inspections ---- */

START_TEST(test_inspection)
{
	static const char output[] =
	    "/bibd-postgres-a-setup\tidb\texited\t0\tfalse\t0\t0001-01-01T00:00:00Z\tsha256:1\tn\tsetup\t<no "
	    "value>\t/d/postgres/data.new\t\n"
	    "/bibd-postgres-a\tida\trunning\t137\ttrue\t4711\t2026-11-24T15:19:56.317668069Z\tsha256:"
	    "1\tn\tpostgres\tabc\t/d/postgres/data\toops: a\tb\n";
	struct inspection container;

	inspection_find(output, "bibd-postgres-a", &container);
	ck_assert(container.present && container.running && container.out_of_memory && !container.removing);
	ck_assert_str_eq(container.id, "ida");
	ck_assert_int_eq(container.exit_code, 137);
	ck_assert_int_eq(container.pid, 4711);
	ck_assert_int_eq(container.started_us, 1795533596317668);
	ck_assert_str_eq(container.image_id, "sha256:1");
	ck_assert_str_eq(container.node, "n");
	ck_assert_str_eq(container.role, "postgres");
	ck_assert_str_eq(container.hash, "abc");
	ck_assert_str_eq(container.data, "/d/postgres/data");
	ck_assert_str_eq(container.error, "oops: a\tb");
	inspection_find(output, "bibd-postgres-a-setup", &container);
	ck_assert(container.present && !container.running);
	ck_assert_int_eq(container.started_us, 0);
	ck_assert_str_eq(container.hash, "");
	inspection_find(output, "bibd-postgres", &container);
	ck_assert(!container.present);
}
END_TEST

START_TEST(test_inspection_of_nonsense)
{
	static const char *const nonsense[] = { "", "\n", "\t\t\t\t\t\t\t\t\t\t\t", "a\tb",
		"Error: no such container\n" };
	struct inspection container;

	inspection_find(nonsense[_i], "a", &container);
	ck_assert(!container.present);
}
END_TEST

static const struct {
	const char *text;
	int64_t us;
} times[] = {
	{ "1970-01-01T00:00:01Z", 1000000 },
	{ "1970-01-01T00:00:01.5Z", 1500000 },
	{ "1970-01-01T00:00:00.000001999Z", 1 },
	{ "0001-01-01T00:00:00Z", 0 },
	{ "yesterday", 0 },
};

START_TEST(test_time)
{
	ck_assert_int_eq(inspection_time(times[_i].text), times[_i].us);
}
END_TEST

/* ---- causes ---- */

static const struct {
	struct inspection container;
	bool stopped, signalled;
	int signal;
	bool engine_lost;
	bool restarted;
	const char *log;
	const char *code, *words;
} deaths[] = {
#include "tests/unit/container_deaths.def"
};

START_TEST(test_cause)
{
	const struct cause_facts facts = { .engine = "docker",
		.container = &deaths[_i].container,
		.memory_mb = 512,
		.stopped = deaths[_i].stopped,
		.signalled = deaths[_i].signalled,
		.signal = deaths[_i].signal,
		.engine_lost = deaths[_i].engine_lost,
		.restarted = deaths[_i].restarted,
		.log = deaths[_i].log != NULL ? deaths[_i].log : "" };
	char text[512];

	ck_assert_str_eq(cause_of_death(&facts, text, sizeof(text)), deaths[_i].code);
	ck_assert_msg(strstr(text, deaths[_i].words) != NULL, "%s", text);
}
END_TEST

/* ---- the death of a process ---- */

#define CRASH \
	"LOG:  server process (PID 71) was terminated by signal 9: Killed\n" \
	"DETAIL:  Failed process was running: select 'secret'\n" \
	"LOG:  terminating any other active server processes\n"

START_TEST(test_crash)
{
	char text[512];

	ck_assert_ptr_null(cause_of_crash("", false, 512, text, sizeof(text)));
	ck_assert_ptr_null(cause_of_crash("FATAL:  terminating connection due to administrator command\n", true, 512,
	    text, sizeof(text)));
	ck_assert_str_eq(cause_of_crash("x [1] LOG:  a\nx [1] " CRASH "LOG:  checkpoint complete\n", false, 512, text,
			     sizeof(text)),
	    "server.process_died");
	ck_assert_str_eq(text,
	    "a process of PostgreSQL died, which ended all sessions: "
	    "server process (PID 71) was terminated by signal 9: Killed");
	ck_assert_str_eq(cause_of_crash(CRASH, true, 512, text, sizeof(text)), "server.process_out_of_memory");
	ck_assert_msg(strstr(text, "memory was out: database.postgres.memory_mb is 512") != NULL, "%s", text);
	ck_assert_str_eq(cause_of_crash("PANIC:  could not write to file: No space left on device\n" CRASH, false, 512,
			     text, sizeof(text)),
	    "server.disk_full");
	ck_assert_msg(strstr(text, "the disk is full: PANIC:  could not write to file") != NULL, "%s", text);
	/* The last of them. */
	(void)cause_of_crash(CRASH "LOG:  checkpointer process (PID 9) exited with exit code 2\n"
				   "LOG:  terminating any other active server processes\n",
	    false, 512, text, sizeof(text));
	ck_assert_msg(strstr(text, "checkpointer process (PID 9)") != NULL, "%s", text);
}
END_TEST

START_TEST(test_what_may_be_repeated)
{
	static const struct {
		const char *line;
		bool may;
	} lines[] = {
		{ "2026-01-01 00:00:00 UTC [1] FATAL:  could not open file", true },
		{ "x STATEMENT:  insert into t values ('secret')", false },
		{ "x DETAIL:  Key (a)=(secret) already exists.", false },
		{ "x LOG:  statement: alter role r password 'secret'", false },
		{ "x LOG:  duration: 3 ms  execute a: select 'secret'", false },
		{ "\tfrom secret", false },
		{ "", false },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_msg(cause_may_repeat(lines[i].line, strlen(lines[i].line)) == lines[i].may, "%s",
		    lines[i].line);
}
END_TEST

/* ---- pulling ---- */

START_TEST(test_pull_docker)
{
	static const char *const lines[] = { "16-alpine: Pulling from library/postgres", "aa: Pulling fs layer",
		"bb: Pulling fs layer", "cc: Already exists", "aa: Download complete", "aa: Pull complete",
		"Digest: sha256:1" };
	struct pull pull = { 0 };
	char text[128];
	unsigned told = 0;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		told += pull_take_line(&pull, lines[i]);
	ck_assert_uint_eq(told, 5);
	pull_text(&pull, "postgres:16-alpine", text, sizeof(text));
	ck_assert_str_eq(text, "pulling postgres:16-alpine: 2 of 3 layers");
}
END_TEST

START_TEST(test_pull_podman)
{
	struct pull pull = { 0 };
	char text[128];

	ck_assert(!pull_take_line(&pull, "Trying to pull docker.io/library/postgres:16-alpine..."));
	pull_text(&pull, "p", text, sizeof(text));
	ck_assert_str_eq(text, "pulling p");
	ck_assert(pull_take_line(&pull, "Copying blob sha256:1"));
	ck_assert(pull_take_line(&pull, "Writing manifest to image destination"));
	pull_text(&pull, "p", text, sizeof(text));
	ck_assert_str_eq(text, "pulling p: 1 layers");
}
END_TEST

static const struct {
	const char *image, *wanted;
} names[] = {
	{ "postgres:16-alpine", "docker.io/library/postgres:16-alpine" },
	{ "mine/postgres", "docker.io/mine/postgres" },
	{ "registry.example/postgres:1", "registry.example/postgres:1" },
	{ "host:5000/postgres", "host:5000/postgres" },
	{ "localhost/postgres", "localhost/postgres" },
	{ "sha256:0123", "sha256:0123" },
};

START_TEST(test_pull_name)
{
	char name[128];

	pull_name(names[_i].image, "docker.io", name, sizeof(name));
	ck_assert_str_eq(name, names[_i].wanted);
	pull_name(names[_i].image, NULL, name, sizeof(name));
	ck_assert_str_eq(name, names[_i].image);
}
END_TEST

/* ---- the bootstrap ---- */

START_TEST(test_bootstrap)
{
	size_t size, lines = 0;
	char *sql = bootstrap_sql(VERIFIER, "a\"b", false, &size, NULL);

	ck_assert_ptr_nonnull(sql);
	ck_assert_uint_eq(size, strlen(sql));
	ck_assert_ptr_nonnull(strstr(sql, "ALTER ROLE bibd_system PASSWORD '" VERIFIER "'\n"));
	ck_assert_ptr_nonnull(
	    strstr(sql, "CREATE DATABASE \"a\"\"b\" OWNER admin TEMPLATE template1 STRATEGY file_copy\n"));
	ck_assert_ptr_nonnull(strstr(sql, "REVOKE ALL ON DATABASE \"a\"\"b\" FROM PUBLIC\n"));
	ck_assert_ptr_null(strstr(sql, "DROP"));
	ck_assert_str_eq(sql + size - strlen("SELECT '" BOOTSTRAP_COMPLETE "'\n-- end\n"),
	    "SELECT '" BOOTSTRAP_COMPLETE "'\n-- end\n");
	/* Single-user mode takes a line for a statement: none may be empty or go on. */
	for (char *line = strtok(sql, "\n"); line != NULL; line = strtok(NULL, "\n"), lines++)
		ck_assert_int_ne(line[strlen(line) - 1], '\\');
	ck_assert_uint_ge(lines, 15);
	free(sql);
}
END_TEST

START_TEST(test_bootstrap_of_roles_alone)
{
	size_t size;
	char *sql = bootstrap_sql(VERIFIER, NULL, false, &size, NULL);

	ck_assert_ptr_nonnull(sql);
	ck_assert_ptr_null(strstr(sql, "DATABASE"));
	ck_assert_ptr_null(strstr(sql, "SCHEMA"));
	ck_assert_ptr_nonnull(strstr(sql, "pg_drop_replication_slot"));
	free(sql);
	sql = bootstrap_sql(VERIFIER, NULL, true, &size, NULL);
	ck_assert_ptr_null(strstr(sql, "pg_drop_replication_slot"));
	free(sql);
}
END_TEST

START_TEST(test_bootstrap_of_the_database_postgres)
{
	size_t size;
	char *sql = bootstrap_sql(VERIFIER, "postgres", false, &size, NULL);

	ck_assert_ptr_nonnull(strstr(sql, "DROP DATABASE postgres\nCREATE DATABASE \"postgres\" OWNER admin"));
	free(sql);
}
END_TEST

/* Without a verifier the roles are put right, and the password stays. */
START_TEST(test_bootstrap_without_verifier)
{
	size_t size;
	char *sql = bootstrap_sql("", NULL, false, &size, NULL), stamp[BOOTSTRAP_STAMP_SIZE];
	struct conf *conf = conf_new();

	ck_assert_ptr_nonnull(sql);
	ck_assert_ptr_null(strstr(sql, "ALTER ROLE bibd_system PASSWORD"));
	ck_assert_ptr_nonnull(strstr(sql, "GRANT pg_monitor TO admin, monitor"));
	free(sql);
	bootstrap_stamp(conf, stamp);
	conf_free(conf);
	ck_assert_uint_eq(strspn(stamp, "0123456789abcdef"), BOOTSTRAP_STAMP_SIZE - 1);
	ck_assert_ptr_nonnull(strstr(bootstrap_initialise_script, "bibd.setup"));
	ck_assert_ptr_nonnull(strstr(bootstrap_verifier_script, "bibd.setup"));
}
END_TEST

/* What goes to the shell: names, statements, options; and the stamp tells them apart. */
START_TEST(test_bootstrap_parameters)
{
	struct conf *conf = conf_new();
	struct arguments none = { 0 }, some = { 0 };

	bootstrap_parameters(conf, &none);
	ck_assert_uint_eq(none.count, 4);
	ck_assert_str_eq(none.words[3], "--locale=C --lc-ctype=C.UTF-8");
	ck_assert_str_eq(none.words[1], "bibd");
	ck_assert_str_eq(none.words[2], "");
	ck_assert_int_eq(conf_add_word(conf, conf_key_find("database.postgres.extensions"), "hstore"), 0);
	ck_assert_int_eq(conf_add_word(conf, conf_key_find("database.postgres.shared_preload_libraries"), "a"), 0);
	ck_assert_int_eq(conf_add_word(conf, conf_key_find("database.postgres.shared_preload_libraries"), "b"), 0);
	ck_assert_int_eq(conf_add_word(conf, conf_key_find("database.postgres.settings"), "work_mem=1.5MB"), 0);
	ck_assert_int_eq(conf_add_word(conf, conf_key_find("database.postgres.settings"), "cron.database_name=bibd"),
	    0);
	ck_assert_int_eq(conf_set(conf, conf_key_find("database.postgres.locale"), "de_DE.UTF-8", NULL), 0);
	ck_assert_int_eq(conf_set(conf, conf_key_find("database.postgres.icu_locale"), "de-DE", NULL), 0);
	bootstrap_parameters(conf, &some);
	ck_assert_ptr_nonnull(
	    strstr(some.words[2], "database.postgres.icu_locale is de-DE, but the database was made with %: "));
	ck_assert_str_eq(some.words[3],
	    "--locale=de_DE.UTF-8 --lc-ctype=de_DE.UTF-8 --locale-provider=icu --icu-locale=de-DE");
	ck_assert_uint_eq(some.count, 8);
	ck_assert_ptr_nonnull(strstr(some.words[2], "CREATE EXTENSION IF NOT EXISTS \"hstore\" CASCADE\n"));
	ck_assert_str_eq(some.words[5], "shared_preload_libraries=a,b");
	ck_assert_str_eq(some.words[7], "cron.database_name=bibd");
	ck_assert_str_ne(none.words[0], some.words[0]);
	arguments_free(&none);
	arguments_free(&some);
	conf_free(conf);
}
END_TEST

static const struct {
	const char *verifier, *database;
} refused[] = {
	{ "", "bibd" },
	{ "secret", "bibd" },
	{ "SCRAM-SHA-256$4096:a'; DROP ROLE x; --", "bibd" },
	{ "SCRAM-SHA-256$4096:a\n", "bibd" },
	{ VERIFIER, "" },
	{ VERIFIER, "two\nlines" },
	{ VERIFIER, "template1" },
	{ VERIFIER, "0123456789012345678901234567890123456789012345678901234567890123" },
};

START_TEST(test_bootstrap_refuses)
{
	struct error e;
	size_t size;

	ck_assert_ptr_null(bootstrap_sql(refused[_i].verifier, refused[_i].database, false, &size, &e));
	ck_assert_str_eq(e.code, "container.bootstrap");
	if (refused[_i].verifier[0] != '\0')
		ck_assert_ptr_null(strstr(e.text, refused[_i].verifier));
}
END_TEST

/* ---- images ---- */

START_TEST(test_images_are_guessed)
{
	static const char *const guesses[][2] = { { "postgres:17-alpine", "postgres:15-alpine" },
		{ "reg:5000/own/postgres:17.2-bookworm", "reg:5000/own/postgres:15-bookworm" },
		{ "postgres:17", "postgres:15" }, { "postgres:latest", "postgres:15" },
		{ "reg:5000/own", "postgres:15" }, { "postgres:17@sha256:ab", "postgres:15" } };
	char guess[IMAGES_NAME_MAX];

	images_guess(guesses[_i][0], 15, guess);
	ck_assert_str_eq(guess, guesses[_i][1]);
}
END_TEST

START_TEST(test_images_are_noted)
{
	char directory[] = "/tmp/bibd-images-XXXXXX", path[64];
	struct images images;
	struct error e;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert(!images_has(directory, 15, "sha256:a"));
	ck_assert_int_eq(images_note(directory, 15, "sha256:a", "postgres:15", &e), 0);
	ck_assert_int_eq(images_note(directory, 15, "sha256:b", "postgres:15", &e), 0);
	ck_assert_int_eq(images_note(directory, 17, "sha256:c", "own:1", &e), 0);
	ck_assert(images_has(directory, 15, "sha256:a") && !images_has(directory, 17, "sha256:a"));
	ck_assert(images_served_last(directory, 17, "own:1") && !images_served_last(directory, 15, "postgres:15"));
	images_candidates(directory, 15, "postgres:17-alpine", &images);
	ck_assert_uint_eq(images.n, 4);
	ck_assert_str_eq(images.names[0], "sha256:b");
	ck_assert_str_eq(images.names[2], "postgres:15");
	ck_assert_str_eq(images.names[3], "postgres:15-alpine");
	ck_assert_int_eq(images_forget(directory, "sha256:c", &e), 0);
	ck_assert(!images_has(directory, 17, "sha256:c") && images_has(directory, 15, "sha256:b"));
	for (int i = 0; i < 2 * IMAGES_MAX; i++) {
		(void)snprintf(path, sizeof(path), "sha256:%d", i);
		ck_assert_int_eq(images_note(directory, 16, path, "postgres:16", &e), 0);
	}
	images_candidates(directory, 16, "x", &images);
	ck_assert_uint_eq(images.n, IMAGES_MAX);
	ck_assert_uint_eq(images_version("postgres (PostgreSQL) 17.9 (Debian 17.9-1)\n"), 17);
	ck_assert_uint_eq(images_version("sh: postgres: not found"), 0);
	(void)snprintf(path, sizeof(path), "%s/images", directory);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, test_inspection);
	tcase_add_loop_test(t, test_images_are_guessed, 0, 6);
	tcase_add_test(t, test_images_are_noted);
	tcase_add_loop_test(t, test_inspection_of_nonsense, 0, 5);
	tcase_add_loop_test(t, test_time, 0, sizeof(times) / sizeof(times[0]));
	tcase_add_loop_test(t, test_cause, 0, sizeof(deaths) / sizeof(deaths[0]));
	tcase_add_test(t, test_crash);
	tcase_add_test(t, test_what_may_be_repeated);
	tcase_add_test(t, test_pull_docker);
	tcase_add_test(t, test_pull_podman);
	tcase_add_loop_test(t, test_pull_name, 0, sizeof(names) / sizeof(names[0]));
	tcase_add_test(t, test_bootstrap);
	tcase_add_test(t, test_bootstrap_of_roles_alone);
	tcase_add_test(t, test_bootstrap_of_the_database_postgres);
	tcase_add_test(t, test_bootstrap_without_verifier);
	tcase_add_test(t, test_bootstrap_parameters);
	tcase_add_loop_test(t, test_bootstrap_refuses, 0, sizeof(refused) / sizeof(refused[0]));
}

int
main(void)
{
	TCase *t = tcase_create("all");

	add_tests(t);
	return unit_run("container_text", t, NULL);
}
