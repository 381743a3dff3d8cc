/*
 * RAISE, ASSERT, GET DIAGNOSTICS, and what errors are called.
 */
#include <ctype.h>
#include <string.h>

#include "workers/sqlite/routines/parse.h"

static bool
is_code(const char *code)
{
	return strlen(code) == 5 && strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5;
}

static int
parse_sqlstate(struct parser *p, char code[6])
{
	const char *text;

	if (parse_expect_word(p, "sqlstate") == -1 || (text = parse_string(p)) == NULL)
		return -1;
	if (!is_code(text))
		return report_set(p->report, SQLSTATE_SYNTAX_ERROR, "invalid SQLSTATE code");
	routine_set_code(code, text);
	return 0;
}

static int
add_condition(struct parser *p, struct routine_condition **list, const char *code)
{
	struct routine_condition *condition = parse_alloc(p, sizeof(*condition));

	if (condition == NULL)
		return -1;
	routine_set_code(condition->code, code);
	condition->next = *list;
	*list = condition;
	return 0;
}

int
parse_condition(struct parser *p, struct routine_condition **list)
{
	char code[6] = "";
	const char *name, *found;
	unsigned n = 0;

	if (scan_is_word(&p->scan, "sqlstate"))
		return parse_sqlstate(p, code) == -1 ? -1 : add_condition(p, list, code);
	if ((name = parse_identifier(p)) == NULL)
		return -1;
	if (strcmp(name, "others") == 0)
		return add_condition(p, list, "");
	for (; (found = routine_condition_code(name, n)) != NULL; n++)
		if (add_condition(p, list, found) == -1)
			return -1;
	return n > 0
	    ? 0
	    : report_set(p->report, SQLSTATE_UNDEFINED_OBJECT, "unrecognized exception condition \"%s\"", name);
}

/* ---- RAISE ---- */

static const struct {
	const char *word;
	enum report_severity severity;
} levels[] = {
	{ "debug", REPORT_DEBUG },
	{ "log", REPORT_LOG },
	{ "info", REPORT_INFO },
	{ "notice", REPORT_NOTICE },
	{ "warning", REPORT_WARNING },
	{ "exception", REPORT_ERROR },
};

static const char *const options[] = { "errcode", "message", "detail", "hint", "column", "constraint", "datatype",
	"table", "schema" };

static int
parse_option(struct parser *p, struct routine_option **end)
{
	static const char *const ends[] = { ";", ",", NULL };
	const char *name = parse_identifier(p);
	struct routine_option *option = parse_alloc(p, sizeof(*option));
	int is;

	if (name == NULL || option == NULL)
		return -1;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(options[i], name) == 0)
			option->name = options[i];
	if (option->name == NULL)
		return report_set(p->report, SQLSTATE_SYNTAX_ERROR, "unrecognized RAISE statement option");
	if ((is = parse_accept_symbol(p, "=")) == -1 || (is == 0 && parse_expect_symbol(p, ":=") == -1) ||
	    (option->value = parse_sql_until(p, ends)) == NULL)
		return -1;
	*end = option;
	return 0;
}

static int
parse_options(struct parser *p, struct routine_statement *statement)
{
	struct routine_option **end = &statement->options;
	int is = parse_accept_word(p, "using");

	if (is != 1)
		return is;
	do {
		if (parse_option(p, end) == -1)
			return -1;
		end = &(*end)->next;
	} while ((is = parse_accept_symbol(p, ",")) == 1);
	return is;
}

/* %% is a sign, each other one wants a value. */
static int
check_format(struct parser *p, const struct routine_statement *statement)
{
	unsigned wanted = 0;

	for (const char *at = statement->format; *at != '\0'; at++)
		if (*at == '%' && at[1] == '%')
			at++;
		else
			wanted += *at == '%';
	if (wanted == statement->nlist)
		return 0;
	return report_set(p->report, SQLSTATE_SYNTAX_ERROR, "too %s parameters specified for RAISE",
	    wanted > statement->nlist ? "few" : "many");
}

