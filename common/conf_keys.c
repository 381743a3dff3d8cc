/* The table of the configuration's keys. */
#include "common/conf.h"

#include <stddef.h>
#include <string.h>

const char *const conf_mode_names[CONF_MODES] = { "proxy", "selective", "full" };
const char *const conf_backend_names[CONF_BACKENDS] = { "sqlite", "postgres" };
const char *const conf_action_names[CONF_ACTIONS] = { "shutdown", "retry_always", "retry_limit" };
#define ROLE_NAME(NAME, name) #name,
const char *const role_names[ROLES] = { ROLE_TABLE(ROLE_NAME) };

static const char *const mode_choices[] = { "proxy", "selective", "full", NULL };
static const char *const backend_choices[] = { "sqlite", "postgres", NULL };
static const char *const move_choices[] = { "auto", "refuse", NULL };
static const char *const wait_choices[] = { "local", "repository", NULL };
static const char *const action_choices[] = { "shutdown", "retry_always", "retry_limit", NULL };
static const char *const runtime_choices[] = { "", "docker", "podman", "kubernetes", NULL };
static const char *const ssl_choices[] = { "disable", "allow", "prefer", "require", "verify-ca", "verify-full", NULL };
static const char *const s3_style_choices[] = { "auto", "path", "virtual", NULL };
static const char *const level_choices[] = { "error", "warning", "notice", "info", "debug", NULL };
static const char *const format_choices[] = { "text", "json", NULL };
_Static_assert(sizeof(mode_choices) / sizeof(char *) == CONF_MODES + 1, "modes");
_Static_assert(sizeof(backend_choices) / sizeof(char *) == CONF_BACKENDS + 1, "backends");
_Static_assert(sizeof(move_choices) / sizeof(char *) == CONF_MOVES + 1, "moves");
_Static_assert(sizeof(wait_choices) / sizeof(char *) == CONF_WAITS + 1, "waits");
_Static_assert(sizeof(action_choices) / sizeof(char *) == CONF_ACTIONS + 1, "actions");
_Static_assert(sizeof(runtime_choices) / sizeof(char *) == CONF_RUNTIMES + 1, "runtimes");
_Static_assert(sizeof(ssl_choices) / sizeof(char *) == CONF_SSL_MODES + 1, "ssl modes");
_Static_assert(sizeof(s3_style_choices) / sizeof(char *) == CONF_S3_STYLES + 1, "styles");
_Static_assert(sizeof(level_choices) / sizeof(char *) == LOG_LEVELS + 1, "log levels");
_Static_assert(sizeof(format_choices) / sizeof(char *) == LOG_FORMATS + 1, "log formats");

#define AT(member) offsetof(struct conf, member)
#define SECOND 1000.0
#define MINUTE (60 * SECOND)
#define DAY (86400 * SECOND)
#define PORT_ERROR "invalid storage configuration: port must be between 1024 and 65535"

#define TEXT_KEY(path, type, member, text) \
	{ \
		path, type, AT(member), text, 0, 0, NULL, false, false, NULL \
	}
#define RELOADED_KEY(path, type, member, text) \
	{ \
		path, type, AT(member), text, 0, 0, NULL, true, false, NULL \
	}
#define NUMBER_KEY(path, type, member, text, min, max, reloads) \
	{ \
		path, type, AT(member), text, min, max, NULL, reloads, false, NULL \
	}
#define PORT_KEY(path, member) \
	{ \
		path, CONF_INTEGER, AT(member), "5432", 1024, 65535, NULL, false, false, PORT_ERROR \
	}
#define CHOICE_KEY(path, member, text, names, reloads) \
	{ \
		path, CONF_CHOICE, AT(member), text, 0, 0, names, reloads, false, NULL \
	}
#define HEALTH_KEYS(path, member) \
	NUMBER_KEY(path ".interval", CONF_DURATION, member.interval, "5s", 100, DAY, true), \
	    NUMBER_KEY(path ".timeout", CONF_DURATION, member.timeout, "5s", 100, DAY, true), \
	    NUMBER_KEY(path ".startup_timeout", CONF_DURATION, member.startup_timeout, "60s", SECOND, DAY, true), \
	    CHOICE_KEY(path ".action", member.action, "retry_limit", action_choices, true), \
	    NUMBER_KEY(path ".max_retries", CONF_INTEGER, member.max_retries, "5", 0, 1000000, true), \
	    NUMBER_KEY(path ".retry_backoff", CONF_DURATION, member.retry_backoff, "10s", 0, DAY, true)
