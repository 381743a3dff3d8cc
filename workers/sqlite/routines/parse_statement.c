/*
 * PL/pgSQL's statements: a table of the words that they begin with.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/parse.h"

static const char *const until_semicolon[] = { ";", NULL };

/* ---- assignment ---- */

/* A variable's name, and behind it what only an assignment has. 1: it is one, 0: not, -1: failed. */
static int
is_assignment(struct parser *p)
{
	struct token first = p->scan.token;
	int is;

	if (first.kind != TOKEN_WORD && first.kind != TOKEN_QUOTED)
		return 0;
	if (scan_next(&p->scan, p->report) == -1)
		return -1;
	is = scan_is_symbol(&p->scan, ":=") || scan_is_symbol(&p->scan, "=") || scan_is_symbol(&p->scan, ".") ||
	    scan_is_symbol(&p->scan, "[");
	return scan_back(&p->scan, first, p->report) == -1 ? -1 : is;
}

static struct routine_statement *
parse_assignment(struct parser *p)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_ASSIGN);
	int is;

	if (statement == NULL || parse_targets(p, statement) == -1)
		return NULL;
	if (statement->ntargets != 1 || (is = parse_accept_symbol(p, ":=")) == -1 ||
	    (is == 0 && parse_expect_symbol(p, "=") == -1)) {
		if (statement->ntargets != 1)
			(void)scan_fail(&p->scan, p->report);
		return NULL;
	}
	if ((statement->sql = parse_sql_until(p, until_semicolon)) == NULL)
		return NULL;
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

/* ---- branches ---- */

static int
parse_end(struct parser *p, const char *what)
{
	if (parse_expect_word(p, "end") == -1 || parse_expect_word(p, what) == -1)
		return -1;
	return parse_expect_symbol(p, ";");
}

static int
parse_otherwise(struct parser *p, struct routine_statement *statement)
{
	int is = parse_accept_word(p, "else");

	statement->has_otherwise = is == 1;
	return is == 1 ? parse_statements(p, &statement->otherwise) : is;
}

static struct routine_statement *
parse_if(struct parser *p)
{
	static const char *const ends[] = { "then", NULL };
	struct routine_statement *statement = parse_new(p, ROUTINE_IF);
	struct routine_branch **end;
	int is = 1;

	if (statement == NULL || parse_expect_word(p, "if") == -1)
		return NULL;
	for (end = &statement->branches; is == 1; end = &(*end)->next) {
		if ((*end = parse_alloc(p, sizeof(**end))) == NULL ||
		    ((*end)->when = parse_sql_until(p, ends)) == NULL || parse_expect_word(p, "then") == -1 ||
		    parse_statements(p, &(*end)->body) == -1)
			return NULL;
		if ((is = parse_accept_word(p, "elsif")) == 0)
			is = parse_accept_word(p, "elseif");
	}
	return is == -1 || parse_otherwise(p, statement) == -1 || parse_end(p, "if") == -1 ? NULL : statement;
}

/* The operand has a variable without a name; WHEN a, b asks whether it is IN (a, b). */
static struct routine_sql *
parse_when(struct parser *p, const struct routine_statement *statement)
{
	static const char *const ends[] = { "then", NULL };
	struct routine_sql *sql = parse_sql_until(p, ends);
	char *text;

	if (sql == NULL || statement->sql == NULL)
		return sql;
	if ((text = parse_alloc(p, strlen(sql->text) + 64)) == NULL)
		return NULL;
	(void)stpcpy(stpcpy(stpcpy(text, "SELECT \"__Case__Variable__\" IN ("), sql->text + strlen("SELECT ")), ")");
	sql->text = text;
	return sql;
}

