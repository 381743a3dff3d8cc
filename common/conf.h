/*
 * The configuration as every process sees it, and the one table of its keys: names, types, ranges, defaults, and
 * whether a key reloads. Reading YAML is the supervisor's (supervisor/conf/parse.h); a worker gets the values in a
 * memfd.
 */
#ifndef BIBD_CONF_H
#define BIBD_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"
#include "common/log.h"
#include "common/roles.h"

enum conf_mode { CONF_MODE_PROXY, CONF_MODE_SELECTIVE, CONF_MODE_FULL, CONF_MODES };
enum conf_move { CONF_MOVE_AUTO, CONF_MOVE_REFUSE, CONF_MOVES };
enum conf_wait { CONF_WAIT_LOCAL, CONF_WAIT_REPOSITORY, CONF_WAITS };
enum conf_backend { CONF_BACKEND_SQLITE, CONF_BACKEND_POSTGRES, CONF_BACKENDS };
enum conf_action { CONF_ACTION_SHUTDOWN, CONF_ACTION_RETRY_ALWAYS, CONF_ACTION_RETRY_LIMIT, CONF_ACTIONS };
enum conf_runtime {
	CONF_RUNTIME_DETECT,
	CONF_RUNTIME_DOCKER,
	CONF_RUNTIME_PODMAN,
	CONF_RUNTIME_KUBERNETES,
	CONF_RUNTIMES
};
enum conf_s3_style { CONF_S3_AUTO, CONF_S3_PATH, CONF_S3_VIRTUAL, CONF_S3_STYLES };
enum conf_ssl_mode {
	CONF_SSL_DISABLE,
	CONF_SSL_ALLOW,
	CONF_SSL_PREFER,
	CONF_SSL_REQUIRE,
	CONF_SSL_VERIFY_CA,
	CONF_SSL_VERIFY_FULL,
	CONF_SSL_MODES
};

/* The configuration's words for the values above, indexed by them. */
extern const char *const conf_mode_names[CONF_MODES];
extern const char *const conf_backend_names[CONF_BACKENDS];
extern const char *const conf_action_names[CONF_ACTIONS];
extern const char *const role_names[ROLES]; /* a session has exactly one */

/* The role of that name, or -1. */
int role_by_name(const char *name);

/* One row of `access`: who, and the roles that they may have, the first being what they get when they name none. */
struct conf_access {
	bool is_group;
	bool is_login; /* the name is that of a remote application, and id is -1 */
	char *name;    /* owned */
	int64_t id;    /* the uid or gid, resolved when the configuration was read; -1: no such name on this host */
	enum role roles[ROLES];
	unsigned nroles;
};

/* Durations are in milliseconds. */
struct conf_health {
	int64_t interval;
	int64_t timeout;
	int64_t startup_timeout;
	enum conf_action action;
	int64_t max_retries;
	int64_t retry_backoff;
};

/* What a session of one role may take; 0: what the backend does without. */
struct conf_bounds {
	int64_t statement_timeout;
	int64_t work_mem_mb;
	int64_t temp_file_limit_mb;
	int64_t max_connections; /* to PostgreSQL, of the role's sessions together; 0: see pool_role_limit */
};

/* A program of phase 2: p2p, cluster. */
struct conf_component {
	bool enabled;
	char **command; /* argv, NULL-terminated; NULL when empty */
	char *user;
};

