/*
 * Makes data_dir and what is in it, checks owners, modes and links, and locks it against a second daemon.
 */
#include "supervisor/host/directories.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/host/node_id.h"

#define DIRECTORIES_LOCK "lock"
#define DIRECTORIES_SQLITE "sqlite"
#define DIRECTORIES_LINK "cache.db"
#define DIRECTORIES_LINK_TO "sqlite/cache.db"

DIR *
directories_list(int fd)
{
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = own == -1 ? NULL : fdopendir(own);

	if (directory == NULL && own != -1)
		close(own);
	return directory;
}

/* ---- data_dir ---- */

/* No database is kept in a directory that others can write: they could put another in its place. */
static int
directories_check_data(int fd, const char *path, struct error *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return error_set_errno(e, STATUS_IO, "directories.io", "cannot examine %s", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return error_set(e, STATUS_PERMISSION, "directories.owner",
		    "%s belongs to uid %ld and bibd runs as uid %ld: change its owner with: chown %ld %s", path,
		    (long)st.st_uid, (long)geteuid(), (long)geteuid(), path);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return error_set(e, STATUS_PERMISSION, "directories.owner",
		    "%s can be written by others (mode %04o): close it with: chmod go-w %s", path,
		    (unsigned)st.st_mode & 07777, path);
	return 0;
}

static int
directories_open_data(const char *path, struct error *e)
{
	bool made = mkdir(path, 0711) == 0;
	int fd;

	if (!made && errno != EEXIST)
		return error_set_errno(e, errno == EACCES || errno == EPERM ? STATUS_PERMISSION : STATUS_CANT_CREATE,
		    "directories.create", "cannot create %s", path);
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return error_set_errno(e, STATUS_PERMISSION, "directories.create", "cannot open the directory %s",
		    path);
	/* The umask may have taken bits from the mode. */
	if (made && fchmod(fd, 0711) == -1)
		(void)error_set_errno(e, STATUS_CANT_CREATE, "directories.create", "cannot set the mode of %s", path);
	else if (directories_check_data(fd, path, e) == 0)
		return fd;
	close(fd);
	return -1;
}

/* ---- the lock ---- */

/* Who holds the lock, for the message: the pid in it, if there was room for it. */
static const char *
directories_lock_owner(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	if (n <= 0)
		return "unknown";
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/* Returns 1 when the lock is held; 0 when a bibd that ended has removed the file meanwhile, and the caller tries again;
 * -1 with the error. */
static int
directories_try_lock(struct directories *directories, const char *path, struct error *e)
{
	struct stat held, there;
	char text[24];
	int fd = openat(directories->data_fd, DIRECTORIES_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd == -1)
		return error_set_errno(e, STATUS_CANT_CREATE, "directories.create",
		    "cannot create %s/" DIRECTORIES_LOCK, path);
	directories->lock_fd = fd;
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		return errno == EWOULDBLOCK
		    ? error_set(e, STATUS_UNAVAILABLE, "directories.locked", "another bibd (pid %s) runs on %s",
			  directories_lock_owner(fd, text, sizeof(text)), path)
		    : error_set_errno(e, STATUS_IO, "directories.io", "cannot lock %s/" DIRECTORIES_LOCK, path);
	if (fstat(fd, &held) == -1 ||
	    fstatat(directories->data_fd, DIRECTORIES_LOCK, &there, AT_SYMLINK_NOFOLLOW) == -1 ||
	    held.st_ino != there.st_ino || held.st_dev != there.st_dev) {
		close(fd);
		directories->lock_fd = -1;
		return 0;
	}
	(void)snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	/* The lock is the file's, the pid is for a message: a full disk is no reason not to start. */
	if ((ftruncate(fd, 0) == -1 || pwrite(fd, text, strlen(text), 0) == -1) && errno != ENOSPC && errno != EDQUOT)
		return error_set_errno(e, STATUS_IO, "directories.io", "cannot write %s/" DIRECTORIES_LOCK, path);
	return 1;
}

static int
directories_lock(struct directories *directories, const char *path, struct error *e)
{
	for (int tries = 0; tries < 8; tries++) {
		int result = directories_try_lock(directories, path, e);

		if (result != 0)
			return result == 1 ? 0 : -1;
	}
	return error_set(e, STATUS_UNAVAILABLE, "directories.locked", "other bibd processes come and go on %s", path);
}

/* ---- storage ---- */

/* The directory is made under another name, given to its owner, and then renamed, so that a start that is cut short
 * leaves nothing that looks finished. */
static int
directories_make_new(int parent_fd, const char *name, const struct user *owner, mode_t mode)
{
	char temporary[64];
	int fd, result = -1;

	(void)snprintf(temporary, sizeof(temporary), "%s.making", name);
	if (mkdirat(parent_fd, temporary, 0700) == -1 && errno != EEXIST)
		return -1;
	fd = openat(parent_fd, temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1)
		return -1;
	if (fchown(fd, owner->uid, owner->gid) == 0 && fchmod(fd, mode) == 0)
		result = renameat(parent_fd, temporary, parent_fd, name);
	close(fd);
	return result;
}

void
directories_owner(const struct user *user, char *buf, size_t size)
{
	const struct group *group = getgrgid(user->gid);

	if (group != NULL)
		(void)snprintf(buf, size, "%s:%s", user->name, group->gr_name);
	else
		(void)snprintf(buf, size, "%s:%ld", user->name, (long)user->gid);
}

/* Checks a directory that was there already. */
static int
directories_check_made(const struct stat *st, const char *path, const struct user *owner, mode_t mode, struct error *e)
{
	bool for_group = (mode & S_IRWXG) != 0 && (mode & S_IRWXO) == 0;
	char name[2 * USERS_NAME_MAX];

	directories_owner(owner, name, sizeof(name));
	if (!S_ISDIR(st->st_mode))
		return error_set(e, STATUS_DATA, "directories.owner", "%s is not a directory: move it away", path);
	if (st->st_uid != owner->uid || (for_group && st->st_gid != owner->gid))
		return error_set(e, STATUS_PERMISSION, "directories.owner",
		    "%s belongs to %ld:%ld and not to %s; change its owner with: chown -R %s %s", path,
		    (long)st->st_uid, (long)st->st_gid, name, name, path);
	if ((st->st_mode & ~mode & (S_IWGRP | S_IWOTH)) != 0)
		return error_set(e, STATUS_PERMISSION, "directories.owner",
		    "%s can be written by others (mode %04o): close it with: chmod go-w %s", path,
		    (unsigned)st->st_mode & 07777, path);
	if (for_group && (st->st_mode & mode) != mode)
		return error_set(e, STATUS_PERMISSION, "directories.owner",
		    "%s has mode %04o, which keeps its group out; set it with: chmod %04o %s", path,
		    (unsigned)st->st_mode & 07777, (unsigned)mode, path);
	return 0;
}

int
directories_make(int parent_fd, const char *parent, const char *name, const struct user *owner, mode_t mode,
    struct error *e)
{
	char path[PATH_MAX];
	struct stat st;
	int result = fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW);

	if (result == -1 && errno == ENOENT) {
		if (directories_make_new(parent_fd, name, owner, mode) == -1)
			return error_set_errno(e, STATUS_CANT_CREATE, "directories.create", "cannot create %s/%s",
			    parent, name);
		return 0;
	}
	if (result == -1)
		return error_set_errno(e, STATUS_IO, "directories.io", "cannot examine %s/%s", parent, name);
	(void)snprintf(path, sizeof(path), "%s/%s", parent, name);
	return directories_check_made(&st, path, owner, mode, e);
}

/* Makes the link <data_dir>/cache.db to the SQLite file, which people look for there. */
static int
directories_make_link(const struct directories *directories, const char *data_dir, struct error *e)
{
	char target[sizeof(DIRECTORIES_LINK_TO) + 1];
	ssize_t n;

	if (symlinkat(DIRECTORIES_LINK_TO, directories->data_fd, DIRECTORIES_LINK) == 0)
		return 0;
	if (errno != EEXIST)
		return error_set_errno(e, STATUS_CANT_CREATE, "directories.create",
		    "cannot create %s/" DIRECTORIES_LINK, data_dir);
	n = readlinkat(directories->data_fd, DIRECTORIES_LINK, target, sizeof(target));
	if (n == (ssize_t)sizeof(DIRECTORIES_LINK_TO) - 1 && memcmp(target, DIRECTORIES_LINK_TO, (size_t)n) == 0)
		return 0;
	return error_set(e, STATUS_DATA, "directories.link",
	    "%s/" DIRECTORIES_LINK " is not bibd's link to " DIRECTORIES_LINK_TO
	    "; if it is a database to keep, move it to %s/" DIRECTORIES_LINK_TO,
	    data_dir, data_dir);
}

/* A database outside data_dir: its directory is the operator's, and must be there. */
static int
directories_check_elsewhere(const char *path, const struct user *storage, bool separated, struct error *e)
{
	char *directory = strdup(path), *slash;
	struct stat st;
	int result = 0;

	if (directory == NULL)
		return error_set_errno(e, STATUS_OS, "directories.memory", "cannot examine %s", path);
	slash = strrchr(directory, '/');
	slash[slash == directory ? 1 : 0] = '\0';
	if (stat(directory, &st) == -1)
		result = error_set_errno(e, STATUS_CANT_CREATE, "directories.create",
		    "cannot use database.sqlite.path: %s", directory);
	else if (directories_check_reach(directory, storage, separated, e) == -1 ||
	    directories_check_write(directory, storage, separated, e) == -1)
		result = -1;
	free(directory);
	return result;
}

/* SQLite's files themselves: one that root has put there may not be writable. */
static int
directories_check_files(const char *path, const struct user *storage, bool separated, struct error *e)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char file[PATH_MAX];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		int n = snprintf(file, sizeof(file), "%s%s", path, suffixes[i]);

		if (n > 0 && (size_t)n < sizeof(file) && directories_check_write(file, storage, separated, e) == -1)
			return -1;
	}
	return 0;
}

