/*
 * Opens files of the operator's, and looks who else may read them.
 */
#include "supervisor/host/operator_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int
operator_file_open(const char *path, bool secret, struct operator_file *file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), why;
	struct stat st = { 0 };

	file->fault = OPERATOR_FILE_UNREADABLE;
	if (fd != -1 && fstat(fd, &st) == 0) {
		if (S_ISREG(st.st_mode) && !(secret && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0))
			return fd;
		file->fault = S_ISREG(st.st_mode) ? OPERATOR_FILE_SHARED : OPERATOR_FILE_SPECIAL;
	}
	why = errno;
	file->mode = (unsigned)st.st_mode & 07777;
	if (fd != -1)
		close(fd);
	errno = why;
	return -1;
}
