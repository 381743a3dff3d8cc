/*
 * Casts. Most are calls of a function named after the type (functions/cast.c); some are nothing at all, because both
 * types are stored the same way.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/cast.h"

/* Groups within which a value is stored the same way, whichever of the types it has; 0: alone. */
static int
storage_group(uint32_t oid)
{
	if (type_is_text(oid) && oid != TYPE_BPCHAR)
		return 1;
	if (cast_kept_as_oid(oid))
		return 2;
	if (oid == TYPE_JSON || oid == TYPE_JSONB)
		return 3;
	if (oid == TYPE_BIT || oid == TYPE_VARBIT)
		return 5;
	if (oid == TYPE_INET || oid == TYPE_CIDR)
		return 6;
	return type_is_array(oid) ? 4 : 0;
}

/* Whether a value of the one is one of the other as it is. Elements may have to be read. */
static bool
stored_alike(uint32_t from, uint32_t to)
{
	if (type_is_array(from) && type_is_array(to))
		return type_element(from) == type_element(to) ||
		    (storage_group(type_element(from)) == 1 && storage_group(type_element(to)) == 1 &&
			type_element(to) != TYPE_NAME);
	return storage_group(from) != 0 && storage_group(from) == storage_group(to) && to != TYPE_NAME &&
	    to != TYPE_JSONB && to != TYPE_CIDR;
}

static int
refuse_cast(struct translator *t, uint32_t from, uint32_t to, int location)
{
	return translate_fail(t, location, SQLSTATE_CANNOT_COERCE, "cannot cast type %s to %s", type_display(t, from),
	    type_display(t, to));
}

/* PostgreSQL folds constants before it runs anything, so that one which does not fit is told before a default is drawn
 * from a sequence: where it is bound, or, a number that stayed in the text, here. */
static int
give_literal(struct translator *t, const struct expression *e, uint32_t oid, int32_t typmod, enum cast_kind kind)
{
	struct dialect_lifted *lifted;
	struct type_value value, taken;
	int result;

	if (kind != CAST_ASSIGNMENT || !e->literal)
		return 0;
	if (e->lifted) {
		lifted = &t->plan->lifted[e->index];
		lifted->given = oid;
		lifted->given_typmod = typmod;
	}
	/* What a definition has is not run yet: a default may be one that never fits. */
	if (e->lifted || t->definition || e->value == NULL || !type_is_number(e->oid) || !type_is_number(oid))
		return 0;
	if (type_decode(e->oid, TYPE_FORMAT_TEXT, e->value, strlen(e->value), &value, t->report) == -1)
		return -1;
	if ((result = type_coerce(oid, typmod, false, &value, &taken, t->report)) == 0)
		type_value_free(&taken);
	type_value_free(&value);
	return result;
}

/* Calls the type's function: bibd_x(value[, typmod]), or bibd_to_x for an assignment, which truncates nothing. */
int
cast_call(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod, enum cast_kind kind)
{
	const struct type *type = type_by_oid(oid);
	char prefix[80], suffix[32];

	if (type == NULL)
		return 0;
	if (give_literal(t, e, oid, typmod, kind) == -1)
		return -1;
	snprintf(prefix, sizeof(prefix), "bibd_%s%s(", kind == CAST_EXPLICIT ? "" : "to_", type->name);
	snprintf(suffix, sizeof(suffix), typmod >= 0 ? ", %d)" : ")", typmod);
	return expression_wrap(t, e, prefix, suffix);
}

/* Number literals are bound, or written, as what they become, without a call. */
static int
rebind_number(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod, bool *done)
{
	*done = false;
	if (!e->literal || !type_is_number(oid) || !type_is_number(e->oid))
		return 0;
	if (e->oid == TYPE_FLOAT4 || e->oid == TYPE_FLOAT8) /* it was rounded */
		return 0;
	if (type_is_integer(oid) && !type_is_integer(e->oid))
		return 0;
	if (!e->lifted && e->value != NULL) {
		*done = true;
		return expression_settle_constant(t, e, oid, typmod);
	}
	if (typmod >= 0 || oid == TYPE_INT2 || (oid == TYPE_INT4 && e->oid == TYPE_INT8) || !e->lifted)
		return 0; /* may not fit: the call says so */
	t->plan->lifted[e->index].oid = oid;
	*done = true;
	return 0;
}

