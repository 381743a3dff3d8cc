/*
 * COPY: its options, old and new spelling alike, as the grammar hands them over.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/statements.h"
#include "workers/sqlite/schema/names.h"

static int
bad_option(struct translator *t, const PgQuery__DefElem *option, const char *what)
{
	return translate_fail(t, option->location, SQLSTATE_INVALID_PARAMETER_VALUE, "%s", what);
}

static int
copy_format(struct translator *t, const PgQuery__DefElem *option)
{
	const char *format = translate_string(option->arg);

	if (format == NULL ||
	    (strcmp(format, "text") != 0 && strcmp(format, "csv") != 0 && strcmp(format, "binary") != 0))
		return translate_fail(t, option->location, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "COPY format \"%s\" not recognized", format == NULL ? "" : format);
	t->plan->u.copy.csv = strcmp(format, "csv") == 0;
	t->plan->u.copy.binary = strcmp(format, "binary") == 0;
	return 0;
}

static int
copy_character(struct translator *t, const PgQuery__DefElem *option)
{
	const char *value = translate_string(option->arg);
	struct dialect_plan *plan = t->plan;

	if (value == NULL || strlen(value) != 1)
		return translate_fail(t, option->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "COPY %s must be a single one-byte character", option->defname);
	if (*value == '\n' || *value == '\r')
		return bad_option(t, option, "COPY delimiter cannot be newline or carriage return");
	if (strcmp(option->defname, "delimiter") == 0)
		plan->u.copy.delimiter = *value;
	else if (strcmp(option->defname, "quote") == 0)
		plan->u.copy.quote = *value;
	else
		plan->u.copy.escape = *value;
	return 0;
}

static int
copy_null(struct translator *t, const PgQuery__DefElem *option)
{
	const char *value = translate_string(option->arg);

	if (value == NULL || strpbrk(value, "\r\n") != NULL)
		return bad_option(t, option, "COPY null representation cannot use newline or carriage return");
	free(t->plan->u.copy.null_text);
	return (t->plan->u.copy.null_text = translator_plan_copy(t, value)) == NULL ? -1 : 0;
}

static int
copy_header(struct translator *t, const PgQuery__DefElem *option)
{
	if (translate_string(option->arg) != NULL && strcasecmp(translate_string(option->arg), "match") == 0)
		return translate_refuse(t, option->location, "COPY with HEADER MATCH");
	t->plan->u.copy.header = statement_option(option);
	return 0;
}

static int
copy_force_quote(struct translator *t, const PgQuery__DefElem *option)
{
	if (option->arg == NULL || option->arg->node_case != PG_QUERY__NODE__NODE_A_STAR)
		return translate_refuse(t, option->location, "COPY with FORCE_QUOTE for some columns");
	t->plan->u.copy.force_quote_all = true;
	return 0;
}

static int
copy_encoding(struct translator *t, const PgQuery__DefElem *option)
{
	const char *value = translate_string(option->arg);

	if (value != NULL && (strcasecmp(value, "utf8") == 0 || strcasecmp(value, "utf-8") == 0))
		return 0;
	return translate_refuse(t, option->location, "COPY in an encoding other than UTF8");
}

/* What it promises, rows visible to older snapshots, cannot be seen here. */
static int
copy_freeze(struct translator *t, const PgQuery__DefElem *option)
{
	(void)t;
	(void)option;
	return 0;
}

static const struct {
	const char *name;
	int (*read)(struct translator *t, const PgQuery__DefElem *option);
} options[] = {
	{ "format", copy_format },
	{ "delimiter", copy_character },
	{ "quote", copy_character },
	{ "escape", copy_character },
	{ "null", copy_null },
	{ "header", copy_header },
	{ "force_quote", copy_force_quote },
	{ "encoding", copy_encoding },
	{ "freeze", copy_freeze },
};

static int
read_option(struct translator *t, const PgQuery__DefElem *option)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(options[i].name, option->defname) == 0)
			return options[i].read(t, option);
	if (strncmp(option->defname, "force_", 6) == 0)
		return translate_refuse(t, option->location, "COPY with FORCE_NULL or FORCE_NOT_NULL");
	return translate_fail(t, option->location, SQLSTATE_SYNTAX_ERROR, "option \"%s\" not recognized",
	    option->defname);
}

/* Rows could not be told from what is in them. */
static int
check_delimiter(struct translator *t)
{
	const struct dialect_plan *plan = t->plan;
	char delimiter = plan->u.copy.delimiter;

	if (plan->u.copy.binary)
		return 0;
	if (!plan->u.copy.csv && strchr("\\.abcdefghijklmnopqrstuvwxyz0123456789", delimiter) != NULL)
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "COPY delimiter cannot be \"%c\"",
		    delimiter);
	if (strchr(plan->u.copy.null_text, delimiter) != NULL)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "COPY delimiter must not appear in the NULL specification");
	if (plan->u.copy.csv && strchr(plan->u.copy.null_text, plan->u.copy.quote) != NULL)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "CSV quote character must not appear in the NULL specification");
	return 0;
}

