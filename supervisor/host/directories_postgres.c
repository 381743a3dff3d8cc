/*
 * The directories that a node on PostgreSQL has besides: those that are mounted into the container of a managed server.
 * The database directory itself is in pgdata.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/host/directories.h"

#define POSTGRES_NAME "postgres"

int
directories_check_lost_id(int data_fd, const struct conf *conf, struct error *e)
{
	char path[PATH_MAX], text[128] = "", id[NODE_ID_SIZE] = "";
	ssize_t n;
	int fd;

	if (conf->node.id[0] != '\0' || conf->database.backend != CONF_BACKEND_POSTGRES ||
	    !conf->database.postgres.managed || faccessat(data_fd, "node.id", F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
	    conf_postgres_path(conf, "data/bibd.node", path, sizeof(path)) == -1 ||
	    (fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) == -1)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0 || sscanf(text, "node %26s", id) != 1 || !directories_is_node_id(id))
		return 0;
	return error_set(e, STATUS_DATA, "directories.node_id",
	    "%s/node.id is missing, and %s says that the database there is that of node %s; nothing was changed. If "
	    "this is that node, run: echo %s >%s/node.id",
	    conf->node.data_dir, path, id, id, conf->node.data_dir);
}

/* A directory is the operator's to place; its last part is made if it is missing. */
static int
postgres_open_configured(const char *key, const char *path, struct error *e)
{
	bool made = mkdir(path, 0711) == 0;
	struct stat st;
	int fd;

	if (!made && errno != EEXIST)
		return error_set_errno(e, STATUS_CANT_CREATE, "directories.create", "cannot create %s: %s", key, path);
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return error_set_errno(e, STATUS_PERMISSION, "directories.create", "cannot open %s: %s", key, path);
	if (fstat(fd, &st) == -1 || (made && fchmod(fd, 0711) == -1))
		(void)error_set_errno(e, STATUS_IO, "directories.io", "cannot examine %s", path);
	else if (st.st_uid != geteuid() && st.st_uid != 0)
		(void)error_set(e, STATUS_PERMISSION, "directories.owner",
		    "%s belongs to uid %ld and bibd runs as uid %ld: change its owner with: chown %ld %s", path,
		    (long)st.st_uid, (long)geteuid(), (long)geteuid(), path);
	else if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		(void)error_set(e, STATUS_PERMISSION, "directories.owner",
		    "%s can be written by others (mode %04o): close it with: chmod go-w %s", path,
		    (unsigned)st.st_mode & 07777, path);
	else
		return fd;
	close(fd);
	return -1;
}

static int
postgres_open_own(const struct directories *directories, const char *data_dir, struct error *e)
{
	struct user self;
	int fd;

	users_self(&self);
	if (directories_make(directories->data_fd, data_dir, POSTGRES_NAME, &self, 0711, e) == -1)
		return -1;
	if ((fd = openat(directories->data_fd, POSTGRES_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return error_set_errno(e, STATUS_PERMISSION, "directories.create", "cannot open %s/" POSTGRES_NAME,
		    data_dir);
	return fd;
}

/* A directory of the operator's choice, made in one that is there. */
static int
postgres_make_certificates_elsewhere(const char *path, const struct user *keeper, struct error *e)
{
	char parent[PATH_MAX];
	char *slash;
	int fd, result;

	(void)snprintf(parent, sizeof(parent), "%s", path);
	slash = strrchr(parent, '/');
	*slash = '\0';
	if (slash[1] == '\0')
		return error_set(e, STATUS_CONFIG, "directories.create",
		    "database.postgres.tls.cert_dir must not end with a slash: %s", path);
	if ((fd = open(slash == parent ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return error_set_errno(e, STATUS_CANT_CREATE, "directories.create",
		    "cannot create database.postgres.tls.cert_dir: %s", parent);
	result = directories_make(fd, parent, slash + 1, keeper, 0755, e);
	close(fd);
	return result;
}

static int
postgres_open_certificates(struct directories *directories, const struct conf *conf, const char *postgres,
    const struct user *keeper, struct error *e)
{
	char path[PATH_MAX];
	int made;

	if (!conf_has_tls(conf) || !conf->database.postgres.tls.auto_generate)
		return 0;
	if (conf_certificates_path(conf, path, sizeof(path)) == -1)
		return error_set(e, STATUS_CONFIG, "directories.create", "database.postgres.tls.cert_dir is too long");
	made = conf->database.postgres.tls.cert_dir[0] != '\0'
	    ? postgres_make_certificates_elsewhere(path, keeper, e)
	    : directories_make(directories->postgres_fd, postgres, "certs", keeper, 0755, e);
	if (made == -1)
		return -1;
	if ((directories->certificates_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return error_set_errno(e, STATUS_PERMISSION, "directories.create", "cannot open %s", path);
	return 0;
}

/* In it each node has a directory of its own, which is mounted into the container. */
static int
postgres_make_wal(const struct directories *directories, const struct conf *conf, const struct user *server,
    struct error *e)
{
	const char *path = conf->database.postgres.wal_dir;
	int fd, result;

	if (path[0] == '\0')
		return 0;
	if ((fd = postgres_open_configured("database.postgres.wal_dir", path, e)) == -1)
		return -1;
	result = directories_make(fd, path, directories->node_id, server, 0700, e);
	close(fd);
	return result;
}

static int
postgres_open_managed(struct directories *directories, const struct conf *conf, const struct directories_users *users,
    struct error *e)
{
	const char *configured = conf->database.postgres.data_dir;
	char path[PATH_MAX];

	if (directories_make(directories->data_fd, conf->node.data_dir, "container", &users->container, 0700, e) == -1)
		return -1;
	directories->postgres_fd = configured[0] != '\0'
	    ? postgres_open_configured("database.postgres.data_dir", configured, e)
	    : postgres_open_own(directories, conf->node.data_dir, e);
	if (directories->postgres_fd == -1)
		return -1;
	if (conf_postgres_path(conf, "", path, sizeof(path)) == -1)
		return error_set(e, STATUS_CONFIG, "directories.create", "database.postgres.data_dir is too long");
	path[strlen(path) - 1] = '\0';
	/* The group of the socket's directory is the storage worker's. */
	if (directories_make(directories->postgres_fd, path, "run", &users->server, 0750, e) == -1)
		return -1;
	if (directories_make(directories->postgres_fd, path, "etc", &users->container, 0755, e) == -1)
		return -1;
	if (postgres_make_wal(directories, conf, &users->server, e) == -1)
		return -1;
	return postgres_open_certificates(directories, conf, path, &users->keeper, e);
}

int
directories_open_postgres(struct directories *directories, const struct conf *conf,
    const struct directories_users *users, struct error *e)
{
	return conf->database.postgres.managed ? postgres_open_managed(directories, conf, users, e) : 0;
}
