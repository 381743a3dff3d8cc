/*
 * INSERT, UPDATE and DELETE in WITH. Each is a step, whose RETURNING goes into a set; other queries of WITH stay texts,
 * which are written into whatever names them, but for those that must be run before what they read is changed, or whose
 * functions must be called once. The statement itself is the plan's own where it is the last to be run.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/modify.h"
#include "workers/sqlite/dialect/steps/parts.h"
#include "workers/sqlite/dialect/with.h"

static bool
changes_rows(const PgQuery__Node *query)
{
	return query->node_case == PG_QUERY__NODE__NODE_INSERT_STMT ||
	    query->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT ||
	    query->node_case == PG_QUERY__NODE__NODE_DELETE_STMT;
}

bool
steps_with_changes(const PgQuery__WithClause *with)
{
	for (size_t i = 0; with != NULL && i < with->n_ctes; i++)
		if (changes_rows(with->ctes[i]->common_table_expr->ctequery))
			return true;
	return false;
}

/* ---- what stands before a part's text ---- */

static void
put_in_force(struct translator *t, const struct parts *parts, unsigned i)
{
	t->ctes = NULL;
	for (unsigned j = 0; j < i; j++)
		if (parts->list[j].named != NULL) {
			parts->list[j].named->next = t->ctes;
			t->ctes = parts->list[j].named;
		}
}

/* Writes WITH and what is defined so far before a part's whole text, which may begin with a WITH of its own. */
static int
put_with(struct translator *t, const struct parts *parts, unsigned i)
{
	static const char *const words[] = { "WITH RECURSIVE ", "WITH " };
	struct sql_text with = { 0 };
	size_t own = 0;

	for (size_t w = 0; own == 0 && w < sizeof(words) / sizeof(words[0]); w++)
		if (t->out.data != NULL && strncmp(t->out.data, words[w], strlen(words[w])) == 0)
			own = strlen(words[w]);
	for (unsigned j = 0; j < i; j++)
		if (parts->list[j].definition != NULL) {
			sql_text_put(&with, with.length == 0 && own == 0 ? "WITH " : own == 0 ? ", " : "");
			sql_text_put(&with, parts->list[j].definition);
			sql_text_put(&with, own > 0 ? ", " : "");
		}
	if (with.length > 0)
		sql_text_put(&with, own == 0 ? " " : "");
	if (with.length > 0 && !with.failed)
		sql_text_insert(&t->out, own, with.data);
	t->out.failed |= with.failed;
	sql_text_free(&with);
	return t->out.failed ? translate_out_of_memory(t) : 0;
}

/* "name"("a", "b") AS (SELECT c0, c1 FROM bibd_step(set)) */
static int
define_as_set(struct translator *t, struct part *part, unsigned set)
{
	struct scope_cte *named = part->named;

	translate_identifier(t, named->name);
	for (unsigned i = 0; i < named->ncolumns; i++) {
		translate_emit(t, i == 0 ? "(" : ", ");
		translate_identifier(t, named->columns[i].emitted);
		named->columns[i].collated = false;
	}
	translate_emit(t, named->ncolumns > 0 ? ") AS (" : " AS (");
	if (steps_emit_set(t, set, named->ncolumns) < 0 || translate_emit(t, ")") < 0 ||
	    (part->definition = translator_copy(t, t->out.data)) == NULL)
		return -1;
	sql_text_cut(&t->out, 0);
	return 0;
}

/* ---- queries ---- */

static bool
is_read(const struct parts *parts, unsigned i)
{
	for (unsigned j = i + 1; j < parts->n; j++)
		if (part_bit(parts->list[j].refers, i))
			return true;
	return false;
}

static int
run_query(struct translator *t, struct parts *parts, unsigned i)
{
	struct part *part = &parts->list[i];
	struct dialect_step *step;
	unsigned set;

	if (translate_emit_format(t, "WITH %s SELECT * FROM ", part->definition) < 0 ||
	    translate_identifier(t, part->named->name) < 0 || put_with(t, parts, i) < 0 ||
	    (step = steps_add(t)) == NULL)
		return -1;
	step->set = set = steps_new_set(t);
	return define_as_set(t, part, set);
}

