/*
 * Examines PGDATA by its marker and pg_control, makes room for a new one, and adopts one that initdb has finished.
 */
#include "supervisor/host/pgdata.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "supervisor/host/directories.h"

#define PGDATA_SETUP "bibd.setup"
#define PGDATA_SLOT "bibd_archive" /* as workers/archive/postgres/feed.h has it */
#define PGDATA_RESTORED "bibd.restored"
#define PGDATA_MARKER_NEW "bibd.node.new"
#define PGDATA_MARKER_FORMAT "node %s\nsystem identifier %" PRIu64 "\n"
#define PGDATA_MARKER_SIZE 128

/* The beginning of struct ControlFileData. */
struct pgdata_control {
	uint64_t system_identifier;
	uint32_t control_version;
	uint32_t catalog_version;
	uint32_t state;
};
#define PGDATA_STATE_SHUTDOWNED 1 /* enum DBState: DB_SHUTDOWNED */

static int
pgdata_io(const char *directory, const char *name, const char *what, struct error *e)
{
	return error_set_errno(e, STATUS_IO, "pgdata.io", "cannot %s %s/%s", what, directory, name);
}

static int
pgdata_foreign(const char *directory, const char *why, struct error *e)
{
	return error_set(e, STATUS_DATA, "pgdata.foreign",
	    "%s/" PGDATA_NAME
	    " is not a database of this node: %s; nothing was changed. Move it away, or set another node.data_dir; to "
	    "take data over, load a dump of it (pg_dump) into this node",
	    directory, why);
}

/* Reads a small file whole, with a NUL after it. Returns its size, or -1 with errno set. */
static ssize_t
pgdata_read(int data_fd, const char *name, void *buf, size_t size)
{
	int fd = openat(data_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), saved;
	ssize_t n;

	if (fd == -1)
		return -1;
	n = read(fd, buf, size - 1);
	saved = errno;
	close(fd);
	errno = saved;
	if (n >= 0)
		((char *)buf)[n] = '\0';
	return n;
}

static int
pgdata_read_control(int data_fd, struct pgdata *pgdata)
{
	char buf[sizeof(struct pgdata_control) + 1], version[16];
	struct pgdata_control control;

	if (pgdata_read(data_fd, "PG_VERSION", version, sizeof(version)) <= 0 ||
	    pgdata_read(data_fd, "global/pg_control", buf, sizeof(buf)) != (ssize_t)sizeof(control))
		return -1;
	memcpy(&control, buf, sizeof(control));
	pgdata->version = (unsigned)strtoul(version, NULL, 10);
	pgdata->system_identifier = control.system_identifier;
	pgdata->shut_down = control.state == PGDATA_STATE_SHUTDOWNED;
	return pgdata->version == 0 || control.system_identifier == 0 ? -1 : 0;
}

