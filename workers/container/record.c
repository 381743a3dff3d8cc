/*
 * Reads and writes the note of where the server was started last, the database's version, and the last log.
 */
#include "workers/container/record.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

#define RECORD_NAME "server"
#define RECORD_ENGINE_NAME "engine"
#define RECORD_LOG_NAME "server.log"
#define RECORD_LOG_MAX ((size_t)1 << 20)
#define RECORD_UNKNOWN "-"

static bool
record_path(const char *directory, const char *name, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%s/%s", directory, name);

	return n > 0 && (size_t)n < size;
}

/* Reads a small file; false for one that is not there. */
static bool
record_load(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	if (fd == -1)
		return false;
	n = read(fd, buf, size - 1);
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

void
record_read(const char *directory, struct record *record)
{
	char path[PATH_MAX], text[512], *save = NULL;
	const char *engine, *socket, *id;

	*record = (struct record) { .engine = "" };
	if (!record_path(directory, RECORD_NAME, path, sizeof(path)) || !record_load(path, text, sizeof(text)))
		return;
	engine = strtok_r(text, "\t", &save);
	socket = strtok_r(NULL, "\t", &save);
	id = strtok_r(NULL, "\n", &save);
	if (engine == NULL || socket == NULL || id == NULL || strlen(engine) >= sizeof(record->engine))
		return;
	(void)snprintf(record->engine, sizeof(record->engine), "%s", engine);
	(void)snprintf(record->socket, sizeof(record->socket), "%s", socket);
	(void)snprintf(record->container_id, sizeof(record->container_id), "%s", id);
}

/* Writes the file whole or not at all. */
static int
record_store(const char *directory, const char *name, const char *text, struct error *e)
{
	char path[PATH_MAX], new_path[PATH_MAX];
	ssize_t size = (ssize_t)strlen(text);
	int fd;

	if (!record_path(directory, name, path, sizeof(path) - 4))
		return error_set(e, STATUS_CONFIG, "container.record", "the path of node.data_dir is too long");
	(void)snprintf(new_path, sizeof(new_path), "%.*s.new", (int)sizeof(new_path) - 5, path);
	if ((fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) == -1)
		return error_set_errno(e, STATUS_CANT_CREATE, "container.record", "cannot make %s", new_path);
	if (write(fd, text, (size_t)size) != size || rename(new_path, path) == -1) {
		(void)error_set_errno(e, STATUS_IO, "container.record", "cannot write %s", path);
		close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

int
record_write(const char *directory, const struct engine *engine, const char *container_id, struct error *e)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "%s\t%s\t%s\n", engine->kind->name, engine->socket,
	    container_id[0] != '\0' ? container_id : RECORD_UNKNOWN);
	return record_store(directory, RECORD_NAME, text, e);
}

void
record_remove(const char *directory)
{
	char path[PATH_MAX];

	if (record_path(directory, RECORD_NAME, path, sizeof(path)))
		(void)unlink(path);
}

/* The control groups of a container's processes bear its id with either engine. */
static bool
record_is_alive(const char *container_id)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;
	bool alive = false;
	char path[64], text[4096];

	if (directory == NULL)
		return true;
	while (!alive && (entry = readdir(directory)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%.32s/cgroup", entry->d_name);
		alive = record_load(path, text, sizeof(text)) && strstr(text, container_id) != NULL;
	}
	(void)closedir(directory);
	return alive;
}

bool
record_is_elsewhere(const struct record *record, const struct engine *engine)
{
	if (record->engine[0] == '\0' ||
	    (strcmp(record->engine, engine->kind->name) == 0 && strcmp(record->socket, engine->socket) == 0))
		return false;
	return strcmp(record->container_id, RECORD_UNKNOWN) == 0 || record_is_alive(record->container_id);
}

/* The key under which a version is remembered: the engine, its socket, and the program's size and time. */
static bool
record_engine_key(const struct engine *engine, const char *program, char *buf, size_t size)
{
	struct stat st;
	int n;

	if (stat(program, &st) == -1)
		return false;
	n = snprintf(buf, size, "%s\t%s\t%lld\t%lld\t", engine->kind->name, engine->socket, (long long)st.st_size,
	    (long long)st.st_mtim.tv_sec);
	return n > 0 && (size_t)n < size;
}

void
record_read_version(const char *directory, const struct engine *engine, const char *program, char *buf, size_t size)
{
	char path[PATH_MAX], text[512], key[400];
	size_t length;

	buf[0] = '\0';
	if (!record_path(directory, RECORD_ENGINE_NAME, path, sizeof(path)) ||
	    !record_engine_key(engine, program, key, sizeof(key)) || !record_load(path, text, sizeof(text)))
		return;
	length = strlen(key);
	if (strncmp(text, key, length) == 0)
		(void)snprintf(buf, size, "%.*s", (int)strcspn(text + length, "\n"), text + length);
}

void
record_write_version(const char *directory, const struct engine *engine, const char *program)
{
	char text[512], key[400], known[ENGINE_VERSION_MAX];
	struct error e;

	record_read_version(directory, engine, program, known, sizeof(known));
	if (strcmp(known, engine->version) == 0 || !record_engine_key(engine, program, key, sizeof(key)))
		return;
	(void)snprintf(text, sizeof(text), "%s%s\n", key, engine->version);
	if (record_store(directory, RECORD_ENGINE_NAME, text, &e) == -1)
		log_warning("%s", e.text);
}

int
record_write_log(const char *directory, const char *text, struct error *e)
{
	return record_store(directory, RECORD_LOG_NAME, text, e);
}

char *
record_read_log(const char *directory, int64_t *written_us)
{
	char path[PATH_MAX], *text = NULL;
	struct stat st;
	ssize_t n;
	int fd;

	if (!record_path(directory, RECORD_LOG_NAME, path, sizeof(path)) ||
	    (fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return NULL;
	if (fstat(fd, &st) == 0 && st.st_size > 0 && (size_t)st.st_size <= RECORD_LOG_MAX &&
	    (text = malloc((size_t)st.st_size + 1)) != NULL) {
		n = read(fd, text, (size_t)st.st_size);
		text[n > 0 ? n : 0] = '\0';
		*written_us = (int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000;
	}
	close(fd);
	return text;
}
