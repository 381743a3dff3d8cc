/*
 * Which images have served the database, by its major version: container/images, a line for each, the latest first. The
 * image that a database was made with is what reads it when its rows are moved to another version.
 */
#ifndef BIBD_CONTAINER_IMAGES_H
#define BIBD_CONTAINER_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define IMAGES_MAX 16
#define IMAGES_NAME_MAX 320 /* of an image, or its id */

/* Names and ids by which an image of a version may be found. */
struct images {
	char names[IMAGES_MAX][IMAGES_NAME_MAX];
	size_t n;
};

/* Whether that image has served a database of that version. directory: container in data_dir. */
bool images_has(const char *directory, uint32_t version, const char *id);
/* Whether the image of that name was the last to serve one of that version. */
bool images_served_last(const char *directory, uint32_t version, const char *name);
/* It has: what is noted already is not written again. Errors: container.record. */
int images_note(const char *directory, uint32_t version, const char *id, const char *name, struct error *e);
/* It has not, after all. Errors: container.record. */
int images_forget(const char *directory, const char *id, struct error *e);

/* Where to look for an image of that version: what was noted, by id and by name, and what the configuration's image
 * would be called. */
void images_candidates(const char *directory, uint32_t version, const char *image, struct images *images);

/* The configuration's image as one of that version is called: "postgres:17-alpine" -> "postgres:15-alpine". Where its
 * tag says no version, "postgres:15". */
void images_guess(const char *image, uint32_t version, char guess[IMAGES_NAME_MAX]);

/* What `postgres --version` prints: "postgres (PostgreSQL) 17.9 (Debian ...)"; 0: something else. */
uint32_t images_version(const char *output);

#endif
