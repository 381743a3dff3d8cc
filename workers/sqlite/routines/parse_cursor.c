/*
 * PL/pgSQL's cursors: declared with their query or without, OPEN, FETCH, MOVE, CLOSE, and FOR over one.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/parse.h"

/* ---- declarations ---- */

/* [NO SCROLL | SCROLL]. 1: one of them was there, 0, -1. */
static int
parse_scroll(struct parser *p, enum routine_scroll *scroll)
{
	int is = parse_accept_word(p, "no");

	*scroll = ROUTINE_SCROLL_UNSAID;
	if (is == 1) {
		*scroll = ROUTINE_SCROLL_NO;
		return parse_expect_word(p, "scroll") == -1 ? -1 : 1;
	}
	if (is == 0 && (is = parse_accept_word(p, "scroll")) == 1)
		*scroll = ROUTINE_SCROLL_YES;
	return is;
}

/* (name type, ...) */
static int
parse_arguments(struct parser *p, struct routine_cursor *cursor)
{
	struct routine_variable **end = &cursor->arguments, *v;
	int is = parse_accept_symbol(p, "("), slot;

	if (is != 1)
		return is;
	do {
		if ((v = parse_alloc(p, sizeof(*v))) == NULL || (v->name = parse_identifier(p)) == NULL ||
		    parse_check_shadow(p, v->name) == -1)
			return -1;
		v->names = p->names;
		if (parse_type(p, v, true) == -1 || (slot = parse_declare(p, v->name, cursor->name, false)) == -1)
			return -1;
		v->slot = (unsigned)slot;
		*end = v;
		end = &v->next;
		cursor->narguments++;
	} while ((is = parse_accept_symbol(p, ",")) == 1);
	return is == -1 ? -1 : parse_expect_symbol(p, ")");
}

