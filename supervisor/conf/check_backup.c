/*
 * What the section `backup` must hold, and the command that holds the key of backups.
 */
#include <string.h>

#include "common/runner.h"
#include "supervisor/conf/check_rule.h"

/* Whether the host is this one: by its name or its address, with a port or without. */
static bool
check_is_here(const char *host)
{
	static const char name[] = "localhost";
	size_t length = strcspn(host, ":"), n = sizeof(name) - 1;

	if (strncmp(host, "127.", 4) == 0 || strncmp(host, "[::1]", 5) == 0)
		return true;
	return length >= n && strncmp(host + length - n, name, n) == 0 && (length == n || host[length - n - 1] == '.');
}

/* Checks a program and its arguments, which are started as they stand, without a shell. */
static int
check_command(char *const *command, const char *key, const struct conf_source *source, struct error *e)
{
	size_t n = 0;

	while (command != NULL && command[n] != NULL)
		n++;
	if (n > 0 && command[0][0] != '/')
		return CHECK_FAIL(source, key, e, "%s must begin with the absolute path of a program", key);
	if (n > RUNNER_ARGUMENTS_MAX)
		return CHECK_FAIL(source, key, e, "%s must have at most %d words", key, RUNNER_ARGUMENTS_MAX);
	return 0;
}

/* Checks the endpoint: a scheme and a host, with a port unless it is the scheme's own. Signed requests are never sent
 * unencrypted to another host. */
static int
check_s3(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	static const char region[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	const char *endpoint = conf->backup.s3.endpoint, *host = strstr(endpoint, "://");
	bool plain = strncmp(endpoint, "http://", 7) == 0;

	if (endpoint[0] != '\0' &&
	    (host == NULL || (!plain && strncmp(endpoint, "https://", 8) != 0) || host[3] == '\0' ||
		strcspn(host + 3, "/@?# \t\"") != strlen(host + 3)))
		return CHECK_FAIL(source, "backup.s3.endpoint", e,
		    "backup.s3.endpoint must be https://HOST or https://HOST:PORT, not \"%.100s\"", endpoint);
	if (plain && !check_is_here(host + 3))
		return CHECK_FAIL(source, "backup.s3.endpoint", e,
		    "backup.s3.endpoint must begin with https://, unless it is on this host");
	if (conf->backup.s3.region[0] == '\0' ||
	    strspn(conf->backup.s3.region, region) != strlen(conf->backup.s3.region))
		return CHECK_FAIL(source, "backup.s3.region", e,
		    "backup.s3.region must be lower-case letters, digits and hyphens, such as eu-central-1");
	if (conf->backup.s3.credentials_file[0] != '\0' && conf->backup.s3.credentials_command != NULL)
		return CHECK_FAIL(source, "backup.s3.credentials_command", e,
		    "backup.s3.credentials_file and backup.s3.credentials_command exclude each other");
	return check_command(conf->backup.s3.credentials_command, "backup.s3.credentials_command", source, e);
}

/* A repository within data_dir would be lost with it. */
int
conf_check_backup(const struct conf *conf, const struct conf_source *source, struct error *e)
{
	const char *repository = conf->backup.repository, *data_dir = conf->node.data_dir;
	size_t length = strlen(data_dir);

	if (check_command(conf->secrets.key_command, "secrets.key_command", source, e) == -1)
		return -1;
	if (repository[0] == '\0')
		return 0;
	if (repository[0] != '/' && check_s3(conf, source, e) == -1)
		return -1;
	if (conf->database.backend == CONF_BACKEND_POSTGRES && !conf->database.postgres.managed)
		return CHECK_FAIL(source, "backup.repository", e,
		    "backup.repository: a PostgreSQL that bibd does not manage is not backed up so far: use "
		    "pg_basebackup or pgBackRest for this one");
	if (strncmp(repository, data_dir, length) == 0 && (repository[length] == '/' || repository[length] == '\0'))
		return CHECK_FAIL(source, "backup.repository", e,
		    "backup.repository must not be in node.data_dir, with which it would be lost");
	return 0;
}
