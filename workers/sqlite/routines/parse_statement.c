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

/* "[1].f := value" behind the target: an UPDATE of the variable has the grammar of it. */
static int
parse_part(struct parser *p, struct routine_statement *statement, const char *name)
{
	size_t start = p->scan.token.start, end = start, value;
	unsigned depth = 0;
	char *prefix, *out;

	while (depth > 0 || (!scan_is_symbol(&p->scan, ":=") && !scan_is_symbol(&p->scan, "="))) {
		if (p->scan.token.kind == TOKEN_END || scan_is_symbol(&p->scan, ";"))
			return scan_fail(&p->scan, p->report);
		if (parse_count_bracket(p, &depth) == -1)
			return -1;
		end = p->scan.token.end;
		if (scan_next(&p->scan, p->report) == -1)
			return -1;
	}
	if (scan_next(&p->scan, p->report) == -1)
		return -1;
	value = p->scan.token.start;
	if (parse_sql_until(p, until_semicolon) == NULL ||
	    (prefix = parse_alloc(p, 4 * strlen(name) + (end - start) + 32)) == NULL)
		return -1;
	out = stpcpy(prefix, "UPDATE ");
	out = stpcpy(parse_put_identifier(out, name), " SET ");
	out = parse_put_identifier(out, name);
	(void)stpcpy(stpncpy(out, p->scan.text + start, end - start), " = ");
	statement->part = true;
	statement->sql = parse_sql_slice(p, prefix, value, p->scan.before.end);
	return statement->sql == NULL ? -1 : 0;
}

static struct routine_statement *
parse_assignment(struct parser *p)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_ASSIGN);
	const char *name;
	int is;

	if (statement == NULL || (statement->targets = parse_alloc(p, sizeof(*statement->targets))) == NULL ||
	    (name = parse_target(p, statement->targets)) == NULL)
		return NULL;
	statement->ntargets = 1;
	if (scan_is_symbol(&p->scan, "[") || scan_is_symbol(&p->scan, ".")) {
		if (parse_part(p, statement, name) == -1)
			return NULL;
	} else if ((is = parse_accept_symbol(p, ":=")) == -1 || (is == 0 && parse_expect_symbol(p, "=") == -1) ||
	    (statement->sql = parse_sql_until(p, until_semicolon)) == NULL)
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
	{ "open", parse_open, NULL },
	{ "fetch", parse_fetch, NULL },
	{ "move", parse_fetch, NULL },
	{ "close", parse_close, NULL },
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
