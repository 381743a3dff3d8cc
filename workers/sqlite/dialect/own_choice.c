/*
 * Chooses among the file's own functions of a name by PostgreSQL's rules (analyze/resolve.c): each of them is made a
 * fact of the arguments in the order in which the call has them, whatever their names, defaults and VARIADIC.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/own_choice.h"
#include "workers/sqlite/schema/routine.h"

/* ---- names ---- */

bool
translate_is_own(struct translator *t, const char *name)
{
	struct schema_routine *all;
	unsigned n;

	if (name == NULL || function_fact_by_name(name) != NULL)
		return false;
	all = schema_routines(schema_database(t->schema), name, &n);
	schema_routines_free(all, n);
	return n > 0;
}

bool
translate_is_set(struct translator *t, const char *name)
{
	struct schema_routine *all;
	bool set = false;
	unsigned n;

	if (name == NULL || function_fact_by_name(name) != NULL)
		return name != NULL && function_is_set(name);
	all = schema_routines(schema_database(t->schema), name, &n);
	for (unsigned i = 0; i < n; i++)
		set |= all[i].set;
	schema_routines_free(all, n);
	return set;
}

/* ---- arguments ---- */

static int
read_arguments(struct own_choice *c)
{
	struct translator *t = c->t;
	size_t start = t->out.length;

	for (size_t i = 0; i < c->call->n_args; i++) {
		const PgQuery__Node *node = c->call->args[i];
		struct own_argument *argument = &c->arguments[i];
		bool named = node->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR;

		argument->name = named ? node->named_arg_expr->name : NULL;
		if (i > 0 && !named && c->arguments[i - 1].name != NULL)
			return translate_fail(t, translate_location(node), SQLSTATE_SYNTAX_ERROR,
			    "positional argument cannot follow named argument");
		if (translate_expression(t, named ? node->named_arg_expr->arg : node, &argument->e) < 0 ||
		    (argument->text = translator_copy(t, t->out.length == start ? "" : t->out.data + start)) == NULL)
			return -1;
		sql_text_cut(&t->out, start);
		c->types[i] = argument->e.form == EXPRESSION_VALUE ? argument->e.oid : (uint32_t)TYPE_UNKNOWN;
	}
	return 0;
}

/* The place among the inputs that an argument of that name has; n: there is none. */
static unsigned
place_of(const struct schema_routine *routine, const char *name)
{
	unsigned place = 0;

	for (unsigned i = 0; i < routine->narguments; i++) {
		if (!schema_argument_is_in(&routine->arguments[i]))
			continue;
		if (strcmp(routine->arguments[i].name, name) == 0)
			return place;
		place++;
	}
	return place;
}

/* The input of that place, from 0; never NULL. */
static const struct schema_argument *
input_at(const struct schema_routine *routine, unsigned place)
{
	static const struct schema_argument none = { .mode = 'i' };

	for (unsigned i = 0; i < routine->narguments; i++)
		if (schema_argument_is_in(&routine->arguments[i]) && place-- == 0)
			return &routine->arguments[i];
	return &none;
}

static bool
is_variadic(const struct schema_routine *routine)
{
	return routine->ninputs > 0 && input_at(routine, routine->ninputs - 1)->mode == 'v';
}

/* Whether the arguments have places there, and what is left out has a default. */
static bool
find_places(const struct own_choice *c, const struct schema_routine *routine, unsigned *places)
{
	bool given[FACT_ARGUMENTS_MAX] = { false }, spread = is_variadic(routine) && !c->call->func_variadic;
	size_t n = c->call->n_args;

	if (routine->ninputs > FACT_ARGUMENTS_MAX || n > FACT_ARGUMENTS_MAX || (n > routine->ninputs && !spread) ||
	    (c->call->func_variadic && (!is_variadic(routine) || n != routine->ninputs)))
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned place = c->arguments[i].name != NULL ? place_of(routine, c->arguments[i].name)
		    : i < routine->ninputs		      ? (unsigned)i
							      : routine->ninputs - 1;

		if (place >= routine->ninputs || (c->arguments[i].name != NULL && (given[place] || spread)))
			return false;
		given[place] = true;
		places[i] = place;
	}
	for (unsigned place = 0; place < routine->ninputs; place++)
		if (!given[place] && input_at(routine, place)->fallback == NULL)
			return false;
	return true;
}