static struct routine_statement *
parse_case(struct parser *p)
{
	static const char *const ends[] = { "when", NULL };
	struct routine_statement *statement = parse_new(p, ROUTINE_CASE);
	const struct routine_name *names = p->names;
	struct routine_branch **end;
	int is, slot;

	if (statement == NULL || parse_expect_word(p, "case") == -1)
		return NULL;
	if (!scan_is_word(&p->scan, "when")) {
		p->block = ++p->nblocks;
		if ((statement->sql = parse_sql_until(p, ends)) == NULL ||
		    (slot = parse_declare(p, "__Case__Variable__", NULL, true)) == -1)
			return NULL;
		statement->slot = (unsigned)slot;
	}
	for (end = &statement->branches; (is = parse_accept_word(p, "when")) == 1; end = &(*end)->next)
		if ((*end = parse_alloc(p, sizeof(**end))) == NULL ||
		    ((*end)->when = parse_when(p, statement)) == NULL || parse_expect_word(p, "then") == -1 ||
		    parse_statements(p, &(*end)->body) == -1)
			return NULL;
	p->names = names;
	if (is == 0 && statement->branches == NULL)
		is = scan_fail(&p->scan, p->report);
	return is == -1 || parse_otherwise(p, statement) == -1 || parse_end(p, "case") == -1 ? NULL : statement;
}

/* ---- loops ---- */

/* LOOP ... END LOOP [label]; */
static struct routine_statement *
parse_loop_body(struct parser *p, struct routine_statement *statement, const char *label)
{
	struct parse_label here = { .name = label, .loop = true, .outer = p->labels };
	int status;

	statement->label = label;
	if (parse_expect_word(p, "loop") == -1)
		return NULL;
	p->labels = &here;
	status = parse_statements(p, &statement->body);
	p->labels = here.outer;
	if (status == -1 || parse_expect_word(p, "end") == -1 || parse_expect_word(p, "loop") == -1)
		return NULL;
	if (!scan_is_symbol(&p->scan, ";")) {
		const char *name = parse_identifier(p);

		if (name != NULL && (label == NULL || strcmp(name, label) != 0))
			(void)report_set(p->report, SQLSTATE_SYNTAX_ERROR,
			    "end label \"%s\" specified for unlabeled block", name);
		if (name == NULL || label == NULL || strcmp(name, label) != 0)
			return NULL;
	}
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

static struct routine_statement *
parse_loop(struct parser *p, const char *label)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_LOOP);

	return statement == NULL ? NULL : parse_loop_body(p, statement, label);
}

static struct routine_statement *
parse_while(struct parser *p, const char *label)
{
	static const char *const ends[] = { "loop", NULL };
	struct routine_statement *statement = parse_new(p, ROUTINE_WHILE);

	if (statement == NULL || parse_expect_word(p, "while") == -1 ||
	    (statement->sql = parse_sql_until(p, ends)) == NULL)
		return NULL;
	return parse_loop_body(p, statement, label);
}

/* FOR i IN [REVERSE] a .. b [BY c] */
static struct routine_statement *
parse_for_integer(struct parser *p, struct routine_statement *statement, const char *name, const char *label)
{
	static const char *const dots[] = { "..", "loop", NULL }, *const ends[] = { "loop", "by", NULL };
	const struct routine_name *names = p->names;
	unsigned block = p->block;
	int is, slot;

	statement->kind = ROUTINE_FOR_INTEGER;
	if ((statement->sql = parse_sql_until(p, dots)) == NULL || parse_expect_symbol(p, "..") == -1 ||
	    (statement->to = parse_sql_until(p, ends)) == NULL || (is = parse_accept_word(p, "by")) == -1 ||
	    (is == 1 && (statement->by = parse_sql_until(p, ends)) == NULL))
		return NULL;
	p->block = ++p->nblocks;
	if ((slot = parse_declare(p, name, label, false)) == -1)
		return NULL;
	statement->slot = (unsigned)slot;
	if (parse_loop_body(p, statement, label) == NULL)
		return NULL;
	p->names = names;
	p->block = block;
	return statement;
}

/* Whether a .. comes before LOOP. 1, 0, -1. The scanner stays where it is. */
static int
has_dots(struct parser *p)
{
	struct token first = p->scan.token;
	int found = 0;

	while (found == 0 && p->scan.token.kind != TOKEN_END && !scan_is_word(&p->scan, "loop"))
		found = scan_is_symbol(&p->scan, "..") ? 1 : scan_next(&p->scan, p->report);
	if (found == -1)
		return -1;
	return scan_back(&p->scan, first, p->report) == -1 ? -1 : found;
}

