/*
 * Which operator PostgreSQL means by a name and the types beside it, what its operands are brought to, and that what
 * was written for it has the type that PostgreSQL says.
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/schema/extension.h"
#include "workers/sqlite/schema/routine.h"

static uint32_t
type_beside(const struct expression *e)
{
	return e->form == EXPRESSION_VALUE ? e->oid : (uint32_t)TYPE_UNKNOWN;
}

int
translate_no_operator(struct translator *t, const char *op, const struct expression *left,
    const struct expression *right, int location)
{
	translate_fail(t, location, SQLSTATE_UNDEFINED_FUNCTION, "operator does not exist: %s%s%s %s",
	    left == NULL ? "" : type_display(t, left->oid), left == NULL ? "" : " ", op, type_display(t, right->oid));
	report_hint(t->report,
	    "No operator matches the given name and argument types. You might need to add explicit type casts.");
	return -1;
}

static int
ambiguous_operator(struct translator *t, const char *op, const struct expression *left, const struct expression *right,
    int location)
{
	translate_fail(t, location, SQLSTATE_AMBIGUOUS_FUNCTION, "operator is not unique: %s%s%s %s",
	    left == NULL ? "" : type_display(t, type_beside(left)), left == NULL ? "" : " ", op,
	    type_display(t, type_beside(right)));
	report_hint(t->report,
	    "Could not choose a best candidate operator. You might need to add explicit type casts.");
	return -1;
}

/* A whole number as an oid: PostgreSQL takes the bits of a negative integer, and refuses a bigint that does not fit. */
int
expression_to_oid(struct translator *t, struct expression *e)
{
	bool plain = e->literal && (!e->lifted || !t->plan->lifted[e->index].negative);
	uint32_t from = e->oid;

	if (!type_is_integer(from) || plain)
		return 0;
	if (expression_wrap(t, e, from == TYPE_INT8 ? "bibd_oid(" : "(", from == TYPE_INT8 ? ")" : " & 4294967295)") <
	    0)
		return -1;
	e->oid = TYPE_OID;
	return 0;
}

/* char(n) stays without a type: what is compared with it is filled up to its length (operator.c). */
static int
bring_operand(struct translator *t, struct expression *e, uint32_t declared, int location)
{
	if (e->form == EXPRESSION_VALUE)
		return declared == TYPE_OID ? expression_to_oid(t, e) : 0;
	if (declared == TYPE_UNKNOWN || declared == TYPE_BPCHAR)
		return 0;
	if (expression_cast(t, e, declared, -1, CAST_IMPLICIT, location) < 0)
		return -1;
	if (e->form == EXPRESSION_NULL)
		e->canonical = true;
	e->form = EXPRESSION_VALUE;
	return 0;
}

/* Of pg_proc. */
#define TEXTANYCAT 2003
#define ANYTEXTCAT 2004

/* What computes the operator; NULL: it is written otherwise, or not at all. */
static const char *
function_of(const struct function_fact *operator_fact)
{
	const struct function_fact *fact = function_fact_by_oid(operator_fact->code);

	return fact == NULL || (fact->flags & FACT_ELEMENT) != 0 ? NULL : fact->sqlite_name;
}

/* A text and something else beside || is PostgreSQL's || of texts. */
static void
note_operator(struct translator *t, const struct function_fact *fact, const uint32_t *types)
{
	if (fact->code == TEXTANYCAT || fact->code == ANYTEXTCAT)
		translate_note_text_of(t, types[fact->code == TEXTANYCAT ? 1 : 0]);
	else
		translate_note_function(t, fact->code);
}

/* A known operand as a function takes it, which sees but SQLite's value. */
static int
bring_computed(struct translator *t, struct expression *e, uint32_t declared, int location)
{
	bool numbers = type_is_number(e->oid) && type_is_number(declared);

	if (e->oid == TYPE_BPCHAR && declared == TYPE_TEXT)
		return expression_trim(t, e);
	if (e->oid == declared)
		return expression_canonize(t, e, location);
	return expression_cast(t, e, declared, -1, numbers ? CAST_EXPLICIT : CAST_IMPLICIT, location);
}

/* ---- operators of pg_trgm, where the file has it ---- */

/* Where none of the others takes the operands as they are. */
static bool
is_text(uint32_t oid)
{
	return oid == TYPE_TEXT || oid == TYPE_VARCHAR || oid == TYPE_NAME || oid == TYPE_BPCHAR || oid == TYPE_UNKNOWN;
}

