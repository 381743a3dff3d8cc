/*
 * The SQLite file whose rows were moved: set aside, shown, and removed when an operator says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/file.h"
#include "common/log.h"
#include "supervisor/conf/parse.h"
#include "supervisor/host/home.h"
#include "supervisor/move/move.h"

#define KEPT_NEW MOVE_KEPT ".new"
#define KEPT_SINCE "since "

/* SQLite's files, and the one of sequences beside them. */
static const char *const kept_suffixes[] = { "-wal", "-shm", "-sequences", "" };
#define KEPT_SUFFIXES (sizeof(kept_suffixes) / sizeof(kept_suffixes[0]))

static int
kept_rename(const char *from, const char *to)
{
	char old[PATH_MAX + 16], new[PATH_MAX + 16];

	/* The database itself last: while it has its name, nothing was moved. */
	for (size_t i = 0; i < KEPT_SUFFIXES; i++) {
		(void)snprintf(old, sizeof(old), "%s%s", from, kept_suffixes[i]);
		(void)snprintf(new, sizeof(new), "%s%s", to, kept_suffixes[i]);
		if (rename(old, new) == -1 && errno != ENOENT)
			return -1;
	}
	return 0;
}

static int
kept_write(int data_fd, const char *path, const char *since)
{
	char text[PATH_MAX + 64];
	int n = snprintf(text, sizeof(text), "%s\n" KEPT_SINCE "%s\n", path, since),
	    fd = file_create(data_fd, KEPT_NEW, 0600);

	return fd == -1 ? -1 : file_install(fd, data_fd, KEPT_NEW, MOVE_KEPT, text, (size_t)n);
}

int
move_keep(int data_fd, const char *path, struct error *e)
{
	char kept[PATH_MAX], since[32];
	time_t now = time(NULL);
	struct tm tm;
	int n;

	(void)strftime(since, sizeof(since), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	n = snprintf(kept, sizeof(kept), "%s.moved-to-postgres-%s", path, since);
	if (n < 0 || (size_t)n >= sizeof(kept) || kept_write(data_fd, kept, since) == -1 ||
	    kept_rename(path, kept) == -1 || chmod(kept, 0400) == -1)
		return error_set_errno(e, STATUS_IO, "move.kept", "cannot set %s aside, whose rows were moved", path);
	log_notice("the file that the rows were in is kept as %s, until: bibctl move finish", kept);
	return 0;
}

/* ---- bibd --move ---- */

struct kept {
	char path[PATH_MAX]; /* "": nothing is kept */
	char since[32];
};

static int
kept_read(const char *data_dir, struct kept *kept, struct error *e)
{
	char name[PATH_MAX];
	FILE *file;

	*kept = (struct kept) { .path = "" };
	(void)snprintf(name, sizeof(name), "%s/" MOVE_KEPT, data_dir);
	if ((file = fopen(name, "re")) == NULL)
		return errno == ENOENT ? 0 : error_set_errno(e, STATUS_PERMISSION, "move.kept", "cannot read %s", name);
	if (fgets(kept->path, sizeof(kept->path), file) == NULL ||
	    fgets(kept->since, sizeof(kept->since), file) == NULL ||
	    strncmp(kept->since, KEPT_SINCE, strlen(KEPT_SINCE)) != 0) {
		(void)fclose(file);
		return error_set(e, STATUS_DATA, "move.kept", "%s is damaged", name);
	}
	(void)fclose(file);
	kept->path[strcspn(kept->path, "\n")] = '\0';
	kept->since[strcspn(kept->since, "\n")] = '\0';
	memmove(kept->since, kept->since + strlen(KEPT_SINCE), strlen(kept->since) - strlen(KEPT_SINCE) + 1);
	return 0;
}

static int
kept_finish(const struct conf *conf, const struct kept *kept, struct error *e)
{
	char name[PATH_MAX + 16];

	if (kept->path[0] == '\0')
		return error_set(e, STATUS_USAGE, "move.kept", "no file is kept of a move");
	for (size_t i = 0; i < KEPT_SUFFIXES; i++) {
		(void)snprintf(name, sizeof(name), "%s%s", kept->path, kept_suffixes[i]);
		if (unlink(name) == -1 && errno != ENOENT)
			return error_set_errno(e, STATUS_IO, "move.kept", "cannot remove %s", name);
	}
	(void)snprintf(name, sizeof(name), "%s/" MOVE_KEPT, conf->node.data_dir);
	if (unlink(name) == -1)
		return error_set_errno(e, STATUS_IO, "move.kept", "cannot remove %s", name);
	(void)printf("%s was removed: the move is finished\n", kept->path);
	return 0;
}

static int
kept_show(const struct conf *conf, const struct kept *kept, struct error *e)
{
	struct home home;
	int fd = open(conf->node.data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result;

	if (fd == -1)
		return error_set_errno(e, STATUS_PERMISSION, "move.kept", "cannot open %s", conf->node.data_dir);
	result = home_find(fd, conf, &home, e);
	close(fd);
	if (result == -1)
		return -1;
	(void)printf("the rows are in %s%s%s\n", home_name(home.kind), home.path[0] == '\0' ? "" : ", ", home.path);
	if (home_moves(conf, &home))
		(void)printf("a start moves them to PostgreSQL; bibctl status says how far it is\n");
	if (kept->path[0] == '\0')
		(void)printf("no file is kept of a move\n");
	else
		(void)printf("moved %s; the file that they were in is kept as %s\n", kept->since, kept->path);
	return 0;
}

int
move_run_command(const char *what, const char *conf_path)
{
	struct error e;
	struct conf *conf = conf_load(conf_path, &e);
	struct kept kept;
	int result = -1;

	if (conf != NULL && kept_read(conf->node.data_dir, &kept, &e) == 0) {
		if (strcmp(what, "status") == 0)
			result = kept_show(conf, &kept, &e);
		else if (strcmp(what, "finish") == 0)
			result = kept_finish(conf, &kept, &e);
		else
			result = error_set(&e, STATUS_USAGE, "move.usage", "--move takes status or finish");
	}
	conf_free(conf);
	if (result == -1) {
		log_failure(&e);
		return e.status;
	}
	return fflush(stdout) == 0 ? STATUS_OK : STATUS_IO;
}
