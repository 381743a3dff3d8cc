/*
 * A client of bibd-sqlite, over a socket whose other end it serves as bibd's own: statements, and COPY TO STDOUT. It
 * blocks, and is one thread's. Source: PostgreSQL 15 manual, chapter 55 "Frontend/Backend Protocol".
 */
#ifndef BIBD_POSTGRES_MOVE_SOURCE_H
#define BIBD_POSTGRES_MOVE_SOURCE_H

#include <stddef.h>

#include "common/error.h"

struct source {
	int fd; /* the caller's, who closes it */
	char *buf;
	size_t size, start, end;
};

/* A row's values as texts, NULL for null; they live until the function returns. -1 with *e set ends the statement. */
typedef int source_row_fn(void *context, const char *const *values, int n, struct error *e);
/* A part of what COPY gives, cut anywhere. */
typedef int source_data_fn(void *context, const char *data, size_t size, struct error *e);

/* Begins a session as admin. Errors, of all of these: move.source (69: the connection; 65: bibd-sqlite refuses it). */
int source_open(struct source *source, int fd, const char *database, struct error *e);
/* Runs a text; row may be NULL. A session whose row function failed is of no further use. */
int source_run(struct source *source, const char *sql, source_row_fn *row, void *context, struct error *e);
int source_copy(struct source *source, const char *sql, source_data_fn *data, void *context, struct error *e);
/* Frees the buffer; fd stays open. */
void source_close(struct source *source);

#endif