/* From an instant to what the session's clock shows then, and back. */
static int
change_zone(struct translator *t, struct expression *e, uint32_t oid)
{
	uint32_t from = e->oid;
	bool is_local = oid == TYPE_TIMESTAMP || oid == TYPE_DATE || oid == TYPE_TIME;

	if (from == TYPE_TIMESTAMPTZ && is_local) {
		e->oid = TYPE_TIMESTAMP;
		return expression_wrap(t, e, "bibd_local(", ")");
	}
	if (oid == TYPE_TIMESTAMPTZ && (from == TYPE_TIMESTAMP || from == TYPE_DATE)) {
		e->oid = TYPE_TIMESTAMPTZ;
		return expression_wrap(t, e, "bibd_instant(", ")");
	}
	return 0;
}

/* The number, or boolean, that a jsonb is. */
static int
take_scalar(struct translator *t, struct expression *e, uint32_t oid)
{
	if (expression_wrap(t, e, "bibd_jsonb_scalar(", translator_format(t, ", '%s')", type_display(t, oid))) < 0)
		return -1;
	e->oid = oid == TYPE_BOOL ? TYPE_BOOL : TYPE_NUMERIC;
	e->canonical = oid != TYPE_BOOL;
	return 0;
}

/* Between two types whose forms differ, once what lies between both was done. */
static int
convert(struct translator *t, struct expression *e, uint32_t from, uint32_t oid, int32_t typmod, enum cast_kind kind)
{
	if (cast_is_shown(oid) && type_is_text(from))
		return cast_wrap_named(t, e, oid, true);
	if (type_is_text(from) && (type_is_integer(oid) || oid == TYPE_OID))
		return expression_wrap(t, e, "bibd_read_integer(", translator_format(t, ", %u)", oid));
	if (cast_kept_as_oid(oid))
		return expression_to_oid(t, e);
	if (cast_kept_as_oid(from))
		return 0;
	if (from == TYPE_INET && oid == TYPE_CIDR)
		return expression_wrap(t, e, "bibd_network(", ")");
	if (from == TYPE_MACADDR && oid == TYPE_MACADDR8)
		return expression_wrap(t, e, "bibd_macaddr_widen(", ")");
	if (from == TYPE_MACADDR8 && oid == TYPE_MACADDR)
		return expression_wrap(t, e, "bibd_macaddr_narrow(", ")");
	if (from == TYPE_BIT && type_is_integer(oid))
		return expression_wrap(t, e, "bibd_bits_integer(", oid == TYPE_INT8 ? ", 64)" : ", 32)");
	if (from == TYPE_BOOL && type_is_integer(oid))
		return 0;
	if (oid == TYPE_BOOL && type_is_integer(from))
		return expression_wrap(t, e, "(", " <> 0)");
	if (from == TYPE_FLOAT4 && oid == TYPE_NUMERIC &&
	    (expression_wrap(t, e, "bibd_numeric_of_real(", ")") < 0 || typmod < 0))
		return t->out.failed ? -1 : 0;
	if (type_is_integer(from) && typmod < 0 && (oid == TYPE_INT8 || (oid == TYPE_INT4 && from == TYPE_INT2)))
		return 0;
	if (type_is_integer(from) && oid == TYPE_FLOAT8 && kind == CAST_IMPLICIT)
		return expression_wrap(t, e, "CAST(", " AS REAL)");
	return cast_call(t, e, oid, typmod, kind);
}