/* A query of WITH that changes nothing; what it names is written before it. */
static int
write_query(struct translator *t, struct parts *parts, unsigned i)
{
	struct part *part = &parts->list[i];
	unsigned nvolatile = t->nvolatile;

	if (part->definition != NULL)
		return 0;
	for (unsigned j = 0; j < i; j++)
		if (part_bit(part->refers, j) && !parts->list[j].changes && write_query(t, parts, j) < 0)
			return -1;
	put_in_force(t, parts, i);
	if (with_query(t, part->cte, parts->with->recursive) < 0)
		return -1;
	part->named = t->ctes;
	if ((part->definition = translator_copy(t, t->out.data)) == NULL)
		return -1;
	sql_text_cut(&t->out, 0);
	if (!part->early && (t->nvolatile == nvolatile || !is_read(parts, i)))
		return 0;
	return run_query(t, parts, i);
}

static int
write_named(struct translator *t, struct parts *parts, unsigned i)
{
	for (unsigned j = 0; j < i; j++)
		if (part_bit(parts->list[i].refers, j) && !parts->list[j].changes && write_query(t, parts, j) < 0)
			return -1;
	put_in_force(t, parts, i);
	return 0;
}

/* ---- changes ---- */

static bool
has_own_with(const PgQuery__Node *query)
{
	return (query->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT && query->update_stmt->with_clause != NULL) ||
	    (query->node_case == PG_QUERY__NODE__NODE_DELETE_STMT && query->delete_stmt->with_clause != NULL);
}

/* Writes the change of a part; *each: the set for whose rows it is run, or 0. */
static int
write_change(struct translator *t, const struct parts *parts, unsigned i, unsigned *each)
{
	const PgQuery__Node *query = parts->list[i].query;

	*each = 0;
	t->steps->joined = NULL;
	if (steps_is_joined(query)) {
		if (has_own_with(query))
			return translate_refuse(t, -1,
			    "a WITH within WITH, of a change whose RETURNING names other tables");
		return steps_begin_joined(t, query) < 0 || put_with(t, parts, i) < 0 ? -1
										     : steps_end_joined(t, query, each);
	}
	switch (query->node_case) {
	case PG_QUERY__NODE__NODE_INSERT_STMT:
		return translate_insert(t, query->insert_stmt) < 0 ? -1 : put_with(t, parts, i);
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
		return translate_update(t, query->update_stmt) < 0 ? -1 : put_with(t, parts, i);
	default:
		return translate_delete(t, query->delete_stmt) < 0 ? -1 : put_with(t, parts, i);
	}
}

static void
set_each(struct dialect_step *step, unsigned each)
{
	step->each = each;
	step->action = 1;
	step->once = step->first = each > 0;
}

static const char *
tag_of(const PgQuery__Node *query)
{
	return query->node_case == PG_QUERY__NODE__NODE_INSERT_STMT ? "INSERT 0"
	    : query->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT  ? "UPDATE"
								    : "DELETE";
}

static int
add_change(struct translator *t, struct parts *parts, unsigned i)
{
	struct part *part = &parts->list[i];
	struct query_columns columns = { 0 };
	struct dialect_step *step;
	unsigned set = 0, each;

	if (write_named(t, parts, i) < 0 || (part->named = translator_alloc(t, sizeof(*part->named))) == NULL)
		return -1;
	t->steps->returned = &columns;
	if (write_change(t, parts, i, &each) < 0)
		return -1;
	t->steps->returned = NULL;
	if ((step = steps_add(t)) == NULL)
		return -1;
	set_each(step, each);
	step->tag = tag_of(part->query);
	if (columns.columns == NULL) {
		part->named->name = part->cte->ctename;
		part->named->silent = true;
		return 0;
	}
	if (is_read(parts, i))
		step->set = set = steps_new_set(t);
	if (with_read_aliases(t, part->cte, part->named) < 0 || with_set_columns(t, part->named, &columns) < 0)
		return -1;
	return set == 0 ? 0 : define_as_set(t, part, set);
}

/* ---- the statement itself ---- */

static int
write_own(struct translator *t, struct parts *parts, unsigned *each)
{
	unsigned i = parts->n - 1;
	const PgQuery__Node *query = parts->list[i].query;
	struct query_columns columns;

	if (write_named(t, parts, i) < 0)
		return -1;
	*each = 0;
	if (changes_rows(query))
		return write_change(t, parts, i, each);
	if (t->text->variables != NULL && t->text->variables->assigned != 0)
		return translate_refuse(t, -1, "a value that a query with INSERT, UPDATE or DELETE in WITH gives");
	if (translate_select_shown(t, query->select_stmt, &columns) < 0 || translate_plan_columns(t, &columns) < 0)
		return -1;
	return put_with(t, parts, i);
}

