/*
 * The checks of database.postgres: what bibd must know of a server before it starts it, and what reaches a command line
 * or a connection string.
 */
#include "supervisor/conf/check_rule.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/un.h>

/* superuser_reserved_connections of PostgreSQL, and bibd's own logins besides the pool. */
#define CHECK_CONNECTIONS_APART 6
#define CHECK_NETWORK_NAME_MAX 63
#define CHECK_IMAGE_MAX 255
#define CHECK_SERVER_NAMES_MAX 50
#define CHECK_SERVER_NAME_MAX 63

int
conf_check_runtime(const struct conf *conf, const struct conf_source *source, struct error *e)
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

/* Names of what bibd makes or loads in a managed server for the operator. */
static int
check_server_names(const struct conf *conf, const char *path, char *const *names, const struct conf_source *source,
    struct error *e)
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
		if (i == CHECK_SERVER_NAMES_MAX || !conf_check_is_name(names[i], "_-", CHECK_SERVER_NAME_MAX))
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
	if (locale[0] != '\0' && (external || !conf_check_is_name(locale, "_.@-", CHECK_SERVER_NAME_MAX)))
		return CHECK_FAIL(source, "database.postgres.locale", e,
		    "database.postgres.locale must name a locale of the image, such as de_DE.UTF-8, of a server that "
		    "bibd runs, not \"%.64s\"",
		    locale);
	if (icu[0] != '\0' && (external || !conf_check_is_name(icu, "-", CHECK_SERVER_NAME_MAX)))
		return CHECK_FAIL(source, "database.postgres.icu_locale", e,
		    "database.postgres.icu_locale must be a BCP 47 language tag, such as de-DE or und, of a server "
		    "that bibd runs, not \"%.64s\"",
		    icu);
	if (conf->database.postgres.shm_mb > conf->database.postgres.memory_mb)
		return CHECK_FAIL(source, "database.postgres.shm_mb", e,
		    "database.postgres.shm_mb is a part of database.postgres.memory_mb, and cannot be more");
	return 0;
}

int
conf_check_postgres(const struct conf *conf, const struct conf_source *source, struct error *e)
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

int
conf_check_names(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	if (!conf_check_is_name(conf->database.postgres.network.bridge_network_name, "_.-", CHECK_NETWORK_NAME_MAX))
		return CHECK_FAIL(source, "database.postgres.network.bridge_network_name", e,
		    "database.postgres.network.bridge_network_name must be 1 to %d letters, digits, '_', '.' or '-', "
		    "the first a letter or a digit, not \"%.64s\"",
		    CHECK_NETWORK_NAME_MAX, conf->database.postgres.network.bridge_network_name);
	if (!conf_check_is_name(conf->database.postgres.image, "_.-/:@", CHECK_IMAGE_MAX))
		return CHECK_FAIL(source, "database.postgres.image", e,
		    "database.postgres.image must name an image, such as postgres:16-alpine, not \"%.64s\"",
		    conf->database.postgres.image);
	return 0;
}

/* Without TLS nothing is verified, nor encrypted. */
int
conf_check_ssl_mode(const struct conf *conf, const struct conf_source *source, struct error *e)
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