static int
change_type(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod, enum cast_kind kind, int location)
{
	uint32_t from;
	bool done;

	if (rebind_number(t, e, oid, typmod, &done) < 0)
		return -1;
	if (done)
		return 0;
	if (change_zone(t, e, oid) < 0)
		return -1;
	if (e->oid == TYPE_TIMESTAMPTZ && oid == TYPE_TIMETZ) {
		if (expression_wrap(t, e, "bibd_timetz_of_instant(", ")") < 0)
			return -1;
		e->oid = TYPE_TIMETZ;
	}
	if (e->oid == TYPE_INTERVAL && oid == TYPE_TIME) {
		if (expression_wrap(t, e, "bibd_time_of_interval(", ")") < 0)
			return -1;
		e->oid = TYPE_TIME;
	}
	if (e->oid == TYPE_JSONB && (type_is_number(oid) || oid == TYPE_BOOL)) {
		if (take_scalar(t, e, oid) < 0)
			return -1;
		if (oid == TYPE_BOOL || (oid == TYPE_NUMERIC && typmod < 0))
			return 0;
	}
	from = e->oid;
	if (from == oid && typmod < 0 && oid != TYPE_NUMERIC)
		return 0;
	/* A column's collation would go with it, and hold for whatever it is compared with. */
	if (from == TYPE_CITEXT && expression_wrap(t, e, "(", " COLLATE BINARY)") < 0)
		return -1;
	if (from == TYPE_CITEXT && type_is_text(oid) && typmod < 0)
		return 0;
	if (oid == TYPE_CITEXT && type_is_text(from) && from != TYPE_BPCHAR)
		return 0;
	if (oid == TYPE_CITEXT) /* by the cast to text, whose form it has */
		return change_type(t, e, TYPE_TEXT, -1, kind, location);
	if (oid == TYPE_CHAR && (type_is_text(from) || type_is_integer(from)))
		return cast_call(t, e, oid, -1, kind);
	/* 2.5 is rounded as the decimal that it is, not as a float. */
	if (from == TYPE_NUMERIC && e->literal && e->lifted)
		t->plan->lifted[e->index].oid = TYPE_NUMERIC;
	/* And shown with the digits that were written. */
	if (from == TYPE_NUMERIC && oid != TYPE_NUMERIC && !e->lifted && expression_canonize(t, e, location) < 0)
		return -1;
	if (from == TYPE_BPCHAR && oid != TYPE_BPCHAR && oid != TYPE_BYTEA && expression_trim(t, e) < 0)
		return -1;
	if (from == TYPE_BPCHAR && type_is_text(oid) && oid != TYPE_BPCHAR && typmod < 0)
		return 0;
	if (type_is_text(oid) && !type_is_text(from) && cast_to_text(t, e, from) < 0)
		return -1;
	if (type_is_text(oid) && !type_is_text(from) && typmod < 0)
		return 0;
	if ((from == TYPE_INT2VECTOR || from == TYPE_OIDVECTOR) && type_is_array(oid)) {
		if (expression_wrap(t, e, "bibd_array_of_vector(", ")") < 0)
			return -1;
		e->oid = from == TYPE_OIDVECTOR ? TYPE_OID_ARRAY : TYPE_INT2_ARRAY;
		return change_type(t, e, oid, typmod, kind, location);
	}
	if (stored_alike(from, oid) && typmod < 0)
		return 0;
	if (type_is_array(from) && type_is_array(oid) && type_element(from) != type_element(oid))
		return cast_array_elements(t, e, oid, typmod, kind, location);
	return convert(t, e, from, oid, typmod, kind);
}

/* Implicitly, numbers that SQLite compares and computes with by itself need no change; a float is REAL wherever it is
 * kept, shown or divided. */
static bool
change_is_needless(const struct expression *e, uint32_t oid, enum cast_kind kind)
{
	if (kind != CAST_IMPLICIT)
		return false;
	if (type_is_text(e->oid) && type_is_text(oid))
		return e->oid != TYPE_BPCHAR || oid == TYPE_BPCHAR; /* which loses its blanks */
	return type_is_number(e->oid) && type_is_number(oid) && oid != TYPE_NUMERIC && e->oid != TYPE_NUMERIC &&
	    type_is_integer(e->oid) == type_is_integer(oid);
}

/* By the facts; and what translated texts bring together by themselves. */
static bool
cast_exists(const struct expression *e, uint32_t oid, enum cast_kind kind)
{
	char context = cast_context(e->oid, oid);

	if (kind == CAST_EXPLICIT)
		return context != '\0';
	return context == 'i' || (kind == CAST_ASSIGNMENT && context == 'a') || type_common(e->oid, oid) != 0;
}

int
expression_trim(struct translator *t, struct expression *e)
{
	if (e->oid != TYPE_BPCHAR)
		return 0;
	e->oid = TYPE_TEXT;
	return expression_wrap(t, e, "rtrim(", ")");
}

/* Which field a number alone is depends on the fields of the type: it is read with them. */
static int
read_interval(struct translator *t, struct expression *e, int32_t typmod, enum cast_kind kind)
{
	if (expression_settle(t, e, TYPE_TEXT, -1) < 0 || cast_call(t, e, TYPE_INTERVAL, typmod, kind) < 0)
		return -1;
	e->oid = TYPE_INTERVAL;
	e->typmod = typmod;
	return 0;
}

