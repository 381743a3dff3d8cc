/*
 * Types that come from the context: PostgreSQL's rules for unknown strings and parameters, and the type in which two
 * operands meet.
 */
#include <stdlib.h>
#include <math.h>
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

/* Numbers from the narrowest to the widest: two of them meet in the later. */
static const uint32_t numbers[] = { TYPE_INT2, TYPE_INT4, TYPE_INT8, TYPE_NUMERIC, TYPE_FLOAT4, TYPE_FLOAT8 };

/* Others that meet: a and b, in c. */
static const struct {
	uint32_t a, b, c;
} meetings[] = {
	{ TYPE_DATE, TYPE_TIMESTAMP, TYPE_TIMESTAMP },
	{ TYPE_DATE, TYPE_TIMESTAMPTZ, TYPE_TIMESTAMPTZ },
	{ TYPE_TIMESTAMP, TYPE_TIMESTAMPTZ, TYPE_TIMESTAMPTZ },
	{ TYPE_TIME, TYPE_TIMETZ, TYPE_TIMETZ },
	{ TYPE_TIME, TYPE_INTERVAL, TYPE_INTERVAL },
	{ TYPE_BIT, TYPE_VARBIT, TYPE_VARBIT },
	{ TYPE_CIDR, TYPE_INET, TYPE_INET },
	{ TYPE_BPCHAR, TYPE_TEXT, TYPE_TEXT },
	{ TYPE_BPCHAR, TYPE_VARCHAR, TYPE_TEXT },
	{ TYPE_INT2VECTOR, TYPE_INT2_ARRAY, TYPE_INT2_ARRAY },
	{ TYPE_OIDVECTOR, TYPE_OID_ARRAY, TYPE_OID_ARRAY },
};

/* oid and what is shown by name but kept as one. */
static bool
type_is_oid(uint32_t oid)
{
	return oid == TYPE_OID || oid == TYPE_REGCLASS || oid == TYPE_REGTYPE || oid == TYPE_REGPROC ||
	    oid == TYPE_REGPROCEDURE || oid == TYPE_REGNAMESPACE || oid == TYPE_REGROLE || oid == TYPE_REGCONFIG ||
	    oid == TYPE_REGDICTIONARY;
}

const char *
type_display(struct translator *t, uint32_t oid)
{
	static _Thread_local char names[2][64]; /* two operands in one message */
	static _Thread_local unsigned turn;
	char *text = oid == TYPE_UNKNOWN ? NULL : schema_type_format(t->schema, oid, TYPE_WITHOUT_TYPMOD),
	     *name = names[turn++ & 1];

	strncpy(name, text != NULL ? text : "unknown", sizeof(names[0]) - 1);
	free(text);
	return name;
}

static int
number_rank(uint32_t oid)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i] == oid)
			return (int)i;
	return -1;
}

uint32_t
type_common(uint32_t a, uint32_t b)
{
	int rank_a = number_rank(a), rank_b = number_rank(b);

	if (a == b)
		return a;
	if (a == TYPE_UNKNOWN || b == TYPE_UNKNOWN)
		return a + b;
	if (rank_a >= 0 && rank_b >= 0)
		return rank_a > rank_b ? a : b;
	if ((a == TYPE_CITEXT && type_is_text(b)) || (b == TYPE_CITEXT && type_is_text(a)))
		return TYPE_TEXT;
	if (type_is_text(a) && type_is_text(b))
		return a == TYPE_NAME && b == TYPE_CHAR ? TYPE_NAME : TYPE_TEXT;
	if (type_is_oid(a) && (type_is_oid(b) || type_is_integer(b)))
		return TYPE_OID;
	if (type_is_oid(b) && type_is_integer(a))
		return TYPE_OID;
	if (type_is_array(a) && type_is_array(b) && a != TYPE_INT2VECTOR && a != TYPE_OIDVECTOR &&
	    b != TYPE_INT2VECTOR && b != TYPE_OIDVECTOR)
		return type_array_of(type_common(type_element(a), type_element(b)));
	for (size_t i = 0; i < sizeof(meetings) / sizeof(meetings[0]); i++)
		if ((meetings[i].a == a && meetings[i].b == b) || (meetings[i].a == b && meetings[i].b == a))
			return meetings[i].c;
	return 0;
}

