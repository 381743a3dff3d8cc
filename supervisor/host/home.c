/*
 * Reads where the rows were, compares that with the configuration, and writes it anew once clients are served.
 */
#include "supervisor/host/home.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"

#define HOME_FILE_NEW HOME_NAME ".new"
#define HOME_DATABASE "database "
#define HOME_SYSTEM "system "

static const struct {
	const char *word; /* as the file has it */
	const char *name;
	const char *setting;
} home_kinds[HOME_KINDS] = {
	[HOME_UNKNOWN] = { "", "nothing", "" },
	[HOME_NEW] = { "new", "nothing", "" },
	[HOME_SQLITE] = { "sqlite", "SQLite", "database.backend: sqlite" },
	[HOME_POSTGRES] = { "postgres", "the managed PostgreSQL",
	    "database.backend: postgres, database.postgres.managed: true" },
	[HOME_EXTERNAL] = { "external", "the external PostgreSQL",
	    "database.backend: postgres, database.postgres.managed: false" },
};

const char *
home_name(enum home_kind kind)
{
	return home_kinds[kind].name;
}

static enum home_kind
home_kind_of(const char *word)
{
	for (int kind = HOME_NEW; kind < HOME_KINDS; kind++)
		if (strcmp(home_kinds[kind].word, word) == 0)
			return (enum home_kind)kind;
	return HOME_UNKNOWN;
}

/* ---- the configuration ---- */

enum home_kind
home_wanted(const struct conf *conf)
{
	if (conf->database.backend == CONF_BACKEND_SQLITE)
		return HOME_SQLITE;
	return conf->database.postgres.managed ? HOME_POSTGRES : HOME_EXTERNAL;
}

/* Where a store of that kind is, or would be. */
static void
home_path(const struct conf *conf, enum home_kind kind, char buf[PATH_MAX])
{
	int n = 0;

	buf[0] = '\0';
	if (kind == HOME_SQLITE && conf->database.sqlite.path[0] != '\0')
		n = snprintf(buf, PATH_MAX, "%s", conf->database.sqlite.path);
	else if (kind == HOME_SQLITE)
		n = snprintf(buf, PATH_MAX, "%s/sqlite/cache.db", conf->node.data_dir);
	else if (kind == HOME_POSTGRES)
		n = conf_postgres_path(conf, "data", buf, PATH_MAX);
	else if (kind == HOME_EXTERNAL)
		n = snprintf(buf, PATH_MAX, "%s:%lld", conf->database.postgres.advanced.host,
		    (long long)conf->database.postgres.advanced.port);
	if (n < 0 || n >= PATH_MAX)
		buf[0] = '\0';
}

void
home_wanted_path(const struct conf *conf, char buf[PATH_MAX])
{
	home_path(conf, home_wanted(conf), buf);
}

/* ---- what is there ---- */

static bool
home_has_store(const char *path, enum home_kind kind)
{
	char version[PATH_MAX + 16];
	struct stat st;

	if (path[0] == '\0')
		return false;
	if (kind == HOME_SQLITE)
		return stat(path, &st) == 0 && st.st_size > 0;
	/* Any database counts here: whether it is this node's is checked later, and the directory is never emptied. */
	(void)snprintf(version, sizeof(version), "%s/PG_VERSION", path);
	return access(version, F_OK) == 0;
}

/* The further lines: "database NAME" and "system IDENTIFIER". */
static void
home_read_more(const char *line, struct home *home)
{
	for (; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, HOME_DATABASE, strlen(HOME_DATABASE)) == 0)
			(void)snprintf(home->database, sizeof(home->database), "%.*s",
			    (int)strcspn(line + strlen(HOME_DATABASE), "\n"), line + strlen(HOME_DATABASE));
		else if (strncmp(line, HOME_SYSTEM, strlen(HOME_SYSTEM)) == 0)
			home->system = strtoull(line + strlen(HOME_SYSTEM), NULL, 10);
	}
}