/* Returns 1 when the directory is empty, 0 when it is not, -1 with errno set. */
static int
pgdata_is_empty(int data_fd)
{
	DIR *directory = directories_list(data_fd);
	const struct dirent *entry;
	int result = 1;

	if (directory == NULL)
		return -1;
	while ((entry = readdir(directory)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = 0;
	(void)closedir(directory);
	return result;
}

static int
pgdata_check_marker(int data_fd, const char *directory, const char *node_id, struct pgdata *pgdata, struct error *e)
{
	char expected[PGDATA_MARKER_SIZE], marker[PGDATA_MARKER_SIZE];

	if (pgdata_read_control(data_fd, pgdata) == -1)
		return pgdata_foreign(directory, "it has no readable PG_VERSION and global/pg_control", e);
	if (pgdata_read(data_fd, PGDATA_MARKER, marker, sizeof(marker)) < 0)
		return pgdata_foreign(directory, "it has no file " PGDATA_MARKER, e);
	(void)snprintf(expected, sizeof(expected), PGDATA_MARKER_FORMAT, node_id, pgdata->system_identifier);
	if (strcmp(marker, expected) != 0)
		return pgdata_foreign(directory, "its " PGDATA_MARKER " names another node or another database", e);
	return 0;
}

/* A crash between the marker and the rename leaves a whole database of this node in data.new: 1 when there is one. */
static int
pgdata_is_finished_new(int postgres_fd, const char *directory, const char *node_id)
{
	int fd = openat(postgres_fd, PGDATA_NEW_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), result;
	struct pgdata found;
	struct error e;

	if (fd == -1)
		return 0;
	result = pgdata_check_marker(fd, directory, node_id, &found, &e) == 0;
	close(fd);
	return result;
}

/* Examines the directory data; when there is none, or an empty one, pgdata is left as it is. */
static int
pgdata_examine(int postgres_fd, const char *directory, const char *node_id, struct pgdata *pgdata, struct error *e)
{
	int fd = openat(postgres_fd, PGDATA_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), empty, result = 0;

	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1 && (errno == ENOTDIR || errno == ELOOP))
		return pgdata_foreign(directory, "it is not a directory", e);
	if (fd == -1)
		return pgdata_io(directory, PGDATA_NAME, "open", e);
	if ((empty = pgdata_is_empty(fd)) == -1)
		result = pgdata_io(directory, PGDATA_NAME, "read", e);
	else if (empty == 0) {
		result = pgdata_check_marker(fd, directory, node_id, pgdata, e);
		pgdata->present = true;
		pgdata->restored = faccessat(fd, PGDATA_RESTORED, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	}
	close(fd);
	return result;
}

int
pgdata_open(int postgres_fd, const char *directory, const char *node_id, struct pgdata *pgdata, struct error *e)
{
	*pgdata = (struct pgdata) { 0 };
	if (pgdata_examine(postgres_fd, directory, node_id, pgdata, e) == -1)
		return -1;
	if (pgdata->present || !pgdata_is_finished_new(postgres_fd, directory, node_id))
		return 0;
	if (renameat(postgres_fd, PGDATA_NEW_NAME, postgres_fd, PGDATA_NAME) == -1 || fsync(postgres_fd) == -1)
		return pgdata_io(directory, PGDATA_NEW_NAME, "rename", e);
	return pgdata_examine(postgres_fd, directory, node_id, pgdata, e);
}

int
pgdata_check_access(int postgres_fd, const char *directory, uid_t uid, const char *owner, struct error *e)
{
	struct stat st;
	unsigned mode;

	if (fstatat(postgres_fd, PGDATA_NAME, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return 0;
	mode = (unsigned)st.st_mode & 07777;
	if (st.st_uid != uid)
		return error_set(e, STATUS_PERMISSION, "pgdata.access",
		    "%s/" PGDATA_NAME
		    " belongs to uid %ld, and PostgreSQL takes only what belongs to it; change its owner with: "
		    "chown -R %s %s/" PGDATA_NAME,
		    directory, (long)st.st_uid, owner, directory);
	if ((mode & 0700) != 0700 || (mode & 0027) != 0)
		return error_set(e, STATUS_PERMISSION, "pgdata.access",
		    "%s/" PGDATA_NAME
		    " has mode %04o, and PostgreSQL takes only 0700 or 0750; set it with: chmod 0700 %s/" PGDATA_NAME,
		    directory, mode, directory);
	return 0;
}

bool
pgdata_clear_lock(int postgres_fd)
{
	static const char name[] = "postmaster.pid";
	int fd = openat(postgres_fd, PGDATA_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	bool cleared;

	if (fd == -1)
		return false;
	cleared = fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) && st.st_size == 0 &&
	    unlinkat(fd, name, 0) == 0;
	close(fd);
	return cleared;
}

int
pgdata_check_wal(int postgres_fd, const char *directory, const char *wal_dir, const char *node_id, struct error *e)
{
	static const char mount[] = PGDATA_WAL_MOUNT "/";
	char target[PATH_MAX], path[2 * PATH_MAX];
	ssize_t n = readlinkat(postgres_fd, PGDATA_NAME "/pg_wal", target, sizeof(target) - 1);

	target[n < 0 ? 0 : n] = '\0';
	if (strncmp(target, mount, sizeof(mount) - 1) != 0)
		return wal_dir[0] == '\0'
		    ? 0
		    : error_set(e, STATUS_CONFIG, "pgdata.wal",
			  "database.postgres.wal_dir is set, and the write-ahead log of this database is in its own "
			  "directory: leave that key out, or move the log with: mv %s/" PGDATA_NAME
			  "/pg_wal %s/%s/pg_wal.1 && ln -s " PGDATA_WAL_MOUNT "/pg_wal.1 %s/" PGDATA_NAME "/pg_wal",
			  directory, wal_dir, node_id, directory);
	if (wal_dir[0] == '\0')
		return error_set(e, STATUS_CONFIG, "pgdata.wal",
		    "the write-ahead log of this database is %s/%s of the directory that database.postgres.wal_dir "
		    "named: set that again, or move the log back over %s/" PGDATA_NAME "/pg_wal, which is a link",
		    node_id, target + sizeof(mount) - 1, directory);
	(void)snprintf(path, sizeof(path), "%s/%s/%s", wal_dir, node_id, target + sizeof(mount) - 1);
	if (access(path, F_OK) == -1)
		return error_set_errno(e, STATUS_DATA, "pgdata.wal",
		    "the write-ahead log of this database is not in database.postgres.wal_dir: %s; is the disk "
		    "mounted?",
		    path);
	return 0;
}

void
pgdata_read_setup(int postgres_fd, char setup[PGDATA_SETUP_SIZE])
{
	int fd = openat(postgres_fd, PGDATA_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd == -1 || pgdata_read(fd, PGDATA_SETUP, setup, PGDATA_SETUP_SIZE) < 0)
		setup[0] = '\0';
	setup[strcspn(setup, "\n")] = '\0';
	if (fd != -1)
		close(fd);
}

bool
pgdata_has_slot(int postgres_fd)
{
	return faccessat(postgres_fd, PGDATA_NAME "/pg_replslot/" PGDATA_SLOT, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- a new one ---- */

/* Deeper than any database is. */
#define PGDATA_DEPTH_MAX 16

int
pgdata_remove_contents(int parent_fd, unsigned depth)
{
	DIR *directory = directories_list(parent_fd);
	const struct dirent *entry;
	int result = 0;

	if (directory == NULL)
		return -1;
	while (result == 0 && (entry = readdir(directory)) != NULL) {
		int child;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    unlinkat(parent_fd, entry->d_name, 0) == 0 || errno == ENOENT)
			continue;
		child = depth == PGDATA_DEPTH_MAX
		    ? -1
		    : openat(parent_fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (child == -1 || pgdata_remove_contents(child, depth + 1) == -1 ||
		    unlinkat(parent_fd, entry->d_name, AT_REMOVEDIR) == -1)
			result = -1;
		if (child != -1)
			close(child);
	}
	(void)closedir(directory);
	return result;
}

int
pgdata_make_new(int postgres_fd, const char *directory, uid_t uid, gid_t gid, struct error *e)
{
	int fd, result = 0;

	if (mkdirat(postgres_fd, PGDATA_NEW_NAME, 0700) == -1 && errno != EEXIST)
		return pgdata_io(directory, PGDATA_NEW_NAME, "create", e);
	if ((fd = openat(postgres_fd, PGDATA_NEW_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return pgdata_io(directory, PGDATA_NEW_NAME, "open", e);
	if (faccessat(fd, PGDATA_MARKER, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		result = error_set(e, STATUS_DATA, "pgdata.foreign",
		    "%s/" PGDATA_NEW_NAME " holds a finished database and %s/" PGDATA_NAME
		    " is missing: rename the one to the other, or move it away",
		    directory, directory);
	else if (pgdata_remove_contents(fd, 0) == -1)
		result = pgdata_io(directory, PGDATA_NEW_NAME, "empty", e);
	else if (fchown(fd, uid, gid) == -1 || fchmod(fd, 0700) == -1)
		result = pgdata_io(directory, PGDATA_NEW_NAME, "give away", e);
	close(fd);
	return result;
}

static int
pgdata_write_marker(int data_fd, const char *node_id, uint64_t system_identifier)
{
	char marker[PGDATA_MARKER_SIZE];
	int n = snprintf(marker, sizeof(marker), PGDATA_MARKER_FORMAT, node_id, system_identifier),
	    fd = file_create(data_fd, PGDATA_MARKER_NEW, 0644);

	return fd == -1 ? -1 : file_install(fd, data_fd, PGDATA_MARKER_NEW, PGDATA_MARKER, marker, (size_t)n);
}

int
pgdata_adopt_new(int postgres_fd, const char *directory, const char *node_id, bool moving, struct pgdata *pgdata,
    struct error *e)
{
	int fd = openat(postgres_fd, PGDATA_NEW_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), result = 0;

	if (fd == -1)
		return pgdata_io(directory, PGDATA_NEW_NAME, "open", e);
	if (pgdata_read_control(fd, pgdata) == -1)
		result = error_set(e, STATUS_DATA, "pgdata.foreign",
		    "initdb has left no database in %s/" PGDATA_NEW_NAME, directory);
	else if ((moving && pgdata_mark_moving(fd) == -1) ||
	    pgdata_write_marker(fd, node_id, pgdata->system_identifier) == -1)
		result = pgdata_io(directory, PGDATA_NEW_NAME "/" PGDATA_MARKER, "write", e);
	close(fd);
	if (result == -1)
		return -1;
	if (renameat(postgres_fd, PGDATA_NEW_NAME, postgres_fd, PGDATA_NAME) == -1)
		return error_set_errno(e, STATUS_IO, "pgdata.io",
		    "cannot rename %s/" PGDATA_NEW_NAME " to " PGDATA_NAME
		    " (a volume for it is to be mounted on %s, not on " PGDATA_NAME ")",
		    directory, directory);
	pgdata->present = true;
	return fsync(postgres_fd) == -1 ? pgdata_io(directory, "", "sync", e) : 0;
}

/* ---- for a move to another version ---- */

int
pgdata_mark(int data_fd, const char *node_id, struct pgdata *pgdata)
{
	return pgdata_read_control(data_fd, pgdata) == -1
	    ? -1
	    : pgdata_write_marker(data_fd, node_id, pgdata->system_identifier);
}

bool
pgdata_is_marked(int data_fd, const char *node_id, struct pgdata *pgdata)
{
	struct error e;

	return pgdata_check_marker(data_fd, "", node_id, pgdata, &e) == 0;
}
