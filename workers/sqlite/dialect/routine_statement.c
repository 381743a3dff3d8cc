/*
 * DO: the block is parsed when it is run, by routines/.
 */
#include <string.h>

#include "workers/sqlite/dialect/statements.h"

/* The string that an option has, NULL: it has none. */
static const char *
option_string(const PgQuery__DefElem *option)
{
	return option->arg == NULL ? NULL : translate_string(option->arg);
}

int
statement_do(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__DoStmt *stmt = node->do_stmt;
	const char *body = NULL, *language = "plpgsql";

	for (size_t i = 0; i < stmt->n_args; i++) {
		const PgQuery__DefElem *option = stmt->args[i]->def_elem;

		if (strcmp(option->defname, "as") == 0)
			body = option_string(option);
		else if (strcmp(option->defname, "language") == 0)
			language = option_string(option);
	}
	if (body == NULL || language == NULL)
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR, "no inline code specified");
	if (strcmp(language, "sql") == 0)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "language \"sql\" does not support inline code execution");
	if (strcmp(language, "plpgsql") != 0)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "language \"%s\" does not exist", language);
	statement_is(t, DIALECT_DO, "DO");
	return (t->plan->u.routine.body = translator_plan_copy(t, body)) == NULL ? -1 : 0;
}