static void
add_fact(struct own_choice *c, unsigned routine)
{
	const struct schema_routine *own = &c->all[routine];
	struct function_fact *fact = &c->facts[c->nfacts];
	unsigned *places = &c->places[(size_t)c->nfacts * FACT_ARGUMENTS_MAX];

	if (!find_places(c, own, places))
		return;
	*fact = (struct function_fact) { .oid = routine,
		.name = c->name,
		.kind = 'f',
		.result = own->result,
		.narguments = (unsigned)c->call->n_args };
	for (unsigned i = 0; i < fact->narguments; i++)
		fact->arguments[i] = translate_kept_type(c->t, input_at(own, places[i])->oid);
	if (is_variadic(own) && !c->call->func_variadic && fact->narguments >= own->ninputs) {
		fact->flags = FACT_VARIADIC;
		fact->narguments = own->ninputs;
	}
	c->nfacts++;
}

/* ---- errors ---- */

static const char *
display(const struct own_choice *c)
{
	const char *types = "";

	for (size_t i = 0; i < c->call->n_args && types != NULL; i++)
		types = translator_format(c->t, "%s%s%s%s%s", types, i > 0 ? ", " : "",
		    c->arguments[i].name == NULL ? "" : c->arguments[i].name,
		    c->arguments[i].name == NULL ? "" : " => ",
		    c->arguments[i].e.form == EXPRESSION_VALUE ? type_display(c->t, c->arguments[i].e.oid) : "unknown");
	return types;
}

/* A procedure is called by CALL, and nothing else is. */
static int
fail_kind(struct own_choice *c, char kind)
{
	const char *types = display(c);

	if (types == NULL)
		return -1;
	translate_fail(c->t, c->call->location, SQLSTATE_WRONG_OBJECT_TYPE,
	    kind == 'p' ? "%s(%s) is not a procedure" : "%s(%s) is a procedure", c->name, types);
	report_hint(c->t->report, kind == 'p' ? "To call a function, use SELECT." : "To call a procedure, use CALL.");
	return -1;
}

static int
fail(struct own_choice *c, char kind, enum resolution resolution)
{
	const char *types = display(c), *word = kind == 'p' ? "procedure" : "function";
	bool none = resolution == RESOLVED_NONE;

	if (types == NULL)
		return -1;
	if (resolution == RESOLVED_POLYMORPHIC)
		return translate_fail(c->t, c->call->location, SQLSTATE_DATATYPE_MISMATCH,
		    "could not determine polymorphic type because input has type unknown");
	translate_fail(c->t, c->call->location, none ? SQLSTATE_UNDEFINED_FUNCTION : SQLSTATE_AMBIGUOUS_FUNCTION,
	    none ? "%s %s(%s) does not exist" : "%s %s(%s) is not unique", word, c->name, types);
	report_hint(c->t->report,
	    none ? "No %s matches the given name and argument types. You might need to add explicit type casts."
		 : "Could not choose a best candidate %s. You might need to add explicit type casts.",
	    word);
	return -1;
}

static int
check_call(struct translator *t, const PgQuery__FuncCall *call, const char *name)
{
	const char *wrong = call->agg_distinct ? "DISTINCT"
	    : call->agg_within_group	       ? "WITHIN GROUP"
	    : call->n_agg_order > 0	       ? "ORDER BY"
	    : call->agg_filter != NULL	       ? "FILTER"
					       : NULL;

	if (wrong != NULL)
		return translate_fail(t, call->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "%s specified, but %s is not an aggregate function", wrong, name);
	if (call->over != NULL)
		return translate_fail(t, call->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "OVER specified, but %s is not a window function nor an aggregate function", name);
	return 0;
}

/* ---- what is chosen ---- */

/* Puts the argument at the end of the text, as the type. */
static int
emit_argument(struct own_choice *c, size_t i, uint32_t oid)
{
	struct translator *t = c->t;
	struct expression *e = &c->arguments[i].e;

	e->start = t->out.length;
	if (translate_emit(t, c->arguments[i].text) < 0)
		return -1;
	e->end = t->out.length;
	if (expression_cast(t, e, oid, -1, CAST_IMPLICIT, c->call->location) < 0)
		return -1;
	return expression_canonize(t, e, c->call->location);
}

