/*
 * The mark of a database that rows are moved to: by it a start tells what a move has left from a database that is
 * there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/conf.h"
#include "common/file.h"
#include "supervisor/host/pgdata.h"

#define PGDATA_MOVING_NEW PGDATA_MOVING ".new"

static int
pgdata_move_io(const char *directory, const char *what, struct error *e)
{
	return error_set_errno(e, STATUS_IO, "pgdata.io", "cannot %s in %s", what, directory);
}

int
pgdata_mark_moving(int data_fd)
{
	static const char text[] = "bibd moves rows to here; without the node's home they are worth nothing\n";
	int fd = file_create(data_fd, PGDATA_MOVING_NEW, 0644);

	return fd == -1 ? -1 : file_install(fd, data_fd, PGDATA_MOVING_NEW, PGDATA_MOVING, text, sizeof(text) - 1);
}

/* Under the name of one that is being made nothing is taken for a database, wherever the removal is cut short. */
static int
pgdata_set_aside(int postgres_fd, int data_fd)
{
	int old = openat(postgres_fd, PGDATA_NEW_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	int result = 0;

	if (old != -1) {
		result = pgdata_remove_contents(old, 0);
		close(old);
		if (result == 0)
			result = unlinkat(postgres_fd, PGDATA_NEW_NAME, AT_REMOVEDIR);
	}
	if (result == 0 && unlinkat(data_fd, PGDATA_MARKER, 0) == -1 && errno != ENOENT)
		result = -1;
	return result == -1 ? -1 : renameat(postgres_fd, PGDATA_NAME, postgres_fd, PGDATA_NEW_NAME);
}

int
pgdata_discard_moving(int postgres_fd, const char *directory, bool allows_others, struct error *e)
{
	int fd = openat(postgres_fd, PGDATA_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), result = 0;

	/* What is no directory holds nothing of a move; pgdata_open refuses it, and says why. */
	if (fd == -1)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
		    ? 0
		    : pgdata_move_io(directory, "open " PGDATA_NAME, e);
	if (faccessat(fd, PGDATA_MOVING, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		if (pgdata_set_aside(postgres_fd, fd) == -1)
			result = pgdata_move_io(directory, "remove what a move has left", e);
	} else if (!allows_others && faccessat(fd, "PG_VERSION", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		result = error_set(e, STATUS_DATA, "pgdata.there",
		    "this node's rows are to be moved from SQLite to %s/" PGDATA_NAME
		    ", and there is a database already, of an earlier time: move it away; nothing was changed",
		    directory);
	close(fd);
	return result;
}

int
pgdata_end_moving(int postgres_fd, const char *directory, struct error *e)
{
	if (unlinkat(postgres_fd, PGDATA_NAME "/" PGDATA_MOVING, 0) == -1)
		return errno == ENOENT ? 0 : pgdata_move_io(directory, "take the mark off " PGDATA_NAME, e);
	return 0;
}
