/*
 * Copies the built-in migrations to data_dir where the storage worker cannot read the originals.
 */
#include "supervisor/host/migrations.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "supervisor/host/directories.h"

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
	DIR *directory = directories_list(directory_fd);
	const struct dirent *entry;
	int result = 0;

	if (directory == NULL)
		return -1;
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
migrations_open_copy(int data_fd)
{
	int fd;

	if (mkdirat(data_fd, MIGRATIONS_COPY, 0755) == -1 && errno != EEXIST)
		return -1;
	fd = openat(data_fd, MIGRATIONS_COPY, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd != -1 && fchmod(fd, 0755) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
migrations_copy_all(const char *path, int data_fd)
{
	int from = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), to = migrations_open_copy(data_fd), result = -1;

	if (from != -1 && to != -1 && migrations_each(to, migrations_remove, -1) == 0)
		result = migrations_each(from, migrations_copy, to);
	if (from != -1)
		close(from);
	if (to != -1)
		close(to);
	return result;
}

int
migrations_make_reachable(char path[PATH_MAX], int data_fd, const char *data_dir, const struct user *user,
    struct error *e)
{
	char copy[PATH_MAX];
	int n;

	if (directories_check_reach(path, user, true, NULL) == 0)
		return 0;
	if (migrations_copy_all(path, data_fd) == -1)
		return error_set_errno(e, STATUS_CANT_CREATE, "directories.create",
		    "cannot copy the migrations of %s to %s/" MIGRATIONS_COPY, path, data_dir);
	log_info("%s cannot reach %s: the migrations were copied to %s/" MIGRATIONS_COPY, user->name, path, data_dir);
	n = snprintf(copy, sizeof(copy), "%s/" MIGRATIONS_COPY, data_dir);
	if (n < 0 || (size_t)n >= sizeof(copy))
		return error_set(e, STATUS_CONFIG, "directories.create", "node.data_dir is too long");
	memcpy(path, copy, (size_t)n + 1);
	return 0;
}
