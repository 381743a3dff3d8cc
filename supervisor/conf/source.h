/*
 * Where each key of a configuration was given, so that an error can name file, line and column.
 */
#ifndef BIBD_SUPERVISOR_CONF_SOURCE_H
#define BIBD_SUPERVISOR_CONF_SOURCE_H

#include <stddef.h>

#include "common/conf.h"

struct conf_place {
	size_t line; /* from 1; 0: not given */
	size_t column;
};

struct conf_source {
	const char *file;	 /* not owned */
	struct conf_place *keys; /* by index into conf_keys */
};

/* Errors: conf.memory. */
int conf_source_init(struct conf_source *source, const char *file, struct error *e);
void conf_source_free(struct conf_source *source);

/* Where the key was given; line 0 when it has its default. */
struct conf_place conf_source_place(const struct conf_source *source, const struct conf_key *key);

/* Puts "FILE:LINE:COLUMN: " before the error's text, or "FILE: " where there is no line. Returns -1. */
int conf_source_locate(const struct conf_source *source, struct conf_place place, struct error *e);

#endif
