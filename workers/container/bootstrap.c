/*
 * Writes the SQL and the shell command of the single-user run, for a new database and for one that is there.
 */
#include "workers/container/bootstrap.h"

#include <sha2.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/roles.h"
#include "workers/container/mounts.h"

#define BOOTSTRAP_SQL_MAX 16384
#define BOOTSTRAP_VERIFIER_MAX 512
#define BOOTSTRAP_NAME_MAX 63
/* Copying files is faster than writing the new database to the log first, when nothing is synced anyway. PostgreSQL 15
 * and later know this. */
#define BOOTSTRAP_STRATEGY " STRATEGY file_copy"

/* Extensions are made in the node's database, by the superuser, with the libraries that they need loaded. */
#define BOOTSTRAP_EXTEND(options) \
	"stamp=$1 database=$2 statements=$3\n" \
	"shift 4\n" \
	"if [ -n \"$statements\" ] || [ $# -gt 0 ]; then\n" \
	"echo '" BOOTSTRAP_EXTENDS "'\n" \
	"printf %s \"$statements\" | postgres --single -D \"$d\" -c exit_on_error=on -c log_checkpoints=off " options \
	" \"$@\" \"$database\"\n" \
	"fi\n" \
	"printf '%s\\n' \"$stamp\" >\"$d/bibd.setup\"\n"

/* Nothing is synced until the end: a directory that is half made is thrown away whole. C.UTF-8 is there in every C
 * library: glibc has it built in from 2.35 on and Debian long before, musl takes every name for it. */
const char *const bootstrap_initialise_script = BOOTSTRAP_READ
    "d=/var/lib/postgresql/data wal= n=1\n"
    /* What an initdb that was cut short has left there stays there. */
    "if [ -d /bibd/wal ]; then\n"
    "while [ -e /bibd/wal/pg_wal.$n ]; do n=$((n + 1)); done\n"
    "wal=--waldir=/bibd/wal/pg_wal.$n\n"
    "fi\n"
    "initdb $wal --pgdata=\"$d\" --username=postgres --data-checksums --encoding=UTF8 $4"
    " --auth-local=peer --auth-host=reject --no-sync\n"
    "read -r version <\"$d/PG_VERSION\"\n"
    "if [ \"${version%%.*}\" -lt 15 ]; then\n"
    "sql=$(printf %s \"$sql\" | sed 's/" BOOTSTRAP_STRATEGY "$//'; echo .); sql=${sql%.}\n"
    "fi\n"
    "printf %s \"$sql\" | postgres --single -D \"$d\" -c exit_on_error=on -c fsync=off -c log_min_error_statement=panic"
    " -c log_checkpoints=off template1\n" BOOTSTRAP_EXTEND("-c fsync=off") "initdb --sync-only --pgdata=\"$d\"\n";

const char *const bootstrap_verifier_script = BOOTSTRAP_READ
    "d=/var/lib/postgresql/data restored=\n"
    /* A setting a line, of which none has a space in it. */
    "if [ -e \"$d/" BOOTSTRAP_RESTORED "\" ]; then\n"
    "while IFS= read -r line; do restored=\"$restored -c $line\"; done <\"$d/" BOOTSTRAP_RESTORED "\"\n"
    "fi\n"
    "printf %s \"$sql\" | postgres --single -D \"$d\" -c exit_on_error=on -c log_min_error_statement=panic $restored"
    " template1\n" BOOTSTRAP_EXTEND("") "rm -f \"$d/" BOOTSTRAP_RESTORED "\"\n";

