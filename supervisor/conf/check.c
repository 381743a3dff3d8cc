/*
 * The checks of a configuration as a whole, section by section; each error names the place of its key.
 */
#include "supervisor/conf/check.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "common/log.h"
#include "common/port.h"
#include "supervisor/host/directories.h"
#include "supervisor/host/listen.h"
#include "supervisor/host/users.h"

/* superuser_reserved_connections of PostgreSQL, and bibd's own logins besides the pool. */
#define CHECK_CONNECTIONS_APART 6
#define CHECK_NETWORK_NAME_MAX 63
#define CHECK_IMAGE_MAX 255
#define CHECK_SERVER_NAMES_MAX 50
#define CHECK_SERVER_NAME_MAX 63
#define CHECK_LOGIN_MAX 63

static const char check_alphanumeric[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/* An error at the place of a key. */
#define CHECK_FAIL(source, path, e, ...) \
	(error_set(e, STATUS_CONFIG, "conf.check", __VA_ARGS__), \
	    conf_source_locate(source, conf_source_place(source, conf_key_find(path)), e))

static int
check_mode(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	(void)source;
	if (conf->node.mode == CONF_MODE_FULL && conf->database.backend != CONF_BACKEND_POSTGRES)
		return error_set(e, STATUS_CONFIG, "conf.mode",
		    "incompatible mode and backend: full replica mode requires PostgreSQL backend");
	return 0;
}

static int
check_runtime(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	static const char path[] = "database.postgres.kubeconfig_path";
	struct conf_place place = conf_source_place(source, conf_key_find(path));

	if (conf->database.postgres.kubeconfig_path[0] != '\0')
		log_warning("%s:%zu:%zu: %s does nothing: the kubernetes runtime is not yet implemented", source->file,
		    place.line, place.column, path);
	if (conf->database.backend == CONF_BACKEND_POSTGRES && conf->database.postgres.managed &&
	    conf->database.postgres.container_runtime == CONF_RUNTIME_KUBERNETES)
		return error_set(e, STATUS_CONFIG, "conf.runtime",
		    "kubernetes runtime is not yet implemented; please use 'docker' or 'podman'");
	return 0;
}

static int
check_node(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	if (conf->node.id[0] != '\0' && !directories_is_node_id(conf->node.id))
		return CHECK_FAIL(source, "node.id", e,
		    "node.id must be \"\" for the node's own, or %d characters of a-z and 2-7, not \"%.64s\"",
		    NODE_ID_LENGTH, conf->node.id);
	if (conf->node.data_dir[0] == '\0')
		return CHECK_FAIL(source, "node.data_dir", e, "node.data_dir must name a directory");
	return 0;
}

static int
check_listen(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	char path[LISTEN_PATH_SIZE];

	if (conf->listen.path[0] == '\0')
		return CHECK_FAIL(source, "listen.path", e, "listen.path must name a directory");
	if (listen_client_path(conf, path, sizeof(path)) == -1 || listen_control_path(conf, path, sizeof(path)) == -1 ||
	    listen_metrics_path(conf, path, sizeof(path)) == -1)
		return CHECK_FAIL(source, "listen.path", e,
		    "the path of a socket in listen.path would be longer than %zu bytes, which no client can use",
		    sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1);
	return 0;
}

/* ---- remote applications ---- */

static bool
check_has_only(const char *text, const char *others)
{
	for (; *text != '\0'; text++)
		if (strchr(check_alphanumeric, *text) == NULL && strchr(others, *text) == NULL)
			return false;
	return true;
}

static int
check_tcp_names(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	char *const *addresses = conf->listen.tcp.addresses, *const *names = conf->listen.tcp.names;
	struct sockaddr_storage address;

	for (size_t i = 0; addresses != NULL && addresses[i] != NULL; i++)
		if (i == LISTEN_REMOTE_MAX ||
		    port_parse_address(addresses[i], (uint16_t)conf->listen.tcp.port, &address) == 0)
			return CHECK_FAIL(source, "listen.tcp.addresses", e,
			    "listen.tcp.addresses must be at most %d IP addresses of this host, such as \"192.0.2.7\" "
			    "or \"::\"; \"%.64s\" is none",
			    LISTEN_REMOTE_MAX, addresses[i]);
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		if (names[i][0] == '\0' || strlen(names[i]) > CHECK_IMAGE_MAX || !check_has_only(names[i], "_.-:"))
			return CHECK_FAIL(source, "listen.tcp.names", e,
			    "listen.tcp.names must be DNS names or IP addresses, not \"%.64s\"", names[i]);
	return 0;
}

/* What bibctl makes certificates for, and what can be a name in the file of logins. */
static int
check_logins(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	for (size_t i = 0; i < conf->naccess; i++) {
		const char *name = conf->access[i].name;

		if (conf->access[i].is_login &&
		    (strlen(name) > CHECK_LOGIN_MAX || strchr("-.", name[0]) != NULL || !check_has_only(name, "_.-")))
			return CHECK_FAIL(source, "access", e,
			    "a login's name in access is 1 to %d letters, digits, '_', '.' and '-', the first a "
			    "letter, a digit or '_', not \"%.64s\"",
			    CHECK_LOGIN_MAX, name);
	}
	return 0;
}

static int
check_tcp(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	if ((conf->listen.tcp.certificate[0] == '\0') != (conf->listen.tcp.key[0] == '\0'))
		return CHECK_FAIL(source, conf->listen.tcp.key[0] == '\0' ? "listen.tcp.certificate" : "listen.tcp.key",
		    e,
		    "listen.tcp.certificate and listen.tcp.key belong together: set both, or none to have bibd make "
		    "them");
	if (check_tcp_names(conf, source, e) == -1)
		return -1;
	return check_logins(conf, source, e);
}

static int
check_metrics(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	struct sockaddr_storage address;

	if (conf->metrics.address[0] != '\0' && listen_parse_loopback(conf->metrics.address, &address) == 0)
		return CHECK_FAIL(source, "metrics.address", e,
		    "metrics.address must be \"\" for none, or a loopback address with its port, such as "
		    "127.0.0.1:9187 or [::1]:9187, not \"%.64s\"",
		    conf->metrics.address);
	return 0;
}

static bool
check_is_loopback(const char *text)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, text, &v4) == 1)
		return (ntohl(v4.s_addr) >> 24) == 127;
	return inet_pton(AF_INET6, text, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static int
check_server_socket(const struct conf *conf)
{
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)], name[32];

	(void)snprintf(name, sizeof(name), "run/.s.PGSQL.%" PRId64, conf->database.postgres.port);
	return conf_postgres_path(conf, name, path, sizeof(path));
}

