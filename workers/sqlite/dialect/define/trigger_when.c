/*
 * WHEN of a trigger: checked as the condition of a query over two rows that are named old and new, and kept as it was
 * written, by which it is asked for each row, and as PostgreSQL shows it.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/schema/definition_lex.h"

struct references {
	struct translator *t;
	const PgQuery__CreateTrigStmt *stmt;
	const struct schema_table *table;
	bool old, new; /* that there are */
	bool star;
};

static int
refuse_reference(struct references *r, const char *kind, const char *row)
{
	if (!r->stmt->row)
		return translate_fail(r->t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "statement trigger's WHEN condition cannot reference column values");
	return translate_fail(r->t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
	    "%s trigger's WHEN condition cannot reference %s values", kind, row);
}

static int
check_generated(struct references *r, const char *column)
{
	for (unsigned i = 0; i < r->table->ncolumns; i++) {
		const struct schema_column *c = &r->table->columns[i];

		if (!c->generated || (column != NULL && strcmp(c->name, column) != 0))
			continue;
		(void)translate_fail(r->t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "BEFORE trigger's WHEN condition cannot reference NEW generated columns");
		if (column == NULL)
			report_detail(r->t->report,
			    "A whole-row reference is used and the table contains generated columns.");
		else
			report_detail(r->t->report, "Column \"%s\" is a generated column.", column);
		return -1;
	}
	return 0;
}

