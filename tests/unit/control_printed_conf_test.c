/* The configuration as bibd prints it, and the programs that bibctl runs. */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "tests/unit/run.h"
#include "workers/control/host/printed_conf.h"
#include "workers/control/host/program.h"

static struct conf *
parse(const char *text, struct error *e)
{
	char *copy = strdup(text);
	struct conf *conf = printed_conf_parse(copy, e);

	free(copy);
	return conf;
}

START_TEST(test_values)
{
	struct error e = { .text = "" };
	struct conf *conf = parse(
	    "node:\n  mode: full\n  id: \"\"\n  data_dir: \"/srv/a \\\"b\\\" \\\\c\\x09d: e\"\n"
	    "listen:\n  path: \"/run/x\"\n  port: 6000\n"
	    "access:\n  - {user: \"root\", roles: [admin, write]}\n  - {group: \"a: b\", roles: [query]}\n"
	    "database:\n  backend: postgres\n  name: \"bibd\"\n  postgres:\n    managed: false\n    cpu_cores: 1.5\n"
	    "    pool:\n      size: 7\n    network:\n      use_unix_socket: false\n    health:\n      interval: 1m\n"
	    "    advanced:\n      password: \"********\"\n      ssl_mode: verify-full\n"
	    "p2p:\n  enabled: true\n  command: [\"/bin/x\", \"-y: z\"]\nmetrics:\n  address: \"[::1]:9187\"\n",
	    &e);

	ck_assert_msg(conf != NULL, "%s", e.text);
	ck_assert_int_eq(conf->node.mode, CONF_MODE_FULL);
	ck_assert_str_eq(conf->node.data_dir, "/srv/a \"b\" \\c\td: e");
	ck_assert_str_eq(conf->listen.path, "/run/x");
	ck_assert_int_eq(conf->listen.port, 6000);
	ck_assert_int_eq(conf->database.backend, CONF_BACKEND_POSTGRES);
	ck_assert(!conf->database.postgres.managed);
	ck_assert_int_eq(conf->database.postgres.pool_size, 7);
	ck_assert(!conf->database.postgres.network.use_unix_socket);
	ck_assert_int_eq(conf->database.postgres.health.interval, 60000);
	ck_assert_int_eq(conf->database.health.interval, 5000);
	ck_assert_str_eq(conf->database.postgres.advanced.password, "********");
	ck_assert_int_eq(conf->database.postgres.advanced.ssl_mode, CONF_SSL_VERIFY_FULL);
	ck_assert(conf->p2p.enabled);
	ck_assert_str_eq(conf->p2p.command[0], "/bin/x");
	ck_assert_str_eq(conf->p2p.command[1], "-y: z");
	ck_assert_ptr_null(conf->p2p.command[2]);
	ck_assert_str_eq(conf->metrics.address, "[::1]:9187");
	ck_assert_uint_eq(conf->naccess, 0);
	conf_free(conf);
}
END_TEST

static const char *const strange[] = {
	"node:\n  nosuch: 1\n",
	"nosuch: 1\n",
	"node\n",
	"  mode: full\n",
	"node:\n  mode: nosuch\n",
	"node:\n  data_dir: \"/a\n",
	"node:\n  data_dir: \"/a\" b\n",
	"node:\n  data_dir: \"/a\\q\"\n",
	"node:\n  data_dir: \"/a\\x1\n",
	"listen:\n  port: \"6000\n",
	("a:\n  b:\n    c:\n      d:\n        e:\n          f:\n            g:\n              h:\n                i: "
	 "1\n"),
	("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx:\n  "
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx:\n"),
};

START_TEST(test_what_bibd_does_not_print)
{
	struct error e = { .text = "" };

	ck_assert_ptr_null(parse(strange[_i], &e));
	ck_assert_int_eq(e.status, STATUS_CONFIG);
	ck_assert_uint_gt(strlen(e.text), 0);
}
END_TEST

/* ---- programs ---- */

static struct program_output output;

START_TEST(test_program)
{
	const char *const argv[] = { "/bin/sh", "-c", "echo out; echo err >&2; exit 3", NULL };
	struct error e;

	ck_assert_int_eq(program_run(argv, 5000, &output, &e), 0);
	ck_assert_int_eq(output.status, 3);
	ck_assert_str_eq(output.output, "out\n");
	ck_assert_str_eq(output.errors, "err\n");
	ck_assert_str_eq(program_complaint(&output), "err");
}
END_TEST

START_TEST(test_program_that_hangs)
{
	/* With a child that holds the pipes. */
	const char *const argv[] = { "/bin/sh", "-c", "echo out; sleep 60 & sleep 60", NULL };
	int64_t start = clock_now_ms();
	struct error e;

	ck_assert_int_eq(program_run(argv, 300, &output, &e), -1);
	ck_assert_str_eq(e.code, "program.late");
	ck_assert_int_lt(clock_now_ms() - start, 5000);
	ck_assert_str_eq(output.output, "out\n");
}
END_TEST

START_TEST(test_program_that_says_too_much)
{
	const char *const argv[] = { "/bin/sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x", NULL };
	struct error e;

	ck_assert_int_eq(program_run(argv, 10000, &output, &e), 0);
	ck_assert_int_eq(output.status, 0);
	ck_assert_uint_eq(strlen(output.output), PROGRAM_OUTPUT_MAX - 1);
}
END_TEST

START_TEST(test_program_that_is_not_there)
{
	const char *const argv[] = { "/no/such", NULL };
	char path[256];
	struct error e;

	ck_assert_int_eq(program_run(argv, 5000, &output, &e), 0);
	ck_assert_int_eq(output.status, 127);
	ck_assert_str_eq(program_complaint(&output), "nothing");
	ck_assert(!program_find("no-such-program-at-all", path, sizeof(path)));
	ck_assert(program_find("sh", path, sizeof(path)));
	ck_assert_int_eq(path[0], '/');
}
END_TEST

/* What ours means to us must not mean something else to an engine's program. */
START_TEST(test_program_gets_little_of_the_environment)
{
	const char *const argv[] = { "/usr/bin/env", NULL };
	struct error e;

	ck_assert_int_eq(setenv("DOCKER_HOST", "tcp://elsewhere", 1), 0);
	ck_assert_int_eq(setenv("PGPASSWORD", "secret", 1), 0);
	ck_assert_int_eq(program_run(argv, 5000, &output, &e), 0);
	ck_assert_ptr_nonnull(strstr(output.output, "LC_ALL=C\n"));
	ck_assert_ptr_null(strstr(output.output, "DOCKER_HOST"));
	ck_assert_ptr_null(strstr(output.output, "PGPASSWORD"));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("conf"), *programs = tcase_create("programs");

	tcase_add_test(t, test_values);
	tcase_add_loop_test(t, test_what_bibd_does_not_print, 0, sizeof(strange) / sizeof(strange[0]));
	tcase_set_timeout(programs, 30);
	tcase_add_test(programs, test_program);
	tcase_add_test(programs, test_program_that_hangs);
	tcase_add_test(programs, test_program_that_says_too_much);
	tcase_add_test(programs, test_program_that_is_not_there);
	tcase_add_test(programs, test_program_gets_little_of_the_environment);
	return unit_run("control printed conf", t, programs, NULL);
}
