/*
 * Counts the layers in what an engine prints while it pulls, and says how far it is.
 */
#include "workers/container/engine/pull.h"

#include <stdio.h>
#include <string.h>

/* Texts in a line, and how many more layers each tells of, and how many more that are done. Docker names each layer at
 * first and when it is done; Podman when it begins to copy it. */
static const struct {
	const char *text;
	unsigned layers, done;
} pull_words[] = {
	{ ": Pulling fs layer", 1, 0 },
	{ ": Already exists", 1, 1 },
	{ ": Pull complete", 0, 1 },
	{ ": Download complete", 0, 0 },
	{ ": Verifying Checksum", 0, 0 },
	{ "Copying blob ", 1, 0 },
	{ "Copying config ", 0, 0 },
	{ "Writing manifest ", 0, 0 },
};

void
pull_name(const char *image, const char *registry, char *buf, size_t size)
{
	size_t first = strcspn(image, "/");
	bool has_slash = image[first] == '/';
	/* A first part with a dot or a port in it is a host. */
	bool named =
	    has_slash && (strcspn(image, ".:") < first || strncmp(image, "localhost/", strlen("localhost/")) == 0);

	if (registry == NULL || named || strncmp(image, "sha256:", strlen("sha256:")) == 0)
		(void)snprintf(buf, size, "%s", image);
	else
		(void)snprintf(buf, size, "%s/%s%s", registry, has_slash ? "" : "library/", image);
}

bool
pull_take_line(struct pull *pull, const char *line)
{
	for (size_t i = 0; i < sizeof(pull_words) / sizeof(pull_words[0]); i++)
		if (strstr(line, pull_words[i].text) != NULL) {
			pull->layers += pull_words[i].layers;
			pull->done += pull_words[i].done;
			return true;
		}
	return false;
}

void
pull_text(const struct pull *pull, const char *image, char *buf, size_t size)
{
	if (pull->layers == 0)
		(void)snprintf(buf, size, "pulling %s", image);
	else if (pull->done == 0)
		(void)snprintf(buf, size, "pulling %s: %u layers", image, pull->layers);
	else
		(void)snprintf(buf, size, "pulling %s: %u of %u layers", image,
		    pull->done < pull->layers ? pull->done : pull->layers, pull->layers);
}