/* Both texts of SQL are also run on a cluster that was set up before, so each statement looks first what is there. */
static const char bootstrap_roles[] =
    "DO $$ DECLARE r text; BEGIN FOREACH r IN ARRAY 'bibd_system'::text || " ROLE_SQL_ARRAY
    " LOOP IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN EXECUTE format('CREATE ROLE %I', "
    "r); END IF; END LOOP; END $$\n"
    /* No password of the past is valid. */
    "DO $$ DECLARE r text; BEGIN IF (pg_stat_file('" BOOTSTRAP_RESTORED
    "', true)).size IS NOT NULL THEN FOR r IN SELECT"
    " rolname FROM pg_authid WHERE (rolcanlogin OR rolpassword IS NOT NULL) AND rolname <> 'postgres' LOOP EXECUTE"
    " format('ALTER ROLE %I NOLOGIN PASSWORD NULL', r); END LOOP; END IF; END $$\n"
    "ALTER ROLE bibd_system LOGIN CREATEROLE INHERIT NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS\n"
    "DO $$ DECLARE r text; BEGIN FOREACH r IN ARRAY " ROLE_SQL_ARRAY " LOOP"
    " EXECUTE format('ALTER ROLE %I NOLOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', r);"
    " EXECUTE format('GRANT %I TO bibd_system WITH ADMIN OPTION', r); END LOOP;"
    " FOREACH r IN ARRAY ARRAY['pg_monitor', 'pg_checkpoint'] LOOP IF EXISTS (SELECT FROM pg_roles WHERE rolname = r)"
    " THEN EXECUTE format('GRANT %I TO bibd_system', r); END IF; END LOOP; END $$\n"
    /* admin and monitor see what every session does, but not the verifiers that bibd_system sets: before 15 they
     * show. */
    "DO $$ BEGIN IF current_setting('server_version_num')::int >= 150000 THEN EXECUTE 'GRANT SET ON PARAMETER "
    "track_activities, pg_stat_statements.track_utility TO bibd_system'; EXECUTE 'GRANT ALTER SYSTEM ON PARAMETER "
    "synchronous_standby_names TO bibd_system'; GRANT pg_monitor TO admin, monitor;"
    " ELSE GRANT pg_read_all_settings, pg_stat_scan_tables TO monitor; END IF; END $$\n"
    /* A role with REPLICATION is changed by superusers alone on 15, so it cannot have a password that rotates: the
     * kernel's word for who calls lets it in. */
    "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '" MOUNTS_ARCHIVE
    "') THEN CREATE ROLE " MOUNTS_ARCHIVE "; END IF; END $$\n"
    "ALTER ROLE " MOUNTS_ARCHIVE " LOGIN REPLICATION NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD"
    " NULL\n";

/* In template1, so that the new database has it too. pg_terminate_backend has taken two arguments since 14. */
static const char bootstrap_template[] =
    "DO $$ DECLARE f regprocedure; BEGIN FOR f IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace ="
    " 'pg_catalog'::regnamespace AND p.proname IN ('pg_terminate_backend', 'pg_cancel_backend') LOOP EXECUTE"
    " format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f); END LOOP; IF EXISTS (SELECT FROM pg_roles WHERE rolname ="
    " 'pg_database_owner') THEN ALTER SCHEMA public OWNER TO pg_database_owner; END IF; END $$\n"
    /* Making a large object is a write. */
    "DO $$ DECLARE f regprocedure; BEGIN FOR f IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace ="
    " 'pg_catalog'::regnamespace AND p.proname IN ('lo_create', 'lo_creat', 'lo_from_bytea', 'lo_put', 'lo_unlink',"
    " 'lo_open', 'lowrite', 'lo_truncate', 'lo_truncate64') LOOP EXECUTE format('REVOKE ALL ON FUNCTION %s FROM "
    "PUBLIC', f); EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO admin, write', f); END LOOP; END $$\n"
    /* So that bibd may keep the verifiers that it sets out of the server's log. */
    "DO $$ BEGIN IF current_setting('server_version_num')::int >= 150000 THEN EXECUTE 'GRANT SET ON PARAMETER "
    "log_statement, log_min_duration_statement, log_min_error_statement, log_duration TO bibd_system'; END IF; END $$\n"
    "GRANT EXECUTE ON FUNCTION pg_reload_conf() TO bibd_system\n"
    "REVOKE ALL ON SCHEMA public FROM PUBLIC\n"
    "GRANT USAGE ON SCHEMA public TO bibd_system" ROLE_SQL_NAMES "\n"
    "GRANT CREATE ON SCHEMA public TO admin\n"
    "REVOKE ALL ON DATABASE template1 FROM PUBLIC\n"
    "REVOKE ALL ON DATABASE postgres FROM PUBLIC\n";

/* The slot is named after the role. */
static const char bootstrap_no_slot[] =
    "DO $$ BEGIN PERFORM pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = "
    "'" MOUNTS_ARCHIVE "'; END $$\n";

struct bootstrap_text {
	char *data;
	size_t size;
	bool failed;
};

__attribute__((format(printf, 2, 3))) static void
bootstrap_add(struct bootstrap_text *text, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text->data + text->size, BOOTSTRAP_SQL_MAX - text->size, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= BOOTSTRAP_SQL_MAX - text->size)
		text->failed = true;
	else
		text->size += (size_t)n;
}

