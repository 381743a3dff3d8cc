/*
 * Reads and writes the note of images, and makes the names by which an older one may be there.
 */
#include "workers/container/images.h"

#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define IMAGES_FILE "images"
#define IMAGES_WORDS " (PostgreSQL) "

struct images_line {
	uint32_t version;
	char id[IMAGES_NAME_MAX], name[IMAGES_NAME_MAX];
};

/* At most IMAGES_MAX lines; what is no such line is passed over. */
static size_t
images_read(const char *directory, struct images_line *lines)
{
	char path[PATH_MAX], text[2 * IMAGES_NAME_MAX + 32];
	size_t n = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/" IMAGES_FILE, directory);
	if ((file = fopen(path, "re")) == NULL)
		return 0;
	while (n < IMAGES_MAX && fgets(text, sizeof(text), file) != NULL) {
		char *save = NULL, *version = strtok_r(text, " \n", &save), *id = strtok_r(NULL, " \n", &save),
		     *name = strtok_r(NULL, " \n", &save);

		if (version == NULL || id == NULL || name == NULL)
			continue;
		lines[n].version = (uint32_t)strtoul(version, NULL, 10);
		(void)snprintf(lines[n].id, IMAGES_NAME_MAX, "%.*s", IMAGES_NAME_MAX - 1, id);
		(void)snprintf(lines[n].name, IMAGES_NAME_MAX, "%.*s", IMAGES_NAME_MAX - 1, name);
		n++;
	}
	(void)fclose(file);
	return n;
}

/* Writes the first line (version 0: none) and those that are of other images. */
static int
images_write(const char *directory, const struct images_line *first, const char *without, struct error *e)
{
	char path[PATH_MAX], new_path[PATH_MAX + 8], *text = NULL;
	struct images_line lines[IMAGES_MAX];
	size_t n = images_read(directory, lines), size = 0, left = first->version == 0 ? IMAGES_MAX : IMAGES_MAX - 1;
	FILE *out = open_memstream(&text, &size);
	int fd, result = -1;

	if (out == NULL)
		return error_set_errno(e, STATUS_OS, "container.record", "cannot note which image runs");
	if (first->version != 0)
		(void)fprintf(out, "%" PRIu32 " %s %s\n", first->version, first->id, first->name);
	for (size_t i = 0; i < n && left > 0; i++)
		if (strcmp(lines[i].id, without) != 0) {
			(void)fprintf(out, "%" PRIu32 " %s %s\n", lines[i].version, lines[i].id, lines[i].name);
			left--;
		}
	(void)snprintf(path, sizeof(path), "%s/" IMAGES_FILE, directory);
	(void)snprintf(new_path, sizeof(new_path), "%s.new", path);
	if (fclose(out) == 0 && (fd = file_create(AT_FDCWD, new_path, 0600)) != -1)
		result = file_install(fd, AT_FDCWD, new_path, path, text, size);
	free(text);
	return result == -1 ? error_set_errno(e, STATUS_IO, "container.record", "cannot write %s", path) : 0;
}

bool
images_has(const char *directory, uint32_t version, const char *id)
{
	struct images_line lines[IMAGES_MAX];
	size_t n = images_read(directory, lines);

	for (size_t i = 0; i < n; i++)
		if (lines[i].version == version && strcmp(lines[i].id, id) == 0)
			return true;
	return false;
}

bool
images_served_last(const char *directory, uint32_t version, const char *name)
{
	struct images_line lines[IMAGES_MAX];

	return images_read(directory, lines) > 0 && lines[0].version == version && strcmp(lines[0].name, name) == 0;
}

int
images_note(const char *directory, uint32_t version, const char *id, const char *name, struct error *e)
{
	struct images_line lines[IMAGES_MAX], first = { .version = version };

	if (version == 0 || id[0] == '\0' || strpbrk(name, " \n") != NULL || strlen(name) >= IMAGES_NAME_MAX)
		return 0;
	if (images_read(directory, lines) > 0 && lines[0].version == version && strcmp(lines[0].id, id) == 0 &&
	    strcmp(lines[0].name, name) == 0)
		return 0;
	(void)snprintf(first.id, sizeof(first.id), "%s", id);
	(void)snprintf(first.name, sizeof(first.name), "%s", name);
	return images_write(directory, &first, id, e);
}

int
images_forget(const char *directory, const char *id, struct error *e)
{
	const struct images_line none = { .version = 0 };

	return images_write(directory, &none, id, e);
}

static void
images_add(struct images *images, const char *name)
{
	for (size_t i = 0; i < images->n; i++)
		if (strcmp(images->names[i], name) == 0)
			return;
	if (images->n < IMAGES_MAX && name[0] != '\0')
		(void)snprintf(images->names[images->n++], IMAGES_NAME_MAX, "%s", name);
}

void
images_candidates(const char *directory, uint32_t version, const char *image, struct images *images)
{
	struct images_line lines[IMAGES_MAX];
	size_t n = images_read(directory, lines);
	char guess[IMAGES_NAME_MAX];

	*images = (struct images) { .n = 0 };
	for (size_t i = 0; i < n; i++)
		if (lines[i].version == version)
			images_add(images, lines[i].id);
	for (size_t i = 0; i < n; i++)
		if (lines[i].version == version)
			images_add(images, lines[i].name);
	images_guess(image, version, guess);
	images_add(images, guess);
	(void)snprintf(guess, sizeof(guess), "postgres:%" PRIu32, version);
	images_add(images, guess);
}

void
images_guess(const char *image, uint32_t version, char guess[IMAGES_NAME_MAX])
{
	const char *slash = strrchr(image, '/'), *tag = strchr(slash == NULL ? image : slash, ':');
	size_t number = tag == NULL ? 0 : strspn(tag + 1, "0123456789.");

	if (number == 0 || strlen(image) >= IMAGES_NAME_MAX - 12 || strchr(tag, '@') != NULL)
		(void)snprintf(guess, IMAGES_NAME_MAX, "postgres:%" PRIu32, version);
	else
		(void)snprintf(guess, IMAGES_NAME_MAX, "%.*s:%" PRIu32 "%s", (int)(tag - image), image, version,
		    tag + 1 + number);
}

uint32_t
images_version(const char *output)
{
	const char *at = strstr(output, IMAGES_WORDS);

	return at == NULL ? 0 : (uint32_t)strtoul(at + strlen(IMAGES_WORDS), NULL, 10);
}
