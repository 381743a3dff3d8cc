/*
 * The directory postgres/move: how much room it takes, how it is made, and how it takes the place of the database.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "supervisor/host/directories.h"
#include "supervisor/host/pgdata.h"

#define VERSION_MOVE "move"
#define VERSION_DATA VERSION_MOVE "/" PGDATA_NAME
#define VERSION_RUN VERSION_MOVE "/run"
#define VERSION_DEPTH_MAX 16
#define VERSION_LOG_MAX (512ULL << 20) /* max_wal_size while rows are copied */
#define VERSION_SPARE (128ULL << 20)

static int
version_io(const char *directory, const char *name, const char *what, struct error *e)
{
	return error_set_errno(e, STATUS_IO, "pgdata.io", "cannot %s %s/%s", what, directory, name);
}

/* ---- room ---- */

/* What the files in it take on the disk; the write-ahead log, which is not copied, is left out. */
static uint64_t
version_size(int fd, unsigned depth)
{
	DIR *directory = depth == VERSION_DEPTH_MAX ? NULL : directories_list(fd);
	const struct dirent *entry;
	uint64_t size = 0;
	struct stat st;

	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		int child;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    (depth == 0 && strcmp(entry->d_name, "pg_wal") == 0) ||
		    fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		size += (uint64_t)st.st_blocks * 512;
		if (!S_ISDIR(st.st_mode) ||
		    (child = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) == -1)
			continue;
		size += version_size(child, depth + 1);
		close(child);
	}
	if (directory != NULL)
		(void)closedir(directory);
	return size;
}