static int
home_read(int data_fd, const char *data_dir, struct home *home, struct error *e)
{
	char text[PATH_MAX + 128];
	int fd = openat(data_fd, HOME_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n;
	size_t word;

	*home = (struct home) { .kind = HOME_UNKNOWN };
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1 || (n = read(fd, text, sizeof(text) - 1)) == -1) {
		(void)error_set_errno(e, STATUS_IO, "home.io", "cannot read %s/" HOME_NAME, data_dir);
		if (fd != -1)
			close(fd);
		return -1;
	}
	close(fd);
	text[n] = '\0';
	home_read_more(strchr(text, '\n'), home);
	text[strcspn(text, "\n")] = '\0';
	word = strcspn(text, " ");
	if (text[word] == ' ') {
		text[word] = '\0';
		(void)snprintf(home->path, sizeof(home->path), "%s", text + word + 1);
	}
	home->kind = home_kind_of(text);
	if (home->kind != HOME_UNKNOWN)
		return 0;
	return error_set(e, STATUS_DATA, "home.damaged",
	    "%s/" HOME_NAME " is damaged: it must hold one line that begins with sqlite, postgres, external or new, as "
	    "where this node's rows are; look for them, and run: echo WORD >%s/" HOME_NAME,
	    data_dir, data_dir);
}

static int
home_write(int data_fd, const char *data_dir, const struct home *home, struct error *e)
{
	char line[PATH_MAX + 192], system[64] = "";
	bool named = home->database[0] != '\0';
	int n, fd;

	if (home->system != 0)
		(void)snprintf(system, sizeof(system), HOME_SYSTEM "%" PRIu64 "\n", home->system);
	n = snprintf(line, sizeof(line), "%s%s%s\n%s%s%s%s", home_kinds[home->kind].word,
	    home->path[0] != '\0' ? " " : "", home->path, named ? HOME_DATABASE : "", home->database, named ? "\n" : "",
	    system);
	fd = file_create(data_fd, HOME_FILE_NEW, 0644);

	if (fd == -1 || file_install(fd, data_fd, HOME_FILE_NEW, HOME_NAME, line, (size_t)n) == -1)
		return error_set_errno(e, STATUS_IO, "home.io", "cannot write %s/" HOME_NAME, data_dir);
	return 0;
}

/* ---- the check ---- */

static int
home_refuse_elsewhere(const struct conf *conf, const struct home *home, struct error *e)
{
	enum home_kind wanted = home_wanted(conf);

	return error_set(e, STATUS_DATA, "home.elsewhere",
	    "this node's rows are in %s%s%s, and the configuration asks for %s, which would begin without them; "
	    "nothing was changed. To go on with them: %s. To begin without them (they stay where they are), run: echo "
	    "%s >%s/" HOME_NAME,
	    home_name(home->kind), home->path[0] != '\0' ? ", " : "", home->path, home_name(wanted),
	    home_kinds[home->kind].setting, home_kinds[wanted].word, conf->node.data_dir);
}

static int
home_refuse_missing(const struct conf *conf, const struct home *home, const char *path, struct error *e)
{
	return error_set(e, STATUS_DATA, "home.missing",
	    "this node's rows were in %s, and there is no database at %s: is its file system mounted? Bring it back, "
	    "or, to begin with an empty one, run: echo new >%s/" HOME_NAME,
	    home->path, path, conf->node.data_dir);
}

/* The name was given to the database when it was made. */
static int
home_refuse_name(const struct conf *conf, const struct home *home, struct error *e)
{
	return error_set(e, STATUS_CONFIG, "home.database",
	    "database.name is %s, and this node's database was made as %s, which the key does not rename: set "
	    "database.name: %s (where PostgreSQL's own ALTER DATABASE has renamed it, run: echo postgres >%s/" HOME_NAME
	    ")",
	    conf->database.name, home->database, home->database, conf->node.data_dir);
}

/* An older bibd made this node and wrote no such file: where only one store exists, the rows are in that one. */
static void
home_find_store(const struct conf *conf, struct home *home)
{
	char sqlite[PATH_MAX], postgres[PATH_MAX];
	bool has_sqlite, has_postgres;

	home_path(conf, HOME_SQLITE, sqlite);
	home_path(conf, HOME_POSTGRES, postgres);
	has_sqlite = home_has_store(sqlite, HOME_SQLITE);
	has_postgres = home_has_store(postgres, HOME_POSTGRES);
	if (!has_sqlite && !has_postgres)
		home->kind = HOME_NEW;
	if (has_sqlite == has_postgres || home_wanted(conf) == HOME_EXTERNAL ||
	    home_wanted(conf) == (has_sqlite ? HOME_SQLITE : HOME_POSTGRES))
		return;
	home->kind = has_sqlite ? HOME_SQLITE : HOME_POSTGRES;
	(void)snprintf(home->path, sizeof(home->path), "%s", has_sqlite ? sqlite : postgres);
}

int
home_find(int data_fd, const struct conf *conf, struct home *home, struct error *e)
{
	if (home_read(data_fd, conf->node.data_dir, home, e) == -1)
		return -1;
	if (home->kind == HOME_UNKNOWN)
		home_find_store(conf, home);
	return 0;
}

