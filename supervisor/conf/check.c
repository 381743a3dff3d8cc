/*
 * The checks of a configuration as a whole, section by section; each error names the place of its key.
 */
#include "supervisor/conf/check.h"

#include <pwd.h>
#include <sys/un.h>

#include "common/port.h"
#include "supervisor/conf/check_rule.h"
#include "supervisor/host/directories.h"
#include "supervisor/host/listen.h"

#define CHECK_NAME_MAX 255 /* of a name in DNS */
#define CHECK_LOGIN_MAX 63

static const char check_alphanumeric[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

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
		if (names[i][0] == '\0' || strlen(names[i]) > CHECK_NAME_MAX || !check_has_only(names[i], "_.-:"))
			return CHECK_FAIL(source, "listen.tcp.names", e,
			    "listen.tcp.names must be DNS names or IP addresses, not \"%.64s\"", names[i]);
	return 0;
}

/* A login's name must be one for which bibctl makes certificates, and which the file of logins can hold. */
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

bool
conf_check_is_name(const char *text, const char *others, size_t max)
{
	size_t n = strlen(text);

	return n > 0 && n <= max && strchr(check_alphanumeric, text[0]) != NULL && check_has_only(text, others);
}

/* The paths that are mounted into a container, or given to libpq, which splits a list of hosts at commas. */
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

/* In the order in which errors are reported: values first, then mode against backend, then the runtime. */
static conf_check_fn *const conf_checks[] = {
	check_node,
	check_listen,
	check_database,
	conf_check_postgres,
	conf_check_names,
	check_paths,
	conf_check_ssl_mode,
	check_components,
	conf_check_backup,
	check_metrics,
	check_tcp,
	check_mode,
	conf_check_runtime,
};

int
conf_check(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	for (size_t i = 0; i < sizeof(conf_checks) / sizeof(conf_checks[0]); i++)
		if (conf_checks[i](conf, source, e) == -1)
			return -1;
	return 0;
}
