/*
 * Opens the repository, and says what is in it.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/archive/archive.h"

#define LOOK_AT " at "
#define LOOK_AMAZON "Amazon" /* where no endpoint is configured */
#define LOOK_PLACE_SIZE (2 * PATH_MAX + sizeof(LOOK_AT))

void
archive_close_repository(struct archive *archive)
{
	if (!archive->has_repository)
		return;
	repository_close(&archive->repository);
	depot_close(&archive->depot);
	archive->has_repository = false;
}

/* ---- opening ---- */

/* The file that says at which places there has been a repository: one that is not there any more was not mounted, or is
 * lost, and never made anew in silence. A line is a directory, or S3's bucket and prefix with the endpoint they are
 * at. */
static char *
look_known_path(const struct archive *archive)
{
	char *path;

	return asprintf(&path, "%s/known", archive->scratch) == -1 ? NULL : path;
}

static void
look_name_place(const struct archive *archive, char name[LOOK_PLACE_SIZE])
{
	const struct conf *conf = archive->worker->conf;
	const char *place = conf->backup.repository, *endpoint = conf->backup.s3.endpoint;

	if (place[0] == '/')
		(void)snprintf(name, LOOK_PLACE_SIZE, "%s", place);
	else
		(void)snprintf(name, LOOK_PLACE_SIZE, "%s" LOOK_AT "%s", place,
		    endpoint[0] == '\0' ? LOOK_AMAZON : endpoint);
}

/* Sets *same when a line is that place's. A line of S3 without an endpoint is of a bibd that did not write it: such a
 * place is known at whichever endpoint it is first looked for. */
static bool
look_is_known(const struct archive *archive, const char *place, bool *same)
{
	const char *repository = archive->worker->conf->backup.repository;
	size_t n = strlen(repository);
	char *path = look_known_path(archive), line[LOOK_PLACE_SIZE];
	FILE *file = path == NULL ? NULL : fopen(path, "re");
	bool bare = false, elsewhere = false;

	*same = false;
	free(path);
	while (file != NULL && !*same && fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		*same = strcmp(line, place) == 0;
		bare = bare || strcmp(line, repository) == 0;
		elsewhere = elsewhere ||
		    (strncmp(line, repository, n) == 0 && strncmp(line + n, LOOK_AT, strlen(LOOK_AT)) == 0);
	}
	if (file != NULL)
		(void)fclose(file);
	return *same || (bare && !elsewhere);
}

static int
look_remember(const struct archive *archive, const char *place, struct error *e)
{
	char *path;
	FILE *file;
	int result;
	bool same;

	(void)look_is_known(archive, place, &same);
	if (same)
		return 0;
	path = look_known_path(archive);
	file = path == NULL ? NULL : fopen(path, "ae");
	free(path);
	result =
	    file == NULL || fprintf(file, "%s\n", place) < 0 || fflush(file) != 0 || fsync(fileno(file)) == -1 ? -1 : 0;
	if (result == -1)
		(void)error_set_errno(e, STATUS_IO, "archive.io", "cannot write %s/known", archive->scratch);
	if (file != NULL)
		(void)fclose(file);
	return result;
}

/* Another file system stands at the place than the one that was within reach when this process began: only a new one
 * can use it. */
static int
look_check_place(const struct archive *archive, const char *place, struct error *e)
{
	struct stat st;

	if (place[0] != '/' || archive->worker->landlock == 0 || stat(place, &st) == -1 ||
	    (st.st_dev == archive->place_dev && st.st_ino == archive->place_ino))
		return 0;
	return error_set(e, STATUS_UNAVAILABLE, "archive.remounted", "another file system is mounted at %s", place);
}

static int
look_open_at(struct archive *archive, struct error *e)
{
	char place[LOOK_PLACE_SIZE], byte;
	bool known, made, same;
	size_t got;

	look_name_place(archive, place);
	known = look_is_known(archive, place, &same);
	if (known && archive->depot.calls->read(&archive->depot, "repository", 0, &byte, 1, &got, e) == -1)
		return strcmp(e->code, "repository.missing") != 0
		    ? -1
		    : error_set(e, STATUS_UNAVAILABLE, "repository.away",
			  "the repository is not at %s any more: bring it back (is it mounted?); if it is lost for "
			  "good, let backup.repository name another place",
			  place);
	if (repository_open(&archive->repository, &archive->depot, &archive->identity, &made, e) == -1)
		return -1;
	if (look_remember(archive, place, e) == 0)
		return 0;
	repository_close(&archive->repository);
	return -1;
}

