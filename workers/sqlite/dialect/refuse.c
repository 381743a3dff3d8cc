/*
 * Errors of the translator, and the table of what SQLite is not made to do. bibd-sql(7) lists the same.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "workers/sqlite/dialect/translate.h"
#include "workers/sqlite/schema/names.h"

static const struct {
	PgQuery__Node__NodeCase node;
	const char *what;
} refused[] = {
	{ PG_QUERY__NODE__NODE_RULE_STMT, "CREATE RULE" },
	{ PG_QUERY__NODE__NODE_LOAD_STMT, "LOAD" },
	{ PG_QUERY__NODE__NODE_CREATEDB_STMT, "CREATE DATABASE" },
	{ PG_QUERY__NODE__NODE_ALTER_DATABASE_STMT, "ALTER DATABASE" },
	{ PG_QUERY__NODE__NODE_ALTER_DATABASE_SET_STMT, "ALTER DATABASE" },
	{ PG_QUERY__NODE__NODE_ALTER_ROLE_SET_STMT, "ALTER ROLE (roles are in bibd's configuration)" },
	{ PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT, "ALTER SYSTEM (settings are in bibd's configuration)" },
	{ PG_QUERY__NODE__NODE_CREATE_TABLE_SPACE_STMT, "CREATE TABLESPACE" },
	{ PG_QUERY__NODE__NODE_CREATE_POLICY_STMT, "CREATE POLICY" },
	{ PG_QUERY__NODE__NODE_CREATE_PUBLICATION_STMT, "CREATE PUBLICATION" },
	{ PG_QUERY__NODE__NODE_CREATE_SUBSCRIPTION_STMT, "CREATE SUBSCRIPTION" },
	{ PG_QUERY__NODE__NODE_CREATE_FDW_STMT, "CREATE FOREIGN DATA WRAPPER" },
	{ PG_QUERY__NODE__NODE_CREATE_FOREIGN_SERVER_STMT, "CREATE SERVER" },
	{ PG_QUERY__NODE__NODE_CREATE_FOREIGN_TABLE_STMT, "CREATE FOREIGN TABLE" },
	{ PG_QUERY__NODE__NODE_CREATE_EVENT_TRIG_STMT, "CREATE EVENT TRIGGER" },
	{ PG_QUERY__NODE__NODE_CREATE_RANGE_STMT, "CREATE TYPE AS RANGE" },
	{ PG_QUERY__NODE__NODE_DEFINE_STMT, "CREATE of aggregates, operators, types and collations" },
	{ PG_QUERY__NODE__NODE_CREATE_CAST_STMT, "CREATE CAST" },
	{ PG_QUERY__NODE__NODE_CREATE_STATS_STMT, "CREATE STATISTICS" },
	{ PG_QUERY__NODE__NODE_SEC_LABEL_STMT, "SECURITY LABEL" },
	{ PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT, "ALTER ... SET SCHEMA" },
	{ PG_QUERY__NODE__NODE_XML_EXPR, "XML" },
	{ PG_QUERY__NODE__NODE_XML_SERIALIZE, "XML" },
	{ PG_QUERY__NODE__NODE_CURRENT_OF_EXPR, "WHERE CURRENT OF" },
	{ PG_QUERY__NODE__NODE_GROUPING_FUNC, "GROUPING here" },
	{ PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE, "TABLESAMPLE" },
	{ PG_QUERY__NODE__NODE_RANGE_TABLE_FUNC, "XMLTABLE" },
	{ PG_QUERY__NODE__NODE_NAMED_ARG_EXPR, "a function argument by name" },
};

/* Characters, from 1, of a byte offset in UTF-8. */
static int
characters(const char *text, int offset)
{
	int n = 1;

	for (int i = 0; i < offset && text[i] != '\0'; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			n++;
	return n;
}

int
translate_fail(struct translator *t, int location, enum sqlstate state, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return translate_out_of_memory(t);
	namespace_show(text);
	report_set(t->report, state, "%s", text);
	free(text);
	if (location >= 0 && t->report != NULL)
		t->report->position = characters(t->source, location);
	return -1;
}

int
translate_refuse(struct translator *t, int location, const char *what)
{
	return translate_fail(t, location, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s is not supported on SQLite", what);
}

int
translate_refuse_node(struct translator *t, const PgQuery__Node *node)
{
	int location = translate_location(node);

	if (node->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT)
		return translate_fail(t, node->set_to_default->location, SQLSTATE_SYNTAX_ERROR,
		    "DEFAULT is not allowed in this context");
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (refused[i].node == node->node_case)
			return translate_refuse(t, location, refused[i].what);
	return translate_refuse(t, location, "this statement");
}

/* Those that an error can point at. */
int
translate_location(const PgQuery__Node *node)
{
	if (node == NULL)
		return -1;
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_A_CONST:
		return node->a_const->location;
	case PG_QUERY__NODE__NODE_A_EXPR:
		return node->a_expr->lexpr != NULL ? translate_location(node->a_expr->lexpr) : node->a_expr->location;
	case PG_QUERY__NODE__NODE_COLUMN_REF:
		return node->column_ref->location;
	case PG_QUERY__NODE__NODE_PARAM_REF:
		return node->param_ref->location;
	case PG_QUERY__NODE__NODE_FUNC_CALL:
		return node->func_call->location;
	case PG_QUERY__NODE__NODE_TYPE_CAST:
		return translate_location(node->type_cast->arg);
	case PG_QUERY__NODE__NODE_SUB_LINK:
		return node->sub_link->location;
	case PG_QUERY__NODE__NODE_BOOL_EXPR:
		return node->bool_expr->n_args > 0 ? translate_location(node->bool_expr->args[0]) : -1;
	case PG_QUERY__NODE__NODE_CASE_EXPR:
		return node->case_expr->location;
	case PG_QUERY__NODE__NODE_COALESCE_EXPR:
		return node->coalesce_expr->location;
	case PG_QUERY__NODE__NODE_RES_TARGET:
		return node->res_target->location;
	case PG_QUERY__NODE__NODE_RANGE_VAR:
		return node->range_var->location;
	case PG_QUERY__NODE__NODE_ROW_EXPR:
		return node->row_expr->location;
	case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
		return node->a_array_expr->location;
	case PG_QUERY__NODE__NODE_GROUPING_SET:
		return node->grouping_set->location;
	case PG_QUERY__NODE__NODE_NAMED_ARG_EXPR:
		return node->named_arg_expr->location;
	case PG_QUERY__NODE__NODE_DEF_ELEM:
		return node->def_elem->location;
	default:
		return -1;
	}
}