static int
read_options(struct translator *t, const PgQuery__CopyStmt *stmt)
{
	struct dialect_plan *plan = t->plan;

	for (size_t i = 0; i < stmt->n_options; i++)
		if (read_option(t, stmt->options[i]->def_elem) < 0)
			return -1;
	if (plan->u.copy.delimiter == '\0')
		plan->u.copy.delimiter = plan->u.copy.csv ? ',' : '\t';
	if (plan->u.copy.quote == '\0')
		plan->u.copy.quote = '"';
	if (plan->u.copy.escape == '\0')
		plan->u.copy.escape = plan->u.copy.quote;
	if (plan->u.copy.csv && plan->u.copy.quote == plan->u.copy.delimiter)
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "COPY delimiter and quote must be different");
	if (plan->u.copy.null_text == NULL &&
	    (plan->u.copy.null_text = translator_plan_copy(t, plan->u.copy.csv ? "" : "\\N")) == NULL)
		return -1;
	return check_delimiter(t);
}

static int
refuse_generated(struct translator *t, const char *name)
{
	translate_fail(t, -1, SQLSTATE_INVALID_COLUMN_REFERENCE, "column \"%s\" is a generated column", name);
	report_detail(t->report, "Generated columns cannot be used in COPY.");
	return -1;
}

/* No list of columns means all but the generated ones. */
static int
leave_generated_out(struct translator *t, const struct schema_table *table)
{
	struct dialect_plan *plan = t->plan;
	unsigned generated = 0;

	for (unsigned i = 0; i < table->ncolumns; i++)
		generated += table->columns[i].generated;
	if (generated == 0)
		return 0;
	if (generated == table->ncolumns)
		return translate_refuse(t, -1, "COPY of generated columns alone");
	if ((plan->u.copy.columns = calloc(table->ncolumns, sizeof(*plan->u.copy.columns))) == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < table->ncolumns; i++) {
		if (table->columns[i].generated)
			continue;
		if ((plan->u.copy.columns[plan->u.copy.ncolumns] = translator_plan_copy(t, table->columns[i].name)) ==
		    NULL)
			return -1;
		plan->u.copy.ncolumns++;
	}
	return 0;
}

static int
read_columns(struct translator *t, const PgQuery__CopyStmt *stmt, const struct schema_table *table)
{
	struct dialect_plan *plan = t->plan;

	if (stmt->n_attlist == 0)
		return leave_generated_out(t, table);
	if ((plan->u.copy.columns = calloc(stmt->n_attlist, sizeof(*plan->u.copy.columns))) == NULL)
		return translate_out_of_memory(t);
	for (size_t i = 0; i < stmt->n_attlist; i++) {
		const char *name = translate_string(stmt->attlist[i]);
		const struct schema_column *column = schema_find_column(table, name);

		if (column == NULL)
			return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
			    "column \"%s\" of relation \"%s\" does not exist", name, table->name);
		if (column->generated)
			return refuse_generated(t, name);
		for (unsigned j = 0; j < plan->u.copy.ncolumns; j++)
			if (plan->u.copy.columns[j] != NULL && strcmp(plan->u.copy.columns[j], name) == 0)
				return translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN,
				    "column \"%s\" specified more than once", name);
		if ((plan->u.copy.columns[i] = translator_plan_copy(t, name)) == NULL)
			return -1;
		plan->u.copy.ncolumns++;
	}
	return 0;
}

static int
set_table(struct translator *t, const struct schema_table *table)
{
	struct dialect_plan *plan = t->plan;
	char schema[NAMESPACE_BYTES];

	namespace_of(table->name, schema);
	plan->u.copy.schema = translator_plan_copy(t,
	    strcmp(table->schema, "temp") == 0	       ? "pg_temp"
		: strcmp(table->schema, "public") == 0 ? schema
						       : table->schema);
	plan->u.copy.table = translator_plan_copy(t, table->name);
	plan->target = translator_plan_copy(t, table->name);
	return plan->u.copy.schema == NULL || plan->u.copy.table == NULL || plan->target == NULL ? -1 : 0;
}

int
statement_copy(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__CopyStmt *stmt = node->copy_stmt;
	struct dialect_plan *plan = t->plan;
	const struct schema_table *table;

	statement_is(t, DIALECT_COPY, "COPY");
	plan->counts_rows = true;
	plan->u.copy.from = stmt->is_from;
	if (stmt->is_program || (stmt->filename != NULL && *stmt->filename != '\0')) {
		translate_refuse(t, -1, "COPY with a file or a program");
		report_hint(t->report,
		    "Use COPY FROM STDIN or TO STDOUT; psql's \\copy reads and writes the client's files.");
		return -1;
	}
	if (stmt->where_clause != NULL)
		return translate_refuse(t, -1, "COPY with WHERE");
	if (read_options(t, stmt) < 0)
		return -1;
	if (stmt->relation == NULL)
		return (plan->u.copy.query = source_in_parentheses(t)) == NULL ? -1 : 0;
	if ((table = stmt->is_from ? translate_find_changed(t, stmt->relation)
				   : translate_find_table(t, stmt->relation)) == NULL)
		return -1;
	if (table->partition_key != NULL && !stmt->is_from) {
		translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "cannot copy from partitioned table \"%s\"",
		    table->name);
		report_hint(t->report, "Try the COPY (SELECT ...) TO variant.");
		return -1;
	}
	if (table->kind != 'r' && table->partition == NULL)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "cannot copy %s %sview \"%s\"",
		    stmt->is_from ? "to" : "from", table->kind == 'm' ? "materialized " : "", table->name);
	if (set_table(t, table) == -1)
		return -1;
	return read_columns(t, stmt, table);
}