int
archive_open_depot(struct archive *archive, struct depot *depot, struct error *e)
{
	const struct conf *conf = archive->worker->conf;
	const struct depot_options options = { .endpoint = conf->backup.s3.endpoint,
		.region = conf->backup.s3.region,
		.ca_file = conf->backup.s3.ca_file,
		.path_style = conf->backup.s3.style == CONF_S3_PATH ||
		    (conf->backup.s3.style == CONF_S3_AUTO && conf->backup.s3.endpoint[0] != '\0'),
		.timeout_ms = conf->backup.s3.timeout,
		.credentials = archive_get_credentials,
		.arg = archive,
		.stopping = &archive->stopping };
	const char *place = conf->backup.repository;

	return look_check_place(archive, place, e) == -1 ? -1 : depot_open(depot, place, &options, e);
}

static int
look_open(struct archive *archive, struct error *e)
{
	if (archive_open_depot(archive, &archive->depot, e) == -1)
		return -1;
	if (look_open_at(archive, e) == -1) {
		depot_close(&archive->depot);
		return -1;
	}
	archive->opened = archive->identity;
	archive->has_repository = true;
	return 0;
}

int
archive_probe(struct archive *archive, struct error *e)
{
	archive_close_repository(archive);
	return archive_open_repository(archive, e);
}

/* Opened once, since whoever has the data key can go on under a new identity. */
int
archive_open_repository(struct archive *archive, struct error *e)
{
	if (!archive->has_repository)
		return look_open(archive, e);
	if (memcmp(archive->opened.wrap, archive->identity.wrap, SEAL_KEY_SIZE) == 0)
		return 0;
	if (repository_adopt(&archive->repository, &archive->identity, e) == -1)
		return -1;
	archive->opened = archive->identity;
	return 0;
}

static void
look_print(FILE *out, const struct backup *b)
{
	char when[CLOCK_TEXT_SIZE];

	(void)fprintf(out, "%-24s %-12s %s %8.1f MB of %.1f MB\n", b->id, b->parent[0] == '\0' ? "full" : "incremental",
	    clock_text(b->ended_us, when, sizeof(when)), (double)b->stored_bytes / 1e6, (double)b->bytes / 1e6);
}

static void
look_report(struct archive *archive, const struct backup_list *list, unsigned damaged)
{
	size_t size;
	FILE *out = open_memstream(&archive->report, &size);

	if (out == NULL)
		return;
	if (list->count == 0)
		(void)fputs("there is no backup yet\n", out);
	for (size_t i = 0; i < list->count; i++)
		look_print(out, &list->backups[i]);
	if (damaged > 0)
		(void)fprintf(out, "%u more cannot be read: bibctl backup verify says why\n", damaged);
	archive_key_report(archive, out);
	(void)fclose(out);
}

int
archive_look(struct archive *archive, bool report, struct error *e)
{
	const char *backend = archive->worker->conf->database.backend == CONF_BACKEND_SQLITE ? "sqlite" : "postgres";
	struct backup_list list;
	unsigned damaged;

	if (archive_open_repository(archive, e) == -1 ||
	    backup_list_read(&archive->repository, &list, &damaged, e) == -1)
		return -1;
	archive->looked = true;
	archive->has_recovery_key = archive->repository.for_recovery.given;
	archive->nbackups = (unsigned)list.count;
	archive->damaged = damaged;
	archive->full_us = archive->last_us = 0;
	archive->based[0] = '\0';
	/* What a node has of another backend, from before a move, is no backup of what it has now. */
	for (size_t i = 0; i < list.count; i++) {
		if (strcmp(list.backups[i].backend, backend) != 0)
			continue;
		archive->last_us = list.backups[i].ended_us;
		memcpy(archive->based, list.backups[i].stream, sizeof(archive->based));
		if (list.backups[i].parent[0] == '\0')
			archive->full_us = list.backups[i].ended_us;
	}
	ship_set_based(&archive->ship, archive->based);
	if (report)
		look_report(archive, &list, damaged);
	backup_list_free(&list);
	return 0;
}
