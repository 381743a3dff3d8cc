/*
 * Preloaded into a storage worker by tests/torture/power: records each write, truncation, sync and change of a
 * directory under POWER_DIRECTORY in the mapped file POWER_TRACE, in the order in which they were done. A record is six
 * words (kind, file, offset in two words, length, 0) and, for OPEN, UNLINK and WRITE, its bytes. The first eight bytes
 * of the file are the end of the last whole record; whoever maps it can tell what was before a moment. A mapping needs
 * no descriptor, so that the worker's sandbox and its closing of descriptors do not matter.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN = 1, WRITE, TRUNCATE, SYNC, UNLINK, SYNC_BEGINS };
enum { SIZE = 1 << 29, FDS = 1024 };

static unsigned char *trace;
static const char *directory;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t files[FDS], next_file; /* 0: not recorded */

static void
record(uint32_t kind, uint32_t file, uint64_t offset, const void *data, size_t length)
{
	uint32_t head[6] = { kind, file, (uint32_t)offset, (uint32_t)(offset >> 32), (uint32_t)length, 0 };
	uint64_t end = __atomic_load_n((uint64_t *)trace, __ATOMIC_SEQ_CST);

	if (end + sizeof(head) + length > SIZE)
		abort();
	memcpy(trace + end, head, sizeof(head));
	if (data != NULL)
		memcpy(trace + end + sizeof(head), data, length);
	__atomic_store_n((uint64_t *)trace, end + sizeof(head) + (data != NULL ? length : 0), __ATOMIC_SEQ_CST);
}

__attribute__((constructor)) static void
start(void)
{
	const char *path = getenv("POWER_TRACE");
	int fd;

	directory = getenv("POWER_DIRECTORY");
	if (path == NULL || directory == NULL || (fd = open(path, O_RDWR)) == -1)
		abort();
	trace = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (trace == MAP_FAILED)
		abort();
	next_file = (uint32_t)getpid() << 10; /* of this process alone */
}

static int
opened(int fd, const char *path)
{
	char real[64], target[4096];
	ssize_t n;

	(void)path;
	if (fd < 0 || fd >= FDS || trace == NULL)
		return fd;
	(void)snprintf(real, sizeof(real), "/proc/self/fd/%d", fd);
	n = readlink(real, target, sizeof(target) - 1);
	pthread_mutex_lock(&lock);
	files[fd] = 0;
	if (n > 0 && strncmp(target, directory, strlen(directory)) == 0) {
		files[fd] = ++next_file;
		record(OPEN, files[fd], 0, target, (size_t)n);
	}
	pthread_mutex_unlock(&lock);
	return fd;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define OPENER(name) \
	int name(const char *path, int flags, ...) \
	{ \
		REAL(name); \
		va_list ap; \
		mode_t mode; \
\
		va_start(ap, flags); \
		mode = va_arg(ap, mode_t); \
		va_end(ap); \
		return opened(real(path, flags, mode), path); \
	}
OPENER(open)
OPENER(open64)

int
close(int fd)
{
	REAL(close);

	if (fd >= 0 && fd < FDS)
		files[fd] = 0;
	return real(fd);
}

/* The record and the deed are one for all threads; what failed is not in the trace. */
#define DONE(kind, fd, offset, data, length, call) \
	do { \
		__typeof__(call) result; \
\
		if (trace == NULL || fd < 0 || fd >= FDS || files[fd] == 0) \
			return call; \
		pthread_mutex_lock(&lock); \
		result = call; \
		if (result >= 0) \
			record(kind, files[fd], (uint64_t)(offset), data, (size_t)(length)); \
		pthread_mutex_unlock(&lock); \
		return result; \
	} while (0)

ssize_t
pwrite(int fd, const void *data, size_t length, off_t offset)
{
	REAL(pwrite);
	DONE(WRITE, fd, offset, data, result, real(fd, data, length, offset));
}

ssize_t
pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
	REAL(pwrite64);
	DONE(WRITE, fd, offset, data, result, real(fd, data, length, offset));
}

int
ftruncate(int fd, off_t length)
{
	REAL(ftruncate);
	DONE(TRUNCATE, fd, length, NULL, 0, real(fd, length));
}

int
ftruncate64(int fd, off64_t length)
{
	REAL(ftruncate64);
	DONE(TRUNCATE, fd, length, NULL, 0, real(fd, length));
}

/* Others write meanwhile, which it may leave out: it is two records. */
static int
sync_between(int fd, int (*real)(int))
{
	uint32_t file;
	int result;

	if (trace == NULL || fd < 0 || fd >= FDS || (file = files[fd]) == 0)
		return real(fd);
	pthread_mutex_lock(&lock);
	record(SYNC_BEGINS, file, 0, NULL, 0);
	pthread_mutex_unlock(&lock);
	result = real(fd);
	pthread_mutex_lock(&lock);
	if (result == 0)
		record(SYNC, file, 0, NULL, 0);
	pthread_mutex_unlock(&lock);
	return result;
}

int
fsync(int fd)
{
	REAL(fsync);
	return sync_between(fd, real);
}

int
fdatasync(int fd)
{
	REAL(fdatasync);
	return sync_between(fd, real);
}

int
unlink(const char *path)
{
	REAL(unlink);
	int result;

	if (trace == NULL || strncmp(path, directory, strlen(directory)) != 0)
		return real(path);
	pthread_mutex_lock(&lock);
	result = real(path);
	if (result == 0)
		record(UNLINK, 0, 0, path, strlen(path));
	pthread_mutex_unlock(&lock);
	return result;
}