/* The query up to the semicolon, which stays. */
static struct routine_sql *
parse_query(struct parser *p)
{
	size_t start = p->scan.token.start;

	while (!scan_is_symbol(&p->scan, ";")) {
		if (p->scan.token.kind == TOKEN_END) {
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
	return parse_sql_slice(p, "", start, p->scan.before.end);
}

int
parse_cursor_declaration(struct parser *p, struct routine_variable *variable)
{
	struct routine_cursor *cursor = parse_alloc(p, sizeof(*cursor));
	const struct routine_name *names = p->names;
	unsigned block = p->block;
	int status;

	if (cursor == NULL || parse_scroll(p, &cursor->scroll) == -1 || parse_expect_word(p, "cursor") == -1)
		return -1;
	cursor->name = variable->name;
	variable->type = "refcursor";
	variable->cursor = cursor;
	p->block = ++p->nblocks;
	status = parse_arguments(p, cursor);
	if (status == 0 && (status = parse_accept_word(p, "for")) != -1)
		status = status == 1 ? 0 : parse_expect_word(p, "is");
	if (status == 0 && (cursor->query = parse_query(p)) == NULL)
		status = -1;
	p->names = names;
	p->block = block;
	return status;
}

/* ---- statements ---- */

/* A variable that can be a cursor's name, be it a constant. NULL: reported. */
static const struct routine_name *
parse_variable(struct parser *p)
{
	const struct routine_name *name = parse_find_variable(p);

	if (name == NULL)
		(void)report_set(p->report, SQLSTATE_SYNTAX_ERROR, "\"%.*s\" is not a known variable",
		    (int)(p->scan.token.end - p->scan.token.start), p->scan.text + p->scan.token.start);
	if (name == NULL || scan_next(&p->scan, p->report) == -1)
		return NULL;
	if (name->refcursor && !scan_is_symbol(&p->scan, "."))
		return name;
	(void)report_set(p->report, SQLSTATE_DATATYPE_MISMATCH, "variable \"%s\" must be of type cursor or refcursor",
	    name->name);
	return NULL;
}

/* "<before> "name"<after>" */
static int
fail_argument(struct parser *p, const char *before, const char *name, const char *after)
{
	return report_set(p->report, SQLSTATE_SYNTAX_ERROR, "%s \"%s\"%s", before, name, after);
}

/* "name := " before a value: which argument it is; else the one at hand. -1: reported. */
static int
find_argument(struct parser *p, const struct routine_cursor *cursor, unsigned at)
{
	struct token first = p->scan.token;
	const struct routine_variable *v = cursor->arguments;
	const char *name;
	int n = 0;

	if (first.kind != TOKEN_WORD && first.kind != TOKEN_QUOTED)
		return (int)at;
	if ((name = parse_identifier(p)) == NULL)
		return -1;
	if (!scan_is_symbol(&p->scan, ":="))
		return scan_back(&p->scan, first, p->report) == -1 ? -1 : (int)at;
	for (; v != NULL && strcmp(v->name, name) != 0; v = v->next)
		n++;
	if (v == NULL)
		return fail_argument(p, "the cursor has no argument named", name, "");
	return scan_next(&p->scan, p->report) == -1 ? -1 : n;
}

/* (value, name := value, ...) of a cursor that is bound to its query, in the order of its arguments. */
static int
parse_values(struct parser *p, struct routine_statement *statement, const struct routine_cursor *cursor)
{
	static const char *const ends[] = { ")", ",", NULL };
	unsigned given = 0;
	int is = parse_accept_symbol(p, "("), at;

	if (is == -1)
		return -1;
	if (is == 0)
		return cursor->narguments == 0 ? 0 : fail_argument(p, "cursor", cursor->name, " has arguments");
	if (cursor->narguments == 0)
		return fail_argument(p, "cursor", cursor->name, " has no arguments");
	if ((statement->list = parse_alloc(p, cursor->narguments * sizeof(*statement->list))) == NULL)
		return -1;
	do {
		if (given == cursor->narguments)
			return fail_argument(p, "too many arguments for cursor", cursor->name, "");
		if ((at = find_argument(p, cursor, given)) == -1)
			return -1;
		if (statement->list[at] != NULL)
			return fail_argument(p, "value for a parameter of cursor", cursor->name,
			    " specified more than once");
		if ((statement->list[at] = parse_sql_until(p, ends)) == NULL)
			return -1;
		given++;
	} while ((is = parse_accept_symbol(p, ",")) == 1);
	if (is == 0 && given < cursor->narguments)
		return fail_argument(p, "not enough arguments for cursor", cursor->name, "");
	statement->nlist = given;
	return is == -1 ? -1 : parse_expect_symbol(p, ")");
}

/* OPEN of one that has no query: FOR query, FOR EXECUTE text USING ... */
static int
parse_open_for(struct parser *p, struct routine_statement *statement)
{
	static const char *const ends[] = { ";", "using", NULL }, *const listed[] = { ";", ",", NULL };
	int is;

	if (parse_scroll(p, &statement->scroll) == -1 || parse_expect_word(p, "for") == -1 ||
	    (is = parse_accept_word(p, "execute")) == -1)
		return -1;
	statement->dynamic = is == 1;
	if (is == 0)
		return (statement->sql = parse_query(p)) == NULL ? -1 : 0;
	if ((statement->sql = parse_sql_until(p, ends)) == NULL || (is = parse_accept_word(p, "using")) == -1)
		return -1;
	return is == 1 ? parse_list(p, statement, listed) : 0;
}

struct routine_statement *
parse_open(struct parser *p)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_OPEN);
	const struct routine_name *name;

	if (statement == NULL || parse_expect_word(p, "open") == -1 || (name = parse_variable(p)) == NULL)
		return NULL;
	statement->slot = name->slot;
	statement->constant = name->constant;
	statement->cursor = name->cursor;
	if ((name->cursor != NULL ? parse_values(p, statement, name->cursor) : parse_open_for(p, statement)) == -1)
		return NULL;
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

/* ALL, or a number of rows, of which FETCH can take none. */
static int
parse_count(struct parser *p, struct routine_statement *statement)
{
	static const char *const ends[] = { "from", "in", NULL };

	if (scan_is_word(&p->scan, "from") || scan_is_word(&p->scan, "in"))
		return 0;
	if (!statement->move)
		return report_set(p->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "FETCH statement cannot return multiple rows");
	if (scan_is_word(&p->scan, "all")) {
		statement->fetch.count = INT64_MAX;
		return scan_next(&p->scan, p->report);
	}
	return (statement->sql = parse_sql_until(p, ends)) == NULL ? -1 : 0;
}

/* Where FETCH and MOVE go. 1: FROM or IN must follow, 0: may, -1. */
static int
parse_direction(struct parser *p, struct routine_statement *statement)
{
	static const char *const ends[] = { "from", "in", NULL };
	static const struct {
		const char *word;
		enum routine_direction direction;
		int64_t count;
		enum { ROWS_ONE, ROWS_AT, ROWS_SOME } rows;
	} directions[] = {
		{ "next", ROUTINE_FORWARD, 1, ROWS_ONE },
		{ "prior", ROUTINE_BACKWARD, 1, ROWS_ONE },
		{ "first", ROUTINE_ABSOLUTE, 1, ROWS_ONE },
		{ "last", ROUTINE_ABSOLUTE, -1, ROWS_ONE },
		{ "absolute", ROUTINE_ABSOLUTE, 1, ROWS_AT },
		{ "relative", ROUTINE_RELATIVE, 1, ROWS_AT },
		{ "forward", ROUTINE_FORWARD, 1, ROWS_SOME },
		{ "backward", ROUTINE_BACKWARD, 1, ROWS_SOME },
	};

	statement->fetch = (struct routine_fetch) { .direction = ROUTINE_FORWARD, .count = 1 };
	for (size_t i = 0; i < sizeof(directions) / sizeof(directions[0]); i++) {
		if (!scan_is_word(&p->scan, directions[i].word))
			continue;
		statement->fetch.direction = directions[i].direction;
		statement->fetch.count = directions[i].count;
		if (scan_next(&p->scan, p->report) == -1)
			return -1;
		if (directions[i].rows == ROWS_SOME)
			return parse_count(p, statement) == -1 ? -1 : 1;
		if (directions[i].rows == ROWS_AT && (statement->sql = parse_sql_until(p, ends)) == NULL)
			return -1;
		return 1;
	}
	if (scan_is_word(&p->scan, "from") || scan_is_word(&p->scan, "in") ||
	    (parse_find_variable(p) != NULL && !scan_is_word(&p->scan, "all")))
		return 0;
	return parse_count(p, statement) == -1 ? -1 : 1;
}

struct routine_statement *
parse_fetch(struct parser *p)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_FETCH);
	const struct routine_name *name;
	int is, must;

	if (statement == NULL || (statement->move = (is = parse_accept_word(p, "move")) == 1, is == -1) ||
	    (is == 0 && parse_expect_word(p, "fetch") == -1) || (must = parse_direction(p, statement)) == -1 ||
	    (is = parse_accept_word(p, "from")) == -1 || (is == 0 && (is = parse_accept_word(p, "in")) == -1))
		return NULL;
	if (must == 1 && is == 0) {
		(void)report_set(p->report, SQLSTATE_SYNTAX_ERROR, "expected FROM or IN");
		return NULL;
	}
	if ((name = parse_variable(p)) == NULL)
		return NULL;
	statement->slot = name->slot;
	if (!statement->move && (parse_expect_word(p, "into") == -1 || parse_targets(p, statement) == -1))
		return NULL;
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

