/*
 * Reading bibd.yaml: defaults, both styles of YAML, places of errors, and what is printed reads in again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/conf/check.h"
#include "supervisor/conf/nearest.h"
#include "supervisor/conf/parse.h"
#include "supervisor/conf/print.h"
#include "tests/unit/run.h"

/* Parses and, if that went well, checks. */
static struct conf *
load(const char *text, struct error *e)
{
	struct conf_source source;
	struct conf *conf;

	ck_assert_int_eq(conf_source_init(&source, "c.yaml", e), 0);
	conf = conf_parse(text, strlen(text), &source, e);
	if (conf != NULL && conf_check(conf, &source, e) == -1) {
		conf_free(conf);
		conf = NULL;
	}
	conf_source_free(&source);
	return conf;
}

static struct conf *
load_good(const char *text)
{
	struct error e;
	struct conf *conf = load(text, &e);

	ck_assert_msg(conf != NULL, "%s", conf == NULL ? e.text : "");
	return conf;
}

START_TEST(backups_have_a_place_outside)
{
	struct conf *conf = load_good("backup: {repository: /srv/backup, schedule: {full: 2d}, keep: {full: 3}}");

	ck_assert_str_eq(conf->backup.repository, "/srv/backup");
	ck_assert_int_eq(conf->backup.schedule.full, 2 * INT64_C(86400000));
	ck_assert_int_eq(conf->backup.keep.full, 3);
	conf_free(conf);
}
END_TEST

START_TEST(empty_means_every_default)
{
	struct conf *conf = load_good("");

	ck_assert_int_eq(conf->node.mode, CONF_MODE_SELECTIVE);
	ck_assert_str_eq(conf->node.data_dir, "/var/lib/bibd");
	ck_assert_int_eq(conf->listen.port, 5432);
	ck_assert_int_eq(conf->database.health.retry_backoff, 10000);
	ck_assert_uint_eq(conf->naccess, 2);
	ck_assert_str_eq(conf->access[0].name, "root");
	ck_assert_uint_eq(conf->access[0].nroles, ROLES);
	ck_assert(conf->access[1].is_group);
	ck_assert_int_eq(conf->access[1].roles[0], ROLE_WRITE);
	conf_free(conf);
}
END_TEST

START_TEST(both_styles_are_read)
{
	struct conf *block =
	    load_good("node:\n  mode: proxy\n  data_dir: /srv/x\naccess:\n  - user: root\n    roles:\n"
		      "      - query\n      - audit\np2p:\n  enabled: true\n  command:\n    - /bin/p\n    - -x\n");
	struct conf *flow =
	    load_good("{node: {mode: proxy, data_dir: /srv/x}, access: [{user: root, roles: [query, audit]}],"
		      " p2p: {enabled: true, command: [/bin/p, -x]}}");
	char *texts[2];
	size_t sizes[2];
	FILE *a = open_memstream(&texts[0], &sizes[0]), *b = open_memstream(&texts[1], &sizes[1]);

	ck_assert_int_eq(conf_print(block, a), 0);
	ck_assert_int_eq(conf_print(flow, b), 0);
	(void)fclose(a);
	(void)fclose(b);
	ck_assert_str_eq(texts[0], texts[1]);
	ck_assert_uint_eq(block->naccess, 1);
	ck_assert_int_eq(block->access[0].id, 0);
	ck_assert_int_eq(block->access[0].roles[1], ROLE_AUDIT);
	ck_assert_str_eq(block->p2p.command[1], "-x");
	ck_assert_ptr_null(block->p2p.command[2]);
	free(texts[0]);
	free(texts[1]);
	conf_free(block);
	conf_free(flow);
}
END_TEST

START_TEST(postgres_health_inherits)
{
	struct conf *conf =
	    load_good("database: {health: {interval: 1s, timeout: 2s}, postgres: {health: {timeout: 7s}}}");

	ck_assert_int_eq(conf->database.postgres.health.interval, 1000);
	ck_assert_int_eq(conf->database.postgres.health.timeout, 7000);
	ck_assert_int_eq(conf->database.postgres.health.startup_timeout, 60000);
	conf_free(conf);
}
END_TEST

START_TEST(unknown_names_are_rules_that_fit_nobody)
{
	struct conf *conf =
	    load_good("listen: {group: no_such_group_here}\naccess: [{group: no_such_group_here, roles: [query]}]");

	ck_assert_int_eq(conf->access[0].id, -1);
	conf_free(conf);
}
END_TEST

START_TEST(no_access_is_nobody)
{
	struct conf *conf = load_good("access: []");

	ck_assert_uint_eq(conf->naccess, 0);
	conf_free(conf);
}
END_TEST

