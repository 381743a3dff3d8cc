/*
 * A pool of four server connections and a session, without a socket among them.
 */
#ifndef BIBD_TESTS_POSTGRES_POOL_SCENE_H
#define BIBD_TESTS_POSTGRES_POOL_SCENE_H

#include <check.h>

#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

/* Check's fixtures take no argument. */
extern struct pg_pool pool;
extern struct backend backends[4];
extern struct pg_session session;

/* A statement of a text without parameters, as it is after its Describe. */
struct pg_statement *described(const char *text, const char *row, size_t row_size);
/* The first connection is asked something; it is the session's. */
void push(enum request_kind kind);
void attach(void);

/* postgres_pool_statements.c */
void add_statement_tests(TCase *tc);

#endif
