/*
 * From a statement's text to its plan: parse, look the statement's kind up in the table of all of them, translate.
 */
#ifndef BIBD_SQLITE_DIALECT_FRONT_H
#define BIBD_SQLITE_DIALECT_FRONT_H

#include "workers/sqlite/dialect/dialect.h"

/* Parses a whole text of several statements and throws the result away: PostgreSQL runs none of them when one is not
 * well formed. position is in the whole text. */
int dialect_check_syntax(const char *text, size_t length, struct report *r);

/* Translates one statement. `settings` are the session's (NULL: UTC), by which literals that stay in the text are read.
 * `oids` are the parameter types a client gave (0: not given). The plan is the caller's (dialect_plan_free).
 * Errors are PostgreSQL's own where it has one for it; positions are in characters of
 * the statement's text. */
int dialect_translate(struct schema *schema, const struct dialect_text *text, const struct type_settings *settings,
    const uint32_t *oids, unsigned noids, struct dialect_plan **plan, struct report *r);

#endif
