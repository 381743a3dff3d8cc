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
	{ "node:\n  data_dri: /x\n", "c.yaml:2:3: ", "node.data_dir" },
	{ "server:\n  shutdown_timeout: 1s\n  max_client: 3\n", "c.yaml:3:3: ", "server.max_clients" },
	{ "databse: {backend: sqlite}", "c.yaml:1:1: ", "database" },
	{ "port: 5432", "c.yaml:1:1: ", "listen.port" },
	{ "backup: {repository: /var/lib/bibd/backup}", "c.yaml:1:10: ", "must not be in node.data_dir" },
	{ "backup: {repository: backup}", "c.yaml:1:22: ", "backup.repository" },
	{ "backup: {repository: /srv/b}\ndatabase: {backend: postgres, postgres: {managed: false}}",
	    "c.yaml:1:10: ", "does not manage" },
	{ "backup: {repository: /srv/b, wait: repository}\ndatabase: {backend: postgres}",
	    "c.yaml:1:30: ", "does not wait for the repository" },
	{ "backup: {repository: s3:bucket}", "c.yaml:1:22: ", "or s3://BUCKET/PREFIX" },
	{ "backup: {repository: s3://b/p, s3: {endpoint: http://s3.example.com}}", "c.yaml:1:37: ", "https://" },
	{ "backup: {repository: s3://b/p, s3: {endpoint: https://h/x}}", "c.yaml:1:37: ", "https://HOST:PORT" },
	{ "backup: {repository: s3://b/p, s3: {region: A B}}", "c.yaml:1:37: ", "eu-central-1" },
	{ "backup: {repository: s3://b/p, s3: {credentials_command: [x]}}", "c.yaml:1:37: ", "absolute path" },
	{ "secrets: {key_command: [x, y]}", "c.yaml:1:11: ", "absolute path" },
	{ "secrets: {key_command: [/x,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0]}",
	    "c.yaml:1:11: ", "at most 30 words" },
	{ "backup: {schedule: {incremental: 5s}}", "c.yaml:1:34: ", "backup.schedule.incremental" },
	{ "node:\n  health: {}", "c.yaml:2:3: ", "unknown key \"health\" in node" },
	{ "node.mode: proxy", "c.yaml:1:1: ", "unknown key" },
	{ "<<: {}", "c.yaml:1:1: ", "unknown key" },
	{ "server:\n  max_clients: many\n",
	    "c.yaml:2:16: ", "server.max_clients must be a whole number, not \"many\"" },
	{ "server: {max_clients: \"10\"}", "c.yaml:1:23: ", "a number, without quotes" },
	{ "server: {max_clients: 0}", "c.yaml:1:23: ", "between 1 and 1000000, not \"0\"" },
	{ "server: {max_clients: 99999999999999999999}", "c.yaml:1:23: ", "between" },
	{ "server: {max_clients: [3]}", "c.yaml:1:23: ", "single value" },
	{ "server: {max_clients: }", "c.yaml:1:", "whole number" },
	{ "node:\n  mode: replica\n",
	    "c.yaml:2:9: ", "node.mode must be one of proxy, selective, full, not \"replica\"" },
	{ "database: {backend: mysql}", "c.yaml:1:21: ", "one of sqlite, postgres, not \"mysql\"" },
	{ "database: {health: {interval: 5 parsecs}}", "c.yaml:1:31: ", "duration" },
	{ "database: {health: {interval: 5}}", "c.yaml:1:31: ", "unit" },
	{ "node: {data_dir: relative}", "c.yaml:1:18: ", "an absolute path, not \"relative\"" },
	{ "node: {mode: proxy,\n  id: \"x\n", "c.yaml:", "quoted scalar" },
	{ "node:\n\tmode: proxy", "c.yaml:2:1: ", "" },
	{ "node:\n  mode: proxy\n  mode: proxy\n", "c.yaml:3:3: ", "line 2" },
	{ "node: {mode: proxy}\nnode: {id: \"\"}", "c.yaml:2:1: ", "second time" },
	{ "node: 4", "c.yaml:1:7: ", "section" },
	{ "[node]", "c.yaml:1:1: ", "section" },
	{ "--- {}\n--- {}\n", "c.yaml:2:1: ", "only one YAML document" },
	{ "node: &x {mode: proxy}\nlisten: *x\n", "c.yaml:2:9: ", "aliases" },
	{ "access: {user: root}", "c.yaml:1:9: ", "list" },
	{ "access: [root]", "c.yaml:1:10: ", "rule" },
	{ "access: [{user: root, group: root, roles: [admin]}]", "c.yaml:1:30: ", "one user, one group or one login" },
	{ "access: [{user: root}]", "c.yaml:1:21: ", "roles" },
	{ "access: [{login: -x, roles: [admin]}]", "c.yaml:1:1: ", "a login's name" },
	{ "access: [{login: \"a b\", roles: [admin]}]", "c.yaml:1:1: ", "a login's name" },
	{ "listen: {tcp: {addresses: [localhost]}}", "c.yaml:1:16: ", "IP addresses of this host" },
	{ "listen: {tcp: {addresses: [127.0.0.1:5432]}}", "c.yaml:1:16: ", "IP addresses of this host" },
	{ "listen: {tcp: {addresses: 127.0.0.1}}", "c.yaml:1:27: ", "must be a list" },
	{ "listen: {tcp: {names: [\"a,DNS:b\"]}}", "c.yaml:1:16: ", "listen.tcp.names must be" },
	{ "listen: {tcp: {port: 80}}", "c.yaml:1:22: ", "between 1024 and 65535" },
	{ "listen: {tcp: {key: /k}}", "c.yaml:1:16: ", "belong together" },
	{ "access: [{roles: [admin]}]", "c.yaml:1:25: ", "a user, a group or a login" },
	{ "access: [{user: root, roles: []}]", "c.yaml:1:32: ", "roles" },
	{ "access: [{user: root, roles: [queery]}]", "c.yaml:1:31: ", "query" },
	{ "access: [{user: root, roles: [query, query]}]", "c.yaml:1:38: ", "second time" },
	{ "access: [{user: root, rolls: [query]}]", "c.yaml:1:23: ", "roles" },
	{ "p2p: {command: /bin/true}", "c.yaml:1:16: ", "list" },
	{ "p2p: {enabled: true}", "c.yaml: ", "p2p.command" },
	{ "cluster: {enabled: true, command: [relative]}", "c.yaml:1:26: ", "absolute path" },
	{ "node: {id: short}", "c.yaml:1:8: ", "26 characters of a-z and 2-7, not \"short\"" },
	{ "node: {data_dir: \"\"}", "c.yaml:1:8: ", "node.data_dir" },
	{ "database: {postgres: {pool: {size: 100}}}", "c.yaml:1:30: ", "max_connections" },
	{ "database: {postgres: {network: {bind_address: 0.0.0.0}}}", "c.yaml:1:33: ", "127.0.0.1, not \"0.0.0.0\"" },
	{ "metrics: {address: \"0.0.0.0:9187\"}", "c.yaml:1:11: ", "loopback" },
	{ "metrics: {address: 127.0.0.1}", "c.yaml:1:11: ", "[::1]:9187, not \"127.0.0.1\"" },
	{ "metrics: {address: \"127.0.0.1:0\"}", "c.yaml:1:11: ", "loopback" },
	{ "metrics: {address: \"127.0.0.1:65536\"}", "c.yaml:1:11: ", "loopback" },
	{ "metrics: {address: \"127.0.0.1: 80\"}", "c.yaml:1:11: ", "loopback" },
	{ "metrics: {address: \"::1:9187\"}", "c.yaml:1:11: ", "loopback" },
	{ "metrics: {address: \"[::2]:9187\"}", "c.yaml:1:11: ", "loopback" },
	{ "metrics: {address: \"[127.0.0.1]:9187\"}", "c.yaml:1:11: ", "loopback" },
	{ "metrics: {address: \"localhost:9187\"}", "c.yaml:1:11: ", "loopback" },
	{ "database: {name: \"\"}", "c.yaml:1:12: ", "database.name" },
	{ "listen: {path: "
	  "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}",
	    "c.yaml:1:10: ", "107" },
	{ "database: {backend: postgres, postgres: {network: {use_unix_socket: false}, ssl_mode: prefer}}",
	    "c.yaml:1:", "must be require" },
	{ "database: {postgres: {tls: {certificate_lifetime: 29s}}}", "c.yaml:1:", "certificate_lifetime" },
	{ "database: {postgres: {network: {bridge_network_name: \"\"}}}", "c.yaml:1:33: ", "1 to 63 letters" },
	{ "database: {postgres: {network: {bridge_network_name: --internal}}}",
	    "c.yaml:1:33: ", "digit, not \"--internal\"" },
	{ "database: {postgres: {network: {bridge_network_name: \"a b\"}}}", "c.yaml:1:33: ", "1 to 63 letters" },
	{ "database: {postgres: {image: --privileged}}", "c.yaml:1:23: ", "16-alpine, not \"--privileged\"" },
	{ "database: {postgres: {image: \"a b\"}}", "c.yaml:1:23: ", "must name an image" },
	{ "database: {postgres: {shared_buffers: 1GB}}", "c.yaml:1:23: ", "is a setting of PostgreSQL, not of bibd" },
	{ "shared_buffers: 1GB", "c.yaml:1:1: ", "is a setting of PostgreSQL, not of bibd" },
	{ "database: {postgres: {settings: [a]}}", "c.yaml:1:33: ", "such as {work_mem: 16MB}" },
	{ "database: {postgres: {settings: {listen_addresses: \"*\"}}}", "c.yaml:1:34: ", "bibd decides how" },
	{ "database:\n  postgres:\n    settings:\n      work_mem: 1MB\n      Port: 1\n",
	    "c.yaml:5:7: ", "database.postgres.port is the key" },
	{ "database: {postgres: {settings: {ssl_ca_file: /x}}}", "c.yaml:1:34: ", "database.postgres.tls" },
	{ "database: {postgres: {locale: \"C --data-checksums\"}}", "c.yaml:1:23: ", "must name a locale" },
	{ "database: {postgres: {locale: -x}}", "c.yaml:1:23: ", "must name a locale" },
	{ "database: {postgres: {icu_locale: \"de DE\"}}", "c.yaml:1:23: ", "BCP 47" },
	{ "database: {postgres: {icu_locale: \"de'DE\"}}", "c.yaml:1:23: ", "BCP 47" },
	{ "database: {postgres: {shm_mb: 513}}", "c.yaml:1:23: ", "cannot be more" },
	{ "database: {postgres: {registry_auth: /x/auth.json}}", "c.yaml:1:23: ", "config.json" },
	{ "database: {postgres: {registry_auth: /config.json}}", "c.yaml:1:23: ", "a directory of its own" },
	{ "database: {postgres: {wal_dir: wal}}", "c.yaml:1:32: ", "an absolute path" },
	{ "database: {postgres: {settings: {shared_preload_libraries: x}}}",
	    "c.yaml:1:34: ", "database.postgres.shared_preload_libraries is the key" },
	{ "database: {postgres: {extensions: hstore}}", "c.yaml:1:35: ", "such as [pg_stat_statements]" },
	{ "database: {postgres: {extensions: [\"a b\"]}}", "c.yaml:1:23: ", "not \"a b\"" },
	{ "database: {postgres: {extensions: [hstore, \"a'b\"]}}", "c.yaml:1:23: ", "not \"a'b\"" },
	{ "database: {postgres: {extensions: [hstore, hstore]}}", "c.yaml:1:23: ", "hstore twice" },
	{ "database: {postgres: {shared_preload_libraries: [\"-c\"]}}", "c.yaml:1:23: ", "not \"-c\"" },
	{ "database: {postgres: {shared_preload_libraries: [\"a,b\"]}}", "c.yaml:1:23: ", "not \"a,b\"" },
	{ "database: {backend: postgres, postgres: {managed: false, extensions: [hstore]}}",
	    "c.yaml:1:58: ", "for a server that bibd runs" },
	{ "database: {postgres: {settings: {fsync: off}}}", "c.yaml:1:34: ", "on disk" },
	{ "database: {postgres: {settings: {work_mem: 1MB, WORK_MEM: 2MB}}}", "c.yaml:1:49: ", "second time" },
	{ "database: {postgres: {settings: {\"-c\": 1}}}", "c.yaml:1:34: ", "cannot be the name" },
	{ "database: {postgres: {settings: {\"a=b\": 1}}}", "c.yaml:1:34: ", "cannot be the name" },
	{ "database: {postgres: {settings: {\"\": 1}}}", "c.yaml:1:34: ", "cannot be the name" },
	{ "database: {postgres: {settings: {work_mem: \"a\\nb\"}}}", "c.yaml:1:44: ", "control characters" },
	{ "database: {postgres: {settings: {work_mem: [1]}}}", "c.yaml:1:44: ", "value is wanted" },
	{ "database: {postgres: {settings: {work_mem: }}}", "c.yaml:1:", "needs a value" },
	{ "database: {backend: postgres, postgres: {managed: false, settings: {work_mem: 1MB}}}",
	    "c.yaml:1:58: ", "that bibd runs" },
	{ "database: {postgres: {\"pg_stat_statements\": 1}}", "c.yaml:1:23: ", "nearest" },
	{ "database: {postgres: {max_connection: 1}}",
	    "c.yaml:1:23: ", "nearest known key is database.postgres.max_connections" },
	{ "database: {postgres: {advanced: {passwd: hunter2}}}", "c.yaml:1:34: ", "advanced.password" },
	{ "p2p: {enabled: true, user: _bibkey, command: [/bin/true]}", "c.yaml:1:22: ", "may not run as _bibkey" },
	{ "cluster: {enabled: true, user: _bibpg, command: [/bin/true]}", "c.yaml:1:26: ", "may not run as _bibpg" },
	{ "database: {postgres: {image: \"\"}}", "c.yaml:1:23: ", "must name an image" },
	{ "database: {backend: postgres}\nnode: {data_dir: \"/a,b\"}", "c.yaml:2:8: ", "comma" },
	{ "database: {backend: postgres, postgres: {data_dir: \"/a,b\"}}", "c.yaml:1:", "comma" },
	{ "node: {data_dir: \"/a\\tb\"}", "c.yaml:1:8: ", "control characters" },
	{ "database: {backend: postgres, postgres: {ssl_mode: verify-full, network: {use_unix_socket: false}, tls: "
	  "{enabled: false}}}",
	    "c.yaml:1:", "asks for TLS" },
	{ "database: {backend: postgres, postgres: {ssl_mode: require, network: {use_unix_socket: false}, tls: "
	  "{enabled: false}}}",
	    "c.yaml:1:", "asks for TLS" },
	{ "database: {backend: postgres, postgres: {pool: {size: 95}}}", "c.yaml:1:", "at least 6 below" },
	{ "database: {backend: postgres, postgres: {data_dir: "
	  "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}}",
	    "c.yaml:1:", "107" },
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
