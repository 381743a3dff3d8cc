/*
 * Makes the specification of the server's container and of the one-shot container, their arguments, and the hash.
 */
#include "workers/container/spec.h"

#include <limits.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/container/bootstrap.h"

/* Raised when a container of an older bibd must be made anew for a reason that its arguments do not show. */
#define SPEC_GENERATION "1"
#define SPEC_SHM_MIN_MB 64
/* Each line of a session's names its user and database, and nothing that a client chooses, since bibd reads the log. */
#define SPEC_LOG_PREFIX "log_line_prefix=%m [%p] %q%u@%d "
#define SPEC_OOM 100 /* oom_score_adj of a server process, in thousandths of the memory */
#define SPEC_OOM_ROOTLESS 300
/* Processes beside one for each connection: PostgreSQL's own, parallel workers, and some room. */
#define SPEC_PROCESSES 100
/* The first PostgreSQL that logs the progress of its startup. */
#define SPEC_PROGRESS_VERSION 15
/* The first one that gives up a replication slot which keeps too much. */
#define SPEC_SLOT_VERSION 13

_Static_assert(SHA256_DIGEST_STRING_LENGTH == SPEC_HASH_SIZE, "the hash is a SHA-256 in hexadecimal");

void
spec_server_name(const char *node_id, char *buf, size_t size)
{
	(void)snprintf(buf, size, "bibd-postgres-%s", node_id);
}

void
spec_setup_name(const char *node_id, char *buf, size_t size)
{
	(void)snprintf(buf, size, "bibd-postgres-%s-setup", node_id);
}

void
spec_source_name(const char *node_id, char *buf, size_t size)
{
	(void)snprintf(buf, size, "bibd-postgres-%s-source", node_id);
}

bool
spec_is_tcp(const struct conf *conf)
{
	return !conf->database.postgres.network.use_unix_socket;
}

bool
spec_wants_network(const struct conf *conf)
{
	return spec_is_tcp(conf) && conf->database.postgres.network.use_bridge_network;
}

static long long
spec_shared_buffers(const struct conf *conf)
{
	return (long long)conf->database.postgres.memory_mb / 4;
}

/* The operator's own value of a setting, whose name is given with the sign after it; NULL: none. */
static const char *
spec_setting(const struct conf *conf, const char *name)
{
	for (char **setting = conf->database.postgres.settings; setting != NULL && *setting != NULL; setting++)
		if (strncmp(*setting, name, strlen(name)) == 0)
			return *setting + strlen(name);
	return NULL;
}

void
spec_files(const struct spec *spec, struct mounts_input *input)
{
	*input = (struct mounts_input) { .uid = spec->uid,
		.gid = spec->gid,
		.archive = spec->archive,
		.separated = spec->separated,
		.tcp = spec_is_tcp(spec->conf),
		.tls = conf_has_tls(spec->conf),
		.max_connections = (long long)spec->conf->database.postgres.max_connections,
		.shared_buffers_mb = spec_shared_buffers(spec->conf),
		.shared_buffers = spec_setting(spec->conf, "shared_buffers=") };
}

/* ---- pieces of the command ---- */

/* A mount is a record of comma-separated values: what has a comma or a quote in it is quoted. */
static void
spec_add_mount(struct arguments *arguments, const char *source, const char *target, bool read_only)
{
	char quoted[2 * PATH_MAX];
	size_t n = 0;

	for (const char *p = source; *p != '\0' && n + 3 < sizeof(quoted); p++) {
		if (*p == '"')
			quoted[n++] = '"';
		quoted[n++] = *p;
	}
	quoted[n] = '\0';
	arguments_add(arguments, "--mount", NULL);
	if (strpbrk(source, ",\"") != NULL)
		arguments_addf(arguments, "type=bind,\"source=%s\",target=%s%s", quoted, target,
		    read_only ? ",readonly" : "");
	else
		arguments_addf(arguments, "type=bind,source=%s,target=%s%s", source, target,
		    read_only ? ",readonly" : "");
}

