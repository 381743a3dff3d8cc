/*
 * The elements of CREATE SCHEMA, cut out of the statement's text: each is a statement that is run once the schema is
 * there, in PostgreSQL's order of kinds.
 */
#include <pg_query.h>
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/memory/memory.h"

/* One of them in the text. */
struct piece {
	size_t start, end;
};

static bool
is_one_of(int token, const int *tokens, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tokens[i] == token)
			return true;
	return false;
}

/* Both words are reserved, so that they begin an element unless they stand behind a word or mark after which any name
 * may, or in a list of rights. */
static bool
begins_element(const PgQuery__ScanToken *token, const PgQuery__ScanToken *before)
{
	static const int words[] = { PG_QUERY__TOKEN__CREATE, PG_QUERY__TOKEN__GRANT };
	static const int within[] = { PG_QUERY__TOKEN__AS, PG_QUERY__TOKEN__ASCII_46, PG_QUERY__TOKEN__GRANT,
		PG_QUERY__TOKEN__ASCII_44, PG_QUERY__TOKEN__WITH };

	return is_one_of((int)token->token, words, sizeof(words) / sizeof(words[0])) &&
	    !is_one_of((int)before->token, within, sizeof(within) / sizeof(within[0]));
}

static size_t
find_pieces(const PgQuery__ScanResult *scan, size_t end, struct piece *pieces, size_t most)
{
	int depth = 0;
	size_t n = 0;

	for (size_t i = 1; i < scan->n_tokens; i++) {
		const PgQuery__ScanToken *token = scan->tokens[i];

		depth += token->token == PG_QUERY__TOKEN__ASCII_40;
		depth -= token->token == PG_QUERY__TOKEN__ASCII_41;
		if (depth > 0 || !begins_element(token, scan->tokens[i - 1]))
			continue;
		if (n == most)
			return 0;
		if (n > 0)
			pieces[n - 1].end = (size_t)token->start;
		pieces[n++] = (struct piece) { .start = (size_t)token->start, .end = end };
	}
	return n;
}

/* Where each element stands; false: not all were found. */
static bool
cut(struct translator *t, const PgQuery__CreateSchemaStmt *stmt, struct piece *pieces)
{
	bool before = memory_guard(false);
	PgQueryScanResult result = pg_query_scan(t->source);
	PgQuery__ScanResult *scan = NULL;
	size_t end = strlen(t->source), n = 0;

	if (result.error == NULL)
		scan = pg_query__scan_result__unpack(NULL, result.pbuf.len, (const uint8_t *)result.pbuf.data);
	if (scan != NULL && scan->n_tokens > 0 && scan->tokens[scan->n_tokens - 1]->token == PG_QUERY__TOKEN__ASCII_59)
		end = (size_t)scan->tokens[scan->n_tokens - 1]->start;
	if (scan != NULL)
		n = find_pieces(scan, end, pieces, stmt->n_schema_elts);
	if (scan != NULL)
		pg_query__scan_result__free_unpacked(scan, NULL);
	pg_query_free_scan_result(result);
	(void)memory_guard(before);
	return n == stmt->n_schema_elts;
}

/* The relation that an element makes; NULL: none. */
static const PgQuery__RangeVar *
made_by(const PgQuery__Node *element)
{
	switch (element->node_case) {
	case PG_QUERY__NODE__NODE_CREATE_STMT:
		return element->create_stmt->relation;
	case PG_QUERY__NODE__NODE_VIEW_STMT:
		return element->view_stmt->view;
	case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
		return element->create_seq_stmt->sequence;
	case PG_QUERY__NODE__NODE_INDEX_STMT:
		return element->index_stmt->relation;
	case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
		return element->create_trig_stmt->relation;
	default:
		return NULL;
	}
}

static int
check_schema(struct translator *t, const PgQuery__Node *element, const char *schema)
{
	const PgQuery__RangeVar *relation = made_by(element);

	if (relation != NULL && relation->relpersistence != NULL && relation->relpersistence[0] == 't')
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "cannot create temporary relation in non-temporary schema");
	if (relation == NULL || relation->schemaname == NULL || *relation->schemaname == '\0' ||
	    strcmp(relation->schemaname, schema) == 0)
		return 0;
	return translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_DEFINITION,
	    "CREATE specifies a schema (%s) different from the one being created (%s)", relation->schemaname, schema);
}

int
define_schema_elements(struct translator *t, const PgQuery__CreateSchemaStmt *stmt, const char *schema)
{
	static const PgQuery__Node__NodeCase order[] = { PG_QUERY__NODE__NODE_CREATE_SEQ_STMT,
		PG_QUERY__NODE__NODE_CREATE_STMT, PG_QUERY__NODE__NODE_VIEW_STMT, PG_QUERY__NODE__NODE_INDEX_STMT,
		PG_QUERY__NODE__NODE_CREATE_TRIG_STMT, PG_QUERY__NODE__NODE_GRANT_STMT };
	struct piece *pieces;

	if (stmt->n_schema_elts == 0)
		return 0;
	if ((pieces = translator_alloc(t, stmt->n_schema_elts * sizeof(*pieces))) == NULL)
		return -1;
	if (!cut(t, stmt, pieces))
		return translate_refuse(t, -1, "this CREATE SCHEMA with elements");
	for (size_t i = 0; i < stmt->n_schema_elts; i++)
		if (check_schema(t, stmt->schema_elts[i], schema) == -1)
			return -1;
	for (size_t kind = 0; kind < sizeof(order) / sizeof(order[0]); kind++)
		for (size_t i = 0; i < stmt->n_schema_elts; i++)
			if (stmt->schema_elts[i]->node_case == order[kind] &&
			    translate_follow(t, t->source + pieces[i].start, pieces[i].end - pieces[i].start) == -1)
				return -1;
	if (t->plan->nfollowing != stmt->n_schema_elts)
		return translate_refuse(t, -1, "this element of CREATE SCHEMA");
	return (t->plan->following_schema = translator_plan_copy(t, schema)) == NULL ? -1 : 0;
}