/* All strings are owned, never NULL; "" where the key has no value. */
struct conf {
	struct {
		enum conf_mode mode;
		char *id;
		char *data_dir;
	} node;
	struct {
		char *path;
		int64_t port;
		char *group;
		struct {
			char **addresses; /* IP addresses, NULL-terminated; NULL: no listener for remote applications */
			int64_t port;
			char **names;		 /* DNS names beside them in the certificate; NULL when empty */
			char *certificate, *key; /* files of the operator's own; "": made by bibd */
			char *logins;		 /* the file of the verifiers; "": certificates alone let in */
			int64_t certificate_lifetime;
			int64_t max_clients_per_address; /* 0: nine tenths of max_clients */
		} tcp;
	} listen;
	struct conf_access *access;
	size_t naccess;
	struct {
		int64_t shutdown_timeout;
		int64_t max_clients;
		int64_t max_clients_per_uid; /* 0: nine tenths of max_clients */
		int64_t max_starting;
		int64_t startup_timeout;
	} server;
	struct {
		enum conf_backend backend;
		enum conf_move move; /* a start that wishes another store than the one that has the rows */
		int64_t keep_source; /* how long the source of a move is kept, at least; 0: until an operator ends it */
		char *name;
		char *migrations_dir;
		struct {
			char *path;
			int64_t max_open_conns;
			int64_t memory_mb;
		} sqlite;
		struct conf_bounds roles[ROLES];
		struct conf_health health;
		struct {
			bool managed;
			enum conf_runtime container_runtime;
			char *socket_path;
			char *kubeconfig_path;
			char *image;
			char *registry_auth; /* a file of credentials, for pulling the image; "": none */
			char **settings;     /* of the managed server: "NAME=VALUE", NULL-terminated; NULL when empty */
			char **extensions;   /* made in a managed server's database; NULL-terminated; NULL when empty */
			char **shared_preload_libraries; /* likewise */
			char *locale,
			    *icu_locale; /* of a database that is made; "": C with characters in UTF-8, and no ICU */
			int64_t shm_mb;	 /* 0: a quarter of memory_mb */
			char *wal_dir;	 /* where a managed server has its write-ahead log; "": in data_dir */
			char *data_dir;
			int64_t port;
			int64_t max_connections;
			int64_t memory_mb;
			double cpu_cores;
			enum conf_ssl_mode ssl_mode;
			int64_t credential_rotation_interval;
			int64_t credential_rotation_grace;
			int64_t pool_size;
			struct {
				bool use_bridge_network;
				char *bridge_network_name;
				bool use_unix_socket;
				char *bind_address;
			} network;
			struct conf_health health; /* complete: what it does not set is taken from database.health */
			struct {
				bool enabled;
				char *cert_dir;
				bool auto_generate;
				int64_t certificate_lifetime;
			} tls;
			struct {
				char *host;
				int64_t port;
				char *database;
				char *user;
				char *password; /* secret: printed as "********", wiped by conf_free */
				enum conf_ssl_mode ssl_mode;
			} advanced;
		} postgres;
	} database;
	struct {
		int64_t sign_interval; /* 0: only when the node stops */
	} audit;
	struct conf_component p2p;
	struct conf_component cluster;
	struct {
		char *repository; /* a directory, or "s3://BUCKET/PREFIX"; "": no backups are made */
		struct {
			char *endpoint; /* "": Amazon's */
			char *region, *credentials_file, *ca_file;
			char **credentials_command; /* NULL: none */
			enum conf_s3_style style;
			int64_t timeout;
		} s3;
		struct {
			int64_t full, incremental;
		} schedule; /* from one to the next */
		struct {
			int64_t points; /* how old a backup that can be restored may be */
			int64_t full;	/* how many full ones are kept at least */
		} keep;
		struct {
			int64_t interval; /* from one to the next; 0: none by themselves */
			char *script;	  /* SQL of the operator's; "": none */
		} drill;
		int64_t spool;	      /* MiB that may wait for the repository on this disk */
		enum conf_wait wait;  /* for what COMMIT waits */
		int64_t wait_timeout; /* and at most so long */
	} backup;
	struct {
		char *key_file;	    /* a key that is held outside; "": none */
		char **key_command; /* wraps the repository's key by one that is held outside; NULL: none */
	} secrets;
	struct {
		char *address; /* loopback address and port of /metrics; "": off */
	} metrics;
	struct {
		enum log_level level;
		enum log_format format;
	} log;
};