static void
spec_mount(const struct spec *spec, struct arguments *arguments, const char *name, const char *target, bool read_only)
{
	char path[PATH_MAX];

	if (conf_postgres_path(spec->conf, name, path, sizeof(path)) == -1)
		arguments->failed = true;
	else
		spec_add_mount(arguments, path, target, read_only);
}

/* Mounts the directory and not its files, since these are replaced by new ones of the same names. */
static void
spec_mount_certificates(const struct spec *spec, struct arguments *arguments)
{
	char path[PATH_MAX];

	if (!conf_has_tls(spec->conf))
		return;
	if (conf_certificates_path(spec->conf, path, sizeof(path)) == -1)
		arguments->failed = true;
	else
		spec_add_mount(arguments, path, SPEC_CERTIFICATES, true);
}

static void
spec_mount_wal(const struct spec *spec, struct arguments *arguments)
{
	const char *directory = spec->conf->database.postgres.wal_dir;
	char path[2 * PATH_MAX];

	if (directory[0] == '\0')
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", directory, spec->node_id);
	spec_add_mount(arguments, path, SPEC_WAL, false);
}

/* Adds what both kinds of container have: no root, nothing writable but the mounts, and limits. */
static void
spec_add_common(const struct spec *spec, struct arguments *arguments, const char *role)
{
	const struct conf *conf = spec->conf;
	long long memory = (long long)conf->database.postgres.memory_mb;
	long long shm = (long long)conf->database.postgres.shm_mb;

	if (shm == 0)
		shm = memory / 4 > SPEC_SHM_MIN_MB ? memory / 4 : SPEC_SHM_MIN_MB;
	arguments_add(arguments, "--label", NULL);
	arguments_addf(arguments, "bibd.node=%s", spec->node_id);
	arguments_add(arguments, "--label", NULL);
	arguments_addf(arguments, "bibd.role=%s", role);
	arguments_add(arguments, "--pull", "never", "--restart", "no", "--no-healthcheck", "--init", "--read-only",
	    "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", NULL);
	arguments_addf(arguments, "%u:%u", (unsigned)spec->uid, (unsigned)spec->gid);
	/* The server's user is one of this host, whose files it has: an engine that maps users elsewhere does not
	 * here. */
	if (spec->engine->kind == &engine_docker)
		arguments_add(arguments, "--userns", "host", NULL);
	else if (spec->engine->rootless)
		arguments_add(arguments, "--userns", "keep-id", NULL);
	arguments_addf(arguments, "--memory=%lldm", memory);
	arguments_addf(arguments, "--memory-swap=%lldm", memory);
	arguments_addf(arguments, "--shm-size=%lldm", shm);
	arguments_addf(arguments, "--pids-limit=%lld",
	    (long long)conf->database.postgres.max_connections + SPEC_PROCESSES);
	arguments_add(arguments, "--tmpfs", "/tmp:rw,noexec,nosuid,nodev,size=64m,mode=1777", "--env", "LC_ALL=C",
	    NULL);
	spec_mount_wal(spec, arguments);
	spec_mount(spec, arguments, "etc/passwd", "/etc/passwd", true);
	spec_mount(spec, arguments, "etc/group", "/etc/group", true);
}

static void
spec_add_network(const struct spec *spec, struct arguments *arguments)
{
	const struct conf *conf = spec->conf;

	if (!spec_is_tcp(conf)) {
		arguments_add(arguments, "--network", "none", NULL);
		return;
	}
	/* What the server sends has a lifetime of one hop: it reaches clients that came through the published port,
	 * which is this host, and no address behind it, whatever the engine's network and firewall rules allow. */
	if (spec_wants_network(conf))
		arguments_add(arguments, "--network", conf->database.postgres.network.bridge_network_name, NULL);
	arguments_add(arguments, "--sysctl", "net.ipv4.ip_default_ttl=1", NULL);
	/* Nor can it begin a connection of its own, for example to this host's services at the gateway: the only local
	 * port for that is the one on which it listens. Names are not resolved either: a question to the engine's
	 * resolver would leave through this host. */
	arguments_add(arguments, "--sysctl", NULL);
	arguments_addf(arguments, "net.ipv4.ip_local_port_range=%lld %lld", (long long)conf->database.postgres.port,
	    (long long)conf->database.postgres.port);
	arguments_add(arguments, "--dns", "127.0.0.1", NULL);
	arguments_add(arguments, "--publish", NULL);
	arguments_addf(arguments,
	    strchr(conf->database.postgres.network.bind_address, ':') != NULL ? "[%s]:%lld:%lld" : "%s:%lld:%lld",
	    conf->database.postgres.network.bind_address, (long long)conf->database.postgres.port,
	    (long long)conf->database.postgres.port);
}

