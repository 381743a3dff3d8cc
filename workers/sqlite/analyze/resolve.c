/*
 * PostgreSQL's choice among functions of one name: the manual's "Function Type Resolution", step by step.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/types/types.h"

/* More functions of one name with as many arguments than there are. */
#define CANDIDATES_MAX 64

struct candidates {
	const struct function_fact *items[CANDIDATES_MAX];
	size_t n;
};

/* The type that the i-th argument is declared with. */
static uint32_t
declared_type(const struct function_fact *fact, size_t i)
{
	uint32_t declared = fact->arguments[i < fact->narguments ? i : fact->narguments - 1];

	/* What stands for an array of any length is each element of it. */
	return (fact->flags & FACT_VARIADIC) != 0 && i + 1 >= fact->narguments && type_element(declared) != 0
	    ? type_element(declared)
	    : declared;
}

static bool
takes(const struct function_fact *fact, size_t n)
{
	if ((fact->flags & FACT_VARIADIC) != 0)
		return n >= fact->narguments;
	return n <= fact->narguments && n + fact->flags / FACT_DEFAULTS >= fact->narguments;
}

bool
type_is_polymorphic(uint32_t oid)
{
	return oid == TYPE_ANYELEMENT || oid == TYPE_ANYARRAY || oid == TYPE_ANYNONARRAY || oid == TYPE_ANYENUM ||
	    oid == TYPE_ANYCOMPATIBLE || oid == TYPE_ANYCOMPATIBLEARRAY;
}

static bool
is_array_of_any(uint32_t oid)
{
	return oid == TYPE_ANYARRAY || oid == TYPE_ANYCOMPATIBLEARRAY;
}

/* Whether an argument may be given by itself where the declared type is wanted. */
static bool
fits(uint32_t type, uint32_t declared)
{
	if (type == TYPE_UNKNOWN || declared == TYPE_ANY)
		return true;
	if (is_array_of_any(declared))
		return type_is_array(type);
	if (declared == TYPE_ANYNONARRAY)
		return !type_is_array(type);
	if (declared == TYPE_ANYENUM)
		return type_class(type) == TYPE_CLASS_ENUM;
	return type_is_polymorphic(declared) || cast_context(type, declared) == 'i';
}

static char
category(uint32_t oid)
{
	char found = type_category(oid);

	return found == '\0' ? 'P' : found;
}

/* pg_type.typispreferred: the one of its category that a doubt is decided for. */
static bool
is_preferred(uint32_t oid)
{
	return oid == TYPE_BOOL || oid == TYPE_TEXT || oid == TYPE_FLOAT8 || oid == TYPE_OID ||
	    oid == TYPE_TIMESTAMPTZ || oid == TYPE_INTERVAL || oid == TYPE_VARBIT || oid == TYPE_INET;
}

static bool
is_exact(const struct function_fact *fact, const uint32_t *types, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (types[i] != declared_type(fact, i))
			return false;
	return true;
}

/* How many arguments it takes as they are; with preferred, or as the preferred type of their category. */
static unsigned
matches(const struct function_fact *fact, const uint32_t *types, size_t n, bool preferred)
{
	unsigned count = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t declared = declared_type(fact, i);

		if (types[i] == TYPE_UNKNOWN)
			continue;
		if (types[i] == declared ||
		    (preferred && is_preferred(declared) && category(declared) == category(types[i])))
			count++;
	}
	return count;
}

static void
keep_most_matches(struct candidates *candidates, const uint32_t *types, size_t n, bool preferred)
{
	unsigned best = 0;
	size_t kept = 0;

	for (size_t i = 0; i < candidates->n; i++) {
		unsigned count = matches(candidates->items[i], types, n, preferred);

		if (count > best) {
			best = count;
			kept = 0;
		}
		if (count == best)
			candidates->items[kept++] = candidates->items[i];
	}
	candidates->n = kept;
}

/* What an unknown argument is taken for: strings if any candidate takes one there, else what all agree on. 0: they
 * don't. *preferred: a candidate takes that category's preferred type. */
static char
unknown_category(const struct candidates *candidates, size_t argument, bool *preferred)
{
	char chosen = '\0';
	bool agreed = true;

	*preferred = false;
	for (size_t i = 0; i < candidates->n; i++) {
		uint32_t declared = declared_type(candidates->items[i], argument);
		char own = category(declared);

		if (chosen == '\0' || (own == 'S' && chosen != 'S')) {
			*preferred = is_preferred(declared);
			agreed = chosen == '\0' || own == 'S';
			chosen = own;
		} else if (own == chosen)
			*preferred |= is_preferred(declared);
		else if (chosen != 'S')
			agreed = false;
	}
	return agreed ? chosen : '\0';
}

