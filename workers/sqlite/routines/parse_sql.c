/*
 * SQL within PL/pgSQL: where a piece of it ends, and where its values go.
 */
#include "workers/sqlite/routines/parse.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/front.h"

struct routine_sql *
parse_sql_slice(struct parser *p, const char *prefix, size_t start, size_t end)
{
	struct routine_sql *sql = parse_alloc(p, sizeof(*sql));
	size_t before = strlen(prefix);
	char *text;

	if (sql == NULL || (text = parse_alloc(p, before + (end - start) + 1)) == NULL)
		return NULL;
	(void)stpncpy(stpcpy(text, prefix), p->scan.text + start, end - start);
	*sql = (struct routine_sql) { .text = text, .names = p->names };
	if (dialect_check_syntax(text, strlen(text), p->report) == -1) {
		p->report->position = 0;
		return NULL;
	}
	return sql;
}

static bool
is_end(struct parser *p, const char *const *ends)
{
	for (; *ends != NULL; ends++)
		if (scan_is_word(&p->scan, *ends) || scan_is_symbol(&p->scan, *ends))
			return true;
	return false;
}

int
parse_count_bracket(struct parser *p, unsigned *depth)
{
	if (scan_is_symbol(&p->scan, "(") || scan_is_symbol(&p->scan, "["))
		++*depth;
	else if (scan_is_symbol(&p->scan, ")") || scan_is_symbol(&p->scan, "]")) {
		if (*depth == 0)
			return scan_fail(&p->scan, p->report);
		--*depth;
	}
	return 0;
}

struct routine_sql *
parse_sql_until(struct parser *p, const char *const *ends)
{
	size_t start = p->scan.token.start, end = start;
	unsigned depth = 0;

	while (depth > 0 || !is_end(p, ends)) {
		if (p->scan.token.kind == TOKEN_END || scan_is_symbol(&p->scan, ";")) {
			(void)report_set(p->report, SQLSTATE_SYNTAX_ERROR,
			    depth > 0 ? "mismatched parentheses" : "missing \"%s\" at end of SQL expression", ends[0]);
			return NULL;
		}
		if (parse_count_bracket(p, &depth) == -1)
			return NULL;
		end = p->scan.token.end;
		if (scan_next(&p->scan, p->report) == -1)
			return NULL;
	}
	if (end == start) {
		(void)scan_fail(&p->scan, p->report);
		return NULL;
	}
	return parse_sql_slice(p, "SELECT ", start, end);
}

int
parse_list(struct parser *p, struct routine_statement *statement, const char *const *ends)
{
	unsigned capacity = 0;

	for (;;) {
		if (statement->nlist == capacity) {
			struct routine_sql **list = parse_alloc(p, (2 * capacity + 8) * sizeof(*list));

			if (list == NULL)
				return -1;
			if (capacity > 0)
				memcpy(list, statement->list, capacity * sizeof(*list));
			capacity = 2 * capacity + 8;
			statement->list = list;
		}
		if ((statement->list[statement->nlist++] = parse_sql_until(p, ends)) == NULL)
			return -1;
		if (!scan_is_symbol(&p->scan, ","))
			return 0;
		if (scan_next(&p->scan, p->report) == -1)
			return -1;
	}
}

/* The innermost of that name; with a label, of the block that bears it. */
static const struct routine_name *
find_name(struct parser *p, const char *label)
{
	char *name = scan_identifier(&p->scan, p->scan.token);
	const struct routine_name *n = name == NULL ? NULL : p->names;

	while (n != NULL &&
	    (strcmp(n->name, name) != 0 || (label != NULL && (n->label == NULL || strcmp(n->label, label) != 0))))
		n = n->outer;
	free(name);
	return n;
}

const struct routine_name *
parse_find_variable(struct parser *p)
{
	return find_name(p, NULL);
}

/* "variable" or "label.variable", and the point behind it, if there is one. 1: there is, 0, -1. */
static int
parse_target_name(struct parser *p, const char *first, const struct routine_name **variable)
{
	int is;

	*variable = find_name(p, NULL);
	if (scan_next(&p->scan, p->report) == -1)
		return -1;
	if ((is = parse_accept_symbol(p, ".")) != 1 || *variable != NULL)
		return is;
	if ((*variable = find_name(p, first)) == NULL)
		return 0;
	return scan_next(&p->scan, p->report) == -1 ? -1 : parse_accept_symbol(p, ".");
}

static int
check_target(struct parser *p, const char *first, const struct routine_name *variable)
{
	if (variable == NULL)
		return report_set(p->report, SQLSTATE_SYNTAX_ERROR, "\"%s\" is not a known variable", first);
	if (variable->constant)
		return report_set(p->report, SQLSTATE_ERROR_IN_ASSIGNMENT, "variable \"%s\" is declared CONSTANT",
		    variable->name);
	return 0;
}

const char *
parse_target(struct parser *p, struct routine_target *target)
{
	char *first = scan_identifier(&p->scan, p->scan.token);
	const struct routine_name *variable = NULL;
	int is, status;

	if (first == NULL) {
		(void)scan_fail(&p->scan, p->report);
		return NULL;
	}
	is = parse_target_name(p, first, &variable);
	if (is == 1 && variable != NULL && (target->field = parse_identifier(p)) == NULL)
		is = -1;
	status = is == -1 ? -1 : check_target(p, first, variable);
	if (status == 0)
		target->slot = variable->slot;
	free(first);
	return status == 0 ? variable->name : NULL;
}