/* The verifier goes into a statement unquoted, so it may have only characters that RFC 5803 allows. */
static bool
bootstrap_is_verifier(const char *text)
{
	static const char prefix[] = "SCRAM-SHA-256$";
	static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=$:";

	return strncmp(text, prefix, sizeof(prefix) - 1) == 0 && strlen(text) < BOOTSTRAP_VERIFIER_MAX &&
	    strspn(text + sizeof(prefix) - 1, characters) == strlen(text) - (sizeof(prefix) - 1);
}

/* In single-user mode each line is a statement, so a name cannot have a newline in it. */
static bool
bootstrap_quote(const char *name, char *buf, size_t size)
{
	size_t n = 0, length = strlen(name);

	if (length == 0 || length > BOOTSTRAP_NAME_MAX || strcmp(name, "template0") == 0 ||
	    strcmp(name, "template1") == 0 || name[length - 1] == '\\')
		return false;
	buf[n++] = '"';
	for (const char *p = name; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || n + 3 >= size)
			return false;
		if (*p == '"')
			buf[n++] = '"';
		buf[n++] = *p;
	}
	buf[n++] = '"';
	buf[n] = '\0';
	return true;
}

static void
bootstrap_add_database(struct bootstrap_text *text, const char *database, const char *quoted)
{
	bootstrap_add(text, "%s", bootstrap_template);
	/* initdb made the database "postgres" before the template was changed. */
	if (strcmp(database, "postgres") == 0)
		bootstrap_add(text, "DROP DATABASE postgres\n");
	bootstrap_add(text, "CREATE DATABASE %s OWNER admin TEMPLATE template1" BOOTSTRAP_STRATEGY "\n", quoted);
	bootstrap_add(text, "REVOKE ALL ON DATABASE %s FROM PUBLIC\n", quoted);
	bootstrap_add(text, "GRANT CONNECT ON DATABASE %s TO bibd_system" ROLE_SQL_NAMES "\n", quoted);
	bootstrap_add(text, "GRANT TEMPORARY ON DATABASE %s TO admin, write\n", quoted);
}

/* A database keeps the locale that it was made with, so the run fails when the configuration names another one. */
static void
bootstrap_put_locale(const struct conf *conf, FILE *file)
{
	static const struct {
		const char *key, *column;
	} kinds[] = { { "locale", "d->>'datcollate'" }, { "icu_locale", "d->>'datlocale', d->>'daticulocale'" } };
	const char *const wanted[] = { conf->database.postgres.locale, conf->database.postgres.icu_locale };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (wanted[i][0] != '\0')
			(void)fprintf(file,
			    "DO $$ DECLARE made text; BEGIN SELECT coalesce(%s, '(none)') INTO made FROM (SELECT "
			    "to_jsonb(p) d FROM pg_database p WHERE datname = current_database()) s;"
			    " IF lower(replace(made, '-', '')) <> lower(replace('%s', '-', '')) THEN RAISE EXCEPTION"
			    " 'database.postgres.%s is %s, but the database was made with %%: set it back', made; END "
			    "IF; END $$\n",
			    kinds[i].column, wanted[i], kinds[i].key, wanted[i]);
}

static void
bootstrap_add_locale(const struct conf *conf, struct arguments *arguments)
{
	const char *locale = conf->database.postgres.locale, *icu = conf->database.postgres.icu_locale;

	arguments_addf(arguments, "--locale=%s --lc-ctype=%s%s%s", locale[0] != '\0' ? locale : "C",
	    locale[0] != '\0' ? locale : "C.UTF-8", icu[0] != '\0' ? " --locale-provider=icu --icu-locale=" : "", icu);
}

/* All names were checked when the configuration was read: nothing to quote. */
static void
bootstrap_add_statements(const struct conf *conf, struct arguments *arguments)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	for (char **name = conf->database.postgres.extensions; file != NULL && name != NULL && *name != NULL; name++)
		(void)fprintf(file,
		    "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = '%s') THEN RAISE "
		    "EXCEPTION 'the server has no extension %s'; END IF; END $$\n"
		    "CREATE EXTENSION IF NOT EXISTS \"%s\" CASCADE\n"
		    "ALTER EXTENSION \"%s\" UPDATE\n",
		    *name, *name, *name, *name);
	if (file != NULL)
		bootstrap_put_locale(conf, file);
	if (file == NULL || fclose(file) != 0)
		arguments->failed = true;
	else
		arguments_add(arguments, text, NULL);
	free(text);
}