#define BOUND_KEYS(path, member) \
	NUMBER_KEY(path ".statement_timeout", CONF_DURATION, member.statement_timeout, "0s", 0, DAY, true), \
	    NUMBER_KEY(path ".work_mem_mb", CONF_INTEGER, member.work_mem_mb, "0", 0, 1048576, true), \
	    NUMBER_KEY(path ".temp_file_limit_mb", CONF_INTEGER, member.temp_file_limit_mb, "0", 0, 1048576, true), \
	    NUMBER_KEY(path ".max_connections", CONF_INTEGER, member.max_connections, "0", 0, 1000000, true)
#define ROLE_KEYS(NAME, name) BOUND_KEYS("database.roles." #name, database.roles[ROLE_##NAME]),
#define COMPONENT_KEYS(path, member) \
	TEXT_KEY(path ".enabled", CONF_BOOLEAN, member.enabled, "false"), \
	    TEXT_KEY(path ".command", CONF_COMMAND, member.command, NULL), \
	    TEXT_KEY(path ".user", CONF_STRING, member.user, "")

const struct conf_key conf_keys[] = {
	CHOICE_KEY("node.mode", node.mode, "selective", mode_choices, false),
	TEXT_KEY("node.id", CONF_STRING, node.id, ""),
	TEXT_KEY("node.data_dir", CONF_PATH, node.data_dir, "/var/lib/bibd"),
	TEXT_KEY("listen.path", CONF_PATH, listen.path, "/run/bibd"),
	PORT_KEY("listen.port", listen.port),
	TEXT_KEY("listen.group", CONF_STRING, listen.group, "bibd"),
	TEXT_KEY("listen.tcp.addresses", CONF_COMMAND, listen.tcp.addresses, NULL),
	NUMBER_KEY("listen.tcp.port", CONF_INTEGER, listen.tcp.port, "5432", 1024, 65535, false),
	RELOADED_KEY("listen.tcp.names", CONF_COMMAND, listen.tcp.names, NULL),
	RELOADED_KEY("listen.tcp.certificate", CONF_PATH, listen.tcp.certificate, ""),
	RELOADED_KEY("listen.tcp.key", CONF_PATH, listen.tcp.key, ""),
	RELOADED_KEY("listen.tcp.logins", CONF_PATH, listen.tcp.logins, ""),
	NUMBER_KEY("listen.tcp.certificate_lifetime", CONF_DURATION, listen.tcp.certificate_lifetime, "720h",
	    30 * SECOND, 3650 * DAY, true),
	NUMBER_KEY("listen.tcp.max_clients_per_address", CONF_INTEGER, listen.tcp.max_clients_per_address, "0", 0,
	    1000000, true),
	{ "access", CONF_ACCESS, AT(access), NULL, 0, 0, NULL, true, false, NULL },
	NUMBER_KEY("server.shutdown_timeout", CONF_DURATION, server.shutdown_timeout, "30s", 0, DAY, true),
	NUMBER_KEY("server.max_clients", CONF_INTEGER, server.max_clients, "10000", 1, 1000000, true),
	NUMBER_KEY("server.max_clients_per_uid", CONF_INTEGER, server.max_clients_per_uid, "0", 0, 1000000, true),
	NUMBER_KEY("server.max_starting", CONF_INTEGER, server.max_starting, "256", 1, 1000000, true),
	NUMBER_KEY("server.startup_timeout", CONF_DURATION, server.startup_timeout, "10s", 100, 3600 * SECOND, true),
	CHOICE_KEY("database.backend", database.backend, "sqlite", backend_choices, false),
	CHOICE_KEY("database.move", database.move, "auto", move_choices, false),
	NUMBER_KEY("database.keep_source", CONF_DURATION, database.keep_source, "30d", 0, 3660 * DAY, true),
	TEXT_KEY("database.name", CONF_STRING, database.name, "bibd"),
	TEXT_KEY("database.migrations_dir", CONF_PATH, database.migrations_dir, ""),
	TEXT_KEY("database.sqlite.path", CONF_PATH, database.sqlite.path, ""),
	NUMBER_KEY("database.sqlite.max_open_conns", CONF_INTEGER, database.sqlite.max_open_conns, "10", 2, 1000,
	    false),
	NUMBER_KEY("database.sqlite.memory_mb", CONF_INTEGER, database.sqlite.memory_mb, "512", 64, 16777216, true),
	ROLE_TABLE(ROLE_KEYS) HEALTH_KEYS("database.health", database.health),
	TEXT_KEY("database.postgres.managed", CONF_BOOLEAN, database.postgres.managed, "true"),
	CHOICE_KEY("database.postgres.container_runtime", database.postgres.container_runtime, "", runtime_choices,
	    false),
	TEXT_KEY("database.postgres.socket_path", CONF_PATH, database.postgres.socket_path, ""),
	TEXT_KEY("database.postgres.kubeconfig_path", CONF_PATH, database.postgres.kubeconfig_path, ""),
	TEXT_KEY("database.postgres.image", CONF_STRING, database.postgres.image, "postgres:16-alpine"),
	TEXT_KEY("database.postgres.registry_auth", CONF_PATH, database.postgres.registry_auth, ""),
	TEXT_KEY("database.postgres.settings", CONF_SETTINGS, database.postgres.settings, NULL),
	TEXT_KEY("database.postgres.extensions", CONF_COMMAND, database.postgres.extensions, NULL),
	TEXT_KEY("database.postgres.shared_preload_libraries", CONF_COMMAND, database.postgres.shared_preload_libraries,
	    NULL),
	TEXT_KEY("database.postgres.locale", CONF_STRING, database.postgres.locale, ""),
	TEXT_KEY("database.postgres.icu_locale", CONF_STRING, database.postgres.icu_locale, ""),
	TEXT_KEY("database.postgres.wal_dir", CONF_PATH, database.postgres.wal_dir, ""),
	TEXT_KEY("database.postgres.data_dir", CONF_PATH, database.postgres.data_dir, ""),
	PORT_KEY("database.postgres.port", database.postgres.port),
	NUMBER_KEY("database.postgres.max_connections", CONF_INTEGER, database.postgres.max_connections, "100", 10,
	    262143, false),
	NUMBER_KEY("database.postgres.memory_mb", CONF_INTEGER, database.postgres.memory_mb, "512", 64, 16777216,
	    false),
	NUMBER_KEY("database.postgres.shm_mb", CONF_INTEGER, database.postgres.shm_mb, "0", 0, 16777216, false),
	NUMBER_KEY("database.postgres.cpu_cores", CONF_DECIMAL, database.postgres.cpu_cores, "1.0", 0.1, 1024, false),
	CHOICE_KEY("database.postgres.ssl_mode", database.postgres.ssl_mode, "require", ssl_choices, false),
	NUMBER_KEY("database.postgres.credential_rotation_interval", CONF_DURATION,
	    database.postgres.credential_rotation_interval, "168h", 0, 3650 * DAY, true),
	NUMBER_KEY("database.postgres.credential_rotation_grace", CONF_DURATION,
	    database.postgres.credential_rotation_grace, "10m", 0, 1 * DAY, true),
	NUMBER_KEY("database.postgres.pool.size", CONF_INTEGER, database.postgres.pool_size, "20", 1, 262143, false),
	TEXT_KEY("database.postgres.network.use_bridge_network", CONF_BOOLEAN,
	    database.postgres.network.use_bridge_network, "true"),
	TEXT_KEY("database.postgres.network.bridge_network_name", CONF_STRING,
	    database.postgres.network.bridge_network_name, "bibd-network"),
	TEXT_KEY("database.postgres.network.use_unix_socket", CONF_BOOLEAN, database.postgres.network.use_unix_socket,
	    "true"),
	TEXT_KEY("database.postgres.network.bind_address", CONF_STRING, database.postgres.network.bind_address,
	    "127.0.0.1"),
	HEALTH_KEYS("database.postgres.health", database.postgres.health),
	TEXT_KEY("database.postgres.tls.enabled", CONF_BOOLEAN, database.postgres.tls.enabled, "true"),
	TEXT_KEY("database.postgres.tls.cert_dir", CONF_PATH, database.postgres.tls.cert_dir, ""),
	TEXT_KEY("database.postgres.tls.auto_generate", CONF_BOOLEAN, database.postgres.tls.auto_generate, "true"),
	NUMBER_KEY("database.postgres.tls.certificate_lifetime", CONF_DURATION,
	    database.postgres.tls.certificate_lifetime, "720h", 30 * SECOND, 3650 * DAY, false),
	TEXT_KEY("database.postgres.advanced.host", CONF_STRING, database.postgres.advanced.host, "localhost"),
	NUMBER_KEY("database.postgres.advanced.port", CONF_INTEGER, database.postgres.advanced.port, "5432", 1, 65535,
	    false),
	TEXT_KEY("database.postgres.advanced.database", CONF_STRING, database.postgres.advanced.database, "bibd"),
	TEXT_KEY("database.postgres.advanced.user", CONF_STRING, database.postgres.advanced.user, "postgres"),
	{ "database.postgres.advanced.password", CONF_STRING, AT(database.postgres.advanced.password), "", 0, 0, NULL,
	    false, true, NULL },
	CHOICE_KEY("database.postgres.advanced.ssl_mode", database.postgres.advanced.ssl_mode, "disable", ssl_choices,
	    false),
	NUMBER_KEY("audit.sign_interval", CONF_DURATION, audit.sign_interval, "60s", 0, DAY, true),
	COMPONENT_KEYS("p2p", p2p),
	COMPONENT_KEYS("cluster", cluster),
	TEXT_KEY("backup.repository", CONF_PLACE, backup.repository, ""),
	TEXT_KEY("backup.s3.endpoint", CONF_STRING, backup.s3.endpoint, ""),
	TEXT_KEY("backup.s3.region", CONF_STRING, backup.s3.region, "us-east-1"),
	CHOICE_KEY("backup.s3.style", backup.s3.style, "auto", s3_style_choices, false),
	TEXT_KEY("backup.s3.ca_file", CONF_PATH, backup.s3.ca_file, ""),
	TEXT_KEY("backup.s3.credentials_file", CONF_PATH, backup.s3.credentials_file, ""),
	TEXT_KEY("backup.s3.credentials_command", CONF_COMMAND, backup.s3.credentials_command, NULL),
	NUMBER_KEY("backup.s3.timeout", CONF_DURATION, backup.s3.timeout, "30s", SECOND, 3600 * SECOND, false),
	NUMBER_KEY("backup.schedule.full", CONF_DURATION, backup.schedule.full, "7d", MINUTE, 366 * DAY, true),
	NUMBER_KEY("backup.schedule.incremental", CONF_DURATION, backup.schedule.incremental, "1d", MINUTE, 366 * DAY,
	    true),
	NUMBER_KEY("backup.keep.points", CONF_DURATION, backup.keep.points, "14d", 0, 3660 * DAY, true),
	NUMBER_KEY("backup.keep.full", CONF_INTEGER, backup.keep.full, "2", 1, 10000, true),
	NUMBER_KEY("backup.drill.interval", CONF_DURATION, backup.drill.interval, "1d", 0, 366 * DAY, true),
	TEXT_KEY("backup.drill.script", CONF_PATH, backup.drill.script, ""),
	NUMBER_KEY("backup.spool", CONF_INTEGER, backup.spool, "1024", 16, 1048576, false),
	CHOICE_KEY("backup.wait", backup.wait, "local", wait_choices, true),
	NUMBER_KEY("backup.wait_timeout", CONF_DURATION, backup.wait_timeout, "30s", 100, DAY, true),
	TEXT_KEY("secrets.key_file", CONF_PATH, secrets.key_file, ""),
	TEXT_KEY("secrets.key_command", CONF_COMMAND, secrets.key_command, NULL),
	TEXT_KEY("metrics.address", CONF_STRING, metrics.address, ""),
	CHOICE_KEY("log.level", log.level, "info", level_choices, true),
	CHOICE_KEY("log.format", log.format, "text", format_choices, true),
};
const size_t conf_nkeys = sizeof(conf_keys) / sizeof(conf_keys[0]);

const struct conf_key *
conf_key_find(const char *path)
{
	for (size_t i = 0; i < conf_nkeys; i++)
		if (strcmp(conf_keys[i].path, path) == 0)
			return &conf_keys[i];
	return NULL;
}

int
role_by_name(const char *name)
{
	for (int i = 0; i < ROLES; i++)
		if (strcmp(role_names[i], name) == 0)
			return i;
	return -1;
}