static int
directories_open_sqlite(struct directories *directories, const struct conf *conf, const struct directories_users *users,
    bool separated, struct error *e)
{
	const char *configured = conf->database.sqlite.path;
	char path[PATH_MAX], directory[PATH_MAX];

	home_wanted_path(conf, path);
	if (configured[0] != '\0')
		return directories_check_elsewhere(configured, &users->storage, separated, e) == -1
		    ? -1
		    : directories_check_files(path, &users->storage, separated, e);
	(void)snprintf(directory, sizeof(directory), "%.*s/" DIRECTORIES_SQLITE, PATH_MAX - 16, conf->node.data_dir);
	if (directories_make(directories->data_fd, conf->node.data_dir, DIRECTORIES_SQLITE, &users->storage, 0700, e) ==
		-1 ||
	    directories_check_write(directory, &users->storage, separated, e) == -1 ||
	    directories_check_files(path, &users->storage, separated, e) == -1)
		return -1;
	return directories_make_link(directories, conf->node.data_dir, e);
}

/* The repository, made in a directory that is there, and a place for bibd-archive's own work. */
static int
directories_open_archive(const struct directories *directories, const struct conf *conf, const struct user *archive,
    bool separated, struct error *e)
{
	char parent[PATH_MAX];
	char *slash;
	int fd, result;

	if (conf->backup.repository[0] == '\0')
		return 0;
	if (directories_make(directories->data_fd, conf->node.data_dir, "archive", archive, 0700, e) == -1)
		return -1;
	if (conf->backup.repository[0] != '/') /* it is in S3 */
		return 0;
	if (directories_check_reach(conf->backup.repository, archive, separated, e) == -1)
		return -1;
	(void)snprintf(parent, sizeof(parent), "%s", conf->backup.repository);
	while (strlen(parent) > 1 && parent[strlen(parent) - 1] == '/')
		parent[strlen(parent) - 1] = '\0';
	slash = strrchr(parent, '/');
	*slash = '\0';
	fd = open(parent[0] == '\0' ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return error_set_errno(e, STATUS_CANT_CREATE, "directories.create", "cannot use backup.repository: %s",
		    parent);
	result = directories_make(fd, parent, slash + 1, archive, 0700, e);
	close(fd);
	return result;
}

static int
directories_open_storage(struct directories *directories, const struct conf *conf,
    const struct directories_users *users, bool separated, struct error *e)
{
	char path[PATH_MAX];

	if (directories_make(directories->data_fd, conf->node.data_dir, "secrets", &users->keeper, 0700, e) == -1 ||
	    directories_open_archive(directories, conf, &users->archive, separated, e) == -1)
		return -1;
	if (conf->database.backend == CONF_BACKEND_POSTGRES) {
		home_source(conf, path);
		return home_moves(conf, &directories->home) &&
			directories_check_files(path, &users->storage, separated, e) == -1
		    ? -1
		    : directories_open_postgres(directories, conf, users, e);
	}
	return directories_open_sqlite(directories, conf, users, separated, e);
}

static void
directories_close_all(struct directories *directories)
{
	int *fds[] = { &directories->lock_fd, &directories->data_fd, &directories->postgres_fd,
		&directories->certificates_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] != -1)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

int
directories_open(struct directories *directories, const struct conf *conf, const struct directories_users *users,
    bool separated, struct error *e)
{
	const char *data_dir = conf->node.data_dir;

	*directories = (struct directories) { .data_fd = -1, .lock_fd = -1, .postgres_fd = -1, .certificates_fd = -1 };
	if (directories_check_reach(data_dir, &users->storage, separated, e) == 0 &&
	    (directories->data_fd = directories_open_data(data_dir, e)) != -1 &&
	    directories_lock(directories, data_dir, e) == 0 &&
	    directories_check_lost_id(directories->data_fd, conf, e) == 0 &&
	    node_id_open(directories->data_fd, data_dir, conf->node.id, directories->node_id, e) == 0 &&
	    home_check(directories->data_fd, conf, &directories->home, e) == 0 &&
	    directories_open_storage(directories, conf, users, separated, e) == 0)
		return 0;
	directories_close_all(directories);
	return -1;
}

void
directories_close(struct directories *directories)
{
	if (directories->lock_fd != -1) {
		/* Removed while it is held: a process that waits sees that the name has gone, and makes a new one. */
		(void)unlinkat(directories->data_fd, DIRECTORIES_LOCK, 0);
	}
	directories_close_all(directories);
}
