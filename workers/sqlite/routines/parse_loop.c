/*
 * PL/pgSQL's loops.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/parse.h"

struct routine_statement *
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

struct routine_statement *
parse_loop(struct parser *p, const char *label)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_LOOP);

	return statement == NULL ? NULL : parse_loop_body(p, statement, label);
}

struct routine_statement *
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

struct routine_statement *
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
		if (is == -1 || (is = parse_is_cursor(p)) == -1)
			return NULL;
		if (is == 1)
			return parse_for_cursor(p, statement, name, label);
	}
	if (scan_back(&p->scan, first, p->report) == -1)
		return NULL;
	if (parse_find_variable(p) == NULL) {
		(void)report_set(p->report, SQLSTATE_DATATYPE_MISMATCH,
		    "loop variable of loop over rows must be a record variable or list of scalar variables");
		return NULL;
	}
	if (parse_targets(p, statement) == -1 || parse_expect_word(p, "in") == -1)
		return NULL;
	return parse_for_query(p, statement, label);
}

static int
parse_slice(struct parser *p, struct routine_statement *statement)
{
	if (p->scan.token.kind != TOKEN_NUMBER)
		return scan_fail(&p->scan, p->report);
	statement->slice = (unsigned)strtoul(p->scan.text + p->scan.token.start, NULL, 10);
	return scan_next(&p->scan, p->report);
}

struct routine_statement *
parse_foreach(struct parser *p, const char *label)
{
	static const char *const ends[] = { "loop", NULL };
	struct routine_statement *statement = parse_new(p, ROUTINE_FOREACH);
	int is;

	if (statement == NULL || parse_expect_word(p, "foreach") == -1 || parse_targets(p, statement) == -1)
		return NULL;
	if ((is = parse_accept_word(p, "slice")) == -1 || (is == 1 && parse_slice(p, statement) == -1))
		return NULL;
	if (parse_expect_word(p, "in") == -1 || parse_expect_word(p, "array") == -1 ||
	    (statement->sql = parse_sql_until(p, ends)) == NULL)
		return NULL;
	return parse_loop_body(p, statement, label);
}
