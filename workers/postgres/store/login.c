/*
 * Makes libpq's parameters for a login at this node's server.
 */
#include "workers/postgres/store/login.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

/* libpq would ask the home directory and the environment for what is not given. */
#define LOGIN_NO_FILE "/nonexistent/bibd"
#define LOGIN_CONNECT_TIMEOUT "10"
/* The name of no role, which pg_hba.conf lets a probe use without TLS (workers/container/mounts.c). */
#define LOGIN_PROBE "pg_bibd_probe"

/* The owner of the database may have given it settings that hold for all logins: bibd's own work must not depend on
 * them. A search_path with somebody else's functions, for example, would run these as bibd_system. */
static const char login_system_options[] =
    "-c search_path=pg_catalog -c role=none -c statement_timeout=0 "
    "-c lock_timeout=0 -c idle_session_timeout=0 -c idle_in_transaction_session_timeout=0 "
    "-c default_transaction_read_only=off -c default_transaction_isolation=read\\ committed "
    "-c client_min_messages=warning -c standard_conforming_strings=on -c jit=off";

static const char *const login_ssl_modes[CONF_SSL_MODES] = { "disable", "allow", "prefer", "require", "verify-ca",
	"verify-full" };

static int
login_use_socket(struct login *login, const char *directory, struct error *e)
{
	struct sockaddr_un *address = (struct sockaddr_un *)&login->target.addresses[0].address;
	int n = snprintf(address->sun_path, sizeof(address->sun_path), "%s/.s.PGSQL.%u", directory, login->port);

	if (n < 0 || (size_t)n >= sizeof(address->sun_path) || strlen(directory) >= sizeof(login->host))
		return error_set(e, STATUS_CONFIG, "login.path",
		    "the path of PostgreSQL's socket in %.300s is longer than %zu bytes: choose a shorter data_dir",
		    directory, sizeof(address->sun_path) - 1);
	address->sun_family = AF_UNIX;
	login->target.addresses[0].length = sizeof(*address);
	login->target.naddresses = 1;
	login->socket = login->resolved = true;
	(void)snprintf(login->host, sizeof(login->host), "%s", directory);
	return 0;
}

static void
login_set_names(struct login *login, const char *database, const char *user)
{
	(void)snprintf(login->database, sizeof(login->database), "%s", database);
	login->target.database = login->database;
	login->target.user = user;
}

/* The bounds of database.roles: server connections begin with them, so that RESET returns to them. */
static void
login_set_bounds(struct login *login, const struct conf *conf)
{
	for (int role = 0; role < ROLES; role++) {
		const struct conf_bounds *bounds = &conf->database.roles[role];
		char *text = login->bounds[role];
		size_t size = sizeof(login->bounds[role]), n = 0;

		if (bounds->statement_timeout > 0)
			n = (size_t)snprintf(text, size, "-c statement_timeout=%" PRId64 " ",
			    bounds->statement_timeout);
		if (bounds->work_mem_mb > 0)
			(void)snprintf(text + n, size - n, "-c work_mem=%" PRId64 "MB", bounds->work_mem_mb);
	}
}

static int
login_init_managed(struct login *login, const struct conf *conf, struct error *e)
{
	char directory[PATH_MAX];

	login->port = (unsigned)conf->database.postgres.port;
	login_set_bounds(login, conf);
	login_set_names(login, conf->database.name, CREDENTIALS_SYSTEM);
	if (!conf->database.postgres.network.use_unix_socket) {
		(void)snprintf(login->host, sizeof(login->host), "%s", conf->database.postgres.network.bind_address);
		login->certified = conf_has_tls(conf);
		if (login->certified)
			login->target.user = LOGIN_PROBE;
		login->ssl_mode = login->certified ? "verify-full" : "disable";
		return 0;
	}
	login->ssl_mode = "disable";
	if (conf_postgres_path(conf, "run", directory, sizeof(directory)) == -1)
		return error_set(e, STATUS_CONFIG, "login.path", "the path of PostgreSQL's directory is too long");
	return login_use_socket(login, directory, e);
}

int
login_init(struct login *login, const struct conf *conf, struct error *e)
{
	*login = (struct login) { .managed = conf->database.postgres.managed };
	if (login->managed)
		return login_init_managed(login, conf, e);
	login->port = (unsigned)conf->database.postgres.advanced.port;
	(void)snprintf(login->user, sizeof(login->user), "%s", conf->database.postgres.advanced.user);
	login_set_names(login, conf->database.postgres.advanced.database, login->user);
	login->ssl_mode = login_ssl_modes[conf->database.postgres.advanced.ssl_mode];
	/* As in libpq, a host that is a path is the directory of a socket. */
	if (conf->database.postgres.advanced.host[0] == '/')
		return login_use_socket(login, conf->database.postgres.advanced.host, e);
	(void)snprintf(login->host, sizeof(login->host), "%s", conf->database.postgres.advanced.host);
	return 0;
}

