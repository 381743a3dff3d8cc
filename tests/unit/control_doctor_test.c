/* The checks of `bibctl doctor`: what each finds on this host, and what it says when it does not. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/unit/control_doctor_scene.h"

START_TEST(test_findings_make_the_status)
{
	doctor_say(&scene.doctor, RENDER_OK, "good");
	doctor_advise(&scene.doctor, "mend %s", "it");
	doctor_say(&scene.doctor, RENDER_WARNING, "not\033 so good");
	ck_assert_int_eq(scene.doctor.status, STATUS_OK);
	doctor_say(&scene.doctor, RENDER_FAILED, "bad");
	ck_assert_int_eq(scene.doctor.status, STATUS_UNAVAILABLE);
	scene.bibctl.output = &render_json;
	doctor_advise(&scene.doctor, "say \"%s\"", "no");
	doctor_say(&scene.doctor, RENDER_FAILED, "bad");
	(void)fflush(scene.bibctl.render.out);
	ck_assert_str_eq(scene.text,
	    "ok       check          good\n"
	    "warning  check          not\\x1b so good; mend it\n"
	    "failed   check          bad\n"
	    "{\"schema\":1,\"check\":\"check\",\"verdict\":\"failed\",\"text\":\"bad\",\"advice\":\"say "
	    "\\\"no\\\"\"}\n");
}
END_TEST

START_TEST(test_reach)
{
	const struct doctor_user nobody = { "nobody", 64999, 64998, 64998 },
				 owner = { "self", geteuid(), 64999, 64999 };
	struct doctor_user grouped = { "grouped", 64999, 64998, getegid() };
	char where[256];

	scene_make("data/closed", 0710);
	scene_make("data/closed/below", 0711);
	ck_assert(doctor_may_reach(scene_at("data/."), &nobody, where, sizeof(where)));
	ck_assert(!doctor_may_reach(scene_at("data/closed/below"), &nobody, where, sizeof(where)));
	ck_assert_str_eq(where, scene_at("data/closed"));
	ck_assert(doctor_may_reach(scene_at("data/closed/below"), &grouped, where, sizeof(where)));
	ck_assert(doctor_may_reach(scene_at("data/closed/below"), &owner, where, sizeof(where)));
	ck_assert_str_eq(where, "");
	ck_assert(doctor_may_reach(scene_at("nosuch/x"), &nobody, where, sizeof(where)));
}
END_TEST

START_TEST(test_data_dir)
{
	scene_expect(doctor_check_data_dir, "ok ", "belongs to uid");
	ck_assert_int_eq(chmod(scene_at("data"), 0733), 0);
	scene_expect(doctor_check_data_dir, "failed ", "; chmod go-w ");
	scene_set_key("node.data_dir", scene_at("none"));
	scene_expect(doctor_check_data_dir, "ok ", "is not there yet");
	scene_put("file", "", 0600);
	scene_set_key("node.data_dir", scene_at("file"));
	scene_expect(doctor_check_data_dir, "failed ", "Not a directory");
}
END_TEST

START_TEST(test_directories)
{
	scene_make("data/sqlite", 0700);
	scene_expect(doctor_check_directories, "ok ", "");
	ck_assert_int_eq(chmod(scene_at("data/sqlite"), 0750), 0);
	scene_expect(doctor_check_directories, "failed ", "open to others (mode 0750); chmod 0700 ");
	ck_assert_int_eq(chmod(scene_at("data/sqlite"), 0700), 0);
	scene_put("data/sqlite/cache.db", "rows", 0600);
	scene_put("data/sqlite/cache.db-wal", "rows", 0640);
	scene_expect(doctor_check_directories, "failed ", "cache.db-wal is open to others (mode 0640); chmod 0600 ");
	scene_become_postgres();
	scene_make("data/postgres", 0711);
	scene_make("data/postgres/run", 0750);
	scene_make("data/postgres/data", 0750);
	scene_expect(doctor_check_directories, "ok ", "");
	scene_put("data/secrets", "", 0600);
	scene_expect(doctor_check_directories, "failed ", "is not a directory");
	if (getuid() != 0)
		return;
	ck_assert_int_eq(chown(scene_at("data/postgres/data"), 64999, 64999), 0);
	scene_expect(doctor_check_directories, "failed ", "");
	ck_assert_ptr_nonnull(strstr(scene.text, "belongs to uid 64999"));
}
END_TEST

/* Runs what the last finding advises, as it stands. */
static void
follow_advice(void)
{
	const char *with = strstr(scene.text, "with: "), *next;

	ck_assert_ptr_nonnull(with);
	while ((next = strstr(with + 1, "with: ")) != NULL)
		with = next;
	ck_assert_int_eq(system(with + strlen("with: ")), 0); /* NOLINT(cert-env33-c): this is what is tested */
}

