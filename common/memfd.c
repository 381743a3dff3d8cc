/*
 * Makes a sealed memory file of some bytes, and reads one that came from another process.
 */
#include "common/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMFD_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int
memfd_fill(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, data, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

int
memfd_create_sealed(const char *name, const void *data, size_t size, struct error *e)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd == -1)
		return error_set_errno(e, STATUS_OS, "memfd.create", "cannot create memory file %s", name);
	if (memfd_fill(fd, data, size) == -1 || fcntl(fd, F_ADD_SEALS, MEMFD_SEALS) == -1) {
		(void)error_set_errno(e, STATUS_OS, "memfd.create", "cannot fill memory file %s", name);
		close(fd);
		return -1;
	}
	return fd;
}

char *
memfd_read(int fd, size_t max, size_t *size, struct error *e)
{
	struct stat st;
	char *data;
	size_t done = 0;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals == -1 || (seals & MEMFD_SEALS) != MEMFD_SEALS || fstat(fd, &st) == -1 || st.st_size < 0 ||
	    (uintmax_t)st.st_size > max) {
		(void)error_set(e, STATUS_BUG, "memfd.read", "a memory file is not sealed or larger than %zu bytes",
		    max);
		return NULL;
	}
	if ((data = malloc((size_t)st.st_size + 1)) == NULL) {
		(void)error_set_errno(e, STATUS_OS, "memfd.read", "cannot read a memory file");
		return NULL;
	}
	while (done < (size_t)st.st_size) {
		ssize_t n = pread(fd, data + done, (size_t)st.st_size - done, (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			(void)error_set_errno(e, STATUS_OS, "memfd.read", "cannot read a memory file");
			free(data);
			return NULL;
		}
		done += (size_t)n;
	}
	data[done] = '\0';
	*size = done;
	return data;
}
