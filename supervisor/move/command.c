/*
 * `bibd --move WHAT`, which bibctl move runs: what is kept of a move, and its end, with the daemon up or down.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/conf/parse.h"
#include "supervisor/host/home.h"
#include "supervisor/move/kept.h"
#include "supervisor/move/move.h"

/* The node's id is part of the path. */
static void
command_find_wal(const struct conf *conf, char wal[PATH_MAX])
{
	char path[PATH_MAX + 16], id[64] = "";
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/node.id", conf->node.data_dir);
	if ((file = fopen(path, "re")) != NULL) {
		if (fgets(id, sizeof(id), file) == NULL)
			id[0] = '\0';
		(void)fclose(file);
	}
	id[strcspn(id, "\n")] = '\0';
	move_wal_directory(conf, id, wal);
	if (id[0] == '\0')
		wal[0] = '\0';
}

static int
command_find_home(const struct conf *conf, struct home *home, struct error *e)
{
	int fd = open(conf->node.data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result;

	if (fd == -1)
		return error_set_errno(e, STATUS_PERMISSION, "move.kept", "cannot open %s", conf->node.data_dir);
	result = home_find(fd, conf, home, e);
	close(fd);
	return result;
}

/* A move that is under way, or was cut short, has announced a file that is the node's home still. */
static bool
command_keeps(const struct kept *kept, const struct home *home)
{
	return home->kind == HOME_POSTGRES && kept->path[0] != '\0';
}

static int
command_finish(const struct conf *conf, const struct kept *kept, struct error *e)
{
	struct home home = { .path = "" };
	char source[PATH_MAX], wal[PATH_MAX];
	bool there;

	if (command_find_home(conf, &home, e) == -1)
		return -1;
	if (!command_keeps(kept, &home))
		return error_set(e, STATUS_USAGE, "move.kept", "no file is kept of a move");
	if (kept_is_database(kept))
		home_wanted_path(conf, source);
	else
		home_source(conf, source);
	if (!kept_is_of(kept, source))
		return error_set(e, STATUS_DATA, "move.kept",
		    "%s was not made of %s, which the configuration says: in a copy of a node it is the other "
		    "node's; else set that back, or remove the file by hand",
		    kept->path, source);
	/* A move that was killed before its files had their new names, which the next start would give them. */
	if (kept_set_aside(kept, e) == -1)
		return -1;
	there = access(kept->path, F_OK) == 0;
	command_find_wal(conf, wal);
	if (kept_remove(conf->node.data_dir, wal, kept, e) == -1)
		return -1;
	(void)printf("%s %s: the move is finished\n", kept->path, there ? "was removed" : "is not there any more");
	return 0;
}

static void
command_show_kept(const struct conf *conf, const struct kept *kept)
{
	int64_t until = kept_until(kept, conf);
	char when[CLOCK_TEXT_SIZE];

	(void)printf("moved %s; the %s that they were in is kept as %s\n", kept->since,
	    kept_is_database(kept) ? "database" : "file", kept->path);
	if (until == 0)
		(void)printf("it is not removed before: bibctl move finish\n");
	else
		(void)printf("it may be removed from %s on, once there is a backup: %s%s\n",
		    clock_text(until * 1000000, when, sizeof(when)),
		    kept->backup[0] == '\0' ? "there is none yet" : "there is one since ", kept->backup);
}

static int
command_show(const struct conf *conf, const struct kept *kept, struct error *e)
{
	struct home home = { .path = "" };

	if (command_find_home(conf, &home, e) == -1)
		return -1;
	(void)printf("the rows are in %s%s%s\n", home_name(home.kind), home.path[0] == '\0' ? "" : ", ", home.path);
	if (home_moves(conf, &home) && conf->database.move == CONF_MOVE_REFUSE)
		(void)printf("a start refuses to move them, since database.move is refuse\n");
	else if (home_moves(conf, &home))
		(void)printf("a start moves them to PostgreSQL; bibctl status says how far it is\n");
	if (!command_keeps(kept, &home))
		(void)printf("no file is kept of a move\n");
	else
		command_show_kept(conf, kept);
	return 0;
}

int
move_run_command(const char *what, const char *conf_path)
{
	struct error e;
	struct conf *conf = conf_load(conf_path, &e);
	struct kept kept;
	int result = -1;

	if (conf != NULL && kept_load(conf->node.data_dir, &kept, &e) == 0) {
		if (strcmp(what, "status") == 0)
			result = command_show(conf, &kept, &e);
		else if (strcmp(what, "finish") == 0)
			result = command_finish(conf, &kept, &e);
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
