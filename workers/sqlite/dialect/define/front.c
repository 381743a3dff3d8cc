/*
 * Has a text parsed and its tree translated, completes the plan, and checks syntax alone where only that is asked.
 */
#include "workers/sqlite/dialect/define/front.h"

#include <pg_query.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/statement.h"
#include "workers/sqlite/dialect/lex.h"
#include "workers/sqlite/dialect/memory.h"
#include "workers/sqlite/dialect/shorten.h"
#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/schema/names.h"

/* What the parser, its tree and the copies of that take, measured: 250 to 550 bytes for a token, four for a byte of a
 * literal. */
#define PARSE_BYTES_PER_TOKEN 512
#define PARSE_BYTES_PER_BYTE 4

/* ---- the parser ---- */

static int
parse_failed(struct translator *t, const PgQueryError *error)
{
	static const struct {
		const char *beginning;
		enum sqlstate state;
	} states[] = {
		{ "stack depth limit", SQLSTATE_STATEMENT_TOO_COMPLEX },
		{ "memory exhausted", SQLSTATE_STATEMENT_TOO_COMPLEX },
		{ "out of memory", SQLSTATE_OUT_OF_MEMORY },
		{ "CREATE SCHEMA IF NOT EXISTS cannot include", SQLSTATE_FEATURE_NOT_SUPPORTED },
		{ "MATCH PARTIAL not yet", SQLSTATE_FEATURE_NOT_SUPPORTED },
		{ "invalid byte sequence", SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE },
		{ "frame start", SQLSTATE_WINDOWING_ERROR },
		{ "frame end", SQLSTATE_WINDOWING_ERROR },
	};
	enum sqlstate state = SQLSTATE_SYNTAX_ERROR;

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strncmp(error->message, states[i].beginning, strlen(states[i].beginning)) == 0)
			state = states[i].state;
	report_set(t->report, state, "%s", error->message);
	if (error->cursorpos > 0 && t->report != NULL)
		t->report->position = error->cursorpos;
	return -1;
}

static int
translate_tree(struct translator *t, const PgQueryProtobuf *tree)
{
	bool before = memory_guard(false);
	PgQuery__ParseResult *parsed = pg_query__parse_result__unpack(NULL, tree->len, (const uint8_t *)tree->data);
	int status = 0;

	(void)memory_guard(before);
	if (parsed == NULL)
		return translate_out_of_memory(t);
	if (parsed->n_stmts > 1)
		status = translate_fail(t, parsed->stmts[1]->stmt_location, SQLSTATE_SYNTAX_ERROR,
		    "cannot insert multiple commands into a prepared statement");
	else if (parsed->n_stmts == 1)
		status = statement_translate(t, parsed->stmts[0]->stmt);
	pg_query__parse_result__free_unpacked(parsed, NULL);
	return status;
}

/* libpg_query does not bear that memory is out: whether there is enough is asked before. */
static int
check_room(struct report *r, size_t length, size_t ntokens)
{
	return memory_would_refuse(PARSE_BYTES_PER_BYTE * length + PARSE_BYTES_PER_TOKEN * ntokens)
	    ? report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory")
	    : 0;
}

static int
parse_and_translate(struct translator *t)
{
	PgQueryProtobufParseResult result;
	bool before;
	int status;

	if (check_room(t->report, t->text->length, t->text->ntokens) == -1)
		return -1;
	before = memory_guard(false);
	result = pg_query_parse_protobuf(t->source);
	(void)memory_guard(before);
	status = result.error != NULL ? parse_failed(t, result.error) : translate_tree(t, &result.parse_tree);

	pg_query_free_protobuf_parse_result(result);
	return status;
}

/* ---- the plan ---- */

static int
prepare_parameters(struct translator *t, const uint32_t *oids, unsigned noids)
{
	struct dialect_plan *plan = t->plan;

	/* A routine's $n is one of its variables. */
	plan->nparams = t->text->nparams > noids && t->text->variables == NULL ? t->text->nparams : noids;
	if (plan->nparams > LEX_PARAMETERS_MAX)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_PARAMETER, "there is no parameter $%u", plan->nparams);
	if ((plan->param_oids = calloc(plan->nparams + 1, sizeof(*plan->param_oids))) == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < noids; i++)
		plan->param_oids[i] = oids[i] == TYPE_UNKNOWN_LITERAL ? (uint32_t)TYPE_UNKNOWN : oids[i];
	return 0;
}

static int translate_text(struct schema *schema, const struct dialect_text *text, const struct type_settings *settings,
    const uint32_t *oids, unsigned noids, struct dialect_plan **plan, struct report *r);

/* $n of DECLARE and EXPLAIN are those of the query within. */
static int
take_inner_parameters(struct translator *t, const char *query)
{
	struct dialect_text text = { 0 };
	struct dialect_plan *inner = NULL, *plan = t->plan;
	int result = dialect_lex(query, strlen(query), 0, &text, t->report);

	if (result == 0)
		result =
		    translate_text(t->schema, &text, t->settings, plan->param_oids, plan->nparams, &inner, t->report);
	for (unsigned i = 0; result == 0 && i < plan->nparams && i < inner->nparams; i++)
		plan->param_oids[i] = inner->param_oids[i];
	if (result == -1 && t->report != NULL)
		t->report->position = 0;
	dialect_plan_free(inner);
	dialect_text_free(&text);
	return result;
}

