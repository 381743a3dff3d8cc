/* Whether a user can get to a directory: asked of the kernel, one parent after the other. */
#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/host/directories.h"

/* Opens the directory as a mere handle, which needs search permission on all that is before it, and "." in it, which
 * needs search permission on itself. Returns the errno, or 0. */
static int
reach_try(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), self, errnum;

	if (fd == -1)
		return errno;
	self = openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	errnum = self == -1 ? errno : 0;
	if (self != -1)
		close(self);
	close(fd);
	return errnum;
}

/* The first part of the path that cannot be searched goes to where. Returns the errno, or 0. */
static int
reach_walk(const char *path, char *where, size_t size)
{
	size_t length = strlen(path), end = 1;
	int errnum;

	for (;;) {
		char part[4096];

		if (end >= sizeof(part))
			return ENAMETOOLONG;
		memcpy(part, path, end);
		part[end] = '\0';
		if ((errnum = reach_try(part)) != 0) {
			(void)strlcpy(where, part, size);
			return errnum;
		}
		if (end >= length)
			return 0;
		end += 1 + strcspn(path + end + 1, "/");
	}
}

/* Lets the file system take this thread for the user, for this one question (setfsuid(2)); root's capabilities to pass
 * every directory are gone meanwhile. */
static void
reach_as(const struct user *user, bool separated)
{
	if (!separated)
		return;
	(void)setfsgid(user->gid);
	(void)setfsuid(user->uid);
}

static void
reach_as_self(bool separated)
{
	if (!separated)
		return;
	(void)setfsuid(geteuid());
	(void)setfsgid(getegid());
}

int
directories_check_write(const char *path, const struct user *user, bool separated, struct error *e)
{
	struct stat st;
	int errnum;

	if (stat(path, &st) == -1)
		return 0;
	reach_as(user, separated);
	errnum =
	    faccessat(AT_FDCWD, path, R_OK | W_OK | (S_ISDIR(st.st_mode) ? X_OK : 0), AT_EACCESS) == -1 ? errno : 0;
	reach_as_self(separated);
	if (errnum == 0)
		return 0;
	if (errnum == EACCES && st.st_uid != user->uid)
		return error_set(e, STATUS_PERMISSION, "directories.write",
		    "the user %s may not write to %s, which belongs to uid %ld with mode %04o; change its owner with: "
		    "chown %s: %s",
		    user->name, path, (long)st.st_uid, (unsigned)st.st_mode & 07777, user->name, path);
	if (errnum == EACCES)
		return error_set(e, STATUS_PERMISSION, "directories.write",
		    "the user %s may not write to %s, which has mode %04o; allow it with: chmod u+rw%s %s", user->name,
		    path, (unsigned)st.st_mode & 07777, S_ISDIR(st.st_mode) ? "x" : "", path);
	errno = errnum;
	return error_set_errno(e, STATUS_PERMISSION, "directories.write", "the user %s may not write to %s", user->name,
	    path);
}

int
directories_check_reach(const char *path, const struct user *user, bool separated, struct error *e)
{
	char where[ERROR_TEXT_MAX / 4] = "";
	int errnum;

	reach_as(user, separated);
	errnum = reach_walk(path, where, sizeof(where));
	reach_as_self(separated);
	if (errnum == 0 || errnum == ENOENT)
		return 0;
	errno = errnum;
	if (errnum == EACCES)
		return error_set(e, STATUS_PERMISSION, "directories.parent",
		    "the user %s cannot reach %s: %s may not be searched; allow it with: chmod o+x %s, or take another "
		    "directory",
		    user->name, path, where, where);
	return error_set_errno(e, STATUS_PERMISSION, "directories.parent", "the user %s cannot reach %s", user->name,
	    path);
}