/* Of an engine's things: what both engines take as a name, and what no option begins with. */
static bool
check_is_name(const char *text, const char *others, size_t max)
{
	size_t n = strlen(text);

	return n > 0 && n <= max && strchr(check_alphanumeric, text[0]) != NULL && check_has_only(text, others);
}

/* What is made in a managed server beside bibd's own. */
static int
check_server_names(const struct conf *conf, const char *path, char *const *names, const struct conf_source *source,
    struct error *e)
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
		if (i == CHECK_SERVER_NAMES_MAX || !check_is_name(names[i], "_-", CHECK_SERVER_NAME_MAX))
			return CHECK_FAIL(source, path, e,
			    "%s must be at most %d names of letters, digits, '_' or '-', not \"%.64s\"", path,
			    CHECK_SERVER_NAMES_MAX, names[i]);
		for (size_t j = 0; j < i; j++)
			if (strcmp(names[i], names[j]) == 0)
				return CHECK_FAIL(source, path, e, "%s has %s twice", path, names[i]);
	}
	if (names == NULL || conf->database.backend != CONF_BACKEND_POSTGRES || conf->database.postgres.managed)
		return 0;
	return CHECK_FAIL(source, path, e, "%s is for a server that bibd runs, and database.postgres.managed is false",
	    path);
}

