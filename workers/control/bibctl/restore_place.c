/*
 * Where a backup is restored to: a new data directory, or the place of the database, which is set aside first. Killed
 * at any instant it can be run again: what counts is moved into its place last.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/control/bibctl/restore.h"

#define RESTORE_STORAGE_USER "_bibd"

static int
place_error(struct error *e, const char *what, const char *path)
{
	return error_set_errno(e, STATUS_IO, "restore.io", "cannot %s %s", what, path);
}

/* Restores into a directory of that name within another, made anew, and gives the file to its owner. */
static int
place_restore(struct restore *restore, int parent_fd, const char *parent, const char *name, uid_t uid, gid_t gid,
    struct error *e)
{
	int fd, file, result = -1;
	struct stat st;

	if (mkdirat(parent_fd, name, 0700) == -1 && errno != EEXIST)
		return place_error(e, "make a directory in", parent);
	if ((fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return place_error(e, "open a directory in", parent);
	/* What a restore that was cut short has left. */
	(void)unlinkat(fd, RESTORE_FILE, 0);
	if (backup_restore(&restore->repository, restore->target.backup, fd, parent, &restore->bytes, e) == 0) {
		file = openat(fd, RESTORE_FILE, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		if (file != -1 && target_replay(&restore->repository, &restore->target, file, e) == -1)
			result = -2;
		else if (file == -1 || fstat(file, &st) == -1 ||
		    (geteuid() == 0 && (fchown(file, uid, gid) == -1 || fchown(fd, uid, gid) == -1)) ||
		    fsync(file) == -1 || fsync(fd) == -1)
			(void)place_error(e, "give its owner the file in", parent);
		else {
			restore->bytes = (uint64_t)st.st_size;
			result = 0;
		}
		if (file != -1)
			close(file);
	}
	close(fd);
	return result == 0 ? 0 : -1;
}

/* ---- a new data directory ---- */

/* What a restore of PostgreSQL that was cut short has made last. */
static bool
place_remove_empty(const char *path)
{
	char *name;
	bool removed;

	if (asprintf(&name, "%s/postgres", path) == -1)
		return false;
	removed = rmdir(name) == 0;
	free(name);
	return removed;
}

/* Only what a restore that was cut short leaves may be there. */
static int
place_check_empty(const char *path, struct error *e)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	bool empty = true;

	if (directory == NULL)
		return place_error(e, "open", path);
	while (empty && (entry = readdir(directory)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    strcmp(entry->d_name, RESTORE_WORK) == 0 || strcmp(entry->d_name, "node.id") == 0 ||
		    (strcmp(entry->d_name, "postgres") == 0 && place_remove_empty(path));
	closedir(directory);
	if (empty)
		return 0;
	return error_set(e, STATUS_CANT_CREATE, "restore.place", "%s is not empty: name a directory that is not there",
	    path);
}

int
restore_write_node(int fd, const char *directory, const char *node, struct error *e)
{
	int file = openat(fd, "node.id", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	int result = 0;

	if (file == -1 || dprintf(file, "%s\n", node) < 0 || fchmod(file, 0644) == -1 || fsync(file) == -1)
		result = place_error(e, "write node.id in", directory);
	if (file != -1)
		close(file);
	return result;
}

static int
place_make_sqlite(struct restore *restore, int fd, const char *directory, struct error *e)
{
	const struct passwd *owner = getpwnam(RESTORE_STORAGE_USER);
	uid_t uid = owner == NULL ? geteuid() : owner->pw_uid;
	gid_t gid = owner == NULL ? getegid() : owner->pw_gid;
	char what[128];

	if (place_restore(restore, fd, directory, RESTORE_WORK, uid, gid, e) == -1 ||
	    restore_write_node(fd, directory, restore->repository.node, e) == -1)
		return -1;
	if (renameat(fd, RESTORE_WORK, fd, "sqlite") == -1 || fsync(fd) == -1)
		return place_error(e, "finish", directory);
	restore_describe(restore, what, sizeof(what));
	(void)snprintf(restore->text, sizeof(restore->text),
	    "%s is restored: let node.data_dir of another bibd.yaml be %.200s, and start a node on it", what,
	    directory);
	return 0;
}

int
restore_into(struct restore *restore, const char *directory, struct error *e)
{
	bool made = mkdir(directory, 0711) == 0;
	int fd, result;

	if (!made && errno != EEXIST)
		return error_set_errno(e, STATUS_CANT_CREATE, "restore.place", "cannot make %s", directory);
	if (!made && place_check_empty(directory, e) == -1)
		return -1;
	if ((fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return place_error(e, "open", directory);
	/* The umask may have taken bits from the mode. */
	if (made && fchmod(fd, 0711) == -1)
		result = place_error(e, "set the mode of", directory);
	else if (!restore->postgres)
		result = place_make_sqlite(restore, fd, directory, e);
	else if (restore->bibctl->files)
		result = restore_postgres_files(restore, directory, fd, e);
	else
		result = restore_postgres_into(restore, directory, fd, e);
	close(fd);
	return result;
}

/* ---- in place ---- */

struct restore_place {
	const char *directory; /* of the database */
	const char *name;
	int fd;
	char when[32];
};

/* bibd's own lock: no node may run on the directory, nor start. */
static int
place_lock(const char *data_dir, struct error *e)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/lock", data_dir) == -1)
		return error_set_errno(e, STATUS_OS, "restore.io", "cannot lock %s", data_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	free(path);
	if (fd == -1)
		return place_error(e, "lock", data_dir);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return error_set(e, STATUS_UNAVAILABLE, "restore.running",
	    "bibd runs on %s: stop it first, with bibctl stop or systemctl stop bibd", data_dir);
}

static int
place_check_node(const char *data_dir, const char *node, struct error *e)
{
	char *path, text[64] = "";
	FILE *file;

	if (asprintf(&path, "%s/node.id", data_dir) == -1)
		return error_set_errno(e, STATUS_OS, "restore.io", "cannot read node.id");
	file = fopen(path, "re");
	free(path);
	if (file != NULL && fgets(text, sizeof(text), file) != NULL)
		text[strcspn(text, "\n")] = '\0';
	if (file != NULL)
		(void)fclose(file);
	if (strcmp(text, node) == 0)
		return 0;
	return error_set(e, STATUS_DATA, "restore.place",
	    "the repository is of node %s and %s is of node %s: restore it with --into DIR", node, data_dir,
	    text[0] == '\0' ? "none" : text);
}

/* NAME-wal becomes NAME.before-restore-TIME-wal. */
static int
place_set_aside(const struct restore_place *place, const char *suffix, struct error *e)
{
	char *from = NULL, *to = NULL;
	int result = -1;

	if (asprintf(&from, "%s%s", place->name, suffix) == -1 ||
	    asprintf(&to, "%s.before-restore-%s%s", place->name, place->when, suffix) == -1)
		(void)error_set_errno(e, STATUS_OS, "restore.io", "cannot set the database aside");
	else if (renameat2(place->fd, from, place->fd, to, RENAME_NOREPLACE) == 0 || errno == ENOENT)
		result = 0;
	else
		(void)place_error(e, "set aside the database in", place->directory);
	free(from);
	free(to);
	return result;
}

/* While the mark is there no node starts on what is half exchanged (workers/sqlite/store): it says that the file is
 * damaged. */
static int
place_exchange(const struct restore_place *place, const char *work, struct error *e)
{
	static const char *const suffixes[] = { "-wal", "-shm", "-sequences", "" };
	char *mark, *restored;
	int fd, result = -1;

	if (asprintf(&mark, "%s-damaged", place->name) == -1)
		return error_set_errno(e, STATUS_OS, "restore.io", "cannot exchange the database");
	if (asprintf(&restored, "%s/" RESTORE_FILE, work) == -1) {
		free(mark);
		return error_set_errno(e, STATUS_OS, "restore.io", "cannot exchange the database");
	}
	fd = openat(place->fd, mark, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1 || fsync(place->fd) == -1)
		(void)place_error(e, "mark the database in", place->directory);
	else {
		result = 0;
		for (size_t i = 0; result == 0 && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
			result = place_set_aside(place, suffixes[i], e);
	}
	if (result == 0 &&
	    (renameat(place->fd, restored, place->fd, place->name) == -1 || fsync(place->fd) == -1 ||
		unlinkat(place->fd, mark, 0) == -1 || fsync(place->fd) == -1))
		result = place_error(e, "put the restored database into", place->directory);
	(void)unlinkat(place->fd, work, AT_REMOVEDIR);
	if (fd != -1)
		close(fd);
	free(mark);
	free(restored);
	return result;
}

/* Two within a second have two names. */
static void
place_name_moment(char when[32])
{
	int64_t now_us = clock_realtime_us();
	time_t now = (time_t)(now_us / 1000000);
	struct tm tm;
	size_t n = strftime(when, 32, "%Y%m%dT%H%M%S", gmtime_r(&now, &tm));

	(void)snprintf(when + n, 32 - n, "-%06d", (int)(now_us % 1000000));
}

static int
place_run(struct restore *restore, struct restore_place *place, struct error *e)
{
	char *work, what[128];
	struct stat st;
	int result = -1;

	if ((place->fd = open(place->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1 ||
	    fstat(place->fd, &st) == -1)
		return place_error(e, "open", place->directory);
	if (asprintf(&work, "%s." RESTORE_WORK, place->name) == -1)
		(void)error_set_errno(e, STATUS_OS, "restore.io", "cannot restore");
	else {
		if (place_restore(restore, place->fd, place->directory, work, st.st_uid, st.st_gid, e) == 0)
			result = place_exchange(place, work, e);
		free(work);
	}
	close(place->fd);
	restore_describe(restore, what, sizeof(what));
	(void)snprintf(restore->text, sizeof(restore->text),
	    "%s is restored; what was there is %.200s/%.60s.before-restore-%s", what, place->directory, place->name,
	    place->when);
	return result;
}

int
restore_in_place(struct restore *restore, struct error *e)
{
	const struct conf *conf = restore->conf;
	struct restore_place place = { .fd = -1 };
	bool postgres = conf->database.backend == CONF_BACKEND_POSTGRES;
	char *path, *slash;
	int lock, result = -1;

	if (postgres != restore->postgres || (postgres && !conf->database.postgres.managed))
		return error_set(e, STATUS_CONFIG, "restore.place",
		    "backup %s is of %s, which is not the database.backend of this node: restore it with --into DIR",
		    restore->target.backup, restore->postgres ? "a managed PostgreSQL" : "SQLite");
	place_name_moment(place.when);
	if ((conf->database.sqlite.path[0] != '\0'
		    ? asprintf(&path, "%s", conf->database.sqlite.path)
		    : asprintf(&path, "%s/sqlite/" RESTORE_FILE, conf->node.data_dir)) == -1)
		return error_set_errno(e, STATUS_OS, "restore.io", "cannot restore");
	slash = strrchr(path, '/');
	*slash = '\0';
	place.directory = path[0] == '\0' ? "/" : path;
	place.name = slash + 1;
	if ((lock = place_lock(conf->node.data_dir, e)) != -1) {
		if (place_check_node(conf->node.data_dir, restore->repository.node, e) == 0)
			result = postgres ? restore_postgres_in_place(restore, place.when, e)
					  : place_run(restore, &place, e);
		close(lock);
	}
	free(path);
	return result;
}