int
pgdata_version_room(int postgres_fd, uint64_t *size, uint64_t *need, uint64_t *room)
{
	int fd = openat(postgres_fd, PGDATA_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct statvfs fs;

	*size = *need = *room = 0;
	if (fd == -1 || fstatvfs(fd, &fs) == -1) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	*size = version_size(fd, 0);
	close(fd);
	*need = *size + *size / 4 + (*size < VERSION_LOG_MAX ? *size : VERSION_LOG_MAX) + VERSION_SPARE;
	*room = (uint64_t)fs.f_bavail * fs.f_frsize;
	return 0;
}

/* ---- the directory ---- */

int
pgdata_remove_wal(int data_fd, const char *wal, struct error *e)
{
	static const char mount[] = PGDATA_WAL_MOUNT "/";
	char target[PATH_MAX], path[2 * PATH_MAX];
	ssize_t n = readlinkat(data_fd, "pg_wal", target, sizeof(target) - 1);
	int fd, result;

	target[n < 0 ? 0 : n] = '\0';
	if (wal[0] == '\0' || strncmp(target, mount, strlen(mount)) != 0 ||
	    strchr(target + strlen(mount), '/') != NULL || target[strlen(mount)] == '.')
		return 0;
	(void)snprintf(path, sizeof(path), "%s/%s", wal, target + strlen(mount));
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return errno == ENOENT ? 0 : error_set_errno(e, STATUS_IO, "pgdata.io", "cannot open %s", path);
	result = pgdata_remove_contents(fd, 0);
	close(fd);
	return result == -1 || rmdir(path) == -1 ? error_set_errno(e, STATUS_IO, "pgdata.io", "cannot remove %s", path)
						 : 0;
}

static int
version_discard_wal(int postgres_fd, const char *wal, struct error *e)
{
	int fd = openat(postgres_fd, VERSION_DATA, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), result;

	if (fd == -1)
		return 0;
	result = pgdata_remove_wal(fd, wal, e);
	close(fd);
	return result;
}

int
pgdata_version_discard(int postgres_fd, const char *directory, const char *wal, struct error *e)
{
	int fd = openat(postgres_fd, VERSION_MOVE, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), result;

	if (fd == -1)
		return errno == ENOENT ? 0 : version_io(directory, VERSION_MOVE, "open", e);
	if (version_discard_wal(postgres_fd, wal, e) == -1) {
		close(fd);
		return -1;
	}
	result = pgdata_remove_contents(fd, 0);
	close(fd);
	return result == -1 || unlinkat(postgres_fd, VERSION_MOVE, AT_REMOVEDIR) == -1
	    ? version_io(directory, VERSION_MOVE, "remove", e)
	    : 0;
}

static int
version_make(int postgres_fd, const char *name, uid_t uid, gid_t gid, mode_t mode)
{
	return mkdirat(postgres_fd, name, 0700) == -1 ||
		fchownat(postgres_fd, name, uid, gid, AT_SYMLINK_NOFOLLOW) == -1 ||
		fchmodat(postgres_fd, name, mode, 0) == -1
	    ? -1
	    : 0;
}

int
pgdata_version_prepare(int postgres_fd, const char *directory, const char *wal, uid_t uid, gid_t gid, struct error *e)
{
	if (pgdata_version_discard(postgres_fd, directory, wal, e) == -1)
		return -1;
	if (mkdirat(postgres_fd, VERSION_MOVE, 0711) == -1 || fchmodat(postgres_fd, VERSION_MOVE, 0711, 0) == -1 ||
	    version_make(postgres_fd, VERSION_DATA, uid, gid, 0700) == -1 ||
	    version_make(postgres_fd, VERSION_RUN, uid, gid, 0700) == -1)
		return version_io(directory, VERSION_MOVE, "create", e);
	return 0;
}

int
pgdata_version_mark(int postgres_fd, const char *directory, const char *node_id, unsigned version, uint64_t *system,
    struct error *e)
{
	int fd = openat(postgres_fd, VERSION_DATA, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), result = 0;
	struct pgdata made = { .present = false };

	if (fd == -1)
		return version_io(directory, VERSION_DATA, "open", e);
	if (pgdata_mark(fd, node_id, &made) == -1 || made.version != version || !made.shut_down)
		result = error_set(e, STATUS_DATA, "pgdata.foreign",
		    "what the move has made in %s/" VERSION_DATA " is no PostgreSQL %u that was shut down", directory,
		    version);
	close(fd);
	*system = made.system_identifier;
	return result;
}

/* ---- it takes the place of the database ---- */

/* What is there of this node's; a system identifier of 0: nothing. */
static struct pgdata
version_find(int postgres_fd, const char *name, const char *node_id)
{
	int fd = openat(postgres_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct pgdata found = { .present = false };

	if (fd == -1)
		return found;
	if (!pgdata_is_marked(fd, node_id, &found))
		found = (struct pgdata) { .present = false };
	close(fd);
	return found;
}

/* In one step, where the file system can; else in two, between which a start finds no database and refuses. */
static int
version_exchange(int postgres_fd)
{
	static const char aside[] = VERSION_MOVE "/aside";

	if (renameat2(postgres_fd, VERSION_DATA, postgres_fd, PGDATA_NAME, RENAME_EXCHANGE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
		return -1;
	return renameat(postgres_fd, PGDATA_NAME, postgres_fd, aside) == -1 ||
		renameat(postgres_fd, VERSION_DATA, postgres_fd, PGDATA_NAME) == -1 ||
		renameat(postgres_fd, aside, postgres_fd, VERSION_DATA) == -1
	    ? -1
	    : 0;
}

/* Read-only: PostgreSQL itself takes no directory with this mode. */
static int
version_set_aside(int postgres_fd, const char *kept)
{
	return renameat(postgres_fd, VERSION_DATA, postgres_fd, kept) == -1 ||
		fchmodat(postgres_fd, kept, 0500, 0) == -1
	    ? -1
	    : 0;
}

int
pgdata_version_settle(int postgres_fd, const char *directory, const char *node_id, uint64_t system, const char *kept,
    struct error *e)
{
	struct pgdata is, beside = version_find(postgres_fd, VERSION_DATA, node_id);

	if (system != 0 && beside.system_identifier == system &&
	    (version_exchange(postgres_fd) == -1 || fsync(postgres_fd) == -1))
		return version_io(directory, VERSION_DATA, "give the name " PGDATA_NAME " to", e);
	is = version_find(postgres_fd, PGDATA_NAME, node_id);
	beside = version_find(postgres_fd, VERSION_DATA, node_id);
	/* A later version beside is the copy of another move, which was not decided. */
	if (system != 0 && kept != NULL && is.system_identifier == system && beside.system_identifier != 0 &&
	    beside.version < is.version && (version_set_aside(postgres_fd, kept) == -1 || fsync(postgres_fd) == -1))
		return version_io(directory, VERSION_DATA, "set aside", e);
	return 0;
}