static struct routine_statement *
parse_for_query(struct parser *p, struct routine_statement *statement, const char *label)
{
	static const char *const dynamic[] = { "loop", "using", NULL }, *const listed[] = { "loop", ",", NULL };
	size_t start;
	int is = parse_accept_word(p, "execute");

	statement->dynamic = is == 1;
	start = p->scan.token.start;
	if (is == -1)
		return NULL;
	if (is == 1) {
		if ((statement->sql = parse_sql_until(p, dynamic)) == NULL ||
		    (is = parse_accept_word(p, "using")) == -1 || (is == 1 && parse_list(p, statement, listed) == -1))
			return NULL;
		return parse_loop_body(p, statement, label);
	}
	while (!scan_is_word(&p->scan, "loop")) {
		if (p->scan.token.kind == TOKEN_END || scan_is_symbol(&p->scan, ";")) {
			(void)scan_fail(&p->scan, p->report);
			return NULL;
		}
		if (scan_next(&p->scan, p->report) == -1)
			return NULL;
	}
	if (p->scan.before.end <= start) {
		(void)scan_fail(&p->scan, p->report);
		return NULL;
	}
	statement->sql = parse_sql_slice(p, "", start, p->scan.before.end);
	return statement->sql == NULL ? NULL : parse_loop_body(p, statement, label);
}

static struct routine_statement *
parse_for(struct parser *p, const char *label)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_FOR_QUERY);
	const char *name;
	struct token first;
	int is;

	if (statement == NULL || parse_expect_word(p, "for") == -1)
		return NULL;
	first = p->scan.token;
	if ((name = parse_identifier(p)) == NULL)
		return NULL;
	if (scan_is_word(&p->scan, "in")) {
		if (scan_next(&p->scan, p->report) == -1 || (is = parse_accept_word(p, "reverse")) == -1)
			return NULL;
		statement->reverse = is == 1;
		if (is == 1 || (is = has_dots(p)) == 1)
			return parse_for_integer(p, statement, name, label);
		if (is == -1)
			return NULL;
	}
	if (scan_back(&p->scan, first, p->report) == -1)
		return NULL;
	if (parse_find_variable(p) == NULL) {
		(void)report_set(p->report, SQLSTATE_SYNTAX_ERROR,
		    "loop variable of loop over rows must be a record variable or list of scalar variables");
		return NULL;
	}
	if (parse_targets(p, statement) == -1 || parse_expect_word(p, "in") == -1)
		return NULL;
	return parse_for_query(p, statement, label);
}

static struct routine_statement *
parse_foreach(struct parser *p, const char *label)
{
	static const char *const ends[] = { "loop", NULL };
	struct routine_statement *statement = parse_new(p, ROUTINE_FOREACH);

	if (statement == NULL || parse_expect_word(p, "foreach") == -1 || parse_targets(p, statement) == -1)
		return NULL;
	if (scan_is_word(&p->scan, "slice")) {
		(void)parse_refuse(p, "FOREACH ... SLICE");
		return NULL;
	}
	if (parse_expect_word(p, "in") == -1 || parse_expect_word(p, "array") == -1 ||
	    (statement->sql = parse_sql_until(p, ends)) == NULL)
		return NULL;
	return parse_loop_body(p, statement, label);
}

/* ---- EXIT, CONTINUE, RETURN ---- */