static int
parse_raised(struct parser *p, struct routine_statement *statement)
{
	static const char *const ends[] = { ";", ",", "using", NULL };
	const char *name, *code;
	int is;

	if (p->scan.token.kind == TOKEN_STRING) {
		if ((statement->format = parse_string(p)) == NULL || (is = parse_accept_symbol(p, ",")) == -1 ||
		    (is == 1 && parse_list(p, statement, ends) == -1))
			return -1;
		return check_format(p, statement);
	}
	if (scan_is_word(&p->scan, "sqlstate"))
		return parse_sqlstate(p, statement->code);
	if (scan_is_word(&p->scan, "using"))
		return 0;
	if ((name = parse_identifier(p)) == NULL)
		return -1;
	if ((code = routine_condition_code(name, 0)) == NULL)
		return report_set(p->report, SQLSTATE_UNDEFINED_OBJECT, "unrecognized exception condition \"%s\"",
		    name);
	statement->format = name; /* its message, where there is no other */
	routine_set_code(statement->code, code);
	return 0;
}

struct routine_statement *
parse_raise(struct parser *p)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_RAISE);

	if (statement == NULL || parse_expect_word(p, "raise") == -1)
		return NULL;
	statement->severity = REPORT_ERROR;
	if (scan_is_symbol(&p->scan, ";")) {
		statement->again = true;
		return scan_next(&p->scan, p->report) == -1 ? NULL : statement;
	}
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (scan_is_word(&p->scan, levels[i].word)) {
			statement->severity = levels[i].severity;
			if (scan_next(&p->scan, p->report) == -1)
				return NULL;
			break;
		}
	if (parse_raised(p, statement) == -1 || parse_options(p, statement) == -1)
		return NULL;
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

struct routine_statement *
parse_assert(struct parser *p)
{
	static const char *const ends[] = { ";", ",", NULL };
	struct routine_statement *statement = parse_new(p, ROUTINE_ASSERT);
	int is;

	if (statement == NULL || parse_expect_word(p, "assert") == -1 ||
	    (statement->sql = parse_sql_until(p, ends)) == NULL || (is = parse_accept_symbol(p, ",")) == -1 ||
	    (is == 1 && (statement->to = parse_sql_until(p, ends)) == NULL))
		return NULL;
	return parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}

/* ---- GET DIAGNOSTICS ---- */

static const struct {
	const char *name;
	bool stacked;
} items[] = {
	{ "row_count", false },
	{ "returned_sqlstate", true },
	{ "message_text", true },
	{ "pg_exception_detail", true },
	{ "pg_exception_hint", true },
	{ "column_name", true },
	{ "constraint_name", true },
	{ "pg_datatype_name", true },
	{ "table_name", true },
	{ "schema_name", true },
};

static const char *
parse_item(struct parser *p, bool stacked)
{
	const char *name = parse_identifier(p);

	if (name == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
		if (strcmp(items[i].name, name) == 0 && items[i].stacked == stacked)
			return items[i].name;
	if (strcmp(name, "pg_context") == 0 || strcmp(name, "pg_exception_context") == 0)
		(void)parse_refuse(p, "GET DIAGNOSTICS of a context");
	else
		(void)report_set(p->report, SQLSTATE_SYNTAX_ERROR,
		    "unrecognized GET DIAGNOSTICS item at or near \"%s\"", name);
	return NULL;
}

struct routine_statement *
parse_diagnostics(struct parser *p)
{
	struct routine_statement *statement = parse_new(p, ROUTINE_DIAGNOSTICS), one = { 0 };
	unsigned n = 0, max = 32;
	int is;

	if (statement == NULL || parse_expect_word(p, "get") == -1 || (is = parse_accept_word(p, "stacked")) == -1)
		return NULL;
	statement->stacked = is == 1;
	if ((is == 0 && parse_accept_word(p, "current") == -1) || parse_expect_word(p, "diagnostics") == -1 ||
	    (statement->targets = parse_alloc(p, max * sizeof(*statement->targets))) == NULL ||
	    (statement->items = parse_alloc(p, max * sizeof(*statement->items))) == NULL)
		return NULL;
	do {
		one = (struct routine_statement) { 0 };
		if (n == max || parse_targets(p, &one) == -1 || one.ntargets != 1 ||
		    (is = parse_accept_symbol(p, "=")) == -1 || (is == 0 && parse_expect_symbol(p, ":=") == -1))
			return NULL;
		statement->targets[n] = one.targets[0];
		if ((statement->items[n++] = parse_item(p, statement->stacked)) == NULL)
			return NULL;
	} while ((is = parse_accept_symbol(p, ",")) == 1);
	statement->ntargets = n;
	return is == -1 || parse_expect_symbol(p, ";") == -1 ? NULL : statement;
}
