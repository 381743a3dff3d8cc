/*
 * A backup of PostgreSQL becomes a database directory whose next start replays its write-ahead log: bibd makes a
 * single-user run of that (workers/container/bootstrap.h). What is half done is in a directory of another name, and has
 * no marker, so that nobody takes it for a node's. Killed at any instant it can be run again.
 */
#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "workers/control/bibctl/restore.h"

#define POSTGRES_USER "_bibpg"
#define POSTGRES_GROUP_OF "_bibd"
#define POSTGRES_MARKER "bibd.node"
#define POSTGRES_MARKER_FORMAT "node %s\nsystem identifier %" PRIu64 "\n" /* supervisor/host/pgdata.h */
#define POSTGRES_RESTORED "bibd.restored"				  /* workers/container/bootstrap.h */
#define POSTGRES_DEPTH 32
#define POSTGRES_NODE_DIGITS 26

static int
postgres_error(struct error *e, const char *what, const char *path)
{
	return error_set_errno(e, STATUS_IO, "restore.io", "cannot %s %s", what, path);
}

/* ---- trees ---- */

static struct {
	uid_t uid;
	gid_t gid;
} postgres_owner; /* nftw() gives its function no context */

static int
postgres_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int
postgres_give_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return lchown(path, postgres_owner.uid, postgres_owner.gid);
}