static struct routine_statement *
parse_exit(struct parser *p)
{
	bool goes_on = scan_is_word(&p->scan, "continue");
	struct routine_statement *statement = parse_new(p, goes_on ? ROUTINE_CONTINUE : ROUTINE_EXIT);
	const struct parse_label *label = p->labels;
	int is = 0;

	if (statement == NULL || scan_next(&p->scan, p->report) == -1)
		return NULL;
	if (!scan_is_symbol(&p->scan, ";") && !scan_is_word(&p->scan, "when") &&
	    (statement->label = parse_identifier(p)) == NULL)
		return NULL;
	while (label != NULL &&
	    (statement->label == NULL ? !label->loop
				      : label->name == NULL || strcmp(label->name, statement->label) != 0))
		label = label->outer;
	if (label == NULL || (goes_on && !label->loop)) {
		(void)report_set(p->report, SQLSTATE_SYNTAX_ERROR,
		    label != NULL ? "block label \"%s\" cannot be used in CONTINUE"
			: statement->label != NULL
			? "there is no label \"%s\" attached to any block or loop enclosing this statement"
			: goes_on ? "CONTINUE cannot be used outside a loop"
				  : "EXIT cannot be used outside a loop, unless it has a label",
		    statement->label);
		return NULL;
	}
	if ((is = parse_accept_word(p, "when")) == -1 ||
	    (is == 1 && (statement->sql = parse_sql_until(p, until_semicolon)) == NULL))
		return NULL;
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

static bool
has_out_parameters(const struct routine *routine)
{
	for (unsigned i = 0; i < routine->nparameters; i++)
		if (routine->parameters[i].out)
			return true;
	return false;
}

static struct routine_statement *
parse_return_next(struct parser *p, struct routine_statement *statement)
{
	statement->kind = ROUTINE_RETURN_NEXT;
	if (p->routine->returns != ROUTINE_RETURNS_SET) {
		(void)report_set(p->report, SQLSTATE_SYNTAX_ERROR, "cannot use RETURN NEXT in a non-SETOF function");
		return NULL;
	}
	if (has_out_parameters(p->routine)) {
		if (!scan_is_symbol(&p->scan, ";")) {
			(void)report_set(p->report, SQLSTATE_DATATYPE_MISMATCH,
			    "RETURN NEXT cannot have a parameter in function with OUT parameters");
			return NULL;
		}
	} else if ((statement->sql = parse_sql_until(p, until_semicolon)) == NULL)
		return NULL;
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

static struct routine_statement *
parse_return_query(struct parser *p, struct routine_statement *statement)
{
	static const char *const ends[] = { ";", "using", NULL }, *const listed[] = { ";", ",", NULL };
	size_t start = p->scan.token.start;
	int is = parse_accept_word(p, "execute");

	statement->kind = ROUTINE_RETURN_QUERY;
	statement->dynamic = is == 1;
	if (p->routine->returns != ROUTINE_RETURNS_SET) {
		(void)report_set(p->report, SQLSTATE_SYNTAX_ERROR, "cannot use RETURN QUERY in a non-SETOF function");
		return NULL;
	}
	if (is == 1) {
		if ((statement->sql = parse_sql_until(p, ends)) == NULL || (is = parse_accept_word(p, "using")) == -1 ||
		    (is == 1 && parse_list(p, statement, listed) == -1))
			return NULL;
		return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
	}
	while (is == 0 && !scan_is_symbol(&p->scan, ";") && p->scan.token.kind != TOKEN_END)
		is = scan_next(&p->scan, p->report);
	if (is == -1 || p->scan.before.end <= start ||
	    (statement->sql = parse_sql_slice(p, "", start, p->scan.before.end)) == NULL)
		return NULL;
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

/* What a function of that kind may return. */
static const char *
wrong_return(const struct routine *routine, bool has_value)
{
	if (!has_value)
		return NULL;
	if (routine->returns == ROUTINE_RETURNS_SET)
		return "RETURN cannot have a parameter in function returning set";
	if (has_out_parameters(routine))
		return "RETURN cannot have a parameter in function with OUT parameters";
	return routine->returns == ROUTINE_RETURNS_NOTHING ? "RETURN cannot have a parameter in function returning void"
							   : NULL;
}

static struct routine_statement *
parse_return(struct parser *p)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_RETURN);
	const char *wrong;
	int is;

	if (statement == NULL || parse_expect_word(p, "return") == -1 || (is = parse_accept_word(p, "next")) == -1)
		return NULL;
	if (is == 1)
		return parse_return_next(p, statement);
	if ((is = parse_accept_word(p, "query")) == -1)
		return NULL;
	if (is == 1)
		return parse_return_query(p, statement);
	if ((wrong = wrong_return(p->routine, !scan_is_symbol(&p->scan, ";"))) != NULL) {
		(void)report_set(p->report, SQLSTATE_DATATYPE_MISMATCH, "%s", wrong);
		return NULL;
	}
	if (scan_is_symbol(&p->scan, ";")) {
		if (p->routine->returns == ROUTINE_RETURNS_VALUE && !has_out_parameters(p->routine)) {
			(void)report_set(p->report, SQLSTATE_SYNTAX_ERROR, "missing expression at or near \";\"");
			return NULL;
		}
	} else if ((statement->sql = parse_sql_until(p, until_semicolon)) == NULL)
		return NULL;
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

/* ---- the others ---- */

static struct routine_statement *
parse_perform(struct parser *p)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_PERFORM);

	if (statement == NULL || parse_expect_word(p, "perform") == -1 ||
	    (statement->sql = parse_sql_until(p, until_semicolon)) == NULL)
		return NULL;
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

static struct routine_statement *
parse_null(struct parser *p)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_NULL);

	if (statement == NULL || parse_expect_word(p, "null") == -1)
		return NULL;
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

