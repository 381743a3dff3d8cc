/*
 * The place that bibctl reads backups from, with the credentials that the configuration names.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/runner.h"
#include "workers/control/bibctl/restore.h"

#define RESTORE_COMMAND_MS 60000
#define RESTORE_CREDENTIAL "bibd.s3"

/* The file that the configuration names, or the one of the service manager; who can open it may. */
static int
restore_read_file(const struct conf *conf, struct depot_credentials *credentials, struct error *e)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	char text[16384], *path = NULL;
	ssize_t n = -1;
	int fd = -1, result;

	if (conf->backup.s3.credentials_file[0] != '\0')
		path = strdup(conf->backup.s3.credentials_file);
	else if (directory != NULL && asprintf(&path, "%s/" RESTORE_CREDENTIAL, directory) == -1)
		path = NULL;
	if (path == NULL)
		return error_set(e, STATUS_PERMISSION, "repository.credentials",
		    "there are no credentials for S3: let backup.s3.credentials_file name a file");
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) != -1)
		n = read(fd, text, sizeof(text));
	if (n == -1)
		result = error_set_errno(e, STATUS_PERMISSION, "repository.credentials",
		    "cannot read the credentials of S3, %s", path);
	else
		result = depot_credentials_parse(text, (size_t)n, credentials, e);
	explicit_bzero(text, sizeof(text));
	if (fd != -1)
		close(fd);
	free(path);
	return result;
}

static int
restore_get_credentials(void *arg, bool again, struct depot_credentials *credentials, struct error *e)
{
	const struct conf *conf = arg;
	char output[RUNNER_OUTPUT_MAX];
	size_t size = 0;
	int result;

	(void)again;
	if (conf->backup.s3.credentials_command == NULL)
		return restore_read_file(conf, credentials, e);
	result =
	    runner_run_here(conf->backup.s3.credentials_command, NULL, "", 0, RESTORE_COMMAND_MS, output, &size, e);
	if (result == 0)
		result = depot_credentials_parse(output, size, credentials, e);
	explicit_bzero(output, sizeof(output));
	return result;
}

int
restore_open_depot(struct restore *restore, const char *place, struct error *e)
{
	struct depot_options options = { .credentials = restore_get_credentials, .arg = restore->conf };
	const struct conf *conf = restore->conf;

	if (!depot_is_s3(place))
		return depot_open_directory(&restore->depot, place, e);
	options.endpoint = conf->backup.s3.endpoint;
	options.region = conf->backup.s3.region;
	options.ca_file = conf->backup.s3.ca_file;
	options.path_style = conf->backup.s3.style == CONF_S3_PATH ||
	    (conf->backup.s3.style == CONF_S3_AUTO && conf->backup.s3.endpoint[0] != '\0');
	options.timeout_ms = conf->backup.s3.timeout;
	return depot_open_s3(&restore->depot, place, &options, e);
}
