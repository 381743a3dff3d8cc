/*
 * The built-in migrations where the storage worker can read them. Installed they are; in a build tree under a home that
 * is closed to others they are not, and then a copy goes to <data_dir>/migrations, which is bibd's own and is made anew
 * at every start.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "supervisor/supervisor.h"

#define MIGRATIONS_COPY "migrations"
#define MIGRATIONS_FILE_MAX (1 << 20)

static bool
migrations_is_name(const char *name)
{
	size_t length = strlen(name);

	return name[0] != '.' && length > 4 && strcmp(name + length - 4, ".sql") == 0;
}

/* Calls fn for each migration in an open directory. */
static int
migrations_each(int directory_fd, int (*fn)(int from, int to, const char *name), int to)
{
	int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;
	DIR *directory = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (directory == NULL) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	while (result == 0 && (entry = readdir(directory)) != NULL)
		if (migrations_is_name(entry->d_name))
			result = fn(directory_fd, to, entry->d_name);
	closedir(directory);
	return result;
}

static int
migrations_remove(int from, int to, const char *name)
{
	(void)to;
	return unlinkat(from, name, 0);
}

static int
migrations_copy_bytes(int in, int out)
{
	char buf[8192];
	size_t total = 0;
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)n) != n || (total += (size_t)n) > MIGRATIONS_FILE_MAX)
			return -1;
	return n == 0 ? 0 : -1;
}

static int
migrations_copy(int from, int to, const char *name)
{
	int in = openat(from, name, O_RDONLY | O_CLOEXEC);
	int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644), result = -1;

	if (in != -1 && out != -1 && fchmod(out, 0644) == 0)
		result = migrations_copy_bytes(in, out);
	if (in != -1)
		close(in);
	if (out != -1)
		close(out);
	return result;
}

static int
migrations_open_copy(const struct supervisor *s)
{
	int fd;

	if (mkdirat(s->node.directories.data_fd, MIGRATIONS_COPY, 0755) == -1 && errno != EEXIST)
		return -1;
	fd = openat(s->node.directories.data_fd, MIGRATIONS_COPY, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd != -1 && fchmod(fd, 0755) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

int
migrations_make_reachable(struct supervisor *supervisor, const struct user *user, struct error *e)
{
	struct supervisor *s = supervisor;
	int from, to, n, result = -1;

	if (!s->node.separated || directories_check_reach(s->places.migrations, user, true, NULL) == 0)
		return 0;
	from = open(s->places.migrations, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	to = migrations_open_copy(s);
	if (from != -1 && to != -1 && migrations_each(to, migrations_remove, -1) == 0)
		result = migrations_each(from, migrations_copy, to);
	if (result == -1)
		(void)error_set_errno(e, STATUS_CANT_CREATE, "directories.create",
		    "cannot copy the migrations of %s to %s/" MIGRATIONS_COPY, s->places.migrations,
		    s->node.conf->node.data_dir);
	if (from != -1)
		close(from);
	if (to != -1)
		close(to);
	if (result == -1)
		return -1;
	log_info("%s cannot reach %s: the migrations were copied to %s/" MIGRATIONS_COPY, user->name,
	    s->places.migrations, s->node.conf->node.data_dir);
	n = snprintf(s->places.migrations, sizeof(s->places.migrations), "%s/" MIGRATIONS_COPY, s->node.conf->node.data_dir);
	return n < 0 || (size_t)n >= sizeof(s->places.migrations)
	    ? error_set(e, STATUS_CONFIG, "directories.create", "node.data_dir is too long")
	    : 0;
}