/* Where the error is, and a part of what it says. */
static const struct {
	const char *text;
	const char *place;
	const char *part;
} errors[] = {
#include "tests/unit/supervisor_conf_errors.def"
};

/* What is taken, though it is close to what is not. */
static const char *const taken[] = {
	"{database: {backend: postgres}}",
	"{database: {backend: postgres, postgres: {settings: {work_mem: 16MB, jit: off, app.x: \"\", wal_level: "
	"\"logical\"}}}}",
	"{database: {backend: postgres, postgres: {settings: {}}}}",
	"{database: {backend: postgres, postgres: {settings: }}}",
	"{node: {data_dir: \"/a,b\"}}",
	"{database: {backend: postgres, postgres: {network: {use_unix_socket: false}, tls: {enabled: false}}}}",
	"{database: {backend: postgres, postgres: {ssl_mode: verify-full}}}",
	"{database: {postgres: {image: \"registry.example:5000/a/postgres@sha256:0123\", network: "
	"{bridge_network_name: a_b.c-1}}}}",
	"{node: {mode: full}, database: {backend: postgres}}",
	"{database: {backend: postgres, postgres: {managed: false, container_runtime: kubernetes}}}",
	"{database: {backend: postgres, postgres: {ssl_mode: disable, network: {use_unix_socket: false}, tls: "
	"{enabled: false}}}}",
	"database: {backend: postgres, postgres: {network: {use_unix_socket: false}, tls: {certificate_lifetime: "
	"30s}}}",
	"database: {backend: postgres, postgres: {ssl_mode: disable}}",
	"database: {backend: postgres, postgres: {pool: {size: 94}}}",
};

START_TEST(postgres_is_taken)
{
	struct error e;
	struct conf *conf = load(taken[_i], &e);

	ck_assert_msg(conf != NULL, "%s: %s", taken[_i], e.text);
	conf_free(conf);
}
END_TEST

START_TEST(metrics_address_is_loopback)
{
	static const char *const good[] = { "", "127.0.0.1:9187", "127.9.8.7:1", "[::1]:65535" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char text[64];
		struct conf *conf;

		(void)snprintf(text, sizeof(text), "metrics: {address: \"%s\"}", good[i]);
		conf = load_good(text);
		ck_assert_str_eq(conf->metrics.address, good[i]);
		conf_free(conf);
	}
}
END_TEST

START_TEST(errors_name_their_place)
{
	struct error e;

	ck_assert_msg(load(errors[_i].text, &e) == NULL, "taken: %s", errors[_i].text);
	ck_assert_int_eq(e.status, STATUS_CONFIG);
	ck_assert_msg(strncmp(e.text, errors[_i].place, strlen(errors[_i].place)) == 0, "%s: %s", errors[_i].text,
	    e.text);
	ck_assert_msg(strstr(e.text, errors[_i].part) != NULL, "%s: %s", errors[_i].text, e.text);
}
END_TEST

/* Word for word. */
#define PORT_LINE "invalid storage configuration: port must be between 1024 and 65535"
#define MODE_LINE "incompatible mode and backend: full replica mode requires PostgreSQL backend"
#define RUNTIME_LINE "kubernetes runtime is not yet implemented; please use 'docker' or 'podman'"
static const struct {
	const char *text;
	const char *line;
} fixed[] = {
	{ "{node: {mode: full}, database: {backend: sqlite}}", MODE_LINE },
	{ "node: {mode: full}", MODE_LINE },
	{ "{database: {backend: postgres, postgres: {port: 80}}}", PORT_LINE },
	{ "{database: {backend: postgres, postgres: {port: 65536}}}", PORT_LINE },
	{ "listen: {port: 1023}", PORT_LINE },
	{ "listen: {port: -5}", PORT_LINE },
	{ "{database: {backend: postgres, postgres: {container_runtime: kubernetes}}}", RUNTIME_LINE },
	{ "{node: {mode: full}, database: {backend: postgres, postgres: {container_runtime: kubernetes}}}",
	    RUNTIME_LINE },
};

START_TEST(fixed_lines_stand_alone)
{
	struct error e;

	ck_assert_ptr_null(load(fixed[_i].text, &e));
	ck_assert_str_eq(e.text, fixed[_i].line);
	ck_assert_int_eq(e.status, STATUS_CONFIG);
}
END_TEST

START_TEST(ports_at_the_edges_are_taken)
{
	conf_free(load_good("{listen: {port: 1024}, database: {postgres: {port: 65535}}}"));
}
END_TEST