uint32_t
type_compared(uint32_t a, uint32_t b)
{
	uint32_t common = type_common(a, b);

	return common == TYPE_FLOAT4 && a != b && a != TYPE_UNKNOWN && b != TYPE_UNKNOWN ? (uint32_t)TYPE_FLOAT8
											 : common;
}

uint32_t
type_select_common(uint32_t a, uint32_t b)
{
	bool arrays = type_is_array(a) && type_is_array(b);

	/* Each goes for the other. */
	if ((type_category(a) == 'V' && type_category(b) == 'V') ||
	    (arrays && type_is_text(type_element(a)) && type_is_text(type_element(b)) && type_element(b) != TYPE_CHAR))
		return a;
	return type_is_text(a) && type_is_text(b) && b != TYPE_CHAR ? a : type_common(a, b);
}

struct expression
expression_value(size_t start, uint32_t oid)
{
	return (struct expression) { .oid = oid,
		.typmod = -1,
		.form = EXPRESSION_VALUE,
		.start = start,
		.end = start,
		.canonical = oid == TYPE_NUMERIC };
}

int
expression_wrap(struct translator *t, struct expression *e, const char *prefix, const char *suffix)
{
	if (prefix == NULL)
		return -1;
	sql_text_insert(&t->out, e->end, suffix);
	sql_text_insert(&t->out, e->start, prefix);
	e->end += strlen(prefix) + strlen(suffix);
	e->collated = e->column = false;
	e->table_oid = 0;
	e->domain = 0;
	e->literal = false;
	e->parts = NULL;
	return t->out.failed ? translate_out_of_memory(t) : 0;
}

int
expression_canonize(struct translator *t, struct expression *e, int location)
{
	if (e->form != EXPRESSION_VALUE || e->oid != TYPE_NUMERIC || e->canonical)
		return 0;
	return expression_cast(t, e, TYPE_NUMERIC, -1, CAST_IMPLICIT, location);
}

static bool
has_collation_within(const struct translator *t, size_t start, size_t end)
{
	return !t->out.failed && end > start && memmem(t->out.data + start, end - start, "COLLATE ", 8) != NULL;
}

int
expression_collate_beside(struct translator *t, struct expression *e, size_t end)
{
	const char *collation = e->form == EXPRESSION_VALUE ? type_collation(e->oid) : NULL;

	if (e->collated || (collation == NULL && !has_collation_within(t, e->start, end)))
		return 0;
	if (collation == NULL)
		collation = "BINARY";
	if (expression_wrap(t, e, "", translator_format(t, " COLLATE \"%s\"", collation)) < 0)
		return -1;
	e->collated = true;
	return 0;
}

int
expression_collate(struct translator *t, struct expression *e)
{
	return expression_collate_beside(t, e, e->end);
}

int
expression_replace(struct translator *t, struct expression *e, const char *text)
{
	if (t->out.failed)
		return translate_out_of_memory(t);
	memmove(t->out.data + e->start, t->out.data + e->end, t->out.length - e->end + 1);
	t->out.length -= e->end - e->start;
	sql_text_insert(&t->out, e->start, text);
	e->end = e->start + strlen(text);
	return t->out.failed ? translate_out_of_memory(t) : 0;
}

static void
put_value(struct sql_text *text, const struct type_value *value)
{
	switch (value->kind) {
	case SQLITE_INTEGER:
		sql_text_format(text, "%lld", (long long)value->integer);
		break;
	case SQLITE_FLOAT:
		if (isinf(value->real)) {
			sql_text_put(text, value->real < 0 ? "-9e999" : "9e999");
			break;
		}
		sql_text_format(text, "%.17g", value->real);
		if (text->data != NULL && strpbrk(text->data, ".ein") == NULL)
			sql_text_put(text, ".0");
		break;
	case SQLITE_BLOB:
		sql_text_put(text, "X'");
		for (size_t i = 0; i < value->length; i++)
			sql_text_format(text, "%02x", (unsigned char)value->bytes[i]);
		sql_text_put(text, "'");
		break;
	case SQLITE_TEXT:
		sql_text_put_string(text, value->bytes, value->length);
		break;
	default:
		sql_text_put(text, "NULL");
		break;
	}
}

/* What the text of such a value says depends on TimeZone, DateStyle and the clock; a minus on IntervalStyle. */
static bool
is_of_session(uint32_t oid, const char *value)
{
	const struct type *type = type_by_oid(oid);

	return type != NULL &&
	    (type->category == 'D' || (type->category == 'T' && value != NULL && strchr(value, '-') != NULL));
}

