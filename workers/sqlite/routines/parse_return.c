/*
 * EXIT, CONTINUE and RETURN.
 */
#include <string.h>

#include "workers/sqlite/routines/parse.h"

static const char *const until_semicolon[] = { ";", NULL };

struct routine_statement *
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

/* ---- RETURN ---- */

/* Behind the token at hand, up to the end of the statement: whether brackets enclose all of it, and how it is
 * divided. */
static int
look_at_row(struct parser *p, size_t *start, size_t *end, bool *commas)
{
	unsigned depth = 0;
	int closed = 0;

	*commas = false;
	*start = p->scan.token.end;
	if (!scan_is_symbol(&p->scan, "("))
		return 0;
	while (p->scan.token.kind != TOKEN_END && !(depth == 0 && scan_is_symbol(&p->scan, ";"))) {
		if (closed > 0)
			return 0;
		if (parse_count_bracket(p, &depth) == -1)
			return -1;
		*commas |= depth == 1 && scan_is_symbol(&p->scan, ",");
		if (depth == 0) {
			*end = p->scan.token.start;
			closed++;
		}
		if (scan_next(&p->scan, p->report) == -1)
			return -1;
	}
	return closed == 1 && *end > *start;
}

/* (a, b) and ROW(a): their fields are the columns of a query. 1: it was one, and is read; 0, -1. */
static int
parse_row(struct parser *p, struct routine_statement *statement)
{
	struct token first = p->scan.token;
	size_t start, end = 0;
	bool commas;
	int is = parse_accept_word(p, "row"), row;

	if (is == -1 || (row = look_at_row(p, &start, &end, &commas)) == -1)
		return -1;
	if (row == 0 || (is == 0 && !commas))
		return scan_back(&p->scan, first, p->report);
	statement->row = true;
	return (statement->sql = parse_sql_slice(p, "SELECT ", start, end)) == NULL ? -1 : 1;
}

/* A variable by itself, which may be a record; it is read as an expression, too. */
static int
note_variable(struct parser *p, struct routine_statement *statement)
{
	struct token first = p->scan.token;
	const struct routine_name *variable;

	if (first.kind != TOKEN_WORD && first.kind != TOKEN_QUOTED)
		return 0;
	variable = parse_find_variable(p);
	if (scan_next(&p->scan, p->report) == -1)
		return -1;
	if (variable != NULL && scan_is_symbol(&p->scan, ";")) {
		if ((statement->targets = parse_alloc(p, sizeof(*statement->targets))) == NULL)
			return -1;
		statement->targets[0].slot = variable->slot;
		statement->ntargets = 1;
	}
	return scan_back(&p->scan, first, p->report);
}

/* What a RETURN has behind it. */
static int
parse_value(struct parser *p, struct routine_statement *statement)
{
	int row = parse_row(p, statement);

	if (row != 0)
		return row == -1 ? -1 : 0;
	if (note_variable(p, statement) == -1)
		return -1;
	return (statement->sql = parse_sql_until(p, until_semicolon)) == NULL ? -1 : 0;
}

static struct routine_statement *
parse_return_next(struct parser *p, struct routine_statement *statement)
{
	statement->kind = ROUTINE_RETURN_NEXT;
	if (p->routine->returns != ROUTINE_RETURNS_SET) {
		(void)report_set(p->report, SQLSTATE_DATATYPE_MISMATCH,
		    "cannot use RETURN NEXT in a non-SETOF function");
		return NULL;
	}
	if (routine_has_out_parameters(p->routine)) {
		if (!scan_is_symbol(&p->scan, ";")) {
			(void)report_set(p->report, SQLSTATE_DATATYPE_MISMATCH,
			    "RETURN NEXT cannot have a parameter in function with OUT parameters");
			return NULL;
		}
	} else if (parse_value(p, statement) == -1)
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
		(void)report_set(p->report, SQLSTATE_DATATYPE_MISMATCH,
		    "cannot use RETURN QUERY in a non-SETOF function");
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
	if (routine_has_out_parameters(routine))
		return "RETURN cannot have a parameter in function with OUT parameters";
	return routine->returns == ROUTINE_RETURNS_NOTHING ? "RETURN cannot have a parameter in function returning void"
							   : NULL;
}

struct routine_statement *
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
		if (p->routine->returns == ROUTINE_RETURNS_TRIGGER ||
		    (p->routine->returns == ROUTINE_RETURNS_VALUE && !routine_has_out_parameters(p->routine))) {
			(void)report_set(p->report, SQLSTATE_SYNTAX_ERROR, "missing expression at or near \";\"");
			return NULL;
		}
	} else if (parse_value(p, statement) == -1)
		return NULL;
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}
