/*
 * Finds the known key that is the fewest edits away from an unknown one.
 */
#include "supervisor/conf/nearest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/conf.h"

#define NEAREST_WORD_MAX 64

static size_t
nearest_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: three rows of the table are enough. */
size_t
conf_edit_distance(const char *a, const char *b)
{
	size_t rows[3][NEAREST_WORD_MAX + 1];
	size_t la = strnlen(a, NEAREST_WORD_MAX), lb = strnlen(b, NEAREST_WORD_MAX);
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= lb; j++)
		before[j] = above[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *oldest = before;

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			row[j] = nearest_min(nearest_min(above[j] + 1, row[j - 1] + 1),
			    above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = nearest_min(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = oldest;
	}
	return above[lb];
}

struct nearest {
	size_t distance;
	char path[128];
};

static void
nearest_offer(struct nearest *best, const char *word, const char *name, size_t name_length, const char *path,
    size_t path_length)
{
	char candidate[NEAREST_WORD_MAX + 1];
	size_t distance;

	if (name_length > NEAREST_WORD_MAX || path_length >= sizeof(best->path))
		return;
	memcpy(candidate, name, name_length);
	candidate[name_length] = '\0';
	distance = conf_edit_distance(word, candidate);
	if (distance >= best->distance)
		return;
	best->distance = distance;
	memcpy(best->path, path, path_length);
	best->path[path_length] = '\0';
}

const char *
conf_nearest_key(const char *section, const char *word, char *buf, size_t size)
{
	struct nearest sibling = { .distance = SIZE_MAX, .path = "" }, other = sibling;
	size_t prefix = strlen(section);
	const struct nearest *best = &sibling;

	for (size_t i = 0; i < conf_nkeys; i++) {
		const char *path = conf_keys[i].path, *last = strrchr(path, '.'), *name;
		size_t length;

		last = last == NULL ? path : last + 1;
		nearest_offer(&other, word, last, strlen(last), path, strlen(path));
		if (prefix > 0 && (strncmp(path, section, prefix) != 0 || path[prefix] != '.'))
			continue;
		name = prefix > 0 ? path + prefix + 1 : path;
		length = strcspn(name, ".");
		nearest_offer(&sibling, word, name, length, path, (size_t)(name - path) + length);
	}
	if (sibling.distance > 1 + strlen(word) / 3 && other.distance < sibling.distance && other.distance <= 1)
		best = &other;
	(void)snprintf(buf, size, "%s", best->path);
	return buf;
}
