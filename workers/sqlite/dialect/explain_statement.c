/*
 * EXPLAIN and its options, as PostgreSQL reads them.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/statements.h"

struct explain_options {
	bool analyze, wal, timing;
};

static int
read_format(struct translator *t, const PgQuery__DefElem *option)
{
	static const struct {
		const char *name;
		int format;
	} formats[] = { { "text", DIALECT_EXPLAIN_TEXT }, { "json", DIALECT_EXPLAIN_JSON },
		{ "xml", DIALECT_EXPLAIN_XML }, { "yaml", DIALECT_EXPLAIN_YAML } };
	const char *name = translate_string(option->arg);

	if (name == NULL)
		return option->arg == NULL
		    ? translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR, "%s requires a parameter", option->defname)
		    : translate_refuse(t, option->location, "this format of EXPLAIN");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0) {
			t->plan->u.explain.format = formats[i].format;
			return 0;
		}
	return translate_fail(t, option->location, SQLSTATE_INVALID_PARAMETER_VALUE,
	    "unrecognized value for EXPLAIN option \"%s\": \"%s\"", option->defname, name);
}

static int
read_option(struct translator *t, const PgQuery__DefElem *option, struct explain_options *options)
{
	const struct {
		const char *name;
		bool *kept;
	} all[] = { { "analyze", &options->analyze }, { "wal", &options->wal }, { "timing", &options->timing },
		{ "verbose", NULL }, { "costs", NULL }, { "buffers", NULL }, { "settings", NULL },
		{ "summary", NULL } };

	if (strcmp(option->defname, "format") == 0)
		return read_format(t, option);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i].name, option->defname) == 0) {
			if (all[i].kept != NULL)
				*all[i].kept = statement_option(option);
			return 0;
		}
	return translate_fail(t, option->location, SQLSTATE_SYNTAX_ERROR, "unrecognized EXPLAIN option \"%s\"",
	    option->defname);
}

int
statement_explain(struct translator *t, const PgQuery__Node *node)
{
	static const char *const column[] = { "QUERY PLAN" };
	const PgQuery__ExplainStmt *stmt = node->explain_stmt;
	struct explain_options options = { 0 };

	statement_is(t, DIALECT_EXPLAIN, "EXPLAIN");
	for (size_t i = 0; i < stmt->n_options; i++)
		if (read_option(t, stmt->options[i]->def_elem, &options) == -1)
			return -1;
	if ((options.wal || options.timing) && !options.analyze)
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "EXPLAIN option %s requires ANALYZE",
		    options.wal ? "WAL" : "TIMING");
	t->plan->u.explain.analyze = options.analyze;
	if ((t->plan->u.explain.query = source_after_explain(t)) == NULL || statement_answers(t, column, 1) == -1)
		return -1;
	if (t->plan->u.explain.format == DIALECT_EXPLAIN_JSON)
		t->plan->columns[0].oid = TYPE_JSON;
	return 0;
}