static int
check_parameters(struct translator *t)
{
	const char *query = t->plan->kind == DIALECT_DECLARE ? t->plan->u.cursor.query
	    : t->plan->kind == DIALECT_EXPLAIN		     ? t->plan->u.explain.query
							     : NULL;

	if (query != NULL && t->plan->nparams > 0 && t->text->variables == NULL)
		return take_inner_parameters(t, query);
	if (!t->lift) /* $n of a statement around another is that one's */
		t->plan->nparams = 0;
	for (unsigned i = 0; i < t->plan->nparams; i++)
		if (t->plan->param_oids[i] == TYPE_UNKNOWN)
			return translate_fail(t, -1, SQLSTATE_INDETERMINATE_DATATYPE,
			    "could not determine data type of parameter $%u", i + 1);
	return 0;
}

static int
translate_whole(struct schema *schema, const struct dialect_text *text, const struct type_settings *settings,
    const uint32_t *oids, unsigned noids, struct dialect_plan **plan, struct report *r)
{
	struct translator t = { .schema = schema, .text = text, .settings = settings, .report = r };
	char *source = strndup(text->sql, text->length);
	int status = -1;

	*plan = t.plan = calloc(1, sizeof(*t.plan));
	t.source = source;
	if (source == NULL || t.plan == NULL)
		translate_out_of_memory(&t);
	else if (prepare_parameters(&t, oids, noids) == 0 && (text->empty || parse_and_translate(&t) == 0))
		status = check_parameters(&t);
	if (status == 0 && t.out_of_memory)
		status = translate_out_of_memory(&t);
	if (status == -1 && r != NULL) {
		namespace_show(r->detail);
		namespace_show(r->hint);
	}
	if (status == 0 && !t.lift && text->nliterals > 0)
		t.plan->exact = true;
	if (status == 0)
		status = translate_pin_rest(&t);
	translator_release(&t);
	free(source);
	if (status < 0) {
		dialect_plan_free(*plan);
		*plan = NULL;
	}
	return status;
}

static int
translate_text(struct schema *schema, const struct dialect_text *text, const struct type_settings *settings,
    const uint32_t *oids, unsigned noids, struct dialect_plan **plan, struct report *r)
{
	struct report unheard = { 0 };
	struct dialect_text shorter;
	char *sql;
	int status;

	if (dialect_shorten(text, &shorter, &sql)) {
		status = translate_whole(schema, &shorter, settings, oids, noids, plan, &unheard);
		report_reset(&unheard);
		dialect_text_free(&shorter);
		free(sql);
		if (status == 0 && !(*plan)->exact && (*plan)->npinned == 0)
			return 0;
		/* What stands in the literals matters, if only for the error. */
		if (status == 0)
			dialect_plan_free(*plan);
	}
	return translate_whole(schema, text, settings, oids, noids, plan, r);
}

/* Something was not read, or had no memory. */
static int
report_failure(int code, struct report *r)
{
	if (code == SQLITE_INTERRUPT)
		return report_set(r, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request");
	if (code == SQLITE_NOMEM)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return report_set(r, SQLSTATE_IO_ERROR, "the schema could not be read: %s", sqlite3_errstr(code));
}

/* A plan that was made while something was missed is dropped, whatever it says, and so is an error: each of the
 * look-ups on the way takes what it missed for something that is not there. */
int
dialect_translate(struct schema *schema, const struct dialect_text *text, const struct type_settings *settings,
    const uint32_t *oids, unsigned noids, struct dialect_plan **plan, struct report *r)
{
	uint64_t missed = memory_missed();
	int result, code = SQLITE_OK;

	if (schema != NULL)
		(void)schema_take_failure(schema);
	result = translate_text(schema, text, settings, oids, noids, plan, r);
	if (memory_missed() != missed)
		code = SQLITE_NOMEM;
	if (schema != NULL && code == SQLITE_OK)
		code = schema_take_failure(schema);
	if (code == SQLITE_OK)
		return result;
	dialect_plan_free(*plan);
	*plan = NULL;
	return report_failure(code, r);
}

/* Tokens of all statements of a text; -1 with the report filled. */
static int
count_tokens(const char *text, size_t length, size_t *ntokens, struct report *r)
{
	struct dialect_text statement = { 0 };
	size_t at = 0;
	int result;

	*ntokens = 0;
	do {
		result = dialect_lex(text, length, at, &statement, r);
		*ntokens += statement.ntokens;
		at = statement.next;
	} while (result == 0 && at < length);
	dialect_text_free(&statement);
	return result;
}

int
dialect_check_syntax(const char *text, size_t length, struct report *r)
{
	struct translator t = { .report = r };
	PgQuerySplitResult result;
	size_t ntokens;
	int status = 0;

	if (count_tokens(text, length, &ntokens, r) == -1 || check_room(r, length, ntokens) == -1)
		return -1;
	if ((t.source = strndup(text, length)) == NULL)
		return translate_out_of_memory(&t);
	result = pg_query_split_with_parser(t.source);
	if (result.error != NULL)
		status = parse_failed(&t, result.error);
	pg_query_free_split_result(result);
	free((char *)(uintptr_t)t.source);
	return status;
}