/* Those that VARIADIC gathers: an array of them. */
static int
emit_rest(struct own_choice *c, size_t first, uint32_t element)
{
	if (translate_emit_format(c->t, "bibd_array(%u", element) < 0)
		return -1;
	for (size_t i = first; i < c->call->n_args; i++)
		if (translate_emit(c->t, ", ") < 0 || emit_argument(c, i, element) < 0)
			return -1;
	return translate_emit(c->t, ")");
}

static int
emit_place(struct own_choice *c, const struct schema_routine *routine, const struct function_fact *fact, unsigned place)
{
	const unsigned *places = &c->places[(size_t)(fact - c->facts) * FACT_ARGUMENTS_MAX];
	size_t i = 0;

	while (i < c->call->n_args && places[i] != place)
		i++;
	if (i == c->call->n_args)
		return translate_emit(c->t, input_at(routine, place)->fallback);
	if ((fact->flags & FACT_VARIADIC) != 0 && place + 1 == routine->ninputs)
		return emit_rest(c, i, c->declared[i]);
	return emit_argument(c, i,
	    type_is_polymorphic(input_at(routine, place)->oid) ? c->declared[i] : input_at(routine, place)->oid);
}

/* Whether ROW(...) there is brought to a row type, as a literal is: where all that could be meant have one. */
static bool
takes_row_type(const struct own_choice *c, size_t argument)
{
	bool all = c->nfacts > 0;

	for (unsigned i = 0; i < c->nfacts; i++)
		all &= argument < c->facts[i].narguments &&
		    type_class(c->facts[i].arguments[argument]) == TYPE_CLASS_COMPOSITE;
	return all;
}

static int
choose(struct own_choice *c, char kind, PgQuery__Node *const *definitions, size_t ndefinitions, struct own_call *own)
{
	const struct schema_routine *routine;
	const struct function_fact *fact = NULL;
	enum resolution resolution;
	uint32_t result;
	bool other = false;

	for (unsigned i = 0; i < c->n; i++)
		if (c->all[i].kind == kind)
			add_fact(c, i);
		else
			other |= c->all[i].ninputs == c->call->n_args;
	c->facts[c->nfacts].name = "";
	for (size_t i = 0; i < c->call->n_args; i++)
		if (c->arguments[i].e.parts != NULL && takes_row_type(c, i))
			c->types[i] = TYPE_UNKNOWN;
	resolution = c->nfacts == 0
	    ? RESOLVED_NONE
	    : function_resolve_among(c->facts, c->types, c->call->n_args, &fact, c->declared, &result);
	if (resolution == RESOLVED_NONE && other)
		return fail_kind(c, kind);
	if (resolution != RESOLVED)
		return fail(c, kind, resolution);
	if (c->call->agg_star)
		return translate_fail(c->t, c->call->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "%s(*) specified, but %s is not an aggregate function", c->name, c->name);
	routine = &c->all[fact->oid];
	for (unsigned place = 0; place < routine->ninputs; place++)
		if ((place > 0 && translate_emit(c->t, ", ") < 0) || emit_place(c, routine, fact, place) < 0)
			return -1;
	return own_describe(c, routine, fact, definitions, ndefinitions, own);
}

int
translate_own_arguments(struct translator *t, const PgQuery__FuncCall *call, char kind,
    PgQuery__Node *const *definitions, size_t ndefinitions, struct own_call *own)
{
	struct own_choice c = { .t = t, .call = call, .name = translate_function_name(t, call) };
	int status = -1;

	if (c.name == NULL || check_call(t, call, c.name) < 0)
		return -1;
	c.arguments = translator_alloc(t, (call->n_args + 1) * sizeof(*c.arguments));
	c.types = translator_alloc(t, (call->n_args + 1) * sizeof(*c.types));
	c.declared = translator_alloc(t, (call->n_args + 1) * sizeof(*c.declared));
	if (c.arguments == NULL || c.types == NULL || c.declared == NULL || read_arguments(&c) < 0)
		return -1;
	c.all = schema_routines(schema_database(t->schema), c.name, &c.n);
	c.facts = calloc(c.n + 1, sizeof(*c.facts));
	c.places = calloc((size_t)c.n + 1, FACT_ARGUMENTS_MAX * sizeof(*c.places));
	if (c.facts == NULL || c.places == NULL)
		(void)translate_out_of_memory(t);
	else
		status = choose(&c, kind, definitions, ndefinitions, own);
	free(c.facts);
	free(c.places);
	schema_routines_free(c.all, c.n);
	return status;
}