/* Without that group the storage worker does not reach PostgreSQL's socket. */
START_TEST(test_group_of_run)
{
	const struct passwd *server = getuid() == 0 ? getpwnam("_bibpg") : NULL;
	uid_t uid = server == NULL ? 0 : server->pw_uid;
	const struct passwd *storage = getuid() == 0 ? getpwnam("_bibd") : NULL;

	if (server == NULL || storage == NULL)
		return;
	scene_become_postgres();
	scene.doctor.separated = true;
	scene_make("data/postgres", 0711);
	scene_make("data/postgres/run", 0750);
	ck_assert_int_eq(chown(scene_at("data/postgres/run"), uid, storage->pw_gid), 0);
	scene_expect(doctor_check_directories, "ok ", "");
	ck_assert_int_eq(chown(scene_at("data/postgres/run"), uid, 0), 0);
	scene_expect(doctor_check_directories, "failed ", "belongs to group 0 and not to that of _bibd");
	follow_advice();
	scene_expect(doctor_check_directories, "ok ", "");
	ck_assert_int_eq(chown(scene_at("data/postgres/run"), 0, 0), 0);
	scene_expect(doctor_check_directories, "failed ", "belongs to uid 0 and not to _bibpg");
	follow_advice();
	scene_expect(doctor_check_directories, "ok ", "");
	ck_assert_int_eq(chmod(scene_at("data/postgres/run"), 0700), 0);
	scene_expect(doctor_check_directories, "failed ", "keeps its group out (mode 0700); chmod 0750 ");
	ck_assert_int_eq(chmod(scene_at("data/postgres/run"), 0750), 0);
	ck_assert_int_eq(chown(scene_at("data/postgres"), uid, 0), 0);
	scene_expect(doctor_check_directories, "failed ", "and bibd runs as root");
	follow_advice();
	scene_expect(doctor_check_directories, "ok ", "");
}
END_TEST

START_TEST(test_credentials)
{
	scene_become_postgres();
	scene_expect(doctor_check_credentials, "ok ", "there are none yet");
	scene_make("data/postgres", 0711);
	scene_make("data/postgres/data", 0700);
	scene_make("data/secrets", 0700);
	scene_put("data/secrets/identity.pem", "-----BEGIN PRIVATE KEY-----\n", 0600);
	scene_expect(doctor_check_credentials, "failed ",
	    "credentials is missing, and the node has a database; restore it");
	ck_assert_ptr_nonnull(strstr(scene.text, "bibctl credentials reset"));
	scene_put("data/secrets/credentials", "garbage", 0600);
	scene_expect(doctor_check_credentials, "failed ", "is damaged: it does not begin as it must; restore it");
	scene_put("data/secrets/credentials", "BIBDCRED and more", 0600);
	scene_expect(doctor_check_credentials, "ok ", "nobody else's to read");
	ck_assert_int_eq(chmod(scene_at("data/secrets/credentials"), 0644), 0);
	scene_expect(doctor_check_credentials, "failed ", "mode 0644");
	scene_put("data/secrets/credentials", "", 0600);
	scene_expect(doctor_check_credentials, "failed ", "is damaged: it is empty");
	ck_assert_int_eq(unlink(scene_at("data/secrets/credentials")), 0);
	scene_put("data/secrets.reset", "", 0600);
	scene_expect(doctor_check_credentials, "ok ", "the next start makes new ones");
}
END_TEST

/* An encrypted identity is healthy; without its key nothing is to be destroyed. */
START_TEST(test_encrypted_identity)
{
	scene_make("data/secrets", 0700);
	scene_put("data/secrets/identity.pem", "BIBDIDEN and more", 0600);
	scene_expect(doctor_check_credentials, "failed ",
	    "secrets.key_file is empty; let secrets.key_file name the key");
	ck_assert_ptr_null(strstr(scene.text, "reset"));
	scene_put("key", "0123456789abcdef0123456789abcdef", 0600);
	scene_set_key("secrets.key_file", scene_at("key"));
	scene_expect(doctor_check_credentials, "ok ", "nobody else's to read");
	ck_assert_int_eq(chmod(scene_at("key"), 0640), 0);
	scene_expect(doctor_check_credentials, "failed ", "can be read by others (mode 0640); chmod 0600");
	ck_assert_int_eq(unlink(scene_at("key")), 0);
	scene_expect(doctor_check_credentials, "failed ", "put it back");
	ck_assert_ptr_null(strstr(scene.text, "reset"));
	scene_put("data/secrets/identity.pem", "garbage", 0600);
	scene_expect(doctor_check_credentials, "failed ", "bibctl credentials reset --identity");
}
END_TEST

START_TEST(test_listen_path)
{
	scene_expect(doctor_check_listen_path, "ok ", "is not there yet");
	scene_make("run", 0755);
	scene_expect(doctor_check_listen_path, "ok ", "can be reached");
	ck_assert_int_eq(chmod(scene_at("run"), 0777), 0);
	scene_expect(doctor_check_listen_path, "failed ", "everyone may put sockets");
	ck_assert_int_eq(chmod(scene_at("run"), 0700), 0);
	scene_expect(doctor_check_listen_path, "warning ", "may not be searched; if other users");
}
END_TEST