static void
spec_set(struct arguments *arguments, const char *const *settings)
{
	for (; *settings != NULL; settings++)
		arguments_add(arguments, "-c", *settings, NULL);
}

/* PostgreSQL's settings, given on the command line so that no file in the database directory outranks them. */
static void
spec_add_settings(const struct spec *spec, struct arguments *arguments)
{
	static const char *const fixed[] = { "unix_socket_directories=" SPEC_RUN, "unix_socket_permissions=0770",
		"config_file=" SPEC_CONF, "hba_file=" SPEC_HBA, "ident_file=" SPEC_IDENT,
		"password_encryption=scram-sha-256", "log_destination=stderr", "logging_collector=off", "lc_messages=C",
		SPEC_LOG_PREFIX, "dynamic_shared_memory_type=posix", NULL };
	static const char *const tls[] = { "ssl=on", "ssl_min_protocol_version=TLSv1.3",
		"ssl_ca_file=" SPEC_CERTIFICATES "/ca.crt", "ssl_cert_file=" SPEC_CERTIFICATES "/server.crt",
		"ssl_key_file=" SPEC_CERTIFICATES "/server.key", NULL };
	static const char *const no_tls[] = { "ssl=off", NULL };
	const struct conf *conf = spec->conf;
	long long memory = (long long)conf->database.postgres.memory_mb;
	char libraries[BOOTSTRAP_LIBRARIES_MAX];

	arguments_add(arguments, "-D", SPEC_DATA, NULL);
	spec_set(arguments, fixed);
	spec_set(arguments, conf_has_tls(conf) ? tls : no_tls);
	arguments_add(arguments, "-c", spec_is_tcp(conf) ? "listen_addresses=*" : "listen_addresses=", "-c", NULL);
	arguments_addf(arguments, "port=%lld", (long long)conf->database.postgres.port);
	arguments_add(arguments, "-c", NULL);
	arguments_addf(arguments, "max_connections=%lld", (long long)conf->database.postgres.max_connections);
	arguments_add(arguments, "-c", NULL);
	arguments_addf(arguments, "shared_buffers=%lldMB", spec_shared_buffers(conf));
	arguments_add(arguments, "-c", NULL);
	arguments_addf(arguments, "effective_cache_size=%lldMB", memory * 3 / 4);
	/* By these lines the supervisor tells a recovery that goes on from one that hangs; older servers do not have
	 * the setting. */
	if (spec->version >= SPEC_PROGRESS_VERSION)
		arguments_add(arguments, "-c", "log_startup_progress_interval=1s", NULL);
	/* Also where no backup is made any more: the slot of one that was may be there still. */
	if (spec->version >= SPEC_SLOT_VERSION) {
		arguments_add(arguments, "-c", NULL);
		arguments_addf(arguments, "max_slot_wal_keep_size=%lldMB", (long long)conf->backup.spool);
	}
	if (bootstrap_libraries(conf, libraries) != 0)
		arguments_add(arguments, "-c", libraries, NULL);
	/* The operator's settings come last, so that they outrank those that are worked out from the memory; settings
	 * that must not be outranked were refused. */
	if (conf->database.postgres.settings != NULL)
		spec_set(arguments, (const char *const *)conf->database.postgres.settings);
}

/* ---- the commands ---- */

static int
spec_failed(struct arguments *arguments, struct error *e)
{
	arguments_free(arguments);
	return error_set(e, STATUS_OS, "container.spec",
	    "cannot describe the container: memory is out, or the path of the data directory is too long");
}