/* What the unknown arguments are taken for, one by one. */
struct choice {
	char category;
	bool preferred;
};

static bool
is_as_chosen(const struct function_fact *fact, const uint32_t *types, size_t n, const struct choice *choices)
{
	for (size_t i = 0; i < n && i < CANDIDATES_MAX; i++) {
		uint32_t declared = declared_type(fact, i);

		if (types[i] == TYPE_UNKNOWN &&
		    (category(declared) != choices[i].category || (choices[i].preferred && !is_preferred(declared))))
			return false;
	}
	return true;
}

/* All arguments must be as chosen; where no candidate takes them so, all stay. */
static void
keep_by_unknown(struct candidates *candidates, const uint32_t *types, size_t n)
{
	struct candidates kept = { .n = 0 };
	struct choice choices[CANDIDATES_MAX];

	for (size_t i = 0; i < n && i < CANDIDATES_MAX; i++)
		if (types[i] == TYPE_UNKNOWN &&
		    (choices[i].category = unknown_category(candidates, i, &choices[i].preferred)) == '\0')
			return;
	for (size_t i = 0; i < candidates->n; i++)
		if (is_as_chosen(candidates->items[i], types, n, choices))
			kept.items[kept.n++] = candidates->items[i];
	if (kept.n > 0)
		*candidates = kept;
}

/* The type in which two arguments of "anycompatible" meet; 0: none. */
static uint32_t
meet(uint32_t a, uint32_t b)
{
	if (a == TYPE_UNKNOWN || a == b)
		return b;
	if (b == TYPE_UNKNOWN || cast_context(b, a) == 'i')
		return a;
	return cast_context(a, b) == 'i' ? b : 0;
}

/* What "any..." stands for in this call: elements all of one type, or of types that meet. */
static enum resolution
find_element(const struct function_fact *fact, const uint32_t *types, size_t n, uint32_t *element)
{
	bool compatible = false, any = false;

	*element = TYPE_UNKNOWN;
	for (size_t i = 0; i < n; i++) {
		uint32_t declared = declared_type(fact, i);
		uint32_t type = is_array_of_any(declared) ? type_element(types[i]) : types[i];

		if (!type_is_polymorphic(declared))
			continue;
		any = true;
		compatible |= declared == TYPE_ANYCOMPATIBLE || declared == TYPE_ANYCOMPATIBLEARRAY;
		if (type == TYPE_UNKNOWN)
			continue;
		if (*element != TYPE_UNKNOWN && *element != type && !compatible)
			return RESOLVED_NONE;
		if ((*element = meet(*element, type)) == 0)
			return RESOLVED_NONE;
	}
	if (any && *element == TYPE_UNKNOWN && compatible)
		*element = TYPE_TEXT;
	return any && *element == TYPE_UNKNOWN ? RESOLVED_POLYMORPHIC : RESOLVED;
}

static uint32_t
array_of(uint32_t element)
{
	uint32_t oid = type_array_of(element);

	return oid == 0 ? (uint32_t)TYPE_TEXT_ARRAY : oid;
}

uint32_t
type_actual(uint32_t declared, uint32_t element)
{
	if (declared == TYPE_ANY)
		return TYPE_UNKNOWN;
	if (!type_is_polymorphic(declared))
		return declared;
	return is_array_of_any(declared) ? array_of(element) : element;
}

static bool
all_fit(const struct function_fact *fact, const uint32_t *types, size_t n)
{
	uint32_t element;

	for (size_t i = 0; i < n; i++)
		if (!fits(types[i], declared_type(fact, i)))
			return false;
	return find_element(fact, types, n, &element) != RESOLVED_NONE;
}

/* The last resort: what is unknown may be of the one type that all the others are of. */
static void
keep_by_known(struct candidates *candidates, const uint32_t *types, size_t n)
{
	struct candidates kept = { .n = 0 };
	uint32_t alike[FACT_ARGUMENTS_MAX], known = TYPE_UNKNOWN;

	if (n > FACT_ARGUMENTS_MAX)
		return;
	for (size_t i = 0; i < n; i++) {
		if (types[i] == TYPE_UNKNOWN)
			continue;
		if (known != TYPE_UNKNOWN && types[i] != known)
			return;
		known = types[i];
	}
	for (size_t i = 0; i < n; i++)
		alike[i] = known;
	for (size_t i = 0; known != TYPE_UNKNOWN && i < candidates->n; i++)
		if (all_fit(candidates->items[i], alike, n))
			kept.items[kept.n++] = candidates->items[i];
	if (kept.n == 1)
		*candidates = kept;
}