bool
home_moves(const struct conf *conf, const struct home *home)
{
	return home->kind == HOME_SQLITE && home_wanted(conf) == HOME_POSTGRES;
}

void
home_source(const struct conf *conf, char buf[PATH_MAX])
{
	home_path(conf, HOME_SQLITE, buf);
}

static int
home_refuse_move(const struct conf *conf, const struct home *home, const char *path, struct error *e)
{
	return error_set(e, STATUS_DATA, "home.refused",
	    "this node's rows are in %s, %s, the configuration asks for %s, and database.move is refuse: nothing was "
	    "changed. To go on with them: %s. To move them at a start, after a look at bibctl plan: database.move: "
	    "auto",
	    home_name(home->kind), path, home_name(home_wanted(conf)), home_kinds[home->kind].setting);
}

/* The rows must be where the configuration would have them on SQLite: the file is opened by its keys. */
static int
home_judge_move(const struct conf *conf, const struct home *home, struct error *e)
{
	char path[PATH_MAX];

	home_source(conf, path);
	if (!home_has_store(path, HOME_SQLITE))
		return home_refuse_missing(conf, home, path, e);
	if (conf->database.move == CONF_MOVE_REFUSE)
		return home_refuse_move(conf, home, path, e);
	return home->path[0] == '\0' || strcmp(home->path, path) == 0
	    ? 0
	    : error_set(e, STATUS_DATA, "home.elsewhere",
		  "this node's rows are in %s, and database.sqlite.path says %s: to move them set it back; nothing was "
		  "changed",
		  home->path, path);
}

int
home_judge(const struct conf *conf, const struct home *home, struct error *e)
{
	char path[PATH_MAX];

	if (home->kind == HOME_NEW || home->kind == HOME_UNKNOWN)
		return 0;
	if (home_moves(conf, home))
		return home_judge_move(conf, home, e);
	if (home->kind != home_wanted(conf))
		return home_refuse_elsewhere(conf, home, e);
	if (home->kind == HOME_POSTGRES && home->database[0] != '\0' &&
	    strcmp(home->database, conf->database.name) != 0)
		return home_refuse_name(conf, home, e);
	home_wanted_path(conf, path);
	/* In proxy mode the file is a cache, which may always be built anew. */
	if (home->path[0] == '\0' || home->kind == HOME_EXTERNAL ||
	    (home->kind == HOME_SQLITE && conf->node.mode == CONF_MODE_PROXY) || home_has_store(path, home->kind))
		return 0;
	return home_refuse_missing(conf, home, path, e);
}

int
home_check(int data_fd, const struct conf *conf, struct home *home, struct error *e)
{
	bool written;

	if (home_read(data_fd, conf->node.data_dir, home, e) == -1)
		return -1;
	written = home->kind != HOME_UNKNOWN;
	if (!written)
		home_find_store(conf, home);
	/* What a move begins with is written down before anything else is made. */
	if (!written && (home->kind == HOME_NEW || home_moves(conf, home)))
		return home_judge(conf, home, e) == -1 ? -1 : home_write(data_fd, conf->node.data_dir, home, e);
	return home_judge(conf, home, e);
}

int
home_settle(int data_fd, const struct conf *conf, struct home *home, bool *changed, struct error *e)
{
	struct home now = { .kind = home_wanted(conf) };

	home_wanted_path(conf, now.path);
	if (now.kind == HOME_POSTGRES)
		(void)snprintf(now.database, sizeof(now.database), "%s", conf->database.name);
	if (now.kind == HOME_POSTGRES && home->kind == HOME_POSTGRES)
		now.system = home->system;
	*changed = home_moves(conf, home) || (home->kind == now.kind && home->path[0] == '\0' && now.path[0] != '\0');
	if (home->kind == now.kind && strcmp(home->path, now.path) == 0 && strcmp(home->database, now.database) == 0)
		return 0;
	*home = now;
	return home_write(data_fd, conf->node.data_dir, home, e);
}

int
home_move_version(int data_fd, const struct conf *conf, struct home *home, uint64_t system, struct error *e)
{
	struct home now = { .kind = HOME_POSTGRES, .system = system };

	home_wanted_path(conf, now.path);
	(void)snprintf(now.database, sizeof(now.database), "%s", conf->database.name);
	if (home_write(data_fd, conf->node.data_dir, &now, e) == -1)
		return -1;
	*home = now;
	return 0;
}