static int
check_column(struct references *r, const PgQuery__ColumnRef *ref)
{
	const char *row = translate_string(ref->fields[0]);
	bool star = ref->fields[ref->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
	const char *column = star || ref->n_fields < 2 ? NULL : translate_string(ref->fields[1]);

	if (row == NULL)
		return translate_refuse(r->t, ref->location, "this condition of a trigger");
	if (strcmp(row, "old") == 0 && !r->old)
		return refuse_reference(r, "INSERT", "OLD");
	if (strcmp(row, "new") == 0 && !r->new)
		return refuse_reference(r, "DELETE", "NEW");
	if (column != NULL && schema_find_column(r->table, column) == NULL &&
	    (strcmp(column, "tableoid") == 0 || strcmp(column, "ctid") == 0 || strcmp(column, "xmin") == 0 ||
		strcmp(column, "xmax") == 0 || strcmp(column, "cmin") == 0 || strcmp(column, "cmax") == 0))
		return strcmp(row, "new") == 0 && (r->stmt->timing & TRIGGER_BEFORE) != 0
		    ? translate_fail(r->t, ref->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
			  "BEFORE trigger's WHEN condition cannot reference NEW system columns")
		    : translate_refuse(r->t, ref->location, "a system column in the condition of a trigger");
	r->star |= column == NULL;
	if (strcmp(row, "new") == 0 && (r->stmt->timing & TRIGGER_BEFORE) != 0)
		return check_generated(r, column);
	return 0;
}

static int
check_node(void *arg, const PgQuery__Node *node)
{
	struct references *r = arg;

	if (node->node_case == PG_QUERY__NODE__NODE_SUB_LINK)
		return translate_fail(r->t, translate_location(node), SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot use subquery in trigger WHEN condition");
	if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && check_column(r, node->column_ref) == -1)
		return -1;
	return tree_each_child(node, check_node, arg);
}

/* ---- as a query ---- */

/* SELECT 1 FROM relation old, relation new WHERE condition; it lives as long as the translator. */
static PgQuery__SelectStmt *
as_query(struct translator *t, const struct references *r)
{
	PgQuery__SelectStmt *select = translator_alloc(t, sizeof(*select));
	PgQuery__Node **nodes = translator_alloc(t, 8 * sizeof(*nodes));
	PgQuery__Node *room = translator_alloc(t, 4 * sizeof(*room));
	PgQuery__RangeVar *ranges = translator_alloc(t, 2 * sizeof(*ranges));
	PgQuery__Alias *aliases = translator_alloc(t, 2 * sizeof(*aliases));
	PgQuery__ResTarget *target = translator_alloc(t, sizeof(*target));
	PgQuery__AConst *constant = translator_alloc(t, sizeof(*constant));
	PgQuery__Integer *one = translator_alloc(t, sizeof(*one));
	static const char *const names[] = { "old", "new" };

	if (select == NULL || nodes == NULL || room == NULL || ranges == NULL || aliases == NULL || target == NULL ||
	    constant == NULL || one == NULL)
		return NULL;
	pg_query__select_stmt__init(select);
	pg_query__res_target__init(target);
	pg_query__a__const__init(constant);
	pg_query__integer__init(one);
	for (size_t i = 0; i < 4; i++)
		pg_query__node__init(&room[i]);
	select->op = PG_QUERY__SET_OPERATION__SETOP_NONE;
	select->limit_option = PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_DEFAULT;
	one->ival = 1;
	constant->val_case = PG_QUERY__A__CONST__VAL_IVAL;
	constant->ival = one;
	room[0].node_case = PG_QUERY__NODE__NODE_A_CONST;
	room[0].a_const = constant;
	target->val = &room[0];
	room[1].node_case = PG_QUERY__NODE__NODE_RES_TARGET;
	room[1].res_target = target;
	nodes[0] = &room[1];
	select->n_target_list = 1;
	select->target_list = nodes;
	select->from_clause = nodes + 1;
	for (size_t i = 0; i < 2; i++) {
		if (i == 0 ? !r->old : !r->new)
			continue;
		ranges[i] = *r->stmt->relation;
		pg_query__alias__init(&aliases[i]);
		aliases[i].aliasname = (char *)(uintptr_t)names[i];
		ranges[i].alias = &aliases[i];
		room[2 + i].node_case = PG_QUERY__NODE__NODE_RANGE_VAR;
		room[2 + i].range_var = &ranges[i];
		select->from_clause[select->n_from_clause++] = &room[2 + i];
	}
	select->where_clause = r->stmt->when_clause;
	return select;
}

/* Whether it is a condition at all. */
static int
check_condition(struct translator *t, const PgQuery__SelectStmt *select)
{
	struct query_columns columns;
	size_t start = t->out.length;
	bool exact = t->plan->exact;
	int status = translate_select(t, select, &columns);

	sql_text_cut(&t->out, start);
	t->plan->exact = exact;
	return status < 0 ? -1 : 0;
}

/* ---- its texts ---- */

/* What stands in the parentheses behind WHEN. */
static const char *
take_source(struct translator *t, const PgQuery__CreateTrigStmt *stmt)
{
	struct definition_lexer lexer;
	const char *text;
	char *inside;

	definition_lex_begin(&lexer, t->source + (stmt->relation->location > 0 ? stmt->relation->location : 0));
	while (lexer.kind != DEFINITION_END && !definition_lex_is(&lexer, "when"))
		definition_lex_next(&lexer);
	if (lexer.kind == DEFINITION_END)
		return NULL;
	definition_lex_next(&lexer);
	if ((inside = definition_lex_parenthesised(&lexer)) == NULL) {
		(void)translate_out_of_memory(t);
		return NULL;
	}
	/* That lexer knows neither escapes nor dollar quotes. */
	text = strpbrk(inside, "\\$") == NULL ? translator_copy(t, inside) : NULL;
	free(inside);
	return text;
}

/* The condition in the text of such a query. There the two names are taken, by the rule that a view is, and have a
 * number. */
static const char *
behind_where(struct translator *t, const char *query)
{
	const char *where = query == NULL ? NULL : strstr(query, "WHERE ");
	char *text = where == NULL ? NULL : translator_copy(t, where + strlen("WHERE ")), *put = text;

	if (text == NULL)
		return NULL;
	for (const char *at = text; *at != '\0'; *put++ = *at++)
		if (strncmp(at, "old_1.", 6) == 0 || strncmp(at, "new_1.", 6) == 0) {
			put = stpncpy(put, at, 3);
			at += 5;
		}
	*put = '\0';
	if (put > text && put[-1] == ';')
		put[-1] = '\0';
	return text;
}

/* Names that would be read for those. */
static bool
has_numbered(const char *text)
{
	return strstr(text, "old_1") != NULL || strstr(text, "new_1") != NULL;
}

/* OLD.* IS DISTINCT FROM NEW.*, which is what most have. */
static bool
is_whole_distinct(const PgQuery__Node *node)
{
	const PgQuery__AExpr *e = node->node_case == PG_QUERY__NODE__NODE_A_EXPR ? node->a_expr : NULL;
	const PgQuery__Node *sides[2];

	if (e == NULL || e->kind != PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT)
		return false;
	sides[0] = e->lexpr;
	sides[1] = e->rexpr;
	for (size_t i = 0; i < 2; i++)
		if (sides[i]->node_case != PG_QUERY__NODE__NODE_COLUMN_REF || sides[i]->column_ref->n_fields != 2 ||
		    sides[i]->column_ref->fields[1]->node_case != PG_QUERY__NODE__NODE_A_STAR ||
		    strcmp(translate_string(sides[i]->column_ref->fields[0]), i == 0 ? "old" : "new") != 0)
			return false;
	return true;
}

int
define_trigger_when(struct translator *t, const PgQuery__CreateTrigStmt *stmt, const struct schema_table *table,
    const char **condition, struct deparse_texts *shown)
{
	struct references r = { .t = t,
		.stmt = stmt,
		.table = table,
		.old = stmt->row && (stmt->events & TRIGGER_INSERT) == 0,
		.new = stmt->row && (stmt->events & TRIGGER_DELETE) == 0 };
	static const char *const names[] = { "?column?" };
	PgQuery__SelectStmt *select;
	struct deparse_texts texts;

	if (stmt->when_clause == NULL)
		return 0;
	if (check_node(&r, stmt->when_clause) == -1 || (select = as_query(t, &r)) == NULL)
		return -1;
	if (!r.star && check_condition(t, select) == -1)
		return -1;
	if (is_whole_distinct(stmt->when_clause))
		*shown = (struct deparse_texts) { .plain = "(old.* IS DISTINCT FROM new.*)",
			.pretty = "old.* IS DISTINCT FROM new.*" };
	else if (!has_numbered(t->source) && deparse_view(t, select, names, 1, &texts)) {
		shown->plain = behind_where(t, texts.plain);
		shown->pretty = behind_where(t, texts.pretty);
	}
	if ((*condition = take_source(t, stmt)) != NULL)
		return 0;
	return translate_refuse(t, -1, "this condition of a trigger");
}
