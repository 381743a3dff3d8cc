/*
 * A call of a function of the file's own, while the function is chosen. Private to own_choice.c and own_result.c.
 */
#ifndef BIBD_SQLITE_DIALECT_OWN_CHOICE_H
#define BIBD_SQLITE_DIALECT_OWN_CHOICE_H

#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/schema/routine.h"

/* An argument that was read: its text is put where the function wants it. */
struct own_argument {
	struct expression e;
	const char *text;
	const char *name; /* NULL: it is known by its place */
};

struct own_choice {
	struct translator *t;
	const PgQuery__FuncCall *call;
	const char *name;
	struct own_argument *arguments;
	uint32_t *types, *declared;
	struct schema_routine *all;
	unsigned n;
	struct function_fact *facts; /* of those that could be meant, and one without a name behind them */
	unsigned *places;	     /* of each fact: the input that each argument is, [FACT_ARGUMENTS_MAX] */
	unsigned nfacts;
};

/* Fills in what the chosen function gives: its type, and the columns of its rows, which a list of definitions may name.
 * -1: the report is filled. */
int own_describe(struct own_choice *c, const struct schema_routine *routine, const struct function_fact *fact,
    PgQuery__Node *const *definitions, size_t ndefinitions, struct own_call *own);

#endif