/* It is run before others: what it answers waits in a set. */
static int
put_own_by(struct translator *t, struct parts *parts, unsigned *set)
{
	const PgQuery__Node *query = parts->list[parts->n - 1].query;
	struct dialect_step *step;
	unsigned each;

	if (write_own(t, parts, &each) < 0 || (step = steps_add(t)) == NULL)
		return -1;
	set_each(step, each);
	step->counted = changes_rows(query);
	step->tag = changes_rows(query) ? tag_of(query) : NULL;
	t->plan->steps_count = step->counted;
	*set = 0;
	if (t->plan->has_rows)
		step->set = *set = steps_new_set(t);
	return 0;
}

static int
write_all(struct translator *t, struct parts *parts)
{
	unsigned own = parts->n - 1, set = 0, each;
	bool last = parts->order[parts->norder - 1] == own && !steps_is_joined(parts->list[own].query);

	for (unsigned k = 0; k < parts->norder; k++) {
		unsigned i = parts->order[k];
		int status = i != own ? (parts->list[i].changes ? add_change(t, parts, i) : write_query(t, parts, i))
		    : !last	      ? put_own_by(t, parts, &set)
				      : 0;

		if (status < 0)
			return -1;
	}
	/* What nothing names is looked at all the same. */
	for (unsigned i = 0; i < own; i++)
		if (!parts->list[i].changes && write_query(t, parts, i) < 0)
			return -1;
	if (last)
		return write_own(t, parts, &each);
	if (set > 0 && t->plan->ncolumns == 0)
		t->plan->nhidden = 1;
	return set > 0 ? steps_emit_set(t, set, t->plan->ncolumns) : steps_emit_nothing(t);
}

/* The statement itself without its WITH, which is in the other parts; NULL: out of memory. */
static const PgQuery__Node *
without_with(struct translator *t, const PgQuery__Node *node, const PgQuery__WithClause **with)
{
	PgQuery__Node *own = translator_alloc(t, sizeof(*own));

	if (own == NULL)
		return NULL;
	*own = *node;
#define TAKE_WITH(field) \
	do { \
		if ((own->field = translator_alloc(t, sizeof(*own->field))) == NULL) \
			return NULL; \
		*own->field = *node->field; \
		*with = own->field->with_clause; \
		own->field->with_clause = NULL; \
	} while (0)
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_SELECT_STMT:
		TAKE_WITH(select_stmt);
		break;
	case PG_QUERY__NODE__NODE_INSERT_STMT:
		TAKE_WITH(insert_stmt);
		break;
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
		TAKE_WITH(update_stmt);
		break;
	default:
		TAKE_WITH(delete_stmt);
		break;
	}
#undef TAKE_WITH
	return own;
}

static int
collect(struct translator *t, const PgQuery__Node *node, struct parts *parts)
{
	static const PgQuery__WithClause none = PG_QUERY__WITH_CLAUSE__INIT;
	const PgQuery__Node *own = without_with(t, node, &parts->with);
	const size_t *order;

	if (own == NULL)
		return -1;
	if (parts->with == NULL)
		parts->with = &none;
	if (parts->with->n_ctes >= STEPS_PARTS_MAX)
		return translate_refuse(t, -1, "WITH of so many queries");
	if ((order = with_order(t, parts->with)) == NULL)
		return -1;
	for (size_t i = 0; i < parts->with->n_ctes; i++) {
		const PgQuery__CommonTableExpr *cte = parts->with->ctes[order[i]]->common_table_expr;

		for (size_t j = 0; j < i; j++)
			if (strcmp(parts->list[j].cte->ctename, cte->ctename) == 0)
				return translate_fail(t, cte->location, SQLSTATE_DUPLICATE_ALIAS,
				    "WITH query name \"%s\" specified more than once", cte->ctename);
		parts->list[i] = (struct part) { .cte = cte, .query = cte->ctequery };
	}
	parts->n = (unsigned)parts->with->n_ctes + 1;
	parts->list[parts->n - 1] = (struct part) { .query = own };
	return 0;
}

int
steps_translate_with(struct translator *t, const PgQuery__Node *node)
{
	struct parts *parts = translator_alloc(t, sizeof(*parts));

	if (parts == NULL || collect(t, node, parts) < 0 || steps_begin(t) < 0 || parts_read(t, parts) < 0 ||
	    parts_order(t, parts) < 0 || write_all(t, parts) < 0)
		return -1;
	return translate_finish(t, changes_rows(node) ? DIALECT_MODIFY : DIALECT_QUERY,
	    changes_rows(node) ? tag_of(node) : "SELECT");
}