void
login_take_addresses(struct login *login, const struct probe_target *addresses)
{
	memcpy(login->target.addresses, addresses->addresses, sizeof(login->target.addresses));
	login->target.naddresses = addresses->naddresses;
	login->resolved = addresses->naddresses > 0;
}

const char *
login_name(struct login *login, const struct pg_credentials *credentials, int role)
{
	if (login->user[0] != '\0')
		return login->user;
	if (role == ROLES)
		return CREDENTIALS_SYSTEM;
	(void)snprintf(login->name, sizeof(login->name), "bibd_%s_%c", role_names[role], credentials->side);
	return login->name;
}

/* libpq is given the address beside the name: it then looks nothing up, and checks certificates against the name. */
static const char *
login_address(struct login *login, unsigned number)
{
	const struct sockaddr_storage *address;

	if (login->socket || !login->resolved)
		return NULL;
	address = &login->target.addresses[number < login->target.naddresses ? number : 0].address;
	if (address->ss_family == AF_INET6)
		return inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, login->address_text,
		    sizeof(login->address_text));
	return inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, login->address_text,
	    sizeof(login->address_text));
}

static int
login_put_parameters(struct login *login, const struct pg_credentials *credentials,
    const struct pg_credential *credential, const char *options, unsigned address,
    const char *keywords[LOGIN_PARAMETERS_MAX], const char *values[LOGIN_PARAMETERS_MAX])
{
	const char *file = login->certified ? pg_credentials_file(credentials, credential->login) : NULL;
	const struct {
		const char *keyword;
		const char *value;
	} rows[] = {
		{ "host", login->host },
		{ "hostaddr", login_address(login, address) },
		{ "port", login->port_text },
		{ "dbname", login->database },
		{ "user", credential->login },
		{ "password", credential->password },
		{ "sslmode", login->ssl_mode },
		{ "ssl_min_protocol_version", login->certified ? "TLSv1.3" : NULL },
		{ "sslrootcert", login->certified ? pg_credentials_file(credentials, CREDENTIALS_AUTHORITY) : NULL },
		{ "sslcert", file },
		{ "sslkey", file },
		{ "sslcrl", login->certified ? LOGIN_NO_FILE : NULL },
		{ "channel_binding", "prefer" },
		{ "gssencmode", "disable" },
		{ "passfile", LOGIN_NO_FILE },
		{ "connect_timeout", LOGIN_CONNECT_TIMEOUT },
		{ "application_name", "bibd" },
		{ "options", options },
	};
	size_t n = 0;

	_Static_assert(sizeof(rows) / sizeof(rows[0]) < LOGIN_PARAMETERS_MAX, "room for the terminating NULL");
	if (!login->resolved || (login->certified && file == NULL))
		return -1;
	(void)snprintf(login->port_text, sizeof(login->port_text), "%u", login->port);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].value != NULL) {
			keywords[n] = rows[i].keyword;
			values[n++] = rows[i].value;
		}
	keywords[n] = values[n] = NULL;
	return 0;
}

int
login_parameters_as(struct login *login, const struct pg_credentials *credentials,
    const struct pg_credential *credential, unsigned address, const char *keywords[LOGIN_PARAMETERS_MAX],
    const char *values[LOGIN_PARAMETERS_MAX])
{
	bool system = login->managed && strcmp(credential->login, CREDENTIALS_SYSTEM) == 0;

	return login_put_parameters(login, credentials, credential, system ? login_system_options : NULL, address,
	    keywords, values);
}

int
login_parameters(struct login *login, const struct pg_credentials *credentials, int role, unsigned address,
    const char *keywords[LOGIN_PARAMETERS_MAX], const char *values[LOGIN_PARAMETERS_MAX])
{
	const struct pg_credential *credential = pg_credentials_find(credentials, login_name(login, credentials, role));

	if (credential == NULL)
		return -1;
	if (role == ROLES || login->bounds[role][0] == '\0')
		return login_parameters_as(login, credentials, credential, address, keywords, values);
	return login_put_parameters(login, credentials, credential, login->bounds[role], address, keywords, values);
}

void
login_place(const struct login *login, char *text, size_t size)
{
	(void)snprintf(text, size, login->socket ? "%s/.s.PGSQL.%u" : "%s:%u", login->host, login->port);
}
