/*
 * What is said of the file that is kept, written whole or not at all; and renames and removals that may be cut short.
 */
#include "supervisor/move/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/file.h"
#include "supervisor/host/pgdata.h"

#define KEPT_NAME "moved" /* in data_dir */
#define KEPT_NEW KEPT_NAME ".new"
#define KEPT_SINCE "since "
#define KEPT_BACKUP "backup "
#define KEPT_MARK ".moved-to-postgres-"
#define KEPT_TIME "%Y%m%dT%H%M%SZ"

/* SQLite's files, and the one of sequences beside them. The database itself is the last: while it has its name, the
 * others belong to it. */
static const char *const kept_suffixes[] = { "-wal", "-shm", "-sequences", "" };
#define KEPT_SUFFIXES (sizeof(kept_suffixes) / sizeof(kept_suffixes[0]))

static void
kept_now(char text[KEPT_TIME_SIZE])
{
	time_t now = time(NULL);
	struct tm tm;

	(void)strftime(text, KEPT_TIME_SIZE, KEPT_TIME, gmtime_r(&now, &tm));
}

/* ---- what is said of it ---- */

/* Takes a line that begins with the word; false: it is another one, or there is none. */
static bool
kept_read_time(FILE *file, const char *word, char text[KEPT_TIME_SIZE])
{
	char line[64];

	if (fgets(line, sizeof(line), file) == NULL || strncmp(line, word, strlen(word)) != 0)
		return false;
	line[strcspn(line, "\n")] = '\0';
	return (size_t)snprintf(text, KEPT_TIME_SIZE, "%s", line + strlen(word)) < KEPT_TIME_SIZE;
}

int
kept_load(const char *data_dir, struct kept *kept, struct error *e)
{
	char name[PATH_MAX];
	FILE *file;
	bool whole;

	*kept = (struct kept) { .path = "" };
	(void)snprintf(name, sizeof(name), "%s/" KEPT_NAME, data_dir);
	if ((file = fopen(name, "re")) == NULL)
		return errno == ENOENT ? 0 : error_set_errno(e, STATUS_PERMISSION, "move.kept", "cannot read %s", name);
	whole = fgets(kept->path, sizeof(kept->path), file) != NULL && kept->path[0] == '/' &&
	    kept_read_time(file, KEPT_SINCE, kept->since);
	if (whole && !kept_read_time(file, KEPT_BACKUP, kept->backup))
		kept->backup[0] = '\0';
	(void)fclose(file);
	kept->path[strcspn(kept->path, "\n")] = '\0';
	if (whole && strstr(kept->path, KEPT_MARK) != NULL)
		return 0;
	kept->path[0] = '\0';
	return error_set(e, STATUS_DATA, "move.kept", "%s is damaged", name);
}

static int
kept_write(int data_fd, const struct kept *kept, struct error *e)
{
	char text[PATH_MAX + 128];
	bool saved = kept->backup[0] != '\0';
	int n = snprintf(text, sizeof(text), "%s\n" KEPT_SINCE "%s\n%s%s%s", kept->path, kept->since,
		saved ? KEPT_BACKUP : "", kept->backup, saved ? "\n" : ""),
	    fd = file_create(data_fd, KEPT_NEW, 0600);

	return fd == -1 || file_install(fd, data_fd, KEPT_NEW, KEPT_NAME, text, (size_t)n) == -1
	    ? error_set_errno(e, STATUS_IO, "move.kept", "cannot write down where the source of the move is kept")
	    : 0;
}

bool
kept_is_database(const struct kept *kept)
{
	const char *mark = strstr(kept->path, KEPT_MARK);

	return mark != NULL && strchr(mark + strlen(KEPT_MARK), '-') != NULL;
}

bool
kept_is_there(const struct kept *kept)
{
	return access(kept->path, F_OK) == 0;
}

int
kept_announce(int data_fd, const char *path, unsigned version, struct error *e)
{
	struct kept kept = { .backup = "" };
	char number[16] = "";
	int n;

	kept_now(kept.since);
	if (version != 0)
		(void)snprintf(number, sizeof(number), "%u-", version);
	n = snprintf(kept.path, sizeof(kept.path), "%s" KEPT_MARK "%s%s", path, number, kept.since);
	if (n < 0 || (size_t)n >= sizeof(kept.path))
		return error_set(e, STATUS_IO, "move.kept", "the path %s is too long for the name it is kept under",
		    path);
	return kept_write(data_fd, &kept, e);
}