static int
check_server_options(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	const char *locale = conf->database.postgres.locale, *icu = conf->database.postgres.icu_locale;
	const char *auth = conf->database.postgres.registry_auth, *auth_name = strrchr(auth, '/');
	bool external = conf->database.backend == CONF_BACKEND_POSTGRES && !conf->database.postgres.managed;

	if (auth[0] != '\0' && (external || auth_name == auth || strcmp(auth_name, "/config.json") != 0))
		return CHECK_FAIL(source, "database.postgres.registry_auth", e,
		    "database.postgres.registry_auth must be the path of a file config.json in a directory of its "
		    "own, as docker login makes it, for a server that bibd runs, not \"%.64s\"",
		    auth);
	if (conf->database.postgres.wal_dir[0] != '\0' && external)
		return CHECK_FAIL(source, "database.postgres.wal_dir", e,
		    "database.postgres.wal_dir is for a server that bibd runs, and database.postgres.managed is false");
	if (locale[0] != '\0' && (external || !check_is_name(locale, "_.@-", CHECK_SERVER_NAME_MAX)))
		return CHECK_FAIL(source, "database.postgres.locale", e,
		    "database.postgres.locale must name a locale of the image, such as de_DE.UTF-8, of a server that "
		    "bibd runs, not \"%.64s\"",
		    locale);
	if (icu[0] != '\0' && (external || !check_is_name(icu, "-", CHECK_SERVER_NAME_MAX)))
		return CHECK_FAIL(source, "database.postgres.icu_locale", e,
		    "database.postgres.icu_locale must be a BCP 47 language tag, such as de-DE or und, of a server "
		    "that bibd runs, not \"%.64s\"",
		    icu);
	if (conf->database.postgres.shm_mb > conf->database.postgres.memory_mb)
		return CHECK_FAIL(source, "database.postgres.shm_mb", e,
		    "database.postgres.shm_mb is a part of database.postgres.memory_mb, and cannot be more");
	return 0;
}

static int
check_postgres(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	if (conf->database.backend == CONF_BACKEND_POSTGRES && !conf->database.postgres.managed &&
	    conf->database.postgres.settings != NULL)
		return CHECK_FAIL(source, "database.postgres.settings", e,
		    "database.postgres.settings are those of a server that bibd runs, and database.postgres.managed "
		    "is false");
	if (check_server_names(conf, "database.postgres.extensions", conf->database.postgres.extensions, source, e) ==
		-1 ||
	    check_server_names(conf, "database.postgres.shared_preload_libraries",
		conf->database.postgres.shared_preload_libraries, source, e) == -1 ||
	    check_server_options(conf, source, e) == -1)
		return -1;
	if (!check_is_loopback(conf->database.postgres.network.bind_address))
		return CHECK_FAIL(source, "database.postgres.network.bind_address", e,
		    "database.postgres.network.bind_address must be a loopback address, such as 127.0.0.1, not "
		    "\"%.64s\"",
		    conf->database.postgres.network.bind_address);
	if (conf->database.postgres.pool_size + CHECK_CONNECTIONS_APART > conf->database.postgres.max_connections)
		return CHECK_FAIL(source, "database.postgres.pool.size", e,
		    "database.postgres.pool.size must be at least %d below database.postgres.max_connections: the "
		    "others are for the superuser and for bibd itself",
		    CHECK_CONNECTIONS_APART);
	if (conf->database.backend == CONF_BACKEND_POSTGRES && conf->database.postgres.managed &&
	    check_server_socket(conf) == -1)
		return CHECK_FAIL(source, "database.postgres.data_dir", e,
		    "the path of PostgreSQL's socket (%s) would be longer than %zu bytes, which no client can use",
		    conf->database.postgres.data_dir[0] == '\0' ? "in node.data_dir" : "in database.postgres.data_dir",
		    sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1);
	if (conf_has_tls(conf) && conf->database.postgres.ssl_mode < CONF_SSL_REQUIRE)
		return CHECK_FAIL(source, "database.postgres.ssl_mode", e,
		    "database.postgres.ssl_mode must be require, verify-ca or verify-full while "
		    "database.postgres.tls.enabled "
		    "is true and the server is on TCP");
	return 0;
}

/* ---- what reaches a command line, or a connection string ---- */

static int
check_names(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	if (!check_is_name(conf->database.postgres.network.bridge_network_name, "_.-", CHECK_NETWORK_NAME_MAX))
		return CHECK_FAIL(source, "database.postgres.network.bridge_network_name", e,
		    "database.postgres.network.bridge_network_name must be 1 to %d letters, digits, '_', '.' or '-', "
		    "the first a letter or a digit, not \"%.64s\"",
		    CHECK_NETWORK_NAME_MAX, conf->database.postgres.network.bridge_network_name);
	if (!check_is_name(conf->database.postgres.image, "_.-/:@", CHECK_IMAGE_MAX))
		return CHECK_FAIL(source, "database.postgres.image", e,
		    "database.postgres.image must name an image, such as postgres:16-alpine, not \"%.64s\"",
		    conf->database.postgres.image);
	return 0;
}