START_TEST(test_password)
{
	scene_put("conf", "", 0644);
	scene.bibctl.conf_path = scene_at("conf");
	scene_expect(doctor_check_password, "ok ", "holds none");
	scene_set_key("database.postgres.advanced.password", "********");
	scene_expect(doctor_check_password, "warning ", "; chmod o-r ");
	ck_assert_int_eq(chmod(scene_at("conf"), 0640), 0);
	scene_expect(doctor_check_password, "ok ", "cannot be read by everyone");
}
END_TEST

START_TEST(test_clock_and_disk)
{
	const struct timeval future[2] = { { .tv_sec = 4102444800 }, { .tv_sec = 4102444800 } };

	scene_expect(doctor_check_clock, "ok ", "it is 20");
	scene_put("data/node.id", "x", 0600);
	ck_assert_int_eq(utimes(scene_at("data/node.id"), future), 0);
	scene_expect(doctor_check_clock, "warning ", "files of the node are of 2100-01-01T00:00:00");
	doctor_check_disk(&scene.doctor);
	(void)fflush(scene.bibctl.render.out);
	ck_assert_ptr_nonnull(strstr(scene.text, " free at "));
}
END_TEST

START_TEST(test_version)
{
	scene_become_postgres();
	scene_expect(doctor_check_version, "ok ", "there is no database yet");
	scene_make("data/postgres", 0711);
	scene_make("data/postgres/data", 0700);
	scene_put("data/postgres/data/PG_VERSION", "16\n", 0600);
	scene_expect(doctor_check_version, "ok ", "of PostgreSQL 16, and so is the image");
	scene_set_key("database.postgres.image", "registry:5000/postgres:15-alpine");
	scene_expect(doctor_check_version, "failed ", "is of 15; name an image of 16");
	scene_set_key("database.postgres.image", "registry:5000/postgres:17");
	scene_expect(doctor_check_version, "ok ", "a start moves its rows to 17");
	scene_set_key("database.move", "refuse");
	scene_expect(doctor_check_version, "failed ", "is of 17; name an image of 16");
	scene_set_key("database.postgres.image", "registry:5000/postgres");
	scene_expect(doctor_check_version, "ok ", "does not say");
	scene_set_key("database.postgres.image", "postgres:latest");
	scene_expect(doctor_check_version, "ok ", "does not say");
}
END_TEST

START_TEST(test_daemon_that_does_not_run)
{
	scene_expect(doctor_check_daemon, "warning ", "bibd does not run");
	scene_expect(doctor_check_sockets, "ok ", "is free for them");
	ck_assert(!scene.doctor.is_running);
	ck_assert_int_eq(scene.doctor.status, STATUS_OK);
}
END_TEST

START_TEST(test_what_the_daemon_says)
{
	snapshot_keep_process(&scene.doctor.snapshot,
	    &(struct message_status_process) { .name = "bibd-sqlite",
		.user = "u",
		.state = "up",
		.healthy = true,
		.last_cause = "" });
	scene_expect(doctor_check_processes, "ok ", "all 1 are up");
	snapshot_keep_process(&scene.doctor.snapshot,
	    &(struct message_status_process) { .name = "bibd-control",
		.user = "u",
		.state = "waiting",
		.last_cause = "killed" });
	scene_expect(doctor_check_processes, "failed ", "bibd-control is waiting and not healthy: killed");
	snapshot_keep_server(&scene.doctor.snapshot,
	    &(struct message_status_server) { .engine = "",
		.engine_version = "",
		.container = "",
		.container_id = "",
		.image = "",
		.image_id = "",
		.address = "",
		.state = "starting",
		.progress = "pulling",
		.last_cause = "",
		.logins = "",
		.rotation = "" });
	scene_expect(doctor_check_server, "warning ", "PostgreSQL is starting, pulling; `bibctl logs`");
	scene.doctor.snapshot.server.state = "waiting";
	scene.doctor.snapshot.server.last_cause = "out of memory";
	scene_expect(doctor_check_server, "failed ", "it ended last: out of memory");
	scene.doctor.snapshot.server.state = "running";
	scene_expect(doctor_check_server, "ok ", "PostgreSQL runs");
	scene.doctor.snapshot.server.crashes = 2;
	scene_expect(doctor_check_server, "warning ", "recovered from the death of a process 2 times");
	scene.doctor.snapshot.server.warning = "no limits";
	scene_expect(doctor_check_server, "warning ", "no limits");
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, test_findings_make_the_status);
	tcase_add_test(t, test_reach);
	tcase_add_test(t, test_data_dir);
	tcase_add_test(t, test_directories);
	tcase_add_test(t, test_group_of_run);
	tcase_add_test(t, test_credentials);
	tcase_add_test(t, test_encrypted_identity);
	tcase_add_test(t, test_listen_path);
	tcase_add_test(t, test_password);
	tcase_add_test(t, test_clock_and_disk);
	tcase_add_test(t, test_version);
	tcase_add_test(t, test_daemon_that_does_not_run);
	tcase_add_test(t, test_what_the_daemon_says);
}

int
main(void)
{
	return scene_main("control doctor", add_tests);
}
