/*
 * Declarations of a routine: variables, their types and their other names.
 */
#include "workers/sqlite/routines/parse.h"

#include <string.h>

/* name ALIAS FOR other */
static int
parse_alias(struct parser *p, const char *name, const char *label)
{
	const struct routine_name *of = parse_find_variable(p);
	struct routine_name *entry;

	if (of == NULL)
		return report_set(p->report, SQLSTATE_UNDEFINED_OBJECT, "variable \"%.*s\" does not exist",
		    (int)(p->scan.token.end - p->scan.token.start), p->scan.text + p->scan.token.start);
	if (scan_next(&p->scan, p->report) == -1 || (entry = parse_alloc(p, sizeof(*entry))) == NULL)
		return -1;
	*entry = *of;
	entry->name = name;
	entry->label = label;
	entry->block = p->block;
	entry->outer = p->names;
	p->names = entry;
	return parse_expect_symbol(p, ";");
}

/* The type's text ends where its options begin. */
static bool
ends_type(struct parser *p, bool argument)
{
	static const char *const symbols[] = { ";", ":=", "=" }, *const words[] = { "default", "not", "collate" };

	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
		if (scan_is_symbol(&p->scan, symbols[i]) || scan_is_word(&p->scan, words[i]))
			return true;
	return p->scan.token.kind == TOKEN_END ||
	    (argument && (scan_is_symbol(&p->scan, ",") || scan_is_symbol(&p->scan, ")")));
}

int
parse_type(struct parser *p, struct routine_variable *variable, bool argument)
{
	size_t start = p->scan.token.start, end = start;
	unsigned depth = 0;
	bool row = false;

	while (!ends_type(p, argument && depth == 0)) {
		if (parse_count_bracket(p, &depth) == -1)
			return -1;
		row = p->scan.token.kind == TOKEN_WORD && scan_is_word(&p->scan, "rowtype");
		end = p->scan.token.end;
		if (scan_next(&p->scan, p->report) == -1)
			return -1;
	}
	if (end == start || depth > 0)
		return scan_fail(&p->scan, p->report);
	if ((variable->type = routine_copy(p->routine, p->scan.text + start, end - start, p->report)) == NULL)
		return -1;
	if (strcasecmp(variable->type, "record") == 0)
		variable->type = NULL;
	else if (row) {
		char *percent = strrchr((char *)(uintptr_t)variable->type, '%');

		if (percent == NULL)
			return scan_fail(&p->scan, p->report);
		*percent = '\0';
		variable->row = variable->type;
		variable->type = NULL;
	}
	return 0;
}

/* The variable's name is in force from here on. */
static int
parse_declared(struct parser *p, struct routine_variable *v, const char *label)
{
	int slot = parse_declare(p, v->name, label, v->constant);
	struct routine_name *entry;

	if (slot == -1)
		return -1;
	v->slot = (unsigned)slot;
	entry = (struct routine_name *)(uintptr_t)p->names;
	entry->cursor = v->cursor;
	entry->refcursor = v->type != NULL && strcasecmp(v->type, "refcursor") == 0;
	return parse_expect_symbol(p, ";");
}

static int
parse_declaration(struct parser *p, const char *label, struct routine_variable **variable)
{
	static const char *const ends[] = { ";", NULL };
	const char *name = parse_identifier(p);
	struct routine_variable *v;
	int is;

	if (name == NULL || parse_check_shadow(p, name) == -1 || (is = parse_accept_word(p, "alias")) == -1)
		return -1;
	if (is == 1)
		return parse_expect_word(p, "for") == -1 ? -1 : parse_alias(p, name, label);
	if ((v = parse_alloc(p, sizeof(*v))) == NULL)
		return -1;
	v->name = name;
	v->names = p->names;
	*variable = v;
	if (scan_is_word(&p->scan, "cursor") || scan_is_word(&p->scan, "scroll") || scan_is_word(&p->scan, "no"))
		return parse_cursor_declaration(p, v) == -1 ? -1 : parse_declared(p, v, label);
	if ((is = parse_accept_word(p, "constant")) == -1)
		return -1;
	v->constant = is == 1;
	if (parse_type(p, v, false) == -1)
		return -1;
	if (scan_is_word(&p->scan, "collate"))
		return parse_refuse(p, "COLLATE");
	if ((is = parse_accept_word(p, "not")) == -1 || (is == 1 && parse_expect_word(p, "null") == -1))
		return -1;
	v->not_null = is == 1;
	if (!scan_is_symbol(&p->scan, ";")) {
		if (scan_next(&p->scan, p->report) == -1 || (v->initial = parse_sql_until(p, ends)) == NULL)
			return -1;
	} else if (v->not_null)
		return report_set(p->report, SQLSTATE_NULL_VALUE_NOT_ALLOWED,
		    "variable \"%s\" must have a default value, since it's declared NOT NULL", name);
	return parse_declared(p, v, label);
}

int
parse_declarations(struct parser *p, const char *label, struct routine_variable **end)
{
	int is;

	while ((is = parse_accept_word(p, "declare")) == 1)
		continue;
	while (is == 0 && !scan_is_word(&p->scan, "begin")) {
		if ((is = parse_accept_word(p, "declare")) == 1)
			is = 0;
		else if (is == 0 && (is = parse_declaration(p, label, end)) == 0 && *end != NULL)
			end = &(*end)->next;
	}
	return is;
}
