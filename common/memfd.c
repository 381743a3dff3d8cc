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

#include "common/file.h"

#define MEMFD_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int
memfd_create_sealed(const char *name, const void *data, size_t size, struct error *e)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd == -1)
		return error_set_errno(e, STATUS_OS, "memfd.create", "cannot create memory file %s", name);
	if (file_write_all(fd, data, size) == -1 || fcntl(fd, F_ADD_SEALS, MEMFD_SEALS) == -1) {
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
	if (file_read_all(fd, data, (size_t)st.st_size) == -1) {
		(void)error_set_errno(e, STATUS_OS, "memfd.read", "cannot read a memory file");
		free(data);
		return NULL;
	}
	data[st.st_size] = '\0';
	*size = (size_t)st.st_size;
	return data;
}