static int
spec_build_server(const struct spec *spec, const char *image, const char *hash, struct arguments *arguments,
    struct error *e)
{
	char name[ENGINE_NAME_MAX];

	spec_server_name(spec->node_id, name, sizeof(name));
	arguments_add(arguments, "run", "--detach", "--name", name, "--stop-signal", "SIGINT", "--stop-timeout", "60",
	    NULL);
	if (hash[0] != '\0') {
		arguments_add(arguments, "--label", NULL);
		arguments_addf(arguments, "bibd.specification=%s", hash);
	}
	spec_add_common(spec, arguments, SPEC_ROLE_SERVER);
	arguments_addf(arguments, "--cpus=%.2f", spec->conf->database.postgres.cpu_cores);
	/* When memory runs out, the kernel is to kill a server process and not the postmaster, which starts them: each
	 * server process raises its own score, which needs no privilege. A rootless engine's containers begin with that
	 * of its user's session. */
	arguments_add(arguments, "--env", "PG_OOM_ADJUST_FILE=/proc/self/oom_score_adj", "--env", NULL);
	arguments_addf(arguments, "PG_OOM_ADJUST_VALUE=%d", spec->engine->rootless ? SPEC_OOM_ROOTLESS : SPEC_OOM);
	spec_add_network(spec, arguments);
	arguments_add_list(arguments, spec->engine->kind->log_options);
	spec_mount(spec, arguments, "data", SPEC_DATA, false);
	spec_mount(spec, arguments, "run", SPEC_RUN, false);
	spec_mount(spec, arguments, "etc/pg_hba.conf", SPEC_HBA, true);
	spec_mount(spec, arguments, "etc/pg_ident.conf", SPEC_IDENT, true);
	spec_mount(spec, arguments, "etc/postgresql.conf", SPEC_CONF, true);
	spec_mount_certificates(spec, arguments);
	arguments_add(arguments, "--entrypoint", "postgres", image, NULL);
	spec_add_settings(spec, arguments);
	return arguments->failed ? spec_failed(arguments, e) : 0;
}

int
spec_hash(const struct spec *spec, char hash[SPEC_HASH_SIZE], struct error *e)
{
	struct arguments arguments = { 0 };
	struct mounts_input files;
	SHA2_CTX context;

	if (spec_build_server(spec, spec->conf->database.postgres.image, "", &arguments, e) == -1)
		return -1;
	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)SPEC_GENERATION, sizeof(SPEC_GENERATION));
	/* The NUL after each word is part of it, so that no two lists look alike. */
	for (size_t i = 0; i < arguments.count; i++)
		SHA256Update(&context, (const uint8_t *)arguments.words[i], strlen(arguments.words[i]) + 1);
	arguments_free(&arguments);
	spec_files(spec, &files);
	for (int file = 0; file < MOUNTS_FILES; file++) {
		char *text = mounts_text((enum mounts_file)file, &files);

		if (text == NULL)
			return error_set(e, STATUS_OS, "container.spec",
			    "cannot describe the container: memory is out");
		SHA256Update(&context, (const uint8_t *)text, strlen(text) + 1);
		free(text);
	}
	(void)SHA256End(&context, hash);
	return 0;
}

int
spec_server_arguments(const struct spec *spec, const char *image, const char *hash, struct arguments *arguments,
    struct error *e)
{
	engine_begin(spec->engine, arguments);
	return spec_build_server(spec, image, hash, arguments, e);
}

/* Up to the script's parameters. */
static void
spec_build_setup(const struct spec *spec, const char *name, const char *data_name, struct arguments *arguments)
{
	engine_begin(spec->engine, arguments);
	/* The container keeps no log: PostgreSQL may repeat its statements, and one has a verifier in it. */
	arguments_add(arguments, "run", "--rm", "--interactive", "--name", name, "--log-driver", "none", "--network",
	    "none", NULL);
	spec_add_common(spec, arguments, SPEC_ROLE_SETUP);
	spec_mount(spec, arguments, data_name, SPEC_DATA, false);
}