/* By the OID of the function, which keeps what uses the operator from losing it. 1: found, -1: reported. */
static int
find_of_extension(struct translator *t, const char *op, const uint32_t types[2], int location,
    struct operator_meaning *meaning)
{
	static const struct {
		const char *op, *function; /* NULL: not computed here */
		uint32_t result;
	} all[] = { { "%", "similarity_op", TYPE_BOOL }, { "<->", "similarity_dist", TYPE_FLOAT4 }, { "<%", NULL, 0 },
		{ "%>", NULL, 0 }, { "<<%", NULL, 0 }, { "%>>", NULL, 0 }, { "<<->", NULL, 0 }, { "<->>", NULL, 0 },
		{ "<<<->", NULL, 0 }, { "<->>>", NULL, 0 } };
	struct schema_routine *routines;
	size_t i = 0, n = sizeof(all) / sizeof(all[0]);
	unsigned nroutines;

	while (i < n && strcmp(all[i].op, op) != 0)
		i++;
	if (i == n || !is_text(types[0]) || !is_text(types[1]) ||
	    !schema_extension_has(schema_database(t->schema), "pg_trgm"))
		return 0;
	if (all[i].function == NULL)
		return translate_refuse(t, location, translator_format(t, "operator %s of the extension", op));
	routines = schema_routines(schema_database(t->schema), all[i].function, &nroutines);
	if (nroutines > 0)
		meaning->head = translator_format(t, "bibd_own(%u, '=%s', ", routines[0].oid, all[i].function);
	schema_routines_free(routines, nroutines);
	meaning->function = all[i].function;
	meaning->result = all[i].result;
	return meaning->head == NULL ? translate_out_of_memory(t) : 1;
}

/* Both, to the types that the operator takes; right stands before left when it is written. */
static int
bring_both(struct translator *t, struct expression *left, struct expression *right, const uint32_t declared[2],
    int location, const struct operator_meaning *meaning)
{
	size_t n = left != NULL ? 2 : 1, length;

	if (bring_operand(t, right, declared[n - 1], location) < 0 ||
	    (meaning->function != NULL && bring_computed(t, right, declared[n - 1], location) < 0))
		return -1;
	length = t->out.length;
	if (left != NULL &&
	    (bring_operand(t, left, declared[0], location) < 0 ||
		(meaning->function != NULL && bring_computed(t, left, declared[0], location) < 0)))
		return -1;
	if (left != NULL) {
		right->start += t->out.length - length;
		right->end += t->out.length - length;
	}
	return 0;
}

int
translate_operands(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct operator_meaning *meaning)
{
	uint32_t types[2] = { left != NULL ? type_beside(left) : type_beside(right), type_beside(right) }, declared[2];
	size_t n = left != NULL ? 2 : 1;
	const struct function_fact *fact;
	enum resolution resolution;
	int found;

	*meaning = (struct operator_meaning) { .result = TYPE_UNKNOWN };
	found = left == NULL ? 0 : find_of_extension(t, op, types, location, meaning);
	if (found != 0) {
		declared[0] = declared[1] = TYPE_TEXT;
		return found == -1 ? -1 : bring_both(t, left, right, declared, location, meaning);
	}
	resolution = operator_resolve(op, types, n, &fact, declared, &meaning->result);
	if (resolution == RESOLVED_AMBIGUOUS)
		return ambiguous_operator(t, op, left, right, location);
	if (resolution != RESOLVED)
		return translate_no_operator(t, op, left, right, location);
	meaning->function = function_of(fact);
	note_operator(t, fact, types);
	return bring_both(t, left, right, declared, location, meaning);
}

int
translate_computed(struct translator *t, const struct operator_meaning *meaning, struct expression *left,
    struct expression *right, struct expression *result)
{
	const char *call = meaning->head != NULL ? meaning->head : translator_format(t, "%s(", meaning->function);

	if (call == NULL)
		return -1;
	if (left != NULL)
		return expression_join(t, left, right, call, ", ", ")", meaning->result, result);
	if (expression_wrap(t, right, call, ")") < 0)
		return -1;
	*result = *right;
	result->oid = meaning->result;
	return 0;
}

int
translate_operator_done(struct translator *t, const char *op, int status, const struct operator_meaning *meaning,
    const struct expression *type, int location)
{
	bool unwritten = status < 0 && t->report != NULL && t->report->state == SQLSTATE_UNDEFINED_FUNCTION;

	if (!unwritten && (status < 0 || type->oid == meaning->result))
		return status;
	return translate_refuse(t, location, translator_format(t, "operator %s on these types", op));
}
