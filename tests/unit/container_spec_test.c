/* The specification: what a container is made from, and that its hash changes with each part of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/container/spec.h"

/* Check's fixtures take no argument. */
static struct {
	struct conf *conf;
	struct engine engine;
	struct spec spec;
	struct error e;
} f;

static void
set_key(const char *path, const char *value)
{
	ck_assert_int_eq(conf_set(f.conf, conf_key_find(path), value, &f.e), 0);
}

static void
set_up(void)
{
	f.conf = conf_new();
	f.engine = (struct engine) { .kind = &engine_docker, .socket = "/run/d.sock" };
	f.spec = (struct spec) { .conf = f.conf,
		.node_id = "abc",
		.engine = &f.engine,
		.uid = 990,
		.gid = 991,
		.separated = true };
	set_key("node.data_dir", "/d");
}

static void
tear_down(void)
{
	conf_free(f.conf);
}

static char *
join(struct arguments *arguments)
{
	static char text[8192];
	size_t used = 0;

	ck_assert(!arguments->failed);
	for (size_t i = 0; i < arguments->count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s\n", arguments->words[i]);
	arguments_free(arguments);
	return text;
}

static char *
managed_server_text(void)
{
	struct arguments arguments = { 0 };

	ck_assert_int_eq(spec_server_arguments(&f.spec, "sha256:1", "hash", &arguments, &f.e), 0);
	return join(&arguments);
}

#define COMMON(role) \
	"--label\nbibd.node=abc\n--label\nbibd.role=" role \
	"\n--pull\nnever\n--restart\nno\n--no-healthcheck\n--init\n" \
	"--read-only\n--cap-drop\nALL\n--security-opt\nno-new-privileges\n--user\n990:991\n--userns\nhost\n"
#define LIMITS \
	"--memory=512m\n--memory-swap=512m\n--shm-size=128m\n--pids-limit=200\n" \
	"--tmpfs\n/tmp:rw,noexec,nosuid,nodev,size=64m,mode=1777\n--env\nLC_ALL=C\n" \
	"--mount\ntype=bind,source=/d/postgres/etc/passwd,target=/etc/passwd,readonly\n" \
	"--mount\ntype=bind,source=/d/postgres/etc/group,target=/etc/group,readonly\n"

/* What a server of before 15 does not know is not said to it. */
START_TEST(test_progress_of_startup)
{
	ck_assert_ptr_null(strstr(managed_server_text(), "log_startup_progress_interval"));
	ck_assert_ptr_null(strstr(managed_server_text(), "max_slot_wal_keep_size"));
	f.spec.version = 14;
	ck_assert_ptr_nonnull(strstr(managed_server_text(), "-c\nmax_slot_wal_keep_size="));
	ck_assert_ptr_null(strstr(managed_server_text(), "log_startup_progress_interval"));
	f.spec.version = 15;
	ck_assert_ptr_nonnull(strstr(managed_server_text(), "-c\nlog_startup_progress_interval=1s\n"));
}
END_TEST

START_TEST(test_server_golden)
{
	ck_assert_str_eq(managed_server_text(),
	    "docker\n-H\nunix:///run/d.sock\nrun\n"
	    "--detach\n--name\nbibd-postgres-abc\n--stop-signal\nSIGINT\n--stop-timeout\n60\n"
	    "--label\nbibd.specification=hash\n" COMMON("postgres") LIMITS
	    "--cpus=1.00\n--env\nPG_OOM_ADJUST_FILE=/proc/self/oom_score_adj\n--env\nPG_OOM_ADJUST_VALUE=100\n"
	    "--network\nnone\n--log-driver\njson-file\n--log-opt\nmax-size=10m\n--log-opt\nmax-file=3\n"
	    "--mount\ntype=bind,source=/d/postgres/data,target=/var/lib/postgresql/data\n"
	    "--mount\ntype=bind,source=/d/postgres/run,target=/bibd/run\n"
	    "--mount\ntype=bind,source=/d/postgres/etc/pg_hba.conf,target=/bibd/etc/pg_hba.conf,readonly\n"
	    "--mount\ntype=bind,source=/d/postgres/etc/pg_ident.conf,target=/bibd/etc/pg_ident.conf,readonly\n"
	    "--mount\ntype=bind,source=/d/postgres/etc/postgresql.conf,target=/bibd/etc/postgresql.conf,readonly\n"
	    "--entrypoint\npostgres\nsha256:1\n-D\n/var/lib/postgresql/data\n-c\nunix_socket_directories=/bibd/run\n"
	    "-c\nunix_socket_permissions=0770\n-c\nconfig_file=/bibd/etc/postgresql.conf\n-c\n"
	    "hba_file=/bibd/etc/pg_hba.conf\n"
	    "-c\nident_file=/bibd/etc/pg_ident.conf\n"
	    "-c\npassword_encryption=scram-sha-256\n-c\nlog_destination=stderr\n"
	    "-c\nlogging_collector=off\n"
	    "-c\nlc_messages=C\n-c\nlog_line_prefix=%m [%p] %q%u@%d \n-c\ndynamic_shared_memory_type=posix\n-c\n"
	    "ssl=off\n-c\nlisten_addresses=\n-c\nport=5432\n"
	    "-c\nmax_connections=100\n-c\nshared_buffers=128MB\n-c\neffective_cache_size=384MB\n");
}
END_TEST

START_TEST(test_setup_golden)
{
	struct arguments arguments = { 0 }, parameters = { 0 };

	arguments_add(&parameters, "stamp", NULL);
	ck_assert_int_eq(spec_setup_arguments(&f.spec, "sha256:1", "data.new", "set -eu", &parameters, &arguments,
			     &f.e),
	    0);
	ck_assert_str_eq(join(&arguments),
	    "docker\n-H\nunix:///run/d.sock\nrun\n"
	    "--rm\n--interactive\n--name\nbibd-postgres-abc-setup\n--log-driver\nnone\n"
	    "--network\nnone\n" COMMON("setup") LIMITS
	    "--mount\ntype=bind,source=/d/postgres/data.new,target=/var/lib/postgresql/data\n"
	    "--entrypoint\nsh\nsha256:1\n-c\nset -eu\nbibd\nstamp\n");
	arguments_free(&parameters);
}
END_TEST

/* The log's disk, the shared memory and the libraries of the configuration. */
START_TEST(test_options_of_the_server)
{
	const char *text;

	set_key("database.postgres.wal_dir", "/disk,1");
	set_key("database.postgres.shm_mb", "99");
	ck_assert_int_eq(conf_add_word(f.conf, conf_key_find("database.postgres.shared_preload_libraries"),
			     "pg_stat_statements"),
	    0);
	text = managed_server_text();
	ck_assert_ptr_nonnull(strstr(text, "\n--mount\ntype=bind,\"source=/disk,1/abc\",target=/bibd/wal\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n--shm-size=99m\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n-c\nshared_preload_libraries=pg_stat_statements\n"));
}
END_TEST

START_TEST(test_tcp)
{
	const char *text;

	set_key("database.postgres.network.use_unix_socket", "false");
	set_key("database.postgres.port", "5433");
	text = managed_server_text();
	ck_assert_ptr_nonnull(strstr(text,
	    "--network\nbibd-network\n--sysctl\nnet.ipv4.ip_default_ttl=1\n--sysctl\n"
	    "net.ipv4.ip_local_port_range=5433 5433\n"
	    "--dns\n127.0.0.1\n--publish\n127.0.0.1:5433:5433\n"));
	ck_assert_ptr_nonnull(strstr(text, "listen_addresses=*\n-c\nport=5433\n"));
	ck_assert_ptr_null(strstr(text, "--network\nnone"));
	set_key("database.postgres.network.use_bridge_network", "false");
	set_key("database.postgres.network.bind_address", "::1");
	text = managed_server_text();
	ck_assert_ptr_null(strstr(text, "--network\n"));
	ck_assert_ptr_nonnull(strstr(text, "--publish\n[::1]:5433:5433\n"));
}
END_TEST

START_TEST(test_settings)
{
	const struct conf_key *key = conf_key_find("database.postgres.settings");
	const char *text, *own;

	ck_assert_int_eq(conf_add_word(f.conf, key, "shared_buffers=1GB"), 0);
	ck_assert_int_eq(conf_add_word(f.conf, key, "app.x=-c a=b"), 0);
	text = managed_server_text();
	own = strstr(text, "\n-c\nshared_buffers=128MB\n");
	ck_assert_ptr_nonnull(own);
	ck_assert_ptr_nonnull(strstr(own + 1, "\n-c\nshared_buffers=1GB\n-c\napp.x=-c a=b\n"));
}
END_TEST

/* Nobody reads or changes what goes over TCP: TLS 1.3, with certificates from a directory that the server cannot
 * write. */
START_TEST(test_tls)
{
	static const char settings[] =
	    "-c\nssl=on\n-c\nssl_min_protocol_version=TLSv1.3\n-c\nssl_ca_file=/bibd/certs/ca.crt\n"
	    "-c\nssl_cert_file=/bibd/certs/server.crt\n-c\nssl_key_file=/bibd/certs/server.key\n"
	    "-c\nlisten_addresses=*\n";
	const char *text;

	set_key("database.backend", "postgres");
	ck_assert_ptr_nonnull(strstr(managed_server_text(), "\nssl=off\n"));
	set_key("database.postgres.network.use_unix_socket", "false");
	text = managed_server_text();
	ck_assert_ptr_nonnull(strstr(text, settings));
	ck_assert_ptr_nonnull(
	    strstr(text, "--mount\ntype=bind,source=/d/postgres/certs,target=/bibd/certs,readonly\n--entrypoint\n"));
	ck_assert_ptr_null(strstr(text, "ssl=off"));
	set_key("database.postgres.tls.enabled", "false");
	text = managed_server_text();
	ck_assert_ptr_nonnull(strstr(text, "\nssl=off\n"));
	ck_assert_ptr_null(strstr(text, "/bibd/certs"));
}
END_TEST

START_TEST(test_podman)
{
	const char *text;

	f.engine.kind = &engine_podman;
	text = managed_server_text();
	ck_assert_ptr_nonnull(strstr(text, "podman\n--url\nunix:///run/d.sock\nrun\n"));
	ck_assert_ptr_nonnull(strstr(text, "--log-driver\nk8s-file\n--log-opt\nmax-size=10m\n"));
	ck_assert_ptr_null(strstr(text, "--userns"));
	f.engine.rootless = true;
	ck_assert_ptr_nonnull(strstr(managed_server_text(), "--userns\nkeep-id\n"));
}
END_TEST

START_TEST(test_awkward_path)
{
	set_key("node.data_dir", "/a,b\"c");
	ck_assert_ptr_nonnull(strstr(managed_server_text(),
	    "type=bind,\"source=/a,b\"\"c/postgres/data\",target=/var/lib/postgresql/data\n"));
}
END_TEST

static const struct {
	const char *path, *value;
} changes[] = {
	{ "node.data_dir", "/e" },
	{ "database.postgres.data_dir", "/p" },
	{ "database.postgres.image", "postgres:15" },
	{ "database.postgres.port", "5433" },
	{ "database.postgres.max_connections", "99" },
	{ "database.postgres.memory_mb", "600" },
	{ "database.postgres.cpu_cores", "0.5" },
	{ "database.postgres.network.use_unix_socket", "false" },
};

START_TEST(test_hash_follows_the_configuration)
{
	char before[SPEC_HASH_SIZE], same[SPEC_HASH_SIZE], after[SPEC_HASH_SIZE];

	ck_assert_int_eq(spec_hash(&f.spec, before, &f.e), 0);
	ck_assert_int_eq(spec_hash(&f.spec, same, &f.e), 0);
	ck_assert_str_eq(before, same);
	ck_assert_uint_eq(strlen(before), SPEC_HASH_SIZE - 1);
	set_key(changes[_i].path, changes[_i].value);
	ck_assert_int_eq(spec_hash(&f.spec, after, &f.e), 0);
	ck_assert_str_ne(before, after);
}
END_TEST

START_TEST(test_hash_follows_the_ids)
{
	char hashes[6][SPEC_HASH_SIZE];

	ck_assert_int_eq(spec_hash(&f.spec, hashes[0], &f.e), 0);
	f.spec.uid++;
	ck_assert_int_eq(spec_hash(&f.spec, hashes[1], &f.e), 0);
	f.spec.gid++;
	ck_assert_int_eq(spec_hash(&f.spec, hashes[2], &f.e), 0);
	f.spec.node_id = "abd";
	ck_assert_int_eq(spec_hash(&f.spec, hashes[3], &f.e), 0);
	/* Seen only in a file that is mounted. */
	f.spec.separated = false;
	ck_assert_int_eq(spec_hash(&f.spec, hashes[4], &f.e), 0);
	f.engine.kind = &engine_podman;
	ck_assert_int_eq(spec_hash(&f.spec, hashes[5], &f.e), 0);
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(hashes[i], hashes[j]);
}
END_TEST

START_TEST(test_hash_does_not_follow_the_socket)
{
	char before[SPEC_HASH_SIZE], after[SPEC_HASH_SIZE];

	ck_assert_int_eq(spec_hash(&f.spec, before, &f.e), 0);
	(void)snprintf(f.engine.socket, sizeof(f.engine.socket), "/other.sock");
	ck_assert_int_eq(spec_hash(&f.spec, after, &f.e), 0);
	ck_assert_str_eq(before, after);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_server_golden);
	tcase_add_test(t, test_progress_of_startup);
	tcase_add_test(t, test_setup_golden);
	tcase_add_test(t, test_options_of_the_server);
	tcase_add_test(t, test_tcp);
	tcase_add_test(t, test_settings);
	tcase_add_test(t, test_tls);
	tcase_add_test(t, test_podman);
	tcase_add_test(t, test_awkward_path);
	tcase_add_loop_test(t, test_hash_follows_the_configuration, 0, sizeof(changes) / sizeof(changes[0]));
	tcase_add_test(t, test_hash_follows_the_ids);
	tcase_add_test(t, test_hash_does_not_follow_the_socket);
	return unit_run("container_spec", t, NULL);
}