static int
spec_end_setup(const char *image, const char *script, const struct arguments *parameters, struct arguments *arguments,
    struct error *e)
{
	arguments_add(arguments, "--entrypoint", "sh", image, "-c", script, "bibd", NULL);
	arguments->failed |= parameters->failed;
	arguments_add_list(arguments, (const char *const *)parameters->words);
	return arguments->failed ? spec_failed(arguments, e) : 0;
}

int
spec_setup_arguments(const struct spec *spec, const char *image, const char *data_name, const char *script,
    const struct arguments *parameters, struct arguments *arguments, struct error *e)
{
	char name[ENGINE_NAME_MAX];

	spec_setup_name(spec->node_id, name, sizeof(name));
	spec_build_setup(spec, name, data_name, arguments);
	return spec_end_setup(image, script, parameters, arguments, e);
}

int
spec_source_arguments(const struct spec *spec, const char *image, const char *script,
    const struct arguments *parameters, struct arguments *arguments, struct error *e)
{
	char name[ENGINE_NAME_MAX];

	spec_source_name(spec->node_id, name, sizeof(name));
	spec_build_setup(spec, name, "data", arguments);
	arguments_add(arguments, "--stop-signal", "SIGINT", NULL);
	spec_mount(spec, arguments, "move/run", SPEC_MOVE, false);
	return spec_end_setup(image, script, parameters, arguments, e);
}

int
spec_target_arguments(const struct spec *spec, const char *image, const char *script,
    const struct arguments *parameters, struct arguments *arguments, struct error *e)
{
	char name[ENGINE_NAME_MAX];

	spec_setup_name(spec->node_id, name, sizeof(name));
	spec_build_setup(spec, name, "move/data", arguments);
	spec_mount(spec, arguments, "move/run", SPEC_MOVE, false);
	if (spec_end_setup(image, script, parameters, arguments, e) == -1)
		return -1;
	spec_add_settings(spec, arguments);
	return arguments->failed ? spec_failed(arguments, e) : 0;
}

int
spec_version_arguments(const struct spec *spec, const char *image, struct arguments *arguments, struct error *e)
{
	engine_begin(spec->engine, arguments);
	arguments_add(arguments, "run", "--rm", "--pull", "never", "--log-driver", "none", "--network", "none",
	    "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--no-healthcheck", "--label",
	    NULL);
	arguments_addf(arguments, "bibd.node=%s", spec->node_id);
	arguments_add(arguments, "--entrypoint", "postgres", image, "--version", NULL);
	return arguments->failed ? spec_failed(arguments, e) : 0;
}

int
spec_drill_arguments(const struct spec *spec, const char *image, int64_t number, const char *script,
    const struct arguments *parameters, struct arguments *arguments, struct error *e)
{
	static char nowhere[] = "";
	char name[ENGINE_NAME_MAX], place[PATH_MAX];
	struct conf conf = *spec->conf;
	struct spec own = *spec;

	/* The server's log on its disk of its own is none of this one's. */
	conf.database.postgres.wal_dir = nowhere;
	own.conf = &conf;
	if (spec->archive != 0)
		own.uid = spec->archive;
	(void)snprintf(name, sizeof(name), "bibd-postgres-%s-drill-%llx", spec->node_id, (long long)number);
	engine_begin(spec->engine, arguments);
	arguments_add(arguments, "run", "--rm", "--interactive", "--name", name, "--log-driver", "none", "--network",
	    "none", NULL);
	spec_add_common(&own, arguments, SPEC_ROLE_DRILL);
	if (snprintf(place, sizeof(place), "%s/archive/drill", spec->conf->node.data_dir) >= (int)sizeof(place))
		arguments->failed = true;
	else
		spec_add_mount(arguments, place, SPEC_DATA, false);
	arguments_add(arguments, "--entrypoint", "sh", image, "-c", script, "bibd", NULL);
	arguments->failed |= parameters->failed;
	arguments_add_list(arguments, (const char *const *)parameters->words);
	return arguments->failed ? spec_failed(arguments, e) : 0;
}