int
kept_note_backup(int data_fd, struct kept *kept, struct error *e)
{
	kept_now(kept->backup);
	return kept_write(data_fd, kept, e);
}

bool
kept_is_of(const struct kept *kept, const char *source)
{
	size_t n = strlen(source);

	return kept->path[0] != '\0' && strncmp(kept->path, source, n) == 0 &&
	    strncmp(kept->path + n, KEPT_MARK, strlen(KEPT_MARK)) == 0;
}

int64_t
kept_until(const struct kept *kept, const struct conf *conf)
{
	struct tm tm = { .tm_isdst = 0 };

	if (kept->path[0] == '\0' || conf->database.keep_source == 0 || strptime(kept->since, KEPT_TIME, &tm) == NULL)
		return 0;
	return timegm(&tm) + conf->database.keep_source / 1000;
}

/* ---- the files ---- */

/* The name that it had. */
static void
kept_first_name(const struct kept *kept, char path[PATH_MAX])
{
	(void)snprintf(path, PATH_MAX, "%s", kept->path);
	*strstr(path, KEPT_MARK) = '\0';
}

int
kept_set_aside(const struct kept *kept, struct error *e)
{
	char first[PATH_MAX], old[PATH_MAX + 16], new[PATH_MAX + 16];

	if (kept->path[0] == '\0' || kept_is_database(kept) || kept_is_there(kept))
		return 0;
	kept_first_name(kept, first);
	for (size_t i = 0; i < KEPT_SUFFIXES; i++) {
		(void)snprintf(old, sizeof(old), "%s%s", first, kept_suffixes[i]);
		(void)snprintf(new, sizeof(new), "%s%s", kept->path, kept_suffixes[i]);
		if ((i == KEPT_SUFFIXES - 1 && chmod(old, 0400) == -1 && errno != ENOENT) ||
		    (rename(old, new) == -1 && errno != ENOENT))
			return error_set_errno(e, STATUS_IO, "move.kept", "cannot set %s aside, whose rows were moved",
			    old);
	}
	return 0;
}

int
kept_forget(int data_fd, struct error *e)
{
	return unlinkat(data_fd, KEPT_NAME, 0) == -1 && errno != ENOENT
	    ? error_set_errno(e, STATUS_IO, "move.kept", "cannot remove " KEPT_NAME)
	    : 0;
}

static int
kept_remove_database(const char *wal, const struct kept *kept, struct error *e)
{
	int fd = open(kept->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), result;

	if (fd == -1)
		return errno == ENOENT ? 0 : error_set_errno(e, STATUS_IO, "move.kept", "cannot open %s", kept->path);
	/* Its owner may write in it again, for an owner that is not root. */
	if ((result = pgdata_remove_wal(fd, wal, e)) == 0 &&
	    (fchmod(fd, 0700) == -1 || pgdata_remove_contents(fd, 0) == -1 || rmdir(kept->path) == -1))
		result = error_set_errno(e, STATUS_IO, "move.kept", "cannot remove %s", kept->path);
	close(fd);
	return result;
}

static int
kept_remove_files(const struct kept *kept, struct error *e)
{
	char name[PATH_MAX + 16];

	for (size_t i = 0; i < KEPT_SUFFIXES; i++) {
		(void)snprintf(name, sizeof(name), "%s%s", kept->path, kept_suffixes[i]);
		if (unlink(name) == -1 && errno != ENOENT)
			return error_set_errno(e, STATUS_IO, "move.kept", "cannot remove %s", name);
	}
	return 0;
}

int
kept_remove(const char *data_dir, const char *wal, const struct kept *kept, struct error *e)
{
	char name[PATH_MAX + 16];

	if ((kept_is_database(kept) ? kept_remove_database(wal, kept, e) : kept_remove_files(kept, e)) == -1)
		return -1;
	(void)snprintf(name, sizeof(name), "%s/" KEPT_NAME, data_dir);
	return unlink(name) == -1 && errno != ENOENT
	    ? error_set_errno(e, STATUS_IO, "move.kept", "cannot remove %s", name)
	    : 0;
}