enum conf_type {
	CONF_STRING,
	CONF_PATH,  /* a string that is "" or begins with "/" */
	CONF_PLACE, /* likewise, or "s3://BUCKET" with what follows */
	CONF_BOOLEAN,
	CONF_INTEGER,
	CONF_DECIMAL,
	CONF_DURATION, /* 500ms, 30s, 5m, 168h, 7d; kept in milliseconds */
	CONF_CHOICE,   /* an enum, by its table of names */
	CONF_COMMAND,  /* a list of strings */
	CONF_ACCESS,   /* the access list */
	CONF_SETTINGS, /* a mapping of names to values, kept as a list of strings, "NAME=VALUE" */
	CONF_TYPES
};

/* One key. The table is sorted as bibd.yaml(5) presents the keys. */
struct conf_key {
	const char *path; /* "database.postgres.port" */
	enum conf_type type;
	size_t offset; /* into struct conf */
	const char *default_text;
	double min, max;	    /* CONF_INTEGER, CONF_DECIMAL and CONF_DURATION (milliseconds) */
	const char *const *choices; /* CONF_CHOICE: NULL-terminated, indexed by the enum */
	bool reloads;		    /* takes effect on reload; otherwise a change needs a restart */
	bool secret;
	const char *range_error; /* fixed wording when the value is out of range, or NULL */
};
extern const struct conf_key conf_keys[];
extern const size_t conf_nkeys;

/* The key of that path, or NULL. */
const struct conf_key *conf_key_find(const char *path);

/* A configuration with every default in it, or NULL (out of memory). conf_free wipes secrets; takes NULL. */
struct conf *conf_new(void);
void conf_free(struct conf *conf);

/* Sets one scalar key from its text; what is refused changes nothing. Errors: conf.value (says what is wanted, not
 * where). */
int conf_set(struct conf *conf, const struct conf_key *key, const char *text, struct error *e);

/* The value as the configuration would spell it; malloc'ed. Secrets come out as they are: the caller masks. Not for
 * CONF_COMMAND, CONF_ACCESS and CONF_SETTINGS. */
char *conf_get_text(const struct conf *conf, const struct conf_key *key);

/* Whether the key is kept as a list of strings. */
bool conf_is_list(const struct conf_key *key);

/* Appends one access rule, or one string of a list; the strings are copied. -1 only when memory is out. */
int conf_add_access(struct conf *conf, bool is_group, const char *name, int64_t id, const enum role *roles,
    unsigned nroles);
int conf_add_login(struct conf *conf, const char *name, const enum role *roles, unsigned nroles);
int conf_add_word(struct conf *conf, const struct conf_key *key, const char *word);

/* The first key that differs between two configurations and does not reload, or NULL when b can replace a at once. */
const struct conf_key *conf_needs_restart(const struct conf *a, const struct conf *b);

/* The health settings that hold for the backend in use. */
const struct conf_health *conf_health(const struct conf *conf);

/* Where PostgreSQL's things are: database.postgres.data_dir, or <data_dir>/postgres. In it: data/ (PGDATA), data.new/
 * (one that is being made), run/ (its socket), etc/ (what is mounted into the container besides). -1 when it does not
 * fit. */
int conf_postgres_path(const struct conf *conf, const char *name, char *buf, size_t size);
/* A file in PGDATA, as long as a move puts rows there: without them the database is worth nothing. */
#define PGDATA_MOVING "bibd.moving"

/* Whether there is TLS between bibd and its server: one that is managed and on TCP. */
bool conf_has_tls(const struct conf *conf);

/* Where its certificates are: database.postgres.tls.cert_dir, or certs/ of the above. -1 when it does not fit. */
int conf_certificates_path(const struct conf *conf, char *buf, size_t size);

/* A sealed memfd that carries the whole configuration, and its reader. Errors: memfd.*, conf.transfer. */
int conf_send(const struct conf *conf, struct error *e);
struct conf *conf_receive(int fd, struct error *e);

#endif
