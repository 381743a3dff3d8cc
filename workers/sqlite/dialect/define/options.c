/*
 * The options of CREATE SEQUENCE, ALTER SEQUENCE and identity columns, checked as PostgreSQL checks them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/sequence.h"
#include "workers/sqlite/dialect/expression.h"

enum option {
	OPTION_AS,
	OPTION_INCREMENT,
	OPTION_START,
	OPTION_RESTART,
	OPTION_MAX,
	OPTION_MIN,
	OPTION_CACHE,
	OPTION_CYCLE,
	OPTION_OWNED,
	OPTION_NAME,
	OPTIONS
};

static const char *const option_names[OPTIONS] = { "as", "increment", "start", "restart", "maxvalue", "minvalue",
	"cache", "cycle", "owned_by", "sequence_name" };

static int
collect(struct translator *t, PgQuery__Node *const *options, size_t n, const PgQuery__DefElem *given[OPTIONS])
{
	for (size_t i = 0; i < n; i++) {
		const PgQuery__DefElem *option = options[i]->def_elem;
		unsigned found = 0;

		while (found < OPTIONS && strcmp(option_names[found], option->defname) != 0)
			found++;
		if (found == OPTIONS)
			return translate_refuse(t, option->location, "this option of a sequence");
		if (given[found] != NULL)
			return translate_fail(t, option->location, SQLSTATE_SYNTAX_ERROR,
			    "conflicting or redundant options");
		given[found] = option;
	}
	return 0;
}

/* The number of an option that has one; *said is left alone when it has none (NO MAXVALUE). */
static int
read_number(struct translator *t, const PgQuery__DefElem *option, int64_t *number, bool *said)
{
	const PgQuery__Node *arg = option == NULL ? NULL : option->arg;
	char *end;

	if (arg == NULL)
		return 0;
	*said = true;
	if (arg->node_case == PG_QUERY__NODE__NODE_INTEGER) {
		*number = arg->integer->ival;
		return 0;
	}
	if (arg->node_case != PG_QUERY__NODE__NODE_FLOAT)
		return translate_refuse(t, option->location, "this value of a sequence's option");
	errno = 0;
	*number = strtoll(arg->float_->fval, &end, 10);
	if (errno == ERANGE)
		return translate_fail(t, -1, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE,
		    "value \"%s\" is out of range for type bigint", arg->float_->fval);
	if (*end != '\0')
		return translate_fail(t, -1, SQLSTATE_INVALID_TEXT_REPRESENTATION,
		    "invalid input syntax for type bigint: \"%s\"", arg->float_->fval);
	return 0;
}

static int64_t
type_limit(uint32_t oid, bool most)
{
	if (oid == TYPE_INT2)
		return most ? INT16_MAX : INT16_MIN;
	if (oid == TYPE_INT4)
		return most ? INT32_MAX : INT32_MIN;
	return most ? INT64_MAX : INT64_MIN;
}

static int
apply_type(struct translator *t, struct schema_sequence *s, const PgQuery__DefElem *option, bool fresh,
    bool *resets_max, bool *resets_min)
{
	uint32_t before = s->oid;
	const struct type *type;
	int32_t typmod;

	if (option == NULL)
		return 0;
	if (translate_type_name(t, option->arg->type_name, &type, &s->oid, &typmod, NULL) == -1)
		return -1;
	if (s->oid != TYPE_INT2 && s->oid != TYPE_INT4 && s->oid != TYPE_INT8)
		return translate_fail(t, option->location, SQLSTATE_INVALID_PARAMETER_VALUE,
		    s->internal ? "identity column type must be smallint, integer, or bigint"
				: "sequence type must be smallint, integer, or bigint");
	*resets_max = !fresh && s->rule.max == type_limit(before, true);
	*resets_min = !fresh && s->rule.min == type_limit(before, false);
	return 0;
}