/* The domain's base, then the domains from the outermost base on, each of which checks the value. */
static int
cast_to_domain(struct translator *t, struct expression *e, uint32_t oid, enum cast_kind kind, int location)
{
	const struct schema_type *domain = schema_type_by_oid(t->schema, oid), *of;
	const char *list = "";
	bool checked = t->definition; /* it outlives ALTER DOMAIN */

	if (domain == NULL)
		return translate_out_of_memory(t);
	if (e->domain == oid)
		return 0;
	for (of = domain; of != NULL && list != NULL; of = schema_type_by_oid(t->schema, of->over)) {
		checked |= of->not_null || of->nchecks > 0;
		list = translator_format(t, ", %u%s", of->oid, list);
	}
	if (list == NULL || expression_cast(t, e, domain->base, domain->typmod, kind, location) < 0)
		return -1;
	if (checked && expression_wrap(t, e, "bibd_domain(", translator_format(t, "%s)", list)) < 0)
		return -1;
	if (checked)
		e->form = EXPRESSION_VALUE;
	e->typmod = domain->typmod;
	e->domain = oid;
	return 0;
}

int
expression_cast(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod, enum cast_kind kind,
    int location)
{
	bool known = e->form == EXPRESSION_VALUE, same;
	uint32_t from;

	if (type_class(oid) == TYPE_CLASS_DOMAIN)
		return cast_to_domain(t, e, oid, kind, location);
	if (type_is_domain(oid))
		return cast_to_domain_array(t, e, oid, typmod, kind, location);
	if (oid == TYPE_RECORD && e->form != EXPRESSION_NULL && e->form != EXPRESSION_VALUE)
		return translate_fail(t, location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "input of anonymous composite types is not implemented");
	if (e->form == EXPRESSION_VALUE && type_is_row(e->oid) && type_is_row(oid) && e->oid != oid)
		return expression_cast_row(t, e, oid, kind, location);
	if (e->form == EXPRESSION_NULL) {
		e->oid = oid;
		return 0;
	}
	if (e->form != EXPRESSION_VALUE) {
		if (oid == TYPE_INTERVAL && typmod >= 0 && e->form == EXPRESSION_STRING)
			return read_interval(t, e, typmod, kind);
		if (expression_settle_text(t, e, oid, -1) < 0)
			return -1;
		if (cast_is_shown(oid))
			return cast_wrap_named(t, e, oid, true);
	}
	from = e->oid;
	same = from == oid && (typmod < 0 || typmod == e->typmod);
	if (oid == TYPE_NUMERIC && !e->canonical)
		same = false;
	if (same || from == TYPE_UNKNOWN || change_is_needless(e, oid, kind)) {
		if (kind != CAST_IMPLICIT || e->oid == TYPE_UNKNOWN)
			e->oid = oid;
		return 0;
	}
	if (!cast_exists(e, oid, kind))
		return refuse_cast(t, from, oid, location);
	if (known)
		translate_note_cast(t, from, oid);
	if (change_type(t, e, oid, typmod, kind, location) < 0)
		return -1;
	e->oid = oid;
	e->typmod = typmod;
	e->canonical = oid == TYPE_NUMERIC;
	e->column = false;
	e->table_oid = 0;
	e->domain = 0;
	return 0;
}

int
translate_type_cast(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__TypeCast *cast = node->type_cast;
	const struct type *element;
	uint32_t oid;
	int32_t typmod;
	bool array;

	if (translate_type_name(t, cast->type_name, &element, &oid, &typmod, NULL) < 0)
		return -1;
	array = cast->arg->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR;
	if (array && (oid == TYPE_INT2VECTOR || oid == TYPE_OIDVECTOR))
		return cast_vector(t, cast, oid, type);
	if (array && type_is_array(translate_kept_type(t, oid)))
		return cast_array_expression(t, cast, oid, typmod, type);
	if (translate_expression(t, cast->arg, type) < 0)
		return -1;
	type->not_null = type->not_null && type->form == EXPRESSION_VALUE;
	if (expression_cast(t, type, oid, typmod, CAST_EXPLICIT, cast->location) < 0)
		return -1;
	if (type->form == EXPRESSION_NULL) {
		type->form = EXPRESSION_VALUE;
		type->oid = oid;
	}
	if (type->domain != oid) /* which has its base's */
		type->typmod = typmod;
	return 0;
}