char *
parse_put_identifier(char *out, const char *name)
{
	*out++ = '"';
	for (; *name != '\0'; name++) {
		if (*name == '"')
			*out++ = '"';
		*out++ = *name;
	}
	*out++ = '"';
	*out = '\0';
	return out;
}

int
parse_targets(struct parser *p, struct routine_statement *statement)
{
	unsigned capacity = 0;
	int is;

	do {
		if (statement->ntargets == capacity) {
			struct routine_target *targets = parse_alloc(p, (2 * capacity + 4) * sizeof(*targets));

			if (targets == NULL)
				return -1;
			if (capacity > 0)
				memcpy(targets, statement->targets, capacity * sizeof(*targets));
			capacity = 2 * capacity + 4;
			statement->targets = targets;
		}
		if (parse_target(p, &statement->targets[statement->ntargets++]) == NULL)
			return -1;
	} while ((is = parse_accept_symbol(p, ",")) == 1);
	return is;
}

/* INTO [STRICT] x, y */
static int
parse_into(struct parser *p, struct routine_statement *statement)
{
	int is;

	if (statement->into)
		return report_set(p->report, SQLSTATE_SYNTAX_ERROR, "INTO specified more than once");
	statement->into = true;
	if (parse_expect_word(p, "into") == -1 || (is = parse_accept_word(p, "strict")) == -1)
		return -1;
	statement->strict = is == 1;
	return parse_targets(p, statement);
}

static bool
is_into(struct parser *p)
{
	static const char *const before[] = { "insert", "merge" };

	if (!scan_is_word(&p->scan, "into"))
		return false;
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (token_is_word(&p->scan, p->scan.before, before[i]))
			return false;
	return true;
}

/* What PL/pgSQL has of its own, and those that no routine may run. */
static int
check_first(struct parser *p)
{
	static const char *const refused[] = { "commit", "rollback", "copy", "begin", "savepoint", "release", "start",
		"declare", "prepare", "deallocate", "listen", "unlisten", "notify", "vacuum", "discard" };
	char what[32];

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (scan_is_word(&p->scan, refused[i])) {
			size_t n = 0;

			for (; refused[i][n] != '\0'; n++)
				what[n] = (char)(refused[i][n] - 'a' + 'A');
			what[n] = '\0';
			return parse_refuse(p, what);
		}
	return 0;
}

struct routine_statement *
parse_sql_statement(struct parser *p)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_SQL);
	size_t start = p->scan.token.start, end = start, cut = 0, resume = 0;
	char *text;

	if (statement == NULL || check_first(p) == -1)
		return NULL;
	while (!scan_is_symbol(&p->scan, ";")) {
		if (p->scan.token.kind == TOKEN_END) {
			(void)scan_fail(&p->scan, p->report);
			return NULL;
		}
		if (is_into(p)) {
			cut = p->scan.token.start;
			if (parse_into(p, statement) == -1)
				return NULL;
			resume = end = p->scan.token.start;
			continue;
		}
		end = p->scan.token.end;
		if (scan_next(&p->scan, p->report) == -1)
			return NULL;
	}
	if ((statement->sql = parse_alloc(p, sizeof(*statement->sql))) == NULL ||
	    (text = routine_copy(p->routine, p->scan.text + start, end - start, p->report)) == NULL)
		return NULL;
	if (statement->into)
		memset(text + (cut - start), ' ', resume - cut);
	*statement->sql = (struct routine_sql) { .text = text, .names = p->names };
	if (dialect_check_syntax(text, strlen(text), p->report) == -1) {
		p->report->position = 0;
		return NULL;
	}
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

struct routine_statement *
parse_execute(struct parser *p)
{
	static const char *const ends[] = { ";", "into", "using", NULL }, *const listed[] = { ";", ",", "into", NULL };
	struct routine_statement *statement = parse_new(p, ROUTINE_EXECUTE);
	int is;

	if (statement == NULL || parse_expect_word(p, "execute") == -1 ||
	    (statement->sql = parse_sql_until(p, ends)) == NULL)
		return NULL;
	while (!scan_is_symbol(&p->scan, ";")) {
		if (scan_is_word(&p->scan, "into")) {
			if (parse_into(p, statement) == -1)
				return NULL;
		} else if ((is = parse_accept_word(p, "using")) != 1 || statement->nlist > 0 ||
		    parse_list(p, statement, listed) == -1) {
			if (is == 0 || statement->nlist > 0)
				(void)scan_fail(&p->scan, p->report);
			return NULL;
		}
	}
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

const char *
parse_string(struct parser *p)
{
	struct dialect_text text = { 0 };
	struct token token = p->scan.token;
	const char *value = NULL, *copy = NULL;
	char *owned = NULL;
	size_t length = 0;

	if (token.kind != TOKEN_STRING) {
		(void)scan_fail(&p->scan, p->report);
		return NULL;
	}
	if (dialect_lex(p->scan.text + token.start, token.end - token.start, 0, &text, p->report) == 0) {
		if (text.nliterals != 1 && strchr("eE", p->scan.text[token.start]) != NULL)
			(void)parse_refuse(p, "this escape in a string");
		else if (text.nliterals != 1)
			(void)scan_fail(&p->scan, p->report);
		else if ((value = dialect_literal_value(&text, 0, &length, &owned)) == NULL)
			(void)report_set(p->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		else
			copy = routine_copy(p->routine, value, length, p->report);
	}
	free(owned);
	dialect_text_free(&text);
	return copy == NULL || scan_next(&p->scan, p->report) == -1 ? NULL : copy;
}
