/*
 * Makes a directory of secrets, and reads, writes and checks files in it.
 */
#include "tests/unit/keeper_scene.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char scene_data_dir[64];
char scene_directory[80];

void
scene_set_up(void)
{
	(void)snprintf(scene_data_dir, sizeof(scene_data_dir), "/tmp/bibd-keeper-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scene_data_dir));
	(void)snprintf(scene_directory, sizeof(scene_directory), "%s/secrets", scene_data_dir);
	ck_assert_int_eq(mkdir(scene_directory, 0700), 0);
}

void
scene_tear_down(void)
{
	DIR *dir = opendir(scene_directory);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (unlinkat(dirfd(dir), entry->d_name, 0) == -1)
			(void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(scene_directory);
	(void)rmdir(scene_data_dir);
}

struct files
scene_files(void)
{
	struct files files;
	struct error e = { .text = "" };

	ck_assert_msg(files_open(&files, scene_directory, &e) == 0, "%s", e.text);
	return files;
}

static int
scene_open(const char *name, int flags)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/%s", scene_directory, name);
	return open(path, flags | O_CLOEXEC, 0600);
}

size_t
scene_read_file(const char *name, uint8_t *buf)
{
	int fd = scene_open(name, O_RDONLY);
	ssize_t n;

	ck_assert_int_ne(fd, -1);
	ck_assert_int_ge(n = read(fd, buf, FILES_SIZE_MAX), 0);
	close(fd);
	return (size_t)n;
}

void
scene_write_file(const char *name, const void *data, size_t size, mode_t mode)
{
	int fd = scene_open(name, O_WRONLY | O_CREAT | O_TRUNC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, data, size), (ssize_t)size);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

bool
scene_has_file(const char *name)
{
	char path[160];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", scene_directory, name);
	return lstat(path, &st) == 0;
}

void
scene_assert_error(const struct error *e, enum status status, const char *code, const char *words)
{
	size_t length = strlen(e->text), back = strlen(FILES_WAY_BACK_END);

	ck_assert_msg((int)e->status == (int)status, "%d: %s", (int)e->status, e->text);
	ck_assert_str_eq(e->code, code);
	ck_assert_msg(strstr(e->text, words) != NULL, "%s", e->text);
	ck_assert_msg(strchr(e->text, '\n') == NULL, "%s", e->text);
	if (status == STATUS_DATA)
		ck_assert_msg(length > back && strcmp(e->text + length - back, FILES_WAY_BACK_END) == 0 &&
			strstr(e->text, FILES_WAY_BACK_BEGIN) != NULL,
		    "%s", e->text);
}