/* MAXVALUE or MINVALUE; by default, or when the limit was that of another type (`retyped`), what the type allows. */
static int
apply_limit(struct translator *t, struct schema_sequence *s, const PgQuery__DefElem *option, bool most, bool fresh,
    bool retyped)
{
	int64_t *limit = most ? &s->rule.max : &s->rule.min;
	bool ascends = s->rule.increment > 0, said = false;

	if (read_number(t, option, limit, &said) == -1)
		return -1;
	if (!said && (fresh || retyped || option != NULL))
		*limit = ascends == most || retyped ? type_limit(s->oid, most) : ascends ? 1 : -1;
	if (*limit >= type_limit(s->oid, false) && *limit <= type_limit(s->oid, true))
		return 0;
	return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
	    "%s (%" PRId64 ") is out of range for sequence data type %s", most ? "MAXVALUE" : "MINVALUE", *limit,
	    type_display(t, s->oid));
}

/* START or RESTART within the limits. */
static int
check_within(struct translator *t, const struct schema_sequence *s, const char *word, int64_t value)
{
	if (value >= s->rule.min && value <= s->rule.max)
		return 0;
	return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
	    "%s value (%" PRId64 ") cannot be %s than %s (%" PRId64 ")", word, value,
	    value < s->rule.min ? "less" : "greater", value < s->rule.min ? "MINVALUE" : "MAXVALUE",
	    value < s->rule.min ? s->rule.min : s->rule.max);
}

static int
apply_position(struct translator *t, struct schema_sequence *s, const PgQuery__DefElem *const given[OPTIONS],
    bool fresh)
{
	bool said = false;

	if (read_number(t, given[OPTION_START], &s->start, &said) == -1)
		return -1;
	if (!said && fresh)
		s->start = s->rule.increment > 0 ? s->rule.min : s->rule.max;
	if (check_within(t, s, "START", s->start) == -1)
		return -1;
	if (fresh || given[OPTION_RESTART] != NULL) {
		s->identity = schema_sequence_new_identity();
		s->at = (struct sequence_position) { .value = s->start };
	}
	if (read_number(t, given[OPTION_RESTART], &s->at.value, &said) == -1)
		return -1;
	return check_within(t, s, "RESTART", s->at.value);
}

static int
apply_rest(struct translator *t, struct schema_sequence *s, const PgQuery__DefElem *const given[OPTIONS])
{
	const PgQuery__DefElem *cycle = given[OPTION_CYCLE];
	bool said = false;

	if (cycle != NULL && cycle->arg != NULL && cycle->arg->node_case == PG_QUERY__NODE__NODE_BOOLEAN)
		s->rule.cycle = cycle->arg->boolean->boolval;
	if (read_number(t, given[OPTION_CACHE], &s->rule.cache, &said) == -1)
		return -1;
	if (s->rule.cache > 0)
		return 0;
	return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "CACHE (%" PRId64 ") must be greater than zero",
	    s->rule.cache);
}

static const PgQuery__List *
list_of(const PgQuery__DefElem *option)
{
	return option == NULL || option->arg == NULL || option->arg->node_case != PG_QUERY__NODE__NODE_LIST
	    ? NULL
	    : option->arg->list;
}

int
define_apply_options(struct translator *t, struct schema_sequence *s, PgQuery__Node *const *options, size_t n,
    bool fresh, uint32_t oid, struct define_sequence_extra *extra)
{
	const PgQuery__DefElem *given[OPTIONS] = { NULL };
	bool resets_max = false, resets_min = false, said;

	if (collect(t, options, n, given) == -1)
		return -1;
	if (fresh) {
		s->id = schema_sequence_new_identity();
		s->oid = oid;
		s->rule = (struct sequence_rule) { .increment = 1, .cache = 1 };
	}
	if (apply_type(t, s, given[OPTION_AS], fresh, &resets_max, &resets_min) == -1 ||
	    read_number(t, given[OPTION_INCREMENT], &s->rule.increment, &said) == -1)
		return -1;
	if (s->rule.increment == 0)
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "INCREMENT must not be zero");
	if (apply_limit(t, s, given[OPTION_MAX], true, fresh, resets_max) == -1 ||
	    apply_limit(t, s, given[OPTION_MIN], false, fresh, resets_min) == -1)
		return -1;
	if (s->rule.min >= s->rule.max)
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "MINVALUE (%" PRId64 ") must be less than MAXVALUE (%" PRId64 ")", s->rule.min, s->rule.max);
	extra->owned_by = list_of(given[OPTION_OWNED]);
	extra->name = list_of(given[OPTION_NAME]);
	return apply_position(t, s, given, fresh) == -1 ? -1 : apply_rest(t, s, given);
}
