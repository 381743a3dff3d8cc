/*
 * Private to the table of statements (define/front.c): statements that are no queries. Each fills the plan (kind, tag,
 * u) and returns 0 or -1.
 */
#ifndef BIBD_SQLITE_DIALECT_STATEMENTS_H
#define BIBD_SQLITE_DIALECT_STATEMENTS_H

#include "workers/sqlite/dialect/translate.h"

typedef int statement_fn(struct translator *t, const PgQuery__Node *node);

/* transaction_statement.c */
statement_fn statement_transaction, statement_set, statement_show, statement_discard, statement_set_constraints;
/* cursor_statement.c */
statement_fn statement_declare, statement_fetch, statement_close, statement_prepare, statement_execute,
    statement_deallocate;
/* explain_statement.c */
statement_fn statement_explain;
/* copy_statement.c */
statement_fn statement_copy;
/* maintain_statement.c */
statement_fn statement_vacuum, statement_checkpoint, statement_cluster, statement_lock, statement_notify,
    statement_listen, statement_unlisten;
/* define/reindex.c */
statement_fn statement_reindex;
/* routine_statement.c */
statement_fn statement_do;
/* routine_call.c */
statement_fn statement_call;

/* Whether PostgreSQL's plan of the query can be read backward by itself, as that of one table's rows. */
bool select_rescans(const PgQuery__SelectStmt *select);

/* Sets kind and tag. */
int statement_is(struct translator *t, enum dialect_kind kind, const char *tag);
/* Makes the plan answer text columns of these names. */
int statement_answers(struct translator *t, const char *const *names, unsigned n);
/* A constant's text, or NULL when the node is none; NULL and false for the constant NULL with *null set. */
const char *statement_constant(struct translator *t, const PgQuery__Node *node, bool *null);
/* The boolean of an option: absent is true. */
bool statement_option(const PgQuery__DefElem *option);

/* source.c: pieces of the statement's own text, malloc'ed; NULL: the report is filled. */
char *source_after_word(struct translator *t, const char *word);
char *source_in_parentheses(struct translator *t);
char *source_after_explain(struct translator *t);

/* The values of a SET with commas between, as PostgreSQL keeps them. malloc'ed; NULL: reported. */
char *statement_setting_value(struct translator *t, const PgQuery__VariableSetStmt *stmt);

#endif
