/*
 * Private to copy*.c: what COPY FROM STDIN and COPY TO STDOUT have in common.
 */
#ifndef BIBD_SQLITE_COPY_TO_H
#define BIBD_SQLITE_COPY_TO_H

#include <stdio.h>

#include "workers/sqlite/session/copy.h"

/* ---- copy.c ---- */

void copy_set_format(struct copy_format *format, const struct dialect_plan *plan, char *const *names, unsigned n);
/* Puts CopyInResponse ('G') or CopyOutResponse ('H') with the format, of all and of each column. */
void copy_put_response(struct session *session, char type, bool binary, unsigned ncolumns);
/* Writes the table with its schema, since the search path may find another table of that name first. */
void copy_write_table(FILE *out, const struct dialect_plan *plan);
/* "a, b", quoted where that is needed. */
void copy_write_columns(FILE *out, char *const *names, unsigned n);

/* ---- copy_to.c ---- */

/* Runs COPY TO STDOUT to its end; like a portal it may stop and be called again. */
enum portal_result copy_run_to(struct session *session, struct portal *portal, struct report *r);

#endif