struct routine_statement *
parse_close(struct parser *p)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_CLOSE);
	const struct routine_name *name;

	if (statement == NULL || parse_expect_word(p, "close") == -1 || (name = parse_variable(p)) == NULL)
		return NULL;
	statement->slot = name->slot;
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

/* ---- FOR ---- */

int
parse_is_cursor(struct parser *p)
{
	struct token first = p->scan.token;
	const struct routine_name *name;
	int is;

	if (first.kind != TOKEN_WORD && first.kind != TOKEN_QUOTED)
		return 0;
	if ((name = parse_find_variable(p)) == NULL || !name->refcursor)
		return 0;
	if (scan_next(&p->scan, p->report) == -1)
		return -1;
	is = scan_is_word(&p->scan, "loop") || scan_is_symbol(&p->scan, "(");
	if (is == 1 && name->cursor == NULL)
		return report_set(p->report, SQLSTATE_SYNTAX_ERROR, "cursor FOR loop must use a bound cursor variable");
	return scan_back(&p->scan, first, p->report) == -1 ? -1 : is;
}

/* The row is a variable of the loop's own. */
struct routine_statement *
parse_for_cursor(struct parser *p, struct routine_statement *statement, const char *name, const char *label)
{
	const struct routine_name *names, *variable;
	unsigned block = p->block;
	int slot;

	statement->kind = ROUTINE_FOR_CURSOR;
	if ((variable = parse_variable(p)) == NULL || parse_values(p, statement, variable->cursor) == -1)
		return NULL;
	names = p->names;
	statement->slot = variable->slot;
	statement->cursor = variable->cursor;
	p->block = ++p->nblocks;
	if ((statement->targets = parse_alloc(p, sizeof(*statement->targets))) == NULL ||
	    (slot = parse_declare(p, name, label, false)) == -1)
		return NULL;
	statement->targets[0].slot = (unsigned)slot;
	statement->ntargets = 1;
	if (parse_loop_body(p, statement, label) == NULL)
		return NULL;
	p->names = names;
	p->block = block;
	return statement;
}