void
bootstrap_options(const struct conf *conf, struct arguments *arguments)
{
	char **settings = conf->database.postgres.settings;
	char libraries[BOOTSTRAP_LIBRARIES_MAX];

	if (bootstrap_libraries(conf, libraries) != 0)
		arguments_add(arguments, "-c", libraries, NULL);
	for (; conf->database.postgres.extensions != NULL && settings != NULL && *settings != NULL; settings++)
		if (memchr(*settings, '.', strcspn(*settings, "=")) != NULL)
			arguments_add(arguments, "-c", *settings, NULL);
}

size_t
bootstrap_libraries(const struct conf *conf, char libraries[BOOTSTRAP_LIBRARIES_MAX])
{
	char **names = conf->database.postgres.shared_preload_libraries;
	size_t n = 0;

	libraries[0] = '\0';
	for (size_t i = 0; names != NULL && names[i] != NULL && n < BOOTSTRAP_LIBRARIES_MAX; i++)
		n += (size_t)snprintf(libraries + n, BOOTSTRAP_LIBRARIES_MAX - n, "%s%s",
		    i == 0 ? "shared_preload_libraries=" : ",", names[i]);
	return n;
}

/* Adds the parameters of the script that follow the stamp. */
static void
bootstrap_add_parameters(const struct conf *conf, struct arguments *arguments)
{
	arguments_add(arguments, conf->database.name, NULL);
	bootstrap_add_statements(conf, arguments);
	bootstrap_add_locale(conf, arguments);
	bootstrap_options(conf, arguments);
}

void
bootstrap_parameters(const struct conf *conf, struct arguments *arguments)
{
	char stamp[BOOTSTRAP_STAMP_SIZE];

	bootstrap_stamp(conf, stamp);
	arguments_add(arguments, stamp, NULL);
	bootstrap_add_parameters(conf, arguments);
}

/* The image is part of the stamp where there are extensions: another image may lack them, or have newer ones. */
void
bootstrap_stamp(const struct conf *conf, char stamp[BOOTSTRAP_STAMP_SIZE])
{
	const char *image = conf->database.postgres.image;
	struct arguments words = { 0 };
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)bootstrap_roles, sizeof(bootstrap_roles));
	bootstrap_add_parameters(conf, &words);
	/* Not the database's name, which has its own check, nor what is for initdb alone. */
	for (size_t i = 1; i < words.count; i++)
		if (i != 2)
			SHA256Update(&context, (const uint8_t *)words.words[i], strlen(words.words[i]) + 1);
	if (conf->database.postgres.extensions != NULL || conf->database.postgres.shared_preload_libraries != NULL)
		SHA256Update(&context, (const uint8_t *)image, strlen(image) + 1);
	arguments_free(&words);
	(void)SHA256End(&context, stamp);
}

char *
bootstrap_sql(const char *verifier, const char *database, bool archived, size_t *size, struct error *e)
{
	struct bootstrap_text text = { 0 };
	char quoted[2 * BOOTSTRAP_NAME_MAX + 3];

	if (!bootstrap_is_verifier(verifier) && (database != NULL || verifier[0] != '\0')) {
		(void)error_set(e, STATUS_BUG, "container.bootstrap",
		    "the verifier of the login bibd_system is not a SCRAM verifier");
		return NULL;
	}
	if (database != NULL && !bootstrap_quote(database, quoted, sizeof(quoted))) {
		(void)error_set(e, STATUS_CONFIG, "container.bootstrap",
		    "database.name is not a name that a new database can have: choose 1 to 63 printable bytes, not "
		    "template0 or template1, without a backslash at the end");
		return NULL;
	}
	if ((text.data = malloc(BOOTSTRAP_SQL_MAX)) == NULL) {
		(void)error_set_errno(e, STATUS_OS, "container.bootstrap", "cannot prepare the database");
		return NULL;
	}
	bootstrap_add(&text, "%s", bootstrap_roles);
	if (verifier[0] != '\0')
		bootstrap_add(&text, "ALTER ROLE bibd_system PASSWORD '%s'\n", verifier);
	if (database != NULL)
		bootstrap_add_database(&text, database, quoted);
	else if (!archived)
		bootstrap_add(&text, "%s", bootstrap_no_slot);
	bootstrap_add(&text, "SELECT '" BOOTSTRAP_COMPLETE "'\n" BOOTSTRAP_END "\n");
	if (text.failed) {
		explicit_bzero(text.data, BOOTSTRAP_SQL_MAX);
		free(text.data);
		(void)error_set(e, STATUS_BUG, "container.bootstrap", "the statements do not fit");
		return NULL;
	}
	*size = text.size;
	return text.data;
}