static int
postgres_remove_tree(const char *path, struct error *e)
{
	if (nftw(path, postgres_remove_one, POSTGRES_DEPTH, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
		return 0;
	return postgres_error(e, "remove", path);
}

/* The user that the server runs as; on a node without separated users the caller. */
static int
postgres_give_tree(const char *path, struct error *e)
{
	const struct passwd *pw;

	if (geteuid() != 0)
		return 0;
	if ((pw = getpwnam(POSTGRES_USER)) == NULL)
		return error_set(e, STATUS_PERMISSION, "restore.place",
		    "there is no user " POSTGRES_USER ", whose the database would be: install bibd first");
	postgres_owner.uid = pw->pw_uid;
	if ((pw = getpwnam(POSTGRES_GROUP_OF)) == NULL)
		return error_set(e, STATUS_PERMISSION, "restore.place",
		    "there is no user " POSTGRES_GROUP_OF ": install bibd first");
	postgres_owner.gid = pw->pw_gid;
	return nftw(path, postgres_give_one, POSTGRES_DEPTH, FTW_PHYS) == 0 ? 0 : postgres_error(e, "give away", path);
}

/* ---- what a directory gets besides ---- */

static int
postgres_write(int fd, const char *name, const char *text, struct error *e)
{
	int file = openat(fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	size_t size = strlen(text);
	int result = 0;

	if (file == -1 || write(file, text, size) != (ssize_t)size || fsync(file) == -1)
		result = postgres_error(e, "write", name);
	if (file != -1)
		close(file);
	return result;
}

/* Settings of the past: one names who must confirm each commit, and nobody may be there who does. */
static int
postgres_clean_settings(int fd, struct error *e)
{
	static const char *const dropped[] = { "synchronous_standby_names", "recovery_", "restore_command", "primary_",
		"archive_" };
	int file = openat(fd, "postgresql.auto.conf", O_RDONLY | O_CLOEXEC | O_NOFOLLOW), result = -1;
	FILE *in = file == -1 ? NULL : fdopen(file, "r"), *out;
	char *text = NULL, *line = NULL;
	size_t size = 0, room = 0;

	if (in == NULL)
		return file == -1 && errno == ENOENT ? 0 : postgres_error(e, "read", "postgresql.auto.conf");
	out = open_memstream(&text, &size);
	while (out != NULL && getline(&line, &room, in) != -1) {
		bool drop = false;

		for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
			drop |= strncmp(line, dropped[i], strlen(dropped[i])) == 0;
		if (!drop)
			(void)fputs(line, out);
	}
	if (out != NULL && fclose(out) == 0)
		result = postgres_write(fd, "postgresql.auto.conf", text, e);
	else
		(void)postgres_error(e, "read", "postgresql.auto.conf");
	(void)fclose(in);
	free(text);
	free(line);
	return result;
}

/* The first field of pg_control. */
static int
postgres_read_identifier(int fd, uint64_t *identifier, struct error *e)
{
	int file = openat(fd, "global/pg_control", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool good = file != -1 && read(file, identifier, sizeof(*identifier)) == (ssize_t)sizeof(*identifier);

	if (file != -1)
		close(file);
	return good ? 0 : error_set(e, STATUS_DATA, "restore.none", "the backup has no global/pg_control");
}

/* The database as it will be started: the marker last. */
static int
postgres_finish(int fd, const char *path, const char *node, struct error *e)
{
	char marker[128];
	uint64_t identifier = 0;

	if (postgres_read_identifier(fd, &identifier, e) == -1 || postgres_clean_settings(fd, e) == -1 ||
	    postgres_write(fd, "recovery.signal", "", e) == -1 ||
	    postgres_write(fd, POSTGRES_RESTORED,
		"restore_command=false\nrecovery_target_action=promote\nhot_standby=off\n", e) == -1)
		return -1;
	(void)snprintf(marker, sizeof(marker), POSTGRES_MARKER_FORMAT, node, identifier);
	if (postgres_write(fd, POSTGRES_MARKER, marker, e) == -1 || fchmod(fd, 0700) == -1 ||
	    postgres_give_tree(path, e) == -1)
		return -1;
	return syncfs(fd) == -1 ? postgres_error(e, "sync", path) : 0;
}

/* Makes the directory anew and fills it. */
static int
postgres_fill(struct restore *restore, const char *path, const char *scratch, const char *node, struct error *e)
{
	int fd, result = -1;

	if (postgres_remove_tree(path, e) == -1)
		return -1;
	if (mkdir(path, 0700) == -1 || (fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return error_set_errno(e, STATUS_CANT_CREATE, "restore.place", "cannot make %s", path);
	if (backup_restore(&restore->repository, restore->target.backup, fd, scratch, &restore->bytes, e) == 0 &&
	    target_put_wal(&restore->repository, &restore->target, fd, e) == 0) {
		(void)unlinkat(fd, POSTGRES_MARKER, 0);
		(void)unlinkat(fd, "backup_manifest", 0);
		result = postgres_finish(fd, path, node, e);
	}
	close(fd);
	return result;
}

/* ---- a new data directory ---- */

/* A second node beside the first cannot have its id: their containers' names have it. */
static void
postgres_make_node_id(char node[POSTGRES_NODE_DIGITS + 1])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

	for (size_t i = 0; i < POSTGRES_NODE_DIGITS; i++)
		node[i] = alphabet[arc4random_uniform(sizeof(alphabet) - 1)];
	node[POSTGRES_NODE_DIGITS] = '\0';
}

int
restore_postgres_into(struct restore *restore, const char *directory, int fd, struct error *e)
{
	char work[PATH_MAX], node[POSTGRES_NODE_DIGITS + 1], what[256];

	if (snprintf(work, sizeof(work), "%s/" RESTORE_WORK, directory) >= (int)sizeof(work))
		return error_set(e, STATUS_CANT_CREATE, "restore.place", "the name of %.80s... is too long", directory);
	postgres_make_node_id(node);
	/* A restore that was cut short may have left it, empty. */
	(void)unlinkat(fd, "postgres", AT_REMOVEDIR);
	if (postgres_fill(restore, work, directory, node, e) == -1 || restore_write_node(fd, directory, node, e) == -1)
		return -1;
	if (mkdirat(fd, "postgres", 0711) == -1 || fchmodat(fd, "postgres", 0711, 0) == -1 ||
	    renameat(fd, RESTORE_WORK, fd, "postgres/data") == -1 || fsync(fd) == -1)
		return postgres_error(e, "finish", directory);
	restore_describe(restore, what, sizeof(what));
	(void)snprintf(restore->text, sizeof(restore->text),
	    "%.160s is restored, as that of a new node (%s): let node.data_dir of another bibd.yaml be %.150s, and "
	    "start a node on it, which replays the write-ahead log first",
	    what, node, directory);
	return 0;
}

int
restore_postgres_files(struct restore *restore, const char *directory, int fd, struct error *e)
{
	(void)unlinkat(fd, RESTORE_WORK, AT_REMOVEDIR);
	if (backup_restore(&restore->repository, restore->target.backup, fd, directory, &restore->bytes, e) == -1 ||
	    target_put_wal(&restore->repository, &restore->target, fd, e) == -1)
		return -1;
	if (fchmod(fd, 0700) == -1)
		return postgres_error(e, "set the mode of", directory);
	(void)snprintf(restore->text, sizeof(restore->text),
	    "the files of backup %s (%.1f MB) are in %.200s, as pg_basebackup would have left them",
	    restore->target.backup, (double)restore->bytes / 1e6, directory);
	return 0;
}

/* ---- in place ---- */

/* A server outlives its bibd. */
static int
postgres_check_stopped(const struct conf *conf, struct error *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char run[PATH_MAX];
	int fd, n, result;

	if (conf_postgres_path(conf, "run", run, sizeof(run)) == -1)
		return error_set(e, STATUS_CONFIG, "restore.place", "database.postgres.data_dir is too long");
	n = snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.%lld", run,
	    (long long)conf->database.postgres.port);
	if (n < 0 || (size_t)n >= sizeof(address.sun_path) ||
	    (fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return postgres_error(e, "look for a server at", run);
	result = connect(fd, (const struct sockaddr *)&address, sizeof(address));
	close(fd);
	return result == -1 ? 0
			    : error_set(e, STATUS_UNAVAILABLE, "restore.running",
				  "PostgreSQL still runs in its container, although bibd does not: start bibd and stop "
				  "it with bibctl stop, or stop the container");
}

static bool
postgres_has(const char *directory, const char *name)
{
	char path[PATH_MAX + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	return access(path, F_OK) == 0;
}

/* Puts the work in place of data, which gets the work's name in the same instant, and then that of what was set
 * aside. */
static int
postgres_exchange(const char *work, const char *data, const char *aside, struct error *e)
{
	if (renameat2(AT_FDCWD, work, AT_FDCWD, data, RENAME_EXCHANGE) == 0)
		return rename(work, aside) == 0 ? 0 : postgres_error(e, "set aside", work);
	if (errno != ENOENT || rename(work, data) == -1)
		return postgres_error(e, "put the restored database into", data);
	return 0;
}

int
restore_postgres_in_place(struct restore *restore, const char *when, struct error *e)
{
	const struct conf *conf = restore->conf;
	char data[PATH_MAX], work[PATH_MAX + 16], aside[PATH_MAX + 64], what[256];

	if (conf_postgres_path(conf, "data", data, sizeof(data)) == -1)
		return error_set(e, STATUS_CONFIG, "restore.place", "database.postgres.data_dir is too long");
	(void)snprintf(work, sizeof(work), "%s." RESTORE_WORK, data);
	(void)snprintf(aside, sizeof(aside), "%s.before-restore-%s", data, when);
	if (postgres_check_stopped(conf, e) == -1)
		return -1;
	/* One that was killed between the two names has left the node's database under the second. */
	if (postgres_has(work, POSTGRES_MARKER) && !postgres_has(work, POSTGRES_RESTORED) && rename(work, aside) == -1)
		return postgres_error(e, "set aside", work);
	if (postgres_fill(restore, work, conf->node.data_dir, restore->repository.node, e) == -1 ||
	    postgres_exchange(work, data, aside, e) == -1)
		return -1;
	restore_describe(restore, what, sizeof(what));
	(void)snprintf(restore->text, sizeof(restore->text),
	    "%.160s is restored, and the write-ahead log is replayed at the next start; what was there is %.150s", what,
	    aside);
	return 0;
}