static void
narrow(struct candidates *candidates, const uint32_t *types, size_t n)
{
	bool has_unknown = false;

	for (size_t i = 0; i < n; i++)
		has_unknown |= types[i] == TYPE_UNKNOWN;
	if (candidates->n > 1)
		keep_most_matches(candidates, types, n, false);
	if (candidates->n > 1)
		keep_most_matches(candidates, types, n, true);
	if (candidates->n > 1 && has_unknown)
		keep_by_unknown(candidates, types, n);
	if (candidates->n > 1 && has_unknown)
		keep_by_known(candidates, types, n);
}

/* Whether another of the name takes the same arguments, and not as the elements of an array. */
static bool
is_repeated(const struct function_fact *first, const struct function_fact *fact, size_t n)
{
	if ((fact->flags & FACT_VARIADIC) == 0)
		return false;
	for (const char *name = first->name; strcmp(first->name, name) == 0; first++) {
		bool same = first != fact && (first->flags & FACT_VARIADIC) == 0 && takes(first, n);

		for (size_t i = 0; same && i < n; i++)
			same = declared_type(first, i) == declared_type(fact, i);
		if (same)
			return true;
	}
	return false;
}

/* Collects the rows of that name that could take the arguments. */
static void
collect(struct candidates *candidates, const struct function_fact *row, const uint32_t *types, size_t n)
{
	const struct function_fact *first = row;

	candidates->n = 0;
	for (const char *name = row == NULL ? "" : row->name; row != NULL && strcmp(row->name, name) == 0; row++)
		if (takes(row, n) && candidates->n < CANDIDATES_MAX && all_fit(row, types, n) &&
		    !is_repeated(first, row, n))
			candidates->items[candidates->n++] = row;
}

static bool
keep_exact(struct candidates *candidates, const uint32_t *types, size_t n)
{
	for (size_t i = 0; i < candidates->n; i++)
		if (is_exact(candidates->items[i], types, n)) {
			*candidates = (struct candidates) { .items = { candidates->items[i] }, .n = 1 };
			return true;
		}
	return false;
}

/* The one that is left, and what it makes of the types of this call. */
static enum resolution
settle(const struct candidates *candidates, const uint32_t *types, size_t n, const struct function_fact **fact,
    uint32_t *declared, uint32_t *result)
{
	enum resolution resolution;
	uint32_t element;

	*fact = NULL;
	if (candidates->n != 1)
		return candidates->n == 0 ? RESOLVED_NONE : RESOLVED_AMBIGUOUS;
	*fact = candidates->items[0];
	if ((resolution = find_element(*fact, types, n, &element)) != RESOLVED)
		return resolution;
	for (size_t i = 0; i < n; i++)
		declared[i] = type_actual(declared_type(*fact, i), element);
	*result = type_actual((*fact)->result, element);
	return RESOLVED;
}

enum resolution
function_resolve(const char *name, const uint32_t *types, size_t n, const struct function_fact **fact,
    uint32_t *declared, uint32_t *result)
{
	return function_resolve_among(function_fact_by_name(name), types, n, fact, declared, result);
}

enum resolution
function_resolve_among(const struct function_fact *first, const uint32_t *types, size_t n,
    const struct function_fact **fact, uint32_t *declared, uint32_t *result)
{
	struct candidates candidates;

	collect(&candidates, first, types, n);
	if (!keep_exact(&candidates, types, n))
		narrow(&candidates, types, n);
	return settle(&candidates, types, n, fact, declared, result);
}

/* One side without a type is first taken for the other's. */
enum resolution
operator_resolve(const char *name, const uint32_t *types, size_t n, const struct function_fact **fact,
    uint32_t *declared, uint32_t *result)
{
	uint32_t alike[2] = { types[0], types[n - 1] };
	struct candidates candidates;

	if (alike[0] == TYPE_UNKNOWN)
		alike[0] = alike[1];
	if (alike[1] == TYPE_UNKNOWN)
		alike[1] = alike[0];
	collect(&candidates, operator_fact_by_name(name), types, n);
	if (!keep_exact(&candidates, alike, n))
		narrow(&candidates, types, n);
	return settle(&candidates, types, n, fact, declared, result);
}
