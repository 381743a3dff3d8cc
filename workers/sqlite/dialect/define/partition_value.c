/*
 * The values of FOR VALUES: each is computed once, kept as PostgreSQL shows it, and compared with others.
 */
#include "workers/sqlite/dialect/define/partition_value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/tree.h"

/* ---- values ---- */

static int
look(void *arg, const PgQuery__Node *node)
{
	struct translator *t = arg;
	const char *what = NULL;

	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_COLUMN_REF:
		what = "cannot use column reference in partition bound expression";
		break;
	case PG_QUERY__NODE__NODE_SUB_LINK:
		what = "cannot use subquery in partition bound";
		break;
	case PG_QUERY__NODE__NODE_FUNC_CALL: {
		const PgQuery__FuncCall *call = node->func_call;
		const char *name = translate_last_string(call->funcname, call->n_funcname);
		const struct function_fact *fact = function_fact_by_name(name);

		for (size_t i = 0; i < call->n_args; i++)
			if (look(t, call->args[i]) != 0)
				return -1;
		if (fact != NULL && fact->kind == 'a')
			return translate_fail(t, call->location, SQLSTATE_GROUPING_ERROR,
			    "aggregate functions are not allowed in partition bound");
		if (function_is_set(name))
			what = "set-returning functions are not allowed in partition bound";
		break;
	}
	default:
		break;
	}
	if (what != NULL)
		return translate_fail(t, translate_location(node), SQLSTATE_FEATURE_NOT_SUPPORTED, "%s", what);
	return tree_each_child(node, look, arg);
}

/* Runs SQLite's text of one value; *null: it is NULL. The text is that which a client would see; malloc'ed. */
static char *
compute(struct translator *t, const char *sql, uint32_t oid, bool *null)
{
	static const struct type_settings iso = { .extra_float_digits = 1, .timezone = "UTC" };
	const char *query = translator_format(t, "SELECT %s", sql);
	struct pgwire_buffer text = { 0 };
	sqlite3_stmt *stmt = NULL;
	char *copy = NULL;

	*null = false;
	if (query != NULL && sqlite3_prepare_v2(schema_database(t->schema), query, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW) {
		*null = sqlite3_column_type(stmt, 0) == SQLITE_NULL;
		if (*null)
			copy = strdup("NULL");
		else if (type_put_text(&text, sqlite3_column_value(stmt, 0), oid, &iso, t->report) == 0)
			copy = pgwire_buffer_length(&text) == 0
			    ? strdup("")
			    : strndup((const char *)text.data + text.start, pgwire_buffer_length(&text));
	}
	sqlite3_finalize(stmt);
	pgwire_buffer_free(&text);
	if (copy == NULL && t->report->state == SQLSTATE_SUCCESSFUL_COMPLETION)
		(void)translate_refuse(t, -1, "a bound that cannot be computed");
	return copy;
}

/* A constant as PostgreSQL shows it without its type. */
static void
put_constant(struct sql_text *out, uint32_t oid, const char *text)
{
	bool plain = false;

	if (oid == TYPE_BOOL) {
		sql_text_put(out, *text == 't' ? "true" : "false");
		return;
	}
	if (oid == TYPE_INT4)
		plain = *text != '-';
	else if (oid == TYPE_NUMERIC)
		plain = isdigit((unsigned char)*text) && strcspn(text, "eE.") != strlen(text);
	if (plain) {
		sql_text_put(out, text);
		return;
	}
	sql_text_put_string(out, text, strlen(text));
}

const char *
partition_value_text(struct partition_making *m, unsigned i, const PgQuery__Node *node, bool *null)
{
	struct translator *t = m->t;
	const struct partition_part *part = &m->key.parts[i];
	size_t start = t->out.length;
	struct sql_text out = { 0 };
	uint32_t shown = part->oid;
	const char *result = NULL;
	struct expression e;
	char *sql, *text;

	if (look(t, node) != 0)
		return NULL;
	if (translate_assignment(t, node, part->text, part->oid, part->typmod) == -1) {
		if (t->report->state == SQLSTATE_DATATYPE_MISMATCH)
			(void)translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
			    "specified value cannot be cast to type %s for column \"%s\"", type_display(t, part->oid),
			    part->text);
		return NULL;
	}
	if (type_is_user(part->oid)) {
		e = expression_value(start, part->oid);
		e.end = t->out.length;
		if (expression_cast(t, &e, TYPE_TEXT, -1, CAST_EXPLICIT, -1) == -1)
			return NULL;
		shown = TYPE_TEXT;
	}
	if ((sql = define_take(t, start)) == NULL)
		return NULL;
	text = compute(t, sql, shown, null);
	free(sql);
	if (text == NULL)
		return NULL;
	if (*null)
		sql_text_put(&out, "NULL");
	else
		put_constant(&out, part->oid, text);
	free(text);
	result = out.failed ? NULL : translator_copy(t, out.data);
	sql_text_free(&out);
	return result;
}

/* ---- comparisons ---- */

static void
put_typed(struct translator *t, const struct partition_part *part, const char *value, struct sql_text *out)
{
	sql_text_format(out, "(%s)::%s", value, part->oid == TYPE_BPCHAR ? "bpchar" : type_display(t, part->oid));
}

int
partition_compare_values(struct partition_making *m, unsigned i, const char *a, const char *b)
{
	struct translator *t = m->t;
	const struct partition_part *part = &m->key.parts[i];
	size_t start = t->out.length;
	struct sql_text text = { 0 };
	struct expression e;
	char *sql = NULL, *order = NULL;
	bool null;
	int result = -2;

	if (strcmp(a, b) == 0)
		return 0;
	sql_text_put(&text, "CASE WHEN ");
	put_typed(t, part, a, &text);
	sql_text_put(&text, " < ");
	put_typed(t, part, b, &text);
	sql_text_put(&text, " THEN -1 WHEN ");
	put_typed(t, part, a, &text);
	sql_text_put(&text, " = ");
	put_typed(t, part, b, &text);
	sql_text_put(&text, " THEN 0 ELSE 1 END");
	if (!text.failed && partition_emit_text(t, NULL, NULL, false, text.data, &e) == 0)
		sql = define_take(t, start);
	if (sql != NULL && (order = compute(t, sql, TYPE_INT4, &null)) != NULL)
		result = atoi(order);
	free(order);
	free(sql);
	sql_text_free(&text);
	return result;
}

int
partition_rank_of(const char *value)
{
	return value == NULL ? 0 : strcmp(value, "MINVALUE") == 0 ? -1 : strcmp(value, "MAXVALUE") == 0 ? 1 : 0;
}

int
partition_compare_ends(struct partition_making *m, const char *const *a, const char *const *b)
{
	for (unsigned i = 0; i < m->key.n; i++) {
		int x = partition_rank_of(a[i]), y = partition_rank_of(b[i]), order;

		if (x != y)
			return x < y ? -1 : 1;
		if (x != 0)
			return 0;
		if ((order = partition_compare_values(m, i, a[i], b[i])) != 0)
			return order;
	}
	return 0;
}
