/*
 * What a call of a function of the file's own gives: its type, and the columns of its rows.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/own_choice.h"

/* What "any..." stands for in this call; TYPE_UNKNOWN: nothing does. */
static uint32_t
element_of(const struct own_choice *c, const struct function_fact *fact)
{
	for (size_t i = 0; i < c->call->n_args; i++) {
		uint32_t declared = fact->arguments[i < fact->narguments ? i : fact->narguments - 1];
		bool array = declared == TYPE_ANYARRAY || declared == TYPE_ANYCOMPATIBLEARRAY;
		bool gathered = (fact->flags & FACT_VARIADIC) != 0 && i + 1 >= fact->narguments;

		if (type_is_polymorphic(declared))
			return array && !gathered ? type_element(c->declared[i]) : c->declared[i];
	}
	return TYPE_UNKNOWN;
}

static int
define_columns(struct translator *t, PgQuery__Node *const *definitions, size_t n, struct own_call *own)
{
	if ((own->columns = translator_alloc(t, (n + 1) * sizeof(*own->columns))) == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const PgQuery__ColumnDef *definition = definitions[i]->column_def;
		const struct type *type;

		own->columns[i].name = definition->colname;
		if (translate_type_name(t, definition->type_name, &type, &own->columns[i].oid, &own->columns[i].typmod,
			NULL) < 0)
			return -1;
	}
	own->ncolumns = (unsigned)n;
	return 0;
}

static int
copy_columns(struct translator *t, const struct schema_routine *routine, uint32_t element, struct own_call *own)
{
	unsigned n;
	struct schema_routine_column *columns = schema_routine_columns(t->schema, routine, &n);
	int status = 0;

	if (columns == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_TABLE,
		    "the relation whose rows function %s returns is gone", routine->name);
	own->ncolumns = n;
	if ((own->columns = translator_alloc(t, (n + 1) * sizeof(*own->columns))) == NULL)
		status = -1;
	for (unsigned i = 0; status == 0 && i < n; i++) {
		own->columns[i] = columns[i];
		own->columns[i].oid = type_actual(columns[i].oid, element);
		if (columns[i].name != NULL && (own->columns[i].name = translator_copy(t, columns[i].name)) == NULL)
			status = -1;
	}
	free(columns);
	return status;
}

/* "23 1700:262150": the types of the columns, and where the call says them their lengths (typmods); behind a slash the
 * parameters' types where they depend on the call. */
static const char *
list_types(struct translator *t, const struct schema_routine *routine, const struct own_call *own, uint32_t element,
    bool defined)
{
	const char *text = own->row ? "r" : "", *separator = "/";

	for (unsigned i = 0; i < own->ncolumns && text != NULL; i++)
		text = defined && own->columns[i].typmod >= 0
		    ? translator_format(t, "%s%s%u:%d", text, i > 0 ? " " : "", own->columns[i].oid,
			  own->columns[i].typmod)
		    : translator_format(t, "%s%s%u", text, i > 0 ? " " : "", own->columns[i].oid);
	for (unsigned i = 0; element != TYPE_UNKNOWN && i < routine->narguments && text != NULL; i++) {
		text = translator_format(t, "%s%s%u", text, separator, type_actual(routine->arguments[i].oid, element));
		separator = " ";
	}
	return text;
}

/* Of a table's rows the type is the one that there is now. */
static uint32_t
row_type(struct translator *t, const struct schema_routine *routine)
{
	const char *relation = schema_routine_option(routine, SCHEMA_ROUTINE_ROW), *dot;
	const struct schema_type *type = NULL;
	const struct schema_table *table;
	char *database;

	if (relation == NULL || (dot = strchr(relation, '.')) == NULL)
		return routine->result;
	if ((database = strndup(relation, (size_t)(dot - relation))) != NULL &&
	    (table = schema_find_table(t->schema, database, dot + 1)) != NULL)
		type = schema_row_type(t->schema, table);
	free(database);
	return type == NULL ? (uint32_t)TYPE_RECORD : type->oid;
}

int
own_describe(struct own_choice *c, const struct schema_routine *routine, const struct function_fact *fact,
    PgQuery__Node *const *definitions, size_t ndefinitions, struct own_call *own)
{
	struct translator *t = c->t;
	uint32_t element = element_of(c, fact);
	bool outs = false;

	for (unsigned i = 0; i < routine->narguments; i++)
		outs |= schema_argument_is_out(&routine->arguments[i]);
	*own = (struct own_call) { .oid = routine->oid,
		.volatility = routine->volatility,
		.set = routine->set,
		.row = schema_routine_is_row(routine),
		.narguments = routine->ninputs };
	if (copy_columns(t, routine, element, own) < 0)
		return -1;
	if (ndefinitions > 0 && (outs || routine->result != TYPE_RECORD || own->ncolumns > 0))
		return translate_fail(t, c->call->location, SQLSTATE_SYNTAX_ERROR,
		    outs ? "a column definition list is redundant for a function with OUT parameters"
			 : "a column definition list is only allowed for functions returning \"record\"");
	if (ndefinitions > 0 && define_columns(t, definitions, ndefinitions, own) < 0)
		return -1;
	if (strcmp(routine->language, SCHEMA_ROUTINE_NATIVE) == 0) {
		own->native = translator_copy(t, routine->body);
		own->steady = routine->volatility != 'v';
		own->result = own->columns[0].oid;
		return (own->types = translator_format(t, "=%s", routine->body)) == NULL || own->native == NULL ? -1
														: 0;
	}
	own->steady = translate_is_steady(t, routine);
	own->reads_anew = translate_reads_anew(t, routine);
	own->writes = routine->volatility == 'v' && schema_routine_writes(schema_database(t->schema), routine);
	own->result = own->row ? row_type(t, routine) : own->columns[0].oid;
	return (own->types = list_types(t, routine, own, element, ndefinitions > 0)) == NULL ? -1 : 0;
}