int
expression_settle_constant(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod)
{
	struct type_value value = { 0 }, coerced = { 0 };
	struct sql_text text = { 0 };
	bool coerce = typmod >= 0;
	int status = -1;

	t->plan->of_session |= is_of_session(oid, e->value);
	if (type_decode_in(t->settings, oid, TYPE_FORMAT_TEXT, e->value, strlen(e->value), &value, t->report) == 0 &&
	    (!coerce || type_coerce_in(t->settings, oid, typmod, false, &value, &coerced, t->report) == 0)) {
		put_value(&text, coerce ? &coerced : &value);
		status = text.failed ? translate_out_of_memory(t) : expression_replace(t, e, text.data);
	}
	sql_text_free(&text);
	type_value_free(&coerced);
	type_value_free(&value);
	return status;
}

/* Types whose text is looked up by a function rather than decoded. */
static bool
decodes_as_text(uint32_t oid)
{
	return (type_is_oid(oid) && oid != TYPE_OID) || type_is_user(oid);
}

int
expression_settle(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod)
{
	/* A text of one of the file's own types has to be read as such. */
	if (e->form != EXPRESSION_VALUE && type_is_user(oid))
		return expression_cast(t, e, oid, typmod, CAST_IMPLICIT, -1);
	return expression_settle_text(t, e, oid, typmod);
}

int
expression_settle_text(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod)
{
	if (e->form == EXPRESSION_VALUE || oid == TYPE_UNKNOWN)
		return 0;
	if (e->form == EXPRESSION_STRING && !e->lifted && !decodes_as_text(oid) &&
	    expression_settle_constant(t, e, oid, -1) < 0)
		return -1;
	if (e->form == EXPRESSION_STRING && e->lifted)
		t->plan->lifted[e->index].oid = decodes_as_text(oid) ? TYPE_TEXT : oid;
	if (e->form == EXPRESSION_PARAMETER && t->plan->param_oids[e->index - 1] == TYPE_UNKNOWN)
		t->plan->param_oids[e->index - 1] = oid;
	e->form = EXPRESSION_VALUE;
	e->oid = oid;
	e->typmod = e->literal ? -1 : typmod;
	e->canonical = oid == TYPE_NUMERIC;
	return 0;
}

static bool
is_pair(uint32_t a, uint32_t b, uint32_t one, uint32_t other)
{
	return (a == one && b == other) || (a == other && b == one);
}

int
expression_common(struct translator *t, const struct expression *list, size_t n, const char *what, int location,
    uint32_t *oid)
{
	uint32_t common = TYPE_UNKNOWN;

	for (size_t i = 0; i < n; i++) {
		uint32_t own = list[i].form == EXPRESSION_VALUE ? list[i].oid : TYPE_UNKNOWN, met;

		if (own == TYPE_UNKNOWN)
			continue;
		if (is_pair(common, own, TYPE_CITEXT, TYPE_BPCHAR) || is_pair(common, own, TYPE_CITEXT, TYPE_NAME))
			return translate_refuse(t, location, "citext beside char(n) or name");
		if ((met = type_select_common(common, own)) == 0 || is_pair(common, own, TYPE_TIME, TYPE_INTERVAL))
			return translate_fail(t, location, SQLSTATE_DATATYPE_MISMATCH,
			    "%s types %s and %s cannot be matched", what, type_display(t, common),
			    type_display(t, own));
		if (own == TYPE_RECORD && i > 0 && list[i - 1].oid == TYPE_RECORD &&
		    !translate_rows_alike(t, &list[i - 1], &list[i]))
			return translate_refuse(t, location, "records of different fields side by side");
		common = met;
	}
	*oid = common == TYPE_UNKNOWN ? TYPE_TEXT : common;
	return 0;
}

int32_t
expression_common_typmod(const struct expression *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].form != EXPRESSION_VALUE || list[i].oid != list[0].oid || list[i].typmod != list[0].typmod)
			return -1;
	return n == 0 ? -1 : list[0].typmod;
}

int
expression_unify(struct translator *t, struct expression *list, size_t n, const char *what, int location, uint32_t *oid)
{
	if (expression_common(t, list, n, what, location, oid) < 0)
		return -1;
	for (size_t i = n; i-- > 0;)
		if (expression_cast(t, &list[i], *oid, -1, CAST_IMPLICIT, location) < 0)
			return -1;
	return 0;
}
