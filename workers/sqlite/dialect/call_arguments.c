/*
 * What a call's arguments are brought to before the function sees them: the types that it is declared with, and the
 * text of a value whose type SQLite does not tell.
 */
#include <string.h>

#include "workers/sqlite/dialect/call.h"

struct expression *
translate_arguments(struct translator *t, const PgQuery__FuncCall *call)
{
	struct expression *list = translator_alloc(t, (call->n_args + 1) * sizeof(*list));
	const char *name = translate_last_string(call->funcname, call->n_funcname);

	if (list == NULL)
		return NULL;
	if (call->func_variadic) {
		translate_refuse(t, call->location, "VARIADIC");
		return NULL;
	}
	for (size_t i = 0; i < call->n_args; i++)
		if ((i > 0 && translate_emit(t, ", ") < 0) ||
		    (translate_makes_json(name, i) ? translate_json_value(t, call->args[i], &list[i])
						   : translate_expression(t, call->args[i], &list[i])) < 0)
			return NULL;
	return list;
}

/* Whose text, as an element of an array is kept, is not what every session sees. */
static bool
is_of_session(uint32_t oid)
{
	return oid == TYPE_DATE || oid == TYPE_TIMESTAMP || oid == TYPE_TIMESTAMPTZ || oid == TYPE_INTERVAL ||
	    oid == TYPE_BYTEA || oid == TYPE_FLOAT4 || oid == TYPE_FLOAT8;
}

/* What is shown of an argument, since SQLite's value does not tell its type: of a boolean what PostgreSQL puts out, or
 * what a cast to text makes of it. */
static int
show_argument(struct translator *t, struct expression *e, bool cast, int location)
{
	if (e->oid == TYPE_BOOL && !cast) {
		e->oid = TYPE_TEXT;
		return expression_wrap(t, e, "(CASE ", " WHEN 1 THEN 't' WHEN 0 THEN 'f' END)");
	}
	if (type_is_array(e->oid) && !type_is_row(type_element(e->oid)) && cast_is_shown(e->oid)) {
		if (expression_show(t, e) < 0)
			return -1;
		e->oid = TYPE_TEXT_ARRAY;
		return 0;
	}
	if (type_is_array(e->oid) && is_of_session(type_element(e->oid))) {
		const char *end = translator_format(t, ", %u)", e->oid);

		e->oid = TYPE_TEXT_ARRAY;
		return end == NULL ? -1 : expression_wrap(t, e, "bibd_text(", end);
	}
	if ((e->oid == TYPE_INET || e->oid == TYPE_CIDR || e->oid == TYPE_TSQUERY) && !cast)
		return expression_output(t, e);
	if (e->oid == TYPE_INET || e->oid == TYPE_CIDR || e->oid == TYPE_TSQUERY || e->oid == TYPE_BYTEA ||
	    e->oid == TYPE_FLOAT4 || e->oid == TYPE_FLOAT8 || e->oid == TYPE_BOOL || e->oid == TYPE_DATE ||
	    e->oid == TYPE_TIMESTAMP || e->oid == TYPE_TIMESTAMPTZ || e->oid == TYPE_INTERVAL)
		return expression_cast(t, e, TYPE_TEXT, -1, CAST_EXPLICIT, location);
	return 0;
}

/* What is "any" stays as it is, a string without a type is a text. */
static int
bring_any(struct translator *t, const struct function_fact *fact, struct expression *e, int location)
{
	if (e->form != EXPRESSION_VALUE)
		return expression_settle(t, e, TYPE_TEXT, -1);
	if (expression_canonize(t, e, location) < 0)
		return -1;
	if (fact->result == TYPE_TEXT && expression_plain(t, e) < 0)
		return -1;
	return fact->result == TYPE_TEXT ? show_argument(t, e, false, location) : 0;
}

/* What char(n) is there: its text, and its characters are counted without the blanks, its bytes with them. */
static int
bring_padded(struct translator *t, const struct function_fact *fact, struct expression *e, uint32_t declared)
{
	bool counted = fact->narguments == 1 && fact->arguments[0] == TYPE_BPCHAR;

	if (declared == TYPE_BPCHAR && (!counted || fact->kind != 'f' || strcmp(fact->name, "octet_length") == 0))
		return 0;
	return expression_trim(t, e);
}

/* A number as the number that is declared, since a function sees but SQLite's value. */
static int
bring_argument(struct translator *t, const struct function_fact *fact, struct expression *e, uint32_t declared,
    int location)
{
	bool numbers = type_is_number(e->oid) && type_is_number(declared);

	if (e->row)
		return 0;
	if (declared == TYPE_UNKNOWN)
		return bring_any(t, fact, e, location);
	if (e->form == EXPRESSION_VALUE && e->oid == TYPE_BPCHAR && type_is_text(declared))
		return bring_padded(t, fact, e, declared);
	if (e->form == EXPRESSION_VALUE && e->oid == declared)
		return expression_canonize(t, e, location);
	return expression_cast(t, e, declared, -1, numbers ? CAST_EXPLICIT : CAST_IMPLICIT, location);
}

/* What is made of a value of any type is made of its text. */
static bool
is_shown(const struct function_fact *fact)
{
	return fact->arguments[0] == TYPE_ANYNONARRAY ||
	    ((fact->arguments[0] == TYPE_ANYELEMENT || strcmp(fact->name, "array_to_string") == 0) &&
		fact->result == TYPE_TEXT);
}

/* An element is kept in an array by its text as no session's settings show in it. */
static int
show_call_argument(struct translator *t, const struct function_fact *fact, struct expression *e, int location)
{
	if (strcmp(fact->name, "array_agg") != 0 && expression_plain(t, e) < 0)
		return -1;
	if (strcmp(fact->name, "array_agg") != 0)
		return show_argument(t, e, fact->kind == 'f', location);
	return expression_wrap(t, e, "bibd_element(", translator_format(t, ", %u)", type_kept_as(e->oid)));
}

/* What stands for an array of any length becomes one, from this argument on. */
static int
gather_rest(struct translator *t, const struct function_fact *fact, const struct expression *first)
{
	uint32_t element = type_element(fact->arguments[fact->narguments - 1]);

	if ((fact->flags & FACT_VARIADIC) == 0 || element == 0)
		return 0;
	sql_text_insert(&t->out, first->start, translator_format(t, "bibd_array(%u, ", element));
	return translate_emit(t, ")");
}

int
call_bring_argument(struct translator *t, const struct function_fact *fact, struct expression *list, size_t i,
    uint32_t declared, int location)
{
	if (bring_argument(t, fact, &list[i], declared, location) < 0 ||
	    (is_shown(fact) && show_call_argument(t, fact, &list[i], location) < 0))
		return -1;
	return i + 1 == fact->narguments ? gather_rest(t, fact, &list[i]) : 0;
}