START_TEST(what_is_printed_reads_in_again_without_secrets)
{
	struct conf *conf = load_good(
	    "{node: {data_dir: \"/srv/a \\\"b\\\" c\"}, server: {shutdown_timeout: 90s}, database: "
	    "{postgres: {cpu_cores: 2.5, settings: {work_mem: 16MB, app.x: \"a=b \\\"c\"}, advanced: {password: "
	    "hunter2}}}, cluster: {enabled: true, command: [/bin/c, \"a: b\"]}}");
	char *first, *second;
	size_t size;
	FILE *out = open_memstream(&first, &size);

	ck_assert_int_eq(conf_print(conf, out), 0);
	(void)fclose(out);
	conf_free(conf);
	ck_assert_ptr_null(strstr(first, "hunter2"));
	ck_assert_ptr_nonnull(strstr(first, "password: \"********\""));
	conf = load_good(first);
	ck_assert_str_eq(conf->node.data_dir, "/srv/a \"b\" c");
	ck_assert_str_eq(conf->cluster.command[1], "a: b");
	ck_assert_str_eq(conf->database.postgres.settings[0], "work_mem=16MB");
	ck_assert_str_eq(conf->database.postgres.settings[1], "app.x=a=b \"c");
	ck_assert_ptr_null(conf->database.postgres.settings[2]);
	out = open_memstream(&second, &size);
	ck_assert_int_eq(conf_print(conf, out), 0);
	(void)fclose(out);
	ck_assert_str_eq(first, second);
	free(first);
	free(second);
	conf_free(conf);
}
END_TEST

START_TEST(what_is_not_a_file_is_said_so)
{
	struct error e;

	ck_assert_ptr_null(conf_load("/nosuch/bibd.yaml", &e));
	ck_assert_int_eq(e.status, STATUS_CONFIG);
	ck_assert_ptr_nonnull(strstr(e.text, "/nosuch/bibd.yaml"));
	ck_assert_ptr_null(conf_load("/tmp", &e));
	ck_assert_str_eq(e.code, "conf.file");
	ck_assert_ptr_null(conf_load("/dev/zero", &e));
	ck_assert_str_eq(e.code, "conf.file");
}
END_TEST

/* Every prefix, and every single byte changed: an error or a configuration, nothing else. */
START_TEST(damaged_files_do_no_harm)
{
	static const char good[] =
	    "node: {mode: proxy}\naccess:\n  - {user: root, roles: [admin]}\np2p: {command: [/bin/true]}\n";
	struct conf_source source;
	struct error e;

	for (size_t i = 0; i < sizeof(good) * 2; i++) {
		char text[sizeof(good)];

		memcpy(text, good, sizeof(good));
		if (i < sizeof(good))
			text[i] = '\0';
		else
			text[i - sizeof(good)] = (char)0xff;
		ck_assert_int_eq(conf_source_init(&source, "c.yaml", &e), 0);
		conf_free(conf_parse(text, strnlen(text, sizeof(text)), &source, &e));
		conf_source_free(&source);
	}
}
END_TEST

START_TEST(distance_counts_edits)
{
	ck_assert_uint_eq(conf_edit_distance("", ""), 0);
	ck_assert_uint_eq(conf_edit_distance("port", ""), 4);
	ck_assert_uint_eq(conf_edit_distance("port", "prot"), 1);
	ck_assert_uint_eq(conf_edit_distance("kitten", "sitting"), 3);
	ck_assert_uint_eq(conf_edit_distance("max_client", "max_clients"), 1);
}
END_TEST

int
main(void)
{
	TCase *parse = tcase_create("parse"), *check = tcase_create("check");

	tcase_add_test(parse, empty_means_every_default);
	tcase_add_test(parse, both_styles_are_read);
	tcase_add_test(parse, backups_have_a_place_outside);
	tcase_add_test(parse, postgres_health_inherits);
	tcase_add_test(parse, unknown_names_are_rules_that_fit_nobody);
	tcase_add_test(parse, no_access_is_nobody);
	tcase_add_test(parse, metrics_address_is_loopback);
	tcase_add_loop_test(parse, errors_name_their_place, 0, sizeof(errors) / sizeof(errors[0]));
	tcase_add_test(parse, what_is_printed_reads_in_again_without_secrets);
	tcase_add_test(parse, what_is_not_a_file_is_said_so);
	tcase_add_test(parse, damaged_files_do_no_harm);
	tcase_add_test(parse, distance_counts_edits);
	tcase_add_loop_test(check, fixed_lines_stand_alone, 0, sizeof(fixed) / sizeof(fixed[0]));
	tcase_add_loop_test(check, postgres_is_taken, 0, sizeof(taken) / sizeof(taken[0]));
	tcase_add_test(check, ports_at_the_edges_are_taken);
	return unit_run("supervisor conf", parse, check, NULL);
}
