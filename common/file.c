/*
 * Reads and writes files whole, and puts a new one in place of an old one.
 */
#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

int
file_write_all(int fd, const void *data, size_t size)
{
	const uint8_t *p = data;

	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

int
file_read_all(int fd, void *data, size_t size)
{
	uint8_t *p = data;
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, p + done, size - done, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

int
file_create(int directory_fd, const char *new_name, mode_t mode)
{
	int fd, why;

	if (unlinkat(directory_fd, new_name, 0) == -1 && errno != ENOENT)
		return -1;
	fd = openat(directory_fd, new_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd == -1 || fchmod(fd, mode) == 0) /* the umask may have taken bits from it */
		return fd;
	why = errno;
	(void)unlinkat(directory_fd, new_name, 0);
	close(fd);
	errno = why;
	return -1;
}

int
file_install(int fd, int directory_fd, const char *new_name, const char *name, const void *data, size_t size)
{
	int why;

	if (file_write_all(fd, data, size) == 0 && fsync(fd) == 0 &&
	    renameat(directory_fd, new_name, directory_fd, name) == 0) {
		close(fd);
		return directory_fd == AT_FDCWD ? 0 : fsync(directory_fd);
	}
	why = errno;
	(void)unlinkat(directory_fd, new_name, 0);
	close(fd);
	errno = why;
	return -1;
}