static struct routine_statement *
parse_inner_block(struct parser *p, const char *label)
{
	struct routine_statement *statement = parse_block(p, label);

	return statement == NULL || parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

static const struct {
	const char *word;
	struct routine_statement *(*parse)(struct parser *p);
	struct routine_statement *(*labelled)(struct parser *p, const char *label);
} statements[] = {
	{ "if", parse_if, NULL },
	{ "case", parse_case, NULL },
	{ "loop", NULL, parse_loop },
	{ "while", NULL, parse_while },
	{ "for", NULL, parse_for },
	{ "foreach", NULL, parse_foreach },
	{ "declare", NULL, parse_inner_block },
	{ "begin", NULL, parse_inner_block },
	{ "exit", parse_exit, NULL },
	{ "continue", parse_exit, NULL },
	{ "return", parse_return, NULL },
	{ "raise", parse_raise, NULL },
	{ "assert", parse_assert, NULL },
	{ "perform", parse_perform, NULL },
	{ "execute", parse_execute, NULL },
	{ "get", parse_diagnostics, NULL },
	{ "null", parse_null, NULL },
};

static struct routine_statement *
parse_statement(struct parser *p)
{
	const char *label = NULL;
	int is = parse_accept_symbol(p, "<<");

	if (is == -1 || (is == 1 && ((label = parse_identifier(p)) == NULL || parse_expect_symbol(p, ">>") == -1)))
		return NULL;
	if (label == NULL && (is = is_assignment(p)) != 0)
		return is == 1 ? parse_assignment(p) : NULL;
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		if (!scan_is_word(&p->scan, statements[i].word))
			continue;
		if (statements[i].labelled != NULL)
			return statements[i].labelled(p, label);
		return label == NULL ? statements[i].parse(p) : NULL;
	}
	return parse_sql_statement(p);
}

static bool
ends_list(struct parser *p)
{
	static const char *const words[] = { "end", "else", "elsif", "elseif", "when", "exception" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (scan_is_word(&p->scan, words[i]))
			return true;
	return p->scan.token.kind == TOKEN_END;
}

int
parse_statements(struct parser *p, struct routine_statement **list)
{
	if (++p->depth > ROUTINE_DEPTH_MAX)
		return report_set(p->report, SQLSTATE_STATEMENT_TOO_COMPLEX, "a routine is nested too deeply");
	for (; !ends_list(p); list = &(*list)->next)
		if ((*list = parse_statement(p)) == NULL) {
			if (p->report->state == SQLSTATE_SUCCESSFUL_COMPLETION)
				(void)scan_fail(&p->scan, p->report);
			return -1;
		}
	p->depth--;
	return 0;
}