/* The paths that are mounted into a container, or that libpq is given, which parts a list of hosts at commas. */
static int
check_paths(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	const struct {
		const char *key, *path;
		bool comma;
	} paths[] = {
		{ "node.data_dir", conf->node.data_dir, false },
		{ "database.postgres.data_dir", conf->database.postgres.data_dir, false },
		{ "database.postgres.tls.cert_dir", conf->database.postgres.tls.cert_dir, true },
		{ "database.postgres.wal_dir", conf->database.postgres.wal_dir, true },
		{ "database.postgres.registry_auth", conf->database.postgres.registry_auth, true },
		{ "database.postgres.socket_path", conf->database.postgres.socket_path, true },
		{ "database.sqlite.path", conf->database.sqlite.path, true },
		{ "listen.path", conf->listen.path, true },
	};
	bool managed = conf->database.backend == CONF_BACKEND_POSTGRES && conf->database.postgres.managed;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		for (const char *p = paths[i].path; *p != '\0'; p++)
			if ((unsigned char)*p < ' ' || *p == 0x7f)
				return CHECK_FAIL(source, paths[i].key, e, "%s must not have control characters in it",
				    paths[i].key);
		if (managed && !paths[i].comma && strchr(paths[i].path, ',') != NULL)
			return CHECK_FAIL(source, paths[i].key, e,
			    "%s must not have a comma in it where bibd runs PostgreSQL: libpq takes what is between "
			    "commas for several servers",
			    paths[i].key);
	}
	return 0;
}

/* Without TLS nothing is verified, nor encrypted. */
static int
check_ssl_mode(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	const struct conf_key *key = conf_key_find("database.postgres.ssl_mode");
	enum conf_ssl_mode mode = conf->database.postgres.ssl_mode;
	bool plain = conf->database.backend == CONF_BACKEND_POSTGRES && conf->database.postgres.managed &&
	    !conf->database.postgres.network.use_unix_socket && !conf_has_tls(conf);

	if (!plain || mode < CONF_SSL_REQUIRE || (mode == CONF_SSL_REQUIRE && conf_source_place(source, key).line == 0))
		return 0;
	return CHECK_FAIL(source, "database.postgres.ssl_mode", e,
	    "database.postgres.ssl_mode asks for TLS, and database.postgres.tls.enabled is false: set that to true, or "
	    "ssl_mode to disable");
}

static int
check_database(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	if (conf->database.name[0] == '\0' || strlen(conf->database.name) > 63)
		return CHECK_FAIL(source, "database.name", e, "database.name must have 1 to 63 bytes");
	return 0;
}

/* Whether a component that runs as this user could read what one of bibd's own processes keeps from the others. */
static bool
check_is_own_user(const char *name)
{
	const struct passwd *pw = getpwnam(name);
	int64_t uid = pw == NULL ? -1 : (int64_t)pw->pw_uid;

	for (size_t i = 0; i < users_nown; i++) {
		if (strcmp(users_own[i], name) == 0)
			return true;
		if (uid != -1 && (pw = getpwnam(users_own[i])) != NULL && (int64_t)pw->pw_uid == uid)
			return true;
	}
	return false;
}

static int
check_component(const struct conf_component *component, const char *command_key, const char *user_key,
    const struct conf_source *source, struct error *e)
{
	if (!component->enabled)
		return 0;
	if (component->command == NULL || component->command[0] == NULL || component->command[0][0] != '/')
		return CHECK_FAIL(source, command_key, e, "%s must begin with the absolute path of a program",
		    command_key);
	if (check_is_own_user(component->user))
		return CHECK_FAIL(source, user_key, e,
		    "%s: a component may not run as %.64s, which is bibd's own: make a user for it", user_key,
		    component->user);
	return 0;
}

static int
check_components(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	if (check_component(&conf->p2p, "p2p.command", "p2p.user", source, e) == -1)
		return -1;
	return check_component(&conf->cluster, "cluster.command", "cluster.user", source, e);
}

/* In the order of the design: values, mode against backend, runtime. */
static int (*const conf_checks[])(const struct conf *, const struct conf_source *, struct error *) = {
	check_node,
	check_listen,
	check_database,
	check_postgres,
	check_names,
	check_paths,
	check_ssl_mode,
	check_components,
	check_metrics,
	check_tcp,
	check_mode,
	check_runtime,
};

int
conf_check(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	for (size_t i = 0; i < sizeof(conf_checks) / sizeof(conf_checks[0]); i++)
		if (conf_checks[i](conf, source, e) == -1)
			return -1;
	return 0;
}
